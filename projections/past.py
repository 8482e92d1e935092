"""A case as it stood: folded from what was recorded up to a moment or a version, with the rows it would have had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from domain.case.fact import Fact
from domain.case.opening import CaseOpened
from domain.case.people import PersonIntroduced
from domain.case.record import RecordCorrected
from domain.case.state import Case
from domain.dates import PartialDate, parse_partial_date
from ledger.mapper import Entry
from projections.case_state.state import state_of
from projections.people.projection import people
from projections.timeline.lines import NONE_BESIDE, Beside, Line, Lines
from projections.timeline.rows import ATTACHED, TimelineRow, rows_of
from projections.timeline.wanted import Wanted
from projections.voice.rows import voice_as_json, voices

Place = tuple[datetime, int]
"""A place in the order of a timeline: civil time and version."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry of a timeline: the fact, its date as it stands now, its place, and what was said about it later."""

    entry: Entry[Fact]
    when: PartialDate | None
    sort_at: datetime
    attached: tuple[Entry[Fact], ...]
    voice: dict[str, Any] | None

    @property
    def place(self) -> Place:
        """Give the place in the order of the timeline, from which a page goes on."""
        return (self.sort_at, self.entry.originator_version)


@dataclass(frozen=True, slots=True, repr=False)
class CaseView:
    """What stands above every page about a case."""

    case_id: UUID
    version: int
    recorded_at: datetime
    opening: CaseOpened
    """As it stands now, corrections of name and birth worked in."""
    state: dict[str, Any]
    people: list[dict[str, Any]]
    names: dict[str, str]
    """What the people of the case are called, by reference."""
    ahead: bool = False
    """Whether it was folded from a log that is ahead of the rows: answers from rows may know less than it does."""


class Past:
    """A case as it stood at a recorded time, with the rows its projections would have had."""

    def __init__(self, case: Case, entries: list[Entry[Fact]], as_of: datetime) -> None:
        self.case = case
        self.entries = entries
        self.as_of = as_of
        self.rows = rows_of(case, entries)

    @cached_property
    def voices(self) -> dict[str, dict[str, Any]]:
        """The answer to the question for every decision, by reference."""
        return {voice.ref: voice_as_json(voice) for voice in voices(self.case, self.as_of)}

    def wanted(self, wanted: Wanted) -> list[TimelineRow]:
        """Give the rows of the entries that somebody wants to see, in the order of the timeline."""
        if not wanted:
            return self.rows
        return [row for row in self.rows if wanted.matches(row, self.voices.get(row.ref) if wanted.classes else None)]

    def page(self, wanted: Wanted, start: Place, limit: int, *, newest_first: bool) -> list[TimelineRow]:
        """Give the next rows after a place, in the order asked for."""
        rows = [
            row for row in self.wanted(wanted) if beyond((row.sort_at, row.version), start, newest_first=newest_first)
        ]
        return (list(reversed(rows)) if newest_first else rows)[:limit]

    def picked(self, refs: Iterable[str]) -> list[TimelineRow]:
        """Give some rows by reference, in the order in which they were recorded."""
        wanted = set(refs)
        return sorted((row for row in self.rows if row.ref in wanted), key=lambda row: row.version)

    def pointing_at(self, ref: str) -> list[TimelineRow]:
        """Give the rows of what is about an entry, in the order of the timeline."""
        return [row for row in self.rows if ref in row.about]

    def years(self, wanted: Wanted) -> list[tuple[int, int]]:
        """Count the wanted entries of each year."""
        return sorted(Counter(row.sort_at.year for row in self.wanted(wanted)).items())

    def shown(self, rows: Iterable[TimelineRow]) -> list[Shown]:
        """Give entries as a page shows them."""
        beside: dict[str, list[Entry[Fact]]] = {}
        for row in self._attached():
            for ref in row.about:
                beside.setdefault(ref, []).append(self._entry(row))
        return [
            Shown(self._entry(row), row.when, row.sort_at, tuple(beside.get(row.ref, ())), self.voices.get(row.ref))
            for row in rows
        ]

    def lines(self, rows: Iterable[TimelineRow]) -> Lines:
        """Give entries as a program is told of them."""
        beside: dict[str, list[Beside]] = {}
        for row in self._attached():
            fact = self._entry(row).event
            for ref in row.about:
                beside.setdefault(ref, []).append(Beside(type(fact), row.ref, row.recorded_at, _body(fact)))
        return Lines(
            None if self.case.born is None else str(self.case.born),
            self.case.version,
            [
                Line(
                    type(fact := self._entry(row).event),
                    row.version,
                    row.position,
                    row.ref,
                    None if row.when is None else str(row.when),
                    row.sort_at,
                    row.recorded_at,
                    _body(fact),
                    beside.get(row.ref, NONE_BESIDE),
                    orjson.dumps(self.voices[row.ref]) if row.ref in self.voices else None,
                )
                for row in rows
            ],
        )

    @cached_property
    def view(self) -> CaseView:
        """What stands above every page about the case."""
        case = self.case
        everyone = people(case)
        persons: list[dict[str, Any]] = [
            {
                "ref": person.ref,
                "relationship": str(person.relationship),
                "since": None if person.since is None else str(person.since),
                "until": None if person.until is None else str(person.until),
                "version": person.version,
            }
            for person in everyone
        ]
        names = {person.ref: name_in(self.entries[person.named_at - 1]) for person in everyone}
        state = state_of(case)
        opening = opening_of(self.entries[0], self.entries[state["named_at"] - 1], state["born"])
        assert case.recorded_at is not None  # noqa: S101 - a case with entries has been recorded
        return CaseView(case.id, case.version, case.recorded_at, opening, state, persons, names)

    def _attached(self) -> list[TimelineRow]:
        return [row for row in sorted(self.rows, key=lambda row: row.version) if row.topic in ATTACHED]

    def _entry(self, row: TimelineRow) -> Entry[Fact]:
        return self.entries[row.version - 1]


def opening_of(entry: Entry[Fact], named: Entry[Fact], born: str | None) -> CaseOpened:
    """Give the opening of a case as it stands now: name and birth as corrected."""
    opening = entry.event
    assert isinstance(opening, CaseOpened)  # noqa: S101 - the rules let no case begin otherwise
    return opening.model_copy(
        update={"child": name_in(named), "born": None if born is None else parse_partial_date(born)}
    )


def name_in(entry: Entry[Fact]) -> str:
    """Give the name that an entry gives somebody."""
    match entry.event:
        case CaseOpened(child=name) | PersonIntroduced(name=name):
            return name
        case RecordCorrected() as correction:
            return str(correction.value)
        case other:
            raise TypeError(other.TOPIC)


def beyond(place: Place, start: Place, *, newest_first: bool) -> bool:
    """Tell whether a place comes after another in the order in which a timeline is read."""
    return place < start if newest_first else place > start


def _body(fact: Fact) -> bytes:
    return fact.__pydantic_serializer__.to_json(fact, exclude_none=True)
