"""
Forgetting cases that are erased, in the transaction that erases them.

Every table of a projection has its rows by `case_id`. The tracking rows count erasures: whoever has read entries of an
erased case before finds the fence moved, and writes no row of it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.statements import Statements
from projections.engine.projection import Projection
from projections.engine.runner import ENGINE_SQL


def forgetting(
    schema: str, projections: Sequence[Projection]
) -> Callable[[psycopg.Connection[Any], Sequence[UUID]], None]:
    """Give what makes the projections of a schema forget some cases, as `ledger.erasure` asks for it."""
    tracking = Statements(ENGINE_SQL, schema)

    def forget(connection: psycopg.Connection[Any], cases: Sequence[UUID]) -> None:
        there = {name for name, _, _ in connection.execute(tracking["positions"]).fetchall()}
        known = [each for each in projections if each.name in there]
        for projection in known:  # in the order in which runners take them
            connection.execute(tracking["erased"], {"name": projection.name})
        for projection in known:
            for table in projection.tables:
                connection.execute(
                    SQL("DELETE FROM {} WHERE case_id = ANY (%s)").format(Identifier(schema, table)), [list(cases)]
                )

    return forget


def forget_erased(connection: psycopg.Connection[Any], projection: Projection, beside: str, schema: str) -> None:
    """Take out of tables that were made beside the live ones what has been erased meanwhile."""
    for table in projection.tables:
        connection.execute(
            SQL("DELETE FROM {} AS row WHERE NOT EXISTS (SELECT FROM {} WHERE originator_id = row.case_id)").format(
                Identifier(beside, table), Identifier(schema, "event")
            )
        )
