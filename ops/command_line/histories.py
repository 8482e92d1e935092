"""`beforehand import history` and `beforehand schema`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import typer

from ledger.errors import LedgerUnavailable
from ops.authority import authority, plain_errors
from ops.command_line.speaking import fail, print_json, progress, say
from ops.importers.history import Report, import_history, schema


def print_schema() -> None:
    """Print the JSON Schema of one line."""
    print_json(schema())


def bring_in(files: list[Path], name: str, *, as_json: bool) -> None:
    """Import histories into an authority and tell what became of every line."""
    with plain_errors(), authority(name) as ready:
        try:
            with progress("Importing lines") as moved:
                report = import_history(files, ready.ledger, lambda: datetime.now(UTC), moved)
        except LedgerUnavailable:
            fail(
                "The database cannot be reached any more. Every child is recorded whole or not at all: "
                "import the same files again, and what is missing is added."
            )
        except OSError as error:
            fail(f"{error.filename} cannot be opened. Check the name.")
        ready.runner.catch_up()
    if as_json:
        print_json(asdict(report))
    else:
        _tell(report)
    if report.refused:
        raise typer.Exit(1)


def _tell(report: Report) -> None:
    for each in report.refused:
        say(f"{each.file}, line {each.line}: {each.message} [{each.code}]")
    if report.held_back:
        say(f"Nothing was recorded about: {', '.join(report.held_back)}. Mend the lines above and import again.")
    say(f"{report.recorded} facts recorded in {len(report.cases)} cases; {report.already} lines were there before.")
