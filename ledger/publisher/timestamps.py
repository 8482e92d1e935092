"""
Timestamps of a third kind of witness: RFC 3161, over the bytes of an anchor checkpoint, once a day. Off unless set up.

What an authority answers is verified against the roots that were set up for it before it is kept, and can be verified
again from what is kept, with tools that others wrote. Needs the dependency group `timestamps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx2
from cryptography.x509 import Certificate, load_pem_x509_certificates

from ledger.errors import TimestampRefused

_LONGEST_ANSWER: Final = 64 * 1024
_TIMEOUT: Final = 20.0


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority: what it is called here, where it is, and the roots its certificate must lead to."""

    name: str
    url: str
    roots: tuple[Certificate, ...]


def read_authorities(file: Path) -> list[Authority]:
    """Read the authorities that are set up: lines of name, address, and a file of root certificates (PEM) beside it."""
    authorities = []
    try:
        for line in file.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            name, url, roots = line.split()
            certificates = load_pem_x509_certificates((file.parent / roots).read_bytes())
            authorities.append(Authority(name, url, tuple(certificates)))
    except (OSError, ValueError) as error:
        raise TimestampRefused(
            f"The time-stamping authorities in {file.name} cannot be read ({type(error).__name__}). Write lines of a "
            "name, an address, and a file of root certificates beside it."
        ) from None
    return authorities


def ask(authority: Authority, message: bytes) -> tuple[datetime, bytes]:
    """Ask for a timestamp and give the time that it states (UTC) and its bytes, verified. Raises `TimestampRefused`."""
    library = _library()
    request = library.TimestampRequestBuilder(data=message, hash_algorithm=library.HashAlgorithm.SHA256).build()
    answer = _post(authority, request.as_bytes())
    return _verified(authority, answer, message, nonce=request.nonce), answer


def verify(authority: Authority, token: bytes, message: bytes) -> datetime:
    """Verify a kept timestamp over the same bytes and give the time that it states. Raises `TimestampRefused`."""
    return _verified(authority, token, message, nonce=None)


def _verified(authority: Authority, token: bytes, message: bytes, *, nonce: int | None) -> datetime:
    library = _library()
    builder = library.VerifierBuilder(roots=list(authority.roots), nonce=nonce)
    try:
        response = library.decode_timestamp_response(token)
        builder.build().verify_message(response, message)
        stated: datetime = response.tst_info.gen_time
    except (library.VerificationError, ValueError) as error:
        raise TimestampRefused(
            f"What {authority.name} answered is no timestamp of this checkpoint by a trusted certificate: {error}"
        ) from None
    return stated


def _post(authority: Authority, request: bytes) -> bytes:
    try:
        with httpx2.stream(
            "POST",
            authority.url,
            content=request,
            headers={"Content-Type": "application/timestamp-query", "Accept-Encoding": "identity"},
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        ) as answer:
            body = bytearray()
            for part in answer.iter_raw():
                body += part
                if len(body) > _LONGEST_ANSWER:
                    raise TimestampRefused(f"{authority.name} answers with more than any timestamp has.")
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as problem:
        raise TimestampRefused(f"{authority.name} cannot be reached ({type(problem).__name__}).") from None
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP's own number
        raise TimestampRefused(f"{authority.name} answered {answer.status_code}.")
    return bytes(body)


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        raise TimestampRefused(
            "Timestamps need the dependency group `timestamps`. Install it, or set up no authorities."
        ) from None
    return rfc3161_client
