"""`beforehand keys`: what somebody at a terminal does with keys, in the order in which the runbook has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.authority import key_ring
from ops.command_line.app import app


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `beforehand keys` on a folder with the keys of two subjects."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BEFOREHAND_KEY_ENCRYPTION_KEYS", raising=False)
    monkeypatch.setenv("BEFOREHAND_KEYS", str(tmp_path / "keys"))
    ring = key_ring("sample")
    ring.of_subjects(["A", "B"])
    ring.close()
    return lambda *words: CliRunner().invoke(app, ["keys", *words])


def test_from_one_epoch_to_the_next(keys: Any) -> None:
    """Rotate, rewrap, destroy: each says what it did, and status shows it, as words and as JSON."""
    assert "Epoch 2 has begun" in keys("rotate").stderr
    refused = keys("destroy-epoch", "1")
    assert refused.exit_code == 1
    assert "rewrap" in refused.stderr
    assert "2 keys wrapped anew" in keys("rewrap").stderr
    assert keys("destroy-epoch", "1").exit_code == 0
    status = json.loads(keys("status", "--json").stdout)
    assert (status["subjects"], status["keys"], status["destroyed"]) == (2, 2, 0)
    assert [(each["number"], each["keys"], each["newest"]) for each in status["epochs"]] == [(2, 2, True)]
    assert [each["number"] for each in status["destroyedEpochs"]] == [1]
    assert "new keys are wrapped under it" in keys("status").stderr


def test_an_altered_key_is_told_of(keys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rewrap that met an altered key ends with exit code 1, its id and what to do."""
    ring = key_ring("sample")
    altered = ring.of_subject("A").key.id
    ring._store._engine._open().execute("UPDATE data_key SET wrapped = zeroblob(72) WHERE key_id = ?", [altered])  # type: ignore[attr-defined]
    ring.close()
    keys("rotate")
    told = keys("rewrap")
    assert told.exit_code == 1
    assert altered in " ".join(told.stderr.split())
    assert "1 keys are wrapped" in told.stderr


def test_keys_of_ones_own_database_have_to_be_named(keys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a database of one's own, nobody gets keys kept in it by accident."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere")
    monkeypatch.delenv("BEFOREHAND_KEYS")
    refused = keys("status")
    assert refused.exit_code == 1
    assert "BEFOREHAND_KEYS" in refused.stderr
