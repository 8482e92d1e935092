"""`beforehand ledger`: publish, look, scrub, and end one log for another, as somebody at a terminal does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from ledger.tiles import CHECKPOINT
from ledger.verify import open_note, parse_checkpoint, parse_vkey
from ops.command_line.app import app

TAG = "A" * 43


@pytest.fixture
def ledger(database: str, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `beforehand ledger` on a log of three entries."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("BEFOREHAND_AUTHORITY", schema)
    for name in ("PUBLISHED", "LOCK_STORE", "SIGNING_KEYS"):
        monkeypatch.setenv(f"BEFOREHAND_{name}", str(tmp_path / name))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"SELECT {schema}.begin_log('beforehand.example/la/{schema}/1')")  # type: ignore[call-overload]
        for _ in range(3):
            connection.execute(
                f"SELECT {schema}.append(%b, %b, %b, %b, %b, %b, %b, %b)",  # type: ignore[call-overload]
                ([0], [uuid4()], [1], ["sample@1"], [f"{uuid4().hex}{'A' * 11}"], [TAG], [TAG], [b"sealed"]),
            )

    def run(*words: str) -> Any:
        done = CliRunner().invoke(app, ["--quiet", "ledger", *words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


def test_publish_look_and_scrub(ledger: Any, tmp_path: Path, database: str, schema: str) -> None:
    """Once published, status shows it as words and as JSON; a scrub finds nothing, then one altered row."""
    assert "0 of them are under a signed checkpoint" in ledger("status").stderr
    assert "Signed: 3 entries" in ledger("publish", "--once").stderr
    status = json.loads(ledger("status", "--json").stdout)
    assert (status["entries"], status["signed"], status["published"], status["witnesses"]) == (3, 3, 3, [])
    key = parse_vkey(status["key"])
    assert parse_checkpoint(open_note((tmp_path / "PUBLISHED" / CHECKPOINT).read_bytes(), [key]).text).size == 3
    assert "by nobody" in ledger("status").stderr
    assert "All 3 entries" in ledger("scrub").stderr
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"UPDATE {schema}.event SET entry = entry || ' ' WHERE position = 2")  # type: ignore[call-overload]
    done = ledger("scrub")
    assert done.exit_code == 1
    assert "leaf 1 does not hash" in " ".join(done.stderr.split())


def test_where_nobody_has_said_where_it_is_said_how(ledger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its folders the sentence names the settings."""
    monkeypatch.delenv("BEFOREHAND_LOCK_STORE")
    done = ledger("status")
    assert done.exit_code == 1
    assert "BEFOREHAND_LOCK_STORE" in done.stderr


def test_one_log_ends_and_another_goes_on(
    ledger: Any, tmp_path: Path, database: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of ops/runbooks/succession.md, in their order."""
    ledger("publish", "--once")
    key = json.loads(ledger("status", "--json").stdout)["key"]
    done = ledger("freeze")
    assert "Nothing more is signed" in done.stderr
    final, policy = tmp_path / "final", tmp_path / "policy"
    final.write_text(done.stdout)
    policy.write_text(f"log {key}\nquorum none\n")
    new = f"{schema}_2"
    monkeypatch.setenv("BEFOREHAND_AUTHORITY", new)
    for name in ("PUBLISHED", "LOCK_STORE", "SIGNING_KEYS"):
        monkeypatch.setenv(f"BEFOREHAND_{name}", str(tmp_path / f"{name}_2"))
    try:
        words = ("succeed", str(final), "--policy", str(policy), "--survived", "3")
        assert "goes on from" in ledger(*words).stderr
        assert ledger(*words).exit_code == 1
        assert "Signed: 1 entries" in ledger("publish", "--once").stderr
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {new} CASCADE")  # type: ignore[call-overload]
