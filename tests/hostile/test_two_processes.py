"""Two servers, each a process of its own, write to one case at the same moment: nothing is lost, doubled or torn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from psycopg_pool import ConnectionPool

from api.casework import casework
from ledger.recorder import CONNECTION
from tests.hostile.conftest import Answer, Server, request, start, stop
from tests.keeping import kept_log

WRITERS = 4
EACH = 20


@pytest.fixture(scope="module")
def servers(database: str, authority: str) -> Iterator[tuple[Server, Server]]:
    """Two servers of one authority."""
    one, other = start(database, authority), start(database, authority)
    yield one, other
    stop(one)
    stop(other)


@pytest.fixture
def case(servers: tuple[Server, Server]) -> str:
    """A case that both may write to."""
    answer = servers[0].post("/v1/cases", {"do": "open_case", "child": "Mina", "born": "2015-06"})
    return str(json.loads(answer.body)["case_id"])


def send(server: Server, case: str, body: Any, **headers: str) -> Answer:
    """Send a command with headers of one's own."""
    data = json.dumps(body).encode()
    stated = {"content_type": "application/json", "content_length": str(len(data)), **headers}
    return server.say(request("POST", f"/v1/cases/{case}/commands", **stated), data)


def visit(ref: str) -> dict[str, Any]:
    """A visit of a name of its own."""
    return {"do": "record_visit", "ref": ref, "visited": "2026-03-08", "seen_alone": "YES"}


def on_record(database: str, authority: str, case: str) -> list[tuple[int, str]]:
    """What the log holds of a case, read past every server: versions and references in the order of the log."""
    with ConnectionPool(database, min_size=1, max_size=1, kwargs=CONNECTION) as pool, kept_log(pool, authority) as kept:
        return [(each.originator_version, each.event.ref) for each in casework(pool, kept).entries(UUID(case))]


def test_each_success_is_acknowledged_once_and_nothing_is_lost(
    database: str, authority: str, servers: tuple[Server, Server], case: str
) -> None:
    """Writers in two processes, without conditions: versions without a gap, and the log is what was acknowledged."""
    together = Barrier(WRITERS)

    def write(writer: int) -> list[tuple[str, Answer]]:
        together.wait()
        refs = [f"w{writer}-{nth}" for nth in range(EACH)]
        return [(ref, send(servers[writer % 2], case, visit(ref))) for ref in refs]

    with ThreadPoolExecutor(WRITERS) as writers:
        sent = [each for done in writers.map(write, range(WRITERS)) for each in done]

    taken = {ref: json.loads(answer.body) for ref, answer in sent if answer.status == 201}
    refused = [answer.problem()["type"] for _, answer in sent if answer.status != 201]
    assert set(refused) <= {"/problems/version_conflict"}
    assert all(said["refs"] == [ref] for ref, said in taken.items())
    held = on_record(database, authority, case)
    assert [version for version, _ in held] == list(range(1, len(taken) + 2))
    assert {ref: version for version, ref in held[1:]} == {ref: said["version"] for ref, said in taken.items()}
    assert len({said["position"] for said in taken.values()}) == len(taken) > WRITERS


def test_of_those_who_had_read_the_same_version_one_writes(
    database: str, authority: str, servers: tuple[Server, Server], case: str
) -> None:
    """With If-Match, in both processes at once: one is taken, the others are told that the record has moved."""
    together = Barrier(WRITERS)
    for turn in range(1, 6):

        def write(writer: int, turn: int = turn) -> int:
            together.wait()
            answer = send(servers[writer % 2], case, visit(f"t{turn}-{writer}"), if_match=f'"{turn}"')
            if answer.status != 201:
                assert answer.problem()["type"] in ("/problems/record_moved", "/problems/version_conflict")
            return answer.status

        with ThreadPoolExecutor(WRITERS) as writers:
            assert list(writers.map(write, range(WRITERS))).count(201) == 1
        assert [version for version, _ in on_record(database, authority, case)] == list(range(1, turn + 2))


def test_one_request_sent_to_both_is_recorded_once(
    database: str, authority: str, servers: tuple[Server, Server], case: str
) -> None:
    """The same Idempotency-Key in both processes at once: one record, and the same answer to all."""
    together = Barrier(WRITERS)

    def write(writer: int) -> Answer:
        together.wait()
        body = {"do": "record_visit", "visited": "2026-03-08", "seen_alone": "YES"}
        return send(servers[writer % 2], case, body, idempotency_key="one-and-the-same")

    with ThreadPoolExecutor(WRITERS) as writers:
        answers = list(writers.map(write, range(WRITERS)))

    assert Counter(answer.status for answer in answers) == {201: WRITERS}
    assert len({answer.body for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers].count(None) == 1
    assert len(on_record(database, authority, case)) == 2
