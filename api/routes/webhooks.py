"""Subscribing to what is recorded: being called, instead of following the feed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.bodies import StrictRoute
from api.desk import Desk
from api.identity import actor_of
from api.problems import Problem, not_here
from api.routes.answering import problems
from api.webhooks.delivery import Deliverer
from api.webhooks.signing import new_secret, secret_text
from api.webhooks.store import DeadLetter, Subscription, Subscriptions
from api.webhooks.targets import LONGEST, TargetRefused, target
from domain.case.mending import FieldProblem
from domain.case.registry import FACTS

OVERLAP: Final = timedelta(hours=24)
"""For so long after a change of secret the one before signs as well."""

KindOfFact = Annotated[str, Field(json_schema_extra={"enum": sorted(FACTS)})]
Outcome = Literal["DELIVERED", "ANSWERED_NO", "REDIRECTED", "TIMED_OUT", "NOT_REACHED", "TARGET_REFUSED"]
Position = Annotated[int, Path(ge=1, le=2**53, description="The position of the entry in the log.", examples=[17])]


class NewWebhook(BaseModel):
    """What to call, and about what."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"url": "http://localhost:9000/hooks", "types": ["view.expressed"]}]},
    )

    url: str = Field(
        min_length=8,
        max_length=LONGEST,
        description="Where to call: https, or http on this very machine.",
        examples=["http://localhost:9000/hooks"],
    )
    types: list[KindOfFact] = Field(
        default=[],
        max_length=len(FACTS),
        description="Only facts of these kinds. None given: all kinds.",
        examples=[["view.expressed"]],
    )
    after: Annotated[int, Field(ge=0, le=2**53)] | None = Field(
        default=None,
        description="Begin behind this position; 0 for the whole log. Left out: with what is recorded from now on.",
        examples=[0],
    )


class WebhookShape(BaseModel):
    """A subscription as it stands."""

    id: UUID
    url: str
    types: list[str]
    state: Literal["ENABLED", "DISABLED"]
    disabled_because: Literal["ASKED", "FAILED", "GONE"] | None = Field(
        description=(
            "`FAILED`: too many entries in a row could not be told. `GONE`: the receiver answered 410. "
            "`ASKED`: somebody asked for it. Enable it, and it goes on where it was."
        )
    )
    created_at: datetime
    position: int = Field(description="Everything up to here was told, not asked for, or is a dead letter.")
    attempts: int = Field(description="How often the next entry has been tried.")
    failing_since: datetime | None
    next_attempt_at: datetime | None = Field(description="When the next entry is tried again, after a failure.")
    last_attempt_at: datetime | None
    last_outcome: Outcome | None
    last_status: int | None = Field(description="The HTTP status of the last answer, if there was one.")


class WebhookWithSecret(WebhookShape):
    """A subscription with its secret, which is shown this once."""

    secret: str = Field(
        description="Check signatures with this (Standard Webhooks). It is never shown again.", pattern="^whsec_"
    )


class WebhookList(BaseModel):
    """All subscriptions, in the order in which they were made."""

    webhooks: list[WebhookShape]


class PingShape(BaseModel):
    """What came of a call."""

    delivered: bool
    outcome: Outcome
    status: int | None = Field(description="The HTTP status of the answer, if there was one.")


class DeadLetterShape(BaseModel):
    """One entry that could not be told."""

    position: int
    href: str = Field(description="Where the entry is in the feed.", examples=["/v1/events?after=16&limit=1"])
    attempts: int
    outcome: Outcome
    status: int | None
    died_at: datetime
    again: bool = Field(description="Whether it is about to be tried again.")


class DeadLetterList(BaseModel):
    """A page of what could not be told, in the order of the log."""

    dead_letters: list[DeadLetterShape]
    next: int | None = Field(description="Give this as `after` for the next page; absent on the last one.")


def webhooks(desk: Desk, subscriptions: Subscriptions, deliverer: Deliverer, *, private: bool) -> APIRouter:
    """Make the routes of webhooks."""
    router = APIRouter(prefix="/v1/webhooks", tags=["following"], route_class=StrictRoute, responses=problems(400, 503))

    @router.post(
        "",
        status_code=status.HTTP_201_CREATED,
        summary="Subscribe",
        responses=problems(409, 413, 415, 422),
    )
    async def subscribe(request: Request, response: Response, body: NewWebhook) -> WebhookWithSecret:
        """
        Call an address for what is recorded from now on, or behind a position.

        Each call is a CloudEvent that says which case, what kind of entry and where to fetch it, never what it says.
        It is signed by the Standard Webhooks specification (`webhook-id`, `webhook-timestamp`, `webhook-signature`).
        Answer 2xx within ten seconds. Anything else is tried again, for up to a day and a half; redirects are not
        followed. Calls come in the order of the log, and may come twice: `webhook-id` tells.
        """
        unknown = [name for name in body.types if name not in FACTS]
        if unknown:
            message = "There is no kind of fact of that name. See /v1/facts for the list."
            raise Problem(422, "invalid", message, [FieldProblem(field="types", message=message, pointer="/types")])
        try:
            await target(body.url, private=private)
        except TargetRefused as refused:
            fault = FieldProblem(field="url", message=refused.message, pointer="/url")
            raise Problem(409, "target_refused", refused.message, [fault]) from None
        id_, secret = uuid4(), new_secret()
        by = actor_of(request).actor
        await subscriptions.create(id_, body.url, sorted(set(body.types)), secret, by, desk.now(), body.after)
        deliverer.wake()
        response.headers["Location"] = f"/v1/webhooks/{id_}"
        return WebhookWithSecret(**_shape(await _found(subscriptions, id_)), secret=secret_text(secret))

    @router.get("", summary="List subscriptions")
    async def list_webhooks() -> WebhookList:
        """List all subscriptions, without their secrets."""
        return WebhookList(webhooks=[WebhookShape(**_shape(each)) for each in await subscriptions.all()])

    _one(router, desk, subscriptions)
    _switches(router, subscriptions, deliverer)
    _dead(router, subscriptions, deliverer)
    return router


def _one(router: APIRouter, desk: Desk, subscriptions: Subscriptions) -> None:
    not_found = problems(404, 422)

    @router.get("/{webhook_id}", summary="Read a subscription", responses=not_found)
    async def read_webhook(webhook_id: UUID) -> WebhookShape:
        """Say how far a subscription has been told, and what came of the last call."""
        return WebhookShape(**_shape(await _found(subscriptions, webhook_id)))

    @router.delete("/{webhook_id}", status_code=204, summary="Unsubscribe", responses=not_found)
    async def unsubscribe(webhook_id: UUID) -> None:
        """End a subscription, and forget what could not be told to it."""
        if not await subscriptions.delete(webhook_id):
            raise not_here()

    @router.post("/{webhook_id}/secret", summary="Change the secret", responses=not_found)
    async def rotate(webhook_id: UUID) -> WebhookWithSecret:
        """Give a new secret, shown this once. For a day the one before signs beside it."""
        secret = new_secret()
        if not await subscriptions.rotate(webhook_id, secret, desk.now() + OVERLAP):
            raise not_here()
        return WebhookWithSecret(**_shape(await _found(subscriptions, webhook_id)), secret=secret_text(secret))


def _switches(router: APIRouter, subscriptions: Subscriptions, deliverer: Deliverer) -> None:
    not_found = problems(404, 422)

    @router.post("/{webhook_id}/enable", summary="Enable a subscription", responses=not_found)
    async def enable(webhook_id: UUID) -> WebhookShape:
        """Go on where it was. Also ends the wait for the next attempt."""
        if not await subscriptions.enable(webhook_id):
            raise not_here()
        deliverer.wake()
        return WebhookShape(**_shape(await _found(subscriptions, webhook_id)))

    @router.post("/{webhook_id}/disable", summary="Disable a subscription", responses=not_found)
    async def disable(webhook_id: UUID) -> WebhookShape:
        """Hold it where it is, until it is enabled."""
        if not await subscriptions.disable(webhook_id):
            raise not_here()
        return WebhookShape(**_shape(await _found(subscriptions, webhook_id)))

    @router.post("/{webhook_id}/ping", summary="Try a subscription", responses=not_found)
    async def ping(webhook_id: UUID) -> PingShape:
        """Call the address once, with an event of the type `beforehand.ping`, and say what came of it."""
        found = await _found(subscriptions, webhook_id)
        attempt = await deliverer.ping(webhook_id, found.url)
        return PingShape.model_validate(
            {"delivered": attempt.delivered, "outcome": attempt.outcome, "status": attempt.status}
        )


def _dead(router: APIRouter, subscriptions: Subscriptions, deliverer: Deliverer) -> None:
    not_found = problems(404, 422)

    @router.get("/{webhook_id}/dead-letters", summary="List what could not be told", responses=not_found)
    async def list_dead_letters(
        webhook_id: UUID,
        after: Annotated[int, Query(ge=0, le=2**53, description="Only what stands behind this position.")] = 0,
        limit: Annotated[int, Query(ge=1, le=500, description="Entries of a page, at most.")] = 100,
    ) -> DeadLetterList:
        """List the entries that were tried too often, in the order of the log."""
        await _found(subscriptions, webhook_id)
        found = await subscriptions.dead_letters(webhook_id, after, limit + 1)
        page = found[:limit]
        return DeadLetterList(
            dead_letters=[_dead_letter(each) for each in page],
            next=page[-1].position if len(found) > limit else None,
        )

    @router.post(
        "/{webhook_id}/dead-letters/{position}/redelivery",
        status_code=status.HTTP_202_ACCEPTED,
        summary="Try one of them again",
        responses=not_found,
    )
    async def redeliver(webhook_id: UUID, position: Position) -> WebhookShape:
        """Try an entry again, outside of the order. Once it has arrived it is off the list."""
        found = await _found(subscriptions, webhook_id)
        if not await subscriptions.again(webhook_id, position):
            raise not_here()
        deliverer.wake()
        return WebhookShape(**_shape(found))


async def _found(subscriptions: Subscriptions, webhook_id: UUID) -> Subscription:
    found = await subscriptions.one(webhook_id)
    if found is None:
        raise not_here()
    return found


def _shape(each: Subscription) -> dict[str, Any]:
    waits = each.next_attempt_at if each.attempts and each.disabled is None else None
    return {
        "id": each.id,
        "url": each.url,
        "types": list(each.types),
        "state": "ENABLED" if each.disabled is None else "DISABLED",
        "disabled_because": each.disabled,
        "created_at": each.created_at,
        "position": each.position,
        "attempts": each.attempts,
        "failing_since": each.failing_since,
        "next_attempt_at": waits,
        "last_attempt_at": each.last_attempt_at,
        "last_outcome": each.last_outcome,
        "last_status": each.last_status,
    }


def _dead_letter(each: DeadLetter) -> DeadLetterShape:
    return DeadLetterShape.model_validate(
        {
            "position": each.position,
            "href": f"/v1/events?after={each.position - 1}&limit=1",
            "attempts": each.attempts,
            "outcome": each.outcome,
            "status": each.status,
            "died_at": each.died_at,
            "again": each.again,
        }
    )
