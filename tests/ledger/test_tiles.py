from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tiles import (
    Edge,
    NoSuchTile,
    NotATile,
    Tile,
    TileTree,
    bundles_of,
    hashes_of,
    index_path,
    pack,
    parse_path,
    tiles_of,
    unpack,
)
from ledger.tree import MemoryTree, consistency_proof, frontier_at, inclusion_proof, root_at
from ledger.verify import leaf_hash


def test_indexes_are_written_as_the_specification_does() -> None:
    """Elements of three digits; all but the last begin with an x (C2SP tlog-tiles, "Merkle Tree")."""
    assert [index_path(each) for each in (0, 999, 1000, 1234067, 10**9)] == [
        "000",
        "999",
        "x001/000",
        "x001/x234/067",
        "x001/x000/x000/000",
    ]
    assert Tile(None, 5, 17).path == "tile/entries/005.p/17"
    assert Tile(2, 1234067).path == "tile/2/x001/x234/067"


@given(st.none() | st.integers(0, 63), st.integers(0, 2**56), st.integers(1, 256))
def test_a_path_leads_back_to_its_tile(level: int | None, index: int, width: int) -> None:
    """Every tile has one path, and that path names it."""
    tile = Tile(level, index, width)
    assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/64/000",
        "tile/00/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/001/002",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/data/000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../0/000",
        "tile/0/\N{ARABIC-INDIC DIGIT ONE}00",
        "checkpoint",
    ],
)
def test_other_paths_are_none(path: str) -> None:
    """A path that is not written as the specification does is no tile's: one file, one name."""
    assert parse_path(path) is None


@pytest.mark.parametrize(
    ("size", "levels"),
    [
        (0, {}),
        (1, {0: [1]}),
        (255, {0: [255]}),
        (256, {0: [256], 1: [1]}),
        (70_000, {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}),
    ],
)
def test_a_size_has_the_tiles_that_the_specification_counts(size: int, levels: dict[int, list[int]]) -> None:
    """The example of the specification, and the sizes at its edges; no tile is ever empty."""
    found: dict[int, list[int]] = {}
    for tile in tiles_of(size):
        assert tile.level is not None
        found.setdefault(tile.level, []).append(tile.width)
    assert found == levels


def test_bundles_begin_with_the_one_that_holds_an_index() -> None:
    """Whoever has followed a log to some entry reads on from the bundle that the next one stands in."""
    assert list(bundles_of(300, 600)) == [Tile(None, 1), Tile(None, 2, 88)]
    assert list(bundles_of(512, 512)) == []
    assert list(bundles_of(0, 3)) == [Tile(None, 0, 3)]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    """Entries of any bytes, empty ones too, come back as they were put in."""
    assert unpack(pack(entries), len(entries)) == entries


def test_the_longest_entry_fits_and_a_longer_one_does_not() -> None:
    """Two bytes hold the length."""
    assert unpack(pack([bytes(65_535)]), 1) == [bytes(65_535)]
    with pytest.raises(ValueError, match="at most 65535"):
        pack([bytes(65_536)])


@pytest.mark.parametrize("spoilt", [b"", b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\x00\x01a\x00", b"\xff\xff"])
def test_bytes_that_are_not_a_bundle_are_refused(spoilt: bytes) -> None:
    """A bundle of one entry is that entry and not a byte more or less."""
    with pytest.raises(NotATile):
        unpack(spoilt, 1)


def test_bytes_that_are_not_a_tile_are_refused() -> None:
    """A tile is as long as its width says."""
    assert hashes_of(bytes(64), 2) == [bytes(32), bytes(32)]
    for spoilt in (bytes(63), bytes(65), bytes(32)):
        with pytest.raises(NotATile):
            hashes_of(spoilt, 2)


class Files(dict[str, bytes]):
    """Published files in memory."""

    def read(self, path: str) -> bytes:
        try:
            return self[path]
        except KeyError:
            raise NoSuchTile(path) from None


def grown(size: int, *, stop_at: tuple[int, ...] = ()) -> tuple[Files, MemoryTree]:
    files, tree, edge = Files(), MemoryTree(), Edge()
    for index in range(size):
        entry = b"%d" % index
        tree.append(leaf_hash(entry))
        files |= {made.tile.path: made.content for made in edge.append(leaf_hash(entry), entry)}
        if index + 1 in stop_at:
            files |= {made.tile.path: made.content for made in edge.partial()}
            edge = Edge.read(index + 1, files.read)
    files |= {made.tile.path: made.content for made in edge.partial()}
    return files, tree


SIZE = 66_000


@pytest.fixture(scope="module")
def large() -> tuple[Files, MemoryTree]:
    return grown(SIZE, stop_at=(1, 255, 256, 257, 4_000, 65_535, 65_536))


def test_growing_writes_exactly_the_tiles_of_the_tree(large: tuple[Files, MemoryTree]) -> None:
    """At every level, over three of them, and also where the growing was interrupted and taken up again."""
    files, _ = large
    needed = {tile.path for tile in [*tiles_of(SIZE), *bundles_of(0, SIZE)]}
    assert needed <= set(files)
    assert all("entries" in path or ".p/" in path for path in set(files) - needed)


@given(data=st.data())
def test_tiles_give_the_nodes_of_the_tree(large: tuple[Files, MemoryTree], data: st.DataObject) -> None:
    """Roots, frontiers and proofs made from tiles are those made from the whole tree, at any size up to the last."""
    files, tree = large
    size = data.draw(st.integers(1, SIZE))
    tiles = TileTree(SIZE, files.read)
    assert root_at(size, tiles.node) == root_at(size, tree.node)
    assert frontier_at(size, tiles.node) == frontier_at(size, tree.node)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert inclusion_proof(index, size, tiles.node) == inclusion_proof(index, size, tree.node)
    assert consistency_proof(old, size, tiles.node) == consistency_proof(old, size, tree.node)


def test_a_tree_of_fewer_leaves_is_read_from_fuller_tiles(large: tuple[Files, MemoryTree]) -> None:
    """Where a partial tile was deleted, the full one it grew into serves in its place."""
    files, tree = large
    for size in (1, 200, 300, 65_535):
        fewer = TileTree(size, files.read)
        assert root_at(size, fewer.node) == root_at(size, tree.node)
        with pytest.raises(ValueError, match="no perfect subtree"):
            fewer.node(0, size)


def test_a_missing_tile_is_said_to_be_missing() -> None:
    """A log that does not serve a tile its size needs is not read as an empty one."""
    files, _ = grown(300)
    del files["tile/0/000"]
    with pytest.raises(NoSuchTile):
        TileTree(300, files.read).node(0, 5)
