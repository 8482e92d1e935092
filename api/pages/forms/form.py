"""
A form: questions in an order, over one command.

What may be recorded is for the command and the rules of the case to say, the same as in the API. A form only asks,
reads, and brings every sentence about what is wrong back to the question it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError

from api.pages.forms.asks import Ask, Control, Mistakes, One, Options, Rows, box
from api.pages.forms.known import Record
from api.pages.forms.mending import of_refusal, of_validation
from api.pages.forms.reading import Mistake, Reading
from api.pages.forms.typed import Typed
from api.pages.forms.when import first_box
from api.pages.language import say
from domain.case.command import Command
from domain.case.refusal import Refused

WHOLE: Final = "form"
"""Where a sentence goes that is about no one question."""


class Subject(StrEnum):
    """What a form is for, in the order of the page that offers all of them."""

    VIEW = "What the child wants or feels"
    DECISION = "What was decided"
    AFTER = "What came of a decision"
    DAY = "Visits, meetings and what happened"
    PEOPLE = "People and promises"
    SIDE = "Somebody on the child's side"
    RECORD = "This record itself"


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together. A folded section is for what most entries do not need."""

    asks: tuple[Ask, ...]
    title: str = ""
    intro: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `fixed` are fields of the command that the form itself answers."""

    slug: str
    command: type[Command]
    subject: Subject
    title: str
    says: str
    """What it is for, in one sentence."""
    button: str
    sections: tuple[Section, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    initial: Mapping[str, str] = field(default_factory=dict)
    """What stands in it from the beginning, by the name as it is sent."""
    carries: tuple[str, ...] = ()
    """The answers that an address may bring along: references and codes, never what somebody wrote."""
    others: tuple[str, ...] = ()
    """The forms to take where it went another way."""
    usual: bool = False
    """Whether this is one of those that are wanted most days."""
    step: bool = False
    """Whether it only asks what the next form needs to know, and records nothing."""

    @property
    def asks(self) -> tuple[Ask, ...]:
        """Give every question in order."""
        return tuple(ask for section in self.sections for ask in section.asks)

    def sentences(self) -> Iterable[str]:
        """Give every fixed sentence of this form, for those who translate."""
        yield from (self.title, self.says, self.button)
        for section in self.sections:
            yield from (section.title, section.intro)
            for ask in section.asks:
                yield from ask.sentences()

    def read(self, typed: Typed, record: Record) -> tuple[Command | None, Reading]:
        """Read what was typed into a command; nothing, where something is wrong with it."""
        reading = Reading(body=dict(self.fixed))
        for ask in self.asks:
            ask.read(typed, record, reading)
        command = self._validated(reading)
        return (None, reading) if reading.mistakes else (command, reading)

    def refuse(self, refused: Refused, reading: Reading, record: Record) -> None:
        """Bring a refusal of the case back to the question it is about."""
        place = reading.place(refused.field) if refused.field else ""
        ask = self._asked(place)
        name = place if ask is not None else WHOLE
        reading.wrong(name, of_refusal(refused, self.label_of, record), self._box(ask, place) if ask else WHOLE)

    def label_of(self, field_name: str) -> str:
        """Give the question that asks for a field, or nothing where none does."""
        ask = self._asked(field_name)
        return "" if ask is None else say(str(getattr(ask, "label", "")))

    def controls(self, typed: Typed, record: Record, mistakes: Mistakes) -> list[tuple[Section, list[Control], bool]]:
        """Give each section with its questions, and whether it has to be open."""
        shown = []
        for section in self.sections:
            made = [made for ask in section.asks if (made := ask.show(typed, record, mistakes)) is not None]
            if made:
                is_open = any(each.amiss for each in made) or any(ask.filled(typed) for ask in section.asks)
                shown.append((section, made, is_open))
        return shown

    def in_order(self, mistakes: Mistakes) -> list[Mistake]:
        """Give what is wrong in the order of the questions."""
        order = {name: place for place, name in enumerate(self._names())}
        return [
            mistake
            for _, mistake in sorted(
                mistakes.items(), key=lambda held: order.get(_root(held[0], order), -1 if held[0] == WHOLE else 999)
            )
        ]

    def _validated(self, reading: Reading) -> Command | None:
        try:
            return self.command.model_validate(reading.body)
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False, include_input=False):
                path = ".".join(str(step) for step in error["loc"])
                place = reading.place(path)
                while place and self._asked(place) is None:
                    place = place.rpartition(".")[0]
                ask = self._asked(place)
                name = place if ask is not None else WHOLE
                if any(name.startswith(f"{held}.") or name == held for held in reading.mistakes):
                    continue
                reading.wrong(name, of_validation(error, ask), self._box(ask, place) if ask else WHOLE)
            return None

    def _names(self) -> Iterable[str]:
        for ask in self.asks:
            yield ask.name
            yield from (inner.name for inner in getattr(ask, "then", ()))

    def _asked(self, place: str) -> Ask | None:
        """Find the question at a place; rows are told apart by number, and their questions are not."""
        if not place:
            return None
        for ask in self.asks:
            if (found := _within(ask, place)) is not None:
                return found
        return None

    @staticmethod
    def _box(ask: Ask, place: str) -> str:
        if isinstance(ask, Rows):
            return f"{place}.0.{ask.asks[0].name}"
        return first_box(ask, place)


def _within(ask: Ask, place: str) -> Ask | None:
    if place == ask.name:
        return ask
    match ask:
        case One(then=then):
            return next((found for each in then if (found := _within(each, place)) is not None), None)
        case Rows(name=name, asks=asks) if place.startswith(f"{name}."):
            _, _, inside = place[len(name) + 1 :].partition(".")
            return next((found for each in asks if (found := _within(each, inside)) is not None), None)
        case Options() if place == f"{ask.name}.untold":
            return ask
        case _:
            return None


def _root(name: str, order: Mapping[str, int]) -> str:
    while name and name not in order:
        name = name.rpartition(".")[0]
    return name


__all__ = ["WHOLE", "Form", "Section", "Subject", "box"]
