"""
The influence axis: did the child's view count?

Due consideration (Children Act 1989 s 22(5)) can be shown only where the decision names the view and says what weight
it was given. Departing from it with reasons is lawful and neutral.
"""

from __future__ import annotations

from domain.dates import BEGINNING, PartialDate
from domain.voice.evidence import Decision, Known, Weight
from domain.voice.verdict import Influence


def weigh(decision: Decision, decided: PartialDate, known: Known) -> Influence:
    """Tell what the decision did with the views on its matters; what was said on reconsideration counts last."""
    again = sorted(
        (each for each in known.reconfirmations if each.decision == decision.ref), key=lambda each: each.at.sort_key()
    )
    cited = decision.cites.union(*(each.cites for each in again))
    if not any(_weighable(ref, decision, known) for ref in cited):
        there = any(
            not view.expressed.after(decided)
            for matter in decision.matters
            for view in known.on(matter).said_between(BEGINNING, decided.last)
        )
        return Influence.VIEW_NOT_REFERENCED if there else Influence.NO_VIEW_TO_WEIGH
    stated = [each for each in again if each.weight is not Weight.NOT_STATED]
    last = stated[-1] if stated else decision
    match last.weight:
        case Weight.FOLLOWED:
            return Influence.FOLLOWED
        case Weight.PARTLY:
            return Influence.PARTLY_REASONED if last.departure_reasons_given else Influence.PARTLY_UNREASONED
        case Weight.DEPARTED:
            return Influence.DEPARTED_REASONED if last.departure_reasons_given else Influence.DEPARTED_UNREASONED
        case Weight.NOT_STATED:
            return Influence.REFERENCED_WEIGHT_NOT_STATED


def _weighable(ref: str, decision: Decision, known: Known) -> bool:
    view = known.view(ref)
    return view is not None and view.substantive and any(view.about(matter) for matter in decision.matters)
