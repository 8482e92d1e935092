"""Opening cases and recording in them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Header, Request, Response, status
from pydantic import BaseModel, Field, TypeAdapter

from api.bodies import read_strictly
from api.desk import Desk
from api.identity import actor_of
from api.preconditions import IfMatch, version_tag, versions_expected
from api.preferring import APPLIED_HEADER, Preferences
from api.problems import Problem, not_here
from api.receipts import ReceiptShape
from api.routes.answering import problems
from api.waiting import POSITION_HEADER
from domain.case.command import Act, Command
from domain.case.fact import Fact
from domain.case.opening import OpenCase
from domain.case.refusal import AlreadyRecordedRefused, NotOpenRefused
from domain.case.registry import COMMAND
from ledger.shell import Recorded
from ledger.verify import leaf_hash

REPLAYED_HEADER: Final = "Idempotent-Replayed"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        description=(
            "Your own name for this request, best a UUID. Sent again with the same body, nothing is recorded twice and "
            f"the first answer comes back, with `{REPLAYED_HEADER}: true`. With another body it is refused."
        ),
        examples=["7f1c3f52-0f0e-4d5b-9a3e-2f8f5f6f6c11"],
    ),
]


class RecordedShape(BaseModel):
    """
    What a command came to. A repeat of the command under its `Idempotency-Key` gives the same.

    Only the receipt may have gained its proof meanwhile, where the repeat waits for it (`Prefer: wait=N`).
    """

    case_id: UUID
    refs: list[str] = Field(description="The references of what was recorded.")
    version: int = Field(description="The number of entries in the case after it.")
    position: int = Field(
        description=(
            "Where the last of them stands in the log. Give it as `Beforehand-At-Least` to read what you have written."
        )
    )
    recorded_at: datetime = Field(description="When the database recorded it (UTC).")
    receipt: ReceiptShape = Field(description="What shows that the last of them is in the log. Keep it.")


def recording(desk: Desk) -> APIRouter:
    """Make the routes that record for a desk."""
    router = APIRouter(prefix="/v1/cases", tags=["recording"], responses=problems(400, 404, 409, 413, 415, 422, 503))

    @router.post("", status_code=status.HTTP_201_CREATED, summary="Open a case")
    async def open_case(
        request: Request, response: Response, prefer: Preferences, idempotency_key: IdempotencyKey = None
    ) -> RecordedShape:
        """Open the case of a child and give its identifier."""
        command = await read_strictly(request, _OPEN_CASE)
        actor = actor_of(request).actor
        case_id = uuid4() if idempotency_key is None else uuid5(_OPENINGS, f"{actor}\n{idempotency_key}")
        recorded = await _handle(desk, request, response, prefer, case_id, command, idempotency_key)
        response.headers["Location"] = f"/v1/cases/{case_id}"
        return recorded

    @router.post(
        "/{case_id}/commands",
        status_code=status.HTTP_201_CREATED,
        summary="Record something in a case",
        responses=problems(412),
    )
    async def record(  # noqa: PLR0913 - the parts of a request
        request: Request,
        response: Response,
        case_id: UUID,
        prefer: Preferences,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> RecordedShape:
        """Record what the command says. `do` names the command; every command has its own schema."""
        command = await read_strictly(request, COMMAND)
        return await _handle(desk, request, response, prefer, case_id, command, idempotency_key, if_match)

    return router


_OPEN_CASE: Final = TypeAdapter(OpenCase)
_OPENINGS: Final = uuid5(UUID(int=0), "beforehand:opening")


async def _handle(  # noqa: PLR0913 - the parts of a request
    desk: Desk,
    request: Request,
    response: Response,
    prefer: list[str],
    case_id: UUID,
    command: Command,
    key: str | None,
    if_match: str | None = None,
) -> RecordedShape:
    actor = actor_of(request)
    act = Act(
        actor=actor.actor,
        role=actor.role,
        at=desk.now(),
        correlation_id=uuid4(),
        command_id=command_id_of(case_id, actor.actor, key),
        seen=await _seen(desk, case_id, if_match),
    )
    try:
        recorded = await desk.record(case_id, command, act)
    except AlreadyRecordedRefused as repeat:
        recorded = await desk.recorded_before(case_id, repeat.versions)
        response.headers[REPLAYED_HEADER] = "true"
    except NotOpenRefused:
        if isinstance(command, OpenCase):
            raise
        raise not_here() from None
    return await answered(desk, response, prefer, case_id, recorded)


def command_id_of(case_id: UUID, actor: str, key: str | None) -> UUID:
    """Give the name of a command: always the same for the same key of the same person."""
    return uuid4() if key is None else uuid5(case_id, f"{actor}\n{key}")


async def _seen(desk: Desk, case_id: UUID, if_match: str | None) -> frozenset[int] | None:
    """Read the condition. What is not there is said first, whatever the condition (RFC 9110 section 13.2.1)."""
    try:
        return versions_expected(if_match)
    except Problem:
        if await desk.answers.case(case_id) is None:
            raise not_here() from None
        raise


async def answered(
    desk: Desk, response: Response, prefer: list[str], case_id: UUID, recorded: Recorded[Fact]
) -> RecordedShape:
    """Say what was recorded, with its receipt, in the body and in the headers."""
    last = recorded.entries[-1]
    recorded_at = last.recorded_at
    assert recorded_at is not None  # noqa: S101 - only drafts lack it
    index = recorded.position - 1
    waited = await desk.receipts.waited(prefer, index)
    if waited is None:
        receipt = desk.receipts.committed(index, last.logged)
    else:
        response.headers[APPLIED_HEADER] = f"wait={waited}"
        receipt = await desk.receipts.as_it_stands(index, leaf_hash(last.logged), last.logged)
    response.headers["ETag"] = version_tag(recorded.version)
    response.headers[POSITION_HEADER] = str(recorded.position)
    return RecordedShape(
        case_id=case_id,
        refs=[entry.event.ref for entry in recorded.entries],
        version=recorded.version,
        position=recorded.position,
        recorded_at=recorded_at,
        receipt=receipt,
    )
