"""Requests that no honest program sends, to a real server: an answer, and the next one is served."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from api.limits import Bounds
from tests.hostile.conftest import Server, read_answer, request

MOST = Bounds().body_bytes
MEGABYTE = b"x" * 1_000_000
JSON = {"content_type": "application/json"}


def test_a_body_said_to_be_too_large_is_not_read(server: Server, head: Callable[[], int]) -> None:
    """The answer comes before a byte of the body was sent."""
    with server.connect() as line:
        line.sendall(request("POST", "/v1/cases", content_length=str(100_000_000), **JSON))
        answer = read_answer(line)

    assert (answer.status, answer.problem()["type"]) == (413, "/problems/body_too_large")
    assert head() == 0
    server.still_serves()


@pytest.mark.parametrize("said", ["length", "chunked"])
def test_a_hundred_megabytes_of_rubbish_cost_little(server: Server, head: Callable[[], int], said: str) -> None:
    """Whatever was said about its length, no more of a body is held than the bound, and its sender gets an answer."""
    server.still_serves()
    before = server.resident_kb()
    if said == "length":
        parts = [request("POST", "/v1/cases", content_length=str(100 * len(MEGABYTE)), **JSON), *[MEGABYTE] * 100]
    else:
        chunk = f"{len(MEGABYTE):x}\r\n".encode() + MEGABYTE + b"\r\n"
        parts = [request("POST", "/v1/cases", transfer_encoding="chunked", **JSON), *[chunk] * 100, b"0\r\n\r\n"]

    assert server.say(*parts).status == 413
    assert server.resident_kb() - before < 40_000
    assert head() == 0
    server.still_serves()


def test_a_length_that_is_not_true(server: Server, head: Callable[[], int]) -> None:
    """Less than was said: the server waits for it and no longer than the sender stays; it records nothing of it."""
    body = b'{"do": "open_case", "child": "Mina"}'
    with server.connect() as line:
        line.sendall(request("POST", "/v1/cases", content_length=str(len(body) + 1), **JSON) + body)
        line.shutdown(socket.SHUT_WR)
    short = request("POST", "/v1/cases", content_length=str(len(body) - 1), **JSON) + body

    assert server.say(short).status == 400
    assert server.say(request("POST", "/v1/cases", content_length="-1", **JSON)).status == 400
    assert server.say(request("POST", "/v1/cases", content_length="9" * 400, **JSON)).status in (400, 413)
    assert head() == 0
    server.still_serves()


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "rubbish"])
def test_a_packed_body_is_not_unpacked(server: Server, encoding: str) -> None:
    """A small body that would be a large one never gets the chance."""
    packed = request("POST", "/v1/cases", content_length="4", content_encoding=encoding, **JSON) + b"\x1f\x8b\x08\x00"

    assert server.say(packed).problem()["type"] == "/problems/not_this_content"
    server.still_serves()


@pytest.mark.parametrize(
    ("parts", "statuses"),
    [
        ([request("GET", "/v1/cases/" + "a" * 7_000)], {404, 422}),
        ([request("GET", "/v1/cases?after=" + "a" * 20_000)], {414}),
        ([request("GET", "/v1/cases/" + "a" * 100_000)], {431}),
        ([request("GET", "/v1/cases", x_long="a" * 100_000)], {431}),
        ([request("GET", "/v1/cases", **{f"x_{n}": "a" * 50 for n in range(2_000)})], {431}),
        ([b"GET /v1/cases HTTP/1.1\r\nx: ", *[b"a" * 65_536] * 200], {431}),
        ([b"GET /" + b"a" * 65_536, *[b"a" * 65_536] * 200], {431}),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], {400}),
        ([b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"], {400, 404}),
        ([b"GET / HTTP/9.9\r\nhost: a\r\n\r\n"], {400, 505}),
        ([b"BREW /v1/cases HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"], {400, 405}),
        ([b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"], {400, 404, 405}),
        ([b"GET /v1/cases HTTP/1.1\r\nhost: a\r\nx: a\x00b\r\n\r\n"], {400}),
        ([b"GET /v1/cases HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n"], {400}),
        ([request("POST", "/v1/cases", transfer_encoding="chunked", **JSON), b"zz\r\n"], {400}),
    ],
    ids=[
        "long path", "long query", "endless path at once", "long header", "many headers", "endless header",
        "endless address", "another protocol", "high bytes", "another version", "no method", "a tunnel", "NUL",
        "two lengths", "no chunk",
    ],
)  # fmt: skip
def test_a_head_nobody_sends(server: Server, parts: list[bytes], statuses: set[int]) -> None:
    """An answer, never silence; no memory held for it; and the next one is served."""
    server.still_serves()
    before = server.resident_kb()

    answer = server.say(*parts)

    assert answer.status in statuses
    answer.problem()
    assert server.resident_kb() - before < 20_000
    server.still_serves()


CASE = "5f0a2c1e-2f5d-4d3b-9d57-000000000000"
ODD = ["%00", "%ff%fe", "%C0%80", "a%00b", "%E2%80%AE", "..%2f..%2fetc", "%", "%zz", "'--", "\\", "%0d%0aset-cookie:a"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "address",
    [
        "/v1/cases/{}", "/v1/cases/" + CASE + "/decisions/{}", "/cases/{}", "/cases/" + CASE + "/entries/{}",
        "/v1/cases?after={}", "/v1/cases?limit={}", "/v1/cases?as_of={}", "/?after={}", "/v1/events?after={}", "/{}",
        "/v1/cases/" + CASE + "/timeline?order={}",
    ],
)  # fmt: skip
def test_no_address_is_more_than_it_can_answer(client: Any, address: str, odd: str) -> None:
    """Rubbish in a path or a question is told from what is there, and comes back in no answer."""
    answer = client.get(address.format(odd), headers={"accept": "application/json"})

    assert answer.status_code < 500
    assert "set-cookie:a" not in str(answer.headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_of", "9999-12-31"), ("as_of", "0000"), ("as_of", "-1"), ("as_of", "1" * 39), ("as_of", "2199-12-31"),
        ("as_of", "1900"), ("as_of", "2026-02-30"), ("as_of", "2026-01-01T25:00"),
        ("as_of", "\u0662\u0660\u0662\u0666"),
        ("after", "9" * 40), ("after", "-1"), ("after", "1e9"), ("limit", "0"), ("limit", "-5"), ("limit", "1e3"),
        ("limit", "9" * 5_000), ("limit", "NaN"), ("limit", ""),
    ],
)  # fmt: skip
def test_no_question_is_absurd_enough_to_fail(client: Any, name: str, value: str) -> None:
    """An answer, or a problem that names the parameter."""
    answer = client.get("/v1/cases", params={name: value})

    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert name in {each["field"] for each in answer.json().get("errors", [])}
