"""Showing only some entries: what a reader may choose from, what is chosen, and how many entries that leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages import words
from api.pages.asking import ANSWERS, Chosen
from api.pages.inquiry import TIMELINE, Inquiry
from api.pages.language import say
from domain.voice.wording import CLASSES, Tone
from projections.answers import CaseView, place_of_year
from projections.overview.overview import Spoken

_LABELS: Final[Mapping[Tone, str]] = {wording.tone: wording.label for wording in CLASSES.values()}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is chosen, and the address without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class YearLink:
    """A year of the record: how many entries stand in it, and where it begins in the list."""

    year: int
    number: int
    href: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the form offers, what is kept of it, and how many entries there are."""

    matters: tuple[Choice, ...]
    people: tuple[Choice, ...]
    answers: tuple[Choice, ...]
    kept: tuple[Kept, ...]
    found: int
    total: int
    clear: str
    years: tuple[YearLink, ...]


def filters(  # noqa: PLR0913 - each is one thing the form speaks of
    inquiry: Inquiry,
    view: CaseView,
    voices: Mapping[str, Mapping[str, Any]],
    spoken: Sequence[Spoken],
    counts: tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]],
    upto: int,
) -> Filters:
    """
    Give what a reader may choose from. `counts` are the entries by year that are wanted, and all of them.

    A link to a year stays with the version of the case that is being read; a new choice begins to read anew.
    """
    wanted, everything = counts
    chosen = inquiry.wanted
    found = {finding["matter"] for voice in voices.values() for finding in voice["now"]["findings"]}
    found |= {matter for each in spoken for matter in each.matters}
    matters = {matter: _matter(matter, view.names) for matter in found}
    tones = {CLASSES[_class].tone for voice in voices.values() for _class in CLASSES if _class == voice["now"]["class"]}
    answers = {tone.value: say(_LABELS[tone]) for tone in Tone if tone in tones and tone.value in ANSWERS}
    return Filters(
        matters=_choices(sorted(matters.items(), key=lambda each: each[1]), chosen.matter),
        people=_choices(((each["ref"], view.names[each["ref"]]) for each in view.people), chosen.person),
        answers=_choices(answers.items(), chosen.answer),
        kept=tuple(_kept(inquiry, chosen, view.names)),
        found=sum(number for _, number in wanted),
        total=sum(number for _, number in everything),
        clear=inquiry.address(matter=None, person=None, answer=None) + TIMELINE,
        years=tuple(
            YearLink(year, number, inquiry.going_on(place_of_year(year, newest_first=inquiry.newest_first), upto))
            for year, number in wanted
        ),
    )


def _choices(offered: Iterable[tuple[str, str]], chosen: str | None) -> tuple[Choice, ...]:
    return tuple(Choice(value, text, value == chosen) for value, text in offered)


def _kept(inquiry: Inquiry, chosen: Chosen, names: Mapping[str, str]) -> Iterable[Kept]:
    if chosen.matter is not None:
        yield Kept(_matter(chosen.matter, names), inquiry.address(matter=None) + TIMELINE)
    if chosen.person is not None:
        yield Kept(names.get(chosen.person, chosen.person), inquiry.address(person=None) + TIMELINE)
    if chosen.answer is not None:
        yield Kept(say(_LABELS[Tone(chosen.answer)]), inquiry.address(answer=None) + TIMELINE)


def _matter(matter: str, names: Mapping[str, str]) -> str:
    called = words.matter(matter, names)
    return called[:1].upper() + called[1:]
