"""How the log stands, for programs: the same as the page `/log` says in words."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.desk import Desk
from api.log_state import log_state
from api.preconditions import TaggedRoute
from api.problems import Problem
from api.routes.answering import problems
from api.routes.receipts import TEXT, not_proven
from ledger.publisher.published import Published, PublishedCheckpoint
from ledger.verify import NOT_PROTECTED


class CosignatureShape(BaseModel):
    """A witness's signature: at this time the log had this size, and no other past."""

    witness: str
    at: datetime = Field(description="When it was made, by the clock of the witness (UTC).")


class CheckpointShape(BaseModel):
    """A published checkpoint."""

    size: int = Field(description="How many entries it covers.")
    root: str = Field(description="The root of the tree over them, in base64.")
    note: str = Field(description="The signed note, verbatim (C2SP tlog-checkpoint).")
    cosignatures: list[CosignatureShape]


class WitnessShape(BaseModel):
    """Somebody who watches the log and is not who keeps it."""

    name: str
    key: str = Field(description="The key that its signatures are checked with (C2SP signed-note).")
    last_cosigned_at: datetime | None = Field(description="When it last cosigned a checkpoint that is published.")


class LogShape(BaseModel):
    """How the log stands."""

    origin: str = Field(description="The name of the log.", examples=["beforehand.example/la/sample/1"])
    size: int = Field(description="How many entries it has.")
    published: bool = Field(description="Whether this server knows where the log is published.")
    publisher: str | None = Field(
        description="What the publisher inside this server is doing; absent where none runs in it.",
        examples=["publishing"],
    )
    checkpoint: CheckpointShape | None = Field(description="The last published checkpoint.")
    witnessed: CheckpointShape | None = Field(
        description="The last one that witnesses have cosigned as the log's policy asks."
    )
    witnesses: list[WitnessShape]
    keys: list[str] = Field(description="The keys of the log itself.")
    policy_fingerprint: str | None = Field(
        description="SHA-256 of the policy, which is at `/v1/log/policy`. Compare it with what the regulator publishes."
    )
    cannot_show: list[str] = Field(description="What no check of the log can show.")


def log(desk: Desk) -> APIRouter:
    """Make the routes that say how the log of a desk stands."""
    router = APIRouter(prefix="/v1/log", tags=["proof"], route_class=TaggedRoute, responses=problems(503))

    @router.get("", summary="Read how the log stands")
    async def read_log() -> LogShape:
        """Give the size of the log, its last checkpoints, its witnesses, and what none of this can show."""
        state = await log_state(desk)
        policy = None if state.published is None else state.published.policy
        return LogShape(
            origin=state.origin,
            size=state.size,
            published=policy is not None,
            publisher=state.doing,
            checkpoint=_checkpoint(state.latest),
            witnessed=_checkpoint(state.witnessed),
            witnesses=[
                WitnessShape(name=each.name, key=str(each.key), last_cosigned_at=each.cosigned_at)
                for each in state.witnesses
            ],
            keys=[] if policy is None else [str(key) for key in policy.logs],
            policy_fingerprint=None if policy is None else policy.fingerprint,
            cannot_show=list(NOT_PROTECTED),
        )

    @router.get("/checkpoint", summary="Read the last checkpoint", response_class=Response, responses=_AS_TEXT)
    async def read_checkpoint() -> Response:
        """Give the last published checkpoint as it is: a signed note (C2SP tlog-checkpoint)."""
        latest = (await log_state(desk)).latest
        _published(desk)
        if latest is None:
            raise Problem(503, "not_covered_yet", "No checkpoint is published yet. Ask again in a few seconds.")
        return Response(latest.note, media_type=TEXT)

    @router.get("/policy", summary="Read whom to believe", response_class=Response, responses=_AS_TEXT)
    async def read_policy() -> Response:
        """
        Give the policy of the log: its keys, its witnesses and how many are enough (C2SP tlog-policy).

        Who checks a record should have it from somebody else than who keeps the record, or compare its fingerprint.
        """
        return Response(_published(desk).written, media_type=TEXT)

    return router


_AS_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "As it is.", "content": {TEXT: {"schema": {"type": "string"}}}},
    **problems(404),
}


def _published(desk: Desk) -> Published:
    if desk.publication is None:
        raise not_proven(desk)
    return desk.publication.published


def _checkpoint(checkpoint: PublishedCheckpoint | None) -> CheckpointShape | None:
    if checkpoint is None:
        return None
    return CheckpointShape(
        size=checkpoint.size,
        root=b64encode(checkpoint.root).decode(),
        note=checkpoint.note,
        cosignatures=[CosignatureShape(witness=each.by, at=each.at) for each in checkpoint.cosigned],
    )
