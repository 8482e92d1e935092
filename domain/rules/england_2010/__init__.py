"""
England since 1 April 2011: the Children Act 1989 with the Care Planning Regulations 2010.

`duties` are the provisions an answer cites, `measures` the numbers and lists it is found with, `kinds` the decisions
there are, and the `..._deadlines` the clocks. Only data belongs here, and each entry with its source.

Amendments that change one rule carry that rule's own dates; the changes of 2020, which touched several, are a pack of
their own, and this one stands aside for those days.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.rules.bank_holidays import ENGLAND_AND_WALES
from domain.rules.england_2010 import (
    contact_deadlines,
    duties,
    measures,
    placement_deadlines,
    record_deadlines,
    review_deadlines,
    visit_deadlines,
)
from domain.rules.england_2010.kinds import KINDS
from domain.rules.pack import RulePack, by_code
from domain.rules.rule import by_id

CORONAVIRUS: Final = (date(2020, 4, 24), date(2020, 9, 25))
"""First and last day of the changes made by SI 2020/445."""

PACK: Final = RulePack(
    id="england-2010",
    version=1,
    jurisdiction="england",
    title="England, Care Planning, Placement and Case Review Regulations 2010 (SI 2010/959)",
    valid_from=date(2011, 4, 1),
    valid_to=None,
    kinds=by_code(KINDS),
    freshness=measures.FRESHNESS,
    freshness_otherwise=measures.FRESHNESS_OTHERWISE,
    same_proposal_cap=measures.SAME_PROPOSAL_CAP,
    recording_tolerance=measures.RECORDING_TOLERANCE,
    emergency_window=measures.EMERGENCY_WINDOW,
    feedback_due=measures.FEEDBACK_DUE,
    emergency_grounds=measures.EMERGENCY_GROUNDS,
    not_ascertainable_codes=measures.NOT_ASCERTAINABLE_CODES,
    observation_expected_codes=measures.OBSERVATION_EXPECTED_CODES,
    no_emergency_excuse=measures.NO_EMERGENCY_EXCUSE,
    question=duties.QUESTION,
    question_otherwise=duties.QUESTION_OTHERWISE,
    review_first=duties.REVIEW_FIRST,
    iro_informed=duties.IRO_INFORMED,
    tell_the_child=duties.TELL_THE_CHILD,
    deadlines=by_id(
        placement_deadlines.DEADLINES,
        contact_deadlines.DEADLINES,
        review_deadlines.DEADLINES,
        visit_deadlines.DEADLINES,
        record_deadlines.DEADLINES,
    ),
    calendar=ENGLAND_AND_WALES,
    set_aside=(CORONAVIRUS,),
)
