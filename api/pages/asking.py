"""What a reader typed or followed: a day, a case, an order. What cannot be read is given back as typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from api.pages.language import say
from api.pages.moments import MONTHS, day, months
from domain.dates import EARLIEST_YEAR, LATEST_YEAR, civil, instant_of
from domain.voice.wording import CLASSES, Tone
from projections.timeline.wanted import Wanted

_BY_MACHINES: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_MATTER: Final = re.compile(r"[a-z]{1,40}(:[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,4}", re.ASCII)
_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_BY_HAND: Final = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ ./-]+(?P<month>\d{1,2}|[a-z]{3,10})[ ,./-]+(?P<year>\d{4})", re.ASCII
)


class NotUnderstood(ValueError):  # noqa: N818 - reads as the sentence it carries
    """A day that a reader typed is none, or is none that can be shown."""

    def __init__(self, message: str, typed: str) -> None:
        super().__init__(message)
        self.message = message
        self.typed = typed


class Order(StrEnum):
    """In which order a timeline is read."""

    OLDEST = "oldest"
    NEWEST = "newest"


ANSWERS: Final = {
    tone.value: frozenset(each for each, wording in CLASSES.items() if wording.tone is tone)
    for tone in Tone
    if tone is not Tone.NONE
}
"""What a reader may choose of answers: those that look alike count as one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entries a reader wants to see, as chosen in the form."""

    matter: str | None = None
    person: str | None = None
    answer: str | None = None

    @property
    def entries(self) -> Wanted:
        """Give the same for the answers."""
        classes = frozenset() if self.answer is None else ANSWERS[self.answer]
        return Wanted(self.matter, self.person, classes)


@dataclass(frozen=True, slots=True)
class Asked:
    """The day whose record is asked for. `as_of` (UTC) is the end of that day, or now where the day is today."""

    on: date
    as_of: datetime
    text: str


def day_asked(typed: str | None, now: datetime) -> Asked | None:
    """Read the day whose record is asked for; nothing typed means now. Raises `NotUnderstood`."""
    if typed is None or not typed.strip():
        return None
    text = typed.strip().lower()
    form = _BY_MACHINES.fullmatch(text) or _BY_HAND.fullmatch(text)
    if form is None:
        raise NotUnderstood(say("Write the day like this: 2019-03-21, or 21 March 2019."), typed)
    year, month = int(form["year"]), _month(form["month"])
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        years = say("Choose a year from {first} to {last}.", first=EARLIEST_YEAR, last=civil(now).year)
        raise NotUnderstood(years, typed)
    try:
        on = date(year, month, int(form["day"]))
    except ValueError:
        raise NotUnderstood(say("There is no such day. Check the day and the month."), typed) from None
    if on > civil(now).date():
        ahead = say("That day has not come yet. Choose {day} or a day before it.", day=day(civil(now).date()))
        raise NotUnderstood(ahead, typed)
    return Asked(on, min(instant_of(datetime.combine(on, time.max)), now), day(on))


def order_asked(typed: str | None) -> Order:
    """Read the order of a timeline; anything unknown means from the beginning."""
    return Order.NEWEST if typed == Order.NEWEST else Order.OLDEST


def wanted_asked(typed: Mapping[str, str]) -> Chosen:
    """Read which entries are wanted; what is no matter, person or answer is passed over."""
    matter, person, answer = (typed.get(name) or None for name in ("matter", "person", "answer"))
    return Chosen(
        matter if matter and _MATTER.fullmatch(matter) else None,
        person if person and _REF.fullmatch(person) else None,
        answer if answer in ANSWERS else None,
    )


def year_asked(typed: str | None) -> int | None:
    """Read the year at which a page of the timeline begins; anything else means its start."""
    if typed is None or not (typed.isascii() and typed.isdigit()):
        return None
    year = int(typed[:5])
    return year if EARLIEST_YEAR <= year <= LATEST_YEAR else None


def case_asked(typed: str) -> UUID | None:
    """Read the number of a case; nothing where it is none."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def _month(typed: str) -> int:
    if typed.isdigit():
        return int(typed)
    for names in (months(), MONTHS):
        starts = [place for place, name in enumerate(names, start=1) if name.lower().startswith(typed)]
        if len(starts) == 1:
            return starts[0]
    return 0
