"""Promises made to the child: due after they were made, and settled once."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case.refusal import DatesRefused, NotThereRefused

PROMISE = {"do": "make_promise", "ref": "bike", "promised": "2026-03-10", "what": "Your bike comes too."}
SETTLE = {
    "do": "settle_promise",
    "promise": "bike",
    "settled": "2026-03-20",
    "kept": False,
    "what": "Lost in the move.",
}
OFFER = {"do": "offer_advocate", "ref": "offer", "offered": "2026-03-05"}


@pytest.mark.parametrize(
    ("due", "fits"), [("2026-03-10", True), ("2026-03", True), ("2026-07-01", True), ("2026-03-09", False)]
)
def test_a_promise_is_due_after_it_was_made(opened: Any, due: str, fits: bool) -> None:  # noqa: FBT001
    """The day it is due may lie ahead; it does not lie behind."""
    outcome = opened().when(PROMISE | {"due": due})

    if fits:
        outcome.then("promise.made", due=due)
    else:
        outcome.refused(DatesRefused, field="due")


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"settled": "2026-03-09"}, DatesRefused, "settled"),
        ({"promise": "nothing"}, NotThereRefused, "promise"),
        ({"promise": "offer"}, NotThereRefused, "promise"),
    ],
)
def test_what_became_of_a_promise(opened: Any, change: dict[str, Any], kind: Any, field: str) -> None:
    """It was made first, and it was a promise."""
    case = opened(PROMISE, OFFER)

    case.when(SETTLE | {"settled": "2026-03-10"}).then("promise.settled", kept=False)
    case.when(SETTLE | change).refused(kind, field=field)


def test_a_promise_is_settled_once(opened: Any) -> None:
    """Kept or not kept, not both; another promise is another matter."""
    case = opened(PROMISE, PROMISE | {"ref": "cat"}, SETTLE | {"ref": "lost"})

    refusal = case.when(SETTLE | {"kept": True}).refused(NotThereRefused)
    assert "lost" in refusal.message
    case.when(SETTLE | {"promise": "cat"}).then("promise.settled")
