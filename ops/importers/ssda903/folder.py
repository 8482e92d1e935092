"""
What there is in a folder: which files are tables of the return, of which year, and which cannot be read.

A file that is no table is named and left alone. One that begins like a table, or that may hide some (a zip), and cannot
be read to its end stops the import before anything is recorded: nobody could say which children's record would lack
what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from ops.importers.ssda903.csv_file import SAVE_AS_UTF8, CsvTable, FileFault, csv_table
from ops.importers.ssda903.rows import Row, Source, Told
from ops.importers.ssda903.tables import LAYOUTS, Table
from ops.importers.ssda903.values import Unreadable, day
from ops.importers.ssda903.xml_file import XmlReturn

MOST_FILES: Final = 2_000
MOST_ROWS: Final = 1_500_000
"""More than ten years of the largest authority; what is more than that is something else."""
YEAR_ENDS: Final = (3, 31)

_ARCHIVES: Final = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
_TWO_YEARS: Final = re.compile(r"(?<!\d)(20\d\d)[-_/. ]{0,2}(?:20)?(\d\d)(?!\d)")
_ONE_YEAR: Final = re.compile(r"(?<!\d)(20[0-9]\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class FileTold:
    """Something about a whole file; a fault stops the import."""

    file: str
    code: str
    message: str
    line: int = 0
    fault: bool = False


@dataclass(slots=True)
class Return:
    """Everything that was read: the rows of each child in order, and what is to be told about files and rows."""

    children: dict[str, list[Row]] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    spoilt: list[Told] = field(default_factory=list)
    """Rows that could not be read as rows."""
    files: list[FileTold] = field(default_factory=list)
    rows: int = 0

    @property
    def faults(self) -> list[FileTold]:
        """The files that stop the import."""
        return [each for each in self.files if each.fault]


def read_return(
    folder: Path,
    *,
    today: date,
    year: int | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Return:
    """Read every table in a folder, or in one file. `year` is that of all, where the names do not say it."""
    found = Return()
    paths = _paths(folder)
    if len(paths) > MOST_FILES:
        found.files.append(
            FileTold(folder.name, "too_many_files", "There are too many files. Name one folder.", fault=True)
        )
        return found
    for number, path in enumerate(paths, start=1):
        name = str(path.relative_to(folder)) if path != folder else path.name
        try:
            _read(path, name, found)
        except FileFault as fault:
            found.files.append(FileTold(name, fault.code, fault.message, fault.line, fault=True))
        except OSError:
            found.files.append(
                FileTold(name, "not_opened", "The file cannot be opened. Check who may read it.", fault=True)
            )
        progress(number, len(paths))
    if not found.sources and not found.faults:
        found.files.append(
            FileTold(
                folder.name,
                "no_tables",
                "There is no table of the return here. A table is known by its columns, such as CHILD, DECOM, RNE, LS, "
                "PLACE for episodes.",
                0,
                fault=True,
            )
        )
    _date(found, folder, today, year)
    return found


def year_named(name: str) -> int | None:
    """Give the collection year that a name speaks of, by the year it ends in: 2018 of `2017-18`, `201718`, `2018`."""
    for first, second in _TWO_YEARS.findall(name):
        if (int(first) + 1) % 100 == int(second):
            return int(first) + 1
    years = _ONE_YEAR.findall(name)
    return int(years[-1]) if years else None


def year_name(year: int | None) -> str:
    """Name a collection year: `2017-18`."""
    return "of a year not known" if year is None else f"{year - 1}-{year % 100:02d}"


def year_of(moment: date) -> int:
    """Give the collection year of a day; it ends on 31 March."""
    return moment.year + ((moment.month, moment.day) > YEAR_ENDS)


def _paths(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))


def _read(path: Path, name: str, found: Return) -> None:
    with path.open("rb") as raw:
        head = raw.read(512)
    for magic, what in _ARCHIVES.items():
        if head.startswith(magic):
            raise FileFault(
                "archive", f"This is {what}, whatever its name. Unpack it, or save each sheet as CSV UTF-8."
            )
    if not head.strip():
        found.files.append(FileTold(name, "empty", "The file is empty."))
        return
    wide = head.startswith((b"\xff\xfe<", b"\xfe\xff\x00<"))
    if not wide and (head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:2]):
        raise FileFault("utf16", f"This is UTF-16, or not text at all. {SAVE_AS_UTF8}", 1)
    if wide or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        if b"EXPSSDA903" not in head and path.suffix.lower() != ".xml":
            found.files.append(FileTold(name, "no_table", "This is no table of the return. It was left alone."))
            return
        whole = XmlReturn(path, name)
        _take(whole.rows(), found)
        found.sources.extend(whole.sources.values())
        return
    table = csv_table(path, name)
    if table is None:
        found.files.append(FileTold(name, "no_table", "This is no table of the return. It was left alone."))
        return
    read, notes = table
    found.files.extend(FileTold(name, "columns", f"{read.source.table}: {note}.") for note in notes)
    _take(read.rows(), found)
    found.sources.append(read.source)


def _take(rows: Iterator[tuple[str, Row] | Told], found: Return) -> None:
    shared: dict[str, str] = {}
    for each in rows:
        found.rows += 1
        if found.rows > MOST_ROWS:
            raise FileFault("too_many_rows", f"There are more than {MOST_ROWS:,} rows. Import fewer years at a time.")
        if isinstance(each, Told):
            found.spoilt.append(each)
            continue
        child, row = each
        # Codes and dates come again and again: one copy of each is enough.
        row.values = tuple(shared.setdefault(text, text) for text in row.values)
        found.children.setdefault(child, []).append(row)
        if len(shared) > 200_000:  # noqa: PLR2004 - bounded, whatever is in the file
            shared.clear()


def _date(found: Return, folder: Path, today: date, year: int | None) -> None:
    """Say of each source of which year it is: as asked, by its name, by its folder's, else by its latest episode."""
    unnamed: dict[Path, list[Source]] = {}
    for source in found.sources:
        path = Path(source.file)
        names = [path.stem, *(each.name for each in path.parents if each.name), folder.name if folder.is_dir() else ""]
        named = next((named for name in names if (named := year_named(name)) is not None), None)
        if year is not None:
            source.year, source.year_from = year, "as asked"
        elif named is not None:
            source.year, source.year_from = named, "by its name"
        else:
            unnamed.setdefault(path.parent, []).append(source)
    for sources in unnamed.values():
        latest = _latest({id(source) for source in sources}, found, today)
        for source in sources:
            source.year = None if latest is None else year_of(latest)
            source.year_from = "by the latest date in its episodes" if latest else ""


def _latest(sources: set[int], found: Return, today: date) -> date | None:
    latest: date | None = None
    for rows in found.children.values():
        for row in rows:
            if row.table is not Table.EPISODES or id(row.source) not in sources:
                continue
            for column, text in row.written():
                if column in ("DECOM", "DEC"):
                    try:
                        moment = day(text).first_day
                    except Unreadable:
                        continue
                    if moment <= today and (latest is None or moment > latest):
                        latest = moment
    return latest


def tables_of_other_years(found: Return) -> list[FileTold]:
    """Note tables that their year does not have yet."""
    filled = {id(row.source) for rows in found.children.values() for row in rows}
    return [
        FileTold(
            source.file,
            "table_of_another_year",
            f"{source.table} is part of the return since {year_name(LAYOUTS[source.table].since)}, and this one is of "
            f"{year_name(source.year)}. It was taken in as it stands.",
        )
        for source in found.sources
        if id(source) in filled and source.year is not None and source.year < LAYOUTS[source.table].since
    ]


__all__ = [
    "CsvTable",
    "FileTold",
    "Return",
    "read_return",
    "tables_of_other_years",
    "year_name",
    "year_named",
    "year_of",
]
