"""
Erasing a subject, taking out single values, and doing both again after a restore.

    erase     the register says so; the keys and secrets are destroyed; entries and ciphertext are blanked, the stream
              gets a random name, and whatever else was made of it forgets it, in one transaction
    redact    an entry of the stream itself and the register say so; the value's disclosure gives way to a tombstone
              inside the ciphertext, or the key of a third party is destroyed and what it sealed is emptied

The register comes first, always. Stopped between any two steps, what it says is only partly done: doing it again
finishes it, as often as it takes, and `unfinished` tells. The tree never changes: leaf hashes, positions and recorded
times stay, so everything else that was ever proven of the log can still be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

from ledger.errors import NothingThere, VersionConflict, database_errors
from ledger.keys import KeyRing
from ledger.log import Log
from ledger.mapper import SealedEvent
from ledger.recorder import LogRecorder
from ledger.redaction import digests_at, values_of, without
from ledger.register import Erased, Redacted, Register, Registered, runs
from ledger.seal import Compartment, Place, boxed, compartments_of, state_of
from ledger.statements import Statements

ERASURE_SQL: Final = Path(__file__).with_name("erasure.sql")

_ATTEMPTS: Final = 16
_LEAVES_AT_ONCE: Final = 10_000

Forget = Callable[[psycopg.Connection[Any], Sequence[UUID]], None]
"""Makes whatever else was made of some streams forget them, in the transaction of a connection."""

Noted = Callable[[Sequence[str]], Sequence[SealedEvent]]
"""Gives the sealed events by which a stream itself says that values with some digests were taken out of it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: how many entries it concerned, and how many keys were destroyed."""

    entries: int
    keys: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What the register says and was not done: how many keys still exist, how many entries still have their bytes."""

    keys: int
    entries: int

    def __bool__(self) -> bool:
        return bool(self.keys or self.entries)


def nothing_else(_connection: psycopg.Connection[Any], _streams: Sequence[UUID]) -> None:
    """Forget nothing: nothing else was made of the streams."""


class Eraser:
    """Erases in one log. `forget` is told of every stream that goes."""

    def __init__(
        self,
        pool: ConnectionPool[psycopg.Connection[Any]],
        log: Log[Any],
        keys: KeyRing,
        forget: Forget = nothing_else,
    ) -> None:
        self._pool = pool
        self._log = log
        self._keys = keys
        self._forget = forget
        self._statements = Statements(ERASURE_SQL, log.schema)
        self.register = Register(LogRecorder(pool, log.schema), log.origin)

    # Erasing --------------------------------------------------------------------------------------------------------

    def erase(self, stream: UUID, basis: str) -> Done:
        """
        Erase the subject of a stream: all that was sealed for them and for the third parties of the stream.

        What an erasure before this left undone is finished first. Raises `NothingThere` where there is nothing.
        """
        before = self.replay()
        entries = keys = 0
        for _ in range(_ATTEMPTS):  # somebody may still be writing; once the keys are gone, nobody can
            rows = self._rows("keys_of_stream", stream=stream)
            held = {*self._keys.keys_of(str(stream), family=True), *(key for _, key in rows)}
            if not held:
                break
            parts = [
                Erased(leaves=leaves, keys=tuple(sorted(held)), basis=basis)
                for leaves in _in_parts(runs(position - 1 for position, _ in rows))
            ]
            self.register.append(*parts)
            done = self.replay()
            entries, keys = entries + done.entries, keys + done.keys
        else:
            raise VersionConflict("Others keep writing to this. Stop them, and erase again.")
        if not entries and not keys and not before.entries:
            raise NothingThere("There is nothing of this in the log or in the key store: nothing was to be erased.")
        self._clean()
        return Done(entries, keys)

    def standing(self, stream: UUID) -> int:
        """Give how many entries of a stream there are."""
        return len(self._rows("keys_of_stream", stream=stream))

    def _carry_out(self, said: Erased, register: int) -> Done:
        """Do what the register says at a position, whatever of it has been done before."""
        keys = self._keys.destroy(said.keys) if said.keys else []
        with database_errors(), self._pool.connection() as connection, connection.transaction():
            parameters = self._leaves(said)
            rows = connection.execute(self._statements["standing"], parameters).fetchall()
            streams = {stream for _, stream, key in rows if key in said.keys}
            if not streams:
                return Done(0, len(keys))
            self._forget(connection, sorted(streams))
            blanked = connection.execute(self._statements["erase"], {"register": register, **parameters}).fetchone()
            assert blanked is not None  # noqa: S101 - a function call gives one row
        self._log.mapper.forget()
        return Done(blanked[0], len(keys))

    # Redacting ------------------------------------------------------------------------------------------------------

    def redact_value(self, stream: UUID, version: int, field: str, basis: str, noted: Noted) -> Done:
        """
        Take one value out of an entry of a stream for good; with a field that holds several, all of them.

        `field` names members and, for lists, places in them from 0, with dots between: `own_words.0.words`; one more
        number after a text of several paragraphs names one of those. Raises `NothingThere` where no value is there to
        be taken out, and what `noted` raises.
        """
        self.replay()
        for row in self._rows("of_stream", stream=stream):
            if row[1] == version:
                break
        else:
            raise NothingThere("There is no such entry.")
        position, _, recorded_at, _, sealed = row
        _, opened = compartments_of(self._place(stream), version, recorded_at, sealed, self._keys.key)
        digests = digests_at(opened, field)
        said = Redacted(within=(position - 1,), digests=digests, basis=basis)
        self.register.append(said, others=noted(digests))
        return self._take_out(said)

    def redact_person(self, stream: UUID, third_party: str, basis: str, noted: Noted) -> Done:
        """
        Destroy the key of a third party of a stream, and so all narrative that is about them alone.

        Raises `NothingThere` where nothing was ever sealed for them, and what `noted` raises.
        """
        self.replay()
        keys = self._keys.keys_of(f"{stream}/tp/{third_party}")
        within, digests = [], []
        for position, version, recorded_at, _, sealed in self._rows("of_stream", stream=stream):
            _, opened = compartments_of(self._place(stream), version, recorded_at, sealed, self._keys.key)
            values = [digest for each in opened if each.key_id in keys for digest in values_of(each)]
            if values:
                within.append(position - 1)
                digests += values
        if not keys:
            raise NothingThere("Nothing is kept that is about this person alone.")
        said = Redacted(within=tuple(within), digests=tuple(digests), keys=tuple(keys), basis=basis)
        self.register.append(said, others=noted(said.digests))
        return self._take_out(said)

    def _take_out(self, said: Redacted) -> Done:
        """Do what the register says, whatever of it has been done before."""
        destroyed = self._keys.destroy(said.keys) if said.keys else []
        changed = 0
        for index in said.within:
            for _ in range(_ATTEMPTS):
                renewed = self._redacted(index, said)
                if renewed is None:
                    break
                if self._reseal(index, *renewed):
                    changed += 1
                    break
            else:
                raise VersionConflict("Others keep sealing this entry anew. Try again.")
        if changed:
            self._keys.announce()
            self._clean()
        return Done(changed, len(destroyed))

    def _redacted(self, index: int, said: Redacted) -> tuple[bytes, bytes] | None:
        """Give the ciphertext of a leaf as it is and as it should be, or nothing where nothing is to be taken out."""
        found = self._opened(index)
        if found is None:
            return None
        place, seq, digest, opened, state = found
        emptied = tuple(without(each, said.digests, said.keys) for each in opened)
        if emptied == opened:
            return None
        return state, boxed(place, seq, digest, emptied, self._keys.key)

    # Sealing anew ---------------------------------------------------------------------------------------------------

    def renew(self, stream: UUID, progress: Callable[[int, int], None] | None = None) -> int:
        """
        Seal what was sealed with older keys of a stream's people with their newest; give how many entries that were.

        The entries of the log stay as they are: they commit to what was sealed, not to the ciphertext.
        """
        rows = self._rows("of_stream", stream=stream)
        changed = 0
        for done, (position, version, recorded_at, _, sealed) in enumerate(rows, start=1):
            place = self._place(stream)
            digest, opened = compartments_of(place, version, recorded_at, sealed, self._keys.key)
            renewed = tuple(
                each._replace(key_id=newest)
                if each.disclosures and (newest := self._newest(stream, each.name))
                else each
                for each in opened
            )
            if renewed != opened:
                changed += self._reseal(
                    position - 1, state_of(sealed), boxed(place, version, digest, renewed, self._keys.key)
                )
            if progress is not None:
                progress(done, len(rows))
        return changed

    def _newest(self, stream: UUID, compartment: str) -> str | None:
        subject = str(stream) if not compartment.startswith("tp:") else f"{stream}/tp/{compartment.removeprefix('tp:')}"
        known = self._keys.known(subject)
        return None if known is None else known.key.id

    # After a restore ------------------------------------------------------------------------------------------------

    def replay(self, others: Iterable[Registered] = ()) -> Done:
        """
        Do again whatever the register says and has not been done, or has come back with a backup.

        `others` is what a copy of the register says that the log may have lost; what still concerns this log is said in
        the register again first.
        """
        entries = keys = 0
        for said in others:
            again = self._still_to_do(said)
            if again is not None:
                self.register.append(again)
        for entry in self.register.entries():
            said = entry.event
            done = (
                self._carry_out(said, entry.position) if isinstance(said, Erased) else self._take_out(_redacted(said))
            )
            entries, keys = entries + done.entries, keys + done.keys
        if entries:
            self._clean()
        return Done(entries, keys)

    def unfinished(self) -> Unfinished:
        """Say what the register says and has not been done."""
        keys = entries = 0
        for entry in self.register.entries():
            said = entry.event
            keys += len(self._keys.existing(said.keys)) if said.keys else 0
            if isinstance(said, Erased):
                rows = self._rows("standing", **self._leaves(said))
                entries += sum(key in said.keys for _, _, key in rows)
            else:
                entries += sum(self._redacted(index, _redacted(said)) is not None for index in _redacted(said).within)
        return Unfinished(keys, entries)

    def _still_to_do(self, said: Registered) -> Registered | None:
        """Give of what a copy of the register says what concerns this log and key store as they stand now."""
        keys = bool(said.keys and self._keys.existing(said.keys))
        if isinstance(said, Erased):
            rows = self._rows("standing", **self._leaves(said))
            leaves = runs(position - 1 for position, _, key in rows if key in said.keys)
            return said.model_copy(update={"leaves": leaves}) if leaves or keys else None
        redacted = _redacted(said)
        within = tuple(index for index in redacted.within if self._redacted(index, redacted) is not None)
        return redacted.model_copy(update={"within": within}) if within or keys else None

    # The log --------------------------------------------------------------------------------------------------------

    def _opened(self, index: int) -> tuple[Place, int, str, tuple[Compartment, ...], bytes] | None:
        rows = self._rows("at", position=index + 1)
        if not rows:
            return None
        ((stream, version, recorded_at, _, sealed),) = rows
        if self._keys.known(str(stream)) is None:  # erased, and not yet blanked
            return None
        place = self._place(stream)
        digest, opened = compartments_of(place, version, recorded_at, sealed, self._keys.key)
        return place, version, digest, opened, state_of(sealed)

    def _place(self, stream: UUID) -> Place:
        return self._log.mapper.place_of(stream)

    def _leaves(self, said: Erased) -> dict[str, Any]:
        return {"leaves": list(said.indexes()), "keys": list(said.keys)}

    def _reseal(self, index: int, was: bytes, state: bytes) -> bool:
        ((changed,),) = self._rows("reseal", position=index + 1, was=sha256(was).digest(), state=state)
        return bool(changed)

    def _rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with database_errors(), self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            return cursor.execute(self._statements[statement], parameters).fetchall()

    def _clean(self) -> None:
        with database_errors(), self._pool.connection() as connection:
            connection.execute("SET transaction_timeout = 0")
            try:
                connection.execute(self._statements["clean"])
            finally:
                connection.execute("RESET transaction_timeout")


def _in_parts(leaves: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], ...]]:
    """Divide leaves so that none of the entries that name them is too large; one part where there are none."""
    return [tuple(leaves[start : start + _LEAVES_AT_ONCE]) for start in range(0, max(len(leaves), 1), _LEAVES_AT_ONCE)]


def _redacted(said: Registered) -> Redacted:
    assert isinstance(said, Redacted)  # noqa: S101 - the register has two kinds
    return said
