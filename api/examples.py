"""
A worked example of every command, in an order in which all of them can be recorded in one made-up child's case.

They stand in the description of the interface and under `/v1/commands`; a test records them one after the other.
"""

from __future__ import annotations

from typing import Any, Final

Body = dict[str, Any]


def command_example(do: str) -> Body:
    """Give the example of a command."""
    return {"do": do, **EXAMPLES.get(do, {})}


EXAMPLES: Final[dict[str, Body]] = {
    "open_case": {
        "child": "Amira", "born": "2014-05-03", "looked_after_from": "2020-01-13", "jurisdiction": "england",
        "local_id": "LA-77",
    },
    "introduce_person": {"ref": "kim", "name": "Kim", "relationship": "CARER", "since": "2020-01"},
    "make_proposal": {
        "ref": "proposal", "proposed": "2026-02-20", "matters": ["placement"],
        "what": "Moving in with a family nearer to her school.",
    },
    "record_view": {
        "ref": "said", "expressed": "2026-03-04", "matters": ["placement", "siblings"], "proposal": "proposal",
        "present": ["kim"], "seen_alone": "NO", "seen_alone_reason": "She asked for Kim to stay.",
        "own_words": [{"words": "I want to stay with Kim and see my brother every week.", "language": "en"}],
        "provenance": {"system": "Mosaic", "author": "A. Worker", "recorded": "2026-03-05", "grade": "A"},
    },
    "record_observation": {
        "ref": "shown", "observed": "2026-03-04", "matters": ["contact"],
        "what_was_seen": "She smiled and ran to the door when her grandmother came.",
        "provenance": {"system": "Mosaic", "author": "A. Worker", "recorded": "2026-03-05", "grade": "A"},
    },
    "record_declined": {
        "ref": "declined", "declined": "2026-03-05", "matters": ["education"], "attempts": 2, "advocate_offered": True,
    },
    "record_not_ascertainable": {
        "ref": "unable", "considered": "2026-03-06", "matters": ["health"], "reason_code": "MEDICALLY_UNABLE",
        "reason": "She was under anaesthetic.",
    },
    "record_sought": {"ref": "sought", "sought": "2026-03-06", "matters": ["legal"], "outcome": "She was at camp."},
    "record_review": {
        "ref": "review", "held": "2026-03-07", "participation": "PN1", "spoken_to_in_private": "YES",
    },
    "record_visit": {"ref": "visit", "visited": "2026-03-08", "seen_alone": "YES"},
    "record_change": {
        "ref": "change", "kind": "ALLEGATION", "happened": "2026-03-01", "what": "She said something about home.",
        "matters": ["placement"],
    },
    "decide_placement_move": {
        "ref": "move", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2026-03-10", "effective": "2026-03-20",
        "matters": ["placement", "siblings", "education"], "proposal": "proposal", "views": ["said"],
        "weight": "DEPARTED", "departure_reasons": "Kim is moving abroad in April.", "review": "review",
        "place": "U6", "provider": "PR1", "distance_miles": 3.5, "reason_place_change": "CARPL", "significant": True,
    },
    "decide_contact": {
        "ref": "seeing-kim", "kind": "CONTACT_ARRANGE", "person": "kim", "decided": "2026-03-10",
        "frequency": "every second Saturday",
    },
    "decide_care_plan": {
        "ref": "plan", "kind": "CAREPLAN_PERMANENCE", "plan": ["LTFOST18"], "decided": "2026-03-10",
    },
    "decide_legal_status": {"ref": "order", "step": "MADE", "legal_status": "C2", "decided": "2026-03-10"},
    "decide_education": {"ref": "school", "kind": "EDUCATION_SCHOOL_CHANGE", "decided": "2026-03-10"},
    "decide_health": {"ref": "health", "treatment": "Grommets in both ears.", "decided": "2026-03-10"},
    "decide_liberty": {
        "ref": "liberty", "kind": "SECURE", "step": "STARTED", "restrictions": "A locked door at night.",
        "decided": "2026-03-10",
    },
    "decide_leaving_care": {"ref": "leaving", "kind": "PATHWAY_PLAN", "decided": "2026-03-10"},
    "decide_identity": {
        "ref": "identity", "aspect": "NAME", "what_changes": "Her family name.", "decided": "2026-03-10",
    },
    "change_professional": {
        "ref": "worker", "kind": "SOCIAL_WORKER_CHANGE", "person": "kim", "decided": "2026-03-10",
    },
    "record_effect": {"ref": "moved", "decision": "move", "on": "2026-03-20"},
    "withdraw_decision": {
        "ref": "withdrawn", "decision": "school", "withdrawn": "2026-03-12", "reasons": "There was no place.",
    },
    "reconfirm_decision": {
        "ref": "again", "decision": "plan", "reconfirmed": "2026-03-12", "views": ["shown"],
        "reasons": "We looked at it again with what she had shown us.",
    },
    "mark_significance": {
        "ref": "mark", "decision": "worker", "significant": True, "reason": "She had known him for six years.",
    },
    "tell_child": {
        "ref": "told", "decision": "move", "told": "2026-03-12", "reasons": "We talked about why Kim has to move.",
    },
    "record_not_told": {
        "ref": "not-told", "decision": "liberty", "considered": "2026-03-12", "reason": "She was too ill to be told.",
    },
    "inform_iro": {"ref": "informed", "decision": "move", "informed": "2026-03-09"},
    "raise_challenge": {
        "ref": "challenge", "decision": "plan", "challenged": "2026-03-13", "what": "Please look at the plan again.",
    },
    "answer_challenge": {
        "ref": "answer", "challenge": "challenge", "answered": "2026-03-14", "accepted": False,
        "what": "We have looked at it again, and why it stays is in the plan.",
    },
    "escalate_challenge": {
        "ref": "escalation", "challenge": "challenge", "escalated": "2026-03-15", "to": "Head of service",
    },
    "consider_referral": {
        "ref": "referral", "challenge": "challenge", "considered": "2026-03-16", "made": False,
        "reasons": "It was settled the next day.",
    },
    "offer_advocate": {"ref": "offer", "offered": "2026-03-05", "child_answer": "ACCEPTED"},
    "engage_advocate": {"ref": "advocate", "engaged": "2026-03-06", "arranged_by": "AUTHORITY"},
    "make_promise": {
        "ref": "promise", "promised": "2026-03-10", "what": "Your bike comes with you.", "due": "2026-03-20",
    },
    "settle_promise": {"ref": "settled", "promise": "promise", "settled": "2026-03-20", "kept": True},
    "correct_record": {
        "ref": "corrected", "of": "said", "field": "expressed", "to": "2026-03-03", "reason": "A slip of the pen.",
        "requested_by": "AUTHOR",
    },
    "annotate_record": {"ref": "annotated", "of": "move", "text": "I was sad that day.", "written_by": "CHILD"},
    "dispute_record": {"ref": "disputed", "of": "shown", "text": "I did not smile.", "disputed_by": "CHILD"},
    "declare_gap": {"ref": "gap", "gap_from": "2021", "gap_to": "2022", "reason": "The files were lost in a flood."},
    "attach_finding": {
        "ref": "finding", "found": "2026-04-01", "body": "Ombudsman", "says": "There was fault.", "of": ["move"],
        "reference": "26 001 234",
    },
    "attach_document": {
        "ref": "document", "title": "A letter from Amira",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "media_type": "application/pdf",
        "size": 48213, "of": ["said"],
    },
    "describe_child": {"ref": "described", "sex": "F", "ethnicity": "MWBA", "mother": False},
    "record_unaccompanied": {"ref": "alone", "until": "2032-05-03"},
    "record_episode": {
        "ref": "episode", "began": "2020-01-13", "new_because": "S", "legal_status": "C1", "category_of_need": "N1",
        "place": "U6", "provider": "PR1",
    },
    "record_episode_end": {
        "ref": "episode-end", "episode": "episode", "ended": "2026-03-20", "next_begins": True,
        "reason_place_change": "CARPL",
    },
    "record_missing": {"ref": "missing", "since": "2025-05-03", "missing": "A"},
    "record_came_back": {"ref": "found", "absence": "missing", "back": "2025-05-04"},
    "report_health": {"ref": "health-2026", "year_to": "2026-03-31", "sdq_score": 14, "teeth_check": True},
    "report_care_leaver": {
        "ref": "care-leaver", "year_to": "2026-03-31", "in_touch": "YES", "activity": "F2", "lives_in": "Z",
        "suitable": True,
    },
    "record_adoption": {
        "ref": "adoption", "best_interests": "2026-01-02", "matched": "2026-03-04", "adopters": 2,
        "adopter_sex": "FF", "adopter_status": "L12", "by_foster_carer": True,
    },
    "record_earlier_permanence": {"ref": "before", "permanence": "P2", "authority": "352", "since": "2016-05"},
    "record_worker_stopped": {"ref": "worker-end", "change": "worker", "stopped": "2026-03-31"},
    "record_liberty_ended": {"ref": "liberty-end", "restriction": "liberty", "ended": "2026-03-31"},
    "record_person_left": {"ref": "parting", "person": "kim", "until": "2026-04-01"},
    "close_case": {"ref": "closing", "ended": "2026-05-01", "reason": "E4A"},
    "reopen_case": {"ref": "reopening", "again_from": "2026-05-10"},
}  # fmt: skip
