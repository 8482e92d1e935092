"""`beforehand serve`: the server, on this machine only until it can tell who is asking."""

from __future__ import annotations

import gc
from socket import socket

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from api.app import create_app
from api.settings import Settings
from domain.case.mending import field_problems
from ops.authority import Authority, authority, bring_up_to_date, plain_errors
from ops.command_line.bounded_http import BoundedHttp
from ops.command_line.speaking import fail, say


def serve(host: str, port: int, authority_name: str) -> None:
    """Serve an authority until interrupted."""
    with plain_errors(), authority(authority_name) as ready:
        refuse_unfinished(ready)
        bring_up_to_date(ready)
        run(ready.settings, host, port)


def refuse_unfinished(ready: Authority) -> None:
    """Show nobody what has been erased: it may have come back with a backup, or an erasure was broken off."""
    unfinished = ready.eraser.unfinished()
    if unfinished:
        fail(
            f"The erasure register names {unfinished.keys} keys that still exist and {unfinished.entries} entries that "
            "still have their text: a backup has brought them back, or an erasure was broken off. "
            f"Run `beforehand ledger replay-erasures --authority {ready.settings.authority}`, then start again."
        )


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted, and say the address once it answers."""
    try:
        checked = Settings.model_validate({**settings.model_dump(by_alias=True), "host": host, "port": port})
    except ValidationError as refused:
        (problem, *_) = field_problems(refused.errors(include_url=False, include_input=False))
        fail(problem.message.removeprefix("Value error, "), 2)
    app = create_app(checked)
    settle()
    _Announcing(server_of(app, host, port), app).run()


def settle() -> None:
    """
    Leave what the program itself is made of out of every later search for garbage, and search less often.

    An answer makes thousands of small values that nothing refers to when it is sent; they go at once, without a search.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def server_of(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """Say how an application is served."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        loop="uvloop",
        http=BoundedHttp,
    )


class _Announcing(uvicorn.Server):
    """Says where the pages are, once they can be opened."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the answers that would go on for long, then stop."""
        self._app.state.let_go()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        for server in getattr(self, "servers", []):
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                where = f"[{host}]" if ":" in host else host
                say(f"\nOpen http://{where}:{port}/ in a browser. Ctrl+C stops; nothing is lost.\n")
