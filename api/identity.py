"""
Who is asking. THE ONE SEAM until identity arrives.

The server listens on loopback only and believes a header, or takes the demonstration's persona. Everything else in the
house asks this module, so that replacing it replaces all trust in the header at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from api.problems import Problem
from domain.case.fact import Role

ACTOR_HEADER: Final = "Beforehand-Actor"
_FORM: Final = re.compile(r"(?P<role>[A-Z_]{2,40}):(?P<actor>[A-Za-z0-9][A-Za-z0-9._@-]{0,79})")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks, and in what role."""

    actor: str
    role: Role


PERSONA: Final = Actor("sample.reader", Role.IRO)
"""Who looks at the demonstration."""


async def introduce(request: Request) -> None:
    """Let the pages know who is looking, and say so above them where it is the demonstration's persona."""
    actor = actor_of(request)
    request.state.actor = actor
    request.state.persona = (
        "an Independent Reviewing Officer (made up for the demonstration)" if actor == PERSONA else None
    )


def actor_of(request: Request) -> Actor:
    """
    Tell who is asking, from the header `Beforehand-Actor: ROLE:identifier`, or the persona without one.

    Raises a problem (400) for a header that names no role.
    """
    stated = request.headers.get(ACTOR_HEADER)
    if stated is None:
        return PERSONA
    form = _FORM.fullmatch(stated)
    if form is None or form["role"] not in Role.__members__:
        raise Problem(
            400,
            "bad_actor",
            f"The header {ACTOR_HEADER} reads ROLE:identifier. The roles are: {', '.join(Role.__members__)}.",
        )
    return Actor(form["actor"], Role[form["role"]])
