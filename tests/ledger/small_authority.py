"""A log, its streams, two witnesses and an auditor, all in memory: what tests of evidence attack."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ledger.bundle import Opened, Redacted, Withheld, brackets, closing_fields, make
from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer, sign_checkpoint
from ledger.tree import MemoryTree, inclusion_proof
from ledger.verify import (
    NO_PREVIOUS,
    Checkpoint,
    Policy,
    TlogProof,
    digest_of,
    leaf_hash,
    parse_policy,
    stream_tag,
    to_base64url,
)

ORIGIN: Final = "log.example/la/873/1"
START: Final = 1_790_000_000
EXEMPT: Final = ("third_party", "DPA 2018, Schedule 2, paragraph 16", "It would tell you about somebody else.")


def disclosure(*parts: Any) -> bytes:
    """A raw disclosure with a fresh salt."""
    return json.dumps([to_base64url(os.urandom(16)), *parts], ensure_ascii=False, separators=(",", ":")).encode()


def digest(raw: bytes) -> str:
    """What stands for it."""
    return digest_of(to_base64url(raw))


def value(text: str) -> tuple[list[bytes], dict[str, Any]]:
    """The disclosures of a narrative text, paragraph by paragraph, and what stands for it."""
    paragraphs = text.splitlines(keepends=True)
    pieces = [disclosure(each) for each in paragraphs] if len(paragraphs) > 1 else []
    whole = disclosure("v", [{"...": digest(each)} for each in pieces] if pieces else text)
    return [whole, *pieces], {"_sd": [digest(whole)]}


@dataclass
class Authority:
    """One log. Its clock goes on by a second with each entry and each checkpoint, and is set by tests."""

    origin: str = ORIGIN
    clock: int = START
    tree: MemoryTree = field(default_factory=MemoryTree)
    entries: list[bytes] = field(default_factory=list)
    kept: list[tuple[int, str]] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = Signer.generate(self.origin, ED25519)
        self.witnesses = {
            "regulator": Signer.generate("witness.regulator.example/w1", COSIGNATURE_ED25519),
            "other": Signer.generate("witness.other.example/w2", COSIGNATURE_MLDSA44),
            "auditor": Signer.generate("auditor.example/a1", COSIGNATURE_ED25519),
        }

    def policy_text(self, quorum: str = "group both all regulator other\ngroup q all both auditor\nquorum q\n") -> str:
        """A policy that asks for both witnesses and the auditor."""
        keys = "".join(f"witness {name} {each.vkey}\n" for name, each in self.witnesses.items())
        return f"log {self.log.vkey}\n{keys}{quorum}"

    @property
    def policy(self) -> Policy:
        """The policy, read."""
        return parse_policy(self.policy_text().encode())

    def record(  # noqa: PLR0913 - what an attacker chooses
        self,
        secret: bytes,
        kind: str,
        fields: Mapping[str, Any],
        narrative: Mapping[str, str] | None = None,
        *,
        seq: int | None = None,
        prev: str | None = None,
        back: int = 0,
    ) -> Opened:
        """Log one event; an attacker may choose its number, what it follows, and how far to date it back."""
        self.clock += 1
        tag = stream_tag(secret, self.origin)
        last, head = self.heads.get(tag, (0, NO_PREVIOUS))
        disclosures, said = [], dict(fields)
        for name, text in (narrative or {}).items():
            pieces, said[name] = value(text)
            disclosures += pieces
        manifest = disclosure("event", {"type": kind, **said})
        number = seq or last + 1
        members = {
            "ver": "beforehand/event/1",
            "iss": self.origin,
            "stream": tag,
            "seq": number,
            "prev": prev or head,
            "rec": f"{datetime.fromtimestamp(self.clock - back, UTC):%Y-%m-%dT%H:%M:%S}.000Z",
            "_sd_alg": "sha-256",
            "_sd": [digest(manifest)],
        }
        entry = json.dumps(members, separators=(",", ":")).encode()
        self.tree.append(leaf_hash(entry))
        self.entries.append(entry)
        self.heads[tag] = number, to_base64url(leaf_hash(entry))
        return Opened(len(self.entries) - 1, entry, [manifest, *disclosures])

    def sign(self, by: Sequence[str] = ("regulator", "other", "auditor")) -> str:
        """Sign a checkpoint, have it cosigned, and keep it."""
        self.clock += 1
        signers = [self.log, *(self.witnesses[name] for name in by)]
        note = sign_checkpoint(Checkpoint(self.origin, self.tree.size, self.tree.root()), signers, self.clock)
        self.kept.append((self.tree.size, note))
        return note

    def others(self, entries: int) -> None:
        """Log entries of other streams, with checkpoints in between."""
        for each in range(entries):
            self.record(bytes([each % 5]) * 32, "note.made@1", {"number": each})
            if each % 3 == 2:
                self.sign()

    def issue(
        self,
        secret: bytes,
        events: Sequence[Opened],
        withheld: Sequence[Withheld] = (),
        redacted: Sequence[Redacted] = (),
        **closing: Any,
    ) -> bytes:
        """Record the issue of a bundle and make it; `closing` may choose the number of the closing event."""
        fields = closing_fields(len(events), withheld, redacted, "request-17", self.tree.size)
        closed = [*events, self.record(secret, "disclosure.issued@1", fields, **closing)]
        return self.bundle(secret, closed, withheld, redacted)

    def bundle(
        self,
        secret: bytes,
        closed: Sequence[Opened],
        withheld: Sequence[Withheld] = (),
        redacted: Sequence[Redacted] = (),
    ) -> bytes:
        """Make a bundle of events that end with a closing one, under a new checkpoint."""
        final = self.sign()
        chosen = brackets([each.leaf_index for each in closed], [size for size, _ in self.kept])
        return make(
            closed,
            stream_secret=secret,
            checkpoint=final,
            history=[self.kept[place][1] for place in chosen],
            node=self.tree.node,
            policy=self.policy,
            policy_text=self.policy_text(),
            withheld=withheld,
            redacted=redacted,
        )

    def receipt(self, index: int, *, note: str | None = None) -> bytes:
        """The receipt of an entry."""
        size = self.tree.size
        hashes = tuple(inclusion_proof(index, size, self.tree.node))
        return str(TlogProof(index, hashes, (note or self.sign()).encode(), self.entries[index])).encode()

    def publish(self, folder: Path, blanked: Collection[int] = ()) -> None:
        """Write the log as tlog-tiles describes; `blanked` entries have no bytes."""
        size = self.tree.size
        for place in range(0, size, 256):
            width = min(256, size - place)
            bundle = [b"" if place + at in blanked else self.entries[place + at] for at in range(width)]
            _write(folder, "entries", place // 256, width, b"".join(len(e).to_bytes(2) + e for e in bundle))
        for level in range(8):
            hashes = size >> (8 * level)
            for place in range(0, hashes, 256):
                width = min(256, hashes - place)
                nodes = [self.tree.node(8 * level, place + at) for at in range(width)]
                _write(folder, str(level), place // 256, width, b"".join(nodes))
        (folder / "checkpoint").write_text(self.sign())


def _write(folder: Path, kind: str, place: int, width: int, content: bytes) -> None:
    assert place < 1000
    file = folder / "tile" / kind / (f"{place:03}" if width == 256 else f"{place:03}.p/{width}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
