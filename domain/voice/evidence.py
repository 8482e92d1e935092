"""
What the question is asked of: one decision, and what the record holds that may bear on it.

Two clocks, never mixed. `expressed`, `decided`, `effective` and the like are world time as people state it.
`recorded` is the instant at which the record took the fact in; a fact is visible at `as_of` when `recorded <= as_of`.
All times here are civil time in England. Narrative does not come in: of a reason the question only needs to know
that one was written down.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from domain.dates import PartialDate
from domain.matters import covers, root


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

    def about(self, matter: str) -> bool:
        """Tell whether this view speaks about the matter."""
        return any(covers(mine, matter) for mine in self.matters)


@dataclass(frozen=True, slots=True)
class Process:
    """What the record says of the steps around the decision; absent where the source of the evidence cannot say."""

    review_considered: bool | None = None
    iro_informed: bool | None = None


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

    @property
    def on_record(self) -> PartialDate | None:
        """Give the date that counts as recording, as for a view."""
        return _on_record(self.recorded, self.source_recorded, self.grade)


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
    iro_informed: list[tuple[str, datetime]] = field(default_factory=list)

    def known_at(self, as_of: datetime) -> Known:
        """Give what the record showed at that instant, corrections known by then applied."""
        views = {v.ref: v for v in self.views.values() if v.recorded <= as_of}
        decisions = {d.ref: d for d in self.decisions.values() if d.recorded is None or d.recorded <= as_of}
        for mark in _visible(self.marks, as_of):
            if (marked := decisions.get(mark.decision)) is not None:
                decisions[mark.decision] = replace(marked, significant=mark.significant)
        for effect in _visible(self.effects, as_of):
            if (effected := decisions.get(effect.decision)) is not None:
                decisions[effect.decision] = replace(effected, effective=effect.on)
        for decision, recorded in self.iro_informed:
            if recorded <= as_of and (informed := decisions.get(decision)) is not None and informed.process is not None:
                decisions[decision] = replace(informed, process=replace(informed.process, iro_informed=True))
        for correction in _visible(self.corrections, as_of):
            _correct(correction, views, decisions)
        for ref, recorded in self.disputes:
            if recorded <= as_of and ref in views:
                views[ref] = replace(views[ref], disputed=True)
        return Known(
            as_of=as_of,
            decisions=decisions,
            views=sorted(views.values(), key=lambda v: (v.expressed.sort_key(), v.recorded, v.ref)),
            material_changes=_visible(self.material_changes, as_of),
            reconfirmations=_visible(self.reconfirmations, as_of),
            tellings=_visible(self.tellings, as_of),
        )


def _visible(facts: list[T], as_of: datetime) -> list[T]:
    return [fact for fact in facts if fact.recorded is None or fact.recorded <= as_of]


def _correct(correction: Correction, views: dict[str, View], decisions: dict[str, Decision]) -> None:
    match correction.what:
        case Corrected.EXPRESSED:
            if (view := views.get(correction.of)) is not None:
                first = view.first_stated or view.expressed
                views[view.ref] = replace(view, expressed=correction.to, first_stated=first)
        case Corrected.DECIDED:
            if (decision := decisions.get(correction.of)) is not None:
                claimed = decision.first_decided or decision.decided
                decisions[decision.ref] = replace(decision, decided=correction.to, first_decided=claimed)
        case Corrected.EFFECTIVE:
            if (decision := decisions.get(correction.of)) is not None:
                decisions[decision.ref] = replace(decision, effective=correction.to)


@dataclass(slots=True)
class Known:
    """What the record showed at one instant. Views stand in an order that does not depend on how they arrived."""

    as_of: datetime
    decisions: dict[str, Decision]
    views: list[View]
    material_changes: list[MaterialChange]
    reconfirmations: list[Reconfirmation]
    tellings: list[Telling]
    _by_root: dict[str, list[View]] = field(init=False)
    substantive_anywhere: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Index the views by root matter, since most questions concern one root only."""
        by_root: dict[str, list[View]] = defaultdict(list)
        for view in self.views:
            for each in {root(matter) for matter in view.matters}:
                by_root[each].append(view)
        self._by_root = dict(by_root)
        self.substantive_anywhere = tuple(view.ref for view in self.views if view.substantive)

    def views_about(self, matter: str) -> list[View]:
        """Give the views on this matter or one above it."""
        return [view for view in self._by_root.get(root(matter), ()) if view.about(matter)]
