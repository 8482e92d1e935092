"""`beforehand demo`: a small authority of made-up children and two real histories, served on this machine."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from ops.authority import Authority, authority, bring_up_to_date, plain_errors
from ops.command_line.serving import refuse_unfinished, run
from ops.command_line.speaking import fail, progress, say
from ops.importers.history import case_id_of, import_history
from ops.samples import materialise


def demonstrate(port: int, *, load_only: bool) -> None:
    """Load what of the samples is not there yet, and serve."""
    with plain_errors(), authority("sample") as ready:
        refuse_unfinished(ready)
        bring_up_to_date(ready)
        load(ready)
        if not load_only:
            run(ready.settings, "127.0.0.1", port)


def load(ready: Authority) -> None:
    """Load the samples that are not in the log. A child who is there already stays as it was first loaded."""

    def there(reference: str) -> bool:
        _, version = ready.ledger.load(case_id_of(reference))
        return version > 0

    with tempfile.TemporaryDirectory() as folder:
        files = materialise(Path(folder), datetime.now(UTC).date(), skip=there)
        with progress("Loading samples") as moved:
            report = import_history(files, ready.ledger, lambda: datetime.now(UTC), moved)
    if report.refused:
        first = report.refused[0]
        fail(f"The samples do not load: {first.file}, line {first.line}: {first.message}")
    ready.runner.catch_up()
    say(f"{len(report.cases)} cases loaded." if report.cases else "The samples are loaded already.")
