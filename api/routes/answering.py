"""What the routes share in their descriptions: the problems each of them may answer with."""

from __future__ import annotations

from typing import Any, Final

from api.problems import ProblemBody

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": ProblemBody, "content": {"application/problem+json": {}}} for code in (400, 404, 409, 413, 422, 503)
}
