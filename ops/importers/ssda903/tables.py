"""The tables of the return: their columns, and how a table is known by them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Table(StrEnum):
    """A table of the return, by the name the sector uses."""

    HEADER = "Header"
    EPISODES = "Episodes"
    REVIEWS = "Reviews"
    UASC = "UASC"
    OC2 = "OC2"
    OC3 = "OC3"
    AD1 = "AD1"
    PLACED_ADOPTION = "PlacedAdoption"
    PREV_PERM = "PrevPerm"
    MISSING = "Missing"
    SW_EPISODES = "SWEpisodes"
    DOLO = "DoLo"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table beside CHILD: those it is known by, and all; `since` is the first year that has it."""

    known_by: frozenset[str]
    columns: tuple[str, ...]
    since: int = 0


def _layout(columns: str, known_by: str, since: int = 0) -> Layout:
    return Layout(frozenset(known_by.split()), tuple(columns.split()), since)


LAYOUTS: Final = {
    Table.HEADER: _layout("SEX DOB ETHNIC UPN MOTHER MC_DOB", "SEX DOB ETHNIC"),
    Table.EPISODES: _layout(
        "DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN", "DECOM RNE LS PLACE"
    ),
    Table.REVIEWS: _layout("DOB REVIEW REVIEW_CODE", "REVIEW REVIEW_CODE"),
    Table.UASC: _layout("SEX DOB DUC", "DUC"),
    Table.OC2: _layout(
        "DOB SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT SUBSTANCE_MISUSE "
        "INTERVENTION_RECEIVED INTERVENTION_OFFERED",
        "SDQ_SCORE HEALTH_ASSESSMENT",
    ),
    Table.OC3: _layout("DOB IN_TOUCH ACTIV ACCOM", "IN_TOUCH"),
    Table.AD1: _layout("DOB DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR", "DATE_INT DATE_MATCH"),
    Table.PLACED_ADOPTION: _layout("DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED", "DATE_PLACED"),
    Table.PREV_PERM: _layout("DOB PREV_PERM LA_PERM DATE_PERM", "PREV_PERM"),
    Table.MISSING: _layout("DOB MISSING MIS_START MIS_END", "MIS_START"),
    Table.SW_EPISODES: _layout("DOB SW_ID SW_DECOM SW_DEC SW_REASON", "SW_ID SW_DECOM", 2024),
    Table.DOLO: _layout("DOB DOLO_START DOLO_END", "DOLO_START", 2027),
}
"""By table. Source: the sector's validator, configuration of collection years 2022-23 to 2026-27."""

DERIVED: Final = frozenset({"PL_LA", "PL_LOCATION", "PL_DISTANCE", "UASC", "LA", "YEAR", "ONS_AREA_CODE"})
"""Columns that some systems add; they follow from others, and carry nothing of their own."""

ALSO_CALLED: Final = {"CHILDID": "CHILD", "CHILD_ID": "CHILD", "PL": "PLACE"}
"""Other names of columns: those of the XML form, and one that is common."""


def column_name(text: str) -> str:
    """Give the name of a column as this module writes it: the case and the blanks around it do not matter."""
    name = re.sub(r"[\s-]+", "_", text.strip().strip('"').upper())
    return ALSO_CALLED.get(name, name)


def tables_with(columns: Iterable[str]) -> list[Table]:
    """Give the tables these columns can be of; a table of the return is one of exactly one."""
    found = set(columns)
    return [table for table, layout in LAYOUTS.items() if layout.known_by <= found]
