"""
The exchange format of test vectors: one decision with what was on record, and the answer the question gives.

Members are those of `tests/domain/voice/vectors.json`: `asOf`, `decision`, `views`, `materialChanges`, `corrections`,
and beyond them `feedback` (`givenAt`, `reasonsGiven`, `notAppropriateReason`) and, in a decision, `viewRefs`,
`weightGiven` and `departureReasons` for the two further axes, and `withdrawnAt` with `withdrawalRecordedAt`. Times are
civil time. A fact without `recordedAt` was recorded when it happened. `decidedAt` is null while nothing is decided, and
`"unknown"` where a decision is on record without its date. Members the question does not use are passed over.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.dates import LATEST_YEAR, PartialDate, Precision, parse_partial_date
from domain.rules import pack_in_force
from domain.voice.evidence import (
    Corrected,
    Correction,
    Decision,
    Evidence,
    Grade,
    MaterialChange,
    Outcome,
    Process,
    Reconfirmation,
    SeenAlone,
    Source,
    Telling,
    View,
    Weight,
    Withdrawn,
)
from domain.voice.question import Answer, ask

_LATEST: Final = PartialDate.in_year(LATEST_YEAR).last


def _start(value: object) -> object:
    return parse_partial_date(value).first if isinstance(value, str) else value


def _end(value: object) -> object:
    return parse_partial_date(value).last if isinstance(value, str) else value


Instant = Annotated[datetime, BeforeValidator(_start)]
"""A recorded instant; a day alone means its beginning."""

AsOf = Annotated[datetime, BeforeValidator(_end)]
"""The moment of the question; a day alone means its end."""


class _Member(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, hide_input_in_errors=True)


class VectorDecision(_Member):
    """The decision."""

    id: str = "decision"
    kind: str
    matters: tuple[str, ...] = Field(min_length=1)
    decided_at: PartialDate | Literal["unknown"] | None
    effective_from: PartialDate | None = None
    effective_actual: PartialDate | None = None
    recorded_at: Instant | None = None
    proposal_id: str | None = None
    urgency: str = "PLANNED"
    ground: str | None = None
    not_practicable_reason: str | None = None
    out_of_area: bool = False
    significant: bool | None = None
    view_refs: tuple[str, ...] = ()
    weight_given: Weight = Weight.NOT_STATED
    departure_reasons: str | None = None
    reconfirmed_at: PartialDate | None = None
    reconfirm_view_refs: tuple[str, ...] = ()
    source_recorded_at: PartialDate | None = None
    provenance: Grade | None = None
    review_ref: str | None = None
    not_reasonably_practicable_reason: str | None = None
    iro_informed_at: PartialDate | None = None
    child_asked: bool = False
    """Whether the record says that the child had asked for this; a reason code alone is passed over (T50)."""
    withdrawn_at: PartialDate | None = None
    withdrawal_recorded_at: Instant | None = None

    def decision(self) -> Decision:
        """Give the decision as the question takes it."""
        effective = self.effective_actual or self.effective_from
        decided: PartialDate | None
        if self.decided_at == "unknown":
            last = self.recorded_at or (effective.last if effective else _LATEST)
            decided = PartialDate.unknown_until(last)
        else:
            decided = self.decided_at
        stated = self.model_fields_set
        return Decision(
            ref=self.id,
            kind=self.kind,
            matters=self.matters,
            decided=decided,
            effective=effective,
            recorded=self.recorded_at,
            source_recorded=self.source_recorded_at,
            grade=self.provenance,
            proposal=self.proposal_id,
            emergency=self.urgency == "EMERGENCY",
            ground=self.ground,
            not_practicable_reason_given=bool(self.not_practicable_reason),
            out_of_area=self.out_of_area,
            child_asked=self.child_asked,
            significant=self.significant,
            cites=frozenset(self.view_refs),
            weight=self.weight_given,
            departure_reasons_given=bool(self.departure_reasons),
            process=Process(
                review_considered=bool(self.review_ref or self.not_reasonably_practicable_reason)
                if stated & {"review_ref", "not_reasonably_practicable_reason"}
                else None,
                iro_informed=self.iro_informed_at is not None if "iro_informed_at" in stated else None,
                iro_informed_on=self.iro_informed_at,
            ),
        )

    def withdrawals(self) -> list[Withdrawn]:
        """Give that it was called off, where it was."""
        if self.withdrawn_at is None:
            return []
        recorded = self.withdrawal_recorded_at or self.withdrawn_at.first
        return [Withdrawn("withdrawal", self.id, self.withdrawn_at, recorded)]


class VectorView(_Member):
    """One entry about the child's view."""

    id: str
    outcome: Outcome
    matters: tuple[str, ...]
    expressed_at: PartialDate
    recorded_at: Instant | None = None
    source_recorded_at: PartialDate | None = None
    provenance: Grade | None = None
    proposal_id: str | None = None
    source: Source | None = None
    attempts: int = 1
    reason_code: str | None = None
    reason_text: str | None = None
    observation_attempted: bool = False
    seen_alone: SeenAlone | None = None
    disputed_by_child: bool = False

    def view(self) -> View:
        """Give the view as the question takes it."""
        return View(
            ref=self.id,
            outcome=self.outcome,
            matters=self.matters,
            expressed=self.expressed_at,
            recorded=self.recorded_at or self.expressed_at.first,
            source_recorded=self.source_recorded_at,
            grade=self.provenance,
            proposal=self.proposal_id,
            source=self.source,
            attempts=self.attempts,
            reason_code=self.reason_code,
            reason_given=bool(self.reason_text),
            observation_attempted=self.observation_attempted,
            seen_alone=self.seen_alone,
            disputed=self.disputed_by_child,
        )


class VectorChange(_Member):
    """A material change on a matter."""

    id: str = "change"
    matter: str
    at: PartialDate
    recorded_at: Instant | None = None


class VectorSet(_Member):
    """The dates a correction puts right."""

    expressed_at: PartialDate | None = None
    decided_at: PartialDate | None = None
    effective_from: PartialDate | None = None
    effective_actual: PartialDate | None = None


class VectorCorrection(_Member):
    """A correction of an entry."""

    id: str = "correction"
    corrects: str
    to: VectorSet = Field(alias="set")
    recorded_at: Instant

    def corrections(self) -> list[Correction]:
        """Give one correction per date."""
        changed = (
            (Corrected.EXPRESSED, self.to.expressed_at),
            (Corrected.DECIDED, self.to.decided_at),
            (Corrected.EFFECTIVE, self.to.effective_actual or self.to.effective_from),
        )
        return [
            Correction(self.id, self.corrects, what, to, self.recorded_at) for what, to in changed if to is not None
        ]


class VectorFeedback(_Member):
    """The child was told, or a reason written down why not."""

    id: str = "feedback"
    given_at: PartialDate
    reasons_given: bool = False
    not_appropriate_reason: str | None = None
    recorded_at: Instant | None = None


class Vector(_Member):
    """One vector."""

    id: str
    as_of: AsOf
    jurisdiction: str = "england"
    decision: VectorDecision
    views: tuple[VectorView, ...] = ()
    material_changes: tuple[VectorChange, ...] = ()
    corrections: tuple[VectorCorrection, ...] = ()
    feedback: tuple[VectorFeedback, ...] = ()

    def evidence(self) -> Evidence:
        """Give what was on record, as the question takes it."""
        decision = self.decision.decision()
        again = self.decision.reconfirmed_at
        return Evidence(
            decisions={decision.ref: decision},
            views={view.id: view.view() for view in self.views},
            corrections=[each for correction in self.corrections for each in correction.corrections()],
            material_changes=[MaterialChange(c.id, c.matter, c.at, c.recorded_at) for c in self.material_changes],
            reconfirmations=[
                Reconfirmation(
                    "reconfirmation", decision.ref, again, frozenset(self.decision.reconfirm_view_refs), again.first
                )
            ]
            if again
            else [],
            tellings=[
                Telling(
                    told.id,
                    decision.ref,
                    told.given_at,
                    reasons_given=told.reasons_given or bool(told.not_appropriate_reason),
                    appropriate=told.not_appropriate_reason is None,
                    recorded=told.recorded_at or told.given_at.first,
                )
                for told in self.feedback
            ],
            withdrawals=self.decision.withdrawals(),
        )

    def answer(self) -> Answer:
        """Ask the question, under the rule pack in force on the day of the decision."""
        known = self.evidence().known_at(self.as_of)
        decision = known.decision(self.decision.id) or self.decision.decision()
        return ask(decision, known, pack_in_force(self.jurisdiction, _decided_on(decision)))


def _decided_on(decision: Decision) -> date | None:
    stated = decision.decided is not None and decision.decided.precision is not Precision.UNKNOWN
    moment = decision.decided if stated else decision.effective
    return None if moment is None else moment.first_day


def answer_as_json(vector: Vector) -> dict[str, Any]:
    """Answer a vector in the shape `beforehand assess` prints."""
    answer = vector.answer()
    return {
        "id": vector.id,
        "verdict": answer.verdict,
        "class": answer.verdict_class,
        "perMatter": {finding.matter: finding.verdict for finding in answer.findings},
        "flags": list(answer.flags),
        "influence": answer.influence,
        "feedback": answer.feedback,
    }
