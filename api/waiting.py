"""
A reader who has just written waits for their own position.

An answer to a command says in `Beforehand-Position` where it stands in the log. A read that gives that number back in
`Beforehand-At-Least` is answered once everything up to there can be read, whichever process of the server it reaches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Header

from api.desk import Desk
from api.problems import Problem
from domain.case.mending import FieldProblem

POSITION_HEADER: Final = "Beforehand-Position"
AT_LEAST_HEADER: Final = "Beforehand-At-Least"

AtLeast = Annotated[
    str | None,
    Header(
        alias=AT_LEAST_HEADER,
        pattern="^[0-9]{1,15}$",
        description=(
            f"Answer once everything up to this position can be read: the `{POSITION_HEADER}` of what you have just "
            "written. If that takes longer than a few seconds, the answer is 503 with `Retry-After`."
        ),
        examples=["1"],
    ),
]


def waits(desk: Desk) -> Callable[[str | None], Awaitable[None]]:
    """Make the wait of a desk's reads, as a dependency."""

    async def wait(at_least: AtLeast = None) -> None:
        if at_least is None or desk.is_there(position := int(at_least)):
            return
        if position > await desk.log.head():
            message = f"Nothing stands at that position yet. Give the {POSITION_HEADER} of an answer you have got."
            raise Problem(409, "no_such_position", message, [FieldProblem(field=AT_LEAST_HEADER, message=message)])
        if not await desk.caught_up(position):
            raise Problem(503, "not_there_yet", "What you read has not reached that position yet. Ask again shortly.")

    return wait
