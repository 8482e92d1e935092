"""What every command has in common: who recorded it and under which rules, references, repeats, and the two clocks."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest

from domain.case.decision import DecisionMade
from domain.case.fact import Fact, Role
from domain.case.opening import CaseClosed, OpenCase
from domain.case.placement import PlacementMoveDecided
from domain.case.refusal import (
    AlreadyRecordedRefused,
    DatesRefused,
    DuplicateRefused,
    KeyReusedRefused,
    MovedRefused,
    NotOpenRefused,
)
from domain.case.registry import COMMANDS
from domain.case.view import ViewExpressed

DATED = [name for name, command in COMMANDS.items() if command.RECORDS.DATED]
VIEW = {"do": "record_view", "expressed": "2026-03-04", "matters": ["placement"], "account": "Stay."}
MOVE = {
    "do": "decide_placement_move",
    "kind": "PLACEMENT_MOVE_PLANNED",
    "decided": "2026-03-10",
    "effective": "2026-03-20",
}
TODAY = "2026-06-01"
TOMORROW = "2026-06-02"
NOT_IN_THE_WAY: dict[str, dict[str, Any]] = {
    "decide_placement_move": {"effective": None},
    "make_promise": {"due": None},
    "declare_gap": {"gap_to": TOMORROW},
}
"""What has to move with the date of a command."""


def until(story: tuple[dict[str, Any], ...], name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the story before its first use of a command, and that use."""
    at = next(place for place, body in enumerate(story) if body["do"] == name)
    return list(story[:at]), story[at]


# Recorded -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_recorded_as_its_fact(given: Any, story: Any, name: str) -> None:
    """What was asked to be recorded is what the fact says, member for member."""
    before, body = until(story, name)

    sent = {member: value for member, value in body.items() if member not in {"do", "recorded"}}

    fact = given(*before).when(body).then(COMMANDS[name].RECORDS.TOPIC, **sent)

    assert fact.by.actor == "w.okafor"


def test_who_asked_and_on_whose_account_stands_in_the_fact(opened: Any) -> None:
    """The record names who acted, in what role, for whom, and which request it was."""
    act = {
        "actor": "a.advocate",
        "role": Role.ADVOCATE,
        "on_behalf_of": "amira",
        "correlation_id": UUID(int=7),
        "command_id": UUID(int=8),
    }

    by = opened().when(VIEW, **act).then("view.expressed").by

    assert {name: getattr(by, name) for name in act} == act


def test_an_imported_fact_keeps_where_it_comes_from(opened: Any) -> None:
    """The importer is never shown as the author."""
    provenance = {"system": "Mosaic", "author": "J. Day", "recorded": "2026-03-04", "grade": "A", "source_id": "9/1"}

    by = opened().when(VIEW | {"provenance": provenance}, role=Role.SYSTEM).then("view.expressed").by

    assert by.provenance is not None
    assert by.provenance.model_dump(mode="json", exclude_none=True) == provenance


def test_an_imported_date_is_an_assertion_unless_it_says_otherwise(opened: Any) -> None:
    """Nobody gets trust by leaving the grade out."""
    by = opened().when(VIEW | {"provenance": {"system": "Mosaic"}}).then().by

    assert by.provenance is not None
    assert by.provenance.grade == "C"


@pytest.mark.parametrize(
    ("change", "pin"),
    [
        ({}, "england-2010@1"),
        ({"decided": "2020-05-01", "effective": "2020-05-02"}, "england-2020-coronavirus@1"),
        ({"decided": None, "effective": "2020-05-02"}, "england-2020-coronavirus@1"),
        ({"decided": "2020-04", "effective": None}, "england-2010@1"),
        ({"decided": None, "effective": None}, "england-2010@1"),
    ],
)
def test_a_decision_is_pinned_to_the_rules_of_its_day(opened: Any, change: dict[str, Any], pin: str) -> None:
    """Of the first day it can mean; of its effect where that day is not known; or, where nothing is known, of today."""
    assert opened().when(MOVE | change).then("placement.move_decided").by.rule_pack == pin


@pytest.mark.parametrize(
    ("jurisdiction", "decided", "pin"),
    [("england", "2009-03-10", "england-1991@1"), ("wales", "2009-03-10", "wales-demo@1")],
)
def test_the_rules_are_those_of_the_responsible_authority(
    given: Any, jurisdiction: str, decided: str, pin: str
) -> None:
    """Wherever the child lives, the nation of the case decides."""
    opening = {"do": "open_case", "child": "Amira", "jurisdiction": jurisdiction}

    case = given(opening)

    assert case.when(MOVE | {"decided": decided}).then().by.rule_pack == pin
    assert case.case.facts["case-1"].fact.by.rule_pack == pin.replace("england-1991", "england-2010")


@pytest.mark.parametrize(
    ("command", "when", "stands_at"),
    [
        (VIEW, "2026-03-04", "2026-03-04"),
        (MOVE, "2026-03-10", "2026-03-10"),
        (MOVE | {"decided": None}, None, "2026-03-20"),
        (MOVE | {"decided": None, "effective": None}, None, None),
        ({"do": "mark_significance", "decision": "first", "significant": True, "reason": "x"}, None, None),
    ],
)
def test_a_fact_knows_its_place_in_time(
    opened: Any, command: dict[str, Any], when: str | None, stands_at: str | None
) -> None:
    """The day it happened; for a decision of no known day, the day it took effect."""
    fact = opened(MOVE | {"ref": "first"}).when(command | {"ref": "fact"}).then()

    assert (fact.when and str(fact.when), fact.stands_at and str(fact.stands_at)) == (when, stands_at)


def test_recorded_time_is_shown_as_civil_time(opened: Any) -> None:
    """The ledger keeps UTC; in summer, England is an hour ahead."""
    case = opened().case
    held = case.facts["mum"]

    assert case.recorded_at == held.recorded_at
    assert (held.recorded_at.isoformat(), held.recorded.isoformat()) == (
        "2026-06-01T11:00:00+00:00",
        "2026-06-01T12:00:00",
    )


def test_facts_of_several_kinds_are_given_in_the_order_of_the_record(opened: Any) -> None:
    """All decisions are decisions, whatever they are about, one after the other."""
    plan = {"do": "decide_care_plan", "kind": "CAREPLAN_OTHER"}
    case = opened(
        MOVE | {"ref": "a"}, plan | {"ref": "b"}, MOVE | {"ref": "c"}, plan | {"ref": "d"}, VIEW | {"ref": "e"}
    ).case

    assert [fact.ref for fact in case.all(DecisionMade)] == ["a", "b", "c", "d"]
    assert [fact.ref for fact in case.all(PlacementMoveDecided)] == ["a", "c"]
    assert [fact.ref for fact in case.all(Fact)][-5:] == ["a", "b", "c", "d", "e"]
    assert case.all(CaseClosed) == []


# References -----------------------------------------------------------------------------------------------------------


def test_a_reference_of_ones_own_is_kept_and_another_is_given(opened: Any) -> None:
    """Whoever names a reference finds the fact under it; whoever does not gets one."""
    case = opened()

    assert case.when(VIEW | {"ref": "my.view-1"}).then().ref == "my.view-1"
    assert case.when(VIEW).then().ref == "view-4"


def test_a_reference_is_taken_once(opened: Any) -> None:
    """Two facts never answer to one name, whatever kinds they are."""
    case = opened(VIEW | {"ref": "talk"})

    case.when(MOVE | {"ref": "another"}).then()
    refusal = case.when(MOVE | {"ref": "talk"}).refused(DuplicateRefused, field="ref")
    assert "talk" in refusal.message


def test_a_given_reference_is_never_one_that_is_taken(opened: Any) -> None:
    """A reference made up by the record does not overwrite one that somebody chose."""
    case = opened(VIEW | {"ref": "view-5"})

    fact = case.when(VIEW | {"account": "Go."}).then()

    assert fact.ref != "view-5"


@pytest.mark.parametrize("ref", ["", "-a", "a b", "a/b", "ä", "a\n", "a" * 65])
def test_a_reference_is_letters_digits_dots_and_dashes(opened: Any, ref: str) -> None:
    """A reference can stand in an address and in a sentence."""
    opened().when(VIEW | {"ref": "a" * 64}).then()
    opened().when(VIEW | {"ref": ref}).malformed("ref")


# Repeats --------------------------------------------------------------------------------------------------------------


def test_the_same_command_is_carried_out_once(opened: Any) -> None:
    """A door that asks again, not knowing whether it was heard, changes nothing and is told what there is."""
    case = opened()
    case.record(VIEW | {"ref": "talk"}, command_id=UUID(int=9))

    case.when(VIEW | {"ref": "other"}, command_id=UUID(int=10)).then()
    refusal = case.when(VIEW | {"ref": "talk"}, command_id=UUID(int=9)).refused(AlreadyRecordedRefused)

    assert isinstance(refusal, AlreadyRecordedRefused)
    assert (refusal.refs, refusal.versions) == (("talk",), (4,))
    assert "talk" in refusal.message


def test_every_command_is_known_when_it_comes_again(story: tuple[Any, ...], given: Any) -> None:
    """Whatever the case has become since, each command under its name is the same command; with a word changed, not."""
    case = given()
    for nth, body in enumerate(story):
        case.record(body, command_id=UUID(int=nth + 100))

    for nth, body in enumerate(story):
        again = case.when(body, command_id=UUID(int=nth + 100))
        assert again.refused(AlreadyRecordedRefused).refs == (body["ref"],)
        case.when(body | {"ref": "another"}, command_id=UUID(int=nth + 100)).refused(KeyReusedRefused)
        source = {"system": "Mosaic", "grade": "C"}
        case.when(body | {"provenance": source}, command_id=UUID(int=nth + 100)).refused(KeyReusedRefused)
        other = story[nth - 1] | {"ref": body["ref"]}
        case.when(other, command_id=UUID(int=nth + 100)).refused(KeyReusedRefused)


def test_a_reference_given_by_the_record_is_the_same_when_asked_again(opened: Any) -> None:
    """A command without a reference of its own is known again, also where its usual reference had been taken."""
    case = opened(VIEW | {"ref": "view-5", "account": "Go."})
    first = case.record(VIEW, command_id=UUID(int=9)).case.all(ViewExpressed)[-1]
    case.record(VIEW | {"account": "Perhaps."})

    assert first.ref == "view-6"
    assert case.when(VIEW, command_id=UUID(int=9)).refused(AlreadyRecordedRefused).refs == ("view-6",)
    case.when(VIEW | {"ref": "view-7"}, command_id=UUID(int=9)).refused(KeyReusedRefused)
    case.when(VIEW | {"account": "Stay!"}, command_id=UUID(int=9)).refused(KeyReusedRefused)


def test_a_name_reused_for_what_cannot_even_be_decided(opened: Any) -> None:
    """The reuse is what is said, not what is wrong with the other command."""
    case = opened()
    case.record(VIEW, command_id=UUID(int=9))

    nowhere = {"do": "open_case", "child": "Amira", "jurisdiction": "atlantis"}
    case.when(nowhere, command_id=UUID(int=9)).refused(KeyReusedRefused)


def test_a_record_that_moved_on_takes_nothing_decided_on_what_it_was(opened: Any) -> None:
    """Whoever says what they have seen is refused once there is more, before any other reason, but for a repeat."""
    case = opened()
    case.when(VIEW, seen=frozenset({3})).then()
    case.when(VIEW, seen=frozenset({1, 3})).then()
    moved = case.when(VIEW, seen=frozenset({2})).refused(MovedRefused)
    case.when(VIEW | {"proposal": "none"}, seen=frozenset()).refused(MovedRefused)
    case.record(VIEW, command_id=UUID(int=9))
    case.when(VIEW, seen=frozenset({3}), command_id=UUID(int=9)).refused(AlreadyRecordedRefused)

    assert isinstance(moved, MovedRefused)
    assert moved.version == 3


def test_the_same_content_is_recorded_once(opened: Any) -> None:
    """What is on record word for word is not put there again by accident."""
    case = opened(VIEW | {"ref": "talk"})

    case.when(VIEW | {"account": "Go."}).then()
    refusal = case.when(VIEW).refused(DuplicateRefused)
    assert "talk" in refusal.message


def test_what_happened_twice_can_be_recorded_twice(opened: Any) -> None:
    """With a reference of its own, the same content is another fact."""
    opened(VIEW | {"ref": "talk"}).when(VIEW | {"ref": "talk-again"}).then("view.expressed", account="Stay.")


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_can_be_told_twice_by_accident(given: Any, story: Any, name: str) -> None:
    """Sending any command a second time, under a new command id, leaves the record as it is."""
    before, body = until(story, name)

    again = given(*before, body).when({member: value for member, value in body.items() if member != "ref"})

    assert again.facts == []


# The two clocks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DATED)
def test_nothing_is_recorded_before_it_has_happened(given: Any, story: Any, name: str) -> None:
    """A date may be today and may not be tomorrow."""
    before, body = until(story, name)
    case, dated = given(*before), COMMANDS[name].RECORDS.DATED
    body = body | NOT_IN_THE_WAY.get(name, {}) | {"recorded": "2026-06-01T12:00"}

    case.when(body | {dated: TODAY}).then()
    case.when(body | {dated: TOMORROW}).refused(DatesRefused, field=dated)


@pytest.mark.parametrize(
    ("expressed", "ahead"),
    [
        ("2026-06-01T12:00", False),
        ("2026-06-01T12:01", True),
        ("2026-06", False),
        ("2026-07", True),
        ("2026", False),
        ("2027", True),
    ],
)
def test_ahead_is_what_cannot_have_happened_yet(opened: Any, expressed: str, ahead: bool) -> None:  # noqa: FBT001
    """An imprecise date is refused only where no day of it has come."""
    outcome = opened().when(VIEW | {"expressed": expressed})

    if ahead:
        outcome.refused(DatesRefused, field="expressed")
    else:
        outcome.then(expressed=expressed)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("2026-03-04", None),
        ("2026-03", None),
        ("2026-03-05T10:00", None),
        ("2026-03-03", "provenance"),
        ("2026-02", "provenance"),
        ("2026-06-02", "provenance"),
    ],
)
def test_a_source_is_written_after_the_thing_and_before_today(opened: Any, written: str, field: str | None) -> None:
    """A note from before the talk it tells of, or from tomorrow, has a wrong date somewhere."""
    outcome = opened().when(VIEW | {"provenance": {"system": "Mosaic", "recorded": written, "grade": "B"}})

    if field is None:
        outcome.then("view.expressed")
    else:
        outcome.refused(DatesRefused, field=field)


def test_a_fact_of_no_known_day_may_have_an_old_source(opened: Any) -> None:
    """Where nobody knows when it happened, no source was written before it."""
    source = {"provenance": {"system": "Mosaic", "recorded": "2011-05-03", "grade": "A"}}

    opened().when({"do": "introduce_person", "name": "Nan", "relationship": "GRANDPARENT"} | source).then(
        "person.introduced"
    )


def test_a_decision_may_have_been_written_down_before_its_own_date(opened: Any) -> None:
    """For a decision that is no slip but a finding, and the record takes it in."""
    source = {"provenance": {"system": "Mosaic", "recorded": "2026-03-02", "grade": "A"}}
    case = opened()

    case.when(MOVE | source).then("placement.move_decided")
    case.when(VIEW | source).refused(DatesRefused, field="provenance")


# Cases and shapes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_recorded_about_a_case_that_is_not_there(given: Any, story: Any, name: str) -> None:
    """There is a case first, and then what happened in it."""
    before, body = until(story, name)

    given(*before).when(body).then()
    if COMMANDS[name] is not OpenCase:
        given().when(body).refused(NotOpenRefused)


@pytest.mark.parametrize("name", COMMANDS)
def test_asking_changes_nothing(given: Any, story: Any, name: str) -> None:
    """What a command would record is found without touching the case, and so is why it is refused."""
    before, body = until(story, name)
    case = given(*before)
    untouched = deepcopy(case.case)

    case.when(body).then()
    case.when(body | {"ref": "mum"})

    assert case.case == untouched


@pytest.mark.parametrize("name", COMMANDS)
def test_a_member_nobody_asked_for_is_an_error(given: Any, story: Any, name: str) -> None:
    """A misspelt member is told, and never silently lost."""
    before, body = until(story, name)

    given(*before).when(body | {"expresed": "2026-03-04"}).malformed("expresed", kind="extra_forbidden")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_needs_is_needed(given: Any, story: Any, name: str) -> None:
    """A member without which the fact would say nothing cannot be left out."""
    before, body = until(story, name)
    case = given(*before)
    needed = [member for member, info in COMMANDS[name].model_fields.items() if info.is_required() and member != "do"]

    for member in needed:
        case.when({each: value for each, value in body.items() if each != member}).malformed(member, kind="missing")


def test_a_command_nobody_knows_is_an_error(opened: Any) -> None:
    """Only what is on the list can be asked for."""
    outcome = opened().when({"do": "delete_everything"})

    outcome.malformed(kind="union_tag_invalid")
