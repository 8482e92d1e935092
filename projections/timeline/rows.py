"""How entries become rows of the timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.case.decision import DecisionMade
from domain.case.fact import Fact
from domain.case.record import RecordCorrected, current_value
from domain.case.state import Case
from domain.dates import PartialDate, civil
from ledger.mapper import Entry

ATTACHED: Final = ("record.corrected", "record.annotated", "record.disputed")
"""The kinds that are shown beside the entry they are about, as well as in their own place."""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One entry's place in the timeline. `sort_at` is civil time: where it happened, or where it was recorded."""

    case_id: UUID
    version: int
    position: int
    recorded_at: datetime
    topic: str
    ref: str
    about: tuple[str, ...]
    matters: tuple[str, ...]
    when: PartialDate | None
    sort_at: datetime


def row_of(entry: Entry[Fact]) -> TimelineRow:
    """Give the row of an entry as first recorded."""
    assert entry.recorded_at is not None  # noqa: S101 - entries read from the log have it
    fact = entry.event
    when = fact.stands_at
    return TimelineRow(
        case_id=entry.originator_id,
        version=entry.originator_version,
        position=entry.position,
        recorded_at=entry.recorded_at,
        topic=fact.TOPIC,
        ref=fact.ref,
        about=tuple(dict.fromkeys(fact.about)),
        matters=fact.subject_matters,
        when=when,
        sort_at=when.first if when else civil(entry.recorded_at),
    )


def redated(case: Case, correction: RecordCorrected) -> tuple[str, PartialDate] | None:
    """Give the reference of the entry that a correction moves in time, and to where; nothing where it moves none."""
    target = case.facts[correction.of].fact
    new = correction.new_date
    if new is None:
        return None
    moves = correction.field == target.DATED
    if isinstance(target, DecisionMade) and correction.field == "effective":
        moves = current_value(case, target, "decided") is None
    return (correction.of, new) if moves else None


def rows_of(case: Case, entries: list[Entry[Fact]]) -> list[TimelineRow]:
    """Give the rows of a whole case, corrections worked in, in the order of the timeline."""
    rows = {entry.event.ref: row_of(entry) for entry in entries}
    for entry in entries:
        if isinstance(entry.event, RecordCorrected) and (move := redated(case, entry.event)) is not None:
            ref, when = move
            rows[ref] = replace(rows[ref], when=when, sort_at=when.first)
    return sorted(rows.values(), key=lambda row: (row.sort_at, row.version))
