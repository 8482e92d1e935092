"""A server of the test's own authority, asked as a program would."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings


@pytest.fixture
def client(database: str, schema: str) -> Iterator[TestClient]:
    """The application over a real database, its projections following."""
    app = create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=2))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def served(database: str, schema: str) -> Iterator[str]:
    """The application behind a real socket, as `beforehand serve` runs it; gives its address."""
    app = create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=4))
    with serving(app) as address:
        yield address


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine, and stop it as the product does."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    thread = Thread(target=server.run, args=([listening],), name="server")
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.01)
        host, port = listening.getsockname()[:2]
        yield f"http://{host}:{port}"
    finally:
        app.state.let_go()
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def open_case(client: TestClient) -> Callable[..., str]:
    """Opens a case and gives its identifier."""

    def opened(**body: Any) -> str:
        answer = client.post("/v1/cases", json={"do": "open_case", "child": "Mina", "born": "2015-06-01", **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_id"])

    return opened


@pytest.fixture
def record(client: TestClient) -> Callable[..., Any]:
    """Records something in a case and gives what came back, which has to be a success."""

    def recorded(case: str, do: str, **body: Any) -> Any:
        answer = client.post(f"/v1/cases/{case}/commands", json={"do": do, **body})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return recorded


@pytest.fixture
def settled(client: TestClient) -> Callable[[str, int], Any]:
    """Reads a case once its projections have reached a version: the list is made of rows, and of nothing else."""

    def read(case: str, version: int) -> Any:
        for _ in range(400):
            listed = client.get("/v1/cases", params={"limit": 100}).json()["cases"]
            if any(each["case_id"] == case and each["version"] >= version for each in listed):
                return client.get(f"/v1/cases/{case}").json()
        raise AssertionError(f"{case} did not reach version {version}")

    return read


@pytest.fixture
def anywhere() -> str:
    """An identifier that nothing has."""
    return str(uuid4())
