"""The HTTP door of a witness or an auditor (C2SP tlog-witness): two addresses, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ledger.errors import LedgerError
from ledger.witness import LONGEST_REQUEST, Answer, Cosigner

_TOO_LARGE: Final = Answer(413, f"A request has at most {LONGEST_REQUEST} bytes.\n".encode())
_BUSY: Final = 503


def cosigner_app(cosigner: Cosigner) -> Starlette:
    """Make the application. Each request has a thread: what it changes is on the disk before it is answered."""

    async def add_checkpoint(request: Request) -> Response:
        body = await _read(request)
        return _response(_TOO_LARGE if body is None else await _ask(lambda: cosigner.add_checkpoint(body)))

    async def checkpoint(request: Request) -> Response:
        return _response(await _ask(lambda: cosigner.checkpoint(request.path_params["origin_hash"])))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin_hash}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


def server_of(cosigner: Cosigner, host: str, port: int) -> uvicorn.Config:
    """Say how it is served."""
    return uvicorn.Config(
        cosigner_app(cosigner),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=64,
        timeout_keep_alive=75,
    )


async def _read(request: Request) -> bytes | None:
    """Read the body of a request; None where it is too long."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_REQUEST:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


async def _ask(question: Callable[[], Answer]) -> Answer:
    try:
        return await run_in_threadpool(question)
    except LedgerError as error:
        return Answer(_BUSY, f"{error.message}\n".encode())


def _response(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, headers={"Content-Type": answer.content_type})
