"""The packs: that each is complete and sourced, and which one speaks for a day."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.matters import ROOTS, root
from domain.rules import all_packs, jurisdictions, pack_in_force, pack_pinned
from domain.rules.errors import JurisdictionUnknown, PackUnknown
from domain.rules.pack import RulePack, Significance, by_code
from domain.rules.rule import Authority, Period, Rule, Unit, by_id, in_force

ENGLAND = pack_pinned("england-2010@1")
PANDEMIC = pack_pinned("england-2020-coronavirus@1")
OLD = pack_pinned("england-1991@1")
WALES = pack_pinned("wales-demo@1")

packs = pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.pin)

KINDS = """
PLACEMENT_FIRST PLACEMENT_MOVE PLACEMENT_MOVE_PLANNED PLACEMENT_MOVE_UNPLANNED PLACEMENT_MOVE_EMERGENCY
PLACEMENT_STATUS_ONLY PLACEMENT_TEMPORARY PLACEMENT_OUT_OF_AREA PLACEMENT_AT_DISTANCE PLACEMENT_WITH_PARENTS
RETURN_HOME MOVE_TO_SUPPORTED_ACCOMMODATION SECURE DEPRIVATION_OF_LIBERTY SIBLING_SEPARATION SIBLING_REUNION
CAREPLAN_PERMANENCE CAREPLAN_OTHER LEGAL_STATUS CONTACT_ARRANGE CONTACT_INCREASE CONTACT_REDUCTION CONTACT_SUSPENSION
CONTACT_SUPERVISION_CHANGE CONTACT_REFUSAL_URGENT EDUCATION_SCHOOL_CHANGE EDUCATION_EXCLUSION PEP_CHANGE EHCP_CHANGE
HEALTH_MAJOR SOCIAL_WORKER_CHANGE IRO_CHANGE PATHWAY_PLAN LEAVING_CARE STAYING_PUT STAYING_CLOSE IDENTITY
OVERSEAS_PLACEMENT
"""
IF_MARKED = """
PLACEMENT_STATUS_ONLY CAREPLAN_OTHER CONTACT_ARRANGE CONTACT_INCREASE EDUCATION_EXCLUSION PEP_CHANGE EHCP_CHANGE
HEALTH_MAJOR SOCIAL_WORKER_CHANGE IRO_CHANGE
"""


def rules_of(pack: RulePack) -> Iterator[Rule[object]]:
    """Give every rule of a pack."""
    for field in fields(pack):
        value = getattr(pack, field.name)
        if isinstance(value, Rule):
            yield value
    yield from pack.freshness.values()
    yield from pack.deadlines.values()


# Sources --------------------------------------------------------------------------------------------------------------


@packs
def test_every_rule_has_a_source_and_a_plain_sentence(pack: RulePack) -> None:
    """No rule is without a citation, or without one sentence that a person who is not a lawyer can read."""
    for rule in rules_of(pack):
        assert rule.id, pack.pin
        assert rule.citation.strip(), rule.id
        assert re.fullmatch(r"[A-Z][^\n]{20,220}\.", rule.says), rule.says
        assert not re.search(r"\b(C|RA|WD|CD|NO|DCS|reg|breach|compliant)\b", rule.says), rule.says


@packs
def test_every_kind_has_a_hook(pack: RulePack) -> None:
    """No kind is on the list without the provision or policy that puts it there, or without a matter to ask about."""
    for code, kind in pack.kinds.items():
        assert code == kind.code
        assert kind.hook.strip()
        assert kind.matters
        assert {root(matter) for matter in (*kind.matters, *kind.if_affected)} <= set(ROOTS)
        assert (kind.significance is Significance.IF_MARKED) == bool(kind.marked_when)
        assert kind.each_person == code.startswith("CONTACT_")


@packs
def test_policy_is_never_marked_as_read_in_the_law(pack: RulePack) -> None:
    """What the house chose itself is labelled so, and never carries the mark of a text that was read."""
    policies = [rule for rule in rules_of(pack) if rule.authority is Authority.POLICY]

    assert policies
    assert not [rule.id for rule in policies if rule.verified]
    assert not [kind.code for kind in pack.kinds.values() if kind.authority is Authority.POLICY and kind.verified]


@packs
def test_every_number_of_freshness_is_policy(pack: RulePack) -> None:
    """There is no statutory limit to how old a view may be, and no pack claims one."""
    numbers = (*pack.freshness.values(), pack.freshness_otherwise, pack.same_proposal_cap, pack.recording_tolerance)

    assert {Authority.POLICY} == {rule.authority for rule in numbers}


@packs
def test_rules_are_kept_under_their_own_names(pack: RulePack) -> None:
    """A deadline is found under its id, and freshness under its root, of which every one has a number."""
    assert all(name == rule.id for name, rule in pack.deadlines.items())
    assert all(rule.id == f"freshness.{name}" for name, rule in pack.freshness.items())
    assert set(ROOTS) == set(pack.freshness)


def test_a_rule_or_kind_stated_twice_is_refused() -> None:
    """Two rules of one name, or two kinds of one code, cannot hide one another."""
    rule, kind = ENGLAND.deadlines["care_plan"], ENGLAND.kinds["SECURE"]

    assert {"care_plan": rule} == by_id([rule])
    with pytest.raises(ValueError, match="care_plan is stated twice"):
        by_id([rule], [rule])
    assert {"SECURE": kind} == by_code([kind])
    with pytest.raises(ValueError, match="SECURE is stated twice"):
        by_code([kind, kind])


# Numbers and lists ----------------------------------------------------------------------------------------------------


def test_freshness_in_days() -> None:
    """Six weeks for what changes at the pace of visits, three months for what changes at the pace of reviews."""
    six_weeks = {"placement", "contact", "education", "health", "siblings", "liberty", "professionals"}
    three_months = {"careplan", "legal", "leaving", "identity", "accommodation"}

    assert dict.fromkeys(six_weeks, 42) | dict.fromkeys(three_months, 91) == {
        name: ENGLAND.fresh_days(name) for name in ROOTS
    }
    assert ENGLAND.fresh_days("something new") == 42
    assert ENGLAND.same_proposal_cap.value == 183


def test_windows_and_tolerances() -> None:
    """Five working days to write up and to tell; after an emergency also no more than seven days to ask."""
    five = Period(5, Unit.WORKING_DAYS)

    assert five == ENGLAND.recording_tolerance.value
    assert five == ENGLAND.feedback_due.value
    assert (five, Period(7, Unit.DAYS)) == ENGLAND.emergency_window.value


def test_closed_lists() -> None:
    """The grounds of an emergency and the reasons for no view are closed lists."""
    assert ENGLAND.emergency_grounds.value == {
        "REG14_3_IMMEDIATE_RISK",
        "REG14_3_PROTECT_OTHERS",
        "S34_6_URGENT",
        "S22D_2_URGENT",
        "CARER_REMOVED_NO_NOTICE",
        "POLICE_PROTECTION",
        "EPO",
        "COURT_DIRECTED",
        "MEDICAL_EMERGENCY",
    }
    assert ENGLAND.not_ascertainable_codes.value == {
        "PRE_VERBAL",
        "LACKS_UNDERSTANDING",
        "WHEREABOUTS_UNKNOWN",
        "MEDICALLY_UNABLE",
    }
    assert ENGLAND.observation_expected_codes.value == {"PRE_VERBAL", "LACKS_UNDERSTANDING"}
    assert ENGLAND.no_emergency_excuse.value == {"placement"}


@packs
def test_what_is_significant(pack: RulePack) -> None:
    """Every kind of the list has its default: significant, only if marked, or not."""
    expected = dict.fromkeys(KINDS.split(), Significance.SIGNIFICANT)
    expected |= dict.fromkeys(IF_MARKED.split(), Significance.IF_MARKED)
    expected["PLACEMENT_TEMPORARY"] = Significance.NOT_SIGNIFICANT

    assert expected == {code: pack.significance(code) for code in pack.kinds}


@packs
def test_a_kind_nobody_listed_is_significant(pack: RulePack) -> None:
    """Nothing escapes the question by being new."""
    assert Significance.SIGNIFICANT is pack.significance("NEVER_HEARD_OF")


# Which pack speaks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date.min, OLD),
        (date(1944, 5, 3), OLD),
        (date(1991, 10, 14), OLD),
        (date(2011, 3, 31), OLD),
        (date(2011, 4, 1), ENGLAND),
        (date(2020, 4, 23), ENGLAND),
        (date(2020, 4, 24), PANDEMIC),
        (date(2020, 9, 25), PANDEMIC),
        (date(2020, 9, 26), ENGLAND),
        (date(2026, 11, 23), ENGLAND),
        (date.max, ENGLAND),
        (None, ENGLAND),
        (datetime(2020, 9, 25, 23, 59), PANDEMIC),  # noqa: DTZ001 - civil time
    ],
)
def test_the_pack_of_a_day_in_england(on: date | None, expected: RulePack) -> None:
    """Each boundary falls on the day the law changed; a day nobody knows is judged by today's rules."""
    assert expected is pack_in_force("england", on)


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_packs_follow_each_other_without_gap_or_overlap(jurisdiction: str) -> None:
    """For every day there is one pack that speaks, and only one."""
    spans = sorted(span for pack in all_packs() if pack.jurisdiction == jurisdiction for span in pack.spans())

    assert (date.min, date.max) == (spans[0][0], spans[-1][1])
    assert all(first <= last for first, last in spans)
    assert [last + timedelta(days=1) for _, last in spans[:-1]] == [first for first, _ in spans[1:]]


@given(st.sampled_from(jurisdictions()), st.dates())
def test_the_pack_that_speaks_claims_the_day(jurisdiction: str, on: date) -> None:
    """Whatever the day, the pack chosen for it lists that day among its own."""
    pack = pack_in_force(jurisdiction, on)

    assert pack.jurisdiction == jurisdiction
    assert any(first <= on <= last for first, last in pack.spans())


@packs
def test_a_pin_gives_back_the_same_pack(pack: RulePack) -> None:
    """What is stored with a decision finds the very rules it was judged by."""
    assert pack is pack_pinned(json.loads(json.dumps(pack.pin)))
    assert re.fullmatch(r"[a-z0-9-]+@\d+", pack.pin)


def test_pins_are_unique() -> None:
    """No two packs answer to one pin."""
    assert len(all_packs()) == len({pack.pin for pack in all_packs()})


@pytest.mark.parametrize("pin", ["england-2010@2", "england-2010", "", "england-2010@1 "])
def test_an_unknown_pin_is_refused_not_replaced(pin: str) -> None:
    """A decision pinned to rules that are not here is not judged by others; the message names those that are."""
    with pytest.raises(PackUnknown, match="england-2010@1") as refused:
        pack_pinned(pin)

    assert refused.value.code == "pack_unknown"


def test_an_unknown_place_is_refused() -> None:
    """There is no default country."""
    assert jurisdictions() == ("england", "wales")
    with pytest.raises(JurisdictionUnknown, match="england, wales") as refused:
        pack_in_force("atlantis", date(2026, 1, 1))

    assert refused.value.code == "jurisdiction_unknown"


@packs
def test_a_pack_cannot_be_altered(pack: RulePack) -> None:
    """The rules a decision was judged by stay as they were."""
    for mapping in (pack.kinds, pack.freshness, pack.deadlines):
        with pytest.raises(TypeError):
            mapping["x"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        pack.version = 2  # type: ignore[misc]
    assert hash(pack) == hash(pack)


# Old histories --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "encoded"),
    [(date(1965, 5, 3), False), (date(1991, 10, 13), False), (date(1991, 10, 14), True), (date(2011, 3, 31), True)],
)
def test_no_duty_is_claimed_for_before_the_children_act(on: date, encoded: bool) -> None:  # noqa: FBT001
    """An older decision is asked the same question, and is told that this is a yardstick, not a duty of its time."""
    pack = pack_in_force("england", on)
    why = pack.question_on(on)

    assert encoded == in_force(pack.question, on)
    assert (Authority.STATUTE if encoded else Authority.POLICY) is why.authority
    assert ("s 22(4)" in why.citation) == encoded


def test_todays_decisions_rest_on_the_statute() -> None:
    """Since 2011 the question rests on section 22(4), also where nobody knows the day."""
    for on in (date(2026, 3, 10), date(2020, 6, 1), None):
        assert ENGLAND.question is pack_in_force("england", on).question_on(on)
    assert ENGLAND.question.verified


def test_the_numbers_of_an_old_pack_say_that_they_are_of_today() -> None:
    """Every measure of the old pack is today's, at policy rank, and its sentence says it was not the law then."""
    for root_matter in ROOTS:
        assert ENGLAND.fresh_days(root_matter) == OLD.fresh_days(root_matter)
    for rule in (*OLD.freshness.values(), OLD.recording_tolerance, OLD.emergency_window, OLD.review_first):
        assert Authority.POLICY is rule.authority
        assert "not the law of the time" in rule.says
        assert not rule.verified


def test_an_old_history_needs_no_bank_holidays() -> None:
    """A decision of 1952 can be asked the whole question: none of the old pack's measures counts working days."""
    day = date(1952, 6, 2)
    periods = (OLD.recording_tolerance.value, OLD.feedback_due.value, *OLD.emergency_window.value)

    assert {date(1952, 6, 9)} == {OLD.calendar.add(day, period) for period in periods}


def test_nobody_is_asked_to_inform_an_officer_who_did_not_exist() -> None:
    """Before there were independent reviewing officers, the rule to inform one is not in force."""
    assert not in_force(OLD.iro_informed, date(1998, 1, 1))
    assert in_force(OLD.iro_informed, date(2005, 1, 1))
    assert in_force(ENGLAND.iro_informed, date(2015, 1, 1))


def test_a_rule_is_in_force_on_its_first_and_its_last_day() -> None:
    """The dates of a rule are inclusive, and one that has ended does not speak for a day nobody knows."""
    first, last = date(2020, 4, 24), date(2020, 9, 25)
    dated = replace(ENGLAND.question, valid_from=first, valid_to=last)

    around = (first - timedelta(days=1), first, last, last + timedelta(days=1))
    assert [False, True, True, False] == [in_force(dated, on) for on in around]
    assert in_force(dated, datetime(2020, 9, 25, 23, 59))  # noqa: DTZ001 - civil time
    assert not in_force(dated, None)
    assert in_force(replace(dated, valid_to=None), None)


def test_wales_is_marked_as_a_demonstration() -> None:
    """Whoever sees the Welsh pack sees that it is not for use; what England lent it is labelled."""
    assert "demonstration" in WALES.title
    assert "SI 2015/1818" in WALES.title
    assert not in_force(WALES.question, date(2016, 4, 5))
    assert in_force(WALES.question, date(2016, 4, 6))
    for rule in rules_of(WALES):
        assert "(Wales)" in rule.citation or (rule.authority is Authority.POLICY and "Borrowed" in rule.citation)
