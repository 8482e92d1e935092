"""Nothing that anybody said, and nobody's name, stands in clear in anything the database or the program has written."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.examples import EXAMPLES, command_example
from api.settings import Settings
from domain.case.fact import narrative_of
from domain.case.registry import COMMANDS

CANARY: Final = "Zaunkoenigin"
"""A word that nothing but the narrative of this test holds, in any file of the server that all tests share."""


def with_canaries(body: Any, narrative: Any) -> Any:
    """Put the word into every text that people write."""
    if isinstance(body, list):
        return [with_canaries(each, narrative["*"]) for each in body]
    if narrative is None:
        return f"{CANARY} {body}" if isinstance(body, str) else body
    return {name: with_canaries(value, narrative[name]) if name in narrative else value for name, value in body.items()}


@pytest.fixture
def written(database: str, schema: str, capfd: pytest.CaptureFixture[str]) -> Iterator[str]:
    """Every example of a command on record, the word in all it says, and read again; gives what was said meanwhile."""
    app = create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=2))
    with TestClient(app) as client:
        commands = iter(EXAMPLES)
        opening = with_canaries(command_example(next(commands)), narrative_of(COMMANDS["open_case"]))
        case = client.post("/v1/cases", json=opening).json()["case_id"]
        for do in commands:
            body = with_canaries(command_example(do), narrative_of(COMMANDS[do]))
            answer = client.post(f"/v1/cases/{case}/commands", json=body, headers={"Idempotency-Key": f"key-{do}"})
            assert answer.status_code == 201, (do, answer.json())
        refused = client.post(f"/v1/cases/{case}/commands", json={"do": "record_visit", "note": CANARY, "visited": "x"})
        assert refused.status_code == 422
        told = client.get(f"/v1/cases/{case}/timeline", params={"limit": 500}).text
        assert told.count(CANARY) > 30
        assert CANARY in client.get(f"/cases/{case}").text
        position = client.get("/readyz").json()["position"]
        while client.get("/readyz").json()["reached"] < position:
            pass
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        yield "".join(capfd.readouterr())


def ways_to_write(word: str) -> re.Pattern[bytes]:
    """Match a word as it is, in UTF-16, in hexadecimal, or anywhere inside base64."""
    raw = word.encode()
    forms = {raw, word.encode("utf-16-le"), word.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            forms.add(encode(b"\0" * shift + raw)[(0, 2, 3)[shift] : -4])
    return re.compile(b"|".join(map(re.escape, forms)))


def content_of(file: Path) -> bytes:
    """Read a file, unless the server has taken it away in the meantime."""
    with suppress(FileNotFoundError):
        return file.read_bytes()
    return b""


def test_the_word_is_found_where_it_stands(tmp_path: Path) -> None:
    """The search finds the word in every way of writing that it claims to know."""
    found = ways_to_write(CANARY)
    for before in (b"", b"a", b"ab", b"abc"):
        assert found.search(b64encode(before + CANARY.encode() + b"xyz"))
        assert found.search(before + CANARY.encode())
        assert found.search(before.hex().encode() + CANARY.encode().hex().encode())
    assert not found.search(b"Zaun Koenigin")


def test_no_file_of_the_database_holds_it(written: str, database: str, schema: str) -> None:
    """Tables, indexes, write-ahead log, the server's own log, the keys, and what the program has said."""
    with psycopg.connect(database, autocommit=True) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
        rows = [
            str(row)
            for (table,) in tables
            for row in connection.execute(f'SELECT t::text FROM {schema}."{table}" AS t').fetchall()
        ]
    assert len(rows) > 2 * len(EXAMPLES)
    found = ways_to_write(CANARY)
    home = Path(folder).parent
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any("pg_wal" in file.parts for file in files)
    assert any(file.suffix == ".sqlite" for file in files)

    assert not found.search("\n".join(rows).encode())
    assert [str(file.relative_to(home)) for file in files if found.search(content_of(file))] == []
    assert CANARY not in written
