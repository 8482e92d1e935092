"""Places in a list, written so that the next page goes on just behind them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

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


def count_asked(typed: str | None) -> int:
    """Read a place in the list of cases. Raises `PlaceNotFound`."""
    if not typed:
        return 0
    if _COUNT.fullmatch(typed) is None:
        raise PlaceNotFound
    return int(typed)
