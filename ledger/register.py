"""
The erasure register: a stream of its own in the same log, which says what was erased, and why.

It holds nothing of anybody: leaf indexes, ids of keys, digests, and the code of a legal basis, all in the manifest. So
it can be shown to an auditor, who accepts a missing entry only where the register lists it, and it can be gone through
again after a restore. What it says is to be done; `ledger.erasure` does it, once or again.

It is no secret, and it must be readable whatever becomes of the key store: a store restored from before the first
erasure would not have its key. So it is sealed as every stream is, but with a key that anybody can work out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Final, TypeVar
from uuid import UUID

from eventsourcing.persistence import IntegrityError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ledger.errors import KeyUnknown, RegisterUnreadable, VersionConflict
from ledger.keys import DataKey, Subject
from ledger.mapper import Entry, FactMapper, Registry, SealedEvent
from ledger.publisher.erasures import Erasures
from ledger.recorder import ALWAYS, NO_LIMIT, LogRecorder
from ledger.redaction import checked
from ledger.seal import base64url, compartments_of
from ledger.verify import ERASURE_EVENT

REGISTER: Final = UUID("e7a5ed00-0000-8000-8000-000000000001")
"""The stream of the register. It is the same in every log: streams of different logs never meet."""

_ATTEMPTS: Final = 16

Basis = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
KeyId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
Digest = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Index = Annotated[int, Field(ge=0)]
"""Of a leaf, from 0: its position less one."""


class Registered(BaseModel):
    """Something the register says. `basis` is a code: the law that asks for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    TOPIC: ClassVar[str]
    VERSION: ClassVar[int] = 1

    keys: tuple[KeyId, ...] = ()
    basis: Basis


class Erased(Registered):
    """A subject is erased: these keys are destroyed, and these leaves (first and last of each run) lose their bytes."""

    TOPIC = ERASURE_EVENT.partition("@")[0]

    leaves: tuple[tuple[Index, Index], ...]

    def indexes(self) -> Iterator[int]:
        """Give each leaf."""
        for first, last in self.leaves:
            yield from range(first, last + 1)


class Redacted(Registered):
    """Values are taken out of these leaves: those with these digests, and all that is sealed with these keys."""

    TOPIC = "ledger.redacted"

    within: tuple[Index, ...]
    digests: tuple[Digest, ...]


class Succeeded(Registered):
    """This log goes on where another ended: its name, its last checkpoint, and how many of its entries survived."""

    TOPIC = "succession.recorded"

    of: str = Field(max_length=200)
    checkpoint: str = Field(max_length=20_000)
    size: Index
    survived: Index


_KINDS: Final[Registry[Registered]] = Registry({kind.TOPIC: kind for kind in (Erased, Redacted, Succeeded)}, {})

K = TypeVar("K", bound=Registered)


class _OpenKeys:
    """The keys of the register, worked out from the name of the log."""

    def __init__(self, origin: str) -> None:
        made = [sha256(f"beforehand/erasure-register/1 {what}\n{origin}".encode()).digest() for what in _MADE]
        self._key = DataKey(base64url(made[3][:16]).decode(), made[2])
        self._subject = Subject(made[0], made[1], self._key)

    def of_subject(self, _subject: str) -> Subject:
        return self._subject

    def known(self, _subject: str) -> Subject:
        return self._subject

    def key(self, key_id: str) -> DataKey:
        if key_id != self._key.id:
            raise KeyUnknown("An entry of the erasure register is sealed with a key that is not the register's.")
        return self._key

    def generation(self) -> int:
        """Give the generation of the keys: nothing is ever destroyed here."""
        return 0

    def look_again(self) -> None:
        """See what was destroyed: nothing."""


_MADE: Final = ("stream secret", "subject secret", "key", "key id")


class Register:
    """The register of one log."""

    def __init__(self, recorder: LogRecorder, origin: str) -> None:
        self._recorder = recorder
        self._keys = _OpenKeys(origin)
        self._mapper: FactMapper[Registered] = FactMapper(_KINDS, self._keys, origin)
        self._last_told = (0, Erasures())

    def entries(self) -> list[Entry[Registered]]:
        """Read in order what it says of erasures and redactions. Raises `UnreadableEntry`."""
        return [entry for entry in self._all() if not isinstance(entry.event, Succeeded)]

    def succession(self) -> tuple[Succeeded, int, str] | None:
        """Give which log this one goes on from, at which leaf it says so, and the manifest; None for a first log."""
        for row in self._rows():
            entry = self._mapper.entry_of(row)
            if isinstance(entry.event, Succeeded):
                return entry.event, entry.position - 1, self._manifest(row)
        return None

    def append(self, *said: Registered, others: Sequence[SealedEvent] = ()) -> int:
        """
        Say something in the register, in one transaction with other events, and give the position of the last of it.

        Raises `VersionConflict` where the other events no longer follow the last ones of their streams.
        """
        for _ in range(_ATTEMPTS):
            rows = self._rows()
            version = rows[-1][2] if rows else 0
            drafts = [Entry(REGISTER, version + nth, each) for nth, each in enumerate(said, start=1)]
            try:
                last, _ = self._recorder.append([*others, *map(self._mapper.to_stored_event, drafts)])
            except IntegrityError:
                if len(self._rows()) == len(rows):
                    break
            else:
                return last
        raise VersionConflict("Others kept writing at the same moment. Try again.")

    def erasures(self) -> Erasures:
        """Give what lets entries be missing, as the publisher tells auditors of it. Cheap where nothing is new."""
        version, told = self._last_told
        newest = self._recorder.rows("stream_backwards", id=REGISTER, after=0, upto=NO_LIMIT, as_of=ALWAYS, limit=1)
        if not newest or newest[0][2] == version:
            return told
        leaves: set[int] = set()
        opened = []
        for row in self._rows():
            said = self._mapper.entry_of(row).event
            if isinstance(said, Erased):
                leaves.update(said.indexes())
                opened.append((row[0] - 1, self._manifest(row)))
        told = Erasures(frozenset(leaves), tuple(opened))
        self._last_told = (version, told)
        return told

    def _all(self) -> list[Entry[Registered]]:
        return [self._mapper.entry_of(row) for row in self._rows()]

    def _manifest(self, row: Any) -> str:
        """Give the manifest of an entry, in base64url."""
        _, stream, version, recorded_at, _, sealed = row
        place = self._mapper.place_of(stream)
        digest, (subject, *_) = compartments_of(place, version, recorded_at, sealed, self._keys.key)
        assert subject.disclosures is not None  # noqa: S101 - the register's key is never destroyed
        return base64url(checked(subject.disclosures[0], digest)).decode()

    def _rows(self) -> list[Any]:
        return self._recorder.rows("stream", id=REGISTER, after=0, upto=NO_LIMIT, as_of=ALWAYS, limit=NO_LIMIT)


def written(said: Iterable[Registered]) -> str:
    """Write what a register says as JSON Lines, to be kept apart from the log: see `ops/runbooks/restore.md`."""
    return "".join(f'{{"kind":"{each.TOPIC}",{each.model_dump_json()[1:]}\n' for each in said)


def read(text: str) -> list[Registered]:
    """Read what `written` gives. Raises `RegisterUnreadable`."""
    said: list[Registered] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            body = json.loads(line)
            said.append(_KINDS.kinds[body.pop("kind")].model_validate_json(json.dumps(body)))
        except (ValidationError, ValueError, TypeError, AttributeError, KeyError):
            raise RegisterUnreadable(
                f"Line {number} is not one of an erasure register. Give a file that `beforehand ledger erasures` wrote."
            ) from None
    return said


def runs(indexes: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Write indexes as runs: first and last of each."""
    found: list[tuple[int, int]] = []
    for index in sorted(set(indexes)):
        if found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return tuple(found)
