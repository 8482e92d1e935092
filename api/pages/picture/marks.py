"""Marks on a line: as many as there is room for, and where there is no room, groups with a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from api.pages.fields import Value
from api.pages.picture.scale import Scale, percent
from domain.dates import PartialDate, Precision

EACH_UP_TO: Final = 3
"""How many of one place are shown one by one; more are grouped by how they look."""
SINGLE: Final = 28
GROUP: Final = 42
"""How high a mark for one thing and one for several are, in pixels, with the room around: no target is below 24."""


@dataclass(frozen=True, slots=True)
class Item:
    """
    One thing to mark: how it looks, and what all that look like it are called.

    `tell` gives what it is called by itself and what more there is to say. It is asked for marks that stand alone only:
    a long record has a thousand things to mark, and room for a hundred.
    """

    ref: str
    look: str
    when: PartialDate
    label: str
    tell: Callable[[], tuple[Value, str]]


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: a thing by itself, or several that look the same."""

    items: tuple[Item, ...]
    look: str
    at: float
    above: int
    """How many pixels of marks stand between it and the first of its place."""

    @property
    def height(self) -> int:
        """Give its height in pixels."""
        return SINGLE if len(self.items) == 1 else GROUP

    @property
    def x(self) -> str:
        """Give its place across."""
        return percent(self.at)

    @property
    def number(self) -> int:
        """Give how many things it stands for."""
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Span:
    """What a vague date can mean."""

    x: str
    end: str


def along(items: Sequence[Item], scale: Scale) -> list[tuple[float, Item]]:
    """Give things with their places across, from the first to the last."""
    return sorted(((scale.middle(item.when), item) for item in items), key=lambda each: each[0])


def placed(items: Sequence[tuple[float, Item]], *, most: int, looks: Sequence[str]) -> tuple[Mark, ...]:
    """
    Place marks so that none covers another, at most so many side by side; `items` are in the order of their places.

    Of one place, those stand first whose look comes first in `looks`.
    """
    apart = 100 / most
    marks: list[Mark] = []
    together: list[Item] = []
    start = 0.0
    for at, item in items:
        if together and at >= start + apart:
            marks.extend(_stacked(together, start, looks))
            together = []
        if not together:
            start = at
        together.append(item)
    if together:
        marks.extend(_stacked(together, start, looks))
    return tuple(marks)


def span(mark: Mark, scale: Scale) -> Span | None:
    """Give what the vague date of a mark for one thing can mean; nothing for a day or for several things."""
    when = mark.items[0].when
    if mark.number > 1 or when.precision not in (Precision.MONTH, Precision.YEAR):
        return None
    return Span(percent(scale.at(when.first_day)), percent(scale.at(when.last_day)))


def height(marks: Sequence[Mark]) -> int:
    """Give how many pixels marks need from top to bottom."""
    return max((mark.above + mark.height for mark in marks), default=SINGLE)


def _stacked(items: list[Item], at: float, looks: Sequence[str]) -> list[Mark]:
    alike = [tuple(item for item in items if item.look == look) for look in looks]
    groups = alike if len(items) > EACH_UP_TO else [(item,) for group in alike for item in group]
    marks: list[Mark] = []
    above = 0
    for group in groups:
        if group:
            marks.append(Mark(group, group[0].look, at, above))
            above += marks[-1].height
    return marks
