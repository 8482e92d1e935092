"""
The influence axis: did the child's view count?

Due consideration (Children Act 1989 s 22(5)) can be shown only where the decision names the view and says what weight
it was given. Departing from it with reasons is lawful and neutral.
"""

from __future__ import annotations

from domain.dates import PartialDate
from domain.voice.evidence import Decision, Known, Weight
from domain.voice.verdict import Influence


def weigh(decision: Decision, decided: PartialDate, known: Known) -> Influence:  # noqa: PLR0911 - one per answer
    """Tell what the decision did with the views on its matters, those cited on reconsideration included."""
    cited = decision.cites | {
        ref for again in known.reconfirmations if again.decision == decision.ref for ref in again.cites
    }
    on_its_matters = [
        view for view in known.views if view.substantive and any(view.about(matter) for matter in decision.matters)
    ]
    if not any(view.ref in cited or not view.expressed.after(decided) for view in on_its_matters):
        return Influence.NO_VIEW_TO_WEIGH
    if cited.isdisjoint(view.ref for view in on_its_matters):
        return Influence.VIEW_NOT_REFERENCED
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
