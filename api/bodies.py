"""
Reading the body of a request: one JSON value in UTF-8, strictly.

What is ambiguous is refused rather than guessed at: a member named twice (RFC 8259 section 4 leaves its meaning open),
NaN, text that is not Unicode. Nesting is bounded, whatever the parser could stand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any, Final, TypeVar

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from api.problems import Problem, of_validation

T = TypeVar("T")

DEEPEST: Final = 32
"""How many brackets may stand inside each other. No command needs more than six."""

LARGEST: Final = 1024 * 1024
"""Bytes. The largest command is a quarter of that, and nothing more is held in memory of one request."""

LONGEST_NUMBER: Final = 40
"""Digits of a number. More make no measurement, and cost time to read."""

_ENCODINGS: Final = ("utf-8", "utf8", "us-ascii", "ascii")


class StrictRoute(APIRoute):
    """A route that reads its body as this module says, before anything looks at it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the body, then answer."""
        answer = super().get_route_handler()
        if self.body_field is None:
            return answer

        async def read_and_answer(request: Request) -> Response:
            must_be_json(request.headers.get("content-type"))
            body = await read_bounded(request)
            return await answer(_ReadRequest(request, body, read_json(body)))

        return read_and_answer


async def read_strictly(request: Request, kind: TypeAdapter[T]) -> T:
    """
    Read the body of a request as a value of a type, strictly: a number is no text, and 1 is not true.

    Raises a problem that names every place that has to be mended.
    """
    must_be_json(request.headers.get("content-type"))
    body = await read_bounded(request)
    try:
        return kind.validate_json(json.dumps(read_json(body)), strict=True)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False, include_context=False)
        raise of_validation([{**error, "loc": ("body", *error["loc"])} for error in errors]) from None


async def read_bounded(request: Request) -> bytes:
    """Read the body of a request, up to `LARGEST`. Raises a problem (413), without having read the rest."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:20]) > LARGEST:
        raise _too_large()
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST:
            raise _too_large()
        pieces.append(piece)
    return b"".join(pieces)


def _too_large() -> Problem:
    return Problem(
        413, "body_too_large", f"The body is larger than {LARGEST // 1024} kB, which no request needs. Split it."
    )


class _ReadRequest(Request):
    """A request whose body has been read."""

    def __init__(self, request: Request, body: bytes, value: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._body = body
        self._value = value

    async def json(self) -> Any:
        """Give the value that the body holds."""
        return self._value


def must_be_json(content_type: str | None) -> None:
    """Refuse (415) whatever is not said to be JSON in UTF-8."""
    if content_type is not None:
        header = Message()
        header["content-type"] = content_type
        subtype = header.get_content_subtype()
        json_of_some_kind = header.get_content_maintype() == "application" and (
            subtype == "json" or subtype.endswith("+json")
        )
        charset = header.get_param("charset", "utf-8")
        if json_of_some_kind and isinstance(charset, str) and charset.lower() in _ENCODINGS:
            return
    raise Problem(
        415, "not_this_content", "This address takes JSON in UTF-8. Send the header Content-Type: application/json."
    )


def read_json(body: bytes) -> Any:
    """Read one JSON value. Raises a problem (400) that says what is wrong with it, and never shows it."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_json("The body is not text in UTF-8. Save or encode it as UTF-8.") from None
    if _depth(text) > DEEPEST:
        raise _not_json(f"The body is nested more than {DEEPEST} levels deep. No request needs that.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_once_each,
            parse_constant=_no_number,
            parse_int=_number(int),
            parse_float=_number(_whole_or_not),
        )
        orjson.loads(body)  # it also knows that half of a surrogate pair is no character
    except (json.JSONDecodeError, orjson.JSONDecodeError):
        raise _not_json("The body is not JSON. Check quotes, commas and brackets.") from None
    return value


def _depth(text: str) -> int:
    """Give an upper bound of how deeply brackets stand in each other: those inside of strings count as well."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return 0
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _not_json("An object in the body names a member twice. Send each member once.")
    return members


def _no_number(_: str) -> Any:
    raise _not_json("NaN and Infinity are not JSON. Leave the field out where there is no number.")


def _whole_or_not(text: str) -> int | float:
    """Take 3.0 for 3, as JSON Schema does."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _number(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def number(text: str) -> Any:
        if len(text) > LONGEST_NUMBER:
            raise _not_json(f"A number in the body has more than {LONGEST_NUMBER} digits. Write it shorter.")
        value = read(text)
        if value in (float("inf"), float("-inf")):
            raise _not_json("A number in the body is too large to be read.")
        return value

    return number


def _not_json(detail: str) -> Problem:
    return Problem(400, "not_json", detail)
