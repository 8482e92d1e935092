"""`beforehand test`: everything the tests need, then the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from ops.browser import ensure_chromium
from ops.command_line.speaking import say


def run_tests(arguments: list[str]) -> None:
    """Run the tests with whatever browser can be had; without one, the tests that need it are skipped loudly."""
    if ensure_chromium() is None:
        say("No browser could be installed: the tests that need one are skipped, and counted at the end.")
    root = Path(__file__).parents[2]
    raise typer.Exit(subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=root))  # noqa: S603 - our own interpreter
