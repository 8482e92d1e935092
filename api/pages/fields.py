"""How the value of a field is said: dates, codes and references in words, and what a person wrote letter for letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from pydantic import JsonValue, ValidationError

from api.pages import words
from api.pages.language import say, say_number
from api.pages.moments import moment
from domain.case.decision import DecisionMade, OtherView, Untouched
from domain.case.disclosure import LeftOut
from domain.case.fact import Fact, narrative_fields
from domain.case.proposal import Option
from domain.case.record import RecordCorrected, read_value
from domain.case.redaction import TextTakenOut
from domain.case.view import OwnWords, Sharing
from domain.codes import Code
from domain.dates import PartialDate
from projections.answers import Shown

REFERENCES: Final = frozenset(
    {
        "views",
        "proposal",
        "review",
        "decision",
        "challenge",
        "promise",
        "person",
        "previous",
        "carer",
        "with_siblings",
        "present",
        "of",
        "episode",
        "absence",
        "change",
        "restriction",
    }
)
"""The fields that point at entries and people of the case."""

CITATIONS: Final = frozenset({"legal_basis"})
"""The fields that cite a law, which stands as it is written, like what a person wrote."""


@dataclass(frozen=True, slots=True)
class Value:
    """One thing on a page. `said` marks what a person wrote: it keeps its own direction and every line break."""

    text: str
    href: str | None = None
    said: bool = False
    aside: str = ""
    """What is added in our own words."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A field by its name; `was` is what was first recorded, where it has been corrected."""

    label: str
    values: tuple[Value, ...]
    was: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Links:
    """Where things of one case are on the pages, and what they are called."""

    case: str
    query: str
    names: Mapping[str, str]
    entries: Mapping[str, Shown] = field(default_factory=dict)

    def to(self, ref: str) -> str:
        """Give the page of an entry, or of a person."""
        if ref in self.names:
            return f"{self.case}/people/{ref}{self.query}"
        shown = self.entries.get(ref)
        decided = shown is not None and isinstance(shown.entry.event, DecisionMade)
        return f"{self.case}/{'decisions' if decided else 'entries'}/{ref}{self.query}"

    def to_entry(self, ref: str) -> str:
        """Give the page of an entry as such, also of the one that introduces a person."""
        return f"{self.case}/entries/{ref}{self.query}"

    def to_decision(self, ref: str) -> str:
        """Give the page of an entry that is a decision."""
        return f"{self.case}/decisions/{ref}{self.query}"

    def to_year(self, year: int) -> str:
        """Give the place in the timeline where a year begins."""
        return f"{self.case}{self.query}{'&' if self.query else '?'}year={year}#timeline"

    def named(self, ref: str) -> Value:
        """Give a link to an entry or a person, called what a reader would call it."""
        if (name := self.names.get(ref)) is not None:
            return Value(name, self.to(ref), said=True)
        shown = self.entries.get(ref)
        if shown is None:
            return Value(say("the entry {ref}", ref=ref), self.to(ref))
        return Value(say(shown.entry.event.PHRASE), self.to(ref), aside=moment(shown.when).text)


def values(fact: Fact, name: str, value: Any, links: Links) -> tuple[Value, ...]:
    """Say the value of a field; nothing, where there is no value."""
    if value is None:
        return ()
    if isinstance(value, tuple | list):
        return tuple(said for each in value for said in values(fact, name, each, links))
    if isinstance(value, Sharing):
        return _sharing(value, links)
    if isinstance(value, LeftOut):
        pieces = say_number("{number} piece", "{number} pieces", len(value.digests))
        return (Value(_capital(say(value.exemption.meaning)), aside=pieces),)
    return (_one(fact, name, value, links),)


def corrected(fact: Fact, corrections: Mapping[str, JsonValue], name: str) -> tuple[Any, Any]:
    """Give what a field says now and what it said first; the second is nothing where it was not corrected."""
    first = getattr(fact, name)
    if name not in corrections:
        return first, None
    return read(fact, name, corrections[name]), first


def read(fact: Fact, name: str, to: JsonValue) -> Any:
    """Read the value of a correction as the field's own type; as it stands, where it is of none."""
    try:
        return read_value(type(fact), name, to)
    except (ValidationError, KeyError):
        return str(to)


def corrections_of(attached: tuple[Any, ...]) -> dict[str, JsonValue]:
    """Give the corrected fields of an entry from what is attached to it; the latest correction speaks."""
    return {each.event.field: each.event.value for each in attached if isinstance(each.event, RecordCorrected)}


@lru_cache(maxsize=256)
def _narrative(kind: type[Fact]) -> frozenset[str]:
    return narrative_fields(kind)


def _one(fact: Fact, name: str, value: Any, links: Links) -> Value:  # noqa: PLR0911 - one line for each type
    match value:
        case bool():
            return Value(say("Yes") if value else say("No"))
        case PartialDate():
            return Value(moment(value).text)
        case Option():
            aside = "" if value.offered_to_child else say("the child was not told of this one")
            return Value(value.what, said=True, aside=aside)
        case OtherView():
            return Value(value.said, said=True, aside=say("said by {name}", name=links.named(value.who).text))
        case Untouched():
            return Value(value.reason, said=True, aside=words.matter(value.matter, dict(links.names)))
        case OwnWords():
            return Value(value.words, said=True)
        case Code():
            return Value(_capital(say(value.meaning)))
        case StrEnum():
            return Value(_capital(words.code(value)))
        case str():
            return _text(fact, name, value, links)
        case _:
            return Value(f"{value:g}" if isinstance(value, float) else str(value))


def _text(fact: Fact, name: str, value: str, links: Links) -> Value:
    if name in REFERENCES:
        return links.named(value)
    if name == "matters":
        return Value(_capital(words.matter(value, links.names)))
    if name == "field" and isinstance(fact, RecordCorrected | TextTakenOut):
        target = links.entries.get(fact.of)
        return Value(words.label(target.entry.event.TOPIC if target else "", value.partition(".")[0]))
    said = name in _narrative(type(fact)) or name in CITATIONS
    choice = None if said else words.CHOICES.get(name, {}).get(value)
    return Value(value if choice is None else _capital(say(choice)), said=said)


def _sharing(sharing: Sharing, links: Links) -> tuple[Value, ...]:
    said = [Value(say("It may be shared") if sharing.may_share else say("The child did not want it shared"))]
    said += [Value(say("Not with"), aside=links.named(ref).text) for ref in sharing.not_with]
    if sharing.reason is not None:
        said.append(
            Value(sharing.reason, said=True, aside=say("why it was shared all the same, to keep somebody safe"))
        )
    return tuple(said)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
