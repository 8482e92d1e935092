"""Decisions of all children by what the record shows: which changes happened without the child's view?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from api.desk import Desk
from api.moments import AsOf
from api.preconditions import TaggedRoute
from api.routes.answering import problems
from api.waiting import waits
from domain.voice.verdict import Feedback, Influence, Verdict, VerdictClass
from ledger.statements import Statements
from projections.voice.projection import VOICE_SQL

CASES_AT_ONCE: Final = 20
"""Cases folded again for one page of the past, at most."""

_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHOLE: Final = 10**12
"""Stands behind every decision of a case."""


class DecisionInList(BaseModel):
    """One decision, with what the record shows about it."""

    model_config = ConfigDict(populate_by_name=True)

    case_id: UUID
    decision: str = Field(description="Its reference in the case.")
    kind: str
    decided: str | None
    effective: str | None
    verdict: Verdict
    verdict_class: VerdictClass = Field(alias="class")
    influence: Influence | None = Field(description="Did the view count?")
    feedback: Feedback | None = Field(description="Was the child told?")
    differs: bool = Field(description="Whether the record showed something else when the change took effect.")
    href: str = Field(description="Where the decision is, with its evidence.")


class DecisionList(BaseModel):
    """A page of decisions."""

    decisions: list[DecisionInList]
    next: str | None = Field(
        description="Give this as `after` for the next page; absent on the last one. A page may hold fewer than asked."
    )


def decisions(desk: Desk) -> APIRouter:
    """Make the list of decisions of a desk."""
    router = APIRouter(prefix="/v1/decisions", tags=["reading"], route_class=TaggedRoute)
    voice = Statements(VOICE_SQL, desk.log.schema)

    @router.get(
        "", summary="List decisions by what the record shows", responses=problems(409, 503),
        dependencies=[Depends(waits(desk))],
    )  # fmt: skip
    async def list_decisions(
        classes: Annotated[
            list[VerdictClass] | None,
            Query(
                alias="class",
                max_length=len(VerdictClass),
                description="Only those whose answer counts in one of these classes.",
                examples=[["NOT_MET"]],
            ),
        ] = None,
        as_of: AsOf = None,
        after: Annotated[
            str | None, Query(pattern=f"^{_UUID}_[0-9]{{1,13}}$", description="The `next` of the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="Decisions of a page, at most.")] = 50,
    ) -> DecisionList:
        """List significant decisions of all children with what the record shows, grouped by child."""
        case, _, place = (after or f"{UUID(int=0)}_0").partition("_")
        wanted = frozenset(classes or ())
        if as_of is not None:
            return await _then(desk, voice, wanted, UUID(case), limit, as_of)
        rows = await desk.log.rows(
            voice["across"],
            {"case_id": UUID(case), "version": int(place), "classes": sorted(wanted), "now": desk.now(),
             "limit": limit + 1},
        )  # fmt: skip
        found = []
        for case_id, _version, ref, body, turned in rows[:limit]:
            answered = (await desk.answers.voices(case_id, now=desk.now()))[ref] if turned else orjson.loads(body)
            found.append(_shape(case_id, answered))
        more = f"{rows[limit - 1][0]}_{rows[limit - 1][1]}" if len(rows) > limit else None
        return DecisionList(decisions=[each for each in found if not wanted or each.verdict_class in wanted], next=more)

    return router


async def _then(  # noqa: PLR0913 - the parts of one page
    desk: Desk, voice: Statements, wanted: frozenset[VerdictClass], after: UUID, limit: int, as_of: datetime
) -> DecisionList:
    """Give the page as the record stood: whole cases, folded again from what had been recorded by then."""
    rows = await desk.log.rows(voice["cases_after"], {"case_id": after, "limit": CASES_AT_ONCE + 1})
    found: list[DecisionInList] = []
    last = None
    for (case_id,) in rows[:CASES_AT_ONCE]:
        voices = await desk.answers.voices(case_id, now=desk.now(), as_of=as_of)
        found += [_shape(case_id, body) for body in voices.values()]
        last = case_id
        if len(found) >= limit:
            break
    more = f"{last}_{_WHOLE}" if last is not None and last != rows[-1][0] else None
    return DecisionList(decisions=[each for each in found if not wanted or each.verdict_class in wanted], next=more)


def _shape(case_id: UUID, body: dict[str, Any]) -> DecisionInList:
    now = body["now"]
    return DecisionInList.model_validate(
        {
            "case_id": case_id,
            "decision": body["decision"],
            "kind": body["kind"],
            "decided": body["decided"],
            "effective": body["effective"],
            "verdict": now["verdict"],
            "class": now["class"],
            "influence": now["influence"],
            "feedback": now["feedback"],
            "differs": body["differs"],
            "href": f"/v1/cases/{case_id}/decisions/{body['decision']}",
        }
    )
