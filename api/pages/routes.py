"""The addresses of the pages, and what each of them asks of the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.pages.asking import (
    Asked,
    NotUnderstood,
    Order,
    case_asked,
    day_asked,
    order_asked,
)
from api.pages.case import case_head, child_line, legend
from api.pages.entries import EntryView, entry_view, heard, mentioned
from api.pages.fields import Links
from api.pages.language import say
from api.pages.moments import day
from api.pages.picture import picture_of
from api.pages.rendering import HEADERS, Amiss, DayAmiss, Page, file, page, root_of
from api.places import PlaceNotFound, count_asked, place_asked, place_written
from domain.case.decision import DecisionMade
from domain.case.view import ViewDeclined, ViewExpressed
from domain.dates import civil
from projections.answers import Answers, CaseView, Shown
from projections.overview.overview import overview_of

ON_A_PAGE: Final = 50
SPOKEN: Final = (ViewExpressed, ViewDeclined)
"""The entries that can hold the child's own words about a matter."""

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
            raise _no_place() from None
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
        asking = _Asking(request, answers_of(request), case_id, now())
        asked = asking.day()
        view = await asking.case(asked)
        order = order_asked(request.query_params.get("order"))
        try:
            after = place_asked(request.query_params.get("after"))
        except PlaceNotFound:
            raise _no_place() from None
        found = await asking.answers.timeline(
            asking.id,
            now=asking.now,
            as_of=asking.as_of(asked),
            newest_first=order is Order.NEWEST,
            after=after,
            limit=ON_A_PAGE + 1,
        )
        shown = found[:ON_A_PAGE]
        links = await asking.links(view, shown, asked)
        voices = await asking.answers.voices(asking.id, now=asking.now, as_of=asking.as_of(asked))
        spoken = await asking.answers.spoken(asking.id, as_of=asking.as_of(asked))
        on = asked.on if asked else civil(asking.now).date()
        return page(
            request,
            "timeline.html",
            head=case_head(view, voices, links, on, view.opening.born),
            picture=picture_of(overview_of(view.state, voices, spoken), links, on, view.opening.born),
            years=_by_year([entry_view(each, links, view.opening.born) for each in shown]),
            legend=legend(),
            order=order,
            asked=asked,
            case=links.case,
            query=links.query,
            on=day(on),
            recorded=day(civil(view.recorded_at).date()),
            turned=asking.address(asked, order=Order.OLDEST if order is Order.NEWEST else Order.NEWEST),
            start=asking.address(asked, order=order) if after else None,
            following=asking.address(asked, order=order, after=place_written(shown[-1].place))
            if len(found) > ON_A_PAGE
            else None,
        )

    @router.get("/cases/{case_id}/decisions/{ref}")
    async def decision(request: Request, case_id: str, ref: str) -> Response:
        asking = _Asking(request, answers_of(request), case_id, now())
        asked = asking.day()
        view = await asking.case(asked)
        shown = await asking.entry(ref, asked)
        if not isinstance(shown.entry.event, DecisionMade):
            elsewhere = f"{asking.root}/entries/{ref}{asking.query(asked)}"
            return RedirectResponse(elsewhere, status_code=303, headers=HEADERS)
        pointing = await asking.answers.pointing_at(asking.id, ref, now=asking.now, as_of=asking.as_of(asked))
        links = await asking.links(view, [shown, *pointing], asked)
        born = view.opening.born
        views = [links.entries[each] for each in mentioned([shown]) if each in links.entries]
        beside = {each.event.ref for each in shown.attached}
        return page(
            request,
            "decision.html",
            child=view.opening.child,
            case=links.case,
            query=links.query,
            asked=asked,
            decision=entry_view(shown, links, born),
            heard=[heard(each, shown, links, born) for each in views if isinstance(each.entry.event, SPOKEN)],
            afterwards=[entry_view(each, links, born) for each in pointing if each.entry.event.ref not in beside],
        )

    @router.get("/cases/{case_id}/entries/{ref}")
    async def entry(request: Request, case_id: str, ref: str) -> Response:
        asking = _Asking(request, answers_of(request), case_id, now())
        asked = asking.day()
        view = await asking.case(asked)
        shown = await asking.entry(ref, asked)
        pointing = await asking.answers.pointing_at(asking.id, ref, now=asking.now, as_of=asking.as_of(asked))
        links = await asking.links(view, [shown, *pointing], asked)
        born = view.opening.born
        beside = {each.event.ref for each in shown.attached}
        return page(
            request,
            "entry.html",
            child=view.opening.child,
            case=links.case,
            query=links.query,
            asked=asked,
            entry=entry_view(shown, links, born),
            about=[links.named(ref) for ref in dict.fromkeys(shown.entry.event.about)],
            pointing=[entry_view(each, links, born) for each in pointing if each.entry.event.ref not in beside],
        )

    @router.get("/static/{name}")
    async def static(request: Request, name: str) -> Response:
        return file(name, request.query_params.get("v"))

    return router


class _Asking:
    """One request about one case: what is asked for, and by what address it is asked again."""

    def __init__(self, request: Request, answers: Answers, case_id: str, now: datetime) -> None:
        self.request = request
        self.answers = answers
        self.now = now
        found = case_asked(case_id)
        if found is None:
            raise _no_case()
        self.id: UUID = found
        self.root = f"{root_of(request)}/cases/{found}"

    def day(self) -> Asked | None:
        """Give the day whose record is asked for."""
        try:
            return day_asked(self.request.query_params.get("as_of"), self.now)
        except NotUnderstood as problem:
            mistake = DayAmiss(self.root, problem.typed, problem.message)
            raise Amiss(400, say("This is not a day we can show"), day=mistake) from None

    def as_of(self, asked: Asked | None) -> datetime | None:
        """Give the recorded time up to which entries count."""
        return None if asked is None else asked.as_of

    def query(self, asked: Asked | None) -> str:
        """Give what keeps the day in the links of a page."""
        return "" if asked is None else f"?as_of={asked.on.isoformat()}"

    def address(self, asked: Asked | None, *, order: Order, after: str | None = None) -> str:
        """Give the address of a page of the timeline."""
        wanted = {
            "order": order.value if order is Order.NEWEST else None,
            "as_of": asked.on.isoformat() if asked else None,
            "after": after,
        }
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"{self.root}?{query}" if query else self.root

    async def case(self, asked: Asked | None) -> CaseView:
        """Give the case as it stood."""
        view = await self.answers.case(self.id, as_of=self.as_of(asked))
        if view is not None:
            return view
        if asked is None or await self.answers.case(self.id) is None:
            raise _no_case()
        mistake = DayAmiss(self.root, asked.on.isoformat(), say("Choose a later day."))
        raise Amiss(404, say("On {day} this record had not begun", day=asked.text), day=mistake)

    async def entry(self, ref: str, asked: Asked | None) -> Shown:
        """Give one entry as it stood."""
        found = await self.answers.entries(self.id, [ref], now=self.now, as_of=self.as_of(asked))
        if not found:
            raise Amiss(
                404,
                say("This entry is not here"),
                say("Check the address. If you are looking at an earlier day, it may have been added later."),
            )
        return found[0]

    async def links(self, view: CaseView, shown: Sequence[Shown], asked: Asked | None) -> Links:
        """Give the names and addresses of everything these entries point at."""
        known = {each.entry.event.ref: each for each in shown}
        wanted = [ref for ref in mentioned(shown) if ref not in known]
        if wanted:
            more = await self.answers.entries(self.id, wanted, now=self.now, as_of=self.as_of(asked))
            known |= {each.entry.event.ref: each for each in more}
        return Links(self.root, self.query(asked), view.names, known)


def _by_year(entries: list[EntryView]) -> list[tuple[int, list[EntryView]]]:
    years: list[tuple[int, list[EntryView]]] = []
    for each in entries:
        if not years or years[-1][0] != each.year:
            years.append((each.year, []))
        years[-1][1].append(each)
    return years


def _no_case() -> Amiss:
    return Amiss(
        404,
        say("This record is not here"),
        say(
            "Check the address. If you think that you should be able to see this record, ask the person who sent "
            "you here."
        ),
    )


def _no_place() -> Amiss:
    return Amiss(
        400,
        say("This link does not work"),
        say("It may have been cut short. Go back and start from the first page."),
    )
