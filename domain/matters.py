"""
Matters: what a decision or a view is about.

A matter is a root and, where needed, what it narrows down to: `placement`, `education:school`, `contact:mother`.
A view on a matter covers the same matter and everything below it; never a sibling, never its parent.
Section 22(4) of the Children Act 1989 speaks of wishes and feelings regarding *the matter to be decided*.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

ROOTS: Final = {
    "placement": "where the child lives",
    "contact": "whom the child sees and hears from",
    "careplan": "the plan for the child's future",
    "education": "school and learning",
    "health": "health and treatment",
    "siblings": "brothers and sisters",
    "legal": "the legal order",
    "liberty": "locked doors and other limits on freedom",
    "leaving": "leaving care",
    "accommodation": "a home after care",
    "identity": "name, faith, nationality",
    "professionals": "who works with the child",
}
"""The closed list of roots with the words a child can read."""


def root(matter: str) -> str:
    """Give the root of a matter: `contact` of `contact:mother`."""
    return matter.partition(":")[0]


def covers(matter: str, other: str) -> bool:
    """Tell whether a statement on `matter` speaks about `other`: the same matter or one below it."""
    return other == matter or other.startswith(matter + ":")


def ancestry(matter: str) -> tuple[str, ...]:
    """Give everything that covers a matter, from its root to itself: `contact`, `contact:mother`."""
    steps = matter.split(":")
    return tuple(":".join(steps[:end]) for end in range(1, len(steps) + 1))


def contact_with(matter: str) -> str | None:
    """Give the person whom a matter of contact is about: `mother` of `contact:mother`."""
    steps = matter.split(":")
    return steps[1] if steps[0] == "contact" and len(steps) > 1 else None


def _known_root(matter: str) -> str:
    if root(matter) not in ROOTS:
        raise PydanticCustomError(
            "unknown_matter", "A matter starts with one of: {roots}.", {"roots": ", ".join(sorted(ROOTS))}
        )
    return matter


Matter = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]+(:[A-Za-z0-9][A-Za-z0-9._-]*)*$", max_length=120),
    AfterValidator(_known_root),
    Field(json_schema_extra={"pattern": rf"^({'|'.join(ROOTS)})(:[A-Za-z0-9][A-Za-z0-9._-]*)*$"}),
]
"""A matter as commands and events hold it."""
