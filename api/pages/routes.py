"""The addresses of the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.pages.case import child_line
from api.pages.decision import decision_page
from api.pages.entry import entry_page
from api.pages.inquiry import Inquiry, no_place
from api.pages.person import person_page
from api.pages.rendering import Page, file, page, root_of
from api.pages.timeline import timeline_page
from api.places import PlaceNotFound, count_asked
from domain.dates import civil
from projections.answers import Answers

ON_A_PAGE: Final = 50

AnswersOf = Callable[[Request], Answers]
Clock = Callable[[], datetime]


def pages(answers_of: AnswersOf, now: Clock) -> APIRouter:
    """
    Make the router of the pages.

    `answers_of` gives the answers of the authority a request is for; `now` is the clock (UTC). `request.state.persona`,
    where it is set, is named at the top of every page.
    """
    router = APIRouter(route_class=Page, include_in_schema=False)

    @router.get("/")
    async def children(request: Request) -> Response:
        today = civil(now()).date()
        try:
            after = count_asked(request.query_params.get("after"))
        except PlaceNotFound:
            raise no_place() from None
        found = await answers_of(request).cases(after=after, limit=ON_A_PAGE + 1)
        root = root_of(request)
        shown = found[:ON_A_PAGE]
        return page(
            request,
            "children.html",
            children=[child_line(each, f"{root}/cases/{each.case_id}", today) for each in shown],
            start=f"{root}/" if after else None,
            following=f"{root}/?{urlencode({'after': shown[-1].opened})}" if len(found) > ON_A_PAGE else None,
        )

    @router.get("/cases/{case_id}")
    async def timeline(request: Request, case_id: str) -> Response:
        return await timeline_page(Inquiry(request, answers_of(request), case_id, now()))

    @router.get("/cases/{case_id}/decisions/{ref}")
    async def decision(request: Request, case_id: str, ref: str) -> Response:
        return await decision_page(Inquiry(request, answers_of(request), case_id, now()), ref)

    @router.get("/cases/{case_id}/people/{ref}")
    async def person(request: Request, case_id: str, ref: str) -> Response:
        return await person_page(Inquiry(request, answers_of(request), case_id, now()), ref)

    @router.get("/cases/{case_id}/entries/{ref}")
    async def entry(request: Request, case_id: str, ref: str) -> Response:
        return await entry_page(Inquiry(request, answers_of(request), case_id, now()), ref)

    @router.get("/static/{name}")
    async def static(request: Request, name: str) -> Response:
        return file(name, request.query_params.get("v"))

    return router
