"""
The numbers and lists the question is answered with.

No law says for how long a view stays fresh. Every number here is house policy, chosen to follow the rhythm in which the
law brings an adult to the child (visits, reviews) or a paper to be written (placement plan, notices).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from domain.rules.england_2010.sources import ACT, DAYS, HOUSE, REGULATIONS, WORKING_DAYS
from domain.rules.rule import Authority, Period, Rule

_ONE_VISIT: Final = 42
"""Six weeks, the longest time between visits in the first year: who kept to it has talked with the child since."""
_BETWEEN_REVIEWS: Final = 91
"""Three months, the longest time to the second review and between visits later: plans move at the pace of reviews."""

_BY_VISITS: Final = f"{HOUSE}, after the visiting interval of {REGULATIONS} reg 28(2)"
_BY_REVIEWS: Final = f"{HOUSE}, after the review interval of {REGULATIONS} reg 33(2)"


def _fresh(root: str, subject: str, days: int, citation: str) -> Rule[int]:
    return Rule(
        id=f"freshness.{root}",
        says=f"What a child said about {subject} counts as fresh for {days} days.",
        value=days,
        authority=Authority.POLICY,
        citation=citation,
        verified=False,
    )


FRESHNESS: Final = MappingProxyType(
    {
        "placement": _fresh("placement", "where to live", _ONE_VISIT, _BY_VISITS),
        "contact": _fresh("contact", "whom to see", _ONE_VISIT, _BY_VISITS),
        "education": _fresh("education", "school", _ONE_VISIT, _BY_VISITS),
        "health": _fresh("health", "health and treatment", _ONE_VISIT, _BY_VISITS),
        "siblings": _fresh("siblings", "brothers and sisters", _ONE_VISIT, _BY_VISITS),
        # The gravest measure there is, and the state a child is in changes fast: no longer than for a placement.
        "liberty": _fresh("liberty", "being locked in or held", _ONE_VISIT, _BY_VISITS),
        # The child meets these adults at visits, and a change of them comes up and is done within weeks.
        "professionals": _fresh("professionals", "who works with them", _ONE_VISIT, _BY_VISITS),
        "careplan": _fresh("careplan", "the plan for the future", _BETWEEN_REVIEWS, _BY_REVIEWS),
        "legal": _fresh("legal", "the court order", _BETWEEN_REVIEWS, _BY_REVIEWS),
        "leaving": _fresh("leaving", "leaving care", _BETWEEN_REVIEWS, _BY_REVIEWS),
        # A home after care is planned over months, with the pathway plan it belongs to.
        "accommodation": _fresh("accommodation", "a home after care", _BETWEEN_REVIEWS, _BY_REVIEWS),
        # Name, faith and nationality are settled slowly, and a view on them lasts.
        "identity": _fresh("identity", "name, faith or nationality", _BETWEEN_REVIEWS, _BY_REVIEWS),
    }
)

FRESHNESS_OTHERWISE: Final = _fresh("otherwise", "anything else", _ONE_VISIT, _BY_VISITS)

SAME_PROPOSAL_CAP: Final = Rule(
    id="same_proposal_cap",
    says="What a child said when asked about just this suggested change counts for up to 183 days.",
    value=183,
    authority=Authority.POLICY,
    citation=f"{HOUSE}, after the longest review interval of {REGULATIONS} reg 33(2); {ACT} s 22(4): the matter to be "
    "decided",
    verified=False,
)

RECORDING_TOLERANCE: Final = Rule(
    id="recording_tolerance",
    says="What a child said is to be written up within five working days.",
    value=Period(5, WORKING_DAYS),
    authority=Authority.POLICY,
    citation=f"{HOUSE}, after common local practice",
    verified=False,
)

EMERGENCY_WINDOW: Final = Rule(
    id="emergency_window",
    says="After a real emergency the child is asked within five working days of the change. It is never later than "
    "seven days after it.",
    value=(Period(5, WORKING_DAYS), Period(7, DAYS)),
    authority=Authority.POLICY,
    citation=f"{HOUSE}, after {REGULATIONS} regs 9(2), 13(1), 28(2)(a) and 29",
    verified=False,
)

FEEDBACK_DUE: Final = Rule(
    id="feedback_due",
    says="The child is told what was decided and why within five working days, and before a planned change happens.",
    value=Period(5, WORKING_DAYS),
    authority=Authority.POLICY,
    citation=f"{HOUSE}, after {REGULATIONS} reg 13(1)",
    verified=False,
)

EMERGENCY_GROUNDS: Final = Rule(
    id="emergency_grounds",
    says="Only these grounds make an emergency, and only with a written reason why the child could not be asked.",
    value=frozenset(
        {
            "REG14_3_IMMEDIATE_RISK",
            "REG14_3_PROTECT_OTHERS",
            "S34_6_URGENT",
            "S22D_2_URGENT",
            "CARER_REMOVED_NO_NOTICE",
            "POLICE_PROTECTION",
            "EPO",
            "COURT_DIRECTED",
            "MEDICAL_EMERGENCY",
        }
    ),
    authority=Authority.POLICY,
    citation=f"{HOUSE}, after {REGULATIONS} reg 14(3); {ACT} ss 22(4), 22D(2), 34(6), 44 and 46",
    verified=False,
)

NOT_ASCERTAINABLE_CODES: Final = Rule(
    id="not_ascertainable_codes",
    says="Only these reasons explain why a child's view could not be found out, and only with words of explanation.",
    value=frozenset({"PRE_VERBAL", "LACKS_UNDERSTANDING", "WHEREABOUTS_UNKNOWN", "MEDICALLY_UNABLE"}),
    authority=Authority.POLICY,
    citation=f"{HOUSE}, after {ACT} s 22(4): so far as is reasonably practicable",
    verified=False,
)

OBSERVATION_EXPECTED_CODES: Final = Rule(
    id="observation_expected_codes",
    says="A child who cannot put feelings into words shows them. So it is expected that somebody watched and wrote it "
    "down.",
    value=frozenset({"PRE_VERBAL", "LACKS_UNDERSTANDING"}),
    authority=Authority.POLICY,
    citation=f"{HOUSE}, after {ACT} s 22(4): wishes and feelings",
    verified=False,
)

# From memory; what has been read are procedures that describe its effect. Reg 11 was amended by SI 2013/3239.
NO_EMERGENCY_EXCUSE: Final = Rule(
    id="no_emergency_excuse",
    says="Before a child is placed outside the council's area, even in an emergency, their wishes must be known.",
    value=frozenset({"placement"}),
    authority=Authority.REGULATION,
    citation=f"{REGULATIONS} reg 11(3)",
    verified=False,
)
