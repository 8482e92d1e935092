"""Running a server as a process of its own, for as long as it is asked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from api.settings import Settings
from ops.bench.server import CONSTANT
from ops.command_line.speaking import fail

PATIENCE_SECONDS: Final = 60


@contextmanager
def serving(module: str, settings: Settings) -> Iterator[str]:
    """Run the server of a module for the time of a `with`, for an authority, and give its address."""
    port = _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "BEFOREHAND_KEYS": settings.where_keys_are,
    }
    command = [sys.executable, "-P", "-m", module, settings.authority, str(port)]
    server = subprocess.Popen(command, env=environment)  # noqa: S603 - our own program
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(base, server)
        yield base
    finally:
        server.terminate()
        server.wait()


def _wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(base + CONSTANT, timeout=1).close()  # noqa: S310 - our own server
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    fail("The server of the benchmark does not answer. See above what it says.")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
