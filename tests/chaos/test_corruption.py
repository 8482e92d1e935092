"""Whoever administers the database alters it by hand: nothing altered is ever shown, and everything else still is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from starlette.testclient import TestClient

from api.app import create_app
from api.casework import casework
from api.settings import Settings
from domain.case.command import Act
from domain.case.fact import Role
from domain.case.registry import COMMAND
from ledger.errors import LogBroken, UnreadableEntry
from ledger.notes import ED25519, Signer
from ledger.progress import Progress
from ledger.publisher.lock_store import LockStore
from ledger.publisher.publisher import Publisher
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.recorder import CONNECTION
from ops.storage.migrations import migrate
from projections.catalogue import PROJECTIONS
from projections.engine.rebuild import rebuild
from tests.chaos.house import eventually
from tests.keeping import kept_log

EVERY_BIT: Final = bool(os.environ.get("BEFOREHAND_CHAOS_EVERY_BIT"))
SAMPLE: Final = 4
"""Bits of each column that are turned by default; `BEFOREHAND_CHAOS_EVERY_BIT=1` turns all."""
CANARY: Final = "Kanarienvogel"
PLACE: Final = 3
"""Position of the entry that is altered: the third of the first case."""


class Record:
    """Two cases on a server, and the hand of whoever administers its database."""

    def __init__(self, client: TestClient, connection: psycopg.Connection[Any], schema: str) -> None:
        self.client, self.connection, self.schema = client, connection, schema
        connection.execute("SET session_replication_role = replica")  # a superuser passes every trigger
        self.spoilt, self.other = self._case("a"), self._case("b")
        eventually(lambda: client.get("/readyz").json()["behind"] == 0 or None)
        self.shown = {address: self.client.get(address).content for address in (*self.reads(), *self.others())}

    def _case(self, name: str) -> str:
        opened = self.client.post("/v1/cases", json={"do": "open_case", "child": f"{CANARY} {name}", "born": "2015-06"})
        case = str(opened.json()["case_id"])
        assert [self.observe(case, f"{name}{nth}") for nth in range(3)] == [201] * 3
        return case

    def observe(self, case: str, ref: str) -> int:
        """Record something with words of several paragraphs, and give the status."""
        words = f"{CANARY} sang.\n\nThen she ran to the door and back again."
        body = {"do": "record_observation", "ref": ref, "observed": "2026-03-04", "matters": ["contact"]}
        return self.client.post(f"/v1/cases/{case}/commands", json={**body, "what_was_seen": words}).status_code

    def reads(self) -> list[str]:
        """Everything that shows the entry that is altered."""
        case = f"/v1/cases/{self.spoilt}"
        return [f"/v1/events?subject={self.spoilt}", f"{case}/timeline", f"{case}/entries/a1"]

    def others(self) -> list[str]:
        """What shows nothing of it."""
        case = f"/v1/cases/{self.other}"
        return [f"/v1/events?subject={self.other}", f"{case}/timeline", f"{case}/entries/b1", case]

    def do(self, statement: str, *values: Any) -> Any:
        """Do something to the log by hand; gives a cursor."""
        return self.connection.execute(statement.replace("{}", self.schema), values)  # type: ignore[call-overload]

    @contextmanager
    def altered(self, statement: str, *values: Any) -> Iterator[bool]:
        """Alter the log for the time of a `with`; tells whether the database took it."""
        rows = self.do("SELECT * FROM {}.event").fetchall()
        try:
            self.do(statement, *values)
        except (psycopg.errors.DataError, psycopg.errors.IntegrityError):
            yield False  # the database has no such value
            return
        try:
            yield True
        finally:
            self.do("DELETE FROM {}.event")
            with self.connection.cursor() as cursor:
                marks = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f"INSERT INTO {self.schema}.event VALUES ({marks})", rows)  # type: ignore[arg-type]

    def refused(self) -> list[bool]:
        """
        Tell of each read whether it is refused. What is not refused shows what it showed before, to the byte, since it
        reads nothing of what was altered; the other case is shown as ever.
        """
        assert [self.client.get(each).content for each in self.others()] == [self.shown[e] for e in self.others()]
        found = []
        for address in self.reads():
            answer = self.client.get(address)
            found.append(answer.content != self.shown[address])
            if found[-1]:
                said = answer.json()
                assert (answer.status_code, said["type"]) == (500, "/problems/unreadable_entry"), (address, answer.text)
                assert said["detail"].startswith("The entry at position "), answer.text
                assert CANARY not in answer.text
                assert self.spoilt not in answer.text
        return found


@pytest.fixture(scope="module")
def record(database: str) -> Iterator[Record]:
    """A record to be spoilt, again and again."""
    schema = f"c_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, schema)
        with serving(database, schema) as client:
            yield Record(client, connection, schema)


@contextmanager
def serving(database: str, schema: str) -> Iterator[TestClient]:
    """Serve a log, its projections following."""
    app = create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=2))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def turns(record: Record, column: str) -> Iterator[tuple[str, Any]]:
    """Give statements that turn one bit of a column of the entry, each with its value."""
    ((held,),) = record.do(f"SELECT {column} FROM {{}}.event WHERE position = %s", PLACE).fetchall()
    statement = f"UPDATE {{}}.event SET {column} = %s WHERE position = {PLACE}"
    match held:
        case bytes():
            raw = held
        case str():
            raw = held.encode()
        case datetime():
            raw = (int(held.timestamp()) * 1_000_000 + held.microsecond).to_bytes(8)
        case _:
            raw = int(held).to_bytes(8)
    bits: Sequence[int] = range(len(raw) * 8)
    for bit in bits if EVERY_BIT else Random().sample(bits, SAMPLE):
        turned = bytearray(raw)
        turned[bit // 8] ^= 1 << bit % 8
        try:
            match held:
                case bytes():
                    yield statement, bytes(turned)
                case str():
                    yield statement, turned.decode()
                case datetime():
                    yield statement, datetime.fromtimestamp(int.from_bytes(turned, signed=True) / 1_000_000, UTC)
                case _:
                    yield statement, int.from_bytes(turned, signed=True)
        except (UnicodeDecodeError, ValueError, OverflowError):
            continue  # neither Python nor the database has such a value


@pytest.mark.parametrize("column", ["entry", "leaf_hash", "state", "topic", "recorded_at", "originator_version"])
def test_each_bit_counts(record: Record, column: str) -> None:
    """
    With any bit of a row turned, whatever reads that column is refused, names the position, and nothing of the entry.

    Pages that are made of rows of their own read neither the recorded time nor the number again.
    """
    for statement, value in turns(record, column):
        with record.altered(statement, value) as taken:
            if taken:
                refused = record.refused()
                assert refused[0], (column, value)
                assert all(refused) or column in ("recorded_at", "originator_version"), (column, value, refused)
    assert record.refused() == [False] * 3


OTHER: Final = 7
"""Position of the entry of the other case with the same number in its stream."""


@pytest.mark.parametrize(
    ("columns", "source"),
    [
        ("entry", OTHER),
        ("state", OTHER),
        ("entry, leaf_hash", OTHER),
        ("entry, leaf_hash, state", OTHER),
        ("entry, leaf_hash, state, topic, recorded_at", OTHER),
        ("state", 2),
        ("entry, leaf_hash, state", 2),
        ("entry, leaf_hash, state, topic, recorded_at", 2),
    ],
)
def test_what_belongs_elsewhere_is_refused(record: Record, columns: str, source: int) -> None:
    """Parts of another case's row, or of an older one of the same case, put in place of its own, whole or in part."""
    statement = (
        f"UPDATE {{}}.event SET ({columns}) = (SELECT {columns} FROM {{}}.event WHERE position = {source})"
        f" WHERE position = {PLACE}"
    )
    with record.altered(statement):
        refused = record.refused()
    assert all(refused)


def test_streams_that_change_places_are_refused(record: Record) -> None:
    """Two rows whose streams were exchanged: neither is shown as part of the other's case."""
    statement = (
        "UPDATE {}.event SET originator_id = CASE position WHEN %s THEN %s::uuid ELSE %s::uuid END"
        " WHERE position IN (%s, %s)"
    )
    record.do("ALTER TABLE {}.event DROP CONSTRAINT event_originator_id_originator_version_key")
    with record.altered(statement, PLACE, record.other, record.spoilt, PLACE, OTHER):
        for case in (record.spoilt, record.other):
            answer = record.client.get(f"/v1/events?subject={case}")
            assert (answer.status_code, answer.json()["type"]) == (500, "/problems/unreadable_entry")
    record.do("ALTER TABLE {}.event ADD UNIQUE (originator_id, originator_version)")


def test_answers_stop_where_an_entry_is_altered_and_say_so(database: str, schema: str) -> None:
    """
    A server that comes to an altered entry passes nothing over: it says which entry stops it, decides nothing on that
    case, and goes on showing and recording everything else. With the entry mended it goes on by itself.
    """
    turn = "UPDATE {}.event SET entry = set_bit(entry, 99, 1 - get_bit(entry, 99)) WHERE position = %s"
    with (
        psycopg.connect(database, autocommit=True) as connection,
        ConnectionPool(database, min_size=1, max_size=2, kwargs=CONNECTION) as pool,
        kept_log(pool, schema) as kept,
    ):
        with serving(database, schema) as client:
            record = Record(client, connection, schema)
        act = Act("worker.1", Role.SOCIAL_WORKER, datetime.now(UTC), uuid4(), uuid4())
        visit = COMMAND.validate_python({"do": "record_visit", "visited": "2026-03-08", "seen_alone": "YES"})
        at = casework(pool, kept).handle(UUID(record.spoilt), visit, act).position
        record.do(turn, at)
        with serving(database, schema) as record.client:
            stopped = eventually(lambda: record.client.get("/readyz").json()["stopped"])
            assert stopped.startswith(f"The entry at position {at} is not what was sealed")
            assert record.client.get("/readyz").json()["reached"] < at
            assert record.observe(record.spoilt, "more") == 500
            assert record.observe(record.other, "more") == 201
            assert record.client.get(f"/v1/cases/{record.other}").json()["version"] == 5
            with pytest.raises(UnreadableEntry, match=f"position {at} "):
                rebuild(pool, kept, PROJECTIONS[0])

            record.do(turn, at)
            eventually(lambda: record.client.get("/readyz").json()["behind"] == 0 or None)
            assert record.client.get("/readyz").json()["stopped"] is None
            assert record.observe(record.spoilt, "more") == 201


@pytest.mark.parametrize(
    "alteration",
    [
        "UPDATE {}.event SET entry = set_bit(entry, 1111, 1 - get_bit(entry, 1111)) WHERE position = 3",
        "UPDATE {}.event SET leaf_hash = set_bit(leaf_hash, 11, 1 - get_bit(leaf_hash, 11)) WHERE position = 3",
        "UPDATE {}.event SET originator_version = 9 WHERE position = 3",
        "UPDATE {}.event SET recorded_at = recorded_at + interval '1 microsecond' WHERE position = 3",
        "UPDATE {}.event SET recorded_at = recorded_at - interval '1 hour' WHERE position = 3",
        "UPDATE {}.event SET entry = NULL, state = NULL WHERE position = 3",
        "DELETE FROM {}.event WHERE position = 3",
        "DELETE FROM {}.event WHERE position = 8",
        "UPDATE {}.event AS e SET entry = o.entry FROM {}.event AS o WHERE e.position = 3 AND o.position = 7",
        "UPDATE {}.event SET position = 10 WHERE position = 3",
    ],
)
def test_the_publisher_signs_nothing(record: Record, database: str, tmp_path: Path, alteration: str) -> None:
    """Whatever of the row the log commits to: the publisher says what is amiss, and signs no checkpoint."""
    origin = record.do("SELECT origin FROM {}.head").fetchone()[0]
    signer = Signer(origin, ED25519, bytes(32))
    with (
        ConnectionPool(database, min_size=1, max_size=1, kwargs=CONNECTION) as pool,
        LockStore(tmp_path / "lock", origin) as lock,
        Progress(tmp_path / "lock" / "progress.sqlite", origin) as progress,
    ):
        files = StaticFiles(tmp_path / "published")
        publisher = Publisher(signer, Rows(pool, record.schema), files, lock, progress, lambda: datetime.now(UTC))
        with record.altered(alteration) as taken:
            assert taken
            with pytest.raises(LogBroken, match=r"eaf|entries") as finding:
                publisher.round()
            assert CANARY not in finding.value.message
            assert not lock.read().note
        assert publisher.round().size == record.do("SELECT size FROM {}.head").fetchone()[0]
