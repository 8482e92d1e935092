"""What a caller would rather have (RFC 7240): how long an answer may wait for something better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import Depends, Header, Request

LONGEST_WAIT: Final = 20
"""Seconds."""
APPLIED_HEADER: Final = "Preference-Applied"

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - of a grammar
_WORD: Final = rf'(?:{_TOKEN}|"(?:[^"\\]|\\.)*")'
_PAIR: Final = rf"{_TOKEN}(?:[ \t]*=[ \t]*{_WORD})?"
_PREFERENCE: Final = re.compile(
    rf"[ \t]*(?P<name>{_TOKEN})(?:[ \t]*=[ \t]*(?P<value>{_WORD}))?(?:[ \t]*;[ \t]*(?:{_PAIR})?)*[ \t]*(?:,|$)"
)
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


async def _preferences_stated(
    request: Request,
    prefer: Annotated[  # noqa: ARG001 - described here; a request may have several, and all of them are read
        str | None,
        Header(
            alias="Prefer",
            max_length=1_000,
            description=(
                "`wait=N`: answer once a published checkpoint covers the entry, and after N seconds at the latest, "
                f"{LONGEST_WAIT} at most (RFC 7240). `{APPLIED_HEADER}` says how long was waited for, where it was."
            ),
            examples=["wait=2"],
        ),
    ] = None,
) -> list[str]:
    return request.headers.getlist("prefer")


Preferences = Annotated[list[str], Depends(_preferences_stated)]
"""All headers `Prefer` of a request."""


def wait_asked(headers: Sequence[str]) -> int | None:
    """
    Give the seconds that somebody would rather wait, `LONGEST_WAIT` at most; nothing where they did not say.

    Of a preference stated twice the first counts, and what cannot be read is a
    preference we do not know (RFC 7240 section 2).
    """
    for name, value in _preferences(", ".join(headers)):
        if name == "wait":
            return min(int(value), LONGEST_WAIT) if _SECONDS.fullmatch(value) else None
    return None


def _preferences(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        preference = _PREFERENCE.match(text, at)
        if preference is None:
            at = text.find(",", at) + 1 or len(text)
            continue
        found.append((preference["name"].lower(), preference["value"] or ""))
        at = preference.end()
    return found
