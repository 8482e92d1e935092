"""
The stream auditor: reads every entry of a published log, and cosigns that no stream has a fork, a gap or an alteration.

Its cosignature is one of C2SP tlog-cosignature with an additional statement, which belongs to its key and no other:

    I re-hashed all entries up to this size. Every number of every stream occurs once, none is left out, each entry
    names the one before it, times do not step back, and where an entry was erased the log itself records the erasure.

It keeps how far it has followed the log, so that each time it reads only what is new. A witness sees that a log has
only grown; only somebody who reads the entries can see that a stream in it was forked (`ops/decisions/0025`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

import httpx2

from ledger.continuity import altered, milliseconds, unlisted
from ledger.errors import LogBroken, SourceUnreadable
from ledger.notes import Signer, add_signatures, lines_by
from ledger.progress import Followed, Progress
from ledger.publisher.erasures import read as read_erasures
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import (
    CHECKPOINT,
    ERASURES,
    WIDTH,
    NoSuchTile,
    NotATile,
    Tile,
    TileTree,
    bundles_of,
    hashes_of,
    read_entries,
    read_tile,
)
from ledger.tree import inclusion_proof, root_at
from ledger.verify import (
    Checkpoint,
    Refused,
    VerifierKey,
    leaf_hash,
    open_note,
    parse_checkpoint,
    parse_entry,
    verify_inclusion,
)
from ledger.witness import SIZE_TYPE, Answer, Declined, known_checkpoint, parse_request

_LONGEST_FILE: Final = WIDTH * (2 + 0xFFFF)
_TIMEOUT: Final = 30.0


class Source(Protocol):
    """Where the files of a published log are read."""

    def read(self, path: str) -> bytes:
        """Read one. Raises `NoSuchTile` where there is none, and `SourceUnreadable`."""


class HttpSource:
    """A published log at an address."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._client = httpx2.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    def read(self, path: str) -> bytes:
        """Read a file. Raises `NoSuchTile` and `SourceUnreadable`."""
        try:
            with self._client.stream("GET", f"{self._url}/{path}") as answer:
                if answer.status_code in {404, 410}:
                    raise NoSuchTile(path)
                if answer.status_code != 200:  # noqa: PLR2004 - HTTP's own number
                    raise SourceUnreadable(f"The published log answers {answer.status_code} to {path}.")
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _LONGEST_FILE:
                        raise SourceUnreadable(f"The file {path} of the published log is larger than any can be.")
                return bytes(body)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as problem:
            raise SourceUnreadable(
                f"The published log cannot be reached ({type(problem).__name__}). Check the address and try again."
            ) from None


def source_of(place: str) -> Source:
    """Give the source at an address, or in a folder."""
    return HttpSource(place) if place.startswith(("http://", "https://")) else StaticFiles(Path(place))


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit came to: the checkpoint it agrees with, the cosignature where it has a key, and what it read."""

    checkpoint: Checkpoint
    note: str
    line: str
    read: int
    streams: int
    erased: int


class Auditor:
    """Audits one log from its published files. Several threads may ask; one audit runs at a time."""

    def __init__(
        self,
        keys: Sequence[VerifierKey],
        source: Source,
        progress: Progress,
        now: Callable[[], datetime],
        signer: Signer | None = None,
    ) -> None:
        self._keys = list(keys)
        self._source = source
        self._progress = progress
        self._now = now
        self._signer = signer
        self._lock = Lock()

    def audit(self) -> Audited:
        """
        Audit what is new up to the latest published checkpoint, and cosign that.

        Raises `LogBroken` with what was found, and `SourceUnreadable`; nothing is cosigned or remembered then.
        """
        with self._lock:
            return self._audit(self._latest())

    def add_checkpoint(self, request: bytes) -> Answer:
        """Answer a log that asks for the cosignature as it would ask a witness (C2SP tlog-witness)."""
        try:
            asked = parse_request(request)
            checkpoint, keys = known_checkpoint(asked, {key.name: self._keys for key in self._keys})
            note = add_signatures(f"{checkpoint}\n", lines_by(asked.note, keys))
            with self._lock:
                followed = self._progress.read()
                if asked.old != followed.size:
                    return Answer(409, f"{followed.size}\n".encode(), SIZE_TYPE)
                return Answer(200, self._audit(note, followed).line.encode())
        except Declined as declined:
            return declined.answer
        except LogBroken as finding:
            return Answer(422, f"{finding.message}\n".encode())

    def checkpoint(self, origin_hash: str) -> Answer:
        """Give the latest checkpoint that was audited, with the cosignature."""
        note = self._progress.read().note
        if note and any(sha256(key.name.encode()).hexdigest() == origin_hash for key in self._keys):
            return Answer(200, note.encode())
        return Answer(404, b"No checkpoint of such a log was ever audited here.\n")

    def _latest(self) -> str:
        try:
            return self._source.read(CHECKPOINT).decode()
        except (NoSuchTile, UnicodeDecodeError):
            raise SourceUnreadable("There is no published log here: it has no checkpoint.") from None

    def _audit(self, note: str, followed: Followed | None = None) -> Audited:
        followed = followed or self._progress.read()
        checkpoint = self._opened(note)
        before = followed.size
        _goes_on(checkpoint, followed)
        try:
            tree = TileTree(checkpoint.size, self._source.read)
            erased = self._erasures(tree, checkpoint)
            self._follow(followed, tree, erased)
            files_root = root_at(checkpoint.size, tree.node)
        except NoSuchTile as missing:
            raise SourceUnreadable(f"The published log lacks the file {missing}, which its checkpoint needs.") from None
        except NotATile as spoilt:
            raise LogBroken("not_a_file", f"A published file was altered or cut. {spoilt}") from None
        if followed.frontier.root() != checkpoint.root or files_root != checkpoint.root:
            raise LogBroken(
                "another_history",
                f"The {checkpoint.size} entries that are published are not those over which the checkpoint was "
                "signed: the log shows two histories, or its files were changed.",
            )
        return self._agree(followed, checkpoint, note, before)

    def _opened(self, note: str) -> Checkpoint:
        try:
            checkpoint = parse_checkpoint(open_note(note.encode(), self._keys).text)
        except Refused as refused:
            raise LogBroken("not_signed", f"The published checkpoint cannot be trusted. {refused.message}") from None
        if checkpoint.origin not in {key.name for key in self._keys}:
            raise LogBroken("wrong_log", f"The published checkpoint is of another log, {checkpoint.origin}.")
        return checkpoint

    def _follow(self, followed: Followed, tree: TileTree, erased: frozenset[int]) -> None:
        """Follow every entry that is new, bundle by bundle, and compare each with its leaf in the tiles."""
        now = milliseconds(self._now())
        for bundle in bundles_of(followed.size, tree.size):
            entries = read_entries(bundle, self._source.read)
            found, content = read_tile(Tile(0, bundle.index, bundle.width), self._source.read)
            leaves = hashes_of(content, found.width)
            first = bundle.index * WIDTH
            for index in range(followed.size, first + bundle.width):
                entry, leaf = entries[index - first], leaves[index - first]
                if entry:
                    self._take(followed, index, entry, leaf, now)
                elif index not in erased:
                    raise unlisted([index])
                else:
                    followed.continuity.skip_erased(leaf)
                    followed.blanked.add(index)
                followed.frontier.append(leaf)

    def _take(self, followed: Followed, index: int, entry: bytes, leaf: bytes, now: int) -> None:
        try:
            hashed, _ = followed.continuity.follow(index, entry, now)
        except LogBroken:
            if leaf_hash(entry) != leaf:
                raise altered(index) from None
            raise
        if hashed != leaf:
            raise altered(index)

    def _erasures(self, tree: TileTree, checkpoint: Checkpoint) -> frozenset[int]:
        """Give the leaves that the log itself records as erased, each recording proven to stand in this tree."""
        try:
            listed = read_erasures(self._source.read(ERASURES))
        except NoSuchTile:
            return frozenset()
        erased: set[int] = set()
        for index, digest, leaves in listed:
            if index >= checkpoint.size:
                continue  # recorded since this checkpoint was signed
            entry = self._entry(index, checkpoint.size)
            try:
                proof = inclusion_proof(index, checkpoint.size, tree.node)
                verify_inclusion(index, checkpoint.size, leaf_hash(entry), proof, checkpoint.root)
                recorded = parse_entry(entry).manifest
            except Refused:
                recorded = ""
            if recorded != digest:
                raise LogBroken(
                    "erasure_not_recorded",
                    f"The list of erasures names leaf {index} as the record of one, but that leaf is none.",
                    index,
                )
            erased |= leaves
        return frozenset(erased)

    def _entry(self, index: int, size: int) -> bytes:
        number, offset = divmod(index, WIDTH)
        return read_entries(Tile(None, number, min(size - number * WIDTH, WIDTH)), self._source.read)[offset]

    def _agree(self, followed: Followed, checkpoint: Checkpoint, note: str, before: int) -> Audited:
        """Cosign, and remember how far the log was followed before the cosignature leaves."""
        line = ""
        if self._signer is not None:
            line = self._signer.sign(str(checkpoint), int(self._now().timestamp()))
            note = add_signatures(note, [line])
        followed.note = note
        self._progress.save(followed, whole=before == 0)
        streams = len(followed.continuity.heads)
        return Audited(checkpoint, note, line, checkpoint.size - before, streams, len(followed.blanked))


def _goes_on(checkpoint: Checkpoint, followed: Followed) -> None:
    """Refuse a checkpoint that is older than what was audited."""
    if checkpoint.size < followed.size:
        raise LogBroken(
            "shrunken",
            f"The published checkpoint has {checkpoint.size} entries, and {followed.size} were audited before: "
            "entries were taken out of the log, or an older state of it is shown.",
            checkpoint.size,
        )
