"""Parts of one case: one entry with what was said about it, the people of the child's life, one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from api.desk import Desk
from api.moments import AsOf
from api.preconditions import TaggedRoute, read_at
from api.problems import not_here
from api.routes.answering import PROBLEMS
from api.shapes import EntryShape, entry_shape
from api.waiting import waits
from projections.answers import CaseView

AnyRef = Annotated[
    str,
    Path(
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="The reference in the case, as an entry gives it.",
        examples=["said"],
    ),
]


class EntryAlone(BaseModel):
    """One entry."""

    case_id: UUID
    entry: EntryShape
    about: list[EntryShape] = Field(description="Every entry that points at it, in the order of world time.")


class PersonShape(BaseModel):
    """Somebody in the child's life."""

    ref: str
    name: str
    relationship: str
    since: str | None
    until: str | None


class PeopleShape(BaseModel):
    """The people of a case, in the order in which they were introduced."""

    case_id: UUID
    people: list[PersonShape]


class PersonAlone(BaseModel):
    """One person, with the entries that point at them."""

    case_id: UUID
    person: PersonShape
    about: list[EntryShape] = Field(description="Every entry that points at the person, in the order of world time.")


def parts(desk: Desk) -> APIRouter:
    """Make the routes that read parts of a case for a desk."""
    router = APIRouter(
        prefix="/v1/cases/{case_id}",
        tags=["reading"],
        responses=PROBLEMS,
        route_class=TaggedRoute,
        dependencies=[Depends(waits(desk))],
    )

    @router.get("/entries/{ref}", summary="Read one entry")
    async def read_entry(case_id: UUID, ref: AnyRef, as_of: AsOf = None) -> EntryAlone:
        """Give an entry with its corrections, annotations and disputes, and everything that points at it."""
        view = await _case(desk, case_id, as_of)
        found = await desk.answers.entries(case_id, [ref], now=desk.now(), as_of=as_of)
        if not found:
            raise not_here()
        about = await _about(desk, view, ref, as_of)
        return EntryAlone(case_id=case_id, entry=entry_shape(found[0], view.opening.born), about=about)

    @router.get("/people", summary="List the people of a case")
    async def list_people(case_id: UUID, as_of: AsOf = None) -> PeopleShape:
        """List who is in the child's life, and who was, each by the name that stands now."""
        view = await _case(desk, case_id, as_of)
        return PeopleShape(case_id=case_id, people=[_person(view, each) for each in view.people])

    @router.get("/people/{ref}", summary="Read about one person")
    async def read_person(case_id: UUID, ref: AnyRef, as_of: AsOf = None) -> PersonAlone:
        """Give a person of the child's life, and everything on record that points at them."""
        view = await _case(desk, case_id, as_of)
        person = next((each for each in view.people if each["ref"] == ref), None)
        if person is None:
            raise not_here()
        about = await _about(desk, view, ref, as_of)
        return PersonAlone(case_id=case_id, person=_person(view, person), about=about)

    return router


async def _about(desk: Desk, view: CaseView, ref: str, as_of: datetime | None) -> list[EntryShape]:
    found = await desk.answers.pointing_at(view.case_id, ref, now=desk.now(), as_of=as_of)
    return [entry_shape(each, view.opening.born) for each in found]


async def _case(desk: Desk, case_id: UUID, as_of: datetime | None) -> CaseView:
    view = await desk.answers.case(case_id, as_of=as_of)
    if view is None:
        raise not_here()
    read_at(view.version)
    return view


def _person(view: CaseView, person: dict[str, Any]) -> PersonShape:
    return PersonShape(
        ref=person["ref"],
        name=view.names[person["ref"]],
        relationship=person["relationship"],
        since=person["since"],
        until=person["until"],
    )
