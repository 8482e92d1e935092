"""
Material changes: what overtakes an earlier view.

"I like it here", said before an allegation or a disclosure, is not a view on the new facts. Other events that the IRO
must hear of and that change nothing about a matter are recorded here too, without a matter.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Narrative, Part, Stamp
from domain.case.people import refuse_strangers
from domain.case.state import Case
from domain.dates import PartialDate, civil
from domain.matters import Matter
from domain.voice.evidence import MaterialChange


class Circumstance(StrEnum):
    """What kind of event it is."""

    ALLEGATION = "ALLEGATION"
    DISCLOSURE = "DISCLOSURE"
    MISSING = "MISSING"
    FAMILY_CHANGE = "FAMILY_CHANGE"
    DEATH_IN_FAMILY = "DEATH_IN_FAMILY"
    OFFENCE = "OFFENCE"
    ILLNESS = "ILLNESS"
    PLACEMENT_TROUBLE = "PLACEMENT_TROUBLE"
    COMPLAINT = "COMPLAINT"
    OTHER = "OTHER"


class Change(Part):
    """What happened."""

    kind: Circumstance
    happened: PartialDate
    what: Narrative
    matters: tuple[Matter, ...] = Field(default=(), description="The matters on which it overtakes earlier views.")


class CircumstancesChanged(Change, Fact, topic="circumstances.changed", phrase="Something important happened"):
    """Something happened that matters for the child's case."""

    DATED = "happened"
    REF_PREFIX = "change"

    @property
    def subject_matters(self) -> tuple[str, ...]:
        """The matters it changes."""
        return self.matters

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see what it overtakes."""
        case.evidence.material_changes.extend(
            MaterialChange(self.ref, matter, self.happened, civil(stamp.recorded_at)) for matter in self.matters
        )


class RecordChange(Change, Command, records=CircumstancesChanged):
    """Record something that happened, and which matters it changes."""

    do: Literal["record_change"] = "record_change"

    def check(self, case: Case, act: Act) -> None:
        """Refuse contact with somebody the case does not know."""
        case.must_exist()
        refuse_strangers(case, self.matters)
