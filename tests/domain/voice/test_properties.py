"""
What holds for every record: the answers under evidence nobody thought of.

The evidence is drawn from few days, so that dates clash: several views, decisions, corrections and the rest fall on the
same day, in the same month, within the same window. Every promise is about what the record can show, never about how
an answer is computed.
"""

# ruff: noqa: DTZ001 - civil time has no offset

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from domain.dates import PartialDate
from domain.rules import pack_pinned
from domain.voice.evidence import (
    Corrected,
    Correction,
    Decision,
    Evidence,
    Grade,
    Informed,
    Mark,
    MaterialChange,
    Outcome,
    Process,
    Reconfirmation,
    SeenAlone,
    Source,
    Telling,
    TookEffect,
    View,
    Weight,
    Withdrawn,
)
from domain.voice.question import Answer, Finding, ask, next_turn
from domain.voice.verdict import Feedback, Verdict, VerdictClass

PACK = pack_pinned("england-2010@1")
OTHER_PACK = replace(
    PACK, version=2, freshness={}, freshness_otherwise=replace(PACK.freshness_otherwise, value=1), kinds={}
)
"""Rules nobody made, under which nearly every answer differs."""

SHOWN = frozenset({VerdictClass.MET, VerdictClass.LATE_EVIDENCE, VerdictClass.EXCUSED})
"""What an answer can say in the authority's favour."""
NOT_SHOWN = frozenset({VerdictClass.NOT_MET, VerdictClass.CANNOT_BE_SHOWN, VerdictClass.PARTLY_MET})

LONG_AFTER = datetime(2026, 6, 1, 23)
TOO_LATE_IN_AN_EMERGENCY = frozenset({Verdict.EMERGENCY_NO_VIEW, Verdict.EMERGENCY_VIEW_OUT_OF_WINDOW})
VIEWS = ("view-0", "view-1", "view-2", "view-3")
DECISIONS = ("decision-0", "decision-1")
MATTERS = ("placement", "placement", "placement", "contact:mother", "contact", "careplan:permanence")


# Evidence -------------------------------------------------------------------------------------------------------------


def days(*offsets: int) -> list[date]:
    """Days counted from the tenth of March 2026, a Tuesday."""
    return [date(2026, 3, 10) + timedelta(offset) for offset in offsets]


def times(on: Iterable[date]) -> list[datetime]:
    """Two moments of each day."""
    return [datetime.combine(day, time(hour)) for day in on for hour in (9, 15)]


def stated(on: Sequence[date], *, vague: bool) -> st.SearchStrategy[PartialDate]:
    """Days and instants; with `vague`, also the months and the year they lie in."""
    exact = [PartialDate.on(day) for day in on] * 2 + [PartialDate.at(moment) for moment in times(on)]
    months = [PartialDate.in_month(2026, month) for month in (2, 3, 4)]
    return st.sampled_from([*exact, *months, PartialDate.in_year(2026)] if vague else exact)


STAMPS = st.sampled_from(times(days(0, -43, -6, -1, 1, 2, 3, 7, 8, 10, 22)))
STAMPS_OR_NONE = st.one_of(st.none(), STAMPS)
LAGS = st.sampled_from([timedelta(day, hours=18) for day in (0, 0, 0, 1, 3, 7, 8, 10, 22)])
SOURCED = st.sampled_from(
    [(None, None)] * 20 + [(PartialDate.on(day), grade) for day in days(-6, -1, 0, 3) for grade in Grade]
)
PROPOSALS = st.sampled_from((None, None, "proposal"))
EMERGENCIES = st.sampled_from(
    [(False, None, False)] * 4
    + [(True, "EPO", True)] * 3
    + [(True, "EPO", False), (True, "NO_SUCH_GROUND", True), (True, None, True)]
)
OUTCOMES = st.sampled_from([*[Outcome.EXPRESSED] * 3, *Outcome])
REASONS = st.sampled_from([("PRE_VERBAL", True), ("PRE_VERBAL", True), ("PRE_VERBAL", False), ("NO_SUCH_CODE", True)])
SUBJECTS = st.lists(st.sampled_from(MATTERS), min_size=1, max_size=2, unique=True).map(tuple)
CITED = st.frozensets(st.sampled_from(VIEWS), max_size=3)
QUALITIES = st.tuples(st.sampled_from((None, *Source)), st.integers(1, 2), st.sampled_from((None, *SeenAlone)))
MARKED = st.sampled_from([None] * 18 + [True, False])
PROCESSES = st.sampled_from(
    [
        None,
        Process(review_considered=False, iro_informed=False),
        Process(iro_informed=True),
        Process(iro_informed=True, iro_informed_on=PartialDate.in_month(2026, 3)),
    ]
)
KINDS = st.sampled_from(["PLACEMENT_MOVE_PLANNED"] * 9 + ["PLACEMENT_TEMPORARY"])
MOMENTS_OF_ASKING = st.one_of(st.just(LONG_AFTER), STAMPS)


def _view(  # noqa: PLR0913 - one for each thing that varies
    ref: str,
    outcome: Outcome,
    matters: tuple[str, ...],
    expressed: PartialDate,
    recorded: datetime | None,
    lag: timedelta,
    sourced: tuple[Any, Any],
    proposal: str | None,
    reason: tuple[str, bool],
    qualities: tuple[Any, int, Any],
) -> View:
    source, attempts, seen_alone = qualities
    recorded = recorded or datetime.combine(expressed.first_day, time.min) + lag
    return View(ref, outcome, matters, expressed, recorded, *sourced, proposal, source, attempts, *reason, seen_alone)


def _decision(  # noqa: PLR0913 - one for each thing that varies
    ref: str,
    kind: str,
    matters: tuple[str, ...],
    decided: PartialDate | None,
    effective: PartialDate | None,
    recorded: datetime | None,
    sourced: tuple[Any, Any],
    proposal: str | None,
    emergency: tuple[bool, Any, bool],
    *rest: Any,
) -> Decision:
    return Decision(ref, kind, matters, decided, effective, recorded, *sourced, proposal, *emergency, *rest)


def _as_many(counts: Sequence[int], made: Sequence[st.SearchStrategy[Any]]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sampled_from(counts).flatmap(lambda count: st.tuples(*made[:count]))


def evidence(*, vague: bool = True) -> st.SearchStrategy[Evidence]:
    """Whole records: one or two decisions with whatever may bear on them."""
    asked = stated(days(-6, -1, 0, 1, 2, 3, 8, 24, -8, -20, -42, -43, -80), vague=vague)
    made = stated(days(0, 0, -1, 2, 6), vague=vague)
    later = stated(days(0, 1, 2, 3, 6, 7, 8, 10, 22), vague=vague)
    undated = st.sampled_from([None, *(PartialDate.unknown_until(moment) for moment in times(days(0, 10)))])
    decided = st.sampled_from([made] * 9 + [undated]).flatmap(lambda which: which) if vague else made
    effective = st.one_of(stated(days(10, 0, 1, -1, 3, 15), vague=vague), st.none())
    which = st.sampled_from(DECISIONS)
    views = [
        st.builds(
            _view, st.just(ref), OUTCOMES, SUBJECTS, asked, STAMPS_OR_NONE, LAGS, SOURCED, PROPOSALS, REASONS, QUALITIES
        )
        for ref in VIEWS
    ]
    decisions = [
        st.builds(
            _decision, st.just(ref), KINDS, SUBJECTS, decided, effective, st.one_of(st.none(), STAMPS_OR_NONE), SOURCED,
            PROPOSALS, EMERGENCIES, st.booleans(), MARKED, CITED, st.sampled_from(Weight), st.booleans(), PROCESSES,
        )
        for ref in DECISIONS
    ]  # fmt: skip
    corrections = st.one_of(
        st.builds(
            Correction, st.just("correction"), st.sampled_from(VIEWS), st.just(Corrected.EXPRESSED), asked, STAMPS
        ),
        st.builds(Correction, st.just("correction"), which, st.just(Corrected.DECIDED), made, STAMPS),
        st.builds(Correction, st.just("correction"), which, st.just(Corrected.EFFECTIVE), later, STAMPS),
    )
    return st.builds(
        lambda decided, said, *rest: Evidence({d.ref: d for d in decided}, {v.ref: v for v in said}, *rest),
        _as_many((1, 1, 2), decisions),
        _as_many((1, 2, 2, 3, 4, 0), views),
        st.lists(corrections, max_size=2, unique_by=attrgetter("recorded")),
        st.lists(st.tuples(st.sampled_from(VIEWS), STAMPS), max_size=1),
        st.lists(
            st.builds(MaterialChange, st.just("change"), st.sampled_from(MATTERS), asked, STAMPS_OR_NONE), max_size=1
        ),
        st.lists(
            st.builds(
                Reconfirmation,
                st.just("again"),
                which,
                later,
                CITED,
                STAMPS_OR_NONE,
                st.sampled_from(Weight),
                st.booleans(),
            ),
            max_size=2,
        ),
        st.lists(
            st.builds(Telling, st.just("telling"), which, later, st.booleans(), st.booleans(), STAMPS_OR_NONE),
            max_size=2,
        ),
        st.lists(st.builds(Mark, which, st.sampled_from((True, True, True, False)), STAMPS), max_size=1),
        st.lists(st.builds(TookEffect, which, later, STAMPS), max_size=1),
        st.lists(st.builds(Informed, st.just("informing"), which, later, STAMPS), max_size=1),
        st.one_of(
            st.just([]),
            st.just([]),
            st.just([]),
            st.lists(st.builds(Withdrawn, st.just("withdrawal"), which, later, STAMPS), max_size=1),
        ),
    )


RECORDS = evidence()
EXACT_RECORDS = evidence(vague=False)


def answers(record: Evidence, as_of: datetime, pack: Any = PACK) -> dict[str, Answer]:
    """Ask about every decision, as the record stood then."""
    known = record.known_at(as_of)
    return {ref: ask(known.decision(ref) or held, known, pack) for ref, held in record.decisions.items()}


def by_matter(answer: Answer) -> dict[str, Finding]:
    """The findings by what they are about."""
    return {finding.matter: finding for finding in answer.findings}


def found(record: Evidence, as_of: datetime) -> dict[tuple[str, str], VerdictClass]:
    """The class of every finding, by decision and matter."""
    return {
        (ref, finding.matter): finding.verdict.verdict_class
        for ref, answer in answers(record, as_of).items()
        for finding in answer.findings
    }


def as_it_stood(record: Evidence, as_of: datetime) -> Evidence:
    """The record without everything that came in later."""

    def seen(facts: Iterable[Any], recorded: Callable[[Any], datetime | None] = attrgetter("recorded")) -> list[Any]:
        return [fact for fact in facts if (moment := recorded(fact)) is None or moment <= as_of]

    return Evidence(
        decisions={held.ref: held for held in seen(record.decisions.values())},
        views={held.ref: held for held in seen(record.views.values())},
        corrections=seen(record.corrections),
        disputes=seen(record.disputes, lambda pair: pair[1]),
        material_changes=seen(record.material_changes),
        reconfirmations=seen(record.reconfirmations),
        tellings=seen(record.tellings),
        marks=seen(record.marks),
        effects=seen(record.effects),
        iro_informed=seen(record.iro_informed),
        withdrawals=seen(record.withdrawals),
    )


# The evidence itself --------------------------------------------------------------------------------------------------


def test_the_evidence_drawn_is_worth_asking_about() -> None:
    """Nearly every answer there is comes up among a thousand records, and none of them drowns the others."""
    seen: Counter[Verdict] = Counter()

    @settings(
        max_examples=1000,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(RECORDS, MOMENTS_OF_ASKING)
    def look(record: Evidence, as_of: datetime) -> None:
        seen.update(finding.verdict for answer in answers(record, as_of).values() for finding in answer.findings)

    look()

    assert len(seen) >= 15, set(Verdict) - set(seen)
    assert {verdict.verdict_class for verdict in seen} == set(VerdictClass)
    assert max(seen.values()) < seen.total() / 3


# The properties of the brief, 6.11 ------------------------------------------------------------------------------------


@given(RECORDS, MOMENTS_OF_ASKING)
def test_what_comes_in_later_changes_nothing_that_was_answered(record: Evidence, as_of: datetime) -> None:
    """An answer rests on what the record held then: whatever came in afterwards, it is the same answer."""
    stood = answers(as_it_stood(record, as_of), as_of)

    for ref, answer in answers(record, as_of).items():
        event(answer.verdict)
        if ref in stood:
            assert answer == stood[ref]
        else:
            assert answer.verdict in {Verdict.PENDING, Verdict.NOT_SIGNIFICANT}


@given(RECORDS, MOMENTS_OF_ASKING, st.data())
def test_a_correction_leaves_every_earlier_answer_as_it_was(
    record: Evidence, as_of: datetime, data: st.DataObject
) -> None:
    """A date put right later never reaches back to before it was put right."""
    corrected = data.draw(st.sampled_from([*record.views, *record.decisions]))
    what = Corrected.EXPRESSED if corrected in record.views else data.draw(st.sampled_from(list(Corrected)[1:]))
    to = data.draw(stated(days(-43, -6, 0, 2, 30), vague=True))
    late = Correction("late", corrected, what, to, as_of + timedelta(minutes=1))

    assert answers(replace(record, corrections=[*record.corrections, late]), as_of) == answers(record, as_of)


@given(RECORDS, st.integers(1, 40))
def test_a_later_date_on_a_decision_in_the_log_gains_nothing(record: Evidence, days_later: int) -> None:
    """What the record held was decided by then: claiming a later date than the log's makes no answer better."""
    logged = {ref: held for ref, held in record.decisions.items() if held.on_record is not None}
    assume(logged)
    honest = {ref: replace(held, decided=held.on_record) for ref, held in logged.items()}
    moved = {
        ref: replace(held, decided=PartialDate.on(held.on_record.last_day + timedelta(days_later)))
        for ref, held in logged.items()
        if held.on_record is not None
    }

    before = found(replace(record, decisions=honest), LONG_AFTER)
    after = found(replace(record, decisions=moved), LONG_AFTER)

    assert [where for where, given in after.items() if given.severity < before[where].severity] == []


@given(RECORDS, MOMENTS_OF_ASKING, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_changes_nothing(record: Evidence, as_of: datetime, rng: Random) -> None:
    """
    The same facts with the same dates give the same answer, whichever came first into the list.

    Corrections, marks and effects stand in the order in which they were recorded, as `Evidence` asks.
    """

    def shuffled(facts: Sequence[Any]) -> list[Any]:
        return rng.sample(facts, len(facts))

    mixed = replace(
        record,
        decisions=dict(shuffled(list(record.decisions.items()))),
        views=dict(shuffled(list(record.views.items()))),
        disputes=shuffled(record.disputes),
        material_changes=shuffled(record.material_changes),
        reconfirmations=shuffled(record.reconfirmations),
        tellings=shuffled(record.tellings),
        iro_informed=shuffled(record.iro_informed),
        withdrawals=shuffled(record.withdrawals),
    )

    def said(answer: Answer) -> tuple[Any, ...]:
        verdicts = {finding.matter: (finding.verdict, finding.flags) for finding in answer.findings}
        return answer.verdict, verdicts, answer.influence, answer.feedback

    mixed_answers = answers(mixed, as_of)
    assert {ref: said(answer) for ref, answer in answers(record, as_of).items()} == {
        ref: said(mixed_answers[ref]) for ref in record.decisions
    }


@given(RECORDS, MOMENTS_OF_ASKING)
def test_the_headline_is_the_worst_matter(record: Evidence, as_of: datetime) -> None:
    """
    No good matter hides a worse one, and the headline is nothing that no matter shows.

    What was called off is the exception: it counts as that, and its findings stay.
    """
    for answer in answers(record, as_of).values():
        if answer.verdict is Verdict.WITHDRAWN:
            continue
        assert answer.verdict in {finding.verdict for finding in answer.findings}
        assert all(
            answer.verdict_class.severity >= finding.verdict.verdict_class.severity for finding in answer.findings
        )


@given(RECORDS, MOMENTS_OF_ASKING)
def test_other_rules_give_a_new_answer_and_leave_the_old_one(record: Evidence, as_of: datetime) -> None:
    """Under the rules of the time the answer of the time comes again, whatever other rules were asked between."""
    then = answers(record, as_of)
    now = answers(record, as_of, OTHER_PACK)
    event("another answer" if then != now else "the same answer")

    assert answers(record, as_of) == then


def test_the_other_rules_are_different_indeed() -> None:
    """The property above could not fail if both packs gave the same answers."""
    view = View("view", Outcome.EXPRESSED, ("placement",), PartialDate.on(days(-6)[0]), times(days(-6))[0])
    decision = Decision("decision", "PLACEMENT_MOVE_PLANNED", ("placement",), PartialDate.on(days(0)[0]))
    record = Evidence({"decision": decision}, {"view": view})

    assert answers(record, LONG_AFTER)["decision"].verdict is Verdict.RECORDED_BEFORE_DECISION
    assert answers(record, LONG_AFTER, OTHER_PACK)["decision"].verdict is Verdict.STALE_VIEW_ONLY


@given(RECORDS, MOMENTS_OF_ASKING)
def test_leaving_a_view_out_never_makes_the_record_show_it(record: Evidence, as_of: datetime) -> None:
    """Nothing is gained by not recording what a child said."""
    before = found(record, as_of)
    for hidden in record.views:
        without = replace(record, views={ref: view for ref, view in record.views.items() if ref != hidden})
        gained = [
            where
            for where, now in found(without, as_of).items()
            if now is VerdictClass.MET and before[where] is not VerdictClass.MET
        ]
        assert gained == []


# Beyond the brief -----------------------------------------------------------------------------------------------------


@given(RECORDS, MOMENTS_OF_ASKING)
def test_what_an_answer_rests_on_is_enough_for_it(record: Evidence, as_of: datetime) -> None:
    """
    Whoever holds only the facts an answer names comes to the same answer.

    One answer rests on what it does not name: that there are views on other matters only.
    """
    for ref, answer in answers(record, as_of).items():
        for finding in answer.findings:
            named = set(finding.rests_on)
            only = replace(
                record,
                views={name: view for name, view in record.views.items() if name in named},
                material_changes=[change for change in record.material_changes if change.ref in named],
                reconfirmations=[again for again in record.reconfirmations if again.ref in named],
            )
            verdict = by_matter(answers(only, as_of)[ref])[finding.matter].verdict
            expected = finding.verdict
            if expected is Verdict.OTHER_MATTER_ONLY:
                expected = Verdict.NO_VIEW_RECORDED
            assert verdict is expected


@given(RECORDS, MOMENTS_OF_ASKING, st.sampled_from((None, *Source)), st.sampled_from((None, *SeenAlone)))
def test_how_a_view_was_had_is_said_and_changes_no_verdict(
    record: Evidence, as_of: datetime, source: Source | None, seen_alone: SeenAlone | None
) -> None:
    """Through whom, whether alone, how often asked, whether disputed: it travels with an answer, and only that."""
    other = replace(
        record,
        views={
            ref: replace(view, source=source, seen_alone=seen_alone, attempts=3 - view.attempts)
            for ref, view in record.views.items()
        },
        decisions={ref: replace(held, process=None) for ref, held in record.decisions.items()},
        disputes=[(ref, datetime(2026, 1, 1)) for ref in record.views],
        iro_informed=[],
    )

    assert found(other, as_of) == found(record, as_of)


@given(RECORDS, MOMENTS_OF_ASKING, st.integers(1, 400))
def test_until_the_next_turn_the_answer_stands(record: Evidence, as_of: datetime, hours: int) -> None:
    """While nothing new is recorded, an answer stays what it was until the instant that was named for it to change."""
    record = as_it_stood(record, as_of)
    known = record.known_at(as_of)
    now = answers(record, as_of)
    for ref in record.decisions:
        decision = known.decision(ref)
        assert decision is not None
        turn = next_turn(decision, PACK, as_of)
        assert turn is None or turn > as_of
        later = as_of + timedelta(hours=hours)
        if turn is not None and later >= turn:
            later = turn - timedelta(microseconds=1)
        assert answers(record, later)[ref] == now[ref]


def vaguer(moment: PartialDate) -> Iterator[PartialDate]:
    """The same moment, of which only the month or the year is known."""
    yield PartialDate.in_month(moment.first.year, moment.first.month)
    yield PartialDate.in_year(moment.first.year)


def with_vaguer(record: Evidence, members: str, date_of: str) -> Iterator[Evidence]:
    """The same record, each time with one of these dates stated less exactly."""
    held: dict[str, Any] | list[Any] = getattr(record, members)
    for at, fact in held.items() if isinstance(held, dict) else enumerate(held):
        moment: PartialDate | None = getattr(fact, date_of)
        for vague in vaguer(moment) if moment is not None else ():
            changed = dict(held) if isinstance(held, dict) else list(held)
            changed[at] = replace(fact, **{date_of: vague})
            yield replace(record, **{members: changed})


@pytest.mark.parametrize(
    ("members", "date_of"),
    [
        ("views", "expressed"),
        ("views", "source_recorded"),
        ("decisions", "decided"),
        ("decisions", "effective"),
        ("decisions", "source_recorded"),
        ("material_changes", "at"),
        ("reconfirmations", "at"),
        ("effects", "on"),
        ("corrections", "to"),
    ],
)
@given(record=EXACT_RECORDS)
def test_knowing_a_date_less_exactly_never_shows_more(record: Evidence, members: str, date_of: str) -> None:
    """
    A day replaced by its month or year never makes the record show what it did not show.

    That no class ever gets better would be false, and rightly so: what was not met may become what cannot be shown, or
    what is not yet due, since nobody can tell any longer; and a note that came too late may become a view that may be
    too old. But nothing that speaks for the authority is ever had by being vague. An instant replaced by its day is
    another matter: in an emergency, what was said on the day itself counts as said after the decision.
    """
    before = found(record, LONG_AFTER)
    for vague in with_vaguer(record, members, date_of):
        after = found(vague, LONG_AFTER)
        gained = [where for where, now in after.items() if now in SHOWN and before[where] in NOT_SHOWN]
        assert gained == []


@pytest.mark.parametrize(
    ("members", "date_of"), [("decisions", "effective"), ("views", "expressed"), ("effects", "on")]
)
@given(record=EXACT_RECORDS)
def test_knowing_a_date_less_exactly_accuses_nobody(record: Evidence, members: str, date_of: str) -> None:
    """Where nobody can tell if the child was asked in the days after an emergency, that is not called too late."""
    before = answers(record, LONG_AFTER)
    for vague in with_vaguer(record, members, date_of):
        for ref, answer in answers(vague, LONG_AFTER).items():
            for matter, finding in by_matter(answer).items():
                if finding.verdict in TOO_LATE_IN_AN_EMERGENCY:
                    assert by_matter(before[ref])[matter].verdict.verdict_class not in SHOWN


@pytest.mark.parametrize(
    ("members", "date_of"), [("tellings", "given"), ("decisions", "decided"), ("decisions", "effective")]
)
@given(record=EXACT_RECORDS)
def test_knowing_a_date_less_exactly_never_shows_that_the_child_was_told_in_time(
    record: Evidence, members: str, date_of: str
) -> None:
    """In time is what lies in time on every day a date can mean, and late what lies too late on every one."""
    before = answers(record, LONG_AFTER)
    for vague in with_vaguer(record, members, date_of):
        for ref, answer in answers(vague, LONG_AFTER).items():
            if answer.feedback in {Feedback.TOLD_WITH_REASONS, Feedback.TOLD_WITH_REASONS_LATE}:
                assert before[ref].feedback in {answer.feedback, None}


@given(RECORDS, MOMENTS_OF_ASKING)
def test_nobody_is_worse_off_for_an_emergency(record: Evidence, as_of: datetime) -> None:
    """The answer for an emergency is at least as good as it would be for the same decision, planned."""
    hurried = {
        ref: replace(held, emergency=True, ground="EPO", not_practicable_reason_given=True)
        for ref, held in record.decisions.items()
    }
    planned = {ref: replace(held, emergency=False) for ref, held in record.decisions.items()}

    before = found(replace(record, decisions=planned), as_of)
    after = found(replace(record, decisions=hurried), as_of)

    assert [where for where, given in after.items() if given.severity > before[where].severity] == []
