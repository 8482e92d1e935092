"""
How far a log has been followed, on the disk: so that nobody who starts again has to read it from the beginning.

One small SQLite file, written in one transaction: killed at any moment, it holds one state or the next. What it says is
believed only as far as it agrees with the tree; where it does not, it is thrown away and the log is read again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Self

from ledger.continuity import Continuity
from ledger.errors import disk_errors
from ledger.tree import HASH_SIZE, Frontier

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS progress (
    one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL,
    size INTEGER NOT NULL, frontier BLOB NOT NULL, latest INTEGER NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS head (
    stream TEXT PRIMARY KEY, seq INTEGER NOT NULL, leaf TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dangling (leaf TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blanked (leaf INTEGER PRIMARY KEY) STRICT;
"""


class Followed:
    """A log as far as it has been followed: its tree, its streams, and which of its leaves were erased."""

    def __init__(self, origin: str) -> None:
        self.frontier = Frontier()
        self.continuity = Continuity(origin)
        self.blanked: set[int] = set()
        self.note = ""
        """The checkpoint that stands at this size, where somebody keeps it here."""

    @property
    def size(self) -> int:
        """Give the number of leaves followed."""
        return self.frontier.size


class Progress:
    """Keeps what was followed in a file, for the time of a `with`."""

    def __init__(self, file: Path, origin: str) -> None:
        self._file = file
        self._origin = origin

    def __enter__(self) -> Self:
        """Open it. Raises `NotWritten`."""
        with _storage():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._file, timeout=5.0, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA synchronous = EXTRA")
            self._connection.executescript(_TABLES)
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._connection.close()

    def read(self) -> Followed:
        """Take up what was followed; an empty log where nothing of this one was kept. Raises `NotWritten`."""
        followed = Followed(self._origin)
        with _storage():
            row = self._connection.execute("SELECT origin, size, frontier, latest, note FROM progress").fetchone()
            if row is None or row[0] != self._origin:
                return followed
            _, size, frontier, latest, note = row
            try:
                hashes = [frontier[at : at + HASH_SIZE] for at in range(0, len(frontier), HASH_SIZE)]
                followed.frontier = Frontier(size, hashes)
            except ValueError:
                return followed
            followed.note = note
            followed.continuity.latest = latest
            followed.continuity.heads = {
                stream.encode(): (seq, leaf.encode())
                for stream, seq, leaf in self._connection.execute("SELECT stream, seq, leaf FROM head")
            }
            followed.continuity.dangling = {
                leaf.encode() for (leaf,) in self._connection.execute("SELECT * FROM dangling")
            }
            followed.blanked = {leaf for (leaf,) in self._connection.execute("SELECT leaf FROM blanked")}
        return followed

    def save(self, followed: Followed, *, whole: bool = False) -> None:
        """Keep what was followed, onto the disk: what has changed since the last time, or all of it."""
        continuity = followed.continuity
        streams: Iterable[bytes] = continuity.heads if whole else continuity.changed
        with _storage(), self._transaction() as connection:
            if whole:
                for table in ("head", "blanked"):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - two names from the line above
            connection.execute("DELETE FROM dangling")
            connection.executemany(
                "INSERT INTO dangling VALUES (?)", [(leaf.decode(),) for leaf in continuity.dangling]
            )
            connection.executemany(
                "INSERT OR REPLACE INTO head VALUES (?, ?, ?)",
                [
                    (stream.decode(), seq, leaf.decode())
                    for stream in streams
                    for seq, leaf in [continuity.heads[stream]]
                ],
            )
            connection.executemany("INSERT OR IGNORE INTO blanked VALUES (?)", [(each,) for each in followed.blanked])
            connection.execute(
                "INSERT OR REPLACE INTO progress VALUES (1, ?, ?, ?, ?, ?)",
                (
                    self._origin,
                    followed.size,
                    b"".join(followed.frontier.hashes),
                    continuity.latest,
                    followed.note,
                ),
            )
        continuity.changed.clear()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


_storage = partial(
    disk_errors,
    "How far the log was followed cannot be kept",
    "See that the folder exists, is not full, and belongs to this account.",
)
