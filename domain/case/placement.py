"""
Where the child lives.

Sources: Children Act 1989 ss 22C and 22D; Care Planning Regulations 2010 regs 9, 11, 13 and 14; SSDA903 codes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act
from domain.case.decision import DecisionCommand, DecisionMade
from domain.case.episodes import URN
from domain.case.fact import Name, Narrative, Part, Ref
from domain.case.people import PersonIntroduced
from domain.case.state import Case
from domain.codes import Place, Provider, ReasonPlaceChange

PlacementKind = Literal[
    "PLACEMENT_FIRST",
    "PLACEMENT_MOVE",
    "PLACEMENT_MOVE_PLANNED",
    "PLACEMENT_MOVE_UNPLANNED",
    "PLACEMENT_MOVE_EMERGENCY",
    "PLACEMENT_STATUS_ONLY",
    "PLACEMENT_TEMPORARY",
    "PLACEMENT_OUT_OF_AREA",
    "PLACEMENT_AT_DISTANCE",
    "PLACEMENT_WITH_PARENTS",
    "RETURN_HOME",
    "MOVE_TO_SUPPORTED_ACCOMMODATION",
    "SIBLING_SEPARATION",
    "SIBLING_REUNION",
    "OVERSEAS_PLACEMENT",
]


class Move(Part):
    """A move from one home to another."""

    kind: PlacementKind
    place: Place | None = Field(default=None, description="The kind of home, as an SSDA903 code (`PLACE`).")
    provider: Provider | None = Field(default=None, description="Who provides it (`PLACE_PROVIDER`).")
    home: Name | None = Field(default=None, description="What the child calls the home or the people in it.")
    carer: Ref | None = Field(default=None, description="The carer among the people of the child's life.")
    urn: str | None = Field(default=None, pattern=URN, description="Ofsted's number of the home.")
    distance_miles: float | None = Field(default=None, ge=0, le=9999, description="Miles from home.")
    out_of_area: bool | None = Field(default=None, description="Outside the responsible authority's area.")
    at_distance: bool | None = Field(default=None, description="Neither in its own nor in an adjoining area.")
    reason_place_change: ReasonPlaceChange | None = Field(
        default=None, description="Why the placement that ends, ends (`REASON_PLACE_CHANGE`)."
    )
    same_carer: bool | None = None
    with_siblings: tuple[Ref, ...] = Field(default=(), description="Brothers and sisters in the same home.")
    school_changes: bool | None = None
    notice_days: int | None = Field(default=None, ge=0, le=3650, description="Days' notice the child had.")
    introductions: Narrative | None = Field(default=None, description="Visits and introductions before the move.")
    belongings: Narrative | None = Field(default=None, description="What happened to the child's things.")


class PlacementMoveDecided(
    Move, DecisionMade, topic="placement.move_decided", phrase="It was decided where the child would live"
):
    """A placement was decided."""

    REVIEW_FIRST = True
    INFORM_IRO = True

    @property
    def people(self) -> tuple[str, ...]:
        """The carer, the brothers and sisters in the same home, and who else said something."""
        return (*((self.carer,) if self.carer else ()), *self.with_siblings, *super().people)

    def out_of_area_placement(self) -> bool:
        """Tell whether the child is placed outside the authority's area."""
        said = self.out_of_area or self.at_distance
        return bool(said) or self.kind in ("PLACEMENT_OUT_OF_AREA", "PLACEMENT_AT_DISTANCE")

    def child_asked_for_it(self) -> bool:
        """Tell whether the reason for the change is that the child asked to move."""
        return self.reason_place_change is ReasonPlaceChange.CHILD


class DecidePlacementMove(Move, DecisionCommand, records=PlacementMoveDecided):
    """Record a decision about where the child lives."""

    do: Literal["decide_placement_move"] = "decide_placement_move"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a carer or a brother or sister the case does not know."""
        super().check(case, act)
        for field, refs in (("carer", (self.carer,) if self.carer else ()), ("with_siblings", self.with_siblings)):
            for ref in refs:
                case.find(PersonIntroduced, ref, field=field)
