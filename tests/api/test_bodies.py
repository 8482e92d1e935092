"""Bodies are read strictly: what is ambiguous or cannot be text is refused, and never comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.bodies import DEEPEST, LARGEST, read_json
from api.problems import Problem

GOOD = '{"do": "record_visit", "visited": "2026-02-01", "seen_alone": "YES"}'
BAD = {
    "nothing": b"",
    "half": b"{",
    "two values": b"{} {}",
    "a comment": b"{/* */}",
    "not UTF-8": b'{"do": "\xff\xfe"}',
    "UTF-16": GOOD.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "half a pair": b'{"do": "\\ud800"}',
    "named twice": b'{"do": "record_visit", "do": "record_visit"}',
    "named twice, inside": b'{"a": [{"b": 1, "b": 1}]}',
    "no number": b'{"a": NaN}',
    "no end": b'{"a": -Infinity}',
    "beyond numbers": b'{"a": 1e999}',
    "endless digits": b'{"a": ' + b"9" * 5000 + b"}",
    "deep": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a": ' * 5000 + b"1" + b"}" * 5000,
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_json(client: TestClient, open_case: Callable[..., str], name: str) -> None:
    """400, in plain words, and the next request is served."""
    address = f"/v1/cases/{open_case()}/commands"
    answer = client.post(address, content=BAD[name], headers={"content-type": "application/json"})

    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "/problems/not_json"
    assert client.post(address, json=json.loads(GOOD)).status_code == 201


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/json;charset=UTF-8", 201),
        ("application/vnd.beforehand+json", 201),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("json", 415),
        ("", 415),
        (None, 415),
    ],
)
def test_what_is_said_to_be_json(
    client: TestClient, open_case: Callable[..., str], content_type: str | None, status: int
) -> None:
    """JSON in UTF-8 and nothing else, whatever the body holds."""
    headers = {} if content_type is None else {"content-type": content_type}
    answer = client.post(f"/v1/cases/{open_case()}/commands", content=GOOD, headers=headers)

    assert answer.status_code == status, answer.text
    if status == 415:
        assert answer.json()["type"] == "/problems/not_this_content"


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "in pieces"])
def test_more_than_any_request_needs(
    client: TestClient,
    open_case: Callable[..., str],
    declared: bool,  # noqa: FBT001 - drawn
) -> None:
    """413, whether the length was said or not."""

    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 64 * 1024

    body = b"x" * (LARGEST + 1) if declared else pieces()
    answer = client.post(
        f"/v1/cases/{open_case()}/commands", content=body, headers={"content-type": "application/json"}
    )

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body_too_large")


def test_brackets_inside_of_text_are_text() -> None:
    """Only nesting counts as nesting."""
    words = "[{" * 500 + '\\"' + "]" * 500
    assert read_json(json.dumps({"a": words}).encode()) == {"a": words}
    assert read_json(b"[" * DEEPEST + b"]" * DEEPEST)
    assert read_json(b"[" + b"[]," * 400 + b"[]]")


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20))
def test_what_is_json_is_read_as_it_stands(value: Any) -> None:
    """Every value comes back as it was written."""
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60) | st.text('{}[]",:\\u0d8e+-.tfn ', max_size=60).map(str.encode))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    """Nothing else comes of it, and a refusal shows nothing of the body."""
    try:
        value = read_json(body)
    except Problem as refused:
        problem = refused
    else:
        assert value == json.loads(body)
        return
    assert (problem.status, problem.code) == (400, "not_json")


VIEW = {"do": "record_view", "matters": ["placement"], "expressed": "2026"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"do": "record_visit", "visited": "2026-13-01", "seen_alone": "YES"}, "/visited"),
        ({"do": "record_visit"}, "/visited"),
        ({"do": "fly"}, "/do"),
        ({}, "/do"),
        (VIEW | {"matters": ["placement", "moon"]}, "/matters/1"),
        (VIEW | {"own_words": [{"words": 1}]}, "/own_words/0/words"),
        (VIEW | {"provenance": {"system": "x", "Ärger!": 1}}, "/provenance"),
        (VIEW | {"expressed": "2199", "account": "x"}, "/expressed"),
        ([], ""),
    ],
)  # fmt: skip
def test_problems_point_into_the_body(
    client: TestClient, open_case: Callable[..., str], body: Any, pointer: str
) -> None:
    """Each fault has a JSON Pointer to its place (RFC 6901)."""
    answer = client.post(f"/v1/cases/{open_case()}/commands", json=body)

    assert answer.status_code in (409, 422)
    assert pointer in [error.get("pointer") for error in answer.json()["errors"]], answer.text
