"""Whether the server is alive, and whether it can answer: for whoever keeps it running."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.desk import Desk
from api.routes.answering import problems


class Alive(BaseModel):
    """The server runs."""

    status: str = Field(default="alive", pattern="^alive$")


class Ready(BaseModel):
    """The server can answer: the database can be reached, and answers are so far behind the log."""

    status: str = Field(default="ready", pattern="^ready$")
    position: int = Field(description="The last position of the log.")
    reached: int = Field(description="How far the answers have come, as far as this process knows.")
    behind: int = Field(description="How many entries answers do not hold yet.")
    stopped: str | None = Field(
        default=None,
        description="What keeps answers from being brought up to date until somebody acts, such as an altered entry.",
    )


def health(desk: Desk) -> APIRouter:
    """Make the routes of health."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Is it alive?")
    async def alive(response: Response) -> Alive:
        """Answer while the process runs, whatever the database does."""
        response.headers["Cache-Control"] = "no-store"
        return Alive()

    @router.get("/readyz", summary="Can it answer?", responses=problems(503))
    async def ready(response: Response) -> Ready:
        """Answer once the database can be reached, and say how far answers are behind."""
        response.headers["Cache-Control"] = "no-store"
        position = await desk.log.head()
        reached = desk.follower.reached.position
        behind = max(position - reached, 0)
        return Ready(position=position, reached=reached, behind=behind, stopped=desk.follower.stopped or None)

    return router
