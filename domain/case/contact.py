"""
Whom the child sees and hears from: one arrangement per person.

Sources: Children Act 1989 s 34 and Sch 2 para 15; Care Planning Regulations 2010 reg 8 (urgent refusal, seven days).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from domain.case.command import Act
from domain.case.decision import DecisionCommand, DecisionMade
from domain.case.fact import Narrative, Part, Ref
from domain.case.people import PersonIntroduced
from domain.case.refusal import ContactRefused, IncompleteRefused
from domain.case.state import Case
from domain.dates import PartialDate

ContactKind = Literal[
    "CONTACT_ARRANGE",
    "CONTACT_INCREASE",
    "CONTACT_REDUCTION",
    "CONTACT_SUSPENSION",
    "CONTACT_SUPERVISION_CHANGE",
    "CONTACT_REFUSAL_URGENT",
]
STARTS_AN_ARRANGEMENT: Final = frozenset({"CONTACT_ARRANGE", "CONTACT_REFUSAL_URGENT"})


class Mode(StrEnum):
    """How they are in touch."""

    FACE_TO_FACE = "FACE_TO_FACE"
    OVERNIGHT = "OVERNIGHT"
    VIDEO = "VIDEO"
    PHONE = "PHONE"
    LETTERBOX = "LETTERBOX"
    NONE = "NONE"


class Arrangement(Part):
    """An arrangement with one person."""

    kind: ContactKind
    person: Ref = Field(description="The person in the child's life.")
    frequency: Narrative | None = Field(default=None, description="How often, in words.")
    mode: Mode | None = None
    supervised: bool | None = None
    venue: Narrative | None = None
    child_led: bool | None = Field(default=None, description="Whether the child says when and how often.")
    until: PartialDate | None = Field(
        default=None, description="Until when it holds; an urgent refusal lapses after 7 days."
    )


class ContactArrangementDecided(
    Arrangement, DecisionMade, topic="contact.arrangement_decided", phrase="It was decided how to keep in touch"
):
    """How the child and one person are in touch was decided."""

    @property
    def about(self) -> tuple[str, ...]:
        """The person too."""
        return (self.person, *super().about)

    @property
    def people(self) -> tuple[str, ...]:
        """The person, and who else said something."""
        return (self.person, *super().people)


class DecideContact(Arrangement, DecisionCommand, records=ContactArrangementDecided):
    """Record a decision about contact with one person."""

    do: Literal["decide_contact"] = "decide_contact"

    def usual_matters(self, case: Case) -> tuple[str, ...]:
        """Contact with this person."""
        return (f"contact:{self.person}",)

    def check(self, case: Case, act: Act) -> None:
        """Refuse varying an arrangement that does not exist."""
        case.must_exist()
        case.find(PersonIntroduced, self.person, field="person")
        if self.untouched:
            raise IncompleteRefused(
                "A decision about contact with somebody changes that contact. Take it out of `untouched`.",
                field="untouched",
            )
        super().check(case, act)
        known = any(each.person == self.person for each in case.all(ContactArrangementDecided))
        if not known and self.kind not in STARTS_AN_ARRANGEMENT:
            raise ContactRefused(
                f"There is no arrangement for contact with {self.person} to change. "
                "Record what was arranged first, with `kind` CONTACT_ARRANGE.",
                field="kind",
            )
