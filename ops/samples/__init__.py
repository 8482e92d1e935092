"""
Samples for the demonstration: a made-up authority, and histories from published judgments. README.md tells of both.

Here live JSON Lines in the form of `ops.importers.history`, and nothing about a real child that was not published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

AUTHORITY: Final = "authority.jsonl"
"""The made-up authority."""

_HERE: Final = Path(__file__).parent
_RELATIVE: Final = re.compile(r'"@today(?P<days>[+-]\d{1,5})?"')
"""A date as a whole value, counted from the day of loading: `"@today"`, `"@today-3"`, `"@today+9"`."""


def materialise(folder: Path, today: date, *, skip: Callable[[str], bool] = lambda _case: False) -> list[Path]:
    """
    Write the samples into a folder with their relative dates made days, and give the files, the authority first.

    Cases for which `skip` says yes are left out: loaded again on a later day, a case would get other dates. Their lines
    are left empty, so that a line keeps its number.
    """
    asked: dict[str, bool] = {}

    def line_of(text: str) -> str:
        case = json.loads(text)["case"]
        if case not in asked:
            asked[case] = skip(case)
        return "" if asked[case] else _RELATIVE.sub(lambda match: f'"{_day(today, match["days"])}"', text)

    files = []
    for source in sorted(_HERE.glob("*.jsonl"), key=lambda file: (file.name != AUTHORITY, file.name)):
        lines = [text and line_of(text) for text in source.read_text("utf-8").split("\n")]
        files.append(folder / source.name)
        files[-1].write_text("\n".join(lines), "utf-8")
    return files


def _day(today: date, days: str | None) -> date:
    return today + timedelta(days=int(days or 0))
