"""The picture told in words: every mark and every band that is drawn, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.pages.fields import Links, Value
from api.pages.language import say, say_number
from api.pages.moments import moment
from api.pages.picture.bands import Band
from api.pages.picture.marks import Mark
from api.pages.picture.scale import Scale


class Marked(Protocol):
    """A mark with what it is called."""

    @property
    def mark(self) -> Mark:
        """The mark."""

    @property
    def said(self) -> Value:
        """What it is called, and where it leads."""

    @property
    def more(self) -> str:
        """What more there is to say."""


class Banded(Protocol):
    """Bands of one lane."""

    @property
    def lane(self) -> str:
        """What the lane is called."""

    @property
    def bands(self) -> Sequence[Band]:
        """The bands."""


@dataclass(frozen=True, slots=True)
class Told:
    """One mark or band: when, which lane it is in, what it is, and what more there is to say."""

    when: str
    lane: str
    said: Value
    more: str
    at: float


def told(
    marks: Iterable[Marked], rows: Iterable[Banded], gaps: Iterable[Band], links: Links, scale: Scale
) -> tuple[Told, ...]:
    """Tell every mark and every band, the earliest first."""
    found = [_mark(each, links, scale) for each in marks]
    found += [_band(band, row.lane) for row in rows for band in row.bands]
    found += [_band(band, say("Gap")) for band in gaps]
    return tuple(sorted(found, key=lambda each: each.at))


def _mark(marked: Marked, links: Links, scale: Scale) -> Told:
    mark = marked.mark
    first, last = mark.items[0], mark.items[-1]
    at = scale.middle(first.when)
    if mark.number == 1:
        return Told(moment(first.when).text, "", marked.said, marked.more, at)
    time = say("{since} to {until}", since=moment(first.when).text, until=moment(last.when).text)
    said = say_number("{label}: {number} time", "{label}: {number} times", mark.number, label=first.label)
    return Told(time, "", Value(said, links.to_year(first.when.first.year)), "", at)


def _band(band: Band, lane: str) -> Told:
    more = say_number("{number} more before it", "{number} more before it", band.more) if band.more else ""
    return Told(band.time, lane, band.said, more, band.at)
