"""
The lock store: the last checkpoint that was signed, outside the database, and never brought back from a backup.

A publisher may only move it on: to a larger tree, from exactly the state that it last saw (compare-and-swap). So a
database restored from an older backup, a second publisher, or a file put back by hand cannot make the log sign two
histories. It is one small SQLite file in a folder of its own, which belongs on another disk than the database.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Final, Self

from ledger.errors import AnotherPublisher, LogBroken, disk_errors
from ledger.verify import EMPTY_ROOT

_WAIT: Final = 5.0
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS signed (
    one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL,
    size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS frozen (one INTEGER PRIMARY KEY CHECK (one = 1)) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Signed:
    """The last checkpoint that was signed; the note is empty before the first."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""


class LockStore:
    """The lock store of one log, for the time of a `with`. One process may `hold` it at a time."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._origin = origin
        self._held: int | None = None
        # One connection for all threads: none may read in the middle of another's transaction.
        self._turn = RLock()

    def __enter__(self) -> Self:
        """Open it. Raises `NotWritten`, and `LogBroken` where it belongs to another log."""
        with _storage():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self._folder / "lock.sqlite", timeout=_WAIT, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA synchronous = EXTRA")
            self._connection.executescript(_TABLES)
        self.read()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it, and let another hold it."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
        self._connection.close()

    def hold(self) -> None:
        """
        Be the one publisher until closed; the operating system lets go of it when the process dies, however it dies.

        This spares two publishers each other's work. That only one of them signs does not rest on it, but on `swap`.
        Raises `AnotherPublisher`.
        """
        if self._held is not None:
            return
        with _storage():
            descriptor = os.open(self._folder / "publisher.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise AnotherPublisher(
                f"Another publisher of {self._origin} is at work. This one waits, and takes over when that one ends."
            ) from None
        self._held = descriptor

    def read(self) -> Signed:
        """Give the last checkpoint that was signed. Raises `LogBroken` where it is of another log."""
        with _storage(), self._turn:
            row = self._connection.execute("SELECT origin, size, root, note FROM signed").fetchone()
        if row is None:
            return Signed()
        origin, size, root, note = row
        if origin != self._origin:
            raise LogBroken(
                "wrong_log",
                f"This lock store belongs to the log {origin}, not to {self._origin}. Give each log its own folder.",
            )
        return Signed(size, root, note)

    def swap(self, seen: Signed, new: Signed) -> None:
        """
        Move on from what was seen to a new checkpoint, onto the disk, or do nothing.

        Raises `AnotherPublisher` where the store no longer holds what was seen, and `LogBroken` for a smaller tree or
        another one of the same size: those are never signed, whoever asks.
        """
        refuse_rollback(seen, new)
        with self._transaction():
            self._refuse_frozen()
            if self.read() != seen:
                raise AnotherPublisher(
                    "Another publisher has signed meanwhile. This one has signed nothing, reads that, and goes on."
                )
            self._connection.execute(
                "INSERT INTO signed VALUES (1, ?, ?, ?, ?)"
                " ON CONFLICT (one) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note",
                (self._origin, new.size, new.root, new.note),
            )

    def freeze(self) -> Signed:
        """End the log: sign nothing more, ever, and give its last checkpoint. Only a new log can go on from it."""
        with self._transaction():
            self._connection.execute("INSERT OR IGNORE INTO frozen VALUES (1)")
        return self.read()

    def _refuse_frozen(self) -> None:
        if self._connection.execute("SELECT one FROM frozen").fetchone():
            raise LogBroken(
                "frozen",
                f"The log {self._origin} was ended: nothing more is signed in it. Its successor goes on "
                "(ops/runbooks/succession.md).",
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _storage(), self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def refuse_rollback(last: Signed, new: Signed) -> None:
    """Refuse a tree that is smaller than the last one signed, or another one of its size. Raises `LogBroken`."""
    if new.size < last.size:
        raise LogBroken(
            "shrunken",
            f"The database has {new.size} entries, but a checkpoint of {last.size} was signed: "
            f"{last.size - new.size} entries are missing. Nothing is signed. If the database was brought back from a "
            "backup, follow ops/runbooks/publisher-refuses.md: the missing entries stand in the published bundles.",
            new.size,
        )
    if new.size == last.size and new.root != last.root:
        raise LogBroken(
            "another_history",
            f"The {new.size} entries in the database are not those over which the last checkpoint was signed, "
            "though they are as many. Nothing is signed. Follow ops/runbooks/publisher-refuses.md.",
        )


_storage = partial(
    disk_errors,
    "The lock store cannot be used",
    "Nothing is signed without it.",
)
