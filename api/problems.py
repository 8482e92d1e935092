"""
Problems: what an API answer says when it cannot do what was asked (RFC 9457).

`type` is stable and ends in the code of the error; `detail` is a plain sentence that says how to mend it. Of what the
caller sent, only references and the names of fields come back in a problem, which are made of letters and digits.
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

from api.methods import allowed
from api.problem_kinds import KINDS
from domain.case.mending import FieldProblem, field_problems
from domain.case.refusal import MovedRefused, Refused
from ledger.errors import (
    EntryTooLarge,
    KeyDestroyed,
    KeyStoreUnavailable,
    LedgerError,
    LedgerUnavailable,
    UnreadableEntry,
    VersionConflict,
)
from ledger.publisher.published import NotCoveredYet

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/problems/"

log = structlog.get_logger()


class ProblemBody(BaseModel):
    """A problem as it travels (RFC 9457 section 3)."""

    type: str = Field(
        description="Which kind of problem this is; the address explains it.", examples=["/problems/dates_contradict"]
    )
    title: str = Field(description="The same for every problem of a kind.")
    status: int
    detail: str = Field(description="What is wrong this time, and how to mend it.")
    errors: list[FieldProblem] | None = Field(default=None, description="Each place that has to be mended.")


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """Raised by a door to answer with a problem of a kind that is in the registry."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: list[FieldProblem] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        assert KINDS[code].status == status, code  # noqa: S101 - a kind has one status
        self.status = status
        self.title = KINDS[code].title
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        if status == _NOT_NOW:
            self.headers.setdefault("Retry-After", RETRY_AFTER)


_NOT_NOW: Final = 503
RETRY_AFTER: Final = "1"
"""Seconds."""


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
    return JSONResponse(
        body.model_dump(exclude_none=True), problem.status, media_type=MEDIA_TYPE, headers=problem.headers
    )


def of_refusal(refused: Refused) -> Problem:
    """Give the problem of a refusal: the request has the right shape, and a rule of the record stands against it."""
    errors = None
    if refused.field:
        pointer = "/" + refused.field.replace(".", "/")
        errors = [FieldProblem(field=refused.field, message=refused.message, pointer=pointer)]
    headers = {"ETag": f'"{refused.version}"'} if isinstance(refused, MovedRefused) else None
    return Problem(KINDS[refused.code].status, refused.code, refused.message, errors, headers)


def of_ledger(error: LedgerError) -> Problem:  # noqa: PLR0911 - one for each kind of answer
    """Give the problem of an error in the ledger."""
    match error:
        case VersionConflict():
            return Problem(409, error.code, error.message)
        case EntryTooLarge():
            return Problem(413, error.code, error.message)
        case LedgerUnavailable() | KeyStoreUnavailable():
            return Problem(503, LedgerUnavailable.code, error.message)
        case NotCoveredYet():
            return Problem(503, error.code, error.message)
        case KeyDestroyed():
            return not_here()
        case UnreadableEntry():
            log.error("ledger.unreadable", code=error.code, said=error.message)
            return Problem(500, error.code, f"{error.message} It is not shown. Nothing was changed. Tell the operator.")
        case _:
            log.error("ledger.unreadable", code=error.code)
            code = error.code if error.code in KINDS else LedgerError.code
            return Problem(500, code, "The record could not be read. Tell the operator; nothing was changed.")


Answer = Callable[[Request, Problem], Response]


def install(app: FastAPI, answer_on_a_page: Answer) -> Answer:
    """
    Make every failure of an app a problem, or for somebody at a browser a page that says the same.

    Gives what tells a problem in the form its reader can use.
    """

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
        return tell(request, of_status(request, error.status_code))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.error("request.failed", kind=type(error).__name__)
        return tell(request, Problem(500, "internal", "Something went wrong on our side. Nothing was recorded."))

    return tell


def of_status(request: Request, status: int) -> Problem:
    """Give the problem of a request that reached no door."""
    match status:
        case 404:
            return not_here()
        case 405:
            allow = ", ".join(allowed(request.app.router.routes, request.scope))
            return Problem(
                405,
                "method_not_allowed",
                f"This address does not take {request.method}. It takes: {allow}.",
                headers={"Allow": allow},
            )
        case 408:
            return Problem(408, "too_slow", "The body did not arrive in time. Send it again.")
        case 415:
            return Problem(
                415, "not_this_content", "This address takes bodies as they are. Leave the header Content-Encoding out."
            )
        case 413:
            return Problem(413, "body_too_large", "The body is larger than any request needs to be. Split it.")
        case _:
            return Problem(400, "bad_request", "This request cannot be read. Check its address, headers and body.")


def of_validation(errors: Any) -> Problem:
    """Give the problem of a body or parameter that does not have the right shape."""
    mends = field_problems(errors)
    return Problem(422, "invalid", "Some of this cannot be taken as it is. See `errors` for what to mend.", mends)
