"""A log in a real database whose rows a test may write and spoil by hand, and a publisher of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from ledger.notes import ED25519, Signer
from ledger.progress import Progress
from ledger.publisher.erasures import Erased, none_erased
from ledger.publisher.lock_store import LockStore
from ledger.publisher.publisher import Publisher
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.tree import Frontier
from ledger.verify import NO_PREVIOUS, leaf_hash, to_base64url

ORIGIN = "beforehand.example/la/test/1"
BEGINNING = datetime(2026, 11, 22, 5, 4, 0, 123000, tzinfo=UTC)

# The shape that ledger/migrations give these tables, without what keeps a test from spoiling them.
TABLES = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.head (one integer PRIMARY KEY CHECK (one = 1), size bigint NOT NULL,
    recorded_at timestamptz NOT NULL, frontier bytea[] NOT NULL, origin text);
INSERT INTO {schema}.head VALUES (1, 0, 'epoch', '{{}}', NULL);
CREATE TABLE {schema}.event (position bigint PRIMARY KEY, originator_id uuid NOT NULL,
    originator_version bigint NOT NULL, recorded_at timestamptz NOT NULL, topic text NOT NULL,
    entry bytea, leaf_hash bytea NOT NULL, state bytea, UNIQUE (originator_id, originator_version));
"""


def entry_of(  # noqa: PLR0913 - what an entry says
    stream: str, seq: int, prev: str, at: datetime, *, origin: str = ORIGIN, digest: str | None = None
) -> bytes:
    """Write an entry as the append function does."""
    rec = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    subject = f',"subj":"{to_base64url(random.randbytes(32))}"' if seq == 1 else ""
    return (
        f'{{"ver":"beforehand/event/1","iss":"{origin}","stream":"{stream}","seq":{seq},"prev":"{prev}","rec":"{rec}",'
        f'"_sd_alg":"sha-256","_sd":["{digest or to_base64url(random.randbytes(32))}"]{subject}}}'
    ).encode()


@dataclass
class WrittenLog:
    """A log whose rows are written by the test."""

    url: str
    schema: str
    at: datetime = BEGINNING
    frontier: Frontier = field(default_factory=Frontier)
    heads: dict[UUID, tuple[str, int, str]] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)
    origin: str = ORIGIN

    def execute(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.replace("{schema}", self.schema), values)  # type: ignore[call-overload]

    def append(self, count: int, streams: int = 3, digest: str | None = None) -> None:
        """Append entries to some streams in turn, as the append function would."""
        while len(self.heads) < streams:
            self.heads[uuid4()] = (to_base64url(random.randbytes(32)), 0, NO_PREVIOUS)
        rows = []
        for _ in range(count):
            self.at += timedelta(milliseconds=7)
            case = random.choice(list(self.heads))
            tag, seq, prev = self.heads[case]
            entry = entry_of(tag, seq + 1, prev, self.at, origin=self.origin, digest=digest)
            hashed = leaf_hash(entry)
            self.heads[case] = (tag, seq + 1, to_base64url(hashed))
            self.frontier.append(hashed)
            self.entries.append(entry)
            rows.append((self.frontier.size, case, seq + 1, self.at, "sample@1", entry, hashed, b"sealed"))
        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self.schema}.event VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", rows)
            self._head(cursor)

    def put(self, entry: bytes, *, version: int, at: datetime | None = None) -> None:
        """Append one entry that the test has written, well-formed or not, consistently with the database's own tree."""
        hashed = leaf_hash(entry)
        self.frontier.append(hashed)
        self.entries.append(entry)
        row = (self.frontier.size, uuid4(), version, at or self.at, "sample@1", entry, hashed, b"sealed")
        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {self.schema}.event VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)
            self._head(cursor)

    def go_back(self, size: int) -> None:
        """Be what an older backup would bring back."""
        self.execute("DELETE FROM {schema}.event WHERE position > %s", size)
        self.entries = self.entries[:size]
        self.frontier = Frontier()
        for entry in self.entries:
            self.frontier.append(leaf_hash(entry))
        self.heads = {}
        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            self._head(cursor)

    def _head(self, cursor: psycopg.Cursor[Any]) -> None:
        cursor.execute(
            f"UPDATE {self.schema}.head SET size = %s, recorded_at = %s, frontier = %s, origin = %s",
            (self.frontier.size, self.at, self.frontier.hashes, self.origin),
        )


@pytest.fixture
def log(database: str) -> Iterator[WrittenLog]:
    """A log without entries."""
    schema = f"w_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.replace("{schema}", schema).replace("{{}}", "{}"))
        yield WrittenLog(database, schema)
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def key() -> Signer:
    """The key of the log."""
    return Signer(ORIGIN, ED25519, bytes(range(32)))


@pytest.fixture
def published(tmp_path: Path) -> StaticFiles:
    """The folder that the log is published in."""
    return StaticFiles(tmp_path / "published")


Start = Callable[..., Publisher]


@pytest.fixture
def start(log: WrittenLog, key: Signer, published: StaticFiles, tmp_path: Path) -> Iterator[Start]:
    """Start a publisher, one after the other or side by side, on the same lock store and files."""
    with ExitStack() as stack:
        pool = stack.enter_context(ConnectionPool(log.url, min_size=1, max_size=4, kwargs={"autocommit": True}))

        def started(*, erased: Erased = none_erased, lock: Path | None = None, signer: Signer = key) -> Publisher:
            folder = lock or tmp_path / "lock"
            store = stack.enter_context(LockStore(folder, signer.name))
            progress = stack.enter_context(Progress(folder / "progress.sqlite", signer.name))
            return Publisher(
                signer,
                Rows(pool, log.schema),
                published,
                store,
                progress,
                lambda: log.at + timedelta(seconds=1),
                erased,
            )

        yield started


@pytest.fixture
def alone(log: WrittenLog, key: Signer, published: StaticFiles, tmp_path: Path) -> Callable[[], None]:
    """Do one round with nothing that was open before: what a process that has just started does."""

    def round_and_end() -> None:
        with (
            ConnectionPool(log.url, min_size=1, max_size=1, kwargs={"autocommit": True}) as pool,
            LockStore(tmp_path / "lock", key.name) as store,
            Progress(tmp_path / "lock" / "progress.sqlite", key.name) as progress,
        ):
            rows = Rows(pool, log.schema)
            publisher = Publisher(key, rows, published, store, progress, lambda: log.at + timedelta(seconds=1))
            publisher.round()
            publisher.close()

    return round_and_end
