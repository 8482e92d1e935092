"""The publisher in its threads, on the tables as they are migrated and as the server acts in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from ledger.errors import KeyFileUnusable, LogBroken, SourceUnreadable
from ledger.publisher.kept import Kept
from ledger.publisher.lock_store import LockStore, Signed
from ledger.publisher.publishing import STATUS, Places, Publishing
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.publisher.succession import SUCCESSION, publish_succession, read_succession, succeed
from ledger.recorder import LogRecorder, connection_as
from ledger.register import Register
from ledger.verify import leaf_hash, parse_tlog_proof, verify_tlog_proof
from ops.storage.migrations import migrate

ROLE = "beforehand_app"


def now() -> datetime:
    return datetime.now(UTC)


class Served:
    """A log as the server has it: its pool, its recorder, and where its publisher keeps what."""

    def __init__(self, database: str, schema: str, pool: Any, folder: Path) -> None:
        self.schema, self.pool = schema, pool
        self.recorder = LogRecorder(pool, schema)
        self.places = Places(
            f"beforehand.example/la/{schema}/1", folder / "published", folder / "lock", folder / "keys"
        )
        self.recorder.begin(self.places.origin)

    def append(self, count: int) -> None:
        """Append sealed events; what they say is of no matter here."""
        ids = [uuid4() for _ in range(count)]
        tags = [f"{each.hex}{'A' * 11}" for each in ids]
        with self.pool.connection() as connection:
            connection.execute(
                f"SELECT last FROM {self.schema}.append(%b, %b, %b, %b, %b, %b, %b, %b)",
                (list(range(count)), ids, [1] * count, ["sample@1"] * count, tags, tags, tags, [b"sealed"] * count),
            )

    def entry(self, index: int) -> bytes:
        with self.pool.connection() as connection:
            (entry,) = connection.execute(
                f"SELECT entry FROM {self.schema}.event WHERE position = {index + 1}"
            ).fetchone()
            return bytes(entry)

    def publishing(self, **options: Any) -> Publishing:
        return Publishing(self.pool, self.schema, self.places, now, **options)


@pytest.fixture
def served(database: str, schema: str, tmp_path: Path) -> Iterator[Served]:
    with ExitStack() as stack:
        pool = stack.enter_context(ConnectionPool(database, min_size=1, max_size=4, kwargs=connection_as(ROLE)))
        yield Served(database, schema, pool, tmp_path)


def test_what_is_appended_is_covered_soon(served: Served) -> None:
    """Whoever waits for an entry is told when a checkpoint covers it, and gets its proof."""
    with served.publishing() as publishing:
        for nth in range(1, 4):
            served.append(5)
            publishing.ring()
            index = nth * 5 - 1
            assert asyncio.run(publishing.published.wait_for(index, 30))
            proof = parse_tlog_proof(publishing.published.proof(index).encode())
            verify_tlog_proof(proof, leaf_hash(served.entry(index)), publishing.published.policy)
        assert publishing.published.covered == 15
        assert not asyncio.run(publishing.published.wait_for(15, 0.01))
    assert json.loads((served.places.lock / STATUS).read_bytes())["doing"] == "publishing"


def test_who_waits_is_sent_home_when_the_server_stops(served: Served) -> None:
    """A server that ends does not hold up those who wait for what will not come."""

    async def waiting(publishing: Publishing) -> bool:
        task = asyncio.create_task(publishing.published.wait_for(100, 60))
        await asyncio.sleep(0)
        publishing.let_go()
        return await task

    with served.publishing() as publishing:
        assert asyncio.run(waiting(publishing)) is False


def test_one_round_and_one_beat(served: Served) -> None:
    """Asked once, it signs, keeps the checkpoint with its anchor as the server may, and ends."""
    served.append(7)
    signed, kept = served.publishing().once()
    assert (signed.size, kept and kept.anchor, kept and kept.quorum) == (7, True, True)
    assert Kept(served.pool, served.schema).latest() == kept


def test_the_server_may_keep_checkpoints_and_not_forget_them(served: Served) -> None:
    """What the server acts as can add to the kept checkpoints, and neither change nor remove one."""
    served.append(1)
    served.publishing().once()
    for statement in ("DELETE FROM {s}.checkpoint", "UPDATE {s}.checkpoint SET size = 0", "TRUNCATE {s}.checkpoint"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), served.pool.connection() as connection:
            connection.execute(statement.replace("{s}", served.schema))


def until(something: Callable[[], bool]) -> None:
    """Wait until something holds, looking again and again, for half a minute at most."""
    patience = Event()
    for _ in range(600):
        if something():
            return
        patience.wait(0.05)
    raise AssertionError("it never came to hold")


def test_the_second_waits_and_takes_over(served: Served) -> None:
    """Two servers on one log: one publishes, the other says that it waits, and goes on when the first has ended."""
    with served.publishing() as first:
        until(lambda: first.state.doing == "publishing")
        with served.publishing() as second:
            until(lambda: second.state.doing == "waiting")
            served.append(3)
            assert asyncio.run(second.published.wait_for(2, 30))
            first.__exit__()
            until(lambda: second.state.doing == "publishing")


def test_a_finding_stops_it_and_is_said(served: Served, database: str) -> None:
    """The log is altered: nothing more is signed, and the file that `status` shows says what and where."""
    with served.publishing() as publishing:
        served.append(3)
        assert asyncio.run(publishing.published.wait_for(2, 30))
        with psycopg.connect(database, autocommit=True) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(f"UPDATE {served.schema}.head SET size = 2, frontier = frontier[2:] || frontier[1:1]")
            publishing.ring()
            until(lambda: publishing.state.doing == "stopped")
        assert publishing.published.covered == 3
    told = json.loads((served.places.lock / STATUS).read_bytes())
    assert (told["code"], "1 entries are missing" in told["message"]) == ("shrunken", True)


def test_a_log_that_lost_its_past_is_succeeded_by_another(database: str, schema: str, tmp_path: Path) -> None:
    """
    The procedure of ops/runbooks/succession.md: frozen, begun anew, and the first entry says from what.

    The old log signs nothing more; from the files of the new one anybody reads which log it goes on from, with the
    checkpoint that was signed last, and cannot be shown another.
    """
    new_schema = f"{schema}_2"
    with ExitStack() as stack:
        superuser = stack.enter_context(psycopg.connect(database, autocommit=True))
        migrate(superuser, new_schema)
        stack.callback(superuser.execute, f"DROP SCHEMA {new_schema} CASCADE")
        pool = stack.enter_context(ConnectionPool(database, min_size=1, max_size=4, kwargs=connection_as(ROLE)))
        old = Served(database, schema, pool, tmp_path / "old")
        old.append(6)
        size, frontier = superuser.execute(f"SELECT size, frontier FROM {schema}.head").fetchone() or ()
        old.append(4)
        old.publishing().once()
        superuser.execute("SET session_replication_role = replica")  # an older backup is brought back
        superuser.execute(f"DELETE FROM {schema}.event WHERE position > 6")
        superuser.execute(f"UPDATE {schema}.head SET size = %s, frontier = %s", (size, frontier))
        with pytest.raises(LogBroken, match="4 entries are missing"):
            old.publishing().once()

        with LockStore(old.places.lock, old.places.origin) as lock:
            ended = lock.freeze()
        new = Served(database, new_schema, pool, tmp_path / "new")
        register, rows = Register(new.recorder, new.places.origin), Rows(pool, new_schema)
        policy = old.publishing().published.policy
        with pytest.raises(LogBroken, match="is not one"):
            succeed(register, rows, ended.note.replace("\n10\n", "\n9\n").encode(), policy, 6)
        assert succeed(register, rows, ended.note.encode(), policy, 6).size == 10
        with pytest.raises(LogBroken, match="must be its first"):
            succeed(register, rows, ended.note.encode(), policy, 6)
        new.append(3)
        new.publishing().once()
        files = StaticFiles(new.places.folder)
        publish_succession(register, files)

        predecessor = read_succession(files, 4, policy)
        assert (predecessor.checkpoint.origin, predecessor.checkpoint.size) == (old.places.origin, 10)
        assert (predecessor.checkpoint.root, predecessor.survived) == (ended.root, 6)
        assert register.erasures().leaves == frozenset()
        for spoilt in (b"{}", files.read(SUCCESSION).replace(b'": 0', b'": 1')):
            files.write([(SUCCESSION, spoilt)])
            with pytest.raises(SourceUnreadable):
                read_succession(files, 4, policy)
        old.append(9)
        superuser.execute(f"DELETE FROM {schema}.event")
        with LockStore(old.places.lock, old.places.origin) as lock, pytest.raises(LogBroken, match="was ended"):
            lock.swap(ended, Signed(11, bytes(32), "forged"))


def test_keys_that_were_lost_are_not_made_anew(served: Served) -> None:
    """A key is made where the log begins. Once something was signed with it, it has to be brought back."""
    served.append(1)
    served.publishing().once()
    (served.places.keys / "log.key").unlink()
    with pytest.raises(KeyFileUnusable, match=r"succession\.md"):
        served.publishing()


def test_a_policy_must_trust_the_log_itself(served: Served, tmp_path: Path) -> None:
    """A policy of another log, or no policy at all, is said at the start."""
    policy = tmp_path / "policy"
    places = Places(served.places.origin, served.places.folder, served.places.lock, served.places.keys, policy)
    for text, words in (("quorum none\n", "does not trust"), ("quorum\n", "is none"), (None, "cannot be read")):
        policy.unlink(missing_ok=True)
        if text is not None:
            policy.write_text(text)
        with pytest.raises(KeyFileUnusable, match=words):
            Publishing(served.pool, served.schema, places, now)
