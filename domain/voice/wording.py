"""
The answers in words that a twelve-year-old can read and a judge can rely on.

Every sentence says what the record shows or does not show, never what somebody did or ought to have done. Choosing not
to say is a right, and going another way than the child wanted, with reasons, is neutral: neither looks like a fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from domain.matters import root
from domain.rules.pack import RulePack
from domain.rules.rule import Authority, Rule
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass


class Tone(StrEnum):
    """How an answer may look. Colour is never all that tells two answers apart: each has its own words."""

    KEPT = "kept"
    EXPLAINED = "explained"
    PARTLY = "partly"
    OPEN = "open"
    UNCLEAR = "unclear"
    MISSING = "missing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wording:
    """An answer in words: a few for a tag, one or two sentences, and how it may look."""

    label: str
    sentence: str
    tone: Tone


CLASSES: Final = {
    VerdictClass.MET: Wording("On record beforehand", "The child's view was on record beforehand.", Tone.KEPT),
    VerdictClass.EXCUSED: Wording("Explained", "The record says why there is no earlier view.", Tone.EXPLAINED),
    VerdictClass.LATE_EVIDENCE: Wording("Partly, or late", "The child's view was written down late.", Tone.PARTLY),
    VerdictClass.PARTLY_MET: Wording("Partly, or late", "There was a view, but not quite in time.", Tone.PARTLY),
    VerdictClass.NOT_YET_DUE: Wording("Still open", "There is still time.", Tone.OPEN),
    VerdictClass.CANNOT_BE_SHOWN: Wording("Cannot be shown", "The record cannot show what came first.", Tone.UNCLEAR),
    VerdictClass.NOT_MET: Wording("Not on record", "The child's view was not on record beforehand.", Tone.MISSING),
    VerdictClass.NOT_APPLICABLE: Wording("Not counted", "The question is not asked here.", Tone.NONE),
}
"""What the answers of a class have in common, for counting and for how they look."""


def _said(verdict: Verdict, label: str, sentence: str) -> tuple[Verdict, Wording]:
    return verdict, Wording(label, sentence, CLASSES[verdict.verdict_class].tone)


VERDICTS: Final = dict(
    (
        _said(
            Verdict.NOT_SIGNIFICANT,
            "Not a big change",
            "This was not counted as a big change, so the question is not asked here.",
        ),
        _said(Verdict.PENDING, "Not decided yet", "The record does not show that this has been decided yet."),
        _said(
            Verdict.WITHDRAWN,
            "Called off",
            "This was called off before it happened, so it is not counted.",
        ),
        _said(
            Verdict.RECORDED_BEFORE_DECISION,
            "On record beforehand",
            "What the child thought about this was written down before it was decided.",
        ),
        _said(
            Verdict.EXPRESSED_BEFORE_RECORDED_BEFORE_EFFECT,
            "Asked first, written down later",
            "The child's view came first. It was written down after this was decided, and before it happened.",
        ),
        _said(
            Verdict.DECLINED_BEFORE_DECISION,
            "Chose not to say",
            "The child was asked and chose not to say. That is their right.",
        ),
        _said(
            Verdict.NOT_ASCERTAINABLE_REASONED,
            "Could not be asked",
            "The child could not be asked about this. The record says why.",
        ),
        _said(
            Verdict.EMERGENCY_VIEW_IN_WINDOW,
            "Emergency: asked soon after",
            "This was an emergency. The child was asked in the days after it, and that was written down in time.",
        ),
        _said(
            Verdict.EMERGENCY_VIEW_IN_WINDOW_RECORDED_LATE,
            "Emergency: asked soon after, written down late",
            "This was an emergency. The child was asked in the days after it, but that was written down late.",
        ),
        _said(
            Verdict.EMERGENCY_WINDOW_OPEN,
            "Emergency: still time to ask",
            "This was an emergency. There is still time to ask the child.",
        ),
        _said(
            Verdict.EMERGENCY_WINDOW_UNKNOWN,
            "Emergency: cannot be shown",
            "This was an emergency. The record does not give the days well enough to show if anybody asked in time.",
        ),
        _said(
            Verdict.EMERGENCY_VIEW_OUT_OF_WINDOW,
            "Emergency: asked too late",
            "This was an emergency. The record shows that the child was asked only when the time for it was over.",
        ),
        _said(
            Verdict.EMERGENCY_NO_VIEW,
            "Emergency: no view on record",
            "This was an emergency. The time to ask is over, and nobody wrote down what the child thought.",
        ),
        _said(
            Verdict.SAME_DAY_ORDER_UNKNOWN,
            "Order not known",
            "The record does not show which came first, the child's view or the decision.",
        ),
        _said(
            Verdict.EXPRESSED_BEFORE_RECORDED_LATE,
            "Asked first, written down late",
            "The child's view came first. It was written down soon after, but by then the change had happened.",
        ),
        _said(
            Verdict.BACKDATED_RECORD,
            "Cannot be shown",
            "The record says that the child was asked first. It was written down so late that this cannot be shown.",
        ),
        _said(
            Verdict.VIEW_CONSIDERED_ON_RECONSIDERATION,
            "Asked late, then looked at again",
            "The child was asked after this was decided. Then it was looked at again, with what the child thought.",
        ),
        _said(
            Verdict.STALE_VIEW_ONLY,
            "Only an old view",
            "The record shows only an old view. Too much time had gone by, or too much had changed.",
        ),
        _said(
            Verdict.VIEW_AFTER_DECISION_BEFORE_EFFECT,
            "Asked after it was decided",
            "The record shows that the child was asked only when this had been decided.",
        ),
        _said(
            Verdict.VIEW_AFTER_EFFECT_ONLY,
            "Asked afterwards",
            "The record shows what the child thought only from after this happened.",
        ),
        _said(
            Verdict.SOUGHT_NO_OUTCOME,
            "Tried to ask",
            "Somebody tried to ask the child. The record does not show what came of it.",
        ),
        _said(
            Verdict.OTHER_MATTER_ONLY,
            "Not asked about this",
            "The record shows what the child thought about other things, but not what they thought about this.",
        ),
        _said(
            Verdict.NO_VIEW_RECORDED,
            "No view on record",
            "Nobody wrote down what the child thought about this before it was decided.",
        ),
    )
)
"""Every verdict: what the record shows about one matter of one decision."""

FLAGS: Final = {
    Flag.OBSERVATION_BASED: "This rests on what somebody saw the child do, not on words.",
    Flag.ADULT_REPORTED_ONLY: "This rests on what a grown-up said the child wanted.",
    Flag.GENERAL_VIEW: "The child was asked in general, not about just this.",
    Flag.NOT_SEEN_ALONE: "The child was not on their own with the person who asked.",
    Flag.CHILD_DISPUTES_RECORD: "The person this is about says that this part of the record is wrong.",
    Flag.BACKDATED: "This was written down long after the day it gives.",
    Flag.DATE_CORRECTED: "A date was put right later. Both dates are kept.",
    Flag.DATE_CORRECTED_FAVOURABLY: "A date was changed later, and that makes the record look better. Both are kept.",
    Flag.DECISION_RECORDED_BEFORE_CLAIMED_DATE: "This was on record before the day it is said to have been decided.",
    Flag.DECISION_DATE_UNKNOWN: "The record does not show on what day this was decided.",
    Flag.EFFECT_GAP: "A long time went by between the decision and the change.",
    Flag.MATERIAL_CHANGE_SINCE_VIEW: "Something big happened after the child was asked and before this was decided.",
    Flag.LATER_VIEW_EXISTS: "The child said more about this later on.",
    Flag.EARLIER_VIEW_AVAILABLE: "The child had said something about this at an earlier time.",
    Flag.SINGLE_ATTEMPT: "The child was asked once. The record does not show that anybody asked again in another way.",
    Flag.OBSERVATION_EXPECTED: "The record does not show that anybody watched how the child felt, as is usual here.",
    Flag.NOT_ASCERTAINABLE_UNREASONED: "The record says that the child could not be asked. It does not say why.",
    Flag.EMERGENCY_UNSUPPORTED: (
        "This is called an emergency. The record does not show what made it one, or why the child could not be asked."
    ),
    Flag.REG11_3_NO_EMERGENCY_EXCUSE: (
        "This was a move out of the area. For such a move the child is asked first, even in an emergency."
    ),
    Flag.NO_REVIEW_LINK: "The record does not show that a review meeting talked about this first.",
    Flag.IRO_NOT_INFORMED: "The record does not show that the reviewing officer was told before this happened.",
    Flag.CHILD_ASKED_NO_VIEW: (
        "The record says that the child asked for this. Nobody wrote down what the child said about it."
    ),
    Flag.WITHDRAWAL_RECORDED_LATE: (
        "That this was called off was written down only after the day on which it was to happen."
    ),
}
"""Every flag: something to know about what an answer rests on."""

INFLUENCES: Final = {
    Influence.NO_VIEW_TO_WEIGH: Wording(
        "No view to think about", "When this was decided, there was no view to think about.", Tone.NONE
    ),
    Influence.VIEW_NOT_REFERENCED: Wording(
        "View not mentioned", "The record does not show that anybody thought about the child's view.", Tone.MISSING
    ),
    Influence.REFERENCED_WEIGHT_NOT_STATED: Wording(
        "View mentioned", "The decision names the child's view. It does not say what difference it made.", Tone.PARTLY
    ),
    Influence.FOLLOWED: Wording("View followed", "The decision went the way the child wanted.", Tone.KEPT),
    Influence.PARTLY_REASONED: Wording(
        "Partly followed, with reasons",
        "Part of what the child wanted was done. The record says why not all.",
        Tone.EXPLAINED,
    ),
    Influence.PARTLY_UNREASONED: Wording(
        "Partly followed", "Part of what the child wanted was done. The record does not say why not all.", Tone.PARTLY
    ),
    Influence.DEPARTED_REASONED: Wording(
        "Went another way, with reasons",
        "The decision went another way than the child wanted. The record says why.",
        Tone.EXPLAINED,
    ),
    Influence.DEPARTED_UNREASONED: Wording(
        "Went another way",
        "The decision went another way than the child wanted. The record does not say why.",
        Tone.MISSING,
    ),
}
"""Did it count?"""

FEEDBACKS: Final = {
    Feedback.NOT_YET_DUE: Wording("Not told yet", "There is still time to tell the child.", Tone.OPEN),
    Feedback.NOT_TOLD: Wording("Not on record", "The record does not show that the child was told.", Tone.MISSING),
    Feedback.TOLD_WITH_REASONS: Wording(
        "Told, with reasons", "The child was told what was decided, and why.", Tone.KEPT
    ),
    Feedback.TOLD_WITH_REASONS_LATE: Wording(
        "Told late, with reasons", "The child was told what was decided, and why, but late.", Tone.PARTLY
    ),
    Feedback.TOLD_WITH_REASONS_TIME_UNKNOWN: Wording(
        "Told, with reasons",
        "The child was told what was decided, and why. The record does not give the days well enough to show if that "
        "was in time.",
        Tone.UNCLEAR,
    ),
    Feedback.TOLD_WITHOUT_REASONS: Wording(
        "Told, no reasons on record",
        "The child was told what was decided. The record does not show that they were told why.",
        Tone.PARTLY,
    ),
    Feedback.NOT_APPROPRIATE_REASONED: Wording(
        "Not told, with a reason",
        "Somebody thought it was not right to tell the child. The record says why.",
        Tone.EXPLAINED,
    ),
}
"""Was the child told?"""

AUTHORITIES: Final = {
    Authority.STATUTE: "This is in an Act of Parliament.",
    Authority.REGULATION: "This is in regulations, which are law.",
    Authority.GUIDANCE: "This is guidance. It is not law, but it is to be followed unless there is a good reason.",
    Authority.POLICY: "This is a choice made for this record. It is not law.",
}
"""Who says so."""

CHECKED: Final = "Its text was read and checked for this record."
UNCHECKED: Final = "Its text has not been checked for this record yet. Look it up before you rely on it."
ASKED_FOR: Final = "This kind of change is one to ask the child about."
SOMETHING_ELSE: Final = "When the change happened, the record showed something else: “{label}”. {sentence}"
NOT_YET_CALLED_OFF: Final = (
    "On the day on which this was to happen, the record did not show that it was called off. It showed: “{label}”. "
    "{sentence}"
)
FROM_AN_OLDER_SOURCE: Final = "This was put into this record on {day}, from an older source."
AFTER_IT_HAD_HAPPENED: Final = "This was put into this record on {day}, after it had happened."
FIXED: Final = (
    CHECKED,
    UNCHECKED,
    ASKED_FOR,
    SOMETHING_ELSE,
    NOT_YET_CALLED_OFF,
    FROM_AN_OLDER_SOURCE,
    AFTER_IT_HAD_HAPPENED,
)
"""Sentences that stand alone."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A rule behind an answer: what it says, where it is written, and who says so."""

    says: str
    citation: str
    authority: Authority
    verified: bool

    @property
    def standing(self) -> str:
        """Say how far a reader can lean on it. A house rule has no text elsewhere that could be checked."""
        if self.authority is Authority.POLICY:
            return AUTHORITIES[self.authority]
        return f"{AUTHORITIES[self.authority]} {CHECKED if self.verified else UNCHECKED}"


def grounds_of(  # noqa: PLR0913 - each is one thing a rule can hang on
    verdict: Verdict, pack: RulePack, *, kind: str, matter: str, decided: date | None, flags: Iterable[Flag] = ()
) -> tuple[Ground, ...]:
    """Give the rules behind a verdict on one matter: why the question is asked, then the measures this answer used."""
    rules = [pack.question_on(decided), *_measures(verdict, pack, matter), *_behind_flags(flags, pack)]
    grounds = [Ground(rule.says, rule.citation, rule.authority, rule.verified) for rule in dict.fromkeys(rules)]
    if (known := pack.kinds.get(kind)) is not None:
        hook = Ground(ASKED_FOR, known.hook, known.authority, known.verified)
        grounds.insert(1, hook)
    return tuple(grounds)


def grounds_of_telling(pack: RulePack) -> tuple[Ground, ...]:
    """Give the rules behind the answer to *was the child told?*."""
    rules: tuple[Rule[Any], ...] = (pack.tell_the_child, pack.feedback_due)
    return tuple(Ground(rule.says, rule.citation, rule.authority, rule.verified) for rule in rules)


def in_between(now: Verdict, at_effect: Verdict) -> str | None:
    """
    Say what the record showed when the change happened, where that differs from now.

    Gives nothing where it does not differ, and for `PENDING`: then the record did not hold the decision at all, which
    `put_in_later` says, once and calmly.
    """
    if now is at_effect or at_effect is Verdict.PENDING:
        return None
    then = VERDICTS[at_effect]
    return difference(now).format(label=then.label, sentence=then.sentence)


def difference(now: Verdict) -> str:
    """Give the sentence that says how the record stood on the day of the change; what was called off never happened."""
    return NOT_YET_CALLED_OFF if now is Verdict.WITHDRAWN else SOMETHING_ELSE


def put_in_later(day: str, *, from_older_source: bool) -> str:
    """Say that an entry came into the record only later; `day` is in words."""
    return (FROM_AN_OLDER_SOURCE if from_older_source else AFTER_IT_HAD_HAPPENED).format(day=day)


def _measures(verdict: Verdict, pack: RulePack, matter: str) -> tuple[Rule[Any], ...]:
    fresh = pack.freshness.get(root(matter), pack.freshness_otherwise)
    match verdict:
        case Verdict.STALE_VIEW_ONLY:
            return fresh, pack.same_proposal_cap
        case (
            Verdict.RECORDED_BEFORE_DECISION
            | Verdict.EXPRESSED_BEFORE_RECORDED_BEFORE_EFFECT
            | Verdict.DECLINED_BEFORE_DECISION
        ):
            return (fresh,)
        case Verdict.EXPRESSED_BEFORE_RECORDED_LATE | Verdict.BACKDATED_RECORD:
            return (pack.recording_tolerance,)
        case Verdict.NOT_ASCERTAINABLE_REASONED:
            return (pack.not_ascertainable_codes,)
        case (
            Verdict.EMERGENCY_VIEW_IN_WINDOW
            | Verdict.EMERGENCY_VIEW_IN_WINDOW_RECORDED_LATE
            | Verdict.EMERGENCY_WINDOW_OPEN
            | Verdict.EMERGENCY_WINDOW_UNKNOWN
            | Verdict.EMERGENCY_VIEW_OUT_OF_WINDOW
            | Verdict.EMERGENCY_NO_VIEW
        ):
            return pack.emergency_window, pack.emergency_grounds
        case _:
            return ()


def _behind_flags(flags: Iterable[Flag], pack: RulePack) -> list[Rule[Any]]:
    rules: dict[Flag, Rule[Any]] = {
        Flag.NO_REVIEW_LINK: pack.review_first,
        Flag.IRO_NOT_INFORMED: pack.iro_informed,
        Flag.REG11_3_NO_EMERGENCY_EXCUSE: pack.no_emergency_excuse,
        Flag.EMERGENCY_UNSUPPORTED: pack.emergency_grounds,
        Flag.OBSERVATION_EXPECTED: pack.observation_expected_codes,
    }
    return [rules[flag] for flag in sorted(set(flags)) if flag in rules]
