"""A folder to write tables into, and the import of it into an authority of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.casework import Casework
from domain.case.fact import Fact
from domain.case.opening import CaseOpened
from domain.case.state import Case
from ops.importers.ssda903.balance import Balance
from ops.importers.ssda903.importing import case_id_of, import_return
from ops.importers.ssda903.rows import Weight

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Returned:
    """A folder of tables, and what is on record."""

    folder: Path
    ledger: Casework

    def openings(self) -> Iterator[tuple[Any, CaseOpened]]:
        """What opened every case."""
        yield from self.ledger.facts_of([f"{CaseOpened.TOPIC}@{CaseOpened.VERSION}"])  # type: ignore[misc]

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, by name; the old ones go."""
        for old in sorted(self.folder.rglob("*"), reverse=True):
            old.rmdir() if old.is_dir() else old.unlink()
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def bring_in(self, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Balance:
        """Import what is in the folder, or these files."""
        if files is not None:
            self.write(files)
        balance = import_return(self.folder, self.ledger, self.openings, lambda: NOW, **options)
        assert balance.adds_up()
        return balance

    @staticmethod
    def faults(balance: Balance) -> list[tuple[str, int, str]]:
        """What was told against rows: file, line and code."""
        return [(each.file, each.line, each.code) for each in balance.told if each.weight is Weight.FAULT]

    @staticmethod
    def remarks(balance: Balance) -> list[tuple[str, int, str]]:
        """What was remarked on rows that were taken in."""
        return [(each.file, each.line, each.code) for each in balance.told if each.weight is Weight.REMARK]

    def case(self, child: str = "11") -> Case:
        """The case of a child."""
        return self.ledger.load(case_id_of(child))[0]

    def facts(self, child: str = "11") -> list[Fact]:
        """What is on record about a child."""
        return [entry.event for entry in self.ledger.entries(case_id_of(child))]

    def fact(self, ref: str, child: str = "11") -> dict[str, Any]:
        """One fact of a child as JSON, without what says nothing."""
        return self.case(child).facts[ref].fact.model_dump(mode="json", exclude_none=True, exclude={"by", "ref"})


@pytest.fixture
def returned(ledger: Casework, tmp_path: Path) -> Returned:
    """An empty folder, and an empty authority."""
    folder = tmp_path / "2025-26"
    folder.mkdir()
    return Returned(folder, ledger)
