"""
What a form knows of the case it is about: who is in the child's life, what was said, what was decided.

It is folded from the ledger itself, so that a form always offers what was recorded a moment ago. Names and dates are
those of today: corrections are worked in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, TypeVar

from api.pages import words
from api.pages.language import say
from api.pages.moments import moment
from domain.case.contact import ContactArrangementDecided
from domain.case.decision import DecisionMade
from domain.case.fact import Fact
from domain.case.iro import IROChallenged
from domain.case.missing import WentMissing
from domain.case.opening import CaseOpened
from domain.case.people import PersonIntroduced, PersonLeft, Relationship
from domain.case.placement import PlacementMoveDecided
from domain.case.plan import LibertyRestrictionDecided
from domain.case.professionals import ProfessionalChanged
from domain.case.proposal import ProposalMade
from domain.case.record import current_value
from domain.case.review import ReviewHeld
from domain.case.state import Case
from domain.case.support import PromiseMade
from domain.case.telling import ChildNotTold, ChildTold
from domain.case.view import (
    OwnWords,
    ViewDeclined,
    ViewExpressed,
    ViewNotAscertainable,
    ViewObserved,
    ViewSought,
)
from domain.dates import PartialDate, civil
from domain.matters import covers

_SHORT: Final = 90
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Known:
    """One person of the child's life."""

    ref: str
    name: str
    relationship: Relationship
    gone: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One entry about the child's view, as somebody who decides reads it."""

    ref: str
    what: str
    """What kind of entry it is, where it holds no words of the child."""
    words: tuple[OwnWords, ...]
    told: str
    """What an adult wrote about it, where there are no words."""
    when: PartialDate | None
    matters: tuple[str, ...]

    def bears_on(self, matters: Iterable[str]) -> bool:
        """Tell whether it is about one of these matters, or about what one of them is part of."""
        return any(covers(mine, other) or covers(other, mine) for mine in self.matters for other in matters)


class Record:
    """One case, as its forms see it. `at` is the present moment (UTC)."""

    def __init__(self, case: Case, at: datetime) -> None:
        self.case = case
        self.now = civil(at)

    @property
    def today(self) -> date:
        """Give the present day in England."""
        return self.now.date()

    @cached_property
    def child(self) -> str:
        """What the child is called."""
        opened = self.case.all(CaseOpened)
        return str(current_value(self.case, opened[0], "child")) if opened else ""

    @cached_property
    def people(self) -> tuple[Known, ...]:
        """Everybody in the child's life; those who have left stand last."""
        found = [
            Known(
                each.ref,
                str(current_value(self.case, each, "name")),
                Relationship(current_value(self.case, each, "relationship")),
                each.ref in self._left,
            )
            for each in self.case.all(PersonIntroduced)
        ]
        return tuple(sorted(found, key=lambda person: person.gone))

    @cached_property
    def names(self) -> dict[str, str]:
        """What people are called, by reference."""
        return {person.ref: person.name for person in self.people}

    @cached_property
    def views(self) -> tuple[Said, ...]:
        """Every entry about the child's view, the newest first."""
        kinds = (ViewExpressed, ViewObserved, ViewDeclined, ViewNotAscertainable, ViewSought)
        found = [self._said(each) for kind in kinds for each in self.case.all(kind)]
        return tuple(sorted(found, key=_newest_first))

    @property
    def decisions(self) -> tuple[DecisionMade, ...]:
        """Every decision, the newest first."""
        return tuple(reversed(self.case.all(DecisionMade)))

    @property
    def decisions_untold_first(self) -> tuple[DecisionMade, ...]:
        """Every decision, first those of which the record does not show that the child was told."""
        told = {each.decision for each in (*self.case.all(ChildTold), *self.case.all(ChildNotTold))}
        return tuple(sorted(self.decisions, key=lambda each: each.ref in told))

    @property
    def unsettled(self) -> tuple[DecisionMade, ...]:
        """The decisions of which the record does not say what became of them, the newest first."""
        return tuple(each for each in self.decisions if each.ref not in self.case.answered)

    @property
    def open_promises(self) -> tuple[PromiseMade, ...]:
        """The promises of which nothing is known yet, the newest first."""
        return self._unanswered(PromiseMade)

    @property
    def open_absences(self) -> tuple[WentMissing, ...]:
        """The times the child went missing and is not known to have come back, the newest first."""
        return self._unanswered(WentMissing)

    @property
    def open_limits(self) -> tuple[LibertyRestrictionDecided, ...]:
        """The limits on freedom that are not known to have ended, the newest first."""
        return self._unanswered(LibertyRestrictionDecided)

    @property
    def open_workers(self) -> tuple[ProfessionalChanged, ...]:
        """The workers who were named and are not known to have stopped, the newest first."""
        return self._unanswered(ProfessionalChanged)

    @property
    def challenges(self) -> tuple[IROChallenged, ...]:
        """What reviewing officers have challenged, the newest first."""
        return tuple(reversed(self.case.all(IROChallenged)))

    @property
    def proposals(self) -> tuple[ProposalMade, ...]:
        """What was suggested, the newest first."""
        return tuple(reversed(self.case.all(ProposalMade)))

    @property
    def reviews(self) -> tuple[ReviewHeld, ...]:
        """The reviews, the newest first."""
        return tuple(sorted(self.case.all(ReviewHeld), key=lambda each: each.held.sort_key(), reverse=True))

    def has_arrangement(self, person: str) -> bool:
        """Tell whether it was arranged before how the child and somebody are in touch."""
        return any(each.person == person for each in self.case.all(ContactArrangementDecided))

    def called(self, ref: str) -> str:
        """Give what somebody would call an entry, short enough for one line of a list."""
        if ref in self.names:
            return self.names[ref]
        held = self.case.facts.get(ref)
        return say("the entry {ref}", ref=ref) if held is None else self.titled(held.fact)

    def titled(self, fact: Fact) -> str:
        """Give what somebody would call a fact: what it is and when it was."""
        match fact:
            case DecisionMade():
                title = words.kind(fact.kind)
                aside = self._whom(fact)
                title = f"{title} ({aside})" if aside else title
            case ProposalMade() | PromiseMade() | IROChallenged():
                title = short(fact.what)
            case PersonIntroduced():
                title = self.names.get(fact.ref, fact.name)
            case _:
                title = say(fact.PHRASE)
        when = self.dated(fact)
        return title if when is None else f"{title}, {moment(when).text}"

    def dated(self, fact: Fact) -> PartialDate | None:
        """Give when something happened, as it stands now."""
        if fact.DATED is None:
            return None
        stated: Any = current_value(self.case, fact, fact.DATED)
        return stated if isinstance(stated, PartialDate) else fact.stands_at

    def _whom(self, fact: DecisionMade) -> str:
        match fact:
            case ContactArrangementDecided(person=person):
                return self.names.get(person, "")
            case PlacementMoveDecided(home=str(home)):
                return short(home)
            case ProfessionalChanged(person=person):
                return self.names.get(person, "")
            case _:
                return ""

    def _unanswered(self, kind: type[F]) -> tuple[F, ...]:
        return tuple(each for each in reversed(self.case.all(kind)) if each.ref not in self.case.answered)

    @cached_property
    def _left(self) -> frozenset[str]:
        return frozenset(each.person for each in self.case.all(PersonLeft))

    def _said(self, fact: Fact) -> Said:
        spoken: tuple[OwnWords, ...] = getattr(fact, "own_words", ())
        told = next(
            (text for name in ("account", "what_was_seen", "reason", "outcome") if (text := getattr(fact, name, None))),
            "",
        )
        return Said(
            ref=fact.ref,
            what=fact.PHRASE,
            words=spoken,
            told="" if spoken else str(told),
            when=self.dated(fact),
            matters=fact.subject_matters,
        )


def short(text: str) -> str:
    """Give the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1].rstrip() + "…"


def _newest_first(said: Said) -> tuple[bool, float]:
    if said.when is None:
        return (True, 0.0)
    return (False, -(said.when.first - datetime(1900, 1, 1)).total_seconds())  # noqa: DTZ001 - civil time
