"""
A witness: cosigns a checkpoint only if the log has grown from the last one it cosigned, and remembers that one.

C2SP tlog-witness, with what its editors made clear after version 1.0.0: two trees of one size are answered with 422,
like any proof that does not hold, and an empty tree has one root only. Which log keys it knows is all that is set up;
what it has cosigned is written to the disk before the cosignature leaves, in the same transaction that checks it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol, Self

import structlog

from ledger.errors import KeyFileUnusable, disk_errors
from ledger.notes import Signer, add_signatures, lines_by
from ledger.verify import (
    EMPTY_ROOT,
    Checkpoint,
    Refused,
    VerifierKey,
    hash_from_base64,
    number,
    open_note,
    parse_checkpoint,
    verify_consistency,
)

LONGEST_REQUEST: Final = 64 * 1024
"""Bytes of a request: a note with several signatures that stand against quantum computers, and the longest proof."""
SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"

_MOST_PROOF_LINES: Final = 63
_OK, _BAD_REQUEST, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _UNPROCESSABLE = 200, 400, 403, 404, 409, 422
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS latest (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS split_view (
    origin TEXT, size INTEGER, root BLOB, cosigned TEXT NOT NULL, refused TEXT NOT NULL,
    PRIMARY KEY (origin, size, root)
) STRICT;
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered over HTTP."""

    status: int
    body: bytes
    content_type: str = TEXT_TYPE


class Cosigner(Protocol):
    """What answers a log that asks for a cosignature."""

    def add_checkpoint(self, request: bytes) -> Answer:
        """Answer `POST /add-checkpoint`."""

    def checkpoint(self, origin_hash: str) -> Answer:
        """Answer `GET /<SHA-256 of the origin, in hexadecimal>/checkpoint`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to cosign, as it was read: nothing in it is believed yet."""

    old: int
    proof: list[bytes]
    note: str


class Declined(Exception):  # noqa: N818 - an answer, not a fault
    """A request is not granted, and this is the answer."""

    def __init__(self, status: int, body: str, content_type: str = TEXT_TYPE) -> None:
        super().__init__(status)
        self.answer = Answer(status, f"{body}\n".encode(), content_type)


class Witness:
    """A witness of some logs. Requests may come from several threads, and from several processes with one state."""

    def __init__(
        self,
        signers: Sequence[Signer],
        logs: Iterable[VerifierKey],
        state: WitnessState,
        now: Callable[[], datetime],
    ) -> None:
        self._signers = list(signers)
        self._logs: dict[str, list[VerifierKey]] = {}
        for key in logs:
            self._logs.setdefault(key.name, []).append(key)
        self._state = state
        self._now = now

    def add_checkpoint(self, request: bytes) -> Answer:
        """Answer a request to cosign. Raises `NotWritten`, and has cosigned nothing then."""
        try:
            asked = parse_request(request)
            checkpoint, keys = known_checkpoint(asked, self._logs)
            return self._cosign(asked, checkpoint, keys)
        except Declined as declined:
            return declined.answer

    def checkpoint(self, origin_hash: str) -> Answer:
        """Give the latest checkpoint that was cosigned of a log, to whoever compares."""
        for origin in self._logs:
            if sha256(origin.encode()).hexdigest() == origin_hash and (note := self._state.note(origin)):
                return Answer(_OK, note.encode())
        return Answer(_NOT_FOUND, b"No checkpoint of such a log was ever cosigned here.\n")

    def _cosign(self, asked: Asked, checkpoint: Checkpoint, keys: list[VerifierKey]) -> Answer:
        with self._state.change() as state:
            size, root = state.latest(checkpoint.origin)
            if asked.old != size:
                raise Declined(_CONFLICT, str(size), SIZE_TYPE)
            if asked.old == checkpoint.size != 0 and root != checkpoint.root:
                self._split_view(state, checkpoint, asked.note)
            need_growth(asked, root, checkpoint)
            time = int(self._now().timestamp())
            lines = [each.sign(str(checkpoint), time) for each in self._signers]
            text = f"{checkpoint}\n"
            state.put(checkpoint, add_signatures(text, lines_by(asked.note, keys) + lines))
        return Answer(_OK, "".join(lines).encode())

    def _split_view(self, state: _Change, checkpoint: Checkpoint, note: str) -> None:
        """Keep both checkpoints: each is signed by the log, and together they prove that it shows two histories."""
        state.keep_split_view(checkpoint, note)
        log.error("witness.split_view", origin=checkpoint.origin, size=checkpoint.size)


def parse_request(request: bytes) -> Asked:
    """Take a request apart: `old N`, lines of the proof, an empty line, the checkpoint. Raises `Declined`."""
    head, blank, note = request.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        if not blank or not first.startswith("old ") or len(lines) > _MOST_PROOF_LINES:
            raise Declined(
                _BAD_REQUEST,
                f"A request is `old N`, up to {_MOST_PROOF_LINES} lines of a proof, an empty line, and a checkpoint.",
            )
        old = number(first.removeprefix("old "), "The old size")
        return Asked(old, [hash_from_base64(line, "A line of the proof") for line in lines], note.decode())
    except UnicodeDecodeError:
        raise Declined(_BAD_REQUEST, "The request is not text.") from None
    except Refused as refused:
        raise Declined(_BAD_REQUEST, refused.message) from None


def known_checkpoint(asked: Asked, logs: dict[str, list[VerifierKey]]) -> tuple[Checkpoint, list[VerifierKey]]:
    """Give the checkpoint of a request, once a key that is known for its log has signed it. Raises `Declined`."""
    text = asked.note.rpartition("\n\n")[0] + "\n"
    checkpoint, refused_root = None, None
    try:
        checkpoint = parse_checkpoint(text)
    except Refused as refused:
        if refused.code != "empty_root":
            raise Declined(_BAD_REQUEST, refused.message) from None
        refused_root = refused
    keys = logs.get(text.partition("\n")[0])
    if keys is None:
        raise Declined(_NOT_FOUND, "This witness does not know the log of that checkpoint.")
    try:
        open_note(asked.note.encode(), keys)
    except Refused as refused:
        status = _FORBIDDEN if refused.code in {"unsigned", "signature"} else _BAD_REQUEST
        raise Declined(status, refused.message) from None
    if checkpoint is None:
        raise Declined(_UNPROCESSABLE, str(refused_root))
    if asked.old > checkpoint.size:
        raise Declined(_BAD_REQUEST, f"The old size, {asked.old}, is larger than the checkpoint's, {checkpoint.size}.")
    return checkpoint, keys


def need_growth(asked: Asked, old_root: bytes, checkpoint: Checkpoint) -> None:
    """Check that a checkpoint goes on from the tree of the old size, whose root is known. Raises `Declined`."""
    if asked.old == 0:
        if asked.proof:
            raise Declined(_UNPROCESSABLE, "From an empty tree there is nothing to prove, and there is a proof.")
        return
    try:
        verify_consistency(asked.old, checkpoint.size, asked.proof, old_root, checkpoint.root)
    except Refused as refused:
        raise Declined(_UNPROCESSABLE, refused.message) from None


class WitnessState:
    """What a witness has cosigned, in a small SQLite file, for the time of a `with`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> Self:
        """Open it. Raises `NotWritten`."""
        with _storage():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._connected() as connection:
                connection.executescript(_TABLES)
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held between requests."""

    @contextmanager
    def change(self) -> Iterator[_Change]:
        """Check and put in one transaction, which is on the disk when this ends. Raises `NotWritten`."""
        with _storage(), self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _Change(connection)
            except Declined:
                connection.execute("COMMIT")  # a split view is kept
                raise
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def note(self, origin: str) -> str | None:
        """Give the latest checkpoint that was cosigned of a log, with its signatures."""
        with _storage(), self._connected() as connection:
            row = connection.execute("SELECT note FROM latest WHERE origin = ?", (origin,)).fetchone()
        return row[0] if row else None

    def split_views(self) -> list[tuple[str, int, str, str]]:
        """Give what proves that a log showed two histories: origin, size, and the two signed checkpoints."""
        with _storage(), self._connected() as connection:
            return connection.execute("SELECT origin, size, cosigned, refused FROM split_view").fetchall()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, timeout=5.0, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = EXTRA")
            yield connection
        finally:
            connection.close()


class _Change:
    """One transaction on the state of a witness."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def latest(self, origin: str) -> tuple[int, bytes]:
        """Give size and root that were cosigned last of a log; those of the empty tree where none was."""
        row = self._connection.execute("SELECT size, root FROM latest WHERE origin = ?", (origin,)).fetchone()
        return row or (0, EMPTY_ROOT)

    def put(self, checkpoint: Checkpoint, note: str) -> None:
        """Put what is cosigned now in place of what was before."""
        self._connection.execute(
            "INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)",
            (checkpoint.origin, checkpoint.size, checkpoint.root, note),
        )

    def keep_split_view(self, checkpoint: Checkpoint, note: str) -> None:
        """Keep a signed checkpoint beside the one of the same size that was cosigned."""
        self._connection.execute(
            "INSERT OR IGNORE INTO split_view SELECT ?, ?, ?, note, ? FROM latest WHERE origin = ?",
            (checkpoint.origin, checkpoint.size, checkpoint.root, note, checkpoint.origin),
        )


def refuse_lost_state(key: Path, state: Path) -> None:
    """
    Refuse a key whose state is lost: it could be made to cosign a second history, and nobody would notice.

    To be asked before the state is opened, which makes one where there is none. Raises `KeyFileUnusable`.
    """
    if key.exists() and not state.exists():
        raise KeyFileUnusable(
            f"The key {key.name} is here, but what it has cosigned ({state.name}) is not. Bring that back. "
            "If it is lost, this key is never used again: begin with a new folder and a new name, and tell the logs."
        )


def own_key(file: Path, name: str | None, kind: int) -> Signer:
    """Take up the key of a cosigner; make one where it begins, which needs a name. Raises `KeyFileUnusable`."""
    if file.exists():
        signer = Signer.load(file)
        if signer.key.kind != kind or name not in {None, signer.name}:
            raise KeyFileUnusable(f"The key {file.name} is not of that name and kind. It belongs to {signer.name}.")
        return signer
    if name is None:
        raise KeyFileUnusable("There is no key yet. Give the name of the new one, such as a host and a path.")
    try:
        signer = Signer.generate(name, kind)
        file.parent.mkdir(parents=True, exist_ok=True)
        signer.save(file)
    except ValueError as error:
        raise KeyFileUnusable(str(error)) from None
    except OSError as error:
        raise KeyFileUnusable(f"The key {file.name} cannot be written ({error.strerror}).") from None
    return signer


_storage = partial(
    disk_errors,
    "What was cosigned cannot be kept",
    "Nothing is cosigned until it can.",
)
