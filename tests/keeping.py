"""A log of an authority that a test has made, with keys of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from api.casework import casework
from api.settings import Settings
from domain.case.fact import Fact
from ledger.keys import open_keys
from ledger.log import Log
from projections.registry import REGISTRY


@contextmanager
def kept_log(pool: ConnectionPool[psycopg.Connection[Any]], schema: str) -> Iterator[Log[Fact]]:
    """Give the log of an authority for the time of a `with`: begun, and put together as the product does."""
    settings = Settings(DATABASE_URL="postgresql:///unused", authority=schema)
    with closing(open_keys(settings.where_keys_are, schema)) as keys:
        kept: Log[Fact] = Log.of(schema, settings.log_origin, REGISTRY, keys)
        casework(pool, kept).begin()
        yield kept
