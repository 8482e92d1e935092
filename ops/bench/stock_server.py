"""
The library's application behind the same framework, as its users would put it there.

Started by the benchmark as a process of its own. A request is read by FastAPI into the same command that ours takes,
and handled in a thread, since the library cannot do otherwise. There is less of it than of the product: no limits, no
problems in words, no reading strictly, no projections.
"""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import Body, FastAPI

from domain.case.command import Command
from domain.case.registry import COMMAND
from ops import logs
from ops.authority import database
from ops.bench.server import CONSTANT
from ops.bench.stock import DEFAULT, StockCases, environment
from ops.command_line.serving import settle


def application(cases: StockCases) -> FastAPI:
    """Give the door to the library's application."""
    app = FastAPI(openapi_url=None)

    @app.post("/cases/{case_id}", status_code=201)
    def record(case_id: UUID, body: dict[str, Any] = Body()) -> dict[str, str]:  # noqa: B008, FAST002 - its own way
        command: Command = COMMAND.validate_python(body)
        cases.handle(case_id, command)
        return {"case_id": str(case_id)}

    @app.get(CONSTANT)
    async def constant() -> dict[str, bool]:
        return {"constant": True}

    return app


def serve(schema: str, port: int) -> None:
    """Serve until interrupted."""
    with database() as url:
        cases = StockCases(environment(url, schema, DEFAULT, 1))
        settle()
        uvicorn.run(application(cases), host="127.0.0.1", port=port, log_config=None, access_log=False, loop="uvloop")
        cases.close()


if __name__ == "__main__":
    logs.configure(level=logs.WARNING)
    serve(sys.argv[1], int(sys.argv[2]))
