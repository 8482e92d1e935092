"""
Anything in any order: every command spoilt in every way, between all reads, with keys and conditions, over PostgreSQL.

After each request: the answer is a described one and none of ours; a refusal says how to mend it and leaves the log as
it was; a success adds what it names and nothing else; the next request is served; what was sent is in the record only.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import psycopg
import pytest
import structlog
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from api.examples import EXAMPLES, command_example
from api.problem_kinds import KINDS
from domain.case.registry import COMMANDS
from ops import logs
from tests.hostile.harms import CANARY, DATES, RAW, REFERENCES, SPOILING, TEXTS, TRACE, put, spoilt, written

BOUNDED: Final = settings(max_examples=12, stateful_step_count=30, phases=[Phase.generate], database=None)
"""Without shrinking, which would take minutes: the steps that led to a failure are few enough to be read."""

FIELDS: Final = {do: [name for name in kind.model_fields if name != "do"] for do, kind in COMMANDS.items()}
OURS: Final = (500, 503)
KEYS: Final = [None, None, "the-first-key", "the-second-key", "short", "x" * 300, f"{CANARY}-key", "'; -- or 1=1"]
CONDITIONS: Final = [
    None,
    None,
    None,
    "*",
    '"1"',
    '"999999999999999999"',
    'W/"1"',
    '"',
    f'"{CANARY}"',
    "'1'",
    '"1", "2"',
]
ACTORS: Final = [None, None, None, "SOCIAL_WORKER:w.okafor", "CHILD:amira", f"SOCIAL_WORKER:{CANARY}", "x:y", ":", "\t"]
QUERY: Final = [
    "as_of", "after", "limit", "order", "year", "matter", "person", "class", "type", "subject", "jurisdiction", "on",
]  # fmt: skip
PAGES: Final = [
    "/", "/cases/{case_id}", "/cases/{case_id}/decisions/{ref}", "/cases/{case_id}/people/{ref}",
    "/cases/{case_id}/entries/{ref}", "/cases/{case_id}/record", "/cases/{case_id}/record/{do}", "/open-a-record",
    "/cases/{case_id}/recorded/{ref}",
]  # fmt: skip
PARAMETERS: Final = [
    *(each for each in [*DATES, *REFERENCES, *TEXTS] if len(each) < 300 and "\ud800" not in each),
    "0", "-1", "1", "500", "99999999999999999999", "", "first", "last", "placement", "REVIEW",
]  # fmt: skip
NAMES: Final = [*(body["ref"] for body in EXAMPLES.values() if "ref" in body), *COMMANDS, *PARAMETERS]
"""What may stand in an address: fixed, so that what is tried does not depend on what the server answered."""


@dataclass
class Witness:
    """Sends requests and holds every answer against what is promised of all of them."""

    client: TestClient
    head: Callable[[], int]
    logged: Callable[[], str]
    described: dict[str, Any]
    counted: Counter[tuple[str, int]] = field(default_factory=Counter)
    kept: dict[tuple[str, str], tuple[bytes, Any]] = field(default_factory=dict)
    """What was answered under a key, by who asked where."""

    def open(self) -> str:
        """Open a case, and wait until it can be read."""
        said = self.client.post("/v1/cases", json=command_example("open_case")).json()
        self.is_there(said["case_id"], said)
        return str(said["case_id"])

    def send(self, case: str, content: bytes, **headers: str | None) -> Any:
        """Send a command to a case and look at what comes of it."""
        sent = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items() if value is not None}
        before = self.head()
        answer = self.client.post(
            f"/v1/cases/{case}/commands", content=content, headers={b"content-type": b"application/json", **sent}
        )
        added = self.head() - before
        self.looks_right(answer, "/v1/cases/{case_id}/commands", "post")
        if answer.status_code != 201:
            assert added == 0, answer.text
            return answer
        said = answer.json()
        assert said["case_id"] == case
        if (key := headers.get("idempotency_key")) is not None:
            first = self.kept.setdefault((f"{case} {headers.get('beforehand_actor')}", key), (content, said))
            assert first == (content, said)
            assert (added == 0) == (answer.headers.get("idempotent-replayed") == "true")
        if "idempotent-replayed" not in answer.headers:
            assert added == len(said["refs"]) == len(set(said["refs"])) > 0
            assert answer.headers["etag"] == f'"{said["version"]}"'
        else:
            assert added == 0
        self.is_there(case, said)
        return answer

    def is_there(self, case: str, said: Any) -> None:
        """What was recorded can be read at once, each entry by its reference."""
        at_least = {"Beforehand-At-Least": str(said["position"])}
        for ref in said["refs"]:
            read = self.client.get(f"/v1/cases/{case}/entries/{ref}", headers=at_least)
            assert read.status_code == 200, read.text
        read = self.client.get(f"/v1/cases/{case}", headers=at_least)
        assert read.status_code == 200, read.text
        assert read.json()["version"] >= said["version"]

    def read(self, template: str, address: str) -> Any:
        """Read, and see that nothing was written by it."""
        before = self.head()
        answer = self.client.get(address, headers={"accept": "text/html"} if template in PAGES else {})
        assert self.head() == before
        if template in PAGES:
            assert answer.status_code in (200, 303, 400, 404, 409, 422), (answer.status_code, address)
            if answer.status_code >= 400:
                assert TRACE not in without_address(answer.text)
        else:
            self.looks_right(answer, template, "get")
        return answer

    def looks_right(self, answer: Any, template: str, method: str) -> None:
        """A described answer; where it is a problem, one of the registry, with a mend, and nothing of what was sent."""
        status = answer.status_code
        self.counted[template, status] += 1
        assert status not in OURS, answer.text
        assert str(status) in self.described[template][method]["responses"], (status, template)
        if status < 400:
            return
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        kind = KINDS[problem["type"].removeprefix("/problems/")]
        assert (kind.status, kind.title) == (status, problem["title"]) == (problem["status"], problem["title"])
        assert len(kind.mend) > 10
        assert problem["detail"].endswith((".", "*")), problem["detail"]
        assert all(each["message"] for each in problem.get("errors", ()))
        assert kind.code != "invalid" or problem["errors"]
        assert TRACE not in (answer.text + str(answer.headers)).lower()

    def rests(self) -> None:
        """The server is served as before, and nothing that was sent has reached a log."""
        assert self.client.get("/readyz").status_code == 200
        assert TRACE not in self.logged().lower()


def without_address(page: str) -> str:
    """Leave out of a page the links that lead back to it: they hold the address that was asked for."""
    return re.sub(r'(?:href|value|action)="[^"]*"', "", page).lower()


@pytest.fixture
def witness(client: TestClient, database: str, authority: str, capfd: pytest.CaptureFixture[str]) -> Iterator[Witness]:
    """One that sees the log of this process as the product writes it."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure(level=logging.DEBUG)
    described = client.get("/openapi.json").json()["paths"]
    with psycopg.connect(database, autocommit=True) as connection:

        def head() -> int:
            (size,) = connection.execute(f"SELECT size FROM {authority}.head").fetchone() or (0,)
            return int(size)

        yield Witness(client, head, lambda: capfd.readouterr().err, described)
    root.handlers, root.level = before
    structlog.reset_defaults()


def test_every_command_with_each_thing_in_each_field(witness: Witness) -> None:
    """Each command, one spoilt field at a time, and then as it should be: it was refused, and it can be recorded."""
    turn = 0
    case = witness.open()
    for do in COMMANDS:
        good = command_example(do)
        statuses = Counter[int]()
        bodies = [put(good, (name,), SPOILING[(turn := turn + 7) % len(SPOILING)]) for name in FIELDS[do]]
        for body in [*bodies, {**good, f"{CANARY} ": 1}, {"do": do, "ref": f"{CANARY} 1"}]:
            statuses[witness.send(witness.open() if do == "close_case" else case, written(body)).status_code] += 1
        statuses[witness.send(case, written({**good, "ref": f"again-{do}".replace("_", "-")})).status_code] += 1
        assert statuses[422] > 0, do
    assert witness.counted["/v1/cases/{case_id}/commands", 201] > len(COMMANDS)
    witness.rests()


def test_anything_in_any_order(witness: Witness) -> None:  # noqa: C901 - the rules of one machine
    """Good commands and spoilt ones, repeats under their keys, conditions, nobody's case, and reads in between."""

    class AnyOrder(RuleBasedStateMachine):
        """One child's case and whoever writes to it and reads it."""

        case: str

        @initialize(first=st.lists(st.sampled_from(sorted(EXAMPLES)), max_size=12, unique=True))
        def begin(self, first: list[str]) -> None:
            """Open a case and record some of the examples, as far as they can be."""
            self.case = witness.open()
            for do in EXAMPLES:
                if do in first:
                    witness.send(self.case, written(command_example(do)))

        @rule(do=st.sampled_from(sorted(EXAMPLES)), key=st.sampled_from(KEYS), condition=st.sampled_from(CONDITIONS))
        def record(self, do: str, key: str | None, condition: str | None) -> None:
            """Record something good."""
            body = written(command_example(do))
            witness.send(self.case, body, idempotency_key=key, if_match=condition)

        @rule(
            data=st.data(), do=st.sampled_from(sorted(EXAMPLES)), key=st.sampled_from(KEYS),
            condition=st.sampled_from(CONDITIONS), actor=st.sampled_from(ACTORS),
        )  # fmt: skip
        def spoil(self, data: Any, do: str, key: str | None, condition: str | None, actor: str | None) -> None:
            """Record something spoilt."""
            body = written(data.draw(spoilt(command_example(do), FIELDS[do])))
            sent = {"idempotency_key": key, "if_match": condition, "beforehand_actor": actor}
            witness.send(self.case, body, **sent)

        @rule(content=st.one_of(st.sampled_from(RAW), st.binary(max_size=200)))
        def no_json(self, content: bytes) -> None:
            """Send what is no command."""
            assert witness.send(self.case, content).status_code in (400, 422)

        @rule(
            do=st.sampled_from(sorted(EXAMPLES)),
            case=st.sampled_from(["5b0c6a34-2f5e-4c1e-9d57-0a3a5b7c1f00", CANARY, "0", "..%2f..", "%00"]),
        )
        def nobodys(self, do: str, case: str) -> None:
            """Record in a case that is not there, or under what is no identifier at all."""
            answer = witness.send(quote(case, safe="%"), written(command_example(do)))
            assert answer.status_code in (400, 404, 422) or (do, answer.status_code) == ("open_case", 201)

        @rule(data=st.data())
        def open_spoilt(self, data: Any) -> None:
            """Open a case in a spoilt way."""
            before = witness.head()
            body = written(data.draw(spoilt(command_example("open_case"), FIELDS["open_case"])))
            answer = witness.client.post("/v1/cases", content=body, headers={"content-type": "application/json"})
            witness.looks_right(answer, "/v1/cases", "post")
            assert witness.head() - before == (answer.status_code == 201)

        @rule(data=st.data(), query=st.dictionaries(st.sampled_from(QUERY), st.sampled_from(PARAMETERS), max_size=3))
        def read(self, data: Any, query: dict[str, str]) -> None:
            """Read anything, from the program's doors or the pages, with anything in its address."""
            templates = [each for each in witness.described if "get" in witness.described[each]]
            template = data.draw(st.sampled_from([*templates, *PAGES]))
            address = template.replace("{case_id}", self.case)
            for name in re.findall(r"\{(\w+)\}", address):
                value = data.draw(st.sampled_from(NAMES))
                address = address.replace(f"{{{name}}}", quote(value, safe=""))
            if query and not data.draw(st.booleans()):
                address += "?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())
            witness.read(template, address)

        @rule()
        def read_all(self) -> None:
            """Whatever was recorded: the whole case can be read, by a program and by a person."""
            whole = witness.read("/v1/cases/{case_id}/timeline", f"/v1/cases/{self.case}/timeline?limit=500")
            assert whole.status_code == 200
            json.loads(whole.content)
            for template in ("/v1/cases/{case_id}", "/v1/cases/{case_id}/years", "/v1/cases/{case_id}/people"):
                assert witness.read(template, template.replace("{case_id}", self.case)).status_code == 200
            for page in ("/", f"/cases/{self.case}", f"/cases/{self.case}/record"):
                assert witness.client.get(page, headers={"accept": "text/html"}).status_code == 200

        def teardown(self) -> None:
            """Rest."""
            witness.rests()

    run_state_machine_as_test(AnyOrder, settings=BOUNDED)
    commands = "/v1/cases/{case_id}/commands"
    assert witness.counted[commands, 201] > 20
    assert {400, 404, 409, 422} <= {status for template, status in witness.counted if template == commands}
