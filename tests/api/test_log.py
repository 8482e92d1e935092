"""How the log stands: for people in words, for programs as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.log_state import LogState
from api.pages.log import ago, log_page
from api.settings import Settings
from ledger.verify import NOT_PROTECTED, main
from tests.api.watched_log import watched

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def publishing(database: str, schema: str, tmp_path: Path) -> Iterator[TestClient]:
    """The application with its publisher inside, and one entry that a checkpoint covers."""
    settings = Settings(
        DATABASE_URL=database, authority=schema, pool_size=2,
        published=tmp_path / "published", lock_store=tmp_path / "lock", signing_keys=tmp_path / "signing",
    )  # fmt: skip
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        body = {"do": "open_case", "child": "Mina"}
        client.post("/v1/cases", json=body, headers={"Prefer": "wait=20"}).raise_for_status()
        yield client


def test_a_log_that_is_published(publishing: TestClient, tmp_path: Path) -> None:
    """JSON, checkpoint and policy agree, and the verifier takes the policy as it is given."""
    state = publishing.get("/v1/log").json()
    policy = publishing.get("/v1/log/policy").content
    checkpoint = publishing.get("/v1/log/checkpoint").text

    assert (state["size"], state["checkpoint"]["size"], state["publisher"]) == (1, 1, "publishing")
    assert (state["witnesses"], state["witnessed"], state["checkpoint"]["cosignatures"]) == ([], None, [])
    assert state["policy_fingerprint"] == hashlib.sha256(policy).hexdigest()
    assert checkpoint == state["checkpoint"]["note"]
    assert f"log {state['keys'][0]}" in policy.decode()
    assert state["cannot_show"] == list(NOT_PROTECTED)
    (tmp_path / "policy").write_bytes(policy)
    (tmp_path / "receipt").write_text(json.dumps(publishing.get("/v1/receipts/0").json()))
    assert main(["receipt", str(tmp_path / "receipt"), "--policy", str(tmp_path / "policy")]) == 0
    page = publishing.get("/log").text
    assert "No witness watches this log yet" in page
    assert state["policy_fingerprint"] in page


def test_a_log_that_is_not_published(client: TestClient) -> None:
    """It is said, and nothing is made up."""
    state = client.get("/v1/log").json()

    assert (state["published"], state["checkpoint"], state["policy_fingerprint"]) == (False, None, None)
    for address in ("policy", "checkpoint"):
        answer = client.get(f"/v1/log/{address}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not_published")
    assert "not shown to anybody outside yet" in client.get("/log").text


def shown(state: LogState, language: str = "en") -> str:
    """The page for a state of the log."""

    async def state_of() -> LogState:
        return state

    app = FastAPI()
    app.include_router(log_page(state_of, lambda: NOW))
    answer = TestClient(app).get("/log", params={"lang": language})
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def test_in_words() -> None:
    """Size, checkpoint, each witness with the age of its signature, and every sentence of what cannot be shown."""
    page = shown(watched(NOW))

    for said in ("12,345", "all lines but 5", "the first 12,340 lines", "2 minutes ago", "has not signed yet"):
        assert said in page
    assert "22 November 2026, 11:57" in page
    for sentence in NOT_PROTECTED:
        assert sentence in page
    assert "Nothing is signed until people have looked at it" not in page
    assert "Nothing is signed until people have looked at it" in shown(watched(NOW, doing="stopped"))


def test_in_welsh() -> None:
    """No sentence of it stays English."""
    page = shown(watched(NOW), "cy")

    assert "Beth na all ei ddangos" in page
    for sentence in (*NOT_PROTECTED, "minutes ago", "How the log stands"):
        assert sentence not in page


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "less than a minute ago"), (59, "less than a minute ago"), (60, "1 minute ago"), (3_599, "59 minutes ago"),
     (3_600, "1 hour ago"), (86_399, "23 hours ago"), (86_400, "1 day ago"), (100 * 86_400, "about 3 months ago")],
)  # fmt: skip
def test_how_long_ago(seconds: int, said: str) -> None:
    """In the unit a reader would use."""
    assert ago(seconds) == said
