"""The append function against a plain model of it: what goes in, what is turned away, and what tree comes of it."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from ledger.mapper import SealedEvent
from ledger.recorder import LOG_SQL, LogRecorder, parameters_of
from ledger.seal import entry_of
from ledger.statements import Statements
from ledger.tree import Frontier
from ledger.verify import leaf_hash, to_base64url

Pool = ConnectionPool[psycopg.Connection[Any]]

ORIGIN = "beforehand.example/la/append/1"
STREAMS = [UUID(int=each + 1) for each in range(6)]


def tag(stream: UUID) -> str:
    """How the entries of a stream name it."""
    return to_base64url(stream.bytes * 2)


def event(stream: UUID, version: int, random: Random) -> SealedEvent:
    """An event with a digest of its own."""
    return SealedEvent(
        stream,
        version,
        "note.made@1",
        random.randbytes(20),
        tag(stream),
        tag(stream),
        to_base64url(random.randbytes(32)),
    )


class Model:
    """What the log must hold."""

    def __init__(self) -> None:
        self.heads: dict[UUID, tuple[int, bytes]] = {}
        self.tree = Frontier()
        self.stored: list[SealedEvent] = []

    def refused(self, requests: list[list[SealedEvent]]) -> list[int]:
        """Which requests do not follow what is stored."""
        turned_away = []
        for nth, request in enumerate(requests):
            versions = {stream: version for stream, (version, _) in self.heads.items()}
            for each in request:
                if each.originator_version != versions.get(each.originator_id, 0) + 1:
                    turned_away.append(nth)
                    break
                versions[each.originator_id] = each.originator_version
        return turned_away

    def append(self, requests: list[list[SealedEvent]], recorded_at: Any) -> None:
        """Append what is not refused."""
        turned_away = self.refused(requests)
        for nth, request in enumerate(requests):
            for each in request if nth not in turned_away else ():
                _, previous = self.heads.get(each.originator_id, (0, bytes(32)))
                entry = entry_of(
                    ORIGIN, each.tag, each.subject_tag, each.originator_version, previous, recorded_at, each.digest
                )
                leaf = leaf_hash(entry)
                self.heads[each.originator_id] = (each.originator_version, leaf)
                self.tree.append(leaf)
                self.stored.append(each)


def some_requests(model: Model, random: Random) -> list[list[SealedEvent]]:
    """Requests that share no stream: one event or several, streams mixed within one, some that follow nothing."""
    streams = random.sample(STREAMS, k=len(STREAMS))
    requests = []
    while streams:
        mine = [streams.pop() for _ in range(min(len(streams), random.choice((1, 1, 1, 2, 3))))]
        versions = {stream: model.heads.get(stream, (0, b""))[0] for stream in mine}
        request = []
        for _ in range(random.choice((1, 1, 2, 5))):
            stream = random.choice(mine)
            versions[stream] += 1
            request.append(event(stream, versions[stream], random))
        if random.random() < 0.3:
            spoilt = random.randrange(len(request))
            wrong = request[spoilt].originator_version + random.choice((-1, 1, 2))
            request[spoilt] = event(request[spoilt].originator_id, max(1, wrong), random)
        if len({(each.originator_id, each.originator_version) for each in request}) == len(request):
            requests.append(request)
    return requests


@pytest.mark.parametrize("seed", range(3))
def test_many_batches_make_what_the_model_makes(pool: Pool, schema: str, seed: int) -> None:
    """Whatever comes together in a call: the same refusals, the same entries in the same order, the same tree."""
    LogRecorder(pool, schema).begin(ORIGIN)
    statements, model, random = Statements(LOG_SQL, schema), Model(), Random(seed)
    turned_away = 0

    with pool.connection() as connection, connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        for _ in range(60):
            requests = some_requests(model, random)
            expected = model.refused(requests)
            row = cursor.execute(statements["append"], parameters_of(requests), prepare=True).fetchone()
            assert row is not None
            last, moment, refused = row
            assert sorted(set(refused or ())) == expected
            model.append(requests, moment)
            assert last == len(model.stored)
            turned_away += len(expected)
        kept = cursor.execute(
            f"SELECT originator_id, originator_version, state FROM {schema}.event ORDER BY position"  # type: ignore[arg-type]
        ).fetchall()
        head = cursor.execute(f"SELECT size, frontier FROM {schema}.head").fetchone()  # type: ignore[arg-type]

    assert kept == [(each.originator_id, each.originator_version, each.state) for each in model.stored]
    assert head == (model.tree.size, model.tree.hashes)
    assert turned_away > 10
