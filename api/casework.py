"""The case decider, joined to the ledger: what every door hands commands to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

from domain.case.command import Act, Command
from domain.case.fact import Fact
from domain.case.state import Case
from ledger.log import Log
from ledger.mapper import Stamp
from ledger.shell import Decider, Ledger

Casework = Ledger[Case, Command, Act, Fact]


def _initial(case_id: UUID) -> Case:
    return Case(case_id)


def _evolve(case: Case, fact: Fact, stamp: Stamp) -> Case:
    return case.evolve(fact, stamp)


def _decide(case: Case, command: Command, act: Act) -> Sequence[Fact]:
    return command.decide(case, act)


CASES: Final[Decider[Case, Command, Act, Fact]] = Decider(_initial, _evolve, _decide)
"""Decides on the stream of one child's case."""


def casework(pool: ConnectionPool[psycopg.Connection[Any]], kept: Log[Fact]) -> Casework:
    """Join the case decider to the log of an authority."""
    return Ledger(pool, kept, CASES)
