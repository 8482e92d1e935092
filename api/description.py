"""
The description of the interface (OpenAPI 3.1), finished: what the framework cannot know is worked in here.

Every command with its schema and its worked example; every problem an operation may answer with; conditions, tags and
positions in the headers of answers; links from what was opened to what can be asked about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.examples import EXAMPLES, command_example
from api.problem_kinds import KINDS
from api.routes.answering import problems
from domain.case.opening import OpenCase
from domain.case.registry import COMMANDS

Schema = dict[str, Any]

TAGS: Final = [
    {"name": "recording", "description": "Opening cases and recording in them. Facts are only ever added."},
    {"name": "reading", "description": "What the record shows, now or as it stood on an earlier day (`as_of`)."},
    {"name": "proof", "description": "Receipts, and what is published of the log: what anybody can check without us."},
    {"name": "following", "description": "Hearing of what is recorded: the feed, and webhooks."},
    {"name": "reference", "description": "Commands, kinds of fact, rules with their sources, problems."},
    {"name": "health", "description": "For whoever keeps the server running."},
]
_ACTOR: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Beforehand-Actor",
    "description": (
        "Who asks, as `ROLE:identifier`. Until sign-in arrives the server believes it and listens on this machine "
        "only; without it the demonstration's persona asks."
    ),
}
_HTTP_METHODS: Final = ("get", "put", "post", "delete", "patch")
_REFERENCE: Final = "#/components/schemas/{model}"


def describe(app: FastAPI) -> Schema:
    """Give the whole description of an application."""
    found: Schema = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    components = found["components"]
    components["securitySchemes"] = {"actor": _ACTOR}
    components["responses"] = {
        f"Problem{status}": {name: part for name, part in described.items() if name != "model"}
        for status, described in problems(*_PROBLEM_STATUSES).items()
    }
    found["security"] = [{}, {"actor": []}]
    _commands(found)
    for path, method, operation in _operations(found):
        _parameters(operation)
        _answers(path, method, operation)
        operation["operationId"] = _name(operation["summary"])
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return found


def _operations(found: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in found["paths"].items():
        for method in _HTTP_METHODS:
            if method in methods:
                yield path, method, methods[method]


def _name(summary: str) -> str:
    """Make the identifier of an operation of its summary: `Read the timeline of a case` is `read_the_timeline_…`."""
    return "_".join("".join(each if each.isalnum() else " " for each in summary.lower()).split())


def _commands(found: Schema) -> None:
    """Describe the bodies of commands, which are read as they come (see `api.routes.recording`)."""
    references, definitions = models_json_schema(
        [(kind, "validation") for kind in COMMANDS.values()], ref_template=_REFERENCE
    )
    found["components"]["schemas"].update(definitions["$defs"])
    by_name = {do: references[kind, "validation"]["$ref"] for do, kind in COMMANDS.items()}
    for do, reference in by_name.items():
        schema = found["components"]["schemas"][reference.rpartition("/")[2]]
        schema["required"] = sorted({*schema.get("required", ()), "do"})
        schema["examples"] = [command_example(do)]
    examples = {do: {"summary": COMMANDS[do].__doc__, "value": command_example(do)} for do in EXAMPLES}
    found["paths"]["/v1/cases"]["post"]["requestBody"] = {
        "required": True,
        "description": "Whose case this is.",
        "content": {
            "application/json": {
                "schema": references[OpenCase, "validation"],
                "examples": {"open_case": examples["open_case"]},
            }
        },
    }
    found["paths"]["/v1/cases/{case_id}/commands"]["post"]["requestBody"] = {
        "required": True,
        "description": "`do` names the command. `/v1/commands` lists them.",
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [{"$ref": reference} for reference in by_name.values()],
                    "discriminator": {"propertyName": "do", "mapping": by_name},
                },
                "examples": examples,
            }
        },
    }


def _parameters(operation: Schema) -> None:
    """A parameter is left out or has a value; it is never null."""
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
        if len(kinds) == 1:
            del schema["anyOf"]
            parameter["schema"] = {**kinds[0], **schema}
        parameter.setdefault("description", schema.get("title", parameter["name"]) + ".")


def _answers(path: str, method: str, operation: Schema) -> None:
    """Work in the problems that any operation of its kind may answer with, and the headers of what succeeded."""
    answers = operation["responses"]
    may_be = {int(status) for status in answers if status.isdecimal() and int(status) >= _FIRST_PROBLEM}
    may_be |= {400, 414, 431}  # a head that cannot be read, or is too large, wherever it would have led
    if operation.get("parameters") or "requestBody" in operation:
        may_be |= {422}
    if "requestBody" in operation:
        may_be |= {408, 413, 415, 422}
    for status in sorted(may_be):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    for status, answer in answers.items():
        if status.startswith("2"):
            answer.setdefault("headers", {}).update(_headers(path, method, operation))
    if operation["tags"] == ["recording"]:
        answers["201"]["links"] = _links(path)


_FIRST_PROBLEM: Final = 400
_PROBLEM_STATUSES: Final = sorted({kind.status for kind in KINDS.values()} - {405, 500})


def _headers(path: str, method: str, operation: Schema) -> Schema:
    headers: Schema = {}
    if operation["tags"] == ["recording"]:
        headers["ETag"] = _text("The version of the case, for `If-Match`.", '^"[0-9]+"$')
        headers["Beforehand-Position"] = _text("The position of what was recorded.", "^[0-9]+$")
        headers["Preference-Applied"] = _text("For how many seconds at most it was waited.", "^wait=[0-9]+$")
        headers["Idempotent-Replayed"] = _text("`true` where this is the first answer once more.", "^true$")
        if path == "/v1/cases":
            headers["Location"] = _text("The address of the case.", "^/v1/cases/")
    if operation["tags"] in (["reading"], ["reference"], ["proof"]) and method == "get":
        headers["ETag"] = _text("The tag of this answer, for `If-None-Match`.", '^".+"$')
    return headers


def _text(description: str, pattern: str) -> Schema:
    return {"description": description, "schema": {"type": "string", "pattern": pattern}}


def _links(path: str) -> Schema:
    case = {"case_id": "$response.body#/case_id"}
    links = {
        "record": {"operationId": "record_something_in_a_case", "parameters": case},
        "case": {"operationId": "read_the_state_of_a_case", "parameters": case},
        "timeline": {"operationId": "read_the_timeline_of_a_case", "parameters": case},
    }
    if path != "/v1/cases":
        links["decision"] = {
            "operationId": "read_one_decision_with_its_evidence",
            "parameters": {**case, "ref": "$response.body#/refs/0"},
        }
    return links
