"""Known answers from the specifications: what others have written down, we compute and read the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.tree import MemoryTree, consistency_proof, inclusion_proof
from ledger.verify import (
    EMPTY_ROOT,
    Refused,
    _note_parts,
    cosigned_text,
    digest_of,
    from_base64url,
    leaf_hash,
    node_hash,
    open_note,
    parse_checkpoint,
    parse_json,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[1] / "vectors"


def read(name: str) -> Any:
    """A file of vectors."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def test_the_roots_of_eight_leaves() -> None:
    """The eight leaves on which implementations are compared have their roots at every size."""
    given = read("trees.json")
    tree = MemoryTree(leaf_hash(bytes.fromhex(each)) for each in given["leaves"])

    assert bytes.fromhex(given["empty_root"]) == EMPTY_ROOT
    assert [tree.root(size).hex() for size in range(1, 9)] == given["roots"]


def test_the_proofs_of_the_rfc() -> None:
    """The proofs that RFC 6962 spells out for its tree of seven leaves are those we make, and they verify."""
    given = read("trees.json")["example"]
    hashes = {name: leaf_hash(name.encode()) for name in given["leaves"]}
    for name, (left, right) in given["nodes"].items():
        hashes[name] = node_hash(hashes[left], hashes[right])
    tree = MemoryTree(hashes[name] for name in given["leaves"])
    root = node_hash(hashes["k"], hashes["l"])
    assert tree.root() == root

    for index, names in given["inclusion"].items():
        proof = [hashes[name] for name in names]
        assert inclusion_proof(int(index), 7, tree.node) == proof
        verify_inclusion(int(index), 7, hashes[given["leaves"][int(index)]], proof, root)
    for old, names in given["consistency"].items():
        proof = [hashes[name] for name in names]
        assert consistency_proof(int(old), 7, tree.node) == proof
        verify_consistency(int(old), 7, proof, tree.root(int(old)), root)


@pytest.mark.parametrize("given", read("notes.json")["notes"], ids=lambda given: given["signatures"][0]["name"])
def test_the_notes_of_c2sp(given: dict[str, Any]) -> None:
    """The examples of C2SP are taken apart as they say: the text, the names, the ids of keys, and the times."""
    text, signatures = _note_parts(given["note"].encode())

    assert text == given["text"]
    assert [(name, raw[:4].hex(), len(raw)) for name, raw in signatures] == [
        (each["name"], each["key_id"], each["bytes"]) for each in given["signatures"]
    ]
    for (_, raw), each in zip(signatures, given["signatures"], strict=True):
        if "time" in each:
            assert int.from_bytes(raw[4:12]) == each["time"]
            assert cosigned_text(each["time"], text).decode() == read("notes.json")["cosigned_text"]
    if stated := given.get("checkpoint"):
        checkpoint = parse_checkpoint(text)
        assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == tuple(stated.values())
    with pytest.raises(Refused) as refused:
        open_note(given["note"].encode(), [])
    assert refused.value.code == "unsigned"


@pytest.mark.parametrize("given", read("disclosures.json")["disclosures"], ids=lambda given: given["digest"][:8])
def test_the_disclosures_of_rfc_9901(given: dict[str, Any]) -> None:
    """The disclosures of RFC 9901 have the digests that it gives them."""
    assert digest_of(given["disclosure"]) == given["digest"]
    assert parse_json(from_base64url(given["disclosure"], "It"), "It") == given["array"]
