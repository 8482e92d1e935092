"""`beforehand bench read`: how fast records are read, beside an endpoint that returns a constant, in one run."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from ops.authority import Authority, authority, bring_up_to_date, plain_errors
from ops.bench.arithmetic import Outcome, Target, change, outcomes
from ops.bench.filling import child, fill
from ops.bench.load import CONNECTIONS, LoadFailed, Turn, drive, ensure_wrk
from ops.bench.server import CONSTANT
from ops.bench.serving import PATIENCE_SECONDS, serving
from ops.command_line.speaking import fail, print_json, progress, say
from ops.postgres import default_home

AUTHORITY: Final = "bench"
TENFOLD: Final = 10
WIDTH: Final = 150
MOST_CHANGE: Final = 10.0
"""Per cent: what nine times as many other children may change at most."""

THE_LONG_PAGE: Final = "timeline, page, long record"
TARGETS: Final[Mapping[str, Target]] = {
    "timeline, 50 entries, JSON": Target(least_ratio=0.15),
    "timeline, 300 entries, JSON": Target(least_ratio=0.04),
    THE_LONG_PAGE: Target(most_p50=300),
}
_ASKED_FOR: Final = 1_000
_READERS: Final[Mapping[str, int]] = {THE_LONG_PAGE: 1, "timeline, page": 4, "decision, page": 4}
"""How many ask at a time, where not 32: pages take so long that more would only queue, and one wait is a wait."""
_PROMPT_SECONDS: Final = 0.05
_PROMPT_TIMES: Final = 20


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever runs the benchmark has chosen."""

    children: int
    long: int
    rounds: int
    seconds: float
    grow: bool


def bench_read(choices: Choices, *, as_json: bool) -> None:
    """Fill, serve, take turns, and say what came out."""
    os.environ["BEFOREHAND_HOME"] = str(default_home() / "bench")
    wrk = ensure_wrk()
    with plain_errors(), authority(AUTHORITY) as ready:
        bring_up_to_date(ready)
        _filled(ready, choices.children, choices.long)
        before = _measured(ready, wrk, choices)
        after = None
        if choices.grow:
            _filled(ready, choices.children * TENFOLD, choices.long)
            after = _measured(ready, wrk, choices)
    if as_json:
        print_json(report(choices, before, after))
        return
    _print("", choices.children, before)
    if after is not None:
        _print("after growing: ", choices.children * TENFOLD, after)
        for was, now in zip(before, after, strict=True):
            if was.name in TARGETS and was.target is not None and was.target.least_ratio is not None:
                moved = change(was, now)
                verdict = "within" if abs(moved) <= MOST_CHANGE else "NOT within"
                say(f"{was.name}: {moved:+.1f} % with {TENFOLD} times the children ({verdict} {MOST_CHANGE:g} %)")


def report(choices: Choices, before: Sequence[Outcome], after: Sequence[Outcome] | None) -> dict[str, Any]:
    """Give everything as JSON."""
    told: dict[str, Any] = {
        "children": choices.children,
        "entries_of_the_long_record": choices.long,
        "rounds": choices.rounds,
        "seconds_a_turn": choices.seconds,
        "outcomes": [each.as_json() for each in before],
    }
    if after is not None:
        told["grown_to"] = choices.children * TENFOLD
        told["outcomes_grown"] = [each.as_json() for each in after]
        told["change_percent"] = {was.name: round(change(was, now), 1) for was, now in zip(before, after, strict=True)}
    return told


def addresses(children: int) -> dict[str, list[str]]:
    """Give what is asked for: the constant, and each kind of reading for the same children in the same mixed order."""
    numbers = list(range(1, min(children, _ASKED_FOR) + 1))
    Random(1).shuffle(numbers)  # noqa: S311 - an order, no secret
    ids = [child(number) for number in numbers]
    return {
        "constant": [CONSTANT],
        "timeline, 50 entries, JSON": [f"/v1/cases/{each}/timeline?limit=50" for each in ids],
        "timeline, 300 entries, JSON": [f"/v1/cases/{each}/timeline?limit=300" for each in ids],
        "decision, JSON": [f"/v1/cases/{each}/decisions/d2" for each in ids],
        "case, JSON": [f"/v1/cases/{each}" for each in ids],
        "list of cases, JSON": ["/v1/cases?limit=50"],
        "timeline, page": [f"/cases/{each}" for each in ids],
        "decision, page": [f"/cases/{each}/decisions/d2" for each in ids],
        THE_LONG_PAGE: [f"/cases/{child(0)}"],
    }


def _filled(ready: Authority, children: int, long: int) -> None:
    started = time.monotonic()
    with progress(f"Recording {children:,} children") as moved:
        added = fill(ready, children, moved, long=long)
    if added:
        with ready.pool.connection() as connection:
            connection.execute("VACUUM ANALYZE")
        say(f"{added:,} entries recorded and projected in {time.monotonic() - started:.0f} s.")


def _measured(ready: Authority, wrk: str, choices: Choices) -> list[Outcome]:
    asked = addresses(choices.children)
    rounds: list[dict[str, Turn]] = []
    with (
        serving("ops.bench.server", ready.settings) as base,
        tempfile.TemporaryDirectory() as folder,
        progress("Taking turns") as moved,
    ):
        for paths in asked.values():  # everybody has been asked once before anything counts
            with suppress(LoadFailed):
                drive(wrk, base, paths, 1, Path(folder), connections=1)
        for nth in range(choices.rounds):
            rounds.append({})
            for place, (name, paths) in enumerate(asked.items()):
                rounds[-1][name] = _turn(wrk, base, name, paths, choices.seconds, Path(folder))
                moved(nth * len(asked) + place + 1, choices.rounds * len(asked))
    return outcomes(rounds, "constant", TARGETS)


def _turn(  # noqa: PLR0913 - what a turn is made of
    wrk: str, base: str, name: str, paths: Sequence[str], seconds: float, folder: Path
) -> Turn:
    _let_finish(base)
    try:
        return drive(wrk, base, paths, seconds, folder, connections=_READERS.get(name, CONNECTIONS))
    except LoadFailed as failed:
        fail(f"{name}: {failed} What was measured would say nothing. See what the server says, and try again.")


def _let_finish(base: str) -> None:
    """Wait until the server has done with what the turn before has asked for and does not wait for any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    prompt = 0
    while prompt < _PROMPT_TIMES and time.monotonic() < deadline:
        asked = time.monotonic()
        urlopen(base + CONSTANT, timeout=PATIENCE_SECONDS).close()  # noqa: S310 - our own server
        prompt = prompt + 1 if time.monotonic() - asked < _PROMPT_SECONDS else 0


def _print(title: str, children: int, made: Sequence[Outcome]) -> None:
    table = Table(title=f"{title}{children:,} children with 300 entries each, and one with a long record")
    table.add_column("")
    for column in ("requests/s", "slowest - fastest", "p50 ms", "p99 ms", "of constant"):
        table.add_column(column, justify="right")
    table.add_column("target")
    for each in made:
        told = "" if each.target is None else f"{each.target}: {'met' if each.met else 'NOT MET'}"
        spread = f"{each.slowest:,.0f} - {each.fastest:,.0f}"
        row = (f"{each.rate:,.0f}", spread, f"{each.p50:.1f}", f"{each.p99:.1f}", f"{each.ratio:.3f}", told)
        table.add_row(each.name, *row)
    Console(width=WIDTH).print(table)
