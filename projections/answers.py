"""
The answers: what a door may ask of one authority's records, now or as they stood at an earlier moment.

Without `as_of` an answer comes from the rows of the projections. With it, the case is folded again from what had been
recorded by then, through the same functions that make the rows, so that both ways cannot drift apart. Narrative is
opened
from the ledger for just the entries that are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from psycopg.sql import Composed

from domain.case.fact import Fact
from domain.case.opening import CaseOpened
from domain.case.people import PersonIntroduced
from domain.case.record import RecordCorrected
from domain.case.state import Case
from domain.dates import PartialDate, civil, parse_partial_date
from ledger.mapper import Entry
from ledger.reader import LogReader
from ledger.recorder import ALWAYS
from ledger.statements import Statements
from projections.case_state.projection import CASE_STATE_SQL
from projections.case_state.state import state_of
from projections.engine.projection import fold
from projections.overview.overview import OVERVIEW_SQL, SPOKEN, Later, Spoken, spoken_of
from projections.people.projection import PEOPLE_SQL, people
from projections.timeline.projection import TIMELINE_SQL
from projections.timeline.rows import ATTACHED, TimelineRow, rows_of
from projections.timeline.wanted import EVERYTHING, Wanted
from projections.voice.projection import VOICE_SQL
from projections.voice.rows import voice_as_json, voices

START: Final = (datetime(1, 1, 1), 0)  # noqa: DTZ001 - civil time
END: Final = (datetime(9999, 12, 31), 2**62)  # noqa: DTZ001 - civil time


def place_of_year(year: int, *, newest_first: bool) -> tuple[datetime, int]:
    """Give the place right before the entries of a year, in the order in which they are read."""
    return (datetime(year + 1 if newest_first else year, 1, 1), 0)  # noqa: DTZ001 - civil time


@dataclass(frozen=True, slots=True, repr=False)
class CaseSummary:
    """One case in a list: its state, the child's name, and how its significant changes are answered."""

    case_id: UUID
    version: int
    opened: int
    child: str
    state: dict[str, Any]
    classes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry of a timeline: the fact, its date as it stands now, its place, and what was said about it later."""

    entry: Entry[Fact]
    when: PartialDate | None
    sort_at: datetime
    attached: tuple[Entry[Fact], ...]
    voice: dict[str, Any] | None

    @property
    def place(self) -> tuple[datetime, int]:
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


class Answers:
    """Reads the projections of one authority, and its ledger."""

    def __init__(self, reader: LogReader[Fact]) -> None:
        self._reader = reader
        self._case_state = Statements(CASE_STATE_SQL, reader.schema)
        self._timeline = Statements(TIMELINE_SQL, reader.schema)
        self._voice = Statements(VOICE_SQL, reader.schema)
        self._people = Statements(PEOPLE_SQL, reader.schema)
        self._overview = Statements(OVERVIEW_SQL, reader.schema)

    async def cases(self, *, after: int = 0, limit: int = 50, as_of: datetime | None = None) -> list[CaseSummary]:
        """List cases in the order in which they were opened, from after a place in that order."""
        rows = await self._rows(self._case_state["page"], after=after, limit=limit, as_of=as_of or ALWAYS)
        if as_of is not None:
            return [await self._past_summary(case_id, opened, as_of) for case_id, *_, opened in rows]
        ids = [row[0] for row in rows]
        named = await self._reader.several([(row[0], row[4]["named_at"]) for row in rows])
        classes: dict[UUID, dict[str, int]] = {}
        for case_id, verdict_class, count in await self._rows(self._voice["classes"], case_ids=ids):
            classes.setdefault(case_id, {})[verdict_class] = count
        return [
            CaseSummary(case_id, version, opened, _name(named[case_id]), state, classes.get(case_id, {}))
            for case_id, version, _position, _recorded_at, state, opened in rows
        ]

    async def case(self, case_id: UUID, *, as_of: datetime | None = None) -> CaseView | None:
        """Give the state of a case and its people, or nothing where there was no such case (yet)."""
        if as_of is not None:
            return _view(await self._past(case_id, as_of))
        rows = await self._rows(self._case_state["of_case"], case_id=case_id)
        if not rows:  # not projected yet, perhaps: whoever has just opened a case finds it
            return _view(await self._past(case_id, None))
        _, version, _, recorded_at, state = rows[0]
        rows_of_people = await self._rows(self._people["of_case"], case_id=case_id)
        named_at = {row[1]: row[6] for row in rows_of_people}
        picked = await self._reader.picked(case_id, sorted({1, state["named_at"], *named_at.values()}))
        opened = {entry.originator_version: entry for entry in picked}
        return CaseView(
            case_id,
            version,
            recorded_at,
            _opening(opened[1], opened[state["named_at"]], state["born"]),
            state,
            [
                {"ref": ref, "relationship": relationship, "since": since, "until": until, "version": place}
                for _, ref, place, relationship, since, until, _ in rows_of_people
            ],
            {ref: _name(opened[version]) for ref, version in named_at.items()},
        )

    async def timeline(  # noqa: PLR0913 - each is one thing a reader may ask for
        self,
        case_id: UUID,
        *,
        now: datetime,
        as_of: datetime | None = None,
        newest_first: bool = False,
        after: tuple[datetime, int] | None = None,
        limit: int = 50,
        wanted: Wanted = EVERYTHING,
        upto: int | None = None,
    ) -> list[Shown]:
        """
        Give the next entries of a timeline after a place in its order, with verdicts and what was attached to them.

        `now` (UTC) settles answers that time alone may have changed since they were written down. `upto` leaves out
        what was recorded after that version of the case: pages that all give the version of the first one never skip
        or repeat an entry, whatever is recorded meanwhile.
        """
        start = after or (END if newest_first else START)
        if (past := await self._past_where_needed(case_id, now, as_of, upto, wanted)) is not None:
            rows = [
                row
                for row in past.wanted(wanted)
                if _beyond((row.sort_at, row.version), start, newest_first=newest_first)
            ]
            return past.shown((list(reversed(rows)) if newest_first else rows)[:limit])
        statement = self._timeline[f"{'wanted' if wanted else 'page'}_{'back' if newest_first else 'forward'}"]
        more = wanted.parameters() if wanted else {}
        place = {"case_id": case_id, "sort_at": start[0], "version": start[1], "limit": limit}
        return await self._shown(case_id, [_row(row) for row in await self._rows(statement, **place, **more)], now)

    async def years(
        self,
        case_id: UUID,
        *,
        now: datetime,
        as_of: datetime | None = None,
        wanted: Wanted = EVERYTHING,
        upto: int | None = None,
    ) -> list[tuple[int, int]]:
        """Give each year that wanted entries stand in, in order, and how many; `place_of_year` goes there."""
        if (past := await self._past_where_needed(case_id, now, as_of, upto, wanted)) is not None:
            return sorted(Counter(row.sort_at.year for row in past.wanted(wanted)).items())
        rows = await self._rows(self._timeline["years"], case_id=case_id, **wanted.parameters())
        return [(year, count) for year, count in rows]

    async def entries(
        self, case_id: UUID, refs: Sequence[str], *, now: datetime, as_of: datetime | None = None
    ) -> list[Shown]:
        """Give some entries by reference, in the order in which they were recorded."""
        if as_of is not None:
            past = await self._past(case_id, as_of)
            if past is None:
                return []
            wanted = set(refs)
            return past.shown(sorted((row for row in past.rows if row.ref in wanted), key=lambda row: row.version))
        rows = [_row(row) for row in await self._rows(self._timeline["by_refs"], case_id=case_id, refs=list(refs))]
        return await self._shown(case_id, rows, now)

    async def pointing_at(
        self, case_id: UUID, ref: str, *, now: datetime, as_of: datetime | None = None
    ) -> list[Shown]:
        """Give every entry that is about an entry, in the order of world time."""
        if as_of is not None:
            past = await self._past(case_id, as_of)
            return [] if past is None else past.shown([row for row in past.rows if ref in row.about])
        rows = [_row(row) for row in await self._rows(self._timeline["about"], case_id=case_id, ref=ref)]
        return await self._shown(case_id, rows, now)

    async def voices(self, case_id: UUID, *, now: datetime, as_of: datetime | None = None) -> dict[str, dict[str, Any]]:
        """Give the answer to the question for every decision of a case, by reference."""
        if as_of is None:
            rows = await self._rows(self._voice["of_case"], case_id=case_id)
            if all(turns_at is None or turns_at > now for _, _, turns_at in rows):
                return {ref: body for ref, body, _ in rows}
        past = await self._past(case_id, as_of, now=now)
        return {} if past is None else past.voices

    async def spoken(self, case_id: UUID, *, as_of: datetime | None = None) -> tuple[Spoken, ...]:
        """Give the times the child was asked, in the order of world time."""
        if as_of is not None:
            past = await self._past(case_id, as_of)
            return () if past is None else spoken_of((row.ref, row.topic, row.matters, row.when) for row in past.rows)
        rows = await self._rows(self._overview["spoken"], case_id=case_id, topics=list(SPOKEN))
        return spoken_of(
            (ref, topic, matters, stated and parse_partial_date(stated)) for ref, topic, matters, stated in rows
        )

    async def came_later(self, case_id: UUID, as_of: datetime) -> list[Later]:
        """Give what was recorded after a moment (UTC) about what had happened by then, in the order of world time."""
        rows = await self._rows(self._overview["later"], case_id=case_id, as_of=as_of, by=civil(as_of))
        return [Later(ref, topic, parse_partial_date(stated), recorded) for ref, topic, stated, recorded in rows]

    async def dates(self, case_id: UUID, refs: Sequence[str]) -> dict[str, PartialDate | None]:
        """Give the dates that entries have now, by reference."""
        rows = await self._rows(self._timeline["by_refs"], case_id=case_id, refs=list(refs))
        return {row.ref: row.when for row in map(_row, rows)}

    async def _shown(self, case_id: UUID, rows: list[TimelineRow], now: datetime) -> list[Shown]:
        refs = [row.ref for row in rows]
        attached = [
            _row(row)
            for row in await self._rows(self._timeline["attached"], case_id=case_id, topics=list(ATTACHED), refs=refs)
        ]
        versions = {row.version for row in rows} | {row.version for row in attached}
        opened = {entry.originator_version: entry for entry in await self._reader.picked(case_id, sorted(versions))}
        answered = await self._rows(self._voice["some"], case_id=case_id, refs=refs)
        if any(turns_at is not None and turns_at <= now for _, _, turns_at in answered):
            voices_now = await self.voices(case_id, now=now)
        else:
            voices_now = {ref: body for ref, body, _ in answered}
        return _join(rows, attached, opened, voices_now)

    async def _past_where_needed(
        self, case_id: UUID, now: datetime, as_of: datetime | None, upto: int | None, wanted: Wanted
    ) -> _Past | None:
        """
        Give the case as it stood, where the rows cannot answer; nothing where they can.

        They cannot answer about an earlier day, for a page that began before something more was recorded, and for
        answers of a class where time alone may have changed one since.
        """
        if as_of is None:
            known = None if upto is None else (await self._rows(self._timeline["last"], case_id=case_id))[0][0]
            turned = wanted.classes and await self._rows(self._voice["turned"], case_id=case_id, now=now)
            if known == upto and not turned:
                return None
        return await self._past(case_id, as_of, upto, now) or _Past(Case(case_id), [], as_of or now)

    async def _past_summary(self, case_id: UUID, opened: int, as_of: datetime) -> CaseSummary:
        past = await self._past(case_id, as_of)
        assert past is not None  # noqa: S101 - the list holds cases that had been opened by then
        state = state_of(past.case)
        classes = Counter(voice["now"]["class"] for voice in past.voices.values())
        child = _name(past.entries[state["named_at"] - 1])
        return CaseSummary(case_id, past.case.version, opened, child, state, dict(classes))

    async def _past(
        self, case_id: UUID, as_of: datetime | None, upto: int | None = None, now: datetime | None = None
    ) -> _Past | None:
        entries = await self._reader.stream(case_id, as_of=as_of, upto=upto)
        if not entries:
            return None
        case = fold(case_id, entries)
        assert case.recorded_at is not None  # noqa: S101 - a case with entries has been recorded
        return _Past(case, entries, as_of or max(case.recorded_at, now or case.recorded_at))

    async def _rows(self, statement: Composed, **parameters: Any) -> list[Any]:
        return await self._reader.rows(statement, parameters)


class _Past:
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

    def shown(self, rows: Iterable[TimelineRow]) -> list[Shown]:
        """Give entries as a timeline shows them."""
        opened = {entry.originator_version: entry for entry in self.entries}
        attached = [row for row in sorted(self.rows, key=lambda row: row.version) if row.topic in ATTACHED]
        return _join(rows, attached, opened, self.voices)


def _join(
    rows: Iterable[TimelineRow],
    attached: Iterable[TimelineRow],
    opened: dict[int, Entry[Fact]],
    answered: dict[str, dict[str, Any]],
) -> list[Shown]:
    beside: dict[str, list[Entry[Fact]]] = {}
    for row in attached:
        for ref in row.about:
            beside.setdefault(ref, []).append(opened[row.version])
    return [
        Shown(opened[row.version], row.when, row.sort_at, tuple(beside.get(row.ref, ())), answered.get(row.ref))
        for row in rows
    ]


def _view(past: _Past | None) -> CaseView | None:
    if past is None:
        return None
    case = past.case
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
    names = {person.ref: _name(past.entries[person.named_at - 1]) for person in everyone}
    state = state_of(case)
    opening = _opening(past.entries[0], past.entries[state["named_at"] - 1], state["born"])
    assert case.recorded_at is not None  # noqa: S101 - a case with entries has been recorded
    return CaseView(case.id, case.version, case.recorded_at, opening, state, persons, names)


def _row(row: Any) -> TimelineRow:
    *recorded, about, matters, people, when_stated, sort_at = row
    case_id, version, position, recorded_at, topic, ref = recorded
    when = None if when_stated is None else parse_partial_date(when_stated)
    return TimelineRow(
        case_id,
        version,
        position,
        recorded_at,
        topic,
        ref,
        about=tuple(about),
        matters=tuple(matters),
        people=tuple(people),
        when=when,
        sort_at=sort_at,
    )


def _opening(entry: Entry[Fact], named: Entry[Fact], born: str | None) -> CaseOpened:
    """Give the opening of a case as it stands now: name and birth as corrected."""
    opening = entry.event
    assert isinstance(opening, CaseOpened)  # noqa: S101 - the rules let no case begin otherwise
    return opening.model_copy(
        update={"child": _name(named), "born": None if born is None else parse_partial_date(born)}
    )


def _name(entry: Entry[Fact]) -> str:
    """Give the name that an entry gives somebody."""
    match entry.event:
        case CaseOpened(child=name) | PersonIntroduced(name=name):
            return name
        case RecordCorrected() as correction:
            return str(correction.value)
        case other:
            raise TypeError(other.TOPIC)


def _beyond(place: tuple[datetime, int], start: tuple[datetime, int], *, newest_first: bool) -> bool:
    return place < start if newest_first else place > start
