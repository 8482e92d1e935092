"""Keeping the current state of every case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import psycopg

from ledger.statements import Statements
from projections.case_state.state import state_of
from projections.engine.projection import Change

CASE_STATE_SQL: Final = Path(__file__).with_name("case_state.sql")


class CaseState:
    """One row per case."""

    name = "case_state"
    version = 3
    sql = CASE_STATE_SQL
    tables = ("case_state",)

    def apply(self, cursor: psycopg.Cursor[Any], statements: Statements, changes: Sequence[Change]) -> None:
        """Write the state of every changed case."""
        states = [state_of(change.case) for change in changes]
        cursor.execute(
            statements["put"],
            (
                [change.case.id for change in changes],
                [change.case.version for change in changes],
                [change.entries[-1].position for change in changes],
                [change.entries[0].position for change in changes],
                [change.case.recorded_at for change in changes],
                [change.case.open for change in changes],
                [state["born"] for state in states],
                [state["named_at"] for state in states],
                [orjson.dumps(state).decode() for state in states],
            ),
        )
