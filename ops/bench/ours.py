"""
Ours: every fact sealed, ordered, timed and in the tree, in one transaction with all who append at the same moment.

Writers are tasks of one process, as requests to the server are. Sealing happens in the turn, in the same process.
"""

from __future__ import annotations

from asyncio import Runner
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from uuid import uuid4

import uvloop
from psycopg.sql import SQL, Identifier

from api.casework import casework
from ledger.mapper import Entry
from ledger.recorder import LogRecorder
from ledger.writer import LogWriter
from ops.authority import Authority
from ops.bench.load import Turn
from ops.bench.pgbench import Size
from ops.bench.turns import tasks
from ops.bench.workload import CHILDHOODS, Hands, Kept, act_of, childhood

_AT_ONCE: Final = 25
"""How many cases are begun in one call."""

Append = Callable[[int], Awaitable[None]]


class Ours:
    """The ledger of one authority of the benchmark's own."""

    def __init__(self, ready: Authority) -> None:
        self._ready = ready
        self._url = ready.settings.database_url.get_secret_value()

    def size(self) -> Size:
        """Keep every childhood once, and give how many bytes an entry and its ciphertext have on average."""
        self.keep(Kept(uuid4(), steps, len(steps)) for steps in map(childhood, range(CHILDHOODS)))
        with self._ready.pool.connection() as connection:
            row = connection.execute(
                SQL("SELECT avg(octet_length(entry)), avg(octet_length(state)) FROM {}").format(
                    Identifier(self._ready.kept.schema, "event")
                )
            ).fetchone()
        assert row is not None  # noqa: S101 - an aggregate gives one row
        return Size(round(row[0]), round(row[1]))

    def begin(self, hands: Hands) -> None:
        """Put the cases on record with the entries they begin with."""
        self.keep(hands)

    def keep(self, cases: Iterable[Kept]) -> int:
        """Append what is on record of some cases, through the recorder, many at once; give how many facts that were."""
        recorder = LogRecorder(self._ready.pool, self._ready.kept.schema)
        seal = self._ready.kept.mapper.to_stored_event
        coming, kept = iter(cases), 0
        while some := list(islice(coming, _AT_ONCE)):
            events = [
                seal(Entry(case.id, version, step.fact))
                for case in some
                for version, step in enumerate(case.begun, start=1)
            ]
            recorder.append(events)
            kept += len(events)
        return kept

    def recorder_turn(self, writers: int, seconds: float) -> Turn:
        """Seal facts and append them through the group-committing writer."""
        seal, hands = self._ready.kept.mapper.to_stored_event, Hands(writers)

        def appending(writer: LogWriter) -> Append:
            async def append(nth: int) -> None:
                stream, version, step = hands.take(nth)
                await writer.append([seal(Entry(stream, version, step.fact))])

            return append

        return self._turn(hands, seconds, appending)

    def command_turn(self, writers: int, seconds: float) -> Turn:
        """Load, decide, seal and append, for each command. As in a server, cases stay at hand once they are loaded."""
        ledger, hands = casework(self._ready.pool, self._ready.kept), Hands(writers)

        def appending(writer: LogWriter) -> Append:
            async def append(nth: int) -> None:
                stream, _, step = hands.take(nth)
                await ledger.record(stream, step.command, act_of(uuid4(), datetime.now(UTC)), writer)

            return append

        return self._turn(hands, seconds, appending)

    def _turn(self, hands: Hands, seconds: float, appending: Callable[[LogWriter], Append]) -> Turn:
        self.begin(hands)

        async def take() -> Turn:
            async with aclosing(LogWriter(self._url, self._ready.kept.schema)) as writer:
                append = appending(writer)
                for nth, mine in enumerate(hands.cases):
                    for _ in mine:
                        await append(nth)
                return await tasks(len(hands.cases), seconds, append)

        with Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(take())
