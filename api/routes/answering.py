"""What the routes share in their descriptions: the problems each of them may answer with."""

from __future__ import annotations

from typing import Any, Final

from api.problem_kinds import KINDS
from api.problems import MEDIA_TYPE, TYPE_PREFIX, ProblemBody

_SCHEMA: Final = {"$ref": "#/components/schemas/ProblemBody"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the answers of these statuses, each with every kind of problem it may be, as an example."""
    return {status: _described(status) for status in statuses}


def _described(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS.values() if kind.status == status]
    examples = {
        kind.code: {
            "summary": kind.title,
            "value": {
                "type": TYPE_PREFIX + kind.code,
                "title": kind.title,
                "status": status,
                "detail": f"{kind.means} {kind.mend}",
            },
        }
        for kind in kinds
    }
    described: dict[str, Any] = {
        "model": ProblemBody,
        "description": " ".join(f"`{kind.code}`: {kind.means}" for kind in kinds),
        "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": examples}},
    }
    if status == _NOT_NOW:
        described["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
        }
    return described


_NOT_NOW: Final = 503
PROBLEMS: Final = problems(400, 404, 409, 422, 503)
"""What reading a case may answer with."""
