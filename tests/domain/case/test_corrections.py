"""The record about itself: corrections, the child's own additions, gaps, findings, documents."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case.record import current_value, said_by
from domain.case.refusal import CorrectionRefused, DatesRefused, NotThereRefused
from domain.case.registry import COMMANDS

VIEW = {
    "do": "record_view", "ref": "view", "expressed": "2026-03-04", "matters": ["placement"],
    "own_words": [{"words": "Stay."}], "source": "CHILD_DIRECT",
}  # fmt: skip
DECLINED = {
    "do": "record_declined",
    "ref": "declined",
    "declined": "2026-03-04",
    "matters": ["placement"],
    "attempts": 2,
}
MOVE = {
    "do": "decide_placement_move", "ref": "move", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2026-03-10",
    "effective": "2026-03-20", "views": [], "distance_miles": 3.5,
}  # fmt: skip
LETTER = {
    "do": "attach_document", "ref": "letter", "title": "Letter", "sha256": "0" * 64, "media_type": "text/plain",
    "size": 9,
}  # fmt: skip
VISIT = {"do": "record_visit", "ref": "visit", "visited": "2026-03-08", "seen_alone": "YES"}
REVIEW = {"do": "record_review", "ref": "review", "held": "2026-03-07"}
CHALLENGE = {"do": "raise_challenge", "ref": "challenge", "challenged": "2026-03-13", "what": "Look again."}
ESCALATED = {
    "do": "escalate_challenge", "ref": "escalation", "challenge": "challenge", "escalated": "2026-03-15", "to": "Head.",
}  # fmt: skip
STORY = (VIEW, DECLINED, MOVE, LETTER, CHALLENGE, ESCALATED)
CORRECT = {
    "do": "correct_record", "of": "view", "field": "expressed", "to": "2026-03-03", "reason": "A slip.",
    "requested_by": "AUTHOR",
}  # fmt: skip


# Corrections ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "field", "to"),
    [
        ("view", "expressed", "2026-03"),
        ("view", "own_words", [{"words": "Stay here.", "language": "en"}]),
        ("view", "source", "ADVOCATE"),
        ("view", "setting", "In the car."),
        ("declined", "attempts", 3),
        ("declined", "advocate_offered", True),
        ("move", "effective", "2026-08-20"),
        ("move", "distance_miles", 35),
        ("move", "weight", "FOLLOWED"),
        ("letter", "title", "Her letter"),
        ("escalation", "to", "The director."),
    ],
)
def test_anything_said_can_be_put_right(opened: Any, of: str, field: str, to: Any) -> None:
    """What it should say stands beside what it said; the first is untouched."""
    case = opened(*STORY)

    outcome = case.when(CORRECT | {"of": of, "field": field, "to": to})

    assert outcome.then("record.corrected", of=of, field=field).value == to
    after = outcome.case
    assert after.facts[of].fact == case.case.facts[of].fact
    assert current_value(after, after.facts[of].fact, field) != getattr(after.facts[of].fact, field)


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"of": "nothing"}, CorrectionRefused, "of"),
        ({"field": "colour"}, CorrectionRefused, "field"),
        ({"field": "model_fields"}, CorrectionRefused, "field"),
        ({"to": None}, CorrectionRefused, "to"),
        ({"to": "2026-03-04"}, CorrectionRefused, "to"),
        ({"to": "yesterday"}, CorrectionRefused, "to"),
        ({"to": 20260303}, CorrectionRefused, "to"),
        ({"to": ["2026-03-03"]}, CorrectionRefused, "to"),
        ({"to": {"day": "2026-03-03"}}, CorrectionRefused, "to"),
        ({"to": "2026-06-02"}, DatesRefused, "to"),
        ({"to": "2027"}, DatesRefused, "to"),
    ],
)
def test_a_correction_is_of_something_to_something_else(
    opened: Any, change: dict[str, Any], kind: Any, field: str
) -> None:
    """An entry that is there, a field it has, a value that fits, and another than it has."""
    case = opened(*STORY)

    case.when(CORRECT).then("record.corrected")
    case.when(CORRECT | change).refused(kind, field=field)


@pytest.mark.parametrize(
    ("of", "field", "to", "nonsense"),
    [
        ("view", "source", "APP", "HEARSAY"),
        ("view", "seen_alone", "NO", "PERHAPS"),
        ("view", "own_words", [{"words": "No."}], [{"said": "No."}]),
        ("view", "own_words", [{"words": "No."}], [{"words": ""}]),
        ("view", "setting", "Outside", "\x00"),
        ("view", "setting", "Outside", "  "),
        ("declined", "attempts", 3, "thrice"),
        ("declined", "advocate_offered", True, "perhaps"),
        ("move", "urgency", "UNPLANNED", "HURRIED"),
        ("move", "urn", "SC123456", "SC12"),
    ],
)
def test_a_correction_fits_its_field(opened: Any, of: str, field: str, to: Any, nonsense: Any) -> None:
    """What could not have been recorded at first cannot be put there afterwards."""
    case = opened(*STORY)
    correction = CORRECT | {"of": of, "field": field}

    case.when(correction | {"to": to}).then("record.corrected")
    case.when(correction | {"to": nonsense}).refused(CorrectionRefused, field="to")


@pytest.mark.parametrize(
    ("of", "field", "to", "nonsense"),
    [
        ("declined", "attempts", 3, -5),
        ("letter", "title", "Her letter", "x" * 201),
        ("letter", "title", "Her letter", "\x00"),
        ("letter", "size", 10, -1),
        ("letter", "media_type", "application/pdf", "paper"),
    ],
)
def test_a_correction_keeps_the_limits_of_its_field(opened: Any, of: str, field: str, to: Any, nonsense: Any) -> None:
    """The limits that hold for recording hold for putting right."""
    case = opened(*STORY)
    correction = CORRECT | {"of": of, "field": field}

    case.when(correction | {"to": to}).then("record.corrected")
    case.when(correction | {"to": nonsense}).refused(CorrectionRefused, field="to")


@pytest.mark.parametrize(
    ("of", "field", "to"),
    [
        ("view", "matters", ["contact"]),
        ("view", "ref", "other"),
        ("view", "by", {}),
        ("view", "proposal", "other"),
        ("move", "kind", "PLACEMENT_TEMPORARY"),
        ("move", "views", ["view"]),
    ],
)
def test_what_an_entry_is_about_stays(opened: Any, of: str, field: str, to: Any) -> None:
    """The question rests on it: it is disputed or recorded anew, and not turned into something else."""
    case = opened(*STORY)

    case.when(CORRECT).then()
    case.when(CORRECT | {"of": of, "field": field, "to": to}).refused(CorrectionRefused, field="field")


@pytest.mark.parametrize(
    ("field", "to", "wrong"),
    [
        ("decided", "2026-03-20", "2026-03-21"),
        ("effective", "2026-03-10", "2026-03-09"),
        ("decided", "2026-03", "2026-04"),
    ],
)
def test_dates_put_right_agree_with_each_other(opened: Any, field: str, to: str, wrong: str) -> None:
    """A decision does not come after its effect by way of a correction either."""
    case = opened(*STORY)
    correction = CORRECT | {"of": "move", "field": field}

    case.when(correction | {"to": to}).then("record.corrected")
    case.when(correction | {"to": wrong}).refused(DatesRefused, field="to")


@pytest.mark.parametrize(("of", "field"), [("view", "expressed"), ("visit", "visited"), ("review", "held")])
def test_no_correction_leads_to_before_birth(opened: Any, of: str, field: str) -> None:
    """A slip in the year is a slip in a correction too; what can be older than the child may be."""
    case = opened(*STORY, VISIT, REVIEW)
    correction = CORRECT | {"of": of, "field": field}

    case.when(correction | {"to": "2014-05-03"}).then("record.corrected")
    case.when(correction | {"to": "2014-05-02"}).refused(DatesRefused, field="to")
    case.when(CORRECT | {"of": "mum", "field": "since", "to": "1990"}).then("record.corrected")


def test_without_a_birthday_every_date_may_be_right(given: Any) -> None:
    """Where nobody knows when the child was born, no date is before it."""
    case = given({"do": "open_case", "child": "Amira"}, VIEW)

    case.when(CORRECT | {"to": "1950"}).then("record.corrected")


def test_nothing_is_put_right_to_nothing(opened: Any) -> None:
    """Not even what need not have been said: whoever says that an entry is wrong disputes it."""
    case = opened(*STORY)

    case.when(CORRECT | {"of": "move", "field": "effective", "to": "2026-03-21"}).then("record.corrected")
    case.when(CORRECT | {"of": "move", "field": "effective", "to": None}).refused(CorrectionRefused, field="to")


def test_the_date_of_a_decision_without_effect_can_be_put_right(opened: Any) -> None:
    """With one date only there is nothing to contradict."""
    case = opened(MOVE | {"effective": None})

    case.when(CORRECT | {"of": "move", "field": "decided", "to": "2026-03-09"}).then("record.corrected")


def test_a_second_correction_starts_from_the_first(opened: Any) -> None:
    """What it says now is the last thing it was put right to, and going back is a correction too."""
    case = opened(*STORY, CORRECT)

    case.when(CORRECT | {"reason": "Again."}).refused(CorrectionRefused, field="to")
    outcome = case.when(CORRECT | {"to": "2026-03-04", "reason": "It was right."})
    outcome.then("record.corrected", to="2026-03-04")
    view = outcome.case.facts["view"].fact
    assert str(current_value(outcome.case, view, "expressed")) == "2026-03-04"


def test_which_entry_says_it_now_can_be_told(opened: Any) -> None:
    """The entry itself, or its latest correction of that very field."""
    case = opened(*STORY, CORRECT, CORRECT | {"field": "source", "to": "APP"}, CORRECT | {"to": "2026-03-02"}).case
    view = case.facts["view"].fact

    assert [said_by(case, view, field) for field in ("expressed", "source", "setting")] == [12, 11, 4]


def test_only_the_field_that_was_wrong_is_put_right(opened: Any) -> None:
    """A correction of one field or entry leaves the others saying what they said."""
    case = opened(*STORY, VIEW | {"ref": "another"}, CORRECT | {"field": "source", "to": "APP"}).case

    assert str(current_value(case, case.facts["view"].fact, "expressed")) == "2026-03-04"
    assert current_value(case, case.facts["view"].fact, "source") == "APP"
    assert current_value(case, case.facts["another"].fact, "source") == "CHILD_DIRECT"


@pytest.mark.parametrize("member", ["reason", "requested_by"])
def test_a_correction_says_why_and_who_asked(opened: Any, member: str) -> None:
    """Without either it would be an alteration."""
    opened(*STORY).when({name: value for name, value in CORRECT.items() if name != member}).malformed(member)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_field_of_every_entry_can_be_named(given: Any, story: Any, name: str) -> None:
    """A field that an entry has and that may be wrong can be put right under its own name."""
    case = given(*story)
    of = next(body["ref"] for body in story if body["do"] == name)
    fields = set(COMMANDS[name].RECORDS.model_fields) - {"ref", "by"}

    for field in fields:
        problem = case.when(CORRECT | {"of": of, "field": field, "to": {"no": "such value"}}).problem
        assert isinstance(problem, CorrectionRefused), field
        assert problem.field == "to" or "stays as it is" in problem.message


# What the child adds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["CHILD", "CARE_LEAVER", "PARENT"])
@pytest.mark.parametrize(
    ("command", "member"),
    [
        ({"do": "annotate_record", "of": "view", "text": "I was sad."}, "written_by"),
        ({"do": "dispute_record", "of": "view", "text": "I never said so."}, "disputed_by"),
    ],
    ids=["annotation", "dispute"],
)
def test_the_child_speaks_to_an_entry(opened: Any, command: dict[str, Any], member: str, who: str) -> None:
    """The child or care leaver, and nobody else in their name; to an entry that is there."""
    case = opened(*STORY)

    if who == "PARENT":
        case.when(command | {member: who}).malformed(member)
    else:
        assert case.when(command | {member: who}).then(of="view", text=command["text"]).about == ("view",)
        case.when(command | {member: who, "of": "nothing"}).refused(NotThereRefused, field="of")


# Gaps, findings, documents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap_to", "fits"), [("2021", True), ("2021-06-01", True), ("2022", True), ("2020", False), ("2020-12-31", False)]
)
def test_a_gap_ends_after_it_begins(opened: Any, gap_to: str, fits: bool) -> None:  # noqa: FBT001
    """What is missing is missing from one time to a later one."""
    gap = {"do": "declare_gap", "gap_from": "2021", "gap_to": gap_to, "reason": "A flood.", "searched": ["The cellar."]}
    outcome = opened().when(gap)

    if fits:
        outcome.then("record.gap_declared", gap_to=gap_to, searched=["The cellar."])
    else:
        outcome.refused(DatesRefused, field="gap_to")


@pytest.mark.parametrize(
    "command",
    [{"do": "attach_finding", "found": "2026-04-01", "body": "Ombudsman", "says": "Fault."}, LETTER | {"ref": "note"}],
    ids=["finding", "document"],
)
def test_what_is_attached_is_attached_to_something(opened: Any, command: dict[str, Any]) -> None:
    """To any entries that are there, or to the case as a whole."""
    case = opened(*STORY)

    assert case.when(command).then().about == ()
    assert case.when(command | {"of": ["view", "move"]}).then().about == ("view", "move")
    case.when(command | {"of": ["view", "nothing"]}).refused(NotThereRefused, field="of")


@pytest.mark.parametrize("sha256", ["0" * 63, "0" * 65, "G" * 64, "A" * 64])
def test_a_document_is_named_by_its_hash(opened: Any, sha256: str) -> None:
    """Exactly one writing of one hash."""
    opened().when(LETTER | {"sha256": "0123456789abcdef" * 4}).then("document.attached")
    opened().when(LETTER | {"sha256": sha256}).malformed("sha256")


def test_a_nation_put_right_is_one_that_has_rules(given: Any) -> None:
    """What comes later falls under its rules; what is on record keeps those it was recorded under."""
    opening = {"do": "open_case", "ref": "opening", "child": "Amira"}
    wrong = {
        "do": "correct_record", "of": "opening", "field": "jurisdiction", "reason": "A slip.", "requested_by": "AUTHOR",
    }  # fmt: skip

    given(opening).when(wrong | {"to": "wales"}).then("record.corrected", to="wales")
    refusal = given(opening).when(wrong | {"to": "\u0000mars"}).refused(CorrectionRefused, field="to")
    assert "wales" in refusal.message
