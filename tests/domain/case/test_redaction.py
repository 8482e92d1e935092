"""Taking out what people wrote: no answer changes, and nothing that was written is left."""

# ruff: noqa: DTZ001 - civil time has no offset

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, event, settings
from hypothesis import given as generated
from hypothesis import strategies as st
from pydantic import BaseModel

from domain.case.fact import Fact, narrative_fields
from domain.case.registry import COMMANDS
from domain.case.state import Case
from domain.voice.question import Answer

CANARY = "Kanarien vogel"
BLACK = "█"
MARCH = datetime(2026, 3, 1)
DAYS = [f"2026-03-{day:02}" for day in (3, 4, 9, 10, 11, 12, 20)]


def redacted(part: Any) -> Any:
    """Give a part with everything that people wrote in it blackened."""
    if not isinstance(part, BaseModel):
        return part
    sealed = narrative_fields(type(part))

    def over(name: str, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(over(name, each) for each in value)
        return BLACK if name in sealed and value is not None else redacted(value)

    return part.model_copy(update={name: over(name, getattr(part, name)) for name in type(part).model_fields})


def folded_again(case: Case) -> Case:
    """Give the case that the redacted facts add up to."""
    again = Case(case.id)
    for held in sorted(case.facts.values(), key=lambda held: held.version):
        again.evolve(redacted(held.fact), held)
    return again


def answers(scenario: Any, refs: Any) -> dict[tuple[str, str], Answer]:
    """Ask about each decision as the record stood on every other day of the spring."""
    moments = [(MARCH + timedelta(days=day, hours=12)).isoformat() for day in range(2, 40, 3)] + ["2026-06-01T13:00"]
    return {(ref, moment): scenario.answer(ref, moment) for ref in refs for moment in moments}


@settings(max_examples=60)
@generated(data=st.data())
def test_redacting_what_people_wrote_changes_no_answer(
    given: Any, story: Any, written: Any, data: st.DataObject
) -> None:
    """Whatever is told, in whatever order of days: with every text blackened, every answer is the same."""
    scenario = given()
    for body in story:
        dated = COMMANDS[body["do"]].RECORDS.DATED
        moved = {dated: data.draw(st.sampled_from(DAYS))} if dated in body and body["do"] != "open_case" else {}
        kept = written(body, CANARY) if data.draw(st.booleans()) else body
        attempt = scenario.when(kept | moved)
        if attempt.facts and data.draw(st.sampled_from((True, True, True, False))):
            scenario.record(kept | moved)
    decisions = list(scenario.case.evidence.decisions)
    assume(decisions)

    before = answers(scenario, decisions)
    event(f"{len({answer.verdict for answer in before.values()})} different verdicts")
    blackened = type(scenario)(folded_again(scenario.case))

    assert answers(blackened, decisions) == before
    assert blackened.case.evidence == scenario.case.evidence
    assert blackened.case.answered == scenario.case.answered


@pytest.mark.parametrize("name", COMMANDS)
def test_redacting_leaves_nothing_that_was_written(given: Any, story: Any, written: Any, name: str) -> None:
    """Blackened, a fact holds none of it, in whatever part it stood."""
    at = next(place for place, body in enumerate(story) if body["do"] == name)
    fact: Fact = given(*story[:at]).when(written(story[at], CANARY)).then()

    assert CANARY in fact.model_dump_json()
    assert CANARY not in redacted(fact).model_dump_json()


@pytest.mark.parametrize(
    ("of", "field", "to"),
    [("proposal", "what", CANARY), ("said", "own_words", [{"words": CANARY}]), ("mum", "name", CANARY)],
)
def test_what_a_correction_says_is_redacted_as_what_it_corrects(
    given: Any, story: Any, of: str, field: str, to: Any
) -> None:
    """Words put right are words."""
    correction = {
        "do": "correct_record", "of": of, "field": field, "to": to, "reason": "x", "requested_by": "CHILD",
    }  # fmt: skip
    fact: Fact = given(*story).when(correction).then("record.corrected")

    assert CANARY not in redacted(fact).model_dump_json()
