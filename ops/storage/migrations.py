"""
Migrations: numbered SQL files, applied once per schema, in order, under an advisory lock, remembered with a checksum.

A file that has been applied is never edited; if it was, this says so and touches nothing.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg
import structlog
from psycopg.sql import Identifier

import api
import ledger
import projections
from ledger.statements import in_schema
from projections.catalogue import PROJECTIONS
from projections.engine.runner import prepare

ROOMS: Final = tuple(Path(path) for room in (ledger, projections, api) for path in room.__path__)

log = structlog.get_logger()


class MigrationEdited(Exception):  # noqa: N818 - names the finding
    """A migration file differs from what was applied."""

    code = "migration_edited"

    def __init__(self, name: str) -> None:
        self.message = (
            f"The migration {name} is not what was applied to this database. "
            "Restore the file; put changes into a new one."
        )
        super().__init__(self.message)


def files() -> list[tuple[str, str]]:
    """Give every migration as name and text, in the order of rooms and numbers."""
    return [
        (f"{room.name}/{path.stem}", path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in sorted(room.rglob("migrations/*.sql"))
    ]


def migrate(connection: psycopg.Connection[Any], schema: str) -> list[str]:
    """
    Bring one schema up to date, all of it or nothing, and give the names of what was applied.

    Projections that have no tables yet get them, so that a server needs to create nothing.

    Raises `MigrationEdited`.
    """
    name = Identifier(schema)
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '60s'")
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"beforehand migrations {schema}"])
        connection.execute("SET LOCAL lock_timeout = '4s'")
        connection.execute("SET LOCAL client_min_messages = warning")
        connection.execute(in_schema("CREATE SCHEMA IF NOT EXISTS {schema}", name))
        connection.execute(
            in_schema(
                "CREATE TABLE IF NOT EXISTS {schema}.migration"
                " (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
                name,
            )
        )
        applied = dict(connection.execute(in_schema("SELECT name, checksum FROM {schema}.migration", name)).fetchall())
        new = []
        for migration, text in files():
            checksum = sha256(text.encode()).hexdigest()
            if migration not in applied:
                connection.execute(in_schema(text, name))
                connection.execute(
                    in_schema("INSERT INTO {schema}.migration (name, checksum) VALUES (%s, %s)", name),
                    [migration, checksum],
                )
                new.append(migration)
            elif applied[migration] != checksum:
                raise MigrationEdited(migration)
        prepare(connection, schema, PROJECTIONS)
    if new:
        log.info("migrations.applied", schema=schema, names=new)
    return new
