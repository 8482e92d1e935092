"""How the command line speaks: data to standard output, words to standard error, errors that say how to mend them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

ERRORS: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Say something to the person at the terminal."""
    ERRORS.print(text, markup=False)


def fail(text: str, code: int = 1) -> NoReturn:
    """End with a sentence that says how to mend it."""
    ERRORS.print(text, markup=False, style="bold red")
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """Print a value as JSON, indented."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar while something long runs; silent where nobody watches."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
