"""The bounds themselves, with small ones: time, number, size."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI, Request, Response

from api.limits import Bounds, Limits
from api.problems import install

SMALL = Bounds(body_bytes=100, body_seconds=0.05, address_bytes=200, at_once=2)


class Door:
    """An application behind the limits, with a door that reads its body and one that waits until it is let go."""

    def __init__(self) -> None:
        app = FastAPI()
        self.entered = 0
        self.full = asyncio.Event()
        self.go_on = asyncio.Event()
        tell = install(app, lambda _request, _problem: Response("a page", 500))

        @app.post("/read")
        async def read(request: Request) -> Response:
            return Response(str(len(await request.body())))

        @app.get("/wait")
        async def wait() -> Response:
            self.entered += 1
            if self.entered == SMALL.at_once:
                self.full.set()
            await self.go_on.wait()
            return Response("done")

        self.app = Limits(app, tell, SMALL)

    async def ask(self, method: str, path: str, *parts: bytes | None, **headers: str) -> tuple[int, bytes]:
        """Ask, with a body in parts; nothing as a part means: no more comes, and the line stays open."""
        sent: list[Any] = []
        coming = [
            {"type": "http.request", "body": part, "more_body": nth < len(parts)}
            for nth, part in enumerate(parts, 1)
            if part is not None
        ] or [{"type": "http.request", "body": b"", "more_body": None in parts}]

        async def receive() -> Any:
            if coming:
                return coming.pop(0)
            return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        path, _, query = path.partition("?")
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "scheme": "http", "http_version": "1.1",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "server": ("here", 80), "client": ("there", 1),
        }  # fmt: skip
        await self.app(scope, receive, send)
        return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


def test_a_body_is_counted_as_it_comes() -> None:
    """Up to the bound it is read; one byte more, in whatever parts and whatever was said, and it is not."""

    async def story() -> None:
        door = Door()
        assert await door.ask("POST", "/read", b"x" * 60, b"x" * 40) == (200, b"100")
        assert (await door.ask("POST", "/read", b"x" * 60, b"x" * 41))[0] == 413
        assert (await door.ask("POST", "/read", b"x" * 60, b"x" * 41, content_length="100"))[0] == 413
        assert (await door.ask("POST", "/read", b"", content_length="101"))[0] == 413
        assert (await door.ask("POST", "/read", b"x", content_encoding="gzip"))[0] == 415
        assert await door.ask("POST", "/read", b"x", content_encoding="identity") == (200, b"1")

    asyncio.run(story())


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """Whoever sends a byte now and then, or none at all, holds nothing for long, and is told."""

    async def story() -> None:
        door = Door()
        status, body = await door.ask("POST", "/read", b"x", None, content_length="50")
        assert status == 408
        assert b"/problems/too_slow" in body

    asyncio.run(story())


def test_more_at_once_than_can_be_served_are_turned_away() -> None:
    """At once and with the time to come back; when there is room again, the next one is served."""

    async def story() -> None:
        door = Door()
        waiting = [asyncio.create_task(door.ask("GET", "/wait")) for _ in range(SMALL.at_once)]
        await door.full.wait()

        status, body = await door.ask("GET", "/wait")
        assert (status, door.entered) == (503, SMALL.at_once)
        assert b"/problems/too_busy" in body

        door.go_on.set()
        assert [await each for each in waiting] == [(200, b"done")] * SMALL.at_once
        assert await door.ask("GET", "/wait") == (200, b"done")

    asyncio.run(story())


def test_an_address_has_a_length_and_no_nul() -> None:
    """Counted with the question behind it."""

    async def story() -> None:
        door = Door()
        assert (await door.ask("GET", "/nothing?" + "a" * 100))[0] == 404
        assert (await door.ask("GET", "/nothing?" + "a" * 200))[0] == 414
        assert (await door.ask("GET", "/no%00thing"))[0] == 400
        assert (await door.ask("GET", "/nothing?a=%00"))[0] == 400

    asyncio.run(story())
