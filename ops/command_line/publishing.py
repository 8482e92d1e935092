"""`beforehand ledger publish`, `status`, `scrub`: the published log of an authority."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import orjson
import psycopg
from psycopg_pool import ConnectionPool

from api.publication import erased_of, places_of
from api.settings import Settings
from ledger.errors import KeyFileUnusable
from ledger.publisher.kept import Kept, KeptCheckpoint
from ledger.publisher.lock_store import LockStore
from ledger.publisher.published import Published, PublishedCheckpoint
from ledger.publisher.publishing import STATUS, Places, Publishing, signing_keys, trust
from ledger.publisher.rows import Rows
from ledger.publisher.scrub import Scrub
from ledger.publisher.static_files import StaticFiles
from ledger.publisher.succession import publish_succession
from ledger.publisher.succession import succeed as begin_after
from ledger.recorder import CONNECTION, LogRecorder
from ledger.register import Register
from ledger.verify import Refused, parse_policy
from ops.authority import database, plain_errors, settings_of
from ops.command_line.speaking import fail, print_json, progress, say
from ops.storage.migrations import migrate


@dataclass(frozen=True, slots=True)
class Publisher:
    """What the commands work with: no key that anything is sealed with is among it."""

    settings: Settings
    places: Places
    pool: ConnectionPool[psycopg.Connection[Any]]


@contextmanager
def _publisher(authority: str) -> Iterator[Publisher]:
    with plain_errors(), database() as url:
        settings = settings_of(url, authority)
        places = places_of(settings)
        if places is None:
            raise KeyFileUnusable(
                "Say where the log is published: BEFOREHAND_PUBLISHED is the folder of its files, "
                "BEFOREHAND_LOCK_STORE that of the lock store (on another disk than the database), and "
                "BEFOREHAND_SIGNING_KEYS that of its keys."
            )
        with ConnectionPool(url, min_size=1, max_size=3, kwargs=CONNECTION) as pool:
            yield Publisher(settings, places, pool)


def publish(authority: str, every: float, *, once: bool) -> None:
    """Publish until interrupted, or once: read, sign, have it cosigned."""
    with _publisher(authority) as ready:
        erased = erased_of(ready.pool, ready.settings)
        publishing = Publishing(
            ready.pool, ready.settings.authority, ready.places, _now, erased=erased, beat_every=every
        )
        if once:
            signed, kept = publishing.once()
            say(f"Signed: {signed.size} entries. Cosigned: {_cosigned(kept)}.")
            return
        stopped = Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: stopped.set())
        with publishing:
            say(f"Publishing {ready.places.origin} in {ready.places.folder}. Ctrl+C stops; nothing is lost.")
            stopped.wait()


def show_status(authority: str, *, as_json: bool) -> None:
    """Show how far the log is, signed and cosigned, and what hinders."""
    with _publisher(authority) as ready:
        places = ready.places
        signer, anchor = signing_keys(places)
        written, policy = trust(places, signer, anchor)
        published = Published(StaticFiles(places.folder), policy, written)
        head = Rows(ready.pool, ready.settings.authority).head()
        with LockStore(places.lock, places.origin) as lock:
            signed = lock.read()
        kept = Kept(ready.pool, ready.settings.authority)
        cosigned, anchored = kept.latest_with_quorum(), kept.latest_anchor()
        latest = published.latest()
    state: dict[str, Any] = {}
    with suppress(OSError, orjson.JSONDecodeError):
        state = orjson.loads((places.lock / STATUS).read_bytes())
    if as_json:
        print_json(
            {
                "origin": places.origin,
                "key": signer.vkey,
                "anchorKey": anchor.vkey,
                "entries": head.size,
                "signed": signed.size,
                "published": latest.size if latest else None,
                "witnesses": [{"name": name, "key": str(key)} for name, key in policy.witnesses.items()],
                "cosigned": _kept_json(cosigned, published.cosigned()),
                "anchor": _kept_json(anchored, None),
                "publisher": state,
            }
        )
        return
    say(f"The log {places.origin} has {head.size} entries; {signed.size} of them are under a signed checkpoint.")
    say(f"  key       {signer.vkey}")
    if policy.witnesses:
        say(f"  cosigned  {_cosigned(cosigned)}")
    else:
        say("  cosigned  by nobody: no witness is set up. See ops/runbooks/witness.md.")
    doing = state.get("doing", "not started yet")
    said = f" ({state['code']}): {state['message']}" if state.get("message") else ""
    say(f"  publisher {doing}{said}")


def freeze(authority: str) -> None:
    """End a log: nothing more is signed in it. Prints its last checkpoint."""
    with _publisher(authority) as ready, LockStore(ready.places.lock, ready.places.origin) as lock:
        signed = lock.freeze()
    say(f"The log {ready.places.origin} ends with {signed.size} entries. Nothing more is signed in it.")
    print(signed.note, end="")  # noqa: T201 - it may be kept as a file


def succeed(checkpoint: Path, policy: Path, survived: int, authority: str) -> None:
    """Begin a new log that goes on from another, and publish what its first entry says."""
    try:
        note, old = checkpoint.read_bytes(), parse_policy(policy.read_bytes())
    except (OSError, Refused) as problem:
        fail(f"The old checkpoint or the old policy cannot be read: {problem}", 2)
    with _publisher(authority) as ready:
        recorder = LogRecorder(ready.pool, ready.settings.authority)
        with ready.pool.connection() as connection:
            migrate(connection, ready.settings.authority)
        recorder.begin(ready.places.origin)
        register = Register(recorder, ready.places.origin)
        ended = begin_after(register, Rows(ready.pool, ready.settings.authority), note, old, survived)
        publish_succession(register, StaticFiles(ready.places.folder))
    say(f"{ready.places.origin} goes on from {ended.origin}, which ended with {ended.size} entries.")


def scrub(authority: str, pause: float) -> None:
    """Hash every row and every published file again; exit code 1 where something is amiss."""
    with _publisher(authority) as ready:
        with LockStore(ready.places.lock, ready.places.origin) as lock:
            signed = lock.read()
        rows, files = Rows(ready.pool, ready.settings.authority), StaticFiles(ready.places.folder)
        one = Scrub(ready.places.origin, rows, files, signed, erased_of(ready.pool, ready.settings), _now)
        with progress("Reading all of the log") as moved:
            findings = list(one.run(moved, pause))
    for each in findings:
        say(each)
    if findings:
        fail(f"{len(findings)} findings in {signed.size} entries. Follow ops/runbooks/publisher-refuses.md.")
    say(f"All {signed.size} entries and all published files are what was signed.")


def _cosigned(kept: KeptCheckpoint | None) -> str:
    if kept is None:
        return "not yet"
    enough = "" if kept.quorum else ", but not by enough witnesses"
    return f"{kept.size} entries at {kept.made_at:%Y-%m-%d %H:%M:%S} UTC{enough}"


def _kept_json(kept: KeptCheckpoint | None, opened: PublishedCheckpoint | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    by = [{"name": each.by, "at": each.at} for each in opened.cosigned] if opened and opened.size == kept.size else []
    return {"size": kept.size, "madeAt": kept.made_at, "by": by}


def _now() -> datetime:
    return datetime.now(UTC)
