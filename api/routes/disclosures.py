"""Copies of a whole record that prove themselves: giving one, and fetching it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.bodies import StrictRoute
from api.desk import Desk
from api.disclosing import CannotBeMade, CannotWithhold, Disclosing, Withhold
from api.identity import actor_of
from api.preferring import Preferences
from api.problems import Problem, not_here
from api.routes.answering import problems
from api.routes.receipts import APPLIED, not_proven, say_waited
from api.routes.recording import REPLAYED_HEADER, IdempotencyKey, RecordedShape, answered, command_id_of
from domain.case.command import Act
from domain.case.fact import Ref
from domain.case.mending import FieldProblem
from domain.case.refusal import AlreadyRecordedRefused, MovedRefused

_ATTEMPTS: Final = 8

CopyRef = Annotated[
    str,
    Path(
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="The reference of the entry that says that the copy was given.",
        examples=["copy-4"],
    ),
]


class NewCopy(BaseModel):
    """A copy for somebody."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "recipient": "SAR-2026-014",
                    "withhold": [{"entry": "said", "field": "own_words.0.words", "exemption": "THIRD_PARTY"}],
                }
            ]
        },
    )

    recipient: Ref = Field(
        description="A reference to whom it is given. Never a name: it stands in the copy.", examples=["SAR-2026-014"]
    )
    withhold: list[Withhold] = Field(
        default=[],
        max_length=500,
        description="What it is not to give, each with the reason. Left out: it gives everything.",
    )


def disclosures(desk: Desk, disclosing: Disclosing) -> APIRouter:
    """Make the routes of copies."""
    router = APIRouter(
        prefix="/v1/cases/{case_id}/disclosures",
        tags=["proof"],
        route_class=StrictRoute,
        responses=problems(400, 404, 409, 503),
    )

    @router.post(
        "",
        status_code=status.HTTP_201_CREATED,
        summary="Give a copy of a whole record",
        responses={201: {"headers": _HEADERS}, **problems(413, 415, 422)},
    )
    async def give_copy(  # noqa: PLR0913 - the parts of a request
        request: Request,
        response: Response,
        case_id: UUID,
        body: NewCopy,
        prefer: Preferences,
        idempotency_key: IdempotencyKey = None,
    ) -> RecordedShape:
        """
        Record that a copy is given, and what it leaves out. `Location` is where the copy is, once it is proven.

        The copy holds every entry of the record up to this one. What is left out is on record with it, by its digest
        and reason, so that it can be reviewed, and given later after all.
        """
        if not desk.receipts.proves:
            raise not_proven(desk)
        actor = actor_of(request)
        command_id = command_id_of(case_id, actor.actor, idempotency_key)
        for _ in range(_ATTEMPTS):
            version, command = await _prepared(disclosing, case_id, body)
            act = Act(actor.actor, actor.role, desk.now(), uuid4(), command_id, seen=frozenset({version}))
            try:
                recorded = await desk.record(case_id, command, act)
            except AlreadyRecordedRefused as repeat:
                recorded = await desk.recorded_before(case_id, repeat.versions)
                response.headers[REPLAYED_HEADER] = "true"
            except MovedRefused:
                continue
            ref = recorded.entries[-1].event.ref
            response.headers["Location"] = f"/v1/cases/{case_id}/disclosures/{ref}"
            return await answered(desk, response, prefer, case_id, recorded)
        raise Problem(409, "version_conflict", "Others kept writing to this case at the same moment. Try again.")

    @router.get(
        "/{ref}",
        summary="Fetch a copy of a whole record",
        response_class=Response,
        responses={
            200: {
                "description": "The copy, in the form `beforehand/bundle/1`. `beforehand verify bundle` checks it.",
                "content": {"application/json": {"schema": {"type": "object"}}},
                "headers": APPLIED,
            }
        },
    )
    async def fetch_copy(case_id: UUID, ref: CopyRef, prefer: Preferences) -> Response:
        """
        Give the copy that was given under a reference, with the proof that nothing in it was altered or left out.

        It is made and checked anew each time. Until a checkpoint covers it, which witnesses have cosigned where the
        log's policy asks for any, the answer is 503.
        """
        found = await asyncio.to_thread(disclosing.issued, case_id, ref)
        if found is None:
            raise not_here()
        version, index = found
        waited = await desk.receipts.waited(prefer, index)
        try:
            bundle = await asyncio.to_thread(disclosing.bundle, case_id, version)
        except CannotBeMade as why:
            raise Problem(409, "copy_not_possible", why.message) from None
        response = Response(bundle, media_type="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{ref}.json"'
        say_waited(response, waited)
        return response

    return router


_HEADERS: Final[dict[str, Any]] = {
    "Location": {
        "description": "Where the copy is.",
        "schema": {"type": "string", "pattern": "^/v1/cases/[^/]+/disclosures/"},
    },
    **APPLIED,
}


async def _prepared(disclosing: Disclosing, case_id: UUID, body: NewCopy) -> tuple[int, Any]:
    try:
        version, command = await asyncio.to_thread(disclosing.prepare, case_id, body.recipient, body.withhold)
    except CannotWithhold as why:
        field = f"withhold.{why.nth}"
        errors = [FieldProblem(field=field, message=why.message, pointer=f"/withhold/{why.nth}")]
        raise Problem(422, "invalid", why.message, errors) from None
    except CannotBeMade as why:
        raise Problem(409, "copy_not_possible", why.message) from None
    if not version:
        raise not_here()
    return version, command
