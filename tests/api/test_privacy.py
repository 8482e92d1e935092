"""What is recorded about a person is in the record and in nothing else: no log, no problem, no exception."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import structlog
from starlette.testclient import TestClient

from domain.case.fact import narrative_fields
from domain.case.registry import COMMAND, COMMANDS
from ops import logs
from projections.answers import Answers

CANARY = "Zwölfkanarienvögel"


@pytest.fixture
def log_lines(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything this process logs, as the product is set up."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure(level=logging.DEBUG)
    yield lambda: "".join(capfd.readouterr())
    root.handlers, root.level = before
    structlog.reset_defaults()


def canaries(command: type[Any]) -> dict[str, Any]:
    """A canary in every narrative field of a command, and none in the others."""
    return {name: f"{CANARY} {name}" for name in narrative_fields(command)}


def test_nothing_of_a_record_reaches_a_log(
    client: TestClient, open_case: Callable[..., str], record: Any, settled: Any, log_lines: Callable[[], str]
) -> None:
    """Canary words in names, words and reasons: recorded, read and refused, they are in no log line and no problem."""
    case = open_case(child=f"Mina {CANARY}")
    record(case, "introduce_person", ref="jo", name=f"Jo {CANARY}", relationship="CARER", note=CANARY)
    record(case, "record_view", matters=["placement"], expressed="2026-03-04", own_words=[{"words": CANARY}], ref="v1")
    record(case, "decide_care_plan", kind="CAREPLAN_OTHER", matters=["careplan"], reasons=CANARY, decided="2026-03-10")
    settled(case, 4)
    read = client.get(f"/v1/cases/{case}/timeline").text + client.get(f"/cases/{case}").text
    assert read.count(CANARY) >= 4

    problems = [
        client.post(f"/v1/cases/{case}/commands", json={"do": name, **canaries(kind)})
        for name, kind in COMMANDS.items()
    ]
    problems += [
        client.post(f"/v1/cases/{case}/commands", json={"do": CANARY}),
        client.post(f"/v1/cases/{case}/commands", json={"do": "make_promise", "promised": CANARY, "what": CANARY}),
        client.post(f"/v1/cases/{case}/commands", json={"do": "record_visit", CANARY: CANARY}),
        client.post("/v1/cases", json={"do": "open_case", "child": CANARY, "jurisdiction": CANARY}),
        client.post("/v1/cases", content=json.dumps(CANARY)),
        client.post("/v1/cases", json={"do": "open_case", "child": "x"}, headers={"Beforehand-Actor": "x:y"}),
        client.get(f"/v1/cases/{case}/timeline", params={"as_of": CANARY, "after": CANARY}),
        client.get(f"/v1/cases/{case}/decisions/{CANARY}"),
    ]
    refused = [answer for answer in problems if answer.status_code >= 400]

    assert len(refused) > 20
    for answer in refused:
        assert CANARY not in answer.text
    assert CANARY not in log_lines()


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(CANARY),
        psycopg.DataError(f"invalid input: {CANARY}"),
        psycopg.OperationalError(f"connection with {CANARY} lost"),
        UnicodeEncodeError("utf-8", CANARY, 0, 1, CANARY),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_unexpected_error_is_logged_without_its_message(
    client: TestClient, anywhere: str, monkeypatch: pytest.MonkeyPatch, log_lines: Callable[[], str], error: Exception
) -> None:
    """Whatever breaks inside: the caller gets a plain problem, the log the kind and the places, nobody the message."""

    async def breaks(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(Answers, "case", breaks)

    answer = client.get(f"/v1/cases/{anywhere}")

    assert answer.status_code == 500
    assert CANARY not in answer.text
    said = log_lines()
    assert CANARY not in said
    assert type(error).__name__ in said


def test_a_stranger_in_the_log_is_cut_to_its_template(log_lines: Callable[[], str]) -> None:
    """A library that logs what it was given: the line keeps its template and loses the values."""
    stranger = logging.getLogger("some.library")

    stranger.warning("could not parse %s", CANARY)
    try:
        int(CANARY)
    except ValueError:
        stranger.exception("it broke")

    said = log_lines()
    assert "could not parse" in said
    assert "ValueError" in said
    assert CANARY not in said


def test_log_lines_are_json_outside_a_terminal(log_lines: Callable[[], str]) -> None:
    """Every line can be read by a program."""
    structlog.get_logger().info("something.happened", count=3)
    logging.getLogger("some.library").warning("hello")

    lines = [json.loads(line) for line in log_lines().splitlines()]

    assert [line["event"] for line in lines] == ["something.happened", "hello"]
    assert {"level", "timestamp"} <= set(lines[0])


def test_facts_and_commands_do_not_show_themselves() -> None:
    """Neither `repr` nor `str` of a command or its parts shows what it holds."""
    command = COMMAND.validate_python(
        {"do": "record_view", "matters": ["placement"], "expressed": "2026", "own_words": [{"words": CANARY}]}
    )

    assert CANARY not in repr(command) + str(command) + f"{[command]}"


def test_nothing_of_a_webhook_reaches_a_log(client: TestClient, log_lines: Callable[[], str]) -> None:
    """Neither its secret nor the address it calls, which may hold a key of the receiver, nor what it was about."""
    body = {"url": "http://127.0.0.1:9/the-canary-of-the-receiver", "types": ["case.opened"]}
    webhook = client.post("/v1/webhooks", json=body).json()
    client.post("/v1/cases", json={"do": "open_case", "child": CANARY})
    client.post(f"/v1/webhooks/{webhook['id']}/ping")
    while client.get(f"/v1/webhooks/{webhook['id']}").json()["last_outcome"] != "NOT_REACHED":
        pass

    said = log_lines()
    assert "webhooks.not_delivered" in said
    assert not any(each in said for each in (CANARY, "the-canary-of-the-receiver", webhook["secret"], "whsec_"))
