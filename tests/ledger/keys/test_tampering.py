"""Whoever writes to a key store past us is found out, and told of in words that say how to mend it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from ledger.errors import (
    KeyEncryptionKeyMissing,
    KeyStoreRefused,
    KeyStoreUnavailable,
    KeyTampered,
    WrongKeyEncryptionKey,
)
from ledger.keys import KeyRing, open_file_keys, open_keys
from ledger.keys.encryption_keys import FileKeys
from ledger.keys.engines import PostgresEngine, SqliteEngine
from ledger.keys.store import KeyStore

Pool = ConnectionPool[psycopg.Connection[Any]]


@pytest.fixture
def two(ring: KeyRing) -> tuple[str, str]:
    """The key ids of two subjects, A and B."""
    made = ring.of_subjects(["A", "B"])
    return made["A"].key.id, made["B"].key.id


def test_altered_key(place: Any, two: tuple[str, str]) -> None:
    """A wrapped key with any byte altered is refused, and so is one cut short."""
    ((wrapped,),) = place.rows(f"SELECT wrapped FROM data_key WHERE key_id = '{two[0]}'")
    ring = place.open()
    spoilt = [wrapped[:nth] + bytes([wrapped[nth] ^ 1]) + wrapped[nth + 1 :] for nth in range(0, len(wrapped), 7)]
    for each in (*spoilt, wrapped[:-8], wrapped[:7], b"", wrapped + wrapped):
        place.write("UPDATE data_key SET wrapped = ? WHERE key_id = ?", each, two[0])
        with pytest.raises(KeyTampered, match=two[0]):
            ring.key(two[0])


@pytest.mark.parametrize("column", ["wrapped", "version"])
def test_swapped_keys(place: Any, two: tuple[str, str], column: str) -> None:
    """The wrapped key of A put at B is refused; so is a key that claims to be another version."""
    if column == "wrapped":
        ((wrapped,),) = place.rows(f"SELECT wrapped FROM data_key WHERE key_id = '{two[0]}'")
        place.write("UPDATE data_key SET wrapped = ? WHERE key_id = ?", wrapped, two[1])
    else:
        place.write("UPDATE data_key SET version = 2 WHERE key_id = ?", two[1])
    with pytest.raises(KeyTampered):
        place.open().of_subject("B")
    assert place.open().of_subject("A").key.id == two[0]


def test_pointing_to_anothers_key(place: Any, two: tuple[str, str]) -> None:
    """A subject made to point to the key of another is refused: what is sealed for B would be A's to open."""
    place.write("UPDATE subject SET key_id = ? WHERE key_id = ?", two[0], two[1])
    with pytest.raises(KeyTampered):
        place.open().of_subject("B")


def test_swapped_secrets(place: Any, two: tuple[str, str]) -> None:
    """The secrets of A put at B are refused."""
    ((secrets,),) = place.rows(f"SELECT secrets FROM subject WHERE key_id = '{two[0]}'")
    place.write("UPDATE subject SET secrets = ? WHERE key_id = ?", secrets, two[1])
    with pytest.raises(KeyTampered):
        place.open().of_subject("B")


def test_altered_index(place: Any, two: tuple[str, str]) -> None:
    """An altered index secret is refused when the store is opened: every name would lead nowhere."""
    place.write("UPDATE ring SET wrapped = ?", os.urandom(72))
    with pytest.raises(KeyTampered):
        place.open()


def test_rewrapping_tells_of_what_was_altered(place: Any, two: tuple[str, str], ring: KeyRing) -> None:
    """One altered key stops no rewrap: it stays as it is, is told of, and holds its epoch."""
    place.write("UPDATE data_key SET wrapped = ? WHERE key_id = ?", os.urandom(72), two[0])
    ring.begin_epoch()
    rewrapped = ring.rewrap()
    assert (rewrapped.done, rewrapped.refused) == (1, (two[0],))
    assert ring.standing().epochs[0].keys == 1


@pytest.mark.parametrize("amiss", ["another", "gone", "spoilt", "of another epoch", "open to others"])
def test_key_encryption_key_amiss(place: Any, two: tuple[str, str], amiss: str) -> None:
    """A key-encryption key that is not the right one, or cannot be had, is told from a tampered row."""
    file = place.folder / "epochs" / "epoch-0001.key"
    expected: type[Exception] = KeyEncryptionKeyMissing
    match amiss:
        case "another":
            file.unlink()
            FileKeys(file.parent).make(b"", 1)
            expected = WrongKeyEncryptionKey
        case "gone":
            file.unlink()
        case "spoilt":
            file.write_text("not a key")
        case "of another epoch":
            file.write_text(file.read_text().replace(" 1 ", " 2 "))
        case _:
            file.chmod(0o644)
            expected = KeyStoreRefused
    with pytest.raises(expected) as refused:
        place.open()
    assert str(place.folder) not in str(refused.value)
    assert refused.value.__cause__ is None


def test_what_is_private(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600, whatever the mask of the account; others' reach is refused."""
    mask = os.umask(0)
    try:
        ring = open_file_keys(tmp_path / "keys")
        ring.of_subject("A")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").rglob("*")}
        ring.close()
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert modes.pop("epochs") == 0o700
    assert set(modes.values()) == {0o600}
    (tmp_path / "keys" / "keys.sqlite").chmod(0o640)
    with pytest.raises(KeyStoreRefused, match="chmod 600"):
        open_file_keys(tmp_path / "keys")


def test_not_a_store(tmp_path: Path) -> None:
    """A file that is no key store is told of as one that cannot be read, without its path."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    (folder / "keys.sqlite").write_bytes(b"not a database" * 100)
    (folder / "keys.sqlite").chmod(0o600)
    with pytest.raises(KeyStoreUnavailable) as refused:
        open_file_keys(folder)
    assert str(tmp_path) not in str(refused.value)


def test_nothing_at_hand_is_given_blindly(place: Any, ring: KeyRing) -> None:
    """Where the store does not answer any more, a key at hand is not given either: it may have been destroyed."""
    key_id = ring.of_subject("A").key.id
    ring._store._engine.run = unreachable  # type: ignore[method-assign]
    assert ring.key(key_id).id == key_id
    place.clock.now += 1
    with pytest.raises(KeyStoreUnavailable):
        ring.key(key_id)


def unreachable(*_: object) -> Any:
    """What an engine does whose store is gone."""
    raise KeyStoreUnavailable("gone")


def test_database_away() -> None:
    """A database that does not answer is told of so."""
    with pytest.raises(KeyStoreUnavailable, match="cannot be reached"):
        PostgresEngine("postgresql://127.0.0.1:1/nothing", "k", wait=0.1)


def test_the_logs_own_database_is_refused(database: str, schema: str, tmp_path: Path) -> None:
    """Keys are not kept in a database that holds a log."""
    with pytest.raises(KeyStoreRefused, match="another database"):
        open_keys(database, "sample", str(tmp_path / "epochs"))


def test_opening_by_name(key_database: str, tmp_path: Path) -> None:
    """A folder or a database is opened by its name; keys in a database need another place for what wraps them."""
    with pytest.raises(KeyStoreRefused, match="folder or a KMS"):
        open_keys(key_database_url(key_database), "by_name")
    rings = [
        open_keys(key_database_url(key_database), "by_name", str(tmp_path / "epochs")),
        open_keys(str(tmp_path / "keys"), "by_name"),
    ]
    for ring in rings:
        ring.of_subject("A")
        assert ring.standing().counts.keys == 1
        ring.close()
    assert (tmp_path / "keys" / "by_name" / "keys.sqlite").exists()
    assert (tmp_path / "epochs" / "by_name" / "epoch-0001.key").exists()


def key_database_url(conninfo: str) -> str:
    """The address of a database in the form of a URL."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    host, user, name = str(parts["host"]), parts.get("user", ""), parts["dbname"]
    return f"postgresql://{user}@/{name}?host={host.replace('/', '%2F')}&port={parts.get('port', 5432)}"


def test_a_store_and_what_wraps_it_belong_together(tmp_path: Path) -> None:
    """The key-encryption keys of one store do not open another."""
    for name in ("one", "two"):
        open_file_keys(tmp_path / name).close()
    with pytest.raises(WrongKeyEncryptionKey):
        KeyRing(KeyStore(SqliteEngine(tmp_path / "one" / "keys.sqlite")), FileKeys(tmp_path / "two" / "epochs"))
