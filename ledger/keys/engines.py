"""
The two places a key store can stand in: a SQLite file, or a PostgreSQL database that is not the log's.

Each runs the same statements (`keys.sql`): one by itself, or several as one transaction. What either answers with when
it cannot is turned into errors of ours here; its own text may quote rows, so none of it goes on.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any, Final, LiteralString, Protocol, cast

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool, PoolTimeout

from ledger.errors import KeyStoreRefused, KeyStoreUnavailable
from ledger.statements import blocks

STATEMENTS: Final = Path(__file__).with_name("keys.sql")
TABLES: Final = Path(__file__).with_name("tables.sql")

Rows = list[tuple[Any, ...]]
Parameters = Mapping[str, Any]

_PARAMETER: Final = re.compile(r"(?<!:):(\w+)")
_WAIT_SECONDS: Final = 10
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class BrokenReference(Exception):  # noqa: N818 - names the finding
    """A row is still referred to, or refers to one that is gone."""


class Session(Protocol):
    """A transaction that is under way."""

    def run(self, name: str, parameters: Parameters | None = None) -> Rows:
        """Run a statement of `keys.sql` and give its rows. Raises `BrokenReference`, `KeyStoreUnavailable`."""

    def run_many(self, name: str, several: Sequence[Parameters]) -> None:
        """Run a statement once for each of several sets of parameters."""


class Engine(Protocol):
    """Where a key store stands."""

    def run(self, name: str, parameters: Parameters | None = None) -> Rows:
        """Run one statement as a transaction of its own."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Run several as one: all of them or none, durable when this ends."""

    def scrub(self) -> None:
        """Let what was destroyed leave the files too, as far as the engine can."""

    def close(self) -> None:
        """Let go of files and connections."""


def make_private(folder: Path) -> Path:
    """Make a folder that only this account can enter (0700). Raises `KeyStoreRefused`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
            folder.chmod(0o700)
    except OSError as error:
        raise KeyStoreRefused(
            f"The folder of the keys cannot be made private to this account (error {error.errno}). "
            "Name a folder that this account owns."
        ) from None
    return folder


class SqliteEngine:
    """
    A file of SQLite, for several threads and several processes of one machine.

    Write-ahead log, `synchronous=FULL`: what has been answered survives a power cut. `secure_delete` and the checkpoint
    of `scrub` overwrite what was destroyed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = RLock()
        self._process = -1
        self._connection: sqlite3.Connection | None = None
        make_private(file.parent)
        with self._errors():
            # Closing a file gives up every lock this process has on it (POSIX), those of other connections included:
            # another process would take the key store for its own. So a file that is there is never opened beside them.
            if not file.exists():
                with suppress(FileExistsError):
                    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            if stat.S_IMODE(file.stat().st_mode) & _OTHERS:
                raise KeyStoreRefused(
                    "The file of the key store can be read by other accounts. Make it private (chmod 600), "
                    "and find out who read it."
                )
        with self.transaction() as session:
            cast("_SqliteSession", session).make_tables()

    def run(self, name: str, parameters: Parameters | None = None) -> Rows:
        """Run one statement as a transaction of its own."""
        with self._lock, self._errors():
            return _SqliteSession(self._open()).run(name, parameters)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Run several as one."""
        with self._lock, self._errors():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteSession(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def scrub(self) -> None:
        """Empty the write-ahead log into the file, where destroyed rows have been overwritten."""
        with self._lock, self._errors():
            ((busy, *_),) = self._open().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if busy:
            raise KeyStoreUnavailable(
                "What was destroyed still stands in the write-ahead log of the key store, since another process was "
                "reading all the while. Do the same again."
            )

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None or self._process != os.getpid():  # a connection does not outlive a fork
            connection = sqlite3.connect(
                self._file, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            for setting in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "secure_delete=ON",
                "cache_size=-65536",
            ):
                connection.execute(f"PRAGMA {setting}")
            self._connection, self._process = connection, os.getpid()
        return self._connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise KeyStoreUnavailable(
                "The key store cannot be read or written "
                f"({getattr(error, 'sqlite_errorname', None) or type(error).__name__}). "
                "Look whether its folder is there, belongs to this account and has room, then try again."
            ) from None


class _SqliteSession:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, name: str, parameters: Parameters | None = None) -> Rows:
        text, values = _listed(blocks(STATEMENTS)[name], parameters or {})
        try:
            return self._connection.execute(text, values).fetchall()
        except sqlite3.IntegrityError:
            raise BrokenReference from None

    def run_many(self, name: str, several: Sequence[Parameters]) -> None:
        try:
            self._connection.executemany(blocks(STATEMENTS)[name], several)
        except sqlite3.IntegrityError:
            raise BrokenReference from None

    def make_tables(self) -> None:
        for statement in _tables("blob"):
            self._connection.execute(statement)


class PostgresEngine:
    """
    A database of PostgreSQL, in a schema of its own, for any number of machines.

    A database that holds a log is refused: its backups would keep the keys beside what they open.
    """

    def __init__(self, address: str, schema: str, *, wait: float = _WAIT_SECONDS) -> None:
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            address,
            min_size=1,
            max_size=4,
            timeout=wait,
            open=False,
            kwargs={
                "autocommit": True,
                "options": f"-c search_path={schema} -c lock_timeout=10s -c transaction_timeout=60s"
                " -c client_min_messages=warning -c synchronous_commit=on",
            },
        )
        self._pool.open()
        try:
            self._make(schema)
        except BaseException:
            self._pool.close()
            raise

    def run(self, name: str, parameters: Parameters | None = None) -> Rows:
        """Run one statement as a transaction of its own."""
        with self._errors(), self._pool.connection() as connection:
            return _PostgresSession(connection).run(name, parameters)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Run several as one."""
        with self._errors(), self._pool.connection() as connection, connection.transaction():
            yield _PostgresSession(connection)

    def scrub(self) -> None:
        """
        Write the tables anew without what was destroyed.

        The server's own log and its backups still hold the wrapped keys, until their epoch is destroyed.
        """
        with self._errors(), self._pool.connection() as connection:
            connection.execute("VACUUM (FULL) subject, data_key")

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    def _make(self, schema: str) -> None:
        with self._errors(), self._pool.connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('beforehand key store', 0))")
            holds_a_log = connection.execute(
                "SELECT FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
                " WHERE relname = 'event' AND relkind = 'r' AND attname = 'originator_version'"
            ).fetchone()
            if holds_a_log is not None:
                raise KeyStoreRefused(
                    "This database holds a log, and its backups would keep the keys beside what they open. "
                    "Name another database for the keys."
                )
            connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema)))
            for statement in _tables("bytea"):
                connection.execute(statement.encode())

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.OperationalError, PoolTimeout):
            raise KeyStoreUnavailable(
                "The database of the keys cannot be reached, or did not answer in time. Try again."
            ) from None
        except psycopg.Error as error:
            raise KeyStoreUnavailable(f"The database of the keys refused this (SQLSTATE {error.sqlstate}).") from None


class _PostgresSession:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def run(self, name: str, parameters: Parameters | None = None) -> Rows:
        text, values = _listed(blocks(STATEMENTS)[name], parameters or {})
        try:
            cursor = self._connection.execute(_for_postgres(text), values)
            return cursor.fetchall() if cursor.description is not None else []
        except psycopg.errors.IntegrityError:
            raise BrokenReference from None

    def run_many(self, name: str, several: Sequence[Parameters]) -> None:
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(_for_postgres(blocks(STATEMENTS)[name]), several)
        except psycopg.errors.IntegrityError:
            raise BrokenReference from None


def _tables(bytes_: str) -> list[str]:
    text = TABLES.read_text(encoding="utf-8").replace("{bytes}", bytes_)
    return [statement for statement in text.split(";") if statement.strip()]


def _listed(text: str, parameters: Parameters) -> tuple[str, Parameters]:
    """Give each parameter that is a list a name for each of its members. Lists are never empty."""
    values: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, list):
            members = {f"{name}_{nth}": member for nth, member in enumerate(value)}
            text = text.replace(f"(:{name})", "(" + ", ".join(f":{member}" for member in members) + ")")
            values.update(members)
        else:
            values[name] = value
    return text, values


@lru_cache(maxsize=256)
def _for_postgres(text: str) -> SQL:
    return SQL(cast("LiteralString", _PARAMETER.sub(r"%(\1)s", text)))  # type: ignore[redundant-cast]
