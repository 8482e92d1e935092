"""After an upgrade: rows that another version made are made anew before anybody reads."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from api.casework import Casework
from api.settings import Settings
from domain.case.command import Act
from domain.case.fact import Fact, Role
from domain.case.registry import COMMAND
from ledger.log import Log
from ops.authority import Authority, bring_up_to_date
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner


def test_outdated_rows_are_made_anew(  # noqa: PLR0913 - fixtures
    database: str,
    pool: ConnectionPool[psycopg.Connection[Any]],
    schema: str,
    ledger: Casework,
    kept: Log[Fact],
    now: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Rows in another shape, marked as another version's, are replaced by those of this one, and a line says so."""
    runner = Runner(pool, kept, PROJECTIONS)
    runner.prepare()
    opening = COMMAND.validate_python({"do": "open_case", "child": "Mina", "born": "2015-06"})
    ledger.handle(uuid4(), opening, Act("worker.1", Role.SOCIAL_WORKER, now, uuid4(), uuid4()))
    runner.catch_up()
    ready = Authority(Settings(DATABASE_URL=database, authority=schema), pool, kept, ledger, runner, kept.mapper._keys)  # type: ignore[arg-type]
    with pool.connection() as connection:
        connection.execute(f"ALTER TABLE {schema}.timeline DROP COLUMN people".encode())
        connection.execute(f"UPDATE {schema}.projection SET version = 1 WHERE name = 'timeline'".encode())
    assert [each.name for each in runner.outdated()] == ["timeline"]

    bring_up_to_date(ready)

    assert runner.outdated() == []
    with pool.connection() as connection:
        assert connection.execute(f"SELECT people FROM {schema}.timeline".encode()).fetchall() == [([],)]
    assert "timeline were made by another version" in capsys.readouterr().err
    bring_up_to_date(ready)
    assert capsys.readouterr().err == ""
