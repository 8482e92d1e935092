"""The benchmark: it fills, serves, asks, and its arithmetic is right. How fast a machine is, no test says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from api.casework import Casework
from api.settings import Settings
from domain.case.fact import Fact
from domain.case.registry import COMMAND
from ledger.log import Log
from ops.authority import Authority
from ops.bench.arithmetic import Target, change, outcomes
from ops.bench.children import record_of
from ops.bench.filling import child, fill
from ops.bench.load import LoadFailed, Turn, turn_of
from projections.catalogue import PROJECTIONS
from projections.engine.rebuild import rebuild
from projections.engine.runner import Runner

Pool = ConnectionPool[psycopg.Connection[Any]]


def test_a_child_is_the_same_every_time() -> None:
    """The same seed makes the same record up, another one another; every command has the shape of one."""
    assert list(record_of(3, 50)) == list(record_of(3, 50))
    assert list(record_of(3, 50)) != list(record_of(4, 50))
    for body in record_of(3, 200):
        COMMAND.validate_python(body)


def rows(pool: Pool, schema: str) -> dict[str, list[Any]]:
    """Everything all projections hold."""
    with pool.connection() as connection:
        return {
            table: connection.execute(
                SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(Identifier(schema, table))
            ).fetchall()
            for each in PROJECTIONS
            for table in each.tables
        }


def test_copied_rows_are_what_the_projections_would_make(
    database: str, pool: Pool, schema: str, ledger: Casework, kept: Log[Fact]
) -> None:
    """Children are added up to the number asked for, once; a rebuild of every projection changes no row."""
    ready = Authority(
        Settings(DATABASE_URL=database, authority=schema),
        pool,
        kept,
        ledger,
        Runner(pool, kept, PROJECTIONS),
        kept.mapper._keys,  # type: ignore[arg-type]
    )
    ready.runner.prepare()

    assert fill(ready, 2, lambda _done, _all: None, entries=40, long=60, models=2) == 60 + 2 * 40
    assert fill(ready, 5, lambda _done, _all: None, entries=40, long=60, models=2) == 3 * 40
    assert fill(ready, 5, lambda _done, _all: None, entries=40, long=60, models=2) == 0
    filled = rows(pool, schema)
    assert len(filled["timeline"]) == 60 + 5 * 40
    for projection in PROJECTIONS:
        rebuild(pool, kept, projection)
    assert rows(pool, schema) == filled
    assert len({child(number) for number in range(100)}) == 100


def test_medians_ratios_and_targets() -> None:
    """Ratios are taken within each round, so that a slow round does not count as a slow endpoint."""
    rounds = [
        {"constant": Turn(1000, 1, 2), "json": Turn(200, 5, 9), "page": Turn(10, 100, 200)},
        {"constant": Turn(100, 10, 20), "json": Turn(30, 50, 90), "page": Turn(2, 500, 900)},
        {"constant": Turn(900, 1, 2), "json": Turn(90, 6, 11), "page": Turn(9, 110, 210)},
    ]
    targets = {"json": Target(least_ratio=0.2), "page": Target(most_p50=110)}

    constant, fast, page = outcomes(rounds, "constant", targets)

    assert (constant.ratio, constant.rate, constant.met) == (1, 900, None)
    assert (fast.ratio, fast.rate, fast.slowest, fast.fastest, fast.p50, fast.p99) == (0.2, 90, 30, 200, 6, 11)
    assert fast.met
    assert page.met is False
    assert change(fast, fast) == 0
    slower = outcomes([{"constant": Turn(100, 1, 1), "json": Turn(18, 1, 1)}], "constant", targets)[1]
    assert change(fast, slower) == pytest.approx(-10)
    assert not slower.met


def test_what_the_client_says() -> None:
    """Rates come from the requests and the time they took; a failed request spoils the turn."""
    said = 'thread 1\nRESULT {"requests":500,"microseconds":2000000,"failed":0,"p50":1500,"p99":9000,"slowest":9500}\n'

    assert turn_of(said) == Turn(250, 1.5, 9)
    with pytest.raises(LoadFailed):
        turn_of(said.replace('"failed":0', '"failed":1'))
    with pytest.raises(LoadFailed):
        turn_of("unable to connect")


@pytest.mark.skipif(shutil.which("wrk") is None and os.geteuid() != 0, reason="wrk is missing and cannot be installed")
def test_the_whole_run(database: str, tmp_path: Path) -> None:
    """With very few children it runs to its end and tells of every address, with none of them failing."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "DATABASE_URL": database, "BEFOREHAND_HOME": str(tmp_path), "PYTHONPATH": str(root)}
    few = ["--children", "2", "--long", "300", "--rounds", "1", "--seconds", "5"]
    command = [sys.executable, "-P", "-m", "ops", "bench", "read", *few]
    with psycopg.connect(database, autocommit=True) as connection:
        try:
            done = subprocess.run(
                [*command, "--json"], cwd=root, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            told = json.loads(done.stdout)
            assert len(told["outcomes"]) == 9
            assert all(each["requests_per_second"] > 0 for each in told["outcomes"])
        finally:
            connection.execute("DROP SCHEMA IF EXISTS bench CASCADE")
