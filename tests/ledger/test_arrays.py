"""Arrays as they travel: the database reads what was meant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from ledger.arrays import Bigints, Byteas, Integers, Texts, Uuids

Pool = ConnectionPool[psycopg.Connection[Any]]


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [
        (Integers, "integer[]", [0, 1, -1, 2**31 - 1, -(2**31)]),
        (Bigints, "bigint[]", [1, 2**63 - 1, -(2**63)]),
        (Uuids, "uuid[]", [UUID(int=0), UUID(int=2**128 - 1)]),
        (Texts, "text[]", ["", "Mair, ŵy “quoted” \\ {NULL}", "x" * 70_000]),
        (Byteas, "bytea[]", [b"", bytes(range(256)), b"\x00" * 70_000]),
    ],
)
def test_the_database_reads_what_was_meant(pool: Pool, kind: Any, name: str, values: list[Any]) -> None:
    """Every value comes back as it was, and so does an array of none."""
    with pool.connection() as connection, connection.cursor(binary=True) as cursor:
        for those in (values, values[:1], []):
            row = cursor.execute(f"SELECT %b::{name}", (kind.of(those),)).fetchone()
            assert row == (those,)
