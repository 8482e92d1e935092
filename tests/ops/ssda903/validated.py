"""Runs the sector's validator over one year of a sample, in a process of its own, and prints what it found as JSON."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def main(folder: Path, year: int) -> None:
    """Print its findings, and the rules that fell over."""
    from lac_validator.lac_validator import LacValidator

    registry = importlib.import_module(f"lac_validator.rules.lac{year - 1}_{year % 100}").registry
    files = [
        {"name": path.name, "description": which, "file_content": path.read_bytes()}
        for which, of in (("This year", year), ("Prev year", year - 1))
        for path in sorted((folder / f"{of - 1}-{of % 100}").glob("*.csv"))
    ]
    with redirect_stdout(StringIO()):
        done = LacValidator(
            metadata={"collectionYear": str(year), "localAuthority": "E08000025"}, files=files, registry=registry
        )
    found = {}
    for table, rows in done.ds_results.items():
        for column in getattr(rows, "columns", ()):
            if str(column).startswith("ERR_"):
                places = [int(place) for place in rows.index[rows[column].fillna(value=False).astype(bool)]]
                found.setdefault(table, {})[str(column)[4:]] = places
    sys.stdout.write(json.dumps({"found": found, "fell_over": done.fails, "ran": len(done.dones)}))


main(Path(sys.argv[1]), int(sys.argv[2]))
