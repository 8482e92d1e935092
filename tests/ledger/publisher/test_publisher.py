from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import AnotherPublisher, LogBroken
from ledger.notes import Signer
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, Tile, TileTree, bundles_of, read_entries, tiles_of
from ledger.tree import inclusion_proof
from ledger.verify import leaf_hash, open_note, parse_checkpoint, verify_inclusion


def checkpoint_of(published: StaticFiles, key: Signer) -> Any:
    return parse_checkpoint(open_note(published.read(CHECKPOINT), [key.key]).text)


def test_what_is_published_proves_every_entry(log: Any, start: Any, published: StaticFiles, key: Signer) -> None:
    """From the files alone, every entry is proven to stand in the tree whose root is signed, at every growth."""
    publisher = start()
    for growth in (1, 254, 1, 1, 300, 500):
        log.append(growth)
        publisher.round()
        checkpoint = checkpoint_of(published, key)
        assert (checkpoint.origin, checkpoint.size) == (key.name, len(log.entries))
        assert checkpoint.root == log.frontier.root()
    tree = TileTree(checkpoint.size, published.read)
    for tile in bundles_of(0, checkpoint.size):
        for offset, entry in enumerate(read_entries(tile, published.read)):
            index = tile.index * 256 + offset
            assert entry == log.entries[index]
            proof = inclusion_proof(index, checkpoint.size, tree.node)
            verify_inclusion(index, checkpoint.size, leaf_hash(entry), proof, checkpoint.root)


def test_an_empty_log_has_a_checkpoint(start: Any, published: StaticFiles, key: Signer) -> None:
    """A log without entries is signed too, so that nobody can claim later that it began earlier."""
    start().round()
    assert checkpoint_of(published, key).size == 0


def test_partial_tiles_give_way_to_full_ones(log: Any, start: Any, published: StaticFiles) -> None:
    """Once a tile is full, its partial versions are gone; the tiles of the tree are all there."""
    publisher = start()
    for growth in (100, 100, 100):
        log.append(growth)
        publisher.round()
    assert all((published.folder / tile.path).is_file() for tile in tiles_of(300))
    assert not published.partial(Tile(0, 0))
    assert not published.partial(Tile(None, 0))
    assert [tile.width for tile in published.partial(Tile(0, 1))] == [44]


def test_it_goes_on_after_a_restart(log: Any, start: Any, published: StaticFiles, key: Signer) -> None:
    """Whether it wrote down how far it was, or was ended without a word, it goes on from there."""
    publisher = start()
    log.append(300)
    publisher.round()
    publisher.close()
    publisher.lock.__exit__()
    log.append(30)
    publisher = start()
    publisher.round()
    publisher.lock.__exit__()  # without a word
    log.append(3)
    start().round()
    assert checkpoint_of(published, key).size == 333


def test_files_that_were_lost_are_made_again(log: Any, start: Any, published: StaticFiles, key: Signer) -> None:
    """Without its folder of files, a publisher makes them again from the rows and signs nothing else."""
    publisher = start()
    log.append(300)
    before = publisher.round()
    publisher.close()
    publisher.lock.__exit__()
    published.folder.rename(published.folder.with_name("lost"))
    assert start().round() == before
    assert checkpoint_of(published, key).size == 300
    assert all((published.folder / tile.path).is_file() for tile in tiles_of(300))


def test_of_two_publishers_one_waits(log: Any, start: Any) -> None:
    """The second says that another is at work; it takes over when that one ends."""
    first, second = start(), start()
    log.append(5)
    first.round()
    with pytest.raises(AnotherPublisher, match="waits"):
        second.round()
    first.lock.__exit__()
    log.append(5)
    assert second.round().size == 10


def test_two_that_both_believe_to_be_alone_sign_once(log: Any, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing but compare-and-swap stands between two publishers, one signs; the other reads that and goes on."""
    first, second = start(), start()
    monkeypatch.setattr(first.lock, "hold", lambda: None)
    monkeypatch.setattr(second.lock, "hold", lambda: None)
    log.append(5)
    seen = second.lock.read()
    assert first.round().size == 5
    with pytest.raises(AnotherPublisher, match="signed meanwhile"):
        second.lock.swap(seen, first.lock.read())
    log.append(2)
    assert second.round().size == 7
    assert first.round().size == 7


def test_a_publisher_of_another_log_is_refused(log: Any, start: Any, tmp_path: Any) -> None:
    """A key or a lock store of another log never meets this one's rows."""
    log.append(1)
    other = Signer("beforehand.example/la/other/1", 1, bytes(32))
    with pytest.raises(LogBroken, match="key of the publisher is for"):
        start(signer=other, lock=tmp_path / "elsewhere").round()
    start().round()
    with pytest.raises(LogBroken, match="belongs to the log"):
        start(signer=other)
