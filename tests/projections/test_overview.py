"""What a picture of a time in care shows: which view a decision rests on, how far off it is, and what held when."""

from __future__ import annotations

from typing import Any

import pytest

from domain.dates import PartialDate, parse_partial_date
from domain.voice.evidence import Outcome
from domain.voice.verdict import Verdict, VerdictClass
from projections.overview.overview import Change, Overview, overview_of, spoken_of

STATE: dict[str, Any] = {
    "looked_after_from": "2020-01-06",
    "closed_on": None,
    "placements": [],
    "legal_statuses": [],
    "contact": [],
    "gaps": [],
}


def on(text: str | None) -> PartialDate | None:
    """A moment as stated."""
    return None if text is None else parse_partial_date(text)


def voice(verdict: Verdict, *rests_on: str, decided: str | None = "2020-03-10", **more: Any) -> dict[str, Any]:
    """The answer about one decision on one matter."""
    finding = {"matter": "placement", "verdict": verdict, "class": verdict.verdict_class, "rests_on": list(rests_on)}
    now = {"verdict": verdict, "class": verdict.verdict_class, "findings": [finding]}
    return {
        "kind": "PLACEMENT_FIRST", "significant": True, "decided": decided, "effective": "2020-03-20", "now": now
    } | more  # fmt: skip


def drawn(voices: dict[str, Any], *views: tuple[str, str, str | None], **state: Any) -> Overview:
    """An overview of decisions and of views, each (reference, topic, when)."""
    return overview_of(
        STATE | state, voices, spoken_of((ref, topic, ("placement",), on(when)) for ref, topic, when in views)
    )


def change(verdict: Verdict, *rests_on: str, views: dict[str, str | None], **more: Any) -> Change:
    """What is drawn of one decision that rests on views said on some days."""
    spoken = [(ref, "view.expressed", when) for ref, when in views.items()]
    return drawn({"move": voice(verdict, *rests_on, **more)}, *spoken).changes[0]


@pytest.mark.parametrize(
    ("views", "view", "days"),
    [
        ({"a": "2020-03-01"}, "a", 9),
        ({"a": "2020-01-01", "b": "2020-03-08"}, "b", 2),
        ({"a": "2020-03-08", "later": "2020-03-12"}, "a", 2),
        ({"later": "2020-03-12", "latest": "2020-04-12"}, "later", -2),
        ({"same": "2020-03-10"}, "same", None),
        ({"vague": "2020"}, "vague", None),
        ({"vague": "2020-02"}, "vague", 10),
        ({"undated": None}, "undated", None),
    ],
)
def test_a_decision_is_joined_to_the_last_view_before_it_or_the_first_after(
    views: dict[str, str | None], view: str, days: int | None
) -> None:
    """The days between are the least the dates allow, and none where the order is not known."""
    found = change(Verdict.RECORDED_BEFORE_DECISION, *views, views=views)
    assert (found.view, found.days) == (view, days)


@pytest.mark.parametrize("verdict", [Verdict.OTHER_MATTER_ONLY, Verdict.NO_VIEW_RECORDED, Verdict.PENDING])
def test_a_view_on_something_else_is_no_view_on_this(verdict: Verdict) -> None:
    """Where the answer names no view on the matter itself, the gap stays open."""
    found = change(verdict, "a", views={"a": "2020-03-01"})
    assert (found.view, found.days) == (None, None)


def test_the_worst_matter_decides_which_view_is_drawn() -> None:
    """A view on one matter does not close the gap of another."""
    body = voice(Verdict.RECORDED_BEFORE_DECISION, "a")
    missed = Verdict.NO_VIEW_RECORDED
    body["now"]["findings"].append(
        {"matter": "siblings", "verdict": missed, "class": missed.verdict_class, "rests_on": []}
    )
    body["now"] |= {"verdict": missed, "class": missed.verdict_class}
    found = drawn({"move": body}, ("a", "view.expressed", "2020-03-01")).changes[0]
    assert found.view is None
    assert found.verdict_class is VerdictClass.NOT_MET


def test_a_decision_without_its_day_stands_where_it_took_effect() -> None:
    """It says so, and its distance to a view is not known."""
    found = change(Verdict.SAME_DAY_ORDER_UNKNOWN, "a", views={"a": "2020-03-01"}, decided=None)
    assert found.when == on("2020-03-20")
    assert not found.decided
    assert found.days is None


def test_decisions_that_are_no_big_change_are_left_out() -> None:
    """The picture is about what the question is asked of."""
    assert drawn({"move": voice(Verdict.NOT_SIGNIFICANT, significant=False)}).changes == ()


def test_what_came_of_asking_is_kept_apart() -> None:
    """Said, shown, declined, could not be asked, tried; other entries are left out."""
    found = drawn(
        {},
        ("a", "view.expressed", "2020"),
        ("b", "view.observed", "2020"),
        ("c", "view.declined", "2020"),
        ("d", "view.not_ascertainable", "2020"),
        ("e", "view.sought", "2020"),
        ("f", "visit.made", "2020"),
    )
    assert [each.outcome for each in found.spoken] == list(Outcome)


def home(ref: str, since: str | None, kind: str = "PLACEMENT_FIRST") -> dict[str, Any]:
    """A placement as the state holds it."""
    return {"ref": ref, "since": since, "kind": kind, "place": "U4", "carer": None}


def test_a_home_ends_where_the_next_begins_and_a_short_stay_ends_no_home() -> None:
    """No end is made up for a stay whose end nobody recorded."""
    homes = [home("a", "2020-01-06"), home("holiday", "2020-08-01", "PLACEMENT_TEMPORARY"), home("b", "2021-05")]
    found = drawn({}, placements=homes)
    assert [(each.ref, each.until, each.ended) for each in found.homes] == [
        ("a", on("2021-05"), True),
        ("b", None, False),
    ]
    assert [(each.ref, each.until, each.ended) for each in found.away] == [("holiday", None, True)]


def test_the_end_of_care_ends_what_was_going_on() -> None:
    """A home, an order and an arrangement last until then at most."""
    arranged = {
        "ref": "c",
        "since": "2020-02-01",
        "kind": "CONTACT_ARRANGE",
        "person": "mum",
        "mode": None,
        "until": None,
    }
    order = {"ref": "o", "since": "2020-01-06", "step": "MADE", "code": "C2"}
    found = drawn(
        {}, placements=[home("a", "2020-01-06")], legal_statuses=[order], contact=[arranged], closed_on="2022-06-30"
    )
    for stay in (found.homes[0], found.orders[0], found.contact["mum"][0]):
        assert (stay.until, stay.ended) == (on("2022-06-30"), True)


def test_asking_for_an_order_changes_none() -> None:
    """An application leaves the order in force as it is; its end is an end."""
    steps = [("MADE", "C1", "2020-01-06"), ("APPLIED_FOR", None, "2020-04-01"), ("DISCHARGED", None, "2020-09-01")]
    orders = [
        {"ref": f"o{place}", "since": since, "step": step, "code": code}
        for place, (step, code, since) in enumerate(steps)
    ]
    found = drawn({}, legal_statuses=orders).orders
    assert [(each.ref, each.holds, each.until) for each in found] == [
        ("o0", True, on("2020-09-01")),
        ("o2", False, None),
    ]


def test_contact_is_told_by_person_and_ends_at_the_earlier_of_two_days() -> None:
    """An arrangement ends on its own last day or where the next begins; none is shown as none."""
    arranged = [
        {"ref": "a", "since": "2020-02-01", "kind": "CONTACT_ARRANGE", "person": "mum", "mode": "VIDEO", "until": None},
        {"ref": "b", "since": "2020-05-01", "kind": "CONTACT_REFUSAL_URGENT", "person": "mum", "mode": "NONE",
         "until": "2020-05-08"},
        {"ref": "c", "since": "2020-06-01", "kind": "CONTACT_ARRANGE", "person": "mum", "mode": None, "until": None},
        {"ref": "d", "since": "2020-03-01", "kind": "CONTACT_ARRANGE", "person": "nan", "mode": None, "until": None},
    ]  # fmt: skip
    found = drawn({}, contact=arranged).contact
    assert [(each.ref, each.until, each.holds) for each in found["mum"]] == [
        ("a", on("2020-05-01"), True),
        ("b", on("2020-05-08"), False),
        ("c", None, True),
    ]
    assert [each.ref for each in found["nan"]] == ["d"]
