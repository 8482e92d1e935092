"""
The key ring: what the ledger asks for keys. It wraps, unwraps, remembers, and forgets what was destroyed.

What is at hand is found in microseconds. A key that another process destroyed, or replaced by a newer one, leaves this
ring within a second: the generation of the store is looked at at most every second, and with every miss. Where the
store does not answer, nothing at hand is given either: a key that may have been destroyed is not used.
"""

from __future__ import annotations

import hmac
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import RLock
from typing import Final, Generic, TypeVar

from ledger.errors import (
    EpochInUse,
    KeyDestroyed,
    KeyEncryptionKeyMissing,
    KeyTampered,
    KeyUnknown,
    WrongKeyEncryptionKey,
)
from ledger.keys.encryption_keys import EncryptionKeys
from ledger.keys.material import (
    KEY_BYTES,
    SECRET_BYTES,
    DataKey,
    Subject,
    check_of,
    framed,
    new_key_id,
    open_secrets,
    passes,
    seal_secrets,
    unwrap,
    wrap,
)
from ledger.keys.store import BuriedEpoch, Counts, Epoch, KeptKey, KeptSubject, KeyStore, NewSubject

SUBJECTS_AT_HAND: Final = 50_000
KEYS_AT_HAND: Final = 50_000
"""Ciphers: the one thing at hand that costs memory, about 1 kB each."""

_LOOK_SECONDS: Final = 1.0
_REWRAPPED_AT_ONCE: Final = 1_000
_ATTEMPTS: Final = 5

V = TypeVar("V")
Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


@dataclass(frozen=True, slots=True)
class EpochStanding:
    """An epoch, and how many keys are wrapped under it."""

    number: int
    kind: str
    begun_at: datetime
    keys: int
    newest: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ring stands."""

    counts: Counts
    epochs: tuple[EpochStanding, ...]
    destroyed_epochs: tuple[BuriedEpoch, ...]


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What a rewrap did: how many keys it wrapped anew, and the ids of those that it could not."""

    done: int
    refused: tuple[str, ...]


class KeyRing:
    """The keys and secrets of all subjects of one log. For any number of threads; several processes share one store."""

    def __init__(
        self, store: KeyStore, encryption_keys: EncryptionKeys, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._encryption_keys = encryption_keys
        self._clock = clock
        self._lock = RLock()
        self._subjects: _AtHand[Subject] = _AtHand(SUBJECTS_AT_HAND)
        self._keys: _AtHand[DataKey] = _AtHand(KEYS_AT_HAND)
        self._names: dict[str, str] = {}
        """The subject at hand by the id of its newest key."""
        self._listeners: list[Callable[[], None]] = []
        self._generation = 0
        self._looked_at = float("-inf")
        self._epochs: dict[int, bytes] = {}
        self._missing: dict[int, KeyEncryptionKeyMissing | WrongKeyEncryptionKey] = {}
        self._newest = 0
        row = store.ring()
        self._ring = row.id
        self._generation = row.generation
        self._open_epochs()
        self._index = self._open_index()

    def close(self) -> None:
        """Let go of the store and forget everything."""
        self._forget_all()
        self._store.close()

    # What the ledger asks -------------------------------------------------------------------------------------------

    def of_subject(self, subject: str) -> Subject:
        """
        Give what belongs to a subject, made durably where there is none.

        The name is the case, or the case, a slash and who of the case: what stands before the first slash is the
        family, which is destroyed together. Raises `KeyTampered` and `KeyStoreUnavailable`.
        """
        self._look()
        at_hand = self._subjects.get(subject)
        return at_hand if at_hand is not None else self.of_subjects([subject])[subject]

    def of_subjects(self, subjects: Sequence[str]) -> dict[str, Subject]:
        """Give what belongs to each of some subjects, in their order; those that there are not are made as one."""
        self._look()
        for _ in range(_ATTEMPTS):
            given = {name: at_hand for name in subjects if (at_hand := self._subjects.get(name)) is not None}
            missing = [name for name in dict.fromkeys(subjects) if name not in given]
            if missing:
                given.update(self._found(missing))
            new = [name for name in missing if name not in given]
            if not new:
                return {name: given[name] for name in subjects}
            if not self._store.add([self._new(name) for name in new]):
                self._refresh()
        raise KeyUnknown("Keys could not be made: others kept destroying them at the same moment. Try again.")

    def known(self, subject: str) -> Subject | None:
        """Give what belongs to a subject, or nothing where there is no such subject (or no more)."""
        self._look()
        at_hand = self._subjects.get(subject)
        return at_hand if at_hand is not None else self._found([subject]).get(subject)

    def key(self, key_id: str) -> DataKey:
        """Give a key by its id, of whatever version. Raises `KeyDestroyed`, `KeyUnknown`, `KeyTampered`."""
        self._look()
        at_hand = self._keys.get(key_id)
        if at_hand is not None:
            return at_hand
        generation, kept, destroyed_at = self._store.key(key_id)
        self._catch_up(generation)
        if destroyed_at is not None:
            raise KeyDestroyed("What was sealed here is gone for good: its key has been destroyed.")
        if kept is None:
            raise KeyUnknown(
                "The key store does not have the key of this entry. It may be older than the log: "
                "restore a newer copy of the key store."
            )
        key = self._unwrapped(kept)
        with self._lock:
            if generation >= self._generation:
                self._keys.put(key_id, key)
        return key

    def generation(self) -> int:
        """Give the generation of the store, as looked at within the last second."""
        self._look()
        return self._generation

    # What is done to keys -------------------------------------------------------------------------------------------

    def keys_of(self, subject: str, *, family: bool = False) -> list[str]:
        """Give the ids of all keys of a subject; with `family`, of all that are destroyed with the case it is of."""
        return self._store.family(self._family(subject)) if family else self._store.of_subject(self._id(subject))

    def existing(self, key_ids: Iterable[str]) -> list[str]:
        """Give which of some keys the store still has."""
        return self._store.existing(sorted(set(key_ids)))

    def destroy(self, key_ids: Iterable[str], at: datetime | None = None) -> list[str]:
        """
        Destroy keys for good, and the secrets under them; give the ids of those that there were.

        With the newest key of a subject goes all of the subject. Doing it again is harmless.
        """
        gone = self._store.destroy(sorted(set(key_ids)), at or datetime.now(UTC))
        self._refresh()
        return gone

    def announce(self) -> None:
        """Tell every ring on this store, within a second, that something was taken out of the log."""
        self._store.announce()
        self._refresh()

    def when_changed(self, forget: Callable[[], None]) -> None:
        """Have something forgotten whenever keys were destroyed or replaced, or something was taken out of the log."""
        self._listeners.append(forget)

    def look_again(self) -> None:
        """See at once what other processes have destroyed."""
        self._refresh()

    def look(self) -> None:
        """See what other processes have done, at most every second: for those who hold what was opened with keys."""
        self._look()

    def rotate(self, subject: str) -> Subject:
        """Make a newer key of a subject, for what is sealed from now on. Older ones stay readable; secrets stay."""
        id_ = self._id(subject)
        for _ in range(_ATTEMPTS):
            _, found = self._store.subjects([id_])
            if id_ not in found:
                raise KeyUnknown("There is no such subject in the key store: there is nothing to rotate.")
            was = found[id_]
            secrets = open_secrets(self._unwrapped(was.key), was.secrets, self._ring, id_)
            kept, key = self._new_key(id_, was.key.version + 1)
            if self._store.replace(was, kept, seal_secrets(key, secrets, self._ring, id_)):
                self._refresh()
                return Subject(*secrets, key)
            self._refresh()
        raise KeyUnknown("The key could not be rotated: others kept changing it at the same moment. Try again.")

    # Epochs of the key-encryption key --------------------------------------------------------------------------------

    def begin_epoch(self) -> int:
        """Begin a new epoch and give its number. New keys are wrapped under it; `rewrap` brings the others."""
        numbers = [epoch.number for epoch in self._store.epochs()]
        number = max([*numbers, *(buried.number for buried in self._store.buried_epochs())], default=0) + 1
        made = self._encryption_keys.make(self._ring, number)
        check = check_of(made.key, self._epoch_name(number))
        epoch = Epoch(number, self._encryption_keys.kind, made.place, made.sealed, check, datetime.now(UTC))
        if not self._store.add_epoch(epoch):
            (standing,) = (other for other in self._store.epochs() if other.number == number)
            if standing.place != made.place:  # somebody else was first, with a key of their own
                self._encryption_keys.destroy(self._ring, number, made.place)
        self._refresh()
        return number

    def rewrap(self, progress: Progress | None = None) -> Rewrapped:
        """
        Wrap every key under the newest epoch. Interrupted, it goes on where it was; two at once do no harm.

        A key that was altered stays as it is, and is told of.
        """
        self._refresh()
        newest = self._newest
        self._rewrap_index(newest)
        total = sum(number for epoch, number in self._store.count_by_epoch().items() if epoch != newest)
        done, after, refused = 0, "", list[str]()
        while some := self._store.outside(newest, after, _REWRAPPED_AT_ONCE):
            pairs = []
            for was in some:
                name = self._key_name(was)
                try:
                    wrapped = wrap(self._epochs[newest], unwrap(self._epoch_key(was.epoch), was.wrapped, name), name)
                except KeyTampered:
                    refused.append(was.id)
                    continue
                pairs.append((was, KeptKey(was.id, was.subject, was.version, newest, wrapped)))
            self._store.rewrap(pairs)
            done, after = done + len(pairs), some[-1].id
            if progress is not None:
                progress(done + len(refused), max(total, done + len(refused)))
        return Rewrapped(done, tuple(refused))

    def destroy_epoch(self, number: int) -> None:
        """
        Destroy an old epoch for good, and with it every copy of keys wrapped under it, in whatever backup.

        Raises `EpochInUse` while anything is wrapped under it, and for the newest. Doing it again is harmless.
        """
        self._refresh()
        if number == self._newest:
            raise EpochInUse(
                "This is the newest epoch. Begin another (`beforehand keys rotate`), rewrap, then destroy it."
            )
        if any(epoch.number == number for epoch in self._store.epochs()):
            self._store.bury_epoch(number, datetime.now(UTC))
        for buried in self._store.buried_epochs():
            if buried.number == number:
                self._encryption_keys.destroy(self._ring, number, buried.place)
                self._refresh()
                return
        raise KeyUnknown(f"There is no epoch {number}. `beforehand keys status` shows which there are.")

    def standing(self) -> Standing:
        """Say how the ring stands: counts and epochs, nothing of whose keys they are."""
        self._refresh()
        keys = self._store.count_by_epoch()
        epochs = tuple(
            EpochStanding(
                epoch.number, epoch.kind, epoch.begun_at, keys.get(epoch.number, 0), epoch.number == self._newest
            )
            for epoch in self._store.epochs()
        )
        return Standing(self._store.counts(), epochs, tuple(self._store.buried_epochs()))

    # Names: what a row is bound to ----------------------------------------------------------------------------------

    def _id(self, subject: str) -> bytes:
        return hmac.digest(self._index, framed(b"beforehand/key-subject/1", subject.encode()), "sha256")

    def _family(self, subject: str) -> bytes:
        case = subject.partition("/")[0]
        return hmac.digest(self._index, framed(b"beforehand/key-family/1", case.encode()), "sha256")

    def _key_name(self, key: KeptKey) -> bytes:
        version = key.version.to_bytes(8, "big")
        return framed(b"beforehand/data-key/1", self._ring, key.subject, key.id.encode(), version)

    def _index_name(self) -> bytes:
        return framed(b"beforehand/index-secret/1", self._ring)

    def _epoch_name(self, number: int) -> bytes:
        return framed(b"beforehand/epoch/1", self._ring, number.to_bytes(8, "big"))

    # Reading and making ---------------------------------------------------------------------------------------------

    def _found(self, names: Sequence[str]) -> dict[str, Subject]:
        """Look some subjects up, and keep them at hand where nothing has changed meanwhile."""
        ids = {self._id(name): name for name in names}
        generation, found = self._store.subjects(list(ids))
        self._catch_up(generation)
        opened = {ids[id_]: self._opened(kept) for id_, kept in found.items()}
        with self._lock:
            if generation >= self._generation:
                for name, subject in opened.items():
                    self._names[subject.key.id] = name
                    gone = self._subjects.put(name, subject)
                    if gone is not None:
                        self._names.pop(gone.key.id, None)
                    self._keys.put(subject.key.id, subject.key)
        return opened

    def _opened(self, kept: KeptSubject) -> Subject:
        key = self._unwrapped(kept.key)
        return Subject(*open_secrets(key, kept.secrets, self._ring, kept.id), key)

    def _unwrapped(self, kept: KeptKey) -> DataKey:
        try:
            return DataKey(kept.id, unwrap(self._epoch_key(kept.epoch), kept.wrapped, self._key_name(kept)))
        except KeyTampered:
            raise KeyTampered(
                f"The key {kept.id} in the key store was altered, or stands in the place of another. "
                "Restore this row from a copy of the key store, and find out who wrote to it."
            ) from None

    def _new(self, name: str) -> NewSubject:
        id_ = self._id(name)
        kept, key = self._new_key(id_, 1)
        secrets = (os.urandom(SECRET_BYTES), os.urandom(SECRET_BYTES))
        return NewSubject(id_, self._family(name), seal_secrets(key, secrets, self._ring, id_), kept)

    def _new_key(self, subject: bytes, version: int) -> tuple[KeptKey, DataKey]:
        key_id, key = new_key_id(), os.urandom(KEY_BYTES)
        with self._lock:
            newest, kek = self._newest, self._epoch_key(self._newest)
        bare = KeptKey(key_id, subject, version, newest, b"")
        wrapped = wrap(kek, key, self._key_name(bare))
        return KeptKey(key_id, subject, version, newest, wrapped), DataKey(key_id, key)

    # Epochs at hand -------------------------------------------------------------------------------------------------

    def _epoch_key(self, number: int) -> bytes:
        key = self._epochs.get(number)
        if key is None:
            raise self._missing.get(number) or KeyEncryptionKeyMissing(
                f"The key-encryption key of epoch {number} is not known. Start again."
            )
        return key

    def _open_epochs(self) -> None:
        """Have the key of every epoch at hand, each asked for once. One that cannot be had is told when needed."""
        epochs = self._store.epochs()
        if not epochs:
            self.begin_epoch()
            return
        opened: dict[int, bytes] = {}
        missing: dict[int, KeyEncryptionKeyMissing | WrongKeyEncryptionKey] = {}
        for epoch in epochs:
            try:
                opened[epoch.number] = self._epochs.get(epoch.number) or self._checked(epoch)
            except (KeyEncryptionKeyMissing, WrongKeyEncryptionKey) as error:
                missing[epoch.number] = error
        with self._lock:
            self._epochs, self._missing, self._newest = opened, missing, epochs[-1].number
        self._epoch_key(self._newest)

    def _checked(self, epoch: Epoch) -> bytes:
        if epoch.kind != self._encryption_keys.kind:
            raise KeyEncryptionKeyMissing(
                f"The key-encryption key of epoch {epoch.number} is kept in another way ({epoch.kind}). "
                "Start with the setting that it was begun with."
            )
        key = self._encryption_keys.open(self._ring, epoch.number, epoch.place, epoch.sealed)
        if not passes(key, epoch.check, self._epoch_name(epoch.number)):
            raise WrongKeyEncryptionKey(
                f"The key-encryption key of epoch {epoch.number} is not the one this key store was begun with. "
                "Put the right one back, or name the key store that belongs to this one."
            )
        return key

    def _open_index(self) -> bytes:
        """Have the index secret at hand: with it a name becomes the keyed hash under which a subject stands."""
        row = self._store.ring()
        while row.index is None:
            secret = os.urandom(SECRET_BYTES)
            self._store.put_index(self._newest, wrap(self._epoch_key(self._newest), secret, self._index_name()))
            row = self._store.ring()
        assert row.epoch is not None  # noqa: S101 - both or neither
        try:
            return unwrap(self._epoch_key(row.epoch), row.index, self._index_name())
        except KeyTampered:
            raise KeyTampered(
                "The index of the key store was altered. Restore the row `ring` from a copy of the key store, "
                "and find out who wrote to it."
            ) from None

    def _rewrap_index(self, newest: int) -> None:
        row = self._store.ring()
        if row.index is not None and row.epoch != newest:
            wrapped = wrap(self._epoch_key(newest), self._index, self._index_name())
            self._store.rewrap_index(row.index, newest, wrapped)

    # What leaves what is at hand ------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._clock() - self._looked_at >= _LOOK_SECONDS:
            self._refresh()

    def _refresh(self) -> None:
        self._catch_up(self._store.generation())
        self._looked_at = self._clock()

    def _catch_up(self, generation: int) -> None:
        """Forget what was destroyed or replaced up to a generation of the store, if this ring has not yet."""
        if generation == self._generation:
            return
        with self._lock:
            if generation < self._generation:  # an answer that came late, or another store stands there now
                generation = self._store.generation()
                if generation < self._generation:
                    self._forget_all()
                    self._generation = generation
            reached, gone = self._store.changes(self._generation)
            for key_id in gone:
                self._keys.drop(key_id)
                name = self._names.pop(key_id, None)
                if name is not None:
                    self._subjects.drop(name)
            self._generation = reached
        self._open_epochs()
        for forget in self._listeners:
            forget()

    def _forget_all(self) -> None:
        with self._lock:
            self._subjects.clear()
            self._keys.clear()
            self._names.clear()


class _AtHand(Generic[V]):
    """The last used of something, up to a bound. For any number of threads."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._kept: OrderedDict[str, V] = OrderedDict()
        self._lock = RLock()

    def get(self, name: str) -> V | None:
        with self._lock:
            value = self._kept.get(name)
            if value is not None:
                self._kept.move_to_end(name)
            return value

    def put(self, name: str, value: V) -> V | None:
        """Keep a value, and give the one that had to go for it."""
        with self._lock:
            self._kept[name] = value
            self._kept.move_to_end(name)
            return self._kept.popitem(last=False)[1] if len(self._kept) > self._bound else None

    def drop(self, name: str) -> None:
        with self._lock:
            self._kept.pop(name, None)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
