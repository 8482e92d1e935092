"""
The feed: every fact of the log, in order, for programs that follow along.

In pages that may wait for news (`application/cloudevents-batch+json`), or as one long answer (`text/event-stream`).
Both resume from a position: nothing is skipped, nothing comes twice, and nothing is told before it is committed.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.cloud_events import BATCH, CloudEvent, cloud_event
from api.desk import Desk
from api.methods import head_only
from api.moments import AsOf
from api.negotiation import preferred
from api.problems import Problem
from api.routes.answering import problems
from api.waiting import POSITION_HEADER, waits
from domain.case.fact import Fact
from domain.case.mending import FieldProblem
from domain.case.registry import FACTS
from ledger.mapper import Entry

STREAM: Final = "text/event-stream"
LONGEST_WAIT: Final = 8
"""Seconds. Callers, and what stands between, often give up after ten."""
LONGEST_STREAM: Final = 600.0
"""Seconds after which a stream ends; the listener resumes where it was (the event source protocol does so itself)."""
HEARTBEAT: Final = 15.0
LISTENERS: Final = 200
PAGE: Final = 100
_FURTHEST: Final = 2**53

After = Annotated[
    int,
    Query(ge=0, le=_FURTHEST, description="Only what stands behind this position.", examples=[0]),
]
Kinds = Annotated[
    list[str] | None,
    Query(
        alias="type",
        max_length=len(FACTS),
        description="Only facts of these kinds.",
        examples=[["view.expressed"]],
        json_schema_extra={"items": {"type": "string", "enum": sorted(FACTS)}},
    ),
]


def events(desk: Desk) -> APIRouter:
    """Make the feed of a desk."""
    router = APIRouter(prefix="/v1/events", tags=["following"])
    listening = _Listening()

    @router.get(
        "",
        summary="Follow what is recorded",
        dependencies=[Depends(waits(desk))],
        response_class=Response,
        responses=problems(406, 409, 503)
        | {
            200: {
                "description": 'What follows, in the order of the log. `Link` with `rel="next"` goes on from there.',
                "model": list[CloudEvent],
                "content": {
                    BATCH: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/CloudEvent"}}},
                    STREAM: {"schema": {"type": "string"}},
                },
                "headers": {
                    POSITION_HEADER: {
                        "description": "How far the log has been looked through: give it as `after`.",
                        "schema": {"type": "string", "pattern": "^[0-9]+$"},
                    },
                    "Link": {"description": "The next page (RFC 8288).", "schema": {"type": "string"}},
                },
            }
        },
    )
    async def read_events(  # noqa: PLR0913 - each is one thing a follower may ask for
        request: Request,
        after: After = 0,
        limit: Annotated[int, Query(ge=1, le=500, description="Events of a page, at most.")] = PAGE,
        wait: Annotated[
            int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for news where there is none.")
        ] = 0,
        kinds: Kinds = None,
        subject: Annotated[UUID | None, Query(description="Only what is recorded in this case.")] = None,
        as_of: AsOf = None,
        last_event_id: Annotated[
            str | None,
            Header(
                alias="Last-Event-ID",
                pattern="^[0-9]{1,15}$",
                description="Where an event stream goes on from; it goes before `after`.",
                examples=["0"],
            ),
        ] = None,
    ) -> Response:
        """
        Give facts as CloudEvents, in the order in which they were recorded.

        Follow `Link: …; rel="next"`, or ask again with `after` as `Beforehand-Position` said. With `wait`, an answer
        that would be empty waits for news. As an event stream, each event has its position as `id`, a comment comes
        while nothing happens, and after ten minutes the stream ends, to be resumed.
        """
        asked = _Asked(desk, _known(kinds), subject, as_of, _base(request))
        match preferred(request.headers.get("accept"), (BATCH, "application/json", STREAM)):
            case None:
                raise Problem(406, "not_acceptable", f"The feed comes as {BATCH} or as {STREAM}.")
            case str() as form if form == STREAM:
                if head_only(request.scope):
                    return Response(media_type=STREAM)
                start = after if last_event_id is None else int(last_event_id)
                return StreamingResponse(
                    listening.bounded(_stream(asked, start)),
                    media_type=STREAM,
                    headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
                )
            case form:
                return await _page(request, asked, after, limit, wait, form)

    return router


class _Asked:
    """What a follower wants to hear of."""

    def __init__(self, desk: Desk, kinds: list[type[Fact]], subject: UUID | None, as_of: Any, base: str) -> None:
        self.desk = desk
        self.base = base
        self.past = as_of is not None
        self._filter = {"kinds": kinds, "stream": subject, "as_of": as_of}

    async def following(self, after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Give the next events and how far the log was looked through, past stretches that hold none."""
        while True:
            found = await self.desk.log.following(after, limit, **self._filter)
            if found.entries or found.upto == after:
                return [self._event(entry) for entry in found.entries], found.upto
            after = found.upto

    async def news(self, after: int, seconds: float) -> bool:
        """Wait until the log goes further than a position. Of the past there is no news."""
        return not self.past and await self.desk.follower.seen.wait(after + 1, seconds)

    def _event(self, entry: Entry[Fact]) -> dict[str, Any]:
        return cloud_event(entry, self.desk.log.schema, self.base)


async def _page(  # noqa: PLR0913 - the parts of one page
    request: Request, asked: _Asked, after: int, limit: int, wait: int, form: str
) -> Response:
    until = time.monotonic() + wait
    found, upto = await asked.following(after, limit)
    while not found and (left := until - time.monotonic()) > 0 and await asked.news(upto, left):
        found, upto = await asked.following(upto, limit)
    following = request.url.include_query_params(after=upto)
    return Response(
        orjson.dumps(found),
        media_type=form,
        headers={
            POSITION_HEADER: str(upto),
            "Link": f'<{following.path}?{following.query}>; rel="next"',
            "Cache-Control": "no-store",
        },
    )


async def _stream(asked: _Asked, after: int) -> AsyncIterator[bytes]:
    until = time.monotonic() + LONGEST_STREAM
    yield b"retry: 2000\n\n"
    while time.monotonic() < until and not asked.desk.follower.seen.closed:
        found, upto = await asked.following(after, PAGE)
        for event in found:
            yield f"id: {event['id']}\nevent: {event['type']}\ndata: ".encode() + orjson.dumps(event) + b"\n\n"
        if not found and upto > after:
            yield b"id: %d\n\n" % upto  # nothing of this was asked for, and none of it needs looking through again
        after = upto
        if not found and asked.past:
            return
        if not found and not await asked.news(after, HEARTBEAT):
            yield b": nothing new\n\n"


class _Listening:
    """Counts who listens to streams at this moment, and takes no more than `LISTENERS`."""

    def __init__(self) -> None:
        self._count = 0

    def bounded(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        if self._count >= LISTENERS:
            raise Problem(503, "too_many_listeners", "Too many listen at this moment. Ask again shortly, or in pages.")

        async def counted() -> AsyncIterator[bytes]:
            self._count += 1
            try:
                async for piece in stream:
                    yield piece
            finally:
                self._count -= 1

        return counted()


def _known(names: list[str] | None) -> list[type[Fact]]:
    unknown = [name for name in names or () if name not in FACTS]
    if unknown:
        message = "There is no kind of fact of that name. See /v1/facts for the list."
        raise Problem(422, "invalid", message, [FieldProblem(field="type", message=message)])
    return [FACTS[name] for name in names or ()]


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
