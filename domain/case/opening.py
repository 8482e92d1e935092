"""
Opening, closing and reopening a case.

Sources: Children Act 1989 s 22(1) (looked after); Care Planning Regulations 2010 reg 50 (retention counts from birth).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Name, Narrative, Part, Ref, Stamp
from domain.case.refusal import ClosedRefused, DatesRefused, NotOpenRefused
from domain.case.state import CarePeriod, Case
from domain.codes import ReasonEpisodeCeased
from domain.dates import PartialDate, civil
from domain.rules import jurisdictions


class Opening(Part):
    """Whose case this is."""

    child: Name = Field(description="What the child is called.", examples=["Amira"])
    born: PartialDate | None = Field(default=None, description="When the child was born, as exactly as is known.")
    looked_after_from: PartialDate | None = Field(default=None, description="When being looked after began.")
    jurisdiction: str = Field(
        default="england",
        description="The nation of the responsible authority; its rules apply wherever the child lives.",
        examples=list(jurisdictions()),
        json_schema_extra={"enum": list(jurisdictions())},
    )
    local_id: Ref | None = Field(default=None, description="The child's identifier in the authority's own system.")


class CaseOpened(Opening, Fact, topic="case.opened", phrase="The record began"):
    """A case was opened for a child."""

    DATED = "looked_after_from"
    REF_PREFIX = "case"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Open the case."""
        case.open = True
        case.care.append(CarePeriod(self.ref, self.looked_after_from))
        case.born = self.born
        case.jurisdiction = self.jurisdiction


class OpenCase(Opening, Command, records=CaseOpened):
    """Open the case of a child."""

    do: Literal["open_case"] = "open_case"

    def jurisdiction_of(self, case: Case) -> str:
        """The case has none yet; the command brings it."""
        return self.jurisdiction

    def check(self, case: Case, act: Act) -> None:
        """Refuse a second opening, a nation without rules, and care before birth."""
        if case.version:
            raise NotOpenRefused("This case is open already. Record what is new with the other commands.")
        if self.born and self.born.after(PartialDate.at(civil(act.at))):
            raise DatesRefused("`born` lies in the future. Check the date.", field="born")
        if self.born and self.looked_after_from and self.looked_after_from.before(self.born):
            raise DatesRefused("`looked_after_from` lies before `born`. Check both dates.", field="looked_after_from")

    def fact(self, case: Case, act: Act) -> Fact:
        """Refuse an unknown nation before its rules are looked up."""
        if self.jurisdiction not in jurisdictions():
            raise NotOpenRefused(
                "There are no rules for that `jurisdiction`. Use one of: " + ", ".join(jurisdictions()) + ".",
                field="jurisdiction",
            )
        return super().fact(case, act)


class Closing(Part):
    """How being looked after ended."""

    ended: PartialDate = Field(description="When being looked after ended.")
    reason: ReasonEpisodeCeased = Field(description="The SSDA903 code for the reason (`REC`).")
    note: Narrative | None = Field(default=None, description="What is worth knowing about the ending.")


class CaseClosed(Closing, Fact, topic="case.closed", phrase="Being looked after ended"):
    """The child ceased to be looked after."""

    DATED = "ended"
    REF_PREFIX = "closing"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Close the case."""
        case.open = False
        case.care[-1].closed, case.care[-1].ends = self.ref, self.ended


class CloseCase(Closing, Command, records=CaseClosed):
    """Record that the child ceased to be looked after."""

    do: Literal["close_case"] = "close_case"

    def check(self, case: Case, act: Act) -> None:
        """Refuse closing what is closed, or before birth."""
        case.must_exist()
        if not case.open:
            raise ClosedRefused("This case is closed already. Nothing needs doing.")
        if case.born and self.ended.before(case.born):
            raise DatesRefused("`ended` lies before the child's birth. Check the date.", field="ended")
        begins = case.care[-1].begins
        if begins and self.ended.before(begins):
            raise DatesRefused(
                f"`ended` lies before being looked after began ({begins}). Check both dates.", field="ended"
            )


class Reopening(Part):
    """Why the case is open again."""

    again_from: PartialDate = Field(description="From when the child is looked after again.")
    note: Narrative | None = None


class CaseReopened(Reopening, Fact, topic="case.reopened", phrase="Being looked after began again"):
    """The child came back into care."""

    DATED = "again_from"
    REF_PREFIX = "reopening"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Open the case again."""
        case.open = True
        case.care.append(CarePeriod(self.ref, self.again_from))


class ReopenCase(Reopening, Command, records=CaseReopened):
    """Record that the child is looked after again."""

    do: Literal["reopen_case"] = "reopen_case"

    def check(self, case: Case, act: Act) -> None:
        """Refuse reopening what is open, or before it was closed."""
        case.must_exist()
        if case.open:
            raise ClosedRefused("This case is open already. Nothing needs doing.")
        if case.closed_on and self.again_from.before(case.closed_on):
            raise DatesRefused(
                "`again_from` lies before the day the case was closed. Check both dates.", field="again_from"
            )
