"""
The key store: wrapped keys, sealed secrets, epochs and tombstones, in rows. It never sees a key in clear.

What it promises, whichever engine it stands on:
- a subject that two make at once has one key, the one that was first;
- a generation grows with every key that is destroyed or replaced, and `changes` tells which since an earlier one;
- an epoch under which anything is wrapped cannot go: the database holds that, not this program;
- a key that was destroyed is told from one that never was: its tombstone keeps its id and the moment, nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ledger.errors import EpochInUse
from ledger.keys.engines import BrokenReference, Engine

_AT_ONCE: Final = 500
"""Members of one list of a statement."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A wrapped key in its place: `subject` is the keyed hash of a name."""

    id: str
    subject: bytes
    version: int
    epoch: int
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptSubject:
    """A subject with its newest key, under which its secrets are sealed."""

    id: bytes
    secrets: bytes = field(repr=False)
    key: KeptKey


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A subject that is to be kept. `family` is what it is destroyed with."""

    id: bytes
    family: bytes
    secrets: bytes = field(repr=False)
    key: KeptKey


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch of the key-encryption key: where its key is, what is kept of it here, and what shows the right one."""

    number: int
    kind: str
    place: str
    sealed: bytes = field(repr=False)
    check: bytes = field(repr=False)
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class BuriedEpoch:
    """An epoch that was destroyed, and where its key was."""

    number: int
    kind: str
    place: str
    destroyed_at: datetime


@dataclass(frozen=True, slots=True)
class RingRow:
    """The ring: its random id, its generation, and the wrapped index secret once there is one."""

    id: bytes
    generation: int
    epoch: int | None
    index: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, in the whole store."""

    subjects: int
    keys: int
    destroyed: int


class KeyStore:
    """The rows of one ring. Every method raises `KeyStoreUnavailable` where the engine does not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with engine.transaction() as session:
            session.run("begin_ring", {"id": os.urandom(16)})

    def close(self) -> None:
        """Let go of files and connections."""
        self._engine.close()

    def ring(self) -> RingRow:
        """Give the ring."""
        ((id_, generation, epoch, index),) = self._engine.run("ring")
        return RingRow(bytes(id_), generation, epoch, None if index is None else bytes(index))

    def put_index(self, epoch: int, wrapped: bytes) -> None:
        """Keep the wrapped index secret, where there is none yet."""
        self._engine.run("put_index", {"epoch": epoch, "wrapped": wrapped})

    def rewrap_index(self, was: bytes, epoch: int, wrapped: bytes) -> None:
        """Keep the index secret wrapped anew, where it still is as it was."""
        self._engine.run("rewrap_index", {"was": was, "epoch": epoch, "wrapped": wrapped})

    def generation(self) -> int:
        """Give the generation."""
        ((generation,),) = self._engine.run("generation")
        return int(generation)

    def changes(self, after: int) -> tuple[int, list[str]]:
        """Give the generation, and the ids of all keys that were destroyed or replaced since an earlier one."""
        rows = self._engine.run("changes", {"after": after})
        return rows[0][0], [key_id for _, key_id in rows if key_id is not None]

    def subjects(self, ids: Sequence[bytes]) -> tuple[int, dict[bytes, KeptSubject]]:
        """Give the generation, and those of some subjects that there are. Each is as it was at that generation."""
        generations, found = [], {}
        for some in _in_parts(ids):
            rows = self._engine.run("subjects", {"ids": some})
            generations.append(rows[0][0])
            for _, id_, secrets, key_id, version, epoch, wrapped in rows:
                if id_ is not None:
                    key = KeptKey(key_id, bytes(id_), version, epoch, bytes(wrapped))
                    found[bytes(id_)] = KeptSubject(bytes(id_), bytes(secrets), key)
        return min(generations), found

    def key(self, key_id: str) -> tuple[int, KeptKey | None, datetime | None]:
        """Give the generation, a key if there is one, and when it was destroyed if it was."""
        ((generation, subject, version, epoch, wrapped, destroyed_at),) = self._engine.run("key", {"key_id": key_id})
        destroyed = None if destroyed_at is None else datetime.fromisoformat(destroyed_at)
        if subject is None:
            return generation, None, destroyed
        return generation, KeptKey(key_id, bytes(subject), version, epoch, bytes(wrapped)), destroyed

    def add(self, subjects: Sequence[NewSubject]) -> bool:
        """
        Keep new subjects with their first keys, as one transaction; one that is there already stays as it is.

        Says whether the epoch they are wrapped under still stood; where not, nothing was kept.
        """
        kept = [{"id": new.id, "family": new.family, "key_id": new.key.id, "secrets": new.secrets} for new in subjects]
        keys = [
            {"id": new.id, "key_id": new.key.id, "epoch": new.key.epoch, "wrapped": new.key.wrapped} for new in subjects
        ]
        try:
            with self._engine.transaction() as session:
                session.run_many("add_subject", kept)
                session.run_many("add_first_key", keys)
        except BrokenReference:
            return False
        return True

    def replace(self, was: KeptSubject, key: KeptKey, secrets: bytes) -> bool:
        """Give a subject a newer key, its secrets sealed under it. Says whether it still stood as it was."""
        named = {"subject": was.id, "key_id": key.id, "was": was.key.id}
        try:
            with self._engine.transaction() as session:
                ((generation,),) = session.run("next_generation")
                if not session.run("point_to_newest", {**named, "secrets": secrets}):
                    return False
                session.run("replace_newest", {"was": was.key.id, "generation": generation})
                session.run("add_key", {**named, "version": key.version, "epoch": key.epoch, "wrapped": key.wrapped})
        except BrokenReference:
            return False
        return True

    def announce(self) -> None:
        """Let the generation grow."""
        self._engine.run("next_generation")

    def family(self, family: bytes) -> list[str]:
        """Give the ids of all keys of all subjects of a family."""
        return [key_id for (key_id,) in self._engine.run("family", {"family": family})]

    def of_subject(self, subject: bytes) -> list[str]:
        """Give the ids of all keys of a subject, the oldest first."""
        return [key_id for (key_id,) in self._engine.run("of_subject", {"subject": subject})]

    def destroy(self, key_ids: Sequence[str], at: datetime) -> list[str]:
        """
        Destroy keys, as one transaction, and give the ids of those that there were.

        With the newest key of a subject go its secrets and all of its older keys. Ids that the store does not have get
        a tombstone too: it may have been restored from before they were made.
        """
        gone: set[str] = set()
        with self._engine.transaction() as session:
            ((generation,),) = session.run("next_generation")
            for some in _in_parts(key_ids):
                subjects = [id_ for (id_,) in session.run("newest_of", {"ids": some})]
                if subjects:
                    gone.update(key_id for (key_id,) in session.run("keys_of_subjects", {"ids": subjects}))
                gone.update(key_id for (key_id,) in session.run("existing", {"ids": some}))
                for part in _in_parts(sorted(gone)):
                    session.run("forget_keys", {"ids": part})
                if subjects:
                    session.run("forget_subjects", {"ids": subjects})
            when = at.astimezone(UTC).isoformat(timespec="milliseconds")
            buried = sorted(gone.union(key_ids))
            session.run_many("bury", [{"key_id": id_, "at": when, "generation": generation} for id_ in buried])
        self._engine.scrub()
        return sorted(gone)

    def existing(self, key_ids: Sequence[str]) -> list[str]:
        """Give which of some keys there are."""
        return [key_id for some in _in_parts(key_ids) for (key_id,) in self._engine.run("existing", {"ids": some})]

    def outside(self, epoch: int, after: str, limit: int) -> list[KeptKey]:
        """Give keys that are wrapped under another epoch, in order of their ids, from one on."""
        rows = self._engine.run("outside_epoch", {"epoch": epoch, "after": after, "limit": limit})
        return [
            KeptKey(id_, bytes(subject), version, number, bytes(wrapped))
            for id_, subject, version, number, wrapped in rows
        ]

    def rewrap(self, pairs: Sequence[tuple[KeptKey, KeptKey]]) -> None:
        """Keep keys wrapped anew, as one transaction, each where it still is as it was."""
        rows = [
            {"key_id": was.id, "was": was.wrapped, "epoch": now.epoch, "wrapped": now.wrapped} for was, now in pairs
        ]
        with self._engine.transaction() as session:
            session.run_many("rewrap_key", rows)

    def epochs(self) -> list[Epoch]:
        """Give the epochs that stand, the oldest first."""
        return [
            Epoch(number, kind, place, bytes(sealed), bytes(check), datetime.fromisoformat(begun_at))
            for number, kind, place, sealed, check, begun_at in self._engine.run("epochs")
        ]

    def buried_epochs(self) -> list[BuriedEpoch]:
        """Give the epochs that were destroyed, the oldest first."""
        return [
            BuriedEpoch(number, kind, place, datetime.fromisoformat(at))
            for number, kind, place, at in self._engine.run("destroyed_epochs")
        ]

    def add_epoch(self, epoch: Epoch) -> bool:
        """Begin an epoch, and say whether this was the first to. Other processes learn of it by the generation."""
        row: dict[str, Any] = {
            "number": epoch.number,
            "kind": epoch.kind,
            "place": epoch.place,
            "sealed": epoch.sealed,
            "checked": epoch.check,
            "begun_at": epoch.begun_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        }
        with self._engine.transaction() as session:
            session.run("next_generation")
            return bool(session.run("add_epoch", row))

    def bury_epoch(self, number: int, at: datetime) -> None:
        """Let an epoch go. Raises `EpochInUse` while anything is wrapped under it."""
        try:
            with self._engine.transaction() as session:
                session.run("next_generation")
                when = at.astimezone(UTC).isoformat(timespec="milliseconds")
                session.run("bury_epoch", {"number": number, "at": when})
                session.run("forget_epoch", {"number": number})
        except BrokenReference:
            raise EpochInUse(
                f"Keys are still wrapped under epoch {number}. Run `beforehand keys rewrap` first."
            ) from None

    def count_by_epoch(self) -> dict[int, int]:
        """Give how many keys are wrapped under each epoch."""
        return {epoch: number for epoch, number in self._engine.run("count_by_epoch")}  # noqa: C416 - rows are not pairs

    def counts(self) -> Counts:
        """Give how many there are of everything."""
        ((subjects, keys, destroyed),) = self._engine.run("counts")
        return Counts(subjects, keys, destroyed)


def _in_parts(members: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(members), _AT_ONCE):
        yield list(members[start : start + _AT_ONCE])
