"""
Clocks of reviews and of the independent reviewing officer.

The periods of the IRO Handbook are statutory guidance, not regulation.
"""

from __future__ import annotations

from typing import Final

from domain.rules.deadlines import Deadline
from domain.rules.england_2010.sources import DAYS, HANDBOOK, MONTHS, REGULATIONS, WORKING_DAYS
from domain.rules.rule import Authority, Convention, Period

DEADLINES: Final = (
    Deadline(
        id="iro_appointed",
        says="An independent reviewing officer is named within 5 working days of the child coming into care.",
        value=Period(5, WORKING_DAYS),
        trigger="became looked after",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (appointment)",
        verified=True,
    ),
    Deadline(
        id="first_review",
        says="The first review is held within 20 working days of the child coming into care.",
        value=Period(20, WORKING_DAYS),
        trigger="became looked after",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 33(1)",
        verified=True,
    ),
    Deadline(
        id="second_review",
        says="The second review is held within 3 months of the first.",
        value=Period(3, MONTHS),
        trigger="first review held",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 33(2)",
        verified=True,
    ),
    Deadline(
        id="later_review",
        says="Every later review is held within 6 months of the one before.",
        value=Period(6, MONTHS),
        trigger="second or later review held",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 33(2)",
        verified=True,
    ),
    Deadline(
        id="review_consultation",
        says="The social worker talks with the reviewing officer at least 15 working days before a review.",
        value=Period(15, WORKING_DAYS, Convention.COUNTED_BACK),
        trigger="review planned for",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (before the review)",
        verified=True,
    ),
    Deadline(
        id="review_reports",
        says="The reports for a review can be read at least 3 days before it.",
        value=Period(3, DAYS, Convention.COUNTED_BACK),
        trigger="review planned for",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (before the review)",
        verified=True,
    ),
    Deadline(
        id="review_adjourned",
        says="A review that was put off is finished within 20 working days.",
        value=Period(20, WORKING_DAYS),
        trigger="review adjourned",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 36(2)",
        verified=False,
    ),
    Deadline(
        id="review_decisions",
        says="The decisions of a review are sent round within 5 working days.",
        value=Period(5, WORKING_DAYS),
        trigger="review held",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (after the review)",
        verified=False,
    ),
    Deadline(
        id="review_decisions_answered",
        says="A manager who does not agree with the decisions of a review says so within 5 working days.",
        value=Period(5, WORKING_DAYS),
        trigger="review decisions received",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (after the review)",
        verified=False,
    ),
    Deadline(
        id="review_record",
        says="The full record of a review is written within 15 working days.",
        value=Period(15, WORKING_DAYS),
        trigger="review held",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (after the review)",
        verified=False,
    ),
    Deadline(
        id="review_record_sent",
        says="The record of a review reaches everybody, the child included, within 20 working days.",
        value=Period(20, WORKING_DAYS),
        trigger="review held",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (after the review)",
        verified=False,
    ),
    Deadline(
        id="dispute_resolution",
        says="A disagreement the reviewing officer raises is settled within 20 working days, all stages together.",
        value=Period(20, WORKING_DAYS),
        trigger="challenge raised",
        authority=Authority.GUIDANCE,
        citation=f"{HANDBOOK} (dispute resolution)",
        verified=False,
    ),
    # The regulation limits what is intended; the day the child comes is counted as the first, the stricter reading.
    Deadline(
        id="short_break",
        says="One short break lasts 17 days at most.",
        value=Period(17, DAYS, Convention.BEGINNING_WITH),
        trigger="short break started",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 48(2)(c)(i)",
        verified=True,
    ),
    Deadline(
        id="short_breaks_first_review",
        says="The first review of short breaks is held within 3 months.",
        value=Period(3, MONTHS),
        trigger="first short break started",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 48",
        verified=False,
    ),
    Deadline(
        id="short_breaks_later_review",
        says="Every later review of short breaks is held within 6 months of the one before.",
        value=Period(6, MONTHS),
        trigger="short breaks reviewed",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 48",
        verified=False,
    ),
)
