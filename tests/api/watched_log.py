"""A log that witnesses watch, as the page of it sees it: no database, no publisher."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from api.log_state import LogState, WitnessState
from ledger.notes import COSIGNATURE_ED25519, ED25519, Signer
from ledger.publisher.published import Cosigned, Published, PublishedCheckpoint
from ledger.publisher.static_files import StaticFiles
from ledger.verify import parse_policy


def watched(now: datetime, *, doing: str = "publishing") -> LogState:
    """A log of 12,345 entries; one witness signed two minutes ago, the other never."""
    log = Signer.generate("ledger.example.gov.uk/la/873/1", ED25519)
    signers = {name: Signer.generate(f"{name}.example", COSIGNATURE_ED25519) for name in ("regulator", "university")}
    lines = [f"log {log.vkey}", *(f"witness {name} {each.vkey}" for name, each in signers.items()), "quorum regulator"]
    written = "\n".join([*lines, ""]).encode()
    at = now - timedelta(seconds=130)
    latest = PublishedCheckpoint(12_340, bytes(32), "", (Cosigned("regulator", at),), quorum=True)
    witnesses = (
        WitnessState("regulator", signers["regulator"].key, at),
        WitnessState("university", signers["university"].key, None),
    )
    published = Published(StaticFiles(Path("nowhere")), parse_policy(written), written)
    return LogState(log.name, 12_345, published, latest, latest, witnesses, doing)
