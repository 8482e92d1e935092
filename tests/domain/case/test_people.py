"""The people of the child's life: named before anything is said about them, and contact with each decided for each."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case.refusal import ContactRefused, DatesRefused, NotThereRefused

DAD = {"do": "introduce_person", "ref": "dad", "name": "Dad", "relationship": "FATHER", "since": "2015-01-01"}
LEFT = {"do": "record_person_left", "person": "dad", "until": "2020-01-01"}
CONTACT = {"do": "decide_contact", "kind": "CONTACT_ARRANGE", "person": "mum", "decided": "2026-03-10"}
VIEW = {"do": "record_view", "ref": "view", "expressed": "2026-03-04", "matters": ["placement"], "account": "Stay."}
MOVE = {"do": "decide_placement_move", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2026-03-10"}
WORKER = {"do": "change_professional", "kind": "SOCIAL_WORKER_CHANGE", "decided": "2026-03-10", "person": "kim"}
PROPOSAL = {"do": "make_proposal", "proposed": "2026-02-20", "matters": ["placement"], "what": "A move."}
CHANGE = {"do": "record_change", "kind": "ALLEGATION", "happened": "2026-03-01", "what": "x"}


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"person": "nobody"}, NotThereRefused, "person"),
        ({"person": "view"}, NotThereRefused, "person"),
        ({"until": "2014-12-31"}, DatesRefused, "until"),
        ({"until": "2014"}, DatesRefused, "until"),
    ],
)
def test_somebody_leaves_who_was_there(opened: Any, change: dict[str, Any], kind: Any, field: str) -> None:
    """Nobody leaves the child's life who was not named in it, or before they came."""
    case = opened(DAD, VIEW)

    case.when(LEFT).then("person.left", person="dad")
    case.when(LEFT | change).refused(kind, field=field)


def test_somebody_leaves_once(opened: Any) -> None:
    """A second leaving contradicts the first."""
    case = opened(DAD, LEFT)

    refusal = case.when(LEFT | {"until": "2021-01-01"}).refused(NotThereRefused)
    assert "parting-5" in refusal.message


@pytest.mark.parametrize(
    "kind", ["CONTACT_INCREASE", "CONTACT_REDUCTION", "CONTACT_SUSPENSION", "CONTACT_SUPERVISION_CHANGE"]
)
def test_only_what_was_arranged_can_be_varied(opened: Any, kind: str) -> None:
    """Less of what? There is an arrangement with this very person first."""
    varied = CONTACT | {"kind": kind}

    opened(CONTACT).when(varied).then("contact.arrangement_decided", kind=kind, matters=["contact:mum"])
    opened().when(varied).refused(ContactRefused, field="kind")
    opened(CONTACT | {"person": "kim"}).when(varied).refused(ContactRefused, field="kind")


def test_an_urgent_refusal_needs_no_arrangement(opened: Any) -> None:
    """Contact with a parent is presumed, so that it can be refused before it was ever arranged."""
    refused = CONTACT | {"kind": "CONTACT_REFUSAL_URGENT"}

    opened().when(refused).then("contact.arrangement_decided")
    opened(refused).when(CONTACT | {"kind": "CONTACT_SUSPENSION"}).then("contact.arrangement_decided")


@pytest.mark.parametrize(
    ("command", "change", "field"),
    [
        (CONTACT, {"person": "nobody"}, "person"),
        (CONTACT, {"person": "nobody", "matters": ["contact"]}, "person"),
        (CONTACT, {"person": "view", "matters": ["contact"]}, "person"),
        (CONTACT, {"matters": ["contact:nobody"]}, "matters"),
        (VIEW | {"ref": "other"}, {"matters": ["contact:nobody"]}, "matters"),
        (VIEW | {"ref": "other"}, {"matters": ["contact:view"]}, "matters"),
        (VIEW | {"ref": "other"}, {"present": ["nobody"]}, "present"),
        (VIEW | {"ref": "other"}, {"present": ["kim", "view"]}, "present"),
        (MOVE, {"matters": ["placement", "contact:nobody"]}, "matters"),
        (MOVE, {"carer": "nobody"}, "carer"),
        (MOVE, {"carer": "view"}, "carer"),
        (MOVE, {"with_siblings": ["mum", "nobody"]}, "with_siblings"),
        (MOVE, {"other_views": [{"who": "mum", "said": "x"}, {"who": "nobody", "said": "x"}]}, "other_views"),
        (VIEW | {"ref": "other"}, {"sharing": {"not_with": ["nobody"]}}, "sharing"),
        (PROPOSAL, {"matters": ["placement", "contact:nobody"]}, "matters"),
        (CHANGE, {"matters": ["contact:nobody"]}, "matters"),
        (WORKER, {"person": "nobody"}, "person"),
        (WORKER, {"previous": "nobody"}, "previous"),
        (WORKER, {"previous": "view"}, "previous"),
    ],
)
def test_nobody_is_spoken_of_who_was_not_introduced(
    opened: Any, command: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    """A name in a decision or a view points at somebody the case knows."""
    case = opened(VIEW)

    case.when(command).then()
    case.when(command | change).refused(NotThereRefused, field=field)


def test_known_people_may_be_spoken_of_everywhere(opened: Any) -> None:
    """The same members are fine with people the case knows, and so is contact in general."""
    case = opened()

    case.when(MOVE | {"carer": "kim", "with_siblings": ["mum"], "matters": ["placement", "contact:mum"]}).then()
    case.when(WORKER | {"previous": "mum"}).then("professional.changed")
    case.when(VIEW | {"present": ["kim", "mum"], "matters": ["contact:mum", "contact"]}).then("view.expressed")


def test_the_people_of_a_decision_are_what_it_speaks_about(opened: Any) -> None:
    """Whoever looks up a person finds the decisions about them."""
    assert opened().when(CONTACT).then().about == ("mum",)
    assert opened().when(WORKER | {"previous": "mum"}).then().about == ("kim", "mum")
