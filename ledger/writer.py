"""
The writer: appends for many at once.

Whatever is asked for while one batch is being committed goes into the next, in one call of the append function and one
transaction, so that a flush of the disk is shared by all who wait for it. Each gets its own answer: a request whose
version is taken is refused by the function alone, and one that the database cannot take at all fails alone. Whoever is
the only one waits for nobody.

Where the connection is lost before the answer, nobody knows whether the batch was committed. The writer finds out:
salts make the digest of every manifest its own, so that an event stands in the log with this digest or was not
appended.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError
from psycopg.rows import tuple_row

from ledger.errors import LedgerUnavailable
from ledger.mapper import SealedEvent
from ledger.recorder import CONNECTION, LOG_SQL, NOT_NEXT, parameters_of, refusal_of
from ledger.statements import Statements

MOST_EVENTS: Final = 512
MOST_BYTES: Final = 4_000_000
"""What goes into one batch at most; a single request may be larger than that by itself."""

_CONNECT_SECONDS: Final = 5
_LOST: Final = "The database was lost, and whether this was recorded is not known. Send it again with the same key."

Appended = tuple[int, datetime]
"""Position of the last event of a request, and the recorded time of all of it (UTC)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    """Events that are appended together or not at all, and who waits for them."""

    events: Sequence[SealedEvent]
    size: int
    answer: asyncio.Future[Appended]

    def settle(self, result: Appended | Exception) -> None:
        """Answer, unless whoever asked has gone."""
        if self.answer.done():
            return
        if isinstance(result, Exception):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


class LogWriter:
    """Appends to the log of one schema, from one event loop, over one connection of its own."""

    def __init__(self, url: str, schema: str, how: Mapping[str, Any] = CONNECTION) -> None:
        """Append to the log of a schema; `how` says how the connection is made."""
        self._url = url
        self._how = how
        self._statements = Statements(LOG_SQL, schema)
        self._waiting: deque[_Request] = deque()
        self._working: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._cursor: psycopg.AsyncCursor[Any] | None = None
        self._closed = False

    async def append(self, events: Sequence[SealedEvent]) -> Appended:
        """
        Append events, all of them or none, and give the position of the last and the recorded time.

        Raises the library's `IntegrityError` where a version is not the next one of its stream, and
        `LedgerUnavailable`. Who is cancelled while waiting may have been appended all the same.
        """
        if self._closed:
            raise LedgerUnavailable("The server is stopping. Nothing was recorded.")
        if not events:
            raise ValueError("There is nothing to append.")
        size = sum(len(event.state) for event in events)
        request = _Request(events, size, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await request.answer

    async def aclose(self) -> None:
        """Append what is waiting, take nothing more, and close the connection."""
        self._closed = True
        while self._working is not None:
            await self._working
        await self._hang_up()

    async def _work(self) -> None:
        try:
            while self._waiting:
                if batch := self._batch():
                    await self._append(batch)
        finally:
            self._working = None
            while self._waiting:
                self._waiting.popleft().settle(LedgerUnavailable("The server is stopping. Nothing was recorded."))

    def _batch(self) -> list[_Request]:
        """
        Take from the queue what goes into one call.

        No two requests of a call touch the same stream: the second has to follow the first, and waits for the next.
        """
        batch: list[_Request] = []
        later: list[_Request] = []
        touched: set[UUID | str] = set()
        events = size = 0
        while self._waiting and events < MOST_EVENTS and size < MOST_BYTES:
            request = self._waiting.popleft()
            if request.answer.done():  # whoever asked has gone
                continue
            streams = {event.originator_id for event in request.events}
            (batch if touched.isdisjoint(streams) else later).append(request)
            touched |= streams
            if not later or later[-1] is not request:
                events += len(request.events)
                size += request.size
        self._waiting.extendleft(reversed(later))
        return batch

    async def _append(self, batch: Sequence[_Request], *, again: bool = False) -> None:
        """Append a batch and answer every request of it. Never raises but when it is cancelled."""
        try:
            await self._answer(batch, await self._call(batch), again=again)
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits is answered
            await self._mend(batch, error, again=again)
        except BaseException:
            for request in batch:
                request.settle(LedgerUnavailable("The server is stopping. Whether this was recorded is not known."))
            raise

    async def _mend(self, batch: Sequence[_Request], error: Exception, *, again: bool) -> None:
        """Do what is left to do for a batch that was not answered."""
        if self._connection is None:
            _settle(batch, LedgerUnavailable("The database cannot be reached. Nothing was recorded. Try again."))
        elif self._connection.closed:
            await self._find_out(batch, again=again)
        elif isinstance(error, psycopg.OperationalError):  # its answer, so that the transaction is no more
            _settle(batch, LedgerUnavailable("The database cannot take this now. Nothing was recorded. Try again."))
        elif len(batch) > 1:
            for request in batch:
                await self._append([request], again=again)
        else:
            batch[0].settle(refusal_of(error))

    async def _call(self, batch: Sequence[_Request]) -> tuple[int, datetime, list[int] | None]:
        if self._cursor is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, connect_timeout=_CONNECT_SECONDS, **self._how
            )
            self._cursor = self._connection.cursor(row_factory=tuple_row, binary=True)
        await self._cursor.execute(
            self._statements["append"], parameters_of([each.events for each in batch]), prepare=True
        )
        row = await self._cursor.fetchone()
        assert row is not None  # noqa: S101 - a function call gives one row
        return row[0], row[1], row[2]

    async def _answer(
        self, batch: Sequence[_Request], row: tuple[int, datetime, list[int] | None], *, again: bool
    ) -> None:
        last, moment, refused = row
        turned_away = frozenset(refused or ())
        # The call whose answer was lost may have come to its end only now, before this one.
        there = await self._there([batch[nth] for nth in turned_away]) if again and turned_away else {}
        for nth in range(len(batch) - 1, -1, -1):
            if nth in turned_away:
                batch[nth].settle(there.get(id(batch[nth])) or IntegrityError(NOT_NEXT))
            else:
                batch[nth].settle((last, moment))
                last -= len(batch[nth].events)

    async def _find_out(self, batch: Sequence[_Request], *, again: bool) -> None:
        """Find out what became of a batch whose answer was lost, and append what was not appended, once."""
        await self._hang_up()
        try:
            await self._call(())  # waits for the append that may still be going on, and appends nothing
            there = await self._there(batch)
        except (psycopg.Error, OSError):
            await self._hang_up()
            _settle(batch, LedgerUnavailable(_LOST))
            return
        for request in batch:
            if (found := there.get(id(request))) is not None:
                request.settle(found)
        missing = [request for request in batch if id(request) not in there]
        if again:  # what loses every connection that it is sent over must not be sent for ever
            _settle(missing, LedgerUnavailable(_LOST))
        elif missing:
            await self._append(missing, again=True)

    async def _there(self, batch: Sequence[_Request]) -> dict[int, Appended]:
        """Give which requests stand in the log, by the last event of each and its own digest."""
        lasts = [request.events[-1] for request in batch]
        assert self._cursor is not None  # noqa: S101 - there was a call just now
        await self._cursor.execute(
            self._statements["one_of_each"],
            {
                "ids": [event.originator_id for event in lasts],
                "versions": [event.originator_version for event in lasts],
            },
        )
        rows = {(row[1], row[2]): row for row in await self._cursor.fetchall()}
        found = {}
        for request, event in zip(batch, lasts, strict=True):
            row = rows.get((event.originator_id, event.originator_version))
            if row is not None and row[5] is not None and event.digest.encode() in row[5]:
                found[id(request)] = (row[0], row[3])
        return found

    async def _hang_up(self) -> None:
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            await connection.close()


def _settle(batch: Sequence[_Request], result: LedgerUnavailable) -> None:
    for request in batch:
        request.settle(result)
