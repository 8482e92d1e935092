"""What a refusal says: a whole sentence, how to mend it, and nothing of what somebody wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import event, settings
from hypothesis import given as generated
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.case import refusal
from domain.case.refusal import AlreadyRecordedRefused, Refused

CANARY = "Kanarien vogel"
SENTENCE = re.compile(r"\S+(?: \S+){3,}(?<=\.)")
MENDS = re.compile(
    r"\b(Check|Choose|Correct|Give|Leave|Name|Nothing needs doing|Open|Raise|Record|Reopen|Say|Set|Use|Write)\b|"
    r"To say that|needs|Its fields are|only with|, give "
)
"""Words that tell a reader what to do now."""
REFUSALS = [each for each in vars(refusal).values() if isinstance(each, type) and issubclass(each, Refused)]

WRONG: tuple[Any, ...] = (
    *("2013", "2014-05-02", "2026-02-01", "2026-03-04", "2026-03-09", "2026-03-10", "2026-05-02", "2026-06-02"),
    *("nothing", "mum", "said", "move", "plan", "challenge", "promise", "placement", CANARY, "DEPARTED", "UNABLE"),
    *("EMERGENCY", "EPO", "PN0", "CONTACT_REDUCTION", "narnia", "colour", "matters", "expressed"),
    *(
        [],
        ["nothing"],
        ["mum"],
        ["said", "sought"],
        ["contact:nobody"],
        [CANARY],
        {"words": CANARY},
        None,
        True,
        False,
        7,
    ),
)
"""What one member of a command may be changed to, right or wrong."""


@pytest.fixture(scope="module")
def records(story: Any, given: Any) -> list[Any]:
    """Amira's case before it was opened, when it was opened, in between, when it was closed, and now."""
    return [given(*story[:length]) for length in (0, 1, 14, -1, len(story))]


def one_thing_changed(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every command that differs from this one in one member."""
    for member in body:
        if member not in {"do", "recorded"}:
            yield from (body | {member: wrong} for wrong in WRONG)


@pytest.fixture(scope="module")
def refused(records: list[Any], story: Any) -> set[str]:
    """What the commands of the story are answered with, one member of each changed to everything in turn."""
    answers = (record.when(body).problem for each in story for body in one_thing_changed(each) for record in records)
    return {answer.message for answer in answers if isinstance(answer, Refused)}


def test_every_refusal_is_a_whole_sentence(refused: set[str]) -> None:
    """A reader gets words, not a code."""
    assert len(refused) > 100
    assert {message for message in refused if not SENTENCE.fullmatch(message)} == set()


def test_every_refusal_says_how_to_mend_it(refused: set[str]) -> None:
    """Whatever is wrong with a command, the sentence says what to do now."""
    assert {message for message in refused if not MENDS.search(message)} == set()


@settings(max_examples=300)
@generated(data=st.data())
def test_no_refusal_repeats_what_was_written(records: Any, story: Any, written: Any, data: st.DataObject) -> None:
    """A refusal names fields, references and dates only: it can be shown, and stand in a log."""
    body = written(data.draw(st.sampled_from(story)), f"{CANARY}. {CANARY}")
    member = data.draw(st.sampled_from([name for name in body if name not in {"do", "recorded"}]))
    record = data.draw(st.sampled_from(records))

    problem = record.when(body | {member: data.draw(st.sampled_from(WRONG))}).problem
    event("recorded" if problem is None else type(problem).__name__)

    if isinstance(problem, Refused):
        assert CANARY not in f"{problem} {problem!r} {problem.args} {problem.message}"
    elif problem is not None:
        assert CANARY not in " ".join(each["msg"] for each in problem.errors())


def test_what_cannot_be_read_is_not_repeated_either(given: Any, story: Any, written: Any) -> None:
    """The error of a command that is none shows nothing of what was sent."""
    for body in story:
        sent = written(body, f"{CANARY}\x00")

        problem = given().when(sent).problem

        assert isinstance(problem, ValidationError)
        assert CANARY not in f"{problem} {problem!r}"


def test_every_refusal_has_a_code_of_its_own() -> None:
    """Programs tell refusals apart by code, people by sentence."""
    codes = [each.code for each in REFUSALS]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)
    assert all(issubclass(each, Refused) and each.__doc__ for each in REFUSALS)


def test_what_was_recorded_before_is_named() -> None:
    """Whoever asks again learns what there is, and that nothing is left to do."""
    again = AlreadyRecordedRefused(("view-1", "view-2"))

    assert again.refs == ("view-1", "view-2")
    assert "view-1, view-2" in again.message
    assert str(again) == again.message
