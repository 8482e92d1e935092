"""
Which leaves were erased, and where the register says so: what lets an entry be missing.

The published file opens the register's entries, so that anybody can check that the log itself records each erasure:

    {"format": "beforehand/erasures/1", "events": [{"leaf_index": 253, "manifest": "<base64url>"}]}

Such a manifest is of a type `erasure.recorded@…`, and its member `leaves` lists the indexes of what it erased.
`ledger.verify` reads the same file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ledger.errors import SourceUnreadable
from ledger.verify import (
    ERASURE_EVENT,
    ERASURES_FORMAT,
    Refused,
    digest_of,
    members_of,
    open_event,
    parse_json,
    refuse,
)


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
        return list(_events(file))
    except Refused as refused:
        raise SourceUnreadable(f"The list of erasures is not one. {refused.message}") from None


def _events(file: bytes) -> Iterator[tuple[int, str, frozenset[int]]]:
    form, events = members_of(parse_json(file, "It"), "it", format=str, events=list)
    if form != ERASURES_FORMAT:
        refuse("erasures", "It is of another format.")
    for each in events:
        index, manifest = members_of(each, "an erasure", leaf_index=int, manifest=str)
        digest = digest_of(manifest)
        content, _, _ = open_event(digest, [manifest])
        leaves = content.get("leaves") if isinstance(content, dict) else None
        if not isinstance(leaves, list) or not str(content.get("type")).startswith(ERASURE_EVENT):
            refuse("erasures", "It holds something else than erasures.")
        if not all(type(leaf) is int and 0 <= leaf < index for leaf in leaves):
            refuse("erasures", "It names leaves as erased that came later.")
        yield index, digest, frozenset(leaves)
