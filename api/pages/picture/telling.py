"""The picture told in words: every mark and every band, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.pages.fields import Links, Value
from api.pages.language import say, say_number
from api.pages.moments import moment
from api.pages.picture import names
from api.pages.picture.marks import Mark
from projections.overview.overview import Overview, Stay


@dataclass(frozen=True, slots=True)
class Told:
    """One mark or band: when, which lane it is in, what it is, and what more there is to say."""

    when: str
    lane: str
    said: Value
    more: str
    at: datetime


def told(overview: Overview, links: Links, marks: Iterable[Mark]) -> tuple[Told, ...]:
    """Tell every mark and every band, the earliest first."""
    found = [_mark(mark, links) for mark in marks]
    found += _stays(overview.homes, say("Home"), links, names.home)
    found += _stays(overview.away, say("A short stay somewhere else"), links, names.home)
    found += _stays(overview.orders, say("Legal order"), links, names.order)
    for person, arranged in overview.contact.items():
        lane = say("Contact with {name}", name=links.names.get(person, person))
        found += _stays(arranged, lane, links, names.contact)
    found += _stays(overview.gaps, say("Gap"), links, names.missing)
    return tuple(sorted(found, key=lambda each: each.at))


def _mark(mark: Mark, links: Links) -> Told:
    first, last = mark.items[0], mark.items[-1]
    if mark.number == 1:
        return Told(moment(first.when).text, "", first.said, first.more, first.when.first)
    time = say("{since} to {until}", since=moment(first.when).text, until=moment(last.when).text)
    said = say_number("{label}: {number} time", "{label}: {number} times", mark.number, label=first.label)
    return Told(time, "", Value(said, links.to_year(first.when.first.year)), "", first.when.first)


def _stays(stays: Iterable[Stay], lane: str, links: Links, said: names.Naming) -> list[Told]:
    return [
        Told(names.time(stay), lane, said(stay, links), "", stay.since.first if stay.since else datetime.max)  # noqa: DTZ901
        for stay in stays
    ]
