"""The engine: exactly once, in batches, fenced, rebuilt beside the live tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from api.casework import Casework
from domain.case.command import Act
from domain.case.fact import Fact, Role
from domain.case.registry import COMMAND
from ledger.log import Log
from projections.catalogue import PROJECTIONS
from projections.engine import runner as engine
from projections.engine.rebuild import rebuild
from projections.engine.runner import Follower, Runner
from projections.timeline.projection import Timeline

Pool = ConnectionPool[psycopg.Connection[Any]]


def moment() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def act() -> Act:
    """Somebody records something now."""
    return Act("worker.1", Role.SOCIAL_WORKER, datetime.now(UTC), uuid4(), uuid4())


def record(ledger: Casework, case: UUID, *bodies: dict[str, Any]) -> None:
    """Record some commands."""
    for body in bodies:
        ledger.handle(case, COMMAND.validate_python(body), act())


def a_case(ledger: Casework, visits: int = 2) -> UUID:
    """A case with a view, a decision and some visits."""
    case = uuid4()
    record(
        ledger,
        case,
        {"do": "open_case", "child": "Mina", "born": "2015-06"},
        {
            "do": "record_view",
            "ref": "v1",
            "matters": ["placement"],
            "expressed": "2026-01-09",
            "account": "Wants to stay",
        },
        {"do": "decide_placement_move", "ref": "d1", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2026-01-12"},
        *({"do": "record_visit", "visited": f"2026-02-{day:02}", "seen_alone": "YES"} for day in range(1, visits + 1)),
    )
    return case


def rows(pool: Pool, schema: str, table: str) -> list[Any]:
    """Everything a table holds, in a fixed order."""
    with pool.connection() as connection:
        statement = SQL("SELECT * FROM {} ORDER BY 1, 2").format(Identifier(schema, table))
        return connection.execute(statement).fetchall()


def everything(pool: Pool, schema: str) -> dict[str, list[Any]]:
    """Everything all projections hold."""
    return {table: rows(pool, schema, table) for each in PROJECTIONS for table in each.tables}


@pytest.fixture
def runner(pool: Pool, kept: Log[Fact]) -> Runner:
    """A runner of all projections with its tables made."""
    runner = Runner(pool, kept, PROJECTIONS)
    runner.prepare()
    return runner


def test_rows_and_position_move_together(
    runner: Runner, ledger: Casework, pool: Pool, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a projection fails in the middle of a batch, no projection has moved and no row is left; then it goes on."""
    a_case(ledger)
    monkeypatch.setattr(
        type(PROJECTIONS[-1]), "apply", lambda *_: (_ for _ in ()).throw(RuntimeError("stopped in the middle"))
    )
    with pytest.raises(RuntimeError, match="stopped"):
        runner.catch_up()
    assert not any(everything(pool, schema).values())
    with pool.connection() as connection:
        assert {position for _, position in runner.positions(connection).values()} == {0}

    monkeypatch.undo()

    assert runner.catch_up() == 5
    assert len(rows(pool, schema, "timeline")) == 5


def test_batches_of_any_size_give_the_same_rows(  # noqa: PLR0913 - fixtures
    ledger: Casework, pool: Pool, schema: str, runner: Runner, monkeypatch: pytest.MonkeyPatch, kept: Log[Fact]
) -> None:
    """One entry at a time, or all at once: the rows are the same."""
    for visits in (1, 4, 9):
        a_case(ledger, visits)
    runner.catch_up()
    at_once = everything(pool, schema)
    with pool.connection() as connection:
        for table in at_once:
            connection.execute(SQL("TRUNCATE {}").format(Identifier(schema, table)))
        connection.execute(SQL("UPDATE {} SET position = 0").format(Identifier(schema, "projection")))
    monkeypatch.setattr(engine, "BATCH", 1)

    Runner(pool, kept, PROJECTIONS).catch_up()

    assert everything(pool, schema) == at_once


def test_two_runners_count_every_entry_once(
    ledger: Casework, pool: Pool, schema: str, runner: Runner, kept: Log[Fact]
) -> None:
    """Two followers of one log, woken at every append: each entry has one row."""
    other = Runner(pool, kept, PROJECTIONS)
    with Follower(runner, moment) as first, Follower(other, moment) as second:
        for _ in range(10):
            a_case(ledger)
            first.ring()
            second.ring()
    runner.catch_up()

    timeline = rows(pool, schema, "timeline")
    assert sorted(row[2] for row in timeline) == list(range(1, 51))


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda each: each.name)
def test_a_rebuild_gives_the_same_rows(  # noqa: PLR0913 - fixtures
    projection: Any, ledger: Casework, pool: Pool, schema: str, runner: Runner, kept: Log[Fact]
) -> None:
    """A rebuild in one pass gives just what following entry by entry gave, and following goes on behind it."""
    for visits in (1, 4, 9):
        a_case(ledger, visits)
    runner.catch_up()
    before = everything(pool, schema)
    heard: list[tuple[int, int]] = []

    position = rebuild(pool, kept, projection, lambda done, total: heard.append((done, total)))

    assert position == 23
    assert heard[-1] == (23, 23)
    assert everything(pool, schema) == before
    a_case(ledger)
    assert runner.catch_up() == 28
    assert len(rows(pool, schema, "timeline")) == 28


def test_what_is_recorded_during_a_rebuild_is_not_lost(
    ledger: Casework, pool: Pool, schema: str, runner: Runner, kept: Log[Fact]
) -> None:
    """Entries appended while the new tables are made are in them when they change places with the old."""
    a_case(ledger)
    runner.catch_up()

    def meanwhile(_done: int, _all: int) -> None:
        a_case(ledger)

    rebuild(pool, kept, Timeline(), meanwhile)

    assert len(rows(pool, schema, "timeline")) == 10
    assert runner.catch_up() == 10


def test_a_rebuild_broken_off_leaves_the_live_rows(
    ledger: Casework, pool: Pool, schema: str, runner: Runner, kept: Log[Fact]
) -> None:
    """The live tables answer as before, and the next rebuild starts over."""
    a_case(ledger)
    runner.catch_up()
    before = everything(pool, schema)

    def power_cut(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(pool, kept, Timeline(), power_cut)

    assert everything(pool, schema) == before
    rebuild(pool, kept, Timeline())
    assert everything(pool, schema) == before


def test_a_projection_of_another_version_waits_for_its_rebuild(
    ledger: Casework, pool: Pool, kept: Log[Fact], runner: Runner
) -> None:
    """A changed projection is not fed by the old rows' tracking: it is named as outdated until rebuilt."""

    class Changed(Timeline):
        version = Timeline.version + 1

    a_case(ledger)
    runner.catch_up()
    changed = Runner(pool, kept, [Changed(), *PROJECTIONS[1:]])
    changed.prepare()

    assert [each.name for each in changed.outdated()] == ["timeline"]
    changed.catch_up()
    rebuild(pool, kept, Changed())
    assert changed.outdated() == []


def test_time_alone_changes_an_answer(ledger: Casework, pool: Pool, schema: str, runner: Runner) -> None:
    """An emergency of today, nobody asked: its window is open, and closed for whoever counts in a month."""
    case, today = uuid4(), moment().date().isoformat()
    record(
        ledger,
        case,
        {"do": "open_case", "child": "Mina", "born": "2015-06"},
        {
            "do": "decide_placement_move",
            "kind": "PLACEMENT_MOVE_EMERGENCY",
            "matters": ["placement"],
            "decided": today,
            "effective": today,
            "urgency": "EMERGENCY",
            "ground": "REG14_3_IMMEDIATE_RISK",
            "not_practicable_reason": "It was the middle of the night",
        },
    )
    runner.catch_up()
    assert [row[3] for row in rows(pool, schema, "voice")] == ["EMERGENCY_WINDOW_OPEN"]
    assert runner.turn(moment()) == 0

    assert runner.turn(moment() + timedelta(days=30)) == 1

    assert [row[3] for row in rows(pool, schema, "voice")] == ["EMERGENCY_NO_VIEW"]
    assert runner.turn(moment() + timedelta(days=30)) == 0


def test_a_follower_outlives_what_goes_wrong(
    ledger: Casework, pool: Pool, schema: str, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something unforeseen in a batch: the follower says so, tries again, and has everything in the end."""
    once = iter([True])
    apply = Timeline.apply

    def trips_once(self: Timeline, *arguments: Any) -> None:
        if next(once, False):
            raise ZeroDivisionError
        apply(self, *arguments)

    monkeypatch.setattr(Timeline, "apply", trips_once)
    a_case(ledger)

    with Follower(runner, moment) as follower:
        for _ in range(1000):
            follower.ring()
            if len(rows(pool, schema, "timeline")) == 5:
                break

    assert next(once, "used") == "used"
    assert len(rows(pool, schema, "timeline")) == 5


def test_a_case_of_any_identifier_is_rebuilt(
    ledger: Casework, pool: Pool, schema: str, runner: Runner, kept: Log[Fact]
) -> None:
    """The lowest identifier there can be is an identifier like any other."""
    record(ledger, UUID(int=0), {"do": "open_case", "child": "Mina", "born": "2015-06"})
    runner.catch_up()
    before = everything(pool, schema)

    for projection in PROJECTIONS:
        rebuild(pool, kept, projection)

    assert everything(pool, schema) == before
    assert len(before["timeline"]) == 1
