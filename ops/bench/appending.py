"""
`beforehand bench append`: how fast facts are kept, beside PostgreSQL's own limit and the library that ours stands on.

Every round gives each way of appending one turn at each number of writers, one after the other, so that the machine's
own weather falls on all of them alike; ratios are taken within each round. All of them write over the same socket to
the same server, with `fsync` and `synchronous_commit` as they are in production.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier
from rich.console import Console
from rich.table import Table

from ops.authority import authority, plain_errors
from ops.bench.comparison import (
    BESIDE,
    LIMIT,
    OURS_ALL,
    OURS_COMMAND,
    OURS_HTTP,
    OURS_RECORDER,
    OURS_TIMELINE,
    STOCK_COMMAND,
    STOCK_COMMAND_FASTEST,
    STOCK_HTTP,
    STOCK_RECORDER,
    STOCK_RECORDER_FASTEST,
    STOCK_SAVE,
    STOCK_SAVE_FASTEST,
    STOCK_TIMELINE,
    TARGETS,
    Cell,
    cells,
)
from ops.bench.following import EVENTS, fill_stock, follow, follow_stock
from ops.bench.following import cases as followed_cases
from ops.bench.growing import LARGE, SMALL, Grown, grown
from ops.bench.load import LoadFailed, Turn, ensure_wrk
from ops.bench.ours import Ours
from ops.bench.pgbench import Pgbench, program
from ops.bench.posting import hands_for, post, warm
from ops.bench.serving import serving
from ops.bench.stock import DEFAULT, FASTEST, Stock
from ops.bench.workload import CHILDHOODS, Kept, childhood
from ops.command_line.speaking import fail, print_json, progress, say
from ops.postgres import LocalPostgres, default_home

WRITERS: Final = (1, 4, 16, 32, 64)
WIDTH: Final = 150

_OURS, _STOCK, _FASTEST, _LIMIT = "bench_append", "bench_stock", "bench_stock_fastest", "bench_pgbench"
_FRESH: Final = (_OURS, _STOCK, _FASTEST, _LIMIT)
_CONNECTIONS: Final = "200"
_ASKED: Final = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")

Way = Callable[[int, float, Path], Turn]
"""Takes a turn with so many writers, for so many seconds, with a folder to work in. Raises `LoadFailed`."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever runs the benchmark has chosen. `commit_latency` is in microseconds, 0 for the disk as it is."""

    writers: Sequence[int]
    rounds: int
    seconds: float
    commit_latency: int
    projections: bool
    grow: bool


def bench_append(choices: Choices, *, as_json: bool) -> None:
    """Take turns, and say what came out."""
    wrk = ensure_wrk()
    with plain_errors(), own_server() as (server, url):
        pgbench = program(server)
        asked = _server(url)
        measured = _measured(pgbench, url, wrk, choices)
        more: dict[str, list[Cell]] = {}
        if choices.commit_latency:
            with _latency(url, choices.commit_latency):
                more[f"a commit takes {choices.commit_latency / 1000:g} ms longer"] = _measured(
                    pgbench, url, wrk, choices
                )
        if choices.projections:
            more["projections"] = _followed(url, choices.rounds)
        size = _grown(url, choices) if choices.grow else None
        _fresh(url)
    if as_json:
        print_json(report(choices, asked, measured, more, size))
        return
    how = f"{choices.rounds} rounds of {choices.seconds:g} s a turn, medians"
    _print(f"Appending: {how}", measured)
    for title, found in more.items():
        _print(f"Appending, {title}: {how}" if title != "projections" else _PROJECTIONS_TITLE, found)
    if size is not None:
        _print(f"A log of {SMALL:,} and one of {LARGE:,} entries, sealed, recorder: {how}", size.rates)
        for each in size.proving:
            say(
                f"{each.size:,} entries: a proof of {each.hashes} hashes takes {each.proof:.2f} ms, "
                f"its check {each.verify:.2f} ms, a checkpoint {each.checkpoint:.1f} ms."
            )
    say("Fastest settings of the library are not safe: whoever follows its log may miss events (ops/decisions/0002).")


def report(
    choices: Choices,
    server: Mapping[str, str],
    measured: Sequence[Cell],
    more: Mapping[str, Sequence[Cell]],
    size: Grown | None,
) -> dict[str, Any]:
    """Give everything as JSON."""
    told: dict[str, Any] = {
        "rounds": choices.rounds,
        "seconds_a_turn": choices.seconds,
        "processors": os.cpu_count(),
        "load_average": [round(each, 2) for each in os.getloadavg()],
        "server": dict(server),
        "cells": [each.as_json() for each in measured],
    }
    for title, found in more.items():
        told[title.replace(" ", "_")] = [each.as_json() for each in found]
    if size is not None:
        told["size"] = size.as_json()
    return told


@contextmanager
def own_server() -> Iterator[tuple[LocalPostgres, str]]:
    """
    Give the benchmark's own server for the time of a `with`, or the address that `DATABASE_URL` names.

    It takes more connections than the product needs, since the library wants one for each writer.
    """
    home = default_home() / "bench-append"
    server = LocalPostgres(home, max_connections=_CONNECTIONS)
    os.environ.setdefault("BEFOREHAND_KEYS", str(home / "keys"))
    if named := os.environ.get("DATABASE_URL"):
        yield server, named
        return
    with server:
        os.environ["DATABASE_URL"] = server.dsn
        try:
            yield server, server.dsn
        finally:
            del os.environ["DATABASE_URL"]


@contextmanager
def _latency(url: str, microseconds: int) -> Iterator[None]:
    """Let every commit take longer, as on a disk across a network, for all who connect in the time of a `with`."""
    with psycopg.connect(url, autocommit=True) as connection:
        here = Identifier(connection.info.dbname)
        try:
            connection.execute(SQL("ALTER DATABASE {} SET commit_siblings = 0").format(here))
            connection.execute(SQL("ALTER DATABASE {} SET commit_delay = {}").format(here, microseconds))
        except psycopg.errors.InsufficientPrivilege:
            fail("Only a superuser of the database may let its commits take longer. Leave --commit-latency out.")
        try:
            yield
        finally:
            connection.execute(SQL("ALTER DATABASE {} RESET commit_delay").format(here))
            connection.execute(SQL("ALTER DATABASE {} RESET commit_siblings").format(here))


def _server(url: str) -> dict[str, str]:
    with psycopg.connect(url, autocommit=True) as connection:
        told: dict[str, str] = {}
        for name in _ASKED:
            row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            told[name] = "" if row is None else row[0]
    return told


def _fresh(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for schema in _FRESH:
            connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))


def _measured(pgbench: Path, url: str, wrk: str, choices: Choices) -> list[Cell]:
    with progress("Making cases up") as moved:
        for number in range(CHILDHOODS):
            childhood(number)
            moved(number + 1, CHILDHOODS)
    _fresh(url)
    rounds: list[dict[int, dict[str, Turn]]] = []
    with _ways(pgbench, url, wrk) as ways, tempfile.TemporaryDirectory() as folder, progress("Taking turns") as moved:
        done, turns = 0, choices.rounds * len(choices.writers) * len(ways)
        for _ in range(choices.rounds):
            rounds.append({})
            for writers in choices.writers:
                taken = rounds[-1][writers] = {}
                for name, way in ways.items():
                    taken[name] = _turn(name, way, writers, choices.seconds, Path(folder))
                    done += 1
                    moved(done, turns)
    return cells(rounds, BESIDE, TARGETS)


def _followed(url: str, rounds: int) -> list[Cell]:
    """Let the library's runner and ours make the timeline from the same facts, in turns."""
    _fresh(url)
    kept = followed_cases()
    fill_stock(url, _STOCK, kept)
    taken: list[dict[int, dict[str, Turn]]] = []
    with authority(_OURS) as ready, progress("Following") as moved:
        Ours(ready).keep(kept)
        for nth in range(rounds):
            turns = {STOCK_TIMELINE: follow_stock(url, _STOCK), OURS_TIMELINE: follow(ready)}
            taken.append({1: {**turns, OURS_ALL: follow(ready, all_of_them=True)}})
            moved(nth + 1, rounds)
    return cells(taken, BESIDE, TARGETS)


def _grown(url: str, choices: Choices) -> Grown:
    with progress(f"Filling {LARGE:,} entries") as moved, tempfile.TemporaryDirectory() as folder:
        return grown(url, Path(folder), choices.rounds, choices.seconds, moved)


_PROJECTIONS_TITLE: Final = f"Projections: {EVENTS:,} events followed, events a second, milliseconds each"


def _turn(name: str, way: Way, writers: int, seconds: float, folder: Path) -> Turn:
    try:
        return way(writers, seconds, folder)
    except LoadFailed as failed:
        fail(f"{name}, {writers} writers: {failed} What was measured would say nothing. Try again.")


@contextmanager
def _ways(pgbench: Path, url: str, wrk: str) -> Iterator[dict[str, Way]]:
    """Make everything ready, and give each way of appending by its name."""
    with authority(_OURS) as ready:
        ours = Ours(ready)
        limit = Pgbench(pgbench, url, _LIMIT, ours.size())
        stock, fastest = Stock(url, _STOCK, DEFAULT), Stock(url, _FASTEST, FASTEST)
        with (
            serving("ops.bench.server", ready.settings) as door,
            serving("ops.bench.stock_server", ready.settings.model_copy(update={"authority": _STOCK})) as stock_door,
        ):

            def stock_over_http(writers: int, seconds: float, folder: Path) -> Turn:
                hands = hands_for(writers, seconds)
                stock.begin(hands)
                return post(wrk, stock_door, hands, lambda case: f"/cases/{case.id}", seconds, folder)

            def over_http(writers: int, seconds: float, folder: Path) -> Turn:
                hands = hands_for(writers, seconds)
                ours.begin(hands)
                warm(door, hands, _path)
                return post(wrk, door, hands, _path, seconds, folder)

            yield {
                LIMIT: limit.turn,
                STOCK_RECORDER: partial(_without_folder, stock.recorder_turn),
                STOCK_RECORDER_FASTEST: partial(_without_folder, fastest.recorder_turn),
                OURS_RECORDER: partial(_without_folder, ours.recorder_turn),
                STOCK_SAVE: partial(_without_folder, stock.save_turn),
                STOCK_SAVE_FASTEST: partial(_without_folder, fastest.save_turn),
                STOCK_COMMAND: partial(_without_folder, stock.command_turn),
                STOCK_COMMAND_FASTEST: partial(_without_folder, fastest.command_turn),
                OURS_COMMAND: partial(_without_folder, ours.command_turn),
                STOCK_HTTP: stock_over_http,
                OURS_HTTP: over_http,
            }


def _path(case: Kept) -> str:
    return f"/v1/cases/{case.id}/commands"


def _without_folder(way: Callable[[int, float], Turn], writers: int, seconds: float, _folder: Path) -> Turn:
    return way(writers, seconds)


def _print(title: str, made: Sequence[Cell]) -> None:
    table = Table(title=title)
    table.add_column("writers", justify="right")
    table.add_column("", no_wrap=True)
    for column in ("per second", "slowest - fastest", "p50 ms", "p99 ms", "x pgbench", "x the library"):
        table.add_column(column, justify="right")
    writers = None
    for each in made:
        if each.writers != writers:
            table.add_section()
        table.add_row(
            str(each.writers) if each.writers != writers else "",
            each.name,
            f"{each.rate:,.0f}",
            f"{each.slowest:,.0f} - {each.fastest:,.0f}",
            f"{each.p50:.2f}",
            f"{each.p99:.2f}",
            f"{each.times[LIMIT]:.2f}" if LIMIT in each.times else "",
            next((f"{ratio:.2f}" for name, ratio in each.times.items() if name != LIMIT), ""),
        )
        writers = each.writers
    Console(width=WIDTH).print(table)
    for each in made:
        for found in each.findings:
            verdict = "met" if found.met else "NOT MET"
            say(f"{each.writers:>2} writers, {each.name}: {found.says}: {found.measured:.2f}, {verdict}")
