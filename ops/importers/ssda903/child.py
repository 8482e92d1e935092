"""
What becomes of the rows of one child: the plan that the ledger decides step by step, all of it in one transaction.

Years are taken in turn, as if each had been imported after the other, so a folder of ten years and ten imports come to
the same. Header and Episodes are what the rest hangs on: a fault in them holds back the child. Any other row stands or
falls by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID, uuid5

from domain.case.command import Act, Command
from domain.case.fact import Fact, Provenance, Role
from domain.case.record import current_value
from domain.case.refusal import AlreadyRecordedRefused
from domain.case.state import Case
from domain.codes import Code
from domain.dates import Order, PartialDate, civil
from domain.voice.evidence import Grade
from ops.importers.ssda903.folder import year_name
from ops.importers.ssda903.rows import Became, ReadRow, Row, Told, Weight, told
from ops.importers.ssda903.tables import Table
from ops.importers.ssda903.values import READERS, Unreadable, out_of_year

IMPORTER: Final = "SSDA903 import"
SPINE: Final = frozenset({Table.HEADER, Table.EPISODES})
"""The tables that the rest of a child's record hangs on."""

Step = tuple[Command, Act]
Steps = Generator[Step, Exception | None, None]
Taken = Generator[Step, Exception | None, bool]
"""Steps that end with whether all of it is on record now."""

_MAY_LIE_AHEAD: Final = frozenset({"DUC"})
_MAY_PRECEDE_BIRTH: Final = frozenset({"DOB"})
_PAIRS: Final = (
    ("DECOM", "DEC"),
    ("MIS_START", "MIS_END"),
    ("SW_DECOM", "SW_DEC"),
    ("DOLO_START", "DOLO_END"),
    ("DATE_PLACED", "DATE_PLACED_CEASED"),
    ("DATE_INT", "DATE_MATCH"),
)
_NEVER_SHOWN: Final = frozenset({"UPN", "HOME_POST", "PL_POST", "URN", "SW_ID", "LA_PERM"})
"""Columns whose values stay out of what is told; codes and dates may be."""


class HeldBack(Exception):  # noqa: N818 - names what becomes of the child
    """Something the rest hangs on is at fault: nothing of this child is recorded."""


@dataclass(slots=True)
class Outcome:
    """What became of each row of a child, and what is to be told."""

    told: list[Told] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)
    became: dict[int, Became] = field(default_factory=dict)
    """By the row's place among the child's rows."""
    asked_no_view: int = 0
    """Moves the child asked for without a view on record."""
    held_back: bool = False


class Child:
    """One child on the way into the record. Made anew where the plan has to be."""

    def __init__(self, case_id: UUID, child: str, rows: Sequence[Row], now: datetime, name: str | None = None) -> None:
        self.case_id, self.id, self.rows, self.now = case_id, child, rows, now
        self.name = name or f"Child {child}"
        self.today = PartialDate.at(civil(now))
        self.outcome = Outcome()
        self.born: PartialDate | None = None
        self._of: Callable[[], Case]
        self._places = {id(row): place for place, row in enumerate(rows)}
        self._gave: Counter[int] = Counter()
        self._matched: dict[int, bool] = {}
        self.fresh: set[str] = set()
        """The references recorded by this import."""

    @property
    def case(self) -> Case:
        """The case as it is, with all that this import has brought about so far."""
        return self._of()

    def plan(self, of: Callable[[], Case]) -> Steps:
        """Give the steps, one after the other. Raises `HeldBack`."""
        from ops.importers.ssda903 import episodes, others

        self._of = of
        reads = self._read()
        self._agree_on_birth(reads)
        self._refuse_impossible(reads)
        for year in sorted({read.row.source.year or 0 for read in reads}):
            of_year = [read for read in reads if (read.row.source.year or 0) == year and not self.at_fault(read)]
            tables: dict[Table, list[ReadRow]] = {}
            for read in of_year:
                tables.setdefault(read.row.table, []).append(read)
            self._refuse_contradictions(tables)
            yield from others.header(self, tables.get(Table.HEADER, []), tables.get(Table.EPISODES, []))
            if not self.case.version:
                for read in of_year:
                    self.fault(
                        read, "no_header", "CHILD", "There is no Header row for this child. Add it, or open the case."
                    )
                continue
            yield from episodes.episodes(self, tables.get(Table.EPISODES, []))
            for table, take in others.TAKEN.items():
                for read in tables.get(table, []):
                    if not self.at_fault(read):
                        yield from take(self, read)

    # What is told ----------------------------------------------------------------------------------------------------

    def fault(self, read: ReadRow, code: str, column: str, message: str) -> None:
        """Refuse a row, and with a row of the spine the child."""
        self._tell(read.row, Weight.FAULT, code, column, message)
        self._became(read.row, Became.REFUSED)
        if read.row.table in SPINE and code != "no_header":
            self.outcome.held_back = True

    def contradiction(self, read: ReadRow, code: str, column: str, message: str) -> None:
        """Leave out a row that says other than the record or than another row."""
        self._tell(read.row, Weight.FAULT, code, column, message)
        self._became(read.row, Became.CONTRADICTS)

    def remark(self, read: ReadRow, code: str, column: str, message: str) -> None:
        """Say what is worth a look about a row that is taken in."""
        self._tell(read.row, Weight.REMARK, code, column, message)

    def at_fault(self, read: ReadRow) -> bool:
        """Tell whether a row has been refused or left out."""
        return self._places[id(read.row)] in self.outcome.became

    def hold_if_at_fault(self) -> None:
        """Stop here where the spine is at fault. Raises `HeldBack`."""
        if self.outcome.held_back:
            raise HeldBack

    def _tell(self, row: Row, weight: Weight, code: str, column: str, message: str) -> None:
        self.outcome.told.append(told(row, weight, code, column, message))

    def _became(self, row: Row, became: Became) -> None:
        self.outcome.became.setdefault(self._places[id(row)], became)

    def settle(self) -> Outcome:
        """Say of every row what became of it, once the plan has come to its end or been held back."""
        for place, row in enumerate(self.rows):
            if place in self.outcome.became:
                continue
            if self.outcome.held_back:
                became = Became.HELD_BACK
            elif self._gave[place]:
                became = Became.RECORDED
            elif place in self._matched:
                became = Became.REPEATED if self._matched[place] else Became.ON_RECORD
            else:
                became = Became.CARRIES_NOTHING
            self._became(row, became)
        if self.outcome.held_back:
            self.outcome.facts.clear()
            self.outcome.asked_no_view = 0
        return self.outcome

    # Steps -----------------------------------------------------------------------------------------------------------

    def put(self, read: ReadRow, command: Command) -> Taken:
        """Ask for one command on account of a row; what the domain refuses is the row's fault."""
        refusal = yield command, self._act(command)
        if refusal is None:
            self._gave[self._places[id(read.row)]] += 1
            self.outcome.facts[command.RECORDS.TOPIC] += 1
            if command.ref is not None:
                self.fresh.add(command.ref)
            return True
        if isinstance(refusal, AlreadyRecordedRefused):
            self.matched(read, command.ref or "")
            return True
        self.fault(read, getattr(refusal, "code", "refused"), "", str(refusal))
        return False

    def matched(self, read: ReadRow, ref: str) -> None:
        """Note that what a row says is on record: from before, or by another row of this import."""
        place = self._places[id(read.row)]
        self._matched[place] = self._matched.get(place, False) or ref in self.fresh

    def agrees(self, read: ReadRow, fact: Fact, fields: dict[str, str]) -> bool:
        """
        Compare a row with what is on record, by column and the name of the field there, and tell where they differ.

        A column that is empty says nothing; a field that is empty on record and not in the return is a difference.
        """
        for column, name in fields.items():
            says = read[column]
            if says is None or (on_record := current_value(self.case, fact, name)) == says:
                continue
            if column in _NEVER_SHOWN:
                message = f"The record ({fact.ref}) says something else."
            else:
                has = "nothing" if on_record is None else _shown(on_record)
                message = f"The record ({fact.ref}) says {has}, the return says {_shown(says)}."
            self.contradiction(
                read,
                "contradicts_record",
                column,
                f"{message} Nothing was recorded for this row. Find out which is right; `correct_record` puts the "
                "record right.",
            )
            return False
        self.matched(read, fact.ref)
        return True

    def source(self, read: ReadRow, key: object, *, effects_only: bool = True) -> Provenance:
        """Say where a fact comes from: the return of that year, the table, and the key of the row in it."""
        year = read.row.source.year
        return Provenance(
            system="SSDA903 return" if year is None else f"SSDA903 return {year_name(year)}",
            grade=Grade.C,
            source_id=f"{read.row.table} {key}",
            effects_only=True if effects_only else None,
        )

    def _act(self, command: Command) -> Act:
        command_id = uuid5(self.case_id, f"ssda903:{command.ref}")
        return Act(IMPORTER, Role.SYSTEM, self.now, correlation_id=self.case_id, command_id=command_id)

    # Reading ---------------------------------------------------------------------------------------------------------

    def _read(self) -> list[ReadRow]:
        reads = []
        for row in self.rows:
            read = ReadRow(row)
            for column, text in row.written():
                try:
                    value = READERS[column](text)
                except Unreadable as problem:
                    self.fault(read, problem.code, column, problem.message)
                    continue
                if value is not None:
                    read.values[column] = value
                if (note := out_of_year(column, text, row.source.year)) is not None:
                    self.remark(read, "code_of_another_year", column, note)
            reads.append(read)
        return reads

    def _agree_on_birth(self, reads: list[ReadRow]) -> None:
        """The Header says when the child was born; a row that says other is of another child, or wrong."""
        stated = [read for read in reads if read.row.table is Table.HEADER and read["DOB"] is not None]
        on_record = self.case.born
        self.born = stated[0]["DOB"] if stated else on_record
        for read in stated:
            if read["DOB"] != self.born:
                self.fault(
                    read, "two_births", "DOB", "Another Header row of this child gives another day of birth. Keep one."
                )
            elif on_record is not None and read["DOB"].compare(on_record) in _APART and read["DOB"] != on_record:
                self.contradiction(
                    read,
                    "another_child",
                    "DOB",
                    f"The record of this child says born {on_record}, the return says {read['DOB']}. "
                    "Nothing was recorded for this child. Check whether it is the same child.",
                )
                self.outcome.held_back = True
        for read in reads:
            if read.row.table is Table.HEADER or read["DOB"] is None or self.born is None:
                continue
            if read["DOB"] != self.born and read["DOB"].compare(self.born) in _APART:
                self.fault(
                    read,
                    "another_birth",
                    "DOB",
                    f"This row says born {read['DOB']}, the Header says {self.born}. Check whose row it is.",
                )

    def _refuse_impossible(self, reads: list[ReadRow]) -> None:
        born = None if self.born is None or self.born.after(self.today) else self.born
        for read in reads:
            for column, value in read.values.items():
                if not isinstance(value, PartialDate):
                    continue
                if column not in _MAY_LIE_AHEAD and value.after(self.today):
                    self.fault(
                        read,
                        "future",
                        column,
                        "This day has not come yet, so nothing can have happened then. Check the year.",
                    )
                elif born is not None and column not in _MAY_PRECEDE_BIRTH and value.before(born):
                    self.fault(read, "before_birth", column, f"This lies before the child's birth ({born}). Check it.")
            for first, last in _PAIRS:
                begun, ended = read[first], read[last]
                if begun is not None and ended is not None and ended.before(begun):
                    self.fault(
                        read, "ends_before", last, f"{last} ({ended}) lies before {first} ({begun}). Check both."
                    )

    def _refuse_contradictions(self, tables: dict[Table, list[ReadRow]]) -> None:
        """Rows of one year that speak of the same thing and say different things: nobody can tell which is right."""
        for table, reads in tables.items():
            keys: dict[Any, ReadRow] = {}
            for read in reads:
                key = _KEYS[table](read)
                first = keys.setdefault(key, read)
                if first is read or (column := _differ(first, read)) is None:
                    continue
                for one, other in ((first, read), (read, first)):
                    if self.at_fault(one):
                        continue
                    where = f"line {other.row.line} of {other.row.source.file}"
                    message = (
                        f"{where} says something else of the same ({column}). Neither was taken in. Keep the right one."
                    )
                    if table in SPINE:
                        self.fault(one, "contradicts_row", column, message)
                    else:
                        self.contradiction(one, "contradicts_row", column, message)
            if table in _PERIODS:
                self._refuse_overlaps(reads, *_PERIODS[table])

    def _refuse_overlaps(self, reads: Iterable[ReadRow], start: str, end: str) -> None:
        standing = sorted(
            (read for read in reads if not self.at_fault(read) and read[start] is not None),
            key=lambda read: read[start].sort_key(),
        )
        for before, after in pairwise(standing):
            if before[start] == after[start]:
                continue
            until = before[end]
            if until is not None and not until.after(after[start]):
                continue
            if until is None and after.row.table is Table.SW_EPISODES:
                self.remark(before, "not_ended", end, "A later row begins, and this one has no end. Fill it in.")
                continue
            for one, other in ((before, after), (after, before)):
                self.contradiction(
                    one,
                    "overlaps",
                    end,
                    f"The row in line {other.row.line} of {other.row.source.file} covers the same time. Neither was "
                    "taken in. Check the dates of both.",
                )


def _differ(one: ReadRow, other: ReadRow) -> str | None:
    """Give a column in which two rows say different things; an empty one says nothing."""
    for column, value in one.values.items():
        if (says := other.values.get(column)) is not None and says != value:
            return column
    return None


def _shown(value: object) -> str:
    if isinstance(value, Code):
        return value.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(_shown(each) for each in value)
    return str(value)


def _by(*columns: str) -> Callable[[ReadRow], Any]:
    return lambda read: tuple(read[column] for column in columns)


_APART: Final = frozenset({Order.BEFORE, Order.AFTER})

_KEYS: Final[dict[Table, Callable[[ReadRow], Any]]] = {
    Table.HEADER: _by(),
    Table.EPISODES: _by("DECOM"),
    Table.REVIEWS: _by("REVIEW"),
    Table.UASC: _by(),
    Table.OC2: _by(),
    Table.OC3: _by(),
    Table.AD1: _by(),
    Table.PLACED_ADOPTION: _by("DATE_PLACED"),
    Table.PREV_PERM: _by(),
    Table.MISSING: _by("MIS_START"),
    Table.SW_EPISODES: _by("SW_DECOM"),
    Table.DOLO: _by("DOLO_START"),
}
"""What makes two rows of a child and a year speak of the same thing."""

_PERIODS: Final = {
    Table.MISSING: ("MIS_START", "MIS_END"),
    Table.PLACED_ADOPTION: ("DATE_PLACED", "DATE_PLACED_CEASED"),
    Table.SW_EPISODES: ("SW_DECOM", "SW_DEC"),
    Table.DOLO: ("DOLO_START", "DOLO_END"),
}
"""Times of which a child can have only one at a time."""
