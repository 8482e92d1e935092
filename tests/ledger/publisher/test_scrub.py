from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

from ledger.publisher.erasures import Erasures
from ledger.publisher.rows import Rows
from ledger.publisher.scrub import Scrub
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import Tile


def turned(files: StaticFiles, tile: Tile) -> None:
    content = files.read(tile.path)
    files.write([(tile.path, content[:-1] + bytes([content[-1] ^ 1]))])


SPOILT: dict[str, tuple[Callable[[Any, StaticFiles], object], list[str]]] = {
    "nothing": (lambda log, files: None, []),
    "an old entry": (
        lambda log, files: log.execute("UPDATE {schema}.event SET entry = entry || ' ' WHERE position = 5"),
        ["leaf 4 does not hash", "tile/entries/000 "],
    ),
    "an old leaf hash": (
        lambda log, files: log.execute("UPDATE {schema}.event SET leaf_hash = sha256(leaf_hash) WHERE position = 5"),
        ["leaf 4 does not hash", "tile/0/000 ", "tile/1/000.p/1 ", "do not make the tree"],
    ),
    "an entry taken out": (
        lambda log, files: log.execute("UPDATE {schema}.event SET entry = NULL WHERE position = 5"),
        ["leaf 4 is missing in the database, and no erasure", "tile/entries/000 "],
    ),
    "a row taken out": (
        lambda log, files: log.execute("DELETE FROM {schema}.event WHERE position = 5"),
        ["row of leaf 4 is missing"],
    ),
    "the last row taken out": (
        lambda log, files: log.execute("DELETE FROM {schema}.event WHERE position = 300"),
        ["has 299 entries, and a checkpoint of 300"],
    ),
    "a bundle": (lambda log, files: turned(files, Tile(None, 0)), ["tile/entries/000 is not what"]),
    "a partial bundle": (lambda log, files: turned(files, Tile(None, 1, 44)), ["tile/entries/001.p/44 is not what"]),
    "a tile": (lambda log, files: turned(files, Tile(0, 0)), ["tile/0/000 is not what"]),
    "a tile above": (lambda log, files: turned(files, Tile(1, 0, 1)), ["tile/1/000.p/1 is not what"]),
    "a file gone": (lambda log, files: (files.folder / "tile/0/000").unlink(), ["tile/0/000 is missing"]),
}


@pytest.mark.parametrize(("spoil", "words"), SPOILT.values(), ids=SPOILT)
def test_all_that_is_amiss_is_named(
    log: Any, start: Any, published: StaticFiles, spoil: Callable[[Any, StaticFiles], object], words: list[str]
) -> None:
    """What lay still since it was signed and has changed all the same, in the database or in the files."""
    log.append(300)
    signed = start().round()
    spoil(log, published)
    heard: list[int] = []
    with ConnectionPool(log.url, min_size=1, kwargs={"autocommit": True}) as pool:
        scrub = Scrub(
            log.origin,
            Rows(pool, log.schema),
            published,
            signed,
            Erasures,
            lambda: log.at + timedelta(seconds=1),
        )
        findings = list(scrub.run(lambda done, _: heard.append(done)))
    assert len(findings) == len(words)
    assert all(any(word in finding for finding in findings) for word in words), findings
    assert heard or "row" in findings[0]


def test_an_erased_entry_is_not_amiss(log: Any, start: Any, published: StaticFiles) -> None:
    """Where the register names it, a blank entry is what there should be."""
    erasures = Erasures(frozenset({4}))
    log.append(20)
    log.execute("UPDATE {schema}.event SET entry = NULL WHERE position = 5")
    signed = start(erased=lambda: erasures).round()
    with ConnectionPool(log.url, min_size=1, kwargs={"autocommit": True}) as pool:
        rows = Rows(pool, log.schema)
        scrub = Scrub(log.origin, rows, published, signed, lambda: erasures, lambda: log.at + timedelta(seconds=1))
        assert list(scrub.run(lambda *_: None)) == []
