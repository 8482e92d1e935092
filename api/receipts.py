"""
Receipts: what whoever has written something can keep, to show one day that it was recorded, when, and never altered.

A receipt holds the entry of the log and, once a published checkpoint covers it, the way from there to the root of the
tree: a verbatim tlog-proof (C2SP). Nothing in it is about anybody: tags are pseudonyms, and what was recorded is a
digest with random salts in it. So it may be kept for decades, and each one that is kept is a check on the whole log.
No promise is made in place of a proof: until a checkpoint covers the entry, the receipt says `committed`.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.preferring import wait_asked
from api.publication import Publication
from ledger.publisher.published import NotCoveredYet, Published
from ledger.verify import leaf_hash, parse_entry

RECEIPTS: Final = "/v1/receipts"
PROOF_SUFFIX: Final = ".tlog-proof"
MOST_WAITING: Final = 64
"""Requests that wait for a checkpoint at the same time. More are answered without having waited."""

_EXAMPLE: Final[dict[str, JsonValue]] = {
    "status": "committed",
    "leaf_index": 109481,
    "leaf_hash": "6wa1CNRQTgzZFBmTfIMyEIhsZkIxAZcyAIGb9hVkbFg=",
    "stream": "0ZRBvStDMfQiWSVlDcRmZ5mR4t6K0y1mn5pfPBdFiy8",
    "seq": 17,
    "recorded_at": "2026-11-22T05:04:00.123Z",
    "entry": (
        "eyJ2ZXIiOiJiZWZvcmVoYW5kL2V2ZW50LzEiLCJpc3MiOiJiZWZvcmVoYW5kLmV4YW1wbGUvbGEvc2FtcGxlLzEiLCJzdHJlYW0iOiIwWlJC"
        "dlN0RE1mUWlXU1ZsRGNSbVo1bVI0dDZLMHkxbW41cGZQQmRGaXk4Iiwic2VxIjoxNywicHJldiI6InlKM0w4eDBRZm5lZWZTM3hyUFZaV0Iz"
        "X2h3V1FvaXlFZlpKOWZ1ZkNLWDgiLCJyZWMiOiIyMDI2LTExLTIyVDA1OjA0OjAwLjEyM1oiLCJfc2RfYWxnIjoic2hhLTI1NiIsIl9zZCI6"
        "WyJWZ1pSUDRXRkVkc2ctaVBENUhYT2Uyd19ESjBvQktVNFdVZ3Nmd2lEU2dNIl19"
    ),
    "proof": None,
    "cosigned": False,
    "upgrade": "/v1/receipts/109481",
}


class ReceiptShape(BaseModel):
    """What shows that an entry is in the log. `beforehand verify receipt` checks it, without us."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    status: Literal["committed", "included"] = Field(
        description="`committed`: it is recorded for good. `included`: a published checkpoint covers it as well."
    )
    leaf_index: int = Field(ge=0, description="Which leaf of the log it is, from 0: its position less one.")
    leaf_hash: str = Field(description="SHA-256 of a zero byte and the entry, in base64 (RFC 6962 section 2.1).")
    stream: str | None = Field(description="The tag of the case in this log: a pseudonym. Absent once it was erased.")
    seq: int | None = Field(description="The number of the entry in its case.")
    recorded_at: str | None = Field(description="When the database recorded it (UTC), as the entry says it.")
    entry: str | None = Field(description="The bytes of the entry in base64. Absent once it was erased.")
    proof: str | None = Field(
        description=(
            "A verbatim tlog-proof (C2SP): the way from the entry to the root of the tree, and the signed checkpoint. "
            "Absent while no checkpoint covers the entry."
        )
    )
    cosigned: bool = Field(description="Whether the witnesses that the log's policy asks for have cosigned it.")
    upgrade: str = Field(description="The address at which the receipt stands as it is now, with its proof.")


class Receipts:
    """Makes the receipts of one log; without a published log, receipts without proofs."""

    def __init__(self, publication: Publication | None) -> None:
        self._published = None if publication is None else publication.published
        self._waiting = 0

    @property
    def proves(self) -> bool:
        """Tell whether there is a published log that proofs are made of."""
        return self._published is not None

    def committed(self, index: int, entry: bytes) -> ReceiptShape:
        """Give the receipt of an entry that has just been recorded as the leaf of an index."""
        return _receipt(index, leaf_hash(entry), entry, None)

    async def as_it_stands(self, index: int, leaf: bytes, entry: bytes | None) -> ReceiptShape:
        """Give the receipt of a leaf as it stands now, with its proof where a checkpoint covers it."""
        return _receipt(index, leaf, entry, await self._proof(index))

    async def proof(self, index: int, entry: bytes | None) -> str | None:
        """Give the proof of a leaf as a file, with the entry in it as `extra`; nothing where none can be had yet."""
        proof = await self._proof(index, entry)
        return None if proof is None else proof[0]

    async def waited(self, prefer: Sequence[str], index: int) -> int | None:
        """
        Wait for a checkpoint that covers a leaf, as the headers `Prefer` of a request ask.

        Gives for how many seconds at most; nothing where it was not asked for or could not be done.
        """
        seconds = wait_asked(prefer) if prefer else None
        if seconds is None or self._published is None or self._waiting >= MOST_WAITING:
            return None
        self._waiting += 1
        try:
            await self._published.wait_for(index, seconds)
        finally:
            self._waiting -= 1
        return seconds

    async def _proof(self, index: int, extra: bytes | None = None) -> tuple[str, bool] | None:
        if self._published is None:
            return None
        return await asyncio.to_thread(_best_proof, self._published, index, extra)


def _best_proof(published: Published, index: int, extra: bytes | None) -> tuple[str, bool] | None:
    """Give a proof against a checkpoint that witnesses have cosigned, else against the latest one."""
    witnessed = published.cosigned()
    cosigned = witnessed is not None and bool(witnessed.cosigned) and index < witnessed.size
    try:
        return published.proof(index, cosigned=cosigned, extra=extra), cosigned
    except NotCoveredYet:
        return None


def _receipt(index: int, leaf: bytes, entry: bytes | None, proof: tuple[str, bool] | None) -> ReceiptShape:
    read = None if entry is None else parse_entry(entry)
    return ReceiptShape(
        status="committed" if proof is None else "included",
        leaf_index=index,
        leaf_hash=b64encode(leaf).decode(),
        stream=read and read.stream,
        seq=read and read.seq,
        recorded_at=read and read.rec,
        entry=None if entry is None else b64encode(entry).decode(),
        proof=proof and proof[0],
        cosigned=proof is not None and proof[1],
        upgrade=f"{RECEIPTS}/{index}",
    )
