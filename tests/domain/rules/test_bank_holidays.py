"""The vendored list of holidays against the one GOV.UK publishes."""

from __future__ import annotations

from datetime import date, timedelta

from govuk_bank_holidays.bank_holidays import BankHolidays

from domain.rules.bank_holidays import ENGLAND_AND_WALES as CALENDAR
from domain.rules.bank_holidays import HOLIDAYS, VERSION
from domain.rules.rule import Period, Unit

FIRST, LAST = date(2012, 1, 1), date(2028, 12, 31)
SATURDAY = 6


def test_working_days_are_those_of_gov_uk() -> None:
    """On every day from 2012 to 2028 the calendar and GOV.UK agree whether it is a working day."""
    published = BankHolidays(use_cached_holidays=True)
    closed = {holiday["date"] for holiday in published.get_holidays(BankHolidays.ENGLAND_AND_WALES)}
    every_day = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]

    expected = [day for day in every_day if day.isoweekday() < SATURDAY and day not in closed]

    assert expected == [day for day in every_day if CALENDAR.is_working(day)]


def test_sums_of_working_days_are_those_of_gov_uk() -> None:
    """From every day of 2012 to 2028, 20 working days later is the day that stepping through GOV.UK's list gives."""
    published = BankHolidays(use_cached_holidays=True)
    closed = {holiday["date"] for holiday in published.get_holidays(BankHolidays.ENGLAND_AND_WALES)}
    end = LAST - timedelta(days=60)
    for start in (FIRST + timedelta(days=n) for n in range((end - FIRST).days)):
        day, left = start, 20
        while left:
            day += timedelta(days=1)
            left -= day.isoweekday() < SATURDAY and day not in closed

        assert day == CALENDAR.add(start, Period(20, Unit.WORKING_DAYS)), start


def test_every_year_has_its_holidays_once_and_in_order() -> None:
    """There is no year without at least eight weekday holidays, none twice, and none at a weekend."""
    assert list(HOLIDAYS) == sorted(set(HOLIDAYS))
    assert all(day.isoweekday() < SATURDAY for day in HOLIDAYS)
    by_year = {year: sum(day.year == year for day in HOLIDAYS) for year in range(1991, 2036)}
    more = {1999: 9, 2002: 9, 2011: 9, 2012: 9, 2022: 10, 2023: 9}

    assert {year: more.get(year, 8) for year in by_year} == by_year


def test_the_calendar_names_its_version() -> None:
    """Whoever stores a computed day can say by which list of holidays it was computed."""
    assert ("england-and-wales", VERSION) == (CALENDAR.id, CALENDAR.version)
    assert date(2026, 1, 1) < date.fromisoformat(VERSION)
