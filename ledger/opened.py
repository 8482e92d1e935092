"""
What has been opened and checked, kept while it is asked for again and again.

Opening is a function of what is stored and of the keys: the same bytes in the same place give the same body. So what is
kept stands under a SHA-256 of exactly those bytes, which is taken anew at every read. One bit changed in the database
is another hash, is opened like anything else, and is refused. What is kept goes when the keys of anybody change.

It stays in memory, is bounded, and never leaves the process.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

MOST_BYTES: Final = 128 * 1024 * 1024
"""Of bodies and what is needed to find them: about 150,000 ordinary facts."""

_OVERHEAD: Final = 400
"""Bytes that one kept body takes beside itself, about."""


class What(NamedTuple):
    """An event in its place."""

    stream: UUID
    version: int
    recorded_at: datetime
    topic: str


class Opened:
    """
    Bodies by what they were opened from.

    The last used stay: what was not asked for while one half filled up goes when the other has. Any number of threads
    may use it; at worst a body is opened twice.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._half = most_bytes // 2
        self._generation = -1
        self._size = 0
        self._new: dict[bytes, tuple[What, bytes]] = {}
        self._old: dict[bytes, tuple[What, bytes]] = {}

    def get(self, what: What, sealed: bytes, generation: int) -> tuple[bytes, bytes | None]:
        """
        Give the hash of what is stored, and the body where it has been opened before.

        `generation` is that of the key ring: at another one than before, everything is forgotten.
        """
        if generation != self._generation:
            self.clear()
            self._generation = generation
        digest = sha256(sealed).digest()
        held = self._new.get(digest)
        if held is None and (held := self._old.get(digest)) is not None:
            self.put(digest, *held)
        return digest, held[1] if held is not None and held[0] == what else None

    def put(self, digest: bytes, what: What, body: bytes) -> None:
        """Keep a body that has been opened and checked."""
        self._new[digest] = (what, body)
        self._size += len(body) + _OVERHEAD
        if self._size > self._half:
            self._old, self._new, self._size = self._new, {}, 0

    def clear(self) -> None:
        """Forget everything."""
        self._new, self._old, self._size = {}, {}, 0
