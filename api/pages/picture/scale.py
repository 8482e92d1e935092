"""Days on a line: which day stands where, and what is written along it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from api.pages.language import say
from api.pages.moments import MONTHS, age
from domain.dates import PartialDate

LEAST_DAYS: Final = 14
_EDGE: Final = 2.0
"""How much of the width stays free at either end, in hundredths."""
_WEEKS_UP_TO: Final = 70
_MONTHS_UP_TO: Final = 800
_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the lanes, and what is written under it."""

    at: str
    text: str
    age: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From the first day to the last."""

    first: date
    last: date

    @classmethod
    def over(cls, first: date, last: date) -> Scale:
        """Make a scale that is at least a fortnight long."""
        return cls(first, max(last, first + timedelta(days=LEAST_DAYS)))

    @property
    def days(self) -> int:
        """Give how many days it covers."""
        return (self.last - self.first).days

    def at(self, day: date) -> float:
        """Give the place of a day in hundredths of the width; days outside stand at the edge."""
        within = min(max(day, self.first), self.last)
        return _EDGE + (100 - 2 * _EDGE) * (within - self.first).days / self.days

    def middle(self, when: PartialDate) -> float:
        """Give the place of a moment: the middle of what it can mean."""
        return (self.at(when.first_day) + self.at(when.last_day)) / 2

    def ticks(self, most: int, born: PartialDate | None) -> tuple[Tick, ...]:
        """Give at most so many ticks: days, months or years, whatever suits its length, with the age then."""
        days = self._days(most)
        step = max(1, -(-len(days) // most))
        shown = days[::step]
        return tuple(self._tick(day, born, first=day == shown[0]) for day in shown)

    def _days(self, most: int) -> list[date]:
        if self.days <= _WEEKS_UP_TO:
            apart = max(1, self.days // most)
            return [self.first + timedelta(days=away) for away in range(0, self.days + 1, apart)]
        years = range(self.first.year, self.last.year + 1)
        months = range(1, 13, 3) if self.days <= _MONTHS_UP_TO else (1,)
        starts = [date(year, month, 1) for year in years for month in months]
        return [day for day in starts if self.first < day <= self.last]

    def _tick(self, day: date, born: PartialDate | None, *, first: bool) -> Tick:
        place = self.at(day)
        anchor = "start" if place < 5 * _EDGE else "end" if place > 100 - 3 * _EDGE else "middle"
        return Tick(
            percent(place), self._text(day, first=first), age(born, PartialDate.on(day)) if born else "", anchor
        )

    def _text(self, day: date, *, first: bool) -> str:
        month = say(MONTHS[day.month - 1])
        if self.days <= _WEEKS_UP_TO:
            return f"{day.day} {month}"
        if day.month == 1 or self.days > _MONTHS_UP_TO:
            return str(day.year)
        return f"{month} {day.year}" if first else month


def percent(place: float) -> str:
    """Write a place across."""
    return f"{place:.2f}%"
