"""Reading the log back from the database, as it stands there. The publisher believes it once it has hashed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from ledger.errors import database_errors
from ledger.statements import Statements

PUBLISHER_SQL: Final = Path(__file__).with_name("publisher.sql")
_BATCH: Final = 2_000


class DatabaseHead(NamedTuple):
    """What the database says of its own tree."""

    size: int
    frontier: list[bytes]
    origin: str


class Leaf(NamedTuple):
    """One row of the log, at a leaf index. `entry` is None where it was erased; `recorded_at` in ms since 1970."""

    at: int
    entry: bytes | None
    leaf_hash: bytes
    version: int
    recorded_at: int


class Rows:
    """The rows of the log of one schema."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]], schema: str) -> None:
        self._pool = pool
        self._statements = Statements(PUBLISHER_SQL, schema)

    def head(self) -> DatabaseHead:
        """Give what the database says of its tree. Raises `LedgerUnavailable`."""
        ((size, frontier, origin),) = self._rows("head")
        return DatabaseHead(size, list(frontier), origin or "")

    def leaves(self, start: int, stop: int) -> Iterator[list[Leaf]]:
        """Yield the rows from one leaf index to before another, in batches. Raises `LedgerUnavailable`."""
        for first in range(start, stop, _BATCH):
            yield [Leaf(*row) for row in self._rows("leaves", start=first, stop=min(first + _BATCH, stop))]

    def _rows(self, statement: str, **parameters: Any) -> list[Any]:
        with (
            database_errors(),
            self._pool.connection() as connection,
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            return cursor.execute(self._statements[statement], parameters, prepare=True).fetchall()
