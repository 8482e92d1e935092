"""What rounds of turns come to when several ways of appending are compared, at several numbers of writers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from ops.bench.load import Turn

Round = Mapping[int, Mapping[str, Turn]]
"""One turn of each way of appending, at each number of writers."""


@dataclass(frozen=True, slots=True)
class Against:
    """What one way has to reach at a number of writers, against another in the same round."""

    name: str
    other: str
    least: Mapping[int, float]
    """How many times the other's rate at least, by the number of writers."""
    slowest_below_half_of: Sequence[int] = ()
    """At which numbers of writers its p99 has to stay below the other's p50."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A target, what was measured, and whether it was met."""

    says: str
    measured: float
    met: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One way of appending at one number of writers, over all rounds."""

    writers: int
    name: str
    rate: float
    slowest: float
    fastest: float
    p50: float
    p99: float
    times: Mapping[str, float]
    """The median of the ratios within each round, to each of the ways it is compared with."""
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON: appends a second, milliseconds, ratios."""
        return {
            "writers": self.writers,
            "name": self.name,
            "per_second": round(self.rate, 1),
            "slowest_round": round(self.slowest, 1),
            "fastest_round": round(self.fastest, 1),
            "p50_ms": round(self.p50, 3),
            "p99_ms": round(self.p99, 3),
            "times": {other: round(ratio, 3) for other, ratio in self.times.items()},
            "targets": [
                {"target": each.says, "measured": round(each.measured, 3), "met": each.met} for each in self.findings
            ],
        }


def cells(rounds: Sequence[Round], beside: Mapping[str, Sequence[str]], targets: Iterable[Against]) -> list[Cell]:
    """Sum rounds up; `beside` names for each way those it is compared with."""
    wanted = tuple(targets)
    return [
        _cell(rounds, writers, name, beside.get(name, ()), wanted)
        for writers, ways in rounds[0].items()
        for name in ways
    ]


def _cell(rounds: Sequence[Round], writers: int, name: str, others: Sequence[str], targets: Sequence[Against]) -> Cell:
    turns = [each[writers][name] for each in rounds]
    times = {
        other: median(each[writers][name].rate / each[writers][other].rate for each in rounds)
        for other in others
        if other in rounds[0][writers]
    }
    findings = [
        found
        for target in targets
        if target.name == name and target.other in rounds[0][writers]
        for found in _findings(rounds, writers, target)
    ]
    return Cell(
        writers=writers,
        name=name,
        rate=median(turn.rate for turn in turns),
        slowest=min(turn.rate for turn in turns),
        fastest=max(turn.rate for turn in turns),
        p50=median(turn.p50 for turn in turns),
        p99=median(turn.p99 for turn in turns),
        times=times,
        findings=tuple(findings),
    )


def _findings(rounds: Sequence[Round], writers: int, target: Against) -> Iterable[Finding]:
    pairs = [(each[writers][target.name], each[writers][target.other]) for each in rounds]
    if (least := target.least.get(writers)) is not None:
        ratio = median(own.rate / other.rate for own, other in pairs)
        yield Finding(f"at least {least:g} x {target.other}", ratio, ratio >= least)
    if writers in target.slowest_below_half_of:
        share = median(own.p99 / other.p50 for own, other in pairs)
        yield Finding(f"p99 below the p50 of {target.other}", share, share < 1)


LIMIT: Final = "pgbench, one row"
STOCK_RECORDER: Final = "stock recorder"
STOCK_RECORDER_FASTEST: Final = "stock recorder, fastest (unsafe)"
STOCK_SAVE: Final = "stock save"
STOCK_SAVE_FASTEST: Final = "stock save, fastest (unsafe)"
STOCK_COMMAND: Final = "stock load, decide, save"
STOCK_COMMAND_FASTEST: Final = "stock load, decide, save, fastest (unsafe)"
STOCK_HTTP: Final = "stock over HTTP"
OURS_RECORDER: Final = "sealed, recorder"
OURS_COMMAND: Final = "sealed, load, decide, append"
OURS_HTTP: Final = "sealed, over HTTP"

STOCK_TIMELINE: Final = "stock runner, timeline"
OURS_TIMELINE: Final = "opened and verified, timeline"
OURS_ALL: Final = "opened and verified, every projection"

BESIDE: Final[Mapping[str, Sequence[str]]] = {
    STOCK_RECORDER: (LIMIT,),
    STOCK_RECORDER_FASTEST: (LIMIT, STOCK_RECORDER),
    OURS_RECORDER: (LIMIT, STOCK_RECORDER),
    STOCK_SAVE: (LIMIT, STOCK_RECORDER),
    STOCK_SAVE_FASTEST: (LIMIT, STOCK_SAVE),
    STOCK_COMMAND: (LIMIT, STOCK_SAVE),
    STOCK_COMMAND_FASTEST: (LIMIT, STOCK_COMMAND),
    OURS_COMMAND: (LIMIT, STOCK_COMMAND),
    STOCK_HTTP: (LIMIT, STOCK_COMMAND),
    OURS_HTTP: (LIMIT, STOCK_HTTP),
    OURS_TIMELINE: (STOCK_TIMELINE,),
    OURS_ALL: (STOCK_TIMELINE,),
}
"""Which ways each is compared with: PostgreSQL's limit, and the library's way of doing the same."""

TARGETS: Final = (
    Against(OURS_RECORDER, STOCK_RECORDER, {1: 1, 16: 7, 32: 9, 64: 11}, (16, 32, 64)),
    Against(OURS_RECORDER, LIMIT, {32: 0.5, 64: 0.75}),
    Against(OURS_HTTP, STOCK_HTTP, {16: 4, 32: 4, 64: 4}),
    Against(OURS_TIMELINE, STOCK_TIMELINE, {1: 25}),
)
