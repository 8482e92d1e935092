"""A whole log from its files: what an operator does to it is found by whoever reads all of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.bundle import Opened
from ledger.verify import Refused, leaf_hash, to_base64url, verify_bundle, verify_log
from tests.ledger.small_authority import Authority, disclosure

MANY = 700
"""Entries: two full tiles, one partial tile, and one of level 1."""


def filled(entries: int = MANY) -> Authority:
    """A log with entries of five streams."""
    authority = Authority()
    for each in range(entries):
        authority.record(bytes([each % 5]) * 32, "note.made@1", {"number": each})
    return authority


@pytest.fixture(scope="module")
def log() -> Authority:
    """A log to be damaged."""
    return filled()


def refusal(authority: Authority, folder: Path) -> Refused:
    """How a log is refused."""
    with pytest.raises(Refused) as refused:
        verify_log(folder, authority.policy)
    return refused.value


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, MANY])
def test_an_honest_log_passes(size: int, tmp_path: Path) -> None:
    """Logs of every shape pass: empty, one entry, with and without partial tiles."""
    authority = filled(size)
    authority.publish(tmp_path)

    read = verify_log(tmp_path, authority.policy)

    assert (read.witnessed.checkpoint.size, read.streams, read.erased) == (size, min(size, 5), 0)


def test_two_levels_of_full_tiles_pass(tmp_path: Path) -> None:
    """A log of more than 65,536 entries has a full tile of level 1, and passes too."""
    authority = Authority()
    entry = authority.entries
    authority.record(bytes(32), "note.made@1", {})
    for _ in range(65_537):
        # One entry stands for many; all but the first are blanked, and hash tiles are what is read.
        authority.tree.append(leaf_hash(entry[0]))
        entry.append(entry[0])
    erasure = authority_erasing(authority, tmp_path, list(range(1, 65_538)))

    assert verify_log(tmp_path, authority.policy).erased == 65_537
    assert erasure.leaf_index == 65_538


def authority_erasing(authority: Authority, folder: Path, leaves: list[int]) -> Opened:
    """Record the erasure of leaves in the register, and publish the log without them."""
    erasure = authority.record(
        b"r" * 32,
        "ledger.erased@1",
        {"leaves": [[each, each] for each in leaves] if len(leaves) < 9 else [[leaves[0], leaves[-1]]]},
    )
    authority.publish(folder, blanked=set(leaves))
    listed = [{"leaf_index": erasure.leaf_index, "manifest": to_base64url(erasure.disclosures[0])}]
    (folder / "erasures").write_text(json.dumps({"format": "beforehand/erasures/1", "events": listed}))
    return erasure


def test_full_tiles_stand_for_partial_ones(tmp_path: Path) -> None:
    """Where a partial file has gone because the log has grown, the full one is read up to the checkpoint's size."""
    authority = filled(300)
    authority.publish(tmp_path)
    checkpoint = (tmp_path / "checkpoint").read_text()
    authority.others(400)
    authority.publish(tmp_path)
    (tmp_path / "checkpoint").write_text(checkpoint)
    for partial in ("tile/0/001.p/44", "tile/entries/001.p/44"):
        (tmp_path / partial).unlink()

    assert verify_log(tmp_path, authority.policy).witnessed.checkpoint.size == 300


def _flip(path: str, at: int) -> Callable[[Path], None]:
    def flip(folder: Path) -> None:
        raw = bytearray((folder / path).read_bytes())
        raw[at] ^= 4
        (folder / path).write_bytes(raw)

    return flip


def _remove(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).unlink()


def _cut(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).write_bytes((folder / path).read_bytes()[:-1])


def _lengthen(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).write_bytes((folder / path).read_bytes() + b"\0")


@pytest.mark.parametrize(
    ("damage", "code", "says"),
    [
        (_flip("tile/entries/000", 40), "altered", "Leaf 0: Its entry does not have the hash"),
        (_flip("tile/entries/001", 5000), "altered", "Leaf 2"),
        (_flip("tile/0/000", 33), "altered", "Leaf 1: "),
        (_flip("tile/0/002.p/188", 0), "altered", "Leaf 512: "),
        (_flip("tile/1/000.p/2", 33), "tile", "Tile 0 of level 1 does not hold the hashes of the tree."),
        (_flip("checkpoint", 25), "signature", "The checkpoint: The signature by log.example/la/873/1 is not"),
        (_remove("tile/0/001"), "missing", "The file tile/0/001 of the log is missing."),
        (_remove("tile/entries/002.p/188"), "missing", "The file tile/entries/002 of the log is missing."),
        (_cut("tile/entries/002.p/188"), "form", "Entry bundle 2 does not hold 188 entries"),
        (_cut("tile/entries/001"), "form", "Entry bundle 1 does not hold 256 entries"),
        (_cut("tile/0/002.p/188"), "form", "Tile 2 of level 0 does not hold 188 hashes"),
        (_cut("tile/0/000"), "form", "Tile 0 of level 0 does not hold 256 hashes"),
        (_cut("tile/1/000.p/2"), "form", "Tile 0 of level 1 does not hold 2 hashes"),
        (_lengthen("tile/entries/002.p/188"), "form", "Entry bundle 2 does not hold 188 entries"),
        (_lengthen("tile/0/001"), "form", "Tile 1 of level 0 does not hold 256 hashes"),
    ],
)
def test_damage_is_found(log: Authority, tmp_path: Path, damage: Callable[[Path], None], code: str, says: str) -> None:
    """A bit flipped, a byte lost or a file gone is refused with the place where it is."""
    log.publish(tmp_path)
    damage(tmp_path)

    refused = refusal(log, tmp_path)

    assert (refused.code, refused.message[: len(says)]) == (code, says)


def test_an_operator_who_cuts_the_tail_is_found_by_the_audit(tmp_path: Path) -> None:
    """The bundle of a stream that was closed early passes by itself; the log has two histories of that stream."""
    authority, secret = filled(20), os.urandom(32)
    events = [authority.record(secret, "note.made@1", {"number": each}) for each in range(6)]
    head = to_base64url(leaf_hash(events[3].entry))

    bundle = verify_bundle(authority.issue(secret, events[:4], seq=5, prev=head), authority.policy)
    authority.publish(tmp_path)
    refused = refusal(authority, tmp_path)

    assert len(bundle.events) == 5
    assert (refused.code, refused.message) == (
        "fork",
        "Leaf 26: It is event 5 of a stream that had 6 already: two histories.",
    )


@pytest.mark.parametrize(
    ("chosen", "code", "says"),
    [
        ({"seq": 6}, "fork", "Leaf 7: It is event 6 of a stream that had 6 already: two histories."),
        ({"seq": 9}, "gap", "Leaf 7: It is event 9 of a stream of which only 6 came before. Some were left out."),
        (
            {"prev": "z" * 42 + "w"},
            "chain",
            "Leaf 7: It is event 7 of a stream, but does not name event 6 as the one before it.",
        ),
        ({"back": 60}, "order", "Leaf 7: It was recorded at 2026-09-21T14:12:28.000Z, it says, which is before"),
    ],
)
def test_what_an_operator_writes_wrongly_is_found(
    tmp_path: Path, chosen: dict[str, object], code: str, says: str
) -> None:
    """A number used twice or left out, a wrong link, a time before the last: found even where witnesses cosigned."""
    authority, secret = Authority(), os.urandom(32)
    for each in range(6):
        authority.record(secret, "note.made@1", {"number": each})
    authority.record(os.urandom(32), "note.made@1", {})
    authority.record(secret, "note.made@1", {}, **chosen)  # type: ignore[arg-type]
    authority.publish(tmp_path)

    refused = refusal(authority, tmp_path)

    assert (refused.code, refused.message[: len(says)]) == (code, says)


def test_a_shortened_or_rewritten_log_is_not_its_checkpoint(tmp_path: Path) -> None:
    """Files of another history than the cosigned one are refused, wherever they first differ."""
    authority, other = filled(300), filled(300)
    authority.publish(tmp_path)
    cosigned = (tmp_path / "checkpoint").read_bytes()
    other.publish(tmp_path)
    (tmp_path / "checkpoint").write_bytes(cosigned)

    assert refusal(authority, tmp_path).code == "root"


def test_erased_entries_are_missing_only_where_the_log_says_so(tmp_path: Path) -> None:
    """An entry without bytes passes where an erasure names it, and its stream goes on behind it."""
    authority = filled(30)
    authority.publish(tmp_path, blanked=[3, 8])
    assert refusal(authority, tmp_path).message == (
        "Leaf 3: Its entry is missing, and the log does not say that it was erased."
    )
    authority_erasing(authority, tmp_path, [3, 8])
    read = verify_log(tmp_path, authority.policy)

    assert (read.streams, read.erased) == (6, 2)
    authority.publish(tmp_path, blanked=[3, 8, 9])
    assert refusal(authority, tmp_path).message.startswith("Leaf 9: Its entry is missing")


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(_erasure([[3, 3], [8, 9]]))}, "erasures"),
        (lambda leaf, good: {"leaf_index": leaf - 1, "manifest": good}, "erasures"),
        (lambda leaf, good: {"leaf_index": 8, "manifest": good}, "erasures"),
        (lambda leaf, good: {"leaf_index": leaf + 1, "manifest": good}, "erasures"),
        (lambda leaf, good: {"leaf_index": leaf, "manifest": good, "more": 1}, "form"),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(_erasure([[9, 8]]))}, "erasures"),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(_erasure([[-1, 8]]))}, "erasures"),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(_erasure([[3, leaf]]))}, "erasures"),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(_erasure([[3, 2**70]]))}, "erasures"),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(_erasure([[3, True]]))}, "erasures"),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(_erasure([3, 8]))}, "erasures"),
        (
            lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(disclosure("event", {"leaves": []}))},
            "erasures",
        ),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(disclosure("event", [3, 8]))}, "erasures"),
        (lambda leaf, _: {"leaf_index": leaf, "manifest": to_base64url(disclosure("event", {}))}, "erasures"),
    ],
)
def test_an_erasure_that_is_not_in_the_log_counts_for_nothing(
    tmp_path: Path, forge: Callable[[int, str], object], code: str
) -> None:
    """Only what the log itself recorded excuses a missing entry: not another list, nor the same at another leaf."""
    authority = filled(30)
    erasure = authority_erasing(authority, tmp_path, [3, 8])
    listed = [forge(erasure.leaf_index, to_base64url(erasure.disclosures[0]))]
    (tmp_path / "erasures").write_text(json.dumps({"format": "beforehand/erasures/1", "events": listed}))

    assert refusal(authority, tmp_path).code == code


def _erasure(leaves: list[object]) -> bytes:
    return disclosure("event", {"type": "ledger.erased@1", "leaves": leaves})


def test_the_cosigned_checkpoint_is_the_one_that_counts(tmp_path: Path) -> None:
    """Where the last checkpoint has no quorum yet, the last one that had is read; without any, the log is refused."""
    authority = filled(30)
    authority.publish(tmp_path)
    (tmp_path / "cosigned").write_bytes((tmp_path / "checkpoint").read_bytes())
    (tmp_path / "checkpoint").write_text(authority.sign(["regulator"]))
    assert verify_log(tmp_path, authority.policy).witnessed.checkpoint.size == 30
    (tmp_path / "cosigned").unlink()

    assert refusal(authority, tmp_path).code == "quorum"


def test_a_log_that_others_keep_is_read_as_a_tree(tmp_path: Path) -> None:
    """Entries of any kind, also empty ones, can be checked against their tree; as events of ours they are refused."""
    authority = Authority()
    for number in range(300):
        authority.entries.append(f"entry {number}".encode() if number % 3 else b"")
        authority.tree.append(leaf_hash(authority.entries[-1]))
    authority.publish(tmp_path)

    assert refusal(authority, tmp_path).code == "entry"
    assert verify_log(tmp_path, authority.policy, tree_only=True).witnessed.checkpoint.size == 300
    _flip("tile/entries/000", 9)(tmp_path)
    with pytest.raises(Refused) as refused:
        verify_log(tmp_path, authority.policy, tree_only=True)
    assert refused.value.code == "altered"
