"""
The people in the child's life, from and to.

Family, friends, carers and professionals are people in the same list; what they are to the child is the relationship.
Contact is decided per person, so a matter like `contact:mother` points at a person introduced here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Name, Narrative, Part, Ref, Stamp
from domain.case.refusal import DatesRefused, NotThereRefused
from domain.case.state import Case
from domain.dates import PartialDate
from domain.matters import contact_with


class Relationship(StrEnum):
    """What a person is to the child."""

    MOTHER = "MOTHER"
    FATHER = "FATHER"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    GRANDPARENT = "GRANDPARENT"
    RELATIVE = "RELATIVE"
    FRIEND = "FRIEND"
    CARER = "CARER"
    SOCIAL_WORKER = "SOCIAL_WORKER"
    IRO = "IRO"
    PERSONAL_ADVISER = "PERSONAL_ADVISER"
    ADVOCATE = "ADVOCATE"
    INDEPENDENT_VISITOR = "INDEPENDENT_VISITOR"
    TEACHER = "TEACHER"
    OTHER = "OTHER"


class Introduction(Part):
    """Who somebody is."""

    name: Name = Field(description="What the child calls them.")
    relationship: Relationship
    since: PartialDate | None = Field(default=None, description="Since when they are in the child's life, if known.")
    note: Narrative | None = Field(default=None, description="What the child would want to remember about them.")


class PersonIntroduced(Introduction, Fact, topic="person.introduced", phrase="Somebody came into the child's life"):
    """A person in the child's life was named."""

    DATED = "since"
    REF_PREFIX = "person"

    @property
    def people(self) -> tuple[str, ...]:
        """The person."""
        return (self.ref,)

    @property
    def third_party(self) -> str:
        """The person: name and note are theirs."""
        return self.ref


class IntroducePerson(Introduction, Command, records=PersonIntroduced):
    """Name a person in the child's life. The `ref` you give is what contact and views point at."""

    do: Literal["introduce_person"] = "introduce_person"


def refuse_strangers(case: Case, matters: tuple[str, ...]) -> None:
    """Refuse a matter of contact with somebody the case does not know."""
    for matter in matters:
        if (person := contact_with(matter)) is not None:
            case.find(PersonIntroduced, person, field="matters")


class Parting(Part):
    """When somebody left."""

    person: Ref
    until: PartialDate = Field(description="Until when they were in the child's life.")
    reason: Narrative | None = None


class PersonLeft(Parting, Fact, topic="person.left", phrase="Somebody left the child's life"):
    """A person is no longer in the child's life."""

    DATED = "until"
    REF_PREFIX = "parting"

    @property
    def about(self) -> tuple[str, ...]:
        """The person."""
        return (self.person,)

    @property
    def people(self) -> tuple[str, ...]:
        """The person."""
        return (self.person,)

    @property
    def third_party(self) -> str:
        """The person."""
        return self.person

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Remember that this person has left."""
        case.answered[self.person] = self.ref


class RecordPersonLeft(Parting, Command, records=PersonLeft):
    """Record that a person is no longer in the child's life."""

    do: Literal["record_person_left"] = "record_person_left"

    def check(self, case: Case, act: Act) -> None:
        """Refuse leaving without having been there, leaving twice, and leaving before coming."""
        case.must_exist()
        person = case.find(PersonIntroduced, self.person, field="person")
        if self.person in case.answered:
            raise NotThereRefused(
                f"That {self.person} left is on record already, as {case.answered[self.person]}. Nothing needs doing."
            )
        if person.since and self.until.before(person.since):
            raise DatesRefused(
                "`until` lies before the person came into the child's life. Check both dates.", field="until"
            )
