"""Where subscriptions are kept: who is told, how far they have been told, and what could not be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from ledger.errors import database_errors
from ledger.statements import Statements

WEBHOOKS_SQL: Final = Path(__file__).with_name("webhooks.sql")
LEASE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription as it stands. What it was last answered is kept as a code, never as text from outside."""

    id: UUID
    url: str
    types: tuple[str, ...]
    created_at: datetime
    created_by: str
    position: int
    attempts: int
    next_attempt_at: datetime | None
    failing_since: datetime | None
    last_attempt_at: datetime | None
    last_status: int | None
    last_outcome: str | None
    disabled: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What the holder of a lease needs to know to go on."""

    url: str
    types: tuple[str, ...]
    position: int
    attempts: int
    due: bool
    """Whether the next entry may be tried now, or has to wait after a failure."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One entry that could not be told."""

    position: int
    attempts: int
    outcome: str
    status: int | None
    died_at: datetime
    again: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of calling: `DELIVERED`, or why not, as a code."""

    outcome: str
    status: int | None = None
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        """Tell whether it arrived."""
        return self.outcome == "DELIVERED"


class Subscriptions:
    """The subscriptions of one authority."""

    def __init__(self, pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]], schema: str) -> None:
        self._pool = pool
        self._statements = Statements(WEBHOOKS_SQL, schema)

    async def create(  # noqa: PLR0913 - the columns of a row
        self, id_: UUID, url: str, types: Sequence[str], secret: bytes, by: str, now: datetime, after: int | None
    ) -> None:
        """Add a subscription that begins behind a position, or with what is recorded from now on."""
        await self._run("create", id=id_, url=url, types=list(types), secret=secret, by=by, now=now, after=after)

    async def all(self) -> list[Subscription]:
        """Give every subscription in the order in which they were made."""
        return [_subscription(row) for row in await self._run("some", id=None)]

    async def one(self, id_: UUID) -> Subscription | None:
        """Give a subscription, or nothing where there is none."""
        rows = await self._run("some", id=id_)
        return _subscription(rows[0]) if rows else None

    async def delete(self, id_: UUID) -> bool:
        """Remove a subscription with its list of what could not be told."""
        return bool(await self._run("delete", id=id_))

    async def rotate(self, id_: UUID, secret: bytes, until: datetime) -> bool:
        """Set a new secret; the one before goes on signing beside it until then."""
        return bool(await self._run("rotate", id=id_, secret=secret, until=until))

    async def enable(self, id_: UUID) -> bool:
        """Let a subscription go on where it was."""
        return bool(await self._run("enable", id=id_))

    async def disable(self, id_: UUID) -> bool:
        """Hold a subscription where it is, because somebody asked for it."""
        return bool(await self._run("disable", id=id_, why="ASKED"))

    async def secrets(self, id_: UUID, now: datetime) -> list[bytes]:
        """Give the secrets to sign with: the present one first."""
        rows = await self._run("secrets", id=id_, now=now)
        return [bytes(secret) for secret in rows[0] if secret is not None] if rows else []

    async def claim(self, lease: UUID, now: datetime) -> list[UUID]:
        """Take the lease of every subscription that there is something to do for, and nobody does."""
        return [row[0] for row in await self._run("claim", lease=lease, now=now, until=now + LEASE)]

    async def outlook(self, now: datetime) -> tuple[int, datetime | None]:
        """Give how many are to be told of news, and when there is something to do again without any."""
        ((enabled, when),) = await self._run("outlook", now=now)
        return enabled, when

    async def holds(self, id_: UUID, lease: UUID, now: datetime) -> Work | None:
        """Hold on to a lease and give what there is to do, or nothing where the lease is lost."""
        rows = await self._run("holds", id=id_, lease=lease, until=now + LEASE)
        if not rows:
            return None
        url, types, position, attempts, next_attempt_at = rows[0]
        return Work(url, tuple(types), position, attempts, next_attempt_at is None or next_attempt_at <= now)

    async def release(self, id_: UUID, lease: UUID) -> None:
        """Give a lease back."""
        await self._run("release", id=id_, lease=lease)

    async def skipped(self, id_: UUID, lease: UUID, position: int) -> None:
        """Move the cursor past what nobody asked for."""
        await self._run("skipped", id=id_, lease=lease, position=position)

    async def delivered(self, id_: UUID, lease: UUID, position: int, attempt: Attempt, now: datetime) -> None:
        """Move the cursor past what arrived."""
        await self._run(
            "delivered",
            id=id_, lease=lease, position=position, status=attempt.status, outcome=attempt.outcome, now=now,
        )  # fmt: skip

    async def failed(  # noqa: PLR0913 - what there is to remember
        self, id_: UUID, lease: UUID, attempt: Attempt, now: datetime, again_at: datetime, disabled: str | None
    ) -> None:
        """Leave the cursor where it is and say when to try again."""
        await self._run(
            "failed",
            id=id_, lease=lease, status=attempt.status, outcome=attempt.outcome, now=now, again_at=again_at,
            disabled=disabled,
        )  # fmt: skip

    async def given_up(  # noqa: PLR0913 - what there is to remember
        self, id_: UUID, lease: UUID, position: int, attempts: int, attempt: Attempt, now: datetime, most: int
    ) -> None:
        """Put an entry on the list and move on; after the most that may fail in a row, disable."""
        await self._run(
            "given_up",
            id=id_, lease=lease, position=position, attempts=attempts, status=attempt.status,
            outcome=attempt.outcome, now=now, most=most,
        )  # fmt: skip

    async def dead_letters(self, id_: UUID, after: int, limit: int) -> list[DeadLetter]:
        """Give what could not be told, in the order of the log."""
        return [DeadLetter(*row) for row in await self._run("dead_letters", id=id_, after=after, limit=limit)]

    async def again(self, id_: UUID, position: int) -> bool:
        """Ask for one entry of the list to be tried again."""
        return bool(await self._run("again", id=id_, position=position))

    async def to_do_again(self, id_: UUID) -> int | None:
        """Give the next entry of the list that is to be tried again."""
        rows = await self._run("to_do_again", id=id_)
        return rows[0][0] if rows else None

    async def tried_again(self, id_: UUID, position: int, attempt: Attempt, now: datetime) -> None:
        """Take an entry off the list, or leave it there with why."""
        if attempt.delivered:
            await self._run("again_delivered", id=id_, position=position)
        else:
            await self._run(
                "again_failed", id=id_, position=position, outcome=attempt.outcome, status=attempt.status, now=now
            )

    async def _run(self, statement: str, **parameters: Any) -> list[Any]:
        with database_errors():
            async with (
                self._pool.connection() as connection,
                connection.cursor(row_factory=tuple_row) as cursor,
            ):
                await cursor.execute(self._statements[statement], parameters)
                return await cursor.fetchall() if cursor.description else []


def _subscription(row: Any) -> Subscription:
    id_, url, types, created_at, created_by, position, attempts, next_attempt_at, *rest = row
    return Subscription(id_, url, tuple(types), created_at, created_by, position, attempts, next_attempt_at, *rest)
