"""
The log as static files (C2SP tlog-tiles): names of tiles and entry bundles, what is in them, and the tree from them.

A tile holds 256 hashes of one level of the tree, or fewer where it is the last one of its level ("partial"); a hash of
a level is the root of a full tile of the level below. An entry bundle holds the entries of one tile of level 0. The
entry of an erased leaf is served with no bytes at all; its leaf hash stays (`ops/decisions/0024`).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger.tree import HASH_SIZE
from ledger.verify import node_hash

WIDTH: Final = 256
"""Hashes in a full tile: subtrees of height 8."""
LONGEST_ENTRY: Final = 0xFFFF
CHECKPOINT: Final = "checkpoint"
COSIGNED: Final = "cosigned"
"""Beside what tlog-tiles names: the last checkpoint that met the trust policy."""
ERASURES: Final = "erasures"
"""Beside what tlog-tiles names: which leaves were erased, opened from the register's entries."""

_HEIGHT: Final = 8
_LAST_LEVEL: Final = 63
_TILES_AT_HAND: Final = 64
_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9]|[1-5][0-9]|6[0-3])/(?P<above>(?:x[0-9]{3}/)*)(?P<last>[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class NoSuchTile(Exception):  # noqa: N818 - an answer, not a fault
    """A reader has neither the partial tile nor the full one."""


class NotATile(ValueError):  # noqa: N818 - names the finding
    """The bytes are not a tile or bundle of that width."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One file: hashes of a level, or, where the level is None, the entries that level 0 hashes."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Give its path below the prefix of the log."""
        kind = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{index_path(self.index)}{partial}"

    @property
    def full(self) -> Tile:
        """Give the full tile that this one grows into."""
        return replace(self, width=WIDTH)

    @property
    def end(self) -> int:
        """Give the size that a tree must have for this file to exist."""
        return (self.index * WIDTH + self.width) << (_HEIGHT * (self.level or 0))


def index_path(index: int) -> str:
    """Write the index of a tile as path elements of three digits: 1234067 is x001/x234/067."""
    elements = [f"{index % 1000:03}"]
    while index := index // 1000:
        elements.append(f"x{index % 1000:03}")
    return "/".join(reversed(elements))


def parse_path(path: str) -> Tile | None:
    """Read the path of a tile or bundle, strictly; None where it is none."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    index = int(match["above"].replace("x", "").replace("/", "") + match["last"])
    width = int(match["width"] or WIDTH)
    if match["above"].startswith("x000/") or (match["width"] is not None and width >= WIDTH):
        return None
    return Tile(None if match["level"] == "entries" else int(match["level"]), index, width)


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of hashes of a tree of this size, level by level, the partial one of a level last."""
    for level in range(_LAST_LEVEL + 1):
        yield from _of_level(level, 0, size >> (_HEIGHT * level))
        if not size >> (_HEIGHT * (level + 1)):
            return


def bundles_of(start: int, size: int) -> Iterator[Tile]:
    """Yield the bundles of a log of this size that hold entries from an index on."""
    yield from _of_level(None, start // WIDTH, size)


def _of_level(level: int | None, first: int, hashes: int) -> Iterator[Tile]:
    full, rest = divmod(hashes, WIDTH)
    yield from (Tile(level, index) for index in range(first, full))
    if rest and first <= full:
        yield Tile(level, full, rest)


def pack(entries: Sequence[bytes]) -> bytes:
    """Put entries into a bundle, each with its length in two bytes before it. Raises ValueError for one too long."""
    if any(len(entry) > LONGEST_ENTRY for entry in entries):
        raise ValueError(f"An entry of a log is at most {LONGEST_ENTRY} bytes long.")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpack(bundle: bytes, width: int) -> list[bytes]:
    """Take a bundle apart. Raises `NotATile` unless it is exactly so many entries and nothing more."""
    entries, at = [], 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start])
        entries.append(bundle[start:at])
    if at != len(bundle):
        raise NotATile(f"An entry bundle that should hold {width} entries does not end where the last of them does.")
    return entries


def hashes_of(tile: bytes, width: int) -> list[bytes]:
    """Take a tile apart. Raises `NotATile` unless it is exactly so many hashes."""
    if len(tile) != width * HASH_SIZE:
        raise NotATile(f"A tile of {width} hashes is {width * HASH_SIZE} bytes long; this one is {len(tile)}.")
    return [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]


def root_of_full(hashes: Sequence[bytes]) -> bytes:
    """Give the root over a perfect subtree's hashes: as many as a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


@dataclass(frozen=True, slots=True)
class Made:
    """A tile or bundle with its bytes."""

    tile: Tile
    content: bytes


class Edge:
    """The right edge of a growing log: the tiles that are not full yet, and the bundle that is not."""

    def __init__(self, levels: Sequence[Sequence[bytes]] = ((),), entries: Sequence[bytes] = ()) -> None:
        self._levels = [list(level) for level in levels]
        self._full = [0] * len(self._levels)
        self._entries = list(entries)

    @classmethod
    def read(cls, size: int, read: Callable[[str], bytes]) -> Edge:
        """Take up the edge of a log of some size from its files. Raises `NoSuchTile` and `NotATile`."""
        edge = cls()
        for level in range(_LAST_LEVEL + 1):
            full, rest = divmod(size >> (_HEIGHT * level), WIDTH)
            if level == len(edge._levels):
                edge._levels.append([])
                edge._full.append(0)
            edge._full[level] = full
            if rest:
                edge._levels[level] = _partial(Tile(level, full, rest), read)
            if not size >> (_HEIGHT * (level + 1)):
                break
        if rest := size % WIDTH:
            edge._entries = _entries(Tile(None, size // WIDTH, rest), read)
        return edge

    def append(self, leaf_hash: bytes, entry: bytes) -> list[Made]:
        """Add a leaf, and give the tiles and the bundle that are full now."""
        made = []
        self._entries.append(entry)
        if len(self._entries) == WIDTH:
            made.append(Made(Tile(None, self._full[0]), pack(self._entries)))
            self._entries.clear()
        level, joined = 0, leaf_hash
        while True:
            if level == len(self._levels):
                self._levels.append([])
                self._full.append(0)
            hashes = self._levels[level]
            hashes.append(joined)
            if len(hashes) < WIDTH:
                return made
            made.append(Made(Tile(level, self._full[level]), b"".join(hashes)))
            joined = root_of_full(hashes)
            hashes.clear()
            self._full[level] += 1
            level += 1

    def partial(self) -> list[Made]:
        """Give the tiles and the bundle that are not full."""
        made = [
            Made(Tile(level, self._full[level], len(hashes)), b"".join(hashes))
            for level, hashes in enumerate(self._levels)
            if hashes
        ]
        if self._entries:
            made.append(Made(Tile(None, self._full[0], len(self._entries)), pack(self._entries)))
        return made

    def blank(self, index: int) -> None:
        """Leave no bytes of an entry, where it stands in the open bundle."""
        offset = index - self._full[0] * WIDTH
        if 0 <= offset < len(self._entries):
            self._entries[offset] = b""


class TileTree:
    """Nodes of the tree of one size, from its tiles: `node` is what the proofs of `ledger.tree` are made with."""

    def __init__(self, size: int, read: Callable[[str], bytes]) -> None:
        self.size = size
        self._read = read
        self._at_hand: OrderedDict[Tile, list[bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        """
        Give the root of the perfect subtree at (level, index).

        Raises `NoSuchTile`, `NotATile`, and ValueError for a subtree that a tree of this size does not have.
        """
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise ValueError(f"A tree of size {self.size} has no perfect subtree {index} of level {level}.")
        tile_level, height = divmod(level, _HEIGHT)
        first = index << height
        number, offset = divmod(first, WIDTH)
        hashes = self._hashes(tile_level, number)
        return root_of_full(hashes[offset : offset + (1 << height)])

    def leaf_hash(self, index: int) -> bytes:
        """Give the hash of one leaf."""
        return self.node(0, index)

    def _hashes(self, level: int, number: int) -> list[bytes]:
        there = (self.size >> (_HEIGHT * level)) - number * WIDTH
        tile = Tile(level, number, min(there, WIDTH))
        hashes = self._at_hand.get(tile)
        if hashes is None:
            hashes = self._at_hand[tile] = _partial(tile, self._read)
            if len(self._at_hand) > _TILES_AT_HAND:
                self._at_hand.popitem(last=False)
        return hashes


def read_tile(tile: Tile, read: Callable[[str], bytes]) -> tuple[Tile, bytes]:
    """
    Read a tile, or the full one it has grown into: a log may delete partial tiles then. Says which one it was.

    Raises `NoSuchTile`.
    """
    try:
        return tile, read(tile.path)
    except NoSuchTile:
        if tile.width == WIDTH:
            raise
        return tile.full, read(tile.full.path)


def _partial(tile: Tile, read: Callable[[str], bytes]) -> list[bytes]:
    found, content = read_tile(tile, read)
    return hashes_of(content, found.width)[: tile.width]


def _entries(tile: Tile, read: Callable[[str], bytes]) -> list[bytes]:
    found, content = read_tile(tile, read)
    return unpack(content, found.width)[: tile.width]


def read_entries(tile: Tile, read: Callable[[str], bytes]) -> list[bytes]:
    """Read the entries of a bundle. Raises `NoSuchTile` and `NotATile`."""
    return _entries(tile, read)
