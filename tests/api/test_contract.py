"""
The interface does what its description says: schemathesis, all checks, all phases, and no finding.

Here it runs as long as a test may. For the long run:

    BEFOREHAND_SCHEMATHESIS_CASES=70 ./beforehand test tests/api/test_contract.py

asks each operation so many questions of chance, some thousands with those that follow from the description, and others
each time; the short run asks the same ones, so that what it finds is about the change at hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from starlette.testclient import TestClient

from api.examples import command_example
from api.problem_kinds import KINDS
from domain.case.registry import COMMANDS

CONFIGURATION: Final = Path(__file__).with_name("schemathesis.toml")
CASES: Final = int(os.environ.get("BEFOREHAND_SCHEMATHESIS_CASES", "0"))
METHODS: Final = ("get", "put", "post", "patch", "delete")


def test_schemathesis_finds_nothing(served: str, tmp_path: Path) -> None:
    """Examples, edge cases, chance, and chains of requests: each answer is one that is described."""
    budget = ["--max-examples", str(CASES)] if CASES else ["--max-examples", "8", "--max-time", "60", "--seed", "903"]
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run",
            f"{served}/openapi.json", "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
            "--no-color", "--request-timeout", "60", "--generation-database", "none", *budget,
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    assert "No issues found" in run.stdout or "generated" in run.stdout


def operations(client: TestClient) -> dict[str, Any]:
    """Every operation of the description, by method and path."""
    paths = client.get("/openapi.json").json()["paths"]
    return {f"{method} {path}": paths[path][method] for path in paths for method in METHODS if method in paths[path]}


def test_everything_is_described(client: TestClient) -> None:
    """Each operation has a name of its own, a sentence, one part of the house, and each parameter says what it is."""
    found = operations(client)
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names) > 30
    for address, operation in found.items():
        assert operation["summary"], address
        assert operation["description"].endswith("."), address
        assert len(operation["tags"]) == 1, address
        for parameter in operation.get("parameters", ()):
            assert parameter["description"].endswith((".", "?")), (address, parameter["name"])
            assert {"type": "null"} not in parameter["schema"].get("anyOf", ()), (address, parameter["name"])
        if "requestBody" in operation:
            (content,) = operation["requestBody"]["content"].values()
            assert content.get("examples") or _resolved(client, content["schema"]).get("examples"), address


def test_every_read_takes_as_of(client: TestClient) -> None:
    """What is read from the record can be read as it stood: lists, cases, their parts, and the feed."""
    reads = {
        address: [parameter["name"] for parameter in operation.get("parameters", ())]
        for address, operation in operations(client).items()
        if (address.startswith("get /v1/") and operation["tags"][0] == "reading") or address == "get /v1/events"
    }
    assert len(reads) >= 10
    assert all({"as_of", "Beforehand-At-Least"} <= set(names) for names in reads.values()), reads


def test_every_problem_is_described_where_it_may_come(client: TestClient) -> None:
    """Each status of an operation names the kinds of problem it may be, with an example of each."""
    shown: set[str] = set()
    described = client.get("/openapi.json").json()["components"]["responses"]
    for address, operation in operations(client).items():
        for status, reference in operation["responses"].items():
            if not status.startswith("2"):
                answer = described[reference["$ref"].rpartition("/")[2]]
                examples = answer["content"]["application/problem+json"]["examples"]
                assert examples, (address, status)
                assert all(each["value"]["status"] == int(status) for each in examples.values())
                shown |= set(examples)
    ours = {code for code, kind in KINDS.items() if kind.status == 500}
    assert shown >= set(KINDS) - ours - {"method_not_allowed"}


def test_commands_are_described_with_their_examples(client: TestClient) -> None:
    """The body of a command is one of all commands, told apart by `do`, each with an example that fits."""
    body = operations(client)["post /v1/cases/{case_id}/commands"]["requestBody"]["content"]["application/json"]
    assert {do: each["value"] for do, each in body["examples"].items()} == {do: command_example(do) for do in COMMANDS}
    assert set(body["schema"]["discriminator"]["mapping"]) == set(COMMANDS)
    assert len(body["schema"]["oneOf"]) == len(COMMANDS)


def test_nothing_is_referred_to_that_is_not_there(client: TestClient) -> None:
    """Every reference in the description leads to something, and nothing of the framework's own problems is left."""
    text = client.get("/openapi.json").text
    described = json.loads(text)
    for reference in set(_references(described)):
        at: Any = described
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]
    assert "HTTPValidationError" not in text


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for value in node.values() for each in _references(value)]
    return [each for value in node for each in _references(value)] if isinstance(node, list) else []


def _resolved(client: TestClient, schema: Any) -> Any:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
