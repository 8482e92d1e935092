"""
Whether a form was sent from a page of ours. THE ONE SEAM until sessions arrive.

With sessions a token joins these checks, here. Until then two things keep other sites from sending forms in a reader's
name: browsers say where a request comes from (`Sec-Fetch-Site`, and `Origin`, Fetch Standard), and what comes from
elsewhere is refused. A program that is no browser says neither, and has no reader's trust to abuse.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from api.pages.forms.typed import MEDIA_TYPE, MOST_BYTES, Typed, Unreadable
from api.pages.rendering import Amiss

_OURS: Final = frozenset({"same-origin", "none"})
_AGAIN: Final = "Nothing was recorded. Open the form again, and send it from there."


async def form_of(request: Request) -> Typed:
    """Read the form that was sent, or say on a page why it is not taken."""
    if not came_from_here(request):
        raise Amiss(403, "This form was sent from another site", _AGAIN)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Amiss(415, "This is not a form of ours", _AGAIN)
    try:
        return Typed.parse(await _body(request))
    except Unreadable:
        raise Amiss(400, "This form cannot be read", _AGAIN) from None


def came_from_here(request: Request) -> bool:
    """Tell whether the request comes from a page of this house, as far as a browser says where it comes from."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = request.headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    except ValueError:
        return False


async def _body(request: Request) -> bytes:
    """Take in a body up to the largest a form may have, and not one piece more."""
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > MOST_BYTES:
            raise Amiss(
                413,
                "This is too much for one form",
                "Nothing was recorded. Go back: what you typed is still there. Write less, or several entries.",
            )
    return bytes(held)
