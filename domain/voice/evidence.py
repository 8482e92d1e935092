"""
What the question is asked of: one decision, and what the record holds that may bear on it.

Two clocks, never mixed. `expressed`, `decided`, `effective` and the like are world time as people state it.
`recorded` is the instant at which the record took the fact in; a fact is visible at `as_of` when `recorded <= as_of`.
All times here are civil time in England. Narrative does not come in: of a reason the question only needs to know
that one was written down.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from domain.dates import PartialDate, was_by
from domain.matters import covers


class Outcome(StrEnum):
    """What came of asking the child."""

    EXPRESSED = "EXPRESSED"
    OBSERVED = "OBSERVED"
    DECLINED = "DECLINED"
    NOT_ASCERTAINABLE = "NOT_ASCERTAINABLE"
    SOUGHT = "SOUGHT"


class Source(StrEnum):
    """Through whom the view reached the record."""

    CHILD_DIRECT = "CHILD_DIRECT"
    CHILD_WRITTEN = "CHILD_WRITTEN"
    ADVOCATE = "ADVOCATE"
    IRO = "IRO"
    INDEPENDENT_VISITOR = "INDEPENDENT_VISITOR"
    APP = "APP"
    OBSERVATION = "OBSERVATION"
    ADULT_REPORT = "ADULT_REPORT"


class SeenAlone(StrEnum):
    """Whether the child was spoken to in private, in the terms of regulation 29."""

    YES = "YES"
    NO = "NO"
    REFUSED_BY_CHILD = "REFUSED_BY_CHILD"
    INAPPROPRIATE = "INAPPROPRIATE"
    UNABLE = "UNABLE"


class Grade(StrEnum):
    """How far an original recording date can be trusted: A a system log, B a dated document, C an assertion."""

    A = "A"
    B = "B"
    C = "C"


class Weight(StrEnum):
    """What the decision says it did with the child's view."""

    FOLLOWED = "FOLLOWED"
    PARTLY = "PARTLY"
    DEPARTED = "DEPARTED"
    NOT_STATED = "NOT_STATED"


SUBSTANTIVE: Final = frozenset({Outcome.EXPRESSED, Outcome.OBSERVED})
_TRUSTED: Final = frozenset({Grade.A, Grade.B})


@dataclass(frozen=True, slots=True)
class View:
    """One entry about the child's view: said, shown, declined, sought or not to be had."""

    ref: str
    outcome: Outcome
    matters: tuple[str, ...]
    expressed: PartialDate
    recorded: datetime
    source_recorded: PartialDate | None = None
    grade: Grade | None = None
    proposal: str | None = None
    source: Source | None = None
    attempts: int = 1
    reason_code: str | None = None
    reason_given: bool = False
    observation_attempted: bool = False
    seen_alone: SeenAlone | None = None
    disputed: bool = False
    first_stated: PartialDate | None = None
    """The date before correction, where the date has been corrected."""

    @property
    def substantive(self) -> bool:
        """Tell whether there is something to weigh: words, or feelings somebody observed."""
        return self.outcome in SUBSTANTIVE

    @property
    def on_record(self) -> PartialDate:
        """Give the date that counts as recording: the original one where a log or a dated document vouches for it."""
        return _on_record(self.recorded, self.source_recorded, self.grade) or PartialDate.at(self.recorded)

    def place(self) -> tuple[tuple[datetime, datetime], datetime, str]:
        """Give the place of this view among others: by its own time first, so that arrival does not matter."""
        return (self.expressed.sort_key(), self.recorded, self.ref)

    def about(self, matter: str) -> bool:
        """Tell whether this view speaks about the matter."""
        return any(covers(mine, matter) for mine in self.matters)


@dataclass(frozen=True, slots=True)
class Process:
    """What the record says of the steps around the decision; absent where the source of the evidence cannot say."""

    review_considered: bool | None = None
    iro_informed: bool | None = None
    iro_informed_on: PartialDate | None = None
    """The day of it; absent where the IRO was not informed, or the source does not say when."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as recorded: `decided` is `None` while it is only proposed, and may be of unknown precision."""

    ref: str
    kind: str
    matters: tuple[str, ...]
    decided: PartialDate | None
    effective: PartialDate | None = None
    recorded: datetime | None = None
    source_recorded: PartialDate | None = None
    grade: Grade | None = None
    proposal: str | None = None
    emergency: bool = False
    ground: str | None = None
    not_practicable_reason_given: bool = False
    out_of_area: bool = False
    significant: bool | None = None
    cites: frozenset[str] = frozenset()
    weight: Weight = Weight.NOT_STATED
    departure_reasons_given: bool = False
    process: Process | None = None
    first_decided: PartialDate | None = None
    """The decision date before correction, where it has been corrected."""
    child_asked: bool = False
    """Whether the record says that the child had asked for this change."""
    withdrawn: Withdrawn | None = None
    """That it was called off, once that is on record."""

    @property
    def on_record(self) -> PartialDate | None:
        """Give the date that counts as recording, as for a view."""
        return _on_record(self.recorded, self.source_recorded, self.grade)

    @property
    def called_off(self) -> Withdrawn | None:
        """Give its withdrawal, unless that is known to lie after the effect: what has happened cannot be called off."""
        if self.withdrawn is None or (self.effective is not None and self.withdrawn.on.after(self.effective)):
            return None
        return self.withdrawn


@dataclass(frozen=True, slots=True)
class MaterialChange:
    """Something that overtakes an earlier view on the matter: an allegation, a disclosure."""

    ref: str
    matter: str
    at: PartialDate
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reconfirmation:
    """The decision was looked at again and confirmed, citing views."""

    ref: str
    decision: str
    at: PartialDate
    cites: frozenset[str]
    recorded: datetime | None = None
    weight: Weight = Weight.NOT_STATED
    departure_reasons_given: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """The child was told of the decision, or a reason was written down why telling was not appropriate."""

    ref: str
    decision: str
    given: PartialDate
    reasons_given: bool
    appropriate: bool = True
    recorded: datetime | None = None


class Corrected(StrEnum):
    """The dates a correction can change for the question."""

    EXPRESSED = "expressed"
    DECIDED = "decided"
    EFFECTIVE = "effective"
    DATED = "dated"
    """The world time of anything else: a telling, an effect, a reconfirmation, a material change."""
    IRO_INFORMED = "iro_informed"


@dataclass(frozen=True, slots=True)
class Correction:
    """A date put right later; the first statement stays."""

    ref: str
    of: str
    what: Corrected
    to: PartialDate
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A person with authority marked the decision as a significant change, or as none."""

    decision: str
    significant: bool
    recorded: datetime


@dataclass(frozen=True, slots=True)
class TookEffect:
    """When the decision took effect in fact."""

    decision: str
    on: PartialDate
    recorded: datetime
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The decision was called off before it took effect."""

    ref: str
    decision: str
    on: PartialDate
    recorded: datetime
    source_recorded: PartialDate | None = None
    grade: Grade | None = None

    @property
    def on_record(self) -> PartialDate:
        """Give the date that counts as recording, as for a view."""
        return _on_record(self.recorded, self.source_recorded, self.grade) or PartialDate.at(self.recorded)


@dataclass(frozen=True, slots=True)
class Informed:
    """The IRO was informed of the decision."""

    ref: str
    decision: str
    on: PartialDate
    recorded: datetime


def _on_record(
    recorded: datetime | None, source_recorded: PartialDate | None, grade: Grade | None
) -> PartialDate | None:
    if source_recorded is not None and grade in _TRUSTED:
        return source_recorded
    return None if recorded is None else PartialDate.at(recorded)


class _Recorded(Protocol):
    @property
    def recorded(self) -> datetime | None: ...


T = TypeVar("T", bound=_Recorded)


@dataclass(slots=True)
class Evidence:
    """Everything one case's record holds that any question can rest on, in the order in which it was recorded."""

    decisions: dict[str, Decision] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
    disputes: list[tuple[str, datetime]] = field(default_factory=list)
    material_changes: list[MaterialChange] = field(default_factory=list)
    reconfirmations: list[Reconfirmation] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    effects: list[TookEffect] = field(default_factory=list)
    iro_informed: list[Informed] = field(default_factory=list)
    withdrawals: list[Withdrawn] = field(default_factory=list)
    _views_about: dict[str, tuple[int, list[View]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def known_at(self, as_of: datetime) -> Known:
        """Give what the record showed at that instant, corrections known by then applied."""
        return Known(self, as_of)

    def views_about(self, matter: str) -> list[View]:
        """Give every view on this matter or one above it, as first stated, in order. Facts are only ever added."""
        count, views = self._views_about.get(matter, (-1, []))
        if count != len(self.views):
            views = sorted((view for view in self.views.values() if view.about(matter)), key=View.place)
            self._views_about[matter] = (len(self.views), views)
        return views


@dataclass(slots=True)
class Known:
    """
    What a record showed at one instant: all that was recorded by then, and corrected by then.

    It is worked out as far as it is asked for. Views stand in an order that does not depend on how they arrived.
    """

    evidence: Evidence
    as_of: datetime
    _bearing: dict[str, Bearing] = field(default_factory=dict, init=False, repr=False)
    _corrected: dict[str, list[Correction]] = field(init=False, repr=False)
    _disputed: frozenset[str] = field(init=False, repr=False)
    material_changes: list[MaterialChange] = field(init=False)
    reconfirmations: list[Reconfirmation] = field(init=False)
    tellings: list[Telling] = field(init=False)

    def __post_init__(self) -> None:
        """Leave out what was recorded later, and put right the dates of what is left."""
        evidence = self.evidence
        self._corrected = {}
        for correction in self._visible(evidence.corrections):
            self._corrected.setdefault(correction.of, []).append(correction)
        self._disputed = frozenset(ref for ref, recorded in evidence.disputes if was_by(recorded, self.as_of))
        self.material_changes = [
            replace(change, at=self._date(change.ref, change.at)) for change in self._visible(evidence.material_changes)
        ]
        self.reconfirmations = [
            replace(again, at=self._date(again.ref, again.at)) for again in self._visible(evidence.reconfirmations)
        ]
        self.tellings = [
            replace(told, given=self._date(told.ref, told.given)) for told in self._visible(evidence.tellings)
        ]

    def decision(self, ref: str) -> Decision | None:
        """Give a decision as known then, or nothing where it was not on record."""
        decision = self.evidence.decisions.get(ref)
        if decision is None or not self._recorded(decision):
            return None
        for correction in self._corrected.get(ref, ()):
            decision = _put_right(decision, correction)
        for mark in self.evidence.marks:
            if mark.decision == ref and self._recorded(mark):
                decision = replace(decision, significant=mark.significant)
        for effect in self.evidence.effects:
            if effect.decision == ref and self._recorded(effect):
                decision = replace(decision, effective=self._date(effect.ref, effect.on))
        for withdrawn in self.evidence.withdrawals:
            if withdrawn.decision == ref and self._recorded(withdrawn):
                decision = replace(decision, withdrawn=replace(withdrawn, on=self._date(withdrawn.ref, withdrawn.on)))
        informed = self._informed(ref, decision.process)
        return decision if informed is decision.process else replace(decision, process=informed)

    def _informed(self, ref: str, process: Process | None) -> Process | None:
        """Give the earliest day on which the IRO is said to have been informed, with the decision or on its own."""
        if process is None or process.iro_informed is None:
            return process
        days = [
            self._date(informed.ref, informed.on)
            for informed in self.evidence.iro_informed
            if informed.decision == ref and self._recorded(informed)
        ]
        if not days or (process.iro_informed and process.iro_informed_on is None):
            return process
        days += [process.iro_informed_on] if process.iro_informed_on is not None else []
        earliest = min(days, key=lambda day: (day.last, day.first))
        return replace(process, iro_informed=True, iro_informed_on=earliest)

    @property
    def decisions(self) -> dict[str, Decision]:
        """Give every decision on record then."""
        known = {ref: self.decision(ref) for ref in self.evidence.decisions}
        return {ref: decision for ref, decision in known.items() if decision is not None}

    def view(self, ref: str) -> View | None:
        """Give a view as known then, or nothing where it was not on record."""
        view = self.evidence.views.get(ref)
        return None if view is None or not self._recorded(view) else self._put_right(view)

    def on(self, matter: str) -> Bearing:
        """Give the views on this matter or one above it, in order."""
        bearing = self._bearing.get(matter)
        if bearing is None:
            stated = [view for view in self.evidence.views_about(matter) if self._recorded(view)]
            known = [self._put_right(view) for view in stated]
            if self._corrected:
                known.sort(key=View.place)
            bearing = self._bearing[matter] = Bearing(known)
        return bearing

    @property
    def anything_said(self) -> bool:
        """Tell whether there is a substantive view on any matter."""
        return any(view.substantive and self._recorded(view) for view in self.evidence.views.values())

    def _recorded(self, fact: _Recorded) -> bool:
        return fact.recorded is None or was_by(fact.recorded, self.as_of)

    def _visible(self, facts: list[T]) -> list[T]:
        return [fact for fact in facts if self._recorded(fact)]

    def _date(self, ref: str, stated: PartialDate) -> PartialDate:
        corrections = self._corrected.get(ref)
        return corrections[-1].to if corrections else stated

    def _put_right(self, view: View) -> View:
        if view.ref in self._corrected:
            view = replace(view, expressed=self._date(view.ref, view.expressed), first_stated=view.expressed)
        return replace(view, disputed=True) if view.ref in self._disputed else view


def _put_right(decision: Decision, correction: Correction) -> Decision:
    match correction.what:
        case Corrected.DECIDED:
            claimed = decision.first_decided or decision.decided
            return replace(decision, decided=correction.to, first_decided=claimed)
        case Corrected.EFFECTIVE:
            return replace(decision, effective=correction.to)
        case Corrected.IRO_INFORMED if decision.process is not None and decision.process.iro_informed is not None:
            informed = replace(decision.process, iro_informed=True, iro_informed_on=correction.to)
            return replace(decision, process=informed)
        case _:
            return decision


class Bearing:
    """The views that bear on one matter, in order, so that those of a stretch of time are quickly found."""

    __slots__ = ("_begins", "_said_begins", "related", "said")

    def __init__(self, related: list[View]) -> None:
        self.related = related
        """Every entry about the child's view."""
        self.said = [view for view in related if view.substantive]
        """Those with something to weigh."""
        self._begins = [view.expressed.first for view in related]
        self._said_begins = [view.expressed.first for view in self.said]

    def related_between(self, first: datetime, last: datetime) -> list[View]:
        """Give the entries whose date begins in a stretch of time, both ends included."""
        return self.related[bisect_left(self._begins, first) : bisect_right(self._begins, last)]

    def said_between(self, first: datetime, last: datetime) -> list[View]:
        """Give the substantive views whose date begins in a stretch of time, both ends included."""
        return self.said[bisect_left(self._said_begins, first) : bisect_right(self._said_begins, last)]
