"""Reading cases: the list, one case, its timeline, its decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from api.desk import Desk
from api.moments import AsOf
from api.places import Cursor, PlaceNotFound, count_asked, cursor_asked, cursor_written
from api.plainly import A_LIST, A_PAGE, NOTHING_ELSE, PlainRoute, plainly
from api.preconditions import TaggedRoute, read_at
from api.problems import Problem, not_here
from api.routes.answering import PROBLEMS
from api.shapes import EntryShape, VoiceShape, lines_json
from api.waiting import waits
from domain.case.mending import FieldProblem
from domain.matters import ROOTS
from domain.voice.verdict import VerdictClass
from projections.answers import CaseView, place_of_year
from projections.case_state.state import current
from projections.timeline.wanted import EVERYTHING, Wanted

PAGE: int = 50
T = TypeVar("T")


class CaseShape(BaseModel):
    """The state of a case."""

    case_id: UUID
    version: int
    recorded_at: datetime = Field(description="When the last entry was recorded (UTC).")
    child: str
    state: dict[str, Any] = Field(description="Codes, dates and references, in the order in which things took effect.")
    current: dict[str, Any] = Field(description="What of it is current on the day of `as_of`, or today.")
    people: list[dict[str, Any]]


class CaseInList(BaseModel):
    """One case in a list."""

    case_id: UUID
    child: str
    open: bool
    version: int
    classes: dict[str, int] = Field(description="How many decisions have an answer of each class.")


class CaseList(BaseModel):
    """A page of cases."""

    cases: list[CaseInList]
    next: str | None = Field(description="Give this as `after` for the next page; absent on the last one.")


class TimelineShape(BaseModel):
    """A page of a timeline."""

    case_id: UUID
    entries: list[EntryShape]
    next: str | None = Field(description="Give this as `after` for the next page; absent on the last one.")


class YearShape(BaseModel):
    """One year of a timeline."""

    year: int
    entries: int = Field(description="How many entries stand in it.")


class YearsShape(BaseModel):
    """The years of a timeline, in order."""

    case_id: UUID
    years: list[YearShape]


class DecisionShape(BaseModel):
    """One decision with its answers and what they rest on."""

    case_id: UUID
    decision: EntryShape
    voice: VoiceShape
    evidence: list[EntryShape] = Field(description="Every entry an answer rests on.")
    about: list[EntryShape] = Field(description="Every entry that points at the decision.")


ReadingOrder = Literal["oldest", "newest"]
_MATTER: Final = rf"^({'|'.join(ROOTS)})(:[A-Za-z0-9][A-Za-z0-9._-]*)*$"
_REF: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


async def _wanted(
    matter: Annotated[
        str | None,
        Query(
            pattern=_MATTER,
            max_length=120,
            description="Only entries on this matter, on one below it, or on one above it, which speaks about it too.",
            examples=["contact:mum"],
        ),
    ] = None,
    person: Annotated[
        str | None,
        Query(
            pattern=_REF,
            description="Only entries about or with this person, by the reference of the person in the case.",
            examples=["mum"],
        ),
    ] = None,
    classes: Annotated[
        list[VerdictClass] | None,
        Query(
            alias="class",
            max_length=len(VerdictClass),
            description="Only decisions whose answer counts in one of these classes.",
            examples=[["NOT_MET"]],
        ),
    ] = None,
) -> Wanted:
    return Wanted(matter, person, frozenset(classes or ()))


Asked = Annotated[Wanted, Depends(_wanted)]


class ReadingRoute(TaggedRoute, PlainRoute):
    """A route of a read: answered plainly where that will do, and tagged."""


def reading(desk: Desk) -> APIRouter:
    """Make the routes that read for a desk."""
    router = APIRouter(
        prefix="/v1/cases",
        tags=["reading"],
        responses=PROBLEMS,
        route_class=ReadingRoute,
        dependencies=[Depends(waits(desk))],
    )

    @router.get("", summary="List cases", response_model=CaseList)
    @plainly(A_LIST)
    async def list_cases(
        as_of: AsOf = None,
        after: Annotated[
            str | None,
            Query(pattern="^[0-9]{1,12}$", description="The `next` of the page before.", examples=["0"]),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    ) -> Response:
        """List cases in the order in which they were opened."""
        found = await desk.answers.listed(after=_place(count_asked, after), limit=limit + 1, as_of=as_of)
        page = found[:limit]
        return _json(
            {
                "cases": [
                    {
                        "case_id": case.case_id,
                        "child": case.child,
                        "open": case.open,
                        "version": case.version,
                        "classes": case.classes,
                    }
                    for case in page
                ],
                "next": str(page[-1].opened) if len(found) > limit else None,
            }
        )

    @router.get("/{case_id}", summary="Read the state of a case", response_model=CaseShape)
    @plainly(NOTHING_ELSE)
    async def read_case(case_id: UUID, as_of: AsOf = None) -> Response:
        """Give where the child lives, the order, the plan, contact, people and what is open."""
        view = await _case(desk, case_id, as_of)
        return _json(
            {
                "case_id": case_id,
                "version": view.version,
                "recorded_at": view.recorded_at,
                "child": view.opening.child,
                "state": view.state,
                "current": current(view.state, (as_of or desk.now()).date()),
                "people": [{**person, "name": view.names[person["ref"]]} for person in view.people],
            }
        )

    @router.get("/{case_id}/timeline", summary="Read the timeline of a case", response_model=TimelineShape)
    @plainly(A_PAGE)
    async def read_timeline(  # noqa: PLR0913 - each is one thing a reader may ask for
        case_id: UUID,
        wanted: Asked = EVERYTHING,
        as_of: AsOf = None,
        order: ReadingOrder = "oldest",
        year: Annotated[
            int | None, Query(ge=1900, le=2199, description="Begin with this year.", examples=[2019])
        ] = None,
        after: Annotated[
            str | None,
            Query(pattern="^[A-Za-z0-9_-]{1,100}$", description="The `next` of the page before."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
    ) -> Response:
        """
        Give the entries of a case in the order of world time, each significant change with both answers.

        All pages that follow from one `next` to the other show the record as it stood when the first was read.
        """
        newest_first = order == "newest"
        cursor = _place(cursor_asked, after)
        start = None if year is None else place_of_year(year, newest_first=newest_first)
        found = await desk.answers.lines(
            case_id,
            now=desk.now(),
            as_of=as_of,
            newest_first=newest_first,
            after=start if cursor is None else cursor.place,
            limit=limit + 1,
            wanted=wanted,
            upto=None if cursor is None else cursor.upto,
        )
        if found is None:
            raise not_here()
        read_at(found.known)
        more = len(found.lines) > limit
        del found.lines[limit:]
        last = found.lines[-1] if more else None
        return _json(
            {
                "case_id": case_id,
                "entries": lines_json(found),
                "next": last and cursor_written(Cursor((last.sort_at, last.version), found.known)),
            }
        )

    @router.get("/{case_id}/years", summary="Count the entries of a case by year")
    async def read_years(case_id: UUID, wanted: Asked, as_of: AsOf = None) -> YearsShape:
        """Give each year that entries of the timeline stand in, and how many, to go to it with `year`."""
        version = (await _case(desk, case_id, as_of)).version
        years = await desk.answers.years(case_id, now=desk.now(), as_of=as_of, wanted=wanted, upto=version)
        return YearsShape(case_id=case_id, years=[YearShape(year=year, entries=count) for year, count in years])

    @router.get(
        "/{case_id}/decisions/{ref}", summary="Read one decision with its evidence", response_model=DecisionShape
    )
    @plainly(NOTHING_ELSE)
    async def read_decision(case_id: UUID, ref: str, as_of: AsOf = None) -> Response:
        """Give a decision, both answers, the entries they rest on, and everything that points at it."""
        found = await desk.answers.decision_lines(case_id, ref, now=desk.now(), as_of=as_of)
        if found is None:
            raise not_here()
        decision, evidence, about = found
        read_at(decision.known)
        (told,) = lines_json(decision)
        return _json(
            {
                "case_id": case_id,
                "decision": told,
                "voice": told["voice"],
                "evidence": lines_json(evidence),
                "about": lines_json(about),
            }
        )

    return router


def _json(body: dict[str, Any]) -> Response:
    """Answer with JSON that has the documented shape already: no model stands in between."""
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), media_type="application/json")


async def _case(desk: Desk, case_id: UUID, as_of: datetime | None) -> CaseView:
    view = await desk.answers.case(case_id, as_of=as_of)
    if view is None:
        raise not_here()
    read_at(view.version)
    return view


def _place(read: Callable[[str | None], T], after: str | None) -> T:
    try:
        return read(after)
    except PlaceNotFound:
        message = "Give `after` just as `next` of the page before said it."
        raise Problem(409, "bad_cursor", message, [FieldProblem(field="after", message=message)]) from None
