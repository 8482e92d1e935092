"""
The Merkle tree of RFC 6962, section 2.1: growing it, and making the proofs that `verify` checks.

A tree of any size is a row of perfect subtrees, the largest on the left. Their roots are its *frontier*: all that is
needed to append to it and to know its root. Making proofs needs the roots of perfect subtrees further down as well.
These are read through a function `node(level, index)`, whatever they are kept in: the root of the subtree over the
leaves `index * 2**level` to `(index + 1) * 2**level`, 32 bytes; level 0 are the leaf hashes.

Numbers out of range are faults of the caller and raise ValueError; `verify` is what faces strangers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ledger.verify import EMPTY_ROOT, node_hash

HASH_SIZE: Final = 32

Node = Callable[[int, int], bytes]
"""Gives the root of the perfect subtree at (level, index)."""


class Frontier:
    """The roots of the perfect subtrees of a tree, largest first: one for each bit that is set in its size."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count() or any(len(each) != HASH_SIZE for each in self.hashes):
            raise ValueError(f"A tree of size {size} has one root of 32 bytes for each bit that is set in its size.")

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf: it joins every perfect subtree that it completes."""
        joined, size = leaf_hash, self.size
        while size & 1:
            joined = node_hash(self.hashes.pop(), joined)
            size >>= 1
        self.hashes.append(joined)
        self.size += 1

    def root(self) -> bytes:
        """Give the root of the tree, 32 bytes."""
        return _joined(self.hashes)

    def copy(self) -> Frontier:
        """Give another that grows by itself."""
        return Frontier(self.size, self.hashes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frontier):
            return NotImplemented
        return self.size == other.size and self.hashes == other.hashes

    __hash__ = None  # type: ignore[assignment] # it grows


class MemoryTree:
    """A whole tree in memory: for small logs, and for tests."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf_hash in leaf_hashes:
            self.append(leaf_hash)

    @property
    def size(self) -> int:
        """Give the number of leaves."""
        return len(self._levels[0])

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf and every perfect subtree that it completes."""
        level, joined = 0, leaf_hash
        self._levels[0].append(joined)
        while len(self._levels[level]) % 2 == 0:
            joined = node_hash(*self._levels[level][-2:])
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(joined)

    def node(self, level: int, index: int) -> bytes:
        """Give the root of one perfect subtree."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Give the root as it was when the tree had `size` leaves; now, where none is given."""
        return root_at(self.size if size is None else size, self.node)


def perfect_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """
    Yield (level, index) of the perfect subtrees that make up the leaves from `start` to before `end`, left to right.

    The start lies where a subtree at least as large as the range may begin, as it always does in RFC 6962: so the
    subtrees come largest first. From 0 they are the frontier.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def frontier_at(size: int, node: Node) -> Frontier:
    """Give the frontier of the tree as it was at a size."""
    return Frontier(size, [node(level, index) for level, index in perfect_subtrees(0, size)])


def root_at(size: int, node: Node) -> bytes:
    """Give the root of the tree as it was at a size, 32 bytes."""
    return _range_root(0, size, node)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Prove that the leaf at `index` is in the tree of `size` leaves (section 2.1.1): from the leaf up to the root."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of size {size}.")
    return _path(0, index, size, node)


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """
    Prove that the tree of `old` leaves is the beginning of the tree of `size` leaves (section 2.1.2).

    The proof is empty between equal sizes. From an empty tree nothing can be proven, so that is refused.
    """
    if not 0 < old <= size:
        raise ValueError(f"There is no consistency proof from size {old} to size {size}.")
    if old == size:
        return []
    level = (old & -old).bit_length() - 1  # of the smallest, rightmost subtree of the old frontier
    index = (old >> level) - 1
    # Where the old tree is itself perfect, its root is that subtree, and whoever checks has it already.
    start = [] if old == 1 << level else [node(level, index)]
    return start + _path(level, index, size, node)


def _path(level: int, index: int, size: int, node: Node) -> list[bytes]:
    """Give the sibling of a perfect subtree, then of its parent, and so on up to the root."""
    proof = []
    last = (size - 1) >> level
    while last:
        if index % 2:
            proof.append(node(level, index - 1))
        elif index < last:
            # The sibling is perfect, or it is whatever there is on the right edge.
            proof.append(_range_root((index + 1) << level, min((index + 2) << level, size), node))
        # Otherwise this is the right edge, without a sibling: it goes up as it is.
        level, index, last = level + 1, index >> 1, last >> 1
    return proof


def _range_root(start: int, end: int, node: Node) -> bytes:
    return _joined([node(level, index) for level, index in perfect_subtrees(start, end)])


def _joined(hashes: list[bytes]) -> bytes:
    """Join the roots of perfect subtrees, which stand largest first, from the right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for each in reversed(hashes[:-1]):
        root = node_hash(each, root)
    return root
