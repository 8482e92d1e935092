"""
Decisions: what every decision about a child has in common, and what becomes of one.

Each subject (placement, contact, education, …) adds its own fields in its own module. Here stand the parts the question
rests on: what was to be decided, when, by whom, which views were cited and what weight they were given.
Sources: Children Act 1989 s 22(4) and (5); Care Planning Regulations 2010 regs 5, 9, 14, 32.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Label, Name, Narrative, Part, Ref, Stamp
from domain.case.people import PersonIntroduced, refuse_strangers
from domain.case.proposal import Option, ProposalMade
from domain.case.refusal import CitationRefused, ClosedRefused, DatesRefused, IncompleteRefused, NotThereRefused
from domain.case.review import ReviewHeld
from domain.case.state import Case
from domain.codes import EmergencyGround
from domain.dates import PartialDate, Precision, civil, up_to
from domain.matters import Matter, covers
from domain.rules import pack_in_force
from domain.voice.evidence import Decision, Known, Mark, Process, Reconfirmation, TookEffect, Weight, Withdrawn


class Urgency(StrEnum):
    """How the change came about."""

    PLANNED = "PLANNED"
    UNPLANNED = "UNPLANNED"
    EMERGENCY = "EMERGENCY"
    NOT_STATED = "NOT_STATED"
    """The source does not say."""


class Forum(StrEnum):
    """Where the decision was made."""

    MANAGER = "MANAGER"
    REVIEW = "REVIEW"
    PANEL = "PANEL"
    NOMINATED_OFFICER = "NOMINATED_OFFICER"
    DIRECTOR = "DIRECTOR"
    COURT = "COURT"


class OtherView(Part):
    """What somebody else who had to be consulted said."""

    who: Ref = Field(description="The person in the child's life.")
    said: Narrative


class Untouched(Part):
    """A matter that a change of this kind usually raises and this one does not."""

    matter: Matter
    reason: Narrative = Field(description="Why this change leaves it as it is.")


class Decided(Part):
    """What every decision says."""

    matters: tuple[Matter, ...] = Field(
        default=(),
        description="What it changes for the child. The matters its kind always raises are added to what is given, "
        "unless something given narrows one down (`contact:dad` for `contact`).",
    )
    untouched: tuple[Untouched, ...] = Field(
        default=(), description="Matters its kind always raises and this change leaves as they are, each with why."
    )
    decided: PartialDate | None = Field(
        default=None, description="When it was decided. Left out: the date is not known."
    )
    effective: PartialDate | None = Field(default=None, description="When it takes, or took, effect.")
    proposal: Ref | None = Field(default=None, description="The proposal it decides on.")
    decided_by: Name | None = Field(default=None, description="Who decided.")
    forum: Forum | None = None
    options: tuple[Option, ...] = Field(default=(), description="The options that were considered.")
    reasons: Narrative | None = Field(default=None, description="Why, in words the child could read.")
    views: tuple[Ref, ...] = Field(default=(), description="The entries about the child's view it considered.")
    weight: Weight = Field(default=Weight.NOT_STATED, description="What it did with the child's view.")
    departure_reasons: Narrative | None = Field(default=None, description="Why it departs from what the child wanted.")
    other_views: tuple[OtherView, ...] = Field(default=(), description="What parents, carers and others said.")
    review: Ref | None = Field(default=None, description="The review that considered it first.")
    review_not_practicable: Narrative | None = Field(default=None, description="Why no review could consider it first.")
    iro_informed: PartialDate | None = Field(default=None, description="When the IRO was informed.")
    legal_basis: tuple[Label, ...] = ()
    urgency: Urgency = Urgency.PLANNED
    ground: EmergencyGround | None = Field(default=None, description="In an emergency: on what ground.")
    not_practicable_reason: Narrative | None = Field(
        default=None, description="In an emergency: why the child could not be asked first."
    )
    significant: bool | None = Field(
        default=None, description="Marks the decision as a significant change, or as none. Left out: as its kind is."
    )
    significance_reason: Narrative | None = Field(default=None, description="Why it is marked as not significant.")


class DecisionMade(Decided, Fact):
    """A decision about the child. Subclasses add a `kind` from the rule pack's list."""

    DATED = "decided"
    REF_PREFIX = "decision"
    REVIEW_FIRST: ClassVar[bool] = False
    """Whether regulation 32(2) asks for a review before this kind of change."""
    AFTER_CARE: ClassVar[bool] = False
    """Whether this kind of decision goes on after being looked after has ended."""
    INFORM_IRO: ClassVar[bool] = False
    """Whether regulation 9(1)(b) asks that the IRO be informed before."""

    kind: str

    @property
    def subject_matters(self) -> tuple[str, ...]:
        """The matters decided."""
        return self.matters

    @property
    def about(self) -> tuple[str, ...]:
        """What it considered: proposal, review, views."""
        return tuple(ref for ref in (self.proposal, self.review, *self.views) if ref)

    @property
    def people(self) -> tuple[str, ...]:
        """Whom contact is about, and who else said something."""
        return (*super().people, *(view.who for view in self.other_views))

    @property
    def stands_at(self) -> PartialDate | None:
        """The day of the decision, or of its effect where nobody knows that day."""
        return self.decided or self.effective

    def out_of_area_placement(self) -> bool:
        """Tell whether the child is placed outside the authority's area."""
        return False

    def child_asked_for_it(self) -> bool:
        """Tell whether the record says that the child had asked for this change."""
        return False

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Put the decision to the question."""
        provenance = self.by.provenance
        recorded = civil(stamp.recorded_at)
        reviewed = self.review is not None or self.review_not_practicable is not None
        case.evidence.decisions[self.ref] = Decision(
            ref=self.ref,
            kind=self.kind,
            matters=self.matters,
            decided=self.decided or PartialDate.unknown_until(recorded),
            effective=self.effective,
            recorded=recorded,
            source_recorded=provenance.recorded if provenance else None,
            grade=provenance.grade if provenance else None,
            proposal=self.proposal,
            emergency=self.urgency is Urgency.EMERGENCY,
            ground=self.ground,
            not_practicable_reason_given=self.not_practicable_reason is not None,
            out_of_area=self.out_of_area_placement(),
            child_asked=self.child_asked_for_it(),
            significant=self.significant,
            cites=frozenset(self.views),
            weight=self.weight,
            departure_reasons_given=self.departure_reasons is not None,
            process=Process(
                review_considered=reviewed if self.REVIEW_FIRST else None,
                iro_informed=self.iro_informed is not None if self.INFORM_IRO else None,
                iro_informed_on=self.iro_informed if self.INFORM_IRO else None,
            ),
        )


class DecisionCommand(Decided, Command):
    """What every command about a decision checks."""

    SOURCE_MAY_PRECEDE = True

    kind: str

    def completed(self, case: Case) -> dict[str, Any]:
        """Add the matters its kind always raises: what is asked about is not chosen by whoever is asked."""
        return {"matters": self.all_matters(case)}

    def all_matters(self, case: Case) -> tuple[str, ...]:
        """Give what is stated and what its kind raises, unless that is narrowed down or left out with a reason."""
        left_out = {each.matter for each in self.untouched}
        added = (
            usual
            for usual in self.usual_matters(case)
            if usual not in left_out and not any(covers(usual, stated) for stated in self.matters)
        )
        return (*self.matters, *added)

    def rules_of(self) -> PartialDate | None:
        """Give the day of the decision, or of its effect where that day is not known."""
        return self.decided or self.effective

    def usual_matters(self, case: Case) -> tuple[str, ...]:
        """Give the matters the rule pack names for this kind."""
        moment = self.rules_of()
        kind = pack_in_force(case.jurisdiction, moment.first_day if moment else None).kinds.get(self.kind)
        return kind.matters if kind else ()

    def check(self, case: Case, act: Act) -> None:
        """Refuse what contradicts itself, the record, or the state of the case."""
        case.must_exist()
        self._check_untouched(case)
        matters = self.all_matters(case)
        if not matters:
            raise IncompleteRefused("Say in `matters` what this decision changes for the child.", field="matters")
        refuse_strangers(case, matters)
        self._check_own_dates(case)
        self._check_steps(case, act)
        decided = self.decided or PartialDate.unknown_until(civil(act.at))
        known = case.evidence.known_at(civil(act.at))
        for view in self.views:
            refuse_unseen(known, view, decided)
        self._check_what_is_said(case)

    def _check_untouched(self, case: Case) -> None:
        """Refuse leaving out what is not raised, or is stated all the same."""
        usual = self.usual_matters(case)
        for each in self.untouched:
            if each.matter not in usual:
                raise IncompleteRefused(
                    f"`untouched` names {each.matter}, which a change of this kind does not raise by itself. "
                    "Take it out of `untouched`.",
                    field="untouched",
                )
            if any(covers(each.matter, stated) for stated in self.matters):
                raise IncompleteRefused(
                    f"{each.matter} stands in `matters` and in `untouched`. Say which of the two it is.",
                    field="untouched",
                )

    def _check_steps(self, case: Case, act: Act) -> None:
        """Refuse steps on the way to the decision that are not there, or come after it."""
        if self.proposal is not None:
            proposal = case.find(ProposalMade, self.proposal, field="proposal")
            if self.decided and self.decided.before(proposal.proposed):
                raise DatesRefused(
                    "`decided` lies before the proposal it decides on was made. Check both dates.", field="decided"
                )
        if self.review is not None:
            review = case.find(ReviewHeld, self.review, field="review")
            if self.decided and review.held.after(self.decided):
                raise DatesRefused(
                    "`review` was held after the decision, so it cannot have considered it first. Check both dates.",
                    field="review",
                )
        if self.iro_informed and self.iro_informed.after(up_to(act.at)):
            raise DatesRefused("`iro_informed` lies in the future. Check the date.", field="iro_informed")

    def _check_what_is_said(self, case: Case) -> None:
        """Refuse a statement that lacks what it speaks of."""
        for other in self.other_views:
            case.find(PersonIntroduced, other.who, field="other_views")
        if self.weight is not Weight.NOT_STATED and not self.views:
            raise IncompleteRefused("`weight` says what became of a view. Name the view in `views`.", field="views")
        if self.significant is False and self.significance_reason is None:
            raise IncompleteRefused(
                "A change is taken off the list of significant ones only with a `significance_reason`.",
                field="significance_reason",
            )
        if self.ground is not None and self.urgency is not Urgency.EMERGENCY:
            raise IncompleteRefused(
                "`ground` belongs to an emergency. Set `urgency` to EMERGENCY, or leave it out.", field="ground"
            )

    def _check_own_dates(self, case: Case) -> None:
        if self.decided and self.effective and self.decided.after(self.effective):
            raise DatesRefused(
                f"`decided` ({self.decided}) lies after `effective` ({self.effective}). If the change came first, "
                "give the day it was decided to act, and record a later confirmation with `reconfirm_decision`.",
                field="decided",
            )
        case.not_before_birth(self, "effective")
        if issubclass(self.RECORDS, DecisionMade) and self.RECORDS.AFTER_CARE:
            return
        happened = self.effective or self.decided
        if happened and (over := case.outside_care(happened)) is not None:
            mend = "Reopen it with `reopen_case`, or check the date." if over is case.care[-1] else "Check the date."
            raise ClosedRefused(
                f"By the date of this decision the case had been closed, on {over.ends}. {mend}",
                field="decided",
            )
        if not case.open and happened is None:
            raise ClosedRefused(
                "The case is closed. Give the date, so that it can be told whether it was open then.", field="decided"
            )


def refuse_unseen(known: Known, ref: str, decided: PartialDate) -> None:
    """Refuse citing a view that was not said, or not on record, by the time of the decision; corrected dates count."""
    view = known.view(ref)
    if view is None:
        raise NotThereRefused(
            f"`views` points at {ref}, which is no entry about the child's view in this case. Record the view first.",
            field="views",
        )
    mend = (
        "Leave it out of `views`. If the decision was looked at again with this view, "
        "record that with `reconfirm_decision`."
    )
    if view.expressed.after(decided):
        raise CitationRefused(f"{ref} is from {view.expressed}, after the decision of {decided}. {mend}", field="views")
    if view.on_record.after(decided):
        raise CitationRefused(
            f"{ref} was put on record on {view.on_record.first_day}, after the decision of {decided}. {mend}",
            field="views",
        )


class AboutDecision(Fact):
    """A fact about a decision."""

    decision: Ref

    @property
    def about(self) -> tuple[str, ...]:
        """The decision."""
        return (self.decision,)


class AboutDecisionCommand(Command):
    """A command about a decision."""

    decision: Ref = Field(description="The decision.")

    def check(self, case: Case, act: Act) -> None:
        """Refuse what points at no decision, or lies before it was made."""
        case.must_exist()
        case.find(DecisionMade, self.decision, field="decision")
        dated = self.RECORDS.DATED
        when: PartialDate | None = getattr(self, dated) if dated else None
        known = case.evidence.known_at(civil(act.at)).decision(self.decision)
        decided = known.decided if known else None
        if when and decided and when.before(decided) and decided.precision is not Precision.UNKNOWN:
            raise DatesRefused(
                f"`{dated}` lies before the decision was made ({decided}). Check both dates.", field=dated
            )


class Effect(Part):
    """When it took effect."""

    on: PartialDate = Field(description="The day it took effect in fact.")
    note: Narrative | None = None


class DecisionTookEffect(Effect, AboutDecision, topic="decision.took_effect", phrase="The change happened"):
    """A decision took effect."""

    DATED = "on"
    REF_PREFIX = "effect"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question use the day it happened in fact."""
        case.answered[self.decision] = self.ref
        case.evidence.effects.append(TookEffect(self.decision, self.on, civil(stamp.recorded_at), self.ref))


class RecordEffect(Effect, AboutDecisionCommand, records=DecisionTookEffect):
    """Record the day on which a decision took effect in fact."""

    do: Literal["record_effect"] = "record_effect"

    def check(self, case: Case, act: Act) -> None:
        """Refuse an effect of what has been withdrawn, a second one, and one before the child was born."""
        super().check(case, act)
        case.not_before_birth(self, "on")
        refuse_settled(case, self.decision)


class Withdrawal(Part):
    """That it will not happen."""

    withdrawn: PartialDate
    reasons: Narrative


class DecisionWithdrawn(Withdrawal, AboutDecision, topic="decision.withdrawn", phrase="The change was called off"):
    """A decision was withdrawn before it took effect."""

    DATED = "withdrawn"
    REF_PREFIX = "withdrawal"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Settle the decision, and let the question see that it did not happen."""
        case.answered[self.decision] = self.ref
        provenance = self.by.provenance
        case.evidence.withdrawals.append(
            Withdrawn(
                self.ref,
                self.decision,
                self.withdrawn,
                civil(stamp.recorded_at),
                provenance.recorded if provenance else None,
                provenance.grade if provenance else None,
            )
        )


class WithdrawDecision(Withdrawal, AboutDecisionCommand, records=DecisionWithdrawn):
    """Withdraw a decision that has not taken effect."""

    do: Literal["withdraw_decision"] = "withdraw_decision"

    def check(self, case: Case, act: Act) -> None:
        """Refuse withdrawing what has happened, is withdrawn, or was to have happened by then."""
        super().check(case, act)
        refuse_settled(case, self.decision)
        known = case.evidence.known_at(civil(act.at)).decision(self.decision)
        effective = known.effective if known else None
        if effective and self.withdrawn.after(effective):
            raise DatesRefused(
                f"`withdrawn` lies after the day on which it was to take effect ({effective}). If it was put off, "
                f"correct `effective` of {self.decision} first. If it happened, record that with `record_effect`.",
                field="withdrawn",
            )


def refuse_settled(case: Case, decision: str) -> None:
    """Refuse a second ending of one decision."""
    if (ending := case.answered.get(decision)) is not None:
        held = case.facts[ending].fact
        how = "took effect" if isinstance(held, DecisionTookEffect) else "was withdrawn"
        raise NotThereRefused(
            f"That {decision} {how} is on record already, as {ending}. Correct that entry if it is wrong."
        )


class Reconsideration(Part):
    """That it was looked at again."""

    reconfirmed: PartialDate
    views: tuple[Ref, ...] = Field(min_length=1, description="The entries about the child's view considered this time.")
    weight: Weight = Field(default=Weight.NOT_STATED, description="What became of the child's view this time.")
    departure_reasons: Narrative | None = Field(default=None, description="Why it departs from what the child wanted.")
    reasons: Narrative


class DecisionReconfirmed(
    Reconsideration, AboutDecision, topic="decision.reconfirmed", phrase="The decision was looked at again, and kept"
):
    """A decision was looked at again with the child's view, and kept."""

    DATED = "reconfirmed"
    REF_PREFIX = "reconfirmation"

    @property
    def about(self) -> tuple[str, ...]:
        """The decision and the views."""
        return (self.decision, *self.views)

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.reconfirmations.append(
            Reconfirmation(
                self.ref,
                self.decision,
                self.reconfirmed,
                frozenset(self.views),
                civil(stamp.recorded_at),
                self.weight,
                self.departure_reasons is not None,
            )
        )


class ReconfirmDecision(Reconsideration, AboutDecisionCommand, records=DecisionReconfirmed):
    """Record that a decision was looked at again with the child's view, and kept."""

    do: Literal["reconfirm_decision"] = "reconfirm_decision"

    def check(self, case: Case, act: Act) -> None:
        """Refuse citing a view that was not there."""
        super().check(case, act)
        known = case.evidence.known_at(civil(act.at))
        for view in self.views:
            refuse_unseen(known, view, self.reconfirmed)


class Marking(Part):
    """Whether it is a significant change."""

    significant: bool
    reason: Narrative


class SignificanceMarked(
    Marking, AboutDecision, topic="decision.significance_marked", phrase="Somebody said how big a change this is"
):
    """A person with authority marked a decision as a significant change, or as none."""

    REF_PREFIX = "mark"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see it."""
        case.evidence.marks.append(Mark(self.decision, self.significant, civil(stamp.recorded_at)))


class MarkSignificance(Marking, AboutDecisionCommand, records=SignificanceMarked):
    """Mark a decision as a significant change, or as none; always with a reason."""

    do: Literal["mark_significance"] = "mark_significance"
