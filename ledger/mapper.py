"""
Between facts and stored bytes.

The registry is closed: a topic is looked up in a table that the program brings along, and stored text never chooses
what is imported. A body of an older version is brought up to date step by step before it becomes a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
from eventsourcing.persistence import Mapper, StoredEvent
from pydantic import BaseModel, ValidationError

from ledger.errors import EntryTooLarge, UnknownTopic, UnreadableEntry

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
    _known: dict[str, tuple[type[E], int]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Stored topics that have been looked up: there are as many as kinds and versions."""

    def topic_of(self, event: E) -> str:
        """Give the stored topic of a fact: `name@version`. Raises `UnknownTopic`."""
        topic: str = event.TOPIC  # type: ignore[attr-defined]  # a Kind; models cannot be bound to a protocol as well
        if self.kinds.get(topic) is not type(event):
            raise UnknownTopic("A fact of a kind that is not in the registry cannot be stored.")
        return f"{topic}@{event.VERSION}"  # type: ignore[attr-defined]

    def read(self, topic: str, state: bytes) -> E:
        """
        Make a fact of stored bytes, whatever version it was written in.

        Raises `UnknownTopic`, and what reading JSON or the kind itself raise.
        """
        return self.kind_of(topic)[0].model_validate(self.body(topic, state))

    def body(self, topic: str, state: bytes) -> dict[str, Any]:
        """
        Give the body of a fact from stored bytes, brought up to the version of today, without making the fact.

        With `written` the ONE SEAM from stored bytes to what they say: whatever is opened or checked on reading is
        opened and checked here. Raises as `read`.
        """
        kind, version = self.kind_of(topic)
        body: dict[str, Any] = orjson.loads(state)
        for step in range(version, kind.VERSION):  # type: ignore[attr-defined]
            body = self.upcasters[kind.TOPIC, step](body)  # type: ignore[attr-defined]
        return body

    def written(self, topic: str, state: bytes) -> tuple[type[E], bytes]:
        """Give the kind, and as JSON what `body` gives: stored bytes of today's version just as they are."""
        kind, version = self.kind_of(topic)
        today: int = kind.VERSION  # type: ignore[attr-defined]
        return kind, state if version == today else orjson.dumps(self.body(topic, state))

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


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the ledger adds to a fact: where it stands and when it was recorded (UTC)."""

    version: int
    recorded_at: datetime


@dataclass(frozen=True)
class Row(StoredEvent):
    """A stored event as the log gives it back."""

    position: int
    recorded_at: datetime


UNREADABLE: Final = (ValidationError, orjson.JSONDecodeError, TypeError, KeyError, AttributeError)
"""What reading bytes may raise that do not hold what their topic promises."""


def unreadable(position: int) -> UnreadableEntry:
    """Say which entry does not hold what its topic promises, and nothing of what it does hold."""
    return UnreadableEntry(f"The entry at position {position} does not hold what its topic promises.")


class FactMapper(Mapper[UUID], Generic[E]):
    """Maps entries to stored events and back, through the registry."""

    def __init__(self, registry: Registry[E]) -> None:
        self.registry = registry

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Write an entry. Raises `UnknownTopic` or `EntryTooLarge`."""
        entry: Entry[E] = domain_event
        state = entry.event.__pydantic_serializer__.to_json(entry.event, exclude_none=True)
        if len(state) > LARGEST_STATE:
            raise EntryTooLarge(
                f"This entry is larger than {LARGEST_STATE // 1024} kB. Split the text, or attach it as a document."
            )
        return StoredEvent(entry.originator_id, entry.originator_version, self.registry.topic_of(entry.event), state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Read an entry. Raises `UnknownTopic` or `UnreadableEntry`."""
        row: Row = stored_event  # type: ignore[assignment]  # our recorder gives rows
        return self.entry_of(
            (row.position, row.originator_id, row.originator_version, row.recorded_at, row.topic, row.state)  # type: ignore[arg-type]
        )

    def entry_of(self, row: tuple[int, UUID, int, datetime, str, bytes]) -> Entry[E]:
        """Read an entry from a row of the log, in the order of columns of `log.sql`."""
        position, stream, version, recorded_at, topic, state = row
        try:
            event = self.registry.read(topic, state)
        except UNREADABLE:
            raise unreadable(position) from None
        return Entry(stream, version, event, position, recorded_at)
