"""What stands above every page about a case, and one line per case in the list of children."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.pages import words
from api.pages.fields import Links, Value
from api.pages.language import say, say_number
from api.pages.moments import Moment, age, moment
from api.pages.verdicts import in_words
from domain.case.people import Relationship
from domain.codes import Code, LegalStatus, PermanencePlan, Place
from domain.dates import PartialDate, parse_partial_date
from domain.voice.verdict import VerdictClass
from domain.voice.wording import CLASSES, Tone, Wording
from projections.answers import CaseSummary, CaseView
from projections.case_state.state import current

_WORKERS: Final = {"SOCIAL_WORKER_CHANGE": Relationship.SOCIAL_WORKER, "IRO_CHANGE": Relationship.IRO}

_LEGEND: Final = tuple({wording.tone: wording for wording in CLASSES.values()}.values())
"""One wording for each tone, to explain the signs."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many significant changes have answers of one tone."""

    tone: Tone
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Now:
    """One line about how things are: what it is, how it is, and since when."""

    label: str
    value: Value
    since: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody in the child's life."""

    name: Value
    relationship: str
    time: str


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The child and how things are on the day the page speaks of."""

    child: str
    age: str
    open: bool
    standing: str
    now: tuple[Now, ...]
    people: tuple[Known, ...]
    gaps: tuple[tuple[Moment, Moment, str], ...]
    counts: tuple[Count, ...]

    @property
    def changes(self) -> int:
        """Give how many significant changes there are."""
        return sum(count.number for count in self.counts)


@dataclass(frozen=True, slots=True)
class ChildLine:
    """One child in the list."""

    href: str
    child: str
    age: str
    living: str
    standing: str
    open: bool
    counts: tuple[Count, ...]

    @property
    def changes(self) -> int:
        """Give how many significant changes there are."""
        return sum(count.number for count in self.counts)


def case_head(view: CaseView, voices: Mapping[str, dict[str, Any]], links: Links, on: date) -> CaseHead:
    """Give what stands above the pages of a case, on a day."""
    state = view.state
    return CaseHead(
        child=view.opening.child,
        age=age(_date(state["born"]), PartialDate.on(on)),
        open=state["open"],
        standing=_standing(state),
        now=tuple(_now(state, links, on)),
        people=tuple(_known(person, links) for person in view.people),
        gaps=tuple(
            (moment(_date(gap["from"])), moment(_date(gap["to"])), links.to(gap["ref"])) for gap in state["gaps"]
        ),
        counts=counts(Counter(str(voice["now"]["class"]) for voice in voices.values())),
    )


def child_line(summary: CaseSummary, href: str, on: date) -> ChildLine:
    """Give one line of the list of children."""
    state = summary.state
    placement = current(state, on)["placement"]
    return ChildLine(
        href=href,
        child=summary.child,
        age=age(_date(state["born"]), PartialDate.on(on)),
        living=_meaning(Place, placement["place"]) if placement and placement["place"] else say("not on record"),
        standing=_standing(state),
        open=state["open"],
        counts=counts(summary.classes),
    )


def legend() -> tuple[Wording, ...]:
    """Give one wording for each tone, to explain the signs."""
    return tuple(in_words(each) for each in _LEGEND)


def counts(classes: Mapping[str, int]) -> tuple[Count, ...]:
    """Count answers by tone, in the order from kept to missing; decisions that are no big change are left out."""
    numbers: dict[Tone, int] = {}
    labels: dict[Tone, str] = {}
    for name, number in classes.items():
        wording = CLASSES[VerdictClass(name)]
        numbers[wording.tone] = numbers.get(wording.tone, 0) + number
        labels[wording.tone] = wording.label
    return tuple(
        Count(tone, say(labels[tone]), numbers[tone]) for tone in Tone if tone in numbers and tone is not Tone.NONE
    )


def _now(state: Mapping[str, Any], links: Links, on: date) -> Iterable[Now]:
    today = current(dict(state), on)
    if (placement := today["placement"]) is not None:
        home = _meaning(Place, placement["place"]) if placement["place"] else say("kind of home not on record")
        called = say("Lives in") if state["open"] else say("Last home in care")
        yield Now(called, Value(home, links.to(placement["ref"])), _since(placement["since"]))
        if placement["carer"]:
            yield Now(say("With"), links.named(placement["carer"]))
    if (plan := today["plan"]) is not None and plan["plan"]:
        said = say(", or ").join(_meaning(PermanencePlan, code) for code in plan["plan"])
        yield Now(say("The plan"), Value(said, links.to(plan["ref"])), _since(plan["since"]))
    if (order := today["legal_status"]) is not None:
        said = _meaning(LegalStatus, order["code"])
        yield Now(say("Legal order"), Value(said, links.to(order["ref"])), _since(order["since"]))
    for worker in today["professionals"]:
        role = _WORKERS.get(worker["kind"])
        called = words.kind(worker["kind"]) if role is None else words.code(role)
        yield Now(called[:1].upper() + called[1:], links.named(worker["person"]), _since(worker["since"]))
    if promises := len(state["open_promises"]):
        yield Now(say("Promises still open"), Value(str(promises), links.to(state["open_promises"][0])))
    if challenges := len(state["open_challenges"]):
        said = say_number("one thing", "{number} things", challenges)
        link = links.to(state["open_challenges"][0])
        yield Now(say("What the reviewing officer said, not answered yet"), Value(said, link))


def period(person: Mapping[str, Any]) -> str:
    """Say from when to when somebody is in the child's life, as far as the record says."""
    since, until = _date(person["since"]), _date(person["until"])
    start = "" if since is None else say("from {day}", day=moment(since).text)
    end = "" if until is None else say("until {day}", day=moment(until).text)
    return " ".join(each for each in (start, end) if each)


def _known(person: Mapping[str, Any], links: Links) -> Known:
    relationship = words.code(Relationship(person["relationship"]))
    return Known(links.named(person["ref"]), relationship, period(person))


def _standing(state: Mapping[str, Any]) -> str:
    if state["open"]:
        since = _date(state["looked_after_from"])
        return say("looked after") if since is None else say("looked after since {day}", day=moment(since).text)
    ended = _date(state["closed_on"])
    if ended is None:
        return say("no longer looked after")
    return say("looked after until {day}", day=moment(ended).text)


def _meaning(kind: type[Code], code: str) -> str:
    return say(next((each.meaning for each in kind if each == code), code))


def _since(stated: str | None) -> str:
    return "" if stated is None else say("since {day}", day=moment(_date(stated)).text)


def _date(stated: str | None) -> PartialDate | None:
    return None if stated is None else parse_partial_date(stated)
