"""
Given what is on record, when somebody asks to record more, then this is recorded, or refused.

A command is its JSON body, as a door would take it. `recorded` beside the fields of a body says when it reached the
record (civil time); left out, it is the first of June 2026 at noon.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, ValidationError

from domain.case.command import Act
from domain.case.fact import Fact, Role, narrative_fields
from domain.case.refusal import Refused
from domain.case.registry import COMMAND, COMMANDS
from domain.case.state import Case
from domain.dates import instant_of
from domain.rules import pack_pinned
from domain.voice.question import Answer, ask

NOON = "2026-06-01T12:00"
Body = dict[str, Any]


@dataclass(frozen=True)
class Stamp:
    """What the ledger would add."""

    version: int
    recorded_at: datetime


@dataclass
class Scenario:
    """A case as far as the test has told its story."""

    case: Case = field(default_factory=lambda: Case(UUID(int=1)))

    def decide(self, body: Body, **act: Any) -> list[Fact]:
        """Ask what a command would put on record, or raise what is wrong with it; the case stays as it is."""
        command = COMMAND.validate_json(json.dumps({name: each for name, each in body.items() if name != "recorded"}))
        known = {"actor": "w.okafor", "role": Role.SOCIAL_WORKER, "at": _at(body), "correlation_id": UUID(int=2)}
        return command.decide(self.case, Act(**({**known, "command_id": uuid4()} | act)))

    def record(self, body: Body, **act: Any) -> Scenario:
        """Put one more thing on record."""
        for fact in self.decide(body, **act):
            self.case.evolve(fact, Stamp(self.case.version + 1, _at(body)))
        return self

    def when(self, body: Body, **act: Any) -> Outcome:
        """Ask for one more thing; the next `when` starts from the same story."""
        try:
            return Outcome(self, body, self.decide(body, **act))
        except (Refused, ValidationError) as problem:
            return Outcome(self, body, [], problem)

    def answer(self, ref: str, as_of: str = NOON) -> Answer:
        """Ask the question about a decision, under the rules pinned to it."""
        known = self.case.evidence.known_at(datetime.fromisoformat(as_of))
        pack = pack_pinned(self.case.facts[ref].fact.by.rule_pack)
        return ask(known.decision(ref) or self.case.evidence.decisions[ref], known, pack)


@dataclass
class Outcome:
    """What became of a command."""

    before: Scenario
    body: Body
    facts: list[Fact]
    problem: Refused | ValidationError | None = None

    @property
    def case(self) -> Case:
        """The case with this on record."""
        case = deepcopy(self.before.case)
        for fact in self.facts:
            case.evolve(fact, Stamp(case.version + 1, _at(self.body)))
        return case

    def then(self, topic: str | None = None, **fields: Any) -> Fact:
        """One fact was recorded, of this kind and saying this."""
        assert self.problem is None, self.problem
        (fact,) = self.facts
        assert topic in (None, fact.TOPIC)
        said = fact.model_dump(mode="json")
        assert {name: _of(said[name], fields[name]) for name in fields} == fields
        return fact

    def refused(self, kind: type[Refused], *, field: str | None = None) -> Refused:
        """It was refused for this reason, pointing at this field."""
        assert isinstance(self.problem, kind), self.problem or self.facts
        assert self.problem.field == field
        return self.problem

    def malformed(self, *where: str, kind: str | None = None) -> None:
        """It never was a command: this part of the body cannot be read."""
        assert isinstance(self.problem, ValidationError), self.problem or self.facts
        found = [(tuple(each["loc"][1:]), each["type"]) for each in self.problem.errors()]
        assert any(loc[: len(where)] == where and kind in (None, why) for loc, why in found), found


def _of(said: Any, asked: Any) -> Any:
    """Leave out of what a fact says the members of its parts that nobody asked about."""
    match said, asked:
        case dict(), dict():
            return {name: _of(value, asked[name]) for name, value in said.items() if name in asked}
        case list(), list() if len(said) == len(asked):
            return [_of(value, each) for value, each in zip(said, asked, strict=True)]
    return said


def _at(body: Body) -> datetime:
    return instant_of(datetime.fromisoformat(body.get("recorded", NOON)))


class Given(Protocol):
    """Tells the story so far."""

    def __call__(self, *commands: Body) -> Scenario: ...


def _given(*commands: Body) -> Scenario:
    scenario = Scenario()
    for command in commands:
        scenario.record(command)
    return scenario


@pytest.fixture(scope="session")
def given() -> Given:
    """The story so far: `given(*commands).when(command).then(topic, **fields)` or `.refused(kind, field=...)`."""
    return _given


OPENED: Body = {"do": "open_case", "child": "Amira", "born": "2014-05-03", "looked_after_from": "2020-01-13"}
MUM: Body = {"do": "introduce_person", "ref": "mum", "name": "Mum", "relationship": "MOTHER", "since": "2014-05-03"}
KIM: Body = {"do": "introduce_person", "ref": "kim", "name": "Kim", "relationship": "CARER"}


@pytest.fixture(scope="session")
def opened() -> Given:
    """The same, beginning with Amira's case, her mother and Kim, who looks after her."""
    return partial(_given, OPENED, MUM, KIM)


STORY: tuple[Body, ...] = (
    OPENED | {"ref": "opening", "local_id": "LA-77"},
    MUM,
    KIM,
    {"do": "make_proposal", "ref": "proposal", "proposed": "2026-02-20", "matters": ["placement"],
     "what": "A move."},
    {"do": "record_view", "ref": "said", "expressed": "2026-03-04", "matters": ["placement"],
     "proposal": "proposal",
     "present": ["kim"], "seen_alone": "NO", "account": "Stay.", "recorded": "2026-03-05T09:10"},
    {"do": "record_observation", "ref": "shown", "observed": "2026-03-04", "matters": ["contact:mum"],
     "what_was_seen": "Smiled.", "recorded": "2026-03-05T09:10"},
    {"do": "record_declined", "ref": "declined", "declined": "2026-03-05", "matters": ["education"], "attempts": 2,
     "recorded": "2026-03-05T09:10"},
    {"do": "record_not_ascertainable", "ref": "unable", "considered": "2026-03-06", "matters": ["health"],
     "reason_code": "MEDICALLY_UNABLE", "recorded": "2026-03-06T09:10"},
    {"do": "record_sought", "ref": "sought", "sought": "2026-03-06", "matters": ["legal"],
     "recorded": "2026-03-06T09:10"},
    {"do": "record_review", "ref": "review", "held": "2026-03-07", "participation": "PN1",
     "spoken_to_in_private": "YES"},
    {"do": "record_visit", "ref": "visit", "visited": "2026-03-08", "seen_alone": "YES"},
    {"do": "record_change", "ref": "change", "kind": "ALLEGATION", "happened": "2026-03-01", "what": "He said so.",
     "matters": ["placement"]},
    {"do": "decide_placement_move", "ref": "move", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2026-03-10",
     "effective": "2026-03-20", "proposal": "proposal", "views": ["said"], "weight": "DEPARTED", "review": "review",
     "carer": "kim", "with_siblings": ["mum"], "place": "U6", "provider": "PR1", "urn": "SC123456",
     "distance_miles": 3.5,
     "reason_place_change": "CARPL", "legal_basis": ["CA 1989 s 22C"], "significant": True, "notice_days": 10},
    {"do": "decide_contact", "ref": "seeing-mum", "kind": "CONTACT_ARRANGE", "person": "mum",
     "decided": "2026-03-10"},
    {"do": "decide_care_plan", "ref": "plan", "kind": "CAREPLAN_PERMANENCE", "plan": ["LTFOST18"],
     "decided": "2026-03-10"},
    {"do": "decide_legal_status", "ref": "order", "step": "MADE", "legal_status": "C2", "decided": "2026-03-10"},
    {"do": "decide_education", "ref": "school", "kind": "EDUCATION_SCHOOL_CHANGE", "decided": "2026-03-10"},
    {"do": "decide_health", "ref": "health", "treatment": "Grommets.", "decided": "2026-03-10"},
    {"do": "decide_liberty", "ref": "liberty", "kind": "SECURE", "step": "STARTED",
     "restrictions": "A locked door.",
     "decided": "2026-03-10"},
    {"do": "decide_leaving_care", "ref": "leaving", "kind": "PATHWAY_PLAN", "decided": "2026-03-10"},
    {"do": "decide_identity", "ref": "identity", "aspect": "NAME", "what_changes": "Her name.",
     "decided": "2026-03-10"},
    {"do": "change_professional", "ref": "worker", "kind": "SOCIAL_WORKER_CHANGE", "person": "kim",
     "previous": "mum",
     "decided": "2026-03-10"},
    {"do": "record_effect", "ref": "moved", "decision": "move", "on": "2026-03-20"},
    {"do": "withdraw_decision", "ref": "withdrawn", "decision": "school", "withdrawn": "2026-03-12",
     "reasons": "No place."},
    {"do": "reconfirm_decision", "ref": "again", "decision": "plan", "reconfirmed": "2026-03-12",
     "views": ["shown"],
     "reasons": "We listened."},
    {"do": "mark_significance", "ref": "mark", "decision": "worker", "significant": True,
     "reason": "She knew him well."},
    {"do": "tell_child", "ref": "told", "decision": "move", "told": "2026-03-12"},
    {"do": "record_not_told", "ref": "not-told", "decision": "liberty", "considered": "2026-03-12",
     "reason": "Too ill."},
    {"do": "inform_iro", "ref": "informed", "decision": "move", "informed": "2026-03-09"},
    {"do": "raise_challenge", "ref": "challenge", "decision": "plan", "challenged": "2026-03-13",
     "what": "Look again."},
    {"do": "answer_challenge", "ref": "answer", "challenge": "challenge", "answered": "2026-03-14",
     "accepted": False,
     "what": "We have."},
    {"do": "escalate_challenge", "ref": "escalation", "challenge": "challenge", "escalated": "2026-03-15",
     "to": "Head."},
    {"do": "consider_referral", "ref": "referral", "challenge": "challenge", "considered": "2026-03-16",
     "made": False,
     "reasons": "Settled."},
    {"do": "offer_advocate", "ref": "offer", "offered": "2026-03-05", "child_answer": "ACCEPTED"},
    {"do": "engage_advocate", "ref": "advocate", "engaged": "2026-03-06", "arranged_by": "AUTHORITY"},
    {"do": "make_promise", "ref": "promise", "promised": "2026-03-10", "what": "Your bike comes too.",
     "due": "2026-03-20"},
    {"do": "settle_promise", "ref": "settled", "promise": "promise", "settled": "2026-03-20", "kept": True},
    {"do": "correct_record", "ref": "corrected", "of": "said", "field": "expressed", "to": "2026-03-03",
     "reason": "A slip.", "requested_by": "AUTHOR", "recorded": "2026-04-01T10:00"},
    {"do": "annotate_record", "ref": "annotated", "of": "move", "text": "I was sad.", "written_by": "CHILD"},
    {"do": "dispute_record", "ref": "disputed", "of": "said", "text": "I never said so.", "disputed_by": "CHILD"},
    {"do": "declare_gap", "ref": "gap", "gap_from": "2021", "gap_to": "2022", "reason": "Lost in a flood."},
    {"do": "attach_finding", "ref": "finding", "found": "2026-04-01", "body": "Ombudsman", "says": "Fault.",
     "of": ["move"],
     "reference": "26 001 234"},
    {"do": "attach_document", "ref": "document", "title": "Letter", "sha256": "0" * 64,
     "media_type": "application/pdf",
     "size": 1, "of": ["said"]},
    {"do": "describe_child", "ref": "described", "sex": "F", "ethnicity": "MWBA", "upn": "D051910639385",
     "mother": False},
    {"do": "record_unaccompanied", "ref": "alone", "until": "2032-05-03"},
    {"do": "record_episode", "ref": "episode", "began": "2020-01-13", "new_because": "S", "legal_status": "C1",
     "category_of_need": "N1", "place": "U6", "provider": "PR1", "urn": "SC123456", "home_postcode": "ZZ1 1ZZ",
     "placement_postcode": "ZZ2 2ZZ"},
    {"do": "record_episode_end", "ref": "episode-end", "episode": "episode", "ended": "2026-03-20", "next_begins": True,
     "reason_place_change": "CHILD"},
    {"do": "record_missing", "ref": "missing", "since": "2025-05-03", "missing": "A"},
    {"do": "record_came_back", "ref": "found", "absence": "missing", "back": "2025-05-04"},
    {"do": "report_health", "ref": "health-2026", "year_to": "2026-03-31", "sdq_score": 14, "teeth_check": True},
    {"do": "report_care_leaver", "ref": "care-leaver", "year_to": "2026-03-31", "in_touch": "YES", "activity": "F2",
     "lives_in": "Z", "suitable": True},
    {"do": "record_adoption", "ref": "adoption", "best_interests": "2026-01-02", "matched": "2026-03-04", "adopters": 2,
     "adopter_sex": "FF", "adopter_status": "L12", "by_foster_carer": True},
    {"do": "record_earlier_permanence", "ref": "before", "permanence": "P2", "authority": "352", "since": "2016-05"},
    {"do": "record_worker_stopped", "ref": "worker-end", "change": "worker", "stopped": "2026-03-31"},
    {"do": "record_liberty_ended", "ref": "liberty-end", "restriction": "liberty", "ended": "2026-03-31"},
    {"do": "record_person_left", "ref": "parting", "person": "kim", "until": "2026-04-01"},
    {"do": "close_case", "ref": "closing", "ended": "2026-05-01", "reason": "E4A"},
    {"do": "reopen_case", "ref": "reopening", "again_from": "2026-05-10"},
)  # fmt: skip
"""Amira's whole story: every command there is, in an order in which all of it can be recorded."""


@pytest.fixture(scope="session")
def story() -> tuple[Body, ...]:
    """Amira's whole story: every command there is, in an order in which all of it can be recorded."""
    return STORY


def _written(annotation: Any, text: str) -> Any:
    """Give a value of a type that says `text` wherever people write, or nothing where they do not."""
    arguments = getattr(annotation, "__args__", ())
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _filled({"who": "mum", "system": "Mosaic"}, annotation, text)
    if arguments and arguments[-1] is Ellipsis:
        return None if (each := _written(arguments[0], text)) is None else [each]
    return next((each for each in (_written(argument, text) for argument in arguments) if each is not None), None)


def _filled(body: Body, model: type[BaseModel], text: str) -> Body:
    """Write `text` into every field of a body that takes what people write."""
    fields = {name: info.annotation for name, info in model.model_fields.items()}
    written = {
        name: text if fields[name] is str else _narrative(fields[name], text) for name in narrative_fields(model)
    }
    parts = {
        name: part
        for name, kind in fields.items()
        if name not in {*written, "untouched"} and (part := _written(kind, text))
    }  # what a change leaves untouched hangs on its kind
    known = {name: each for name, each in body.items() if name in model.model_fields or name == "recorded"}
    return {name: each for name, each in (known | written | parts).items() if each is not None}


def _narrative(annotation: Any, text: str) -> Any:
    return [text] if any(argument is Ellipsis for argument in getattr(annotation, "__args__", ())) else text


class Written(Protocol):
    """Fills in what people write."""

    def __call__(self, body: Body, text: str) -> Body: ...


@pytest.fixture(scope="session")
def written() -> Written:
    """A command with a text in every one of its narrative fields, those of its parts and its provenance included."""
    return lambda body, text: _filled(body, COMMANDS[body["do"]], text)


def _narratives(part: BaseModel) -> Iterator[str]:
    sealed = narrative_fields(type(part))
    for name in type(part).model_fields:
        value = getattr(part, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, BaseModel):
                yield from _narratives(each)
            elif name in sealed and each is not None:
                yield each


@pytest.fixture(scope="session")
def narratives() -> Any:
    """Everything that people wrote into a fact, its parts included."""
    return _narratives
