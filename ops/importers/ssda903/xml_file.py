"""
The XML form of the return, read as a stream: `EXPSSDA903` holds `CHILD`, which holds a `HEADER` and `EPISODE`s.

No document type, no entities, no depth: what the return has no use for is refused where it stands, so there is nothing
to expand. An element whose children are all values is a row; its table is known by them, as in a CSV file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn
from xml.parsers import expat

from ops.importers.ssda903.csv_file import FileFault
from ops.importers.ssda903.rows import Row, Source, Told, Weight, told
from ops.importers.ssda903.tables import LAYOUTS, Table, column_name, tables_with

ROOT: Final = "EXPSSDA903"
_CHUNK: Final = 64 * 1024
_DEEPEST: Final = 6
_LONGEST_VALUE: Final = 1_000
_MOST_VALUES: Final = 100_000
"""In one child; a childhood has some hundreds."""
_IN_HEADER: Final = (Table.HEADER, Table.UASC, Table.OC3, Table.AD1)
"""The tables whose columns stand in the header itself."""


class XmlReturn:
    """A return in one XML file: several tables, each with a source of its own."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.sources = {table: Source(name, table, layout.columns) for table, layout in LAYOUTS.items()}

    def rows(self) -> Iterator[tuple[str, Row] | Told]:
        """Give each row with its child, or what is wrong with it. Raises `FileFault`."""
        reader = _Reader(self.sources)
        with self.path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                reader.feed(chunk, final=False)
                yield from reader.taken()
            reader.feed(b"", final=True)
            yield from reader.taken()


Group = tuple[dict[str, str], int, int]
"""The values of one element by column, with line and character of its start."""


class _Reader:
    def __init__(self, sources: dict[Table, Source]) -> None:
        self._sources = sources
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._open: list[tuple[str, int, int]] = []
        self._values: list[dict[str, str]] = []
        self._text: list[str] = []
        self._groups: list[tuple[str, Group]] = []
        self._count = 0
        self._ready: list[tuple[str, Row] | Told] = []

    def feed(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            cut_off = final and error.code in (3, 5)
            raise FileFault(
                "cut_off" if cut_off else "not_xml",
                "The file breaks off in the middle. Export it again."
                if cut_off
                else "It is not well-formed XML from here on. Export it again.",
                error.lineno,
            ) from None

    def taken(self) -> list[tuple[str, Row] | Told]:
        ready, self._ready = self._ready, []
        return ready

    def _refuse(self, *_: object) -> NoReturn:
        raise FileFault(
            "document_type",
            "It has a document type or entities, which a return does not need and which can be used for attacks. "
            "Export it without.",
            self._parser.CurrentLineNumber,
        )

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if not self._open and name != ROOT:
            raise FileFault("not_the_return", f"The outermost element of a return is {ROOT}.", 1)
        if len(self._open) >= _DEEPEST:
            raise FileFault("not_the_return", "Elements lie deeper than in a return.", self._parser.CurrentLineNumber)
        self._open.append((name, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1))
        self._values.append({})
        self._text = []

    def _data(self, text: str) -> None:
        self._text.append(text)
        if sum(map(len, self._text)) > _LONGEST_VALUE:
            if "".join(self._text).strip():
                raise FileFault(
                    "value_too_long", "A value is longer than any of a return.", self._parser.CurrentLineNumber
                )
            self._text = []

    def _end(self, name: str) -> None:
        _, line, character = self._open.pop()
        values = self._values.pop()
        text, self._text = "".join(self._text).strip(), []
        if values:
            self._groups.append((name, (values, line, character)))
        elif self._values:
            self._count += 1
            if self._count > _MOST_VALUES:
                raise FileFault("not_the_return", "One child has more values than a childhood can.", line)
            self._values[-1].setdefault(column_name(name), text)
        if len(self._open) == 1:
            self._child(line, character)

    def _child(self, line: int, character: int) -> None:
        groups, self._groups, self._count = self._groups, [], 0
        child = next((values["CHILD"] for _, (values, _, _) in groups if values.get("CHILD")), "")
        born = next((values["DOB"] for _, (values, _, _) in groups if values.get("DOB")), "")
        if not child:
            source = self._sources[Table.HEADER]
            message = "This child has no identifier. Fill in CHILDID."
            self._ready.append(told(Row(source, line, (), character), Weight.FAULT, "no_child", "CHILD", message))
            return
        for name, (values, at, place) in groups:
            tables = self._tables_of(name, values)
            if not tables and any(values.values()):
                self._ready.append(
                    told(
                        Row(self._sources[Table.HEADER], at, (), place),
                        Weight.FAULT,
                        "unknown_element",
                        "",
                        "This element is of no table of the return. It was not taken in.",
                    )
                )
            for table in tables:
                source = self._sources[table]
                held = {"DOB": born, **values}
                row = Row(source, at, tuple(held.get(column, "") for column in source.columns), place)
                self._ready.append((child, row))

    def _tables_of(self, name: str, values: dict[str, str]) -> list[Table]:
        if name != "HEADER":
            return tables_with(values) or [table for table in LAYOUTS if values.keys() & _own(table)][:1]
        found = [Table.HEADER]
        if values.get("DUC") or values.get("UASC") == "1":
            found.append(Table.UASC)
        found += [table for table in _IN_HEADER[2:] if any(values.get(column) for column in _own(table))]
        return found


def _own(table: Table) -> set[str]:
    """Give the columns that no other table has."""
    return set(LAYOUTS[table].columns) - {
        column for other in LAYOUTS if other is not table for column in LAYOUTS[other].columns
    }
