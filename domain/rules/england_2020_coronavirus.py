"""
England from 24 April to 25 September 2020: the 2010 rules as SI 2020/445 changed them.

That is the Adoption and Children (Coronavirus) (Amendment) Regulations 2020.
Only what has been read, in the regulation or in briefings on it, is changed here; every other rule is that of
`england_2010`. The later instrument on remote visits, SI 2020/909, fixes no period and is not encoded.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from domain.rules import england_2010
from domain.rules.england_2010.sources import REGULATIONS
from domain.rules.rule import Period, Unit, by_id

_BEFORE: Final = england_2010.PACK.deadlines

_CHANGED: Final = by_id(
    (
        replace(
            _BEFORE["placement_plan"],
            says="During the pandemic, the placement plan was to be ready as soon as could reasonably be done.",
            value=None,
            citation=f"{REGULATIONS} reg 9(2) as modified by SI 2020/445 reg 8(4)",
        ),
        replace(
            _BEFORE["emergency_foster_placement"],
            says="During the pandemic, an emergency stay with foster carers not approved for that child could last 24 "
            "weeks.",
            value=Period(24, Unit.WEEKS),
            citation=f"{REGULATIONS} reg 23 as modified by SI 2020/445",
            verified=True,
        ),
    )
)

PACK: Final = replace(
    england_2010.PACK,
    id="england-2020-coronavirus",
    version=1,
    title="England, 2010 Regulations as modified during the pandemic (SI 2020/445)",
    valid_from=england_2010.CORONAVIRUS[0],
    valid_to=england_2010.CORONAVIRUS[1],
    set_aside=(),
    deadlines=MappingProxyType({**_BEFORE, **_CHANGED}),
)
