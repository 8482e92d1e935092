"""
Reading the log: one stream, some entries of it, the log in order, the log stream by stream.

`LogReader` answers the doors, without blocking them. `LogScan` feeds projections, from the connection of their own
transaction. Both give entries, opened and checked by the mapper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Generic
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from ledger.errors import database_errors
from ledger.log import Log
from ledger.mapper import E, Entry
from ledger.recorder import ALWAYS, LOG_SQL, NO_LIMIT
from ledger.statements import Statements

STRETCH: Final = 10_000
"""Positions looked through for one answer, at most: a rare kind of fact must not hold a connection for long."""


@dataclass(frozen=True, slots=True)
class Stretch(Generic[E]):
    """What was found in a stretch of the log that ends at `upto`, from where the next one begins."""

    entries: tuple[Entry[E], ...]
    upto: int


class LogReader(Generic[E]):
    """Reads the log of one schema over an asynchronous pool that many may share."""

    def __init__(self, pool: AsyncConnectionPool[Any], log: Log[E]) -> None:
        self.pool = pool
        self.schema = log.schema
        self.mapper = log.mapper
        self._statements = Statements(LOG_SQL, log.schema)

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

    async def leaf(self, index: int) -> tuple[bytes, bytes | None] | None:
        """
        Give the leaf hash and the entry of a leaf, counted from 0; nothing where the log does not reach so far.

        The entry is nothing where it was erased.
        """
        rows = await self.rows(self._statements["leaf"], {"position": index + 1})
        return rows[0] if rows else None

    async def following(
        self,
        after: int,
        limit: int,
        *,
        stream: UUID | None = None,
        kinds: Sequence[type[E]] = (),
        as_of: datetime | None = None,
    ) -> Stretch[E]:
        """
        Read the log on from a position, in its order, and say how far it has been looked through.

        Positions are handed out and committed in one order, so that nothing can appear later below what was read.
        """
        topics = [f"{kind.TOPIC}@{version}" for kind in kinds for version in range(1, kind.VERSION + 1)]  # type: ignore[attr-defined]  # a Kind; models cannot be bound to a protocol as well
        ((end,),) = await self.rows(
            self._statements["window"], {"after": after, "stretch": STRETCH, "as_of": as_of or ALWAYS}
        )
        if end is None:
            return Stretch((), after)
        statement = "in_window" if stream is None else "of_stream_after"
        parameters = {"after": after, "upto": end, "topics": topics, "limit": limit, "id": stream}
        entries = await self._read(statement, **parameters)
        return Stretch(tuple(entries), entries[-1].position if len(entries) == limit else end)

    async def rows(self, statement: bytes, parameters: dict[str, Any]) -> list[Any]:
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
        return [self.mapper.entry_of(row) for row in await self.rows(self._statements[statement], parameters)]


class LogScan(Generic[E]):
    """Reads the log of one schema on a given connection."""

    def __init__(self, log: Log[E]) -> None:
        self._statements = Statements(LOG_SQL, log.schema)
        self._mapper = log.mapper

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
