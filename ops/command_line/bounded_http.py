"""
The head of a request, bounded in size and time.

uvicorn's fast parser takes headers of any size and waits for them for ever. This protocol counts the bytes until the
head is complete and ends the connection with an answer when there are too many or they do not come.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES: Final = 32_000
HEAD_SECONDS: Final = 15.0
CONNECTIONS: Final = 800
"""At most; an ordinary process may hold 1,024 files."""

_REFUSALS: Final = {
    400: ("bad_request", "The request cannot be read", "This is not HTTP as this server reads it."),
    408: ("too_slow", "Too slow", "The request did not arrive in time. Send it again."),
    431: ("headers_too_large", "Too large", f"The head of this request has more than {HEAD_BYTES} bytes. Shorten it."),
}
_REASONS: Final = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol, with a bound on the head."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head: int | None = 0
        """Bytes of the head so far; nothing while a body is read."""
        self._refusal = 400
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head, but not for ever."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.close()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431)

    def on_message_begin(self) -> None:
        """Begin another head."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Refuse a head that came at once and is too large all the same."""
        self._rest()
        self._head = None
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._refusal = 431
            raise ValueError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What follows is the next head."""
        self._head = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read with a problem, as every other request."""
        self._refuse(self._refusal)

    def _wait(self) -> None:
        self._rest()
        self._waiting = self.loop.call_later(self.head_seconds, self._give_up)

    def _rest(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if self._head:
            self._refuse(408)
        elif not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: int) -> None:
        code, title, detail = _REFUSALS[status]
        problem = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail}
        body = json.dumps(problem).encode()
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        if not self.transport.is_closing():
            self.transport.write(head.encode() + body)
            self.transport.close()
