"""Looks at a whole log as somebody who trusts nobody: every entry parsed and hashed again, every order checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from ledger.seal import base64url
from ledger.tree import Frontier
from ledger.verify import NO_PREVIOUS, Entry, leaf_hash, parse_entry


class Leaf(NamedTuple):
    """An entry where it stands."""

    position: int
    stream: UUID
    version: int
    recorded_at: datetime
    entry: Entry
    hash: bytes


def whole_log(connection: psycopg.Connection[Any], schema: str) -> Sequence[Leaf]:
    """
    Read every entry with the verifier's own parser and hold that all of it fits together.

    Positions without gaps, recorded times that never fall and are what the entries say, streams without gaps in which
    each entry names the leaf before it, one name of the log, and the frontier that the leaves make.
    """
    rows = connection.execute(
        "SELECT position, originator_id, originator_version, e.recorded_at, entry, leaf_hash, size, frontier, origin, "
        f"h.recorded_at FROM {schema}.event AS e, {schema}.head AS h ORDER BY position"  # type: ignore[arg-type]
    ).fetchall()
    leaves, frontier, last = [], Frontier(), dict[UUID, Leaf]()
    for position, stream, version, recorded_at, entry, stored, *_ in rows:
        leaf = Leaf(position, stream, version, recorded_at, parse_entry(entry), leaf_hash(entry))
        before = last.get(stream)
        assert leaf.hash == stored
        assert leaf.version == leaf.entry.seq == (before.version + 1 if before else 1)
        assert leaf.entry.prev == (base64url(before.hash).decode() if before else NO_PREVIOUS)
        assert datetime.fromisoformat(leaf.entry.rec) == recorded_at
        assert before is None or (leaf.entry.stream, leaf.entry.origin) == (before.entry.stream, before.entry.origin)
        frontier.append(leaf.hash)
        last[stream] = leaf
        leaves.append(leaf)
    assert [leaf.position for leaf in leaves] == list(range(1, len(leaves) + 1))
    assert all(earlier.recorded_at <= later.recorded_at for earlier, later in pairwise(leaves))
    assert len({leaf.entry.stream for leaf in last.values()}) == len(last)
    if rows:
        size, peaks, origin, moment = rows[-1][6:]
        assert (size, peaks) == (frontier.size, frontier.hashes)
        assert {leaf.entry.origin for leaf in leaves} == {origin}
        assert leaves[-1].recorded_at <= moment
    return leaves
