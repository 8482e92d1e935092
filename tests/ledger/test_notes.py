"""Keys and the notes they sign: what we write others read, and what they write we read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import KeyFileUnusable
from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer, sign_checkpoint
from ledger.verify import Checkpoint, Refused, VerifierKey, open_note, parse_checkpoint, parse_vkey

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


LOG = Signer("log.example/1", ED25519, bytes(32))
WITNESS = Signer("w.example", COSIGNATURE_ED25519, bytes([1]) * 32)
QUANTUM = Signer("q.example", COSIGNATURE_MLDSA44, bytes([2]) * 32)
NOTE = sign_checkpoint(CHECKPOINT, [LOG, WITNESS, QUANTUM], 1_790_000_000)
KEYS = [LOG.key, WITNESS.key, QUANTUM.key]


def refusal(note: str | bytes, keys: list[VerifierKey] = KEYS) -> str:
    """The code under which a note is refused."""
    with pytest.raises(Refused) as refused:
        open_note(note.encode() if isinstance(note, str) else note, keys)
    return refused.value.code


def test_unknown_signatures_are_passed_over() -> None:
    """Lines by other keys, even of a known name or with a known id, change nothing."""
    same_name = Signer("log.example/1", ED25519, bytes([9]) * 32).sign(str(CHECKPOINT))
    dash, _, encoded = LOG.sign(str(CHECKPOINT)).split(" ")
    same_id = f"{dash} other.example {encoded}"

    note = open_note((NOTE + same_name + same_id).encode(), KEYS)

    assert [each.key for each in note.signatures] == KEYS
    assert open_note(NOTE.encode(), [WITNESS.key]).signatures[0].time == 1_790_000_000


def test_a_key_counts_once() -> None:
    """Two signatures by one key are one; if one of them is false, the note is refused."""
    assert len(open_note((NOTE + LOG.sign(str(CHECKPOINT))).encode(), KEYS).signatures) == 3
    false = LOG.sign("another text\n")

    assert refusal(NOTE + false) == "signature"
    assert refusal(NOTE + WITNESS.sign(str(CHECKPOINT), 5).replace("AAAAAAAAF", "AAAAAAAAG")) == "signature"


def test_a_false_signature_by_a_known_key_refuses_the_note() -> None:
    """It does not matter how many others hold."""
    assert refusal(NOTE.replace("\n7\n", "\n8\n")) == "signature"
    for signer in (LOG, WITNESS, QUANTUM):
        other = sign_checkpoint(Checkpoint("log.example/1", 8, bytes(32)), [signer], 1_790_000_000)
        assert refusal(NOTE + other.rpartition("\n\n")[2]) == "signature"


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n",
        b"\n\n",
        NOTE.rpartition("\n\n")[0].encode(),
        NOTE.rpartition("\n\n")[0].encode() + b"\n\n",
        NOTE[:-1].encode(),
        NOTE.encode() + b"\n",
        NOTE.encode() + b"more\n",
        NOTE.encode() + b"- w.example AAAAAAA=\n",
        NOTE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + NOTE.encode().replace(b"log", b"l\x00g", 1),
        NOTE.encode().replace(b"log", b"l\xffg", 1),
        NOTE.encode() + "— a+b AAAAAAA=\n".encode(),
        NOTE.encode() + "— a\N{NO-BREAK SPACE}b AAAAAAA=\n".encode(),
        NOTE.encode() + "— a b AAAAAAA=\n".encode(),
        NOTE.encode() + "—  AAAAAAA=\n".encode(),
        NOTE.encode() + "— a AAAAAA==\n".encode(),
        NOTE.encode() + "— a AAAAAAB=\n".encode(),
        NOTE.encode() + "— a AAAAAAA\n".encode(),
        NOTE.encode() + "— a AAAA AAAA\n".encode(),
        NOTE.encode() + "— a AAAA-_A=\n".encode(),
        NOTE.encode() + "— a AAAAAAA=\n".encode() * 98,
    ],
)
def test_what_is_not_a_note_is_refused(note: bytes) -> None:
    """The grammar of notes has no slack: no missing end, no other characters, no other base64, at most 100 lines."""
    assert refusal(note) in {"note", "base64"}


def test_a_hundred_signatures_pass() -> None:
    """As many as others accept."""
    assert open_note(NOTE.encode() + "— a AAAAAAA=\n".encode() * 97, KEYS).text == str(CHECKPOINT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "log.example/1\n7\n",
        f"log.example/1\n7\n{'A' * 43}=",
        f"log.example/1\n07\n{'A' * 43}=\n",
        f"log.example/1\n+7\n{'A' * 43}=\n",
        f"log.example/1\n-7\n{'A' * 43}=\n",
        f"log.example/1\n7 \n{'A' * 43}=\n",
        f"log.example/1\n\N{ARABIC-INDIC DIGIT SEVEN}\n{'A' * 43}=\n",
        f"log.example/1\n0x7\n{'A' * 43}=\n",
        f"log.example/1\n7_0\n{'A' * 43}=\n",
        f"log.example/1\n\n{'A' * 43}=\n",
        f"log.example/1\n{2**64}\n{'A' * 43}=\n",
        f"log.example/1\n{'9' * 10_000}\n{'A' * 43}=\n",
        f"log.example/1\n7\n{'A' * 42}B=\n",
        f"log.example/1\n7\n{'A' * 42}==\n",
        f"log.example/1\n7\n{'A' * 43}\n",
        f"log.example/1\n7\n{'A' * 40}\n",
        f"log.example/1\n7\n{'A' * 43}=\n\n",
        f"log.example/1\n7\n{'A' * 43}=\n\nmore\n",
        f"\n7\n{'A' * 43}=\n",
        f"{'é' * 128}\n7\n{'A' * 43}=\n",
        f"log.example/1\n0\n{'A' * 43}=\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    """Origin, a plain decimal size and a root of 32 bytes, each on its line; an empty log has the empty root."""
    with pytest.raises(Refused):
        parse_checkpoint(text)


def test_further_lines_are_tolerated_but_never_half_signed() -> None:
    """A checkpoint may have further lines, which Ed25519 covers; ML-DSA-44 would not, so there it is refused."""
    longer = Checkpoint("a log+with any name", 2**64 - 1, bytes(32), ("more", "lines"))
    assert parse_checkpoint(str(longer)) == longer
    assert len(open_note(sign_checkpoint(longer, [LOG, WITNESS], 5).encode(), KEYS).signatures) == 2
    with pytest.raises(Refused, match="cannot cover"):
        sign_checkpoint(longer, [QUANTUM], 5)
    text, _, signatures = NOTE.rpartition("\n\n")
    line = next(line for line in signatures.splitlines(keepends=True) if "q.example" in line)

    assert refusal(f"{text}\nmore\n\n{line}", [QUANTUM.key]) == "signature"


def test_keys_have_one_form() -> None:
    """A key passes only whole: no part of it, no other letter, no other id, no unknown kind."""
    for key in (LOG.vkey, WITNESS.vkey):
        assert str(parse_vkey(key)) == key
        for at in range(len(key)):
            for wrong in (key[:at], key[at + 1 :], key[:at] + chr(ord(key[at]) ^ 1) + key[at + 1 :]):
                with pytest.raises(Refused):
                    parse_vkey(wrong)
    name, key_id, encoded = LOG.vkey.split("+", 2)
    for wrong in (f"{name}+{key_id.upper()}+{encoded}", f" {LOG.vkey}", f"{LOG.vkey}\n", f"{LOG.vkey}+", ""):
        with pytest.raises(Refused):
            parse_vkey(wrong)
    for kind, size in ((2, 32), (5, 32), (255, 32), (1, 31), (1, 33), (6, 32), (4, 1312)):
        with pytest.raises(Refused):
            parse_vkey(str(VerifierKey("log.example/1", kind, bytes(size))))


def test_a_note_with_any_bit_changed_is_refused() -> None:
    """Each byte of a checkpoint and its signatures counts, in several of its bits."""
    raw = sign_checkpoint(CHECKPOINT, [LOG, WITNESS], 1_790_000_000).encode()
    for at in range(len(raw)):
        for bit in (1, 4, 32, 128):
            changed = raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]
            try:
                note = open_note(changed, [LOG.key, WITNESS.key])
            except Refused:
                continue
            # A changed name or id makes a line that nobody knows; the other one still has to hold.
            assert len(note.signatures) == 1
            assert parse_checkpoint(note.text) == CHECKPOINT
