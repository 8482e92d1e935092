"""`beforehand keys status`, `rotate`, `rewrap`, `destroy-epoch`: an authority's keys, and what they stand under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from ledger.keys import KeyRing
from ops.authority import key_ring, plain_errors
from ops.command_line.speaking import fail, print_json, progress, say


@contextmanager
def _ring(authority: str) -> Iterator[KeyRing]:
    with plain_errors():
        ring = key_ring(authority)
        try:
            yield ring
        finally:
            ring.close()


def show_status(authority: str, *, as_json: bool) -> None:
    """Show how many keys there are, and under which epochs they are wrapped."""
    with _ring(authority) as ring:
        standing = ring.standing()
    if as_json:
        print_json(
            {
                "subjects": standing.counts.subjects,
                "keys": standing.counts.keys,
                "destroyed": standing.counts.destroyed,
                "epochs": [
                    {
                        "number": each.number,
                        "kept": each.kind,
                        "begunAt": _moment(each.begun_at),
                        "keys": each.keys,
                        "newest": each.newest,
                    }
                    for each in standing.epochs
                ],
                "destroyedEpochs": [
                    {"number": each.number, "destroyedAt": _moment(each.destroyed_at)}
                    for each in standing.destroyed_epochs
                ],
            }
        )
        return
    counts = standing.counts
    say(f"{counts.keys} keys of {counts.subjects} subjects; {counts.destroyed} keys have been destroyed.")
    for each in standing.epochs:
        use = (
            "new keys are wrapped under it"
            if each.newest
            else "run `beforehand keys rewrap`"
            if each.keys
            else "unused"
        )
        say(f"  epoch {each.number:<4} ({each.kind}, begun {each.begun_at:%Y-%m-%d})  {each.keys} keys; {use}")
    for gone in standing.destroyed_epochs:
        say(f"  epoch {gone.number:<4} destroyed {gone.destroyed_at:%Y-%m-%d}")


def rotate(authority: str) -> None:
    """Begin a new epoch."""
    with _ring(authority) as ring:
        number = ring.begin_epoch()
    say(f"Epoch {number} has begun. `beforehand keys rewrap` brings the keys that stand under older ones.")


def rewrap(authority: str) -> None:
    """Wrap every key under the newest epoch."""
    with _ring(authority) as ring:
        with progress("Wrapping keys anew") as moved:
            rewrapped = ring.rewrap(moved)
        if rewrapped.refused:
            fail(
                f"{rewrapped.done} keys are wrapped under the newest epoch. {len(rewrapped.refused)} were altered in "
                "the key store, or stand in the place of another, and stay as they are: "
                f"{', '.join(rewrapped.refused[:20])}. "
                "Restore these rows from a copy of the key store, and find out who wrote to it."
            )
    say(f"{rewrapped.done} keys wrapped anew: all stand under the newest epoch.")


def destroy_epoch(authority: str, number: int) -> None:
    """Destroy an old epoch."""
    with _ring(authority) as ring:
        ring.destroy_epoch(number)
    say(f"Epoch {number} is destroyed. No copy of the key store from before its keys were wrapped anew can be used.")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
