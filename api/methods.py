"""
HEAD and OPTIONS, for every address: HEAD is GET without its body, OPTIONS says what an address takes.

RFC 9110 sections 9.3.2, 9.3.7 and 10.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_ONLY: Final = "beforehand.head_only"
"""In the scope of a GET whose body nobody will read: what would go on for long may end at once."""

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed(routes: Iterable[BaseRoute], scope: Scope) -> list[str]:
    """Give the methods an address takes, nothing where there is no such address."""
    there = list(routes)
    methods = [
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in there)
    ]
    if not methods:
        return []
    return [*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]


class Methods:
    """Answers HEAD and OPTIONS in front of an application."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application do it."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self.app({**scope, "method": "GET", HEAD_ONLY: True}, receive, _without_body(send))
        elif scope["type"] == "http" and scope["method"] == "OPTIONS" and (allow := allowed(self.routes, scope)):
            headers = [(b"allow", ", ".join(allow).encode())]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self.app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sent


def head_only(scope: Any) -> bool:
    """Tell whether only the head of an answer was asked for."""
    return bool(scope.get(HEAD_ONLY))
