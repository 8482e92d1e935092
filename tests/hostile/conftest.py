"""A real server in a process of its own, spoken to byte by byte."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from ops.storage.migrations import migrate

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
"""Seconds after which a test gives up waiting; no promise is about time."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> dict[str, Any]:
        """The problem it is, in the one form that problems have."""
        assert self.headers["content-type"] == "application/problem+json", self
        said: dict[str, Any] = json.loads(self.body)
        assert said["status"] == self.status
        assert said["type"].startswith("/problems/")
        assert len(said["detail"]) > 20
        return said


@dataclass
class Server:
    """A server of a test's own, by its port and its process."""

    port: int
    process: subprocess.Popen[str]
    logged: list[str]
    reader: Thread

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def say(self, *parts: bytes) -> Answer:
        """Send bytes as they are and read one answer; a connection that ends early is no reason to stop reading."""
        with self.connect() as line:
            try:
                for part in parts:
                    line.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return read_answer(line)

    def get(self, address: str, **headers: str) -> Answer:
        """Ask for an address."""
        return self.say(request("GET", address, **headers))

    def post(self, address: str, body: Any) -> Answer:
        """Send JSON."""
        data = json.dumps(body).encode()
        return self.say(request("POST", address, content_type="application/json", content_length=str(len(data))), data)

    def resident_kb(self) -> int:
        """Give the memory the process holds, by the kernel."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1])

    def still_serves(self) -> None:
        """The next request is answered."""
        assert self.get("/v1/cases").status == 200


def request(method: str, address: str, **headers: str) -> bytes:
    """Write the head of a request; the connection ends after the answer."""
    lines = [f"{method} {address} HTTP/1.1", "host: localhost", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def read_answer(line: socket.socket) -> Answer:
    """Read one answer to its end."""
    held = b""
    while b"\r\n\r\n" not in held:
        held += (more := line.recv(65536))
        assert more, f"the connection ended before an answer: {held[:200]!r}"
    head, _, body = held.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        body += (more := line.recv(65536))
        assert more, "the answer was cut off"
    return Answer(int(first.split()[1]), headers, body)


def start(database: str, authority: str) -> Server:
    """Start a server and wait until it says where it is."""
    environment = {**os.environ, "DATABASE_URL": database, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "ops", "serve", "--port", "0", "--authority", authority]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    logged: list[str] = []
    for line in process.stdout:
        logged.append(line)
        if (found := re.search(r"http://127\.0\.0\.1:(\d+)/", line)) is not None:
            reader = Thread(target=lambda: logged.extend(process.stdout or ()))
            reader.start()
            return Server(int(found[1]), process, logged, reader)
    raise AssertionError("".join(logged))


def stop(server: Server) -> None:
    """End a server."""
    server.process.terminate()
    server.process.wait(PATIENCE)
    server.reader.join()
    if server.process.stdout is not None:
        server.process.stdout.close()


@pytest.fixture(scope="module")
def authority(database: str) -> Iterator[str]:
    """The schema of an authority of one module of tests."""
    name = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, name)
    yield name
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(scope="module")
def server(database: str, authority: str) -> Iterator[Server]:
    """A server in a process of its own."""
    running = start(database, authority)
    yield running
    stop(running)


@pytest.fixture(scope="module")
def client(database: str, authority: str) -> Iterator[TestClient]:
    """The application in this process, its projections following."""
    app = create_app(Settings(DATABASE_URL=database, authority=authority, pool_size=2))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def head(database: str, authority: str) -> Callable[[], int]:
    """Gives how many facts the log of the authority holds."""

    def size() -> int:
        with psycopg.connect(database, autocommit=True) as connection:
            row = connection.execute(f"SELECT size FROM {authority}.head").fetchone()
        assert row is not None
        return int(row[0])

    return size
