"""Decisions: what every decision must fit, whatever it is about, and what may be said about one afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.case import decision
from domain.case.refusal import CitationRefused, DatesRefused, IncompleteRefused, NotThereRefused, Refused
from domain.rules import pack_in_force

VIEW = {
    "do": "record_view", "ref": "view", "expressed": "2026-03-04", "matters": ["placement"], "account": "Stay.",
    "recorded": "2026-03-05T09:10",
}  # fmt: skip
PROPOSAL = {"do": "make_proposal", "ref": "idea", "proposed": "2026-02-20", "matters": ["placement"], "what": "A move."}
REVIEW = {"do": "record_review", "ref": "review", "held": "2026-03-03"}
MOVE = {
    "do": "decide_placement_move", "ref": "move", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2026-03-10",
    "effective": "2026-03-20",
}  # fmt: skip
BEFORE = (VIEW, PROPOSAL, REVIEW)
UNMARKED = {"significant": False, "significance_reason": "A weekend."}
EMERGENCY = {"urgency": "EMERGENCY", "ground": "EPO", "not_practicable_reason": "At night."}

DECISIONS = [
    MOVE,
    {"do": "decide_contact", "kind": "CONTACT_ARRANGE", "person": "mum"},
    {"do": "decide_care_plan", "kind": "CAREPLAN_OTHER"},
    {"do": "decide_legal_status", "step": "MADE"},
    {"do": "decide_education", "kind": "PEP_CHANGE"},
    {"do": "decide_health", "treatment": "Grommets."},
    {"do": "decide_liberty", "kind": "SECURE", "step": "STARTED", "restrictions": "A locked door."},
    {"do": "decide_leaving_care", "kind": "PATHWAY_PLAN"},
    {"do": "decide_identity", "aspect": "NAME", "what_changes": "Her name."},
    {"do": "change_professional", "kind": "IRO_CHANGE", "person": "kim"},
]
every_decision = pytest.mark.parametrize("command", DECISIONS, ids=lambda command: command["do"])


# What a decision must fit ---------------------------------------------------------------------------------------------


@every_decision
@pytest.mark.parametrize(
    ("passing", "change", "kind", "field"),
    [
        ({"decided": "2026-03-20"}, {"decided": "2026-03-21"}, DatesRefused, "decided"),
        ({"decided": "2026-03"}, {"decided": "2026-04"}, DatesRefused, "decided"),
        ({"decided": "2014-05-01", "effective": "2014-05-03"}, {"effective": "2014-05-02"}, DatesRefused, "effective"),
        ({"proposal": "idea"}, {"proposal": "nothing"}, NotThereRefused, "proposal"),
        ({"proposal": "idea"}, {"proposal": "review"}, NotThereRefused, "proposal"),
        ({"proposal": "idea", "decided": "2026-02-20"}, {"decided": "2026-02-19"}, DatesRefused, "decided"),
        ({"iro_informed": "2026-03-09"}, {"iro_informed": "2026-06-02"}, DatesRefused, "iro_informed"),
        ({"review": "review", "decided": "2026-03-03"}, {"decided": "2026-03-02"}, DatesRefused, "review"),
        ({"review": "review"}, {"review": "nothing"}, NotThereRefused, "review"),
        ({"review": "review"}, {"review": "idea"}, NotThereRefused, "review"),
        ({"views": ["view"]}, {"views": ["nothing"]}, NotThereRefused, "views"),
        ({"views": ["view"]}, {"views": ["view", "idea"]}, NotThereRefused, "views"),
        ({"views": ["view"], "decided": "2026-03-05"}, {"decided": "2026-03-03"}, CitationRefused, "views"),
        ({"views": ["view"], "decided": "2026-03-05"}, {"decided": "2026-03-04"}, CitationRefused, "views"),
        ({"views": ["view"], "weight": "DEPARTED"}, {"views": []}, IncompleteRefused, "views"),
        (UNMARKED, {"significance_reason": None}, IncompleteRefused, "significance_reason"),
        (EMERGENCY, {"urgency": "PLANNED"}, IncompleteRefused, "ground"),
        (EMERGENCY, {"urgency": "UNPLANNED"}, IncompleteRefused, "ground"),
    ],
)  # fmt: skip
def test_one_change_is_one_too_many(  # noqa: PLR0913 - the case, and what makes the difference
    opened: Any,
    command: dict[str, Any],
    passing: dict[str, Any],
    change: dict[str, Any],
    kind: type[Refused],
    field: str,
) -> None:
    """Dates that contradict each other, what is not there, and what says too little: one change decides."""
    case = opened(*BEFORE)
    good = command | {"decided": "2026-03-10", "effective": "2026-03-20"} | passing

    case.when(good).then()
    case.when(good | change).refused(kind, field=field)


@every_decision
def test_little_is_needed(opened: Any, command: dict[str, Any]) -> None:
    """Old paper says little: a decision without dates, views, reasons or names is a decision."""
    fact = opened(*BEFORE).when(
        {name: value for name, value in command.items() if name not in {"decided", "effective"}}
    )

    fact.then(decided=None, effective=None, views=[], weight="NOT_STATED", urgency="PLANNED")


@every_decision
def test_a_decision_of_no_known_day_may_have_had_its_steps(opened: Any, command: dict[str, Any]) -> None:
    """Where nobody knows when it was decided, nothing that led to it came too late."""
    steps = {"decided": None, "effective": None, "proposal": "idea", "review": "review", "views": ["view"]}

    opened(*BEFORE).when(command | steps).then(proposal="idea", review="review", views=["view"])


@every_decision
def test_no_weight_and_no_view_go_together(opened: Any, command: dict[str, Any]) -> None:
    """Naming a view without saying what it weighed is allowed, and shows later as just that."""
    opened(*BEFORE).when(command | {"decided": "2026-03-10", "views": ["view"]}).then(weight="NOT_STATED")
    opened(*BEFORE).when(command | {"decided": "2026-03-10", "weight": "NOT_STATED"}).then(views=[])


def test_marking_as_significant_needs_no_reason(opened: Any) -> None:
    """Only taking a change off the list has to be explained."""
    opened().when(MOVE | {"significant": True}).then(significant=True)


def test_an_emergency_may_be_claimed_without_support(opened: Any) -> None:
    """A claim without ground or reason is recorded as it was made, and is found out by the question."""
    opened().when(MOVE | {"urgency": "EMERGENCY"}).then(urgency="EMERGENCY", ground=None)
    opened().when(MOVE | EMERGENCY | {"ground": "VERY_BUSY"}).malformed("ground")


# Views cited ----------------------------------------------------------------------------------------------------------


def sourced(recorded: str, grade: str) -> dict[str, Any]:
    """Give what an importer says about an old note."""
    return {"provenance": {"system": "Mosaic", "recorded": recorded, "grade": grade}}


@pytest.mark.parametrize(
    ("view", "visible"),
    [
        ({}, True),
        ({"recorded": "2026-03-10T18:00"}, True),
        ({"recorded": "2026-03-11T09:00"}, False),
        ({"expressed": "2026-03-10", "recorded": "2026-03-10T18:00"}, True),
        ({"expressed": "2026-03-11", "recorded": "2026-03-11T09:00"}, False),
        ({"expressed": "2026-03", "recorded": "2026-03-05T09:00"}, True),
        ({"expressed": "2026-04", "recorded": "2026-04-05T09:00"}, False),
        ({"recorded": "2026-04-01T11:00"} | sourced("2026-03-04", "A"), True),
        ({"recorded": "2026-04-01T11:00"} | sourced("2026-03-04", "B"), True),
        ({"recorded": "2026-04-01T11:00"} | sourced("2026-03-04", "C"), False),
        ({"recorded": "2026-04-01T11:00"} | sourced("2026-03-11", "A"), False),
        ({"recorded": "2026-04-01T11:00"} | sourced("2026-03", "B"), True),
    ],
)
def test_a_view_is_cited_that_was_there(opened: Any, view: dict[str, Any], visible: bool) -> None:  # noqa: FBT001
    """A decision names only what had been said and written down by its day, where that can be told."""
    outcome = opened(VIEW | view).when(MOVE | {"views": ["view"]})

    if visible:
        outcome.then(views=["view"])
    else:
        outcome.refused(CitationRefused, field="views")


def test_an_undated_decision_may_cite_what_is_on_record(opened: Any) -> None:
    """Where nobody knows when it was decided, nobody can say that the view came later."""
    opened(VIEW).when(MOVE | {"decided": None, "views": ["view"]}).then(views=["view"])


@pytest.mark.parametrize(
    ("first", "right", "visible"), [("2026-03-14", "2026-03-04", True), ("2026-03-04", "2026-03-14", False)]
)
def test_a_view_put_right_is_cited_by_its_right_date(opened: Any, first: str, right: str, visible: bool) -> None:  # noqa: FBT001
    """A slip in the date of a view, once corrected, neither stands in the way of naming it nor lets it through."""
    slip = VIEW | {"expressed": first, "recorded": "2026-04-01T11:00"} | sourced("2026-03", "B")
    mended = {
        "do": "correct_record", "of": "view", "field": "expressed", "to": right, "reason": "A slip.",
        "requested_by": "AUTHOR",
    }  # fmt: skip
    outcome = opened(slip, mended).when(MOVE | {"decided": "2026-03-12", "views": ["view"]})

    if visible:
        outcome.then(views=["view"])
    else:
        outcome.refused(CitationRefused, field="views")


# Matters --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "matters"),
    [
        ("PLACEMENT_MOVE_PLANNED", ["placement"]),
        ("PLACEMENT_FIRST", ["placement", "contact", "education", "siblings"]),
        ("RETURN_HOME", ["placement", "careplan:permanence"]),
    ],
)
def test_matters_left_out_are_those_its_kind_always_raises(opened: Any, kind: str, matters: list[str]) -> None:
    """Nobody has to know the list by heart."""
    opened().when(MOVE | {"kind": kind}).then(matters=matters)


@pytest.mark.parametrize(
    ("stated", "asked"),
    [
        (["placement"], ["placement", "contact", "education", "siblings"]),
        (["health"], ["health", "placement", "contact", "education", "siblings"]),
        (
            ["education:school", "contact:mum", "siblings"],
            ["education:school", "contact:mum", "siblings", "placement"],
        ),
    ],
)
def test_what_is_asked_about_is_not_chosen_by_naming_less(opened: Any, stated: list[str], asked: list[str]) -> None:
    """What a kind of change always raises is asked about, too; saying it more exactly is not leaving it out."""
    opened().when(MOVE | {"kind": "PLACEMENT_FIRST", "matters": stated}).then(matters=asked)


NO_SIBLINGS = {"matter": "siblings", "reason": "She is an only child."}


def test_a_matter_is_left_out_in_the_open(opened: Any) -> None:
    """Where a change leaves something as it is, the record says so and why."""
    first = MOVE | {"kind": "PLACEMENT_FIRST"}

    opened().when(first | {"untouched": [NO_SIBLINGS]}).then(
        matters=["placement", "contact", "education"], untouched=[NO_SIBLINGS]
    )
    opened().when(first | {"untouched": [{"matter": "siblings"}]}).malformed("untouched")
    opened().when(first | {"untouched": [NO_SIBLINGS], "matters": ["siblings"]}).refused(
        IncompleteRefused, field="untouched"
    )
    opened().when(MOVE | {"untouched": [NO_SIBLINGS]}).refused(IncompleteRefused, field="untouched")
    opened().when(MOVE | {"untouched": [NO_SIBLINGS | {"matter": "placement"}]}).refused(
        IncompleteRefused, field="matters"
    )


def test_a_decision_about_contact_is_about_that_contact(opened: Any) -> None:
    """Whatever else is named, the child is asked about this person."""
    contact = {"do": "decide_contact", "kind": "CONTACT_REFUSAL_URGENT", "person": "mum", "decided": "2026-03-10"}
    alone = {"matter": "contact:mum", "reason": "It is only for a week."}

    opened().when(contact | {"matters": ["placement"]}).then(matters=["placement", "contact:mum"])
    opened().when(contact | {"untouched": [alone]}).refused(IncompleteRefused, field="untouched")


def test_a_kind_that_raises_nothing_by_itself_needs_matters(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rules name no matter for a kind, somebody has to."""
    rules = replace(pack_in_force("england", None), kinds={})
    monkeypatch.setattr(decision, "pack_in_force", lambda *_: rules)

    opened().when(MOVE | {"matters": ["placement"]}).then()
    opened().when(MOVE).refused(IncompleteRefused, field="matters")


@pytest.mark.parametrize("matters", [["holidays"], ["Placement"], [""], "placement"])
def test_a_matter_has_a_known_root(opened: Any, matters: Any) -> None:
    """A decision about something nobody has a word for would never be asked about."""
    opened().when(MOVE | {"matters": ["education:school"]}).then()
    opened().when(MOVE | {"matters": matters}).malformed("matters")


def test_a_kind_is_one_of_its_subject(opened: Any) -> None:
    """Contact is not decided by moving somebody."""
    opened().when(MOVE | {"kind": "CONTACT_REDUCTION"}).malformed("kind")
    opened().when(MOVE | {"place": "U9"}).malformed("place")


# About a decision -----------------------------------------------------------------------------------------------------

EFFECT = {"do": "record_effect", "decision": "move", "on": "2026-03-20"}
WITHDRAWAL = {"do": "withdraw_decision", "decision": "move", "withdrawn": "2026-03-12", "reasons": "No room."}
AGAIN = {
    "do": "reconfirm_decision", "decision": "move", "reconfirmed": "2026-03-16", "views": ["view"], "reasons": "Heard.",
}  # fmt: skip
MARK = {"do": "mark_significance", "decision": "move", "significant": False, "reason": "A weekend."}
TELL = {"do": "tell_child", "decision": "move", "told": "2026-03-12"}
NOT_TOLD = {"do": "record_not_told", "decision": "move", "considered": "2026-03-12", "reason": "Ten days old."}
INFORM = {"do": "inform_iro", "decision": "move", "informed": "2026-03-12"}
CHALLENGE = {"do": "raise_challenge", "ref": "challenge", "decision": "move", "challenged": "2026-03-13", "what": "No."}
ABOUT = [EFFECT, WITHDRAWAL, AGAIN, MARK, TELL, NOT_TOLD, INFORM, CHALLENGE]


@pytest.mark.parametrize("command", ABOUT, ids=lambda command: command["do"])
@pytest.mark.parametrize("wrong", ["nothing", "view"])
def test_what_is_about_a_decision_points_at_one(opened: Any, command: dict[str, Any], wrong: str) -> None:
    """Nothing happens to a decision the case does not hold, nor to what is none."""
    case = opened(VIEW, MOVE)

    fact = case.when(command).then()
    assert "move" in fact.about
    case.when(command | {"decision": wrong}).refused(NotThereRefused, field="decision")


@pytest.mark.parametrize(
    ("command", "dated"),
    [(EFFECT, "on"), (WITHDRAWAL, "withdrawn"), (AGAIN, "reconfirmed"), (TELL, "told"), (NOT_TOLD, "considered")],
    ids=["effect", "withdrawal", "again", "tell", "not-told"],
)
def test_what_follows_a_decision_comes_after_it(opened: Any, command: dict[str, Any], dated: str) -> None:
    """On its day at the earliest, where both days are known."""
    case = opened(VIEW, MOVE)

    case.when(command | {dated: "2026-03-10"}).then()
    case.when(command | {dated: "2026-03"}).then()
    case.when(command | {dated: "2026-03-09"}).refused(DatesRefused, field=dated)
    case.when(command | {dated: "2026-02"}).refused(DatesRefused, field=dated)
    opened(VIEW, MOVE | {"decided": None}).when(command | {dated: "2026-03-09"}).then()


def test_what_follows_a_decision_comes_after_the_day_put_right(opened: Any) -> None:
    """A slip in the day of the decision, once corrected, does not stand in the way of what came after it."""
    mended = {
        "do": "correct_record", "of": "move", "field": "decided", "to": "2026-03-05", "reason": "A slip.",
        "requested_by": "AUTHOR",
    }  # fmt: skip

    opened(MOVE).when(TELL | {"told": "2026-03-06"}).refused(DatesRefused, field="told")
    opened(MOVE, mended).when(TELL | {"told": "2026-03-06"}).then("child.told")


@pytest.mark.parametrize(("command", "dated"), [(EFFECT, "on"), (TELL, "told")], ids=["effect", "tell"])
def test_nothing_happens_to_a_child_before_birth(opened: Any, command: dict[str, Any], dated: str) -> None:
    """Much is decided before a birth; it takes effect, and is told, after it."""
    early = opened(MOVE | {"decided": "2014-04-20", "effective": None})

    early.when(command | {dated: "2014-05-03"}).then()
    early.when(command | {dated: "2014-05-02"}).refused(DatesRefused, field=dated)


def test_what_was_to_have_happened_is_not_called_off(opened: Any) -> None:
    """Nobody can make a change vanish after its day; if it was put off, its day is corrected first, in the open."""
    put_off = {
        "do": "correct_record", "of": "move", "field": "effective", "to": "2026-04-20", "reason": "Put off.",
        "requested_by": "AUTHOR",
    }  # fmt: skip
    late = WITHDRAWAL | {"withdrawn": "2026-03-21"}

    opened(MOVE).when(WITHDRAWAL | {"withdrawn": "2026-03-20"}).then()
    refusal = opened(MOVE).when(late).refused(DatesRefused, field="withdrawn")
    assert "record_effect" in refusal.message
    opened(MOVE, put_off).when(late).then("decision.withdrawn")
    opened(MOVE | {"effective": None}).when(late).then("decision.withdrawn")


def test_the_reviewing_officer_may_hear_of_it_before(opened: Any) -> None:
    """Informing comes before the decision where all goes well."""
    opened(VIEW, MOVE).when(INFORM | {"informed": "2026-03-02"}).then("iro.informed")


@pytest.mark.parametrize("first", [EFFECT, WITHDRAWAL], ids=["happened", "called-off"])
@pytest.mark.parametrize(
    "second",
    [EFFECT | {"on": "2026-03-21"}, WITHDRAWAL | {"withdrawn": "2026-03-13"}],
    ids=["happens", "is-called-off"],
)
def test_a_decision_ends_once(opened: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    """It happened or it was called off; what is wrong about that is corrected, and not told again."""
    opened(VIEW, MOVE).when(second).then()
    refusal = opened(VIEW, MOVE, first | {"ref": "ending"}).when(second).refused(NotThereRefused)

    assert "ending" in refusal.message


@pytest.mark.parametrize(
    ("reconfirmed", "kind"), [("2026-03-15", None), ("2026-03-13", CitationRefused), ("2026-03-14", CitationRefused)]
)
def test_looking_again_considers_what_is_there_by_then(opened: Any, reconfirmed: str, kind: Any) -> None:
    """A view given or written down only later was not considered."""
    talk = VIEW | {"expressed": "2026-03-14", "recorded": "2026-03-15T09:00"}
    outcome = opened(talk, MOVE).when(AGAIN | {"reconfirmed": reconfirmed})

    if kind is None:
        outcome.then("decision.reconfirmed", views=["view"])
    else:
        outcome.refused(kind, field="views")


def test_looking_again_is_about_views(opened: Any) -> None:
    """Confirming without naming a view would be no more than saying it twice."""
    case = opened(VIEW, MOVE)

    case.when(AGAIN | {"views": ["nothing"]}).refused(NotThereRefused, field="views")
    case.when(AGAIN | {"views": []}).malformed("views")


def test_whether_it_is_significant_is_always_explained(opened: Any) -> None:
    """Marking and unmarking alike, once the decision is on record."""
    opened(MOVE).when(MARK | {"significant": True}).then("decision.significance_marked")
    opened(MOVE).when({name: value for name, value in MARK.items() if name != "reason"}).malformed("reason")


# The reviewing officer's challenge ------------------------------------------------------------------------------------

ANSWER = {
    "do": "answer_challenge",
    "challenge": "challenge",
    "answered": "2026-03-14",
    "accepted": False,
    "what": "No.",
}
ESCALATE = {"do": "escalate_challenge", "challenge": "challenge", "escalated": "2026-03-15", "to": "The director."}
REFER = {"do": "consider_referral", "considered": "2026-03-16", "made": False, "reasons": "Settled."}


def test_a_challenge_need_not_be_about_a_decision(opened: Any) -> None:
    """Drift is challenged as well, and nothing was ever decided."""
    opened().when(CHALLENGE | {"decision": None}).then("iro.challenged", decision=None)


@pytest.mark.parametrize(
    ("command", "dated"), [(ANSWER, "answered"), (ESCALATE, "escalated")], ids=["answer", "escalate"]
)
def test_an_answer_is_to_a_challenge(opened: Any, command: dict[str, Any], dated: str) -> None:
    """It points at one, and comes after it."""
    case = opened(VIEW, MOVE, CHALLENGE)

    case.when(command | {dated: "2026-03-13"}).then()
    case.when(command | {dated: "2026-03-12"}).refused(DatesRefused, field=dated)
    case.when(command | {"challenge": "nothing"}).refused(NotThereRefused, field="challenge")
    case.when(command | {"challenge": "move"}).refused(NotThereRefused, field="challenge")


def test_a_challenge_is_answered_once_and_can_go_higher(opened: Any) -> None:
    """After the answer, the officer may raise it again or take it higher."""
    case = opened(MOVE, CHALLENGE, ANSWER | {"ref": "no"})

    refusal = case.when(ANSWER | {"accepted": True}).refused(NotThereRefused)
    assert "no" in refusal.message
    case.when(CHALLENGE | {"ref": "again"}).then("iro.challenged")
    case.when(ESCALATE).then("iro.escalated")


def test_the_higher_level_owes_an_answer_of_its_own(opened: Any) -> None:
    """Taken higher, a challenge is open again, and is answered once more and no more than once."""
    higher = ANSWER | {"answered": "2026-03-16", "accepted": True}

    opened(MOVE, CHALLENGE, ANSWER, ESCALATE).when(higher).then("iro.challenge_answered", accepted=True)
    opened(MOVE, CHALLENGE, ANSWER).when(higher).refused(NotThereRefused)
    opened(MOVE, CHALLENGE, ANSWER, ESCALATE, higher).when(higher | {"accepted": False}).refused(NotThereRefused)


def test_a_referral_may_come_out_of_a_challenge(opened: Any) -> None:
    """Or out of nothing the case holds; but not out of what is not there."""
    case = opened(MOVE, CHALLENGE)

    case.when(REFER).then("iro.referral_considered", challenge=None)
    case.when(REFER | {"challenge": "challenge"}).then("iro.referral_considered")
    case.when(REFER | {"challenge": "nothing"}).refused(NotThereRefused, field="challenge")
    case.when(REFER | {"challenge": "move"}).refused(NotThereRefused, field="challenge")
