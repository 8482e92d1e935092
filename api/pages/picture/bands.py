"""Bands on a line: what held from one day to another, with its name where there is room for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.pages.fields import Value
from api.pages.picture.scale import Scale, percent
from domain.dates import PartialDate, Precision
from projections.overview.overview import Stay

_LEAST: Final = 1.2
"""The least width of a band, in hundredths: what was short is still seen."""
_LETTER: Final = 0.0078
"""The width of a letter as a part of a picture of 1000 pixels."""
_MARGIN: Final = 14


@dataclass(frozen=True, slots=True)
class Band:
    """One band across, from and for so many hundredths of the width."""

    at: float
    width: float
    said: Value
    time: str
    text: str
    even: bool
    holds: bool
    goes_on: bool
    unsure: tuple[tuple[str, str], ...]
    """Where its ends are vague: from and for so much of the width."""
    more: int = 0
    """How many more began where it began: too short to be drawn by themselves."""

    @property
    def x(self) -> str:
        """Give its start."""
        return percent(self.at)

    @property
    def across(self) -> str:
        """Give its width."""
        return percent(self.width)


def bands(  # noqa: PLR0913 - each is one thing a band needs
    stays: Sequence[Stay],
    scale: Scale,
    end: date,
    *,
    pixels: int,
    said: Callable[[Stay], Value],
    time: Callable[[Stay], str],
    names: Callable[[Stay, int], Sequence[str]],
) -> tuple[Band, ...]:
    """
    Give the bands of stays whose start is known and not ahead; `names` are tried from the longest on.

    Where there is no room for several by themselves, one band stands for all: it leads to the last one.
    """
    begun = [
        (scale.at(stay.since.first_day), scale.at(_last_day(stay, stay.since, end)), number, stay)
        for number, stay in enumerate(stays, start=1)
        if stay.since and stay.since.first_day <= end
    ]
    made: list[Band] = []
    for group in _together(begun):
        start, _, _, first = group[0]
        _, until, number, stay = group[-1]
        width = max(_LEAST, until - start)
        room = width * pixels / 100 - _MARGIN
        offered = names(stay, number) if room > 0 and len(group) == 1 else ()
        made.append(
            Band(
                at=start,
                width=width,
                said=said(stay),
                time=time(stay),
                text=next((name for name in offered if len(name) * _LETTER * 1000 <= room), ""),
                even=len(made) % 2 == 1,
                holds=stay.holds,
                goes_on=not stay.ended,
                unsure=_unsure(first.since, scale) + _unsure(stay.until, scale),
                more=len(group) - 1,
            )
        )
    return tuple(made)


_Begun = tuple[float, float, int, Stay]


def _together(begun: Sequence[_Begun]) -> list[list[_Begun]]:
    groups: list[list[_Begun]] = []
    for each in begun:
        if groups and each[0] - groups[-1][0][0] < _LEAST:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _last_day(stay: Stay, since: PartialDate, end: date) -> date:
    if stay.until is not None:
        return min(stay.until.first_day, end)
    return since.first_day if stay.ended else end


def _unsure(when: PartialDate | None, scale: Scale) -> tuple[tuple[str, str], ...]:
    if when is None or when.precision not in (Precision.MONTH, Precision.YEAR):
        return ()
    start, end = scale.at(when.first_day), scale.at(when.last_day)
    return ((percent(start), percent(end - start)),) if end > start else ()
