"""Whatever is recorded, in whatever order: every projection says what a plain look through the facts says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from api.casework import Casework, casework
from domain.case.command import Act
from domain.case.fact import Fact, Role
from domain.case.refusal import Refused
from domain.case.registry import COMMAND
from domain.dates import PartialDate, civil
from domain.voice.verdict import VerdictClass
from ledger.mapper import Entry
from ledger.reader import LogReader
from ledger.recorder import CONNECTION
from ops.storage.migrations import migrate
from projections.answers import Answers, CaseView, Shown
from projections.catalogue import PROJECTIONS
from projections.engine.projection import fold
from projections.engine.rebuild import rebuild
from projections.engine.runner import Runner
from projections.overview.overview import Overview, overview_of
from projections.timeline.wanted import EVERYTHING, Wanted
from projections.voice.rows import voice_as_json, voices
from tests.keeping import kept_log

T = TypeVar("T")
DAYS = st.dates(date(2026, 1, 1), date(2026, 6, 30))
DATES = st.one_of(DAYS.map(str), DAYS.map(lambda day: f"{day:%Y-%m}"), DAYS.map(lambda day: f"{day}T10:30"))
MATTERS = st.lists(
    st.sampled_from(["placement", "contact", "education:school", "careplan:permanence"]),
    min_size=1,
    max_size=2,
    unique=True,
)


WANTED = (
    EVERYTHING,
    *(Wanted(matter=matter) for matter in ("placement", "contact", "education", "education:school", "careplan")),
    *(Wanted(classes=frozenset([each])) for each in VerdictClass),
)
AHEAD = st.one_of(DATES, st.sampled_from(["2090-05", "2090-05-17"]))
SPOKEN = ("view.sought", "view.expressed", "view.observed", "view.declined", "view.not_ascertainable")
Chosen = dict[Wanted, tuple[list[str], list[tuple[int, int]]]]
"""What each filter left: references in the order of the timeline, and years with their number of entries."""


class Records(RuleBasedStateMachine):
    """Two children; facts of many kinds in any order; projections that follow, fall behind, and are rebuilt."""

    database: str
    cases = Bundle("cases")
    views = Bundle("views")
    decisions = Bundle("decisions")
    people = Bundle("people")

    def __init__(self) -> None:
        super().__init__()
        self.schema = f"n_{uuid4().hex[:12]}"
        with psycopg.connect(self.database, autocommit=True) as connection:
            migrate(connection, self.schema)
        self.pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            self.database, min_size=1, max_size=3, open=True, kwargs=CONNECTION
        )
        self.holding = ExitStack()
        self.kept = self.holding.enter_context(kept_log(self.pool, self.schema))
        self.runner = Runner(self.pool, self.kept, PROJECTIONS)
        self.runner.prepare()
        self.ledger: Casework = casework(self.pool, self.kept)
        self.facts: dict[UUID, list[Entry[Fact]]] = {}
        self.behind: set[UUID] = set()
        self.turn = 0

    def teardown(self) -> None:
        """Take the authority away again."""
        self.holding.close()
        self.pool.close()
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {self.schema} CASCADE")

    def record(self, case: UUID, **body: Any) -> str | None:
        """Record something; what the rules refuse is not recorded."""
        act = Act("worker.1", Role.SOCIAL_WORKER, datetime.now(UTC), uuid4(), uuid4())
        try:
            recorded = self.ledger.handle(case, COMMAND.validate_python(body), act)
        except Refused:
            return None
        self.facts.setdefault(case, []).extend(recorded.entries)
        self.behind.add(case)
        return recorded.entries[0].event.ref

    @initialize(target=cases)
    def open_cases(self) -> Any:
        """Open the cases of two children."""
        opened = [uuid4(), uuid4()]
        for case in opened:
            self.record(case, do="open_case", child="Mina", born="2015-06-01", looked_after_from="2025")
        return multiple(*opened)

    @rule(target=people, case=cases, since=DATES, relationship=st.sampled_from(["MOTHER", "SIBLING", "CARER"]))
    def introduce(self, case: UUID, since: str, relationship: str) -> Any:
        """Somebody comes into the child's life."""
        ref = self.record(case, do="introduce_person", name="Somebody", relationship=relationship, since=since)
        return multiple(*([(case, ref)] if ref else []))

    @rule(person=consumes(people), until=DATES)
    def leave(self, person: tuple[UUID, str], until: str) -> None:
        """Somebody leaves it."""
        self.record(person[0], do="record_person_left", person=person[1], until=until)

    @rule(
        target=views,
        case=cases,
        matters=MATTERS,
        on=DATES,
        source=st.one_of(st.none(), st.tuples(DAYS.map(str), st.sampled_from("ABC"))),
    )
    def view(self, case: UUID, matters: list[str], on: str, source: tuple[str, str] | None) -> Any:
        """The child says something, perhaps in an older source."""
        provenance = {"system": "Mosaic", "recorded": source[0], "grade": source[1]} if source else None
        ref = self.record(
            case, do="record_view", matters=matters, expressed=on, account="What she wants", provenance=provenance
        )
        return multiple(*([(case, ref)] if ref else []))

    @rule(
        target=decisions,
        case=cases,
        matters=MATTERS,
        decided=st.one_of(st.none(), DATES),
        effective=st.one_of(st.none(), AHEAD),
        urgency=st.sampled_from(["PLANNED", "EMERGENCY"]),
    )
    def decide(self, case: UUID, matters: list[str], decided: str | None, effective: str | None, urgency: str) -> Any:
        """Something is decided."""
        emergency = {"ground": "REG14_3_IMMEDIATE_RISK", "not_practicable_reason": "Late at night"}
        ref = self.record(
            case,
            do="decide_placement_move",
            kind="PLACEMENT_MOVE_PLANNED",
            place="U6",
            matters=matters,
            decided=decided,
            effective=effective,
            urgency=urgency,
            **(emergency if urgency == "EMERGENCY" else {}),
        )
        return multiple(*([(case, ref)] if ref else []))

    @rule(target=decisions, person=people, on=DATES, contact=st.booleans())
    def decide_about(self, person: tuple[UUID, str], on: str, contact: bool) -> Any:  # noqa: FBT001 - drawn
        """Something is decided that has to do with somebody in the child's life."""
        case, who = person
        body: dict[str, Any] = (
            {"do": "decide_contact", "kind": "CONTACT_ARRANGE", "person": who}
            if contact
            else {"do": "decide_placement_move", "kind": "PLACEMENT_MOVE_PLANNED", "place": "U6", "carer": who}
        )
        ref = self.record(case, decided=on, **body)
        return multiple(*([(case, ref)] if ref else []))

    @rule(view=views, person=people)
    def correct_who_was_there(self, view: tuple[UUID, str], person: tuple[UUID, str]) -> None:
        """Who was there when the child said something is put right."""
        self.record(
            view[0],
            do="correct_record",
            of=view[1],
            field="present",
            to=[person[1]],
            reason="Left out",
            requested_by="AUTHOR",
        )

    @rule(view=views, to=DATES)
    def correct(self, view: tuple[UUID, str], to: str) -> None:
        """A date of a view is put right."""
        self.record(
            view[0],
            do="correct_record",
            of=view[1],
            field="expressed",
            to=to,
            reason="Typed wrong",
            requested_by="AUTHOR",
        )

    @rule(case=cases, matters=MATTERS, on=DATES, how=st.sampled_from(["sought", "observation", "declined"]))
    def ask(self, case: UUID, matters: list[str], on: str, how: str) -> None:
        """Somebody tries to ask, watches, or hears that the child does not want to say."""
        told: dict[str, Any] = {
            "sought": {"sought": on},
            "observation": {"observed": on, "what_was_seen": "Held on to the door"},
            "declined": {"declined": on},
        }[how]
        assert self.record(case, do=f"record_{how}", matters=matters, **told)

    @rule(view=views)
    def dispute(self, view: tuple[UUID, str]) -> None:
        """The child says that a view is wrong."""
        self.record(view[0], do="dispute_record", of=view[1], text="I never said that", disputed_by="CHILD")

    @rule(decision=decisions, on=DATES)
    def effect(self, decision: tuple[UUID, str], on: str) -> None:
        """A decision takes effect."""
        self.record(decision[0], do="record_effect", decision=decision[1], on=on)

    @rule(decision=decisions, told=DATES, reasons=st.booleans())
    def tell(self, decision: tuple[UUID, str], told: str, reasons: bool) -> None:  # noqa: FBT001 - drawn
        """The child is told."""
        self.record(
            decision[0], do="tell_child", decision=decision[1], told=told, **({"reasons": "Because"} if reasons else {})
        )

    @rule()
    def follow(self) -> None:
        """The projections catch up."""
        self.runner.catch_up()

    @rule(projection=st.sampled_from(PROJECTIONS))
    def rebuild(self, projection: Any) -> None:
        """A projection is rebuilt."""
        rebuild(self.pool, self.kept, projection)

    @rule(case=cases, back=st.floats(0, 1))
    def as_it_stood(self, case: UUID, back: float) -> None:
        """What is answered about a moment in the past is what the facts recorded by then say."""
        entries = self.facts[case]
        cut = entries[int(back * (len(entries) - 1))].recorded_at
        assert cut is not None
        known = [entry for entry in entries if entry.recorded_at and entry.recorded_at <= cut]
        view, shown, chosen = self.answers(case, cut)
        check(case, view, shown, known, cut)
        check_chosen(case, chosen, known, cut)
        later, dates = self.since(case, cut)
        assert later == naive_later(entries, cut)
        assert dates == {ref: when for ref, when, _ in naive_timeline(entries)}

    @invariant()
    def nothing_is_lost(self) -> None:
        """The answers of now are what all facts say, also before the rows have followed; the picture, too."""
        for case in self.behind:
            now = datetime.now(UTC)
            view, shown, chosen = self.answers(case, None, now)
            check(case, view, shown, self.facts[case], now)
            check_chosen(case, chosen, self.facts[case], now)
        self.behind.clear()
        self.runner.catch_up()
        for case, entries in self.facts.items():
            now = datetime.now(UTC)
            view, shown, chosen = self.answers(case, None, now)
            check(case, view, shown, entries, now)
            check_chosen(case, chosen, entries, now)
            live, folded = self.pictures(case, now)
            assert [(each.ref, each.when and str(each.when), each.matters) for each in live.spoken] == naive_spoken(
                entries
            )
            assert live == folded

    @rule(case=cases, back=st.floats(0, 1))
    def a_page_that_began_earlier(self, case: UUID, back: float) -> None:
        """A page read at an earlier version shows what was recorded up to it, with answers as known by then."""
        entries = self.facts[case]
        known = entries[: 1 + int(back * (len(entries) - 1))]
        now = datetime.now(UTC)
        _, shown, chosen = self.answers(case, None, now, upto=len(known))
        assert timeline(shown) == naive_timeline(known)
        check_chosen(case, chosen, known, now)

    def some(self, view: CaseView) -> list[Wanted]:
        """Take a few of all filters, others each time."""
        every = [*WANTED, *(Wanted(person=ref) for ref in view.names)]
        self.turn += 3
        return [every[(self.turn + step) % len(every)] for step in range(3)]

    def answers(
        self, case: UUID, as_of: datetime | None, now: datetime | None = None, upto: int | None = None
    ) -> tuple[CaseView | None, list[Shown], Chosen]:
        """Ask as a door does."""

        async def ask(answers: Answers) -> tuple[CaseView | None, list[Shown], Chosen]:
            view = await answers.case(case, as_of=as_of)
            asked: dict[str, Any] = {"now": now or datetime.now(UTC), "as_of": as_of, "upto": upto}
            shown = await answers.timeline(case, limit=1000, **asked)
            chosen: Chosen = {}
            for wanted in self.some(view) if view else ():
                found = await answers.timeline(case, limit=1000, newest_first=True, wanted=wanted, **asked)
                chosen[wanted] = (
                    [each.entry.event.ref for each in reversed(found)],
                    await answers.years(case, wanted=wanted, **asked | {"upto": upto or (view and view.version)}),
                )
            return view, shown, chosen

        return self.through(ask)

    def pictures(self, case: UUID, now: datetime) -> tuple[Overview, Overview]:
        """Give what the picture shows now: from rows, and folded from the log."""

        async def ask(answers: Answers) -> tuple[Overview, Overview]:
            drawn = []
            for as_of in (None, now):
                view = await answers.case(case, as_of=as_of)
                assert view is not None
                voices = await answers.voices(case, now=now, as_of=as_of)
                drawn.append(overview_of(view.state, voices, await answers.spoken(case, as_of=as_of)))
            return drawn[0], drawn[1]

        return self.through(ask)

    def since(self, case: UUID, cut: datetime) -> tuple[list[tuple[str, str, str]], dict[str, str | None]]:
        """Give what came after a moment about what had happened by then, and the dates that entries have now."""

        async def ask(answers: Answers) -> tuple[list[tuple[str, str, str]], dict[str, str | None]]:
            later = await answers.came_later(case, cut)
            dates = await answers.dates(case, [entry.event.ref for entry in self.facts[case]])
            return (
                [(each.ref, each.topic, str(each.when)) for each in later],
                {ref: when and str(when) for ref, when in dates.items()},
            )

        return self.through(ask)

    def through(self, ask: Callable[[Answers], Awaitable[T]]) -> T:
        """Ask the answers something, over connections of its own."""

        async def asked() -> T:
            pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
                self.database, min_size=1, max_size=1, open=False, kwargs={"autocommit": True}
            )
            async with pool:
                return await ask(Answers(LogReader(pool, self.kept)))

        return asyncio.run(asked())


def check(case: UUID, view: CaseView | None, shown: list[Shown], entries: list[Entry[Fact]], moment: datetime) -> None:
    """Compare every answer with a plain look through the facts."""
    assert view is not None
    assert view.version == len(entries)
    assert timeline(shown) == naive_timeline(entries)
    assert {person["ref"]: (person["since"], person["until"]) for person in view.people} == naive_people(entries)
    assert [placement["ref"] for placement in view.state["placements"]] == naive_placements(entries)
    expected = {voice.ref: voice_as_json(voice) for voice in voices(fold(case, entries), moment)}
    assert {each.entry.event.ref: each.voice for each in shown if each.voice is not None} == expected


def check_chosen(case: UUID, chosen: Chosen, entries: list[Entry[Fact]], moment: datetime) -> None:
    """Compare what each filter leaves, and its years, with a plain look through the facts."""
    classes = {voice.ref: voice.now.verdict_class for voice in voices(fold(case, entries), moment)}
    for wanted, (refs, years) in chosen.items():
        kept = [(ref, year) for ref, year in naive_years(entries) if naive_wanted(wanted, ref, entries, classes)]
        assert refs == [ref for ref, _ in kept]
        assert years == sorted(Counter(year for _, year in kept).items())


def naive_years(entries: list[Entry[Fact]]) -> list[tuple[str, int]]:
    """Every reference in the order of the timeline with the year it stands in."""
    recorded = {entry.event.ref: entry.recorded_at for entry in entries}
    years = []
    for ref, when, _ in naive_timeline(entries):
        at = recorded[ref]
        assert at is not None
        years.append((ref, PartialDate.parse(when).first.year if when else civil(at).year))
    return years


def naive_wanted(wanted: Wanted, ref: str, entries: list[Entry[Fact]], classes: dict[str, VerdictClass]) -> bool:
    """Tell by a plain look whether an entry is wanted."""
    (event,) = [entry.event for entry in entries if entry.event.ref == ref]
    body = event.model_dump(mode="json")
    if wanted.matter is not None:
        steps = wanted.matter.split(":")
        return any(
            each.split(":")[: len(steps)] == steps or steps[: len(each.split(":"))] == each.split(":")
            for each in body.get("matters") or ()
        )
    if wanted.person is not None:
        later: list[Any] = [each.event for each in entries if each.event.TOPIC == "record.corrected"]
        named = [body.get("person"), body.get("carer"), ref, *(body.get("present") or ())]
        named += [each.removeprefix("contact:") for each in body.get("matters") or ()]
        named += [who for each in later if each.of == ref and each.field == "present" for who in each.to]
        return wanted.person in named
    return not wanted.classes or classes.get(ref) in wanted.classes


def timeline(shown: list[Shown]) -> list[tuple[str, str | None, list[str]]]:
    """A timeline as answered: reference, date, and what is attached."""
    return [
        (
            each.entry.event.ref,
            None if each.when is None else str(each.when),
            [more.event.ref for more in each.attached],
        )
        for each in shown
    ]


def naive_timeline(entries: list[Entry[Fact]]) -> list[tuple[str, str | None, list[str]]]:
    """The timeline by a plain look: dates as corrected last, order of dates, then of recording."""
    lines = []
    for entry in entries:
        event: Any = entry.event
        when = event.when
        if when is None and event.TOPIC == "placement.move_decided":
            when = event.effective
        for later in entries:
            change: Any = later.event
            if change.TOPIC == "record.corrected" and change.of == entry.event.ref and change.field == "expressed":
                when = PartialDate.parse(change.to)
        attached = [
            later.event.ref
            for later in entries
            if later.event.TOPIC in ("record.corrected", "record.disputed") and later.event.of == entry.event.ref  # type: ignore[attr-defined]
        ]
        assert entry.recorded_at is not None
        place = when.first if when else civil(entry.recorded_at)
        lines.append((place, entry.originator_version, (entry.event.ref, str(when) if when else None, attached)))
    return [line for _, _, line in sorted(lines, key=lambda line: line[:2])]


def naive_spoken(entries: list[Entry[Fact]]) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Every time the child was asked, in the order of the timeline."""
    asked: dict[str, Any] = {entry.event.ref: entry.event for entry in entries if entry.event.TOPIC in SPOKEN}
    return [(ref, when, asked[ref].matters) for ref, when, _ in naive_timeline(entries) if ref in asked]


def naive_later(entries: list[Entry[Fact]], cut: datetime) -> list[tuple[str, str, str]]:
    """What was recorded after a moment about what had happened by then."""
    since = {entry.event.ref: entry for entry in entries if entry.recorded_at and entry.recorded_at > cut}
    return [
        (ref, since[ref].event.TOPIC, when)
        for ref, when, _ in naive_timeline(entries)
        if ref in since and when and PartialDate.parse(when).first <= civil(cut)
    ]


def naive_people(entries: list[Entry[Fact]]) -> dict[str, tuple[str | None, str | None]]:
    """Who is there, from when to when, by a plain look."""
    facts: list[Any] = [entry.event for entry in entries]
    return {
        person.ref: (
            str(person.since) if person.since else None,
            next(
                (str(left.until) for left in facts if left.TOPIC == "person.left" and left.person == person.ref), None
            ),
        )
        for person in facts
        if person.TOPIC == "person.introduced"
    }


def naive_placements(entries: list[Entry[Fact]]) -> list[str]:
    """The placements in the order of their effect, by a plain look."""
    facts: list[Any] = [entry.event for entry in entries]

    def begins(entry: Entry[Fact]) -> datetime:
        move: Any = entry.event
        effects = [each.on for each in facts if each.TOPIC == "decision.took_effect" and each.decision == move.ref]
        since = effects[-1] if effects else move.effective or move.decided
        assert entry.recorded_at is not None
        return since.first if since else civil(entry.recorded_at)

    moves = [entry for entry in entries if entry.event.TOPIC == "placement.move_decided"]
    return [entry.event.ref for entry in sorted(moves, key=lambda entry: (begins(entry), entry.originator_version))]


@contextmanager
def machine_on(database: str) -> Iterator[type[Records]]:
    """The machine, for one database."""
    Records.database = database
    yield Records


def test_every_projection_equals_a_naive_fold(database: str) -> None:
    """Forty recordings in any order, twelve times over."""
    with machine_on(database) as machine:
        case = machine.TestCase
        case.settings = settings(max_examples=12, stateful_step_count=40, deadline=None, print_blob=True)
        case("runTest").runTest()


def test_the_check_can_fail(database: str) -> None:
    """A timeline that misses one entry is noticed."""
    with machine_on(database) as machine:
        records = machine()
        case = uuid4()
        records.record(case, do="open_case", child="Mina", born="2015-06-01")
        records.record(case, do="record_visit", visited="2026-01-02", seen_alone="YES")
        records.runner.catch_up()
        now = datetime.now(UTC) + timedelta(seconds=1)
        view, shown, _ = records.answers(case, None, now)
        with pytest.raises(AssertionError):
            check(case, view, shown[:-1], records.facts[case], now)
        check(case, view, shown, records.facts[case], now)
        records.teardown()
