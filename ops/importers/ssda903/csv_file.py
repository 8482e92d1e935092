"""
Tables as comma-separated values, line by line.

A row is a line: no field of the return runs over two. So a quote that is not closed spoils one row and no more, a file
of rubbish is recognised by its first line, and nothing but the rows is ever held.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from ops.importers.ssda903.rows import Row, Source, Told, Weight, told
from ops.importers.ssda903.tables import DERIVED, LAYOUTS, Table, column_name, tables_with

LONGEST_LINE: Final = 16_384
"""Characters. The longest row of the return has some two hundred."""
SPOILT_AT_LEAST: Final = 200
"""So many rows that cannot be read, and more than those that can, and the file is no table."""
_DELIMITERS: Final = (",", ";", "\t")

SAVE_AS_UTF8: Final = 'In Excel: Save As, "CSV UTF-8 (Comma delimited)".'


class FileFault(Exception):  # noqa: N818 - names the finding
    """A file that cannot be read to its end; nothing is imported until it is mended or taken away."""

    def __init__(self, code: str, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.code, self.message, self.line = code, message, line


class CsvTable:
    """One table of the return in a file."""

    def __init__(self, path: Path, source: Source, places: list[int], width: int, delimiter: str) -> None:
        self.path, self.source = path, source
        self._places, self._width, self._delimiter = places, width, delimiter

    def rows(self) -> Iterator[tuple[str, Row] | Told]:
        """Give each row with its child, or what is wrong with it. Raises `FileFault`."""
        good = spoilt = 0
        with _text(self.path) as stream:
            for number, line in _lines(self.path, stream):
                if number == 1 or not line.strip(" \t,;\r\n\x00"):
                    continue
                read = self._row(number, line)
                if isinstance(read, Told):
                    spoilt += 1
                    if not line.endswith("\n") and read.code in ("short_row", "open_quote"):
                        raise FileFault(
                            "cut_off", "The file breaks off in the middle of its last row. Export it again.", number
                        )
                    if spoilt >= SPOILT_AT_LEAST and spoilt > good:
                        raise FileFault(
                            "not_a_table",
                            "It begins like a table of the return, but most of its rows are something else. "
                            "Export it again.",
                            number,
                        )
                else:
                    good += 1
                yield read

    def _row(self, number: int, line: str) -> tuple[str, Row] | Told:
        line = line.rstrip("\n")
        try:
            fields = (
                next(csv.reader([line], delimiter=self._delimiter, strict=True))
                if '"' in line
                else line.split(self._delimiter)
            )
        except (csv.Error, StopIteration):
            return self._fault(
                number,
                "open_quote",
                "A quotation mark is not closed, or stands inside a value. Write the row on one line, and double a "
                "quotation mark inside quotes.",
            )
        if len(fields) < self._width:
            return self._fault(
                number,
                "short_row",
                "The row has fewer fields than the first line has names. Fill it up, or export again.",
            )
        if any(field.strip() for field in fields[self._width :]):
            return self._fault(
                number,
                "long_row",
                "The row has more fields than the first line has names. Put quotes around a value with a comma.",
            )
        child = fields[self._places[0]].strip()
        if not child:
            return self._fault(number, "no_child", "The row names no child. Fill in CHILD.", "CHILD")
        values = tuple(_value(fields[place]) for place in self._places[1:])
        return child, Row(self.source, number, values)

    def _fault(self, number: int, code: str, message: str, column: str = "") -> Told:
        return told(Row(self.source, number, ()), Weight.FAULT, code, column, message)


def csv_table(path: Path, name: str) -> tuple[CsvTable, list[str]] | None:
    """
    Look at the first line of a file: give the table it begins, with what is to be said of its columns, or nothing.

    Raises `FileFault` for what begins like a table and cannot be one.
    """
    with path.open("rb") as raw:
        first = raw.readline(LONGEST_LINE)
    if not first.endswith((b"\n", b"\r")) and len(first) == LONGEST_LINE:
        return None
    header = first.decode("utf-8-sig", errors="replace").strip("\r\n").split("\r", 1)[0]
    for delimiter in _DELIMITERS:
        names = _names(header, delimiter)
        if tables := tables_with(names):
            table = _only_table(tables, names)
            columns = tuple(column for column in LAYOUTS[table].columns if column in names)
            places = [names.index("CHILD"), *(names.index(column) for column in columns)]
            read = CsvTable(path, Source(name, table, columns), places, len(names), delimiter)
            return read, _notes(table, names)
    return None


def _names(header: str, delimiter: str) -> list[str]:
    """Give the names of the columns up to the last that has one."""
    try:
        names = [column_name(each) for each in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error:
        return []
    return names[: max((place for place, each in enumerate(names) if each), default=-1) + 1]


def _only_table(tables: list[Table], names: list[str]) -> Table:
    twice = sorted({each for each in names if each and names.count(each) > 1})
    if twice:
        raise FileFault("column_twice", f"The first line names a column twice: {', '.join(twice)}. Leave one out.", 1)
    if len(tables) > 1:
        listed = ", ".join(tables)
        message = f"The columns are those of several tables ({listed}). Export each by itself."
        raise FileFault("several_tables", message, 1)
    if "CHILD" not in names:
        raise FileFault("no_child_column", f"This is the table {tables[0]} without its column CHILD. Add it.", 1)
    return tables[0]


def _notes(table: Table, names: list[str]) -> list[str]:
    """Say which columns are lacking, and which others were left out."""
    layout, notes = LAYOUTS[table], []
    other = [each for each in names if each and each not in {"CHILD", *layout.columns}]
    if lacking := [column for column in layout.columns if column not in names]:
        notes.append(f"has no column {', '.join(lacking)}")
    if strange := [_shown(each) for each in other if each not in DERIVED]:
        notes.append(f"has columns that are not of this table, and were not taken in: {', '.join(strange)}")
    if known := [each for each in other if each in DERIVED]:
        notes.append(f"has columns that follow from others, and were not taken in: {', '.join(known)}")
    return notes


def _text(path: Path) -> TextIO:
    return path.open("r", encoding="utf-8-sig", newline=None)


def _lines(path: Path, stream: TextIO) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise FileFault(
                    "line_too_long",
                    "A line is longer than any row of the return can be. Check that this is the right file.",
                    number,
                )
            if "\x00" in line:
                raise FileFault(
                    "nul", f"There are NUL characters in it: it is damaged, or not plain text. {SAVE_AS_UTF8}", number
                )
            yield number, line
    except UnicodeDecodeError:
        raise FileFault(
            "not_utf8",
            f"A line is not UTF-8; perhaps it was saved as Windows-1252. {SAVE_AS_UTF8}",
            _line_not_utf8(path),
        ) from None


def _line_not_utf8(path: Path) -> int:
    with path.open("rb") as raw:
        number = 0
        while line := raw.readline(LONGEST_LINE * 4):
            number += line.endswith(b"\n") or not number
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 0


def _value(text: str) -> str:
    return text.strip()


def _shown(name: str) -> str:
    return "".join(character for character in name if character.isalnum() or character == "_")[:40] or "(unnamed)"
