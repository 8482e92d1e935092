"""
Times in which a child was missing, or away without leave.

Source: SSDA903 table Missing.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.episodes import refuse_second_end
from domain.case.fact import Fact, Part, Ref, Stamp
from domain.case.refusal import DatesRefused
from domain.case.state import Case
from domain.codes import MissingKind
from domain.dates import PartialDate


class Absence(Part):
    """That a child was not where they should be."""

    since: PartialDate = Field(description="Since when (`MIS_START`).")
    missing: MissingKind | None = Field(default=None, description="Missing, or away without leave (`MISSING`).")


class WentMissing(Absence, Fact, topic="child.went_missing", phrase="The child was not where they should be"):
    """The child went missing, or was away without leave."""

    DATED = "since"
    REF_PREFIX = "missing"


class RecordMissing(Absence, Command, records=WentMissing):
    """Record that the child went missing, or was away without leave."""

    do: Literal["record_missing"] = "record_missing"

    def check(self, case: Case, act: Act) -> None:
        """Refuse an absence before birth."""
        case.must_exist()
        case.not_before_birth(self, "since")


class Finding(Part):
    """That the child is back."""

    absence: Ref = Field(description="When the child was not where they should be.")
    back: PartialDate = Field(description="When the child was back (`MIS_END`).")


class CameBack(Finding, Fact, topic="child.came_back", phrase="The child was found or came back"):
    """The child was found, or came back."""

    DATED = "back"
    REF_PREFIX = "missing-end"

    @property
    def about(self) -> tuple[str, ...]:
        """The absence."""
        return (self.absence,)

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Remember that the absence has ended."""
        case.answered[self.absence] = self.ref


class RecordCameBack(Finding, Command, records=CameBack):
    """Record that the child was found, or came back."""

    do: Literal["record_came_back"] = "record_came_back"

    def check(self, case: Case, act: Act) -> None:
        """Refuse coming back without having been away, twice, or before."""
        case.must_exist()
        absence = case.find(WentMissing, self.absence, field="absence")
        refuse_second_end(case, self.absence)
        if self.back.before(absence.since):
            raise DatesRefused("`back` lies before the child went missing. Check both dates.", field="back")
