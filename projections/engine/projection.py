"""What a projection is: a name, its tables, and how a change of some cases changes its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

import psycopg

from domain.case.fact import Fact
from domain.case.state import Case
from ledger.mapper import Entry, Stamp
from ledger.statements import Statements


@dataclass(frozen=True, slots=True)
class Change:
    """New entries of one case, in order, and the case with them worked in."""

    case: Case
    entries: Sequence[Entry[Fact]]


class Projection(Protocol):
    """
    One projection. It keeps rows per case and never looks at the clock.

    `tables` are the tables it owns, created by the block `tables` of its SQL file; `version` grows when their shape or
    meaning changes, and a projection of another version is rebuilt.
    """

    @property
    def name(self) -> str:
        """What the projection is called, in tracking and on the command line."""

    @property
    def version(self) -> int:
        """The version of its rows."""

    @property
    def sql(self) -> Path:
        """Where its statements are."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it owns."""

    def apply(self, cursor: psycopg.Cursor[Any], statements: Statements, changes: Sequence[Change]) -> None:
        """Bring the rows up to date with the changes, in the transaction of the cursor."""


@runtime_checkable
class Turning(Projection, Protocol):
    """A projection whose rows time alone can change, though nothing new is recorded."""

    def due(self, cursor: psycopg.Cursor[Any], statements: Statements, now: datetime) -> list[UUID]:
        """Give some of the cases with rows that may have changed by now (UTC)."""

    def turn(self, cursor: psycopg.Cursor[Any], statements: Statements, cases: Sequence[Case], now: datetime) -> None:
        """Bring the rows of these cases up to now, so that they are not due any more."""


def fold(case_id: UUID, entries: Iterable[Entry[Fact]]) -> Case:
    """Fold a case from its entries."""
    return evolve(Case(case_id), entries)


def evolve(case: Case, entries: Iterable[Entry[Fact]]) -> Case:
    """Work entries into a case that has all before them."""
    for entry in entries:
        assert entry.recorded_at is not None  # noqa: S101 - entries read from the log have it
        case.evolve(entry.event, Stamp(entry.originator_version, entry.recorded_at))
    return case
