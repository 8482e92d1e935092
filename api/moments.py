"""`as_of`: the recorded time up to which an answer may look."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from api.problems import Problem
from domain.case.mending import FieldProblem
from domain.dates import PARTIAL_DATE, NotADate, instant_of, parse_partial_date


def as_of_instant(text: str) -> datetime:
    """
    Read `as_of` as a recorded instant (UTC).

    A day, month or year means its end; a time of day is civil time in England. Raises `NotADate`.
    """
    return instant_of(parse_partial_date(text).last)


async def _as_of(
    as_of: Annotated[
        str | None,
        Query(
            description="Answer as the record stood then: a day (its end), or a day with its time. Left out: now.",
            examples=["2026-03-25"],
            json_schema_extra={"pattern": PARTIAL_DATE},
            max_length=40,
        ),
    ] = None,
) -> datetime | None:
    if as_of is None:
        return None
    try:
        return as_of_instant(as_of)
    except NotADate as problem:
        raise Problem(
            422, problem.code, problem.message, [FieldProblem(field="as_of", message=problem.message)]
        ) from None


AsOf = Annotated[datetime | None, Depends(_as_of)]
