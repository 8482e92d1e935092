"""
The child's view: said, shown, declined, not to be had, or sought without result.

The child's own words are kept as the child said them, in their own language and spelling. An adult's interpretation
is a separate field and is never merged with them. Declining is a right. Sources: Children Act 1989 s 22(4); Care
Planning Regulations 2010 reg 29 (seen in private); the Lundy model of participation (space, voice, audience,
influence).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Name, Narrative, Part, Ref, Stamp
from domain.case.people import PersonIntroduced, refuse_strangers
from domain.case.proposal import ProposalMade
from domain.case.refusal import IncompleteRefused
from domain.case.state import Case
from domain.codes import NotAscertainable
from domain.dates import PartialDate, civil
from domain.matters import Matter
from domain.voice.evidence import Outcome, SeenAlone, Source, View


class About(Part):
    """What the child was asked about, and how."""

    matters: tuple[Matter, ...] = Field(min_length=1, description="What it is about.", examples=[["placement"]])
    proposal: Ref | None = Field(default=None, description="The proposal the child was asked about.")
    setting: Narrative | None = Field(default=None, description="Where it happened.")
    present: tuple[Ref, ...] = Field(default=(), description="Which people of the child's life were there.")
    seen_alone: SeenAlone | None = Field(default=None, description="Whether the child was spoken to in private.")
    seen_alone_reason: Narrative | None = Field(default=None, description="Why not, if not.")
    method: Narrative | None = Field(default=None, description="Conversation, drawing, symbols, play, letter, app.")
    communication: Narrative | None = Field(default=None, description="Language, interpreter, aids, needs.")
    information_given: Narrative | None = Field(default=None, description="What was explained to the child first.")


class OwnWords(Part):
    """What the child said, word for word."""

    words: Narrative = Field(description="The child's own words, as said, in their language and spelling.")
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="BCP 47 tag.")
    translation: Narrative | None = Field(default=None, description="The same in English, where it was not.")
    translated_by: Name | None = Field(default=None, description="Who translated it.")


class Sharing(Part):
    """What the child agreed may be shared."""

    may_share: bool = True
    not_with: tuple[Ref, ...] = ()
    reason: Narrative | None = Field(default=None, description="Why it was shared all the same, to keep somebody safe.")


class _ViewFact(About, Fact):
    """What every fact about a view has in common."""

    REF_PREFIX = "view"

    @property
    def subject_matters(self) -> tuple[str, ...]:
        """The matters the view is about."""
        return self.matters

    @property
    def about(self) -> tuple[str, ...]:
        """The proposal it answers."""
        return (self.proposal,) if self.proposal else ()

    @property
    def people(self) -> tuple[str, ...]:
        """Whom contact is about, and who was there."""
        return (*super().people, *self.present)

    def testimony(self, stamp: Stamp, outcome: Outcome, expressed: PartialDate, **more: Any) -> View:
        """Give what the question needs of this view."""
        provenance = self.by.provenance
        return View(
            ref=self.ref,
            outcome=outcome,
            matters=self.matters,
            expressed=expressed,
            recorded=civil(stamp.recorded_at),
            source_recorded=provenance.recorded if provenance else None,
            grade=provenance.grade if provenance else None,
            proposal=self.proposal,
            seen_alone=self.seen_alone,
            **more,
        )


class _AskCommand(About, Command):
    """What every command about a view checks."""

    def check(self, case: Case, act: Act) -> None:
        """Refuse what points at nothing or happened before birth."""
        case.must_exist()
        if self.proposal is not None:
            case.find(ProposalMade, self.proposal, field="proposal")
        for person in self.present:
            case.find(PersonIntroduced, person, field="present")
        refuse_strangers(case, self.matters)
        case.not_before_birth(self, self.RECORDS.DATED)


class Expression(Part):
    """What the child said."""

    expressed: PartialDate = Field(description="When the child said it.")
    own_words: tuple[OwnWords, ...] = Field(default=(), description="The child's own words.")
    account: Narrative | None = Field(
        default=None, description="What the child wants, told by another, where no words were kept."
    )
    interpretation: Narrative | None = Field(default=None, description="An adult's reading of it, kept apart.")
    source: Source = Field(default=Source.CHILD_DIRECT, description="Through whom it reached the record.")
    sharing: Sharing | None = None


class ViewExpressed(Expression, _ViewFact, topic="view.expressed", phrase="The child said what they wanted"):
    """The child expressed a view."""

    DATED = "expressed"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.views[self.ref] = self.testimony(stamp, Outcome.EXPRESSED, self.expressed, source=self.source)


class RecordView(Expression, _AskCommand, records=ViewExpressed):
    """Record what the child said they want or feel."""

    do: Literal["record_view"] = "record_view"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a view that says nothing, or is kept from somebody the case does not know."""
        super().check(case, act)
        for person in self.sharing.not_with if self.sharing else ():
            case.find(PersonIntroduced, person, field="sharing")
        if not self.own_words and self.account is None:
            raise IncompleteRefused(
                "A view needs the child's `own_words`; where nobody kept them, say in `account` what the child wanted.",
                field="own_words",
            )


class Observation(Part):
    """What the child showed."""

    observed: PartialDate = Field(description="When it was seen.")
    what_was_seen: Narrative = Field(description="What the child did, without an explanation.")
    interpretation: Narrative | None = Field(default=None, description="An adult's reading of it, kept apart.")


class ViewObserved(Observation, _ViewFact, topic="view.observed", phrase="The child showed how they felt"):
    """The child's feelings were observed, as is right for a child who does not speak."""

    DATED = "observed"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.views[self.ref] = self.testimony(
            stamp, Outcome.OBSERVED, self.observed, source=Source.OBSERVATION
        )


class RecordObservation(Observation, _AskCommand, records=ViewObserved):
    """Record what a child who does not use words showed of their feelings."""

    do: Literal["record_observation"] = "record_observation"


class Declining(Part):
    """That the child did not want to say."""

    declined: PartialDate = Field(description="When the child declined.")
    attempts: int = Field(default=1, ge=1, le=50, description="How often the child was asked.")
    own_words: tuple[OwnWords, ...] = ()
    alternatives_offered: Narrative | None = Field(default=None, description="What other ways were offered.")
    advocate_offered: bool = False


class ViewDeclined(Declining, _ViewFact, topic="view.declined", phrase="The child chose not to say"):
    """The child was asked and chose not to say, which is a right."""

    DATED = "declined"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.views[self.ref] = self.testimony(stamp, Outcome.DECLINED, self.declined, attempts=self.attempts)


class RecordDeclined(Declining, _AskCommand, records=ViewDeclined):
    """Record that the child was asked and did not want to say."""

    do: Literal["record_declined"] = "record_declined"


class Absence(Part):
    """That no view could be had."""

    considered: PartialDate = Field(description="When it was considered.")
    reason_code: NotAscertainable = Field(description="Why, as a code.")
    reason: Narrative | None = Field(default=None, description="Why, in words. A code without words excuses nothing.")
    observation_attempted: bool = Field(default=False, description="Whether somebody watched how the child was.")


class ViewNotAscertainable(Absence, _ViewFact, topic="view.not_ascertainable", phrase="The child could not be asked"):
    """No view could be had."""

    DATED = "considered"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.views[self.ref] = self.testimony(
            stamp,
            Outcome.NOT_ASCERTAINABLE,
            self.considered,
            reason_code=str(self.reason_code),
            reason_given=self.reason is not None,
            observation_attempted=self.observation_attempted,
        )


class RecordNotAscertainable(Absence, _AskCommand, records=ViewNotAscertainable):
    """Record that, and why, no view could be had."""

    do: Literal["record_not_ascertainable"] = "record_not_ascertainable"


class Attempt(Part):
    """That somebody tried to ask."""

    sought: PartialDate = Field(description="When somebody tried.")
    outcome: Narrative | None = Field(default=None, description="What came of it.")


class ViewSought(Attempt, _ViewFact, topic="view.sought", phrase="Somebody tried to ask the child"):
    """The child was to be asked, and nothing came of it yet."""

    DATED = "sought"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.views[self.ref] = self.testimony(stamp, Outcome.SOUGHT, self.sought)


class RecordSought(Attempt, _AskCommand, records=ViewSought):
    """Record an attempt to ask the child that had no result."""

    do: Literal["record_sought"] = "record_sought"
