"""Clocks of contact: how long an urgent refusal lasts, and who is told by when."""

from __future__ import annotations

from typing import Final

from domain.rules.deadlines import Deadline
from domain.rules.england_2010.sources import ACT, DAYS, REGULATIONS, WORKING_DAYS
from domain.rules.rule import Authority, Period

DEADLINES: Final = (
    # The statute limits the refusal itself, which ends at the hour it began. Its effect has been read, not its words.
    Deadline(
        id="contact_refusal",
        says="When seeing someone is stopped in a hurry, it can last 7 days at most; longer needs a court.",
        value=Period(7, DAYS),
        trigger="contact refused as a matter of urgency",
        authority=Authority.STATUTE,
        citation=f"{ACT} s 34(6)",
        verified=False,
        keeps_time_of_day=True,
    ),
    Deadline(
        id="contact_refusal_notice",
        says="The child and everybody concerned are told in writing at once when seeing someone is stopped in a hurry.",
        value=None,
        trigger="contact refused as a matter of urgency",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 8(1) to (3): immediately",
        verified=True,
    ),
    Deadline(
        id="contact_departure_notice",
        says="A change agreed to what the court ordered on contact is notified within 5 working days.",
        value=Period(5, WORKING_DAYS),
        trigger="departure from a contact order decided",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 8(4) and (5)",
        verified=False,
    ),
    Deadline(
        id="contact_variation_notice",
        says="The people concerned are told at once when other contact arrangements are changed or stopped.",
        value=None,
        trigger="contact varied or suspended outside an order",
        authority=Authority.REGULATION,
        citation=f"{REGULATIONS} reg 8(6): immediately",
        verified=False,
    ),
)
