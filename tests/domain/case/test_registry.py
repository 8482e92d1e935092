"""The closed lists: every kind of fact is complete, and nothing that is not on the list gets in."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from domain.case.command import Command
from domain.case.decision import DecisionMade
from domain.case.disclosure import WRITTEN_BY_WHAT_ISSUES
from domain.case.fact import Fact, Part, narrative_fields
from domain.case.redaction import WRITTEN_BY_WHAT_DESTROYS
from domain.case.registry import COMMAND, COMMANDS, FACTS, UPCASTERS
from domain.dates import PartialDate

COMMANDED = {
    topic: kind for topic, kind in FACTS.items() if topic not in WRITTEN_BY_WHAT_ISSUES | WRITTEN_BY_WHAT_DESTROYS
}
"""Kinds of fact that somebody's command records: all but what is written down as something is done with the record."""
every_fact = pytest.mark.parametrize("kind", FACTS.values(), ids=FACTS)
every_commanded_fact = pytest.mark.parametrize("kind", COMMANDED.values(), ids=COMMANDED)
ENOUGH = 12
CANARY = "Kanarien vogel"


def kinds_of(part: type[Any]) -> set[type[Any]]:
    """Every class that is made of a part, at whatever depth."""
    return {each for child in part.__subclasses__() for each in {child, *kinds_of(child)}}


def recorded(given: Any, story: Any, written: Any, kind: type[Fact]) -> Fact:
    """Give the fact of a kind as Amira's story has it, with every text field filled."""
    at = next(place for place, body in enumerate(story) if COMMANDS[body["do"]].RECORDS is kind)
    fact: Fact = given(*story[:at]).when(written(story[at], CANARY)).then(kind.TOPIC)
    return fact


# Every kind of fact ---------------------------------------------------------------------------------------------------


@every_fact
def test_it_is_named(kind: type[Fact]) -> None:
    """A topic that outlives every renaming, and a version."""
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.TOPIC)
    assert FACTS[kind.TOPIC] is kind
    assert kind.VERSION >= 1


@every_fact
def test_it_is_said_in_plain_words(kind: type[Fact]) -> None:
    """One phrase that a twelve-year-old can read, without a full stop, a code or a name of the program."""
    words = kind.PHRASE.split()

    assert 3 <= len(words) <= ENOUGH
    assert kind.PHRASE[0].isupper()
    assert re.fullmatch(r"[A-Za-z',: -]+", kind.PHRASE)
    assert max(map(len, words)) <= len("understanding")


@every_fact
def test_it_is_explained(kind: type[Fact]) -> None:
    """Its own sentence, not one it has from somewhere else."""
    assert (vars(kind)["__doc__"] or "").strip().endswith(".")


@every_fact
def test_one_command_records_it(kind: type[Fact]) -> None:
    """There is one way to put it on record, and so one place that checks it."""
    commands = [name for name, command in COMMANDS.items() if command.RECORDS is kind]

    assert len(commands) == (kind.TOPIC in COMMANDED)


@every_fact
def test_its_world_time_is_one_of_its_dates(kind: type[Fact]) -> None:
    """Where it says which date is its own, that is a date of it."""
    if kind.DATED is not None:
        stated = kind.model_fields[kind.DATED].annotation
        assert PartialDate in {stated, *getattr(stated, "__args__", ())}


@every_fact
def test_its_shape_can_be_published(kind: type[Fact]) -> None:
    """A JSON Schema that names every member and takes no other."""
    schema = kind.model_json_schema()

    assert set(schema["properties"]) == set(kind.model_fields)
    assert schema["additionalProperties"] is False


@every_commanded_fact
def test_its_command_can_be_published(kind: type[Fact]) -> None:
    """Whoever fills in a form finds each member of it in the schema of the command."""
    command = next(command for command in COMMANDS.values() if command.RECORDS is kind)
    schema = command.model_json_schema()

    assert set(schema["properties"]) == set(command.model_fields)
    assert schema["additionalProperties"] is False
    assert vars(command)["__doc__"].strip().endswith(".")


@every_commanded_fact
def test_it_survives_storage(given: Any, story: Any, written: Any, kind: type[Fact]) -> None:
    """Written down and read again it is the same fact, with or without the members that say nothing."""
    fact = recorded(given, story, written, kind)

    assert kind.model_validate_json(fact.model_dump_json()) == fact
    assert kind.model_validate_json(fact.model_dump_json(exclude_none=True)) == fact
    assert kind.model_validate_json(fact.model_dump_json()).fingerprint() == fact.fingerprint()


@every_commanded_fact
def test_it_shows_nothing_of_itself(given: Any, story: Any, written: Any, kind: type[Fact]) -> None:
    """What a fact holds does not reach a log or a traceback by being printed."""
    fact = recorded(given, story, written, kind)

    for printed in (
        repr(fact),
        str(fact),
        f"{fact}",
        f"{fact!r:>9}",
        repr([fact]),
        repr(fact.by),
        repr(fact.by.provenance),
    ):
        assert CANARY not in printed
        assert fact.ref not in printed
        assert "okafor" not in printed


@every_commanded_fact
def test_it_cannot_be_changed(given: Any, story: Any, written: Any, kind: type[Fact]) -> None:
    """A fact is what it was; there is nothing to set."""
    fact = recorded(given, story, written, kind)

    with pytest.raises(ValidationError, match="frozen"):
        fact.ref = "other"


@every_commanded_fact
def test_what_cannot_be_read_is_not_shown(given: Any, story: Any, written: Any, kind: type[Fact]) -> None:
    """A stored fact that has been spoilt is an error that repeats nothing of it."""
    spoilt = recorded(given, story, written, kind).model_dump(mode="json") | {"ref": f"{CANARY}!", CANARY: CANARY}

    with pytest.raises(ValidationError) as problem:
        kind.model_validate(spoilt)
    assert CANARY not in str(problem.value).replace(f"\n{CANARY}\n", "\n")


@every_commanded_fact
def test_it_points_at_entries_only(given: Any, story: Any, written: Any, kind: type[Fact]) -> None:
    """What it speaks about are references to facts and people of the case."""
    at = next(place for place, body in enumerate(story) if COMMANDS[body["do"]].RECORDS is kind)
    held = given(*story[:at]).case.facts

    fact = recorded(given, story, written, kind)

    assert set(fact.about) <= set(held)
    assert set(fact.subject_matters) <= set(getattr(fact, "matters", ()))


@every_fact
def test_every_older_version_can_still_be_read(kind: type[Fact]) -> None:
    """From each version there was, one step leads to the next, up to the present one."""
    steps = [version for topic, version in UPCASTERS if topic == kind.TOPIC]

    assert sorted(steps) == list(range(1, kind.VERSION))


def test_there_is_no_step_from_a_kind_that_is_not_there() -> None:
    """An upcaster for a topic nobody knows would never be called."""
    assert {topic for topic, _ in UPCASTERS} <= set(FACTS)


# The lists ------------------------------------------------------------------------------------------------------------


def test_every_kind_of_fact_is_on_the_list() -> None:
    """A kind that has a topic and is missing from the list could be recorded and never read again."""
    assert {kind for kind in kinds_of(Fact) if "TOPIC" in vars(kind)} == set(FACTS.values())
    assert len({kind.TOPIC for kind in FACTS.values()}) == len(FACTS)


def test_every_command_is_on_the_list() -> None:
    """And each is called by one name."""
    assert {command for command in kinds_of(Command) if "RECORDS" in vars(command)} == set(COMMANDS.values())
    assert {command.model_fields["do"].default for command in COMMANDS.values()} == set(COMMANDS)


def test_every_command_records_a_kind_on_the_list() -> None:
    """Nothing can be recorded that could not be read again."""
    assert {command.RECORDS for command in COMMANDS.values()} == set(COMMANDED.values())


def test_no_two_kinds_are_told_in_the_same_words() -> None:
    """A timeline in plain words still tells one thing from another."""
    assert [phrase for phrase, times in Counter(kind.PHRASE for kind in FACTS.values()).items() if times > 1] == []


def test_the_story_has_every_command(story: Any) -> None:
    """What is tested for each kind of fact is tested for all of them."""
    assert {body["do"] for body in story} == set(COMMANDS)


@pytest.mark.parametrize("topic", ["os.system", "placement.move_decided@1", "placement.move_decided ", "", "Fact"])
def test_a_topic_that_is_not_on_the_list_is_none(topic: str) -> None:
    """Stored text is looked up, and never imported."""
    assert "placement.move_decided" in FACTS
    with pytest.raises(KeyError):
        FACTS[topic]


@pytest.mark.parametrize("name", ["os.system", "", "RecordView", "record_view ", None, 7])
def test_a_command_that_is_not_on_the_list_is_none(name: Any) -> None:
    """The name of a command is one of the list, letter for letter."""
    body = {"expressed": "2026-03-04", "matters": ["placement"], "account": "Stay."}

    assert COMMAND.validate_python(body | {"do": "record_view"})
    with pytest.raises(ValidationError):
        COMMAND.validate_python(body | {"do": name})


def test_every_decision_says_its_kind_from_the_list_of_its_subject() -> None:
    """The kinds of the commands are those that the rule packs know."""
    for kind in kinds_of(DecisionMade) & set(FACTS.values()):
        assert kind.model_json_schema()["properties"]["kind"].keys() & {"enum", "const"}


@pytest.mark.parametrize("part", sorted(kinds_of(Part), key=lambda part: part.__name__), ids=lambda part: part.__name__)
def test_free_text_is_marked_as_such(part: type[Part]) -> None:
    """
    A field that takes any text at all is narrative, so that it can be sealed, withheld and redacted.

    What is not narrative is a code, a reference, a date, a number, or text of a fixed form.
    """
    properties = part.model_json_schema().get("properties", {})
    sealed = narrative_fields(part)
    known = {"actor", "on_behalf_of", "rule_pack", "do", "kind", "jurisdiction"}

    unmarked = {
        name
        for name, shape in properties.items()
        for each in (shape, *shape.get("anyOf", ()), shape.get("items", {}))
        if each.get("type") == "string" and not each.keys() & {"pattern", "enum", "const", "format"}
    }
    assert unmarked - sealed - known == set()
