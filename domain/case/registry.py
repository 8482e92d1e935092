"""
The closed lists: every kind of fact by topic, every command by name, and how old versions of facts are read.

Stored text is looked up here and nowhere else; a topic that is not on the list is an error, never an import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, Union

from pydantic import ConfigDict, Field, TypeAdapter

from domain.case import (
    adoption,
    child,
    circumstances,
    contact,
    decision,
    disclosure,
    episodes,
    iro,
    missing,
    opening,
    people,
    placement,
    plan,
    professionals,
    proposal,
    record,
    redaction,
    review,
    support,
    telling,
    view,
    yearly,
)
from domain.case.command import Command
from domain.case.fact import Fact

_SUBJECTS: Final = (
    opening, people, proposal, view, placement, contact, plan, professionals, decision, telling, circumstances, review,
    iro, support, record, episodes, child, missing, yearly, adoption, disclosure, redaction,
)  # fmt: skip


def _declared(kind: type[Any], named: Callable[[Any], bool]) -> list[Any]:
    return [
        each
        for subject in _SUBJECTS
        for each in vars(subject).values()
        if isinstance(each, type) and issubclass(each, kind) and each.__module__ == subject.__name__ and named(each)
    ]


FACTS: Final[dict[str, type[Fact]]] = {kind.TOPIC: kind for kind in _declared(Fact, lambda kind: "TOPIC" in vars(kind))}
"""Every kind of fact by its topic."""

COMMANDS: Final[dict[str, type[Command]]] = {
    kind.model_fields["do"].default: kind for kind in _declared(Command, lambda kind: "RECORDS" in vars(kind))
}
"""Every command by the name in `do`."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""How a stored fact of a version is brought to the next one: (topic, from version) to a function of its body."""

if TYPE_CHECKING:
    AnyCommand = Command
else:
    AnyCommand = Annotated[Union[tuple(COMMANDS.values())], Field(discriminator="do")]  # noqa: UP007 - built from a list

COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(AnyCommand, config=ConfigDict(hide_input_in_errors=True))
"""Reads the body of any command."""
