"""
The kinds of decision, whether each is a significant change by default, and why the child is to be asked about it.

The list is house policy. It starts from what the IRO Handbook asks the social worker to report, and from every
provision that asks for the child's wishes, for a review, or for a higher approval. Anyone with authority may mark a
decision significant that this list does not.
"""

from __future__ import annotations

from typing import Final

from domain.rules.england_2010.sources import ACT, HANDBOOK, HOUSE, LEAVING, REGULATIONS
from domain.rules.pack import DecisionKind, Significance
from domain.rules.rule import Authority

_S: Final = Significance.SIGNIFICANT
_IF: Final = Significance.IF_MARKED
_N: Final = Significance.NOT_SIGNIFICANT
_STATUTE: Final = Authority.STATUTE
_REGULATION: Final = Authority.REGULATION
_GUIDANCE: Final = Authority.GUIDANCE
_POLICY: Final = Authority.POLICY

_ALSO: Final = ("education", "siblings", "contact")
"""What a move may touch beside the home itself."""
_UNPLANNED: Final = f"{REGULATIONS} regs 11(3), 13 and 14(3)"

_WHERE_THE_CHILD_LIVES: Final = (
    DecisionKind(
        "PLACEMENT_FIRST",
        _S,
        ("placement", "contact", "education", "siblings"),
        f"{REGULATIONS} reg 9(1)(b)",
        _REGULATION,
        verified=True,
    ),
    DecisionKind(
        "PLACEMENT_MOVE",
        _S,
        ("placement",),
        f"{REGULATIONS} regs 9, 14(1) and 32(2); the source does not say whether the move was planned",
        _REGULATION,
        verified=True,
        if_affected=_ALSO,
    ),
    DecisionKind(
        "PLACEMENT_MOVE_PLANNED",
        _S,
        ("placement",),
        f"{REGULATIONS} regs 9, 14(1) and 32(2)",
        _REGULATION,
        verified=True,
        if_affected=_ALSO,
    ),
    DecisionKind(
        "PLACEMENT_MOVE_UNPLANNED", _S, ("placement",), _UNPLANNED, _REGULATION, verified=False, if_affected=_ALSO
    ),
    DecisionKind(
        "PLACEMENT_MOVE_EMERGENCY", _S, ("placement",), _UNPLANNED, _REGULATION, verified=False, if_affected=_ALSO
    ),
    DecisionKind(
        "PLACEMENT_STATUS_ONLY",
        _IF,
        ("placement",),
        f"{HOUSE}: the child stays with the same carer (SSDA903 RNE T, reason PLACE)",
        _POLICY,
        verified=False,
        marked_when="the address, the school or contact changes",
    ),
    DecisionKind(
        "PLACEMENT_TEMPORARY",
        _N,
        ("placement",),
        f"{HOUSE}: the child comes back (SSDA903 T0 to T4); mark it if the stay becomes permanent",
        _POLICY,
        verified=False,
    ),
    DecisionKind(
        "PLACEMENT_OUT_OF_AREA",
        _S,
        ("placement", "contact", "education", "health"),
        f"{REGULATIONS} reg 11(1): a nominated officer approves first",
        _REGULATION,
        verified=True,
    ),
    DecisionKind(
        "PLACEMENT_AT_DISTANCE",
        _S,
        ("placement", "contact", "education", "health"),
        f"{REGULATIONS} reg 11(1) and (5): the director of children's services approves first",
        _REGULATION,
        verified=True,
    ),
    DecisionKind(
        "PLACEMENT_WITH_PARENTS",
        _S,
        ("placement", "careplan:permanence"),
        f"{REGULATIONS} regs 15 to 20",
        _REGULATION,
        verified=False,
    ),
    DecisionKind(
        "RETURN_HOME",
        _S,
        ("placement", "careplan:permanence"),
        f"{REGULATIONS} regs 15 to 20 and 39",
        _REGULATION,
        verified=False,
    ),
    DecisionKind(
        "MOVE_TO_SUPPORTED_ACCOMMODATION", _S, ("placement", "leaving"), f"{ACT} s 22D", _STATUTE, verified=False
    ),
    DecisionKind(
        "OVERSEAS_PLACEMENT",
        _S,
        ("placement",),
        f"{ACT} Sch 2 para 19; {REGULATIONS} reg 12: the court approves first",
        _STATUTE,
        verified=False,
    ),
)

_LIBERTY: Final = (
    DecisionKind("SECURE", _S, ("placement", "liberty"), f"{ACT} s 25", _STATUTE, verified=False),
    DecisionKind(
        "DEPRIVATION_OF_LIBERTY",
        _S,
        ("placement", "liberty"),
        f"{ACT} s 25, or the inherent jurisdiction of the High Court",
        _STATUTE,
        verified=False,
    ),
)

_FAMILY_AND_PLAN: Final = (
    DecisionKind("SIBLING_SEPARATION", _S, ("siblings",), f"{ACT} s 22C(8)(c)", _STATUTE, verified=False),
    DecisionKind("SIBLING_REUNION", _S, ("siblings",), f"{ACT} s 22C(8)(c)", _STATUTE, verified=False),
    DecisionKind(
        "CAREPLAN_PERMANENCE",
        _S,
        ("careplan:permanence",),
        f"{REGULATIONS} regs 5(a) and 32(2)",
        _REGULATION,
        verified=True,
    ),
    DecisionKind(
        "CAREPLAN_OTHER",
        _IF,
        ("careplan",),
        f"{REGULATIONS} reg 32(2)",
        _REGULATION,
        verified=True,
        marked_when="the independent reviewing officer or a manager holds it significant",
    ),
    DecisionKind(
        "LEGAL_STATUS",
        _S,
        ("legal",),
        f"{REGULATIONS} Sch 7 para 2: what a review considers",
        _REGULATION,
        verified=False,
    ),
)

_MAJOR_CHANGE_TO_CONTACT: Final = f"{HANDBOOK}: a major change to contact is reported to the IRO"

_CONTACT: Final = (
    DecisionKind(
        "CONTACT_ARRANGE",
        _IF,
        ("contact",),
        f"{ACT} Sch 2 para 15; {REGULATIONS} reg 5",
        _STATUTE,
        verified=True,
        marked_when="it matters to the child, or the child has said no",
        each_person=True,
    ),
    DecisionKind(
        "CONTACT_INCREASE",
        _IF,
        ("contact",),
        f"{ACT} Sch 2 para 15; {REGULATIONS} reg 5",
        _STATUTE,
        verified=True,
        marked_when="it matters to the child, or the child has said no",
        each_person=True,
    ),
    DecisionKind(
        "CONTACT_REDUCTION", _S, ("contact",), _MAJOR_CHANGE_TO_CONTACT, _GUIDANCE, verified=True, each_person=True
    ),
    DecisionKind(
        "CONTACT_SUSPENSION", _S, ("contact",), _MAJOR_CHANGE_TO_CONTACT, _GUIDANCE, verified=True, each_person=True
    ),
    DecisionKind(
        "CONTACT_SUPERVISION_CHANGE",
        _S,
        ("contact",),
        _MAJOR_CHANGE_TO_CONTACT,
        _GUIDANCE,
        verified=True,
        each_person=True,
    ),
    DecisionKind(
        "CONTACT_REFUSAL_URGENT",
        _S,
        ("contact",),
        f"{ACT} s 34(6); {REGULATIONS} reg 8",
        _STATUTE,
        verified=False,
        each_person=True,
    ),
)

_EVERY_DAY: Final = (
    DecisionKind(
        "EDUCATION_SCHOOL_CHANGE",
        _S,
        ("education:school",),
        f"{REGULATIONS} reg 10(1) to (3): in Key Stage 4 a nominated officer approves first",
        _REGULATION,
        verified=True,
    ),
    DecisionKind(
        "EDUCATION_EXCLUSION",
        _IF,
        ("education",),
        f"{HANDBOOK}: an exclusion from school is reported to the IRO",
        _GUIDANCE,
        verified=True,
        marked_when="it is for good, or changes where or how the child learns",
    ),
    DecisionKind(
        "PEP_CHANGE",
        _IF,
        ("education",),
        HANDBOOK,
        _GUIDANCE,
        verified=False,
        marked_when="it changes where or how the child learns",
    ),
    DecisionKind(
        "EHCP_CHANGE",
        _IF,
        ("education",),
        HANDBOOK,
        _GUIDANCE,
        verified=False,
        marked_when="it changes where or how the child learns",
    ),
    DecisionKind(
        "HEALTH_MAJOR",
        _IF,
        ("health",),
        f"{REGULATIONS} reg 7 and Sch 1 para 1",
        _REGULATION,
        verified=False,
        marked_when="it is about treatment, medication, a stay in hospital, or consent",
    ),
    DecisionKind(
        "SOCIAL_WORKER_CHANGE",
        _IF,
        ("professionals",),
        f"{HANDBOOK}: a change of social worker is reported to the IRO",
        _GUIDANCE,
        verified=True,
        marked_when="the authority chose to make the change, or the child asked about it",
    ),
    DecisionKind(
        "IRO_CHANGE",
        _IF,
        ("professionals",),
        HANDBOOK,
        _GUIDANCE,
        verified=False,
        marked_when="the authority chose to make the change, or the child asked about it",
    ),
    DecisionKind("IDENTITY", _S, ("identity",), f"{REGULATIONS} reg 5(b)(iv)", _REGULATION, verified=True),
)

_LEAVING_CARE: Final = tuple(
    DecisionKind(
        code, _S, ("leaving", "accommodation"), f"{REGULATIONS} Part 7; {LEAVING}", _REGULATION, verified=False
    )
    for code in ("PATHWAY_PLAN", "LEAVING_CARE", "STAYING_PUT", "STAYING_CLOSE")
)

KINDS: Final = (*_WHERE_THE_CHILD_LIVES, *_LIBERTY, *_FAMILY_AND_PLAN, *_CONTACT, *_EVERY_DAY, *_LEAVING_CARE)
