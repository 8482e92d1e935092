"""
The answers: what a door may ask of one authority's records, now or as they stood at an earlier moment.

Without `as_of` an answer comes from the rows of the projections. With it, the case is folded again from what had been
recorded by then, through the same functions that make the rows, so that both ways cannot drift apart. Narrative is
opened from the ledger for just the entries that are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from domain.case.fact import Fact
from domain.case.state import Case
from domain.dates import PartialDate, civil, parse_partial_date
from ledger.reader import LogReader
from ledger.recorder import ALWAYS
from ledger.statements import Statements
from projections.case_state.projection import CASE_STATE_SQL
from projections.case_state.state import state_of
from projections.engine.projection import fold
from projections.overview.overview import OVERVIEW_SQL, SPOKEN, Later, Spoken, spoken_of
from projections.past import CaseView, Past, Place, Shown, name_in, opening_of
from projections.people.projection import PEOPLE_SQL
from projections.timeline.lines import LineReader, Lines, opened
from projections.timeline.projection import TIMELINE_SQL
from projections.timeline.wanted import EVERYTHING, Wanted
from projections.voice.projection import VOICE_SQL

__all__ = ["END", "START", "Answers", "CaseSummary", "CaseView", "Shown", "place_of_year"]

START: Final = (datetime(1, 1, 1), 0)  # noqa: DTZ001 - civil time
END: Final = (datetime(9999, 12, 31), 2**62)  # noqa: DTZ001 - civil time

_BORN, _KNOWN, _VERSION, _REF, _VOICE, _TURNS_AT = 0, 1, 2, 5, 10, 11
"""Columns of the statements that give lines."""


def place_of_year(year: int, *, newest_first: bool) -> Place:
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


class Listed(NamedTuple):
    """One case in a list, as a program is told of it."""

    case_id: UUID
    version: int
    opened: int
    open: bool
    child: str
    classes: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a statement found that gives lines: its rows, and all answers of the case where time has changed one."""

    rows: list[Any]
    voices: dict[str, dict[str, Any]] | None


class Answers:
    """Reads the projections of one authority, and its ledger."""

    def __init__(self, reader: LogReader[Fact]) -> None:
        self._reader = reader
        self._lines_of = LineReader(reader.mapper)
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
        states = {row[0]: orjson.loads(row[4]) for row in rows}
        named = await self._reader.several([(case_id, state["named_at"]) for case_id, state in states.items()])
        classes: dict[UUID, dict[str, int]] = {}
        for case_id, verdict_class, count in await self._rows(self._voice["classes"], case_ids=ids):
            classes.setdefault(case_id, {})[verdict_class] = count
        return [
            CaseSummary(case_id, version, opened, name_in(named[case_id]), states[case_id], classes.get(case_id, {}))
            for case_id, version, _position, _recorded_at, _state, opened in rows
        ]

    async def listed(self, *, after: int = 0, limit: int = 50, as_of: datetime | None = None) -> list[Listed]:
        """Give what `cases` gives as a program is told of it."""
        if as_of is not None:
            found = await self.cases(after=after, limit=limit, as_of=as_of)
            return [
                Listed(each.case_id, each.version, each.opened, each.state["open"], each.child, each.classes)
                for each in found
            ]
        rows = await self._rows(self._case_state["listed"], after=after, limit=limit)
        return [
            Listed(
                case_id,
                version,
                opened,
                is_open,
                self._lines_of.name(at, case_id, *named),
                orjson.loads(classes or "{}"),
            )
            for case_id, version, opened, is_open, at, *named, classes in rows
        ]

    async def case(self, case_id: UUID, *, as_of: datetime | None = None) -> CaseView | None:
        """
        Give the state of a case and its people, or nothing where there was no such case (yet).

        It never knows less than an answer before it: while rows are behind the log, it is folded from the log.
        """
        rows = [] if as_of is not None else await self._rows(self._case_state["of_case"], case_id=case_id)
        if not rows or not rows[0][0]:  # of an earlier day, or not projected yet: whoever has just written finds it
            past = await self._past(case_id, as_of)
            return None if past is None else replace(past.view, ahead=as_of is None)
        _, version, recorded_at, born, state, *entries = rows[0]
        everyone = await self._rows(self._people["of_case"], case_id=case_id)
        opening, named = (
            self._reader.mapper.entry_of((position, case_id, *row)) for position, *row in (entries[:5], entries[5:])
        )
        return CaseView(
            case_id,
            version,
            recorded_at,
            opening_of(opening, named, born),
            orjson.loads(state),
            [
                {"ref": ref, "relationship": relationship, "since": since, "until": until, "version": place}
                for ref, place, relationship, since, until, *_ in everyone
            ],
            {ref: self._lines_of.name(at, case_id, *named) for ref, _, _, _, _, at, *named in everyone},
        )

    async def timeline(  # noqa: PLR0913 - each is one thing a reader may ask for
        self,
        case_id: UUID,
        *,
        now: datetime,
        as_of: datetime | None = None,
        newest_first: bool = False,
        after: Place | None = None,
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
        found = await self._page(case_id, now, as_of, start, limit, wanted, upto, newest_first=newest_first)
        if isinstance(found, _Found):
            return self._shown(case_id, found)
        return [] if found is None else found.shown(found.page(wanted, start, limit, newest_first=newest_first))

    async def lines(  # noqa: PLR0913 - each is one thing a reader may ask for
        self,
        case_id: UUID,
        *,
        now: datetime,
        as_of: datetime | None = None,
        newest_first: bool = False,
        after: Place | None = None,
        limit: int = 50,
        wanted: Wanted = EVERYTHING,
        upto: int | None = None,
    ) -> Lines | None:
        """Give what `timeline` gives as a program is told of it, or nothing where there was no such case (yet)."""
        start = after or (END if newest_first else START)
        found = await self._page(case_id, now, as_of, start, limit, wanted, upto, newest_first=newest_first)
        if isinstance(found, _Found):
            return self._lines(case_id, found)
        return None if found is None else found.lines(found.page(wanted, start, limit, newest_first=newest_first))

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
        known = None if upto is None else (await self._rows(self._timeline["last"], case_id=case_id))[0][0]
        if as_of is not None or known != upto or await self._turned(case_id, wanted, now):
            past = await self._past(case_id, as_of, upto, now)
            return [] if past is None else past.years(wanted)
        return [
            (year, count)
            for year, count in await self._rows(self._timeline["years"], case_id=case_id, **wanted.parameters())
        ]

    async def entries(
        self, case_id: UUID, refs: Sequence[str], *, now: datetime, as_of: datetime | None = None
    ) -> list[Shown]:
        """Give some entries by reference, in the order in which they were recorded."""
        if as_of is not None:
            past = await self._past(case_id, as_of)
            return [] if past is None else past.shown(past.picked(refs))
        found = await self._found(
            case_id, await self._rows(self._timeline["picked"], case_id=case_id, refs=list(refs)), now
        )
        return self._shown(case_id, found)

    async def pointing_at(
        self, case_id: UUID, ref: str, *, now: datetime, as_of: datetime | None = None
    ) -> list[Shown]:
        """Give every entry that is about an entry, in the order of world time."""
        if as_of is not None:
            past = await self._past(case_id, as_of)
            return [] if past is None else past.shown(past.pointing_at(ref))
        found = await self._found(case_id, await self._rows(self._timeline["about"], case_id=case_id, ref=ref), now)
        return self._shown(case_id, found)

    async def decision_lines(
        self, case_id: UUID, ref: str, *, now: datetime, as_of: datetime | None = None
    ) -> tuple[Lines, Lines, Lines] | None:
        """
        Give a decision, the entries its answers rest on, and every entry that is about it, as lines.

        Nothing where there is no such decision. The first holds one line.
        """
        rows = [] if as_of is not None else await self._rows(self._timeline["with_about"], case_id=case_id, ref=ref)
        if not rows or rows[0][_KNOWN] is None:  # of an earlier day, or behind the log
            past = await self._past(case_id, as_of, now=now)
            if past is None or ref not in past.voices:
                return None
            rests_on = _rests_on(past.voices[ref])
            return tuple(
                past.lines(rows) for rows in (past.picked([ref]), past.picked(rests_on), past.pointing_at(ref))
            )  # type: ignore[return-value]  # three in, three out
        decided = [row for row in rows if row[_REF] == ref and row[_VOICE] is not None]
        if not decided:
            return None
        found = await self._found(case_id, rows, now)
        voice = orjson.loads(decided[0][_VOICE]) if found.voices is None else found.voices[ref]
        evidence = await self._rows(self._timeline["picked"], case_id=case_id, refs=_rests_on(voice))
        about = [row for row in rows if row[_REF] != ref]
        return (
            self._lines(case_id, _Found(decided, found.voices)),
            self._lines(case_id, await self._found(case_id, evidence, now)),
            self._lines(case_id, _Found(about or [(decided[0][_BORN], decided[0][_KNOWN], None)], found.voices)),
        )

    async def voices(self, case_id: UUID, *, now: datetime, as_of: datetime | None = None) -> dict[str, dict[str, Any]]:
        """Give the answer to the question for every decision of a case, by reference."""
        if as_of is None:
            rows = await self._rows(self._voice["of_case"], case_id=case_id)
            if all(turns_at is None or turns_at > now for _, _, turns_at in rows):
                return {ref: orjson.loads(body) for ref, body, _ in rows}
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
        rows = await self._rows(self._timeline["dates"], case_id=case_id, refs=list(refs))
        return {ref: stated and parse_partial_date(stated) for ref, stated in rows}

    async def _page(  # noqa: PLR0913 - as `timeline`
        self,
        case_id: UUID,
        now: datetime,
        as_of: datetime | None,
        start: Place,
        limit: int,
        wanted: Wanted,
        upto: int | None,
        *,
        newest_first: bool,
    ) -> _Found | Past | None:
        """
        Give the rows of a page where they can answer, else the case as it stood; nothing where there is none.

        They cannot answer about an earlier day, for a page that began before something more was recorded, for answers
        of a class where time alone may have changed one since, nor about a case whose rows are behind the log.
        """
        if as_of is None and not await self._turned(case_id, wanted, now):
            name = f"{'wanted' if wanted else 'page'}_{'back' if newest_first else 'forward'}"
            parameters = {"case_id": case_id, "sort_at": start[0], "version": start[1], "limit": limit}
            if wanted:
                parameters |= wanted.parameters()
            rows = await self._rows(self._timeline[name], **parameters)
            if rows and rows[0][_KNOWN] is not None and upto in (None, rows[0][_KNOWN]):
                return await self._found(case_id, rows, now)
        return await self._past(case_id, as_of, upto, now)

    async def _turned(self, case_id: UUID, wanted: Wanted, now: datetime) -> bool:
        """Tell whether decisions are asked for by class and time alone may have changed the class of one."""
        return bool(wanted.classes and await self._rows(self._voice["turned"], case_id=case_id, now=now))

    async def _found(self, case_id: UUID, rows: list[Any], now: datetime) -> _Found:
        """Add to rows all answers of now, where time alone may have changed one of theirs."""
        turned = any(row[_VERSION] is not None and row[_TURNS_AT] is not None and row[_TURNS_AT] <= now for row in rows)
        return _Found(rows, await self.voices(case_id, now=now) if turned else None)

    def _lines(self, case_id: UUID, found: _Found) -> Lines:
        if not found.rows:
            return Lines(None, 0, [])
        born, known, version, *_ = found.rows[0]
        return Lines(born, known, [] if version is None else self._lines_of.lines(case_id, found.rows, found.voices))

    def _shown(self, case_id: UUID, found: _Found) -> list[Shown]:
        shown = []
        for _, _, version, position, recorded_at, ref, when, sort_at, topic, sealed, voice, _, *beside in found.rows:
            if version is None:
                continue
            attached = () if beside[0] is None else zip(*beside, strict=True)
            shown.append(
                Shown(
                    self._reader.mapper.entry_of((position, case_id, version, recorded_at, topic, sealed)),
                    None if when is None else parse_partial_date(when),
                    sort_at,
                    tuple(self._reader.mapper.entry_of((place, case_id, *added)) for place, *added in attached),
                    opened(voice) if found.voices is None else found.voices.get(ref),
                )
            )
        return shown

    async def _past_summary(self, case_id: UUID, opened: int, as_of: datetime) -> CaseSummary:
        past = await self._past(case_id, as_of)
        assert past is not None  # noqa: S101 - the list holds cases that had been opened by then
        state = state_of(past.case)
        classes = Counter(voice["now"]["class"] for voice in past.voices.values())
        child = name_in(past.entries[state["named_at"] - 1])
        return CaseSummary(case_id, past.case.version, opened, child, state, dict(classes))

    async def _past(
        self, case_id: UUID, as_of: datetime | None, upto: int | None = None, now: datetime | None = None
    ) -> Past | None:
        entries = await self._reader.stream(case_id, as_of=as_of, upto=upto)
        if not entries:
            return None
        case: Case = fold(case_id, entries)
        assert case.recorded_at is not None  # noqa: S101 - a case with entries has been recorded
        return Past(case, entries, as_of or max(case.recorded_at, now or case.recorded_at))

    async def _rows(self, statement: bytes, **parameters: Any) -> list[Any]:
        return await self._reader.rows(statement, parameters)


def _rests_on(voice: dict[str, Any]) -> list[str]:
    """Give every entry an answer rests on, each once."""
    answers = [voice["now"], *([voice["at_effect"]] if voice["at_effect"] else [])]
    return list(
        dict.fromkeys(ref for answer in answers for finding in answer["findings"] for ref in finding["rests_on"])
    )
