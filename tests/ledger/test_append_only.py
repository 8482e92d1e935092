"""What a server may do in the database, as an account that is a member of its role and nothing else: append."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from ledger.recorder import CONNECTION, LOG_SQL, LogRecorder, connection_as, parameters_of
from ledger.statements import Statements
from ops.storage.migrations import migrate
from tests.ledger.conftest import ORIGIN
from tests.ledger.test_writer import event
from tests.ledger.whole_log import whole_log

ROLE: Final = "beforehand_app"
APPEND: Final = "{}.append(integer[], uuid[], bigint[], text[], text[], text[], text[], bytea[])"


@pytest.fixture(scope="module")
def account(database: str) -> Iterator[str]:
    """The address of the database for an account that may do what a server may, and no more."""
    name = f"server_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, name)
        connection.execute(f"DROP SCHEMA {name} CASCADE")  # the role of servers is there now
        connection.execute(f"CREATE ROLE {name} LOGIN NOINHERIT IN ROLE {ROLE}")
        yield make_conninfo(database, user=name)
        connection.execute(f"DROP ROLE {name}")


@pytest.fixture(scope="module")
def sealed(database: str) -> Iterator[str]:
    """The schema of a log of three entries, and of a checkpoint."""
    name = f"a_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, name)
        with ConnectionPool(database, min_size=1, max_size=1, kwargs=CONNECTION) as pool:
            recorder = LogRecorder(pool, name)
            recorder.begin(ORIGIN)
            stream = uuid4()
            recorder.append([event(stream, 1), event(stream, 2), event(stream, 3)])
        connection.execute(
            f"INSERT INTO {name}.checkpoint VALUES (0, now(), decode(repeat('00', 32), 'hex'), '', false, false)"
        )
        yield name
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def server(account: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as a server makes it."""
    with psycopg.connect(account, **connection_as(ROLE)) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {}.event SELECT position + 3, originator_id, 9, recorded_at, topic, leaf_hash FROM {}.event",
        "INSERT INTO {}.head VALUES (2, 0, 'epoch', ARRAY[]::bytea[])",
        "UPDATE {}.event SET topic = 'other@1'",
        "UPDATE {}.event SET entry = NULL, state = NULL WHERE position = 2",
        "UPDATE {}.head SET size = 1",
        "DELETE FROM {}.event",
        "DELETE FROM {}.head",
        "TRUNCATE {}.event",
        "TRUNCATE {}.head",
        "MERGE INTO {}.event AS e USING {}.head AS h ON true WHEN MATCHED THEN DELETE",
        "SELECT FROM {}.head FOR UPDATE",
        "LOCK TABLE {}.event IN EXCLUSIVE MODE",
        "COPY {}.event FROM STDIN",
        "COPY {}.event TO PROGRAM 'true'",
        "COPY {}.event TO '/tmp/event'",
        "ALTER TABLE {}.event DISABLE TRIGGER ALL",
        "ALTER TABLE {}.event DISABLE TRIGGER only_added",
        "ALTER TABLE {}.event ADD COLUMN more text",
        "ALTER TABLE {}.event ALTER COLUMN entry TYPE text USING ''",
        "ALTER TABLE {}.event RENAME TO gone",
        "ALTER TABLE {}.event OWNER TO CURRENT_USER",
        "DROP TABLE {}.event",
        "DROP TABLE {}.head",
        "DROP TRIGGER only_added ON {}.event",
        "DROP SCHEMA {} CASCADE",
        "CREATE TRIGGER mine BEFORE INSERT ON {}.event FOR EACH ROW EXECUTE FUNCTION {}.refuse_change()",
        "CREATE RULE mine AS ON INSERT TO {}.event DO INSTEAD NOTHING",
        "CREATE POLICY mine ON {}.event USING (true)",
        "CREATE INDEX mine ON {}.event (topic)",
        "CREATE TABLE {}.mine (one int)",
        "CREATE FUNCTION {}.mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE OR REPLACE FUNCTION {}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        f"ALTER FUNCTION {APPEND} SECURITY INVOKER",
        f"DROP FUNCTION {APPEND}",
        "UPDATE {}.migration SET checksum = ''",
        "DELETE FROM {}.checkpoint",
        "TRUNCATE {}.checkpoint",
        "SET session_replication_role = replica",
        "SET SESSION AUTHORIZATION beforehand",
        "SET ROLE beforehand",
        "CREATE EXTENSION plpgsql",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'beforehand'",
    ],
)
def test_a_server_can_only_append(server: psycopg.Connection[Any], database: str, sealed: str, statement: str) -> None:
    """Whatever a server that has been taken over sends to the log, besides reading: refused by the database."""
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.DuplicateObject)
    with pytest.raises(refusals), server.transaction(force_rollback=True):
        server.execute(statement.replace("{}", sealed))  # type: ignore[call-overload]

    with psycopg.connect(database) as connection:
        assert len(whole_log(connection, sealed)) == 3


def test_no_account_that_may_connect_may_append_without_the_role(sealed: str, account: str) -> None:
    """The account by itself may not even read; the functions of the log are not for everybody."""
    with psycopg.connect(account, autocommit=True) as connection:
        for statement in (f"SELECT FROM {sealed}.event", f"SELECT {sealed}.begin_log('x')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[call-overload]


def test_nothing_of_the_callers_session_reaches_into_the_append(
    server: psycopg.Connection[Any], database: str, sealed: str
) -> None:
    """Tables and functions of the caller's own, in front of the search path, are not what the function works with."""
    for statement in (
        "CREATE TEMP TABLE event (LIKE {}.event)",
        "CREATE TEMP TABLE head (LIKE {}.head)",
        "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql RETURN '\\x00'::bytea",
        "CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE sql RETURN 'epoch'::timestamptz",
        "SET search_path = pg_temp, {}, pg_catalog",
        "SET TimeZone = 'Asia/Kathmandu'",
        "SET DateStyle = 'German'",
        "SET bytea_output = 'escape'",
        "SET standard_conforming_strings = on",
    ):
        server.execute(statement.replace("{}", sealed))  # type: ignore[call-overload]
    new = event(uuid4(), 1)
    with server.transaction(force_rollback=True):
        server.execute(Statements(LOG_SQL, sealed)["append"], parameters_of([[new]]))
        server.execute("RESET ALL")
        *_, last = whole_log(server, sealed)
    assert last.entry.manifest == new.digest


def test_all_that_a_server_needs_works(database: str, schema: str, account: str) -> None:
    """A server connected as such an account opens a case, records, brings answers up to date, and shows them."""
    settings = Settings(DATABASE_URL=account, authority=schema, pool_size=2)
    with TestClient(create_app(settings)) as client:
        case = client.post("/v1/cases", json={"do": "open_case", "child": "Mina", "born": "2015-06"}).json()["case_id"]
        visit = {"do": "record_visit", "ref": "visit", "visited": "2026-03-08", "seen_alone": "YES"}
        said = client.post(f"/v1/cases/{case}/commands", json=visit)
        assert said.status_code == 201
        client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/", "types": ["visit.made"]})
        after = {"Beforehand-At-Least": str(said.json()["position"])}
        for address in (
            f"/v1/cases/{case}",
            f"/v1/cases/{case}/timeline",
            "/v1/cases",
            "/v1/events",
            "/v1/decisions",
            "/",
        ):
            assert client.get(address, headers=after).status_code == 200, address
        assert case in client.get("/v1/cases", headers=after).text
        assert client.get("/readyz").json()["behind"] == 0
