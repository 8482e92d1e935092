"""The sources of this pack by their short names, as citations print them, and the units its periods are counted in."""

from __future__ import annotations

from typing import Final

from domain.rules.rule import Unit

ACT: Final = "Children Act 1989"
REGULATIONS: Final = "Care Planning Regulations 2010"
"""The Care Planning, Placement and Case Review (England) Regulations 2010, SI 2010/959."""
HANDBOOK: Final = "IRO Handbook 2010"
"""Statutory guidance for independent reviewing officers and local authorities, 2010."""
COMPLAINTS: Final = "Children Act 1989 Representations Procedure (England) Regulations 2006"
"""SI 2006/1738."""
LEAVING: Final = "Care Leavers (England) Regulations 2010"
SECURE: Final = "Children (Secure Accommodation) Regulations 1991"
"""SI 1991/1505."""
DATA_PROTECTION: Final = "UK GDPR"
DATA_USE: Final = "Data (Use and Access) Act 2025"
HOUSE: Final = "House policy"

WORKING_DAYS: Final = Unit.WORKING_DAYS
DAYS: Final = Unit.DAYS
WEEKS: Final = Unit.WEEKS
MONTHS: Final = Unit.MONTHS
YEARS: Final = Unit.YEARS
