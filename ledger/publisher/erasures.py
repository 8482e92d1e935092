"""
Which leaves were erased, and where the register says so: what lets an entry be missing.

The published file opens the register's entries, so that anybody can check that the log itself records each erasure:

    {"format": "beforehand/erasures/1", "events": [{"leaf_index": 253, "manifest": "<base64url>"}]}

Such a manifest is of a type `ledger.erased@…`, and its member `leaves` lists what it erased: the first and last index
of each run.
`ledger.verify` reads the same file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.errors import SourceUnreadable
from ledger.verify import ERASURES_FORMAT, Refused, read_erasures


@dataclass(frozen=True, slots=True)
class Erasures:
    """
    What was erased.

    `leaves` are the indexes of the leaves whose entries are blank, or are being blanked. `opened` says for each entry
    of the erasure register at which leaf it stands, and what its manifest is, in base64url.
    """

    leaves: frozenset[int] = field(default=frozenset())
    opened: tuple[tuple[int, str], ...] = ()


Erased = Callable[[], Erasures]


def none_erased() -> Erasures:
    """Say that nothing was ever erased."""
    return Erasures()


def write(opened: tuple[tuple[int, str], ...]) -> bytes:
    """Write the file that auditors read."""
    events = [{"leaf_index": index, "manifest": manifest} for index, manifest in opened]
    return json.dumps({"format": ERASURES_FORMAT, "events": events}).encode()


def read(file: bytes) -> list[tuple[int, str, frozenset[int]]]:
    """
    Read that file: the leaf of the register's entry, the digest of its manifest, and the leaves that it erases.

    Whether an entry with that digest stands there is for the reader to check. Raises `SourceUnreadable`.
    """
    try:
        return read_erasures(file)
    except Refused as refused:
        raise SourceUnreadable(f"The list of erasures is not one. {refused.message}") from None
