"""The last lawful day of every clock: the vectors of the brief, and what holds for all."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from domain.rules import all_packs, pack_in_force, pack_pinned
from domain.rules.deadlines import last_lawful_day
from domain.rules.errors import DeadlineUnknown, RulesError
from domain.rules.rule import Authority

ENGLAND = pack_pinned("england-2010@1")

VECTORS = [
    ("L01", "iro_appointed", date(2026, 3, 16), date(2026, 3, 23)),
    ("L02", "first_review", date(2026, 3, 16), date(2026, 4, 15)),
    ("L03", "first_review", date(2026, 12, 5), date(2027, 1, 6)),
    ("L04", "second_review", date(2026, 4, 10), date(2026, 7, 10)),
    ("L05", "later_review", date(2026, 8, 31), date(2027, 2, 28)),
    ("L06", "care_plan", date(2026, 4, 30), date(2026, 5, 15)),
    ("L07", "placement_plan", date(2026, 4, 1), date(2026, 4, 10)),
    ("L08", "placement_plan", date(2020, 6, 1), None),
    ("L09", "placement_notice", date(2026, 12, 24), date(2027, 1, 5)),
    ("L10", "termination_notice", date(2026, 5, 20), date(2026, 6, 4)),
    ("L11", "first_visit", date(2026, 3, 10), date(2026, 3, 17)),
    ("L12", "visit_in_first_year", date(2026, 3, 17), date(2026, 4, 28)),
    ("L13", "visit_later_until_18", date(2026, 11, 30), date(2027, 2, 28)),
    ("L14", "contact_refusal", datetime(2026, 3, 10, 16, 0), datetime(2026, 3, 17, 16, 0)),  # noqa: DTZ001
    ("L15", "review_decisions", date(2026, 3, 30), date(2026, 4, 8)),
    ("L16", "review_record", date(2026, 3, 30), date(2026, 4, 22)),
    ("L17", "review_record_sent", date(2026, 3, 30), date(2026, 4, 29)),
    ("L18", "dispute_resolution", date(2026, 3, 30), date(2026, 4, 29)),
    ("L19", "subject_access", date(2026, 1, 31), date(2026, 3, 2)),
    ("L20", "retention", date(2008, 2, 29), date(2083, 3, 1)),
]


@pytest.mark.parametrize(("name", "deadline", "trigger", "expected"), VECTORS, ids=[row[0] for row in VECTORS])
def test_vector(name: str, deadline: str, trigger: date, expected: date | None) -> None:
    """Each vector of the brief gives exactly its last lawful day, under the pack in force on the day of the trigger."""
    last = last_lawful_day(pack_in_force("england", trigger), deadline, trigger)

    assert (name, expected, type(expected)) == (name, last, type(last))


def test_the_anniversary_is_kept_by_todays_pack_too() -> None:
    """However old the pack, the 75 years run from the birth (L20)."""
    assert date(2083, 3, 1) == last_lawful_day(ENGLAND, "retention", date(2008, 2, 29))
    assert date(2019, 5, 3) == last_lawful_day(pack_in_force("england", None), "retention", date(1944, 5, 3))


@pytest.mark.parametrize(
    ("deadline", "trigger", "expected"),
    [
        ("review_consultation", date(2026, 4, 15), date(2026, 3, 23)),
        ("review_reports", date(2026, 4, 15), date(2026, 4, 12)),
        ("short_break", date(2026, 3, 1), date(2026, 3, 17)),
        ("emergency_foster_placement", date(2026, 3, 10), date(2026, 3, 18)),
        ("temporary_approval", date(2026, 3, 10), date(2026, 6, 30)),
        ("temporary_approval_extended", date(2026, 6, 30), date(2026, 8, 25)),
        ("complaint_made", date(2024, 2, 29), date(2025, 3, 1)),
        ("subject_access_extended", date(2026, 1, 31), date(2026, 4, 30)),
        ("area_authority_notice", date(2026, 12, 24), date(2027, 1, 5)),
        ("visit_temporary_later", date(2026, 3, 10), date(2026, 4, 7)),
        ("retention_after_death", date(2026, 3, 10), date(2041, 3, 10)),
    ],
)
def test_other_clocks(deadline: str, trigger: date, expected: date) -> None:
    """Clocks without a vector in the brief, worked out by hand."""
    assert expected == last_lawful_day(ENGLAND, deadline, trigger)


def test_only_a_clock_that_says_so_keeps_the_time_of_day() -> None:
    """A day is a day: what is due within 5 working days is due by the end of the last, whatever the hour it began."""
    afternoon = datetime(2026, 3, 10, 16, 0)  # noqa: DTZ001 - civil time

    assert date(2026, 3, 17) == last_lawful_day(ENGLAND, "placement_plan", afternoon)
    assert date(2026, 3, 17) == last_lawful_day(ENGLAND, "contact_refusal", date(2026, 3, 10))


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2026, 2, 27), date(2026, 3, 27)),  # a Friday stays
        (date(2026, 3, 3), date(2026, 4, 7)),  # Good Friday, 3 April, and Easter lie in the way
        (date(2025, 11, 25), date(2025, 12, 29)),  # Christmas Day is a Thursday
    ],
)
def test_the_last_day_to_answer_a_request_rolls_only_if_it_must(received: date, expected: date) -> None:
    """The month to answer a request moves on past weekends and bank holidays, and only past those."""
    assert expected == last_lawful_day(ENGLAND, "subject_access", received)


@pytest.mark.parametrize("deadline", ["contact_refusal_notice", "contact_variation_notice"])
def test_at_once_is_not_a_number_of_days(deadline: str) -> None:
    """Where the law says *immediately*, no day is given after which the record could call it late."""
    assert last_lawful_day(ENGLAND, deadline, date(2026, 3, 10)) is None


@pytest.mark.parametrize(
    ("deadline", "before", "since"),
    [
        ("visit_long_term_foster", date(2015, 3, 31), date(2015, 4, 1)),
        ("data_complaint_acknowledged", date(2026, 6, 18), date(2026, 6, 19)),
    ],
)
def test_a_rule_does_not_reach_back(deadline: str, before: date, since: date) -> None:
    """A rule that came later gives no day for a trigger from before it was there."""
    assert last_lawful_day(ENGLAND, deadline, before) is None
    assert last_lawful_day(ENGLAND, deadline, since) is not None


def test_the_pandemic_changed_what_it_changed() -> None:
    """From April to September 2020 the placement plan had no fixed day and an emergency stay could last 24 weeks."""
    pandemic = pack_in_force("england", date(2020, 6, 1))

    assert date(2020, 11, 16) == last_lawful_day(pandemic, "emergency_foster_placement", date(2020, 6, 1))
    assert date(2020, 6, 8) == last_lawful_day(pandemic, "placement_notice", date(2020, 6, 1))
    changed = {name for name, rule in pandemic.deadlines.items() if rule != ENGLAND.deadlines[name]}
    assert {"placement_plan", "emergency_foster_placement"} == changed


def test_no_clock_of_today_runs_in_an_old_history() -> None:
    """Before April 2011 nothing is called late by a rule that did not exist; only keeping the record has a date."""
    old = pack_in_force("england", date(1998, 5, 3))
    dated = {name for name in old.deadlines if last_lawful_day(old, name, date(1998, 5, 3)) is not None}

    assert {"retention", "retention_after_death", "contact_refusal"} == dated
    assert set(ENGLAND.deadlines) == set(old.deadlines)
    assert last_lawful_day(old, "contact_refusal", date(1985, 5, 3)) is None
    assert Authority.POLICY is old.deadlines["first_review"].authority


def test_wales_has_its_own_clock() -> None:
    """The demonstration differs where Welsh law does: 24 weeks of temporary approval, not 16."""
    wales = pack_in_force("wales", date(2026, 3, 10))

    assert date(2026, 8, 25) == last_lawful_day(wales, "temporary_approval", date(2026, 3, 10))
    assert date(2026, 6, 30) == last_lawful_day(ENGLAND, "temporary_approval", date(2026, 3, 10))
    assert last_lawful_day(wales, "temporary_approval", date(2021, 8, 31)) is None


def test_an_unknown_clock_is_refused() -> None:
    """A deadline the pack does not hold is an error of the caller, not a clock that never runs out."""
    with pytest.raises(DeadlineUnknown, match="england-2010@1") as refused:
        last_lawful_day(ENGLAND, "no_such_clock", date(2026, 3, 10))

    assert isinstance(refused.value, RulesError)
    assert refused.value.code == "deadline_unknown"


def test_every_clock_can_be_counted() -> None:
    """Every deadline of every pack gives a day after its trigger, one before it, or none; and names its trigger."""
    trigger = date(2026, 7, 1)
    for pack in all_packs():
        for name, deadline in pack.deadlines.items():
            assert deadline.trigger
            last = last_lawful_day(pack, name, trigger)
            assert last is None or last > trigger or name in {"review_consultation", "review_reports"}, (pack.pin, name)
