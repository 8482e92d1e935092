"""
What the facts of one case add up to.

The state is folded from the facts and never stored. `Case.evolve` owns the state it is given and works one fact into
it; rules and projections only read it. World time decides what is current: a fact recorded late still takes its
place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, TypeVar, cast
from uuid import UUID

from domain.case.refusal import DatesRefused, NotOpenRefused, NotThereRefused
from domain.dates import PartialDate, civil
from domain.voice.evidence import Evidence

if TYPE_CHECKING:
    from domain.case.fact import Fact, Part, Stamp

F = TypeVar("F", bound="Fact")

_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class Held:
    """A fact as the case holds it: the fact, its place in the stream, its recorded time (UTC)."""

    fact: Fact
    version: int
    recorded_at: datetime

    @property
    def recorded(self) -> datetime:
        """Recorded time as civil time in England."""
        return civil(self.recorded_at)


@dataclass(slots=True)
class CarePeriod:
    """One time of being looked after: from when, until when, and the entries that say so. Dates as corrected."""

    opened: str
    begins: PartialDate | None
    closed: str | None = None
    ends: PartialDate | None = None


@dataclass(slots=True)
class Case:
    """One child's case. `version` is that of the last fact worked in; 0 means that nothing is on record."""

    id: UUID
    version: int = 0
    recorded_at: datetime | None = None
    jurisdiction: str = "england"
    born: PartialDate | None = None
    open: bool = False
    care: list[CarePeriod] = field(default_factory=list)
    """Every time of being looked after, in the order in which they were recorded."""
    facts: dict[str, Held] = field(default_factory=dict)
    kinds: dict[type[Fact], list[Fact]] = field(default_factory=dict)
    fingerprints: dict[int, str] = field(default_factory=dict)
    commands: dict[UUID, tuple[str, ...]] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    answered: dict[str, str] = field(default_factory=dict)
    """What has been settled by what: a promise, a challenge, a decision withdrawn or confirmed by its effect."""

    def evolve(self, fact: Fact, stamp: Stamp) -> Case:
        """Work one fact in."""
        self.version = stamp.version
        self.recorded_at = stamp.recorded_at
        self.facts[fact.ref] = Held(fact, stamp.version, stamp.recorded_at)
        self.kinds.setdefault(type(fact), []).append(fact)
        self.fingerprints.setdefault(fact.fingerprint(), fact.ref)
        command = fact.by.command_id
        self.commands[command] = (*self.commands.get(command, ()), fact.ref)
        fact.evolve(self, stamp)
        return self

    @property
    def closed_on(self) -> PartialDate | None:
        """Give the day on which the case was closed, while it is."""
        return self.care[-1].ends if self.care else None

    def outside_care(self, when: PartialDate) -> CarePeriod | None:
        """Give the time of being looked after that was over by then, where the next had not begun; else nothing."""
        for period, following in zip_longest(self.care, self.care[1:]):
            over = period.ends is not None and when.after(period.ends)
            if over and (following is None or (following.begins is not None and when.before(following.begins))):
                return period
        return None

    def must_exist(self) -> None:
        """Refuse anything about a case that was never opened."""
        if not self.version:
            raise NotOpenRefused("There is no such case yet. Open it first with `open_case`.")

    def find(self, kind: type[F], ref: str, *, field: str) -> F:
        """Give the fact a reference points at, or refuse where it is not there or of another kind."""
        held = self.facts.get(ref)
        if held is None:
            raise NotThereRefused(
                f"`{field}` points at {ref}, which this case does not hold. Record it first, or correct the reference.",
                field=field,
            )
        if not isinstance(held.fact, kind):
            raise NotThereRefused(
                f"`{field}` points at {ref}, which is a different entry ({held.fact.TOPIC}). Correct the reference.",
                field=field,
            )
        return held.fact

    def free_ref(self, prefix: str, at: int | None = None) -> str:
        """
        Give a reference made of a word and the place in the stream, past any that somebody has taken.

        `at` asks for the reference that was free when that place was the next one.
        """
        first = place = self.version + 1 if at is None else at
        while (held := self.facts.get(ref := f"{prefix}-{place}")) is not None and held.version < first:
            place += 1
        return ref

    def not_before_birth(self, command: Part, field: str | None) -> None:
        """Refuse a date before the child was born."""
        when: PartialDate | None = getattr(command, field) if field else None
        if self.born and when and when.before(self.born):
            raise DatesRefused(f"`{field}` lies before the child's birth. Check the date.", field=field)

    def all(self, kind: type[F]) -> list[F]:
        """Give every fact of a kind, in the order in which they were recorded."""
        lists = [facts for each, facts in self.kinds.items() if issubclass(each, kind)]
        found = cast("list[F]", [fact for facts in lists for fact in facts])
        return found if len(lists) < _SEVERAL else sorted(found, key=lambda fact: self.facts[fact.ref].version)
