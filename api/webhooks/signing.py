"""
The signature of a call, by the Standard Webhooks specification.

A receiver with the secret recomputes it over `id.timestamp.body`, compares in constant time, and turns away what is
older than a few minutes. While a secret is being changed, both sign.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

_BYTES: Final = 32
_PREFIX: Final = "whsec_"


def new_secret() -> bytes:
    """Make a secret."""
    return secrets.token_bytes(_BYTES)


def secret_text(secret: bytes) -> str:
    """Write a secret as it is handed out, once."""
    return _PREFIX + base64.b64encode(secret).decode()


def headers(message_id: str, timestamp: int, body: bytes, secrets_: Iterable[bytes]) -> dict[str, str]:
    """Give the headers of a call at a time (seconds since 1970)."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = ["v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets_]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
