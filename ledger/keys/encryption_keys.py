"""
Key-encryption keys, one per epoch: where they are kept, and how they are destroyed.

The ring asks for a new one, for one by its epoch, and for the end of one. Whoever keeps them says where (`place`) and
may give the ring something to keep for it (`sealed`); neither is a secret.
"""

from __future__ import annotations

import os
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from ledger.errors import KeyEncryptionKeyMissing, KeyStoreRefused
from ledger.keys.engines import make_private
from ledger.keys.material import KEY_BYTES

_HEAD: Final = "beforehand/key-encryption-key/1"


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key-encryption key: where it is kept, what the key store keeps of it, and the key."""

    place: str
    sealed: bytes = field(repr=False)
    key: bytes = field(repr=False)


class EncryptionKeys(Protocol):
    """Keeps the key-encryption keys of a ring. `kind` is written beside each epoch."""

    kind: str

    def make(self, ring: bytes, epoch: int) -> MadeKey:
        """Make the key of an epoch, durably. Made again before it was begun, it may be the same one."""

    def open(self, ring: bytes, epoch: int, place: str, sealed: bytes) -> bytes:
        """Give the key of an epoch, 32 bytes. Raises `KeyEncryptionKeyMissing`."""

    def destroy(self, ring: bytes, epoch: int, place: str) -> None:
        """Destroy the key of an epoch. Where it is gone already, this is done."""


class FileKeys:
    """
    Key-encryption keys as files that only this account can read, one per epoch.

    Destroying overwrites the file and removes it. A disk that keeps old blocks (flash, snapshots, backups of this
    folder) may still hold it: where that matters, a KMS is the place.
    """

    kind = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = make_private(folder)

    def make(self, ring: bytes, epoch: int) -> MadeKey:
        """Make the file of an epoch, or take the one that is there: whoever links it first has made it."""
        name = f"epoch-{epoch:04}.key"
        draft = self._folder / f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
        line = f"{_HEAD} {epoch} {urlsafe_b64encode(os.urandom(KEY_BYTES)).decode('ascii')}\n"
        with _file_errors(epoch):
            _write_durably(draft, line.encode("ascii"))
            with suppress(FileExistsError):
                os.link(draft, self._folder / name)
            draft.unlink()
            _flush_folder(self._folder)
        return MadeKey(name, b"", self.open(ring, epoch, name, b""))

    def open(self, ring: bytes, epoch: int, place: str, sealed: bytes) -> bytes:
        """Read the file of an epoch. Raises `KeyEncryptionKeyMissing`, `KeyStoreRefused` where others can read it."""
        with _file_errors(epoch):
            file = self._folder / Path(place).name
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise KeyStoreRefused(
                    f"The file of the key-encryption key of epoch {epoch} can be read by other accounts. "
                    "Make it private (chmod 600), find out who read it, and begin a new epoch."
                )
            words = file.read_bytes().decode("ascii", "replace").split()
            try:
                key = urlsafe_b64decode(words[2]) if words[:2] == [_HEAD, str(epoch)] else b""
            except (NotBase64, IndexError, ValueError):
                key = b""
            if len(key) != KEY_BYTES:
                raise KeyEncryptionKeyMissing(
                    f"The file of the key-encryption key of epoch {epoch} does not hold one. Put the right file back."
                )
            return key

    def destroy(self, ring: bytes, epoch: int, place: str) -> None:
        """Overwrite the file of an epoch and remove it."""
        with _file_errors(epoch), suppress(FileNotFoundError):
            file = self._folder / Path(place).name
            with file.open("r+b") as opened:
                opened.write(bytes(file.stat().st_size))
                opened.flush()
                os.fsync(opened.fileno())
            file.unlink()
            _flush_folder(self._folder)


@contextmanager
def _file_errors(epoch: int) -> Iterator[None]:
    """Say what is amiss with the file of an epoch, without its path."""
    try:
        yield
    except OSError as error:
        raise KeyEncryptionKeyMissing(
            f"The key-encryption key of epoch {epoch} cannot be read or written (error {error.errno}). "
            "Put its file back from where key-encryption keys are kept. If the epoch was destroyed on purpose, this "
            "key store is older than that: take a newer copy of it."
        ) from None


def _write_durably(file: Path, content: bytes) -> None:
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(opened, content)
        os.fsync(opened)
    finally:
        os.close(opened)


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
