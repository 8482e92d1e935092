"""Clocks of complaints, of leaving care, and of the record itself: access to it and its keeping."""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.rules.deadlines import Deadline
from domain.rules.england_2010.sources import (
    COMPLAINTS,
    DATA_PROTECTION,
    DATA_USE,
    DAYS,
    LEAVING,
    MONTHS,
    REGULATIONS,
    WORKING_DAYS,
    YEARS,
)
from domain.rules.rule import Authority, Period

DEADLINES: Final = (
    Deadline(
        id="complaint_made",
        says="A complaint is normally made within a year of what it is about.",
        value=Period(1, YEARS),
        trigger="the matter complained of happened",
        authority=Authority.REGULATION,
        citation=f"{COMPLAINTS} (time limit)",
        verified=False,
    ),
    Deadline(
        id="complaint_stage_1",
        says="The first answer to a complaint comes within 10 working days.",
        value=Period(10, WORKING_DAYS),
        trigger="complaint made",
        authority=Authority.REGULATION,
        citation=f"{COMPLAINTS} (stage 1)",
        verified=False,
    ),
    Deadline(
        id="complaint_stage_1_extended",
        says="If it is not simple, the first answer to a complaint comes within 20 working days.",
        value=Period(20, WORKING_DAYS),
        trigger="complaint made",
        authority=Authority.REGULATION,
        citation=f"{COMPLAINTS} (stage 1, extended)",
        verified=False,
    ),
    Deadline(
        id="complaint_stage_2",
        says="An investigated complaint is answered within 25 working days.",
        value=Period(25, WORKING_DAYS),
        trigger="stage 2 started",
        authority=Authority.REGULATION,
        citation=f"{COMPLAINTS} (stage 2)",
        verified=False,
    ),
    Deadline(
        id="complaint_stage_2_extended",
        says="If it is complicated, an investigated complaint is answered within 65 working days.",
        value=Period(65, WORKING_DAYS),
        trigger="stage 2 started",
        authority=Authority.REGULATION,
        citation=f"{COMPLAINTS} (stage 2, extended)",
        verified=False,
    ),
    Deadline(
        id="complaint_panel",
        says="A review panel meets within 30 working days of being asked for.",
        value=Period(30, WORKING_DAYS),
        trigger="review panel asked for",
        authority=Authority.REGULATION,
        citation=f"{COMPLAINTS} (stage 3)",
        verified=False,
    ),
    Deadline(
        id="pathway_assessment",
        says="What a young person needs for leaving care is assessed within 3 months of becoming eligible.",
        value=Period(3, MONTHS),
        trigger="became an eligible child",
        authority=Authority.REGULATION,
        citation=f"{LEAVING} (assessment of needs)",
        verified=False,
    ),
    Deadline(
        id="pathway_review",
        says="The pathway plan is looked at again at least every 6 months.",
        value=Period(6, MONTHS),
        trigger="pathway plan made or reviewed",
        authority=Authority.REGULATION,
        citation=f"{LEAVING} (review of the pathway plan)",
        verified=False,
    ),
    # The month runs to the corresponding date; a last day that is no working day moves on (guidance of the ICO).
    Deadline(
        id="subject_access",
        says="Whoever asks to see their record gets an answer within a month.",
        value=Period(1, MONTHS),
        trigger="request received",
        authority=Authority.STATUTE,
        citation=f"{DATA_PROTECTION} art 12(3)",
        verified=False,
        rolls_to_working_day=True,
    ),
    Deadline(
        id="subject_access_extended",
        says="If a request to see the record is complicated, the answer comes within 3 months of it.",
        value=Period(3, MONTHS),
        trigger="request received",
        authority=Authority.STATUTE,
        citation=f"{DATA_PROTECTION} art 12(3), extended by two further months",
        verified=False,
        rolls_to_working_day=True,
    ),
    Deadline(
        id="data_complaint_acknowledged",
        says="A complaint about how personal data is handled is acknowledged within 30 days.",
        value=Period(30, DAYS),
        trigger="data protection complaint received",
        authority=Authority.STATUTE,
        citation=f"{DATA_USE} (complaints to controllers)",
        verified=True,
        valid_from=date(2026, 6, 19),
    ),
    # These two are the other way round: the record may not be destroyed before the day they give.
    Deadline(
        id="retention",
        says="The record is kept until the 75th anniversary of the child's birth.",
        value=Period(75, YEARS),
        trigger="born",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 50(a)",
        verified=False,
    ),
    Deadline(
        id="retention_after_death",
        says="If the child dies before 18, the record is kept for 15 years from then.",
        value=Period(15, YEARS),
        trigger="died before the age of 18",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 50(b)",
        verified=False,
    ),
)
