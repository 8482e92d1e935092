"""
What can go wrong in the ledger.

    LedgerError
    ├── VersionConflict    somebody else appended to the stream first
    ├── UnknownTopic       stored text names a kind of fact that is not in the closed registry
    ├── UnreadableEntry    stored bytes do not make the fact their topic promises
    ├── BrokenSeal         stored bytes are not what was sealed
    ├── OtherLog           the database holds the log of another origin
    ├── EntryTooLarge      a fact is larger than the ledger takes
    ├── KeyFileUnusable    a signing key cannot be read from its file, or others could
    ├── LogBroken          the log is not what it was, or not what it must be: nothing is signed over it
    ├── AnotherPublisher   somebody else publishes this log
    ├── NotWritten         a file of the published log, the lock store or a state cannot be written
    ├── SourceUnreadable   a published log cannot be read as one
    ├── TimestampRefused   a time-stamping authority gave nothing that holds
    ├── NothingThere       what was to be erased or taken out is not there
    ├── RegisterUnreadable a copy of the erasure register is not one
    ├── LedgerUnavailable  the database cannot be reached or did not answer in time
    └── KeyringError       something the keys could not do
        ├── KeyDestroyed            the key was destroyed, for good, and what it sealed with it
        ├── KeyUnknown              the key store never had this key
        ├── KeyStoreUnavailable     the key store cannot be reached, or did not answer in time
        ├── KeyStoreRefused         the key store stands where it must not, or is open to others
        ├── KeyTampered             what the key store keeps was altered or put in another's place
        ├── WrongKeyEncryptionKey   the key-encryption key is not the one the key store was begun with
        ├── KeyEncryptionKeyMissing the key-encryption key of an epoch cannot be had
        └── EpochInUse              keys are still wrapped under the epoch that was to be destroyed

No message carries anything from inside a fact.
"""

from __future__ import annotations

import sqlite3
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


class BrokenSeal(LedgerError):  # noqa: N818 - names the finding
    """Stored bytes are not what was sealed. The message goes on from "is not what was sealed:"."""

    code = "broken_seal"


class OtherLog(LedgerError):  # noqa: N818 - names the finding
    """The database holds the log of another origin."""

    code = "other_log"


class EntryTooLarge(LedgerError):  # noqa: N818 - names the finding
    """A fact is larger than the ledger takes."""

    code = "entry_too_large"


class KeyFileUnusable(LedgerError):  # noqa: N818 - names the finding
    """A signing key cannot be read from its file, or others than its owner could."""

    code = "key_file_unusable"


class LogBroken(LedgerError):  # noqa: N818 - names the finding
    """
    The log is not what it was, or not what it must be.

    `code` says in which way, and `index` at which leaf, counted from 0, where one can be named.
    """

    def __init__(self, code: str, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # one kind of error with several findings
        self.index = index


class AnotherPublisher(LedgerError):  # noqa: N818 - an answer, not a fault
    """Somebody else publishes this log, or has signed meanwhile."""

    code = "another_publisher"


class NotWritten(LedgerError):  # noqa: N818 - names the finding
    """A file of the published log, the lock store or a state cannot be written."""

    code = "not_written"


@contextmanager
def disk_errors(what: str, then: str) -> Iterator[None]:
    """Turn what a file of SQLite or its disk answers with into `NotWritten`: what cannot be, and what then."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise NotWritten(f"{what} ({type(error).__name__}: {error}). {then}") from None


class SourceUnreadable(LedgerError):  # noqa: N818 - names the finding
    """A published log cannot be read as one."""

    code = "source_unreadable"


class TimestampRefused(LedgerError):  # noqa: N818 - names the finding
    """A time-stamping authority gave nothing that holds."""

    code = "timestamp_refused"


class NothingThere(LedgerError):  # noqa: N818 - names the finding
    """What was to be erased or taken out is not there, or has gone already."""

    code = "nothing_there"


class RegisterUnreadable(LedgerError):  # noqa: N818 - names the finding
    """A copy of the erasure register is not one."""

    code = "register_unreadable"


class LedgerUnavailable(LedgerError):  # noqa: N818 - names the finding
    """The database cannot be reached, or did not answer in time."""

    code = "ledger_unavailable"


class KeyringError(LedgerError):
    """Something the keys could not do. No message holds anything of a key or of whose it is."""

    code = "keyring_error"


class KeyDestroyed(KeyringError):  # noqa: N818 - names the finding
    """The key was destroyed, for good, and what it sealed with it."""

    code = "key_destroyed"


class KeyUnknown(KeyringError):  # noqa: N818 - names the finding
    """The key store never had this key."""

    code = "key_unknown"


class KeyStoreUnavailable(KeyringError):  # noqa: N818 - names the finding
    """The key store cannot be reached, or did not answer in time."""

    code = "key_store_unavailable"


class KeyStoreRefused(KeyringError):  # noqa: N818 - names the finding
    """The key store stands where it must not, or is open to others."""

    code = "key_store_refused"


class KeyTampered(KeyringError):  # noqa: N818 - names the finding
    """What the key store keeps was altered, or put in the place of another."""

    code = "key_tampered"


class WrongKeyEncryptionKey(KeyringError):  # noqa: N818 - names the finding
    """The key-encryption key is not the one the key store was begun with."""

    code = "wrong_key_encryption_key"


class KeyEncryptionKeyMissing(KeyringError):  # noqa: N818 - names the finding
    """The key-encryption key of an epoch cannot be had."""

    code = "key_encryption_key_missing"


class EpochInUse(KeyringError):  # noqa: N818 - names the finding
    """Keys are still wrapped under the epoch that was to be destroyed, or it is the newest."""

    code = "epoch_in_use"


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn what the database answers with into errors of ours. Its own text quotes rows, so none of it goes on."""
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout):
        raise LedgerUnavailable("The database cannot be reached, or did not answer in time. Try again.") from None
    except psycopg.Error as error:
        raise LedgerError(f"The database refused this (SQLSTATE {error.sqlstate}).") from None
