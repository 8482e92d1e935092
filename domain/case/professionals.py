"""
Who works with the child: the allocated social worker and the Independent Reviewing Officer.

Sources: Children Act 1989 s 25A; IRO Handbook (a change of worker is reported to the IRO).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act
from domain.case.decision import DecisionCommand, DecisionMade
from domain.case.fact import Part, Ref
from domain.case.people import PersonIntroduced
from domain.case.state import Case


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


class ChangeProfessional(Allocation, DecisionCommand, records=ProfessionalChanged):
    """Record a change of social worker or IRO."""

    do: Literal["change_professional"] = "change_professional"

    def check(self, case: Case, act: Act) -> None:
        """Refuse people the case does not know."""
        super().check(case, act)
        case.find(PersonIntroduced, self.person, field="person")
        if self.previous is not None:
            case.find(PersonIntroduced, self.previous, field="previous")
