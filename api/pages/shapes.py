"""
How an entry of each kind is laid out: what leads, whose words it holds, what is told at length and what in a row.

A field that no shape names still stands on the page, under *More about this*: nothing that was recorded is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """What an entry is about, for how it looks."""

    VIEW = "view"
    DECISION = "decision"
    OUTCOME = "outcome"
    TOLD = "told"
    MEETING = "meeting"
    PEOPLE = "people"
    IRO = "iro"
    ADVOCATE = "advocate"
    PROMISE = "promise"
    RECORD = "record"
    CIRCUMSTANCES = "circumstances"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Shape:
    """
    The places of an entry and the fields that stand in them.

    `lead` is one line under the heading; `words` are the child's own, kept from everybody else's; `readings` are an
    adult's of them; `passages` are told at length; `rows` are short. `quiet` entries matter less than what is around.
    """

    group: Group
    lead: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    quiet: bool = False


_VIEW: Final = Shape(Group.VIEW, lead=("matters",), rows=("seen_alone", "seen_alone_reason"))
_DECISION: Final = Shape(
    Group.DECISION,
    lead=("kind",),
    passages=("reasons", "departure_reasons", "not_practicable_reason"),
    rows=("decided_by", "forum", "effective"),
)


def _view(
    *passages: str, rows: tuple[str, ...] = (), words: tuple[str, ...] = (), readings: tuple[str, ...] = ()
) -> Shape:
    return replace(_VIEW, passages=passages, rows=rows + _VIEW.rows, words=words, readings=readings)


def _decision(*lead: str, passages: tuple[str, ...] = (), rows: tuple[str, ...] = ()) -> Shape:
    return replace(
        _DECISION, lead=_DECISION.lead + lead, passages=passages + _DECISION.passages, rows=_DECISION.rows + rows
    )


SHAPES: Final = {
    "case.opened": Shape(Group.CASE, rows=("born",)),
    "case.closed": Shape(Group.CASE, lead=("reason",), passages=("note",)),
    "case.reopened": Shape(Group.CASE, passages=("note",)),
    "person.introduced": Shape(Group.PEOPLE, lead=("name", "relationship"), passages=("note",), quiet=True),
    "person.left": Shape(Group.PEOPLE, lead=("person",), passages=("reason",), quiet=True),
    "proposal.made": Shape(Group.OUTCOME, lead=("matters",), passages=("what", "options")),
    "view.expressed": _view("account", rows=("source",), words=("own_words",), readings=("interpretation",)),
    "view.observed": _view("what_was_seen", readings=("interpretation",)),
    "view.declined": _view("alternatives_offered", rows=("attempts", "advocate_offered"), words=("own_words",)),
    "view.not_ascertainable": _view("reason", rows=("reason_code",)),
    "view.sought": _view("outcome"),
    "placement.move_decided": _decision("home", "place", rows=("notice_days", "with_siblings")),
    "contact.arrangement_decided": _decision("person", rows=("frequency", "mode", "supervised", "until")),
    "careplan.change_decided": _decision("plan", passages=("what_changes",)),
    "legal.status_decided": _decision("legal_status", "step", rows=("order", "court")),
    "education.change_decided": _decision("school", rows=("previous_school",)),
    "health.decided": _decision(passages=("treatment",), rows=("consent_by",)),
    "liberty.restriction_decided": _decision("step", passages=("restrictions",), rows=("court",)),
    "leaving_care.decided": _decision(passages=("accommodation",), rows=("personal_adviser",)),
    "identity.decided": _decision("aspect", passages=("what_changes",)),
    "professional.changed": _decision("person", rows=("previous",)),
    "decision.took_effect": Shape(Group.OUTCOME, lead=("decision",), passages=("note",), quiet=True),
    "decision.withdrawn": Shape(Group.OUTCOME, lead=("decision",), passages=("reasons",)),
    "decision.reconfirmed": Shape(Group.OUTCOME, lead=("decision",), passages=("reasons",), rows=("views",)),
    "decision.significance_marked": Shape(
        Group.OUTCOME, lead=("decision",), passages=("reason",), rows=("significant",), quiet=True
    ),
    "child.told": Shape(Group.TOLD, lead=("decision",), words=("reaction",), passages=("reasons", "how")),
    "child.not_told": Shape(Group.TOLD, lead=("decision",), passages=("reason",)),
    "circumstances.changed": Shape(Group.CIRCUMSTANCES, lead=("kind",), passages=("what",)),
    "review.held": Shape(
        Group.MEETING,
        lead=("participation",),
        passages=("decisions", "not_done", "note"),
        rows=("chaired_by", "spoken_to_in_private"),
    ),
    "visit.made": Shape(
        Group.MEETING, lead=("visitor",), passages=("note",), rows=("seen_alone", "seen_alone_reason"), quiet=True
    ),
    "iro.informed": Shape(Group.IRO, lead=("decision",), passages=("note",), quiet=True),
    "iro.challenged": Shape(Group.IRO, lead=("decision",), passages=("what",)),
    "iro.challenge_answered": Shape(Group.IRO, lead=("challenge",), passages=("what",), rows=("accepted",)),
    "iro.escalated": Shape(Group.IRO, lead=("challenge",), passages=("to",)),
    "iro.referral_considered": Shape(Group.IRO, lead=("challenge",), passages=("reasons",), rows=("made",)),
    "advocate.offered": Shape(Group.ADVOCATE, passages=("note",), rows=("child_answer", "offered_by"), quiet=True),
    "advocate.engaged": Shape(Group.ADVOCATE, lead=("advocate",), passages=("note",), rows=("arranged_by",)),
    "promise.made": Shape(Group.PROMISE, passages=("what",), rows=("promised_by", "due")),
    "promise.settled": Shape(Group.PROMISE, lead=("promise",), passages=("what",), rows=("kept",)),
    "record.corrected": Shape(
        Group.RECORD, lead=("of",), passages=("reason",), rows=("field", "to", "words", "requested_by"), quiet=True
    ),
    "record.annotated": Shape(Group.RECORD, lead=("of",), words=("text",)),
    "record.disputed": Shape(Group.RECORD, lead=("of",), words=("text",)),
    "disclosure.issued": Shape(Group.RECORD, rows=("recipient", "left_out")),
    "record.text_taken_out": Shape(Group.RECORD, lead=("of",), rows=("field", "basis")),
    "record.gap_declared": Shape(Group.RECORD, passages=("reason", "searched"), rows=("gap_from", "gap_to")),
    "finding.attached": Shape(Group.RECORD, lead=("body",), passages=("says",), rows=("of", "reference")),
    "episode.began": Shape(
        Group.CASE,
        lead=("new_because",),
        rows=("legal_status", "place", "provider", "category_of_need"),
        quiet=True,
    ),
    "episode.ended": Shape(Group.CASE, lead=("episode",), rows=("reason", "reason_place_change"), quiet=True),
    "child.described": Shape(Group.CASE, rows=("sex", "ethnicity", "mother"), quiet=True),
    "child.unaccompanied": Shape(Group.CASE, rows=("until",)),
    "child.went_missing": Shape(Group.CIRCUMSTANCES, lead=("missing",)),
    "child.came_back": Shape(Group.CIRCUMSTANCES, lead=("absence",), quiet=True),
    "health.year_reported": Shape(
        Group.CIRCUMSTANCES, rows=("health_assessment", "teeth_check", "immunisations"), quiet=True
    ),
    "care_leaver.year_reported": Shape(
        Group.CIRCUMSTANCES, lead=("lives_in",), rows=("in_touch", "activity", "suitable")
    ),
    "adoption.recorded": Shape(Group.OUTCOME, lead=("adopter_sex",), rows=("best_interests", "by_foster_carer")),
    "permanence.before": Shape(Group.CASE, lead=("permanence",), quiet=True),
    "professional.stopped": Shape(Group.PEOPLE, lead=("change",), quiet=True),
    "liberty.restriction_ended": Shape(Group.OUTCOME, lead=("restriction",)),
    "document.attached": Shape(Group.RECORD, lead=("title",), rows=("of",), quiet=True),
}  # fmt: skip
"""By topic. A kind of fact without a shape yet shows its fields in rows."""


def shape_of(topic: str) -> Shape:
    """Give the shape of a kind of fact."""
    return SHAPES.get(topic, Shape(Group.RECORD))
