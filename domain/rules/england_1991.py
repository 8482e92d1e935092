"""
England until 31 March 2011, so that an old history can be asked the same question.

What the law then said about plans, reviews, notices and visits is not encoded. Whatever the question needs is today's
measure, used as a yardstick and labelled so; where today's measure is a clock on the authority, no date is given,
because a late day by a rule that did not exist would be a false finding.

The duty to ask, section 22(4), came into force on 14 October 1991. For decisions before that day this pack encodes no
such duty. That is not to say there was none: earlier statutes (Child Care Act 1980 s 18 among them) wait for somebody
to read them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, TypeVar

from domain.rules import england_2010
from domain.rules.deadlines import Deadline
from domain.rules.pack import DecisionKind
from domain.rules.rule import Authority, Period, Rule, Unit, by_id

_TODAY: Final = england_2010.PACK
_CHILDREN_ACT: Final = date(1991, 10, 14)
"""The main commencement of the Children Act 1989 (SI 1991/828 art 3)."""
_FIRST_IROS: Final = date(2004, 9, 27)
"""From memory: Adoption and Children Act 2002 s 118. Before that day there was nobody to inform."""
_ONE_WEEK: Final = Period(1, Unit.WEEKS)
"""Five working days where bank holidays do not matter, because those before 1991 are not known here."""

R = TypeVar("R", bound=Rule[Any])


def _yardstick(rule: R) -> R:
    return replace(
        rule,
        says=f"By the measure of today, not the law of the time: {rule.says}",
        authority=Authority.POLICY,
        citation=f"Yardstick, after {rule.citation}",
        verified=False,
    )


def _no_date(deadline: Deadline) -> Deadline:
    return replace(
        deadline,
        says="Which period the law fixed for this at the time is not encoded, so no day is given.",
        value=None,
        authority=Authority.POLICY,
        citation=f"Not encoded before {_TODAY.valid_from:%Y}; since then {deadline.citation}",
        verified=False,
    )


def _yardstick_kind(kind: DecisionKind) -> DecisionKind:
    return replace(kind, hook=f"Yardstick, after {kind.hook}", authority=Authority.POLICY, verified=False)


# The 75 years count from the birth of people born long before any of these rules; the duty to keep lies in the present.
_KEPT: Final = ("retention", "retention_after_death")

_DEADLINES: Final = {
    **{name: _no_date(deadline) for name, deadline in _TODAY.deadlines.items()},
    **{name: _yardstick(_TODAY.deadlines[name]) for name in _KEPT},
    "contact_refusal": replace(_TODAY.deadlines["contact_refusal"], valid_from=_CHILDREN_ACT),
}

PACK: Final = replace(
    _TODAY,
    id="england-1991",
    version=1,
    title="England before the 2010 Regulations: the question by the measure of today",
    valid_from=None,
    valid_to=england_2010.PACK.valid_from - timedelta(days=1) if england_2010.PACK.valid_from else None,
    set_aside=(),
    kinds=MappingProxyType({code: _yardstick_kind(kind) for code, kind in _TODAY.kinds.items()}),
    freshness=MappingProxyType({root: _yardstick(rule) for root, rule in _TODAY.freshness.items()}),
    freshness_otherwise=_yardstick(_TODAY.freshness_otherwise),
    same_proposal_cap=_yardstick(_TODAY.same_proposal_cap),
    recording_tolerance=replace(
        _yardstick(_TODAY.recording_tolerance),
        says="By the measure of today, not the law of the time: what a child said is to be written up within a week.",
        value=_ONE_WEEK,
    ),
    emergency_window=replace(
        _yardstick(_TODAY.emergency_window),
        says="By the measure of today, not the law of the time: after a real emergency the child is asked within a "
        "week.",
        value=(_ONE_WEEK,),
    ),
    feedback_due=replace(
        _yardstick(_TODAY.feedback_due),
        says="By the measure of today, not the law of the time: the child is told what was decided and why within a "
        "week, and before a planned change happens.",
        value=_ONE_WEEK,
    ),
    emergency_grounds=_yardstick(_TODAY.emergency_grounds),
    not_ascertainable_codes=_yardstick(_TODAY.not_ascertainable_codes),
    observation_expected_codes=_yardstick(_TODAY.observation_expected_codes),
    no_emergency_excuse=replace(
        _yardstick(_TODAY.no_emergency_excuse),
        says="Today, an emergency is no excuse where a child is placed outside the council's area. That rule is not "
        "used for this time.",
        value=frozenset(),
    ),
    question=replace(_TODAY.question, valid_from=_CHILDREN_ACT, verified=False),
    review_first=replace(_yardstick(_TODAY.review_first), valid_from=_CHILDREN_ACT),
    iro_informed=replace(_yardstick(_TODAY.iro_informed), valid_from=_FIRST_IROS),
    tell_the_child=_yardstick(_TODAY.tell_the_child),
    deadlines=by_id(_DEADLINES.values()),
)
