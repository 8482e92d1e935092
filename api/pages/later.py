"""What the record did not hold yet on an earlier day, and what it got to say differently later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.pages.asking import Asked
from api.pages.fields import Links, Value
from api.pages.inquiry import Inquiry
from api.pages.language import say, say_number
from api.pages.moments import day, moment
from api.pages.shapes import Group, shape_of
from domain.case.registry import FACTS
from domain.dates import civil
from projections.answers import Shown
from projections.overview.overview import Later

_NAMED: Final = (Group.VIEW, Group.DECISION, Group.TOLD, Group.MEETING, Group.PEOPLE, Group.RECORD)
LISTED: Final = 30
"""How many of the entries that came later are named one by one."""


@dataclass(frozen=True, slots=True)
class CameLater:
    """What came into the record later: how many of each kind, some of them by name, and dates that were put right."""

    counted: tuple[str, ...]
    named: tuple[tuple[Value, str], ...]
    more: int
    redated: dict[str, tuple[str, str]]
    """By reference: the date that an entry has now, and its address now."""


async def came_later(inquiry: Inquiry, asked: Asked, shown: Sequence[Shown]) -> CameLater:
    """Tell what was recorded after a day about what had happened by then. Its links lead to the record as it is now."""
    found = await inquiry.answers.came_later(inquiry.id, asked.as_of)
    refs = [each.entry.event.ref for each in shown]
    current = await inquiry.answers.dates(inquiry.id, refs)
    now = Links(inquiry.root, "", {})
    return CameLater(
        counted=_counted(found),
        named=tuple(_named(each, now) for each in found[:LISTED]),
        more=max(0, len(found) - LISTED),
        redated={
            ref: (moment(current[ref]).text, now.to(ref))
            for each in shown
            if (ref := each.entry.event.ref) in current and current[ref] != each.when
        },
    )


def _counted(found: Sequence[Later]) -> tuple[str, ...]:
    numbers = Counter(shape_of(each.topic).group for each in found)
    named = {group: numbers.pop(group) for group in _NAMED if group in numbers}
    told = [_number_of(group, number) for group, number in named.items()]
    rest = numbers.total()
    return (*told, say_number("{number} other entry", "{number} other entries", rest)) if rest else tuple(told)


def _named(later: Later, links: Links) -> tuple[Value, str]:
    href = links.to_decision(later.ref) if shape_of(later.topic).group is Group.DECISION else links.to(later.ref)
    called = say(FACTS[later.topic].PHRASE) if later.topic in FACTS else later.ref
    recorded = say("written down on {day}", day=day(civil(later.recorded_at).date()))
    return Value(called, href, aside=moment(later.when).text), recorded


def _number_of(group: Group, number: int) -> str:
    match group:
        case Group.VIEW:
            return say_number("{number} time the child was asked", "{number} times the child was asked", number)
        case Group.DECISION:
            return say_number("{number} decision", "{number} decisions", number)
        case Group.TOLD:
            return say_number("{number} talk about a decision", "{number} talks about a decision", number)
        case Group.MEETING:
            return say_number("{number} meeting or visit", "{number} meetings or visits", number)
        case Group.PEOPLE:
            return say_number("{number} entry about people", "{number} entries about people", number)
        case _:
            return say_number("{number} note on the record", "{number} notes on the record", number)
