"""
What the facts of a case come to at a moment: codes, dates and references.

World time decides: the placement that took effect last is the current one, whenever it was recorded. A decision that
was withdrawn changes nothing, and one whose day has not come is shown as coming.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from domain.case.contact import ContactArrangementDecided
from domain.case.decision import DecisionMade, DecisionTookEffect, DecisionWithdrawn
from domain.case.iro import ChallengeAnswered, IROChallenged
from domain.case.opening import CaseOpened
from domain.case.people import PersonLeft
from domain.case.placement import PlacementMoveDecided
from domain.case.plan import CarePlanChangeDecided, LegalStatusDecided
from domain.case.professionals import ProfessionalChanged
from domain.case.record import GapDeclared, current_value, said_by
from domain.case.review import ReviewHeld, VisitMade
from domain.case.state import Case
from domain.case.support import PromiseMade, PromiseSettled
from domain.dates import PartialDate, civil

D = TypeVar("D", bound=DecisionMade)


def state_of(case: Case) -> dict[str, Any]:
    """Give the state of a case, as recorded. What is *current* also depends on the day: see `current`."""
    opened = case.all(CaseOpened)
    return {
        "open": case.open,
        "closed_on": _text(case.closed_on),
        "jurisdiction": case.jurisdiction,
        "born": _text(case.born),
        "named_at": said_by(case, opened[0], "child") if opened else 1,
        "local_id": opened[0].local_id if opened else None,
        "looked_after_from": _text(opened[0].looked_after_from) if opened else None,
        "placements": _in_effect(case, PlacementMoveDecided, _placement),
        "legal_statuses": _in_effect(case, LegalStatusDecided, _legal_status),
        "plans": _in_effect(case, CarePlanChangeDecided, lambda plan: {"plan": [str(each) for each in plan.plan]}),
        "contact": _in_effect(case, ContactArrangementDecided, _contact),
        "professionals": _in_effect(case, ProfessionalChanged, _professional),
        "left": sorted(left.person for left in case.all(PersonLeft)),
        "last_review": _text(_latest(each.held for each in case.all(ReviewHeld))),
        "last_visit": _text(_latest(each.visited for each in case.all(VisitMade))),
        "open_promises": _unsettled(case, PromiseMade, PromiseSettled, "promise"),
        "open_challenges": _unsettled(case, IROChallenged, ChallengeAnswered, "challenge"),
        "gaps": [{"ref": gap.ref, "from": str(gap.gap_from), "to": str(gap.gap_to)} for gap in case.all(GapDeclared)],
    }


def current(state: dict[str, Any], on: date) -> dict[str, Any]:
    """
    Pick what is current on a day from a state: the last of each that had taken effect by then.

    A temporary placement (holiday, hospital) does not take the place of the home the child returns to.
    """
    return {
        "placement": _last([each for each in state["placements"] if each["kind"] != "PLACEMENT_TEMPORARY"], on),
        "legal_status": _last([each for each in state["legal_statuses"] if each["code"]], on),
        "plan": _last(state["plans"], on),
        "contact": _last_of_each(state["contact"], "person", on),
        "professionals": _last_of_each(state["professionals"], "kind", on),
    }


def _in_effect(case: Case, kind: type[D], shape: Callable[[D], dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the decisions of a kind that stand, in the order of their effect."""
    withdrawn = {each.decision for each in case.all(DecisionWithdrawn)}
    effects = {each.decision: each.on for each in case.all(DecisionTookEffect)}
    standing = []
    for decision in case.all(kind):
        if decision.ref in withdrawn:
            continue
        since = (
            effects.get(decision.ref)
            or current_value(case, decision, "effective")
            or current_value(case, decision, "decided")
        )
        standing.append((since, case.facts[decision.ref].version, decision))
    standing.sort(key=lambda each: (each[0].first if each[0] else civil(case.facts[each[2].ref].recorded_at), each[1]))
    return [{"ref": each.ref, "since": _text(since), "kind": each.kind, **shape(each)} for since, _, each in standing]


def _placement(move: PlacementMoveDecided) -> dict[str, Any]:
    return {
        "place": move.place,
        "provider": move.provider,
        "out_of_area": move.out_of_area_placement(),
        "carer": move.carer,
    }


def _legal_status(order: LegalStatusDecided) -> dict[str, Any]:
    took_hold = order.step in ("MADE", "AGREED", "VARIED")
    return {"step": order.step, "code": str(order.legal_status) if took_hold and order.legal_status else None}


def _contact(arrangement: ContactArrangementDecided) -> dict[str, Any]:
    return {
        "person": arrangement.person,
        "mode": arrangement.mode,
        "supervised": arrangement.supervised,
        "until": _text(arrangement.until),
    }


def _professional(change: ProfessionalChanged) -> dict[str, Any]:
    return {"person": change.person, "previous": change.previous}


def _unsettled(case: Case, opened: type[Any], settled: type[Any], field: str) -> list[str]:
    done = {getattr(each, field) for each in case.all(settled)}
    return [each.ref for each in case.all(opened) if each.ref not in done]


def _latest(dates: Iterable[PartialDate]) -> PartialDate | None:
    return max(dates, key=PartialDate.sort_key, default=None)


def _last(entries: list[dict[str, Any]], on: date) -> dict[str, Any] | None:
    begun = [entry for entry in entries if entry["since"] is None or PartialDate.parse(entry["since"]).first_day <= on]
    return begun[-1] if begun else None


def _last_of_each(entries: list[dict[str, Any]], key: str, on: date) -> list[dict[str, Any]]:
    keys = dict.fromkeys(entry[key] for entry in entries)
    return [
        last for each in keys if (last := _last([entry for entry in entries if entry[key] == each], on)) is not None
    ]


def _text(moment: PartialDate | datetime | None) -> str | None:
    return None if moment is None else str(moment)
