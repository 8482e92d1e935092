"""
From a note that somebody writes to a file that proves itself: sealed, appended, published, taken out, erased, given.

Nothing here is made by hand: the entries are those of the database, tiles and checkpoints those of the publisher, and
erasures those of the register. What checks them knows only files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

from ledger.bundle import CLOSING_TOPIC, Opened, Redacted, Withheld, closing_fields, make, parts_of
from ledger.erasure import Eraser
from ledger.keys import KeyRing
from ledger.log import Log
from ledger.mapper import Entry, Registry, SealedEvent
from ledger.notes import COSIGNATURE_ED25519, ED25519, Signer, add_signatures
from ledger.progress import Progress
from ledger.publisher.lock_store import LockStore
from ledger.publisher.publisher import Publisher
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.recorder import ALWAYS, NO_LIMIT, LogRecorder
from ledger.seal import compartments_of
from ledger.tiles import TileTree
from ledger.tree import inclusion_proof
from ledger.verify import (
    Policy,
    TlogProof,
    digest_of,
    leaf_hash,
    parse_policy,
    parse_tlog_proof,
    to_base64url,
    verify_bundle,
    verify_log,
    verify_tlog_proof,
)
from tests.ledger.conftest import ORIGIN
from tests.ledger.small_authority import EXEMPT

Pool = ConnectionPool[psycopg.Connection[Any]]
LOG = Signer(ORIGIN, ED25519, bytes(range(32)))
TEXT = "I want to stay.\n\nNear Gran ✓\nReally."


class Note(BaseModel):
    """A note with two texts, perhaps about somebody else."""

    TOPIC: ClassVar[str] = "note.made"
    VERSION: ClassVar[int] = 1
    code: str = "A"
    text: str | None = None
    more: str | None = None
    third_party: str | None = None


class TakenOut(BaseModel):
    """What a stream says of what was taken out of it."""

    TOPIC: ClassVar[str] = "text.taken_out"
    VERSION: ClassVar[int] = 1
    digests: tuple[str, ...]


class Issued(BaseModel):
    """The event that closes a bundle."""

    TOPIC: ClassVar[str] = CLOSING_TOPIC
    VERSION: ClassVar[int] = 1
    upto: int
    withheld: str
    recipient: str
    checkpoint_size: int


KINDS: Registry[BaseModel] = Registry(
    {Note.TOPIC: Note, TakenOut.TOPIC: TakenOut, Issued.TOPIC: Issued},
    {},
    lambda kind: {"text": None, "more": None} if kind is Note else {},
)


@dataclass
class House:
    """A log in the database, its publisher and its witness."""

    pool: Pool
    schema: str
    keys: KeyRing
    files: StaticFiles
    publisher: Publisher
    log: Log[BaseModel]
    eraser: Eraser
    witness: Signer
    kept: list[str] = field(default_factory=list)

    @property
    def policy_text(self) -> str:
        """Believe this log and its one witness."""
        return f"log {LOG.vkey}\nwitness auditor {self.witness.vkey}\nquorum auditor\n"

    @property
    def policy(self) -> Policy:
        """The same, read."""
        return parse_policy(self.policy_text.encode())

    def rows(self, stream: UUID) -> list[Any]:
        """The rows of a stream."""
        recorder = LogRecorder(self.pool, self.schema)
        return recorder.rows("stream", id=stream, after=0, upto=NO_LIMIT, as_of=ALWAYS, limit=NO_LIMIT)

    def sealed(self, stream: UUID, *facts: BaseModel) -> list[SealedEvent]:
        """Seal what comes next in a stream."""
        version = len(self.rows(stream))
        return [
            self.log.mapper.to_stored_event(Entry(stream, version + nth, each)) for nth, each in enumerate(facts, 1)
        ]

    def record(self, stream: UUID, *facts: BaseModel) -> None:
        """Append to a stream."""
        LogRecorder(self.pool, self.schema).append(self.sealed(stream, *facts))

    def publish(self) -> str:
        """Publish and have it cosigned; give the note."""
        signed = self.publisher.round()
        text = signed.note.partition("\n\n")[0] + "\n"
        note = add_signatures(signed.note, [self.witness.sign(text, int(datetime.now(UTC).timestamp()))])
        (self.files.folder / "cosigned").write_text(note)
        self.kept.append(note)
        return note

    def opened(self, stream: UUID) -> list[Opened]:
        """The events of a stream as their keeper sees them."""
        events = []
        for position, _, version, recorded_at, _, sealed in self.rows(stream):
            place = self.log.mapper.place_of(stream)
            digest, parts = compartments_of(place, version, recorded_at, sealed, self.keys.key)
            entry = bytes(sealed[36 : 36 + int.from_bytes(sealed[32:36])])
            raw = [each for part in parts for each in part.disclosures or () if not each.startswith(b"{")]
            assert digest_of(to_base64url(raw[0])) == digest
            events.append(Opened(position - 1, entry, raw))
        return events


@pytest.fixture
def house(pool: Pool, schema: str, keys: KeyRing, tmp_path: Path) -> Iterator[House]:
    """Everything that an authority runs."""
    log: Log[BaseModel] = Log.of(schema, ORIGIN, KINDS, keys)
    LogRecorder(pool, schema).begin(ORIGIN)
    eraser, files = Eraser(pool, log, keys), StaticFiles(tmp_path / "published")
    with ExitStack() as stack:
        store = stack.enter_context(LockStore(tmp_path / "lock", ORIGIN))
        progress = stack.enter_context(Progress(tmp_path / "lock" / "progress.sqlite", ORIGIN))
        publisher = Publisher(
            LOG,
            Rows(pool, schema),
            files,
            store,
            progress,
            lambda: datetime.now(UTC) + timedelta(seconds=1),
            eraser.register.erasures,
        )
        witness = Signer.generate("auditor.example/a1", COSIGNATURE_ED25519)
        yield House(pool, schema, keys, files, publisher, log, eraser, witness)


def test_from_a_note_to_a_file_that_proves_itself(house: House) -> None:
    """One child's record is given whole, another's erased, some words destroyed, and everything verifies from files."""
    mine, gone, other = (uuid4() for _ in range(3))
    for number in range(3):
        for stream in (mine, gone, other):
            house.record(
                stream, Note(text=TEXT, more="words", code=str(number)), Note(text="Hers", third_party="mother")
            )
        house.publish()
    assert verify_log(house.files.folder, house.policy).streams == 3

    house.eraser.redact_value(
        mine, 1, "more", "ACCURACY", lambda digests: house.sealed(mine, TakenOut(digests=tuple(digests)))
    )
    house.eraser.erase(gone, "RETENTION_ENDED")
    house.publish()
    read = verify_log(house.files.folder, house.policy)
    assert (read.erased, read.streams) == (6, 3)  # one stream has gone, and the register has come

    events = house.opened(mine)
    destroyed = next(part.digest for part in parts_of(events[0]) if part.path == ("more",))
    hers = next(part.digest for part in parts_of(events[1]) if part.path == ("text",))
    withheld, redacted = [Withheld(hers, *EXEMPT)], [Redacted(destroyed, "accuracy", "UK GDPR", "Gone.", event=7)]
    house.record(mine, Issued(**closing_fields(len(events), withheld, redacted, "request-1", 1)))
    final = house.publish()
    tree = TileTree(read_size(final), house.files.read)
    secret = house.keys.of_subject(str(mine)).stream_secret
    raw = make(
        house.opened(mine),
        stream_secret=secret,
        checkpoint=final,
        history=house.kept[:-1],
        node=tree.node,
        policy=house.policy,
        policy_text=house.policy_text,
        withheld=withheld,
        redacted=redacted,
    )

    bundle = verify_bundle(raw, house.policy)
    assert [event.entry.seq for event in bundle.events] == list(range(1, 9))
    assert bundle.events[0].content["text"] == TEXT
    assert bundle.events[0].content["more"] == "[not given]"
    assert bundle.events[1].content["text"] == "[not given]"
    assert bundle.events[3].content["text"] == "Hers"
    assert bundle.auditors == ["auditor"]
    for event in bundle.events:
        hashes = tuple(inclusion_proof(event.leaf_index, tree.size, tree.node))
        entry = house.opened(mine)[event.entry.seq - 1].entry
        receipt = str(TlogProof(event.leaf_index, hashes, final.encode(), entry)).encode()
        assert verify_tlog_proof(parse_tlog_proof(receipt), leaf_hash(entry), house.policy)


def read_size(note: str) -> int:
    """The size that a checkpoint states."""
    return int(note.splitlines()[1])
