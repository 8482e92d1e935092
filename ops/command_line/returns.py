"""`beforehand import ssda903`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson
import typer
from rich.table import Table as Grid

from domain.case.opening import CaseOpened
from domain.case.registry import FACTS
from ledger.errors import LedgerError
from ops.authority import Authority, authority, plain_errors
from ops.command_line.speaking import ERRORS, fail, print_json, progress, say
from ops.importers.ssda903.balance import Balance, Kind, by_kind, told_as_json
from ops.importers.ssda903.folder import year_name, year_named
from ops.importers.ssda903.importing import import_return
from ops.importers.ssda903.rows import Became, Weight

_COLUMNS: Final = {
    Became.RECORDED: "recorded",
    Became.ON_RECORD: "on record",
    Became.REPEATED: "repeated",
    Became.CARRIES_NOTHING: "say nothing",
    Became.REFUSED: "refused",
    Became.CONTRADICTS: "contradict",
    Became.HELD_BACK: "held back",
}
_KINDS_SHOWN: Final = 15
_PAGE: Final = 5_000


def bring_in(  # noqa: PLR0913 - one for each thing that can be asked
    folder: Path, name: str, *, year: str | None, names: Path | None, report: Path | None, as_json: bool
) -> None:
    """Import a return into an authority and tell what became of every row."""
    if not folder.exists():
        fail(f"There is nothing called {folder}. Check the name.")
    of_year = _year(year)
    called = _names(names) if names is not None else {}
    held: list[Balance] = []
    with plain_errors(), authority(name) as ready:
        try:
            with progress("Reading files") as reading, progress("Importing children") as importing:
                balance = import_return(
                    folder,
                    ready.ledger,
                    lambda: _openings(ready),
                    lambda: datetime.now(UTC),
                    year=of_year,
                    names=called,
                    reading=reading,
                    importing=importing,
                    keep=held.append,
                )
        except LedgerError:
            if held:
                say(
                    f"The import broke off after {len(held[0].cases)} children had been taken in, each of them whole. "
                    "Import again when the database is back: what is there already changes nothing."
                )
            raise
        if balance.cases:
            with progress("Making the pages ready"):
                ready.runner.catch_up()
    _give(balance, report, as_json=as_json)
    if not balance.clean:
        raise typer.Exit(1)


def _give(balance: Balance, report: Path | None, *, as_json: bool) -> None:
    if report is not None:
        try:
            _write(balance, report)
        except OSError:
            fail(f"{report} cannot be written. Name another file with --report. The import itself is done.")
    if as_json:
        print_json(balance.as_json())
    else:
        _tell(balance, report)


def _openings(ready: Authority) -> Iterator[tuple[UUID, CaseOpened]]:
    """Give what opened every case, in the order of the log."""
    topics = [f"{CaseOpened.TOPIC}@{version}" for version in range(1, CaseOpened.VERSION + 1)]
    yield from ready.ledger.facts_of(topics)  # type: ignore[misc]  # these topics are of openings


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    if (year := year_named(text)) is None:
        fail("Name the year as 2017-18, or by the year it ends in: 2018.", 2)
    return year


def _names(file: Path) -> Mapping[str, str]:
    """Read what children are called: the return itself has no names."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            columns = {(each or "").strip().upper(): each for each in rows.fieldnames or ()}
            if not {"CHILD", "NAME"} <= set(columns):
                fail(f"{file} needs the columns CHILD and NAME.", 2)
            return {
                row[columns["CHILD"]].strip(): row[columns["NAME"]].strip()[:200]
                for row in rows
                if row[columns["CHILD"]] and row[columns["NAME"]] and row[columns["NAME"]].strip()
            }
    except UnicodeDecodeError:
        fail(f'{file} is not UTF-8. In Excel: Save As, "CSV UTF-8 (Comma delimited)".', 2)
    except (OSError, csv.Error):
        fail(f"{file} cannot be read. Check the name, and that it is CSV.", 2)


def _write(balance: Balance, report: Path) -> None:
    """Write everything that was told, as CSV or, by the name of the file, JSON Lines."""
    with report.open("w", encoding="utf-8", newline="") as stream:
        if report.suffix.lower() in (".jsonl", ".json", ".ndjson"):
            for each in balance.told:
                stream.write(orjson.dumps(told_as_json(each)).decode() + "\n")
            return
        fields = ["weight", "code", "table", "file", "line", "column", "message"]
        writer = csv.DictWriter(stream, fields)
        writer.writeheader()
        for each in balance.told:
            writer.writerow(told_as_json(each))


def _tell(balance: Balance, report: Path | None) -> None:
    for file in balance.files:
        place = f"{file.file}, line {file.line}" if file.line else file.file
        say(f"{'NOT READ  ' if file.fault else ''}{place}: {file.message}")
    if balance.stopped:
        say("Nothing was imported. Mend the files marked NOT READ, or take them out of the folder, and import again.")
        return
    years = sorted({(each.year or 0, year_name(each.year), each.year_from) for each in balance.returns})
    for _, name, how in years:
        say(f"Return of {name}" + (f" ({how})" if how else "") + ".")
    ERRORS.print(_rows(balance))
    _tell_facts(balance)
    _tell_kinds(balance, report)


def _rows(balance: Balance) -> Grid:
    used = [became for became in Became if any(counts[became] for counts in balance.became.values())]
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    grid.add_column("Table")
    for title in ("rows", *(_COLUMNS[became] for became in used)):
        grid.add_column(title, justify="right")
    for table, counts in sorted(balance.became.items()):
        grid.add_row(table, f"{balance.read[table]:,}", *(f"{counts[became]:,}" for became in used))
    totals = [sum(counts[became] for counts in balance.became.values()) for became in used]
    grid.add_row("all", f"{sum(balance.read.values()):,}", *(f"{total:,}" for total in totals), style="bold")
    return grid


def _tell_facts(balance: Balance) -> None:
    added = (
        f"{sum(balance.facts.values()):,} facts recorded about {len(balance.cases):,} of {balance.children:,} children."
    )
    say(added)
    for topic, number in sorted(balance.facts.items(), key=lambda each: -each[1]):
        say(f"  {number:>8,}  {FACTS[topic].PHRASE}")
    if balance.held_back:
        say(
            f"Children held back, because a row that the rest hangs on is at fault: {balance.held_back:,}. "
            "Nothing was recorded about them. Mend it and import again."
        )
    if balance.asked_no_view:
        say(
            f"Moves that the child asked for, without a word of the child on record: {balance.asked_no_view:,}. "
            "Each is marked on its page."
        )
    if balance.facts:
        say("A return has no decision dates, no reasons and no views. The pages say so at every move.")


def _tell_kinds(balance: Balance, report: Path | None) -> None:
    if not balance.told:
        say("Every row was taken in.")
        return
    faults = sum(each.weight is Weight.FAULT for each in balance.told)
    say(f"{faults:,} faults and {len(balance.told) - faults:,} remarks:")
    kinds = by_kind(balance.told)
    for kind in kinds[:_KINDS_SHOWN]:
        _tell_kind(kind)
    if len(kinds) > _KINDS_SHOWN:
        say(f"  and {len(kinds) - _KINDS_SHOWN} more kinds.")
    if report is not None:
        say(f"All of it, line by line, is in {report}.")
    else:
        say("All of it, line by line: add --report FILE (.csv or .jsonl), or --json.")


def _tell_kind(kind: Kind) -> None:
    first = kind.first[0]
    where = kind.table + (f" {kind.column}" if kind.column else "")
    lines = ", ".join(str(each.line) for each in kind.first if each.file == first.file)
    more = ", …" if kind.number > len(kind.first) else ""
    sign = "✗" if kind.weight is Weight.FAULT else "·"
    say(f"  {sign} {kind.number:,} times {where}: {first.message}")
    say(f"      {first.file}, line {lines}{more} [{kind.code}]")
