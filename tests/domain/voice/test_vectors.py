"""
The vectors: what was on record, and the answer it must give.

`vectors.json` beside this file is in the exchange format, so that anyone can check another program with it. Its ids say
what a vector is about: T the worked examples, W influence, F feedback, P partial dates, O the order of the rules, M
several matters, Q the qualities of the evidence and the limits of each period.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from domain.voice.vectors import Vector, answer_as_json
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass

OURS = Path(__file__).with_name("vectors.json")
THE_BRIEFS = Path(__file__).parents[3].parent / "shared" / "domain" / "voice-vectors.json"
"""The worked examples as the brief states them; beside the repository where it is built, and not part of it."""


def read(path: Path) -> list[dict[str, Any]]:
    """Give the vectors of a file, or none where there is no such file."""
    vectors: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else []
    return vectors


VECTORS = read(OURS)

NOT_YET: dict[str, str] = {}
"""Vectors that are right and not yet answered so, with the reason. Whoever mends one takes it off here."""


def cases(source: str, vectors: list[dict[str, Any]]) -> list[Any]:
    """Give each vector of a file as a case of its own."""
    open_still = {name: pytest.mark.xfail(reason=why) for name, why in NOT_YET.items()} if source == "ours" else {}
    return [
        pytest.param(vector, id=f"{source}-{vector['id']}", marks=open_still.get(vector["id"], ()))
        for vector in vectors
    ]


@pytest.mark.parametrize("vector", [*cases("ours", VECTORS), *cases("brief", read(THE_BRIEFS))])
def test_the_record_gives_this_answer(vector: dict[str, Any]) -> None:
    """Each vector is answered as it says, in everything that it says."""
    asked = Vector.model_validate(vector)
    answer = answer_as_json(asked) | {"restsOn": list(asked.answer().rests_on)}

    assert {name: answer[name] for name in vector["expect"]} == vector["expect"], vector["title"]


def test_every_vector_has_a_name_of_its_own() -> None:
    """A vector that hides behind another's id would not be missed."""
    assert [name for name, times in Counter(vector["id"] for vector in VECTORS).items() if times > 1] == []
    assert [title for title, times in Counter(vector["title"] for vector in VECTORS).items() if times > 1] == []


def test_the_worked_examples_are_all_there() -> None:
    """None of the 52 worked examples, nor of the examples of the two further axes, was lost."""
    wanted = [f"T{number:02}" for number in range(1, 53)] + [f"{axis}{n}" for axis in "WF" for n in range(1, 8)]

    assert [name for name in wanted if name not in {vector["id"] for vector in VECTORS}] == []


@pytest.mark.parametrize(
    ("answers", "member"),
    [(Verdict, "verdict"), (VerdictClass, "class"), (Influence, "influence"), (Feedback, "feedback")],
)
def test_every_possible_answer_has_a_vector(answers: type[Verdict], member: str) -> None:
    """There is no answer that no vector shows."""
    assert set(answers) - {vector["expect"].get(member) for vector in VECTORS} == set()


def test_every_flag_has_a_vector() -> None:
    """There is no flag that no vector shows, and none that every vector shows."""
    raised = Counter(chain.from_iterable(vector["expect"]["flags"] for vector in VECTORS))

    assert set(Flag) - set(raised) == set()
    assert max(raised.values()) < len(VECTORS)


def test_what_the_question_does_not_use_is_passed_over() -> None:
    """A vector may carry more than the question asks for, and is answered the same."""
    vector = next(vector for vector in VECTORS if vector["id"] == "T01")
    with_more = vector | {"weather": "rain", "decision": vector["decision"] | {"colour": "blue"}}

    assert answer_as_json(Vector.model_validate(with_more)) == answer_as_json(Vector.model_validate(vector))


@pytest.mark.parametrize("effective", [{}, {"effectiveFrom": "2199-12-31"}, {"effectiveFrom": "1900"}])
@pytest.mark.parametrize("decided", ["unknown", "2199-12-31", "1900", None])
@pytest.mark.parametrize("urgency", ["PLANNED", "EMERGENCY"])
def test_the_furthest_dates_have_an_answer(decided: str | None, effective: dict[str, str], urgency: str) -> None:
    """No date that can be written down leaves the question without an answer."""
    decision = {"kind": "PLACEMENT_MOVE_PLANNED", "matters": ["placement"], "decidedAt": decided, "urgency": urgency}
    vector = {"id": "far", "asOf": "2026-06-01", "decision": decision | effective}

    assert answer_as_json(Vector.model_validate(vector))["verdict"] in {Verdict.PENDING, Verdict.NO_VIEW_RECORDED}
