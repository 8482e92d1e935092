"""What is said about a body that does not fit: where, and how to mend it, and nothing of what was sent."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from domain.case.mending import field_problems
from domain.case.registry import COMMANDS

CANARY = "Kanarien vogel"
VIEW = {"do": "record_view", "expressed": "2026-03-04", "matters": ["placement"], "account": "Stay."}
LETTER = {"do": "attach_document", "title": "Letter", "sha256": "0" * 64, "media_type": "text/plain", "size": 1}


def problems(given: Any, body: dict[str, Any]) -> dict[str, str]:
    """What is wrong with a body, by the place where it is wrong."""
    problem = given().when(body).problem
    assert isinstance(problem, ValidationError)
    return {each.field: each.message for each in field_problems(problem.errors())}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (VIEW | {"expressed": "soon"}, "expressed"),
        (VIEW | {"matters": ["placement", "holidays"]}, "matters.1"),
        (VIEW | {"own_words": [{"words": ""}]}, "own_words.0.words"),
        (VIEW | {"expresed": "2026-03-04"}, "expresed"),
        (LETTER | {"sha256": "no hash"}, "sha256"),
        (LETTER | {"size": "big"}, "size"),
        ({"do": "decide_education", "kind": "PEP_CHANGE", "key_stage_4": "perhaps"}, "key_stage_4"),
    ],
)
def test_the_place_that_is_wrong_is_named(given: Any, body: dict[str, Any], place: str) -> None:
    """By the path to it in the body, and it alone."""
    (found,) = problems(given, body)

    assert found.endswith(place)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (VIEW | {"expressed": "soon"}, "2011-05-03"),
        (VIEW | {"matters": ["holidays"]}, "placement"),
        (VIEW | {"account": " "}, "leave the field out"),
        (VIEW | {"account": "a\x00"}, "control characters"),
        (VIEW | {"colour": "blue"}, "Check its spelling"),
        ({"do": "record_view"}, "needed"),
        ({"do": "sing"}, "`do`"),
        ({}, "`do`"),
    ],
)
def test_what_to_do_about_it_is_said(given: Any, body: dict[str, Any], says: str) -> None:
    """In words for the person who sent it."""
    assert any(says in message for message in problems(given, body).values())


@pytest.mark.parametrize(
    "wrong", [CANARY, f"{CANARY}\x00", [CANARY], {CANARY: CANARY}, {"words": CANARY}, CANARY * 2000]
)
def test_nothing_that_was_sent_comes_back(given: Any, story: Any, wrong: Any) -> None:
    """Wherever it stood, be it a value or the name of a field."""
    for body in story:
        changed = [body | {member: wrong} for member in COMMANDS[body["do"]].model_fields]
        for sent in (*changed, body | {CANARY: wrong}, body | {"do": CANARY}):
            problem = given().when(sent).problem
            if isinstance(problem, ValidationError):
                said = " ".join(f"{each.field} {each.message}" for each in field_problems(problem.errors()))
                assert CANARY not in said
