"""The page of the log: how anybody can check that nothing was changed, in plain words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request, Response

from api.log_state import LogState
from api.pages.language import say, say_number
from api.pages.moments import Moment, length, moment
from api.pages.rendering import Page, page
from domain.dates import PartialDate, civil
from ledger.verify import NOT_PROTECTED

StateOf = Callable[[], Awaitable[LogState]]

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


@dataclass(frozen=True, slots=True)
class Seen:
    """A witness by name, and when it last signed: a moment, and how long ago that is."""

    name: str
    when: Moment | None
    age: str


def log_page(state_of: StateOf, now: Callable[[], datetime]) -> APIRouter:
    """Make the route of the page. `now` is the clock (UTC)."""
    router = APIRouter(route_class=Page, include_in_schema=False)

    @router.get("/log")
    async def log(request: Request) -> Response:
        state = await state_of()
        latest, witnessed = state.latest, state.witnessed
        return page(
            request,
            "log.html",
            state=state,
            lines=number(state.size),
            covered=None if latest is None else number(latest.size),
            uncovered=None if latest is None else max(state.size - latest.size, 0),
            made=_ago(latest.made_at if latest else None, now()),
            witnessed=None if witnessed is None else number(witnessed.size),
            witnesses=[_seen(each.name, each.cosigned_at, now()) for each in state.witnesses],
            cannot_show=[say(each) for each in NOT_PROTECTED],
            keys=[] if state.published is None else [str(key) for key in state.published.policy.logs[:1]],
            fingerprint=None if state.published is None else state.published.policy.fingerprint,
        )

    return router


def number(of: int) -> str:
    """Write a large number so that it can be read."""
    return f"{of:,}"


def ago(seconds: int) -> str:
    """Say how long ago something was, in the unit a reader would use."""
    if seconds < _MINUTE:
        return say("less than a minute ago")
    if seconds < _HOUR:
        return say_number("{number} minute ago", "{number} minutes ago", seconds // _MINUTE)
    if seconds < _DAY:
        return say_number("{number} hour ago", "{number} hours ago", seconds // _HOUR)
    return say("{time} ago", time=length(seconds // _DAY))


def _ago(when: datetime | None, now: datetime) -> str | None:
    return None if when is None else ago(max(int((now - when).total_seconds()), 0))


def _seen(name: str, when: datetime | None, now: datetime) -> Seen:
    if when is None:
        return Seen(name, None, say("has not signed yet"))
    return Seen(name, moment(PartialDate.at(civil(when))), _ago(when, now) or "")
