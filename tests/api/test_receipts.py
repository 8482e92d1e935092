"""Receipts: what a writer keeps, and what anybody can check with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.preferring import LONGEST_WAIT, wait_asked
from api.settings import Settings
from ledger.notes import Signer
from ledger.verify import leaf_hash, main, parse_entry

VISIT = {"do": "record_visit", "visited": "2026-02-01", "seen_alone": "YES"}
WAIT = {"Prefer": f"wait={LONGEST_WAIT}"}
CANARIES = ("Wilhelmina", "Xylophone", "2009-11-07", "zebra crossing", "canary.worker", "LA-99817", "THIRDPERSON")

Opened = Callable[..., str]


@pytest.fixture
def publishing(database: str, schema: str, tmp_path: Path) -> Iterator[TestClient]:
    """The application with its publisher inside."""
    settings = Settings(
        DATABASE_URL=database,
        authority=schema,
        pool_size=2,
        published=tmp_path / "published",
        lock_store=tmp_path / "lock_store",
        signing_keys=tmp_path / "signing_keys",
    )
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def opened(client: TestClient, **headers: str) -> Any:
    """Open a case and give the answer."""
    answer = client.post("/v1/cases", json={"do": "open_case", "child": "Mina"}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer


def vkey(folder: Path) -> str:
    """The key of the log that a server has made for itself."""
    return Signer.load(folder / "signing_keys" / "log.key").vkey


class TestWithoutPublisher:
    """A server that knows of no published log."""

    def test_every_write_gives_one(self, client: TestClient, record: Callable[..., Any], open_case: Opened) -> None:
        """It names the entry, and says no more than is so: recorded, and not proven."""
        case = open_case()
        for nth in range(2, 5):
            answer = record(case, **VISIT, ref=f"v{nth}")
            receipt = answer["receipt"]
            entry = base64.b64decode(receipt["entry"], validate=True)
            read = parse_entry(entry)

            assert receipt["leaf_index"] == answer["position"] - 1 == nth - 1
            assert (receipt["status"], receipt["proof"], receipt["cosigned"]) == ("committed", None, False)
            assert (receipt["stream"], receipt["seq"], receipt["recorded_at"]) == (read.stream, nth, read.rec)
            assert base64.b64decode(receipt["leaf_hash"]) == leaf_hash(entry)
            assert client.get(receipt["upgrade"]).json() == receipt

    def test_nothing_is_waited_for(self, client: TestClient) -> None:
        """The wish is not granted, and the answer does not say that it was."""
        answer = opened(client, **WAIT)

        assert "preference-applied" not in answer.headers
        assert answer.json()["receipt"]["status"] == "committed"

    def test_the_file_is_not_to_be_had(self, client: TestClient) -> None:
        """The problem says that it is the server that knows of no published log, not the receipt that is wrong."""
        address = opened(client).json()["receipt"]["upgrade"]

        for answer in (client.get(f"{address}.tlog-proof"), client.get(address, headers={"Accept": "text/plain"})):
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not_published")

    @pytest.mark.parametrize("index", ["99999", "-1", "x", "99999999999999999999", "0.json"])
    def test_what_is_not_there(self, client: TestClient, index: str) -> None:
        """Neither beyond the log nor below it is a receipt."""
        assert client.get(f"/v1/receipts/{index}").status_code in {404, 422}
        assert client.get(f"/v1/receipts/{index}.tlog-proof").status_code in {404, 422}

    def test_it_holds_nothing_of_anybody(self, client: TestClient, record: Callable[..., Any]) -> None:
        """Names, words, dates, references and the actor: none of them is in a receipt, in whatever writing."""
        body = {"do": "open_case", "child": "Wilhelmina", "born": "2009-11-07", "local_id": "LA-99817"}
        as_worker = {"Beforehand-Actor": "SOCIAL_WORKER:canary.worker"}
        case = client.post("/v1/cases", json=body, headers=as_worker).json()
        person = record(case["case_id"], "introduce_person", ref="THIRDPERSON", name="Xylophone", relationship="CARER")
        words = record(
            case["case_id"], "record_view", expressed="2009-11-07", matters=["placement"],
            own_words=[{"words": "zebra crossing\n\nzebra crossing"}],
        )  # fmt: skip
        for answer in (case, person, words):
            receipt = client.get(answer["receipt"]["upgrade"]).text
            entry = base64.b64decode(json.loads(receipt)["entry"]).decode()
            for canary in (*CANARIES, case["case_id"], case["case_id"].replace("-", "")):
                for spelt in (
                    canary,
                    base64.b64encode(canary.encode()).decode().rstrip("=")[:-1],
                    canary.encode().hex(),
                ):
                    assert spelt not in receipt
                    assert spelt not in entry


class TestWithPublisher:
    """A server that publishes its log."""

    def test_waiting_gives_the_proof(self, publishing: TestClient, tmp_path: Path) -> None:
        """A write that waits comes back with a proof, which the verifier accepts as it is."""
        answer = opened(publishing, **WAIT)
        receipt = answer.json()["receipt"]

        assert answer.headers["preference-applied"] == f"wait={LONGEST_WAIT}"
        assert (receipt["status"], receipt["cosigned"]) == ("included", False)
        kept = tmp_path / "receipt.json"
        kept.write_text(json.dumps(receipt))
        assert main(["receipt", str(kept), "--vkey", vkey(tmp_path)]) == 0

    def test_the_file_proves_itself(self, publishing: TestClient, tmp_path: Path, capsys: Any) -> None:
        """The `.tlog-proof` file carries the entry, under its own address and by `Accept`, byte for byte the same."""
        address = opened(publishing, **WAIT).json()["receipt"]["upgrade"]
        file = publishing.get(f"{address}.tlog-proof")
        kept = tmp_path / "receipt.tlog-proof"
        kept.write_bytes(file.content)

        assert file.headers["content-type"].startswith("text/plain")
        assert publishing.get(address, headers={"Accept": "text/plain"}).content == file.content
        assert main(["receipt", str(kept), "--vkey", vkey(tmp_path)]) == 0
        assert "VERIFIED" in capsys.readouterr().out
        assert publishing.get(address, headers={"Accept": "image/png"}).status_code == 406

    def test_a_repeat_gives_the_same(self, publishing: TestClient) -> None:
        """Without waiting, the very same answer; with it, the same entry, and its proof."""
        key = {"Idempotency-Key": str(uuid4())}
        first, again, proven = (opened(publishing, **key, **more) for more in ({}, {}, WAIT))

        assert first.content == again.content
        assert proven.json()["receipt"]["status"] == "included"
        fixed = ("leaf_index", "leaf_hash", "entry", "stream", "seq", "recorded_at", "upgrade")
        assert [proven.json()["receipt"][name] for name in fixed] == [first.json()["receipt"][name] for name in fixed]

    def test_a_receipt_that_waits(self, publishing: TestClient) -> None:
        """Reading waits as writing does, and no longer than it was asked to."""
        address = opened(publishing).json()["receipt"]["upgrade"]
        waited = publishing.get(address, headers=WAIT)
        at_once = publishing.get(address, headers={"Prefer": "wait=0"})

        assert waited.json()["status"] == "included"
        assert at_once.headers["preference-applied"] == "wait=0"


class TestPreferences:
    """How the header is read (RFC 7240 section 2)."""

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            (["wait=5"], 5), (["WAIT=5"], 5), (["respond-async, wait=7"], 7), (["respond-async", "wait=7"], 7),
            (["wait=1, wait=9"], 1), (["wait = 3"], 3), (["wait=3; foo=bar"], 3), (['foo="a, wait=9", wait=2'], 2),
            (["wait=999999999"], LONGEST_WAIT), (["wait"], None), (["wait=-1"], None), (["wait=1.5"], None),
            (["wait="], None), (["wait=99999999999999999999"], None), (["waiting=5"], None), ([], None), ([""], None),
            (["(), wait=4"], 4), ([",,wait=4"], 4), (["handling=lenient; wait=9"], None), (["wait=\u0665"], None),
        ],
    )  # fmt: skip
    def test_by_the_book(self, headers: list[str], seconds: int | None) -> None:
        """Lists, several headers, case, parameters, quotes; the first counts, and what makes no sense is no wish."""
        assert wait_asked(headers) == seconds
