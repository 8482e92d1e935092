"""One reader's question about one case: what is asked for, by which address it is asked again, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request

from api.pages.asking import Asked, NotUnderstood, Order, case_asked, day_asked, order_asked, wanted_asked, year_asked
from api.pages.entries import mentioned
from api.pages.fields import Links
from api.pages.language import say
from api.pages.rendering import Amiss, DayAmiss, root_of
from api.places import Cursor, PlaceNotFound, cursor_asked, cursor_written
from domain.dates import civil
from projections.answers import Answers, CaseView, Shown, place_of_year
from projections.past import Place

TIMELINE = "#timeline"
"""Where the list begins on the page of a case."""


class Inquiry:
    """
    What a reader asks of one case.

    Raises `Amiss` for an address that names no case, a day that cannot be shown, or a place that is none.
    """

    def __init__(self, request: Request, answers: Answers, case_id: str, now: datetime) -> None:
        self.request = request
        self.answers = answers
        self.now = now
        found = case_asked(case_id)
        if found is None:
            raise no_case()
        self.id: UUID = found
        self.root = f"{root_of(request)}/cases/{found}"
        self.order = order_asked(request.query_params.get("order"))
        self.wanted = wanted_asked(request.query_params)
        self.year = year_asked(request.query_params.get("year"))
        self.asked = self._day()
        self._folded_at: datetime | None = None

    @property
    def as_of(self) -> datetime | None:
        """Give the recorded time (UTC) up to which entries count; nothing means now."""
        return self._folded_at if self.asked is None else self.asked.as_of

    @property
    def on(self) -> date:
        """Give the day the page speaks of."""
        return civil(self.now).date() if self.asked is None else self.asked.on

    @property
    def query(self) -> str:
        """Give what keeps the day in the links of a page."""
        return "" if self.asked is None else f"?as_of={self.asked.on.isoformat()}"

    @property
    def newest_first(self) -> bool:
        """Tell in which order the timeline is read."""
        return self.order is Order.NEWEST

    def cursor(self) -> Cursor | None:
        """Give where the page before this one ended, and what it saw; nothing where somebody begins to read."""
        try:
            return cursor_asked(self.request.query_params.get("after"))
        except PlaceNotFound:
            raise no_place() from None

    @property
    def start(self) -> Place | None:
        """Give the place in the timeline at which somebody begins to read; nothing means its start."""
        return None if self.year is None else place_of_year(self.year, newest_first=self.newest_first)

    @property
    def choice(self) -> Mapping[str, str]:
        """Give how the timeline is asked for, on whatever day: parameters of its address."""
        asked = {
            "matter": self.wanted.matter,
            "person": self.wanted.person,
            "answer": self.wanted.answer,
            "order": self.order.value if self.newest_first else None,
        }
        return {name: value for name, value in asked.items() if value}

    def address(self, **changed: str | None) -> str:
        """Give the address of a page of the timeline: as it is asked for now, but for what is changed."""
        day = {"as_of": self.asked.on.isoformat()} if self.asked else {}
        query = urlencode({name: value for name, value in (day | dict(self.choice) | changed).items() if value})
        return f"{self.root}?{query}" if query else self.root

    def going_on(self, place: Place, upto: int) -> str:
        """Give the address of the page that goes on after a place, and that sees the same version of the case."""
        return self.address(after=cursor_written(Cursor(place, upto))) + TIMELINE

    async def case(self) -> CaseView:
        """Give the case as it stood. Where rows are behind it, all of the page is folded from the log like it."""
        view = await self.answers.case(self.id, as_of=self.as_of)
        if view is not None:
            if view.ahead:
                self._folded_at = max(self.now, view.recorded_at)
            return view
        if self.asked is None or await self.answers.case(self.id) is None:
            raise no_case()
        mistake = DayAmiss(self.root, self.asked.on.isoformat(), say("Choose a later day."), self.choice)
        raise Amiss(404, say("On {day} this record had not begun", day=self.asked.text), day=mistake)

    async def entry(self, ref: str) -> Shown:
        """Give one entry as it stood."""
        found = await self.answers.entries(self.id, [ref], now=self.now, as_of=self.as_of)
        if not found:
            raise no_entry()
        return found[0]

    async def pointing_at(self, ref: str) -> list[Shown]:
        """Give every entry that is about an entry, as it stood."""
        return await self.answers.pointing_at(self.id, ref, now=self.now, as_of=self.as_of)

    async def links(self, view: CaseView, shown: Sequence[Shown], *more: str) -> Links:
        """Give the names and addresses of everything these entries point at, and of some more."""
        known = {each.entry.event.ref: each for each in shown}
        wanted = [ref for ref in dict.fromkeys((*mentioned(shown), *more)) if ref not in known]
        if wanted:
            found = await self.answers.entries(self.id, wanted, now=self.now, as_of=self.as_of)
            known |= {each.entry.event.ref: each for each in found}
        return Links(self.root, self.query, view.names, known)

    def _day(self) -> Asked | None:
        try:
            return day_asked(self.request.query_params.get("as_of"), self.now)
        except NotUnderstood as problem:
            mistake = DayAmiss(self.root, problem.typed, problem.message, self.choice)
            raise Amiss(400, say("This is not a day we can show"), day=mistake) from None


def no_case() -> Amiss:
    """Say that there is no such case for this reader."""
    return Amiss(
        404,
        say("This record is not here"),
        say(
            "Check the address. If you think that you should be able to see this record, ask the person who sent "
            "you here."
        ),
    )


def no_entry() -> Amiss:
    """Say that the case holds no such entry."""
    return Amiss(
        404,
        say("This entry is not here"),
        say("Check the address. If you are looking at an earlier day, it may have been added later."),
    )


def no_place() -> Amiss:
    """Say that a link points at no place in a list."""
    return Amiss(
        400,
        say("This link does not work"),
        say("It may have been cut short. Go back and start from the first page."),
    )
