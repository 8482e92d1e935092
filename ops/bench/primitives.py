"""
`beforehand bench ledger`: what sealing, opening, hashing, proving and signing cost, operation by operation.

Every round lets each operation run for a short while, one after the other; told are the best round and the median of
all, in microseconds of one core. `EXPECTED` are the figures that the ledger was designed with, on another machine: the
share of them that is reached says most where all operations share it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import cycle
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any, Final
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from ledger.bundle import CLOSING_TOPIC, Opened, closing_fields, make
from ledger.continuity import Continuity, milliseconds, written
from ledger.keys import KeyRing, open_file_keys
from ledger.mapper import Entry, FactMapper
from ledger.notes import Signer, sign_checkpoint
from ledger.seal import Place, compartments_of, place_of, seal, unseal
from ledger.tree import Frontier, MemoryTree, consistency_proof, inclusion_proof
from ledger.verify import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    Checkpoint,
    TlogProof,
    leaf_hash,
    node_hash,
    open_note,
    parse_entry,
    parse_policy,
    parse_tlog_proof,
    verify_bundle,
    verify_consistency,
    verify_inclusion,
    verify_tlog_proof,
)
from ops.bench.workload import childhood
from ops.command_line.speaking import print_json, progress
from projections.registry import REGISTRY

ORIGIN: Final = "beforehand.example/la/bench/1"
LEAVES: Final = 100_000
"""The size of the tree in which proofs are made: 17 hashes each."""

WIDTH: Final = 120
_SECONDS: Final = 0.05
_NOW: Final = datetime(2026, 11, 22, 5, 4, 0, 123_000, UTC)
_NEVER: Final = "2026-11-22T05:04:00.123Z"
_KIND: Final = "bench.twelve@1"


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that is done again and again, what it should take (µs), and what one time of it stands for."""

    name: str
    run: Callable[[], object]
    expected: float | None = None
    times: int = 1
    """How many of what is named one run does."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation came to, in microseconds."""

    name: str
    best: float
    median: float
    expected: float | None

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "name": self.name,
            "best_us": round(self.best, 3),
            "median_us": round(self.median, 3),
            "expected_us": self.expected,
            "of_expected": None if self.expected is None else round(self.best / self.expected, 3),
        }


def bench_ledger(rounds: int, *, as_json: bool) -> None:
    """Measure every operation, and say what came out."""
    with tempfile.TemporaryDirectory() as folder, progress("Taking turns") as moved:
        costs = measured(operations(open_file_keys(Path(folder) / "keys")), rounds, moved)
    if as_json:
        print_json({"rounds": rounds, "operations": [each.as_json() for each in costs]})
        return
    table = Table(title=f"One operation, in microseconds of one core: {rounds} rounds")
    table.add_column("")
    for column in ("best", "median", "designed with", "best / designed"):
        table.add_column(column, justify="right")
    for each in costs:
        expected = "" if each.expected is None else f"{each.expected:.2f}"
        share = "" if each.expected is None else f"{each.best / each.expected:.2f}"
        table.add_row(each.name, f"{each.best:.2f}", f"{each.median:.2f}", expected, share)
    Console(width=WIDTH).print(table)


def measured(
    asked: Sequence[Operation],
    rounds: int,
    moved: Callable[[int, int], None] = lambda _done, _all: None,
    seconds: float = _SECONDS,
) -> list[Cost]:
    """Let each operation run for a while in every round, and sum up what one time of it took."""
    taken: list[list[float]] = [[] for _ in asked]
    for each in asked:
        each.run()
    for nth in range(rounds):
        for place, (each, times) in enumerate(zip(asked, taken, strict=True)):
            times.append(_microseconds(each, seconds))
            moved(nth * len(asked) + place + 1, rounds * len(asked))
    return [Cost(each.name, min(times), median(times), each.expected) for each, times in zip(asked, taken, strict=True)]


def _microseconds(operation: Operation, seconds: float) -> float:
    """Give what one time of an operation takes of a processor: time in which others have it does not count."""
    run, done, began = operation.run, 0, thread_time()
    deadline = began + seconds
    while (now := thread_time()) < deadline:
        for _ in range(10):
            run()
        done += 10
    return 1e6 * (now - began) / (done * operation.times)


def operations(keys: KeyRing) -> list[Operation]:
    """Make everything ready, and give what is measured."""
    return [*_hashing(), *_sealing(keys), *_proving(), *_signing(), *_disclosing(keys)]


def _hashing() -> Iterator[Operation]:
    left, right, entry = sha256(b"left").digest(), sha256(b"right").digest(), bytes(300)
    yield Operation("hash an inner node", lambda: node_hash(left, right), 0.39)
    yield Operation("hash a leaf of 300 bytes", lambda: leaf_hash(entry), 0.45)


def _sealing(keys: KeyRing) -> Iterator[Operation]:
    stream = uuid4()
    held = keys.of_subject(str(stream))
    place = place_of(ORIGIN, held.stream_secret, held.subject_secret)
    key, key_of = held.key, keys.key
    yield Operation(
        "seal 12 values (13 disclosures)", lambda: seal(place, 17, _KIND, {**TWELVE}, _TWELVE_NARRATIVE, key), 28.9
    )
    twelve = seal(place, 17, _KIND, {**TWELVE}, _TWELVE_NARRATIVE, key)
    now = _NOW
    stored = _stored(place, 17, twelve.digest, twelve.state)
    yield Operation("open 12 values, every digest checked", lambda: unseal(place, 17, now, _KIND, stored, key_of), 39.7)

    mapper: FactMapper[Any] = FactMapper(REGISTRY, keys, ORIGIN)
    drafts = [Entry(stream, nth, step.fact) for nth, step in enumerate(childhood(1), start=1)]
    yield Operation(
        "seal a fact, from its model",
        lambda: [mapper.to_stored_event(draft) for draft in drafts],
        times=len(drafts),
    )
    rows = [_row(mapper, place, draft, now) for draft in drafts]
    yield Operation("open a fact, to its model", lambda: [mapper.entry_of(row) for row in rows], times=len(rows))


def _row(mapper: FactMapper[Any], place: Place, draft: Entry[Any], now: datetime) -> Any:
    sealed = mapper.to_stored_event(draft)
    stored = _stored(place, draft.originator_version, sealed.digest, sealed.state)
    return 1, draft.originator_id, draft.originator_version, now, sealed.topic, stored


def _stored(place: Place, seq: int, digest: str, state: bytes) -> bytes:
    """Give what the log gives back of an event: leaf hash, length of the entry, entry, ciphertext."""
    entry = _entry(place.entry_prefix, seq, digest, place.subject_tag)
    return leaf_hash(entry) + len(entry).to_bytes(4) + entry + state


def _entry(prefix: bytes, seq: int, digest: str, subject_tag: str, previous: str = "A" * 43) -> bytes:
    last = f'],"subj":"{subject_tag}"}}' if seq == 1 else "]}"
    return prefix + (f'{seq},"prev":"{previous}","rec":"{_NEVER}","_sd_alg":"sha-256","_sd":["{digest}"{last}'.encode())


def _proving() -> Iterator[Operation]:
    leaves = [sha256(nth.to_bytes(4)).digest() for nth in range(LEAVES)]
    growing = Frontier()
    next_leaf = cycle(leaves)
    yield Operation("append a leaf to the tree", lambda: growing.append(next(next_leaf)), 0.50)
    tree = MemoryTree(leaves)
    whole = _frontier(leaves)
    root = whole.root()
    yield Operation(f"root of {LEAVES:,} leaves", whole.root, 2.1)
    index, old = 61_803, 61_803
    proof = inclusion_proof(index, LEAVES, tree.node)
    yield Operation("make an inclusion proof (17 hashes)", lambda: inclusion_proof(index, LEAVES, tree.node), 7.9)
    yield Operation(
        "verify an inclusion proof", lambda: verify_inclusion(index, LEAVES, leaves[index], proof, root), 9.1
    )
    before, grown = tree.root(old), consistency_proof(old, LEAVES, tree.node)
    yield Operation("verify a consistency proof", lambda: verify_consistency(old, LEAVES, grown, before, root), 12.0)
    entries = list(_chain())
    far = milliseconds(datetime(2026, 11, 22, 5, 5, tzinfo=UTC))

    def audit() -> None:
        continuity, frontier = Continuity(ORIGIN), Frontier()
        for nth, entry in enumerate(entries):
            frontier.append(continuity.follow(nth, entry, far)[0])

    yield Operation("audit an entry (hash, shape, stream, time, tree)", audit, 4.3, len(entries))
    yield Operation("parse an entry as a sceptic does", lambda: parse_entry(entries[1]))


def _frontier(leaves: Sequence[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


def _chain(streams: int = 10, length: int = 20) -> Iterator[bytes]:
    """Give entries of some streams, each of them one chain."""
    prefixes = [
        place_of(ORIGIN, sha256(b"stream%d" % nth).digest(), sha256(b"subject%d" % nth).digest())
        for nth in range(streams)
    ]
    heads = ["A" * 43] * streams
    for seq in range(1, length + 1):
        for nth, place in enumerate(prefixes):
            entry = _entry(place.entry_prefix, seq, "A" * 43, place.subject_tag, heads[nth])
            heads[nth] = written(leaf_hash(entry)).decode()
            yield entry


def _signing() -> Iterator[Operation]:
    log = Signer.generate(ORIGIN, ED25519)
    witness = Signer.generate("witness.example", COSIGNATURE_ED25519)
    anchor = Signer.generate("anchor.example", COSIGNATURE_MLDSA44)
    checkpoint = Checkpoint(ORIGIN, LEAVES, sha256(b"root").digest())
    yield Operation("sign a checkpoint (Ed25519)", lambda: sign_checkpoint(checkpoint, [log], 1), 24)
    noted = sign_checkpoint(checkpoint, [log, witness], 1).encode()
    both = [log.key, witness.key]
    yield Operation("open a checkpoint with one cosignature", lambda: open_note(noted, both), 166)
    yield Operation("cosign a checkpoint (ML-DSA-44)", lambda: sign_checkpoint(checkpoint, [anchor], 1), 503)
    anchored = sign_checkpoint(checkpoint, [anchor], 1).encode()
    yield Operation("open a checkpoint (ML-DSA-44)", lambda: open_note(anchored, [anchor.key]), 113)


def _disclosing(keys: KeyRing) -> Iterator[Operation]:
    """A whole childhood as its receipts and its bundle prove it, under a policy that asks for one witness."""
    held = keys.of_subject("disclosed")
    place = place_of(ORIGIN, held.stream_secret, held.subject_secret)
    mapper: FactMapper[Any] = FactMapper(REGISTRY, keys, ORIGIN)
    opened: list[Opened] = []
    head = "A" * 43

    def log(kind: str, body: dict[str, Any], narrative: Any) -> None:
        nonlocal head
        seq = len(opened) + 1
        sealed = seal(place, seq, kind, body, narrative, held.key)
        entry = _entry(place.entry_prefix, seq, sealed.digest, place.subject_tag, head)
        head = written(leaf_hash(entry)).decode()
        stored = leaf_hash(entry) + len(entry).to_bytes(4) + entry + sealed.state
        _, (own,) = compartments_of(place, seq, _NOW, stored, keys.key)
        assert own.disclosures is not None  # noqa: S101 - its key is there
        opened.append(Opened(seq - 1, entry, list(own.disclosures)))

    for step in childhood(1):
        body = step.fact.model_dump(mode="json", exclude_none=True)
        log(mapper.registry.topic_of(step.fact), body, mapper.registry.narrative(type(step.fact)))
    log(f"{CLOSING_TOPIC}@1", closing_fields(len(opened), [], [], "request-17", len(opened)), {})

    tree = MemoryTree(leaf_hash(each.entry) for each in opened)
    signer, witness = Signer.generate(ORIGIN, ED25519), Signer.generate("witness.example", COSIGNATURE_ED25519)
    policy_text = f"log {signer.key}\nwitness witness {witness.key}\nquorum witness\n"
    policy = parse_policy(policy_text.encode())
    checkpoint = Checkpoint(ORIGIN, tree.size, tree.root())
    note = sign_checkpoint(checkpoint, [signer, witness], round(_NOW.timestamp()) + 60)
    proof = str(TlogProof(7, tuple(inclusion_proof(7, tree.size, tree.node)), note.encode(), opened[7].entry)).encode()
    leaf = leaf_hash(opened[7].entry)
    yield Operation(
        "verify a receipt with one cosignature", lambda: verify_tlog_proof(parse_tlog_proof(proof), leaf, policy), 175
    )
    bundle = make(
        opened,
        stream_secret=held.stream_secret,
        checkpoint=note,
        history=[],
        node=tree.node,
        policy=policy,
        policy_text=policy_text,
    )
    yield Operation("verify a bundle, for each event", lambda: verify_bundle(bundle, policy), 110, len(opened))


TWELVE: Final[dict[str, Any]] = {
    "decision": "The placement with Jo comes to an end.",
    "child": "Amira",
    "decided_by": "M. Osei, service manager",
    "decided_at": "20 November 2026",
    "reasons": "Jo gave 28 days' notice; contact with her brother was considered; Amira asked to stay near school. "
    * 4,
    "law": "Children Act 1989, section 22C",
    "wishes": "She wants to stay at the same school and keep seeing her nan on Saturdays. " * 3,
    "iro": "Supported, with a review in 20 working days",
    "others": "Statement of the carer before about what happened in the household in the spring. " * 3,
    "from_home": "with Jo",
    "to_home": "with Kofi and Leila",
    "documents": "Minutes of the meeting of 18 November 2026; letter of notice of 2 November 2026",
}
_TWELVE_NARRATIVE: Final[dict[str, Any]] = dict.fromkeys(TWELVE)
