"""`beforehand bench`: what the product does under load on this machine."""

from __future__ import annotations

import re
from typing import Final

from ops.bench import appending
from ops.bench.primitives import bench_ledger
from ops.bench.reading import Choices, bench_read
from ops.command_line.speaking import fail

_MICROSECONDS: Final = {"us": 1, "ms": 1_000}
_LATENCY: Final = re.compile(r"([0-9]+)(us|ms)")
_LONGEST: Final = 100_000
"""Microseconds: what PostgreSQL takes as a delay of a commit."""
_MOST_WRITERS: Final = 128


def read(  # noqa: PLR0913 - one for each option
    children: int, long: int, rounds: int, seconds: float, *, grow: bool, as_json: bool
) -> None:
    """Measure reading."""
    bench_read(Choices(children, long, rounds, seconds, grow), as_json=as_json)


def append(  # noqa: PLR0913 - one for each option
    writers: str, rounds: int, seconds: float, commit_latency: str, *, projections: bool, grow: bool, as_json: bool
) -> None:
    """Measure appending."""
    choices = appending.Choices(_writers(writers), rounds, seconds, _latency(commit_latency), projections, grow)
    appending.bench_append(choices, as_json=as_json)


def ledger(rounds: int, *, as_json: bool) -> None:
    """Measure the operations that a ledger is made of."""
    bench_ledger(rounds, as_json=as_json)


def _writers(said: str) -> tuple[int, ...]:
    numbers = said.split(",")
    if not all(each.strip().isdecimal() and 0 < int(each) <= _MOST_WRITERS for each in numbers):
        fail(f"{said!r} is no list of numbers from 1 to {_MOST_WRITERS}. Say it like this: --writers 1,16,64", 2)
    return tuple(dict.fromkeys(map(int, numbers)))


def _latency(said: str) -> int:
    """Read how many microseconds a commit is to take longer; 0 for none."""
    if not said:
        return 0
    match = _LATENCY.fullmatch(said)
    microseconds = 0 if match is None else int(match[1]) * _MICROSECONDS[match[2]]
    if not 0 < microseconds <= _LONGEST:
        fail(f"{said!r} is no time up to 100 ms. Say it like this: --commit-latency 2ms", 2)
    return microseconds
