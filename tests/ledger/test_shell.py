"""The shell around a decider: load, decide, append."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

from ledger.keys import KeyRing
from ledger.log import Log
from ledger.mapper import Registry, Stamp
from ledger.shell import Decider, Ledger
from ledger.verify import leaf_hash, parse_entry
from tests.ledger.conftest import ORIGIN

Pool = ConnectionPool[psycopg.Connection[Any]]


class Counted(BaseModel):
    """Somebody counted to a number."""

    TOPIC: ClassVar[str] = "counted"
    VERSION: ClassVar[int] = 1
    number: int


class TooHighError(Exception):
    """The counter stops at a hundred."""


class AgainError(Exception):
    """That number has been reached."""


def _decide(state: list[int], command: int, _act: None) -> Sequence[Counted]:
    if len(state) + command > 100:
        raise TooHighError
    if command == 0:
        raise AgainError
    return [Counted(number=len(state) + n + 1) for n in range(command)]


def _evolve(state: list[int], event: Counted, stamp: Stamp) -> list[int]:
    assert stamp.version == event.number
    return [*state, event.number]


COUNTER: Decider[list[int], int, None, Counted] = Decider(lambda _id: [], _evolve, _decide)
Counters = Ledger[list[int], int, None, Counted]


Kept = Log[Counted]


@pytest.fixture
def counted(schema: str, keys: KeyRing) -> Kept:
    """A log of counters."""
    return Log.of(schema, ORIGIN, Registry({"counted": Counted}, {}), keys)


def counters(pool: Pool, counted: Kept) -> Counters:
    """A ledger of counters."""
    ledger: Counters = Ledger(pool, counted, COUNTER)
    ledger.begin()
    return ledger


@pytest.fixture
def ledger(pool: Pool, counted: Kept) -> Counters:
    """A ledger of counters with an empty log."""
    return counters(pool, counted)


def test_facts_are_appended_and_remembered(ledger: Counters, pool: Pool, counted: Kept) -> None:
    """A command's facts are in the log with their place and time, and another process sees them."""
    stream = uuid4()

    recorded = ledger.handle(stream, 3, None)

    assert [entry.originator_version for entry in recorded.entries] == [1, 2, 3]
    assert recorded.position == 3
    assert recorded.entries[0].recorded_at is not None
    assert counters(pool, counted).load(stream) == ([1, 2, 3], 3)


def test_what_was_logged_is_known_without_reading_it_back(
    ledger: Counters, pool: Pool, counted: Kept, schema: str
) -> None:
    """The entries that a command gives are those of the log, byte for byte, whoever else writes in between."""
    stream, elsewhere = uuid4(), counters(pool, counted)
    given = [
        entry
        for which, command in enumerate((1, 3, 1, 2, 2, 1))
        for entry in (ledger, ledger, elsewhere)[which % 3].handle(stream, command, None).entries
    ]

    with pool.connection() as connection:
        rows = connection.execute(f"SELECT entry, leaf_hash FROM {schema}.event ORDER BY position").fetchall()
    assert [entry.logged for entry in given] == [entry for entry, _ in rows]
    assert [leaf_hash(entry.logged) for entry in given] == [stored for _, stored in rows]
    assert [parse_entry(entry.logged).seq for entry in given] == list(range(1, 11))
    assert [entry.logged for entry in ledger.entries(stream)] == [entry for entry, _ in rows]


def test_a_refusal_appends_nothing(ledger: Counters) -> None:
    """What the decider raises comes out, and the next command is decided on the same state."""
    stream = uuid4()
    ledger.handle(stream, 99, None)

    with pytest.raises(TooHighError):
        ledger.handle(stream, 2, None)

    assert ledger.handle(stream, 1, None).version == 100


def test_a_state_that_has_fallen_behind_never_decides(ledger: Counters, pool: Pool, counted: Kept) -> None:
    """After another process wrote, a command is decided on the present state, whether it is taken or refused."""
    stream, elsewhere = uuid4(), counters(pool, counted)
    ledger.handle(stream, 10, None)
    elsewhere.handle(stream, 80, None)

    assert ledger.handle(stream, 5, None).version == 95
    elsewhere.handle(stream, 5, None)
    with pytest.raises(TooHighError):
        ledger.handle(stream, 1, None)


def test_concurrent_commands_each_get_their_own_result(ledger: Counters, pool: Pool, counted: Kept) -> None:
    """Two processes and eight threads count one stream up without losing or doubling a number."""
    stream, elsewhere = uuid4(), counters(pool, counted)

    def count(which: int) -> list[int]:
        done = (ledger, elsewhere)[which % 2].handle(stream, 1, None)
        return [entry.event.number for entry in done.entries]

    with ThreadPoolExecutor(4) as threads:
        numbers = [number for result in threads.map(count, range(40)) for number in result]

    assert sorted(numbers) == list(range(1, 41))


def handle_all(ledger: Counters, stream: UUID, commands: list[int]) -> tuple[Any, list[tuple[int, Exception]]]:
    """Decide several commands and collect the refusals."""
    refused: list[tuple[int, Exception]] = []
    recorded = ledger.handle_all(
        stream,
        [(command, None) for command in commands],
        datetime.now(UTC),
        lambda index, reason: refused.append((index, reason)),
        Exception,
        harmless=AgainError,
    )
    return recorded, refused


def test_all_or_nothing(ledger: Counters) -> None:
    """One refusal among several commands: nothing is appended, and every refusal is told."""
    stream = uuid4()

    recorded, refused = handle_all(ledger, stream, [50, 60, 10, 90])

    assert recorded is None
    assert [index for index, _ in refused] == [1, 3]
    assert ledger.load(stream) == ([], 0)


def test_harmless_refusals_do_not_stop_the_others(ledger: Counters) -> None:
    """What has been recorded before is told and passed over."""
    stream = uuid4()

    recorded, refused = handle_all(ledger, stream, [2, 0, 3])

    assert [entry.event.number for entry in recorded.entries] == [1, 2, 3, 4, 5]
    assert [index for index, _ in refused] == [1]
