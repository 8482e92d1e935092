"""
Clocks of visits: when the social worker next has to see the child.

An interval of *not more than n* is counted from the last visit, that day not counted.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.rules.deadlines import Deadline
from domain.rules.england_2010.sources import MONTHS, REGULATIONS, WEEKS
from domain.rules.rule import Authority, Period

DEADLINES: Final = (
    Deadline(
        id="first_visit",
        says="The social worker visits within a week of the child moving in.",
        value=Period(1, WEEKS),
        trigger="placement started",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(2)(a)",
        verified=True,
    ),
    Deadline(
        id="visit_in_first_year",
        says="In the first year of a placement, the next visit is within 6 weeks of the last.",
        value=Period(6, WEEKS),
        trigger="visited in the first year of the placement",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(2)(b)",
        verified=True,
    ),
    Deadline(
        id="visit_later_until_18",
        says="After the first year, in a home meant to last until 18, the next visit is within 3 months of the last.",
        value=Period(3, MONTHS),
        trigger="visited after the first year of a placement meant to last until 18",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(2)(c)(i)",
        verified=True,
    ),
    Deadline(
        id="visit_later",
        says="After the first year of any other placement, the next visit is within 6 weeks of the last.",
        value=Period(6, WEEKS),
        trigger="visited after the first year of another placement",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(2)(c)(ii)",
        verified=True,
    ),
    # From memory: inserted with the changes to Part 5 of 1 April 2015. That Part 5 changed on that day has been read.
    Deadline(
        id="visit_long_term_foster",
        says="After a year in a long-term foster home, if the child agrees, the next visit is within 6 months.",
        value=Period(6, MONTHS),
        trigger="visited after the first year of a long-term foster placement, the child agreeing",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28 as amended in 2015",
        verified=False,
        valid_from=date(2015, 4, 1),
    ),
    Deadline(
        id="visit_parents_unassessed",
        says="While parents are not yet assessed, visits are weekly until the first review.",
        value=Period(1, WEEKS),
        trigger="visited at parents not yet assessed, before the first review",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(3)(a)",
        verified=True,
    ),
    Deadline(
        id="visit_parents_unassessed_later",
        says="After the first review at parents not yet assessed, the next visit is within 6 weeks of the last.",
        value=Period(6, WEEKS),
        trigger="visited at parents not yet assessed, after the first review",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(3)(b)",
        verified=True,
    ),
    Deadline(
        id="visit_temporary",
        says="With a temporary carer, or parents under an interim order, visits are weekly until the first review.",
        value=Period(1, WEEKS),
        trigger="visited at a temporary carer, or at parents under an interim care order, before the first review",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(4)(a)",
        verified=True,
    ),
    Deadline(
        id="visit_temporary_later",
        says="With a temporary carer, or parents under an interim order, visits after a first review are 4-weekly.",
        value=Period(4, WEEKS),
        trigger="visited at a temporary carer, or at parents under an interim care order, after the first review",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(4)(b)",
        verified=True,
    ),
    Deadline(
        id="first_visit_parents_order",
        says="When a child living with parents comes under a care order, the first visit is within a week.",
        value=Period(1, WEEKS),
        trigger="care order made, the child living with parents",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(5)(a)",
        verified=True,
    ),
    Deadline(
        id="visit_parents_order",
        says="With parents under a care order, the next visit is within 6 weeks of the last.",
        value=Period(6, WEEKS),
        trigger="visited at parents under a care order",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 28(5)(b)",
        verified=True,
    ),
)
