"""
What others may ask of a published log: its latest checkpoint, proofs, and to wait until a leaf is covered.

It reads the published files only, whoever writes them: the publisher of this process, or one elsewhere.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Final

from ledger.errors import LedgerError
from ledger.mark import Mark
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, COSIGNED, NoSuchTile, TileTree
from ledger.tree import consistency_proof, inclusion_proof
from ledger.verify import Policy, Refused, TlogProof, open_note, parse_checkpoint

_POLL: Final = 0.25
"""Seconds after which the files are looked at again while somebody waits: another process may publish them."""


class NotCoveredYet(LedgerError):  # noqa: N818 - an answer, not a fault
    """No checkpoint covers that leaf yet."""

    code = "not_covered_yet"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A cosignature that holds: by which witness of the policy, and at what time it says (UTC)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """
    A published checkpoint whose signatures hold.

    `cosigned` are the witnesses of the policy under it; `quorum` says whether they are enough. `made_at` is the latest
    time that one of them states, and None where nobody states one: a log's own signature says nothing of time.
    """

    size: int
    root: bytes
    note: str
    cosigned: tuple[Cosigned, ...]
    quorum: bool

    @property
    def made_at(self) -> datetime | None:
        """Give the latest time at which somebody cosigned it."""
        return max((each.at for each in self.cosigned), default=None)


class Published:
    """A published log, for reading. Calls may come from any thread."""

    def __init__(self, files: StaticFiles, policy: Policy, written: bytes) -> None:
        """Take the files, and the policy of the log as it was read and as it is written."""
        self.files = files
        self.policy = policy
        self.written = written
        self.mark = Mark()
        """The size of the last published checkpoint that was seen here."""
        self._read: dict[str, tuple[bytes, PublishedCheckpoint]] = {}
        self._lock = Lock()

    @property
    def covered(self) -> int:
        """Give the size of the last published checkpoint: every leaf below that is proven."""
        self.latest()
        return self.mark.position

    def latest(self) -> PublishedCheckpoint | None:
        """Give the last published checkpoint; None before the first, or where its signature does not hold."""
        checkpoint = self._checkpoint(CHECKPOINT)
        if checkpoint is not None:
            self.mark.move(checkpoint.size)
        return checkpoint

    def cosigned(self) -> PublishedCheckpoint | None:
        """Give the last published checkpoint that met the policy; None before the first."""
        checkpoint = self._checkpoint(COSIGNED)
        return checkpoint if checkpoint is not None and checkpoint.quorum else None

    def proof(self, index: int, *, cosigned: bool = False, extra: bytes | None = None) -> str:
        """
        Give the verbatim tlog-proof of a leaf, against the latest checkpoint, or the latest one that met the policy.

        Raises `NotCoveredYet`.
        """
        checkpoint = self.cosigned() if cosigned else self.latest()
        if checkpoint is None or index >= checkpoint.size:
            raise NotCoveredYet("No checkpoint covers this entry yet. Ask again in a few seconds.")
        tree = TileTree(checkpoint.size, self.files.read)
        hashes = inclusion_proof(index, checkpoint.size, tree.node)
        return str(TlogProof(index, tuple(hashes), checkpoint.note.encode(), extra))

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Give the proof that the tree of a size goes on from the one of an older size, both covered."""
        if size > self.covered:
            raise NotCoveredYet("No checkpoint of that size is published yet.")
        return consistency_proof(old, size, TileTree(size, self.files.read).node)

    async def wait_for(self, index: int, seconds: float) -> bool:
        """Wait until a published checkpoint covers a leaf, for so many seconds at most, and tell whether one does."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while index >= await asyncio.to_thread(lambda: self.covered):
            left = until - loop.time()
            if left <= 0 or self.mark.closed:
                return False
            await self.mark.wait(index + 1, min(left, _POLL))
        return True

    def _checkpoint(self, name: str) -> PublishedCheckpoint | None:
        try:
            content = self.files.read(name)
        except NoSuchTile:
            return None
        with self._lock:
            read = self._read.get(name)
            if read is None or read[0] != content:
                opened = self._opened(content)
                if opened is None:
                    return None
                read = self._read[name] = (content, opened)
        return read[1]

    def _opened(self, content: bytes) -> PublishedCheckpoint | None:
        try:
            opened = open_note(content, {*self.policy.logs, *self.policy.witnesses.values()})
            checkpoint = parse_checkpoint(opened.text)
        except Refused:
            return None
        by = {each.key: each.time for each in opened.signatures}
        if not any(key in by and key.name == checkpoint.origin for key in self.policy.logs):
            return None
        cosigned = tuple(
            Cosigned(name, datetime.fromtimestamp(time, UTC))
            for name, key in self.policy.witnesses.items()
            if (time := by.get(key)) is not None
        )
        met = self.policy.is_met({each.by for each in cosigned})
        return PublishedCheckpoint(checkpoint.size, checkpoint.root, content.decode(), cosigned, met)
