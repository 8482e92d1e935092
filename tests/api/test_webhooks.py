"""Webhooks, against a receiver that really listens: signed, in order, tried again, given up in the open."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any, ClassVar
from uuid import UUID

import pytest
from psycopg_pool import AsyncConnectionPool
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.webhooks.delivery import Deliverer, Patience
from api.webhooks.store import Subscriptions
from api.webhooks.targets import TargetRefused, target
from domain.case.fact import Fact
from ledger.log import Log
from ledger.mark import Mark
from ledger.reader import LogReader
from ledger.recorder import CONNECTION

QUICK = Patience(timeout=0.5, first=0.01, factor=1.0, longest=0.05, attempts=3, in_a_row=2)
VISIT = {"do": "record_visit", "visited": "2026-02-01", "seen_alone": "YES"}


@dataclass
class Receiver:
    """Hears calls, keeps them, and answers as the test says: a status, or something to do."""

    answers: list[Any] = field(default_factory=list)
    """What to answer to the calls to come; after that 204."""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    heard: Condition = field(default_factory=Condition)
    address: str = ""

    def take(self, headers: dict[str, str], body: bytes) -> Any:
        """Keep a call and give the answer to it."""
        with self.heard:
            self.calls.append((headers, body))
            self.heard.notify_all()
            return self.answers.pop(0) if self.answers else 204

    def wait(self, count: int) -> list[dict[str, Any]]:
        """Give the events heard, once there are so many."""
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.calls) >= count, 20), f"{len(self.calls)} of {count} calls"
            return [json.loads(body) for _, body in self.calls]


@contextmanager
def listening(port: int = 0) -> Iterator[Receiver]:
    """A receiver on a port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version: ClassVar[str] = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            status, headers = (204, {}) if callable(answer) else answer if isinstance(answer, tuple) else (answer, {})
            if callable(answer):
                answer()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    receiver.address = f"http://127.0.0.1:{server.server_port}/hooks?of=mine"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that listens."""
    with listening() as receiver:
        yield receiver


Started = Callable[[], Any]


@pytest.fixture
def start(database: str, schema: str) -> Started:
    """Starts the server over the test's authority; to be stopped and started again."""

    def started() -> TestClient:
        app = create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=4), patience=QUICK)
        return TestClient(app, raise_server_exceptions=False)

    return started


def subscribed(client: TestClient, receiver: Receiver, **more: Any) -> Any:
    """Subscribe the receiver."""
    answer = client.post("/v1/webhooks", json={"url": receiver.address, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def opened(client: TestClient) -> str:
    """Open a case."""
    return str(client.post("/v1/cases", json={"do": "open_case", "child": "Mina"}).json()["case_id"])


def visits(client: TestClient, case: str, *refs: str) -> None:
    """Record some visits."""
    for ref in refs:
        assert client.post(f"/v1/cases/{case}/commands", json=VISIT | {"ref": ref}).status_code == 201


def until(client: TestClient, webhook: str, fits: Callable[[Any], bool]) -> Any:
    """Read a subscription until it is as it should be."""
    for _ in range(2000):
        shown = client.get(f"/v1/webhooks/{webhook}").json()
        if fits(shown):
            return shown
    raise AssertionError(shown)


def signed_with(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Check a signature as a receiver would, by the text of the specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


class TestDelivery:
    """What a receiver hears."""

    def test_what_is_recorded_is_told_thinly_and_signed(self, start: Started, receiver: Receiver) -> None:
        """In order, signed, as CloudEvents that say where to look, and nothing of what was written."""
        with start() as client:
            webhook = subscribed(client, receiver)
            case = opened(client)
            visits(client, case, "monday")
            events = receiver.wait(2)
            headers, body = receiver.calls[1]

        assert [event["type"] for event in events] == ["case.opened", "visit.made"]
        assert events[1]["subject"] == case
        assert events[1]["data"] == {"ref": "monday", "position": 2, "href": f"/v1/cases/{case}/entries/monday"}
        assert not any(b"Mina" in each for _, each in receiver.calls)
        assert headers["content-type"] == "application/cloudevents+json"
        assert headers["webhook-id"] == "position-2"
        assert signed_with(webhook["secret"], headers, body)
        assert not signed_with(webhook["secret"], headers, body + b" ")
        assert not signed_with(webhook["secret"], headers | {"webhook-id": "position-3"}, body)

    def test_only_what_was_asked_for(self, start: Started, receiver: Receiver) -> None:
        """By kind, and from the start of the log where that is wanted."""
        with start() as client:
            visits(client, opened(client), "one", "two")
            webhook = subscribed(client, receiver, types=["visit.made"], after=0)
            events = receiver.wait(2)
            opened(client)
            shown = until(client, webhook["id"], lambda shown: shown["position"] == 4)

        assert [event["data"]["ref"] for event in events] == ["one", "two"]
        assert len(receiver.calls) == 2
        assert (shown["state"], shown["last_outcome"], shown["last_status"]) == ("ENABLED", "DELIVERED", 204)

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [(500, "ANSWERED_NO"), (429, "ANSWERED_NO"), ((302, {"location": "/elsewhere"}), "REDIRECTED")],
    )
    def test_a_failed_call_is_made_again(self, start: Started, receiver: Receiver, answer: Any, outcome: str) -> None:
        """The same entry, under the same name, before any other; redirects are not followed."""
        receiver.answers = [answer, answer]
        with start() as client:
            webhook = subscribed(client, receiver)
            visits(client, opened(client), "one")
            events = receiver.wait(4)
            shown = until(client, webhook["id"], lambda shown: shown["position"] == 2)

        assert [event["id"] for event in events] == ["1", "1", "1", "2"]
        assert [headers["webhook-id"] for headers, _ in receiver.calls] == ["position-1"] * 3 + ["position-2"]
        assert (shown["attempts"], shown["failing_since"]) == (0, None)
        assert all(headers["host"] in receiver.address for headers, _ in receiver.calls), outcome

    def test_a_receiver_that_is_slow(self, start: Started, receiver: Receiver) -> None:
        """It is waited for so long, and then called again."""
        finish = Event()
        receiver.answers = [lambda: finish.wait(20)]
        with start() as client:
            webhook = subscribed(client, receiver)
            opened(client)
            receiver.wait(2)
            until(client, webhook["id"], lambda shown: shown["position"] == 1)
            finish.set()

        assert len(receiver.calls) == 2

    def test_a_receiver_that_was_down(self, start: Started) -> None:
        """Once it listens, it hears what it missed, from where it was."""
        with listening() as gone:
            address = gone.address
        port = int(address.rpartition(":")[2].partition("/")[0])
        with start() as client:
            webhook = subscribed(client, gone)
            case = opened(client)
            failing = until(client, webhook["id"], lambda shown: shown["last_outcome"] == "NOT_REACHED")
            with listening(port) as back:
                visits(client, case, "one")
                client.post(f"/v1/webhooks/{webhook['id']}/enable")
                until(client, webhook["id"], lambda shown: shown["position"] == 2)
                heard = {json.loads(body)["id"] for _, body in back.calls}

        assert failing["failing_since"]
        assert "2" in heard

    def test_over_restarts_nothing_is_skipped(self, start: Started, receiver: Receiver) -> None:
        """However often the server stops in between, every entry arrives, in order, and is not told twice once told."""
        with start() as client:
            webhook = subscribed(client, receiver, after=0)
            case = opened(client)
        for turn in range(4):
            receiver.answers = [500] if turn % 2 else []
            with start() as client:
                visits(client, case, *(f"v{turn}.{nth}" for nth in range(3)))
        with start() as client:
            until(client, webhook["id"], lambda shown: shown["position"] == 13)

        told = [int(json.loads(body)["id"]) for _, body in receiver.calls]
        assert list(dict.fromkeys(told)) == list(range(1, 14))
        assert told == sorted(told)

    def test_two_servers_tell_once(self, start: Started, receiver: Receiver) -> None:
        """Where several processes serve an authority, one at a time holds what is told to a subscription."""
        with start() as one, start() as two:
            webhook = subscribed(one, receiver)
            case = opened(two)
            visits(one, case, *(f"a{nth}" for nth in range(10)))
            visits(two, case, *(f"b{nth}" for nth in range(10)))
            until(one, webhook["id"], lambda shown: shown["position"] == 21)

        assert [json.loads(body)["id"] for _, body in receiver.calls] == [str(nth) for nth in range(1, 22)]


class TestGivingUp:
    """What cannot be told."""

    def test_one_bad_entry_does_not_hold_up_the_rest(self, start: Started, receiver: Receiver) -> None:
        """After so many attempts it goes on the list, from where it can be told again; the others go on."""
        receiver.answers = [500] * 3
        with start() as client:
            webhook = subscribed(client, receiver)
            visits(client, opened(client), "one")
            receiver.wait(4)
            until(client, webhook["id"], lambda shown: shown["position"] == 2)
            address = f"/v1/webhooks/{webhook['id']}/dead-letters"
            (dead,) = client.get(address).json()["dead_letters"]
            assert (dead["position"], dead["attempts"], dead["outcome"], dead["status"]) == (1, 3, "ANSWERED_NO", 500)
            assert client.get(dead["href"]).json()[0]["id"] == "1"

            receiver.answers = [503]
            assert client.post(f"{address}/1/redelivery").status_code == 202
            receiver.wait(5)
            while client.get(address).json()["dead_letters"][0]["again"]:
                pass
            assert client.get(address).json()["dead_letters"][0]["attempts"] == 4
            client.post(f"{address}/1/redelivery")
            assert receiver.wait(6)[-1]["id"] == "1"
            while client.get(address).json()["dead_letters"]:
                pass
            assert client.post(f"{address}/1/redelivery").status_code == 404

    def test_a_receiver_that_keeps_failing_is_disabled(self, start: Started, receiver: Receiver) -> None:
        """Two entries in a row given up: nothing more is tried until somebody enables it, and nothing is lost."""
        receiver.answers = [500] * 6
        with start() as client:
            webhook = subscribed(client, receiver)
            visits(client, opened(client), "one", "two")
            off = until(client, webhook["id"], lambda shown: shown["state"] == "DISABLED")
            assert (off["disabled_because"], off["position"], len(receiver.calls)) == ("FAILED", 2, 6)
            page = client.get(f"/v1/webhooks/{webhook['id']}/dead-letters", params={"limit": 1}).json()
            rest = client.get(f"/v1/webhooks/{webhook['id']}/dead-letters", params={"after": page["next"]}).json()
            assert [each["position"] for each in page["dead_letters"] + rest["dead_letters"]] == [1, 2]

            assert client.post(f"/v1/webhooks/{webhook['id']}/enable").json()["state"] == "ENABLED"
            assert receiver.wait(7)[-1]["id"] == "3"

    def test_a_receiver_that_is_gone(self, start: Started, receiver: Receiver) -> None:
        """410 says: never again."""
        receiver.answers = [410]
        with start() as client:
            webhook = subscribed(client, receiver)
            opened(client)
            assert (
                until(client, webhook["id"], lambda shown: shown["state"] == "DISABLED")["disabled_because"] == "GONE"
            )
        assert len(receiver.calls) == 1


class TestKeeping:
    """Making, changing and ending subscriptions."""

    def test_a_secret_is_shown_once_and_can_be_changed(self, start: Started, receiver: Receiver) -> None:
        """Neither list nor page show it; after a change both sign for a while, the new one first."""
        with start() as client:
            first = subscribed(client, receiver)
            address = f"/v1/webhooks/{first['id']}"
            assert first["secret"].startswith("whsec_")
            assert "secret" not in client.get(address).json()
            assert "secret" not in client.get("/v1/webhooks").json()["webhooks"][0]
            second = client.post(f"{address}/secret").json()
            assert client.post(f"{address}/ping").json() == {"delivered": True, "outcome": "DELIVERED", "status": 204}
            headers, body = receiver.calls[0]

        assert first["secret"] != second["secret"]
        assert signed_with(first["secret"], headers, body)
        assert signed_with(second["secret"], headers, body)
        assert json.loads(body)["type"] == "beforehand.ping"

    def test_an_end(self, start: Started, receiver: Receiver) -> None:
        """A subscription that was ended, or disabled, hears nothing more."""
        with start() as client:
            ended, held, kept = (subscribed(client, receiver)["id"] for _ in range(3))
            assert client.delete(f"/v1/webhooks/{ended}").status_code == 204
            assert client.post(f"/v1/webhooks/{held}/disable").json()["disabled_because"] == "ASKED"
            opened(client)
            until(client, kept, lambda shown: shown["position"] == 1)
            assert [each["id"] for each in client.get("/v1/webhooks").json()["webhooks"]] == [held, kept]
            for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/ping"), ("GET", "/dead-letters")):
                assert client.request(method, f"/v1/webhooks/{ended}{path}").status_code == 404
        assert len(receiver.calls) == 1

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"url": "https://10.0.0.1/"}, 409),
            ({"url": "ftp://127.0.0.1/"}, 409),
            ({"url": "http://127.0.0.1/", "types": ["flown"]}, 422),
            ({"url": "http://127.0.0.1/", "secret": "mine"}, 422),
            ({"url": ""}, 422),
            ({}, 422),
        ],
    )
    def test_what_is_not_taken(self, start: Started, body: Any, status: int) -> None:
        """An address that must not be called, kinds that are not there, fields that are none."""
        with start() as client:
            answer = client.post("/v1/webhooks", json=body)
            assert answer.status_code == status, answer.text
            assert answer.json()["errors"][0]["pointer"]
            assert client.get("/v1/webhooks").json() == {"webhooks": []}


class TestTargets:
    """Which addresses may be called."""

    @pytest.mark.parametrize(
        "url",
        [
            "http://93.184.216.34/", "https://10.0.0.1/", "https://192.168.1.1:8443/x", "https://172.16.0.1/",
            "https://169.254.169.254/latest/meta-data/", "https://[fe80::1]/", "https://[fd00::1]/", "https://0.0.0.0/",
            "https://[::]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::10.0.0.1]/", "https://[2002:a00:1::]/",
            "https://224.0.0.1/", "https://255.255.255.255/", "https://100.64.0.1/", "https://user:pw@127.0.0.1/",
            "https://127.0.0.1/#x", "https://127.0.0.1:0/", "https://127.0.0.1:99999/", "https:///x", "//127.0.0.1/",
            "file:///etc/passwd", "gopher://127.0.0.1/", "https://exa mple/", "https://127.0.0.1\\@10.0.0.1/",
            "https://127.0.0.1/" + "x" * 2000, "https://exämple.org/", "javascript:alert(1)", "https://a\nb/", "x",
        ],
    )  # fmt: skip
    def test_what_must_not_be_reached(self, url: str) -> None:
        """Networks behind this server, the machines of clouds, other schemes, whatever way they are written."""
        with pytest.raises(TargetRefused) as refused:
            asyncio.run(target(url, private=False))
        assert refused.value.message.endswith(".")
        assert "10.0.0.1" not in refused.value.message

    @pytest.mark.parametrize(
        ("url", "connects_to"),
        [
            ("https://93.184.216.34/hooks?a=1", "https://93.184.216.34:443/hooks?a=1"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/"),
            ("http://[::1]:9000/x", "http://[::1]:9000/x"),
            ("https://[2606:2800:220:1:248:1893:25c8:1946]/", "https://[2606:2800:220:1:248:1893:25c8:1946]:443/"),
        ],
    )
    def test_what_may(self, url: str, connects_to: str) -> None:
        """Public machines by https, this one by either; the call goes to the machine that was checked."""
        assert asyncio.run(target(url, private=False)).checked_url == connects_to

    def test_the_network_behind_only_where_it_was_set(self) -> None:
        """By https, and never what is no machine of a network."""
        assert asyncio.run(target("https://10.0.0.1/", private=True)).address == "10.0.0.1"
        for url in ("http://10.0.0.1/", "https://169.254.169.254/", "https://224.0.0.1/"):
            with pytest.raises(TargetRefused):
                asyncio.run(target(url, private=True))

    def test_a_name_is_looked_up_once(self) -> None:
        """What is connected to is an address; the name goes along for the certificate and the receiver."""
        where = asyncio.run(target("http://localhost:9000/x", private=False))
        assert where.host_header == "localhost:9000"
        assert where.address in ("127.0.0.1", "::1")


def test_waits_grow_and_are_bounded() -> None:
    """Each wait is longer than the one before, spread, and none longer than the longest."""
    patience = Patience()
    waits = [patience.after(attempt).total_seconds() for attempt in range(1, 30)]
    assert all(0.5 * 5 * 4**nth <= wait <= 5 * 4**nth for nth, wait in enumerate(waits[:5]))
    assert max(waits) <= patience.longest
    assert len({patience.after(9) for _ in range(20)}) > 1


def test_a_stop_that_was_not_heard_is_asked_for_again(database: str, schema: str, kept: Log[Fact]) -> None:
    """A cancellation may be lost, as `asyncio.wait_for` of Python 3.11 loses it; the server stops nevertheless."""

    class Deaf(Subscriptions):
        asked = asyncio.Event()

        async def claim(self, lease: UUID, now: datetime) -> list[UUID]:
            if not self.asked.is_set():
                self.asked.set()
                with suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
            return await super().claim(lease, now)

    async def started_and_stopped() -> None:
        async with AsyncConnectionPool(database, min_size=1, open=False, kwargs=CONNECTION) as pool:
            subscriptions = Deaf(pool, schema)
            log = LogReader(pool, kept)
            async with Deliverer(subscriptions, log, Mark(), lambda: datetime.now(UTC)):
                await subscriptions.asked.wait()

    asyncio.run(started_and_stopped())  # a server that does not stop is ended by the bound of every test
