"""Between facts and stored bytes: closed registry, upcasting, plain errors."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

import pytest
from pydantic import BaseModel

from ledger.errors import EntryTooLarge, UnknownTopic, UnreadableEntry
from ledger.keys import KeyRing
from ledger.mapper import LARGEST_STATE, Entry, FactMapper, Registry
from ledger.seal import Place, Sealed, place_of, seal
from tests.ledger.conftest import ORIGIN
from tests.ledger.storing import RECORDED, as_stored


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


REGISTRY: Registry[Noted] = Registry(
    {"note.made": Noted}, {("note.made", 1): _second, ("note.made", 2): _third}, lambda _: {"text": None}
)
PREFIX = b'{"ver":"beforehand/event/1","iss":"%b","stream":"%%b","seq":' % ORIGIN.encode()


@pytest.fixture
def mapper(keys: KeyRing) -> FactMapper[Noted]:
    """A mapper over a registry of one kind with two upcasters."""
    return FactMapper(REGISTRY, keys, ORIGIN)


def row(keys: KeyRing, topic: str, body: dict[str, Any], *, under: str | None = None) -> Any:
    """A row of the log that holds a body under a topic; sealed as another one where `under` says so."""
    stream = uuid4()
    subject = keys.of_subject(str(stream))
    place = place_of(ORIGIN, subject.stream_secret, subject.subject_secret)
    sealed = seal(place, 1, under or topic, body, {"text": None}, subject.key)
    return (7, stream, 1, RECORDED, topic, as_stored(place, 1, sealed))


def test_round_trip(mapper: FactMapper[Noted]) -> None:
    """What is written is read again, under its topic and version."""
    draft = Entry(uuid4(), 1, Noted(text="a\nb", kind="call", lines=2))

    stored = mapper.to_stored_event(draft)

    assert stored.topic == "note.made@3"
    place = Place(stored.tag, stored.subject_tag, PREFIX % stored.tag.encode(), b"")
    sealed = as_stored(place, 1, Sealed(stored.digest, stored.state))
    read = mapper.entry_of((1, draft.originator_id, 1, RECORDED, stored.topic, sealed))
    assert read.event == draft.event


@pytest.mark.parametrize(
    ("topic", "body"),
    [("note.made@1", {"text": "a\nb"}), ("note.made@2", {"text": "a\nb", "kind": "observation"})],
)
def test_old_versions_are_brought_up_to_date_step_by_step(
    mapper: FactMapper[Noted], keys: KeyRing, topic: str, body: dict[str, Any]
) -> None:
    """A body of version 1 or 2 becomes a fact of version 3."""
    assert mapper.entry_of(row(keys, topic, body)).event == Noted(text="a\nb", kind="observation", lines=2)


@pytest.mark.parametrize("topic", ["os:system", "ledger.mapper:Entry@1", "note.made", "note.made@4", "note.made@x", ""])
def test_stored_text_never_chooses_what_is_imported(mapper: FactMapper[Noted], keys: KeyRing, topic: str) -> None:
    """A topic outside the registry, or of a version to come, is an error."""
    with pytest.raises(UnknownTopic):
        mapper.entry_of(row(keys, topic, {"text": "a", "kind": "call", "lines": 1}))


def test_an_unregistered_fact_is_not_written(mapper: FactMapper[Noted]) -> None:
    """A fact that could not be read again is not stored."""
    with pytest.raises(UnknownTopic):
        mapper.to_stored_event(Entry(uuid4(), 1, Stranger(text="a", kind="b", lines=1)))


@pytest.mark.parametrize("body", [{}, {"text": "canary-words"}, {"text": "canary-words", "kind": 4, "lines": []}])
def test_a_body_that_is_no_fact_is_said_by_position_only(
    mapper: FactMapper[Noted], keys: KeyRing, body: dict[str, Any]
) -> None:
    """The error names the position and nothing that was stored."""
    with pytest.raises(UnreadableEntry, match="position 7 does not hold what its topic promises") as caught:
        mapper.entry_of(row(keys, "note.made@3", body))

    assert "canary" not in str(caught.value)


def test_an_entry_stored_under_another_topic_is_refused(mapper: FactMapper[Noted], keys: KeyRing) -> None:
    """The kind of an event is sealed with it: the column of the table cannot make it another one."""
    body = {"text": "a", "kind": "call", "lines": 1}
    with pytest.raises(UnreadableEntry, match="position 7 is not what was sealed: it is stored as another kind"):
        mapper.entry_of(row(keys, "note.made@2", body, under="note.made@3"))


def test_an_entry_too_large_is_refused(mapper: FactMapper[Noted]) -> None:
    """One byte over the limit is refused with the mend; the limit itself is taken."""
    stream = uuid4()
    room = LARGEST_STATE - len(mapper.to_stored_event(Entry(stream, 1, Noted(text="", kind="", lines=1))).state)

    fits = mapper.to_stored_event(Entry(stream, 1, Noted(text="", kind="x" * room, lines=1)))
    assert len(fits.state) == LARGEST_STATE
    with pytest.raises(EntryTooLarge, match="attach it as a document"):
        mapper.to_stored_event(Entry(stream, 1, Noted(text="", kind="x" * (room + 1), lines=1)))
