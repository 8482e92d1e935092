"""Every checkpoint that was cosigned, and every anchor, kept in the database for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from ledger.errors import database_errors
from ledger.publisher.rows import PUBLISHER_SQL
from ledger.statements import Statements


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint as it was kept: when its cosignatures were together, and whether they met the trust policy."""

    size: int
    made_at: datetime
    root: bytes
    note: str
    quorum: bool
    anchor: bool


class Kept:
    """The kept checkpoints of one schema."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]], schema: str) -> None:
        self._pool = pool
        self._statements = Statements(PUBLISHER_SQL, schema)

    def keep(self, checkpoint: KeptCheckpoint) -> None:
        """Keep one. Raises `LedgerUnavailable`."""
        self._rows(
            "keep",
            size=checkpoint.size,
            made_at=checkpoint.made_at,
            root=checkpoint.root,
            note=checkpoint.note,
            quorum=checkpoint.quorum,
            anchor=checkpoint.anchor,
        )

    def keep_timestamp(self, checkpoint: KeptCheckpoint, authority: str, stated_at: datetime, token: bytes) -> None:
        """Keep the token of a time-stamping authority over the note of a checkpoint that is kept."""
        self._rows(
            "keep_timestamp",
            size=checkpoint.size,
            made_at=checkpoint.made_at,
            authority=authority,
            stated_at=stated_at,
            token=token,
        )

    def latest(self) -> KeptCheckpoint | None:
        """Give the one kept last."""
        return self._one("latest")

    def latest_with_quorum(self) -> KeptCheckpoint | None:
        """Give the last one that met the trust policy."""
        return self._one("latest_with_quorum")

    def latest_anchor(self) -> KeptCheckpoint | None:
        """Give the last one with the signature that stands against quantum computers."""
        return self._one("latest_anchor")

    def before(self, index: int) -> KeptCheckpoint | None:
        """Give the last one that met the policy and did not yet hold a leaf: it was recorded after that."""
        return self._one("before", index=index)

    def after(self, index: int) -> KeptCheckpoint | None:
        """Give the first one that met the policy and held a leaf: it was recorded before that."""
        return self._one("after", index=index)

    def brackets(self, indexes: Sequence[int]) -> list[KeptCheckpoint]:
        """Give what `before` and `after` give for some leaves, each once, oldest first; no empty log among them."""
        return [KeptCheckpoint(*row) for row in self._rows("brackets", indexes=list(indexes))]

    def timestamps(self, checkpoint: KeptCheckpoint) -> list[tuple[str, datetime, bytes]]:
        """Give the tokens over a checkpoint: authority, time stated, token."""
        return self._rows("timestamps", size=checkpoint.size, made_at=checkpoint.made_at)

    def last_timestamp(self) -> datetime | None:
        """Give when the last token was asked for."""
        ((moment,),) = self._rows("last_timestamp")
        return moment  # type: ignore[no-any-return]  # a timestamptz

    def _one(self, statement: str, **parameters: Any) -> KeptCheckpoint | None:
        rows = self._rows(statement, **parameters)
        return KeptCheckpoint(*rows[0]) if rows else None

    def _rows(self, statement: str, **parameters: Any) -> list[Any]:
        with (
            database_errors(),
            self._pool.connection() as connection,
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            cursor.execute(self._statements[statement], parameters, prepare=True)
            return cursor.fetchall() if cursor.description else []
