"""What a program needs to know, it can ask for: commands, facts, rules, answers, problems, health."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.examples import EXAMPLES, command_example
from api.problem_kinds import KINDS
from api.problems import of_ledger
from domain.case.refusal import Refused
from domain.case.registry import COMMANDS, FACTS
from domain.rules.shelf import all_packs
from domain.voice.verdict import Verdict
from ledger.errors import LedgerError, LogBroken

ROOT = Path(__file__).parents[2]


def below(kind: type[Any]) -> Iterator[type[Any]]:
    """A class and all below it."""
    yield kind
    for each in kind.__subclasses__():
        yield from below(each)


def _raised(kind: type[LedgerError]) -> LedgerError:
    return LogBroken("another_file", "x") if kind is LogBroken else kind("x")


def raised_in_the_doors() -> set[str]:
    """Every code that a door writes into a problem."""
    codes = set()
    for path in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and len(node.args) > 1:
                code = node.args[1]
                if isinstance(code, ast.Constant):
                    codes.add(str(code.value))
    return codes


def test_the_registry_of_problems_is_closed() -> None:
    """Every refusal, whatever the ledger may raise and every problem of a door is on the list, and nothing else is."""
    refusals = {each.code for each in below(Refused) if each.__module__.startswith("domain.")}
    errors = {of_ledger(_raised(each)).code for each in below(LedgerError) if each.__module__.startswith("ledger.")}
    elsewhere = {"not_a_date", "target_refused", "headers_too_large"}
    assert set(KINDS) - elsewhere == (refusals | errors | raised_in_the_doors()) - elsewhere


def test_the_type_of_a_problem_leads_somewhere(client: TestClient) -> None:
    """To JSON for a program, to a page for a browser, with what it means and how to mend it in plain sentences."""
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for kind in KINDS.values():
        page = client.get(f"/problems/{kind.code}", headers=browser)

        assert client.get(f"/problems/{kind.code}").json()["type"] == f"/problems/{kind.code}"
        assert page.headers["content-type"].startswith("text/html")
        assert kind.title in page.text
        assert all(text.endswith((".", "*.")) and text[0].isupper() for text in (kind.means, kind.mend))
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert client.get("/problems/none").status_code == 404
    assert client.get("/problems/internal", headers={"accept": "image/png"}).status_code == 406


def test_every_command_has_an_example_that_works(client: TestClient) -> None:
    """The examples, sent one after the other, tell one child's story without a refusal."""
    assert set(EXAMPLES) == set(COMMANDS)
    case = client.post("/v1/cases", json=command_example("open_case")).json()["case_id"]
    for do in list(EXAMPLES)[1:]:
        answer = client.post(f"/v1/cases/{case}/commands", json=command_example(do))
        assert answer.status_code == 201, (do, answer.text)
        assert answer.json()["refs"] == [EXAMPLES[do]["ref"]]


def test_commands_and_facts_have_schemas(client: TestClient) -> None:
    """Each on the list has its own address, with a schema that names its fields."""
    for listed, count in (("commands", len(COMMANDS)), ("facts", len(FACTS))):
        each = client.get(f"/v1/{listed}").json()
        assert len(each) == count
        for entry in each:
            schema = client.get(entry["href"]).json()
            assert schema["type"] == "object"
            assert {"do", "ref"} & set(schema["properties"])
    assert client.get("/v1/commands/record_view").json()["examples"] == [command_example("record_view")]
    assert client.get("/v1/commands/fly").status_code == client.get("/v1/facts/flown").status_code == 404


def test_rules_with_their_sources(client: TestClient) -> None:
    """Every pack whole: each rule with sentence, authority and citation; and which one speaks for a day."""
    packs = client.get("/v1/rules").json()
    assert [each["pin"] for each in packs] == [pack.pin for pack in all_packs()]
    for each in packs:
        pack = client.get(each["href"]).json()
        assert pack["rules"]
        for rule in (*pack["rules"], *pack["deadlines"], *pack["freshness"].values()):
            assert rule["says"]
            assert rule["authority"] in ("STATUTE", "REGULATION", "GUIDANCE", "POLICY")
            assert rule["citation"]
    then = client.get("/v1/rules", params={"jurisdiction": "england", "on": "2001-05-05"}).json()
    assert [each["pin"] for each in then] == ["england-1991@1"]
    assert client.get("/v1/rules/none@1").status_code == 404
    assert client.get("/v1/rules", params={"jurisdiction": "atlantis"}).status_code == 422


def test_answers_in_words(client: TestClient) -> None:
    """Every verdict with its class and its sentence."""
    assert [each["verdict"] for each in client.get("/v1/verdicts").json()] == list(Verdict)


def test_health(client: TestClient) -> None:
    """Alive, ready, and how far answers are behind."""
    assert client.get("/healthz").json() == {"status": "alive"}
    wrote = client.post("/v1/cases", json=command_example("open_case"))
    client.get("/v1/cases", headers={"Beforehand-At-Least": wrote.headers["beforehand-position"]})
    assert client.get("/readyz").json() == {
        "status": "ready",
        "position": 1,
        "reached": 1,
        "behind": 0,
        "stopped": None,
    }


@pytest.mark.parametrize(
    ("address", "allow"),
    [
        ("/v1/cases", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("/v1/cases/{anywhere}/commands", {"POST", "OPTIONS"}),
        ("/v1/cases/{anywhere}", {"GET", "HEAD", "OPTIONS"}),
        ("/v1/events", {"GET", "HEAD", "OPTIONS"}),
        ("/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_methods(client: TestClient, anywhere: str, address: str, allow: set[str]) -> None:
    """OPTIONS says what an address takes, and so does the refusal of anything else."""
    address = address.format(anywhere=anywhere)
    options, wrong = client.options(address), client.request("PATCH", address)

    assert (options.status_code, options.content) == (204, b"")
    assert set(options.headers["allow"].split(", ")) == allow
    assert (wrong.status_code, wrong.headers["allow"]) == (405, options.headers["allow"])
    assert wrong.json()["type"] == "/problems/method_not_allowed"
    assert client.options("/v1/nowhere").status_code == 404


def test_the_head_alone(client: TestClient) -> None:
    """HEAD has the headers of GET, its length included, and no body."""
    whole, head = client.get("/v1/commands"), client.head("/v1/commands")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["etag"] == whole.headers["etag"]
