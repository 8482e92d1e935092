"""Ways to spoil a good body, by Hypothesis: what people paste, what programs get wrong, and what attackers try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

CANARY = "Kanarienvögel"
"""Stands in every text that a harm puts in; it may be in the record and in the record only."""

TRACE = "kanarienv"
"""What is looked for where the canary must not be, in small letters."""

TEXTS = [
    f"O'{CANARY}\"; DROP TABLE event; --", f"{CANARY} 😢👩‍👩‍👧‍👦", f"\u202e{CANARY}\u202c",
    f"{CANARY}{'e' + chr(0x301) * 40}",
    f"\u200b{CANARY}\u200d\ufeff", f"{CANARY}\0", f"\0{CANARY}", f"{CANARY}\ud800", f"<script>{CANARY}</script>",
    f"{{{{7*7}}}}${{{CANARY}}}%s%n", f"../../../{CANARY}", f"{CANARY}\r\nSet-Cookie: a=b", f"{CANARY}\u2028\x85\x1b[2J",
    f"{CANARY * 25_000}", f"\u0638{CANARY}\u05d0", f"\U0010ffff{CANARY}\ufdd0",
]  # fmt: skip
DATES = [
    "2026-02-30", "2099-01-01", "9999-12-31", "0000-00-00", "0001-01-01", "1066", "2026-13", "2026-03-10T25:00",
    "2026-03-10T02:30", "2026-03-29T01:30", "2026-03-10T12:00+99:00", "-2026-01-01",
    "\uff12\uff10\uff12\uff16-03-10", "10/03/2026",
    "2026-3-1", f"2026-03-10 {CANARY}", "2014-05-02", "1970",
]  # fmt: skip
REFERENCES = [
    "nowhere",
    "opening",
    "kim",
    "said",
    "move",
    "x" * 200,
    f"{CANARY} is no reference",
    "a/b",
    "..",
    "%2e%2e",
]
KINDS: list[Any] = [
    None, True, False, 0, -1, 3.5, 10**300, 2**63, -(2**63) - 1, 1e308, "", " ", "\t\n", [], {}, [[]], [None], [CANARY],
    {CANARY: CANARY}, [CANARY] * 300, [{}] * 200, "NO_SUCH_CODE", CANARY,
]  # fmt: skip
EXTRA = [f"{CANARY} ", "__proto__", "constructor", "by", "recorded_at", "case_id", "TOPIC", f"{CANARY}\0", "ref ", ""]
SPOILING = [*TEXTS, *DATES, *REFERENCES, *KINDS]

Path = tuple[Any, ...]


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place of a body but its `do`."""
    if at and at != ("do",):
        yield at
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*at, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*at, number))


def put(body: Any, at: Path, value: Any) -> Any:
    """Give a body with another value in one place; a place that is gone by now stays as it is."""
    spoilt = deepcopy(body)
    holder = spoilt
    for step in at[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return spoilt
    if isinstance(holder, dict) or (isinstance(holder, list) and isinstance(at[-1], int) and at[-1] < len(holder)):
        holder[at[-1]] = deepcopy(value)
    return spoilt


@st.composite
def spoilt(draw: st.DrawFn, body: dict[str, Any], fields: list[str]) -> Any:
    """A body with one to three things wrong with it, in fields it has and in fields it may have."""
    found = [*places(body), *((name,) for name in fields if name != "do")]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(found))
        match draw(st.sampled_from(["put", "put", "put", "put", "leave out", "add", "wrong command", "whole"])):
            case "put":
                body = put(body, at, draw(st.sampled_from(SPOILING)))
            case "leave out":
                body = {name: value for name, value in body.items() if name != at[0]}
            case "add":
                body = {**body, draw(st.sampled_from(EXTRA)): CANARY}
            case "wrong command":
                body = {**body, "do": draw(st.sampled_from([CANARY, None, 7, "open_case", "record_visit", "", []]))}
            case _:
                return draw(st.sampled_from([body, [body], *KINDS]))
    return body


def written(body: Any) -> bytes:
    """Write a body as JSON, halves of pairs and all."""
    return json.dumps(body).encode()


RAW = [
    b"", b"{", b"null", b'{"do":', b"\xff\xfe{}", b'{"do": "record_visit", "do": "close_case"}',
    b'{"do": NaN}', b"[" * 90_000,
    '{"do": "record_visit", "note": "Kanarienvögel"}'.encode("latin-1"), '{"do": "Kanarienvögel"} {}'.encode(),
    b'{"do": "record_visit", "visited": "2026-03-08", "note": "Kanarienv', b"9" * 10_000,
]  # fmt: skip
"""Bodies that are not JSON at all, or not one value of it."""
