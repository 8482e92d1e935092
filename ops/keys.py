"""
Reaching the keys of one authority from the command line and the server.

`BEFOREHAND_KEYS` names a folder, or a database of PostgreSQL that is not the log's. The embedded database has them in
the folder `keys` of its home where nothing is named; with a database of one's own they have to be named, so that nobody
keeps them in its backups by accident. `BEFOREHAND_KEY_ENCRYPTION_KEYS` names a folder or `kms://REGION`.
"""

from __future__ import annotations

import os

from ledger.errors import KeyStoreRefused
from ledger.keys import KeyRing, open_keys
from ops.postgres import default_home


def key_ring(authority: str) -> KeyRing:
    """Open the keys of an authority. Raises `KeyringError`."""
    named = os.environ.get("BEFOREHAND_KEYS")
    if not named and os.environ.get("DATABASE_URL"):
        raise KeyStoreRefused(
            "The database is your own, and the keys must not stand in it: its backups would hold both. Say where they "
            "are with BEFOREHAND_KEYS: a folder, or the address of another database."
        )
    encryption_keys = os.environ.get("BEFOREHAND_KEY_ENCRYPTION_KEYS") or None
    return open_keys(named or str(default_home() / "keys"), authority, encryption_keys)
