"""The recorder keeps the library's contracts, and what we promise beyond them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from ledger.errors import LedgerUnavailable
from ledger.recorder import LogRecorder
from tests.ledger.conftest import ORIGIN

Pool = ConnectionPool[psycopg.Connection[Any]]


def begun(pool: Pool, schema: str) -> LogRecorder:
    """A recorder of a log that has its name."""
    recorder = LogRecorder(pool, schema)
    recorder.begin(ORIGIN)
    return recorder


@pytest.fixture
def recorder(pool: Pool, schema: str) -> LogRecorder:
    """A recorder of an empty log that has its name."""
    return begun(pool, schema)


@pytest.fixture
def for_the_library(request: pytest.FixtureRequest, pool: Pool, schema: str) -> Iterator[None]:
    """Hands the recorder to test cases of the library, which make their own."""
    request.cls.create_recorder = lambda _self: begun(pool, schema)
    yield
    del request.cls.create_recorder


@pytest.mark.usefixtures("for_the_library")
class TestLibraryContract(ApplicationRecorderTestCase):  # type: ignore[type-arg]
    """The library's own suite for application recorders, its subscription part included."""

    def create_recorder(self) -> LogRecorder:
        """Replaced by the fixture."""
        raise AssertionError

    def test_insert_subscribe(self) -> None:
        """The suite's optional part."""
        super().optional_test_insert_subscribe()


@pytest.mark.usefixtures("for_the_library")
class TestLibraryOrder(NonInterleavingNotificationIDsBaseCase):
    """The library's own suite for the order of positions under concurrent writers."""

    insert_num = 200

    def create_recorder(self) -> LogRecorder:
        """Replaced by the fixture."""
        raise AssertionError


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase


def event(stream: Any, version: int, state: bytes = b"{}") -> StoredEvent:
    """An event of no particular kind."""
    return StoredEvent(stream, version, "kind@1", state)


class TestOrder:
    """Positions, versions and recorded times."""

    def test_many_writers_leave_no_gap_and_no_time_goes_backwards(self, recorder: LogRecorder) -> None:
        """Sixteen writers on six hot streams: positions 1..n, versions 1..m per stream, recorded time never falls."""
        streams = [uuid4() for _ in range(6)]

        def write(seed: int) -> tuple[int, int]:
            random, done, conflicts = Random(seed), 0, 0
            for _ in range(25):
                stream = random.choice(streams)
                rows = recorder.select_events(stream, desc=True, limit=1)
                version = rows[0].originator_version if rows else 0
                batch = [event(stream, version + 1 + n) for n in range(random.choice((1, 1, 3)))]
                try:
                    recorder.insert_events(batch)
                    done += len(batch)
                except IntegrityError:
                    conflicts += 1
            return done, conflicts

        with ThreadPoolExecutor(16) as writers:
            outcomes = list(writers.map(write, range(16)))

        rows = recorder.rows("positions", start=1, stop=2**40, topics=[], limit=10_000)
        assert sum(done for done, _ in outcomes) == len(rows)
        assert sum(conflicts for _, conflicts in outcomes) > 0
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        assert all(earlier[3] <= later[3] for earlier, later in pairwise(rows))
        for stream in streams:
            versions = [row[2] for row in rows if row[1] == stream]
            assert versions == list(range(1, len(versions) + 1))

    def test_a_gap_in_a_stream_is_refused(self, recorder: LogRecorder) -> None:
        """A version that does not follow the last one is refused like one that is taken."""
        stream = uuid4()
        recorder.insert_events([event(stream, 1)])

        with pytest.raises(IntegrityError):
            recorder.insert_events([event(stream, 3)])
        with pytest.raises(IntegrityError):
            recorder.insert_events([event(stream, 1)])
        recorder.insert_events([event(stream, 2), event(stream, 3)])

        assert [row.originator_version for row in recorder.select_events(stream)] == [1, 2, 3]

    def test_a_refused_batch_leaves_nothing_and_takes_no_position(self, recorder: LogRecorder) -> None:
        """One bad version in a batch: none of the batch is there, and the next position is the next."""
        stream, other = uuid4(), uuid4()

        with pytest.raises(IntegrityError):
            recorder.insert_events([event(stream, 1), event(other, 2)])

        assert list(recorder.insert_events([event(stream, 1)])) == [1]

    def test_a_large_event_does_not_hang_the_log(self, recorder: LogRecorder) -> None:
        """Eight megabytes in one append, far more than a socket buffer, and the next writer is served."""
        recorder.insert_events([event(uuid4(), 1, b"x" * 8_000_000)])

        assert list(recorder.insert_events([event(uuid4(), 1)])) == [2]


class TestOnlyAdded:
    """Facts are never changed."""

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE {}.event SET topic = 'other@1'", "DELETE FROM {}.event", "TRUNCATE {}.event"],
        ids=["update", "delete", "truncate"],
    )
    def test_change_is_refused(self, recorder: LogRecorder, pool: Pool, schema: str, statement: Any) -> None:
        """Update, delete and truncate of facts are refused by the database itself."""
        recorder.insert_events([event(uuid4(), 1)])

        with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(SQL(statement).format(Identifier(schema)))

        assert recorder.max_notification_id() == 1


def test_vacuum_does_not_stop_writing(recorder: LogRecorder, pool: Pool, schema: str) -> None:
    """While somebody holds the lock of a vacuum on the log, appends go on (there is no table lock to wait for)."""
    recorder.insert_events([event(uuid4(), 1)])
    with pool.connection() as connection, connection.transaction():
        connection.execute(SQL("LOCK TABLE {}.event IN SHARE UPDATE EXCLUSIVE MODE").format(Identifier(schema)))

        assert list(recorder.insert_events([event(uuid4(), 1)])) == [2]


def test_no_database_is_said_plainly(schema: str) -> None:
    """A database that cannot be reached is an error of ours, without an address in it."""
    pool: Pool = ConnectionPool(
        "host=/nowhere dbname=none", min_size=0, max_size=1, open=False, timeout=0.2, reconnect_timeout=0.1
    )
    pool.open()
    with pytest.raises(LedgerUnavailable, match="cannot be reached") as caught:
        LogRecorder(pool, schema).max_notification_id()
    pool.close()

    assert "nowhere" not in str(caught.value)
