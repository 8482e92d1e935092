"""kill -9 at any moment, of any process, under load: what was acknowledged stands, once, in order, and is proven."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from api.casework import casework
from ledger.recorder import CONNECTION
from ledger.tiles import TileTree
from ledger.tree import consistency_proof, root_at
from ledger.verify import verify_consistency, verify_log
from tests.chaos.house import AUTHORITY, PROGRAMS, VICTIMS, Acknowledged, House, Load, house
from tests.keeping import kept_log
from tests.ledger.whole_log import whole_log

ROUNDS = int(os.environ.get("BEFOREHAND_CHAOS_ROUNDS", "2"))
"""Rounds of killing. A release wants them all: `BEFOREHAND_CHAOS_ROUNDS=50`."""
KINDS = (*VICTIMS, "everything")


@pytest.fixture(scope="module")
def shaken() -> Iterator[House]:
    """A house with everything running, and its clients."""
    with TemporaryDirectory(prefix="beforehand-") as folder, house(Path(folder)) as built:
        built.begin(PROGRAMS)
        yield built


@pytest.fixture(scope="module")
def load(shaken: House) -> Load:
    """Clients of that house."""
    return Load(shaken.port)


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_nothing_acknowledged_is_lost_or_doubled(shaken: House, load: Load, nth: int) -> None:
    """
    Clients record over HTTP, each command under a key of its own and again until it is acknowledged. Meanwhile one
    process, two, or all are killed and begun again in any order.
    """
    random = Random()
    victims = chosen(random, nth)
    sent_again = load.resent
    with load.at_work():
        shaken.seen.append(shaken.covering(load.more(3)))
        load.more(random.randint(1, 40))
        for each in victims:
            shaken.kill(each)
        shaken.revive(random.sample(victims, len(victims)))
        shaken.covering(load.more(5))
    assert not load.amiss
    assert all(each.lives() for each in shaken.programs.values()), shaken.last_words()
    shaken.seen.append(shaken.cosigned(max(each.position for each in load.done)))
    stands_once(shaken, load.done)
    goes_on(shaken)
    print(f"{victims}: {len(load.done)} acknowledged so far, {load.resent - sent_again} sent again")  # noqa: T201


def chosen(random: Random, nth: int) -> list[str]:
    """Choose who is killed: in a long run each equally often, now and then two at once."""
    kind = random.choice(KINDS) if len(KINDS) > ROUNDS else KINDS[nth % len(KINDS)]
    if kind == "everything":
        return random.sample([*PROGRAMS, "postgres"], 4)
    return list({kind, *random.sample(VICTIMS, random.choice((0, 0, 1)))})


def stands_once(shaken: House, acknowledged: list[Acknowledged]) -> None:
    """The log holds what was acknowledged, where that was said, and nothing else; the keys open all of it."""
    with (
        pytest.MonkeyPatch.context() as patched,
        ConnectionPool(shaken.postgres.dsn, min_size=1, max_size=2, kwargs=CONNECTION) as pool,
    ):
        patched.setenv("BEFOREHAND_KEYS", str(shaken.folder / "keys"))
        with kept_log(pool, AUTHORITY) as kept:
            ledger = casework(pool, kept)
            held = {
                Acknowledged(case, entry.event.ref, entry.originator_version, entry.position)
                for case in {each.case for each in acknowledged}
                for entry in ledger.entries(UUID(case))
            }
    assert held == set(acknowledged)
    assert len(held) == len(acknowledged)
    with psycopg.connect(shaken.postgres.dsn, **CONNECTION) as connection:
        assert len(whole_log(connection, AUTHORITY)) == len(held)


def goes_on(shaken: House) -> None:
    """Every checkpoint that was ever seen is consistent with the next; the published files prove the last."""
    final = shaken.seen[-1]
    node = TileTree(final.size, shaken.published.read).node
    assert root_at(final.size, node) == final.root
    for earlier, later in pairwise(shaken.seen):
        proof = consistency_proof(earlier.size, later.size, node) if earlier.size < later.size else []
        verify_consistency(earlier.size, later.size, proof, earlier.root, later.root)
    assert verify_log(shaken.published.folder, shaken.policy).witnessed.checkpoint == final
