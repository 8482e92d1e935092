"""Key-encryption keys in a KMS: against the server of moto, which others wrote, over the loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ledger.errors import EpochInUse, KeyEncryptionKeyMissing, KeyStoreRefused, KeyStoreUnavailable
from ledger.keys import KeyRing, open_keys


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a KMS."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def address(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the KMS is named in the settings, with somebody asking."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return f"kms://eu-west-2?endpoint={server}"


@pytest.fixture
def kms(server: str, address: str) -> Any:
    """The KMS, asked past us."""
    return boto3.client("kms", region_name="eu-west-2", endpoint_url=server)


@pytest.fixture
def ring(tmp_path: Path, address: str) -> Iterator[KeyRing]:
    """A ring whose epochs are the KMS's."""
    ring = open_keys(str(tmp_path), "sample", address)
    yield ring
    ring.close()


def test_opened_again(tmp_path: Path, address: str, ring: KeyRing) -> None:
    """Another ring has the epoch's key decrypted by the KMS and finds the same keys."""
    made = ring.of_subject("A")
    other = open_keys(str(tmp_path), "sample", address)
    found = other.of_subject("A")
    assert (found.stream_secret, found.key.id) == (made.stream_secret, made.key.id)
    other.close()


def test_each_epoch_has_a_kms_key(kms: Any, ring: KeyRing) -> None:
    """A new epoch stands under another KMS key; destroying the old one schedules its deletion alone."""
    made = ring.of_subject("A")
    ring.begin_epoch()
    places = [epoch.place for epoch in ring._store.epochs()]
    assert len(set(places)) == 2
    with pytest.raises(EpochInUse):
        ring.destroy_epoch(1)
    ring.rewrap()
    ring.destroy_epoch(1)
    ring.destroy_epoch(1)
    states = [kms.describe_key(KeyId=place)["KeyMetadata"]["KeyState"] for place in places]
    assert states == ["PendingDeletion", "Enabled"]
    assert ring.key(made.key.id).id == made.key.id


def test_the_key_itself_is_not_kept(tmp_path: Path, ring: KeyRing) -> None:
    """What is kept of an epoch is the ciphertext of its key; no file holds the key."""
    key = ring._epochs[1]
    files = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    (epoch,) = ring._store.epochs()
    assert epoch.sealed in files
    assert key not in files


def test_of_another_ring(tmp_path: Path, address: str, ring: KeyRing) -> None:
    """The ciphertext of one ring's epoch is refused for another: the encryption context names the ring."""
    (epoch,) = ring._store.epochs()
    with pytest.raises(KeyEncryptionKeyMissing):
        ring._encryption_keys.open(b"another ring", 1, epoch.place, epoch.sealed)
    with pytest.raises(KeyEncryptionKeyMissing):
        ring._encryption_keys.open(ring._ring, 2, epoch.place, epoch.sealed)


def test_the_kms_key_is_gone(address: str, ring: KeyRing) -> None:
    """A KMS key that is not there is told of, with what to do."""
    (epoch,) = ring._store.epochs()
    with pytest.raises(KeyEncryptionKeyMissing, match="call it off"):
        ring._encryption_keys.open(ring._ring, 1, epoch.place[:-1] + "x", epoch.sealed)


def test_two_begin_at_once(tmp_path: Path, address: str, kms: Any, ring: KeyRing) -> None:
    """Of two who begin the same epoch one is first; the KMS key of the other is let go."""
    other = open_keys(str(tmp_path), "sample", address)
    made = other._encryption_keys.make(ring._ring, 2)
    other._encryption_keys.make = lambda *_: (ring.begin_epoch(), made)[1]  # type: ignore[method-assign, func-returns-value]
    other.begin_epoch()
    assert kms.describe_key(KeyId=made.place)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert other.of_subject("A").key.id == ring.of_subject("A").key.id
    other.close()


def test_away(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A KMS that does not answer is told of so, and an address that is none is refused."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(KeyStoreUnavailable, match="cannot be reached"):
        open_keys(str(tmp_path), "away", "kms://eu-west-2?endpoint=http://127.0.0.1:1")
    with pytest.raises(KeyStoreRefused, match="kms://REGION"):
        open_keys(str(tmp_path), "none", "kms:")
