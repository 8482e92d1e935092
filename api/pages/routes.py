"""The addresses of the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request, Response

from api.pages.children import children_page
from api.pages.decision import decision_page
from api.pages.entry import entry_page
from api.pages.inquiry import Inquiry
from api.pages.person import person_page
from api.pages.rendering import Page, file
from api.pages.timeline import timeline_page
from projections.answers import Answers

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
        return await children_page(request, answers_of(request), now())

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
