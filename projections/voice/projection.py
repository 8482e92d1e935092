"""Keeping the answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg

from domain.case.state import Case
from ledger.statements import Statements
from projections.engine.projection import Change
from projections.voice.rows import Voice, voice_as_json, voices

VOICE_SQL: Final = Path(__file__).with_name("voice.sql")
CASES_AT_A_TIME: Final = 50


class VoiceProjection:
    """One row per decision, answered anew whenever the case has changed, as of the recorded time of the last entry."""

    name = "voice"
    version = 3
    sql = VOICE_SQL
    tables = ("voice",)

    def apply(self, cursor: psycopg.Cursor[Any], statements: Statements, changes: Sequence[Change]) -> None:
        """Answer the question for the decisions of every changed case."""
        answered = [
            voice
            for change in changes
            if change.case.evidence.decisions and change.case.recorded_at is not None
            for voice in voices(change.case, change.case.recorded_at)
        ]
        put(cursor, statements, answered)

    def due(self, cursor: psycopg.Cursor[Any], statements: Statements, now: datetime) -> list[UUID]:
        """Give cases in which a window has closed or a day has come since they were answered."""
        return [row[0] for row in cursor.execute(statements["due"], {"now": now, "limit": CASES_AT_A_TIME}).fetchall()]

    def turn(self, cursor: psycopg.Cursor[Any], statements: Statements, cases: Sequence[Case], now: datetime) -> None:
        """Answer the question anew, as of now."""
        put(cursor, statements, [voice for case in cases for voice in voices(case, now)])


def put(cursor: psycopg.Cursor[Any], statements: Statements, answered: Sequence[Voice]) -> None:
    """Write rows that are new or have changed."""
    if not answered:
        return
    cursor.execute(
        statements["put"],
        (
            [voice.case_id for voice in answered],
            [voice.ref for voice in answered],
            [voice.version for voice in answered],
            [voice.now.verdict.value for voice in answered],
            [voice.now.verdict_class.value for voice in answered],
            [voice.differs for voice in answered],
            [voice.turns_at for voice in answered],
            [orjson.dumps(voice_as_json(voice)).decode() for voice in answered],
        ),
    )
