"""
The question itself: was the child's view on this matter on record before it was decided?

`ask` is a pure function of a decision, what was known at `as_of`, and the rule pack in force. Each matter of the
decision gets one finding: the first rule that matches, in the order of `RULES`. The headline is the most severe
finding, or that the decision was called off.

Where dates are too imprecise to settle an order, no rule that depends on that order may match: an answer never claims
more than the record can show.
Source: Children Act 1989 s 22(4) and (5); Care Planning, Placement and Case Review (England) Regulations 2010.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from domain.dates import BEGINNING, END, Order, PartialDate, Precision
from domain.matters import covers, root
from domain.rules.errors import DateOutsideCalendar
from domain.rules.pack import RulePack, Significance
from domain.rules.rule import Period, Unit, in_force
from domain.voice import feedback, influence
from domain.voice.evidence import Bearing, Decision, Known, Outcome, Process, SeenAlone, Source, View
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass


@dataclass(frozen=True, slots=True)
class Finding:
    """What the record shows about one matter, and the events that show it (the view that counts first)."""

    matter: str
    verdict: Verdict
    flags: frozenset[Flag] = frozenset()
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """
    The answer for one decision: headline, one finding per matter, and the two further axes.

    What was called off counts as such, whatever its findings are; they stay, since the child lived through it.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    influence: Influence | None
    feedback: Feedback | None
    called_off_by: str | None = None

    @property
    def verdict_class(self) -> VerdictClass:
        """Give the class of the headline."""
        return self.verdict.verdict_class

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Give every flag of every matter, in alphabetical order."""
        return tuple(sorted({flag for finding in self.findings for flag in finding.flags}))

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Give every event any finding rests on, each once."""
        called_off = () if self.called_off_by is None else (self.called_off_by,)
        return tuple(dict.fromkeys([*called_off, *(ref for finding in self.findings for ref in finding.rests_on)]))


@dataclass(frozen=True, slots=True)
class Moments:
    """The two moments everything is measured against: D, the operative decision, and E, the effect."""

    decided: PartialDate
    effective: PartialDate

    @classmethod
    def of(cls, decision: Decision) -> Moments | None:
        """
        Find D and E, or nothing while no decision has been made.

        D is the earlier of the claimed date and the recording: what the record held was decided by then.
        """
        if decision.decided is None:
            return None
        decided = decision.decided if decision.on_record is None else decision.decided.or_earlier(decision.on_record)
        if decided.precision is Precision.UNKNOWN and decision.effective is not None:
            decided = decided.until(decision.effective.last_day) if decision.effective.last < decided.last else decided
        return cls(decided, decision.effective or decided)

    @property
    def first_effect_day(self) -> date:
        """Give the earliest day on which it can have taken effect: a change follows its decision."""
        return max(self.effective.first_day, min(self.decided.first_day, self.effective.last_day))


def ask(decision: Decision, known: Known, pack: RulePack) -> Answer:
    """
    Answer the question for one decision as the record stood at `known.as_of`.

    `decision` is the decision as known then; `pack` the rule pack pinned to it.
    """
    if not _significant(decision, pack):
        findings = tuple(Finding(matter, Verdict.NOT_SIGNIFICANT) for matter in decision.matters)
        return _answer(findings, None, None)
    moments = Moments.of(decision)
    if moments is None or _not_yet_visible(decision, known.as_of):
        return _answer(tuple(Finding(matter, Verdict.PENDING) for matter in decision.matters), None, None)
    general = _flags_of_the_decision(decision, moments, pack)
    findings = tuple(
        _find(Matter(matter, decision, moments, known, pack, known.on(matter), set()), general)
        for matter in decision.matters
    )
    weighed = influence.weigh(decision, moments.decided, known)
    told = feedback.hear(decision, known, due=feedback_due(decision, moments, pack))
    if (withdrawn := decision.called_off) is not None:
        heard = any(telling.decision == decision.ref for telling in known.tellings)
        return Answer(Verdict.WITHDRAWN, findings, weighed, told if heard else None, withdrawn.ref)
    return _answer(findings, weighed, told)


def next_turn(decision: Decision, pack: RulePack, after: datetime) -> datetime | None:
    """
    Give the next instant at which the answer may change though nothing new is recorded, or nothing.

    A decision takes effect, an emergency window closes, the time to tell the child runs out.
    """
    moments = Moments.of(decision)
    if moments is None or decision.decided is None:
        return None
    turns = [
        decision.decided.first,
        _just_after(moments.effective.last_day),
        _just_after(feedback_due(decision, moments, pack)[1]),
    ]
    if decision.emergency:
        turns += [_just_after(_window_end(day, pack)) for day in (moments.first_effect_day, moments.effective.last_day)]
    return min((turn for turn in turns if turn > after), default=None)


def effect_instant(decision: Decision) -> datetime | None:
    """Give the instant for the verdict *as known when it took effect*: the end of the day of the effect."""
    moments = Moments.of(decision)
    return None if moments is None else _end_of_day(moments.effective.last_day)


def emergency_supported(decision: Decision, pack: RulePack) -> bool:
    """Tell whether an emergency is claimed with a ground from the list and a reason why asking was not practicable."""
    return (
        decision.emergency and decision.ground in pack.emergency_grounds.value and decision.not_practicable_reason_given
    )


def feedback_due(decision: Decision, moments: Moments, pack: RulePack) -> tuple[date, date]:
    """
    Give the last day to tell the child: counted from D but no later than the effect; in an emergency, from it.

    Where D or the effect are not known to the day, that last day is not either: these are the first and the last day
    that it can be.
    """
    effects = moments.first_effect_day, moments.effective.last_day
    if emergency_supported(decision, pack):
        first, last = (last_day(pack, effect, pack.feedback_due.value) for effect in effects)
        return first, last
    decided = moments.decided.first_day, moments.decided.last_day
    first, last = (
        min(last_day(pack, made, pack.feedback_due.value), effect)
        for made, effect in zip(decided, effects, strict=True)
    )
    return first, last


def last_day(pack: RulePack, start: date, period: Period) -> date:
    """
    Count a period from a day with the pack's calendar.

    Beyond the last year the calendar holds, working days are Monday to Friday: an answer about a far effect must not
    fail.
    """
    try:
        return pack.calendar.add(start, period)
    except DateOutsideCalendar:
        if period.unit is not Unit.WORKING_DAYS:
            raise
        day, left = start, period.n
        while left:
            day += timedelta(days=1)
            left -= day.isoweekday() <= _FRIDAY
        return day


# One matter -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Matter:
    """One matter of one decision, with what is known that bears on it."""

    name: str
    decision: Decision
    moments: Moments
    known: Known
    pack: RulePack
    bearing: Bearing
    flags: set[Flag]
    fresh_before: list[View] = field(init=False)
    """The substantive views from before D that are fresh."""

    def __post_init__(self) -> None:
        """Collect the fresh views, which most rules look at first."""
        decided = self.moments.decided
        self.fresh_before = [
            view
            for view in self.bearing.said_between(self.oldest_fresh, decided.last)
            if view.expressed.by(decided) and self.fresh(view)
        ]

    @property
    def oldest_fresh(self) -> datetime:
        """No view from before this instant can be fresh."""
        longest = max(self.pack.fresh_days(root(self.name)), self.pack.same_proposal_cap.value)
        return self.moments.decided.last - timedelta(days=longest + 1)

    @property
    def oldest_overlapping(self) -> datetime:
        """No entry whose date begins before this instant can reach as far as D: the vaguest date is a year."""
        return self.moments.decided.first - _A_YEAR

    @property
    def last_before(self) -> View | None:
        """The latest substantive view known to be from before D."""
        earlier = self.bearing.said_between(BEGINNING, self.moments.decided.last)
        return next((view for view in reversed(earlier) if view.expressed.by(self.moments.decided)), None)

    @property
    def first_after(self) -> View | None:
        """The earliest substantive view known to be from after D."""
        later = self.bearing.said_between(self.moments.decided.first, END)
        return next((view for view in later if view.expressed.after(self.moments.decided)), None)

    def after_until_effect(self) -> list[View]:
        """Give the substantive views known to be from after D whose date begins before the effect has passed."""
        later = self.bearing.said_between(self.moments.decided.first, self.moments.effective.last)
        return [view for view in later if view.expressed.after(self.moments.decided)]

    def of_unknown_order(self, *, same_day: bool) -> list[View]:
        """Give the entries of which nobody can tell whether they are from before D; those of D's own day on request."""
        decided = self.moments.decided
        return [
            view
            for view in self.bearing.related_between(self.oldest_overlapping, decided.last)
            if (view.substantive or view.outcome is Outcome.DECLINED or _reasoned(view, self.pack))
            and view.expressed.compare(decided) is Order.UNKNOWN
            and (same_day or not view.expressed.same_day(decided))
        ]

    def fresh(self, view: View) -> bool:
        """Tell whether the view is shown to be recent enough, and not overtaken by a material change."""
        age = self.moments.decided.last_day - view.expressed.first_day
        return age.days <= self.fresh_days(view) and not self.overtaken_by(view)

    def fresh_days(self, view: View) -> int:
        """Give how old the view may be: longer where the child was asked about this very proposal."""
        if view.proposal is not None and view.proposal == self.decision.proposal:
            return self.pack.same_proposal_cap.value
        return self.pack.fresh_days(root(self.name))

    def overtaken_by(self, view: View) -> tuple[str, ...]:
        """Give the material changes on this matter that may lie after the view, and may lie before D."""
        return tuple(
            change.ref
            for change in self.known.material_changes
            if covers(change.matter, self.name)
            and not change.at.by(view.expressed)
            and not change.at.after(self.moments.decided)
        )

    def found(self, verdict: Verdict, views: Sequence[View], *also: str) -> Finding:
        """Make the finding that rests on these views, the latest of them first, and carry their qualities."""
        latest_first = tuple(view.ref for view in reversed(views))
        return Finding(self.name, verdict, frozenset(self.flags | _qualities(views, self.name)), (*latest_first, *also))


Rule = Callable[[Matter], Finding | None]


def recorded_before_decision(m: Matter) -> Finding | None:
    """A fresh view on this matter was expressed and on record before the decision."""
    views = [view for view in m.fresh_before if view.on_record.by_the_day_of(m.moments.decided)]
    return m.found(Verdict.RECORDED_BEFORE_DECISION, views) if views else None


def recorded_before_effect(m: Matter) -> Finding | None:
    """It was expressed before the decision, and written down before the decision took effect."""
    views = [view for view in m.fresh_before if view.on_record.by_the_day_of(m.moments.effective)]
    return m.found(Verdict.EXPRESSED_BEFORE_RECORDED_BEFORE_EFFECT, views) if views else None


def declined(m: Matter) -> Finding | None:
    """The child did not want to say, which is a right."""
    refusals = [
        view
        for view in m.bearing.related_between(m.oldest_fresh, m.moments.decided.last)
        if view.outcome is Outcome.DECLINED
        and view.expressed.by(m.moments.decided)
        and view.on_record.by_the_day_of(m.moments.effective)
        and m.fresh(view)
    ]
    if not refusals:
        return None
    if max(view.attempts for view in refusals) < _TWO_ATTEMPTS and len(refusals) < _TWO_ATTEMPTS:
        m.flags.add(Flag.SINGLE_ATTEMPT)
    if m.last_before is not None:
        m.flags.add(Flag.EARLIER_VIEW_AVAILABLE)
    later = m.first_after
    if later is None:
        return m.found(Verdict.DECLINED_BEFORE_DECISION, refusals)
    m.flags.add(Flag.LATER_VIEW_EXISTS)
    return m.found(Verdict.DECLINED_BEFORE_DECISION, refusals, later.ref)


def not_ascertainable(m: Matter) -> Finding | None:
    """A recognised reason why no view could be had was written down. A code without words excuses nothing."""
    entries = [
        view
        for view in m.bearing.related_between(BEGINNING, m.moments.decided.last)
        if view.outcome is Outcome.NOT_ASCERTAINABLE
        and view.expressed.by(m.moments.decided)
        and view.on_record.by_the_day_of(m.moments.effective)
    ]
    reasoned = [view for view in entries if _reasoned(view, m.pack)]
    if not reasoned:
        if entries:
            m.flags.add(Flag.NOT_ASCERTAINABLE_UNREASONED)
        return None
    expected = m.pack.observation_expected_codes.value
    if not any(view.observation_attempted or view.reason_code not in expected for view in reasoned):
        m.flags.add(Flag.OBSERVATION_EXPECTED)
    return m.found(Verdict.NOT_ASCERTAINABLE_REASONED, reasoned)


def emergency(m: Matter) -> Finding | None:
    """
    A supported emergency moves the question into the days after the effect; an unsupported one excuses nothing.

    Nobody is worse off for having had an emergency: where the days after it show no view, what was there before counts
    as it would have for a planned change.
    """
    found = _in_the_days_after(m)
    if found is None or found.verdict.verdict_class.severity <= VerdictClass.LATE_EVIDENCE.severity:
        return found
    as_planned = _first(RULES[RULES.index(emergency) + 1 :], m)
    return min(found, as_planned, key=lambda finding: finding.verdict.verdict_class.severity)


def _in_the_days_after(m: Matter) -> Finding | None:  # noqa: PLR0911 - one for each way it can have gone
    if not emergency_supported(m.decision, m.pack):
        if m.decision.emergency:
            m.flags.add(Flag.EMERGENCY_UNSUPPORTED)
        return None
    if m.decision.out_of_area and root(m.name) in m.pack.no_emergency_excuse.value:
        m.flags.add(Flag.REG11_3_NO_EMERGENCY_EXCUSE)
        return None
    window_end = _window_end(m.moments.first_effect_day, m.pack)
    latest_end = _window_end(m.moments.effective.last_day, m.pack)
    heard = [
        view
        for view in m.bearing.related_between(m.oldest_overlapping, END)
        if (view.substantive or view.outcome is Outcome.DECLINED)
        and (
            view.expressed.compare(m.moments.decided) in (Order.AFTER, Order.SAME)
            or view.expressed.same_day(m.moments.decided)
        )
    ]
    inside = [view for view in heard if view.expressed.last_day <= window_end]
    in_time = [view for view in inside if view.on_record.last_day <= window_end]
    if in_time:
        return m.found(Verdict.EMERGENCY_VIEW_IN_WINDOW, in_time)
    if inside:
        return m.found(Verdict.EMERGENCY_VIEW_IN_WINDOW_RECORDED_LATE, inside)
    perhaps = [view for view in heard if view.expressed.first_day <= latest_end]
    if m.known.as_of <= _end_of_day(window_end if perhaps else latest_end):
        return m.found(Verdict.EMERGENCY_WINDOW_OPEN, [])
    if perhaps:
        return m.found(Verdict.EMERGENCY_WINDOW_UNKNOWN, perhaps)
    if m.of_unknown_order(same_day=False):
        return None  # perhaps in time: that cannot be shown, and is not missing
    return m.found(Verdict.EMERGENCY_VIEW_OUT_OF_WINDOW if heard else Verdict.EMERGENCY_NO_VIEW, heard[:1])


def order_unknown(m: Matter) -> Finding | None:
    """There is an entry of the time of the decision, and the record cannot show which of the two came first."""
    views = m.of_unknown_order(same_day=True)
    if m.moments.decided.precision is Precision.UNKNOWN:
        views = views[-1:]  # every view from before the effect is of unknown order; the last one stands for all
    return m.found(Verdict.SAME_DAY_ORDER_UNKNOWN, views) if views else None


def recorded_late(m: Matter) -> Finding | None:
    """Expressed in time, written down after the effect: late evidence within the tolerance, back-dated beyond it."""
    if not m.fresh_before:
        return None
    tolerance = m.pack.recording_tolerance.value
    prompt = [
        view
        for view in m.fresh_before
        if view.on_record.last_day <= last_day(m.pack, view.expressed.first_day, tolerance)
    ]
    if prompt:
        return m.found(Verdict.EXPRESSED_BEFORE_RECORDED_LATE, prompt)
    if all(view.on_record.first_day > last_day(m.pack, view.expressed.last_day, tolerance) for view in m.fresh_before):
        m.flags.add(Flag.BACKDATED)
    return m.found(Verdict.BACKDATED_RECORD, m.fresh_before)


def reconsidered(m: Matter) -> Finding | None:
    """The view came after the decision, and the decision was confirmed before its effect with that view cited."""
    for view in reversed(m.after_until_effect()):
        if not view.expressed.before(m.moments.effective):
            continue
        for again in m.known.reconfirmations:
            if (
                again.decision == m.decision.ref
                and view.ref in again.cites
                and view.expressed.by(again.at)
                and again.at.by_the_day_of(m.moments.effective)
            ):
                return m.found(Verdict.VIEW_CONSIDERED_ON_RECONSIDERATION, [view], again.ref)
    return None


def stale(m: Matter) -> Finding | None:
    """There are views from before the decision, none of them recent enough; the last of them stands for all."""
    view = m.last_before
    if view is None:
        return None
    overtaken = m.overtaken_by(view)
    if overtaken:
        m.flags.add(Flag.MATERIAL_CHANGE_SINCE_VIEW)
    return m.found(Verdict.STALE_VIEW_ONLY, [view], *overtaken)


def after_decision(m: Matter) -> Finding | None:
    """The child was asked when it was already decided; the first time stands for all."""
    in_between = next((view for view in m.after_until_effect() if view.expressed.before(m.moments.effective)), None)
    if in_between is not None:
        return m.found(Verdict.VIEW_AFTER_DECISION_BEFORE_EFFECT, [in_between])
    return None if m.first_after is None else m.found(Verdict.VIEW_AFTER_EFFECT_ONLY, [m.first_after])


def sought(m: Matter) -> Finding | None:
    """Somebody tried to ask, at the latest when it took effect, and nothing came of it."""
    attempts = [
        view
        for view in m.bearing.related_between(BEGINNING, m.moments.effective.last)
        if view.outcome is Outcome.SOUGHT
    ]
    return m.found(Verdict.SOUGHT_NO_OUTCOME, attempts[-1:]) if attempts else None


def nothing_on_this_matter(m: Matter) -> Finding | None:
    """The record holds views, but none on this matter; or no view at all."""
    return m.found(Verdict.OTHER_MATTER_ONLY if m.known.anything_said else Verdict.NO_VIEW_RECORDED, [])


RULES: Final[tuple[Rule, ...]] = (
    recorded_before_decision,
    recorded_before_effect,
    declined,
    not_ascertainable,
    emergency,
    order_unknown,
    recorded_late,
    reconsidered,
    stale,
    after_decision,
    sought,
    nothing_on_this_matter,
)
"""First match wins; the last one always matches."""


# Parts ----------------------------------------------------------------------------------------------------------------

_FRIDAY: Final = 5
_TWO_ATTEMPTS: Final = 2
_A_YEAR: Final = timedelta(days=366)


def _find(matter: Matter, general: frozenset[Flag]) -> Finding:
    if matter.decision.child_asked and not matter.bearing.said:
        matter.flags.add(Flag.CHILD_ASKED_NO_VIEW)
    if general or _gap(matter):
        matter.flags |= general | ({Flag.EFFECT_GAP} if _gap(matter) else set())
    return _first(RULES, matter)


def _first(rules: Sequence[Rule], matter: Matter) -> Finding:
    return next(finding for rule in rules if (finding := rule(matter)) is not None)


def _answer(findings: tuple[Finding, ...], weighed: Influence | None, heard: Feedback | None) -> Answer:
    headline = max(findings, key=lambda finding: finding.verdict.verdict_class.severity)
    return Answer(headline.verdict, findings, weighed, heard)


def _significant(decision: Decision, pack: RulePack) -> bool:
    if decision.significant is not None:
        return decision.significant
    return pack.significance(decision.kind) is Significance.SIGNIFICANT


def _not_yet_visible(decision: Decision, as_of: datetime) -> bool:
    claimed_later = (
        decision.decided is not None
        and decision.decided.precision is not Precision.UNKNOWN
        and decision.decided.first > as_of
    )
    return claimed_later or (decision.recorded is not None and decision.recorded > as_of)


def _flags_of_the_decision(decision: Decision, moments: Moments, pack: RulePack) -> frozenset[Flag]:
    on = None if moments.decided.precision is Precision.UNKNOWN else moments.decided.last_day
    flags = set()
    if moments.decided.precision is Precision.UNKNOWN:
        flags.add(Flag.DECISION_DATE_UNKNOWN)
    logged = decision.on_record
    if logged is not None and decision.decided is not None and logged.before(decision.decided):
        flags.add(Flag.DECISION_RECORDED_BEFORE_CLAIMED_DATE)
    if decision.first_decided is not None and decision.decided is not None:
        later = decision.decided.after(decision.first_decided)
        flags.add(Flag.DATE_CORRECTED_FAVOURABLY if later else Flag.DATE_CORRECTED)
    withdrawn = decision.called_off
    if withdrawn is not None and decision.effective and not withdrawn.on_record.by_the_day_of(decision.effective):
        flags.add(Flag.WITHDRAWAL_RECORDED_LATE)
    if decision.process is not None:
        if decision.process.review_considered is False and in_force(pack.review_first, on):
            flags.add(Flag.NO_REVIEW_LINK)
        if _iro_not_informed(decision.process, moments) and in_force(pack.iro_informed, on):
            flags.add(Flag.IRO_NOT_INFORMED)
    return frozenset(flags)


def _iro_not_informed(process: Process, moments: Moments) -> bool:
    """Tell whether the record could show that the IRO was informed by the day of the effect, and does not."""
    if process.iro_informed is None:
        return False
    on = process.iro_informed_on
    return not process.iro_informed or (on is not None and on.last_day > moments.first_effect_day)


def _gap(m: Matter) -> bool:
    waited = m.moments.effective.first_day - m.moments.decided.last_day
    return waited.days > m.pack.fresh_days(root(m.name))


def _qualities(views: Sequence[View], matter: str) -> set[Flag]:
    """Name what a reader must know about the views a finding rests on; of several, the latest speaks."""
    if not views:
        return set()
    latest = views[-1]
    flags = set()
    if latest.outcome is Outcome.OBSERVED:
        flags.add(Flag.OBSERVATION_BASED)
    if matter not in latest.matters:
        flags.add(Flag.GENERAL_VIEW)
    if latest.seen_alone not in (None, SeenAlone.YES):
        flags.add(Flag.NOT_SEEN_ALONE)
    if all(view.source is Source.ADULT_REPORT for view in views):
        flags.add(Flag.ADULT_REPORTED_ONLY)
    if any(view.disputed for view in views):
        flags.add(Flag.CHILD_DISPUTES_RECORD)
    flags |= {
        Flag.DATE_CORRECTED_FAVOURABLY if view.expressed.before(view.first_stated) else Flag.DATE_CORRECTED
        for view in views
        if view.first_stated is not None
    }
    return flags


def _reasoned(view: View, pack: RulePack) -> bool:
    return (
        view.outcome is Outcome.NOT_ASCERTAINABLE
        and view.reason_code in pack.not_ascertainable_codes.value
        and view.reason_given
    )


def _window_end(start: date, pack: RulePack) -> date:
    return min(last_day(pack, start, period) for period in pack.emergency_window.value)


def _end_of_day(day: date) -> datetime:
    return datetime.combine(day, time.max)


def _just_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min)
