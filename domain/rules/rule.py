"""
One rule: what it says, what it fixes, who says so, and since when.

Whatever is only the house's own choice is `POLICY`, however sensible: the reader of an answer must be able to tell it
from law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Authority(StrEnum):
    """Who says so, from the strongest to the weakest."""

    STATUTE = "STATUTE"
    REGULATION = "REGULATION"
    GUIDANCE = "GUIDANCE"
    POLICY = "POLICY"


class Unit(StrEnum):
    """What a period is counted in."""

    WORKING_DAYS = "WORKING_DAYS"
    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"
    YEARS = "YEARS"


class Convention(StrEnum):
    """How the day X a period hangs on is counted."""

    DAY_NOT_COUNTED = "DAY_NOT_COUNTED"
    """Within n of X: the day after X is the first."""
    BEGINNING_WITH = "BEGINNING_WITH"
    """n beginning with X: X itself is the first."""
    COUNTED_BACK = "COUNTED_BACK"
    """At least n before X: the day before X is the first, and the count runs backwards."""


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a rule states it. `WorkingDays.add` counts it."""

    n: int
    unit: Unit
    convention: Convention = Convention.DAY_NOT_COUNTED

    def __post_init__(self) -> None:
        """Hold that a period is at least one day long: *at once* is not a period, it has no last day."""
        if self.n < 1:
            message = "A period is 1 or more. A rule without a fixed period has none."
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Rule(Generic[T_co]):
    """
    A rule with the value it fixes.

    `says` is one sentence for a reader who is not a lawyer. `verified` means that the text cited has been read for this
    pack; a rule from memory is not verified, and says so wherever it is shown. Dates are inclusive; a rule without
    dates of its own is as old as the pack that holds it.
    """

    id: str
    says: str
    value: T_co
    authority: Authority
    citation: str
    verified: bool
    valid_from: date | None = None
    valid_to: date | None = None


def in_force(rule: Rule[object], on: date | None) -> bool:
    """
    Tell whether a rule speaks for a day, as far as the rule's own dates say.

    A day nobody knows (`None`) is treated as today is: the rules that have no end speak for it.
    """
    if on is None:
        return rule.valid_to is None
    day = on.date() if isinstance(on, datetime) else on
    return (rule.valid_from is None or rule.valid_from <= day) and (rule.valid_to is None or day <= rule.valid_to)


R = TypeVar("R", bound=Rule[Any])


def by_id(*groups: Iterable[R]) -> Mapping[str, R]:
    """Gather rules under their ids. The same id twice is a slip in a pack, and is refused."""
    gathered: dict[str, R] = {}
    for rule in (rule for group in groups for rule in group):
        if rule.id in gathered:
            message = f"The rule {rule.id} is stated twice."
            raise ValueError(message)
        gathered[rule.id] = rule
    return MappingProxyType(gathered)
