"""
Keys: one data key per data subject, wrapped under a key-encryption key with epochs, in a store of their own.

`KeyRing` (`ring`) is what the ledger asks. Below it stand the rows (`store`, on the two `engines`), the key material
and what it is bound to (`material`), and those who keep key-encryption keys (`encryption_keys`: files; `kms`).

The store is never part of the log's database or of its backups: whoever holds a copy of one holds nothing without the
other. Destroying a key is what erasing a person is; destroying an epoch is what reaches the copies in backups.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ledger.errors import KeyStoreRefused
from ledger.keys import kms
from ledger.keys.encryption_keys import EncryptionKeys, FileKeys
from ledger.keys.engines import PostgresEngine, SqliteEngine
from ledger.keys.material import DataKey, Subject
from ledger.keys.ring import KeyRing, Progress, Rewrapped, Standing
from ledger.keys.store import KeyStore

__all__ = ["DataKey", "KeyRing", "Progress", "Rewrapped", "Standing", "Subject", "open_file_keys", "open_keys"]

_FILE: Final = "keys.sqlite"
_FOLDER_OF_EPOCHS: Final = "epochs"


def open_file_keys(folder: Path) -> KeyRing:
    """
    Open the keys in a folder, made where there is none: a file of SQLite, and beside it the key-encryption keys.

    Only this account can enter it. Raises `KeyringError`.
    """
    return KeyRing(KeyStore(SqliteEngine(folder / _FILE)), FileKeys(folder / _FOLDER_OF_EPOCHS))


def open_keys(where: str, ring: str, encryption_keys: str | None = None) -> KeyRing:
    """
    Open the keys of one log: `where` is a folder, or the address of a database of PostgreSQL that is not the log's.

    `ring` names the log's keys among others that stand there (a folder below, a schema). `encryption_keys` is a folder
    or `kms://REGION`; where nothing is given, they are files beside the store if that is a folder, and a database is
    refused. Raises `KeyringError`.
    """
    others = None if encryption_keys is None else _encryption_keys(encryption_keys, ring)
    if where.startswith(("postgresql://", "postgres://")):
        if others is None:
            raise KeyStoreRefused(
                "Keys in a database need a place for the key-encryption keys that is not that database. "
                "Name a folder or a KMS."
            )
        return KeyRing(KeyStore(PostgresEngine(where, f"keys_{ring}")), others)
    Path(where).mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(where) / ring
    return KeyRing(KeyStore(SqliteEngine(folder / _FILE)), others or FileKeys(folder / _FOLDER_OF_EPOCHS))


def _encryption_keys(where: str, ring: str) -> EncryptionKeys:
    if where.startswith(f"{kms.SCHEME}:"):
        return kms.kms_keys(where)
    return FileKeys(Path(where) / ring)
