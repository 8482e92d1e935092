"""Keys and the notes they sign: what we write others read, and what they write we read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import KeyFileUnusable
from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer, sign_checkpoint
from ledger.verify import Checkpoint, Refused, open_note, parse_checkpoint, parse_vkey

CHECKPOINT = Checkpoint("log.example/1", 7, bytes(range(32)))
KINDS = (ED25519, COSIGNATURE_ED25519, COSIGNATURE_MLDSA44)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_checkpoint_opens_again(kind: int) -> None:
    """A checkpoint signed by each kind of key opens under its public key, with the time it states."""
    signer = Signer.generate("log.example/1", kind)

    note = open_note(sign_checkpoint(CHECKPOINT, [signer], 1_790_000_000).encode(), [parse_vkey(signer.vkey)])

    assert parse_checkpoint(note.text) == CHECKPOINT
    assert [each.time for each in note.signatures] == [None if kind == ED25519 else 1_790_000_000]


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_file_is_read_back_by_its_owner_only(kind: int, tmp_path: Path) -> None:
    """What is saved is loaded again, is closed to others, and is never overwritten."""
    path, signer = tmp_path / "log.key", Signer.generate("log.example/1", kind)
    signer.save(path)

    assert Signer.load(path).vkey == signer.vkey
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        signer.save(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileUnusable, match="Others may read"):
        Signer.load(path)


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    """A file with any byte missing or changed is not a key, and what it held is not in the message."""
    path, other = tmp_path / "log.key", tmp_path / "damaged.key"
    Signer.generate("log.example/1", ED25519).save(path)
    line = path.read_bytes().rstrip(b"\n")
    other.touch(mode=0o600)
    for damaged in (
        b"",
        *(line[:at] for at in range(len(line))),
        *(line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :] for at in range(len(line))),
        line + b"\nmore",
    ):
        other.write_bytes(damaged)
        with pytest.raises(KeyFileUnusable) as unusable:
            Signer.load(other)
        assert "PRIVATE" not in unusable.value.message
    with pytest.raises(KeyFileUnusable, match="cannot be read"):
        Signer.load(tmp_path / "none.key")


def test_a_key_never_shows_itself() -> None:
    """Printing a signer, as a debugger or a log would, gives the public key only."""
    signer = Signer("log.example/1", ED25519, bytes(range(32)))

    assert "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" not in f"{signer!r}{signer}"


def test_kinds_are_not_mixed_up() -> None:
    """A time goes with a cosignature and with nothing else; a key of one kind does not pass for another."""
    log, witness = Signer("a", ED25519, bytes(32)), Signer("a", COSIGNATURE_ED25519, bytes(32))
    with pytest.raises(ValueError, match="states a time"):
        log.sign(str(CHECKPOINT), 5)
    with pytest.raises(ValueError, match="states a time"):
        witness.sign(str(CHECKPOINT))
    for name, kind, seed in (("a b", ED25519, bytes(32)), ("a", 2, bytes(32)), ("a", ED25519, bytes(31))):
        with pytest.raises(ValueError, match="key"):
            Signer(name, kind, seed)
    with pytest.raises(Refused) as refused:
        open_note(sign_checkpoint(CHECKPOINT, [log], 5).encode(), [witness.key])
    assert refused.value.code == "unsigned"
