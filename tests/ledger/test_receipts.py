"""Receipts: the proof that an entry is in the log, which anybody can keep for decades and check alone."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger import verify
from ledger.verify import Refused, TlogProof, leaf_hash, main, parse_policy, parse_tlog_proof, verify_tlog_proof
from tests.ledger.small_authority import Authority

SECRET = bytes(32)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """A log of 21 entries, under a checkpoint."""
    made = Authority()
    for number in range(21):
        made.record(bytes([number % 4]) * 32, "note.made@1", {"number": number})
    return made


@pytest.fixture(scope="module")
def receipt(authority: Authority) -> bytes:
    """The receipt of entry 9."""
    return authority.receipt(9)


@pytest.fixture
def policy(authority: Authority, tmp_path: Path) -> Path:
    """A file with the policy."""
    path = tmp_path / "policy"
    path.write_text(authority.policy_text())
    return path


def test_every_entry_has_a_receipt(authority: Authority) -> None:
    """The receipt of each entry verifies for that entry and for no other."""
    note = authority.sign()
    for index, entry in enumerate(authority.entries):
        proof = parse_tlog_proof(authority.receipt(index, note=note))
        assert (proof.index, proof.extra) == (index, entry)
        assert str(proof).encode() == authority.receipt(index, note=note)
        assert verify_tlog_proof(proof, leaf_hash(entry), authority.policy).checkpoint.size == 21
        with pytest.raises(Refused) as refused:
            verify_tlog_proof(proof, leaf_hash(b"another"), authority.policy)
        assert refused.value.code == "inclusion"


def test_any_byte_of_a_receipt_matters(authority: Authority) -> None:
    """Every byte changed, in one bit or another, refuses the receipt."""
    receipt = authority.receipt(9, note=authority.sign(["regulator", "auditor"]))
    policy = parse_policy(authority.policy_text("group q all regulator auditor\nquorum q\n").encode())

    def believed(raw: bytes) -> bool:
        try:
            proof = parse_tlog_proof(raw)
            verify_tlog_proof(proof, leaf_hash(proof.extra or b""), policy)
        except Refused:
            return False
        return True

    assert believed(receipt)
    for at in range(len(receipt)):
        changed = receipt[:at] + bytes([receipt[at] ^ 1 << at % 8]) + receipt[at + 1 :]
        assert not believed(changed), changed[at - 30 : at + 30]


CHECKPOINT = "log.example/1\n7\n" + "A" * 43 + "=\n\n— log.example/1 AAAAAAA=\n"
HASH = "A" * 43 + "="


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "c2sp.org/tlog-proof@v1\n",
        f"c2sp.org/tlog-proof@v2\nindex 0\n\n{CHECKPOINT}",
        f" c2sp.org/tlog-proof@v1\nindex 0\n\n{CHECKPOINT}",
        f"wrong-header\nindex 0\n\n{CHECKPOINT}",
        f"index 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\n\nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\n{HASH}\nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nextra AAAA\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nextra !!!!\nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nextra AAA\nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nextra AAB=\nindex 0\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 00\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex -1\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex +1\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 1 \n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex  1\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 1e3\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex {2**64}\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex {'9' * 5_000}\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH[:-1]}\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH} \n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{'A' * 42}B=\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{'A' * 86}==\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{'A' * 40}\n\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\n{CHECKPOINT}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{CHECKPOINT}",
        "c2sp.org/tlog-proof@v1\nindex 0\n",
    ],
)
def test_what_is_not_a_receipt_is_refused(proof: str) -> None:
    """The form of a receipt has no slack; every deviation is refused before anything in it is believed."""
    with pytest.raises(Refused):
        parse_tlog_proof(proof.encode())


def test_nothing_may_trail(authority: Authority, receipt: bytes) -> None:
    """Bytes after the last signature refuse the receipt."""
    for trailing in (b"\n", b" ", b"more\n", b"\n\nmore\n", b"\x00", receipt):
        with pytest.raises(Refused):
            verify_tlog_proof(parse_tlog_proof(receipt + trailing), leaf_hash(authority.entries[9]), authority.policy)


def test_a_receipt_for_a_tree_of_one() -> None:
    """The only entry of a log has a receipt without hashes."""
    authority = Authority()
    authority.record(SECRET, "note.made@1", {})
    proof = parse_tlog_proof(authority.receipt(0))

    assert proof == TlogProof(0, (), proof.checkpoint, authority.entries[0])
    verify_tlog_proof(proof, leaf_hash(authority.entries[0]), authority.policy)
    with pytest.raises(Refused):
        verify_tlog_proof(TlogProof(1, (), proof.checkpoint), leaf_hash(authority.entries[0]), authority.policy)


def returned(authority: Authority, index: int, **changes: Any) -> str:
    """What the API returns for an entry."""
    entry = json.loads(authority.entries[index])
    proof = parse_tlog_proof(authority.receipt(index))
    return json.dumps(
        {
            "status": "included",
            "leaf_index": index,
            "stream": entry["stream"],
            "seq": entry["seq"],
            "recorded_at": entry["rec"],
            "entry": base64.b64encode(authority.entries[index]).decode(),
            "proof": str(TlogProof(index, proof.hashes, proof.checkpoint)),
            "cosigned": True,
        }
        | changes
    )


def test_said_in_words(authority: Authority, policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both forms of a receipt are checked from the command line, which says what was found and what it cannot show."""
    path = tmp_path / "receipt"
    for content in (authority.receipt(9).decode(), returned(authority, 9)):
        path.write_text(content)
        assert main(["receipt", str(path), "--policy", str(policy)]) == 0
        said = capsys.readouterr().out
        assert said.startswith("VERIFIED. This entry is in the log.\nIt is event 3 of the stream ")
        assert "cosigned by regulator, 2026-09-21" in said
        assert "Whether what was written down is true" in said
    assert main(["receipt", str(path), "--vkey", authority.log.vkey]) == 0
    assert "No witness has cosigned this" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"leaf_index": 8}, "receipt"),
        ({"seq": 2}, "receipt"),
        ({"recorded_at": "2026-09-21T00:00:00.000Z"}, "receipt"),
        ({"stream": "another"}, "receipt"),
        ({"proof": None}, "receipt"),
        ({"entry": "AAAA"}, "inclusion"),
    ],
)
def test_a_receipt_that_says_something_else_is_refused(  # noqa: PLR0913 - fixtures
    authority: Authority,
    policy: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    code: str,
) -> None:
    """What is written beside the proof must be what the entry says."""
    path = tmp_path / "receipt"
    path.write_text(returned(authority, 9, **changes))

    assert main(["receipt", str(path), "--policy", str(policy)]) == 1
    assert capsys.readouterr().out.startswith(f"REFUSED ({code}). ")


def test_two_entries_are_one_too_many(
    authority: Authority, policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a proof has the entry in it and another stands beside, the receipt is refused, not read as one of them."""
    path = tmp_path / "receipt"
    whole = authority.receipt(9).decode()
    path.write_text(returned(authority, 9, proof=whole))
    assert main(["receipt", str(path), "--policy", str(policy)]) == 0
    other = base64.b64encode(authority.entries[8]).decode()
    path.write_text(returned(authority, 9, proof=whole, entry=other))
    assert main(["receipt", str(path), "--policy", str(policy)]) == 1
    assert "There are two different entries with this receipt." in capsys.readouterr().out


def test_the_entry_may_lie_beside_the_receipt(
    authority: Authority, policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A receipt without the entry is checked with the entry from a file, and refused without."""
    proof = parse_tlog_proof(authority.receipt(9))
    (tmp_path / "r.tlog-proof").write_text(str(TlogProof(9, proof.hashes, proof.checkpoint)))
    (tmp_path / "entry").write_bytes(authority.entries[9])
    asked = ["receipt", str(tmp_path / "r.tlog-proof"), "--policy", str(policy)]

    assert main(asked) == 1
    assert "Name the file that has it, with --entry." in capsys.readouterr().out
    assert main([*asked, "--entry", str(tmp_path / "entry")]) == 0
    (tmp_path / "entry").write_bytes(authority.entries[8])
    assert main([*asked, "--entry", str(tmp_path / "entry")]) == 1


def test_wrong_use_is_no_refusal(policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file or option gives exit code 2: nothing was checked."""
    for asked in ([], ["receipt", str(tmp_path / "none"), "--policy", str(policy)], ["receipt", str(policy)]):
        with pytest.raises(SystemExit) as ended:
            main(asked)
        assert ended.value.code == 2
    assert "usage: verify" in capsys.readouterr().err


def test_it_stands_alone(authority: Authority, policy: Path, tmp_path: Path) -> None:
    """The one file, copied to a folder with nothing of ours, run by a Python that finds no other of our modules."""
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "verify.py").write_bytes(Path(verify.__file__).read_bytes())
    (alone / "receipt").write_bytes(authority.receipt(9))
    ran = subprocess.run(
        [sys.executable, "-I", "verify.py", "receipt", "receipt", "--policy", str(policy)],
        cwd=alone,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("VERIFIED.")


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    """A reader has one file to read, and one package to trust."""
    source = Path(verify.__file__).read_text(encoding="utf-8")
    imported = {
        line.split()[1].partition(".")[0]
        for line in source.splitlines()
        if line.strip().startswith(("import ", "from "))
    }

    assert imported - sys.stdlib_module_names == {"cryptography"}
    assert imported.isdisjoint({"socket", "urllib", "http", "subprocess", "os", "sqlite3", "pickle"})


def test_the_receipt_of_something_else_is_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A proof for bytes that are no event, as other logs hold them, is checked all the same, and it is said."""
    authority = Authority()
    for entry in (b"one", b"two", b"three"):
        authority.entries.append(entry)
        authority.tree.append(leaf_hash(entry))
    (tmp_path / "receipt").write_bytes(authority.receipt(1))

    assert main(["receipt", str(tmp_path / "receipt"), "--vkey", authority.log.vkey]) == 0
    assert "It is leaf 1, and not an event as Beforehand writes them." in capsys.readouterr().out
