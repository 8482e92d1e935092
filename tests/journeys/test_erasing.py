"""A child's record is erased, or words taken out of it, while a server is running: nothing of it is found anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from api.app import create_app
from api.examples import EXAMPLES, command_example
from api.settings import Settings
from ops.authority import Authority, authority
from ops.command_line.app import app as command_line
from projections.catalogue import PROJECTIONS
from projections.engine.rebuild import rebuild
from projections.engine.runner import Runner

Pool = ConnectionPool[psycopg.Connection[Any]]
WRITTEN = ("Amira", "Kim", "LA-77", "Moving in with a family", "I want to stay with Kim", "Kim is moving abroad")


@pytest.fixture
def client(database: str, schema: str) -> Iterator[TestClient]:
    """A server of the test's own authority."""
    settings = Settings(DATABASE_URL=database, authority=schema, pool_size=2)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def run(database: str, schema: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command for the test's own authority."""
    monkeypatch.setenv("DATABASE_URL", database)
    return lambda *words, **more: CliRunner().invoke(command_line, [*words, "--authority", schema], **more)


@pytest.fixture
def ready(database: str, schema: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """The test's own authority, as the command line reaches it."""
    monkeypatch.setenv("DATABASE_URL", database)
    with authority(schema) as ready:
        yield ready


SHORT = ("introduce_person", "make_proposal", "record_view", "record_review", "decide_placement_move", "record_visit")


def told(client: TestClient, story: Sequence[str] = SHORT, number: str = "LA-78") -> str:
    """Tell one child's story, and give the case."""
    case = client.post("/v1/cases", json=command_example("open_case") | {"local_id": number}).json()["case_id"]
    for do in story:
        assert client.post(f"/v1/cases/{case}/commands", json=command_example(do)).status_code == 201, do
    return str(case)


def dump(pool: Pool, schema: str) -> str:
    """Every row of every table of an authority, as text."""
    with pool.connection() as connection:
        tables = connection.execute(
            "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE %s", [f"{schema}%"]
        ).fetchall()
        return "\n".join(
            row for (table,) in tables for (row,) in connection.execute(f"SELECT t::text FROM {table} AS t").fetchall()
        )


def found_in(text: str, *traces: str) -> list[str]:
    """Which traces are in a dump, as they are, without dashes, or as bytes in hexadecimal."""
    return [
        each for each in traces if each in text or each.replace("-", "") in text or each.encode().hex() in text.lower()
    ]


def test_nothing_of_the_child_is_left(
    client: TestClient, run: Callable[..., Result], pool: Pool, schema: str, database: str
) -> None:
    """After the command nothing is found in any table, the server knows no such case, and everybody else's stays."""
    gone, other = told(client, list(EXAMPLES)[1:], "LA-77"), told(client)
    before = client.get(f"/v1/cases/{other}/timeline", params={"limit": 100}).json()
    assert found_in(dump(pool, schema), gone, *WRITTEN) == [gone, "LA-77"]  # references and codes, no words

    done = run("erase", gone, "--basis", "RETENTION_ENDED", "--yes")
    assert done.exit_code == 0, done.stderr
    assert f"{len(EXAMPLES)} entries are blank" in done.stderr

    assert found_in(dump(pool, schema), gone, *WRITTEN) == []
    for path in (f"/v1/cases/{gone}", f"/v1/cases/{gone}/timeline", f"/cases/{gone}", f"/v1/cases/{gone}/people"):
        assert client.get(path).status_code == 404, path
    assert client.get(f"/v1/cases/{other}/timeline", params={"limit": 100}).json()["entries"] == before["entries"]
    assert [each["case_id"] for each in client.get("/v1/cases").json()["cases"]] == [other]
    refused = client.post(f"/v1/cases/{gone}/commands", json=command_example("record_visit"))
    assert refused.status_code in (404, 409, 422)
    visit = command_example("record_visit") | {"ref": "another"}
    assert client.post(f"/v1/cases/{other}/commands", json=visit).status_code == 201
    assert client.get("/v1/events", params={"limit": 100}).status_code == 200


def test_projections_are_made_again(client: TestClient, run: Callable[..., Result], ready: Authority) -> None:
    """A rebuild passes over what is blank, and gives the rows of everybody else; none is behind the log."""
    gone, _ = told(client), told(client)
    assert run("erase", gone, "--basis", "RETENTION_ENDED", "--yes").exit_code == 0
    ready.runner.catch_up()
    before = dump(ready.pool, ready.settings.authority)
    for projection in PROJECTIONS:
        rebuild(ready.pool, ready.kept, projection)
    after = dump(ready.pool, ready.settings.authority)
    assert found_in(after, gone) == []
    assert len(after.splitlines()) == len(before.splitlines())
    status = json.loads(run("projections", "status", "--json").stdout)
    assert {each["behind"] for each in status["projections"]} == {0}


def test_a_round_that_had_read_it_writes_no_rows_of_it(client: TestClient, ready: Authority) -> None:
    """A runner that has read entries of the case before it was erased finds the fence moved, and starts again."""
    schema = ready.settings.authority
    slow = Runner(ready.pool, ready.kept, PROJECTIONS)
    case = told(client)
    with ready.pool.connection() as connection:
        connection.execute(f"UPDATE {schema}.projection SET position = 0".encode())
        for projection in PROJECTIONS:
            for table in projection.tables:
                connection.execute(f"DELETE FROM {schema}.{table}".encode())
    changes, erased = slow.changes, []

    def late(*arguments: Any) -> Any:
        made = changes(*arguments)
        if not erased:
            erased.append(ready.eraser.erase(UUID(case), "RETENTION_ENDED"))
        return made

    slow.changes = late  # type: ignore[method-assign]
    slow.catch_up()
    assert erased
    assert found_in(dump(ready.pool, schema), case) == []


def test_a_rebuild_that_had_read_it_keeps_no_rows_of_it(client: TestClient, ready: Authority) -> None:
    """Rows that were made beside the live ones before the erasure go before they take their place."""
    case = told(client)
    ready.runner.catch_up()
    done = []

    def late(_done: int, _all: int) -> None:
        if not done:
            done.append(ready.eraser.erase(UUID(case), "RETENTION_ENDED"))

    rebuild(ready.pool, ready.kept, PROJECTIONS[0], late)
    assert done
    assert found_in(dump(ready.pool, ready.settings.authority), case) == []


def test_words_are_taken_out(client: TestClient, run: Callable[..., Result], pool: Pool, schema: str) -> None:
    """They read as black at every door, the record says so, and no answer changes."""
    case = told(client)
    decision = client.get(f"/v1/cases/{case}/decisions/move").json()["voice"]
    done = run("redact", case, "said", "own_words", "--basis", "ACCURACY", "--by", "records.1", "--yes")
    assert done.exit_code == 0, done.stderr
    page = client.get(f"/cases/{case}/entries/said").text
    assert "█" in page
    assert "stay with Kim" not in page
    assert "stay with Kim" not in client.get(f"/v1/cases/{case}/timeline", params={"limit": 100}).text
    assert client.get(f"/v1/cases/{case}/decisions/move").json()["voice"] == decision
    assert "Some words were taken out for good" in client.get(f"/cases/{case}").text
    again = run("redact", case, "said", "own_words", "--basis", "ACCURACY", "--yes")
    assert again.exit_code == 1
    assert "already" in again.stderr


def test_a_persons_name_is_taken_out(client: TestClient, run: Callable[..., Result]) -> None:
    """All that is about a person alone goes with their key; who recorded what, and that somebody was there, stays."""
    case = told(client)
    done = run("redact", case, "kim", "--basis", "RIGHT_TO_ERASURE", "--yes")
    assert done.exit_code == 0, done.stderr
    people = client.get(f"/v1/cases/{case}/people").text
    assert '"Kim"' not in people
    assert "█" in people


REFUSED = (
    ("redact", "{case}", "nobody", "--basis", "ACCURACY", "--yes"),
    ("redact", "{case}", "said", "matters", "--basis", "ACCURACY", "--yes"),
    ("redact", "{case}", "said", "Ünbekannt", "--basis", "ACCURACY", "--yes"),
    ("redact", "{case}", "said", "own_words", "--basis", "BECAUSE", "--yes"),
    ("erase", "nobody", "--basis", "ACCURACY", "--yes"),
    ("erase", "{case}", "--basis", "ACCURACY"),
)


def test_what_is_refused_changes_nothing(client: TestClient, run: Callable[..., Result]) -> None:
    """What is not there, is no text, or was not meant leaves everything as it was."""
    case = told(client)
    before = client.get(f"/v1/cases/{case}/timeline", params={"limit": 100}).json()["entries"]
    for words in REFUSED:
        refused = run(*(word.format(case=case) for word in words), input="n\n")
        assert refused.exit_code != 0, words
        assert "Amira" not in refused.stderr
    assert client.get(f"/v1/cases/{case}/timeline", params={"limit": 100}).json()["entries"] == before
    assert run("ledger", "erasures").stdout == ""


def test_serving_is_refused_until_it_is_finished(
    client: TestClient, run: Callable[..., Result], ready: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A register that names what still exists keeps the server from starting, and says which command mends that."""
    case = told(client)
    eraser = ready.eraser

    def power_cut(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ready.keys, "destroy", power_cut)
    with pytest.raises(KeyboardInterrupt):
        eraser.erase(UUID(case), "RETENTION_ENDED")
    monkeypatch.undo()
    monkeypatch.setenv("DATABASE_URL", ready.settings.database_url.get_secret_value())
    refused = run("serve", "--port", "0")
    assert refused.exit_code == 1
    assert "replay-erasures" in refused.stderr
    copy = tmp_path / "register.jsonl"
    copy.write_text(run("ledger", "erasures").stdout, encoding="utf-8")
    assert json.loads(copy.read_text())["kind"] == "ledger.erased"
    replayed = run("ledger", "replay-erasures", "--from", str(copy))
    assert replayed.exit_code == 0, replayed.stderr
    assert "Erased again" in replayed.stderr
    assert not ready.eraser.unfinished()
    assert found_in(dump(ready.pool, ready.settings.authority), case) == []
