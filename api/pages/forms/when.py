"""
Asking when: today, a day, only a month or a year, or that nobody knows; with the time of day where the order matters.

A partial date keeps its precision: an empty day or month is left empty for ever. What is no date stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from api.pages.forms.asks import Choice, Control, Mistakes
from api.pages.forms.known import Record
from api.pages.forms.reading import Reading
from api.pages.forms.typed import Typed
from api.pages.language import say
from api.pages.moments import months
from domain.dates import EARLIEST_YEAR, LATEST_YEAR

TODAY: Final = "today"
YESTERDAY: Final = "yesterday"
A_DAY: Final = "day"
NOT_KNOWN: Final = "unknown"

_TIME: Final = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE)
_PARTS: Final = ("day", "month", "year")
_HOURS: Final = 24
_MINUTES: Final = 60
_NOON: Final = 12


class NotRead(ValueError):  # noqa: N818 - reads as the sentence it carries
    """What was typed is no date; `part` is the box to go to."""

    def __init__(self, sentence: str, part: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.part = part


@dataclass(frozen=True, slots=True)
class When:
    """
    When something was. `quick` offers today and yesterday; `unknown` is the choice that leaves the date out.

    `timed` asks for the time of day, too.
    """

    name: str
    label: str
    hint: str = ""
    needed: str = "Say when this was."
    quick: bool = True
    unknown: str = ""
    timed: bool = False

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Put together the date from its boxes, as exactly as it was stated."""
        name = at + self.name
        try:
            stated = self._stated(typed, record.today, name)
        except NotRead as problem:
            into.wrong(name, problem.sentence, f"{name}.{problem.part}")
            return
        if stated is not None:
            into.put(self.name, stated)
        elif self.unknown and self.quick and typed.word(f"{name}.on") != NOT_KNOWN:
            into.wrong(name, say(self.needed), self._first(name))

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show the choices and the boxes with what was typed."""
        name = at + self.name
        held = mistakes.get(name)
        chosen = typed.word(f"{name}.on")
        dated = any(typed.one(f"{name}.{part}") for part in _PARTS)
        wrong = frozenset({held.box.rpartition(".")[2]}) if held and held.box != name else frozenset[str]()
        boxes = Control("date", name, "", self.day_hint(), choices=self._boxes(typed, name), wrong=wrong)
        then = (boxes,)
        time = Control(
            "line",
            f"{name}.time",
            say("What time was it? (if you know)"),
            say("For example 16:30 or 4.30pm"),
            typed.one(f"{name}.time"),
            width="5",
        )
        return Control(
            "when" if self.quick else "date",
            name,
            say(self.label),
            " ".join(each for each in (say(self.hint), "" if self.quick else self.day_hint()) if each),
            "yes" if self.quick and not chosen and dated else chosen,
            mistake="" if held is None else held.sentence,
            choices=self._choices(chosen, dated=dated, name=name) if self.quick else boxes.choices,
            then=(*(then if self.quick else ()), *((time,) if self.timed else ())),
            unfolded=dated and chosen != A_DAY,
            wrong=wrong,
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was chosen or typed."""
        name = at + self.name
        return any(typed.word(f"{name}.{part}") for part in (*_PARTS, "on", "time"))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.hint, self.needed, self.unknown)

    @staticmethod
    def day_hint() -> str:
        """Say how to write a date that is only partly known."""
        return say("For example 27 3 2019. If you only know the month or the year, leave the rest empty.")

    def _stated(self, typed: Typed, today: date, name: str) -> str | None:
        chosen, time = typed.word(f"{name}.on"), typed.word(f"{name}.time")
        parts = {part: typed.word(f"{name}.{part}") for part in _PARTS}
        dated = any(parts.values())
        near = {TODAY: today, YESTERDAY: today - timedelta(days=1)}.get(chosen)
        if self.quick and near is not None:
            if dated and date_of(parts) != near.isoformat():
                raise NotRead(say("You chose a day above, and wrote a date too. Keep one of the two."), "day")
            return near.isoformat() + clock(time)
        if self.quick and chosen == NOT_KNOWN:
            if dated or time:
                raise NotRead(
                    say("You chose that the day is not known, and wrote a date too. Keep one of the two."),
                    "day" if dated else "time",
                )
            return None
        if not dated:
            if time:
                raise NotRead(say("Say on which day it was, too."), "on" if self.quick else "day")
            if chosen == A_DAY:
                raise NotRead(say("Write the date. The year alone is enough."), "day")
            return None
        stated = date_of(parts)
        if time and not parts["day"]:
            raise NotRead(say("A time only makes sense with the day. Write the day, or leave the time out."), "day")
        return stated + clock(time)

    def _choices(self, chosen: str, *, dated: bool, name: str) -> tuple[Choice, ...]:
        offered = [(TODAY, say("Today")), (YESTERDAY, say("Yesterday")), (A_DAY, say("Another day, or only roughly"))]
        if self.unknown:
            offered.append((NOT_KNOWN, say(self.unknown)))
        marked = A_DAY if dated and not chosen else chosen
        ident = name.replace(".", "-")
        return tuple(
            Choice(
                value,
                label,
                id=f"{ident}-on" if nth == 0 else f"{ident}-on-{nth}",
                checked=value == marked,
                reveals=value == A_DAY,
            )
            for nth, (value, label) in enumerate(offered)
        )

    @staticmethod
    def _boxes(typed: Typed, name: str) -> tuple[Choice, ...]:
        labels = {"day": say("Day"), "month": say("Month"), "year": say("Year")}
        return tuple(Choice(typed.one(f"{name}.{part}"), labels[part], id=part) for part in _PARTS)

    def _first(self, name: str) -> str:
        return f"{name}.on" if self.quick else f"{name}.day"


def first_box(ask: object, name: str) -> str:
    """Give the box to go to where an answer is wrong as a whole."""
    if isinstance(ask, When):
        return f"{name}.on" if ask.quick else f"{name}.day"
    return name


def date_of(parts: dict[str, str]) -> str:
    """Give a partial date as the record writes it. Raises `NotRead`."""
    year, month, day = parts["year"], parts["month"], parts["day"]
    if not year:
        raise NotRead(say("Write the year, too."), "year")
    if not year.isdecimal() or len(year) != len("2019"):
        raise NotRead(say("Write the year with four numbers, like 2019."), "year")
    if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR:
        raise NotRead(
            say("The year must be between {first} and {last}.", first=EARLIEST_YEAR, last=LATEST_YEAR), "year"
        )
    if not month:
        if day:
            raise NotRead(say("Write the month, too, or leave the day empty."), "month")
        return f"{int(year):04d}"
    number = _month(month)
    if day and not (day.isdecimal() and len(day) <= len("31")):
        raise NotRead(say("Write the day as a number from 1 to 31."), "day")
    if not day:
        return f"{int(year):04d}-{number:02d}"
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        raise NotRead(say("There is no such day. Check the day and the month."), "day") from None


def clock(typed: str) -> str:
    """Give a time of day as it follows a date: `T16:30`, or nothing. Raises `NotRead`."""
    if not typed:
        return ""
    form = _TIME.fullmatch(typed)
    wrong = NotRead(say("Write the time like this: 16:30, or 4.30pm."), "time")
    if form is None or (form["minute"] is None and form["half"] is None):
        raise wrong
    hour, minute = int(form["hour"]), int(form["minute"] or 0)
    if form["half"]:
        if not 1 <= hour <= _NOON:
            raise wrong
        hour = hour % _NOON + (_NOON if form["half"][0] in "pP" else 0)
    if hour >= _HOURS or minute >= _MINUTES:
        raise wrong
    return f"T{hour:02d}:{minute:02d}"


def _month(typed: str) -> int:
    if typed.isdecimal() and len(typed) <= len("12"):
        number = int(typed)
    else:
        starts = [
            nth
            for nth, name in enumerate(months(), start=1)
            if len(typed) >= len("Mar") and name.lower().startswith(typed.lower())
        ]
        number = starts[0] if len(starts) == 1 else 0
    if not 1 <= number <= 12:  # noqa: PLR2004 - months of a year
        raise NotRead(say("Write the month as a number from 1 to 12."), "month")
    return number
