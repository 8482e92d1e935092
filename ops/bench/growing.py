"""
`beforehand bench append --grow`: whether a log of five million entries is as fast as one of ten thousand.

Both stand in the same server and take turns, so that the machine's own weather falls on both alike. The large one is
filled through the real append, sealed like everything else, and kept for the next time; the small one is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.keys import open_keys
from ledger.notes import ED25519, Signer
from ledger.progress import Progress
from ledger.publisher.lock_store import LockStore
from ledger.publisher.publisher import Publisher
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import TileTree
from ledger.tree import inclusion_proof
from ledger.verify import verify_inclusion
from ops.authority import Authority, authority
from ops.bench.comparison import Against, Cell, cells
from ops.bench.load import Turn
from ops.bench.ours import Ours
from ops.bench.workload import CHILDHOODS, ENTRIES, Kept, childhood

SMALL: Final = 10_000
LARGE: Final = 5_000_000
_SMALL, _LARGE = "bench_small", "bench_large"
_WRITERS: Final = 16
_TARGETS: Final = (Against("large", "small", {_WRITERS: 0.9}),)
_PROOFS: Final = 200
_CHECKPOINTS: Final = 9
_NEW: Final = 100
"""Entries between two checkpoints."""


@dataclass(frozen=True, slots=True)
class Proving:
    """What proving takes in a log of some size: milliseconds, medians; `hashes` is the length of a proof."""

    size: int
    hashes: int
    proof: float
    verify: float
    checkpoint: float

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "entries": self.size,
            "hashes_of_a_proof": self.hashes,
            "proof_ms": round(self.proof, 3),
            "verify_ms": round(self.verify, 3),
            f"checkpoint_over_{_NEW}_new_entries_ms": round(self.checkpoint, 2),
        }


@dataclass(frozen=True, slots=True)
class Grown:
    """What became of the rate and of the proofs."""

    rates: Sequence[Cell]
    proving: Sequence[Proving]

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "rates": [each.as_json() for each in self.rates],
            "proving": [each.as_json() for each in self.proving],
        }


def grown(  # noqa: PLR0913 - what the benchmark and its test choose
    url: str,
    folder: Path,
    rounds: int,
    seconds: float,
    progress: Callable[[int, int], None],
    *,
    small: int = SMALL,
    large: int = LARGE,
) -> Grown:
    """Fill the large log up, and let both take turns. `folder` is where they are published."""
    taken: list[Mapping[int, Mapping[str, Turn]]] = []
    with authority(_LARGE) as great:
        fill(great, large, progress)
        for _ in range(rounds):
            drop(url, _SMALL)
            with authority(_SMALL) as little:
                fill(little, small)
                turns = {
                    "small": Ours(little).recorder_turn(_WRITERS, seconds),
                    "large": Ours(great).recorder_turn(_WRITERS, seconds),
                }
            taken.append({_WRITERS: turns})
        drop(url, _SMALL)
        with authority(_SMALL) as little:
            fill(little, small)
            proving = [_proving(little, folder / _SMALL), _proving(great, folder / _LARGE)]
    drop(url, _SMALL)
    return Grown(cells(taken, {"large": ("small",)}, _TARGETS), proving)


def fill(ready: Authority, entries: int, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
    """Fill a log up to a number of entries, with whole childhoods, sealed and appended in batches."""
    missing = entries - _size(ready)
    if missing <= 0:
        return
    cases = -(-missing // ENTRIES)
    with closing(open_keys(ready.settings.where_keys_are, ready.settings.authority)) as keys:

        def coming() -> Iterator[Kept]:
            for start in range(0, cases, CHILDHOODS):
                some = [Kept(uuid4(), childhood(nth), ENTRIES) for nth in range(min(CHILDHOODS, cases - start))]
                keys.of_subjects([name for case in some for name in _subjects(case)])  # one transaction for all
                yield from some
                progress(entries - missing + (start + len(some)) * ENTRIES, entries)

        Ours(ready).keep(coming())
    with ready.pool.connection() as connection:
        connection.execute(SQL("VACUUM ANALYZE {}").format(Identifier(ready.kept.schema, "event")))


def drop(url: str, schema: str) -> None:
    """Remove a log."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))


def _subjects(case: Kept) -> list[str]:
    others = {step.fact.third_party for step in case.begun} - {None}
    return [str(case.id), *(f"{case.id}/tp/{ref}" for ref in others)]


def _size(ready: Authority) -> int:
    with ready.pool.connection() as connection:
        row = connection.execute(SQL("SELECT size FROM {}").format(Identifier(ready.kept.schema, "head"))).fetchone()
    assert row is not None  # noqa: S101 - the head is one row
    size: int = row[0]
    return size


def _proving(ready: Authority, folder: Path) -> Proving:
    """Publish a log, and see what a proof and the next checkpoint take."""
    origin, files = ready.kept.origin, StaticFiles(folder / "published")
    (folder / "published").mkdir(parents=True, exist_ok=True)
    with LockStore(folder / "lock", origin) as lock, Progress(folder / "progress.sqlite", origin) as followed:
        publisher = Publisher(
            Signer.generate(origin, ED25519),
            Rows(ready.pool, ready.kept.schema),
            files,
            lock,
            followed,
            lambda: datetime.now(UTC),
        )
        publisher.round()
        rounds = []
        for _ in range(_CHECKPOINTS):
            Ours(ready).keep([Kept(uuid4(), childhood(0), _NEW)])
            began = perf_counter()
            signed = publisher.round()
            rounds.append(perf_counter() - began)
        publisher.close()
    random, proofs, checks = Random(1), [], []  # noqa: S311 - an order, no secret
    hashes = 0
    for _ in range(_PROOFS):
        index = random.randrange(signed.size)
        began = perf_counter()
        tree = TileTree(signed.size, files.read)
        proof = inclusion_proof(index, signed.size, tree.node)
        made = perf_counter()
        verify_inclusion(index, signed.size, tree.leaf_hash(index), proof, signed.root)
        proofs.append(made - began)
        checks.append(perf_counter() - made)
        hashes = max(hashes, len(proof))
    return Proving(signed.size, hashes, 1000 * median(proofs), 1000 * median(checks), 1000 * median(rounds))
