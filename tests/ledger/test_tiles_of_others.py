"""Our published log read by a library that others wrote, and theirs read by ours (tlog-scales)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from tlog_scales import signing
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.tiles import leaf_hash as their_leaf_hash
from tlog_scales.writer import TilesWriter

from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer, sign_checkpoint
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, Edge, TileTree, bundles_of, read_entries
from ledger.tree import Frontier, consistency_proof, inclusion_proof, root_at
from ledger.verify import (
    Checkpoint,
    leaf_hash,
    open_note,
    parse_checkpoint,
    parse_vkey,
    verify_consistency,
    verify_inclusion,
)

ORIGIN = "beforehand.example/la/test/1"
SIGNERS = [
    Signer(ORIGIN, ED25519, bytes([1]) * 32),
    Signer(ORIGIN, COSIGNATURE_MLDSA44, bytes([2]) * 32),
    Signer("witness.example/w", COSIGNATURE_ED25519, bytes([3]) * 32),
    Signer("witness.example/w", COSIGNATURE_MLDSA44, bytes([4]) * 32),
]
SIZES = [1, 2, 255, 256, 257, 600, 66_000]


def entries_of(size: int) -> list[bytes]:
    chance = random.Random(size)
    return [chance.randbytes(chance.randint(0, 40)) for _ in range(size)]


def published(folder: Path, entries: list[bytes]) -> StaticFiles:
    files, edge, frontier, made = StaticFiles(folder), Edge(), Frontier(), []
    for entry in entries:
        frontier.append(leaf_hash(entry))
        made += edge.append(leaf_hash(entry), entry)
    files.write((each.tile.path, each.content) for each in made + edge.partial())
    note = sign_checkpoint(Checkpoint(ORIGIN, len(entries), frontier.root()), SIGNERS, 1_700_000_000)
    files.write([(CHECKPOINT, note.encode())])
    return files


@pytest.mark.parametrize("size", SIZES)
def test_others_read_what_we_publish(tmp_path: Path, size: int) -> None:
    """Checkpoint with all kinds of signature, tiles, bundles and proofs: read and found right by their code."""
    entries = entries_of(size)
    published(tmp_path / "log", entries)
    reader = TilesReader(LocalBackend(tmp_path / "log"))
    checkpoint: Any = reader.get_checkpoint()
    keys = signing.VkeySet(*(signing.Vkey.from_string(each.vkey) for each in SIGNERS))
    assert len(keys.verify(checkpoint.signatures, checkpoint)) == len(SIGNERS)
    assert reader.calculate_root_hash() == checkpoint.root_hash
    for index in {0, size // 2, size - 1, min(255, size - 1), min(256, size - 1)}:
        assert reader.get_entry(index) == entries[index]
        reader.get_inclusion_proof(index, size).check(their_leaf_hash(entries[index]), checkpoint.root_hash)


@pytest.mark.parametrize("size", SIZES[:-1])
def test_we_read_what_others_publish(tmp_path: Path, size: int) -> None:
    """A log that their code wrote in two steps, with the signatures they make, by our reader and our verifier."""
    entries, older = entries_of(size), size // 3 + 1
    signers: list[Any] = [
        signing.PlainEd25519Signer(ORIGIN, bytes(range(32))),
        signing.MLDSA44CosignatureSigner("witness.example/w", bytes(range(32))),
    ]
    writer = TilesWriter.create(tmp_path / "log", ORIGIN)
    for start, stop in ((0, older), (older, size)):
        for entry in entries[start:stop]:
            writer.add_leaf(entry)
        writer.commit(signers)
    files = StaticFiles(tmp_path / "log")
    keys = [parse_vkey(each.vkey.serialize()) for each in signers]
    opened = open_note(files.read(CHECKPOINT), keys)
    assert len(opened.signatures) == 2
    checkpoint = parse_checkpoint(opened.text)
    tree = TileTree(checkpoint.size, files.read)
    assert root_at(size, tree.node) == checkpoint.root
    assert [entry for each in bundles_of(0, size) for entry in read_entries(each, files.read)] == entries
    for index in {0, size // 2, size - 1}:
        proof = inclusion_proof(index, size, tree.node)
        verify_inclusion(index, size, leaf_hash(entries[index]), proof, checkpoint.root)
    old_root = root_at(older, tree.node)
    verify_consistency(older, size, consistency_proof(older, size, tree.node), old_root, checkpoint.root)
