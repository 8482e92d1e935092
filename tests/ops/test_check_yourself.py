"""Checking a record yourself: the three commands of the README, typed as they stand, against a server that runs."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.casework import Casework
from api.settings import Settings
from ops.command_line.app import app
from ops.importers.history import import_history
from ops.samples import materialise
from tests.ops.test_readme import README

COMMANDS = """
./beforehand bundle sample/amira --recipient SAR-2026-014 --out amira.json
curl -s localhost:8265/v1/log/policy -o policy
./beforehand verify bundle amira.json --policy policy
"""


def test_a_record_can_be_checked(
    ledger: Casework, database: str, schema: str, tmp_path: Path, monkeypatch: Any
) -> None:
    """The whole record of a sample child, whom to believe, and what the verifier says of the two."""
    now = datetime.now(UTC)
    (tmp_path / "samples").mkdir()
    files = materialise(tmp_path / "samples", now.date(), skip=lambda reference: reference != "sample/amira")
    assert import_history(files, ledger, lambda: now).refused == []
    log = {name: tmp_path / name for name in ("published", "lock_store", "signing_keys")}
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("BEFOREHAND_AUTHORITY", schema)
    for name, folder in log.items():
        monkeypatch.setenv(f"BEFOREHAND_{name.upper()}", str(folder))
    monkeypatch.chdir(tmp_path)
    said = ""
    with TestClient(create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=2))) as client:
        for line in COMMANDS.strip().splitlines():
            program, *words = shlex.split(line)
            if program == "curl":
                Path(words[-1]).write_bytes(client.get(words[1].partition("8265")[2]).raise_for_status().content)
                continue
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, done.output
            said = done.output

    assert said.startswith("VERIFIED. These are events 1 to 61 of the stream, none altered and none left out.")


def test_the_readme_has_these_commands() -> None:
    """What is tried here is what is shown there."""
    shown = {" ".join(line.partition("#")[0].split()) for line in README.splitlines()}
    assert set(COMMANDS.strip().splitlines()) <= shown
