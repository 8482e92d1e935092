"""
The feedback axis: was the child told of the decision, with reasons and in time?

Sources: Care Planning Regulations 2010 regs 8 and 13; Children's Homes (England) Regulations 2015 reg 7;
United Nations Committee on the Rights of the Child, General Comment 12.
"""

from __future__ import annotations

from datetime import date, datetime, time

from domain.voice.evidence import Decision, Known
from domain.voice.verdict import Feedback


def hear(decision: Decision, known: Known, *, due: tuple[date, date]) -> Feedback:
    """
    Tell whether the child was told in time, as the record stood. The earliest with reasons counts.

    `due` is the first and the last day that the last day for telling can be, where dates are not known to the day.
    """
    first_due, last_due = due
    told = [telling for telling in known.tellings if telling.decision == decision.ref]
    with_reasons = [telling for telling in told if telling.appropriate and telling.reasons_given]
    if with_reasons:
        if any(telling.given.last_day <= first_due for telling in with_reasons):
            return Feedback.TOLD_WITH_REASONS
        if any(telling.given.first_day <= last_due for telling in with_reasons):
            return Feedback.TOLD_WITH_REASONS_TIME_UNKNOWN
        return Feedback.TOLD_WITH_REASONS_LATE
    if any(telling.appropriate for telling in told):
        return Feedback.TOLD_WITHOUT_REASONS
    if any(telling.reasons_given for telling in told):
        return Feedback.NOT_APPROPRIATE_REASONED
    return Feedback.NOT_YET_DUE if known.as_of <= datetime.combine(last_due, time.max) else Feedback.NOT_TOLD
