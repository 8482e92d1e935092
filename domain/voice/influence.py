"""
The influence axis: did the child's view count?

Due consideration (Children Act 1989 s 22(5)) can be shown only where the decision names the view and says what weight
it was given. Departing from it with reasons is lawful and neutral.
"""

from __future__ import annotations

from domain.dates import BEGINNING, PartialDate
from domain.voice.evidence import Decision, Known, Weight
from domain.voice.verdict import Influence


def weigh(decision: Decision, decided: PartialDate, known: Known) -> Influence:  # noqa: PLR0911 - one per answer
    """Tell what the decision did with the views on its matters, those cited on reconsideration included."""
    cited = decision.cites | {
        ref for again in known.reconfirmations if again.decision == decision.ref for ref in again.cites
    }
    if not any(_weighable(ref, decision, known) for ref in cited):
        there = any(
            not view.expressed.after(decided)
            for matter in decision.matters
            for view in known.on(matter).said_between(BEGINNING, decided.last)
        )
        return Influence.VIEW_NOT_REFERENCED if there else Influence.NO_VIEW_TO_WEIGH
    match decision.weight:
        case Weight.FOLLOWED:
            return Influence.FOLLOWED
        case Weight.PARTLY if decision.departure_reasons_given:
            return Influence.PARTLY_REASONED
        case Weight.PARTLY:
            return Influence.PARTLY_UNREASONED
        case Weight.DEPARTED if decision.departure_reasons_given:
            return Influence.DEPARTED_REASONED
        case Weight.DEPARTED:
            return Influence.DEPARTED_UNREASONED
        case Weight.NOT_STATED:
            return Influence.REFERENCED_WEIGHT_NOT_STATED


def _weighable(ref: str, decision: Decision, known: Known) -> bool:
    view = known.view(ref)
    return view is not None and view.substantive and any(view.about(matter) for matter in decision.matters)
