"""
Wales, as a DEMONSTRATION that another jurisdiction is one more module of data. Not for use on a real case.

What has been read of the Social Services and Well-being (Wales) Act 2014 and of the Care Planning, Placement and Case
Review (Wales) Regulations 2015 (SI 2015/1818) is stated with its citation. Everything else is England's entry, borrowed
and labelled so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeVar

from domain.rules import england_2010
from domain.rules.pack import DecisionKind
from domain.rules.rule import Authority, Period, Rule, Unit, by_id

_ENGLAND: Final = england_2010.PACK
_REGULATIONS: Final = "Care Planning (Wales) Regulations 2015"
_IN_FORCE: Final = date(2016, 4, 6)
"""Reg 1(1)."""

R = TypeVar("R", bound=Rule[Any])


def _borrowed(rule: R) -> R:
    citation = f"Borrowed from England for the demonstration: {rule.citation}"
    return replace(rule, authority=Authority.POLICY, citation=citation, verified=False)


def _borrowed_kind(kind: DecisionKind) -> DecisionKind:
    hook = f"Borrowed from England for the demonstration: {kind.hook}"
    return replace(kind, hook=hook, authority=Authority.POLICY, verified=False)


def _welsh_kind(code: str, regulation: str) -> DecisionKind:
    hook = f"{_REGULATIONS} {regulation}"
    return replace(_ENGLAND.kinds[code], hook=hook, authority=Authority.REGULATION, verified=True)


_WELSH_KINDS: Final = (
    _welsh_kind("PLACEMENT_FIRST", "reg 10(1)(b)"),
    _welsh_kind("EDUCATION_SCHOOL_CHANGE", "reg 11"),
    _welsh_kind("PLACEMENT_OUT_OF_AREA", "reg 12: a panel approves first"),
)

PACK: Final = replace(
    _ENGLAND,
    id="wales-demo",
    version=1,
    jurisdiction="wales",
    title="Wales, a demonstration after the Care Planning (Wales) Regulations 2015 (SI 2015/1818)",
    valid_from=None,
    valid_to=None,
    set_aside=(),
    kinds=MappingProxyType(
        {code: _borrowed_kind(kind) for code, kind in _ENGLAND.kinds.items()}
        | {kind.code: kind for kind in _WELSH_KINDS}
    ),
    freshness=MappingProxyType({root: _borrowed(rule) for root, rule in _ENGLAND.freshness.items()}),
    freshness_otherwise=_borrowed(_ENGLAND.freshness_otherwise),
    same_proposal_cap=_borrowed(_ENGLAND.same_proposal_cap),
    recording_tolerance=_borrowed(_ENGLAND.recording_tolerance),
    emergency_window=_borrowed(_ENGLAND.emergency_window),
    feedback_due=_borrowed(_ENGLAND.feedback_due),
    emergency_grounds=_borrowed(_ENGLAND.emergency_grounds),
    not_ascertainable_codes=_borrowed(_ENGLAND.not_ascertainable_codes),
    observation_expected_codes=_borrowed(_ENGLAND.observation_expected_codes),
    no_emergency_excuse=_borrowed(_ENGLAND.no_emergency_excuse),
    question=Rule(
        id="question",
        says="Before a child in care is placed somewhere, the council must find out what the child thinks, wants and "
        "feels.",
        value="Before a placement is arranged, the child's views, wishes and feelings have been ascertained and "
        "given due consideration.",
        authority=Authority.REGULATION,
        citation=f"{_REGULATIONS} reg 10(1)(b), under Part 6 of the Social Services and Well-being (Wales) Act 2014",
        verified=True,
        valid_from=_IN_FORCE,
    ),
    question_otherwise=_borrowed(_ENGLAND.question_otherwise),
    review_first=_borrowed(_ENGLAND.review_first),
    iro_informed=_borrowed(_ENGLAND.iro_informed),
    tell_the_child=_borrowed(_ENGLAND.tell_the_child),
    deadlines=by_id(
        (
            replace(_ENGLAND.deadlines["care_plan"], citation=f"{_REGULATIONS} reg 4(3)", valid_from=_IN_FORCE),
            replace(_ENGLAND.deadlines["placement_plan"], citation=f"{_REGULATIONS} reg 10", valid_from=_IN_FORCE),
            replace(
                _ENGLAND.deadlines["temporary_approval"],
                says="A relative or friend may care for a child on a temporary approval for up to 24 weeks.",
                value=Period(24, Unit.WEEKS),
                citation=f"{_REGULATIONS} reg 26 as it stood on 1 September 2021; 16 weeks before the change of that "
                "year",
                valid_from=date(2021, 9, 1),
            ),
            replace(_ENGLAND.deadlines["retention"], citation=f"{_REGULATIONS} reg 64", verified=True),
        )
    ),
)
