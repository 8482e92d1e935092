"""Reviews and visits: the code of participation and the child's age, and being seen alone."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case.refusal import DatesRefused, IncompleteRefused

OPEN = {"do": "open_case", "child": "Amira", "born": "2014-05-03"}
REVIEW = {"do": "record_review", "held": "2026-03-03", "participation": "PN1"}
VISIT = {"do": "record_visit", "visited": "2026-03-03", "seen_alone": "YES"}


@pytest.mark.parametrize(
    ("held", "under_four", "four_or_older"),
    [
        ("2018-05-02", True, False),
        ("2018-05-03", True, True),
        ("2018-05-04", False, True),
        ("2018-04", True, False),
        ("2018-05", True, True),
        ("2018-06", False, True),
        ("2017", True, False),
        ("2018", True, True),
        ("2019", False, True),
    ],
)
@pytest.mark.parametrize("code", ["PN0", "PN1", "PN4", "PN7"])
def test_the_code_fits_the_age(given: Any, held: str, under_four: bool, four_or_older: bool, code: str) -> None:  # noqa: FBT001
    """PN0 is for children under four and the others for those who are not; on the birthday, either."""
    outcome = given(OPEN).when(REVIEW | {"held": held, "participation": code})

    if under_four if code == "PN0" else four_or_older:
        outcome.then("review.held", participation=code)
    else:
        outcome.refused(DatesRefused, field="participation")


@pytest.mark.parametrize(("held", "fits"), [("2020-02-28", False), ("2020-02-29", True), ("2020-03-01", True)])
def test_a_leap_day_has_a_fourth_birthday(given: Any, held: str, fits: bool) -> None:  # noqa: FBT001
    """Four years after the 29th of February there is one again."""
    outcome = given(OPEN | {"born": "2016-02-29"}).when(REVIEW | {"held": held})

    if fits:
        outcome.then("review.held")
    else:
        outcome.refused(DatesRefused, field="participation")


@pytest.mark.parametrize("born", [None, "2014", "2014-05"])
@pytest.mark.parametrize("code", ["PN0", "PN1", None])
def test_without_a_birthday_no_code_is_wrong(given: Any, born: str | None, code: str | None) -> None:
    """Where the day of birth is not known, age settles nothing."""
    given(OPEN | {"born": born}).when(REVIEW | {"held": "2018-05-03", "participation": code}).then("review.held")


@pytest.mark.parametrize(("command", "dated"), [(REVIEW | {"participation": "PN0"}, "held"), (VISIT, "visited")])
def test_nobody_is_met_before_birth(given: Any, command: dict[str, Any], dated: str) -> None:
    """From the day of birth on, and not before."""
    given(OPEN).when(command | {dated: "2014-05-03"}).then()
    given(OPEN).when(command | {dated: "2014-05-02"}).refused(DatesRefused, field=dated)


@pytest.mark.parametrize("why", ["INAPPROPRIATE", "UNABLE"])
def test_not_alone_needs_a_reason(given: Any, why: str) -> None:
    """Regulation 29 lets an adult decide against it only for a reason, and the reason is on record."""
    given(OPEN).when(VISIT | {"seen_alone": why, "seen_alone_reason": "Asleep."}).then("visit.made", seen_alone=why)
    given(OPEN).when(VISIT | {"seen_alone": why}).refused(IncompleteRefused, field="seen_alone_reason")


@pytest.mark.parametrize("answer", ["YES", "NO", "REFUSED_BY_CHILD"])
def test_otherwise_no_reason_is_asked_for(given: Any, answer: str) -> None:
    """A child who does not want to need not say why."""
    given(OPEN).when(VISIT | {"seen_alone": answer}).then("visit.made", seen_alone_reason=None)


@pytest.mark.parametrize(
    ("review", "field", "fits", "does_not"),
    [
        ({"held": "2018-04-01", "participation": "PN0"}, "held", "2018-05-03", "2018-05-04"),
        ({"held": "2018-06-01", "participation": "PN1"}, "held", "2018-05-03", "2018-05-02"),
        ({"held": "2018-05-03", "participation": "PN0"}, "participation", "PN1", None),
        ({"held": "2018-06-01", "participation": "PN1"}, "participation", "PN2", "PN0"),
    ],
)
def test_a_review_put_right_fits_the_age_too(
    given: Any, review: dict[str, Any], field: str, fits: str, does_not: str | None
) -> None:
    """No correction brings in a code and a date that could not have been recorded in the first place."""
    case = given(OPEN, REVIEW | review | {"ref": "review"})
    correction = {"do": "correct_record", "of": "review", "field": field, "reason": "A slip.", "requested_by": "AUTHOR"}

    case.when(correction | {"to": fits}).then("record.corrected")
    if does_not is not None:
        case.when(correction | {"to": does_not}).refused(DatesRefused, field="to")
