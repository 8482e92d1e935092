"""The whole time in care as one picture: the homes as bars, the significant changes as marks in their tones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from domain.dates import PartialDate, parse_partial_date
from domain.voice.verdict import VerdictClass
from domain.voice.wording import CLASSES, Tone

LANES: Final = 3
_APART: Final = 3.0
"""How far apart, in hundredths of the width, two marks of one lane stand at least."""
_LABELS: Final = 5
_LEAST_DAYS: Final = 60
_NARROW: Final = 4.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One home, from and for so many hundredths of the width."""

    start: str
    width: str
    number: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One significant change."""

    at: str
    lane: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Year:
    """One year on the scale."""

    at: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The picture, and one sentence that says the same."""

    sentence: str
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    years: tuple[Year, ...]
    lanes: int


def overview(state: Mapping[str, Any], voices: Mapping[str, dict[str, Any]], on: date) -> Overview | None:
    """Draw the time in care up to its end or to this day; nothing, where there is too little to draw."""
    changes = sorted(
        (at, CLASSES[VerdictClass(voice["now"]["class"])].tone)
        for voice in voices.values()
        if voice["significant"] and (at := _first_day(voice["effective"]) or _first_day(voice["decided"])) is not None
    )
    homes = [at for home in state["placements"] if (at := _first_day(home["since"])) is not None and at <= on]
    end = min(_first_day(state["closed_on"]) or on, on)
    begun = [at for at, _ in changes] + homes + [each for each in (_first_day(state["looked_after_from"]),) if each]
    undated = sum(voice["significant"] for voice in voices.values()) - len(changes)
    if not begun or not changes or (end - min(begun)).days < _LEAST_DAYS:
        return None
    scale = _Scale(min(begun), max(end, changes[-1][0]))
    marks = _in_lanes([(scale.at(at), tone) for at, tone in changes])
    return Overview(
        sentence=_sentence(scale, len(homes), len(changes), undated),
        bars=tuple(_bars(scale, homes, end)),
        marks=marks,
        years=tuple(_years(scale)),
        lanes=max(mark.lane for mark in marks) + 1,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def at(self, day: date) -> float:
        """Give the place of a day in hundredths of the width."""
        return 100 * (day - self.first).days / max(1, (self.last - self.first).days)


def _bars(scale: _Scale, homes: list[date], end: date) -> list[Bar]:
    bars = []
    for number, (start, until) in enumerate(pairwise([*homes, end]), start=1):
        width = scale.at(until) - scale.at(start)
        if width > 0:
            bars.append(Bar(_percent(scale.at(start)), _percent(width), str(number) if width >= _NARROW else ""))
    return bars


def _in_lanes(marks: list[tuple[float, Tone]]) -> tuple[Mark, ...]:
    last_in_lane = [-_APART] * LANES
    placed = []
    for at, tone in marks:
        free = [lane for lane in range(LANES) if at - last_in_lane[lane] >= _APART]
        lane = free[0] if free else min(range(LANES), key=last_in_lane.__getitem__)
        last_in_lane[lane] = at
        placed.append(Mark(_percent(at), lane, tone))
    return tuple(placed)


def _years(scale: _Scale) -> list[Year]:
    starts = range(scale.first.year + 1, scale.last.year + 1)
    step = max(1, -(-len(starts) // _LABELS))
    return [
        Year(_percent(at), str(year), "end" if at > 100 - _NARROW else "middle")
        for year in starts[::step]
        if (at := scale.at(date(year, 1, 1))) >= _NARROW
    ]


def _sentence(scale: _Scale, homes: int, changes: int, undated: int) -> str:
    span = f"{scale.first.year} to {scale.last.year}" if scale.first.year != scale.last.year else str(scale.first.year)
    home_words = {0: "", 1: "1 home and "}.get(homes, f"{homes} homes and ")
    more = f", and {undated} more without a date" if undated else ""
    return f"{span}: {home_words}{changes} big change{'' if changes == 1 else 's'}{more}"


def _percent(number: float) -> str:
    return f"{number:.2f}%"


def _first_day(stated: str | None) -> date | None:
    if stated is None:
        return None
    when: PartialDate = parse_partial_date(stated)
    return when.first_day
