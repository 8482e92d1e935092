"""
The work that all writers do: real commands on real cases, the same ones whoever carries them out.

A childhood is a made-up record of which the rules have accepted every command. Each writer has cases of its own, begun
with the first entries of a childhood each, and goes on with them in turn: so nobody's command waits for, or conflicts
with, that of another writer, and what is compared is keeping, not luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final
from uuid import UUID, uuid4, uuid5

import orjson

from domain.case.command import Act, Command
from domain.case.fact import Fact, Role
from domain.case.refusal import Refused
from domain.case.registry import COMMAND
from domain.case.state import Case
from ledger.mapper import Stamp
from ops.bench.children import record_of

CHILDHOODS: Final = 16
"""How many differ from each other."""

ENTRIES: Final = 300
BEGUN: Final = 20
"""How many entries a childhood has, and with how many of them a case begins."""

CASES_EACH: Final = 4
"""How many cases a writer goes round."""

_NAMES: Final = uuid5(UUID(int=0), "beforehand:bench:append")


@dataclass(frozen=True, slots=True)
class Step:
    """One command, as it would come over HTTP and as it has been read, and the one fact that it makes."""

    body: bytes
    command: Command
    fact: Fact


@dataclass(slots=True)
class Kept:
    """A case in the hands of a writer: its steps, and how many of them are on record."""

    id: UUID
    steps: Sequence[Step]
    version: int = 0

    def take(self) -> Step:
        """Give the next step and count it as recorded. After the last one the next case begins under a new name."""
        if self.version == len(self.steps):
            self.id, self.version = uuid4(), 0
        self.version += 1
        return self.steps[self.version - 1]

    @property
    def begun(self) -> Sequence[Step]:
        """Give the steps that are on record."""
        return self.steps[: self.version]

    @property
    def rest(self) -> Sequence[Step]:
        """Give the steps that are not yet on record."""
        return self.steps[self.version :]


class Hands:
    """The cases of all writers. `take(writer)` goes round those of one."""

    def __init__(self, writers: int, cases_each: int = CASES_EACH) -> None:
        self.cases = [
            [Kept(uuid4(), childhood((writer * cases_each + nth) % CHILDHOODS), BEGUN) for nth in range(cases_each)]
            for writer in range(writers)
        ]
        self._turns = [0] * writers

    def take(self, writer: int) -> tuple[UUID, int, Step]:
        """Give the case whose turn it is, the version its next entry has, and the step that makes it."""
        mine = self.cases[writer]
        turn = self._turns[writer] = (self._turns[writer] + 1) % len(mine)
        case = mine[turn]
        step = case.take()
        return case.id, case.version, step

    def __iter__(self) -> Iterator[Kept]:
        """Go through the cases of all writers."""
        for mine in self.cases:
            yield from mine


@cache
def childhood(number: int, entries: int = ENTRIES) -> tuple[Step, ...]:
    """Make a childhood up, whose every command the rules accept and which makes one fact each."""
    name, now = uuid5(_NAMES, str(number)), datetime.now(UTC)
    case = Case(name)
    steps: list[Step] = []
    for nth, body in enumerate(record_of(number, entries * 2)):
        if len(steps) == entries:
            break
        command = COMMAND.validate_python(body)
        act = act_of(uuid5(name, f"a{nth}"), now)
        try:
            facts = command.decide(case, act)
        except Refused:
            continue
        if len(facts) == 1:
            case.evolve(facts[0], Stamp(case.version + 1, now))
            steps.append(Step(orjson.dumps(body), command, facts[0]))
    return tuple(steps)


def act_of(command_id: UUID, now: datetime) -> Act:
    """Say who asks."""
    return Act("bench", Role.SYSTEM, now, command_id, command_id)
