"""
What can go wrong in the ledger.

    LedgerError
    ├── VersionConflict    somebody else appended to the stream first
    ├── UnknownTopic       stored text names a kind of fact that is not in the closed registry
    ├── UnreadableEntry    stored bytes do not make the fact their topic promises
    ├── EntryTooLarge      a fact is larger than the ledger takes
    ├── KeyFileUnusable    a signing key cannot be read from its file, or others could
    └── LedgerUnavailable  the database cannot be reached or did not answer in time

No message carries anything from inside a fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import psycopg
from psycopg_pool import PoolTimeout


class LedgerError(Exception):
    """Something the ledger could not do."""

    code: ClassVar[str] = "ledger_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class VersionConflict(LedgerError):  # noqa: N818 - a conflict is an answer, not a fault
    """Somebody else appended to the stream first."""

    code = "version_conflict"


class UnknownTopic(LedgerError):  # noqa: N818 - names the finding
    """Stored text names a kind of fact that is not in the registry."""

    code = "unknown_topic"


class UnreadableEntry(LedgerError):  # noqa: N818 - names the finding
    """Stored bytes do not make the fact their topic promises."""

    code = "unreadable_entry"


class EntryTooLarge(LedgerError):  # noqa: N818 - names the finding
    """A fact is larger than the ledger takes."""

    code = "entry_too_large"


class KeyFileUnusable(LedgerError):  # noqa: N818 - names the finding
    """A signing key cannot be read from its file, or others than its owner could."""

    code = "key_file_unusable"


class LedgerUnavailable(LedgerError):  # noqa: N818 - names the finding
    """The database cannot be reached, or did not answer in time."""

    code = "ledger_unavailable"


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn what the database answers with into errors of ours. Its own text quotes rows, so none of it goes on."""
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout):
        raise LedgerUnavailable("The database cannot be reached, or did not answer in time. Try again.") from None
    except psycopg.Error as error:
        raise LedgerError(f"The database refused this (SQLSTATE {error.sqlstate}).") from None
