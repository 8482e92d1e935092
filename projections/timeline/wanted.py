"""Which entries of a timeline somebody wants to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.matters import ancestry, covers
from domain.voice.verdict import VerdictClass
from projections.timeline.rows import TimelineRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What entries have to do with, all of it at once; nothing stated means every entry.

    `matter`: entries on this matter, on one below it, or on one above it, which speaks about it too. `person`: entries
    about or with this person of the child's life. `classes`: decisions whose answer counts in one of these classes now.
    """

    matter: str | None = None
    person: str | None = None
    classes: frozenset[VerdictClass] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether it leaves anything out."""
        return self != EVERYTHING

    def matches(self, row: TimelineRow, voice: Mapping[str, Any] | None) -> bool:
        """Tell whether an entry is wanted; `voice` is the answer to the question, for a decision."""
        wanted, person = self.matter, self.person
        return (
            (wanted is None or any(covers(wanted, each) or covers(each, wanted) for each in row.matters))
            and (person is None or person in row.about or person in row.people)
            and (not self.classes or (voice is not None and voice["now"]["class"] in self.classes))
        )

    def parameters(self) -> dict[str, Any]:
        """Give the same as parameters of the statements of `timeline.sql`."""
        return {
            "covering": [] if self.matter is None else list(ancestry(self.matter)),
            "below": None if self.matter is None else f"{self.matter}:",
            "person": self.person,
            "classes": sorted(self.classes) or None,
        }


EVERYTHING: Final = Wanted()
"""Every entry of a record."""
