"""
Reading the log: one stream, some entries of it, the log in order, the log stream by stream.

`LogReader` answers the doors, without blocking them. `LogScan` feeds projections, from the connection of their own
transaction. Both give entries, opened through the closed registry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Generic
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg.sql import Composed
from psycopg_pool import AsyncConnectionPool

from ledger.errors import database_errors
from ledger.mapper import E, Entry, FactMapper, Registry
from ledger.recorder import ALWAYS, LOG_SQL, NO_LIMIT
from ledger.statements import Statements


class LogReader(Generic[E]):
    """Reads the log of one schema over an asynchronous pool that many may share."""

    def __init__(self, pool: AsyncConnectionPool[Any], schema: str, registry: Registry[E]) -> None:
        self.pool = pool
        self.schema = schema
        self._statements = Statements(LOG_SQL, schema)
        self._mapper = FactMapper(registry)

    async def stream(self, stream: UUID, *, as_of: datetime | None = None, upto: int | None = None) -> list[Entry[E]]:
        """Read a stream in order, up to a recorded time (UTC) and up to a version."""
        limit = NO_LIMIT if upto is None else upto
        return await self._read("stream", id=stream, after=0, upto=limit, as_of=as_of or ALWAYS, limit=NO_LIMIT)

    async def picked(self, stream: UUID, versions: Sequence[int]) -> list[Entry[E]]:
        """Read some entries of a stream."""
        return await self._read("picked", id=stream, versions=list(versions)) if versions else []

    async def several(self, places: Sequence[tuple[UUID, int]]) -> dict[UUID, Entry[E]]:
        """Read one entry of each of some streams: stream and version."""
        streams, versions = [stream for stream, _ in places], [version for _, version in places]
        entries = await self._read("one_of_each", ids=streams, versions=versions)
        return {entry.originator_id: entry for entry in entries}

    async def head(self) -> int:
        """Give the last position of the log, 0 where it is empty."""
        (row,) = await self.rows(self._statements["head"], {})
        position: int = row[0]
        return position

    async def rows(self, statement: Composed, parameters: dict[str, Any]) -> list[Any]:
        """Run a reading statement on this log's schema and give its rows as tuples."""
        with database_errors():
            async with (
                self.pool.connection() as connection,
                connection.cursor(row_factory=tuple_row, binary=True) as cursor,
            ):
                await cursor.execute(statement, parameters, prepare=True)
                rows: list[Any] = await cursor.fetchall()
                return rows

    async def _read(self, statement: str, **parameters: Any) -> list[Entry[E]]:
        return [self._mapper.entry_of(row) for row in await self.rows(self._statements[statement], parameters)]


class LogScan(Generic[E]):
    """Reads the log of one schema on a given connection."""

    def __init__(self, schema: str, registry: Registry[E]) -> None:
        self._statements = Statements(LOG_SQL, schema)
        self._mapper = FactMapper(registry)

    def head(self, connection: psycopg.Connection[Any]) -> int:
        """Give the last position, 0 for an empty log."""
        row = self._rows(connection, "head")[0]
        position: int = row[0]
        return position

    def after(self, connection: psycopg.Connection[Any], position: int, limit: int) -> list[Entry[E]]:
        """Read the next entries of the log after a position."""
        return [
            self._mapper.entry_of(row)
            for row in self._rows(connection, "positions", start=position + 1, stop=NO_LIMIT, topics=[], limit=limit)
        ]

    def stream(self, connection: psycopg.Connection[Any], stream: UUID, *, upto: int) -> list[Entry[E]]:
        """Read a stream up to a version."""
        return [
            self._mapper.entry_of(row)
            for row in self._rows(connection, "stream", id=stream, after=0, upto=upto, as_of=ALWAYS, limit=NO_LIMIT)
        ]

    def stream_by_stream(
        self, connection: psycopg.Connection[Any], *, upto: int, batch: int
    ) -> Iterator[list[list[Entry[E]]]]:
        """Read the whole log up to a position as batches of whole streams, each stream in order."""
        after: UUID | None = None
        while streams := [
            row[0] for row in self._rows(connection, "streams_next", after=after, upto=upto, limit=batch)
        ]:
            rows = self._rows(connection, "whole_streams", ids=streams, upto=upto)
            yield [
                [self._mapper.entry_of(row) for row in rows_of_stream]
                for _, rows_of_stream in groupby(rows, key=lambda row: row[1])
            ]
            after = streams[-1]

    def _rows(self, connection: psycopg.Connection[Any], statement: str, **parameters: Any) -> list[Any]:
        with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            return cursor.execute(self._statements[statement], parameters, prepare=True).fetchall()
