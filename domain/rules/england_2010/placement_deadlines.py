"""Clocks of the care plan and of placements: plans, notices, temporary approvals, secure accommodation."""

from __future__ import annotations

from typing import Final

from domain.rules.deadlines import Deadline
from domain.rules.england_2010.sources import MONTHS, REGULATIONS, SECURE, WEEKS, WORKING_DAYS
from domain.rules.rule import Authority, Period

DEADLINES: Final = (
    Deadline(
        id="care_plan",
        says="The care plan is ready before the first placement, or within 10 working days of its start.",
        value=Period(10, WORKING_DAYS),
        trigger="first placement started",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 4(2)",
        verified=True,
    ),
    Deadline(
        id="placement_plan",
        says="The placement plan is ready before the child moves in, or within 5 working days of the start.",
        value=Period(5, WORKING_DAYS),
        trigger="placement started",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 9(2)",
        verified=True,
    ),
    Deadline(
        id="placement_notice",
        says="After an emergency move, the child and everybody concerned get written notice within 5 working days.",
        value=Period(5, WORKING_DAYS),
        trigger="placement started in an emergency",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 13(1) to (3)",
        verified=True,
    ),
    Deadline(
        id="area_authority_notice",
        says="After an emergency move out of the area, the council there gets written notice within 5 working days.",
        value=Period(5, WORKING_DAYS),
        trigger="placement outside the area started in an emergency",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 13(4)",
        verified=True,
    ),
    Deadline(
        id="out_of_area_conditions",
        says="After an emergency move out of the area, the rest of the checks are done within 5 working days.",
        value=Period(5, WORKING_DAYS),
        trigger="placement outside the area started in an emergency",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 11(3)",
        verified=False,
    ),
    Deadline(
        id="termination_notice",
        says="When a placement was ended without notice, written notice follows within 10 working days.",
        value=Period(10, WORKING_DAYS),
        trigger="placement ended",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 14(4)",
        verified=True,
    ),
    Deadline(
        id="parent_assessment",
        says="When a child goes home before the parents were assessed, that is done within 10 working days.",
        value=Period(10, WORKING_DAYS),
        trigger="placement with parents started before assessment",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 19",
        verified=False,
    ),
    Deadline(
        id="parent_decision",
        says="Within 10 working days of assessing the parents it is decided whether the child stays with them.",
        value=Period(10, WORKING_DAYS),
        trigger="assessment of the parents finished",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 19",
        verified=False,
    ),
    Deadline(
        id="emergency_foster_placement",
        says="In an emergency a child stays at most 6 working days with foster carers not approved for that child.",
        value=Period(6, WORKING_DAYS),
        trigger="emergency foster placement started",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 23",
        verified=False,
    ),
    Deadline(
        id="temporary_approval",
        says="A relative or friend may care for a child on a temporary approval for up to 16 weeks.",
        value=Period(16, WEEKS),
        trigger="temporary approval given",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 24",
        verified=True,
    ),
    Deadline(
        id="temporary_approval_extended",
        says="A temporary approval of a relative or friend can be made longer once, by up to 8 weeks.",
        value=Period(8, WEEKS),
        trigger="first temporary approval ran out",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 25",
        verified=True,
    ),
    Deadline(
        id="secure_first_review",
        says="Whether a child is still to be kept in secure accommodation is looked at within a month.",
        value=Period(1, MONTHS),
        trigger="secure accommodation started",
        authority=Authority.REGULATION,
        citation=f"{SECURE} reg 15",
        verified=False,
    ),
    Deadline(
        id="secure_later_review",
        says="Whether a child is still to be kept in secure accommodation is looked at again at least every 3 months.",
        value=Period(3, MONTHS),
        trigger="secure accommodation reviewed",
        authority=Authority.REGULATION,
        citation=f"{SECURE} reg 15",
        verified=False,
    ),
)
