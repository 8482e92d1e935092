"""Receipts as they stand now: with a proof once a checkpoint covers them, cosigned once witnesses have seen it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from api.desk import Desk
from api.negotiation import preferred
from api.preconditions import TaggedRoute
from api.preferring import APPLIED_HEADER, Preferences
from api.problems import Problem, not_here
from api.receipts import PROOF_SUFFIX, RECEIPTS, ReceiptShape
from api.routes.answering import problems

TEXT: Final = "text/plain"
_FURTHEST: Final = 2**53

Index = Annotated[
    int,
    Path(
        ge=0,
        le=_FURTHEST,
        description="Which leaf of the log, from 0: `leaf_index` of a receipt, or the position less one.",
        examples=[0],
    ),
]
APPLIED: Final[dict[str, Any]] = {
    APPLIED_HEADER: {
        "description": "For how many seconds at most the answer waited.",
        "schema": {"type": "string", "pattern": "^wait=[0-9]+$"},
    }
}
_PROOF: Final[dict[str, Any]] = {
    "description": "A tlog-proof (C2SP). Its `extra` is the entry.",
    "content": {TEXT: {"schema": {"type": "string"}}},
}


def receipts(desk: Desk) -> APIRouter:
    """Make the routes that give receipts of the log of a desk."""
    router = APIRouter(prefix=RECEIPTS, tags=["proof"], route_class=TaggedRoute, responses=problems(404, 503))

    @router.get(
        "/{index}" + PROOF_SUFFIX,
        summary="Read a receipt as a file",
        response_class=Response,
        responses={200: {**_PROOF, "headers": APPLIED}},
    )
    async def read_proof(index: Index, prefer: Preferences) -> Response:
        """Give the proof of an entry as a `.tlog-proof` file, which `beforehand verify receipt` checks by itself."""
        return await _as_file(desk, prefer, index)

    @router.get(
        "/{index}",
        summary="Read a receipt",
        responses={200: {"content": {TEXT: {"schema": {"type": "string"}}}, "headers": APPLIED}, **problems(406)},
    )
    async def read_receipt(
        request: Request,
        response: Response,
        index: Index,
        prefer: Preferences,
    ) -> ReceiptShape:
        """
        Give the receipt of an entry as it stands now.

        Its proof is against a checkpoint that witnesses have cosigned, as soon as there is one. Asked for as
        `text/plain`, it is the `.tlog-proof` file alone.
        """
        match preferred(request.headers.get("accept"), ("application/json", TEXT)):
            case "application/json":
                pass
            case "text/plain":
                return await _as_file(desk, prefer, index)  # type: ignore[return-value]  # in another form
            case _:
                raise Problem(406, "not_acceptable", f"A receipt comes as application/json or as {TEXT}. Ask for one.")
        leaf, entry = await _leaf(desk, index)
        say_waited(response, await desk.receipts.waited(prefer, index))
        response.headers["Vary"] = "Accept"
        return await desk.receipts.as_it_stands(index, leaf, entry)

    return router


async def _as_file(desk: Desk, prefer: list[str], index: int) -> Response:
    _, entry = await _leaf(desk, index)
    waited = await desk.receipts.waited(prefer, index)
    proof = await desk.receipts.proof(index, entry)
    if proof is None:
        raise not_proven(desk)
    response = Response(proof, media_type=TEXT, headers={"Vary": "Accept"})
    response.headers["Content-Disposition"] = f'attachment; filename="{index}{PROOF_SUFFIX}"'
    say_waited(response, waited)
    return response


def not_proven(desk: Desk) -> Problem:
    """Give the problem of what no checkpoint covers: not yet, or never from here."""
    if desk.receipts.proves:
        return Problem(503, "not_covered_yet", "No checkpoint covers this entry yet. Ask again in a few seconds.")
    return Problem(
        404, "not_published", "This server does not know where its log is published. Ask the operator for the address."
    )


async def _leaf(desk: Desk, index: int) -> tuple[bytes, bytes | None]:
    found = await desk.log.leaf(index)
    if found is None:
        raise not_here()
    return found


def say_waited(response: Response, waited: int | None) -> None:
    """Say for how long it was waited, where it was (RFC 7240 section 3)."""
    if waited is not None:
        response.headers[APPLIED_HEADER] = f"wait={waited}"
