"""What turns come to: medians, spread, ratios within a round, and whether a target was met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ops.bench.load import Turn


@dataclass(frozen=True, slots=True)
class Target:
    """What an address has to reach: a rate as a share of the constant's, or milliseconds at most for half of it."""

    least_ratio: float | None = None
    most_p50: float | None = None

    def __str__(self) -> str:
        if self.least_ratio is not None:
            return f"at least {self.least_ratio:g} of the constant"
        return f"p50 under {self.most_p50:g} ms"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all rounds of one address came to. `ratio` is the median of the ratios within each round."""

    name: str
    rate: float
    slowest: float
    fastest: float
    p50: float
    p99: float
    ratio: float
    target: Target | None

    @property
    def met(self) -> bool | None:
        """Tell whether the target was met; nothing where there is none."""
        if self.target is None:
            return None
        if self.target.least_ratio is not None:
            return self.ratio >= self.target.least_ratio
        return self.target.most_p50 is None or self.p50 < self.target.most_p50

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON: requests a second, milliseconds, shares."""
        return {
            "name": self.name,
            "requests_per_second": round(self.rate, 1),
            "slowest_round": round(self.slowest, 1),
            "fastest_round": round(self.fastest, 1),
            "p50_ms": round(self.p50, 2),
            "p99_ms": round(self.p99, 2),
            "of_constant": round(self.ratio, 4),
            "target": None if self.target is None else str(self.target),
            "met": self.met,
        }


def outcomes(rounds: Sequence[Mapping[str, Turn]], constant: str, targets: Mapping[str, Target]) -> list[Outcome]:
    """Sum up rounds in which every address had its turn, the constant included."""
    return [
        Outcome(
            name=name,
            rate=median(each[name].rate for each in rounds),
            slowest=min(each[name].rate for each in rounds),
            fastest=max(each[name].rate for each in rounds),
            p50=median(each[name].p50 for each in rounds),
            p99=median(each[name].p99 for each in rounds),
            ratio=median(each[name].rate / each[constant].rate for each in rounds),
            target=targets.get(name),
        )
        for name in rounds[0]
    ]


def change(before: Outcome, after: Outcome) -> float:
    """Give by how many per cent the share of the constant's rate has changed: the rest is the machine's own weather."""
    return 100 * (after.ratio / before.ratio - 1)
