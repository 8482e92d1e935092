"""
The published log, joined to a server: its checkpoints and proofs for the doors, and the publisher where it runs inside.

Where a server is told of a lock store, it publishes itself: for one server this is all that is needed. A publisher on a
machine of its own (`beforehand ledger publish`) is what production has; then the server only reads what is published,
and needs the trust policy to believe it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final, Self

import psycopg
from psycopg_pool import ConnectionPool

from api.settings import Settings
from ledger.errors import KeyFileUnusable
from ledger.publisher.erasures import Erased
from ledger.publisher.published import Published
from ledger.publisher.publishing import Places, Publishing
from ledger.publisher.static_files import StaticFiles
from ledger.recorder import LogRecorder, connection_as
from ledger.register import Register
from ledger.verify import Refused, parse_policy

_CONNECTIONS: Final = 3
"""One for each thread of the publisher, and one to spare."""


class Publication:
    """What a server has of the published log, for the time of a `with`."""

    def __init__(
        self,
        published: Published,
        publishing: Publishing | None = None,
        pool: ConnectionPool[psycopg.Connection[Any]] | None = None,
    ) -> None:
        self.published = published
        self._publishing = publishing
        self._pool = pool
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the publisher, where it runs inside."""
        if self._publishing is not None and self._pool is not None:
            self._stack.enter_context(self._pool)
            self._stack.enter_context(self._publishing)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._stack.close()

    @property
    def doing(self) -> str | None:
        """Say what the publisher is doing, where it runs inside: see `ledger.publisher.publishing.State`."""
        return None if self._publishing is None else self._publishing.state.doing

    def ring(self) -> None:
        """Say that something was appended."""
        if self._publishing is not None:
            self._publishing.ring()

    def let_go(self) -> None:
        """Send home everybody who waits for an entry to be covered."""
        self.published.mark.let_go()


def places_of(settings: Settings) -> Places | None:
    """Give where the publisher keeps what; None where this server is not told to publish."""
    if settings.published is None or settings.lock_store is None or settings.signing_keys is None:
        return None
    return Places(
        settings.log_origin,
        settings.published,
        settings.lock_store,
        settings.signing_keys,
        settings.trust_policy,
        settings.timestamp_authorities,
    )


def erased_of(pool: ConnectionPool[psycopg.Connection[Any]], settings: Settings) -> Erased:
    """Give what the erasure register says, which needs no key but the log's name."""
    return Register(LogRecorder(pool, settings.authority), settings.log_origin).erasures


def publication_of(settings: Settings, now: Callable[[], datetime]) -> Publication | None:
    """
    Join the published log to a server; None where it is told of none.

    Raises `KeyFileUnusable` where keys or policy cannot be used, and what `Publishing` raises.
    """
    if settings.published is None:
        return None
    places = places_of(settings)
    if places is not None:
        pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            settings.database_url.get_secret_value(),
            min_size=1,
            max_size=_CONNECTIONS,
            open=False,
            kwargs=connection_as(settings.database_role),
        )
        publishing = Publishing(
            pool, settings.authority, places, now, erased=erased_of(pool, settings), beat_every=settings.cosign_every
        )
        return Publication(publishing.published, publishing, pool)
    if settings.trust_policy is None:
        raise KeyFileUnusable(
            "Nobody has said whose signatures on the published log are to be believed. Set BEFOREHAND_TRUST_POLICY to "
            "the policy file of the log, or BEFOREHAND_LOCK_STORE and BEFOREHAND_SIGNING_KEYS to publish here."
        )
    try:
        written = settings.trust_policy.read_bytes()
        policy = parse_policy(written)
    except (OSError, Refused) as refused:
        raise KeyFileUnusable(f"The trust policy cannot be used: {refused}") from None
    return Publication(Published(StaticFiles(settings.published), policy, written))
