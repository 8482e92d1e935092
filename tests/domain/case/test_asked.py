"""From facts to answers: what is put on record in a case is what the question is asked of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.case import command, decision
from domain.case.refusal import DatesRefused
from domain.rules import pack_in_force
from domain.voice.verdict import Feedback, Flag, Influence, Verdict

VIEW = {
    "do": "record_view", "ref": "view", "expressed": "2026-03-04", "matters": ["placement"], "account": "Stay.",
    "recorded": "2026-03-05T09:10",
}  # fmt: skip
MOVE = {
    "do": "decide_placement_move", "ref": "move", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2026-03-10",
    "effective": "2026-03-20", "recorded": "2026-03-10T17:00",
}  # fmt: skip
EMERGENCY = {
    "effective": "2026-03-10", "urgency": "EMERGENCY", "ground": "REG14_3_IMMEDIATE_RISK",
    "not_practicable_reason": "At night.",
}  # fmt: skip
BETWEEN = VIEW | {"expressed": "2026-03-13", "recorded": "2026-03-13T17:00"}


def correct(of: str, field: str, to: str, recorded: str = "2026-04-01T10:00") -> dict[str, Any]:
    """Put a date right."""
    return {
        "do": "correct_record", "of": of, "field": field, "to": to, "reason": "A slip.", "requested_by": "AUTHOR",
        "recorded": recorded,
    }  # fmt: skip


def test_a_view_on_record_before_the_decision(opened: Any) -> None:
    """The simplest case, from the two commands to the answer and what it rests on."""
    answer = opened(VIEW, MOVE).answer("move")

    assert answer.verdict is Verdict.RECORDED_BEFORE_DECISION
    assert answer.rests_on == ("view",)


@pytest.mark.parametrize(
    ("as_of", "verdict"),
    [
        ("2026-03-10T16:59", Verdict.PENDING),
        ("2026-03-10T17:00", Verdict.NO_VIEW_RECORDED),
        ("2026-03-31", Verdict.NO_VIEW_RECORDED),
        ("2026-04-01T11:00", Verdict.BACKDATED_RECORD),
    ],
)
def test_the_record_is_asked_as_it_stood(opened: Any, as_of: str, verdict: Verdict) -> None:
    """What came into the record later was not there before, and both answers can be had for ever."""
    scenario = opened(MOVE, VIEW | {"recorded": "2026-04-01T11:00"})

    assert scenario.answer("move", as_of).verdict is verdict


@pytest.mark.parametrize(
    ("grade", "verdict"),
    [("A", Verdict.RECORDED_BEFORE_DECISION), ("B", Verdict.RECORDED_BEFORE_DECISION), ("C", Verdict.BACKDATED_RECORD)],
)
def test_an_imported_view_counts_by_its_grade(opened: Any, grade: str, verdict: Verdict) -> None:
    """A log or a dated note vouches for an old date; somebody's word does not."""
    source = {"provenance": {"system": "Mosaic", "recorded": "2026-03-05", "grade": grade}}

    scenario = opened(MOVE, VIEW | source | {"recorded": "2026-04-01T11:00"})

    assert scenario.answer("move").verdict is verdict


def test_an_imported_decision_counts_from_its_log(opened: Any) -> None:
    """A decision that the old system held on the second was made by then."""
    source = {"provenance": {"system": "Mosaic", "recorded": "2026-03-02", "grade": "A"}}

    answer = opened(VIEW, MOVE | source).answer("move")

    assert answer.verdict is Verdict.VIEW_AFTER_DECISION_BEFORE_EFFECT
    assert Flag.DECISION_RECORDED_BEFORE_CLAIMED_DATE in answer.flags


def test_a_decision_without_a_date_shows_so(opened: Any) -> None:
    """Nothing is claimed about an order that nobody wrote down."""
    answer = opened(VIEW, MOVE | {"decided": None}).answer("move")

    assert answer.verdict is Verdict.SAME_DAY_ORDER_UNKNOWN
    assert Flag.DECISION_DATE_UNKNOWN in answer.flags


# Corrections ----------------------------------------------------------------------------------------------------------


def test_a_date_put_right_changes_the_answer_from_then_on(opened: Any) -> None:
    """Before the correction the record showed one thing, afterwards another, and it says that a date was moved."""
    scenario = opened(VIEW, MOVE, correct("view", "expressed", "2026-03-14"))

    assert scenario.answer("move", "2026-03-31").verdict is Verdict.RECORDED_BEFORE_DECISION
    after = scenario.answer("move")
    assert after.verdict is Verdict.VIEW_AFTER_DECISION_BEFORE_EFFECT
    assert Flag.DATE_CORRECTED in after.flags


@pytest.mark.parametrize(
    ("story", "correction", "verdict"),
    [
        ([VIEW, MOVE], ("move", "decided", "2026-03-03"), Verdict.VIEW_AFTER_DECISION_BEFORE_EFFECT),
        (
            [VIEW | {"recorded": "2026-03-18T09:00"}, MOVE],
            ("move", "effective", "2026-03-15"),
            Verdict.BACKDATED_RECORD,
        ),
        ([VIEW, MOVE], ("view", "source", "APP"), Verdict.RECORDED_BEFORE_DECISION),
        ([VIEW, MOVE], ("view", "setting", "2026-03-14"), Verdict.RECORDED_BEFORE_DECISION),
    ],
)
def test_only_dates_that_the_question_uses_change_it(
    opened: Any, story: list[dict[str, Any]], correction: tuple[str, str, str], verdict: Verdict
) -> None:
    """The date of the decision, of the effect and of the view; not a text that happens to be a date."""
    assert opened(*story, correct(*correction)).answer("move").verdict is verdict


def test_of_two_corrections_the_later_speaks(opened: Any) -> None:
    """A correction that was wrong is put right by another."""
    scenario = opened(
        VIEW,
        MOVE,
        correct("view", "expressed", "2026-03-14"),
        correct("view", "expressed", "2026-03-04", "2026-04-02T10:00"),
    )

    assert scenario.answer("move", "2026-04-01T12:00").verdict is Verdict.VIEW_AFTER_DECISION_BEFORE_EFFECT
    assert scenario.answer("move").verdict is Verdict.RECORDED_BEFORE_DECISION


HAPPENED = {
    "do": "record_effect",
    "ref": "moved",
    "decision": "move",
    "on": "2026-03-12",
    "recorded": "2026-03-12T18:00",
}


def test_the_day_it_happened_counts_from_when_it_was_recorded(opened: Any) -> None:
    """Until then the day that was planned; from then on the day in fact."""
    scenario = opened(MOVE, BETWEEN, HAPPENED)

    assert scenario.answer("move", "2026-03-12T17:00").verdict is Verdict.NO_VIEW_RECORDED
    assert scenario.answer("move").verdict is Verdict.VIEW_AFTER_EFFECT_ONLY


def test_a_plan_put_right_before_it_happened_does_not_outlive_it(opened: Any) -> None:
    """The day in fact, recorded last, is the day that counts."""
    replanned = correct("move", "effective", "2026-03-25", "2026-03-11T09:00")

    assert opened(MOVE, replanned, BETWEEN, HAPPENED).answer("move").verdict is Verdict.VIEW_AFTER_EFFECT_ONLY


def test_the_day_it_happened_can_be_put_right(opened: Any) -> None:
    """The refusal of a second effect says to correct the first, and so the correction counts."""
    scenario = opened(MOVE, BETWEEN, HAPPENED, correct("moved", "on", "2026-03-20"))

    assert scenario.answer("move").verdict is Verdict.VIEW_AFTER_DECISION_BEFORE_EFFECT


AGAIN = {
    "do": "reconfirm_decision", "ref": "again", "decision": "move", "reconfirmed": "2026-03-16", "views": ["view"],
    "reasons": "Heard.", "recorded": "2026-03-16T12:00",
}  # fmt: skip
ALLEGATION = {
    "do": "record_change", "ref": "change", "kind": "ALLEGATION", "happened": "2026-03-06", "what": "He said so.",
    "matters": ["placement"], "recorded": "2026-03-06T12:00",
}  # fmt: skip
TOLD = {
    "do": "tell_child",
    "ref": "told",
    "decision": "move",
    "told": "2026-03-25",
    "reasons": "x",
    "recorded": "2026-03-25T12:00",
}


@pytest.mark.parametrize(
    ("story", "correction"),
    [
        ([MOVE, BETWEEN, AGAIN], ("again", "reconfirmed", "2026-03-23")),
        ([VIEW, MOVE, ALLEGATION], ("change", "happened", "2026-03-02")),
        ([MOVE, TOLD], ("told", "told", "2026-03-12")),
    ],
    ids=["again", "change", "told"],
)
def test_every_date_an_answer_rests_on_can_be_put_right(
    opened: Any, story: list[dict[str, Any]], correction: tuple[str, str, str]
) -> None:
    """A slip in the date of a reconsideration, of what happened, or of the telling does not stand for ever."""
    before = opened(*story).answer("move")

    assert opened(*story, correct(*correction)).answer("move") != before


def test_a_birthday_put_right_is_the_birthday(opened: Any) -> None:
    """What was wrongly turned away before is taken in afterwards, and the other way round."""
    early = VIEW | {"expressed": "2013-05-03", "recorded": "2026-06-01T12:00"}
    born = correct("case-1", "born", "2013-05-03")

    opened().when(early).refused(DatesRefused, field="expressed")
    opened(born).when(early).then("view.expressed")
    opened(correct("case-1", "looked_after_from", "2014-05-04")).when(early).refused(DatesRefused, field="expressed")


# What happened around the decision ------------------------------------------------------------------------------------


def test_a_decision_looked_at_again_with_the_view(opened: Any) -> None:
    """Confirmed before it happened, naming what the child said."""
    answer = opened(MOVE, BETWEEN, AGAIN).answer("move")

    assert answer.verdict is Verdict.VIEW_CONSIDERED_ON_RECONSIDERATION
    assert answer.rests_on == ("view", "again")


@pytest.mark.parametrize(
    ("matters", "verdict"),
    [
        (["placement"], Verdict.STALE_VIEW_ONLY),
        (["contact"], Verdict.RECORDED_BEFORE_DECISION),
        ([], Verdict.RECORDED_BEFORE_DECISION),
    ],
)
def test_what_happened_overtakes_views_on_its_matters(opened: Any, matters: list[str], verdict: Verdict) -> None:
    """An allegation about the home makes an older view on the home an old one, and no other."""
    answer = opened(VIEW, ALLEGATION | {"matters": matters}, MOVE).answer("move")

    assert answer.verdict is verdict
    assert ("change" in answer.rests_on) is (verdict is Verdict.STALE_VIEW_ONLY)


def test_significance_is_marked_from_a_day_on(opened: Any) -> None:
    """As marked with the decision, and as marked later from then on."""
    mark = {"do": "mark_significance", "decision": "move", "significant": False, "reason": "A weekend."}
    not_significant = MOVE | {"significant": False, "significance_reason": "A weekend."}
    scenario = opened(MOVE, mark | {"recorded": "2026-04-01T10:00"})

    assert scenario.answer("move", "2026-03-31").verdict is Verdict.NO_VIEW_RECORDED
    assert scenario.answer("move").verdict is Verdict.NOT_SIGNIFICANT
    assert opened(not_significant).answer("move").verdict is Verdict.NOT_SIGNIFICANT


def test_a_dispute_travels_with_the_view(opened: Any) -> None:
    """The child says the entry is wrong: no verdict changes, and every answer says so from then on."""
    dispute = {
        "do": "dispute_record",
        "of": "view",
        "text": "No.",
        "disputed_by": "CHILD",
        "recorded": "2026-04-01T10:00",
    }
    scenario = opened(VIEW, MOVE, dispute)

    assert Flag.CHILD_DISPUTES_RECORD not in scenario.answer("move", "2026-03-31").flags
    after = scenario.answer("move")
    assert after.verdict is Verdict.RECORDED_BEFORE_DECISION
    assert Flag.CHILD_DISPUTES_RECORD in after.flags


REVIEW = {"do": "record_review", "ref": "review", "held": "2026-03-03"}
INFORM = {"do": "inform_iro", "decision": "move", "informed": "2026-03-09", "recorded": "2026-03-12T10:00"}


@pytest.mark.parametrize(
    ("story", "change", "flags"),
    [
        ([], {}, {Flag.NO_REVIEW_LINK, Flag.IRO_NOT_INFORMED}),
        ([REVIEW], {"review": "review"}, {Flag.IRO_NOT_INFORMED}),
        ([], {"review_not_practicable": "The home closed."}, {Flag.IRO_NOT_INFORMED}),
        ([], {"iro_informed": "2026-03-09"}, {Flag.NO_REVIEW_LINK}),
    ],
)
def test_the_steps_around_a_move(opened: Any, story: Any, change: dict[str, Any], flags: set[Flag]) -> None:
    """A review first, or why not; the reviewing officer informed."""
    scenario = opened(*story, VIEW, MOVE | change)

    assert set(scenario.answer("move").flags) == flags


def test_the_reviewing_officer_informed_in_an_entry_of_its_own(opened: Any) -> None:
    """From the day on which that entry came in."""
    scenario = opened(VIEW, MOVE, INFORM)

    assert Flag.IRO_NOT_INFORMED in scenario.answer("move", "2026-03-11").flags
    assert Flag.IRO_NOT_INFORMED not in scenario.answer("move").flags


@pytest.mark.parametrize(
    ("informed", "flagged"),
    [("2026-03-20", False), ("2026-03-21", True), ("2026-03", True), ("2026-02", False)],
)
@pytest.mark.parametrize("with_the_decision", [True, False])
def test_the_reviewing_officer_is_told_before_the_child_moves(
    opened: Any,
    informed: str,
    flagged: bool,  # noqa: FBT001
    with_the_decision: bool,  # noqa: FBT001
) -> None:
    """Told afterwards, or on a day that nobody knows, is not shown to be told before."""
    if with_the_decision:
        scenario = opened(VIEW, MOVE | {"iro_informed": informed, "recorded": "2026-04-01T09:00"})
    else:
        scenario = opened(VIEW, MOVE, INFORM | {"informed": informed, "recorded": "2026-04-01T09:00"})

    assert (Flag.IRO_NOT_INFORMED in scenario.answer("move").flags) is flagged


def test_the_day_the_reviewing_officer_was_told_can_be_put_right(opened: Any) -> None:
    """With the decision or in an entry of its own; the earliest day that stands is the one that counts."""
    late = MOVE | {"iro_informed": "2026-03-21", "recorded": "2026-03-22T09:00"}
    own = INFORM | {"ref": "informed", "informed": "2026-03-22", "recorded": "2026-03-23T10:00"}

    assert Flag.IRO_NOT_INFORMED in opened(VIEW, late, own).answer("move").flags
    for put_right in (correct("move", "iro_informed", "2026-03-12"), correct("informed", "informed", "2026-03-12")):
        scenario = opened(VIEW, late, own, put_right)
        assert Flag.IRO_NOT_INFORMED in scenario.answer("move", "2026-03-31").flags
        assert Flag.IRO_NOT_INFORMED not in scenario.answer("move").flags


CALLED_OFF = {
    "do": "withdraw_decision", "ref": "off", "decision": "move", "withdrawn": "2026-03-16", "reasons": "No room.",
    "recorded": "2026-03-16T12:00",
}  # fmt: skip


def test_what_was_called_off_counts_as_called_off(opened: Any) -> None:
    """From the day on which that is on record; what was found about the decision stays beside it."""
    scenario = opened(MOVE, CALLED_OFF)

    assert scenario.answer("move", "2026-03-15").verdict is Verdict.NO_VIEW_RECORDED
    answer = scenario.answer("move")
    assert (answer.verdict, answer.feedback) == (Verdict.WITHDRAWN, None)
    assert [finding.verdict for finding in answer.findings] == [Verdict.NO_VIEW_RECORDED]
    assert "off" in answer.rests_on
    assert Flag.WITHDRAWAL_RECORDED_LATE not in answer.flags


def test_a_late_word_that_it_was_called_off_says_so(opened: Any) -> None:
    """Whoever takes a change off the count after its day is seen to have done so, unless an older source says it."""
    late = CALLED_OFF | {"recorded": "2026-04-01T10:00"}
    sourced = late | {"provenance": {"system": "Mosaic", "recorded": "2026-03-16", "grade": "A"}}

    assert Flag.WITHDRAWAL_RECORDED_LATE in opened(MOVE, late).answer("move").flags
    assert Flag.WITHDRAWAL_RECORDED_LATE not in opened(MOVE, sourced).answer("move").flags


def test_a_withdrawal_put_right_to_after_the_change_takes_nothing_off(opened: Any) -> None:
    """What had happened by then was not called off."""
    moved = correct("off", "withdrawn", "2026-03-21")

    assert opened(MOVE, CALLED_OFF, moved).answer("move").verdict is Verdict.NO_VIEW_RECORDED


def test_other_decisions_need_no_review_first(opened: Any) -> None:
    """The regulations ask for it before moves and changes of the plan, and the flags are for those."""
    plan = {"do": "decide_care_plan", "ref": "plan", "kind": "CAREPLAN_PERMANENCE", "decided": "2026-03-10"}
    identity = {
        "do": "decide_identity",
        "ref": "identity",
        "aspect": "NAME",
        "what_changes": "x",
        "decided": "2026-03-10",
    }

    assert set(opened(plan).answer("plan").flags) == {Flag.NO_REVIEW_LINK}
    assert set(opened(identity).answer("identity").flags) == set()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Verdict.EMERGENCY_VIEW_IN_WINDOW),
        ({"not_practicable_reason": None}, Verdict.VIEW_AFTER_EFFECT_ONLY),
        ({"ground": None}, Verdict.VIEW_AFTER_EFFECT_ONLY),
        ({"urgency": "UNPLANNED", "ground": None}, Verdict.VIEW_AFTER_EFFECT_ONLY),
        ({"out_of_area": True}, Verdict.VIEW_AFTER_EFFECT_ONLY),
        ({"at_distance": True}, Verdict.VIEW_AFTER_EFFECT_ONLY),
    ],
)
def test_an_emergency_needs_both_a_ground_and_a_reason(opened: Any, change: dict[str, Any], verdict: Verdict) -> None:
    """And out of the authority's area it does not help."""
    assert opened(MOVE | EMERGENCY | change, BETWEEN).answer("move").verdict is verdict


@pytest.mark.parametrize("kind", ["PLACEMENT_OUT_OF_AREA", "PLACEMENT_AT_DISTANCE"])
def test_a_kind_that_says_out_of_area_is_out_of_area(opened: Any, kind: str) -> None:
    """Nobody has to say it twice for the stricter rule to hold."""
    scenario = opened(MOVE | EMERGENCY | {"kind": kind, "matters": ["placement"]}, BETWEEN)

    assert scenario.answer("move").verdict is Verdict.VIEW_AFTER_EFFECT_ONLY


# The two further questions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "influence"),
    [
        ({}, Influence.VIEW_NOT_REFERENCED),
        ({"views": ["view"]}, Influence.REFERENCED_WEIGHT_NOT_STATED),
        ({"views": ["view"], "weight": "FOLLOWED"}, Influence.FOLLOWED),
        ({"views": ["view"], "weight": "DEPARTED"}, Influence.DEPARTED_UNREASONED),
        ({"views": ["view"], "weight": "DEPARTED", "departure_reasons": "x"}, Influence.DEPARTED_REASONED),
        ({"views": ["view"], "weight": "PARTLY"}, Influence.PARTLY_UNREASONED),
        ({"views": ["view"], "weight": "PARTLY", "departure_reasons": "x"}, Influence.PARTLY_REASONED),
    ],
)
def test_what_the_decision_did_with_the_view(opened: Any, change: dict[str, Any], influence: Influence) -> None:
    """As it says itself, and no more."""
    assert opened(VIEW, MOVE | change).answer("move").influence is influence


@pytest.mark.parametrize(
    ("again", "influence"),
    [
        ({}, Influence.DEPARTED_UNREASONED),
        ({"weight": "FOLLOWED"}, Influence.FOLLOWED),
        ({"weight": "DEPARTED"}, Influence.DEPARTED_UNREASONED),
        ({"weight": "DEPARTED", "departure_reasons": "x"}, Influence.DEPARTED_REASONED),
        ({"weight": "PARTLY"}, Influence.PARTLY_UNREASONED),
    ],
)
def test_what_was_done_with_it_when_looking_again_counts_last(
    opened: Any, again: dict[str, Any], influence: Influence
) -> None:
    """Where it was said at all; otherwise the decision speaks."""
    decided = MOVE | {"views": ["view"], "weight": "DEPARTED"}

    assert opened(VIEW, decided, AGAIN | again).answer("move").influence is influence


def test_the_last_time_it_was_looked_at_is_the_last_in_the_world(opened: Any) -> None:
    """An older reconsideration that is written down late does not speak over a newer one."""
    newer = AGAIN | {"weight": "FOLLOWED"}
    older = AGAIN | {"ref": "first", "reconfirmed": "2026-03-12", "weight": "DEPARTED", "recorded": "2026-04-01T10:00"}

    assert opened(VIEW, MOVE | {"views": ["view"]}, newer, older).answer("move").influence is Influence.FOLLOWED


@pytest.mark.parametrize(
    ("told", "feedback"),
    [
        ({"told": "2026-03-12", "reasons": "x"}, Feedback.TOLD_WITH_REASONS),
        ({"told": "2026-03-12", "reasons": None}, Feedback.TOLD_WITHOUT_REASONS),
        ({"told": "2026-03-25", "reasons": "x"}, Feedback.TOLD_WITH_REASONS_LATE),
        ({"do": "record_not_told", "told": "2026-03-12"}, Feedback.NOT_APPROPRIATE_REASONED),
        (None, Feedback.NOT_TOLD),
    ],
)
def test_whether_the_child_was_told(opened: Any, told: dict[str, Any] | None, feedback: Feedback) -> None:
    """With reasons and in time, or not, or why not."""
    tell = {"do": "tell_child", "decision": "move"} | (told or {})
    if tell["do"] == "record_not_told":
        tell = {"do": "record_not_told", "decision": "move", "considered": tell["told"], "reason": "x"}

    assert opened(MOVE, *([tell] if told else [])).answer("move").feedback is feedback


# The rules of the time ------------------------------------------------------------------------------------------------


def test_new_rules_do_not_touch_a_decision_on_record(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision keeps the rules it was recorded under; the next one gets those in force then."""
    old = opened(VIEW, MOVE)
    before = old.answer("move")
    stricter = replace(pack_in_force("england", None), version=2, kinds={})
    for room in (command, decision):
        monkeypatch.setattr(room, "pack_in_force", lambda *_: stricter)

    later = old.when(MOVE | {"ref": "next", "matters": ["placement"], "recorded": "2026-06-01T12:00"}).then()

    assert later.by.rule_pack == "england-2010@2"
    assert old.case.facts["move"].fact.by.rule_pack == "england-2010@1"
    assert old.answer("move") == before
