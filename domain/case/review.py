"""
Reviews and visits: when the child was met, and whether in private.

A participation code says how the child took part in a meeting. It never proves a view on a matter. Sources: Care
Planning Regulations 2010 Parts 5 and 6 (regs 28, 29, 32, 33, 36); SSDA903 `REVIEW_CODE`, rules 440 and 441.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Name, Narrative, Part
from domain.case.refusal import DatesRefused, IncompleteRefused
from domain.case.state import Case
from domain.codes import ReviewCode
from domain.dates import PartialDate, Precision
from domain.voice.evidence import SeenAlone

_FOURTH_BIRTHDAY: Final = 4


class Review(Part):
    """One review."""

    held: PartialDate = Field(description="When the review was held.")
    participation: ReviewCode | None = Field(default=None, description="How the child took part (`REVIEW_CODE`).")
    chaired_by: Name | None = None
    spoken_to_in_private: SeenAlone | None = Field(
        default=None, description="Whether the IRO spoke with the child alone."
    )
    decisions: tuple[Narrative, ...] = Field(default=(), description="What the review decided or recommended.")
    not_done: tuple[Narrative, ...] = Field(default=(), description="Earlier decisions not carried out.")
    note: Narrative | None = None


class ReviewHeld(Review, Fact, topic="review.held", phrase="A review meeting was held"):
    """A review of the child's case was held."""

    DATED = "held"
    REF_PREFIX = "review"


class RecordReview(Review, Command, records=ReviewHeld):
    """Record a review of the child's case."""

    do: Literal["record_review"] = "record_review"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a participation code that contradicts the child's age; on the fourth birthday either passes."""
        case.must_exist()
        case.not_before_birth(self, "held")
        refuse_participation(case.born, self.held, self.participation, field="participation")


def refuse_participation(
    born: PartialDate | None, held: PartialDate, participation: ReviewCode | None, *, field: str
) -> None:
    """Refuse a participation code that contradicts the child's age; on the fourth birthday either passes."""
    if participation is None or born is None or born.precision not in (Precision.DAY, Precision.INSTANT):
        return
    birthday = (born.first.year + _FOURTH_BIRTHDAY, born.first.month, born.first.day)
    held_first, held_last = held.first_day.timetuple()[:3], held.last_day.timetuple()[:3]
    if participation is ReviewCode.PN0 and held_first > birthday:
        raise DatesRefused("PN0 is for children under four. Choose how the child took part.", field=field)
    if participation is not ReviewCode.PN0 and held_last < birthday:
        raise DatesRefused("Before the fourth birthday the code is PN0. Check the code and the date.", field=field)


class Visit(Part):
    """One visit."""

    visited: PartialDate = Field(description="When the child was visited.")
    seen_alone: SeenAlone = Field(description="Whether the child was spoken to in private, or why not.")
    seen_alone_reason: Narrative | None = None
    visitor: Name | None = None
    note: Narrative | None = None


class VisitMade(Visit, Fact, topic="visit.made", phrase="Somebody came to visit"):
    """The child was visited."""

    DATED = "visited"
    REF_PREFIX = "visit"


class RecordVisit(Visit, Command, records=VisitMade):
    """Record a visit to the child."""

    do: Literal["record_visit"] = "record_visit"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a child not seen alone without the reason regulation 29 asks for."""
        case.must_exist()
        case.not_before_birth(self, "visited")
        if self.seen_alone in (SeenAlone.INAPPROPRIATE, SeenAlone.UNABLE) and self.seen_alone_reason is None:
            raise IncompleteRefused(
                "Say in `seen_alone_reason` why the child was not seen alone.", field="seen_alone_reason"
            )
