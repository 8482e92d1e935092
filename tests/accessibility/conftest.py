"""A record with everything in it, served to a real browser: no database, no network, no waiting."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
import uvicorn
from fastapi import FastAPI, Request
from playwright.sync_api import Browser, sync_playwright

from api.log_state import LogState
from api.pages import pages
from api.pages.log import log_page
from domain.case.command import Act
from domain.case.fact import Fact, Role
from domain.case.refusal import Refused
from domain.case.registry import COMMAND
from domain.case.state import Case
from domain.dates import PartialDate, civil
from ledger.mapper import Entry, Stamp
from ops.bench.children import record_of
from ops.browser import chromium, launch_arguments
from projections.answers import END, START, CaseSummary, CaseView, Shown
from projections.engine.projection import fold
from projections.overview.overview import Later, Spoken, spoken_of
from projections.past import Past
from projections.timeline.wanted import EVERYTHING, Wanted
from tests.api.watched_log import watched

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
AMIRA = UUID("11111111-1111-4111-8111-111111111111")
LAYLA = UUID("22222222-2222-4222-8222-222222222222")
LONG = UUID("33333333-3333-4333-8333-333333333333")
PLAIN = UUID("44444444-4444-4444-8444-444444444444")
SCRIPTS = UUID("55555555-5555-4555-8555-555555555555")
WHOLE = UUID("66666666-6666-4666-8666-666666666666")
CHILDHOOD = 1_500
"""How many entries a whole childhood has."""

OLD = {"system": "Mosaic", "author": "J. Whitfield", "recorded": "2011-05-09", "grade": "B", "source_id": "CN-20391"}
UNSIGNED = {"system": "Paper file, box 14", "grade": "C"}


class Writer:
    """Records a story as it would be recorded: each command is checked against the case before it becomes an entry."""

    def __init__(self, case_id: UUID) -> None:
        self.case = Case(case_id)
        self.entries: list[Entry[Fact]] = []

    def write(self, at: str, who: str, role: Role, do: str, **fields: Any) -> None:
        """Record one command at a civil time in England (taken as UTC here)."""
        recorded = datetime.fromisoformat(at).replace(tzinfo=UTC)
        act = Act(actor=who, role=role, at=recorded, correlation_id=uuid4(), command_id=uuid4())
        for fact in COMMAND.validate_python({"do": do, **fields}).decide(self.case, act):
            version = len(self.entries) + 1
            self.entries.append(Entry(self.case.id, version, fact, 1000 + version, recorded))
            self.case.evolve(fact, Stamp(version, recorded))


class Kept:
    """Answers from entries held in memory, folded as the projections fold them."""

    def __init__(self, *stories: list[Entry[Fact]]) -> None:
        self.stories = {story[0].originator_id: story for story in stories}
        self._past = lru_cache(maxsize=64)(self._folded)

    def _folded(self, case_id: UUID, as_of: datetime, upto: int | None = None) -> Past | None:
        known = self.stories.get(case_id, [])[:upto]
        entries = [each for each in known if each.recorded_at and each.recorded_at <= as_of]
        return Past(fold(case_id, entries), entries, as_of) if entries else None

    async def cases(self, *, after: int = 0, limit: int = 50, as_of: datetime | None = None) -> list[CaseSummary]:
        """Every case, in the order of opening."""
        found = []
        for opened, case_id in enumerate(self.stories, start=1):
            past = self._past(case_id, NOW)
            assert past is not None
            view = past.view
            classes: dict[str, int] = {}
            for voice in past.voices.values():
                classes[voice["now"]["class"]] = classes.get(voice["now"]["class"], 0) + 1
            found.append(CaseSummary(case_id, view.version, opened, view.opening.child, view.state, classes))
        return [each for each in found if each.opened > after][:limit]

    async def case(self, case_id: UUID, *, as_of: datetime | None = None) -> CaseView | None:
        """One case."""
        past = self._past(case_id, as_of or NOW)
        return None if past is None else past.view

    async def timeline(  # noqa: PLR0913 - as the answers do
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
        """A page of a timeline."""
        past = self._past(case_id, as_of or now, upto)
        if past is None:
            return []
        start = after or (END if newest_first else START)
        return past.shown(past.page(wanted, start, limit, newest_first=newest_first))

    async def years(
        self,
        case_id: UUID,
        *,
        now: datetime,
        as_of: datetime | None = None,
        wanted: Wanted = EVERYTHING,
        upto: int | None = None,
    ) -> list[tuple[int, int]]:
        """How many wanted entries stand in each year."""
        past = self._past(case_id, as_of or now, upto)
        return [] if past is None else sorted(Counter(row.sort_at.year for row in past.wanted(wanted)).items())

    async def spoken(self, case_id: UUID, *, as_of: datetime | None = None) -> tuple[Spoken, ...]:
        """The times the child was asked."""
        past = self._past(case_id, as_of or NOW)
        return () if past is None else spoken_of((row.ref, row.topic, row.matters, row.when) for row in past.rows)

    async def came_later(self, case_id: UUID, as_of: datetime) -> list[Later]:
        """What was recorded after a moment about what had happened by then."""
        past = self._past(case_id, NOW)
        return [
            Later(row.ref, row.topic, row.when, row.recorded_at)
            for row in (past.rows if past else ())
            if row.recorded_at > as_of and row.when and row.sort_at <= civil(as_of)
        ]

    async def dates(self, case_id: UUID, refs: list[str]) -> dict[str, PartialDate | None]:
        """The dates as they are now."""
        past = self._past(case_id, NOW)
        return {row.ref: row.when for row in (past.rows if past else ()) if row.ref in refs}

    async def entries(
        self, case_id: UUID, refs: list[str], *, now: datetime, as_of: datetime | None = None
    ) -> list[Shown]:
        """Some entries."""
        past = self._past(case_id, as_of or now)
        return [] if past is None else past.shown([row for row in past.rows if row.ref in refs])

    async def pointing_at(
        self, case_id: UUID, ref: str, *, now: datetime, as_of: datetime | None = None
    ) -> list[Shown]:
        """What is about an entry."""
        past = self._past(case_id, as_of or now)
        return [] if past is None else past.shown([row for row in past.rows if ref in row.about])

    async def voices(self, case_id: UUID, *, now: datetime, as_of: datetime | None = None) -> dict[str, dict[str, Any]]:
        """The answers about every decision."""
        past = self._past(case_id, as_of or now)
        return {} if past is None else past.voices


def amira() -> list[Entry[Fact]]:
    """A long story: old paper imported, a baby, a move at night, a promise not kept, and a girl asked in the end."""
    w = Writer(AMIRA)
    worker, manager, iro, clerk, child = (
        ("Priya Nair", Role.SOCIAL_WORKER),
        ("D. Okafor", Role.TEAM_MANAGER),
        ("Margaret Ellis", Role.IRO),
        ("Records team", Role.RECORDS_OFFICER),
        ("Amira", Role.CHILD),
    )
    imported = ("2019-03-04T09:00", *clerk)
    w.write(
        *imported,
        "open_case",
        child="Amira",
        born="2010-08",
        looked_after_from="2011-05-03",
        local_id="C-7731",
        provenance=OLD,
    )
    for ref, name, relationship, since, note in (
        ("mum", "Mum (Samira)", "MOTHER", "2010", "She sang to you in Arabic. She has your smile."),
        ("yusuf", "Yusuf", "SIBLING", "2010", None),
        ("joan", "Joan and Peter", "CARER", "2011-05", "They had a dog called Biscuit."),
    ):
        w.write(
            *imported,
            "introduce_person",
            ref=ref,
            name=name,
            relationship=relationship,
            since=since,
            note=note,
            provenance=UNSIGNED,
        )
    w.write(
        *imported,
        "decide_placement_move",
        ref="first-home",
        kind="PLACEMENT_FIRST",
        decided="2011-05-03",
        effective="2011-05-03",
        matters=["placement", "contact:mum"],
        place="U6",
        home="Joan and Peter's",
        carer="joan",
        urgency="EMERGENCY",
        ground="POLICE_PROTECTION",
        reasons="Police brought Amira and Yusuf in at night.",
        provenance=OLD,
    )
    w.write(
        *imported,
        "record_observation",
        ref="baby-seen",
        matters=["placement"],
        observed="2011-05",
        what_was_seen="Amira cried when carried out. She slept once she had her blanket. She reached for Joan.",
        interpretation="Settled with familiar things. Seems to take comfort from Joan.",
        provenance=OLD,
    )
    w.write(
        *imported,
        "decide_legal_status",
        ref="care-order",
        kind="LEGAL_STATUS",
        step="MADE",
        legal_status="C2",
        court="The family court",
        matters=["legal"],
        provenance=UNSIGNED,
    )
    w.write(
        *imported,
        "declare_gap",
        gap_from="2013",
        gap_to="2016-04",
        reason="The paper file for these years was not in the box. The old office closed in 2014.",
        searched=["County archive", "The old office's off-site store"],
    )
    w.write(
        *imported,
        "decide_placement_move",
        ref="to-oak",
        kind="PLACEMENT_MOVE_UNPLANNED",
        effective="2016-05",
        place="U4",
        home="Oak Lane",
        matters=["placement"],
        reason_place_change="CREQO",
        provenance=UNSIGNED,
    )
    w.write(
        "2019-05-02T14:20",
        *worker,
        "introduce_person",
        ref="priya",
        name="Priya Nair",
        relationship="SOCIAL_WORKER",
        since="2019-04-29",
    )
    w.write(
        "2019-05-02T14:24",
        *manager,
        "introduce_person",
        ref="ellis",
        name="Margaret Ellis",
        relationship="IRO",
        since="2018",
    )
    w.write(
        "2019-05-02T14:25",
        *manager,
        "change_professional",
        ref="new-worker",
        kind="SOCIAL_WORKER_CHANGE",
        person="priya",
        decided="2019-04-26",
        effective="2019-04-29",
        matters=["professionals"],
        sw_reason="LEFTRL",
    )
    w.write(
        "2019-05-02T14:26",
        *manager,
        "change_professional",
        kind="IRO_CHANGE",
        person="ellis",
        decided="2018-11",
        effective="2018-11-20",
        matters=["professionals"],
    )
    w.write(
        "2019-09-12T16:40",
        *worker,
        "record_view",
        ref="about-mum",
        matters=["contact:mum"],
        expressed="2019-09-12T15:30",
        own_words=[{"words": "بدي شوف ماما كل أسبوع، مش مرة بالشهر.\nI want to see Mum every week.", "language": "ar"}],
        seen_alone="YES",
        method="Drawing and talking, with an interpreter",
        communication="Arabic and English",
        setting="The garden at Oak Lane",
        source="CHILD_DIRECT",
    )
    w.write(
        "2019-09-17T10:00",
        *iro,
        "record_review",
        ref="review-2019",
        held="2019-09-16",
        participation="PN1",
        chaired_by="Margaret Ellis",
        spoken_to_in_private="YES",
        decisions=["Amira sees her mother every two weeks, for two hours."],
    )
    w.write(
        "2019-09-18T09:30",
        *manager,
        "decide_contact",
        ref="see-mum",
        kind="CONTACT_ARRANGE",
        person="mum",
        decided="2019-09-17",
        effective="2019-09-28",
        frequency="Every two weeks, two hours",
        mode="FACE_TO_FACE",
        supervised=True,
        venue="The family centre",
        views=["about-mum"],
        weight="PARTLY",
        significant=True,
        reasons="Seeing Mum matters to Amira. The centre has room every other Saturday.",
        departure_reasons="There is no room at the centre every week. We will ask again in the spring.",
        decided_by="D. Okafor",
        forum="MANAGER",
        review="review-2019",
        iro_informed="2019-09-16",
        other_views=[{"who": "mum", "said": "I would come every day."}],
    )
    w.write(
        "2019-09-20T17:00",
        *worker,
        "tell_child",
        decision="see-mum",
        told="2019-09-20",
        how="At home, with the calendar",
        reasons="The room is free every second Saturday. We have marked the days together.",
        reaction=[{"words": "ok. but ask again", "language": "en"}],
        complaints_route_explained=True,
    )
    w.write(
        "2019-09-20T17:05",
        *worker,
        "make_promise",
        ref="ask-again",
        promised="2019-09-20",
        what="We will ask again in the spring whether it can be every week.",
        promised_by="Priya Nair",
        due="2020-03",
    )
    w.write(
        "2021-02-11T08:00",
        *worker,
        "decide_placement_move",
        ref="night-move",
        kind="PLACEMENT_MOVE_EMERGENCY",
        decided="2021-02-10T22:15",
        effective="2021-02-10",
        place="U6",
        home="Mrs Achterberg's",
        urgency="EMERGENCY",
        ground="CARER_REMOVED_NO_NOTICE",
        not_practicable_reason="The carer was taken to hospital and nobody else was at home.",
        matters=["placement", "education:school"],
        reasons="The carer was taken to hospital at night.",
        distance_miles=14,
        belongings="Two bin bags. The bicycle stayed at Oak Lane.",
    )
    w.write(
        "2021-02-15T12:00",
        *worker,
        "record_declined",
        ref="said-nothing",
        matters=["placement"],
        declined="2021-02-14",
        attempts=1,
        alternatives_offered="A letter, a drawing, somebody else to talk to",
        advocate_offered=True,
        own_words=[{"words": "go away"}],
        seen_alone="YES",
    )
    w.write(
        "2021-02-16T12:00",
        *worker,
        "offer_advocate",
        offered="2021-02-14",
        child_answer="ACCEPTED",
        offered_by="Priya Nair",
    )
    w.write(
        "2021-03-01T12:00",
        *manager,
        "engage_advocate",
        engaged="2021-02-26",
        advocate="Coreen Bright",
        arranged_by="AUTHORITY",
    )
    w.write(
        "2021-03-04T12:00",
        *iro,
        "raise_challenge",
        ref="bags",
        challenged="2021-03-03",
        decision="night-move",
        what="Amira's things came in bin bags and her bicycle is missing. This must be put right.",
    )
    w.write(
        "2021-03-24T12:00",
        *manager,
        "answer_challenge",
        challenge="bags",
        answered="2021-03-22",
        accepted=True,
        what="A suitcase was bought and the bicycle was brought on 20 March.",
    )
    w.write(
        "2022-01-10T12:00",
        *worker,
        "settle_promise",
        promise="ask-again",
        settled="2022-01-10",
        kept=False,
        what="Nobody asked. I am sorry, Amira.",
    )
    w.write(
        "2022-03-01T11:00",
        *manager,
        "decide_education",
        ref="new-school",
        kind="EDUCATION_SCHOOL_CHANGE",
        decided="2022-02-25",
        effective="2022-04-19",
        school="Bramblebank Academy",
        previous_school="Hill Primary",
        days_lost=3,
        reasons="Nearer to where Amira lives now.",
        decided_by="D. Okafor",
        forum="MANAGER",
        matters=["education:school"],
    )
    w.write(
        "2022-04-27T11:00",
        *worker,
        "record_view",
        ref="about-school",
        matters=["education:school"],
        expressed="2022-02-20",
        own_words=[{"words": "I dont want to leave Hill. My frends are there.", "language": "en"}],
        seen_alone="YES",
        interpretation="Anxious about change in general rather than about the school.",
    )
    w.write(
        "2022-05-03T09:00",
        *worker,
        "correct_record",
        of="about-school",
        field="expressed",
        to="2022-02-27",
        reason="The visit book shows the 27th.",
        requested_by="IRO",
    )
    w.write(
        "2022-05-09T18:00",
        *child,
        "dispute_record",
        of="about-school",
        disputed="2022-05-08",
        disputed_by="CHILD",
        text="I never said I was anxious. I said no.",
    )
    w.write(
        "2022-05-09T18:10",
        *child,
        "annotate_record",
        of="new-school",
        written="2022-05-08",
        written_by="CHILD",
        text="nobody asked me before. i found out from the uniform.",
    )
    w.write(
        "2023-11-02T09:00",
        *worker,
        "record_visit",
        visited="2023-11-01",
        seen_alone="YES",
        visitor="Priya Nair",
        note="Tea and toast. We talked about the football team.",
    )
    w.write(
        "2024-01-20T10:00",
        *worker,
        "record_change",
        kind="DISCLOSURE",
        happened="2024-01-19",
        what="Amira told her teacher that she does not feel safe at Mrs Achterberg's.",
        matters=["placement"],
    )
    w.write(
        "2024-01-22T16:00",
        *worker,
        "make_proposal",
        ref="plan-move",
        proposed="2024-01-22",
        matters=["placement"],
        what="Amira could live with Joan and Peter again, or with a new family near school.",
        options=[
            {"what": "Back to Joan and Peter"},
            {"what": "A new family near school"},
            {"what": "Stay, with more visits", "offered_to_child": False},
        ],
    )
    w.write(
        "2024-01-24T17:30",
        *worker,
        "record_view",
        ref="back-to-joan",
        matters=["placement"],
        expressed="2024-01-24T16:00",
        proposal="plan-move",
        own_words=[
            {
                "words": "I want to go back to Joan and Peter. Please. They still have my drawing on the fridge.",
                "language": "en",
            }
        ],
        seen_alone="YES",
        source="CHILD_DIRECT",
        information_given="Both choices, with photographs",
    )
    w.write(
        "2024-01-29T10:00",
        *iro,
        "record_review",
        ref="review-2024",
        held="2024-01-26",
        participation="PN2",
        chaired_by="Margaret Ellis",
        spoken_to_in_private="YES",
    )
    w.write(
        "2024-01-30T12:00",
        *manager,
        "decide_placement_move",
        ref="back-home",
        kind="PLACEMENT_MOVE_PLANNED",
        decided="2024-01-30T11:00",
        effective="2024-02-17",
        place="U4",
        home="Joan and Peter's",
        carer="joan",
        proposal="plan-move",
        views=["back-to-joan"],
        weight="FOLLOWED",
        review="review-2024",
        iro_informed="2024-01-26",
        reasons="It is what Amira wants, she knows them, and it is safe there.",
        decided_by="D. Okafor",
        forum="PANEL",
        matters=["placement"],
        notice_days=18,
        school_changes=False,
        introductions="Two teas and a weekend",
    )
    w.write(
        "2024-01-31T18:00",
        *worker,
        "tell_child",
        decision="back-home",
        told="2024-01-31",
        reasons="You said where you want to be, and we listened.",
        reaction=[{"words": "YES!!! 🎉", "language": "en"}],
    )
    w.write("2024-02-19T09:00", *worker, "record_effect", decision="back-home", on="2024-02-17")
    w.write(
        "2025-09-09T12:00",
        *manager,
        "decide_contact",
        ref="less-mum",
        kind="CONTACT_REDUCTION",
        person="mum",
        decided="2025-09-08",
        effective="2025-09-20",
        frequency="Once a month",
        views=[],
        matters=["contact:mum"],
        reasons="Mum has not come four times.",
        decided_by="D. Okafor",
        forum="MANAGER",
    )
    w.write(
        "2026-02-03T12:00",
        *worker,
        "record_view",
        ref="leaving",
        matters=["leaving"],
        expressed="2026-02-02",
        own_words=[{"words": "I want to stay with Joan and Peter till I finish college.", "language": "en"}],
        seen_alone="NO",
        seen_alone_reason="Joan was in the kitchen.",
    )
    w.write(
        "2026-02-20T12:00",
        *manager,
        "decide_leaving_care",
        ref="pathway",
        kind="PATHWAY_PLAN",
        decided="2026-02-19",
        effective="2026-08-14",
        views=["leaving"],
        weight="DEPARTED",
        eligibility="ELIGIBLE",
        departure_reasons="The council can pay for staying put until 18 and will look again in July.",
        reasons="The plan covers the time until 18.",
        matters=["leaving", "accommodation"],
        decided_by="D. Okafor",
    )
    w.write(
        "2026-05-28T12:00",
        *manager,
        "decide_education",
        ref="exam-help",
        kind="EDUCATION_SCHOOL_CHANGE",
        decided="2026-05-28",
        effective="2026-09-01",
        school="The sixth-form college",
        matters=["education:school"],
        reasons="Amira finishes school in June.",
    )
    w.write(
        "2026-05-28T12:30",
        *clerk,
        "attach_finding",
        found="2026-04-30",
        body="The Ombudsman",
        of=["night-move"],
        says="The council should have kept the child's belongings safe. It has said that it is sorry.",
        reference="24 001 234",
    )
    w.write(
        "2026-05-28T12:40",
        *clerk,
        "attach_document",
        dated="2021-02-12",
        title="Letter to Amira",
        size=18233,
        sha256="ab" * 32,
        media_type="application/pdf",
        of=["night-move"],
    )
    return w.entries


def layla() -> list[Entry[Fact]]:
    """A record that has ended, of a child whose name and words run from right to left."""
    w = Writer(LAYLA)
    by = ("T. Lowe", Role.SOCIAL_WORKER)
    w.write("2024-01-05T09:00", *by, "open_case", child="ليلى حسن", born="2008-02-29", looked_after_from="2024-01-04")
    w.write(
        "2024-01-05T09:10",
        *by,
        "record_not_ascertainable",
        ref="ill",
        matters=["placement"],
        considered="2024-01-04",
        reason_code="MEDICALLY_UNABLE",
        reason="She had been given medicine for the pain and was asleep.",
    )
    w.write(
        "2024-01-05T09:20",
        *by,
        "decide_placement_move",
        ref="home",
        kind="PLACEMENT_FIRST",
        decided="2024-01-04T20:00",
        effective="2024-01-04",
        place="U1",
        matters=["placement"],
        review_not_practicable="At night",
    )
    w.write(
        "2024-01-09T09:20",
        *by,
        "record_not_told",
        decision="home",
        considered="2024-01-05",
        reason="She was still ill.",
    )
    w.write(
        "2024-06-20T10:00",
        *by,
        "record_view",
        matters=["placement"],
        expressed="2024-06-18",
        own_words=[{"words": "أريد أن أعيش مع خالتي. البيت هناك هادئ، وأستطيع أن أنام.", "language": "ar"}],
        interpretation="She feels safe with her aunt.",
        seen_alone="YES",
    )
    w.write(
        "2025-03-03T10:00",
        *by,
        "close_case",
        ended="2025-03-01",
        reason="E47",
        note="Layla lives with her aunt, who is her special guardian now.",
    )
    return w.entries


def long_one() -> list[Entry[Fact]]:
    """A record of more than one page, with a name that does not fit on a line."""
    w = Writer(LONG)
    by = ("Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Montgomery", Role.SOCIAL_WORKER)
    w.write(
        "2020-01-06T09:00",
        *by,
        "open_case",
        child="Maximiliana-Konstantinopolitanskaya Oluwaseunfunmilayo " + "Wa" * 40,
        born="2012",
        looked_after_from="2020-01-01",
    )
    day = datetime(2020, 1, 10, 16, 0, tzinfo=UTC)
    for number in range(60):
        visited = day + timedelta(days=30 * number)
        w.write(
            civil(visited).replace(tzinfo=None).isoformat(),
            *by,
            "record_visit",
            visited=visited.date().isoformat(),
            seen_alone="YES",
            visitor=f"Visitor {number + 1}",
        )
    return w.entries


def plain() -> list[Entry[Fact]]:
    """A record that has only begun, with nothing stated but a name."""
    w = Writer(PLAIN)
    w.write("2026-05-31T09:00", "T. Lowe", Role.SOCIAL_WORKER, "open_case", child="<b>Sam</b>")
    return w.entries


IN_TEN_SCRIPTS = (
    ("bn", "মা সালমা", "আমি মায়ের কাছে থাকতে চাই।"),
    ("ar", "خالتي ليلى", "أريد أن أرى خالتي كل أسبوع."),
    ("hi", "नानी कमला", "मुझे नानी की बहुत याद आती है।"),
    ("zh", "外婆王秀英", "我想和外婆一起住。"),
    ("am", "አክስቴ አልማዝ", "ከአክስቴ ጋር መኖር እፈልጋለሁ።"),
    ("ta", "அம்மா கவிதா", "நான் அம்மாவைப் பார்க்க வேண்டும்."),
    ("he", "סבתא רחל", "אני רוצה לגור אצל סבתא."),
    ("uk", "Бабуся Оксана", "Я хочу бачити бабусю щонеділі."),
    ("el", "Γιαγιά Ελένη", "Θέλω να μιλάω με τη γιαγιά."),  # noqa: RUF001 - Greek
    ("ka", "ბებია ნინო", "მინდა ბებიასთან ვიცხოვრო."),
)
"""A language, a name in its script, and what a child says in it."""


def ten_scripts() -> list[Entry[Fact]]:
    """A record in which people and words are in ten scripts, some of them from right to left."""
    w = Writer(SCRIPTS)
    by = ("T. Lowe", Role.SOCIAL_WORKER)
    w.write("2025-01-06T09:00", *by, "open_case", child="Саша 王 ليلى", born="2013-02", looked_after_from="2025-01-05")
    for month, (language, name, words) in enumerate(IN_TEN_SCRIPTS, start=1):
        ref = f"{language}-kin"
        w.write("2025-01-07T09:00", *by, "introduce_person", ref=ref, name=name, relationship="RELATIVE", note=words)
        w.write(
            f"2025-{month:02}-12T16:00", *by, "record_view", ref=f"{language}-view", matters=[f"contact:{ref}"],
            expressed=f"2025-{month:02}-11", own_words=[{"words": words, "language": language}],
        )  # fmt: skip
        w.write(
            f"2025-{month:02}-20T16:00", *by, "decide_contact", kind="CONTACT_ARRANGE", person=ref, mode="VIDEO",
            decided=f"2025-{month:02}-18", effective=f"2025-{month:02}-25", significant=True, reasons=words,
            views=[f"{language}-view"], weight="FOLLOWED", other_views=[{"who": ref, "said": words}],
        )  # fmt: skip
    return w.entries


def whole_childhood() -> list[Entry[Fact]]:
    """Eighteen years of a made-up child with fifteen hundred entries."""
    case, found = Case(WHOLE), []
    recorded = NOW - timedelta(days=30)
    for nth, body in enumerate(record_of(7, CHILDHOOD)):
        act = Act("bench", Role.SYSTEM, recorded, uuid5(WHOLE, f"a{nth}"), uuid5(WHOLE, f"c{nth}"))
        with suppress(Refused):
            for fact in COMMAND.validate_python(body).decide(case, act):
                found.append(Entry(WHOLE, case.version + 1, fact, 5000 + case.version, recorded))
                case.evolve(fact, Stamp(case.version + 1, recorded))
    return found


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of a server with the pages of six children."""
    kept = Kept(amira(), layla(), long_one(), plain(), ten_scripts(), whole_childhood())
    app = FastAPI()

    @app.middleware("http")
    async def somebody(request: Request, go_on: Any) -> Any:
        request.state.persona = "Margaret Ellis, reviewing officer"
        return await go_on(request)

    async def state() -> LogState:
        return watched(NOW)

    app.include_router(pages(lambda _: kept, lambda: NOW))  # type: ignore[arg-type]
    app.include_router(log_page(state, lambda: NOW))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    listening = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser. A skip here is loud: continuous integration counts it as a fault."""
    program = chromium()
    if program is None:
        pytest.skip("NO CHROMIUM: the accessibility of the pages was not tested. Install it, see ops/browser.py.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(program), args=launch_arguments())
        yield started
        started.close()
