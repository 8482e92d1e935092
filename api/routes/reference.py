"""What is needed to use the doors: the commands, the kinds of fact, the rules with their sources, the problems."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter

from api.examples import command_example
from api.negotiation import preferred
from api.pages import Amiss, amiss_page
from api.preconditions import TaggedRoute
from api.problem_kinds import KINDS, ProblemKind
from api.problems import TYPE_PREFIX, Problem, not_here
from api.routes.answering import problems
from domain.case.registry import COMMANDS, FACTS
from domain.dates import WHOLE_DAY
from domain.rules.errors import PackUnknown
from domain.rules.pack import DecisionKind, RulePack
from domain.rules.rule import Authority, Rule
from domain.rules.shelf import all_packs, jurisdictions, pack_in_force, pack_pinned
from domain.voice.verdict import Verdict, VerdictClass
from domain.voice.wording import VERDICTS


class CommandInList(BaseModel):
    """One command."""

    do: str = Field(examples=["record_view"])
    says: str = Field(description="What it does, in a sentence.")
    records: str = Field(description="The kind of fact it records.", examples=["view.expressed"])
    href: str = Field(description="Where its schema is.", examples=["/v1/commands/record_view"])


class FactInList(BaseModel):
    """One kind of fact."""

    topic: str = Field(examples=["view.expressed"])
    version: int
    phrase: str = Field(description="What happened, in plain words.")
    href: str = Field(description="Where its schema is.", examples=["/v1/facts/view.expressed"])


class RuleShape(BaseModel):
    """One rule, with who says so and whether anybody has checked."""

    id: str
    says: str = Field(description="The rule in one plain sentence.")
    value: Any = Field(description="The number, period or list it fixes; absent where it fixes none.")
    authority: Authority
    citation: str
    verified: bool = Field(description="Whether the text cited has been read for this pack.")
    valid_from: date | None
    valid_to: date | None


class KindShape(BaseModel):
    """One kind of decision as a pack knows it."""

    code: str
    significance: str
    matters: list[str] = Field(description="What it always raises.")
    if_affected: list[str] = Field(description="What it raises in some cases.")
    marked_when: str
    each_person: bool = Field(description="Whether it is about contact with somebody who is to be named.")
    hook: str = Field(description="The provision that makes it a matter to ask the child about.")
    authority: Authority
    verified: bool


class PackInList(BaseModel):
    """One rule pack."""

    pin: str = Field(description="What is stored with a decision.", examples=["england-2010@1"])
    jurisdiction: str
    title: str
    valid_from: date | None
    valid_to: date | None
    href: str = Field(examples=["/v1/rules/england-2010@1"])


class PackShape(PackInList):
    """A rule pack whole."""

    kinds: list[KindShape]
    rules: list[RuleShape]
    freshness: dict[str, RuleShape] = Field(description="For how many days a view counts as fresh, by root of matter.")
    deadlines: list[RuleShape]


class VerdictShape(BaseModel):
    """One answer to the question, in words."""

    verdict: Verdict
    verdict_class: VerdictClass = Field(alias="class")
    label: str
    sentence: str


class ProblemKindShape(BaseModel):
    """One kind of problem."""

    type: str = Field(examples=["/problems/dates_contradict"])
    status: int
    title: str
    means: str = Field(description="What has happened.")
    mend: str = Field(description="What to do about it.")


_JSON_SCHEMA = {"schema": {"type": "object", "additionalProperties": True}}


def reference() -> APIRouter:
    """Make the routes of reference. They are the same for everybody, and change with the program only."""
    router = APIRouter(tags=["reference"], route_class=TaggedRoute)
    _schemas(router)
    _rules(router)
    _problems(router)
    return router


def _schemas(router: APIRouter) -> None:
    @router.get("/v1/commands", summary="List the commands")
    async def list_commands() -> list[CommandInList]:
        """List everything that can be recorded."""
        return [
            CommandInList(do=do, says=_sentence(kind), records=kind.RECORDS.TOPIC, href=f"/v1/commands/{do}")
            for do, kind in COMMANDS.items()
        ]

    @router.get(
        "/v1/commands/{do}",
        summary="Read the schema of a command",
        responses=problems(404) | {200: {"content": {"application/json": _JSON_SCHEMA}}},
    )
    async def read_command(
        do: Annotated[str, Path(description="The command.", examples=["record_view"])],
    ) -> dict[str, Any]:
        """Give the JSON Schema of a command's body, with a worked example in it."""
        if do not in COMMANDS:
            raise not_here()
        return _command_schema(do)

    @router.get("/v1/facts", summary="List the kinds of fact")
    async def list_facts() -> list[FactInList]:
        """List every kind of fact that the record may hold."""
        return [
            FactInList(topic=topic, version=kind.VERSION, phrase=kind.PHRASE, href=f"/v1/facts/{topic}")
            for topic, kind in FACTS.items()
        ]

    @router.get(
        "/v1/facts/{topic}",
        summary="Read the schema of a kind of fact",
        responses=problems(404) | {200: {"content": {"application/json": _JSON_SCHEMA}}},
    )
    async def read_fact(
        topic: Annotated[str, Path(description="The kind.", examples=["view.expressed"])],
    ) -> dict[str, Any]:
        """Give the JSON Schema of a fact, as the feed carries it."""
        if topic not in FACTS:
            raise not_here()
        return _fact_schema(topic)


def _rules(router: APIRouter) -> None:
    @router.get("/v1/rules", summary="List the rule packs", responses=problems(422))
    async def list_rules(
        jurisdiction: Annotated[
            str | None,
            Query(
                description="Only those of this nation.",
                examples=["england"],
                json_schema_extra={"enum": list(jurisdictions())},
            ),
        ] = None,
        on: Annotated[
            str | None,
            Query(
                pattern=f"^{WHOLE_DAY}$",
                description="Only those that speak for a decision of this day.",
                examples=["2012-03-01"],
            ),
        ] = None,
    ) -> list[PackInList]:
        """List the dated sets of rules that answers are given by, oldest law first."""
        if jurisdiction is not None and jurisdiction not in jurisdictions():
            raise Problem(422, "invalid", "There are no rules for that nation. Leave `jurisdiction` out for the list.")
        nations = jurisdictions() if jurisdiction is None else (jurisdiction,)
        wanted = [pack for pack in all_packs() if pack.jurisdiction in nations]
        if on is not None:
            speaking = [pack_in_force(nation, date.fromisoformat(on)) for nation in nations]
            wanted = [pack for pack in wanted if pack in speaking]
        return [PackInList(**_head(pack)) for pack in wanted]

    @router.get("/v1/rules/{pin}", summary="Read a rule pack", responses=problems(404))
    async def read_rules(
        pin: Annotated[str, Path(description="The pack and its version.", examples=["england-2010@1"])],
    ) -> PackShape:
        """Give every rule and number of a pack, with its citation, its authority and whether it has been checked."""
        try:
            return _whole(pack_pinned(pin))
        except PackUnknown:
            raise not_here() from None

    @router.get("/v1/verdicts", summary="List the answers to the question")
    async def list_verdicts() -> list[VerdictShape]:
        """List the answers there are, each in the words it is shown with."""
        return [
            VerdictShape.model_validate(
                {"verdict": each, "class": each.verdict_class, "label": said.label, "sentence": said.sentence}
            )
            for each, said in VERDICTS.items()
        ]


def _problems(router: APIRouter) -> None:
    @router.get("/problems", summary="List the kinds of problem")
    async def list_problems() -> list[ProblemKindShape]:
        """List every kind of problem an answer may have."""
        return [_explained(kind) for kind in KINDS.values()]

    @router.get(
        "/problems/{code}",
        summary="Read about a kind of problem",
        response_model=ProblemKindShape,
        responses=problems(404, 406) | {200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    )
    async def read_problem(
        request: Request,
        code: Annotated[str, Path(description="The code.", examples=["dates_contradict"])],
    ) -> Response | ProblemKindShape:
        """Say what a kind of problem means and how to mend it: what the `type` of a problem leads to."""
        kind = KINDS.get(code)
        if kind is None:
            raise not_here()
        match preferred(request.headers.get("accept"), ("application/json", "text/html")):
            case "text/html":
                return amiss_page(request, Amiss(200, kind.title, kind.means, kind.mend))
            case "application/json":
                return _explained(kind)
            case _:
                raise Problem(406, "not_acceptable", "This comes as application/json or as text/html.")


@cache
def _command_schema(do: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TypeAdapter(COMMANDS[do]).json_schema(),
        "examples": [command_example(do)],
    }


@cache
def _fact_schema(topic: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **TypeAdapter(FACTS[topic]).json_schema()}


def _sentence(kind: type[BaseModel]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _explained(kind: ProblemKind) -> ProblemKindShape:
    return ProblemKindShape(
        type=TYPE_PREFIX + kind.code, status=kind.status, title=kind.title, means=kind.means, mend=kind.mend
    )


def _head(pack: RulePack) -> dict[str, Any]:
    return {
        "pin": pack.pin,
        "jurisdiction": pack.jurisdiction,
        "title": pack.title,
        "valid_from": pack.valid_from,
        "valid_to": pack.valid_to,
        "href": f"/v1/rules/{pack.pin}",
    }


def _whole(pack: RulePack) -> PackShape:
    single = [getattr(pack, field.name) for field in fields(pack)]
    return PackShape(
        **_head(pack),
        kinds=[_kind(kind) for kind in pack.kinds.values()],
        rules=[_rule(each) for each in single if isinstance(each, Rule)],
        freshness={root: _rule(each) for root, each in pack.freshness.items()},
        deadlines=[_rule(each) for each in pack.deadlines.values()],
    )


def _kind(kind: DecisionKind) -> KindShape:
    return KindShape(
        code=kind.code,
        significance=kind.significance,
        matters=list(kind.matters),
        if_affected=list(kind.if_affected),
        marked_when=kind.marked_when,
        each_person=kind.each_person,
        hook=kind.hook,
        authority=kind.authority,
        verified=kind.verified,
    )


def _rule(rule: Rule[Any]) -> RuleShape:
    value = sorted(rule.value) if isinstance(rule.value, frozenset) else rule.value
    return RuleShape(
        id=rule.id,
        says=rule.says,
        value=value,
        authority=rule.authority,
        citation=rule.citation,
        verified=rule.verified,
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
    )
