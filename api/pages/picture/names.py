"""What the things in a picture are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from api.pages import words
from api.pages.fields import Links, Value
from api.pages.language import say
from api.pages.moments import length, moment
from api.pages.picture.marks import Item
from api.pages.verdicts import in_words
from domain.case.contact import Mode
from domain.case.placement import PlacementMoveDecided
from domain.case.registry import FACTS
from domain.codes import Code, LegalStatus, Place
from domain.dates import Precision
from domain.voice.evidence import Outcome
from domain.voice.verdict import VerdictClass
from domain.voice.wording import CLASSES, VERDICTS, Tone
from projections.overview.overview import SPOKEN, Change, Spoken, Stay

LOOKS_OF_VIEWS: Final[Mapping[Outcome, str]] = {
    Outcome.EXPRESSED: "said",
    Outcome.OBSERVED: "shown",
    Outcome.DECLINED: "declined",
    Outcome.NOT_ASCERTAINABLE: "absent",
    Outcome.SOUGHT: "sought",
}
LOOKS_OF_ANSWERS: Final = (
    Tone.MISSING,
    Tone.UNCLEAR,
    Tone.PARTLY,
    Tone.OPEN,
    Tone.EXPLAINED,
    Tone.KEPT,
    Tone.NONE,
)
"""Where there is no room for all, what is missing stands nearest to where the view would be."""

Naming = Callable[[Stay, Links], Value]
Labels = Callable[[Stay, int], Sequence[str]]

_PHRASES: Final = {outcome: FACTS[topic].PHRASE for topic, outcome in SPOKEN.items()}
_MISSED: Final = frozenset({VerdictClass.NOT_MET, VerdictClass.LATE_EVIDENCE, VerdictClass.PARTLY_MET})


def spoken_item(spoken: Spoken, links: Links) -> Item | None:
    """Give a time the child was asked; nothing without a date."""
    if spoken.when is None or spoken.when.precision is Precision.UNKNOWN:
        return None
    label = say(_PHRASES[spoken.outcome])

    def tell() -> tuple[Value, str]:
        about = ", ".join(words.matter(each, links.names) for each in spoken.matters)
        return Value(label, links.to_entry(spoken.ref)), about

    return Item(spoken.ref, LOOKS_OF_VIEWS[spoken.outcome], spoken.when, label, tell)


def change_item(change: Change, links: Links) -> Item | None:
    """Give a big decision with its answer and the gap before it; nothing without a date."""
    if change.when is None or change.when.precision is Precision.UNKNOWN:
        return None
    said = in_words(VERDICTS[change.verdict])

    def tell() -> tuple[Value, str]:
        more = " ".join(each for each in (f"{said.label}.", gap(change)) if each)
        return Value(words.kind(change.kind), links.to_decision(change.ref)), more

    return Item(change.ref, said.tone, change.when, say(CLASSES[change.verdict_class].label), tell)


def gap(change: Change) -> str:
    """Say how the view and the decision lie to each other."""
    match change.view, change.days:
        case None, _:
            return say("The record holds no view on this.") if change.verdict_class in _MISSED else ""
        case _, None:
            return say("The record does not show which came first.")
        case _, 0:
            return say("The child was asked on the same day, before it.")
        case _, days if days > 0:
            return say("The child was asked {time} before.", time=length(days))
        case _, days:
            return say("The child was asked {time} after.", time=length(-days))


def home(stay: Stay, links: Links) -> Value:
    """Give a home: what the child calls it, or who looks after the child there, or its kind."""
    return Value(home_names(stay, links)[0], links.to_decision(stay.ref), said=bool(_called(stay, links)))


def home_names(stay: Stay, links: Links) -> list[str]:
    """Give the names of a home, the best first."""
    kind = meaning(Place, stay.code) or say("kind of home not on record")
    carer = links.names.get(stay.person or "")
    short = [kind.partition(",")[0]] if "," in kind else []
    return [name for name in (_called(stay, links), carer, kind) if name] + short


def order(stay: Stay, links: Links) -> Value:
    """Give a legal order."""
    return Value(meaning(LegalStatus, stay.code) or say("no order"), links.to_decision(stay.ref))


def contact(stay: Stay, links: Links) -> Value:
    """Give how the child and a person are in touch."""
    if not stay.holds:
        return Value(say("no contact"), links.to_decision(stay.ref))
    mode = say("in touch") if stay.code is None else words.code(Mode(stay.code))
    return Value(mode, links.to_decision(stay.ref))


def missing(stay: Stay, links: Links) -> Value:
    """Give a part of the record that is not there."""
    return Value(say("Part of this record is missing"), links.to(stay.ref))


def time(stay: Stay) -> str:
    """Say from when to when something held."""
    since = moment(stay.since).text
    if stay.until is not None:
        return say("{since} to {until}", since=since, until=moment(stay.until).text)
    return say("since {day}", day=since) if not stay.ended else say("from {day}", day=since)


def meaning(kind: type[Code], code: str | None) -> str:
    """Give what a code means; nothing where there is none."""
    return "" if code is None else say(next((each.meaning for each in kind if each == code), code))


def _called(stay: Stay, links: Links) -> str:
    shown = links.entries.get(stay.ref)
    event = None if shown is None else shown.entry.event
    return (event.home or "") if isinstance(event, PlacementMoveDecided) else ""
