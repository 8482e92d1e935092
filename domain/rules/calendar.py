"""
Counting periods: working days, days, weeks, months, years.

A working day is neither a Saturday nor a Sunday nor a holiday of the calendar (Care Planning Regulations 2010 reg 2,
from memory: Christmas Day, Good Friday, bank holidays). Bank holidays are proclaimed, not computed, so the calendar is
data with a version: whoever stores a computed day stores the version beside it. Working days outside the calendar's
years are refused, never guessed; the other units need no calendar and reach any year.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from domain.rules.errors import DateOutsideCalendar
from domain.rules.rule import Convention, Period, Unit

__all__ = ["DateOutsideCalendar", "WorkingDays"]

_SATURDAY: Final = 6
_DAYS_IN_A_WEEK: Final = 7
_MONTHS_IN_A_YEAR: Final = 12
_ONE_DAY: Final = timedelta(days=1)

# To look a member up on its enum costs as much as the rest of a count, and counts come in hundreds of thousands.
_WORKING_DAYS: Final = Unit.WORKING_DAYS
_DAYS: Final = Unit.DAYS
_WEEKS: Final = Unit.WEEKS
_MONTHS: Final = Unit.MONTHS
_DAY_NOT_COUNTED: Final = Convention.DAY_NOT_COUNTED
_BEGINNING_WITH: Final = Convention.BEGINNING_WITH


class WorkingDays:
    """The working days of whole years, laid out once so that a count is two look-ups."""

    __slots__ = ("_days", "_earlier", "_origin", "first_year", "id", "last_year", "version")

    def __init__(
        self, calendar_id: str, version: str, holidays: Iterable[date], *, first_year: int, last_year: int
    ) -> None:
        self.id: Final = calendar_id
        self.version: Final = version
        self.first_year: Final = first_year
        self.last_year: Final = last_year
        closed = frozenset(holidays)
        self._origin: Final = date(first_year, 1, 1).toordinal()
        # _days: every working day in order. _earlier[i]: how many of them lie before the i-th day from the origin;
        # it has one entry more than there are days, so that [i + 1] always exists.
        self._days: Final[list[date]] = []
        self._earlier: Final = [0]
        for ordinal in range(self._origin, date(last_year, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day.isoweekday() < _SATURDAY and day not in closed:
                self._days.append(day)
            self._earlier.append(len(self._days))

    def is_working(self, day: date) -> bool:
        """Tell whether it is a working day. Raises `DateOutsideCalendar`."""
        index = self._index(day)
        return self._earlier[index] != self._earlier[index + 1]

    def add(self, day: date, period: Period) -> date:
        """
        Give the last lawful day of a period that hangs on `day`.

        Raises `DateOutsideCalendar`, for working days only.
        """
        unit, n, convention = period.unit, period.n, period.convention
        if unit is _WORKING_DAYS:
            return self._count(day, n, convention)
        start = date.fromordinal(day.toordinal())  # an instant counts as its day
        if unit is _DAYS:
            return _count_days(start, n, convention)
        if unit is _WEEKS:
            return _count_days(start, n * _DAYS_IN_A_WEEK, convention)
        if unit is _MONTHS:
            return _count_months(start, n, convention)
        return _count_years(start, n, convention)

    def _count(self, day: date, n: int, convention: Convention) -> date:
        index = self._index(day)
        if convention is _DAY_NOT_COUNTED:
            position = self._earlier[index + 1] + n - 1
        elif convention is _BEGINNING_WITH:
            position = self._earlier[index] + n - 1
        else:
            position = self._earlier[index] - n
        if not 0 <= position < len(self._days):
            raise DateOutsideCalendar(self.first_year, self.last_year)
        return self._days[position]

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._origin
        if not 0 <= index < len(self._earlier) - 1:
            raise DateOutsideCalendar(self.first_year, self.last_year)
        return index


def _count_days(day: date, n: int, convention: Convention) -> date:
    if convention is _DAY_NOT_COUNTED:
        return day + timedelta(days=n)
    return day + timedelta(days=n - 1) if convention is _BEGINNING_WITH else day - timedelta(days=n)


def _count_months(day: date, n: int, convention: Convention) -> date:
    """Count to the corresponding date, or to the end of a month that has none (Dodds v Walker [1981] 1 WLR 1027)."""
    step = -n if convention is Convention.COUNTED_BACK else n
    year, month = divmod(day.year * _MONTHS_IN_A_YEAR + day.month - 1 + step, _MONTHS_IN_A_YEAR)
    length = monthrange(year, month + 1)[1]
    if day.day > length:
        return date(year, month + 1, length)
    corresponding = date(year, month + 1, day.day)
    return corresponding - _ONE_DAY if convention is _BEGINNING_WITH else corresponding


def _count_years(day: date, n: int, convention: Convention) -> date:
    """
    Count to the anniversary.

    House policy: 29 February is kept on 1 March where the year has none, the later of the two. Counted back, a year is
    twelve months: there the earlier day is the one that leaves the full time.
    """
    leap_day = (day.month, day.day) == (2, 29)
    if not leap_day or convention is Convention.COUNTED_BACK:
        return _count_months(day, n * _MONTHS_IN_A_YEAR, convention)
    year = day.year + n
    anniversary = date(year, 2, 29) if monthrange(year, 2)[1] == day.day else date(year, 3, 1)
    return anniversary - _ONE_DAY if convention is _BEGINNING_WITH else anniversary
