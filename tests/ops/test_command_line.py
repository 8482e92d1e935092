"""The command line, as somebody at a terminal uses it: a process of its own, words apart from data."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home that the database's account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="beforehand-home-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """The environment of a newcomer."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CI")}
    return {**kept, "BEFOREHAND_HOME": str(home), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


@pytest.fixture
def run(environment: dict[str, str], database: str, tmp_path: Path) -> Run:
    """Runs `beforehand` with arguments from a folder that is not the project's, on a database that is running."""

    def ran(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ops", *arguments],
            cwd=tmp_path,
            env={**environment, "DATABASE_URL": database},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return ran


VECTOR: dict[str, Any] = {
    "id": "mine",
    "asOf": "2026-06-01",
    "decision": {
        "kind": "PLACEMENT_MOVE",
        "matters": ["placement"],
        "decidedAt": "2026-03-10",
        "effectiveFrom": "2026-03-20",
    },
    "views": [
        {
            "id": "v1",
            "outcome": "EXPRESSED",
            "matters": ["placement"],
            "expressedAt": "2026-03-04",
            "recordedAt": "2026-03-05T09:10",
        }
    ],
}


class TestAssess:
    """`beforehand assess`."""

    @pytest.mark.parametrize("form", ["array", "lines", "stdin"])
    def test_one_object_per_vector_in_order(self, run: Run, tmp_path: Path, form: str) -> None:
        """An array, one object per line, or standard input: one JSON object per vector, with just these members."""
        vectors = [VECTOR, {**VECTOR, "id": "other", "views": []}]
        text = json.dumps(vectors) if form == "array" else "\n".join(map(json.dumps, vectors))
        (tmp_path / "vectors.json").write_text(text)

        done = run("assess", "-" if form == "stdin" else "vectors.json", stdin=text)

        assert done.returncode == 0, done.stderr
        first, second = map(json.loads, done.stdout.splitlines())
        assert first == {
            "id": "mine",
            "verdict": "RECORDED_BEFORE_DECISION",
            "class": "MET",
            "perMatter": {"placement": "RECORDED_BEFORE_DECISION"},
            "flags": [],
            "influence": "VIEW_NOT_REFERENCED",
            "feedback": "NOT_TOLD",
        }
        assert (second["id"], second["verdict"]) == ("other", "NO_VIEW_RECORDED")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("{", "not JSON"),
            (json.dumps({**VECTOR, "asOf": "soon"}), "Line 1 cannot be read. asOf"),
            (json.dumps([{**VECTOR, "decision": {}}]), "Vector 1 cannot be read."),
        ],
    )
    def test_a_vector_that_cannot_be_read_is_named(self, run: Run, tmp_path: Path, text: str, says: str) -> None:
        """The place and the fault are said, and the exit code is 1."""
        (tmp_path / "vectors.json").write_text(text)

        done = run("assess", "vectors.json")

        assert done.returncode == 1
        assert says in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_file_that_is_not_there(self, run: Run) -> None:
        """A missing file is said, without a traceback."""
        done = run("assess", "nowhere.json")

        assert (done.returncode, "cannot be read" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_schema_is_json(run: Run) -> None:
    """`beforehand schema` prints the JSON Schema of a line."""
    assert json.loads(run("schema").stdout)["properties"]["case"]


class TestHistories:
    """`beforehand import history`, `timeline`, `projections`."""

    def test_from_file_to_timeline(self, run: Run, tmp_path: Path) -> None:
        """Import, import again, read as it stands and as it stood, rebuild, ask how far it has come."""
        lines = [
            {"case": "c/1", "command": {"do": "open_case", "child": "Mina", "born": "2015-06-01"}},
            {"case": "c/1", "command": {"do": "decide_legal_status", "step": "MADE", "legal_status": "C2",
             "decided": "2025-03-10", "matters": ["legal"]}},
        ]  # fmt: skip
        (tmp_path / "h.jsonl").write_text("\n".join(map(json.dumps, lines)))

        first, second = run("import", "history", "h.jsonl"), run("import", "history", "h.jsonl", "--json")
        shown = run("timeline", "c/1")
        printed = run("timeline", "c/1", "--json")
        earlier = run("timeline", "c/1", "--as-of", "2020-01-01")
        rebuilt, status = run("projections", "rebuild"), run("projections", "status", "--json")

        assert "2 facts recorded in 1 cases" in first.stderr
        assert json.loads(second.stdout)["already"] == 2
        assert "2025-03-10, aged 9" in shown.stdout
        entries = json.loads(printed.stdout)["entries"]
        assert entries[0]["voice"]["now"]["class"] == "NOT_MET"
        assert (earlier.returncode, "no such case" in earlier.stderr) == (1, True)
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert {line["behind"] for line in json.loads(status.stdout)["projections"]} == {0}

    def test_a_refused_line_is_told(self, run: Run, tmp_path: Path) -> None:
        """File, line, mend; exit code 1; nothing recorded."""
        (tmp_path / "h.jsonl").write_text('{"case": "c/2", "command": {"do": "open_case"}}\n')

        done = run("import", "history", "h.jsonl")

        assert done.returncode == 1
        assert "h.jsonl, line 1: " in done.stderr
        assert "Nothing was recorded about: c/2" in done.stderr

    def test_unknown_projection(self, run: Run) -> None:
        """A projection that is not there is answered with the list of those that are."""
        done = run("projections", "rebuild", "weather")

        assert (done.returncode, "timeline" in done.stderr) == (2, True)


class TestServing:
    """`beforehand serve` and `beforehand demo`."""

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
    def test_only_this_machine_is_served(self, run: Run, host: str) -> None:
        """Any address but loopback is refused with a sentence."""
        done = run("serve", "--host", host)

        assert done.returncode == 2
        assert "this machine only" in done.stderr
        assert "Traceback" not in done.stderr

    def test_the_demonstration_loses_nothing(self, environment: dict[str, str], tmp_path: Path) -> None:
        """Start, open the page, stop, start again, stop as a service manager would: the same children."""
        with served(environment, tmp_path, signal.SIGINT) as address:
            children = count_of_cases(address)
        with served(environment, tmp_path, signal.SIGTERM) as address:
            again = count_of_cases(address)

        assert children >= 9
        assert again == children


@contextmanager
def served(environment: dict[str, str], folder: Path, stop: signal.Signals) -> Iterator[str]:
    """Start the demonstration on a free port, give the address it says, and stop it in one way or another."""
    command = [sys.executable, "-m", "ops", "--quiet", "demo", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = ""
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
                line = process.stderr.readline()
                assert line, f"the demonstration said no address: {said}"
                said += line
            yield found.group()
        finally:
            process.send_signal(stop)
            process.communicate(timeout=60)


def count_of_cases(address: str) -> int:
    """How many children the server lists."""
    with urllib.request.urlopen(f"{address}/v1/cases?limit=200", timeout=30) as answer:
        return len(json.load(answer)["cases"])
