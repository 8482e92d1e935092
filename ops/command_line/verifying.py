"""`beforehand verify`: the checks of `ledger/verify.py`, which also runs by itself, without the rest of the house."""

from __future__ import annotations

from pathlib import Path

import typer

from ledger.verify import main


def verify(what: str, path: Path, *flags: str, **options: Path | str | None) -> None:
    """Check a receipt, a bundle or a log, and end with the exit code: 0, 1 where it is refused, 2 for wrong use."""
    chosen = [part for name, value in options.items() if value is not None for part in (f"--{name}", str(value))]
    raise typer.Exit(main([what, str(path), *flags, *chosen], "beforehand verify"))
