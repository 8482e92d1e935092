"""
Requests that ask for nothing out of the ordinary are answered without the detour through every check there could be.

Most reads carry no header of ours and no parameter but a page's size, its order and where it goes on. For these the
endpoint is called straight away with what was asked for; whatever else there is, or is not quite as it should be, goes
the whole way and meets every check. Both ways end in the same function, so that they cannot answer differently.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.waiting import AT_LEAST_HEADER

Answer = Callable[..., Awaitable[Response]]

NOTHING_ELSE: Final = re.compile("")
"""The query of a request that says it all in its address."""
A_PAGE: Final = re.compile(
    r"(?:limit=(?P<limit>[1-9]\d{0,2}))?(?:(?:^|&)order=(?P<order>oldest|newest))?(?:(?:^|&)after=(?P<after>[\w-]{1,100}))?",
    re.ASCII,
)
"""The query of a request for a page of a timeline."""
A_LIST: Final = re.compile(r"(?:limit=(?P<limit>[1-9]\d?))?(?:(?:^|&)after=(?P<after>\d{1,12}))?", re.ASCII)
"""The query of a request for a page of the list of cases."""

_CASE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST: Final = 500


def plainly(query: re.Pattern[str]) -> Callable[[Answer], Answer]:
    """Mark an endpoint that may be called straight away where the whole query of a request has this form."""

    def marked(endpoint: Answer) -> Answer:
        endpoint.plain_query = query  # type: ignore[attr-defined]  # for the route below
        return endpoint

    return marked


class PlainRoute(APIRoute):
    """A route that calls an endpoint marked `plainly` straight away where a request is plain."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Answer plainly where that will do."""
        checked = super().get_route_handler()
        query: re.Pattern[str] | None = getattr(self.endpoint, "plain_query", None)
        if query is None:
            return checked
        endpoint = self.endpoint

        async def answer(request: Request) -> Response:
            asked = _asked(request, query)
            if asked is None:
                return await checked(request)
            response: Response = await endpoint(**asked)
            return response

        return answer


def _asked(request: Request, query: re.Pattern[str]) -> dict[str, Any] | None:
    """Give the arguments of a plain request; nothing where it is not one."""
    form = query.fullmatch(request.scope["query_string"].decode("latin-1"))
    path = request.path_params
    if form is None or AT_LEAST_HEADER in request.headers:
        return None
    asked: dict[str, Any] = {name: value for name, value in form.groupdict().items() if value is not None}
    if "limit" in asked:
        asked["limit"] = int(asked["limit"])
        if asked["limit"] > _MOST:
            return None
    if "ref" in path:
        if _REF.fullmatch(path["ref"]) is None:
            return None
        asked["ref"] = path["ref"]
    if "case_id" in path:
        if _CASE.fullmatch(path["case_id"]) is None:
            return None
        asked["case_id"] = UUID(path["case_id"])
    return asked
