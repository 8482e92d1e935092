"""
Rebuilding a projection beside its live tables.

The new rows are made in a schema of their own, case by case in one pass over the log, while the live tables go on
answering. In one last transaction the live projection is held, what has come meanwhile is worked in, and the tables
change places. A rebuild that is broken off leaves the live tables as they were; the next one starts over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import psycopg
import structlog
from psycopg.sql import Identifier
from psycopg_pool import ConnectionPool

from domain.case.fact import Fact
from ledger.log import Log
from ledger.statements import Statements, in_schema
from projections.engine.forgetting import forget_erased
from projections.engine.projection import Change, Projection, fold
from projections.engine.runner import BATCH, ENGINE_SQL, Runner, create_tables, drop_schema

CASES_AT_A_TIME: Final = 50

log = structlog.get_logger()


def rebuild(
    pool: ConnectionPool[psycopg.Connection[Any]],
    kept: Log[Fact],
    projection: Projection,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """
    Rebuild one projection and put it in the place of the live one.

    `progress` hears how many entries are done, and of how many. Gives the position reached.
    """
    beside = f"{kept.schema}_rebuild_{projection.name}"
    live = Runner(pool, kept, [projection])
    statements = Statements(projection.sql, beside)
    with pool.connection() as connection, connection.transaction():
        drop_schema(connection, beside)
        connection.execute(Statements(ENGINE_SQL, beside)["beside"])
        create_tables(connection, projection, beside)
    with pool.connection() as reading, pool.connection() as writing:
        erasures = live.erasures(reading)
        upto = live.scan.head(reading)
        done = 0
        for streams in live.scan.stream_by_stream(reading, upto=upto, batch=CASES_AT_A_TIME):
            changes = [Change(fold(entries[0].originator_id, entries), entries) for entries in streams]
            with writing.transaction(), writing.cursor() as cursor:
                projection.apply(cursor, statements, changes)
            done += sum(len(entries) for entries in streams)
            progress(done, upto)
    with pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
        position = _swap(cursor, connection, live, projection, beside, upto, erasures)
    log.info("projections.rebuilt", projection=projection.name, schema=kept.schema, position=position)
    return position


def _swap(  # noqa: PLR0913 - the parts of one exchange
    cursor: psycopg.Cursor[Any],
    connection: psycopg.Connection[Any],
    live: Runner,
    projection: Projection,
    beside: str,
    upto: int,
    erasures: int,
) -> int:
    tracking = Statements(ENGINE_SQL, live.schema)
    cursor.execute(tracking["hold"], {"name": projection.name})
    while entries := live.scan.after(connection, upto, BATCH):
        projection.apply(cursor, Statements(projection.sql, beside), live.changes(connection, entries))
        upto = entries[-1].position
    if live.erasures(connection) != erasures:
        forget_erased(connection, projection, beside, live.schema)
    for table in projection.tables:
        cursor.execute(in_schema(f"DROP TABLE IF EXISTS {{schema}}.{table}", Identifier(live.schema)))
        cursor.execute(
            psycopg.sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(Identifier(beside, table), Identifier(live.schema))
        )
    drop_schema(connection, beside)
    cursor.execute(tracking["replaced"], {"name": projection.name, "version": projection.version, "position": upto})
    return upto
