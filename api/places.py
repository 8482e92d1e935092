"""Places in a list, written so that the next page goes on just behind them."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_CURSOR: Final = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_PLACE: Final = re.compile(r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?)_(?P<version>\d{1,9})", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,12}", re.ASCII)


class PlaceNotFound(ValueError):  # noqa: N818 - reads as the sentence it carries
    """What was given points at no place in a list."""


def place_asked(typed: str | None) -> tuple[datetime, int] | None:
    """Read a place in a timeline as `place_written` wrote it. Raises `PlaceNotFound`."""
    if not typed:
        return None
    form = _PLACE.fullmatch(typed)
    if form is None:
        raise PlaceNotFound
    try:
        return datetime.fromisoformat(form["at"]), int(form["version"])
    except ValueError:
        raise PlaceNotFound from None


def place_written(place: tuple[datetime, int]) -> str:
    """Write a place in a timeline, to go on from there."""
    return f"{place[0].isoformat(timespec='microseconds')}_{place[1]}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of a timeline ended, and the version of the case that its first page was read at."""

    place: tuple[datetime, int]
    upto: int


def cursor_asked(typed: str | None) -> Cursor | None:
    """Read a cursor as `cursor_written` wrote it. Raises `PlaceNotFound`."""
    if not typed:
        return None
    if _CURSOR.fullmatch(typed) is None:
        raise PlaceNotFound
    try:
        place, _, upto = urlsafe_b64decode(typed + "=" * (-len(typed) % 4)).decode("ascii").partition("/")
    except ValueError:
        raise PlaceNotFound from None
    found, version = place_asked(place), count_asked(upto)
    if found is None or not version:
        raise PlaceNotFound
    return Cursor(found, version)


def cursor_written(cursor: Cursor) -> str:
    """Write a cursor: one word that says nothing to its reader, so that nobody builds one."""
    text = f"{place_written(cursor.place)}/{cursor.upto}"
    return urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def count_asked(typed: str | None) -> int:
    """Read a place in the list of cases. Raises `PlaceNotFound`."""
    if not typed:
        return 0
    if _COUNT.fullmatch(typed) is None:
        raise PlaceNotFound
    return int(typed)
