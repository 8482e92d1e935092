"""
The Independent Reviewing Officer: informed, challenging, answered, escalating, referring.

Sources: Children Act 1989 s 25B; Care Planning Regulations 2010 regs 36, 37 and 45; IRO Handbook (local dispute
resolution in 20 working days).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.decision import AboutDecision, AboutDecisionCommand, DecisionMade
from domain.case.fact import Fact, Narrative, Part, Ref, Stamp
from domain.case.refusal import DatesRefused, NotThereRefused
from domain.case.state import Case
from domain.dates import PartialDate, civil
from domain.voice.evidence import Informed


class Informing(Part):
    """What the IRO was told."""

    informed: PartialDate = Field(description="When the IRO was informed or consulted.")
    consulted: bool = Field(default=False, description="Whether the IRO was asked, not only told.")
    note: Narrative | None = None


class IROInformed(Informing, AboutDecision, topic="iro.informed", phrase="The reviewing officer was told"):
    """The IRO was informed of a decision, or consulted on it."""

    DATED = "informed"
    REF_PREFIX = "informing"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.iro_informed.append(Informed(self.ref, self.decision, self.informed, civil(stamp.recorded_at)))


class InformIRO(Informing, AboutDecisionCommand, records=IROInformed):
    """Record that the IRO was informed of a decision, or consulted on it."""

    do: Literal["inform_iro"] = "inform_iro"

    def check(self, case: Case, act: Act) -> None:
        """The IRO may be informed before the decision; only the decision must be there."""
        case.must_exist()
        case.find(DecisionMade, self.decision, field="decision")


class Challenge(Part):
    """What the IRO challenges."""

    challenged: PartialDate
    decision: Ref | None = Field(default=None, description="The decision it is about, if it is about one.")
    what: Narrative = Field(description="What the IRO wants put right.")


class IROChallenged(Challenge, Fact, topic="iro.challenged", phrase="The reviewing officer said: this must change"):
    """The IRO raised a formal challenge."""

    DATED = "challenged"
    REF_PREFIX = "challenge"

    @property
    def about(self) -> tuple[str, ...]:
        """The decision challenged."""
        return (self.decision,) if self.decision else ()


class RaiseChallenge(Challenge, Command, records=IROChallenged):
    """Record a formal challenge by the IRO."""

    do: Literal["raise_challenge"] = "raise_challenge"

    def check(self, case: Case, act: Act) -> None:
        """Refuse challenging a decision that is not there."""
        case.must_exist()
        if self.decision is not None:
            case.find(DecisionMade, self.decision, field="decision")


class _AboutChallenge(Fact):
    challenge: Ref

    @property
    def about(self) -> tuple[str, ...]:
        """The challenge."""
        return (self.challenge,)


class _AboutChallengeCommand(Command):
    challenge: Ref = Field(description="The IRO's challenge.")

    def check(self, case: Case, act: Act) -> None:
        """Refuse what answers no challenge, or lies before it."""
        case.must_exist()
        challenge = case.find(IROChallenged, self.challenge, field="challenge")
        dated = self.RECORDS.DATED
        when: PartialDate | None = getattr(self, dated) if dated else None
        if when and when.before(challenge.challenged):
            raise DatesRefused(f"`{dated}` lies before the challenge was raised. Check both dates.", field=dated)


class Response(Part):
    """The authority's answer."""

    answered: PartialDate
    accepted: bool
    what: Narrative


class ChallengeAnswered(
    Response, _AboutChallenge, topic="iro.challenge_answered", phrase="The reviewing officer got an answer"
):
    """The authority answered a challenge."""

    DATED = "answered"
    REF_PREFIX = "answer"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Settle the challenge."""
        case.answered[self.challenge] = self.ref


class AnswerChallenge(Response, _AboutChallengeCommand, records=ChallengeAnswered):
    """Record the authority's answer to a challenge."""

    do: Literal["answer_challenge"] = "answer_challenge"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a second answer."""
        super().check(case, act)
        if (answer := case.answered.get(self.challenge)) is not None:
            raise NotThereRefused(
                f"{self.challenge} was answered already, by {answer}. Raise it again, or escalate it."
            )


class Escalation(Part):
    """To whom it went on."""

    escalated: PartialDate
    to: Narrative = Field(description="To whom: head of service, director, chief executive.")


class ChallengeEscalated(
    Escalation, _AboutChallenge, topic="iro.escalated", phrase="The reviewing officer took it higher"
):
    """A challenge was escalated."""

    DATED = "escalated"
    REF_PREFIX = "escalation"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Open the challenge again: the higher level owes an answer of its own."""
        case.answered.pop(self.challenge, None)


class EscalateChallenge(Escalation, _AboutChallengeCommand, records=ChallengeEscalated):
    """Record that the IRO took a challenge to a higher level."""

    do: Literal["escalate_challenge"] = "escalate_challenge"


class Referral(Part):
    """Whether Cafcass was brought in. Considered and not made matters as much as made."""

    considered: PartialDate
    made: bool
    reasons: Narrative
    challenge: Ref | None = None


class CafcassReferralConsidered(
    Referral, Fact, topic="iro.referral_considered", phrase="The reviewing officer thought about going to Cafcass"
):
    """The IRO considered a referral to Cafcass, and made it or not."""

    DATED = "considered"
    REF_PREFIX = "referral"

    @property
    def about(self) -> tuple[str, ...]:
        """The challenge, if it came out of one."""
        return (self.challenge,) if self.challenge else ()


class ConsiderReferral(Referral, Command, records=CafcassReferralConsidered):
    """Record that the IRO considered a referral to Cafcass."""

    do: Literal["consider_referral"] = "consider_referral"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a challenge that is not there."""
        case.must_exist()
        if self.challenge is not None:
            case.find(IROChallenged, self.challenge, field="challenge")
