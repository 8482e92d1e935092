"""What the append function and the log's `sealed` make of a sealed event, said once more in Python."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from ledger.seal import Place, Sealed

RECORDED: Final = datetime(2026, 11, 25, 17, 4, 57, 992000, tzinfo=UTC)
FIRST: Final = "A" * 43


def as_stored(place: Place, seq: int, sealed: Sealed, recorded_at: datetime = RECORDED) -> bytes:
    """Give leaf hash, length of the entry, entry and ciphertext, as the log gives them."""
    recorded = recorded_at.isoformat(timespec="milliseconds")[:23]
    last = f',"subj":"{place.subject_tag}"' if seq == 1 else ""
    entry = (
        place.entry_prefix
        + (f'{seq},"prev":"{FIRST}","rec":"{recorded}Z","_sd_alg":"sha-256","_sd":["{sealed.digest}"]{last}}}').encode()
    )
    return sha256(b"\x00" + entry).digest() + len(entry).to_bytes(4) + entry + sealed.state
