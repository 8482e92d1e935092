"""
Code sets of the SSDA903 return and of statute, with what they mean.

Sources: SSDA903 guide, collection years 2017 to 2026-27; meanings as the sector's Standard Safeguarding Dataset words
them in substance. A code whose meaning has not been found says so.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """A code with its meaning."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        """Attach the meaning to the code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member


class Place(Code):
    """`PLACE`: the kind of placement."""

    A3 = "A3", "placed for adoption with consent, with the current foster carer"
    A4 = "A4", "placed for adoption with consent, not with the current foster carer"
    A5 = "A5", "placed for adoption under a placement order, with the current foster carer"
    A6 = "A6", "placed for adoption under a placement order, not with the current foster carer"
    H5 = "H5", "a home with some support, not a children's home"
    K1 = "K1", "secure (locked) children's home"
    K2 = "K2", "children's home"
    K3 = "K3", "supported accommodation"
    P1 = "P1", "with own parents"
    P2 = "P2", "a place of their own"
    P3 = "P3", "a job that comes with a home"
    R1 = "R1", "care home"
    R2 = "R2", "hospital or other health service"
    R3 = "R3", "family centre or mother and baby unit"
    R5 = "R5", "young offender institution"
    S1 = "S1", "boarding school"
    T0 = "T0", "a short stay"
    T1 = "T1", "in hospital for a while"
    T2 = "T2", "on holiday for a while"
    T3 = "T3", "for a while, as the carer is on holiday"
    T4 = "T4", "for seven days or less"
    U1 = "U1", "foster care with a relative or friend, long term"
    U2 = "U2", "foster care with a relative or friend, fostering for adoption"
    U3 = "U3", "foster care with a relative or friend, neither long term nor for adoption"
    U4 = "U4", "foster care, long term"
    U5 = "U5", "foster care, fostering for adoption"
    U6 = "U6", "foster care, neither long term nor for adoption"
    Z1 = "Z1", "another kind of home"
    Z11 = "Z11", "another kind of home (meaning of the code not found)"
    Z12 = "Z12", "another kind of home (meaning of the code not found)"
    Z13 = "Z13", "another kind of home (meaning of the code not found)"
    Z14 = "Z14", "another kind of home (meaning of the code not found)"


class Provider(Code):
    """`PLACE_PROVIDER`: who provides the placement."""

    PR0 = "PR0", "parents"
    PR1 = "PR1", "the council itself"
    PR2 = "PR2", "another council"
    PR3 = "PR3", "another public body"
    PR4 = "PR4", "a company"
    PR5 = "PR5", "a charity"


class ReasonPlaceChange(Code):
    """`REASON_PLACE_CHANGE`: why the placement that is ending ends."""

    CARPL = "CARPL", "a change to the care plan, or carrying it out"
    CLOSE = "CLOSE", "the carer gave up caring or the home closed"
    ALLEG = "ALLEG", "somebody said that a person did harm (section 47)"
    STAND = "STAND", "concern about the standard of care"
    APPRR = "APPRR", "the carer or home may no longer look after children"
    CREQB = "CREQB", "the carer asked, because of the child's behaviour"
    CREQO = "CREQO", "the carer asked, for another reason"
    CHILD = "CHILD", "the child asked to move"
    LAREQ = "LAREQ", "the council asked: the home was not right for the child any more"
    PLACE = "PLACE", "only the name of the placement changes"
    CUSTOD = "CUSTOD", "custody"
    OTHER = "OTHER", "another reason"


class LegalStatus(Code):
    """`LS`: the order or agreement under which the child is looked after."""

    C1 = "C1", "interim care order"
    C2 = "C2", "full care order"
    D1 = "D1", "freeing order"
    E1 = "E1", "placement order"
    V2 = "V2", "in care by agreement (section 20)"
    V3 = "V3", "short breaks, each recorded"
    V4 = "V4", "short breaks, under one agreement"
    L1 = "L1", "police protection"
    L2 = "L2", "emergency protection order"
    L3 = "L3", "child assessment order"
    J1 = "J1", "on remand"
    J2 = "J2", "held by the police (PACE)"
    J3 = "J3", "youth rehabilitation order with a residence requirement"


class ReviewCode(Code):
    """`REVIEW_CODE`: how the child took part in a review. It never says what the child thought about a matter."""

    PN0 = "PN0", "under four years old"
    PN1 = "PN1", "was there and spoke for themselves"
    PN2 = "PN2", "was there, and an advocate spoke for them"
    PN3 = "PN3", "was there and showed what they thought without words"
    PN4 = "PN4", "was there and did not give a view"
    PN5 = "PN5", "was not there, and an advocate spoke for them"
    PN6 = "PN6", "was not there, and sent their view another way"
    PN7 = "PN7", "was not there and gave no view"


class ReasonEpisodeCeased(Code):
    """`REC`: why being looked after ended."""

    E11 = "E11", "adopted, and nobody was against it"
    E12 = "E12", "adopted, though a parent did not agree"
    E2 = "E2", "died"
    E3 = "E3", "another council took over"
    E4A = "E4A", "went home as planned"
    E4B = "E4B", "went home, not planned"
    E13 = "E13", "went to live with someone without parental responsibility"
    E41 = "E41", "child arrangements or residence order"
    E45 = "E45", "special guardian: a relative who was their foster carer"
    E46 = "E46", "special guardian: a foster carer from before"
    E47 = "E47", "special guardian: a relative"
    E48 = "E48", "special guardian: someone else"
    E5 = "E5", "moved into a place of their own, with support"
    E6 = "E6", "moved into a place of their own, without support"
    E7 = "E7", "moved to a care home for adults"
    E9 = "E9", "sentenced to custody"
    E14 = "E14", "remand ended"
    E15 = "E15", "found to be 18 or over"
    E16 = "E16", "moved abroad"
    E17 = "E17", "turned 18 and stayed with the carers"
    E8 = "E8", "ended for another reason"


class PermanencePlan(Code):
    """The plan for the child's lasting home, in the codes of the Standard Safeguarding Dataset."""

    REMAINSUP = "REMAINSUP", "stay with the family, with support"
    RETURN1M = "RETURN1M", "go home within a month"
    RETURN6M = "RETURN6M", "go home within six months"
    RETURNEV = "RETURNEV", "go home in the end"
    LTRELFR = "LTRELFR", "live long term with relatives or friends"
    LTFOST18 = "LTFOST18", "long-term foster care until 18"
    RESPLMT = "RESPLMT", "live in a home with staff"
    SUPPLIV = "SUPPLIV", "supported living"
    ADOPTION = "ADOPTION", "adoption"
    OTHERPLN = "OTHERPLN", "another plan"


class EmergencyGround(Code):
    """The closed list of grounds on which asking first can be excused, given a reason why it was not practicable."""

    REG14_3_IMMEDIATE_RISK = "REG14_3_IMMEDIATE_RISK", "danger of serious harm to the child, right then"
    REG14_3_PROTECT_OTHERS = "REG14_3_PROTECT_OTHERS", "keeping others from being badly hurt"
    S34_6_URGENT = "S34_6_URGENT", "stopping contact at once to keep the child safe"
    S22D_2_URGENT = "S22D_2_URGENT", "moving the child at once to keep them safe"
    CARER_REMOVED_NO_NOTICE = "CARER_REMOVED_NO_NOTICE", "the carer stopped caring without notice"
    POLICE_PROTECTION = "POLICE_PROTECTION", "police protection"
    EPO = "EPO", "emergency protection order"
    COURT_DIRECTED = "COURT_DIRECTED", "a court ordered it"
    MEDICAL_EMERGENCY = "MEDICAL_EMERGENCY", "a medical emergency"


class NotAscertainable(Code):
    """Why no view could be had. A code without words excuses nothing."""

    PRE_VERBAL = "PRE_VERBAL", "too young to speak"
    LACKS_UNDERSTANDING = "LACKS_UNDERSTANDING", "could not understand this matter"
    WHEREABOUTS_UNKNOWN = "WHEREABOUTS_UNKNOWN", "nobody knew where the child was"
    MEDICALLY_UNABLE = "MEDICALLY_UNABLE", "too ill to be asked"
