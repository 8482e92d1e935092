"""Counting periods on the calendar of England and Wales."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rules.bank_holidays import ENGLAND_AND_WALES as CALENDAR
from domain.rules.bank_holidays import HOLIDAYS
from domain.rules.calendar import DateOutsideCalendar, WorkingDays
from domain.rules.rule import Convention, Period, Unit

ONE_DAY = timedelta(days=1)
SATURDAY = 6

days = st.dates(date(1991, 6, 1), date(2035, 6, 1))
any_day = st.dates(date(1900, 1, 1), date(2100, 12, 31))
counts = st.integers(1, 65)
conventions = st.sampled_from(Convention)


def is_working(day: date) -> bool:
    """Say it the slow way."""
    return day.isoweekday() < SATURDAY and day not in HOLIDAYS


def naive(day: date, n: int, step: int, *, day_counts: bool) -> date:
    """Count working days one by one."""
    left = n - (day_counts and is_working(day))
    while left:
        day += step * ONE_DAY
        left -= is_working(day)
    return day


@given(days, counts)
def test_within_n_working_days_is_the_nth_working_day_after(day: date, n: int) -> None:
    """*Within n working days of X* ends on the n-th working day after X; X is not counted even where it is one."""
    assert naive(day, n, 1, day_counts=False) == CALENDAR.add(day, Period(n, Unit.WORKING_DAYS))


@given(days, counts)
def test_n_working_days_beginning_with_a_day_count_it(day: date, n: int) -> None:
    """*n working days beginning with X* count X where it is a working day."""
    period = Period(n, Unit.WORKING_DAYS, Convention.BEGINNING_WITH)

    expected = naive(day - ONE_DAY, n, 1, day_counts=False)

    assert expected == CALENDAR.add(day, period)


@given(days, counts)
def test_n_working_days_before_count_backwards(day: date, n: int) -> None:
    """*At least n working days before X* ends on the n-th working day before X."""
    period = Period(n, Unit.WORKING_DAYS, Convention.COUNTED_BACK)

    assert naive(day, n, -1, day_counts=False) == CALENDAR.add(day, period)


@given(days, counts, conventions)
def test_a_count_of_working_days_ends_on_a_working_day(day: date, n: int, convention: Convention) -> None:
    """The last lawful day of a count of working days is one itself."""
    last = CALENDAR.add(day, Period(n, Unit.WORKING_DAYS, convention))

    assert CALENDAR.is_working(last)
    assert is_working(last)


@given(days, days, counts, st.sampled_from(Unit), conventions)
def test_what_starts_later_never_ends_earlier(one: date, other: date, n: int, unit: Unit, kind: Convention) -> None:
    """A later trigger never gives an earlier last day, in no unit and under no convention."""
    period = Period(n, unit, kind)
    if unit is Unit.WORKING_DAYS:
        one, other = sorted((max(one, date(1992, 1, 1)), max(other, date(1992, 1, 1))))
    earlier, later = sorted((one, other))

    assert CALENDAR.add(earlier, period) <= CALENDAR.add(later, period)


@given(any_day, counts, st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS]))
def test_counting_the_first_day_ends_a_day_sooner(day: date, n: int, unit: Unit) -> None:
    """*Beginning with X* ends the day before *within n of X*, or on the last day of a month without such a date."""
    within = CALENDAR.add(day, Period(n, unit))
    beginning = CALENDAR.add(day, Period(n, unit, Convention.BEGINNING_WITH))

    no_such_date = unit is Unit.MONTHS and within.day < day.day

    assert (within if no_such_date else within - ONE_DAY) == beginning


@given(any_day, counts)
def test_days_and_weeks_are_plain_days(day: date, n: int) -> None:
    """Calendar days know no holidays, and a week is seven of them."""
    assert day + timedelta(days=n) == CALENDAR.add(day, Period(n, Unit.DAYS))
    assert day + timedelta(days=7 * n) == CALENDAR.add(day, Period(n, Unit.WEEKS))
    assert day - timedelta(days=n) == CALENDAR.add(day, Period(n, Unit.DAYS, Convention.COUNTED_BACK))


@given(any_day, counts)
def test_months_keep_the_day_or_end_with_the_month(day: date, n: int) -> None:
    """A count of months ends on the same day of the month, or on the last one where the month is too short."""
    last = CALENDAR.add(day, Period(n, Unit.MONTHS))

    assert (day.year * 12 + day.month + n) == last.year * 12 + last.month
    assert last.day == day.day or (last.day < day.day and (last + ONE_DAY).day == 1)


@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        (date(2026, 1, 31), Period(1, Unit.MONTHS), date(2026, 2, 28)),
        (date(2028, 1, 31), Period(1, Unit.MONTHS), date(2028, 2, 29)),
        (date(2026, 3, 1), Period(1, Unit.MONTHS, Convention.BEGINNING_WITH), date(2026, 3, 31)),
        (date(2026, 1, 31), Period(1, Unit.MONTHS, Convention.BEGINNING_WITH), date(2026, 2, 28)),
        (date(2026, 3, 31), Period(1, Unit.MONTHS, Convention.COUNTED_BACK), date(2026, 2, 28)),
        (date(2024, 2, 29), Period(1, Unit.YEARS), date(2025, 3, 1)),
        (date(2024, 2, 29), Period(4, Unit.YEARS), date(2028, 2, 29)),
        (date(2024, 2, 29), Period(1, Unit.YEARS, Convention.BEGINNING_WITH), date(2025, 2, 28)),
        (date(2024, 2, 29), Period(1, Unit.YEARS, Convention.COUNTED_BACK), date(2023, 2, 28)),
        (date(2025, 2, 28), Period(75, Unit.YEARS), date(2100, 2, 28)),
        # 8 May 2020 and not 4 May; two days running in June 2022; the State Funeral; the Coronation.
        (date(2020, 5, 7), Period(1, Unit.WORKING_DAYS), date(2020, 5, 11)),
        (date(2020, 5, 1), Period(1, Unit.WORKING_DAYS), date(2020, 5, 4)),
        (date(2022, 6, 1), Period(1, Unit.WORKING_DAYS), date(2022, 6, 6)),
        (date(2022, 9, 16), Period(1, Unit.WORKING_DAYS), date(2022, 9, 20)),
        (date(2023, 5, 5), Period(1, Unit.WORKING_DAYS), date(2023, 5, 9)),
    ],
)
def test_days_people_trip_over(start: date, period: Period, expected: date) -> None:
    """Short months, leap days, and holidays that no formula gives."""
    assert expected == CALENDAR.add(start, period)


def test_an_instant_counts_as_its_day() -> None:
    """A trigger with a time of day gives the same last day, as a day."""
    for unit in Unit:
        last = CALENDAR.add(datetime(2026, 3, 10, 16, 0), Period(1, unit))  # noqa: DTZ001 - civil time

        assert CALENDAR.add(date(2026, 3, 10), Period(1, unit)) == last
        assert type(last) is date


@pytest.mark.parametrize(
    ("start", "convention"),
    [
        (date(1990, 12, 31), Convention.DAY_NOT_COUNTED),
        (date(1965, 5, 3), Convention.BEGINNING_WITH),
        (date(1991, 1, 3), Convention.COUNTED_BACK),
        (date(2035, 12, 28), Convention.DAY_NOT_COUNTED),
        (date(2036, 1, 2), Convention.COUNTED_BACK),
    ],
)
def test_no_year_is_taken_to_be_without_holidays(start: date, convention: Convention) -> None:
    """A count that touches a year whose holidays are not known is refused, with the years that are and what to do."""
    with pytest.raises(DateOutsideCalendar, match=r"1991 to 2035.*must be added") as refused:
        CALENDAR.add(start, Period(5, Unit.WORKING_DAYS, convention))

    assert refused.value.code == "date_outside_calendar"
    assert str(start.year) not in refused.value.message.replace("1991", "").replace("2035", "")


def test_the_edges_of_the_calendar_can_be_counted_on() -> None:
    """The first and the last day of the calendar still count, and the days beyond have no answer."""
    assert date(1991, 1, 2) == CALENDAR.add(date(1991, 1, 1), Period(1, Unit.WORKING_DAYS))
    assert date(2035, 12, 31) == CALENDAR.add(date(2035, 12, 28), Period(1, Unit.WORKING_DAYS))
    assert not CALENDAR.is_working(date(1991, 1, 1))
    for beyond in (date(1990, 12, 31), date(2036, 1, 1)):
        with pytest.raises(DateOutsideCalendar):
            CALENDAR.is_working(beyond)


def test_other_units_reach_any_year() -> None:
    """Seventy-five years from a birth can be counted for everybody alive, holidays or not."""
    assert date(2019, 6, 1) == CALENDAR.add(date(1944, 6, 1), Period(75, Unit.YEARS))
    assert date(2101, 6, 1) == CALENDAR.add(date(2026, 6, 1), Period(75, Unit.YEARS))


def test_a_period_is_at_least_one_long() -> None:
    """*At once* has no last day, so nothing can be due within no days."""
    with pytest.raises(ValueError, match="1 or more"):
        Period(0, Unit.DAYS)


def test_another_calendar_has_its_own_holidays() -> None:
    """A calendar is its data: another list of holidays gives other working days."""
    day_off = WorkingDays("test", "1", [date(2026, 3, 11)], first_year=2026, last_year=2026)

    assert date(2026, 3, 12) == day_off.add(date(2026, 3, 10), Period(1, Unit.WORKING_DAYS))
    assert date(2026, 3, 11) == CALENDAR.add(date(2026, 3, 10), Period(1, Unit.WORKING_DAYS))
