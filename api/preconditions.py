"""
Entity tags and conditions on them (RFC 9110 sections 8.8.3 and 13.1).

The tag of a case reads `"7"` after a write and `"7.c2f9…"` on a read. Before the dot stands the version of the case:
that is what `If-Match` on a command compares, since a command changes the case and nothing else. Behind it stands a
digest of the answer, for an answer may change though nothing was recorded: a verdict turns with time, what is current
depends on the day. So `If-None-Match`, which compares whole tags, never calls an answer unchanged that is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Header, Request, Response
from fastapi.routing import APIRoute

from api.problems import Problem

_TAG: Final = re.compile(r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"')
_LIST: Final = re.compile(
    rf"\s*(?:{_TAG.pattern.replace('?P<weak>', '?:').replace('?P<opaque>', '?:')})"
    rf"(?:\s*,\s*(?:{_TAG.pattern.replace('?P<weak>', '?:').replace('?P<opaque>', '?:')}))*\s*"
)
_VERSION: Final = re.compile(r"(?P<version>\d{1,18})(?:\.[0-9a-f]{16})?", re.ASCII)
_READ: Final[ContextVar[list[int]]] = ContextVar("versions read for the answer in hand")

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        json_schema_extra={"pattern": r'^"?[0-9]{1,18}(\.[0-9a-f]{16})?"?$'},
        description=(
            "Record this only if the case is still at this version: the `ETag` of any answer about it, as it came. "
            "Otherwise the answer is 412. Several tags, and `*`, are taken as RFC 9110 says. A single version may come "
            "without its quotes, which a shell easily eats."
        ),
        examples=['"7"'],
    ),
]


def version_tag(version: int) -> str:
    """Give the tag of a case at a version."""
    return f'"{version}"'


def versions_expected(if_match: str | None) -> frozenset[int] | None:
    """
    Read `If-Match` of a command: the versions it may be decided on, nothing where any will do.

    A weak tag never matches (the comparison is strong), nor does a tag that is none of ours. Raises a problem (400).
    """
    if if_match is None or if_match.strip() == "*":
        return None
    if (bare := _VERSION.fullmatch(if_match.strip().strip('"'))) is not None:
        return frozenset({int(bare["version"])})
    return frozenset(
        int(form["version"])
        for weak, opaque in _tags(if_match, "If-Match")
        if not weak and (form := _VERSION.fullmatch(opaque))
    )


def _tags(text: str, header: str) -> list[tuple[str, str]]:
    if _LIST.fullmatch(text) is None:
        raise Problem(
            400, "bad_precondition", f"{header} holds entity tags: the ETag of an answer just as it came, or *."
        )
    return [(found["weak"] or "", found["opaque"]) for found in _TAG.finditer(text)]


def read_at(version: int) -> None:
    """Say, while answering on a `TaggedRoute`, at what version of the case the answer was read: for its tag."""
    read = _READ.get(None)
    if read is not None:
        read.append(version)


class TaggedRoute(APIRoute):
    """A route whose answers carry a tag, and which answers 304 to whoever has that very answer already."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Answer, and tag the answer."""
        answer = super().get_route_handler()

        async def answer_tagged(request: Request) -> Response:
            read: list[int] = []
            token = _READ.set(read)
            try:
                response = await answer(request)
            finally:
                _READ.reset(token)
            if request.method != "GET" or response.status_code != _OK or not hasattr(response, "body"):
                return response
            digest = sha256(response.body).hexdigest()[:16]
            tag = f'"{read[-1]}.{digest}"' if read else f'"{digest}"'
            response.headers["ETag"] = tag
            response.headers.setdefault("Cache-Control", "private, no-cache")
            if (known := request.headers.get("If-None-Match")) is not None and _is_known(known, tag):
                kept = {name: value for name, value in response.headers.items() if name in _KEPT}
                return Response(status_code=304, headers=kept)
            return response

        return answer_tagged


_OK: Final = 200
_KEPT: Final = ("etag", "cache-control", "vary", "content-location", "date", "beforehand-position")


def _is_known(if_none_match: str, tag: str) -> bool:
    """Compare weakly, as If-None-Match does."""
    if if_none_match.strip() == "*":
        return True
    return any(f'"{opaque}"' == tag for _, opaque in _tags(if_none_match, "If-None-Match"))
