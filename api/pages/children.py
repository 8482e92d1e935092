"""The list of children, today or as it stood on an earlier day."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response

from api.pages.asking import Asked, NotUnderstood, day_asked
from api.pages.case import child_line
from api.pages.inquiry import no_place
from api.pages.language import say
from api.pages.rendering import Amiss, DayAmiss, page, root_of
from api.places import PlaceNotFound, count_asked
from domain.dates import civil
from projections.answers import Answers

ON_A_PAGE: Final = 50


async def children_page(request: Request, answers: Answers, now: datetime) -> Response:
    """Give a page of the list. Every link in it keeps the day that is asked for."""
    root = root_of(request)
    asked = _day(request, f"{root}/", now)
    try:
        after = count_asked(request.query_params.get("after"))
    except PlaceNotFound:
        raise no_place() from None
    found = await answers.cases(after=after, limit=ON_A_PAGE + 1, as_of=asked.as_of if asked else None)
    shown = found[:ON_A_PAGE]
    day = {} if asked is None else {"as_of": asked.on.isoformat()}
    query = f"?{urlencode(day)}" if day else ""
    on = civil(now).date() if asked is None else asked.on
    return page(
        request,
        "children.html",
        asked=asked,
        children=[child_line(each, f"{root}/cases/{each.case_id}{query}", on) for each in shown],
        start=f"{root}/{query}" if after else None,
        following=f"{root}/?{urlencode({**day, 'after': shown[-1].opened})}" if len(found) > ON_A_PAGE else None,
    )


def _day(request: Request, here: str, now: datetime) -> Asked | None:
    try:
        return day_asked(request.query_params.get("as_of"), now)
    except NotUnderstood as problem:
        mistake = DayAmiss(here, problem.typed, problem.message)
        raise Amiss(400, say("This is not a day we can show"), day=mistake) from None
