"""
What is told once a year: how a child's health was looked after, and how a care leaver was doing.

Source: SSDA903 tables OC2 (outcomes of children looked after for a year) and OC3 (care leavers).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Part
from domain.case.state import Case
from domain.codes import Activity, CareLeaverHome, InTouch, SdqReason
from domain.dates import PartialDate


class Health(Part):
    """A year of health."""

    year_to: PartialDate = Field(description="The last day of the year it tells of.")
    sdq_score: int | None = Field(
        default=None, ge=0, le=40, description="The score on strengths and difficulties (`SDQ_SCORE`)."
    )
    sdq_reason: SdqReason | None = Field(default=None, description="Why there is no score (`SDQ_REASON`).")
    convicted: bool | None = Field(default=None, description="Convicted of an offence in the year (`CONVICTED`).")
    health_check: bool | None = Field(default=None, description="Development checked, under five (`HEALTH_CHECK`).")
    immunisations: bool | None = Field(default=None, description="Immunisations up to date (`IMMUNISATIONS`).")
    teeth_check: bool | None = Field(default=None, description="Teeth checked (`TEETH_CHECK`).")
    health_assessment: bool | None = Field(default=None, description="Health assessed (`HEALTH_ASSESSMENT`).")
    substance_misuse: bool | None = Field(default=None, description="A problem with drugs (`SUBSTANCE_MISUSE`).")
    intervention_received: bool | None = Field(default=None, description="Had help with it (`INTERVENTION_RECEIVED`).")
    intervention_offered: bool | None = Field(
        default=None, description="Was offered help with it (`INTERVENTION_OFFERED`)."
    )


class HealthReported(Health, Fact, topic="health.year_reported", phrase="A year of health was written down"):
    """How the child's health was looked after in a year."""

    DATED = "year_to"
    REF_PREFIX = "health"


class ReportHealth(Health, Command, records=HealthReported):
    """Record how the child's health was looked after in a year."""

    do: Literal["report_health"] = "report_health"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a year before birth."""
        case.must_exist()
        case.not_before_birth(self, "year_to")


class CareLeaverYear(Part):
    """How a care leaver was doing."""

    year_to: PartialDate = Field(description="The last day of the year it tells of.")
    in_touch: InTouch | None = Field(default=None, description="Whether the authority was in touch (`IN_TOUCH`).")
    activity: Activity | None = Field(default=None, description="Work or learning (`ACTIV`).")
    lives_in: CareLeaverHome | None = Field(default=None, description="Where they lived (`ACCOM`, the letter).")
    suitable: bool | None = Field(default=None, description="Whether that was suitable (`ACCOM`, 1 or 2).")


class CareLeaverReported(
    CareLeaverYear, Fact, topic="care_leaver.year_reported", phrase="How things went after care was written down"
):
    """How a care leaver was doing in a year."""

    DATED = "year_to"
    REF_PREFIX = "care-leaver"


class ReportCareLeaver(CareLeaverYear, Command, records=CareLeaverReported):
    """Record how a care leaver was doing in a year."""

    do: Literal["report_care_leaver"] = "report_care_leaver"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a year before birth."""
        case.must_exist()
        case.not_before_birth(self, "year_to")
