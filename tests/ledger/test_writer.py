"""The writer answers each for itself, whoever else asks at the same moment and whatever becomes of the connection."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from ledger.errors import LedgerError, LedgerUnavailable
from ledger.mapper import SealedEvent
from ledger.recorder import CONNECTION
from ledger.seal import base64url
from ledger.verify import leaf_hash
from ledger.writer import Appended, LogWriter
from tests.ledger.cable import Cable
from tests.ledger.conftest import ORIGIN
from tests.ledger.whole_log import Leaf, whole_log

PATIENCE = 20.0
"""Seconds after which a test gives up waiting; no promise is about time."""


def event(stream: UUID, version: int, *, topic: str = "kind@1", size: int = 60) -> SealedEvent:
    """A sealed event of no particular content; its digest is its own."""
    tag = base64url(leaf_hash(stream.bytes)).decode()
    return SealedEvent(stream, version, topic, os.urandom(size), tag, tag, base64url(os.urandom(32)).decode())


def begun(database: str, schema: str) -> None:
    """Give the log its name."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"SELECT {schema}.begin_log(%s)", [ORIGIN])  # type: ignore[arg-type]


@pytest.fixture
def on_record(database: str, schema: str) -> Callable[[], Sequence[Leaf]]:
    """Read the whole log, checked, past every writer."""
    begun(database, schema)

    def read() -> Sequence[Leaf]:
        with psycopg.connect(database, **CONNECTION) as connection:
            return whole_log(connection, schema)

    return read


Read = Callable[[], Sequence[Leaf]]


def run(what: Callable[[LogWriter], Coroutine[Any, Any, None]], database: str, schema: str) -> None:
    """Do something with a writer, and close it."""

    async def with_a_writer() -> None:
        async with asyncio.timeout(PATIENCE), aclosing(LogWriter(database, schema)) as writer:
            await what(writer)

    asyncio.run(with_a_writer())


class Held:
    """The log, held by somebody else: appends wait."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def waiting(self) -> int:
        """Wait until an append waits, and give the process that does it."""
        while True:
            cursor = await self._connection.execute("SELECT pid FROM pg_locks WHERE NOT granted")
            if (row := await cursor.fetchone()) is not None:
                return int(row[0])

    async def cut(self, process: int) -> None:
        """End the connection of a process of the database."""
        await self._connection.execute("SELECT pg_terminate_backend(%s, 5000)", [process])

    async def let_go(self) -> None:
        """Let appends go on."""
        await self._connection.rollback()


@asynccontextmanager
async def held(database: str, schema: str) -> AsyncIterator[Held]:
    """Hold the log."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute(f"SELECT FROM {schema}.head FOR UPDATE")  # type: ignore[arg-type]
        yield Held(connection)
        await connection.rollback()


async def start(writer: LogWriter, *requests: Sequence[SealedEvent]) -> list[asyncio.Task[Appended]]:
    """Ask for appends, one after the other, without waiting for any."""
    tasks = []
    for events in requests:
        tasks.append(asyncio.create_task(writer.append(events)))
        await asyncio.sleep(0)
    return tasks


def stands(leaves: Sequence[Leaf], events: Sequence[SealedEvent], answer: Appended) -> bool:
    """Tell whether events stand in the log exactly where and when the answer says, and once."""
    last, recorded_at = answer
    there = leaves[last - len(events) : last]
    return (
        [(leaf.stream, leaf.version, leaf.entry.manifest) for leaf in there]
        == [(each.originator_id, each.originator_version, each.digest) for each in events]
        and {leaf.recorded_at for leaf in there} == {recorded_at}
        and all(sum(leaf.entry.manifest == each.digest for leaf in leaves) == 1 for each in events)
    )


async def write_at_random(writer: LogWriter, streams: Sequence[UUID], seed: int, turns: int) -> list[Any]:
    """Append at random to streams that others write to as well, and give what was acknowledged."""
    random, versions, done, conflicts = Random(seed), dict.fromkeys(streams, 0), [], 0
    for _ in range(turns):
        chosen = random.sample(streams, random.choice((1, 1, 2)))
        events = [event(each, versions[each] + n + 1) for each in chosen for n in range(random.choice((1, 1, 3)))]
        try:
            done.append((events, await writer.append(events)))
        except IntegrityError:
            conflicts += 1
            for each in chosen:  # as far as this one knows, another was first
                versions[each] += 1
        else:
            for each in events:
                versions[each.originator_id] = each.originator_version
    return [*done, conflicts]


class TestTogether:
    """Many requests at the same moment."""

    def test_conflicts_harm_no_neighbour(self, database: str, schema: str, on_record: Read) -> None:
        """Forty writers on eight streams: who is turned away leaves nothing, and each other stands where it is told."""
        streams = [uuid4() for _ in range(8)]

        async def all_at_once(writer: LogWriter) -> None:
            outcomes = await asyncio.gather(*(write_at_random(writer, streams, seed, 12) for seed in range(40)))
            leaves, acknowledged = on_record(), [done for outcome in outcomes for done in outcome[:-1]]
            assert len(leaves) == sum(len(events) for events, _ in acknowledged)
            assert all(stands(leaves, events, answer) for events, answer in acknowledged)
            assert sum(outcome[-1] for outcome in outcomes) > 20

        run(all_at_once, database, schema)

    def test_two_processes_append_to_one_log(self, database: str, schema: str, on_record: Read) -> None:
        """Writers in two processes on the same streams: no gap, nothing lost, nothing doubled, each told exactly."""
        streams = [uuid4() for _ in range(6)]
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
            futures = [processes.submit(in_a_process, database, schema, streams, seed) for seed in (1, 2)]
            outcomes = [outcome for future in futures for outcome in future.result()]

        leaves, acknowledged = on_record(), [done for outcome in outcomes for done in outcome[:-1]]
        assert len(leaves) == sum(len(events) for events, _ in acknowledged)
        assert all(stands(leaves, events, answer) for events, answer in acknowledged)
        assert sum(outcome[-1] for outcome in outcomes) > 0

    def test_what_comes_during_an_append_is_appended_together(
        self, database: str, schema: str, on_record: Read
    ) -> None:
        """Whoever is alone is sent at once; all who come meanwhile share the next transaction and its recorded time."""

        async def one_and_many(writer: LogWriter) -> None:
            async with held(database, schema) as log:
                first = await start(writer, [event(uuid4(), 1)])
                await log.waiting()  # nobody else has come, and it is with the database already
                others = await start(writer, *([event(uuid4(), 1)] for _ in range(30)))
                await log.let_go()
                (_, alone), *together = [await each for each in (*first, *others)]
            assert [position for position, _ in together] == list(range(2, 32))
            assert len({moment for _, moment in together}) == 1
            assert alone <= together[0][1]

        run(one_and_many, database, schema)
        assert len(on_record()) == 31

    def test_requests_on_one_stream_keep_their_order(self, database: str, schema: str, on_record: Read) -> None:
        """Versions 1 to 20 of one stream asked for at once, with others between: all stand, in the order asked."""
        stream = uuid4()

        async def in_order(writer: LogWriter) -> None:
            requests = [[event(stream, n)] if n % 2 else [event(stream, n), event(uuid4(), 1)] for n in range(1, 21)]
            answers = [await each for each in await start(writer, *requests)]
            assert [position for position, _ in answers] == sorted(position for position, _ in answers)
            leaves = on_record()
            assert all(stands(leaves, *each) for each in zip(requests, answers, strict=True))

        run(in_order, database, schema)

    def test_a_request_of_many_events_and_streams_is_one(self, database: str, schema: str, on_record: Read) -> None:
        """More events than a batch holds, of many streams: one time for all, and all or nothing."""
        streams = [uuid4() for _ in range(300)]

        async def large(writer: LogWriter) -> None:
            events = [event(stream, version) for version in (1, 2) for stream in streams]
            torn = [event(stream, 3) for stream in streams] + [event(streams[0], 5)]
            first, second = await asyncio.gather(writer.append(events), writer.append(torn), return_exceptions=True)
            assert isinstance(first, tuple)
            assert isinstance(second, IntegrityError)
            leaves = on_record()
            assert len(leaves) == 600
            assert stands(leaves, events, first)

        run(large, database, schema)

    @pytest.mark.parametrize(
        "bad",
        [
            lambda: [event(uuid4(), 1, topic="nul\0@1")],
            lambda: [event(uuid4(), 1, topic="half a pair \ud800")],
            lambda: [event(uuid4(), 2**63)],
            lambda: [event(uuid4(), -1)],
        ],
        ids=["nul", "surrogate", "too-large", "negative"],
    )
    def test_what_the_database_cannot_take_fails_alone(
        self, database: str, schema: str, on_record: Read, bad: Callable[[], list[SealedEvent]]
    ) -> None:
        """A request that cannot be stored is refused without a word of what it held; its neighbours are appended."""

        async def among_others(writer: LogWriter) -> None:
            good = [[event(uuid4(), 1)] for _ in range(6)]
            async with held(database, schema) as log:
                tasks = await start(writer, *good[:3], bad(), *good[3:])
                await log.waiting()
                await log.let_go()
                answers = await asyncio.gather(*tasks, return_exceptions=True)
            refused = answers.pop(3)
            assert isinstance(refused, LedgerError)
            assert "kind" not in str(refused)
            assert "nul" not in str(refused)
            leaves = on_record()
            assert len(leaves) == 6
            assert all(stands(leaves, *each) for each in zip(good, answers, strict=True))  # type: ignore[arg-type]

        run(among_others, database, schema)

    def test_nothing_is_no_request(self, database: str, schema: str, on_record: Read) -> None:
        """A request without events is a mistake of whoever asks, and is told so."""

        async def nothing(writer: LogWriter) -> None:
            with pytest.raises(ValueError, match="nothing to append"):
                await writer.append([])

        run(nothing, database, schema)


def in_a_process(database: str, schema: str, streams: Sequence[UUID], seed: int) -> list[Any]:
    """Write from a process of its own, many at once."""

    async def write() -> list[Any]:
        async with aclosing(LogWriter(database, schema)) as writer:
            return await asyncio.gather(*(write_at_random(writer, streams, seed * 100 + n, 15) for n in range(12)))

    return asyncio.run(write())


class TestGone:
    """Whoever asks goes away, or the writer is closed."""

    def test_who_goes_away_while_waiting_is_not_appended(self, database: str, schema: str, on_record: Read) -> None:
        """Cancelled before it was sent, a request is dropped; those around it are answered."""

        async def cancelled(writer: LogWriter) -> None:
            async with held(database, schema) as log:
                first, gone, last = await start(writer, *([event(uuid4(), 1)] for _ in range(3)))
                await log.waiting()
                gone.cancel()
                await log.let_go()
                assert [(await each)[0] for each in (first, last)] == [1, 2]

        run(cancelled, database, schema)
        assert len(on_record()) == 2

    def test_who_goes_away_during_the_append_is_appended(self, database: str, schema: str, on_record: Read) -> None:
        """Cancelled once it was sent, a request stands in the log, and nobody else notices."""

        async def cancelled(writer: LogWriter) -> None:
            async with held(database, schema) as log:
                (gone,) = await start(writer, [event(uuid4(), 1)])
                await log.waiting()
                gone.cancel()
                (after,) = await start(writer, [event(uuid4(), 1)])
                await log.let_go()
                assert (await after)[0] == 2

        run(cancelled, database, schema)
        assert len(on_record()) == 2

    def test_closing_appends_what_waits_and_takes_nothing_more(
        self, database: str, schema: str, on_record: Read
    ) -> None:
        """Closed while requests wait: they are appended and answered; what comes later is told that nothing was."""

        async def closing(writer: LogWriter) -> None:
            async with held(database, schema) as log:
                tasks = await start(writer, *([event(uuid4(), 1)] for _ in range(5)))
                await log.waiting()
                closed = asyncio.create_task(writer.aclose())
                await asyncio.sleep(0)
                with pytest.raises(LedgerUnavailable, match="Nothing was recorded"):
                    await writer.append([event(uuid4(), 1)])
                await log.let_go()
                await closed
            assert [(await each)[0] for each in tasks] == [1, 2, 3, 4, 5]

        run(closing, database, schema)
        assert len(on_record()) == 5

    def test_a_writer_that_is_stopped_leaves_nobody_waiting(self, database: str, schema: str, on_record: Read) -> None:
        """Stopped by force in the middle: who was sent is told that it is not known, who waited that nothing was."""

        async def stopped(writer: LogWriter) -> None:
            async with held(database, schema) as log:
                tasks = await start(writer, *([event(uuid4(), 1)] for _ in range(3)))
                await log.waiting()
                assert writer._working is not None
                writer._working.cancel()
                sent, *waited = await asyncio.gather(*tasks, return_exceptions=True)
            assert "not known" in str(sent)
            assert ["Nothing was recorded" in str(each) for each in waited] == [True, True]

        run(stopped, database, schema)


class TestCut:
    """The connection is lost: nothing acknowledged is lost, nothing stands twice."""

    def test_between_two_appends(self, database: str, schema: str, on_record: Read) -> None:
        """Cut while nobody asks: the next one is appended over a new connection, and notices nothing."""

        async def cut(writer: LogWriter) -> None:
            async with held(database, schema) as log:
                (first,) = await start(writer, [event(uuid4(), 1)])
                process = await log.waiting()
                await log.let_go()
                await first
                await log.cut(process)
                answers = await asyncio.gather(*(writer.append([event(uuid4(), 1)]) for _ in range(10)))
            assert sorted(position for position, _ in answers) == list(range(2, 12))

        run(cut, database, schema)
        assert len(on_record()) == 11

    def test_inside_the_transaction(self, database: str, schema: str, on_record: Read) -> None:
        """Cut before the commit: the transaction is no more, the request is appended again, once."""

        async def cut(writer: LogWriter) -> None:
            events = [event(uuid4(), 1), event(uuid4(), 1)]
            async with held(database, schema) as log:
                (task,) = await start(writer, events)
                await log.cut(await log.waiting())
                await log.let_go()
                answer = await task
            assert stands(on_record(), events, answer)

        run(cut, database, schema)
        assert len(on_record()) == 2

    def test_right_after_the_commit(self, database: str, schema: str, on_record: Read, tmp_path: Path) -> None:
        """The answer is lost: every request of the batch is told where it stands, and nothing is appended again."""
        requests = [[event(uuid4(), 1), event(uuid4(), 1)] for _ in range(8)]

        async def cut(writer: LogWriter, cable: Cable) -> None:
            lose = iter([True])

            async def lost(said: bytes, _: asyncio.StreamWriter) -> bool:
                return len(on_record()) < 17 or not next(lose, False)

            await writer.append([event(uuid4(), 1)])
            cable.answer = lost
            answers = await asyncio.gather(*(writer.append(each) for each in requests))
            assert cable.made == 2
            leaves = on_record()
            assert len(leaves) == 17
            assert all(stands(leaves, *each) for each in zip(requests, answers, strict=True))

        over_a_cable(cut, database, schema, tmp_path)

    def test_before_the_question_arrives(self, database: str, schema: str, on_record: Read, tmp_path: Path) -> None:
        """The question is lost: it is asked again over a new connection, with refusals as ever."""
        taken, first = uuid4(), event(uuid4(), 1)

        async def cut(writer: LogWriter, cable: Cable) -> None:
            lose = iter([True])

            async def lost(said: bytes, _: asyncio.StreamWriter) -> bool:
                return first.digest.encode() not in said or not next(lose, False)

            await writer.append([event(taken, 1)])
            cable.question = lost
            good, late = await asyncio.gather(
                writer.append([first]), writer.append([event(taken, 1)]), return_exceptions=True
            )
            assert isinstance(good, tuple)
            assert isinstance(late, IntegrityError)
            assert stands(on_record(), [first], good)

        over_a_cable(cut, database, schema, tmp_path)
        assert len(on_record()) == 2

    def test_the_question_arrives_late(self, database: str, schema: str, on_record: Read, tmp_path: Path) -> None:
        """A cut line delivers its question only while it is being asked again: it stands once, and is acknowledged."""
        events = [event(uuid4(), 1)]

        async def cut(writer: LogWriter, cable: Cable) -> None:
            late: list[tuple[bytes, asyncio.StreamWriter]] = []

            async def delayed(said: bytes, to: asyncio.StreamWriter) -> bool:
                if events[0].digest.encode() not in said:
                    return True
                if not late:
                    late.append((said, to))
                    return False
                question, line = late[0]
                line.write(question)
                await line.drain()
                while len(on_record()) < 2:
                    pass
                return True

            await writer.append([event(uuid4(), 1)])
            cable.question = delayed
            answer = await writer.append(events)
            assert late
            assert stands(on_record(), events, answer)

        over_a_cable(cut, database, schema, tmp_path)
        assert len(on_record()) == 2

    def test_what_loses_every_connection_is_not_sent_for_ever(
        self, database: str, schema: str, on_record: Read, tmp_path: Path
    ) -> None:
        """A request that ends every connection it is sent over is given up, and the next one is served."""
        bad = event(uuid4(), 1)

        async def cut(writer: LogWriter, cable: Cable) -> None:
            async def ends(said: bytes, _: asyncio.StreamWriter) -> bool:
                return bad.digest.encode() not in said

            cable.question = ends
            with pytest.raises(LedgerUnavailable, match="not known"):
                await writer.append([bad])
            assert (await writer.append([event(uuid4(), 1)]))[0] == 1

        over_a_cable(cut, database, schema, tmp_path)
        assert len(on_record()) == 1

    def test_the_database_goes_and_comes_back(
        self, database: str, schema: str, on_record: Read, tmp_path: Path
    ) -> None:
        """While it is away each is told that nothing was recorded; afterwards appends go on as before."""

        async def away() -> None:
            async with asyncio.timeout(PATIENCE):
                cable = Cable(database, tmp_path)
                async with aclosing(LogWriter(cable.url, schema)) as writer:
                    answers = await asyncio.gather(
                        *(writer.append([event(uuid4(), 1)]) for _ in range(3)), return_exceptions=True
                    )
                    assert Counter(type(each) for each in answers) == {LedgerUnavailable: 3}
                    assert all("Nothing was recorded" in str(each) for each in answers)
                    async with cable.laid():
                        assert (await writer.append([event(uuid4(), 1)]))[0] == 1
                        await writer.aclose()

        asyncio.run(away())
        assert len(on_record()) == 1

    def test_who_holds_the_log_for_long_harms_nobody(self, database: str, schema: str, on_record: Read) -> None:
        """Somebody holds the log longer than an append waits: all are told that nothing was recorded."""

        async def blocked(writer: LogWriter) -> None:
            async with held(database, schema):
                answers = await asyncio.gather(
                    *(writer.append([event(uuid4(), 1)]) for _ in range(3)), return_exceptions=True
                )
            assert all(isinstance(each, LedgerUnavailable) for each in answers)
            assert all("Nothing was recorded" in str(each) for each in answers)
            assert (await writer.append([event(uuid4(), 1)]))[0] == 1

        run(blocked, database, schema)
        assert len(on_record()) == 1


def over_a_cable(
    what: Callable[[LogWriter, Cable], Coroutine[Any, Any, None]], database: str, schema: str, folder: Path
) -> None:
    """Do something with a writer whose connections go over a cable."""

    async def laid() -> None:
        cable = Cable(database, folder)
        async with asyncio.timeout(PATIENCE), cable.laid(), aclosing(LogWriter(cable.url, schema)) as writer:
            await what(writer, cable)

    asyncio.run(laid())
