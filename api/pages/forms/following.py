"""Which forms fit an entry: what somebody is likely to record next, and how to say that it is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from api.pages.forms.catalogue import FORMS, PUT_RIGHT
from api.pages.forms.form import Subject
from api.pages.forms.setting_right import TITLE
from api.pages.language import say
from domain.case.decision import DecisionMade, DecisionReconfirmed, DecisionTookEffect, DecisionWithdrawn
from domain.case.fact import Fact
from domain.case.iro import ChallengeAnswered, IROChallenged, IROInformed
from domain.case.missing import CameBack, WentMissing
from domain.case.people import PersonIntroduced, PersonLeft
from domain.case.proposal import ProposalMade
from domain.case.record import RecordAnnotated, RecordCorrected, RecordDisputed
from domain.case.review import ReviewHeld, VisitMade
from domain.case.support import PromiseMade, PromiseSettled
from domain.case.telling import ChildNotTold, ChildTold
from domain.case.view import ViewDeclined, ViewExpressed, ViewNotAscertainable, ViewObserved, ViewSought
from domain.matters import root

_DECIDED_BY: Final = {
    "placement": "placement", "siblings": "placement", "contact": "contact", "careplan": "plan", "education": "school",
    "health": "health", "legal": "legal-order", "liberty": "freedom", "leaving": "leaving-care",
    "accommodation": "leaving-care", "identity": "identity", "professionals": "worker",
}  # fmt: skip
"""The form for a decision on a matter, by its root."""

Views = ViewExpressed | ViewObserved | ViewDeclined | ViewNotAscertainable | ViewSought
_ABOUT_ENTRIES: Final = (RecordCorrected, RecordAnnotated, RecordDisputed)


@dataclass(frozen=True, slots=True)
class Step:
    """A form to go on with."""

    href: str
    text: str


def steps(fact: Fact, pointing: Iterable[Fact], case: str) -> list[Step]:
    """
    Give the forms that fit an entry next.

    `pointing` are the facts that point at it, so that nothing is offered twice; `case` is the address of the record.
    """
    done: set[type[Fact]] = {type(each) for each in pointing}
    return [_step(case, slug, about) for slug, about in _fitting(fact, done)]


def about_entry(fact: Fact, case: str) -> list[Step]:
    """Give the forms that say something about an entry itself: put right, own words beside it, this is wrong."""
    if isinstance(fact, _ABOUT_ENTRIES):
        return []
    right = Step(f"{case}/record/{PUT_RIGHT}?{urlencode({'of': fact.ref})}", say(TITLE))
    return [right, *(_step(case, slug, [("of", fact.ref)]) for slug in ("own-account", "wrong"))]


About = Sequence[tuple[str, str]]


def _fitting(  # noqa: PLR0911 - one for each kind of entry
    fact: Fact, done: Collection[type[Fact]]
) -> list[tuple[str, About]]:
    match fact:
        case DecisionMade():
            return _after_decision(fact, done)
        case ProposalMade(ref=ref, matters=matters):
            asked: About = [("proposal", ref), *(("matters", each) for each in matters)]
            return [("view", asked), ("declined", asked), *((slug, [("proposal", ref)]) for slug in _decide(matters))]
        case ViewExpressed() | ViewObserved() | ViewDeclined() | ViewNotAscertainable() | ViewSought():
            return [*((slug, []) for slug in _decide(fact.matters)), ("promise", [])]
        case PromiseMade(ref=ref) if PromiseSettled not in done:
            return [("promise-settled", [("promise", ref)])]
        case PersonIntroduced(ref=ref):
            left: list[tuple[str, About]] = [] if PersonLeft in done else [("person-left", [("person", ref)])]
            return [("contact", [("person", ref)]), *left]
        case WentMissing(ref=ref):
            return [("view", [])] if CameBack in done else [("back", [("absence", ref)])]
        case CameBack():
            return [("view", [])]
        case VisitMade() | ReviewHeld():
            return [("view", []), ("promise", [])]
        case IROChallenged(ref=ref):
            higher: list[tuple[str, About]] = [("taken-higher", [("challenge", ref)])]
            return higher if ChallengeAnswered in done else [("challenge-answered", [("challenge", ref)]), *higher]
        case _:
            return []


def _after_decision(fact: DecisionMade, done: Collection[type[Fact]]) -> list[tuple[str, About]]:
    about: About = [("decision", fact.ref)]
    found: list[tuple[str, About]] = []
    if ChildTold not in done and ChildNotTold not in done:
        found.append(("told", about))
    if DecisionTookEffect not in done and DecisionWithdrawn not in done:
        found += [("happened", about), ("called-off", about)]
    if IROInformed not in done and fact.iro_informed is None:
        found.append(("officer-told", about))
    if DecisionReconfirmed not in done:
        found.append(("looked-at-again", about))
    return [*found, ("view", [("matters", each) for each in fact.matters])]


def _decide(matters: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_DECIDED_BY[root(each)] for each in matters))


def _step(case: str, slug: str, about: About) -> Step:
    query = f"?{urlencode(about)}" if about else ""
    title = say(FORMS[slug].title)
    decided = FORMS[slug].subject is Subject.DECISION
    return Step(f"{case}/record/{slug}{query}", say("A decision: {what}", what=title) if decided else title)
