"""
Reading one value of the return: a date, a code, a flag, a number.

A code of another year than the return's is taken in and noted. What is no code at all, or no date, is `Unreadable`,
with a sentence that says how to mend it and never repeats what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeVar

from domain.case.episodes import URN
from domain.codes import (
    Activity,
    AdopterSex,
    AdopterStatus,
    CareLeaverHome,
    CategoryOfNeed,
    Code,
    Ethnicity,
    InTouch,
    LegalStatus,
    MissingKind,
    Place,
    PreviousPermanence,
    Provider,
    ReasonEpisodeCeased,
    ReasonNewEpisode,
    ReasonPlaceChange,
    ReasonPlacedCeased,
    ReviewCode,
    SdqReason,
    Sex,
)
from domain.dates import PartialDate

C = TypeVar("C", bound=Code)

CONTINUES: Final = "X1"
"""`REC`: the next episode begins the same day."""
SW_REASONS: Final = frozenset(
    {"MANAGE", "FCONTA", "LEFTRL", "ORGRST", "TSPROC", "ABSENC", "CHCHAN", "PCCHAN", "SWDIED", "OTHERS"}
)
SUITABLE: Final = {"1": True, "2": False}


class Unreadable(ValueError):  # noqa: N818 - names the finding
    """A value that cannot be read, and how to mend it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Valid:
    """The collection years (by the year they end in) in which a code was valid; open ends are 0 and 9999."""

    first: int = 0
    last: int = 9999


VALID: Final[Mapping[tuple[str, str], Valid]] = {
    ("SEX", "1"): Valid(last=2024),
    ("SEX", "2"): Valid(last=2024),
    ("SEX", "M"): Valid(first=2025),
    ("SEX", "F"): Valid(first=2025),
    ("SEX", "U"): Valid(first=2025),
    ("PLACE", "H5"): Valid(last=2025),
    ("PLACE", "P2"): Valid(last=2025),
    ("PLACE", "Z1"): Valid(last=2025),
    ("PLACE", "K3"): Valid(first=2025),
    **{("PLACE", each): Valid(first=2026) for each in ("Z11", "Z12", "Z13", "Z14")},
    ("REC", "E43"): Valid(last=2020),
    ("REC", "E44"): Valid(last=2020),
    **{("REC", each): Valid(first=2018) for each in ("E45", "E46", "E47", "E48")},
    ("REASON_PLACE_CHANGE", "CUSTOD"): Valid(first=2018),
    ("ACTIV", "F3"): Valid(last=2021),
    ("ACTIV", "P3"): Valid(last=2021),
    **{("ACTIV", each): Valid(first=2022) for each in ("F4", "P4", "F5", "P5")},
}
"""
Codes that came or went. Where the year of the change itself was not seen, both are valid in the years between.

Sources: the sector's validator, rules 101, 146 and 132 by year; the schemas of 2017, 2021 and 2024 in liia-tools.
"""

_SEXES: Final = {"1": Sex.M, "2": Sex.F, **{each.value: each for each in Sex}}
_FLAGS: Final = {"0": False, "1": True}
_DAY: Final = re.compile(r"(\d{1,2}|zz)/(\d{1,2}|zz)/(\d{4}|zzzz)(?: 00:00(?::00)?)?", re.ASCII | re.IGNORECASE)
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00:00(?:\.0+)?Z?)?", re.ASCII)


@lru_cache(maxsize=16384)
def day(text: str) -> PartialDate:
    """Read a date to the day, as the return writes it (DD/MM/YYYY) or as ISO 8601."""
    moment = partial(text)
    if moment is None or moment.first_day != moment.last_day:
        raise Unreadable("date_incomplete", "Give the whole date, as DD/MM/YYYY.")
    return moment


@lru_cache(maxsize=1024)
def partial(text: str) -> PartialDate | None:
    """Read a date of which day, month or even the year may be `zz`; nothing where all of it is."""
    if (iso := _ISO.fullmatch(text)) is not None:
        return _on(*map(int, iso.groups()))
    form = _DAY.fullmatch(text)
    if form is None:
        raise Unreadable("not_a_date", "This is not a date. Write it as DD/MM/YYYY.")
    days, months, years = (part.lower() for part in form.groups())
    if years == "zzzz" and months == days == "zz":
        return None
    if years == "zzzz" or (months == "zz" and days != "zz"):
        raise Unreadable("not_a_date", "Only the day, the day and month, or all of a date may be zz.")
    if months == "zz":
        return _within(PartialDate.in_year(int(years)))
    if days == "zz":
        try:
            return _within(PartialDate.in_month(int(years), int(months)))
        except ValueError:
            raise Unreadable("not_a_date", "There is no such month. Check the date.") from None
    return _on(int(years), int(months), int(days))


def _on(year: int, month: int, of_month: int) -> PartialDate:
    try:
        return _within(PartialDate.on(date(year, month, of_month)))
    except ValueError:
        raise Unreadable("not_a_date", "There is no such day. Check the date (DD/MM/YYYY).") from None


def _within(moment: PartialDate) -> PartialDate:
    try:
        return PartialDate.parse(str(moment))
    except ValueError as problem:
        raise Unreadable("not_a_date", "This year is out of reach. Check the date.") from problem


def _code(codes: type[C]) -> Callable[[str], C]:
    known: dict[str, C] = {each.value: each for each in codes}

    def read(text: str) -> C:
        if (code := known.get(text.upper())) is None:
            raise Unreadable("unknown_code", "This is not a code of any collection year. Check it against the guide.")
        return code

    return read


def _sex(text: str) -> Sex:
    if (sex := _SEXES.get(text.upper())) is None:
        raise Unreadable("unknown_code", "Use 1 or 2 up to collection year 2023-24, and M, F or U since.")
    return sex


def _flag(text: str) -> bool:
    if (flag := _FLAGS.get(text.removesuffix(".0"))) is None:
        raise Unreadable("unknown_code", "Use 1 for yes and 0 for no.")
    return flag


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        plain = text.removesuffix(".0")
        if not (plain.isascii() and plain.isdecimal() and len(plain) <= 3 and least <= int(plain) <= most):  # noqa: PLR2004
            raise Unreadable("not_a_number", f"Use a whole number from {least} to {most}.")
        return int(plain)

    return read


def _rec(text: str) -> ReasonEpisodeCeased | str:
    return CONTINUES if text.upper() == CONTINUES else _code(ReasonEpisodeCeased)(text)


def _sw_reason(text: str) -> str:
    if text.upper() not in SW_REASONS:
        raise Unreadable("unknown_code", "This is not a code of any collection year. Check it against the guide.")
    return text.upper()


def _home(text: str) -> tuple[CareLeaverHome, bool | None]:
    if text == CareLeaverHome.NONE.value:
        return CareLeaverHome.NONE, None
    if len(text) != 2 or text[1] not in SUITABLE or text[0] == CareLeaverHome.NONE.value:  # noqa: PLR2004
        raise Unreadable("unknown_code", "Use a letter for the place and 1 (suitable) or 2 (not), or 0.")
    return _code(CareLeaverHome)(text[0]), SUITABLE[text[1]]


def _text(pattern: str, mend: str) -> Callable[[str], str]:
    form = re.compile(pattern, re.ASCII)

    def read(text: str) -> str:
        if form.fullmatch(text) is None:
            raise Unreadable("wrong_form", mend)
        return text

    return read


_POSTCODE: Final = _text(r"[A-Za-z0-9][A-Za-z0-9 ]{1,9}", "This is not a postcode. Check it, or leave it out.")
_DATES: Final = (
    "DOB MC_DOB DECOM DEC REVIEW DUC DATE_INT DATE_MATCH DATE_PLACED DATE_PLACED_CEASED MIS_START MIS_END SW_DECOM "
    "SW_DEC DOLO_START DOLO_END"
)
_FLAGGED: Final = (
    "CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT SUBSTANCE_MISUSE INTERVENTION_RECEIVED "
    "INTERVENTION_OFFERED FOSTER_CARE MOTHER"
)

READERS: Final[dict[str, Callable[[str], Any]]] = {
    **dict.fromkeys(_DATES.split(), day),
    **dict.fromkeys(
        [
            "CONVICTED",
            "HEALTH_CHECK",
            "IMMUNISATIONS",
            "TEETH_CHECK",
            "HEALTH_ASSESSMENT",
            "SUBSTANCE_MISUSE",
            "INTERVENTION_RECEIVED",
            "INTERVENTION_OFFERED",
            "FOSTER_CARE",
            "MOTHER",
        ],
        _flag,
    ),
    "DATE_PERM": partial,
    "SEX": _sex,
    "ETHNIC": _code(Ethnicity),
    "UPN": _text(r"[A-Za-z0-9]{1,13}", "A pupil number has 13 letters and digits, or is UN and a digit."),
    "RNE": _code(ReasonNewEpisode),
    "LS": _code(LegalStatus),
    "CIN": _code(CategoryOfNeed),
    "PLACE": _code(Place),
    "PLACE_PROVIDER": _code(Provider),
    "REC": _rec,
    "REASON_PLACE_CHANGE": _code(ReasonPlaceChange),
    "HOME_POST": _POSTCODE,
    "PL_POST": _POSTCODE,
    "URN": _text(URN, "Ofsted's number has seven digits, or is SC and six, or seven X."),
    "REVIEW_CODE": _code(ReviewCode),
    "SDQ_SCORE": _number(0, 40),
    "SDQ_REASON": _code(SdqReason),
    "IN_TOUCH": _code(InTouch),
    "ACTIV": _code(Activity),
    "ACCOM": _home,
    "NB_ADOPTR": _number(1, 2),
    "SEX_ADOPTR": _code(AdopterSex),
    "LS_ADOPTR": _code(AdopterStatus),
    "REASON_PLACED_CEASED": _code(ReasonPlacedCeased),
    "PREV_PERM": _code(PreviousPermanence),
    "LA_PERM": _text(r"[A-Za-z0-9]{1,9}", "Use the code of the authority, letters and digits."),
    "MISSING": _code(MissingKind),
    "SW_ID": _text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "Use the registration number, such as SW12345."),
    "SW_REASON": _sw_reason,
}
"""How each column is read."""


def out_of_year(column: str, text: str, year: int | None) -> str | None:
    """Say it where a code was not valid in the year of the return."""
    valid = VALID.get((column, text.upper()))
    if year is None or valid is None or valid.first <= year <= valid.last:
        return None
    when = f"since {_name(valid.first)}" if valid.first else f"up to {_name(valid.last)}"
    return f"This code is valid {when}, not in {_name(year)}. It was taken in as it stands; check it."


def _name(year: int) -> str:
    return f"{year - 1}-{year % 100:02d}"
