"""
A rule pack: everything the question depends on that is not a fact, for one jurisdiction and one span of days.

A pack never changes once a decision has been stored with its pin. A mended rule is a new version with a new pin, and
the old one stays on the shelf, so that every answer ever given can be given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.rules.calendar import WorkingDays
from domain.rules.deadlines import Deadline
from domain.rules.rule import Authority, Period, Rule, in_force


class Significance(StrEnum):
    """Whether a kind of decision is a significant change for the child, unless somebody marks it otherwise."""

    SIGNIFICANT = "SIGNIFICANT"
    IF_MARKED = "IF_MARKED"
    NOT_SIGNIFICANT = "NOT_SIGNIFICANT"


@dataclass(frozen=True, slots=True)
class DecisionKind:
    """
    A kind of decision, what it always raises, and the provision that makes it one to ask the child about.

    `authority` and `verified` speak of the `hook`. That the kind counts as significant is house policy throughout: the
    regulations use the words *significant change* and do not define them. `if_affected` are the matters it raises in
    some cases; `marked_when` says when a kind that is `IF_MARKED` should be marked; a kind that is `each_person` is
    about contact with somebody, who is to be named in the matter (`contact:father`).
    """

    code: str
    significance: Significance
    matters: tuple[str, ...]
    hook: str
    authority: Authority
    verified: bool
    if_affected: tuple[str, ...] = ()
    marked_when: str = ""
    each_person: bool = False


def by_code(kinds: Iterable[DecisionKind]) -> Mapping[str, DecisionKind]:
    """Gather kinds under their codes. The same code twice is a slip in a pack, and is refused."""
    gathered: dict[str, DecisionKind] = {}
    for kind in kinds:
        if kind.code in gathered:
            message = f"The kind {kind.code} is stated twice."
            raise ValueError(message)
        gathered[kind.code] = kind
    return MappingProxyType(gathered)


@dataclass(frozen=True, eq=False)
class RulePack:
    """
    The rules of one jurisdiction for one span of days. Two packs are the same only if they are one object.

    `set_aside` names the days, both included, on which another pack stands in this one's place.
    """

    id: str
    version: int
    jurisdiction: str
    title: str
    valid_from: date | None
    valid_to: date | None
    kinds: Mapping[str, DecisionKind]
    freshness: Mapping[str, Rule[int]]
    freshness_otherwise: Rule[int]
    same_proposal_cap: Rule[int]
    recording_tolerance: Rule[Period]
    emergency_window: Rule[tuple[Period, ...]]
    feedback_due: Rule[Period]
    emergency_grounds: Rule[frozenset[str]]
    not_ascertainable_codes: Rule[frozenset[str]]
    observation_expected_codes: Rule[frozenset[str]]
    no_emergency_excuse: Rule[frozenset[str]]
    question: Rule[str]
    question_otherwise: Rule[str]
    review_first: Rule[str]
    iro_informed: Rule[str]
    tell_the_child: Rule[str]
    deadlines: Mapping[str, Deadline]
    calendar: WorkingDays
    set_aside: tuple[tuple[date, date], ...] = ()

    @property
    def pin(self) -> str:
        """Give what is stored with a decision: the pack and its version."""
        return f"{self.id}@{self.version}"

    def significance(self, kind: str) -> Significance:
        """Tell whether a kind is significant. A kind the pack does not know is: nothing slips through by being new."""
        known = self.kinds.get(kind)
        return Significance.SIGNIFICANT if known is None else known.significance

    def fresh_days(self, root: str) -> int:
        """Give for how many days a view on a matter with this root counts as fresh."""
        rule = self.freshness.get(root)
        return self.freshness_otherwise.value if rule is None else rule.value

    def question_on(self, on: date | None) -> Rule[str]:
        """Give why a decision of that day is asked about: the duty where one is encoded, otherwise house policy."""
        return self.question if in_force(self.question, on) else self.question_otherwise

    def spans(self) -> tuple[tuple[date, date], ...]:
        """Give the spans of days it speaks for, both ends included; an open end is the end of all dates."""
        start, spans = self.valid_from or date.min, []
        for first, last in sorted(self.set_aside):
            spans.append((start, first - timedelta(days=1)))
            start = last + timedelta(days=1)
        return (*spans, (start, self.valid_to or date.max))
