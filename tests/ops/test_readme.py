"""The front door keeps its promises: what the README shows can be typed."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.casework import Casework
from api.settings import Settings
from ops.command_line.app import app
from ops.importers.history import case_id_of, import_history

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of the README in one language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    """Every command the README shows, in words."""
    lines = "\n".join(blocks("sh")).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [each for each in words if each]


@pytest.mark.parametrize("words", [each for each in commands() if each[0] == "./beforehand"], ids=" ".join)
def test_commands_are_there(words: list[str]) -> None:
    """Each command exists, with the options it is shown with."""
    names = [word for word in words[1:3] if re.fullmatch(r"[a-z][a-z0-9]+", word)]
    options = [word for word in words if word.startswith("--")]

    said = CliRunner().invoke(app, [*names, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})

    assert said.exit_code == 0, said.output
    for option in options:
        assert option in said.output


def test_the_history_can_be_imported(ledger: Casework, tmp_path: Path) -> None:
    """The lines of the example go in as they stand."""
    (block,) = blocks("json")
    file = tmp_path / "mine.jsonl"
    file.write_text(block, encoding="utf-8")

    report = import_history([file], ledger, lambda: datetime.now(UTC))

    assert report.refused == []
    assert report.cases == [case_id_of("mine/1")]
    assert report.recorded == len(block.strip().splitlines())


def test_the_requests_work(database: str, schema: str, tmp_path: Path) -> None:
    """Each `curl` does what it is shown for, one after the other; `$CASE` and `$WEBHOOK` come from the answers."""
    requests = [words for words in commands() if words[0] == "curl"]
    assert requests
    known: dict[str, str] = {}
    settings = Settings(
        DATABASE_URL=database, authority=schema, pool_size=2,
        published=tmp_path / "published", lock_store=tmp_path / "lock", signing_keys=tmp_path / "signing",
    )  # fmt: skip
    with TestClient(create_app(settings)) as client:
        for words in requests:
            answer = ask(client, words, known)
            assert answer.status_code in (200, 201, 204), answer.text
            if answer.headers.get("content-type") == "application/json":
                remember(known, answer.json())


def remember(known: dict[str, str], body: Any) -> None:
    """Keep what later requests speak of."""
    if isinstance(body, dict):
        known.setdefault("$CASE", body.get("case_id", "$CASE"))
        if "secret" in body:
            known["$WEBHOOK"] = body["id"]
        if "position" in body and "refs" in body:
            known["$POSITION"] = str(body["position"])
    for name in [name for name, value in known.items() if value == name]:
        del known[name]


def ask(client: TestClient, words: list[str], known: dict[str, str]) -> Any:
    """Ask what a `curl` asks."""
    words = [replaced(word, known) for word in words]
    url = next(word for word in words if word.startswith("localhost:")).partition("8265")[2]
    headers = dict(re.split(r":\s*", words[at + 1], maxsplit=1) for at, word in enumerate(words) if word == "-H")
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if "-d" in words else "GET"
    body = words[words.index("-d") + 1].encode() if "-d" in words else None
    return client.request(method, url.replace("2026-03-11", "2199-03-11"), headers=headers, content=body)


def replaced(word: str, known: dict[str, str]) -> str:
    """Fill in what a shell would."""
    for name, value in known.items():
        word = word.replace(name, value)
    return word


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(path: str) -> None:
    """Every file the README points at is there."""
    assert (ROOT / path).exists()
