"""The feed: every fact once, in order, whatever is written meanwhile, in pages and as a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event
from typing import Any
from uuid import UUID

import httpx2
import pytest
from starlette.testclient import TestClient

from domain.case.registry import FACTS
from ledger import reader

VISIT = {"do": "record_visit", "visited": "2026-02-01", "seen_alone": "YES"}
Record = Callable[..., Any]


def following(client: Any, **asked: Any) -> Iterator[list[Any]]:
    """Page after page by `Link`, until one is empty."""
    answer = client.get("/v1/events", params=asked)
    while True:
        assert answer.status_code == 200, answer.text
        yield answer.json()
        if not answer.json():
            return
        answer = client.get(re.fullmatch(r'<(.*)>; rel="next"', answer.headers["link"])[1])  # type: ignore[index]


class TestPages:
    """The feed in pages."""

    def test_a_fact_is_a_cloud_event(self, client: TestClient, open_case: Callable[..., str], record: Record) -> None:
        """Every required attribute of CloudEvents 1.0, the sequence, and the fact as it was recorded."""
        case = open_case()
        wrote = record(case, "record_view", ref="v1", matters=["placement"], expressed="2026-03", account="Stay.")

        answer = client.get("/v1/events", headers={"Beforehand-At-Least": str(wrote["position"])})
        opened, view = answer.json()

        assert answer.headers["content-type"] == "application/cloudevents-batch+json"
        assert answer.headers["beforehand-position"] == "2"
        assert (view["specversion"], view["id"], view["type"], view["subject"]) == ("1.0", "2", "view.expressed", case)
        assert datetime.fromisoformat(view["time"]) == datetime.fromisoformat(wrote["recorded_at"])
        assert view["data"]["account"] == "Stay."
        assert view["data"]["ref"] == "v1"
        assert view["data"]["by"]["role"] == "IRO"
        assert opened["sequence"] < view["sequence"]
        assert UUID(view["subject"])
        assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in view)
        schema = client.get(view["dataschema"].removeprefix("http://testserver"))
        assert schema.status_code == 200
        assert "account" in schema.json()["properties"]

    def test_filters(self, client: TestClient, open_case: Callable[..., str], record: Record) -> None:
        """By kind and by case, in every combination, in the same order."""
        one, two = open_case(), open_case()
        for nth, case in enumerate((one, two, one, two)):
            record(case, "make_promise", promised="2026-03-01", what="A bike", ref=f"p{nth}")
            record(case, "record_visit", visited="2026-03-01", seen_alone="YES", ref=f"v{nth}")

        everything = [event for page in following(client) for event in page]
        for asked in (
            {"type": ["promise.made"]},
            {"subject": two},
            {"type": ["promise.made", "case.opened"], "subject": two},
        ):
            got = [event for page in following(client, limit=1, **asked) for event in page]
            assert got == [
                event
                for event in everything
                if event["type"] in asked.get("type", FACTS)
                and asked.get("subject", event["subject"]) == event["subject"]
            ]
            assert got

    def test_a_rare_kind_is_found_however_far_away(
        self, client: TestClient, open_case: Callable[..., str], record: Record, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The log is looked through in stretches, and a page is empty only where there is no more."""
        monkeypatch.setattr(reader, "STRETCH", 2)
        case = open_case()
        for nth in range(7):
            record(case, "record_visit", visited="2026-02-01", seen_alone="YES", ref=f"v{nth}")
        record(case, "make_promise", promised="2026-03-01", what="A bike")

        answer = client.get("/v1/events", params={"type": "promise.made"})
        assert [event["id"] for event in answer.json()] == ["9"]
        assert (
            client.get("/v1/events", params={"after": 8, "type": "case.opened"}).headers["beforehand-position"] == "9"
        )

    def test_as_it_stood(self, client: TestClient, open_case: Callable[..., str], record: Record) -> None:
        """With `as_of`, the feed ends where the log ended then, and nothing is waited for."""
        case = open_case()
        moment = record(case, "record_visit", visited="2026-02-01", seen_alone="YES")["recorded_at"]
        record(case, "record_visit", visited="2026-02-02", seen_alone="YES")

        answer = client.get("/v1/events", params={"as_of": moment, "wait": 8})
        rest = client.get("/v1/events", params={"as_of": moment, "wait": 8, "after": 2})
        assert [event["id"] for event in answer.json()] == ["1", "2"]
        assert (rest.json(), rest.headers["beforehand-position"]) == ([], "2")

    def test_waiting_for_news(self, client: TestClient, open_case: Callable[..., str]) -> None:
        """An answer that would be empty waits, and comes as soon as there is something."""
        with ThreadPoolExecutor(1) as aside:
            waiting = aside.submit(client.get, "/v1/events", params={"wait": 8})
            open_case()
            assert [event["type"] for event in waiting.result().json()] == ["case.opened"]

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ({"params": {"after": -1}}, 422),
            ({"params": {"after": "x"}}, 422),
            ({"params": {"limit": 0}}, 422),
            ({"params": {"wait": 9}}, 422),
            ({"params": {"type": "flown"}}, 422),
            ({"params": {"subject": "me"}}, 422),
            ({"headers": {"accept": "text/csv"}}, 406),
            ({"headers": {"accept": "text/event-stream;q=0, */*;q=0"}}, 406),
            ({"headers": {"last-event-id": "yesterday"}}, 422),
            ({"params": {"after": 2**53}}, 200),
        ],
    )
    def test_what_cannot_be_answered(self, client: TestClient, asked: Any, status: int) -> None:
        """Parameters and forms that make no sense are named."""
        assert client.get("/v1/events", **asked).status_code == status

    def test_under_writers_nothing_is_skipped_or_doubled(
        self, client: TestClient, open_case: Callable[..., str], record: Record
    ) -> None:
        """Followers that read while eight write see every position once, in order, whatever page they resume from."""
        cases = [open_case() for _ in range(4)]
        written = Event()

        def write(nth: int) -> None:
            for turn in range(12):
                record(
                    cases[(nth + turn) % 4],
                    "record_visit",
                    visited="2026-02-01",
                    seen_alone="YES",
                    ref=f"v{nth}.{turn}",
                )

        def follow(limit: int) -> list[str]:
            got: list[str] = []
            while True:
                done = written.is_set()
                after = got[-1] if got else "0"
                page = client.get("/v1/events", params={"after": after, "limit": limit}).json()
                got += [event["id"] for event in page]
                if done and not page:
                    return got

        with ThreadPoolExecutor(8) as writers, ThreadPoolExecutor(3) as followers:
            followed = [followers.submit(follow, limit) for limit in (1, 7, 100)]
            list(writers.map(write, range(8)))
            written.set()
            for each in followed:
                assert each.result() == [str(position) for position in range(1, 101)]


class TestStream:
    """The feed as one long answer, over a real socket."""

    def test_events_come_as_they_are_recorded_and_resume(self, served: str) -> None:
        """What was there, then what comes; a listener that returns with the last identifier misses nothing."""
        with httpx2.Client(base_url=served, timeout=20) as client:
            case = client.post("/v1/cases", json={"do": "open_case", "child": "Mina"}).json()["case_id"]
            with client.stream("GET", "/v1/events", headers={"accept": "text/event-stream"}) as stream:
                assert stream.headers["content-type"].startswith("text/event-stream")
                events = heard(stream)
                first = next(events)
                client.post(f"/v1/cases/{case}/commands", json=VISIT)
                second = next(events)
            client.post(f"/v1/cases/{case}/commands", json=VISIT | {"ref": "b"})
            again = {"accept": "text/event-stream", "last-event-id": second["id"]}
            with client.stream("GET", "/v1/events", headers=again) as stream:
                third = next(heard(stream))

        assert [each["id"] for each in (first, second, third)] == ["1", "2", "3"]
        assert second["event"] == json.loads(second["data"])["type"] == "visit.made"
        assert first["retry"] == "2000"

    def test_nothing_asked_for_still_moves_on(self, served: str) -> None:
        """Where all that came is of other kinds, the identifier goes on, so that it is not looked through again."""
        with httpx2.Client(base_url=served, timeout=20) as client:
            client.post("/v1/cases", json={"do": "open_case", "child": "Mina"})
            asked = {"type": "promise.made"}
            with client.stream("GET", "/v1/events", params=asked, headers={"accept": "text/event-stream"}) as stream:
                first = next(heard(stream, silent=True))
        assert first == {"retry": "2000", "id": "1"}

    def test_a_server_that_stops_ends_its_streams(self, served: str) -> None:
        """Nobody who listens can keep the server from stopping; the fixture would hang."""
        client = httpx2.Client(base_url=served, timeout=20)
        stream = client.stream("GET", "/v1/events", headers={"accept": "text/event-stream"})
        opened = stream.__enter__()
        assert next(opened.iter_lines()) == "retry: 2000"

    def test_only_the_head(self, served: str) -> None:
        """HEAD of a stream has its headers and ends."""
        answer = httpx2.head(f"{served}/v1/events", headers={"accept": "text/event-stream"})
        assert (answer.status_code, answer.content) == (200, b"")


def heard(stream: Any, *, silent: bool = False) -> Iterator[dict[str, str]]:
    """The events of a stream, with `silent` also those that only move the identifier."""
    event: dict[str, str] = {}
    for line in stream.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "data" in event or (silent and "id" in event):
            yield event
            event = {}


@pytest.mark.parametrize("after", [0, 1, 32_760, 2**31, 2**52])
def test_any_position_can_be_gone_on_from(client: TestClient, open_case: Callable[..., str], after: int) -> None:
    """Behind the end of the log there is nothing, however large the number."""
    open_case()
    answer = client.get("/v1/events", params={"after": after})

    assert answer.status_code == 200, answer.text
    assert len(answer.json()) == (1 if after == 0 else 0)
