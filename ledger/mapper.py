"""
Between facts and stored bytes.

The registry is closed: a topic is looked up in a table that the program brings along, and stored text never chooses
what is imported. A body of an older version is brought up to date step by step before it becomes a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

    def topic_of(self, event: E) -> str:
        """Give the stored topic of a fact: `name@version`. Raises `UnknownTopic`."""
        topic: str = event.TOPIC  # type: ignore[attr-defined]  # a Kind; models cannot be bound to a protocol as well
        if self.kinds.get(topic) is not type(event):
            raise UnknownTopic("A fact of a kind that is not in the registry cannot be stored.")
        return f"{topic}@{event.VERSION}"  # type: ignore[attr-defined]

    def read(self, topic: str, body: dict[str, Any]) -> E:
        """Make a fact of a stored body, whatever version it was written in."""
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
        for step in range(int(version), current):
            body = self.upcasters[name, step](body)
        return kind.model_validate(body)


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
            event = self.registry.read(topic, orjson.loads(state))
        except (ValidationError, orjson.JSONDecodeError, TypeError, KeyError):
            raise UnreadableEntry(f"The entry at position {position} does not hold what its topic promises.") from None
        return Entry(stream, version, event, position, recorded_at)
