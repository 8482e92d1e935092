"""
World time as people state it: an instant, a day, a month, a year.

A partial date keeps its precision and is compared by what it can mean: `before`, `after`, `same`, or `unknown`.
Nobody compares strings, and nobody invents a day (SSDA903 guide, `zz/MM/YYYY`).
World time is civil time in England without an offset; recorded time is UTC and enters through `civil`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

CIVIL_ZONE: Final = ZoneInfo("Europe/London")
EARLIEST_YEAR: Final = 1900
LATEST_YEAR: Final = 2199
BEGINNING: Final = datetime.min  # noqa: DTZ901 - civil time
END: Final = datetime.max  # noqa: DTZ901 - civil time

_FORM: Final = re.compile(
    r"""(?P<year>\d{4}) (?: - (?P<month>\d\d) (?: - (?P<day>\d\d)
        (?: [T\ ] (?P<time>\d\d:\d\d (?: :\d\d (?: \.\d{1,6} )? )? ) (?: Z | [+-]\d\d:\d\d )? )? )? )?""",
    re.ASCII | re.VERBOSE,
)
_MONTH: Final = "(0[1-9]|1[0-2])"
_DAY: Final = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
_LEAP_YEAR: Final = "((19|20|21)(0[48]|[2468][048]|[13579][26])|2000)"
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_OFFSET: Final = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
WHOLE_DAY: Final = f"((19|20|21)[0-9]{{2}}-{_DAY}|{_LEAP_YEAR}-02-29)"
PARTIAL_DATE: Final = f"^((19|20|21)[0-9]{{2}}(-{_MONTH})?|{WHOLE_DAY}([T ]{_TIME}{_OFFSET}?)?)$"
"""Exactly the texts `PartialDate.parse` takes, as a pattern for schemas (but an offset may lead out of the years)."""

_END_OF_DAY: Final = time(23, 59, 59, 999999)


class Precision(StrEnum):
    """How exactly a date was stated."""

    INSTANT = "INSTANT"
    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"
    UNKNOWN = "UNKNOWN"


class Order(StrEnum):
    """How one moment lies to another, as far as the two can show it."""

    BEFORE = "BEFORE"
    SAME = "SAME"
    AFTER = "AFTER"
    UNKNOWN = "UNKNOWN"


class NotADate(ValueError):  # noqa: N818 - reads as the sentence it carries
    """The text is not a date that this record can hold."""

    code = "not_a_date"

    def __init__(self) -> None:
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """Say what to write instead. The text itself is left out: it may hold anything."""
        return (
            "This is not a date we can keep. Write a day (2011-05-03), a month (2011-05), a year (2011), "
            f"or a day with its time (2011-05-03T14:30), between {EARLIEST_YEAR} and {LATEST_YEAR}."
        )


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A moment as somebody stated it: every civil instant from `first` to `last` is what it may mean."""

    first: datetime
    last: datetime
    precision: Precision

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `2011`, `2011-05`, `2011-05-03` or `2011-05-03T14:30[:00]`, optionally with an offset.

        Raises `NotADate`.
        """
        form = _FORM.fullmatch(text)
        if form is None or not EARLIEST_YEAR <= int(form["year"]) <= LATEST_YEAR:
            raise NotADate
        try:
            if form["time"]:
                stated = datetime.fromisoformat(text.replace(" ", "T"))
                return cls.at(_within_the_years(stated if stated.tzinfo is None else civil(stated)))
            if form["day"]:
                return cls.on(date.fromisoformat(text))
            if form["month"]:
                return cls.in_month(int(form["year"]), int(form["month"]))
        except (ValueError, OverflowError):
            raise NotADate from None
        return cls.in_year(int(form["year"]))

    @classmethod
    def at(cls, instant: datetime) -> Self:
        """Make the moment of a civil instant."""
        return cls(instant, instant, Precision.INSTANT)

    @classmethod
    def on(cls, day: date) -> Self:
        """Make the moment that is some time on that day."""
        return cls(datetime.combine(day, time.min), datetime.combine(day, _END_OF_DAY), Precision.DAY)

    @classmethod
    def in_month(cls, year: int, month: int) -> Self:
        """Make the moment that is some time in that month."""
        first = date(year, month, 1)
        following = date(year + month // 12, month % 12 + 1, 1)
        return cls(_start(first), _end(following - timedelta(days=1)), Precision.MONTH)

    @classmethod
    def in_year(cls, year: int) -> Self:
        """Make the moment that is some time in that year."""
        return cls(_start(date(year, 1, 1)), _end(date(year, 12, 31)), Precision.YEAR)

    @classmethod
    def unknown_until(cls, last: datetime) -> Self:
        """Make the moment nobody stated, of which only the latest instant is known."""
        return cls(_start(date(EARLIEST_YEAR, 1, 1)), last, Precision.UNKNOWN)

    def or_earlier(self, other: PartialDate) -> PartialDate:
        """Give the earlier of two moments, which may be as vague as the vaguer of them."""
        if self.first <= other.first and self.last <= other.last:
            return self
        if other.first <= self.first and other.last <= self.last:
            return other
        vaguer = max(self.precision, other.precision, key=tuple(Precision).index)
        return PartialDate(min(self.first, other.first), min(self.last, other.last), vaguer)

    def until(self, last_day: date) -> PartialDate:
        """Leave out what it can mean after that day, which must lie within it."""
        return PartialDate(self.first, min(self.last, _end(last_day)), self.precision)

    @property
    def first_day(self) -> date:
        """The earliest day it can mean."""
        return self.first.date()

    @property
    def last_day(self) -> date:
        """The latest day it can mean."""
        return self.last.date()

    def compare(self, other: PartialDate) -> Order:
        """
        Order two moments: whole intervals first, then instants of one day, otherwise unknown.

        Two moments of the same day are `UNKNOWN` unless both have a time.
        """
        if self.last_day < other.first_day:
            return Order.BEFORE
        if self.first_day > other.last_day:
            return Order.AFTER
        if self.precision is Precision.INSTANT and other.precision is Precision.INSTANT:
            if self.first == other.first:
                return Order.SAME
            return Order.BEFORE if self.first < other.first else Order.AFTER
        return Order.UNKNOWN

    def before(self, other: PartialDate) -> bool:
        """Tell whether this is known to lie before the other."""
        return self.compare(other) is Order.BEFORE

    def after(self, other: PartialDate) -> bool:
        """Tell whether this is known to lie after the other."""
        return self.compare(other) is Order.AFTER

    def same_day(self, other: PartialDate) -> bool:
        """Tell whether both are stated to the day, the same day, and nothing tells their order."""
        return (
            self.first_day == other.last_day
            and self.last_day == other.first_day
            and self.compare(other) is Order.UNKNOWN
        )

    def by(self, other: PartialDate) -> bool:
        """Tell whether this is known to lie before the other or at the same instant."""
        return self.compare(other) in (Order.BEFORE, Order.SAME)

    def by_the_day_of(self, other: PartialDate) -> bool:
        """Tell whether this was there by the other's day: for recording, the same day counts as in time."""
        return self.last_day <= other.first_day

    def sort_key(self) -> tuple[datetime, datetime]:
        """Order moments for display: an imprecise one stands at the start of what it can mean."""
        return (self.first, self.last)

    def __str__(self) -> str:
        match self.precision:
            case Precision.UNKNOWN:
                return "unknown"
            case Precision.YEAR:
                return f"{self.first.year:04d}"
            case Precision.MONTH:
                return self.first.isoformat()[:7]
            case Precision.DAY:
                return self.first.isoformat()[:10]
            case Precision.INSTANT:
                whole_minute = not (self.first.second or self.first.microsecond)
                return self.first.isoformat(timespec="minutes" if whole_minute else "auto")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "title": "PartialDate",
            "description": "A day, month or year as somebody stated it, or a day with its time (in England).",
            "pattern": PARTIAL_DATE,
            "examples": ["2011-05-03", "2011-05", "2011", "2011-05-03T14:30"],
        }

    @classmethod
    def _validate(cls, value: object) -> PartialDate:
        if isinstance(value, PartialDate):
            return value
        try:
            return parse_partial_date(value) if isinstance(value, str) else _refuse()
        except NotADate as problem:
            raise PydanticCustomError("not_a_date", "{message}", {"message": problem.message}) from None


@lru_cache(maxsize=8192)
def parse_partial_date(text: str) -> PartialDate:
    """Read a partial date as `PartialDate.parse` does; the same few thousand days come up again and again."""
    return PartialDate.parse(text)


def civil(recorded: datetime) -> datetime:
    """Turn an instant with an offset into civil time in England, without one."""
    return recorded.astimezone(CIVIL_ZONE).replace(tzinfo=None)


def instant_of(civil_time: datetime) -> datetime:
    """Turn civil time in England into UTC; in the repeated hour of October the earlier instant is meant."""
    return civil_time.replace(tzinfo=CIVIL_ZONE).astimezone(UTC)


def was_by(recorded: datetime, as_of: datetime) -> bool:
    """
    Tell whether an instant lies at or before another; both in civil time in England, as `civil` gives it.

    Clocks show the hour from one to two twice on a night in October. `fold` says which of the two is meant; without it
    what came first could be found to come later.
    """
    if recorded.fold == as_of.fold:
        return recorded <= as_of
    later, sooner = (recorded, as_of) if recorded.fold else (as_of, recorded)
    came_first = sooner < later.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return came_first is (sooner is recorded)


def up_to(recorded: datetime) -> PartialDate:
    """Give the latest moment a clock in England has shown by an instant: in the repeated hour, the end of that hour."""
    shown = civil(recorded)
    return PartialDate.at(shown.replace(minute=59, second=59, microsecond=999999) if shown.fold else shown)


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _end(day: date) -> datetime:
    return datetime.combine(day, _END_OF_DAY)


def _within_the_years(moment: datetime) -> datetime:
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise NotADate
    return moment


def _refuse() -> PartialDate:
    raise NotADate
