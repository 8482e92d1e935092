"""Between facts and stored bytes: closed registry, upcasting, plain errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from pydantic import BaseModel

from ledger.errors import EntryTooLarge, UnknownTopic, UnreadableEntry
from ledger.mapper import LARGEST_STATE, Entry, FactMapper, Registry


class Noted(BaseModel):
    """A kind in its third version."""

    TOPIC: ClassVar[str] = "note.made"
    VERSION: ClassVar[int] = 3
    text: str
    kind: str
    lines: int


class Stranger(Noted):
    """A kind nobody registered."""

    TOPIC: ClassVar[str] = "stranger"


def _second(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "kind": "observation"}


def _third(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "lines": len(body["text"].splitlines())}


REGISTRY: Registry[Noted] = Registry({"note.made": Noted}, {("note.made", 1): _second, ("note.made", 2): _third})


@pytest.fixture
def mapper() -> FactMapper[Noted]:
    """A mapper over a registry of one kind with two upcasters."""
    return FactMapper(REGISTRY)


def row(topic: str, state: bytes) -> Any:
    """A row of the log."""
    return (7, uuid4(), 1, datetime.now(UTC), topic, state)


def test_round_trip(mapper: FactMapper[Noted]) -> None:
    """What is written is read again, under its topic and version."""
    draft = Entry(uuid4(), 1, Noted(text="a\nb", kind="call", lines=2))

    stored = mapper.to_stored_event(draft)

    assert stored.topic == "note.made@3"
    read = mapper.entry_of((1, draft.originator_id, 1, datetime.now(UTC), stored.topic, stored.state))
    assert read.event == draft.event


@pytest.mark.parametrize(
    ("topic", "state"),
    [("note.made@1", b'{"text":"a\\nb"}'), ("note.made@2", b'{"text":"a\\nb","kind":"observation"}')],
)
def test_old_versions_are_brought_up_to_date_step_by_step(mapper: FactMapper[Noted], topic: str, state: bytes) -> None:
    """A body of version 1 or 2 becomes a fact of version 3."""
    assert mapper.entry_of(row(topic, state)).event == Noted(text="a\nb", kind="observation", lines=2)


@pytest.mark.parametrize("topic", ["os:system", "ledger.mapper:Entry@1", "note.made", "note.made@4", "note.made@x", ""])
def test_stored_text_never_chooses_what_is_imported(mapper: FactMapper[Noted], topic: str) -> None:
    """A topic outside the registry, or of a version to come, is an error."""
    with pytest.raises(UnknownTopic):
        mapper.entry_of(row(topic, b'{"text":"a","kind":"call","lines":1}'))


def test_an_unregistered_fact_is_not_written(mapper: FactMapper[Noted]) -> None:
    """A fact that could not be read again is not stored."""
    with pytest.raises(UnknownTopic):
        mapper.to_stored_event(Entry(uuid4(), 1, Stranger(text="a", kind="b", lines=1)))


@pytest.mark.parametrize("state", [b"", b"{", b"[]", b'{"text":"canary-words"}', b"\xff\xfe"])
def test_unreadable_bytes_are_said_by_position_only(mapper: FactMapper[Noted], state: bytes) -> None:
    """The error names the position and nothing that was stored."""
    with pytest.raises(UnreadableEntry, match="position 7") as caught:
        mapper.entry_of(row("note.made@3", state))

    assert "canary" not in str(caught.value)


def test_an_entry_too_large_is_refused(mapper: FactMapper[Noted]) -> None:
    """One byte over the limit is refused with the mend; the limit itself is taken."""
    room = LARGEST_STATE - len(Noted(text="", kind="", lines=1).model_dump_json())

    fits: StoredEvent = mapper.to_stored_event(Entry(uuid4(), 1, Noted(text="x" * room, kind="", lines=1)))
    assert len(fits.state) == LARGEST_STATE
    with pytest.raises(EntryTooLarge, match="attach it as a document"):
        mapper.to_stored_event(Entry(uuid4(), 1, Noted(text="x" * (room + 1), kind="", lines=1)))
