"""Migrating as an account that is no superuser: it may make the role of erasure, and is no member of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ops.storage.migrations import migrate


@pytest.fixture
def migrating(database: str) -> Iterator[str]:
    """A database whose owner may make roles and nothing more."""
    name = f"m_{uuid4().hex[:10]}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN CREATEROLE")
        for role in ("beforehand_erasure", "beforehand_app"):
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
                connection.execute(f"GRANT {role} TO {name} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")
        yield make_conninfo(database, dbname=name, user=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP OWNED BY {name}")
        connection.execute(f"DROP ROLE {name}")


def test_without_a_superuser(migrating: str) -> None:
    """The schema is made, the account may call the function, and cannot become the role that owns it."""
    with psycopg.connect(migrating, autocommit=True) as connection:
        migrate(connection, "sample")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            connection.execute("SELECT sample.erase(1, '{0}', '{x}')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET ROLE beforehand_erasure")
