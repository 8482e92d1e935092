"""
What a request may cost: the size of its address and body, the time it takes to arrive, how many are in hand at once.

Pure ASGI, around everything else. A body is counted as it is read, whatever its length was said to be, and no further
than it may go; what is refused is told by the same handlers as every other problem. Sizes of the head (address and
headers together) are bounded before this, by the server's protocol (`ops/command_line/bounded_http.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem

Tell = Callable[[Request, Problem], Response]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request may cost."""

    body_bytes: int = 1_000_000
    """A command of the largest size has some 250 kB."""
    body_seconds: float = 30.0
    """From the first look at the body to its end."""
    address_bytes: int = 8_000
    at_once: int = 256
    """Requests in hand. More are turned away at once, instead of waiting until nobody is there for their answer."""


LINGER_SECONDS: Final = 2.0
LINGER_BYTES: Final = 16_000_000
"""How much of a refused body is read and thrown away, so that its sender gets to see the answer."""


class Limits:
    """Holds every request to its bounds."""

    def __init__(self, app: ASGIApp, tell: Tell, bounds: Bounds | None = None) -> None:
        self._app = app
        self._tell = tell
        self._bounds = bounds or Bounds()
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse at once, or pass on and count what arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _unreadable(scope, self._bounds)
        if refusal is None and self._in_hand >= self._bounds.at_once:
            refusal = Problem(503, "too_busy", "This server has as much in hand as it takes. Ask again in a moment.")
        body = _Body(scope, receive, self._bounds)
        sending = _Sending(send, body)
        if refusal is not None:
            await self._tell(Request(scope, receive), refusal)(scope, receive, sending)
            return
        self._in_hand += 1
        try:
            await self._app(scope, body, sending)
        finally:
            self._in_hand -= 1


def _unreadable(scope: Scope, bounds: Bounds) -> Problem | None:
    """Give the problem of an address that is too long, or holds what no address of ours does."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    if len(path) + len(query) > bounds.address_bytes:
        return Problem(
            414,
            "address_too_long",
            f"This address is longer than {bounds.address_bytes} characters. Send what is long in a body.",
        )
    if b"\0" in unquote_to_bytes(path) or b"\0" in unquote_to_bytes(query):
        return Problem(400, "bad_request", "This address holds a character that no text has (%00). Leave it out.")
    return None


class _Body:
    """The body as it arrives, counted and timed. What is too much ends the reading, and is told by the handlers."""

    def __init__(self, scope: Scope, receive: Receive, bounds: Bounds) -> None:
        headers = dict(scope["headers"])
        self._receive = receive
        self._bounds = bounds
        self._stated = _length(headers.get(b"content-length"))
        self._encoded = headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity")
        self._taken = 0
        self._ends_at: float | None = None
        self.refused = False

    async def __call__(self) -> Message:
        """Give the next part, within the bounds."""
        if self._encoded:
            self._refuse(415)
        if self._stated is not None and self._stated > self._bounds.body_bytes:
            self._refuse(413)
        now = asyncio.get_running_loop().time()
        if self._ends_at is None:
            self._ends_at = now + self._bounds.body_seconds
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            self._refuse(408)
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            if self._taken > self._bounds.body_bytes:
                self._refuse(413)
            if not message.get("more_body", False):
                self._ends_at = float("inf")  # what is awaited from here on is that the client goes away
        return message

    def _refuse(self, status: int) -> None:
        self.refused = True
        raise HTTPException(status)

    async def drain(self) -> None:
        """Throw away what still comes, for a little while, so that the answer is not lost with the connection."""
        taken = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while taken < LINGER_BYTES:
                    message = await self._receive()
                    taken += len(message.get("body", b""))
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        return


class _Sending:
    """The answer as it goes. After a refused body the connection ends, once the sender has had time to see why."""

    def __init__(self, send: Send, body: _Body) -> None:
        self._send = send
        self._body = body

    async def __call__(self, message: Message) -> None:
        """Send the next part."""
        if not self._body.refused:
            await self._send(message)
        elif message["type"] == "http.response.start":
            await self._send({**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]})
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._body.drain()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _length(stated: bytes | None) -> int | None:
    return int(stated) if stated is not None and stated.isdigit() else None
