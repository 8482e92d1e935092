"""What has been opened is kept, but only for exactly the bytes it was opened from, and only while the keys stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ledger.opened import Opened, What

NOW = datetime(2026, 11, 25, tzinfo=UTC)
WHAT = What(uuid4(), 3, NOW, "note.made@1")
SEALED = b"leaf, entry and ciphertext"


@pytest.fixture
def opened() -> Opened:
    """One body kept."""
    opened = Opened()
    digest, body = opened.get(WHAT, SEALED, 1)
    assert body is None
    opened.put(digest, WHAT, b"body")
    return opened


def test_the_same_bytes_in_the_same_place_are_known(opened: Opened) -> None:
    """The body that was kept is given."""
    assert opened.get(WHAT, SEALED, 1)[1] == b"body"


def test_one_changed_bit_is_not_known(opened: Opened) -> None:
    """Whatever bit of what is stored changes, it has to be opened again."""
    for at in range(len(SEALED)):
        flipped = bytearray(SEALED)
        flipped[at] ^= 1
        assert opened.get(WHAT, bytes(flipped), 1)[1] is None


@pytest.mark.parametrize(
    "other",
    [
        WHAT._replace(stream=uuid4()),
        WHAT._replace(version=4),
        WHAT._replace(recorded_at=NOW + timedelta(milliseconds=1)),
        WHAT._replace(topic="note.made@2"),
    ],
)
def test_another_place_is_not_known(opened: Opened, other: What) -> None:
    """The same bytes under another stream, version, time or topic have to be opened, and will be refused."""
    assert opened.get(other, SEALED, 1)[1] is None


def test_a_destroyed_key_empties_it(opened: Opened) -> None:
    """At another generation of the keys nothing is known any more, not at the earlier one either."""
    assert opened.get(WHAT, SEALED, 2)[1] is None
    assert opened.get(WHAT, SEALED, 1)[1] is None


def test_it_stays_within_its_bound_and_keeps_what_is_used() -> None:
    """What is asked for again and again stays; what is not goes; there are never more than fit."""
    opened = Opened(most_bytes=10 * 1000)
    digest, _ = opened.get(WHAT, SEALED, 1)
    opened.put(digest, WHAT, bytes(600))
    for nth in range(100):
        other = WHAT._replace(version=10 + nth)
        opened.put(opened.get(other, b"%d" % nth, 1)[0], other, bytes(600))
        assert opened.get(WHAT, SEALED, 1)[1] is not None
    known = [nth for nth in range(100) if opened.get(WHAT._replace(version=10 + nth), b"%d" % nth, 1)[1] is not None]
    assert 0 < len(known) <= 10
    assert 99 in known
