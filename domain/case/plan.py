"""
Plans, orders and the other decisions that shape a childhood.

Care plan and permanence, legal status, school, health, liberty, leaving care, identity. Each is a decision with a few
fields of its own.
Sources: Care Planning Regulations 2010 regs 5, 7, 10, 32; Children Act 1989 ss 25, 31, 38; Care Leavers (England)
Regulations 2010; SSDA903 codes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.decision import DecisionCommand, DecisionMade
from domain.case.episodes import refuse_second_end
from domain.case.fact import Fact, Name, Narrative, Part, Ref, Stamp
from domain.case.refusal import DatesRefused, IncompleteRefused
from domain.case.state import Case
from domain.codes import LegalStatus, PermanencePlan, ReasonPlacedCeased
from domain.dates import PartialDate


class CarePlan(Part):
    """A change to the care plan."""

    kind: Literal["CAREPLAN_PERMANENCE", "CAREPLAN_OTHER"]
    plan: tuple[PermanencePlan, ...] = Field(default=(), description="The plan or plans now; several may run together.")
    previous_plan: tuple[PermanencePlan, ...] = ()
    adoption_given_up: ReasonPlacedCeased | None = Field(
        default=None, description="Why the child is no longer to be adopted (`REASON_PLACED_CEASED`)."
    )
    what_changes: Narrative | None = None


class CarePlanChangeDecided(
    CarePlan, DecisionMade, topic="careplan.change_decided", phrase="The plan for the child's future was decided"
):
    """The care plan was changed."""

    REVIEW_FIRST = True


class DecideCarePlan(CarePlan, DecisionCommand, records=CarePlanChangeDecided):
    """Record a change to the care plan or the permanence plan."""

    do: Literal["decide_care_plan"] = "decide_care_plan"


class Order(Part):
    """A change of legal status."""

    kind: Literal["LEGAL_STATUS"] = "LEGAL_STATUS"
    step: Literal["APPLIED_FOR", "MADE", "VARIED", "DISCHARGED", "WITHDRAWN", "AGREED"]
    legal_status: LegalStatus | None = Field(default=None, description="The status it leads to (`LS`).")
    order: Narrative | None = Field(default=None, description="The order, where the code does not say it.")
    court: Name | None = None
    applicant: Name | None = None


class LegalStatusDecided(Order, DecisionMade, topic="legal.status_decided", phrase="The legal order was decided"):
    """The legal status was changed, or a change was asked for."""


class DecideLegalStatus(Order, DecisionCommand, records=LegalStatusDecided):
    """Record an order, an agreement, or an application for one."""

    do: Literal["decide_legal_status"] = "decide_legal_status"


class Schooling(Part):
    """A change at school."""

    kind: Literal["EDUCATION_SCHOOL_CHANGE", "EDUCATION_EXCLUSION", "PEP_CHANGE", "EHCP_CHANGE"]
    school: Name | None = None
    previous_school: Name | None = None
    key_stage_4: bool = Field(
        default=False, description="In the years of the exams at 16; reg 10 then asks for approval."
    )
    days_lost: int | None = Field(default=None, ge=0, le=3650, description="School days lost.")


class EducationChangeDecided(
    Schooling, DecisionMade, topic="education.change_decided", phrase="Something about school was decided"
):
    """A change to the child's education was decided."""


class DecideEducation(Schooling, DecisionCommand, records=EducationChangeDecided):
    """Record a decision about school."""

    do: Literal["decide_education"] = "decide_education"


class Treatment(Part):
    """A decision about health."""

    kind: Literal["HEALTH_MAJOR"] = "HEALTH_MAJOR"
    treatment: Narrative
    consent_by: Name | None = None
    child_competent: bool | None = Field(
        default=None, description="Whether the child could consent (Gillick, or 16 and over)."
    )


class HealthDecided(Treatment, DecisionMade, topic="health.decided", phrase="Something about health was decided"):
    """A major decision about the child's health."""


class DecideHealth(Treatment, DecisionCommand, records=HealthDecided):
    """Record a major decision about health."""

    do: Literal["decide_health"] = "decide_health"


class Restriction(Part):
    """A limit on the child's freedom."""

    kind: Literal["SECURE", "DEPRIVATION_OF_LIBERTY"]
    step: Literal["STARTED", "EXTENDED", "ENDED"]
    restrictions: Narrative | None = Field(
        default=None, description="What the limits are. Only a source that does not tell may leave it out."
    )
    court: Name | None = None


class LibertyRestrictionDecided(
    Restriction, DecisionMade, topic="liberty.restriction_decided", phrase="A limit on freedom was decided"
):
    """The child's liberty was restricted, or a restriction ended."""

    REVIEW_FIRST = True
    INFORM_IRO = True


class DecideLiberty(Restriction, DecisionCommand, records=LibertyRestrictionDecided):
    """Record a decision about secure accommodation or deprivation of liberty."""

    do: Literal["decide_liberty"] = "decide_liberty"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a limit nobody has described, unless it comes from a return that has no room for it."""
        super().check(case, act)
        if self.restrictions is None and not (self.provenance and self.provenance.effects_only):
            raise IncompleteRefused("Say in `restrictions` what the limits are.", field="restrictions")


class LibertyEnding(Part):
    """When a limit on freedom ended."""

    restriction: Ref = Field(description="The decision that began it.")
    ended: PartialDate = Field(description="When it ended (`DOLO_END`).")


class LibertyRestrictionEnded(
    LibertyEnding, Fact, topic="liberty.restriction_ended", phrase="A limit on freedom came to its end"
):
    """A restriction of the child's liberty ended, by decision or by lapse."""

    DATED = "ended"
    REF_PREFIX = "liberty-end"

    @property
    def about(self) -> tuple[str, ...]:
        """The decision."""
        return (self.restriction,)

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Remember that it has ended."""
        case.answered[self.restriction] = self.ref


class RecordLibertyEnded(LibertyEnding, Command, records=LibertyRestrictionEnded):
    """Record when a restriction of the child's liberty ended."""

    do: Literal["record_liberty_ended"] = "record_liberty_ended"

    def check(self, case: Case, act: Act) -> None:
        """Refuse ending what never began, twice, or before it began."""
        case.must_exist()
        begun = case.find(LibertyRestrictionDecided, self.restriction, field="restriction")
        refuse_second_end(case, self.restriction)
        if begun.effective and self.ended.before(begun.effective):
            raise DatesRefused("`ended` lies before the limit began. Check both dates.", field="ended")


class Leaving(Part):
    """A step out of care."""

    kind: Literal["PATHWAY_PLAN", "LEAVING_CARE", "STAYING_PUT", "STAYING_CLOSE"]
    eligibility: Literal["ELIGIBLE", "RELEVANT", "FORMER_RELEVANT", "QUALIFYING"] | None = None
    accommodation: Narrative | None = None
    personal_adviser: Name | None = None


class LeavingCareDecided(Leaving, DecisionMade, topic="leaving_care.decided", phrase="A step out of care was decided"):
    """A decision about leaving care, or about support after it."""

    AFTER_CARE = True


class DecideLeavingCare(Leaving, DecisionCommand, records=LeavingCareDecided):
    """Record a decision about leaving care."""

    do: Literal["decide_leaving_care"] = "decide_leaving_care"


class Identity(Part):
    """A decision about who the child is."""

    kind: Literal["IDENTITY"] = "IDENTITY"
    aspect: Literal["NAME", "RELIGION", "NATIONALITY", "PASSPORT", "IMMIGRATION", "OTHER"]
    what_changes: Narrative


class IdentityDecided(
    Identity, DecisionMade, topic="identity.decided", phrase="Something about name, faith or papers was decided"
):
    """A decision about name, religion, nationality, passport or immigration."""


class DecideIdentity(Identity, DecisionCommand, records=IdentityDecided):
    """Record a decision about the child's name, religion, nationality or papers."""

    do: Literal["decide_identity"] = "decide_identity"
