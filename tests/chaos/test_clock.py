"""The clock of the database is set back by an hour: order and recorded times stand, and the publisher says so."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from ledger.errors import LogBroken
from ledger.notes import ED25519, Signer
from ledger.progress import Progress
from ledger.publisher.lock_store import LockStore
from ledger.publisher.publisher import Publisher
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.recorder import CONNECTION, LogRecorder
from ledger.writer import LogWriter
from tests.ledger.conftest import ORIGIN
from tests.ledger.test_writer import event
from tests.ledger.whole_log import whole_log

HOUR = timedelta(hours=1)


def test_recorded_times_never_go_back(database: str, schema: str, tmp_path: Path) -> None:
    """
    What is appended until the clock has come up again is recorded at the last time there was, by the recorder and the
    writer alike. A publisher whose own clock is behind that signs nothing and says so; at the right time it signs all.
    """
    now = datetime.now(UTC)
    with ConnectionPool(database, min_size=1, max_size=2, kwargs=CONNECTION) as pool:
        recorder = LogRecorder(pool, schema)
        recorder.begin(ORIGIN)
        recorder.append([event(uuid4(), 1)])
        ahead = datetime.now(UTC).replace(microsecond=0) + HOUR
        with psycopg.connect(database, autocommit=True) as administrator:
            administrator.execute(f"UPDATE {schema}.head SET recorded_at = %s", [ahead])

        _, first = recorder.append([event(uuid4(), 1), event(uuid4(), 1)])

        async def write() -> list[datetime]:
            async with aclosing(LogWriter(database, schema)) as writer:
                return [(await writer.append([event(uuid4(), 1)]))[1] for _ in range(3)]

        assert {first, *asyncio.run(write())} == {ahead}
        with pool.connection() as connection:
            leaves = whole_log(connection, schema)
        assert [leaf.recorded_at == ahead for leaf in leaves] == [False] + [True] * 5

        with (
            LockStore(tmp_path / "lock", ORIGIN) as lock,
            Progress(tmp_path / "lock" / "progress.sqlite", ORIGIN) as progress,
        ):
            signer, files = Signer(ORIGIN, ED25519, bytes(32)), StaticFiles(tmp_path / "published")
            clock = [now]
            publisher = Publisher(signer, Rows(pool, schema), files, lock, progress, lambda: clock[0])
            with pytest.raises(LogBroken, match="Compare the clocks") as finding:
                publisher.round()
            assert finding.value.code == "time_in_future"
            assert not lock.read().note
            clock[0] = ahead
            assert publisher.round().size == 6


def test_a_time_that_was_set_back_by_hand_is_not_signed(database: str, schema: str, tmp_path: Path) -> None:
    """Whoever sets back the head's own time, to have an entry recorded earlier, gets an entry that nobody signs."""
    with ConnectionPool(database, min_size=1, max_size=2, kwargs=CONNECTION) as pool:
        recorder = LogRecorder(pool, schema)
        recorder.begin(ORIGIN)
        with psycopg.connect(database, autocommit=True) as administrator:
            administrator.execute(
                f"UPDATE {schema}.head SET recorded_at = %s", [datetime.now(UTC).replace(microsecond=0) + HOUR]
            )
            recorder.append([event(uuid4(), 1)])
            administrator.execute(f"UPDATE {schema}.head SET recorded_at = 'epoch'")
        recorder.append([event(uuid4(), 1)])
        with (
            LockStore(tmp_path / "lock", ORIGIN) as lock,
            Progress(tmp_path / "lock" / "progress.sqlite", ORIGIN) as progress,
        ):
            signer, files = Signer(ORIGIN, ED25519, bytes(32)), StaticFiles(tmp_path / "published")
            later = datetime.now(UTC) + 2 * HOUR
            publisher = Publisher(signer, Rows(pool, schema), files, lock, progress, lambda: later)
            with pytest.raises(LogBroken, match="back-dated, or a clock was set back") as finding:
                publisher.round()
            assert (finding.value.code, finding.value.index) == ("time_backwards", 1)
            assert not lock.read().note
