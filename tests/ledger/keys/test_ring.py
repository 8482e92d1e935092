"""A key ring gives each subject one key, remembers it, and forgets what was destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import KeyDestroyed
from ledger.keys import KeyRing, open_file_keys


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[KeyRing]:
    """An empty ring in a folder."""
    ring = open_file_keys(tmp_path / "keys")
    yield ring
    ring.close()


def test_a_subject_has_one_key_for_all(ring: KeyRing, tmp_path: Path) -> None:
    """Two rings on one store give a subject the same key and the same secrets."""
    other = open_file_keys(tmp_path / "keys")
    one, two = ring.of_subject("a"), other.of_subject("a")
    other.close()
    assert (one.stream_secret, one.subject_secret, one.key.id) == (two.stream_secret, two.subject_secret, two.key.id)
    assert two.key.aead.decrypt(b"n" * 12, one.key.aead.encrypt(b"n" * 12, b"said", b""), b"") == b"said"


def test_a_destroyed_key_is_gone(ring: KeyRing) -> None:
    """What was destroyed is known no more, and its id says so."""
    key_id = ring.of_subject("a").key.id
    ring.destroy(ring.keys_of("a"))
    assert ring.known("a") is None
    with pytest.raises(KeyDestroyed):
        ring.key(key_id)
