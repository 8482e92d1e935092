"""Dates, ages and lengths of time in words, never more exact than the record is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from api.pages.language import say, say_number
from domain.ages import months_lived
from domain.dates import PartialDate, Precision

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_BABY_MONTHS: Final = 24
_A_FEW_DAYS: Final = 3
_TWO_MONTHS: Final = 60
_TWO_YEARS: Final = 730
_DAYS_PER_MONTH: Final = 30.44
_DAYS_PER_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in words, with its form for machines where it has one."""

    text: str
    machine: str | None


def moment(when: PartialDate | None) -> Moment:
    """Give a moment as precisely as it was stated and no more."""
    if when is None or when.precision is Precision.UNKNOWN:
        return Moment(say("date not known"), None)
    first = when.first
    match when.precision:
        case Precision.YEAR:
            text = str(first.year)
        case Precision.MONTH:
            text = f"{_month(first.month)} {first.year}"
        case Precision.DAY:
            text = day(first.date())
        case Precision.INSTANT:
            text = f"{day(first.date())}, {first:%H:%M}"
    return Moment(text, f"{first:%Y-%m-%dT%H:%M}" if when.precision is Precision.INSTANT else str(when))


def day(on: date) -> str:
    """Give a day in words: `3 May 2011`."""
    return f"{on.day} {_month(on.month)} {on.year}"


def months() -> tuple[str, ...]:
    """Give the names of the months."""
    return tuple(_month(number) for number in range(1, 13))


def age(born: PartialDate | None, when: PartialDate | None) -> str:
    """Give the age at a moment: `aged 9`, `aged 9 or 10`, `aged 5 months`, or that it is not known."""
    lived = months_lived(born, when)
    if lived is None:
        return say("age not known")
    youngest, oldest = lived
    if oldest < 0:
        return say("before birth")
    low, high = max(youngest, 0) // 12, oldest // 12
    if oldest < _BABY_MONTHS:
        return _baby(max(youngest, 0), oldest)
    if low == high:
        return say("aged {years}", years=low)
    between = say("aged {low} or {high}", low=low, high=high)
    return between if high - low == 1 else say("aged {low} to {high}", low=low, high=high)


def lag(when: PartialDate | None, recorded: date) -> str | None:
    """Say how long after the moment it was written down, where that is more than a few days."""
    if when is None or when.precision is Precision.UNKNOWN:
        return None
    late = (recorded - when.last_day).days
    return say("{time} later", time=length(late)) if late > _A_FEW_DAYS else None


def length(days: int) -> str:
    """Give a number of days in words, in the unit a reader would use."""
    if days < _TWO_MONTHS:
        return say_number("{number} day", "{number} days", days)
    if days < _TWO_YEARS:
        return say_number("about {number} month", "about {number} months", round(days / _DAYS_PER_MONTH))
    return say_number("about {number} year", "about {number} years", round(days / _DAYS_PER_YEAR))


def _month(number: int) -> str:
    return say(MONTHS[number - 1])


def _baby(youngest: int, oldest: int) -> str:
    if oldest == 0:
        return say("less than a month old")
    if youngest == oldest:
        return say_number("aged {number} month", "aged {number} months", oldest)
    if oldest - youngest == 1:
        return say("aged {low} or {high} months", low=youngest, high=oldest)
    return say("aged {low} to {high} months", low=youngest, high=oldest)
