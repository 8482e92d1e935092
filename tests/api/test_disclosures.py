"""A copy of a whole record, from a real server, publisher and witnesses to the verifier that knows none of them."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.settings import Settings
from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer
from ledger.verify import Refused, main, parse_policy, verify_bundle
from ledger.witness import Witness, WitnessState
from ops.command_line.app import app as command_line
from tests.ledger.publisher.test_witnesses import served

WAIT = {"Prefer": "wait=20"}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Witnessed:
    """A server whose log two witnesses cosign."""

    client: TestClient
    policy: Path
    settings: Settings
    case: str = ""

    def stands_in(self, monkeypatch: Any) -> None:
        """Let the command line reach it."""
        for name in ("published", "lock_store", "signing_keys", "trust_policy", "origin"):
            monkeypatch.setenv(f"BEFOREHAND_{name.upper()}", str(getattr(self.settings, name)))
        monkeypatch.setenv("DATABASE_URL", self.settings.database_url.get_secret_value())

    def record(self, do: str, **body: Any) -> Any:
        """Record something in its case."""
        answer = self.client.post(f"/v1/cases/{self.case}/commands", json={"do": do, **body})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def give(self, *withhold: dict[str, Any], **headers: str) -> Any:
        """Ask for a copy."""
        body = {"recipient": "SAR-2026-014", "withhold": list(withhold)}
        return self.client.post(f"/v1/cases/{self.case}/disclosures", json=body, headers=headers)

    def fetch(self, address: str) -> bytes:
        """Fetch a copy, asking again as long as the answer says to."""
        for _ in range(200):
            answer = self.client.get(address, headers={"Prefer": "wait=1"})
            if answer.status_code != 503:
                break
            assert answer.json()["type"] == "/problems/not_covered_yet"
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture
def witnessed(database: str, schema: str, tmp_path: Path) -> Iterator[Witnessed]:
    """A record of a few entries, in a log that two witnesses have to cosign."""
    origin = f"log.example/{schema}/1"
    log = Signer.generate(origin, ED25519)
    (tmp_path / "signing").mkdir(mode=0o700)
    log.save(tmp_path / "signing" / "log.key")
    lines = [f"log {log.vkey}"]
    with ExitStack() as stack:
        for name, kind in (("regulator", COSIGNATURE_ED25519), ("university", COSIGNATURE_MLDSA44)):
            signer = Signer.generate(f"{name}.example/w1", kind)
            state = stack.enter_context(WitnessState(tmp_path / f"{name}.sqlite"))
            address = stack.enter_context(served(Witness([signer], [log.key], state, _now)))
            lines.append(f"witness {name} {signer.vkey} {address}")
        policy = tmp_path / "policy"
        policy.write_text("\n".join([*lines, "group both all regulator university", "quorum both", ""]))
        settings = Settings(
            DATABASE_URL=database, authority=schema, origin=origin, pool_size=2, cosign_every=1,
            published=tmp_path / "published", lock_store=tmp_path / "lock", signing_keys=tmp_path / "signing",
            trust_policy=policy,
        )  # fmt: skip
        client = stack.enter_context(TestClient(create_app(settings), raise_server_exceptions=False))
        ready = Witnessed(client, policy, settings)
        opened = client.post("/v1/cases", json={"do": "open_case", "child": "Mina", "born": "2015-06-01"}, headers=WAIT)
        ready.case = opened.json()["case_id"]
        ready.record("introduce_person", ref="joan", name="Joan Bright", relationship="CARER")
        ready.record(
            "record_view", ref="said", expressed="2026-03-04", matters=["placement"],
            own_words=[{"words": "I want to stay.\nJoan cries at night.\nI like the dog."}, {"words": "Please."}],
        )  # fmt: skip
        ready.record("record_visit", ref="visit", visited="2026-03-05", seen_alone="YES", note="All was well.")
        yield ready


def test_everything_is_given_and_proven(witnessed: Witnessed, capsys: Any, tmp_path: Path) -> None:
    """The whole record, closed by its own issue, cosigned by both witnesses, bracketed in time, checked offline."""
    issued = witnessed.give()
    assert (issued.status_code, issued.json()["version"]) == (201, 5)
    file = tmp_path / "copy.json"
    file.write_bytes(witnessed.fetch(issued.headers["location"]))

    assert main(["bundle", str(file), "--policy", str(witnessed.policy)]) == 0
    said = capsys.readouterr().out
    assert "events 1 to 5 of the stream, none altered and none left out" in said
    bundle = verify_bundle(file.read_bytes(), parse_policy(witnessed.policy.read_bytes()))
    assert set(bundle.witnessed.times) == {"regulator", "university"}
    assert [event.content["type"] for event in bundle.events][-1] == "disclosure.issued@1"
    assert bundle.events[2].content["own_words"][0]["words"].startswith("I want to stay.\nJoan")
    assert all(event.not_after is not None for event in bundle.events)


def test_what_is_withheld_is_told(witnessed: Witnessed) -> None:
    """A paragraph, a value and a whole entry are left out, each by its reason, and none of their words is given."""
    issued = witnessed.give(
        {"entry": "said", "field": "own_words.0.words.1", "exemption": "THIRD_PARTY"},
        {"entry": "visit", "field": "note", "exemption": "SOCIAL_WORK_HARM"},
        {"entry": "joan", "exemption": "THIRD_PARTY"},
    )
    raw = witnessed.fetch(issued.headers["location"])
    bundle = verify_bundle(raw, parse_policy(witnessed.policy.read_bytes()))

    assert [each["code"] for each in bundle.withheld].count("THIRD_PARTY") == 2
    assert {each["basis"] for each in bundle.withheld} == {
        "Data Protection Act 2018, Schedule 2, paragraph 16",
        "Data Protection Act 2018, Schedule 3, paragraph 11",
    }
    assert bundle.events[2].content["own_words"][0]["words"] == "I want to stay.\n[not given]I like the dog."
    assert bundle.events[1].content == "[not given]"
    for hidden in (b"cries", b"All was well", b"Joan Bright"):
        assert hidden not in raw
    entry = witnessed.client.get(f"/v1/cases/{witnessed.case}/entries/{issued.json()['refs'][0]}").json()["entry"]
    assert {each["exemption"]: len(each["digests"]) for each in entry["body"]["left_out"]} == {
        "THIRD_PARTY": 2,
        "SOCIAL_WORK_HARM": 1,
    }


def test_it_stays_the_copy_that_was_given(witnessed: Witnessed) -> None:
    """Whatever is recorded later is not in it; a repeat of the request gives the same one; a later copy has both."""
    key = {"Idempotency-Key": str(uuid4())}
    first, again = witnessed.give(**key), witnessed.give(**key)
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    witnessed.record("record_visit", visited="2026-03-06", seen_alone="YES")
    second = witnessed.give()

    policy = parse_policy(witnessed.policy.read_bytes())
    old, new = (verify_bundle(witnessed.fetch(each.headers["location"]), policy) for each in (first, second))
    assert (len(old.events), len(new.events)) == (5, 7)
    assert new.events[4].content == old.events[4].content


def test_what_was_destroyed_is_told(witnessed: Witnessed, monkeypatch: Any) -> None:
    """A copy names what exists no more and the entry that says so; one from before cannot be made again."""
    before = witnessed.give().headers["location"]
    assert witnessed.fetch(before)
    witnessed.stands_in(monkeypatch)
    asked = ["redact", witnessed.case, "said", "own_words.0.words", "--basis", "ACCURACY", "--yes",
             "--authority", witnessed.settings.authority]  # fmt: skip
    done = CliRunner().invoke(command_line, asked)
    assert done.exit_code == 0, done.output

    raw = witnessed.fetch(witnessed.give().headers["location"])
    bundle = verify_bundle(raw, parse_policy(witnessed.policy.read_bytes()))
    gone = witnessed.client.get(before)

    assert [(each["code"], each["basis"], each["event"]) for each in bundle.redacted] == [
        ("ACCURACY", "UK GDPR, articles 5(1)(d) and 16", 6)
    ]
    assert b"cries" not in raw
    assert (gone.status_code, gone.json()["type"]) == (409, "/problems/copy_not_possible")
    assert "destroyed since" in gone.json()["detail"]


def test_an_altered_copy_is_refused(witnessed: Witnessed) -> None:
    """The last event cut off, and a text put in another's place."""
    raw = witnessed.fetch(witnessed.give().headers["location"])
    policy = parse_policy(witnessed.policy.read_bytes())
    bundle = json.loads(raw)
    with pytest.raises(Refused, match="Later events may be missing"):
        verify_bundle(json.dumps(bundle | {"events": bundle["events"][:-1]}).encode(), policy)
    bundle["events"][2]["disclosures"][1] = bundle["events"][3]["disclosures"][1]
    with pytest.raises(Refused, match="Event 3"):
        verify_bundle(json.dumps(bundle).encode(), policy)


def test_what_cannot_be_given(witnessed: Witnessed) -> None:
    """What is not there, what cannot go by itself, two reasons for one thing, no case: each is told, none recorded."""
    for nth, (wish, says) in enumerate(
        (
            ({"entry": "nobody", "exemption": "CRIME"}, "There is no entry nobody"),
            ({"entry": "visit", "field": "visited", "exemption": "CRIME"}, "can be left out by itself"),
            ({"entry": "said", "field": "own_words.7.words", "exemption": "CRIME"}, "can be left out by itself"),
            ({"entry": "said", "field": "own_words.0.words.9", "exemption": "CRIME"}, "can be left out by itself"),
            ({"entry": "said", "field": "own_words.1.words", "exemption": "CRIME"}, "Two reasons are given"),
        )
    ):
        answer = witnessed.give({"entry": "said", "field": "own_words.1", "exemption": "THIRD_PARTY"}, wish)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/withhold/1"), nth
        assert says in answer.json()["detail"]
    whole = {"entry": "said", "exemption": "THIRD_PARTY"}
    assert "left out already" in witnessed.give(whole, whole | {"field": "own_words"}).json()["detail"]
    assert witnessed.give({"entry": "said", "exemption": "BORED"}).status_code == 422
    for address in (f"/v1/cases/{witnessed.case}/disclosures/said", f"/v1/cases/{witnessed.case}/disclosures/nothing"):
        assert witnessed.client.get(address).status_code == 404
    assert witnessed.record("record_visit", visited="2026-03-06", seen_alone="YES")["version"] == 5
    witnessed.case = str(uuid4())
    assert witnessed.give().status_code == 404


def test_without_a_published_log_no_copy_is_given(client: TestClient, open_case: Any) -> None:
    """What could never be proven is not recorded as given."""
    answer = client.post(f"/v1/cases/{open_case()}/disclosures", json={"recipient": "SAR-1"})

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not_published")


def test_from_the_command_line(witnessed: Witnessed, tmp_path: Path, monkeypatch: Any) -> None:
    """The same beside a server that runs: recorded, proven, written to a file that only its owner may read."""
    witnessed.stands_in(monkeypatch)
    out = tmp_path / "mina.json"
    asked = ["bundle", witnessed.case, "--recipient", "SAR-7", "--withhold", "visit:note=COURT", "--out", str(out),
             "--authority", witnessed.settings.authority]  # fmt: skip

    done = CliRunner().invoke(command_line, asked)
    again = CliRunner().invoke(command_line, asked)

    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    bundle = verify_bundle(out.read_bytes(), parse_policy(witnessed.policy.read_bytes()))
    assert (len(bundle.events), [each["code"] for each in bundle.withheld]) == (5, ["COURT"])
    assert (again.exit_code, "is there already" in again.output) == (2, True)
