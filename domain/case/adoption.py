"""
How a child came to be adopted, and the lasting home there had been before this time in care.

The decision that a child should be placed for adoption is a care-plan decision like any other. Source: SSDA903 tables
AD1 and PrevPerm.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Part
from domain.case.refusal import DatesRefused
from domain.case.state import Case
from domain.codes import AdopterSex, AdopterStatus, PreviousPermanence
from domain.dates import PartialDate, civil


class Adoption(Part):
    """The steps to an adoption, and who adopts."""

    best_interests: PartialDate | None = Field(
        default=None, description="When it was decided that adoption is best for the child (`DATE_INT`)."
    )
    matched: PartialDate | None = Field(
        default=None, description="When child and adopters were matched (`DATE_MATCH`)."
    )
    by_foster_carer: bool | None = Field(
        default=None, description="Whether the adopters were the child's foster carers (`FOSTER_CARE`)."
    )
    adopters: int | None = Field(default=None, ge=1, le=2, description="How many adopt (`NB_ADOPTR`).")
    adopter_sex: AdopterSex | None = Field(default=None, description="Who adopts (`SEX_ADOPTR`).")
    adopter_status: AdopterStatus | None = Field(
        default=None, description="What the adopters are to each other (`LS_ADOPTR`)."
    )


class AdoptionRecorded(Adoption, Fact, topic="adoption.recorded", phrase="New parents were found for the child"):
    """The steps to an adoption were recorded."""

    DATED = "matched"
    REF_PREFIX = "adoption"


class RecordAdoption(Adoption, Command, records=AdoptionRecorded):
    """Record the steps to an adoption."""

    do: Literal["record_adoption"] = "record_adoption"

    def check(self, case: Case, act: Act) -> None:
        """Refuse steps before birth or ahead of today, and a match before the plan."""
        case.must_exist()
        case.not_before_birth(self, "best_interests")
        case.not_before_birth(self, "matched")
        if self.best_interests and self.best_interests.after(PartialDate.at(civil(act.at))):
            raise DatesRefused("`best_interests` lies in the future. Check the date.", field="best_interests")
        if self.best_interests and self.matched and self.matched.before(self.best_interests):
            raise DatesRefused(
                "`matched` lies before adoption was held to be best for the child. Check both dates.", field="matched"
            )


class EarlierPermanence(Part):
    """A lasting home there had been before, or that there was none."""

    permanence: PreviousPermanence = Field(description="What kind it was (`PREV_PERM`).")
    authority: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9]{1,9}$", description="The code of the authority then (`LA_PERM`)."
    )
    since: PartialDate | None = Field(default=None, description="From when, as exactly as is known (`DATE_PERM`).")


class EarlierPermanenceRecorded(
    EarlierPermanence, Fact, topic="permanence.before", phrase="Was there a lasting home before this time in care"
):
    """What lasting home the child had had before was recorded."""

    DATED = "since"
    REF_PREFIX = "permanence-before"


class RecordEarlierPermanence(EarlierPermanence, Command, records=EarlierPermanenceRecorded):
    """Record what lasting home the child had had before this time in care."""

    do: Literal["record_earlier_permanence"] = "record_earlier_permanence"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a lasting home before birth."""
        case.must_exist()
        case.not_before_birth(self, "since")
