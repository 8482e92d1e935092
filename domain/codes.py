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
    E43 = "E43", "special guardian: foster carers from before"
    E44 = "E44", "special guardian: other carers"
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


class ReasonNewEpisode(Code):
    """`RNE`: what changed when an episode began."""

    S = "S", "being looked after began"
    L = "L", "the legal status changed"
    P = "P", "the home and the carer changed"
    T = "T", "the home changed, the carer stayed the same"
    B = "B", "the legal status, the home and the carer changed"
    U = "U", "the legal status and the home changed, the carer stayed the same"

    @property
    def legal(self) -> bool:
        """Tell whether the legal status changed."""
        return self in (self.S, self.L, self.B, self.U)

    @property
    def home(self) -> bool:
        """Tell whether the placement changed."""
        return self is not self.L

    @property
    def same_carer(self) -> bool:
        """Tell whether the carer stayed the same though the placement changed."""
        return self in (self.T, self.U)


class CategoryOfNeed(Code):
    """`CIN`: why the child came to be looked after; one for the whole period of care."""

    N1 = "N1", "abuse or neglect"
    N2 = "N2", "the child's disability"
    N3 = "N3", "a parent's illness or disability"
    N4 = "N4", "the family was under great strain"
    N5 = "N5", "things went wrong in the family"
    N6 = "N6", "behaviour that others could not accept"
    N7 = "N7", "low income"
    N8 = "N8", "no parent was there"


class Sex(Code):
    """`SEX`: 1 and 2 up to collection year 2023-24, M, F and U since."""

    M = "M", "male"
    F = "F", "female"
    U = "U", "not known"


class Ethnicity(Code):
    """`ETHNIC`: the ethnic group, as the family or the child gave it."""

    WBRI = "WBRI", "White British"
    WIRI = "WIRI", "White Irish"
    WIRT = "WIRT", "Traveller of Irish heritage"
    WROM = "WROM", "Gypsy or Roma"
    WOTH = "WOTH", "another White background"
    MWBC = "MWBC", "White and Black Caribbean"
    MWBA = "MWBA", "White and Black African"
    MWAS = "MWAS", "White and Asian"
    MOTH = "MOTH", "another mixed background"
    AIND = "AIND", "Indian"
    APKN = "APKN", "Pakistani"
    ABAN = "ABAN", "Bangladeshi"
    AOTH = "AOTH", "another Asian background"
    BCRB = "BCRB", "Black Caribbean"
    BAFR = "BAFR", "Black African"
    BOTH = "BOTH", "another Black background"
    CHNE = "CHNE", "Chinese"
    OOTH = "OOTH", "another ethnic group"
    REFU = "REFU", "they chose not to say"
    NOBT = "NOBT", "not known yet"


class MissingKind(Code):
    """`MISSING`: missing, or away from the placement without leave."""

    M = "M", "nobody knew where the child was"
    A = "A", "away without leave"


class SdqReason(Code):
    """`SDQ_REASON`: why there is no score from the questionnaire on strengths and difficulties."""

    SDQ1 = "SDQ1", "the child was too young or too old for it"
    SDQ2 = "SDQ2", "the carer did not want to fill it in"
    SDQ3 = "SDQ3", "the child could not, because of a disability"
    SDQ4 = "SDQ4", "another reason"
    SDQ5 = "SDQ5", "the child did not want it filled in"


class InTouch(Code):
    """`IN_TOUCH`: whether the authority is in touch with a care leaver."""

    YES = "YES", "in touch"
    NO = "NO", "not in touch"
    DIED = "DIED", "died"
    REFU = "REFU", "did not want to be in touch"
    NREQ = "NREQ", "did not need help any more"
    RHOM = "RHOM", "went back home"


class Activity(Code):
    """`ACTIV`: what a care leaver mainly does.

    F4, P4, F5 and P5 took the place of F3 and P3; what sets 4 apart from 5 has not been found.
    """

    F1 = "F1", "higher education, full time"
    P1 = "P1", "higher education, part time"
    F2 = "F2", "other education, full time"
    P2 = "P2", "other education, part time"
    F3 = "F3", "training or work, full time"
    P3 = "P3", "training or work, part time"
    F4 = "F4", "training or work, full time"
    P4 = "P4", "training or work, part time"
    F5 = "F5", "training or work, full time"
    P5 = "P5", "training or work, part time"
    G4 = "G4", "no work or learning, because of illness or disability"
    G5 = "G5", "no work or learning, for another reason"
    G6 = "G6", "no work or learning, because of pregnancy or a child"
    NONE = "0", "not in the return"


class CareLeaverHome(Code):
    """`ACCOM`, first letter: where a care leaver lives. The digit after it says whether that is suitable."""

    B = "B", "with parents or relatives"
    C = "C", "a care home"
    D = "D", "a flat of their own in a supported place"
    E = "E", "supported lodgings"
    G = "G", "abroad"
    H = "H", "sent out of the country"
    K = "K", "lodgings"
    R = "R", "not known"
    S = "S", "no home of their own"
    T = "T", "a foyer"
    U = "U", "a home of their own"
    V = "V", "an emergency place"
    W = "W", "a bed and breakfast"
    X = "X", "in custody"
    Y = "Y", "another place"
    Z = "Z", "with their former foster carers"
    NONE = "0", "not in the return"


class PreviousPermanence(Code):
    """`PREV_PERM`: the lasting home a child had had before this time in care."""

    P1 = "P1", "adoption"
    P2 = "P2", "special guardianship"
    P3 = "P3", "a child arrangements or residence order"
    P4 = "P4", "not known which"
    Z1 = "Z1", "there was none"


class ReasonPlacedCeased(Code):
    """`REASON_PLACED_CEASED`: why the plan to place a child for adoption was given up."""

    RD1 = "RD1", "what the child needs has changed"
    RD2 = "RD2", "the court made no placement order"
    RD3 = "RD3", "nobody was found who would adopt the child"
    RD4 = "RD4", "another reason"


class AdopterSex(Code):
    """`SEX_ADOPTR`: who adopts."""

    M1 = "M1", "one man"
    F1 = "F1", "one woman"
    MM = "MM", "two men"
    FF = "FF", "two women"
    MF = "MF", "a man and a woman"


class AdopterStatus(Code):
    """`LS_ADOPTR`: what the adopters are to each other."""

    L0 = "L0", "one person"
    L11 = "L11", "a married man and woman"
    L12 = "L12", "a married couple of one sex"
    L2 = "L2", "civil partners"
    L3 = "L3", "a man and a woman, not married"
    L4 = "L4", "a couple of one sex, not married"


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


class Exemption(Code):
    """
    Why a copy of the record may leave something out: Data Protection Act 2018, Schedules 2 and 3.

    These words stand in copies that were given, and are never changed: see `domain.case.disclosure`.
    """

    THIRD_PARTY = "THIRD_PARTY", "it would tell about somebody else, who has not agreed to that"
    CRIME = "CRIME", "it could get in the way of stopping or solving a crime"
    LEGAL_ADVICE = "LEGAL_ADVICE", "it is between the council and its lawyers"
    REFERENCE = "REFERENCE", "somebody spoke for a person, and was told that it would stay private"
    COURT = "COURT", "a court has it, and only the court may show it"
    IN_CONFIDENCE = "IN_CONFIDENCE", "it was told in the belief that it would not be passed on"
    HEALTH_HARM = "HEALTH_HARM", "it is about health, and showing it could do somebody serious harm"
    SOCIAL_WORK_HARM = "SOCIAL_WORK_HARM", "showing it could do somebody serious harm and stop social workers helping"
    EDUCATION_HARM = "EDUCATION_HARM", "it is about school, and showing it could do somebody serious harm"
    CHILD_ABUSE = "CHILD_ABUSE", "it is about harm to a child, and showing it would not be good for that child"


class LegalBasis(Code):
    """
    Why something may be erased, or taken out of the record: the law behind it.

    In this order: Care Planning, Placement and Case Review (England) Regulations 2010 reg 50; UK GDPR art 17; UK GDPR
    arts 5(1)(d) and 16; the order of a court.
    """

    RETENTION_ENDED = "RETENTION_ENDED", "it was kept for as long as the law says"
    RIGHT_TO_ERASURE = "RIGHT_TO_ERASURE", "somebody asked for it, and had the right to"
    ACCURACY = "ACCURACY", "it should never have been written here"
    COURT_ORDER = "COURT_ORDER", "a court ordered it"
