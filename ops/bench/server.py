"""
The server under load: the product as `serve` runs it, and one address more that returns a constant.

Started by the benchmark as a process of its own. The constant goes through the same application, middleware included,
so that it costs what any answer costs before it says anything.
"""

from __future__ import annotations

import sys
from typing import Final

import uvicorn
from fastapi import Response

from api.app import create_app
from api.settings import Settings
from ops import logs
from ops.command_line.serving import server_of, settle

CONSTANT: Final = "/bench/constant"


def serve(authority: str, port: int) -> None:
    """Serve the product and the constant until interrupted."""
    settings = Settings(authority=authority, port=port)
    app = create_app(settings)

    @app.get(CONSTANT, include_in_schema=False)
    async def constant() -> Response:
        return Response(b'{"constant":true}', media_type="application/json")

    settle()
    uvicorn.Server(server_of(app, "127.0.0.1", port)).run()


if __name__ == "__main__":
    logs.configure(level=logs.WARNING)
    serve(sys.argv[1], int(sys.argv[2]))
