"""
Between facts and what is stored of them.

The registry is closed: a topic is looked up in a table that the program brings along, and stored text never chooses
what is imported. A body of an older version is brought up to date step by step before it becomes a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

import orjson
from eventsourcing.persistence import Mapper, StoredEvent
from pydantic import BaseModel, ValidationError

from ledger.errors import BrokenSeal, EntryTooLarge, KeyDestroyed, UnknownTopic, UnreadableEntry
from ledger.opened import Opened, What
from ledger.seal import (
    DataKey,
    Narrative,
    Place,
    compartments_of,
    entry_of,
    is_tombstone,
    logged_of,
    place_of,
    seal,
    unseal,
)

LARGEST_STATE: Final = 256 * 1024
"""Bytes. One fact never fills a socket buffer many times over; long documents are kept elsewhere, by hash."""


E = TypeVar("E", bound=BaseModel)
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Registry(Generic[E]):
    """
    The closed list of kinds by topic, and the steps from one version of a body to the next.

    A kind is a Pydantic model whose class says `TOPIC` and `VERSION`.
    """

    kinds: Mapping[str, type[E]]
    upcasters: Mapping[tuple[str, int], Upcaster]
    narrative: Callable[[type[E]], Narrative] = lambda _: {}
    """Where a kind holds what people said or wrote, or who somebody is: what is sealed value by value."""
    _known: dict[str, tuple[type[E], int]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Stored topics that have been looked up: there are as many as kinds and versions."""

    def topic_of(self, event: E) -> str:
        """Give the stored topic of a fact: `name@version`. Raises `UnknownTopic`."""
        topic: str = event.TOPIC  # type: ignore[attr-defined]  # a Kind; models cannot be bound to a protocol as well
        if self.kinds.get(topic) is not type(event):
            raise UnknownTopic("A fact of a kind that is not in the registry cannot be stored.")
        return f"{topic}@{event.VERSION}"  # type: ignore[attr-defined]

    def brought_up(self, topic: str, body: bytes) -> tuple[type[E], bytes]:
        """
        Give the kind of a stored topic, and a body of it in the version of today: just as it is where it is of today.

        Raises `UnknownTopic`, and what reading JSON raises.
        """
        kind, version = self.kind_of(topic)
        today: int = kind.VERSION  # type: ignore[attr-defined]
        if version == today:
            return kind, body
        fields: dict[str, Any] = orjson.loads(body)
        for step in range(version, today):
            fields = self.upcasters[kind.TOPIC, step](fields)  # type: ignore[attr-defined]
        return kind, orjson.dumps(fields)

    def kind_of(self, topic: str) -> tuple[type[E], int]:
        """Give the kind of a stored topic and the version it was written in. Raises `UnknownTopic`."""
        known = self._known.get(topic)
        if known is None:
            known = self._known[topic] = self._kind_of(topic)
        return known

    def _kind_of(self, topic: str) -> tuple[type[E], int]:
        name, _, version = topic.partition("@")
        kind = self.kinds.get(name)
        if kind is None or not version.isdecimal():
            raise UnknownTopic(
                "The log holds an entry of a kind this program does not know. Use a newer version of it."
            )
        current: int = kind.VERSION  # type: ignore[attr-defined]
        if int(version) > current:
            raise UnknownTopic(
                "The log holds an entry of a newer version than this program knows. Use a newer version of it."
            )
        return kind, int(version)


@dataclass(frozen=True, slots=True)
class Entry(Generic[E]):
    """
    A fact in its place. Before it is stored, `position` is 0 and `recorded_at` is nothing.

    `originator_id` and `originator_version` are the library's names for the stream and the place in it.
    """

    originator_id: UUID
    originator_version: int
    event: E
    position: int = 0
    recorded_at: datetime | None = None
    logged: bytes = field(default=b"", compare=False, repr=False)
    """The entry of the log that commits to it: its bytes, of which the leaf is the hash."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the ledger adds to a fact: where it stands and when it was recorded (UTC)."""

    version: int
    recorded_at: datetime


@dataclass(frozen=True)
class SealedEvent(StoredEvent):
    """An event as it is given to the append function: `state` is ciphertext."""

    tag: str
    subject_tag: str
    digest: str


@dataclass(frozen=True)
class Row(StoredEvent):
    """A stored event as the log gives it back, with all that is needed to open it."""

    position: int
    recorded_at: datetime
    sealed: bytes


Columns = tuple[int, UUID, int, datetime, str, bytes]
"""A row of the log as its statements give it: position, stream, version, recorded time, topic, sealed."""

UNREADABLE: Final = (ValidationError, orjson.JSONDecodeError, TypeError, KeyError, AttributeError, BrokenSeal)
"""What reading may raise where stored bytes are not what was sealed, or not what their topic promises."""


def unreadable(position: int, why: BaseException | None = None) -> UnreadableEntry:
    """Say which entry cannot be read, and nothing of what it holds."""
    if isinstance(why, BrokenSeal):
        return UnreadableEntry(f"The entry at position {position} is not what was sealed: {why.message}.")
    return UnreadableEntry(f"The entry at position {position} does not hold what its topic promises.")


class Subject(Protocol):
    """What belongs to one person: the secrets behind the tags, and the newest data key."""

    @property
    def stream_secret(self) -> bytes:
        """32 bytes, never changed."""

    @property
    def subject_secret(self) -> bytes:
        """32 bytes, never changed."""

    @property
    def key(self) -> DataKey:
        """What new events are sealed with."""


class Keys(Protocol):
    """What the mapper needs of a key ring."""

    def of_subject(self, subject: str) -> Subject:
        """Give what belongs to a person; made where there is nothing yet."""

    def known(self, subject: str) -> Subject | None:
        """Give what belongs to a person, or nothing where there is nothing (any more)."""

    def key(self, key_id: str) -> DataKey:
        """Give a key by id. Raises `KeyDestroyed` or `KeyUnknown`."""

    def generation(self) -> int:
        """Give a number that grows whenever a key has been destroyed or replaced, by whatever process."""

    def look_again(self) -> None:
        """See at once what other processes have destroyed."""


class FactMapper(Mapper[UUID], Generic[E]):
    """
    Maps entries to sealed events and back, through the registry, with the keys of the people they are about.

    The ONE SEAM between what is stored and what it says: whatever is read of the log is opened and checked here.
    `origin` is the name of the log.
    """

    def __init__(self, registry: Registry[E], keys: Keys, origin: str) -> None:
        self.registry = registry
        self.origin = origin
        self._keys = keys
        self._key = keys.key
        self._places: dict[UUID, tuple[Subject, Place]] = {}
        self._opened = Opened()

    def to_stored_event(self, domain_event: Any) -> SealedEvent:
        """Seal an entry. Raises `UnknownTopic`, `EntryTooLarge`, and what the keys raise."""
        entry: Entry[E] = domain_event
        event, stream = entry.event, entry.originator_id
        topic = self.registry.topic_of(event)
        # A stream that goes on has its keys. Where they are gone it was erased, and never goes on under others.
        first = entry.originator_version <= 1
        subject = self._keys.of_subject(str(stream)) if first else self._keys.known(str(stream))
        if subject is None:
            raise KeyDestroyed("This record has been erased: nothing more can be written to it.")
        place = self._place(stream, subject)
        body = event.__pydantic_serializer__.to_python(event, mode="json", exclude_none=True)
        third_party: str | None = getattr(event, "third_party", None)
        about = None
        if third_party is not None:
            about = f"tp:{third_party}", self._keys.of_subject(f"{stream}/tp/{third_party}").key
        digest, state = seal(
            place, entry.originator_version, topic, body, self.registry.narrative(type(event)), subject.key, about
        )
        if len(state) > LARGEST_STATE:
            raise EntryTooLarge(
                f"This entry is larger than {LARGEST_STATE // 1024} kB. Split the text, or attach it as a document."
            )
        return SealedEvent(stream, entry.originator_version, topic, state, place.tag, place.subject_tag, digest)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Open an entry. Raises `UnknownTopic` or `UnreadableEntry`."""
        row: Row = stored_event  # type: ignore[assignment]  # our recorder gives rows
        return self.entry_of(
            (row.position, row.originator_id, row.originator_version, row.recorded_at, row.topic, row.sealed)  # type: ignore[arg-type]
        )

    def entry_of(self, row: Columns) -> Entry[E]:
        """Open an entry from a row of the log. Raises `UnknownTopic` or `UnreadableEntry`."""
        position, stream, version, recorded_at, topic, sealed = row
        try:
            kind, body = self.opened(stream, version, recorded_at, topic, sealed)
            event = kind.model_validate(orjson.loads(body))
        except UNREADABLE as why:
            raise unreadable(position, why) from None
        return Entry(stream, version, event, position, recorded_at, logged_of(sealed))

    def logged(self, event: SealedEvent, previous: bytes, recorded_at: datetime) -> bytes:
        """
        Give the entry that the append function has made of a sealed event.

        `previous` is the leaf hash of the one before it in its stream, of zeros for the first.
        """
        return entry_of(
            self.origin, event.tag, event.subject_tag, event.originator_version, previous, recorded_at, event.digest
        )

    def opened(
        self, stream: UUID, version: int, recorded_at: datetime, topic: str, sealed: bytes
    ) -> tuple[type[E], bytes]:
        """
        Open what is stored of an event and give its kind, and its body as JSON in the version of today.

        Raises `UnknownTopic`, what the keys raise, and one of `UNREADABLE`.
        """
        what = What(stream, version, recorded_at, topic)
        digest, body = self._opened.get(what, sealed, self._keys.generation())
        if body is None:
            body = self._unsealed(what, sealed)
            self._opened.put(digest, what, body)
        return self.registry.brought_up(topic, body)

    def secret_of(self, stream: UUID) -> bytes:
        """
        Give the secret behind the tag of a stream: with it, whoever holds it can tell which stream is theirs.

        Raises `BrokenSeal` where the key store has nothing of it.
        """
        return self._known(stream).stream_secret

    def disclosures_of(self, row: Columns) -> tuple[bytes, list[bytes]]:
        """
        Give an entry of the log as it was logged, and the disclosures that it commits to, the manifest first.

        What has been taken out for good is not among them. Raises what `entry_of` raises for what is not as it was
        sealed, and what the keys raise.
        """
        position, stream, version, recorded_at, _, sealed = row
        try:
            _, found = compartments_of(self.place_of(stream), version, recorded_at, sealed, self._key)
        except BrokenSeal as why:
            raise unreadable(position, why) from None
        disclosures = [each for part in found for each in part.disclosures or () if not is_tombstone(each)]
        return logged_of(sealed), disclosures

    def forget(self) -> None:
        """Forget how streams are named, and what they say: some may have been erased."""
        self._places.clear()
        self._opened.clear()

    def _unsealed(self, what: What, sealed: bytes) -> bytes:
        stream, version, recorded_at, topic = what
        held = self._places.get(stream)
        try:
            place = self._known_place(stream) if held is None else held[1]
            return unseal(place, version, recorded_at, topic, sealed, self._key)
        except BrokenSeal:
            # Another process may just have erased this stream and begun it anew, or taken out what a key had sealed.
            self._keys.look_again()
            return unseal(self._known_place(stream), version, recorded_at, topic, sealed, self._key)

    def place_of(self, stream: UUID) -> Place:
        """Give how the entries of a stream name it. Raises `BrokenSeal` where the key store has nothing of it."""
        held = self._places.get(stream)
        return self._known_place(stream) if held is None else held[1]

    def _known_place(self, stream: UUID) -> Place:
        return self._place(stream, self._known(stream))

    def _known(self, stream: UUID) -> Subject:
        subject = self._keys.known(str(stream))
        if subject is None:
            raise BrokenSeal("the key store has nothing about whose it is")
        return subject

    def _place(self, stream: UUID, subject: Subject) -> Place:
        held = self._places.get(stream)
        if held is not None and held[0].stream_secret == subject.stream_secret:
            return held[1]
        if len(self._places) >= _PLACES_AT_HAND:
            self._places.clear()
        place = place_of(self.origin, subject.stream_secret, subject.subject_secret)
        self._places[stream] = (subject, place)
        return place


_PLACES_AT_HAND: Final = 100_000
