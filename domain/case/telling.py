"""
Telling the child: what was decided, why, and what became of what they said.

Sources: Care Planning Regulations 2010 regs 8 and 13 (written notice to the child); Children's Homes (England)
Regulations 2015 reg 7; General Comment 12 on article 12 of the UN Convention (feedback).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act
from domain.case.decision import AboutDecision, AboutDecisionCommand
from domain.case.fact import Narrative, Part, Stamp
from domain.case.state import Case
from domain.case.view import OwnWords
from domain.dates import PartialDate, civil
from domain.voice.evidence import Telling


class Told(Part):
    """How the child was told."""

    told: PartialDate = Field(description="When the child was told.")
    reasons: Narrative | None = Field(default=None, description="The reasons as they were given to the child.")
    how: Narrative | None = Field(default=None, description="In person, in a letter, with pictures.")
    complaints_route_explained: bool | None = None
    reaction: tuple[OwnWords, ...] = Field(default=(), description="What the child said to it, word for word.")


class ChildTold(Told, AboutDecision, topic="child.told", phrase="The child was told what was decided"):
    """The child was told of a decision."""

    DATED = "told"
    REF_PREFIX = "telling"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.tellings.append(
            Telling(self.ref, self.decision, self.told, self.reasons is not None, recorded=civil(stamp.recorded_at))
        )


class TellChild(Told, AboutDecisionCommand, records=ChildTold):
    """Record that the child was told of a decision."""

    do: Literal["tell_child"] = "tell_child"

    def check(self, case: Case, act: Act) -> None:
        """Refuse telling a child who was not born."""
        super().check(case, act)
        case.not_before_birth(self, "told")


class NotTold(Part):
    """Why the child was not told."""

    considered: PartialDate
    reason: Narrative = Field(description="Why telling was not right at this age or understanding.")


class ChildNotTold(
    NotTold, AboutDecision, topic="child.not_told", phrase="The child was not told, and the reason was written down"
):
    """Telling the child was not appropriate, for a recorded reason."""

    DATED = "considered"
    REF_PREFIX = "telling"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.tellings.append(
            Telling(
                self.ref,
                self.decision,
                self.considered,
                reasons_given=True,
                appropriate=False,
                recorded=civil(stamp.recorded_at),
            )
        )


class RecordNotTold(NotTold, AboutDecisionCommand, records=ChildNotTold):
    """Record why it was not appropriate to tell the child."""

    do: Literal["record_not_told"] = "record_not_told"
