"""
Reaching one authority from the command line: its database started where it is ours, its schema up to date.

The database is the one `DATABASE_URL` names, else the embedded one, which runs for as long as somebody uses it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool
from pydantic import SecretStr

from api.casework import Casework, casework
from api.settings import Settings
from domain.case.fact import Fact
from ledger.erasure import Eraser
from ledger.errors import LedgerError
from ledger.keys import KeyRing, open_keys
from ledger.log import Log
from ledger.recorder import CONNECTION
from ops.command_line.speaking import fail, progress, say
from ops.postgres import LocalPostgres, PostgresError, default_home
from ops.storage.migrations import MigrationEdited, migrate
from projections.catalogue import PROJECTIONS
from projections.engine.forgetting import forgetting
from projections.engine.rebuild import rebuild
from projections.engine.runner import Runner
from projections.registry import REGISTRY


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority, ready to work with."""

    settings: Settings
    pool: ConnectionPool[psycopg.Connection[Any]]
    kept: Log[Fact]
    ledger: Casework
    runner: Runner
    keys: KeyRing

    @property
    def eraser(self) -> Eraser:
        """What erases in this authority's log, and in what was made of it."""
        return Eraser(self.pool, self.kept, self.keys, forgetting(self.kept.schema, PROJECTIONS))


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the rooms may raise into a sentence and exit code 1."""
    try:
        yield
    except (PostgresError, MigrationEdited, LedgerError) as error:
        fail(str(error))


@contextmanager
def database() -> Iterator[str]:
    """Give the address of the database for the time of a `with`, starting the embedded one where none is named."""
    if named := os.environ.get("DATABASE_URL"):
        yield named
        return
    with LocalPostgres(default_home()) as server:
        yield server.dsn


@contextmanager
def authority(name: str = "sample") -> Iterator[Authority]:
    """Give an authority for the time of a `with`: schema up to date, projections prepared."""
    with database() as url:
        settings = settings_of(url, name)
        with psycopg.connect(url, autocommit=True) as connection:
            migrate(connection, settings.authority)
        with (
            closing(open_keys(settings.where_keys_are, name, settings.key_encryption_keys)) as keys,
            ConnectionPool(url, min_size=1, max_size=4, kwargs=CONNECTION) as pool,
        ):
            kept = Log.of(name, settings.log_origin, REGISTRY, keys)
            ledger = casework(pool, kept)
            ledger.begin()
            runner = Runner(pool, kept, PROJECTIONS)
            runner.prepare()
            yield Authority(settings, pool, kept, ledger, runner, keys)


def key_ring(name: str) -> KeyRing:
    """Open the keys of an authority, without its database. Raises `KeyringError`."""
    settings = settings_of(os.environ.get("DATABASE_URL", "postgresql:///unused"), name)
    return open_keys(settings.where_keys_are, name, settings.key_encryption_keys)


def settings_of(url: str, name: str) -> Settings:
    """
    Give the settings of an authority.

    The embedded database has its keys, and its published log with all that belongs to it, beside it where nobody says
    otherwise.
    """
    settings = Settings(DATABASE_URL=url, authority=name)
    if "DATABASE_URL" in os.environ:
        return settings
    home = default_home()
    log = home / "log" / name
    beside: dict[str, SecretStr | Path] = {
        "keys": SecretStr(str(home / "keys")),
        "published": log / "published",
        "lock_store": log / "lock",
        "signing_keys": log / "signing",
    }
    return settings.model_copy(update={key: at for key, at in beside.items() if getattr(settings, key) is None})


def bring_up_to_date(ready: Authority) -> None:
    """
    Rebuild projections whose rows another version made, beside the live ones, and say so.

    After an upgrade this comes before anybody reads, so that nobody is shown what the older version made of the facts.
    """
    for projection in ready.runner.outdated():
        say(f"The rows of {projection.name} were made by another version: making them anew, beside those in use.")
        with progress(f"Rebuilding {projection.name}") as moved:
            rebuild(ready.pool, ready.kept, projection, moved)
