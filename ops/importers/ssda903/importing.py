"""
The whole import: read the folder, then take in one child after the other, each in one transaction.

The case of a child is the one that has the child's number in the return as its `local_id`, whoever opened it; without
one, it gets an identifier that follows from that number, so that importing again finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.case.command import Act, Command
from domain.case.fact import Fact
from domain.case.opening import CaseOpened
from domain.case.refusal import Refused
from domain.case.state import Case
from domain.dates import civil
from ledger.errors import EntryTooLarge, VersionConflict
from ledger.shell import Ledger
from ops.importers.ssda903.balance import Balance
from ops.importers.ssda903.child import Child, HeldBack, Outcome, Steps
from ops.importers.ssda903.folder import FileTold, read_return, tables_of_other_years
from ops.importers.ssda903.rows import Became, Row, Told, Weight, told

_NAMESPACE: Final = uuid5(NAMESPACE_URL, "beforehand:ssda903")
MOST_TOLD: Final = 200_000
"""What is told about rows; a return with more of it is something else, and nobody would read it."""
Moved = Callable[[int, int], None]


class Openings(Protocol):
    """Gives what opened every case there is."""

    def __call__(self) -> Iterator[tuple[UUID, CaseOpened]]: ...


def case_id_of(child: str) -> UUID:
    """Give the identifier that the case of a child gets, where there is none with the child's number."""
    return uuid5(_NAMESPACE, child)


def import_return(  # noqa: PLR0913 - each is one thing an import is told
    folder: Path,
    ledger: Ledger[Case, Command, Act, Fact],
    openings: Openings,
    now: Callable[[], datetime],
    *,
    year: int | None = None,
    names: Mapping[str, str] | None = None,
    reading: Moved = lambda _done, _all: None,
    importing: Moved = lambda _done, _all: None,
    keep: Callable[[Balance], None] = lambda _balance: None,
) -> Balance:
    """
    Import a return: every table in a folder, or one file.

    `now` gives the present moment (UTC); `keep` is handed the balance before the first child, so that whoever asked can
    tell how far an import came that the database broke off. Raises `LedgerUnavailable`.
    """
    balance = Balance()
    keep(balance)
    found = read_return(folder, today=civil(now()).date(), year=year, progress=reading)
    balance.files = found.files
    if found.faults:
        return balance
    balance.files = [*found.files, *tables_of_other_years(found)]
    filled = {id(row.source) for rows in found.children.values() for row in rows}
    balance.returns = [source for source in found.sources if id(source) in filled]
    balance.children = len(found.children)
    for spoilt in found.spoilt:
        balance.told.append(spoilt)
        balance.count(spoilt.table, Became.REFUSED)
    cases = _cases(openings, found.children)
    for done, (child, rows) in enumerate(found.children.items(), start=1):
        if len(balance.told) < MOST_TOLD:
            _take_in(child, rows, cases.get(child, ()), ledger, now(), names or {}, balance)
        else:
            _hold_back(rows, balance)
        importing(done, len(found.children))
    if len(balance.told) >= MOST_TOLD:
        message = (
            f"More than {MOST_TOLD:,} faults and remarks were found, so the children after them were left out. "
            "Check that these are the tables of a return, mend what is told most often, and import again."
        )
        balance.files.append(FileTold(folder.name, "too_many_faults", message))
    return balance


def _hold_back(rows: list[Row], balance: Balance) -> None:
    for row in rows:
        balance.count(row.table.value, Became.HELD_BACK)
    balance.held_back += 1


def _cases(openings: Openings, children: Mapping[str, object]) -> dict[str, tuple[UUID, ...]]:
    """Find the cases that have the number of a child in the return as their own."""
    cases: dict[str, tuple[UUID, ...]] = {}
    for case_id, opened in openings():
        if opened.local_id is not None and opened.local_id in children:
            cases[opened.local_id] = (*cases.get(opened.local_id, ()), case_id)
    return cases


def _take_in(  # noqa: PLR0913 - one child needs all of it
    child: str,
    rows: list[Row],
    cases: tuple[UUID, ...],
    ledger: Ledger[Case, Command, Act, Fact],
    now: datetime,
    names: Mapping[str, str],
    balance: Balance,
) -> None:
    if len(cases) > 1:
        _refuse(rows, "two_cases", "Two cases have this child's number. Settle which is the right one.", balance)
        return
    if not _writable(child):
        _refuse(rows, "child_form", "CHILD is made of letters, digits, dots and dashes, at most 64. Check it.", balance)
        return
    case_id = cases[0] if cases else case_id_of(child)
    made: list[Child] = []

    def plan(of: Callable[[], Case]) -> Steps:
        made.append(Child(case_id, child, rows, now, names.get(child)))
        return made[-1].plan(of)

    try:
        recorded = ledger.handle_planned(case_id, plan, now, Refused)
    except HeldBack:
        recorded = None
        made[-1].outcome.held_back = True
    except (EntryTooLarge, VersionConflict) as error:
        _refuse(rows, error.code, error.message, balance)
        return
    if made[-1].outcome.held_back and recorded is None:
        balance.held_back += 1
    outcome = made[-1].settle()
    _count(rows, outcome, balance)
    if recorded is not None:
        balance.cases.append(case_id)


def _count(rows: list[Row], outcome: Outcome, balance: Balance) -> None:
    balance.told.extend(outcome.told)
    balance.facts.update(outcome.facts)
    balance.asked_no_view += outcome.asked_no_view
    for place, row in enumerate(rows):
        balance.count(row.table.value, outcome.became[place])


def _refuse(rows: list[Row], code: str, message: str, balance: Balance) -> None:
    for row in rows:
        balance.told.append(told(row, Weight.FAULT, code, "CHILD", message))
        balance.count(row.table.value, Became.REFUSED)
    balance.held_back += 1


def _writable(child: str) -> bool:
    return (
        len(child) <= 64  # noqa: PLR2004 - as a reference
        and child[:1].isalnum()
        and child.isascii()
        and all(each.isalnum() or each in "._-" for each in child)
    )


__all__ = ["Balance", "Told", "case_id_of", "import_return"]
