"""What codes and fields are called on a page, in words a twelve-year-old can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from api.pages.language import say
from domain.case.circumstances import Circumstance
from domain.case.contact import Mode
from domain.case.decision import Forum, Urgency
from domain.case.fact import Role
from domain.case.people import Relationship
from domain.case.record import RequestedBy
from domain.matters import ROOTS, root
from domain.voice.evidence import Grade, SeenAlone, Source, Weight

KINDS: Final = {
    "PLACEMENT_FIRST": "The first home in care",
    "PLACEMENT_MOVE": "A move to another home",
    "PLACEMENT_MOVE_PLANNED": "A planned move",
    "PLACEMENT_MOVE_UNPLANNED": "A move that was not planned",
    "PLACEMENT_MOVE_EMERGENCY": "An emergency move",
    "PLACEMENT_STATUS_ONLY": "The same home, under another name",
    "PLACEMENT_TEMPORARY": "A short stay somewhere else",
    "PLACEMENT_OUT_OF_AREA": "A move out of the area",
    "PLACEMENT_AT_DISTANCE": "A move far away",
    "PLACEMENT_WITH_PARENTS": "Living with parents, still in care",
    "RETURN_HOME": "Going home",
    "MOVE_TO_SUPPORTED_ACCOMMODATION": "A move to supported accommodation",
    "SIBLING_SEPARATION": "Brothers and sisters to live apart",
    "SIBLING_REUNION": "Brothers and sisters to live together again",
    "OVERSEAS_PLACEMENT": "A move abroad",
    "CONTACT_ARRANGE": "Seeing somebody",
    "CONTACT_INCREASE": "Seeing somebody more",
    "CONTACT_REDUCTION": "Seeing somebody less",
    "CONTACT_SUSPENSION": "Not seeing somebody for now",
    "CONTACT_SUPERVISION_CHANGE": "Whether somebody watches when they meet",
    "CONTACT_REFUSAL_URGENT": "Stopping contact at once",
    "CAREPLAN_PERMANENCE": "The plan for a lasting home",
    "CAREPLAN_OTHER": "Another part of the care plan",
    "LEGAL_STATUS": "The legal order",
    "EDUCATION_SCHOOL_CHANGE": "A change of school",
    "EDUCATION_EXCLUSION": "Being kept out of school",
    "PEP_CHANGE": "The education plan",
    "EHCP_CHANGE": "The plan for extra help at school",
    "HEALTH_MAJOR": "Health and treatment",
    "SECURE": "A locked children's home",
    "DEPRIVATION_OF_LIBERTY": "Limits on freedom",
    "PATHWAY_PLAN": "The plan for leaving care",
    "LEAVING_CARE": "Leaving care",
    "STAYING_PUT": "Staying with the carers after 18",
    "STAYING_CLOSE": "Living near the old home after 18",
    "IDENTITY": "Name, faith or papers",
    "SOCIAL_WORKER_CHANGE": "A new social worker",
    "IRO_CHANGE": "A new reviewing officer",
}  # fmt: skip
"""Kinds of decision."""

CODES: Final[dict[type[StrEnum], dict[StrEnum, str]]] = {
    Urgency: {
        Urgency.PLANNED: "planned",
        Urgency.UNPLANNED: "not planned",
        Urgency.EMERGENCY: "an emergency",
        Urgency.NOT_STATED: "the record does not say",
    },
    Forum: {
        Forum.MANAGER: "by a manager",
        Forum.REVIEW: "at a review meeting",
        Forum.PANEL: "by a panel",
        Forum.NOMINATED_OFFICER: "by the officer named for it",
        Forum.DIRECTOR: "by the director of children's services",
        Forum.COURT: "by a court",
    },
    Weight: {
        Weight.FOLLOWED: "it was followed",
        Weight.PARTLY: "it was followed in part",
        Weight.DEPARTED: "the decision went another way",
        Weight.NOT_STATED: "the record does not say",
    },
    SeenAlone: {
        SeenAlone.YES: "yes",
        SeenAlone.NO: "no",
        SeenAlone.REFUSED_BY_CHILD: "no, the child did not want to be",
        SeenAlone.INAPPROPRIATE: "no, it was not right",
        SeenAlone.UNABLE: "no, it could not be done",
    },
    Source: {
        Source.CHILD_DIRECT: "from the child, face to face",
        Source.CHILD_WRITTEN: "from the child, in writing",
        Source.ADVOCATE: "through an advocate",
        Source.IRO: "through the reviewing officer",
        Source.INDEPENDENT_VISITOR: "through an independent visitor",
        Source.APP: "from the child, in an app",
        Source.OBSERVATION: "by watching how the child was",
        Source.ADULT_REPORT: "a grown-up said so",
    },
    Mode: {
        Mode.FACE_TO_FACE: "meeting in person",
        Mode.OVERNIGHT: "staying overnight",
        Mode.VIDEO: "by video call",
        Mode.PHONE: "by phone",
        Mode.LETTERBOX: "by letter",
        Mode.NONE: "no contact",
    },
    Relationship: {
        Relationship.MOTHER: "mother",
        Relationship.FATHER: "father",
        Relationship.PARENT: "parent",
        Relationship.SIBLING: "brother or sister",
        Relationship.GRANDPARENT: "grandparent",
        Relationship.RELATIVE: "relative",
        Relationship.FRIEND: "friend",
        Relationship.CARER: "carer",
        Relationship.SOCIAL_WORKER: "social worker",
        Relationship.IRO: "reviewing officer",
        Relationship.PERSONAL_ADVISER: "personal adviser",
        Relationship.ADVOCATE: "advocate",
        Relationship.INDEPENDENT_VISITOR: "independent visitor",
        Relationship.TEACHER: "teacher",
        Relationship.OTHER: "someone else",
    },
    Circumstance: {
        Circumstance.ALLEGATION: "somebody said that a person did harm",
        Circumstance.DISCLOSURE: "the child told somebody something",
        Circumstance.MISSING: "the child was missing",
        Circumstance.FAMILY_CHANGE: "a change in the family",
        Circumstance.DEATH_IN_FAMILY: "a death in the family",
        Circumstance.OFFENCE: "the police or a court were involved",
        Circumstance.ILLNESS: "illness",
        Circumstance.PLACEMENT_TROUBLE: "trouble where the child lived",
        Circumstance.COMPLAINT: "a complaint",
        Circumstance.OTHER: "something else",
    },
    RequestedBy: {
        RequestedBy.CHILD: "the child",
        RequestedBy.CARE_LEAVER: "the care leaver",
        RequestedBy.PARENT: "a parent",
        RequestedBy.AUTHOR: "the person who wrote the entry",
        RequestedBy.IRO: "the reviewing officer",
        RequestedBy.OTHER: "someone else",
    },
    Role: {
        Role.SOCIAL_WORKER: "social worker",
        Role.TEAM_MANAGER: "team manager",
        Role.IRO: "reviewing officer",
        Role.ADVOCATE: "advocate",
        Role.CARER: "carer",
        Role.CHILD: "the child",
        Role.CARE_LEAVER: "the care leaver",
        Role.RECORDS_OFFICER: "records officer",
        Role.SYSTEM: "a computer system",
    },
    Grade: {
        Grade.A: "a system log",
        Grade.B: "a dated document",
        Grade.C: "somebody says so",
    },
}  # fmt: skip
"""Codes of facts, by their enumeration. Code sets with a `meaning` of their own are not repeated here."""

BY_LINES: Final = {
    Role.SOCIAL_WORKER: "a social worker",
    Role.TEAM_MANAGER: "a team manager",
    Role.IRO: "the reviewing officer",
    Role.ADVOCATE: "an advocate",
    Role.CARER: "a carer",
    Role.CHILD: "the child",
    Role.CARE_LEAVER: "the care leaver",
    Role.RECORDS_OFFICER: "a records officer",
    Role.SYSTEM: "a computer system",
}  # fmt: skip
"""Who wrote an entry down, in a sentence."""

CHOICES: Final = {
    "step": {
        "APPLIED_FOR": "asked for", "MADE": "made", "VARIED": "changed", "DISCHARGED": "ended", "AGREED": "agreed",
        "WITHDRAWN": "taken back", "STARTED": "started", "EXTENDED": "made longer", "ENDED": "ended",
    },
    "eligibility": {
        "ELIGIBLE": "16 or 17 and in care (“eligible”)",
        "RELEVANT": "16 or 17 and left care (“relevant”)",
        "FORMER_RELEVANT": "18 or over and left care (“former relevant”)",
        "QUALIFYING": "some help after care (“qualifying”)",
    },
    "aspect": {
        "NAME": "name", "RELIGION": "religion", "NATIONALITY": "nationality", "PASSPORT": "passport",
        "IMMIGRATION": "the right to live here", "OTHER": "something else",
    },
    "sw_reason": {
        "MANAGE": "became a manager", "FCONTA": "the first worker", "LEFTRL": "left the job",
        "ORGRST": "the teams were changed", "TSPROC": "the case went to another team", "ABSENC": "was away for a time",
        "CHCHAN": "the child asked for it", "PCCHAN": "a parent or carer asked for it", "SWDIED": "died",
        "OTHERS": "another reason",
    },
    "child_answer": {"ACCEPTED": "yes", "DECLINED": "no, thank you", "NO_ANSWER": "no answer on record"},
    "arranged_by": {"AUTHORITY": "the council", "CHILD": "the child", "OTHER": "someone else"},
    "written_by": {"CHILD": "the child", "CARE_LEAVER": "the care leaver"},
    "disputed_by": {"CHILD": "the child", "CARE_LEAVER": "the care leaver"},
    "kind": KINDS,
    "jurisdiction": {"england": "England", "wales": "Wales", "scotland": "Scotland"},
}  # fmt: skip
"""Codes that a field holds as plain text, by the field."""

FIELDS: Final = {
    "absence": "When the child was away",
    "accepted": "Accepted",
    "accommodation": "Where to live",
    "account": "What the child wanted, told by somebody else",
    "activity": "Work or learning",
    "adopter_sex": "Who adopts",
    "adopter_status": "What they are to each other",
    "adopters": "How many adopt",
    "adoption_given_up": "Why the child is no longer to be adopted",
    "advocate": "Who took the child's side",
    "advocate_offered": "Was an advocate offered",
    "again_from": "Looked after again from",
    "alternatives_offered": "Other ways that were offered",
    "answered": "Answered",
    "applicant": "Who asked the court",
    "arranged_by": "Who found them",
    "aspect": "What it is about",
    "at_distance": "Far from home",
    "attempts": "How often the child was asked",
    "authority": "Number of the council then",
    "back": "Back on",
    "began": "Began",
    "belongings": "What happened to the child's things",
    "best_interests": "Adoption held to be best on",
    "body": "Who looked into it",
    "born": "Born",
    "by_foster_carer": "Had they been the foster carers",
    "carer": "Carer",
    "category_of_need": "Why the child came into care",
    "chaired_by": "Who led the meeting",
    "challenge": "About this challenge",
    "challenged": "Said on",
    "change": "The change",
    "checkpoint_size": "Size of the log then",
    "child": "Name",
    "child_answer": "What the child answered",
    "child_competent": "Could the child decide this alone",
    "child_led": "Does the child say when and how often",
    "communication": "Language and help",
    "complaints_route_explained": "Was the child told how to complain",
    "consent_by": "Who agreed to it",
    "considered": "Thought about on",
    "consulted": "Asked, not only told",
    "convicted": "Found guilty of a crime",
    "basis": "Why it had to go",
    "court": "Court",
    "dated": "Date of the document",
    "days_lost": "School days lost",
    "decided": "Decided",
    "decided_by": "Who decided",
    "decision": "About this decision",
    "decisions": "What the meeting decided",
    "declined": "Asked on",
    "departure_reasons": "Why it went another way than the child wanted",
    "digests": "Marks of what was there",
    "disputed": "Said on",
    "disputed_by": "Who says so",
    "distance_miles": "Miles from home",
    "due": "Promised for",
    "effective": "Took effect",
    "eligibility": "Help after care",
    "ended": "Ended",
    "engaged": "Since",
    "episode": "The part of the time in care",
    "escalated": "Taken higher on",
    "ethnicity": "Ethnic group",
    "expressed": "Said on",
    "field": "What was put right",
    "forum": "Where it was decided",
    "found": "Found on",
    "frequency": "How often",
    "gap_from": "Missing from",
    "gap_to": "Missing until",
    "ground": "What made it an emergency",
    "happened": "Happened on",
    "health_assessment": "Was there a health check",
    "health_check": "Was growing up checked (under five)",
    "held": "Held on",
    "home": "Called",
    "home_postcode": "Postcode of the family home",
    "how": "How the child was told",
    "immunisations": "All jabs given",
    "in_touch": "Was the council in touch",
    "information_given": "What was explained to the child first",
    "informed": "Told on",
    "interpretation": "An adult's reading of it",
    "intervention_offered": "Was help with it offered",
    "intervention_received": "Was there help with it",
    "introductions": "Visits before the move",
    "iro_informed": "Reviewing officer told",
    "issued": "Given on",
    "jurisdiction": "Nation whose rules apply",
    "kept": "Was it kept",
    "key_stage_4": "In the years of the exams at 16",
    "kind": "Kind of change",
    "left_out": "Left out",
    "legal_basis": "Law it names",
    "legal_status": "Legal order",
    "lives_in": "Where they lived",
    "local_id": "Number in the council's own system",
    "looked_after_from": "Looked after from",
    "made": "Was Cafcass brought in",
    "matched": "New parents chosen on",
    "matters": "What it is about",
    "media_type": "Kind of file",
    "method": "How the child was asked",
    "missing": "What happened",
    "mode": "How they are in touch",
    "mother": "Has a child of her own",
    "name": "Name",
    "new_because": "What changed",
    "next_begins": "Did the next part begin the same day",
    "not_done": "Earlier decisions that were not carried out",
    "not_practicable_reason": "Why the child could not be asked first",
    "note": "Note",
    "notice_days": "Days' notice the child had",
    "observation_attempted": "Did somebody watch how the child was",
    "observed": "Seen on",
    "of": "About",
    "offered": "Offered on",
    "offered_by": "Who offered",
    "on": "Happened on",
    "options": "The choices",
    "order": "Order",
    "other_views": "What other people said",
    "out_of_area": "Outside the council's area",
    "outcome": "What came of it",
    "own_child_born": "Her child was born",
    "own_words": "In their own words",
    "participation": "How the child took part",
    "permanence": "What kind of home it was",
    "person": "Who",
    "personal_adviser": "Personal adviser",
    "place": "Kind of home",
    "placement_postcode": "Postcode of the home",
    "plan": "The plan",
    "present": "Who was there",
    "previous": "Who it was before",
    "previous_plan": "The plan before",
    "previous_school": "School before",
    "promise": "The promise",
    "promised": "Promised on",
    "promised_by": "Who promised",
    "proposal": "What had been suggested",
    "proposed": "Suggested on",
    "provider": "Who runs the home",
    "reaction": "What the child said to it",
    "reason": "Why",
    "reason_code": "Why the child could not be asked",
    "reason_place_change": "Why the last home ended",
    "reasons": "Why",
    "recipient": "Given to",
    "reconfirmed": "Looked at again on",
    "reference": "Their reference",
    "relationship": "Who they are to the child",
    "requested_by": "Who asked for it",
    "restriction": "The limit on freedom",
    "restrictions": "What the limits were",
    "review": "The review meeting",
    "review_not_practicable": "Why no review meeting came first",
    "same_carer": "The same carer",
    "says": "What they found",
    "school": "School",
    "school_changes": "Does the school change",
    "sdq_reason": "Why there is no score",
    "sdq_score": "Score on strengths and difficulties (0 to 40)",
    "searched": "Where it was looked for",
    "seen_alone": "Was the child seen alone",
    "seen_alone_reason": "Why not alone",
    "setting": "Where it was",
    "settled": "Settled on",
    "sex": "Boy or girl",
    "sha256": "Fingerprint of the file (SHA-256)",
    "sharing": "What the child agreed to share",
    "significance_reason": "Why it is not counted as a big change",
    "significant": "Counted as a big change",
    "since": "Since",
    "size": "Size in bytes",
    "sought": "Tried on",
    "source": "How it reached the record",
    "spoken_to_in_private": "Did the reviewing officer talk with the child alone",
    "step": "What happened",
    "stopped": "Stopped on",
    "substance_misuse": "Trouble with drugs or drink",
    "suitable": "Was that a good place to live",
    "supervised": "Is somebody watching",
    "sw_reason": "Why the worker changed",
    "teeth_check": "Teeth checked",
    "text": "In their own words",
    "title": "Document",
    "to": "What it says now",
    "told": "Told on",
    "translated_by": "Who translated it",
    "translation": "In English",
    "treatment": "Treatment",
    "untouched": "What it leaves as it is, and why",
    "until": "Until",
    "upn": "Pupil number",
    "upto": "Entries in the copy",
    "urgency": "Planned or not",
    "urn": "Ofsted's number of the home",
    "venue": "Where they meet",
    "views": "The child's views it thought about",
    "visited": "Visited on",
    "visitor": "Who came",
    "weight": "What it did with the child's view",
    "what": "What",
    "what_changes": "What changes",
    "what_was_seen": "What was seen",
    "with_siblings": "Brothers and sisters in the same home",
    "withdrawn": "Called off on",
    "withheld": "Fingerprint of what was left out",
    "words": "What it says now",
    "written": "Written on",
    "written_by": "Who wrote it",
    "year_to": "For the year to",
}
"""What the fields of facts are called."""

IN_THEIR_PLACE: Final = {
    ("record.text_taken_out", "field"): "What was taken out",
    ("iro.escalated", "to"): "Who it was taken to",
    ("circumstances.changed", "kind"): "What kind of thing",
    ("circumstances.changed", "what"): "What happened",
    ("iro.challenged", "what"): "What must change",
    ("iro.challenge_answered", "what"): "The answer",
    ("promise.made", "what"): "The promise",
    ("promise.settled", "what"): "What became of it",
    ("proposal.made", "what"): "What was suggested",
    ("person.left", "until"): "Until",
    ("view.not_ascertainable", "considered"): "Thought about on",
    ("case.closed", "reason"): "How it ended",
    ("episode.ended", "reason"): "How being looked after ended",
    ("episode.ended", "reason_place_change"): "Why the home ended",
    ("permanence.before", "since"): "Since",
    ("child.unaccompanied", "until"): "Until",
    ("liberty.restriction_ended", "ended"): "Ended",
}  # fmt: skip
"""Fields that are called something else in one kind of fact."""


NARROWED: Final = {
    "permanence": "a lasting home",
    "religion": "religion",
    "nationality": "nationality",
    "passport": "passport",
    "operation": "an operation",
    "medication": "medicine",
    "hospital": "hospital",
    "counselling": "talking with somebody trained to listen",
    "mother": "mother",
    "father": "father",
}
"""What matters are often narrowed down to. Whoever records may narrow them to other words, which stand as written."""


def label(topic: str, field: str) -> str:
    """Give what a field is called in a kind of fact; a field without a name yet keeps its own."""
    return say(IN_THEIR_PLACE.get((topic, field)) or FIELDS.get(field) or field.replace("_", " ").capitalize())


def kind(code: str) -> str:
    """Give a kind of decision in words; a kind without words yet keeps its code."""
    return say(KINDS.get(code, code.replace("_", " ").capitalize()))


def code(of: StrEnum) -> str:
    """Give a code in words; one without words yet keeps itself."""
    return say(CODES.get(type(of), {}).get(of, str(of)))


def matter(of: str, names: Mapping[str, str]) -> str:
    """Give a matter in words, with the name of the person it is about where it is about one."""
    first, _, rest = of.partition(":")
    words = say(ROOTS.get(root(of), first))
    if not rest or rest in ROOTS.get(root(of), first):
        return words
    if first == "contact":
        who, _, more = rest.partition(":")
        return say("contact with {name}", name=names.get(who, who)) + (f" ({_narrowed(more)})" if more else "")
    return f"{words} ({_narrowed(rest)})"


def every() -> Iterator[str]:
    """Give everything the tables hold, for those who put it into another language."""
    yield from KINDS.values()
    yield from BY_LINES.values()
    for codes in CODES.values():
        yield from codes.values()
    for choices in CHOICES.values():
        yield from choices.values()
    yield from FIELDS.values()
    yield from IN_THEIR_PLACE.values()
    yield from NARROWED.values()


def _narrowed(to: str) -> str:
    return ", ".join(say(NARROWED.get(each) or each.replace("-", " ").replace("_", " ")) for each in to.split(":"))
