"""
The shelf: every rule pack there is, and which of them speaks for a day.

`PACKS` only ever grows. A pack that has been pinned to a decision is never taken off or altered.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from typing import Final

from domain.rules import england_1991, england_2010, england_2020_coronavirus, wales_demo
from domain.rules.errors import JurisdictionUnknown, PackUnknown
from domain.rules.pack import RulePack

PACKS: Final = (england_1991.PACK, england_2010.PACK, england_2020_coronavirus.PACK, wales_demo.PACK)

_PINNED: Final = {pack.pin: pack for pack in PACKS}


def _in_order(jurisdiction: str) -> tuple[list[int], list[RulePack]]:
    spans = [(span, pack) for pack in PACKS if pack.jurisdiction == jurisdiction for span in pack.spans()]
    spans.sort(key=lambda entry: entry[0])
    return [first.toordinal() for (first, _), _ in spans], [pack for _, pack in spans]


_IN_ORDER: Final = {name: _in_order(name) for name in sorted({pack.jurisdiction for pack in PACKS})}
"""For each jurisdiction the first day of every span, in order, and the pack that speaks from that day on."""


def pack_in_force(jurisdiction: str, on: date | None) -> RulePack:
    """
    Give the pack that speaks for a day.

    A day nobody knows (`None`) gets the pack without an end, today's: the oldest would quietly excuse an undated
    decision from duties it may well have been under. Raises `JurisdictionUnknown`.
    """
    try:
        first_days, packs = _IN_ORDER[jurisdiction]
    except KeyError:
        raise JurisdictionUnknown(_IN_ORDER) from None
    return packs[-1] if on is None else packs[bisect_right(first_days, on.toordinal()) - 1]


def pack_pinned(pin: str) -> RulePack:
    """Give the pack a decision was stored with. Raises `PackUnknown`."""
    try:
        return _PINNED[pin]
    except KeyError:
        raise PackUnknown(_PINNED) from None


def all_packs() -> tuple[RulePack, ...]:
    """Give every pack, oldest law first."""
    return PACKS


def jurisdictions() -> tuple[str, ...]:
    """Give the places there are rules for, in alphabetical order."""
    return tuple(_IN_ORDER)
