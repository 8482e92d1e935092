"""The order of things around one decision: what came first, what came next, and how long it was between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Final, TypeGuard

from api.pages.fields import Links, corrected, corrections_of
from api.pages.language import say
from api.pages.moments import Moment, length, moment
from domain.case.decision import DecisionTookEffect, DecisionWithdrawn
from domain.case.telling import ChildNotTold, ChildTold
from domain.dates import Order, PartialDate, Precision, civil
from projections.answers import Shown

_MOST_VIEWS: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `between` is the time since the step before, or that their order is not known."""

    look: str
    name: str
    when: Moment
    href: str | None = None
    between: str = ""


@dataclass(frozen=True, slots=True)
class _Point:
    look: str
    name: str
    when: PartialDate
    rank: int
    href: str | None = None


def sequence_of(decision: Shown, spoken: Sequence[Shown], after: Sequence[Shown], links: Links) -> tuple[Step, ...]:
    """Give the steps around a decision in the order of their dates; what has no date is left out."""
    points = sorted(_points(decision, spoken, after, links), key=cmp_to_key(_compared))
    steps = []
    for place, each in enumerate(points):
        between = "" if place == 0 else _between(points[place - 1].when, each.when)
        steps.append(Step(each.look, each.name, moment(each.when), each.href, between))
    return tuple(steps)


def _points(decision: Shown, spoken: Sequence[Shown], after: Sequence[Shown], links: Links) -> Iterable[_Point]:
    fact = decision.entry.event
    fixed = corrections_of(decision.attached)
    for each in spoken[-_MOST_VIEWS:]:
        if _dated(each.when):
            yield _Point("view", say(each.entry.event.PHRASE), each.when, 1, links.to(each.entry.event.ref))
    decided, effective = corrected(fact, fixed, "decided")[0], corrected(fact, fixed, "effective")[0]
    if _dated(decided):
        yield _Point("decision", say("This was decided"), decided, 2)
    yield from _written(decision)
    happened = [each for each in after if isinstance(each.entry.event, DecisionTookEffect)]
    if happened and _dated(happened[-1].when):
        yield _Point("effect", say("It happened"), happened[-1].when, 4, links.to(happened[-1].entry.event.ref))
    elif _dated(effective):
        yield _Point("effect", say("It took effect"), effective, 4)
    for each in after:
        if isinstance(each.entry.event, ChildTold | ChildNotTold | DecisionWithdrawn) and _dated(each.when):
            look = "told" if isinstance(each.entry.event, ChildTold) else "other"
            yield _Point(look, say(each.entry.event.PHRASE), each.when, 5, links.to(each.entry.event.ref))


def _written(decision: Shown) -> Iterable[_Point]:
    """When the decision was written down: in its own source, where it came from one."""
    entry, source = decision.entry, decision.entry.event.by.provenance
    if source is not None:
        if _dated(source.recorded):
            yield _Point("written", say("It was written down"), source.recorded, 3)
    elif entry.recorded_at is not None:
        yield _Point("written", say("It was written down"), PartialDate.on(civil(entry.recorded_at).date()), 3)


def _dated(when: object) -> TypeGuard[PartialDate]:
    return isinstance(when, PartialDate) and when.precision is not Precision.UNKNOWN


def _compared(one: _Point, other: _Point) -> int:
    """Order two points as their dates do; where those leave it open, a decision comes before what follows from it."""
    match one.when.compare(other.when):
        case Order.BEFORE:
            return -1
        case Order.AFTER:
            return 1
        case _:
            return one.rank - other.rank


def _between(first: PartialDate, second: PartialDate) -> str:
    if first.by(second):
        days = (second.first_day - first.last_day).days
        return say("{time} later", time=length(days)) if days > 0 else say("the same day")
    if first.first_day == second.last_day and first.last_day == second.first_day:
        return say("the same day")
    return say("which came first is not clear")
