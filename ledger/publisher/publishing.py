"""
The publisher at work, for the time of a `with`: one thread publishes, another collects cosignatures.

The first is woken by a bell in its own process and looks once a second behind it. Whatever happens to either, the doors
go on taking entries; what stops the publisher is said in the log and in a file beside the lock store, for `status`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Self

import orjson
import psycopg
import structlog
from psycopg_pool import ConnectionPool

from ledger.errors import AnotherPublisher, KeyFileUnusable, LedgerError, LogBroken
from ledger.notes import COSIGNATURE_MLDSA44, ED25519, Signer
from ledger.progress import Progress
from ledger.publisher.beat import Beat
from ledger.publisher.erasures import Erased, none_erased
from ledger.publisher.kept import Kept, KeptCheckpoint
from ledger.publisher.lock_store import LockStore, Signed
from ledger.publisher.published import Published
from ledger.publisher.publisher import Publisher
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.publisher.timestamps import read_authorities
from ledger.publisher.witnesses import addresses, clients
from ledger.verify import Policy, Refused, parse_policy

POLL: Final = 1.0
BEAT: Final = 60.0
_AT_MOST_EVERY: Final = 0.2
"""Seconds between two rounds: under load one checkpoint covers what came meanwhile."""
_AFTER_A_FINDING: Final = 30.0
"""Seconds until the log is looked at again after something was found in it: a person has to act first."""
STATUS: Final = "status.json"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Places:
    """
    Where the publisher of one log keeps what.

    origin       the name of the log
    folder       the published files
    lock         the lock store: on another disk than the database, never brought back from a backup
    keys         the signing keys, `log.key` and `anchor.key`, made where the log begins
    policy       whose cosignatures are asked for and how many are enough (C2SP tlog-policy); none where there is none
    authorities  the time-stamping authorities (RFC 3161); none where there is none
    """

    origin: str
    folder: Path
    lock: Path
    keys: Path
    policy: Path | None = None
    authorities: Path | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the publisher is doing: publishing, waiting for another one, stopped by a finding, or hindered."""

    doing: str = "starting"
    code: str = ""
    message: str = ""
    since: str = ""


class Publishing:
    """Publishes one log in threads of its own."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        pool: ConnectionPool[psycopg.Connection[Any]],
        schema: str,
        places: Places,
        now: Callable[[], datetime],
        *,
        erased: Erased = none_erased,
        beat_every: float = BEAT,
    ) -> None:
        """Take up keys and policy. Raises `KeyFileUnusable`, `TimestampRefused`, `LogBroken` and `NotWritten`."""
        self._places = places
        self._now = now
        self._beat_every = beat_every
        self._pool, self._schema, self._erased = pool, schema, erased
        self._signer, self._anchor = signing_keys(places)
        written, self._policy = trust(places, self._signer, self._anchor)
        self._addresses = addresses(written)
        self._authorities = read_authorities(places.authorities) if places.authorities else []
        self.files = StaticFiles(places.folder)
        self.published = Published(self.files, self._policy, written)
        self.state = State()
        self._bell, self._stopping = Event(), Event()

    def __enter__(self) -> Self:
        """Start."""
        with ExitStack() as stack:
            self._prepare(stack)
            self._open = stack.pop_all()
        self._threads = [
            Thread(target=self._publish, name="publisher", daemon=True),
            Thread(target=self._cosign, name="witnesses", daemon=True),
        ]
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop after the round in hand, and write down how far the log was followed."""
        self._stopping.set()
        self._bell.set()
        for each in self._threads:
            each.join()
        with self._open, suppress(LedgerError):
            self._publisher.close()

    def once(self) -> tuple[Signed, KeptCheckpoint | None]:
        """Do one round and one beat, without threads. Raises what they raise."""
        with ExitStack() as stack:
            self._prepare(stack)
            signed = self._publisher.round()
            kept = self.beat.beat()
            self._publisher.close()
        return signed, kept

    def ring(self) -> None:
        """Say that something was appended."""
        self._bell.set()

    def let_go(self) -> None:
        """Send home everybody who waits for a leaf to be covered."""
        self.published.mark.let_go()

    def _prepare(self, stack: ExitStack) -> None:
        """Open what is written to, and make what does the work."""
        lock = stack.enter_context(LockStore(self._places.lock, self._places.origin))
        progress = stack.enter_context(Progress(self._places.lock / "progress.sqlite", self._places.origin))
        rows, kept = Rows(self._pool, self._schema), Kept(self._pool, self._schema)
        self._publisher = Publisher(self._signer, rows, self.files, lock, progress, self._now, self._erased)
        self.beat = Beat(
            self._publisher,
            kept,
            self._policy,
            clients(self._policy, self._addresses),
            self._now,
            anchor=self._anchor,
            authorities=self._authorities,
        )
        stack.callback(self.beat.close)

    def _publish(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            pause = POLL
            try:
                signed = self._publisher.round()
                self.published.mark.move(signed.size)
                self._does("publishing")
                self._stopping.wait(_AT_MOST_EVERY)
            except LogBroken as finding:
                self._does("stopped", finding)
                pause = _AFTER_A_FINDING
                self._bell.clear()
            except AnotherPublisher as other:
                self._does("waiting", other)
            except LedgerError as error:
                self._does("hindered", error)
            except Exception as problem:
                log.exception("publisher.failed", kind=type(problem).__name__)
                self._does("hindered", LedgerError(f"The publisher failed ({type(problem).__name__}); it tries again."))
            if pause == POLL:
                self._bell.wait(pause)
            else:
                self._stopping.wait(pause)

    def _cosign(self) -> None:
        while not self._stopping.wait(self._beat_every):
            if self.state.doing != "publishing":
                continue
            try:
                self.beat.beat()
            except LedgerError as error:
                log.warning("publisher.beat_missed", code=error.code, said=error.message)
            except Exception as problem:  # noqa: BLE001 - whatever it is, the next beat comes
                log.warning("publisher.beat_missed", kind=type(problem).__name__)

    def _does(self, doing: str, error: LedgerError | None = None) -> None:
        """Say what the publisher is doing, where that has changed."""
        code, message = (error.code, error.message) if error else ("", "")
        if (doing, code, message) == (self.state.doing, self.state.code, self.state.message):
            return
        self.state = State(doing, code, message, self._now().isoformat())
        tell = {"stopped": log.error, "hindered": log.warning}.get(doing, log.info)
        tell(f"publisher.{doing}", origin=self._places.origin, **({"code": code, "said": message} if error else {}))
        file = self._places.lock / STATUS
        with suppress(OSError):
            file.with_suffix(".new").write_bytes(orjson.dumps(asdict(self.state) | {"process": os.getpid()}))
            file.with_suffix(".new").replace(file)


def signing_keys(places: Places) -> tuple[Signer, Signer]:
    """
    Take up the keys of a log; make them where the log begins.

    Raises `KeyFileUnusable`, also where they are missing and something was signed with them already.
    """
    with LockStore(places.lock, places.origin) as lock:
        begun = bool(lock.read().note)
    return (
        _key(places.keys / "log.key", places.origin, ED25519, begun=begun),
        _key(places.keys / "anchor.key", places.origin, COSIGNATURE_MLDSA44, begun=begun),
    )


def trust(places: Places, signer: Signer, anchor: Signer) -> tuple[bytes, Policy]:
    """Give the policy of a log, as it is written and read; one that asks for no witness where none is set up."""
    default = f"log {signer.vkey}\nlog {anchor.vkey}\nquorum none\n".encode()
    try:
        written = places.policy.read_bytes() if places.policy else default
        policy = parse_policy(written)
    except OSError as error:
        raise KeyFileUnusable(f"The policy cannot be read ({error.strerror}).") from None
    except Refused as refused:
        raise KeyFileUnusable(f"The policy of the log is none. {refused.message}") from None
    if signer.key not in policy.logs:
        raise KeyFileUnusable(f"The policy does not trust this log's own key. Put in the line: log {signer.vkey}")
    return written, policy


def _key(file: Path, origin: str, kind: int, *, begun: bool) -> Signer:
    if file.exists():
        signer = Signer.load(file)
        if (signer.name, signer.key.kind) != (origin, kind):
            raise KeyFileUnusable(f"The key {file.name} belongs to {signer.name}, not to the log {origin}.")
        return signer
    if begun:
        raise KeyFileUnusable(
            f"The key {file.name} of the log {origin} is missing, and checkpoints were signed with it. "
            "Bring it back from where a copy is kept, or follow ops/runbooks/succession.md."
        )
    signer = Signer.generate(origin, kind)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        signer.save(file)
    except OSError as error:
        raise KeyFileUnusable(f"The key {file.name} cannot be written ({error.strerror}).") from None
    return signer
