"""
Problems: what an API answer says when it cannot do what was asked (RFC 9457).

`type` is stable and ends in the code of the error; `detail` is a plain sentence that says how to mend it. What the
caller sent never comes back in a problem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.case.mending import FieldProblem, field_problems
from domain.case.refusal import (
    AlreadyRecordedRefused,
    ClosedRefused,
    DuplicateRefused,
    NotOpenRefused,
    Refused,
)
from ledger.errors import EntryTooLarge, LedgerError, LedgerUnavailable, VersionConflict

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/problems/"

log = structlog.get_logger()


class ProblemBody(BaseModel):
    """A problem as it travels (RFC 9457 section 3)."""

    type: str = Field(examples=["/problems/dates_contradict"])
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """Raised by a door to answer with a problem."""

    def __init__(self, status: int, code: str, detail: str, errors: list[FieldProblem] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.title = _TITLES.get(status, "Not done")
        self.code = code
        self.detail = detail
        self.errors = errors


_TITLES: Final = {
    400: "The request cannot be read",
    404: "Not here",
    405: "Not done this way",
    409: "The record stands otherwise",
    413: "Too large",
    415: "Not this kind of content",
    422: "Not recorded",
    500: "Something went wrong on our side",
    503: "Not available just now",
}
_REFUSED_409: Final = (AlreadyRecordedRefused, DuplicateRefused, ClosedRefused, NotOpenRefused)


def not_here() -> Problem:
    """Give the answer for what does not exist and for what the caller may not know of: the same."""
    return Problem(404, "not_here", "There is nothing here under this address. Check the case and the reference.")


def answer(problem: Problem) -> JSONResponse:
    """Give a problem as a response."""
    body = ProblemBody(
        type=TYPE_PREFIX + problem.code,
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        errors=problem.errors,
    )
    return JSONResponse(body.model_dump(exclude_none=True), problem.status, media_type=MEDIA_TYPE)


def of_refusal(refused: Refused) -> Problem:
    """Give the problem of a refusal."""
    errors = [FieldProblem(field=refused.field, message=refused.message)] if refused.field else None
    return Problem(409 if isinstance(refused, _REFUSED_409) else 422, refused.code, refused.message, errors)


def of_ledger(error: LedgerError) -> Problem:
    """Give the problem of an error in the ledger."""
    match error:
        case VersionConflict():
            return Problem(409, error.code, error.message)
        case EntryTooLarge():
            return Problem(413, error.code, error.message)
        case LedgerUnavailable():
            return Problem(503, error.code, error.message)
        case _:
            log.error("ledger.unreadable", code=error.code)
            return Problem(500, error.code, "The record could not be read. Tell the operator; nothing was changed.")


Answer = Callable[[Request, Problem], Response]


def install(app: FastAPI, answer_on_a_page: Answer) -> None:
    """Make every failure of an app a problem, or for somebody at a browser a page that says the same."""

    def tell(request: Request, problem: Problem) -> Response:
        program = request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", "")
        return answer(problem) if program else answer_on_a_page(request, problem)

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return tell(request, problem)

    @app.exception_handler(Refused)
    async def _refused(request: Request, refused: Refused) -> Response:
        return tell(request, of_refusal(refused))

    @app.exception_handler(LedgerError)
    async def _ledger(request: Request, error: LedgerError) -> Response:
        return tell(request, of_ledger(error))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, invalid: RequestValidationError) -> Response:
        return tell(request, of_validation(invalid.errors()))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:  # noqa: PLR2004 - the status itself
            return tell(request, not_here())
        response = tell(request, Problem(error.status_code, "not_done", "This address does not take this request."))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.error("request.failed", kind=type(error).__name__)
        return tell(request, Problem(500, "internal", "Something went wrong on our side. Nothing was recorded."))


def of_validation(errors: Any) -> Problem:
    """Give the problem of a body or parameter that does not have the right shape."""
    mends = field_problems(errors)
    if any(error["type"] in ("json_invalid", "json_type") for error in errors):
        return Problem(400, "not_json", "The body is not JSON. Check quotes, commas and brackets.", mends)
    return Problem(422, "invalid", "Some of this cannot be recorded as it is. See `errors` for what to mend.", mends)
