"""
Key material: data keys, the secrets of a subject, how both are wrapped, and what each is bound to.

AES-KW (RFC 3394) has no additional data, so what is wrapped is the key followed by a SHA-256 of what it is: the ring,
the subject, the key id and the version. A row put in the place of another unwraps and is refused all the same. AES-KW's
own check (64 bits) and the hash both have to hold.

Nothing here shows a key: not in `repr`, not in an exception.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from struct import Struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ledger.errors import KeyTampered

KEY_BYTES: Final = 32
SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12
_LENGTH: Final = Struct(">I").pack
WRAPPED_BYTES: Final = KEY_BYTES + 32 + 8
"""A key, the hash it is bound by, and the block that RFC 3394 adds."""


class DataKey:
    """One version of the data key of a subject: its id, and the cipher made of it once."""

    __slots__ = ("aead", "id")

    def __init__(self, id_: str, key: bytes) -> None:
        self.id: Final = id_
        self.aead: Final = AESGCM(key)

    def __repr__(self) -> str:
        return f"DataKey({self.id!r})"

    def __reduce__(self) -> str:
        raise TypeError("Key material is never written down like other objects.")


@dataclass(frozen=True, slots=True)
class Subject:
    """What belongs to one subject: the secrets of its tags, which never change, and its newest data key."""

    stream_secret: bytes = field(repr=False)
    subject_secret: bytes = field(repr=False)
    key: DataKey

    def __reduce__(self) -> str:
        raise TypeError("Key material is never written down like other objects.")


def framed(*parts: bytes) -> bytes:
    """Join parts so that no other parts make the same bytes: each after its length in four bytes, big-endian."""
    return b"".join([_LENGTH(len(part)) + part for part in parts])


def new_key_id() -> str:
    """Give a new key id: base64url of 16 random bytes, 22 characters."""
    return urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode("ascii")


def wrap(kek: bytes, key: bytes, what: bytes) -> bytes:
    """Wrap a key of 32 bytes under a key-encryption key, bound to what it is."""
    return aes_key_wrap(kek, key + sha256(what).digest())


def unwrap(kek: bytes, wrapped: bytes, what: bytes) -> bytes:
    """
    Unwrap a key that was wrapped as `what`.

    Raises `KeyTampered`, whose message does not say which key: the caller knows, and says so.
    """
    try:
        plain = aes_key_unwrap(kek, wrapped) if len(wrapped) == WRAPPED_BYTES else b""
    except InvalidUnwrap:
        plain = b""
    if not hmac.compare_digest(plain[KEY_BYTES:], sha256(what).digest()):
        raise KeyTampered("A wrapped key was altered, or stands in the place of another.") from None
    return plain[:KEY_BYTES]


def check_of(kek: bytes, what: bytes) -> bytes:
    """Give what shows later that a key-encryption key is the right one: the hash of what it is, wrapped under it."""
    return aes_key_wrap(kek, sha256(what).digest())


def passes(kek: bytes, check: bytes, what: bytes) -> bool:
    """Say whether a key-encryption key is the one that made a check."""
    try:
        return hmac.compare_digest(aes_key_unwrap(kek, check), sha256(what).digest())
    except InvalidUnwrap:
        return False


def _secrets_name(ring: bytes, subject: bytes, key_id: str) -> bytes:
    return framed(b"beforehand/secrets/1", ring, subject, key_id.encode("ascii"), b"stream_secret subject_secret")


def seal_secrets(key: DataKey, secrets: tuple[bytes, bytes], ring: bytes, subject: bytes) -> bytes:
    """Encrypt the stream secret and the subject secret, in this order, under a data key of the subject."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.aead.encrypt(nonce, b"".join(secrets), _secrets_name(ring, subject, key.id))


def open_secrets(key: DataKey, sealed: bytes, ring: bytes, subject: bytes) -> tuple[bytes, bytes]:
    """Decrypt the stream secret and the subject secret. Raises `KeyTampered`."""
    try:
        plain = key.aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _secrets_name(ring, subject, key.id))
    except (InvalidTag, ValueError):
        plain = b""
    if len(plain) != 2 * SECRET_BYTES:
        raise KeyTampered("The secrets of a subject were altered, or stand in the place of another's.") from None
    return plain[:SECRET_BYTES], plain[SECRET_BYTES:]
