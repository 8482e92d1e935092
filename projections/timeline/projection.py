"""Keeping the rows of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

from domain.case.record import RecordCorrected
from domain.case.state import Case
from ledger.statements import Statements
from projections.engine.projection import Change
from projections.timeline.rows import ATTACHED, met, redated, row_of

TIMELINE_SQL: Final = Path(__file__).with_name("timeline.sql")


class Timeline:
    """One row per entry, added in batches; what corrects an entry or stands beside it changes its row."""

    name = "timeline"
    version = 3
    sql = TIMELINE_SQL
    tables = ("timeline",)

    def apply(self, cursor: psycopg.Cursor[Any], statements: Statements, changes: Sequence[Change]) -> None:
        """Add the rows of new entries, then move what they correct."""
        rows = [row_of(entry) for change in changes for entry in change.entries]
        cursor.execute(
            statements["add"],
            (
                [row.case_id for row in rows],
                [row.version for row in rows],
                [row.position for row in rows],
                [row.recorded_at for row in rows],
                [row.topic for row in rows],
                [row.ref for row in rows],
                [" ".join(row.about) for row in rows],
                [" ".join(row.matters) for row in rows],
                [" ".join(row.people) for row in rows],
                [None if row.when is None else str(row.when) for row in rows],
                [row.sort_at for row in rows],
            ),
        )
        for change in changes:
            for entry in change.entries:
                if isinstance(entry.event, RecordCorrected):
                    _correct(cursor, statements, change.case, entry.event)
        beside = [(row.case_id, ref, row.version) for row in rows if row.topic in ATTACHED for ref in row.about]
        if beside:
            cursor.execute(statements["mark"], tuple(map(list, zip(*beside, strict=True))))


def _correct(cursor: psycopg.Cursor[Any], statements: Statements, case: Case, correction: RecordCorrected) -> None:
    if (move := redated(case, correction)) is not None:
        ref, when = move
        cursor.execute(statements["move"], {"case_id": case.id, "ref": ref, "when": str(when), "sort_at": when.first})
    if people := met(correction):
        cursor.execute(statements["meet"], {"case_id": case.id, "ref": correction.of, "people": list(people)})
