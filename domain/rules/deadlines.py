"""
Deadlines: the last day on which something can still be done in time.

A deadline is a rule whose value is a period, or nothing where the law fixes no number of days (*as soon as is
reasonably practicable*, *immediately*): there is then no day after which the record could call it late.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from domain.rules.errors import DeadlineUnknown
from domain.rules.rule import Convention, Period, Rule, Unit, in_force

if TYPE_CHECKING:
    from domain.rules.pack import RulePack

_NEXT_WORKING_DAY: Final = Period(1, Unit.WORKING_DAYS, Convention.BEGINNING_WITH)


@dataclass(frozen=True, slots=True)
class Deadline(Rule[Period | None]):
    """
    A period that starts with a trigger, named as people say it: *became looked after*.

    `rolls_to_working_day`: a last day that is no working day moves to the next one. `keeps_time_of_day`: the period
    ends at the hour it began, not with the day.
    """

    _: KW_ONLY
    trigger: str
    rolls_to_working_day: bool = False
    keeps_time_of_day: bool = False


def last_lawful_day(pack: RulePack, deadline_id: str, trigger: date | datetime) -> date | datetime | None:
    """
    Give the last day of a deadline, or nothing where the pack fixes none for that trigger.

    Raises `DeadlineUnknown`, and `DateOutsideCalendar` where working days are counted beyond the calendar.
    """
    deadline = pack.deadlines.get(deadline_id)
    if deadline is None:
        raise DeadlineUnknown(pack.pin)
    if deadline.value is None or not in_force(deadline, trigger):
        return None
    last = pack.calendar.add(trigger, deadline.value)
    if deadline.rolls_to_working_day:
        last = pack.calendar.add(last, _NEXT_WORKING_DAY)
    if deadline.keeps_time_of_day and isinstance(trigger, datetime):
        return datetime.combine(last, trigger.timetz())
    return last
