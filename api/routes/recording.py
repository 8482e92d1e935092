"""Opening cases and recording in them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Body, Header, Request, Response, status
from pydantic import BaseModel, Field

from api.desk import Desk
from api.identity import actor_of
from api.problems import not_here
from api.routes.answering import PROBLEMS
from domain.case.command import Act, Command
from domain.case.opening import OpenCase
from domain.case.refusal import AlreadyRecordedRefused, NotOpenRefused
from domain.case.registry import AnyCommand

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        description="Your own name for this request. Sent again, nothing is recorded twice.",
    ),
]


class RecordedShape(BaseModel):
    """What a command came to."""

    case_id: UUID
    refs: list[str] = Field(description="The references of what was recorded.")
    version: int = Field(description="The number of entries in the case now.")
    position: int | None = Field(
        description="Where the last of them stands in the log; absent when it was there already."
    )
    recorded_at: datetime | None = Field(description="When the database recorded it (UTC).")


def recording(desk: Desk) -> APIRouter:
    """Make the routes that record for a desk."""
    router = APIRouter(prefix="/v1/cases", tags=["cases"], responses=PROBLEMS)

    @router.post("", status_code=status.HTTP_201_CREATED, summary="Open a case")
    async def open_case(
        request: Request, response: Response, command: OpenCase, idempotency_key: IdempotencyKey = None
    ) -> RecordedShape:
        """Open the case of a child and give its identifier."""
        actor = actor_of(request).actor
        case_id = uuid4() if idempotency_key is None else uuid5(_OPENINGS, f"{actor}\n{idempotency_key}")
        recorded = await _handle(desk, request, response, case_id, command, idempotency_key)
        response.headers["Location"] = f"/v1/cases/{case_id}"
        return recorded

    @router.post("/{case_id}/commands", status_code=status.HTTP_201_CREATED, summary="Record something in a case")
    async def record(
        request: Request,
        response: Response,
        case_id: UUID,
        command: Annotated[AnyCommand, Body()],
        idempotency_key: IdempotencyKey = None,
    ) -> RecordedShape:
        """Record what the command says. `do` names the command; every command has its own schema."""
        return await _handle(desk, request, response, case_id, command, idempotency_key)

    return router


_OPENINGS = uuid5(UUID(int=0), "beforehand:opening")


async def _handle(  # noqa: PLR0913 - the parts of one request
    desk: Desk, request: Request, response: Response, case_id: UUID, command: Command, key: str | None
) -> RecordedShape:
    actor = actor_of(request)
    act = Act(
        actor=actor.actor,
        role=actor.role,
        at=desk.now(),
        correlation_id=uuid4(),
        command_id=uuid4() if key is None else uuid5(case_id, f"{actor.actor}\n{key}"),
    )
    try:
        recorded = await desk.record(case_id, command, act)
    except AlreadyRecordedRefused as repeat:
        response.status_code = status.HTTP_200_OK
        view = await desk.answers.case(case_id)
        return RecordedShape(
            case_id=case_id,
            refs=list(repeat.refs),
            version=view.version if view else 0,
            position=None,
            recorded_at=None,
        )
    except NotOpenRefused:
        if isinstance(command, OpenCase):
            raise
        raise not_here() from None
    return RecordedShape(
        case_id=case_id,
        refs=[entry.event.ref for entry in recorded.entries],
        version=recorded.version,
        position=recorded.position,
        recorded_at=recorded.entries[-1].recorded_at,
    )
