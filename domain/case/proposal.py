"""
Proposals: what is put to the child before anything is decided, with the options on offer.

A view given when asked about *this* proposal is the real thing s 22(4) asks for, so it stays fresh for longer.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Narrative, Part
from domain.case.people import refuse_strangers
from domain.case.state import Case
from domain.dates import PartialDate
from domain.matters import Matter


class Option(Part):
    """One way it could go."""

    what: Narrative = Field(description="The option, in words the child could read.")
    offered_to_child: bool = Field(default=True, description="Whether the child was told of it.")


class Proposal(Part):
    """What is proposed."""

    proposed: PartialDate = Field(description="When it was proposed.")
    matters: tuple[Matter, ...] = Field(min_length=1, examples=[["placement"]])
    what: Narrative = Field(description="What is proposed, in words the child could read.")
    options: tuple[Option, ...] = Field(default=(), description="The options on offer.")


class ProposalMade(Proposal, Fact, topic="proposal.made", phrase="A change was suggested"):
    """A change was proposed."""

    DATED = "proposed"
    REF_PREFIX = "proposal"

    @property
    def subject_matters(self) -> tuple[str, ...]:
        """The matters the proposal would change."""
        return self.matters


class MakeProposal(Proposal, Command, records=ProposalMade):
    """Record what is proposed, before it is decided."""

    do: Literal["make_proposal"] = "make_proposal"

    def check(self, case: Case, act: Act) -> None:
        """Refuse contact with somebody the case does not know."""
        case.must_exist()
        refuse_strangers(case, self.matters)
