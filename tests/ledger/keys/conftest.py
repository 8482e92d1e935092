"""Key stores on both engines, for suites that run against each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.keys import KeyRing
from ledger.keys.encryption_keys import EncryptionKeys, FileKeys
from ledger.keys.engines import Engine, PostgresEngine, SqliteEngine
from ledger.keys.store import KeyStore


@dataclass
class Clock:
    """A clock that stands until it is told to go on."""

    now: float = 0.0

    def __call__(self) -> float:
        """The seconds it shows."""
        return self.now


@dataclass
class Place:
    """A place where one key store stands: rings opened on it share it, as processes do."""

    kind: str
    folder: Path
    engine: Callable[[], Engine]
    clock: Clock = field(default_factory=Clock)
    rings: list[KeyRing] = field(default_factory=list)

    def open(self, encryption_keys: EncryptionKeys | None = None) -> KeyRing:
        """Another ring on this store, with nothing at hand. Its clock stands."""
        keys = encryption_keys or FileKeys(self.folder / "epochs")
        ring = KeyRing(KeyStore(self.engine()), keys, clock=self.clock)
        self.rings.append(ring)
        return ring

    def write(self, statement: str, *values: object) -> None:
        """What somebody does who writes to the store past us. Values stand at `?`."""
        engine = self.engine()
        if isinstance(engine, SqliteEngine):
            engine._open().execute(statement, values)
        else:
            assert isinstance(engine, PostgresEngine)
            with engine._pool.connection() as connection:
                connection.execute(statement.replace("?", "%s").encode(), values)
        engine.close()

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """What stands in the store, bytes as bytes."""
        engine = self.engine()
        if isinstance(engine, SqliteEngine):
            rows = engine._open().execute(statement).fetchall()
        else:
            assert isinstance(engine, PostgresEngine)
            with engine._pool.connection() as connection:
                rows = connection.execute(statement.encode()).fetchall()
        engine.close()
        return [tuple(bytes(each) if isinstance(each, memoryview) else each for each in row) for row in rows]

    def dump(self) -> str:
        """Everything in every table, as text."""
        tables = ("ring", "epoch", "destroyed_epoch", "subject", "data_key", "destroyed")
        return "\n".join(repr(row) for table in tables for row in self.rows(f"SELECT * FROM {table}"))


@pytest.fixture(scope="session")
def key_database(database: str) -> Iterator[str]:
    """A database of PostgreSQL for keys, beside the log's."""
    name = f"keys_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_conninfo(database, dbname=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty place for a key store, on each engine in turn."""
    folder = tmp_path / "keys"
    if request.param == "sqlite":
        place = Place("sqlite", folder, lambda: SqliteEngine(folder / "keys.sqlite"))
    else:
        address, schema = request.getfixturevalue("key_database"), f"k_{uuid4().hex[:12]}"
        place = Place("postgres", folder, lambda: PostgresEngine(address, schema))
    yield place
    for ring in place.rings:
        ring.close()


@pytest.fixture
def ring(place: Place) -> KeyRing:
    """A ring on an empty store."""
    return place.open()
