"""How entries become rows of the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from domain.case.decision import DecisionMade
from domain.case.fact import Fact
from domain.case.record import RecordCorrected, current_value
from domain.case.state import Case
from domain.dates import PartialDate, civil
from ledger.mapper import Entry

ATTACHED: Final = ("record.corrected", "record.annotated", "record.disputed")
"""The kinds that are shown beside the entry they are about, as well as in their own place."""

_NAMING_PEOPLE: Final = frozenset({"carer", "with_siblings", "previous", "present", "other_views"})
"""The fields that name people of the child's life and can be corrected."""


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
    people: tuple[str, ...]
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
        people=tuple(dict.fromkeys(fact.people)),
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


def met(correction: RecordCorrected) -> tuple[str, ...]:
    """Give the people a correction brings into an entry; those of the first recording stay with it as well."""
    return tuple(_texts(correction.value)) if correction.field in _NAMING_PEOPLE else ()


def rows_of(case: Case, entries: list[Entry[Fact]]) -> list[TimelineRow]:
    """Give the rows of a whole case, corrections worked in, in the order of the timeline."""
    rows = {entry.event.ref: row_of(entry) for entry in entries}
    for entry in entries:
        if not isinstance(entry.event, RecordCorrected):
            continue
        if (move := redated(case, entry.event)) is not None:
            ref, when = move
            rows[ref] = replace(rows[ref], when=when, sort_at=when.first)
        if people := met(entry.event):
            row = rows[entry.event.of]
            rows[row.ref] = replace(row, people=row.people + people)
    return sorted(rows.values(), key=lambda row: (row.sort_at, row.version))


def _texts(value: JsonValue) -> Iterable[str]:
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from _texts(each)
        case dict():
            yield from _texts(value.get("who"))
