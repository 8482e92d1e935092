"""The benchmarks of writing: they append what they say, their arithmetic is right, and they run to their end."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from typer.testing import CliRunner

from api.casework import casework
from api.settings import Settings
from domain.case.fact import Fact
from domain.case.state import Case
from ledger.keys import open_file_keys
from ledger.log import Log
from ledger.mapper import Stamp
from ops.authority import Authority
from ops.bench.comparison import Against, cells
from ops.bench.following import cases as followed_cases
from ops.bench.following import fill_stock, follow, follow_stock
from ops.bench.growing import drop, grown
from ops.bench.load import LoadFailed, Turn
from ops.bench.ours import Ours
from ops.bench.pgbench import Pgbench, Size, program
from ops.bench.pgbench import turn_of as pgbench_turn_of
from ops.bench.primitives import measured, operations
from ops.bench.stock import DEFAULT, FASTEST, Stock
from ops.bench.turns import tasks, threads
from ops.bench.workload import BEGUN, ENTRIES, Hands, act_of, childhood
from ops.command_line.app import app
from ops.postgres import LocalPostgres
from projections.engine.runner import Runner

Pool = ConnectionPool[psycopg.Connection[Any]]


def test_a_childhood_can_be_lived_through_again() -> None:
    """Every command of a made-up childhood is accepted after those before it, whoever carries them out."""
    case, now = Case(uuid4()), datetime.now(UTC)

    for step in childhood(3):
        (fact,) = step.command.decide(case, act_of(uuid4(), now))
        assert fact.ref == step.fact.ref
        case.evolve(fact, Stamp(case.version + 1, now))

    assert case.version == ENTRIES
    assert {step.command.do for step in childhood(3)} > {"open_case", "record_view", "decide_placement_move"}


def test_writers_share_no_case_and_go_on_when_one_is_full() -> None:
    """Each writer goes round its own cases, version by version; after the last step a new case begins."""
    hands = Hands(2, cases_each=2)
    first = {case.id for case in hands.cases[0]}

    taken = [hands.take(0) for _ in range(2 * (ENTRIES - BEGUN) + 2)]

    assert {stream for stream, _, _ in taken[:-2]} == first
    assert [version for _, version, _ in taken[:4]] == [BEGUN + 1] * 2 + [BEGUN + 2] * 2
    assert [version for _, version, _ in taken[-2:]] == [1, 1]
    assert not {stream for stream, _, _ in taken[-2:]} & (first | {case.id for case in hands.cases[1]})
    assert all(len(case.begun) == BEGUN for case in hands.cases[1])


def test_ratios_are_taken_within_a_round() -> None:
    """A slow round does not count as a slow way; targets name what they were compared with, and what was measured."""
    rounds = [
        {16: {"limit": Turn(1000, 1, 2), "stock": Turn(100, 9, 9), "ours": Turn(800, 2, 5)}},
        {16: {"limit": Turn(100, 1, 2), "stock": Turn(10, 90, 99), "ours": Turn(60, 20, 50)}},
        {16: {"limit": Turn(1000, 1, 2), "stock": Turn(100, 9, 9), "ours": Turn(750, 2, 8)}},
    ]
    targets = [Against("ours", "stock", {16: 7}, (16,)), Against("ours", "limit", {16: 0.9, 32: 2})]

    limit, _, ours = cells(rounds, {"ours": ("limit", "stock")}, targets)

    assert (limit.times, limit.findings) == ({}, ())
    assert (ours.rate, ours.slowest, ours.fastest, ours.p50, ours.p99) == (750, 60, 800, 2, 8)
    assert ours.times == {"limit": 0.75, "stock": 7.5}
    assert [(each.says, each.met) for each in ours.findings] == [
        ("at least 7 x stock", True),
        ("p99 below the p50 of stock", True),
        ("at least 0.9 x limit", False),
    ]
    assert ours.as_json()["targets"][2] == {"target": "at least 0.9 x limit", "measured": 0.75, "met": False}


def test_turns_count_what_was_done() -> None:
    """Threads and tasks alike count every append and stop in time; one that fails spoils the turn."""
    done = [0, 0, 0]

    def append(writer: int) -> None:
        done[writer] += 1

    async def append_in_a_task(writer: int) -> None:
        append(writer)
        await asyncio.sleep(0)

    turn = threads(3, 0.05, append)
    assert all(done)
    counted = sum(done)
    assert turn.rate > 1
    assert turn.p50 <= turn.p99
    assert asyncio.run(tasks(3, 0.05, append_in_a_task)).rate > 1
    assert sum(done) > counted

    def fail(writer: int) -> None:
        raise ValueError(writer)

    async def fail_in_a_task(writer: int) -> None:
        fail(writer)

    with pytest.raises(LoadFailed):
        threads(2, 0.05, fail)
    with pytest.raises(LoadFailed):
        asyncio.run(tasks(2, 0.05, fail_in_a_task))


def test_what_pgbench_says() -> None:
    """The rate is the one without the time of connecting; a failed transaction spoils the turn."""
    said = "number of failed transactions: 0 (0.000%)\ninitial connection time = 9 ms\ntps = 1234.5 (without initial)\n"

    assert pgbench_turn_of(said, "", [1.0, 2.0, 3.0]) == Turn(1234.5, 2, 3)
    with pytest.raises(LoadFailed, match="failed"):
        pgbench_turn_of(said.replace("transactions: 0", "transactions: 3"), "", [1.0])
    with pytest.raises(LoadFailed, match="no such"):
        pgbench_turn_of("", "pgbench: error: no such database", [])


def test_pgbench_inserts_rows_of_the_size_asked_for(database: str, schema: str, tmp_path: Path) -> None:
    """The limit is measured with rows of as many bytes as ours have."""
    limit = Pgbench(program(LocalPostgres(tmp_path / "home")), database, schema, Size(276, 900))

    turn = limit.turn(2, 1, tmp_path)

    with psycopg.connect(database) as connection:
        row = connection.execute(
            f"SELECT count(*), min(octet_length(entry)), max(octet_length(state)) FROM {schema}.pgbench"  # type: ignore[arg-type]
        ).fetchone()
    assert row is not None
    assert row[0] > 10
    assert row[1:] == (276, 900)
    assert 0 < turn.p50 <= turn.p99


@pytest.mark.parametrize("settings", [DEFAULT, FASTEST], ids=["default", "fastest"])
def test_the_library_keeps_what_it_is_measured_with(database: str, schema: str, settings: dict[str, str]) -> None:
    """Recorder, save and command alike leave streams without gaps in the library's table."""
    beside = f"{schema}_stock"
    try:
        stock = Stock(database, beside, settings)
        for turn in (stock.recorder_turn, stock.save_turn, stock.command_turn):
            assert turn(2, 0.1).rate > 0
        with psycopg.connect(database) as connection:
            streams = connection.execute(
                f"SELECT count(*), max(originator_version) FROM {beside}.stock_events GROUP BY originator_id"  # type: ignore[arg-type]
            ).fetchall()
        assert all(count == last >= BEGUN for count, last in streams)
        assert any(last > BEGUN for _, last in streams)
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {beside} CASCADE")  # type: ignore[arg-type]


def test_both_runners_make_the_same_timeline(database: str, pool: Pool, kept: Log[Fact], tmp_path: Path) -> None:
    """From the same facts, the library's runner and ours write as many rows; neither is measured on less."""
    settings = Settings(DATABASE_URL=database, authority=kept.schema)
    keys: Any = kept.mapper._keys
    ready = Authority(settings, pool, kept, casework(pool, kept), Runner(pool, kept, ()), keys)
    cases, beside = followed_cases(300), f"{kept.schema}_stock"
    try:
        fill_stock(database, beside, cases)
        Ours(ready).keep(cases)
        assert follow_stock(database, beside).rate > 0
        assert follow(ready).rate > 0
        with psycopg.connect(database) as connection:
            theirs, ours = (
                connection.execute(
                    f"SELECT case_id, version, topic, ref, about, matters, people, when_stated FROM {each}.timeline ORDER BY 1, 2"  # type: ignore[arg-type]  # noqa: E501
                ).fetchall()
                for each in (beside, kept.schema)
            )
        assert len(ours) == 300
        assert theirs == ours
        assert follow(ready, all_of_them=True).rate > 0
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {beside} CASCADE")  # type: ignore[arg-type]


def test_a_log_that_grows(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The large log is filled once and measured beside the small one; proofs are made and checked in both."""
    monkeypatch.setenv("DATABASE_URL", database)
    try:
        found = grown(database, tmp_path, 1, 0.2, lambda _done, _all: None, small=300, large=1_200)
        assert [each.name for each in found.rates] == ["small", "large"]
        assert all(each.rate > 0 for each in found.rates)
        small, large = found.proving
        assert 300 < small.size < large.size
        assert 0 < small.hashes <= large.hashes <= large.size.bit_length()
    finally:
        drop(database, "bench_large")
        drop(database, "bench_small")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--writers", "4,x"], "no list of numbers"), (["--commit-latency", "2"], "no time")],
)
def test_what_cannot_be_measured(arguments: list[str], says: str) -> None:
    """A wrong option is refused with a sentence that shows a right one, before anything is started."""
    result = CliRunner().invoke(app, ["bench", "append", *arguments])

    assert result.exit_code == 2
    assert says in result.output
    assert arguments[0] in result.output


@pytest.mark.skipif(shutil.which("wrk") is None and os.geteuid() != 0, reason="wrk is missing and cannot be installed")
def test_the_whole_run(database: str, tmp_path: Path) -> None:
    """With two writers it runs to its end and tells of every way, with none of them failing."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "DATABASE_URL": database, "BEFOREHAND_HOME": str(tmp_path), "PYTHONPATH": str(root)}
    few = ["--writers", "2", "--rounds", "1", "--seconds", "0.3", "--no-projections", "--json"]

    done = subprocess.run(
        [sys.executable, "-P", "-m", "ops", "bench", "append", *few],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["cells"]) == 11
    assert all(each["per_second"] > 0 for each in told["cells"])
    with psycopg.connect(database) as connection:
        left = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'bench%'").fetchone()
    assert left == (0,)


def test_every_operation_of_the_ledger_is_measured(tmp_path: Path) -> None:
    """Each does what it says without failing, and is told with what it was designed to take."""
    costs = measured(operations(open_file_keys(tmp_path)), 1, seconds=0.0001)

    assert len({each.name for each in costs}) == len(costs) >= 15
    assert all(0 < each.best <= each.median for each in costs)
    assert sum(each.expected is not None for each in costs) >= 12
