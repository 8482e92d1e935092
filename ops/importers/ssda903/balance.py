"""The balance of an import: rows in, facts out, and everything that was told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from ops.importers.ssda903.folder import FileTold, year_name
from ops.importers.ssda903.rows import Became, Source, Told, Weight


@dataclass(slots=True)
class Balance:
    """What an import came to. For every table, `read` is the sum of what became of its rows."""

    returns: list[Source] = field(default_factory=list)
    files: list[FileTold] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    """Rows read, by table."""
    became: dict[str, Counter[Became]] = field(default_factory=dict)
    """What became of them, by table."""
    facts: Counter[str] = field(default_factory=Counter)
    """Facts recorded, by topic."""
    cases: list[UUID] = field(default_factory=list)
    """Cases to which something was added."""
    children: int = 0
    held_back: int = 0
    """Children of whom nothing was recorded, because something their record hangs on is at fault."""
    asked_no_view: int = 0
    """Moves of which the return says that the child asked for them, without a view on record."""
    told: list[Told] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        """Tell whether a file stopped the import before anything was recorded."""
        return any(file.fault for file in self.files)

    @property
    def clean(self) -> bool:
        """Tell whether every row and every file was taken in."""
        return not self.stopped and not any(each.weight is Weight.FAULT for each in self.told)

    def count(self, table: str, became: Became) -> None:
        """Count one row."""
        self.read[table] += 1
        self.became.setdefault(table, Counter())[became] += 1

    def adds_up(self) -> bool:
        """Tell whether every row that was read became exactly one thing."""
        return all(self.read[table] == sum(counts.values()) for table, counts in self.became.items()) and set(
            self.read
        ) == set(self.became)

    def as_json(self) -> dict[str, Any]:
        """Give all of it for programs."""
        return {
            "stopped": self.stopped,
            "returns": [
                {"file": each.file, "table": each.table, "year": year_name(each.year), "year_from": each.year_from}
                for each in self.returns
            ],
            "files": [
                {"file": each.file, "line": each.line, "code": each.code, "message": each.message, "fault": each.fault}
                for each in self.files
            ],
            "children": self.children,
            "held_back": self.held_back,
            "tables": {
                table: {"rows": self.read[table], **{each.value: counts[each] for each in Became}}
                for table, counts in sorted(self.became.items())
            },
            "rows": sum(self.read.values()),
            "facts": dict(sorted(self.facts.items())),
            "facts_recorded": sum(self.facts.values()),
            "cases": [str(case) for case in self.cases],
            "child_asked_no_view": self.asked_no_view,
            "told": [told_as_json(each) for each in self.told],
        }


def told_as_json(each: Told) -> dict[str, Any]:
    """Give one thing told, for programs."""
    return {
        "weight": each.weight,
        "code": each.code,
        "table": each.table,
        "file": each.file,
        "line": each.line,
        "column": each.column,
        "message": each.message,
    }


_VARIES: Final = re.compile(r"line \d+ of \S+|[\d-]+")
"""What differs between messages of one kind: dates, lines."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Things told that are of one kind, with the first few."""

    weight: Weight
    table: str
    code: str
    column: str
    number: int
    first: tuple[Told, ...]


def by_kind(told: Iterable[Told], examples: int = 3) -> list[Kind]:
    """Group what was told, faults first, the most frequent first."""
    groups: dict[tuple[Weight, str, str, str, str], list[Told]] = {}
    numbers: Counter[tuple[Weight, str, str, str, str]] = Counter()
    for each in told:
        key = (each.weight, each.table, each.code, each.column, _VARIES.sub("", each.message))
        numbers[key] += 1
        group = groups.setdefault(key, [])
        if len(group) < examples:
            group.append(each)
    kinds = [Kind(*key[:4], number, tuple(groups[key])) for key, number in numbers.items()]
    return sorted(kinds, key=lambda kind: (kind.weight is not Weight.FAULT, -kind.number, kind.table, kind.code))
