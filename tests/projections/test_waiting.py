"""A reader who has just written waits for exactly that, and for no longer than a bound."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
from psycopg_pool import ConnectionPool

from api.casework import Casework
from domain.case.command import Act
from domain.case.fact import Fact, Role
from domain.case.registry import COMMAND
from ledger.log import Log
from ledger.mark import Mark
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Follower, Runner

Pool = ConnectionPool[psycopg.Connection[Any]]


def opened(ledger: Casework) -> int:
    """Open a case and give where it stands in the log."""
    act = Act("worker.1", Role.SOCIAL_WORKER, datetime.now(UTC), uuid4(), uuid4())
    return ledger.handle(uuid4(), COMMAND.validate_python({"do": "open_case", "child": "Mina"}), act).position


def test_what_was_written_is_there_after_waiting(pool: Pool, kept: Log[Fact], ledger: Casework) -> None:
    """Once the wait is over, every projection stands at the position or beyond."""
    runner = Runner(pool, kept, PROJECTIONS)
    with Follower(runner, lambda: datetime.now(UTC)) as follower:
        for _ in range(5):
            position = opened(ledger)
            assert asyncio.run(follower.caught_up(position, 10))
            with pool.connection() as connection:
                assert all(at >= position for _, at in runner.positions(connection).values())


def test_another_process_may_do_the_work(pool: Pool, kept: Log[Fact], ledger: Casework) -> None:
    """Rows that somebody else moved on count as well: the position is read from where all of them keep it."""
    with Follower(Runner(pool, kept, PROJECTIONS), lambda: datetime.now(UTC)) as follower:
        position = opened(ledger)
        Runner(pool, kept, PROJECTIONS).catch_up()
        assert asyncio.run(follower.caught_up(position, 10))


def test_a_wait_ends(pool: Pool, kept: Log[Fact], ledger: Casework) -> None:
    """What is not there by the bound is not waited for any longer."""
    with Follower(Runner(pool, kept, PROJECTIONS), lambda: datetime.now(UTC)) as follower:
        assert not asyncio.run(follower.caught_up(opened(ledger) + 1, 0.01))


def test_a_projection_that_waits_for_its_rebuild_is_not_there(
    pool: Pool, schema: str, ledger: Casework, kept: Log[Fact]
) -> None:
    """Nobody is told that rows hold what an outdated projection has not been given."""
    runner = Runner(pool, kept, PROJECTIONS)
    runner.prepare()
    with pool.connection() as connection:
        connection.execute(f"UPDATE {schema}.projection SET version = 0 WHERE name = 'people'")  # type: ignore[call-overload]
    with Follower(runner, lambda: datetime.now(UTC)) as follower:
        position = opened(ledger)
        assert asyncio.run(follower.seen.wait(position, 10))
        assert not asyncio.run(follower.caught_up(position, 0.01))


def test_everybody_who_waits_is_woken() -> None:
    """Many waiters in many loops, each for its own position, whatever the order of waiting and moving."""
    mark, woken = Mark(), []

    async def several(loop: int) -> None:
        woken.extend(await asyncio.gather(*(mark.wait(n, 10) for n in range(1, 50))))
        assert mark.position >= 49, loop

    threads = [Thread(target=lambda n=n: asyncio.run(several(n))) for n in range(4)]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for position in range(1, 50):
        mark.move(position)
    mark.move(3)
    for thread in threads:
        thread.join()
    assert woken == [True] * 4 * 49
    assert mark.position == 49
