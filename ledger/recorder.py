"""
The recorder: the `eventsourcing` library's contract, kept by our append function.

One round trip and one transaction per append; positions without gaps, in the order of recorded time. The library's own
PostgreSQL recorder is not used: its table lock stops writing during a vacuum, its pipeline can hang on a large event
while holding that lock, and its connection pool cannot be shared (see `ops/decisions/0002`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Notification, StoredEvent, Subscription
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from ledger.arrays import Bigints, Byteas, Integers, Texts, Uuids
from ledger.errors import LedgerError, OtherLog, database_errors
from ledger.mapper import Row, SealedEvent
from ledger.seal import base64url, state_of
from ledger.statements import Statements

LOG_SQL: Final = Path(__file__).with_name("log.sql")
NO_LIMIT: Final = 2**62
ALWAYS: Final = datetime.max.replace(tzinfo=UTC)
_POLL_SECONDS: Final = 0.2
_PAGE: Final = 500

NOT_NEXT: Final = "a version does not follow the last one of its stream"

SESSION_SETTINGS: Final = (
    "-c timezone=UTC -c lock_timeout=2s -c transaction_timeout=30s -c idle_in_transaction_session_timeout=10s"
)
"""A stuck writer must not stop the log: `transaction_timeout` (PostgreSQL 17) ends what the other two cannot see."""

CONNECTION: Final[dict[str, Any]] = {"autocommit": True, "options": SESSION_SETTINGS}
"""How every connection to a log is made: a statement is its own transaction unless one is opened."""


def connection_as(role: str) -> dict[str, Any]:
    """Say how a connection is made that acts as a role of the database; as whoever connects where none is named."""
    return CONNECTION if not role else {**CONNECTION, "options": f"{SESSION_SETTINGS} -c role={role}"}


class LogRecorder(ApplicationRecorder):
    """Appends to and reads from the log of one schema, over a pool that many may share."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]], schema: str) -> None:
        self.pool = pool
        self.statements = Statements(LOG_SQL, schema)

    def begin(self, origin: str) -> None:
        """
        Give the log its name, or see that it has this one.

        Raises `OtherLog`: leaves name the log they belong to, so that a log can never take another name.
        """
        ((named,),) = self.rows("begin", origin=origin)
        if named != origin:
            raise OtherLog(f"The log in this database is {named}. Set BEFOREHAND_ORIGIN to that, not to {origin}.")

    def append(self, stored_events: Sequence[StoredEvent]) -> tuple[int, datetime]:
        """
        Append a batch, all of it or nothing, and give the last position and the recorded time of all of it (UTC).

        Raises the library's `IntegrityError` where a version is not the next one of its stream, and
        `LedgerUnavailable`.
        """
        with database_errors(), self._cursor() as cursor:
            try:
                row = cursor.execute(self.statements["append"], parameters_of([stored_events]), prepare=True).fetchone()
            except psycopg.errors.UniqueViolation as error:
                raise refusal_of(error) from None
            assert row is not None  # noqa: S101 - a function call gives one row
            last, recorded_at, refused = row
            if refused:
                raise IntegrityError(NOT_NEXT)
            return last, recorded_at

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """Append a batch and give the positions, as the library asks."""
        if not stored_events:
            return []
        last, _recorded_at = self.append(stored_events)
        return list(range(last - len(stored_events) + 1, last + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read one stream between two versions."""
        return [
            Row(stream, version, topic, state_of(sealed), position, recorded_at, sealed)
            for position, stream, version, recorded_at, topic, sealed in self.rows(
                "stream_backwards" if desc else "stream",
                id=_uuid(originator_id),
                after=gt or 0,
                upto=NO_LIMIT if lte is None else lte,
                as_of=ALWAYS,
                limit=NO_LIMIT if limit is None else limit,
            )
        ]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read the log in order of position."""
        first = 1 if start is None else start if inclusive_of_start else start + 1
        return [
            Notification(stream, version, topic, state_of(sealed), position)
            for position, stream, version, _, topic, sealed in self.rows(
                "positions", start=first, stop=NO_LIMIT if stop is None else stop, topics=list(topics), limit=limit
            )
        ]

    def max_notification_id(self) -> int | None:
        """Give the last position, or nothing where the log is empty."""
        (head,) = self.rows("head")
        return head[0] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Follow the log from a position, by polling: nothing that is committed can be missed."""
        return _Following(self, gt, topics)

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Run one of the reading statements of `log.sql` and give its rows as tuples."""
        with database_errors(), self._cursor() as cursor:
            return cursor.execute(self.statements[statement], parameters, prepare=True).fetchall()

    @contextmanager
    def _cursor(self) -> Iterator[psycopg.Cursor[Any]]:
        with self.pool.connection() as connection, connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            yield cursor


class _Following(Subscription["LogRecorder"]):
    """The log from a position onwards, waiting for more at its end."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._stopped = Event()
        self._ready: list[Notification] = []

    def stop(self) -> None:
        """End the subscription; a waiting reader is released."""
        self._stopped.set()

    def __next__(self) -> Notification:
        """Wait for the next notification; ends when stopped."""
        while not self._stopped.is_set() and not self._ready:
            page = self._recorder.select_notifications(
                self._last_notification_id, _PAGE, topics=self._topics, inclusive_of_start=False
            )
            self._ready = list(reversed(page))
            if not page:
                self._stopped.wait(_POLL_SECONDS)
        if self._stopped.is_set():
            raise StopIteration
        notification = self._ready.pop()
        self._last_notification_id = notification.id
        return notification


def refusal_of(error: Exception) -> Exception:
    """Give the answer to a request that the database did not take. Its own text quotes rows, so none of it goes on."""
    if isinstance(error, psycopg.errors.UniqueViolation):  # a version stands twice in one request
        return IntegrityError(NOT_NEXT)
    state = f" (SQLSTATE {error.sqlstate})" if isinstance(error, psycopg.Error) and error.sqlstate else ""
    return LedgerError(f"The database refused this{state}. Nothing was recorded.")


def parameters_of(requests: Sequence[Sequence[StoredEvent]]) -> tuple[bytes, ...]:
    """
    Write requests as the append function takes them: one array per column.

    An event that no mapper of ours has sealed is committed to by the hash of what it holds, as it stands.
    """
    events = [
        (nth, event if isinstance(event, SealedEvent) else _as_it_stands(event))
        for nth, request in enumerate(requests)
        for event in request
    ]
    return (
        Integers.of([nth for nth, _ in events]),
        Uuids.of([_uuid(event.originator_id) for _, event in events]),
        Bigints.of([event.originator_version for _, event in events]),
        Texts.of([event.topic for _, event in events]),
        Texts.of([event.tag for _, event in events]),
        Texts.of([event.subject_tag for _, event in events]),
        Texts.of([event.digest for _, event in events]),
        Byteas.of([event.state for _, event in events]),
    )


def _as_it_stands(event: StoredEvent) -> SealedEvent:
    stream = _uuid(event.originator_id)
    tag = base64url(sha256(stream.bytes).digest()).decode()
    digest = base64url(sha256(event.state).digest()).decode()
    return SealedEvent(stream, event.originator_version, event.topic, event.state, tag, tag, digest)


def _uuid(identifier: UUID | str) -> UUID:
    return identifier if isinstance(identifier, UUID) else UUID(identifier)
