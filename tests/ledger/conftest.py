"""What the tests of the ledger share: keys, and the name of a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from ledger.keys import KeyRing, open_file_keys

ORIGIN: Final = "ledger.example/tests/1"


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyRing]:
    """Keys in a folder of the test's own."""
    with closing(open_file_keys(tmp_path / "keys")) as keys:
        yield keys
