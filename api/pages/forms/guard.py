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
from starlette.exceptions import HTTPException

from api.pages.forms.typed import MEDIA_TYPE, Typed, Unreadable
from api.pages.rendering import Amiss

_OURS: Final = frozenset({"same-origin", "none"})
_TOO_LARGE: Final = 413
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
    """Take in a body. What is too much for any request (`api/limits.py`) is said here in the words of a form."""
    try:
        return await request.body()
    except HTTPException as refused:
        if refused.status_code != _TOO_LARGE:
            raise
        raise Amiss(
            _TOO_LARGE,
            "This is too much for one form",
            "Nothing was recorded. Go back: what you typed is still there. Write less, or several entries.",
        ) from None
