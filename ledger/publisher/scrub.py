"""
A slow pass over everything: all rows and all published files hashed again, from the first leaf to the last signed one.

The publisher reads only what is new. Disks forget bits of what is old, and so may people; this finds it, says where,
and goes on, so that one run names all that is amiss.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from ledger.continuity import milliseconds
from ledger.errors import LogBroken
from ledger.progress import Followed
from ledger.publisher.erasures import Erased
from ledger.publisher.lock_store import Signed
from ledger.publisher.rows import Leaf, Rows
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import Edge, Made, NoSuchTile
from ledger.verify import leaf_hash


class Scrub:
    """One pass over a log, up to the last checkpoint that was signed."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        origin: str,
        rows: Rows,
        files: StaticFiles,
        signed: Signed,
        erased: Erased,
        now: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._files = files
        self._signed = signed
        self._erased = erased().leaves
        self._now = milliseconds(now())
        self._followed = Followed(origin)
        self._edge = Edge()
        self._chained = True

    def run(self, moved: Callable[[int, int], None], pause: float = 0.0) -> Iterator[str]:
        """
        Yield what is amiss, a sentence each; `moved` hears how far it is, `pause` is waited between two batches.

        Raises `LedgerUnavailable`.
        """
        size = self._signed.size
        for batch in self._rows.leaves(0, size):
            for leaf in batch:
                if leaf.at != self._followed.size:
                    yield f"The row of leaf {self._followed.size} is missing in the database: the rest was not read."
                    return
                yield from self._row(leaf)
            moved(self._followed.size, size)
            time.sleep(pause)
        if self._followed.size < size:
            yield f"The database has {self._followed.size} entries, and a checkpoint of {size} was signed."
            return
        yield from self._compare(self._edge.partial())
        if self._followed.frontier.root() != self._signed.root:
            yield f"The {size} leaves in the database do not make the tree over which the checkpoint was signed."

    def _row(self, leaf: Leaf) -> Iterator[str]:
        entry = leaf.entry
        if entry is None:
            if leaf.at not in self._erased:
                yield f"The entry of leaf {leaf.at} is missing in the database, and no erasure names it."
            self._followed.continuity.skip_erased(leaf.leaf_hash)
        elif leaf_hash(entry) != leaf.leaf_hash:
            yield f"The entry of leaf {leaf.at} does not hash to its leaf in the database: one of them was changed."
            for each in (leaf.leaf_hash, leaf_hash(entry)):  # whichever of them the stream goes on from
                self._followed.continuity.skip_erased(each)
        elif self._chained:
            try:
                self._followed.continuity.follow(leaf.at, entry, self._now)
            except LogBroken as finding:
                self._chained = False
                yield f"{finding.message} Streams were not followed beyond it."
        self._followed.frontier.append(leaf.leaf_hash)
        shown = b"" if entry is None or leaf.at in self._erased else entry
        yield from self._compare(self._edge.append(leaf.leaf_hash, shown))

    def _compare(self, made: list[Made]) -> Iterator[str]:
        for each in made:
            try:
                if self._files.read(each.tile.path) != each.content:
                    yield f"The published file {each.tile.path} is not what the rows make it: one of them was changed."
            except NoSuchTile:
                yield f"The published file {each.tile.path} is missing."
