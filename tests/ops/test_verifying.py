"""`beforehand verify`: receipts, bundles and logs, said in words, with exit codes that scripts can rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ledger.bundle import Withheld, parts_of
from ledger.verify import NOT_COVERED
from ops.command_line.app import app
from tests.ledger.small_authority import EXEMPT, Authority

SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a policy, the log's key, a published log, a receipt, and a bundle that leaves something out."""
    folder, authority = tmp_path_factory.mktemp("evidence"), Authority()
    authority.others(7)
    events = [authority.record(SECRET, "view.recorded@1", {}, {"words": "Mine", "about": "Hers"}) for _ in range(3)]
    (folder / "receipt").write_bytes(authority.receipt(8))
    about = next(part.digest for part in parts_of(events[1]) if part.path == ("about",))
    (folder / "bundle").write_bytes(authority.issue(SECRET, events, [Withheld(about, *EXEMPT)]))
    authority.publish(folder / "log")
    (folder / "policy").write_text(authority.policy_text())
    (folder / "without-auditor").write_text(
        authority.policy_text("quorum regulator\n").replace(" auditor", " third", 1)
    )
    (folder / "vkey").write_text(authority.log.vkey)
    return folder


def verify(*words: str | Path) -> Result:
    """Run the command as from a terminal."""
    return CliRunner().invoke(app, ["verify", *map(str, words)])


def test_all_three_are_verified(evidence: Path) -> None:
    """What an authority has issued is verified, and each answer ends with what it cannot show."""
    for what, says in (
        ("receipt", "This entry is in the log."),
        ("bundle", "These are events 1 to 4 of the stream, none altered and none left out."),
        ("log", "Nothing in this log was altered or left out, and each of its 6 streams is one chain."),
    ):
        result = verify(what, evidence / what, "--policy", evidence / "policy")
        assert result.exit_code == 0, result.output
        assert result.output.startswith(f"VERIFIED. {says}\n")
        assert result.output.endswith(f"{NOT_COVERED}\n")


def test_a_bundle_says_what_it_leaves_out(evidence: Path) -> None:
    """The reasons are counted, the times bounded, the auditor named, and the policy's fingerprint shown."""
    said = verify("bundle", evidence / "bundle", "--policy", evidence / "policy").output

    assert "Not given, for a reason stated in the bundle: 1.\n    third_party: 1\n" in said
    assert "Every entry of the log was read by: auditor.\n" in said
    assert "Times: witnesses confirm to within " in said
    assert "The bundle was made for another" not in said


def test_a_bundle_without_an_auditor_says_so(evidence: Path) -> None:
    """Where no auditor has cosigned, the reader is told that nobody has looked for another end of the stream."""
    said = verify("bundle", evidence / "bundle", "--policy", evidence / "without-auditor").output

    assert said.startswith("VERIFIED.")
    assert "TAIL NOT INDEPENDENTLY AUDITED" in said
    assert "The bundle was made for another policy, " in said


def test_the_key_of_the_log_is_enough_for_receipts_and_logs(evidence: Path) -> None:
    """Without a policy the log's own key is believed, and it is said that no witness was asked for."""
    key = (evidence / "vkey").read_text()
    for what in ("receipt", "log"):
        result = verify(what, evidence / what, "--vkey", key)
        assert result.exit_code == 0
        assert "No witness has cosigned this" in result.output


def test_a_refusal_names_the_event(evidence: Path, tmp_path: Path) -> None:
    """A refused bundle gives exit code 1, a code for scripts, and a sentence for people."""
    bundle = json.loads((evidence / "bundle").read_text())
    del bundle["events"][1]
    (tmp_path / "bundle").write_text(json.dumps(bundle))

    result = verify("bundle", tmp_path / "bundle", "--policy", evidence / "policy")

    assert result.exit_code == 1
    assert result.output == (
        "REFUSED (sequence). Event 2: In its place is event 3. An event was left out, put in or moved.\n"
    )


def test_wrong_use(evidence: Path) -> None:
    """A file that is not there, or nobody to believe, is no refusal: exit code 2."""
    for words in (
        ("receipt", evidence / "none", "--policy", evidence / "policy"),
        ("receipt", evidence / "receipt"),
        ("bundle", evidence / "bundle", "--policy", evidence / "none"),
        ("bundle", evidence / "bundle"),
        ("log", evidence / "bundle", "--policy", evidence / "policy"),
    ):
        assert verify(*words).exit_code == 2
