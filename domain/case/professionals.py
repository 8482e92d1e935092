"""
Who works with the child: the allocated social worker and the Independent Reviewing Officer.

Sources: Children Act 1989 s 25A; IRO Handbook (a change of worker is reported to the IRO).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.decision import DecisionCommand, DecisionMade
from domain.case.episodes import refuse_second_end
from domain.case.fact import Fact, Part, Ref, Stamp
from domain.case.people import PersonIntroduced
from domain.case.refusal import DatesRefused
from domain.case.state import Case
from domain.dates import PartialDate


class Allocation(Part):
    """Who works with the child from now on."""

    kind: Literal["SOCIAL_WORKER_CHANGE", "IRO_CHANGE"]
    person: Ref = Field(description="The person who takes over.")
    previous: Ref | None = Field(default=None, description="The person who stops.")
    sw_reason: (
        Literal["MANAGE", "FCONTA", "LEFTRL", "ORGRST", "TSPROC", "ABSENC", "CHCHAN", "PCCHAN", "SWDIED", "OTHERS"]
        | None
    ) = Field(default=None, description="Why the social worker changed (`SW_REASON`).")


class ProfessionalChanged(
    Allocation, DecisionMade, topic="professional.changed", phrase="A new worker or reviewing officer was named"
):
    """The social worker or the IRO changed."""

    @property
    def about(self) -> tuple[str, ...]:
        """The people too."""
        return tuple(ref for ref in (self.person, self.previous) if ref) + super().about

    @property
    def people(self) -> tuple[str, ...]:
        """Who comes and who goes, and who else said something."""
        return tuple(ref for ref in (self.person, self.previous) if ref) + super().people

    def child_asked_for_it(self) -> bool:
        """Tell whether the child had asked for another worker."""
        return self.sw_reason == "CHCHAN"


class ChangeProfessional(Allocation, DecisionCommand, records=ProfessionalChanged):
    """Record a change of social worker or IRO."""

    do: Literal["change_professional"] = "change_professional"

    def check(self, case: Case, act: Act) -> None:
        """Refuse people the case does not know."""
        super().check(case, act)
        case.find(PersonIntroduced, self.person, field="person")
        if self.previous is not None:
            case.find(PersonIntroduced, self.previous, field="previous")


class WorkerEnding(Part):
    """Until when somebody worked with the child."""

    change: Ref = Field(description="The change by which this worker was named.")
    stopped: PartialDate = Field(description="When they stopped (`SW_DEC`).")


class WorkerStopped(WorkerEnding, Fact, topic="professional.stopped", phrase="A worker stopped working with the child"):
    """A worker's time with the child ended."""

    DATED = "stopped"
    REF_PREFIX = "worker-end"

    @property
    def about(self) -> tuple[str, ...]:
        """The change."""
        return (self.change,)

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Remember that this worker has stopped."""
        case.answered[self.change] = self.ref


class RecordWorkerStopped(WorkerEnding, Command, records=WorkerStopped):
    """Record until when a worker worked with the child."""

    do: Literal["record_worker_stopped"] = "record_worker_stopped"

    def check(self, case: Case, act: Act) -> None:
        """Refuse stopping without having begun, twice, or before beginning."""
        case.must_exist()
        change = case.find(ProfessionalChanged, self.change, field="change")
        refuse_second_end(case, self.change)
        if change.effective and self.stopped.before(change.effective):
            raise DatesRefused("`stopped` lies before this worker began. Check both dates.", field="stopped")
