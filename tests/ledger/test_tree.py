"""Trees of every size up to 130: the frontier, both kinds of proof, and that no proof proves anything else."""

from __future__ import annotations

import hashlib

import pytest

from ledger.tree import Frontier, MemoryTree, consistency_proof, frontier_at, inclusion_proof, root_at
from ledger.verify import EMPTY_ROOT, Refused, leaf_hash, node_hash, verify_consistency, verify_inclusion

SIZES = 130
LEAVES = [leaf_hash(f"entry {number}".encode()) for number in range(SIZES + 1)]
TREE = MemoryTree(LEAVES)


def as_defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, in its own words: split at the largest power of two below the number of leaves."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(as_defined(leaves[:split]), as_defined(leaves[split:]))


ROOTS = [as_defined(LEAVES[:size]) for size in range(SIZES + 1)]


def test_roots_are_as_defined() -> None:
    """A tree that grows leaf by leaf has at every size the root that the definition gives."""
    frontier = Frontier()
    for size in range(SIZES + 1):
        assert frontier.root() == root_at(size, TREE.node) == TREE.root(size) == ROOTS[size]
        assert frontier == frontier_at(size, TREE.node) == Frontier(size, frontier.hashes)
        frontier.append(LEAVES[size])


def test_the_empty_tree() -> None:
    """A tree without leaves has the root that the RFC gives it, and nothing in it."""
    assert Frontier().root() == EMPTY_ROOT == ROOTS[0]
    with pytest.raises(Refused) as refused:
        verify_inclusion(0, 0, LEAVES[0], [], EMPTY_ROOT)
    assert refused.value.code == "index"
    with pytest.raises(ValueError, match="no leaf 0"):
        inclusion_proof(0, 0, TREE.node)


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_leaf_is_proven_and_only_there(size: int) -> None:
    """Each leaf's proof leads to the root, and to no other root, index, leaf or size."""
    for index in range(size):
        proof = inclusion_proof(index, size, TREE.node)
        verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])
        for other in (
            (index, size, LEAVES[index], proof, ROOTS[size - 1]),
            (index, size, LEAVES[index + 1], proof, ROOTS[size]),
            (index + 1, size, LEAVES[index], proof, ROOTS[size]),
            (index + size, size, LEAVES[index], proof, ROOTS[size]),
            (index - size, size, LEAVES[index], proof, ROOTS[size]),
            (index, size, LEAVES[index], [*proof, ROOTS[size]], ROOTS[size]),
            (index, size, LEAVES[index], [ROOTS[size], *proof], ROOTS[size]),
            (index, size, LEAVES[index], [*proof, b""], ROOTS[size]),
            (index, size, LEAVES[index][:31], proof, ROOTS[size]),
        ):
            with pytest.raises(Refused):
                verify_inclusion(*other)
        if proof:
            with pytest.raises(Refused):
                verify_inclusion(index, size, LEAVES[index], proof[:-1], ROOTS[size])


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_beginning_is_proven_and_only_that(size: int) -> None:
    """Each older tree is shown to be the beginning, and no other tree is."""
    for old in range(1, size + 1):
        proof = consistency_proof(old, size, TREE.node)
        verify_consistency(old, size, proof, ROOTS[old], ROOTS[size])
        for other in (
            (old, size, proof, ROOTS[old - 1], ROOTS[size]),
            (old, size, proof, ROOTS[old], ROOTS[size - 1]),
            (old - 1, size, proof, ROOTS[old], ROOTS[size]),
            (old, size, [*proof, ROOTS[old]], ROOTS[old], ROOTS[size]),
            (old, size, [ROOTS[old], *proof], ROOTS[old], ROOTS[size]),
            (size + 1, size, proof, ROOTS[old], ROOTS[size]),
            (0, size, [], EMPTY_ROOT, ROOTS[size]),
        ):
            with pytest.raises(Refused):
                verify_consistency(*other)
        if proof:
            for shorter in (proof[:-1], proof[1:], []):
                with pytest.raises(Refused):
                    verify_consistency(old, size, shorter, ROOTS[old], ROOTS[size])


def test_of_an_empty_tree_nothing_is_proven() -> None:
    """RFC 6962 defines consistency from size 1 on; from 0 it is neither made nor believed."""
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_proof(0, 8, TREE.node)
    with pytest.raises(Refused) as refused:
        verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert refused.value.code == "size"


def test_trees_as_large_as_numbers_go() -> None:
    """Near 2**64 leaves proofs have their proper length, and an index that large is refused without one."""
    leaf, size = LEAVES[0], 2**64 - 1
    root = leaf
    way = [hashlib.sha256(bytes([level])).digest() for level in range(64)]
    for beside in way:
        root = node_hash(root, beside)
    verify_inclusion(0, size, leaf, way, root)
    for index, length in ((2**63, 64), (2**64, 64), (0, 63), (size, 64)):
        with pytest.raises(Refused):
            verify_inclusion(index, size, leaf, way[:length], root)


def test_a_frontier_fits_its_size() -> None:
    """Roots that cannot belong to a tree of that size are refused before anything is appended."""
    for size, hashes in ((3, LEAVES[:1]), (4, LEAVES[:2]), (1, [b"short"]), (-1, [])):
        with pytest.raises(ValueError, match="one root of 32 bytes"):
            Frontier(size, hashes)


def test_between_equal_sizes_roots_are_compared_as_they_are() -> None:
    """Two trees of one size are the same where their roots are, and then no proof may come with them."""
    verify_consistency(1, 1, [], b"whatever", b"whatever")
    for proof, other in (([], b"another"), ([EMPTY_ROOT], b"whatever")):
        with pytest.raises(Refused):
            verify_consistency(1, 1, proof, b"whatever", other)
