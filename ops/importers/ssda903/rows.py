"""Rows of the return with where they stand, and what can be said about one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ops.importers.ssda903.tables import Table


@dataclass(slots=True)
class Source:
    """A table in a file: what it is called, and of which collection year it is (by the year it ends in)."""

    file: str
    table: Table
    columns: tuple[str, ...]
    year: int | None = None
    year_from: str = ""
    """How the year is known."""


@dataclass(slots=True)
class Row:
    """One row as written: the values in the order of the source's columns."""

    source: Source
    line: int
    values: tuple[str, ...]
    column: int = 0
    """Where on the line, for forms that put everything on one."""

    def written(self) -> Iterator[tuple[str, str]]:
        """Give the columns that say something, with what they say."""
        for column, text in zip(self.source.columns, self.values, strict=True):
            if text:
                yield column, text

    @property
    def table(self) -> Table:
        """The table it is of."""
        return self.source.table


class Became(StrEnum):
    """What became of a row: exactly one of these."""

    RECORDED = "recorded"
    """At least one fact."""
    ON_RECORD = "on_record"
    """All that it says had been on record before this import."""
    REPEATED = "repeated"
    """All that it says stood in another row of this import."""
    CARRIES_NOTHING = "carries_nothing"
    """It names a child and says nothing."""
    REFUSED = "refused"
    """It cannot be: it is told why, and nothing of it was recorded."""
    CONTRADICTS = "contradicts"
    """It says other than the record, or than another row: it is told, and nothing of it was recorded."""
    HELD_BACK = "held_back"
    """Nothing is wrong with it, but with what the rest of this child's record hangs on."""


class Weight(StrEnum):
    """How much a remark matters."""

    FAULT = "fault"
    """The row, or the whole child, was not taken in."""
    REMARK = "remark"
    """The row was taken in; something about it is worth a look."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing told about a row: where it stands, what is wrong, and how to mend it."""

    weight: Weight
    code: str
    table: str
    file: str
    line: int
    column: str
    message: str


NO_FIELD: Final = ""


def told(row: Row, weight: Weight, code: str, column: str, message: str) -> Told:
    """Tell something about a row."""
    place = f" (character {row.column})" if row.column else ""
    return Told(weight, code, row.table.value, row.source.file, row.line, column, message + place)


@dataclass(slots=True)
class ReadRow:
    """A row with its values read; `values` holds what is not empty, by column."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Any:
        return self.values.get(column)
