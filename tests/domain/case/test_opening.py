"""Opening, closing and reopening a case."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case.refusal import ClosedRefused, DatesRefused, NotOpenRefused

OPEN = {"do": "open_case", "child": "Amira", "born": "2014-05-03", "looked_after_from": "2020-01-13"}
CLOSE = {"do": "close_case", "ended": "2026-05-01", "reason": "E4A"}
REOPEN = {"do": "reopen_case", "again_from": "2026-05-10"}
MOVE = {"do": "decide_placement_move", "kind": "PLACEMENT_MOVE_PLANNED"}


def test_a_case_is_opened_with_what_is_known(given: Any) -> None:
    """A name is enough; the rest may be known only roughly, or not at all."""
    given().when(OPEN | {"born": "2014", "looked_after_from": "2020-01"}).then(
        "case.opened", child="Amira", born="2014"
    )
    given().when({"do": "open_case", "child": "Amira"}).then("case.opened", born=None, jurisdiction="england")


def test_a_case_is_opened_once(given: Any) -> None:
    """There is one record for one child."""
    given().when(OPEN).then()
    given(OPEN).when(OPEN | {"child": "Samir"}).refused(NotOpenRefused)


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"looked_after_from": "2014-05-02"}, DatesRefused, "looked_after_from"),
        ({"looked_after_from": "2013"}, DatesRefused, "looked_after_from"),
        ({"looked_after_from": "2026-06-02"}, DatesRefused, "looked_after_from"),
        ({"jurisdiction": "narnia"}, NotOpenRefused, "jurisdiction"),
    ],
)
def test_an_opening_that_contradicts_itself(given: Any, change: dict[str, Any], kind: Any, field: str) -> None:
    """Care does not begin before birth or after today, nor under rules that nobody has."""
    given().when(OPEN).then()
    given().when(OPEN | change).refused(kind, field=field)


def test_care_may_begin_at_birth(given: Any) -> None:
    """A child can be looked after from the first day."""
    given().when(OPEN | {"looked_after_from": "2014-05-03"}).then("case.opened")


def test_no_child_is_born_tomorrow(given: Any) -> None:
    """A slip in the year of birth is told at once, and not at every later entry."""
    given().when(OPEN | {"looked_after_from": None, "born": "2026-06-01"}).then()
    given().when(OPEN | {"looked_after_from": None, "born": "2062-05-03"}).refused(DatesRefused, field="born")


def test_closing_and_reopening_take_turns(given: Any) -> None:
    """A case that is closed is reopened before it is closed again, and the other way round."""
    given(OPEN).when(CLOSE).then("case.closed")
    given(OPEN, CLOSE).when(CLOSE | {"ended": "2026-05-02"}).refused(ClosedRefused)
    given(OPEN, CLOSE).when(REOPEN).then("case.reopened")
    given(OPEN).when(REOPEN).refused(ClosedRefused)
    given(OPEN, CLOSE, REOPEN).when(CLOSE | {"ended": "2026-05-20"}).then("case.closed")


@pytest.mark.parametrize(
    ("story", "command", "change", "field"),
    [
        ([OPEN], CLOSE, {"ended": "2014-05-02"}, "ended"),
        ([OPEN, CLOSE], REOPEN, {"again_from": "2026-04-30"}, "again_from"),
    ],
)
def test_a_case_ends_after_birth_and_begins_again_after_it_ended(
    given: Any, story: list[dict[str, Any]], command: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    """The dates of a case lie one after the other."""
    given(*story).when(command).then()
    given(*story).when(command | change).refused(DatesRefused, field=field)


@pytest.mark.parametrize("code", ["E4A", "E17"])
def test_why_care_ended_is_one_of_the_codes(given: Any, code: str) -> None:
    """The reason is a code of the return, and nothing near it."""
    given(OPEN).when(CLOSE | {"reason": code}).then(reason=code)
    given(OPEN).when(CLOSE | {"reason": code.lower()}).malformed("reason")


@pytest.mark.parametrize(
    ("dates", "taken_in"),
    [
        ({"decided": "2026-04-20", "effective": "2026-05-01"}, True),
        ({"decided": "2026-04-20", "effective": "2026-05-02"}, False),
        ({"decided": "2026-05-02"}, False),
        ({"decided": "2026-05"}, True),
        ({}, False),
    ],
)
def test_a_closed_case_takes_in_what_was_decided_while_it_was_open(
    given: Any,
    dates: dict[str, Any],
    taken_in: bool,  # noqa: FBT001
) -> None:
    """A late entry about the time in care is welcome; a decision after it, or at no known time, is not."""
    given(OPEN).when(MOVE | dates).then()
    outcome = given(OPEN, CLOSE).when(MOVE | dates)

    if taken_in:
        outcome.then("placement.move_decided")
    else:
        outcome.refused(ClosedRefused, field="decided")


@pytest.mark.parametrize(
    ("decided", "taken_in"),
    [
        ("2026-05-01", True), ("2026-05-02", False), ("2026-05-09", False), ("2026-05-10", True), ("2026-05", True),
        ("2026-05-21", True),
    ],
)  # fmt: skip
def test_a_case_that_was_opened_again_remembers_when_it_was_closed(
    given: Any,
    decided: str,
    taken_in: bool,  # noqa: FBT001
) -> None:
    """Nobody decides for a child who is not in care, however many times the child came back later."""
    twice = [CLOSE | {"ended": "2026-05-22"}, REOPEN | {"again_from": "2026-05-30"}]
    for story in ([OPEN, CLOSE, REOPEN], [OPEN, CLOSE, REOPEN, *twice]):
        outcome = given(*story).when(MOVE | {"decided": decided})
        if taken_in:
            outcome.then("placement.move_decided")
        else:
            outcome.refused(ClosedRefused, field="decided")
    given(OPEN, CLOSE, REOPEN, *twice).when(MOVE | {"decided": "2026-05-25"}).refused(ClosedRefused, field="decided")


def put_right(of: str, field: str, to: str) -> dict[str, Any]:
    """Correct a date."""
    return {
        "do": "correct_record", "of": of, "field": field, "to": to, "reason": "A slip.", "requested_by": "AUTHOR",
    }  # fmt: skip


def test_the_days_of_care_are_those_put_right(given: Any) -> None:
    """A closing that was entered wrongly and corrected shuts nothing out, and lets nothing in."""
    move = MOVE | {"decided": "2026-05-04"}
    story = [OPEN, CLOSE | {"ref": "closing"}, REOPEN | {"ref": "again"}]

    given(*story).when(move).refused(ClosedRefused, field="decided")
    given(*story, put_right("closing", "ended", "2026-05-05")).when(move).then()
    given(*story, put_right("again", "again_from", "2026-05-03")).when(move).then()
    given(*story[:2], put_right("closing", "ended", "2026-05-05")).when(move).then()


@pytest.mark.parametrize(
    ("of", "field", "to"),
    [
        ("closing", "ended", "2020-01-12"), ("closing", "ended", "2026-05-11"), ("again", "again_from", "2026-04-30"),
        ("case-1", "looked_after_from", "2026-05-02"), ("case-1", "looked_after_from", "2014-05-02"),
        ("case-1", "born", "2020-01-14"),
    ],
)  # fmt: skip
def test_times_in_care_stay_in_order(given: Any, of: str, field: str, to: str) -> None:
    """No correction makes care end before it began, or begin before birth or before it had ended."""
    case = given(OPEN, CLOSE | {"ref": "closing"}, REOPEN | {"ref": "again"})

    case.when(put_right(of, field, "2020-01-13" if field != "born" else "2014-05-04") if of == "case-1" else CLOSE)
    case.when(put_right(of, field, to)).refused(DatesRefused, field="to")


def test_care_does_not_end_before_it_began(given: Any) -> None:
    """Neither the first time nor a later one."""
    given(OPEN).when(CLOSE | {"ended": "2020-01-13"}).then()
    given(OPEN).when(CLOSE | {"ended": "2020-01-12"}).refused(DatesRefused, field="ended")
    given(OPEN, CLOSE, REOPEN).when(CLOSE | {"ended": "2026-05-10", "ref": "b"}).then()
    given(OPEN, CLOSE, REOPEN).when(CLOSE | {"ended": "2026-05-09", "ref": "b"}).refused(DatesRefused, field="ended")


def test_leaving_care_is_decided_after_care_too(given: Any) -> None:
    """Support goes on after being looked after has ended, and so do the decisions about it."""
    after = {"decided": "2026-05-20", "effective": "2026-05-25"}

    given(OPEN, CLOSE).when({"do": "decide_leaving_care", "kind": "STAYING_PUT"} | after).then("leaving_care.decided")
    given(OPEN, CLOSE).when(MOVE | after).refused(ClosedRefused, field="decided")


@pytest.mark.parametrize(
    "command",
    [
        {"do": "annotate_record", "of": "case-1", "text": "I remember.", "written_by": "CARE_LEAVER"},
        {"do": "dispute_record", "of": "case-1", "text": "It was not so.", "disputed_by": "CARE_LEAVER"},
        {"do": "declare_gap", "gap_from": "2021", "gap_to": "2022", "reason": "Lost."},
        {"do": "record_view", "expressed": "2024-03-04", "matters": ["placement"], "account": "Stay."},
    ],
)
def test_the_record_of_a_closed_case_can_still_be_completed(given: Any, command: dict[str, Any]) -> None:
    """A care leaver's own words come after care, and so does much of what was never written down."""
    given(OPEN, CLOSE).when(command).then()
