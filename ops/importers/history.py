"""
Importing histories: JSON Lines, one command a line, the same bodies as the API takes.

    {"case": "your reference of the child", "command": {"do": "open_case", "child": "…", "provenance": {…}}}

All or nothing per child: if one line about a child is refused, nothing about that child is recorded, and every refused
line is reported with its number, the reason and how to mend it. A line that cannot be read at all holds back its whole
file, because nobody can say whose record would lack it. Importing a file again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.casework import Casework
from domain.case.command import Act, Command
from domain.case.fact import Provenance, Role
from domain.case.mending import field_problems
from domain.case.refusal import AlreadyRecordedRefused, Refused
from domain.case.registry import AnyCommand
from domain.voice.evidence import Grade
from ledger.errors import LedgerError, LedgerUnavailable

LONGEST_LINE: Final = 1_000_000
"""Bytes. A longer line is not a command."""

MOST_UNREADABLE: Final = 50
"""Lines that cannot be read, after which nobody needs the rest of the file to see that it is no history."""

MOST_REFUSED: Final = 2_000
"""Lines with a fault of one file that are told; a report is to be read by somebody."""

IMPORTER: Final = "history import"
_NAMESPACE: Final = uuid5(NAMESPACE_URL, "beforehand:history")


class HistoryLine(BaseModel):
    """One line of a history: which child, and the command."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    case: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}$",
        description="Your reference of the child's case; the same in every line about this child.",
        examples=["sample/amira"],
    )
    command: AnyCommand


_LINE: Final[TypeAdapter[HistoryLine]] = TypeAdapter(HistoryLine)


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not recorded, why, and how to mend it."""

    file: str
    line: int
    case: str | None
    code: str
    message: str


@dataclass(slots=True)
class Report:
    """What an import came to."""

    recorded: int = 0
    """Facts recorded."""
    already: int = 0
    """Lines that had been imported before."""
    cases: list[UUID] = field(default_factory=list)
    """Cases to which something was added."""
    held_back: list[str] = field(default_factory=list)
    """References of children of whom nothing was recorded, because a line about them was refused."""
    refused: list[RefusedLine] = field(default_factory=list)


def schema() -> dict[str, Any]:
    """Give the JSON Schema of one line."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_LINE.json_schema()}


def case_id_of(reference: str) -> UUID:
    """Give the identifier of the case that a reference in a history stands for."""
    return uuid5(_NAMESPACE, reference)


def import_history(
    files: Sequence[Path],
    ledger: Casework,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """
    Import histories. `now` gives the present moment (UTC); `progress` hears how many lines are done, and of how many.

    Raises `OSError` for a file that cannot be opened, and `LedgerUnavailable`.
    """
    report = Report()
    readable = [scanned for file in files if (scanned := _scan(file, report)) is not None]
    lines_of: dict[str, list[tuple[Path, int, int]]] = {}
    for file, places in readable:
        for case, number, offset in places:
            if case not in report.held_back:
                lines_of.setdefault(case, []).append((file, number, offset))
    total, done = sum(map(len, lines_of.values())), 0
    for case, lines in lines_of.items():
        _import_case(case, list(_commands(lines)), ledger, now(), report)
        done += len(lines)
        progress(done, total)
    return report


def _scan(file: Path, report: Report) -> tuple[Path, list[tuple[str, int, int]]] | None:
    """Check every line of a file; give case, number and offset of each, or nothing where a line cannot be read."""
    places: list[tuple[str, int, int]] = []
    faults = []
    blocked: dict[str, list[RefusedLine]] = {}
    told = 0
    for number, offset, text in _lines(file):
        if isinstance(text, RefusedLine):
            faults.append(text)
            continue
        if len(faults) >= MOST_UNREADABLE or told >= MOST_REFUSED:
            message = (
                "There are too many faults before this line, so the rest of the file was not read. Mend those first."
            )
            faults.append(RefusedLine(file.name, number, None, "too_many_faults", message))
            break
        if not text.strip():
            continue
        try:
            places.append((_LINE.validate_json(text).case, number, offset))
        except ValidationError as invalid:
            case = _case_named_in(text)
            line = RefusedLine(file.name, number, case, "invalid", _sentence(invalid))
            (faults if case is None else blocked.setdefault(case, [])).append(line)
            told += 1
    report.refused.extend(faults)
    for case, lines in blocked.items():
        report.refused.extend(lines)
        report.held_back.append(case)
    if faults:
        report.held_back.extend(sorted({case for case, _, _ in places} - set(blocked)))
        return None
    return file, [place for place in places if place[0] not in blocked]


def _lines(file: Path) -> Iterator[tuple[int, int, bytes | RefusedLine]]:
    with file.open("rb") as stream:
        number, offset = 0, 0
        while text := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(text) > LONGEST_LINE:
                yield (
                    number,
                    offset,
                    RefusedLine(
                        file.name,
                        number,
                        None,
                        "line_too_long",
                        "This line is longer than a command can be. Is this JSON Lines?",
                    ),
                )
                return
            try:
                text.decode("utf-8")
            except UnicodeDecodeError:
                yield (
                    number,
                    offset,
                    RefusedLine(file.name, number, None, "not_utf8", "This line is not UTF-8. Save the file as UTF-8."),
                )
                return
            yield number, offset, text.removeprefix(b"\xef\xbb\xbf") if number == 1 else text
            offset += len(text)


def _commands(lines: list[tuple[Path, int, int]]) -> Iterator[tuple[str, int, Command]]:
    for file, number, offset in lines:
        with file.open("rb") as stream:
            stream.seek(offset)
            text = stream.readline()
        yield file.name, number, _LINE.validate_json(text.removeprefix(b"\xef\xbb\xbf")).command


def _import_case(
    case: str, commands: list[tuple[str, int, Command]], ledger: Casework, at: datetime, report: Report
) -> None:
    case_id = case_id_of(case)
    asked = [(_attributed(command, file), _act(case_id, command, at)) for file, _, command in commands]
    already, refused = 0, []
    for_report: list[RefusedLine] = []

    def hear(index: int, reason: Exception) -> None:
        nonlocal already
        assert isinstance(reason, Refused)  # noqa: S101 - the only kind asked for
        if isinstance(reason, AlreadyRecordedRefused):
            already += 1
            return
        file, number, _ = commands[index]
        refused.append(index)
        for_report.append(RefusedLine(file, number, case, reason.code, reason.message))

    try:
        recorded = ledger.handle_all(case_id, asked, at, hear, Refused, harmless=AlreadyRecordedRefused)
    except LedgerUnavailable:
        raise  # no fault of this child, and the next one would only wait for it as well
    except LedgerError as error:
        file, number, _ = commands[0]
        for_report.append(RefusedLine(file, number, case, error.code, error.message))
        refused.append(0)
        recorded = None
    report.already += already
    report.refused.extend(for_report)
    if refused:
        report.held_back.append(case)
    elif recorded is not None:
        report.recorded += len(recorded.entries)
        report.cases.append(case_id)


def _attributed(command: Command, file: str) -> Command:
    """See to it that an imported fact says where it comes from: the importer is not its author."""
    if command.provenance is not None:
        return command
    system = "".join(character if character.isalnum() or character in " .-_" else "-" for character in file)[:100]
    return command.model_copy(update={"provenance": Provenance(system=f"file {system}", grade=Grade.C)})


def _act(case_id: UUID, command: Command, at: datetime) -> Act:
    body = json.dumps(command.model_dump(mode="json", exclude_none=True), sort_keys=True)
    command_id = uuid5(case_id, body)
    return Act(IMPORTER, Role.SYSTEM, at, correlation_id=case_id, command_id=command_id)


def _case_named_in(text: bytes) -> str | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    case = line.get("case") if isinstance(line, dict) else None
    return case if isinstance(case, str) and case and len(case) <= 120 and case.isprintable() else None  # noqa: PLR2004


def _sentence(invalid: ValidationError) -> str:
    problems = field_problems(invalid.errors(include_url=False, include_input=False))
    return " ".join(f"{problem.field}: {problem.message}" for problem in problems[:5])
