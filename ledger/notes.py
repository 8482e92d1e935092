"""
Signing: the keys of a log, a witness or an auditor, the files they are kept in, and the notes they sign.

Kinds of key are those of `verify`: Ed25519 for a log, and the cosignatures of tlog-cosignature, which state a time.
One key has one kind and one name for its whole life. A key file holds one line in the form that others write too,
`PRIVATE+KEY+name+id+base64(kind || seed)`, and nobody but its owner may read it.
"""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.errors import KeyFileUnusable
from ledger.verify import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    Checkpoint,
    Refused,
    VerifierKey,
    cosigned_text,
    cosigned_tree,
    from_base64,
    parse_checkpoint,
    valid_key_name,
)

__all__ = [
    "COSIGNATURE_ED25519",
    "COSIGNATURE_MLDSA44",
    "ED25519",
    "Signer",
    "add_signatures",
    "lines_by",
    "sign_checkpoint",
]

_SEED_SIZE: Final = 32
_OTHERS_MAY: Final = 0o077


class Signer:
    """A private key with its name and kind. Neither its text nor its errors ever show the key itself."""

    __slots__ = ("_key", "_seed", "key")

    def __init__(self, name: str, kind: int, seed: bytes) -> None:
        """Take the 32 bytes from which Ed25519 and ML-DSA-44 keys are made."""
        if not valid_key_name(name):
            raise ValueError("The name of a key has neither spaces nor plus in it, and is not empty.")
        if len(seed) != _SEED_SIZE:
            raise ValueError("A key is made from 32 bytes.")
        self._key: Ed25519PrivateKey | MLDSA44PrivateKey
        if kind in {ED25519, COSIGNATURE_ED25519}:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        elif kind == COSIGNATURE_MLDSA44:
            self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            raise ValueError("A key is Ed25519 (1), or for cosignatures Ed25519 (4) or ML-DSA-44 (6).")
        self._seed = seed
        self.key: Final = VerifierKey(name, kind, self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, kind: int) -> Signer:
        """Make a new key."""
        return cls(name, kind, os.urandom(_SEED_SIZE))

    @classmethod
    def load(cls, path: Path) -> Signer:
        """
        Read a key file.

        Raises KeyFileUnusable where it cannot be read, is damaged, or others may read it.
        """
        try:
            with path.open(encoding="utf-8") as file:
                if os.fstat(file.fileno()).st_mode & _OTHERS_MAY:
                    raise KeyFileUnusable(
                        f"Others may read the key file {path.name}. Run chmod 600 on it, and ask who did."
                    )
                words = file.read().removesuffix("\n").split("+", 4)
        except (OSError, UnicodeDecodeError):
            raise KeyFileUnusable(f"The key file {path.name} cannot be read. Check the name and whose it is.") from None
        try:
            private, word, name, key_id, encoded = words
            material = from_base64(encoded, "The key")
            signer = cls(name, material[0], material[1:])
        except (ValueError, IndexError, Refused):
            signer = None
        if signer is None or (private, word, key_id) != ("PRIVATE", "KEY", signer.key.id.hex()):
            raise KeyFileUnusable(f"The key file {path.name} is damaged. Bring it back from where a copy is kept.")
        return signer

    def save(self, path: Path) -> None:
        """
        Write the key to a new file that only its owner may read, and onto the disk.

        Raises FileExistsError rather than overwrite a key.
        """
        encoded = base64.b64encode(bytes([self.key.kind]) + self._seed).decode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"PRIVATE+KEY+{self.key.name}+{self.key.id.hex()}+{encoded}\n")
            file.flush()
            os.fsync(file.fileno())

    @property
    def name(self) -> str:
        """Give the name of the key: for a log, its origin."""
        return self.key.name

    @property
    def vkey(self) -> str:
        """Write the public key as it is handed round."""
        return str(self.key)

    def sign(self, text: str, time: int | None = None) -> str:
        """
        Give the line that signs a text: for cosignatures, the text of a checkpoint and the seconds since 1970.

        Raises ValueError where a time is given for a kind that states none, or missing for one that does.
        """
        if (self.key.kind == ED25519) != (time is None):
            raise ValueError("A cosignature states a time, and a log's own Ed25519 signature does not.")
        if time is None:
            signature = self._key.sign(text.encode())
        elif self.key.kind == COSIGNATURE_ED25519:
            signature = struct.pack(">Q", time) + self._key.sign(cosigned_text(time, text))
        else:
            message = cosigned_tree(self.key.name, time, parse_checkpoint(text))
            signature = struct.pack(">Q", time) + self._key.sign(message)
        return f"\N{EM DASH} {self.key.name} {base64.b64encode(self.key.id + signature).decode()}\n"

    def __repr__(self) -> str:
        return f"Signer({self.key})"


def sign_checkpoint(checkpoint: Checkpoint, signers: list[Signer], time: int) -> str:
    """Give the signed note of a checkpoint, with a line of each signer; `time` goes into those that state one."""
    text = str(checkpoint)
    return add_signatures(
        f"{text}\n", [each.sign(text, None if each.key.kind == ED25519 else time) for each in signers]
    )


def add_signatures(note: str, lines: list[str]) -> str:
    """Give a note with further signature lines, such as witnesses answer with, below those it has."""
    if any(not line.endswith("\n") or line.count("\n") != 1 for line in lines):
        raise ValueError("A signature is one line, with its end.")
    return note + "".join(lines)


def lines_by(note: str, keys: Iterable[VerifierKey]) -> list[str]:
    """Give the signature lines of a note that name one of the keys. Whether they hold is for `open_note` to say."""
    wanted = {(key.name, key.id) for key in keys}
    _, _, below = note.rpartition("\n\n")
    return [line for line in below.splitlines(keepends=True) if _signer_of(line) in wanted]


def _signer_of(line: str) -> tuple[str, bytes] | None:
    _, _, rest = line.rstrip("\n").partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        return name, from_base64(encoded, "A signature")[:4]
    except Refused:
        return None
