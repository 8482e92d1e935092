"""
One round of the publisher: read what is new, hash it again, write its files, sign, publish.

What is signed was hashed from bytes read back, follows from what was signed before, and agrees with what the database
says of its own tree. Any difference stops the round with a sentence that says what and where; nothing is signed then.

The order makes it safe to be killed between any two steps. Files come before the checkpoint that needs them; the
checkpoint is signed, then put into the lock store by compare-and-swap, and only then leaves this process. Whoever finds
the lock store ahead of the published checkpoint publishes what is in there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Final

from ledger.continuity import altered, milliseconds, unlisted
from ledger.errors import LogBroken
from ledger.notes import Signer, sign_checkpoint
from ledger.progress import Followed, Progress
from ledger.publisher.erasures import Erased, Erasures, none_erased, write
from ledger.publisher.lock_store import LockStore, Signed, refuse_rollback
from ledger.publisher.rows import DatabaseHead, Leaf, Rows
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, ERASURES, WIDTH, Edge, Made, NoSuchTile, NotATile, Tile, TileTree, pack, unpack
from ledger.tree import frontier_at
from ledger.verify import Checkpoint, Refused, open_note, parse_checkpoint
from ledger.verify import leaf_hash as hash_of

_SAVE_EVERY: Final = 20_000
"""Leaves after which it is written down how far the log was followed: what a restart would read again at most."""
_RUNBOOK: Final = "Nothing is signed. Follow ops/runbooks/publisher-refuses.md."


class Publisher:
    """Publishes one log. One thread calls `round`; `replace` may be called from another."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        signer: Signer,
        rows: Rows,
        files: StaticFiles,
        lock: LockStore,
        progress: Progress,
        now: Callable[[], datetime],
        erased: Erased = none_erased,
    ) -> None:
        self.origin = signer.name
        self.files = files
        self.lock = lock
        self._signer = signer
        self._rows = rows
        self._progress = progress
        self._now = now
        self._erased = erased
        self._followed: Followed | None = None
        self._edge = Edge()
        self._saved = 0
        self._grown: set[Tile] = set()
        self._published: str | None = None
        self._writing = Lock()

    def round(self) -> Signed:
        """
        Do one round and give the last checkpoint that was signed, by this round or before.

        Raises `LogBroken`, `AnotherPublisher`, `NotWritten`, `LedgerUnavailable`; whatever was half followed is
        forgotten then, and the next round begins from what was written down.
        """
        try:
            return self._round()
        except BaseException:
            self._followed = None
            raise

    def close(self) -> None:
        """Write down how far the log was followed."""
        if self._followed is not None and self._followed.size != self._saved:
            self._save(self._followed)

    def replace(self, size: int, note: str) -> None:
        """Publish a note with more signatures in place of the checkpoint of the same size, if that still stands."""
        with self._writing:
            if self._published is not None and size_of(self._published) == size:
                self._publish(note)

    def _round(self) -> Signed:
        self.lock.hold()
        last, head, erasures = self._last(), self._head(), self._erased()
        if head.size < last.size:
            refuse_rollback(last, Signed(head.size))
        followed = self._followed or self._begin(last)
        self._blank(followed, erasures)
        if followed.size < last.size:
            self._follow(followed, last.size, last, erasures)
        if followed.size == last.size:
            refuse_rollback(last, Signed(last.size, followed.frontier.root()))
            self._show(last)
        if followed.size < head.size:
            self._follow(followed, head.size, last, erasures)
        self._agree(followed, head)
        if followed.size > last.size or not last.note:
            last = self._sign(followed, last)
        if followed.size >= self._saved + _SAVE_EVERY:
            self._save(followed)
        return last

    def _last(self) -> Signed:
        """Give the last checkpoint that was signed, once our own signature under it holds."""
        last = self.lock.read()
        if last.note:
            try:
                checkpoint = parse_checkpoint(open_note(last.note.encode(), [self._signer.key]).text)
            except Refused:
                checkpoint = None
            if checkpoint != Checkpoint(self.origin, last.size, last.root):
                raise LogBroken(
                    "lock_store_damaged",
                    "The lock store does not hold a checkpoint that this log's key has signed: it was altered, or "
                    f"belongs to another key. {_RUNBOOK}",
                )
        return last

    def _head(self) -> DatabaseHead:
        head = self._rows.head()
        if head.origin not in {"", self.origin}:
            raise LogBroken(
                "wrong_log",
                f"The database holds the log {head.origin}, but the key of the publisher is for {self.origin}. "
                "Give the publisher the key and the folders of that log.",
            )
        return head

    def _begin(self, last: Signed) -> Followed:
        """Take up what was written down, where it agrees with the published tiles; else begin at the first leaf."""
        followed = self._progress.read()
        try:
            tree = TileTree(followed.size, self.files.read)
            there = followed.size <= last.size and frontier_at(followed.size, tree.node) == followed.frontier
            edge = Edge.read(followed.size, self.files.read) if there else Edge()
        except (NoSuchTile, NotATile):
            there = False
        if not there:
            followed, edge = Followed(self.origin), Edge()
        self._followed, self._edge, self._saved = followed, edge, followed.size
        return followed

    def _follow(self, followed: Followed, stop: int, last: Signed, erasures: Erasures) -> None:
        """Follow the rows up to a size, and write every tile and bundle that this completes or begins."""
        now = milliseconds(self._now())
        for batch in self._rows.leaves(followed.size, stop):
            made: list[Made] = []
            for leaf in batch:
                made += self._take(followed, leaf, now, erasures)
            self._write(made, last)
        if followed.size < stop:
            raise LogBroken(
                "missing_row",
                f"The database says that it has {stop} entries, but the row of leaf {followed.size} is missing. "
                f"{_RUNBOOK}",
                followed.size,
            )
        self._write(self._edge.partial(), last)

    def _take(self, followed: Followed, leaf: Leaf, now: int, erasures: Erasures) -> list[Made]:
        """Follow one row: hash what was read, ask whether it goes on from what stands before, add it to the tree."""
        index, entry, stored, version, recorded_at = leaf
        if index != followed.size:
            raise LogBroken(
                "missing_row", f"The row of leaf {followed.size} is missing in the database. {_RUNBOOK}", followed.size
            )
        continuity = followed.continuity
        if entry is None:
            if index not in erasures.leaves:
                raise unlisted([index])
            leaf_hash = stored
            continuity.skip_erased(leaf_hash)
        else:
            try:
                leaf_hash, seq = continuity.follow(index, entry, now)
            except LogBroken:
                if hash_of(entry) != stored:
                    raise altered(index) from None
                raise
            if leaf_hash != stored:
                raise altered(index)
            if (version, recorded_at) != (seq, continuity.moment):
                raise LogBroken(
                    "row_altered",
                    f"The row of leaf {index} states another number in its stream, or another time, than its entry "
                    f"does: it was changed after it was recorded. {_RUNBOOK}",
                    index,
                )
        if index in erasures.leaves:
            followed.blanked.add(index)
            entry = None
        followed.frontier.append(leaf_hash)
        return self._edge.append(leaf_hash, entry or b"")

    def _agree(self, followed: Followed, head: DatabaseHead) -> None:
        """Compare the tree that was followed with what the database says of its own."""
        if followed.size == head.size and followed.frontier.hashes == head.frontier:
            return
        raise LogBroken(
            "another_frontier",
            f"The {head.size} entries in the database do not make the tree that the database says they make: the row "
            f"`head` or some leaf was changed after it was recorded. {_RUNBOOK}",
        )

    def _write(self, made: list[Made], last: Signed) -> None:
        self.files.add(made, last.size)
        self._grown.update(each.tile for each in made if each.tile.width == WIDTH)

    def _sign(self, followed: Followed, last: Signed) -> Signed:
        """Sign, move the lock store on, and only then let the checkpoint out."""
        checkpoint = Checkpoint(self.origin, followed.size, followed.frontier.root())
        note = sign_checkpoint(checkpoint, [self._signer], int(self._now().timestamp()))
        new = Signed(checkpoint.size, checkpoint.root, note)
        self.lock.swap(last, new)
        self._show(new)
        for tile in self._grown:
            self.files.drop_partial(tile)
        self._grown.clear()
        return new

    def _show(self, signed: Signed) -> None:
        """Publish what the lock store holds, unless a checkpoint of that size stands there, perhaps cosigned."""
        if not signed.note:
            return
        with self._writing:
            standing = self._standing()
            ours = self._published
            if ours is not None and _text(ours) == _text(signed.note):
                if standing != ours:  # somebody spoilt it
                    self._publish(ours)
            elif standing is not None and _text(standing) == _text(signed.note) and self._holds(standing):
                self._published = standing
            else:
                self._publish(signed.note)

    def _standing(self) -> str | None:
        try:
            return self.files.read(CHECKPOINT).decode()
        except (NoSuchTile, UnicodeDecodeError):
            return None

    def _holds(self, note: str) -> bool:
        """Tell whether a note that stands there is one that we signed."""
        try:
            open_note(note.encode(), [self._signer.key])
        except Refused:
            return False
        return True

    def _publish(self, note: str) -> None:
        self.files.write([(CHECKPOINT, note.encode())])
        self._published = note

    def _blank(self, followed: Followed, erasures: Erasures) -> None:
        """Leave no bytes of what has been erased since in any bundle, and say in the list of erasures why."""
        listed = write(erasures.opened)
        try:
            stands = self.files.read(ERASURES)
        except NoSuchTile:
            stands = write(())
        if listed != stands:
            self.files.write([(ERASURES, listed)])
        new = sorted(index for index in erasures.leaves - followed.blanked if index < followed.size)
        if not new:
            return
        by_bundle: dict[int, list[int]] = defaultdict(list)
        for index in new:
            by_bundle[index // WIDTH].append(index % WIDTH)
            self._edge.blank(index)
        self.files.write(
            (tile.path, _without(self.files.read(tile.path), tile.width, offsets))
            for number, offsets in by_bundle.items()
            for tile in self._versions(number)
        )
        followed.blanked.update(new)
        self._save(followed)

    def _versions(self, number: int) -> list[Tile]:
        bundle = Tile(None, number)
        full = [bundle] if (self.files.folder / bundle.path).exists() else []
        return full + self.files.partial(bundle)

    def _save(self, followed: Followed) -> None:
        self._progress.save(followed, whole=self._saved == 0)
        self._saved = followed.size


def _without(bundle: bytes, width: int, offsets: list[int]) -> bytes:
    entries = unpack(bundle, width)
    for offset in offsets:
        if offset < width:
            entries[offset] = b""
    return pack(entries)


def _text(note: str) -> str:
    """Give the text of a note of our own, without its signatures."""
    return note.partition("\n\n")[0]


def size_of(note: str) -> int:
    """Give the size that a checkpoint of our own states."""
    return int(note.split("\n", 2)[1])
