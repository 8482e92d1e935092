"""The database goes away in the middle: a problem that says when to come back, and afterwards all is as before."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ops.postgres import LocalPostgres
from ops.storage.migrations import migrate
from tests.hostile.conftest import Server, start, stop
from tests.hostile.test_imports import LINES_A_CHILD, child, command, whole_or_nothing

AUTHORITY = "gone"
PATIENCE = 90.0
"""Seconds after which a test gives up; no promise is about time."""


@pytest.fixture(scope="module")
def own() -> Iterator[LocalPostgres]:
    """A PostgreSQL server that a test may stop."""
    home = Path(tempfile.mkdtemp(prefix="beforehand-"))
    home.chmod(0o755)
    server = LocalPostgres(home, fsync="off")
    try:
        with psycopg.connect(server.start(), autocommit=True) as connection:
            migrate(connection, AUTHORITY)
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def served(own: LocalPostgres) -> Iterator[Server]:
    """A server on that database."""
    running = start(own.dsn, AUTHORITY)
    yield running
    stop(running)


def size(own: LocalPostgres) -> int:
    """Give how many facts the log holds."""
    with psycopg.connect(own.dsn, autocommit=True) as connection:
        row = connection.execute(f"SELECT size FROM {AUTHORITY}.head").fetchone()
    assert row is not None
    return int(row[0])


def eventually(happens: Callable[[], Any]) -> Any:
    """Try until it happens; each try waits for an answer of the server."""
    ends = monotonic() + PATIENCE
    while monotonic() < ends:
        if (found := happens()) is not None:
            return found
    raise AssertionError("it never happened")


def opened(served: Server, name: str) -> str | None:
    """Open a case, and give its identifier where that was recorded."""
    answer = served.post("/v1/cases", {"do": "open_case", "child": name, "ref": f"r{uuid4().hex}"})
    if answer.status == 201:
        return str(json.loads(answer.body)["case_id"])
    assert answer.status == 503, answer
    return None


def listed(served: Server, case: str) -> bool | None:
    """Tell whether the list of cases, which is read from rows, holds a case on any of its pages."""
    after = "0"
    while after is not None:
        answer = served.get(f"/v1/cases?limit=200&after={after}")
        if answer.status != 200:
            return None
        page = json.loads(answer.body)
        if case in [each["case_id"] for each in page["cases"]]:
            return True
        after = page["next"]
    return None


def test_a_request_without_a_database_is_told_when_to_come_back(own: LocalPostgres, served: Server) -> None:
    """While it is gone: 503 and Retry-After, to a program and to a browser, and nothing recorded. Then all goes on."""
    case = eventually(lambda: opened(served, "Mina"))
    before = size(own)
    own.stop()

    for answer in (served.get("/v1/cases"), served.post("/v1/cases", {"do": "open_case", "child": "Kanarienvogel"})):
        problem = answer.problem()
        assert (answer.status, problem["type"]) == (503, "/problems/ledger_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
    page = served.get("/", accept="text/html")
    assert page.status == 503
    assert b"<html" in page.body

    own.start()
    assert size(own) == before
    eventually(lambda: served.get(f"/v1/cases/{case}").status == 200 or None)
    another = eventually(lambda: opened(served, "Tom"))
    assert size(own) == before + 1
    eventually(lambda: listed(served, another))
    assert "Kanarienvogel" not in "".join(served.logged)


def test_connections_that_are_cut_are_made_again(own: LocalPostgres, served: Server) -> None:
    """The database ends every connection: the next requests are answered, with what was asked or with a 503."""
    eventually(lambda: opened(served, "Mina"))
    with psycopg.connect(own.dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    assert served.get("/v1/cases").status in (200, 503)
    case = eventually(lambda: opened(served, "Tom"))
    eventually(lambda: listed(served, case))


def test_an_import_without_a_database_ends_and_can_be_run_again(own: LocalPostgres, tmp_path: Path) -> None:
    """The database stops in the middle: a plain sentence and exit code 1, whole children, the rest the next time."""
    references = [f"gone/{n}" for n in range(400)]
    file = tmp_path / "history.jsonl"
    file.write_text("\n".join(line for each in references for line in child(each)))
    before = size(own)

    def run() -> subprocess.Popen[str]:
        return command("import", "history", str(file), database=own.dsn, authority=AUTHORITY)

    with run() as process:
        eventually(lambda: size(own) >= before + 3 * LINES_A_CHILD or process.poll() is not None or None)
        own.stop()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1, said[-2000:]
    assert "database" in said
    assert "Traceback" not in said
    assert len(said) < 20_000

    own.start()
    assert whole_or_nothing(own.dsn, AUTHORITY, references) < len(references)
    with run() as process:
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said[-2000:]
    assert whole_or_nothing(own.dsn, AUTHORITY, references) == len(references)
