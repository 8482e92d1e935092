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

    Of several that begin in one place only the last is drawn: it is the one that went on.
    """
    begun = [(scale.at(stay.since.first_day), stay) for stay in stays if stay.since and stay.since.first_day <= end]
    made: list[Band] = []
    more = 0
    for number, (start, stay) in enumerate(begun, start=1):
        if number < len(begun) and begun[number][0] - start < _LEAST:
            more += 1
            continue
        assert stay.since is not None  # noqa: S101 - picked above
        until = min(stay.until.first_day, end) if stay.until else stay.since.first_day if stay.ended else end
        width = max(_LEAST, scale.at(until) - start)
        room = width * pixels / 100 - _MARGIN
        fitting = [name for name in names(stay, number) if len(name) * _LETTER * 1000 <= room] if room > 0 else []
        made.append(
            Band(
                at=start,
                width=width,
                said=said(stay),
                time=time(stay),
                text=fitting[0] if fitting else "",
                even=number % 2 == 0,
                holds=stay.holds,
                goes_on=not stay.ended,
                unsure=_unsure(stay.since, scale) + _unsure(stay.until, scale),
                more=more,
            )
        )
        more = 0
    return tuple(made)


def _unsure(when: PartialDate | None, scale: Scale) -> tuple[tuple[str, str], ...]:
    if when is None or when.precision not in (Precision.MONTH, Precision.YEAR):
        return ()
    start, end = scale.at(when.first_day), scale.at(when.last_day)
    return ((percent(start), percent(end - start)),) if end > start else ()
