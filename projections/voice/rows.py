"""How a case becomes one answered question per decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.case.decision import DecisionMade
from domain.case.state import Case
from domain.dates import PartialDate, civil, instant_of
from domain.rules import pack_pinned
from domain.rules.pack import RulePack
from domain.voice.evidence import Decision, Known
from domain.voice.question import Answer, ask, effect_instant, next_turn
from domain.voice.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Voice:
    """
    One decision and the answers to the question about it.

    `at_effect` is the answer as known at the end of the day of the effect, absent while that day has not passed.
    `turns_at` (UTC) is when `now` may change by the passing of time alone.
    """

    case_id: UUID
    ref: str
    version: int
    kind: str
    rule_pack: str
    decided: PartialDate | None
    effective: PartialDate | None
    now: Answer
    at_effect: Answer | None
    turns_at: datetime | None

    @property
    def significant(self) -> bool:
        """Tell whether the question applies at all."""
        return self.now.verdict is not Verdict.NOT_SIGNIFICANT

    @property
    def differs(self) -> bool:
        """Tell whether the record showed something else when the change took effect: then that is the finding."""
        return self.at_effect is not None and (
            self.at_effect.verdict is not self.now.verdict
            or [f.verdict for f in self.at_effect.findings] != [f.verdict for f in self.now.findings]
        )


def voices(case: Case, as_of: datetime) -> list[Voice]:
    """Answer the question for every decision of a case, as of a recorded time (UTC)."""
    civil_as_of = civil(as_of)
    known = case.evidence.known_at(civil_as_of)
    return [
        _voice(case, held.fact, held.version, decision, known)
        for ref, held in case.facts.items()
        if isinstance(held.fact, DecisionMade) and (decision := known.decision(ref)) is not None
    ]


def _voice(case: Case, fact: DecisionMade, version: int, decision: Decision, known: Known) -> Voice:
    pack = pack_pinned(fact.by.rule_pack)
    turn = next_turn(decision, pack, known.as_of)
    return Voice(
        case_id=case.id,
        ref=fact.ref,
        version=version,
        kind=fact.kind,
        rule_pack=fact.by.rule_pack,
        decided=None if fact.decided is None and decision.first_decided is None else decision.decided,
        effective=decision.effective,
        now=ask(decision, known, pack),
        at_effect=_at_effect(case, fact.ref, effect_instant(decision), known.as_of, pack),
        turns_at=None if turn is None else instant_of(turn),
    )


def _at_effect(case: Case, ref: str, effect: datetime | None, as_of: datetime, pack: RulePack) -> Answer | None:
    if effect is None or effect > as_of:
        return None
    then = case.evidence.known_at(effect)
    return ask(then.decision(ref) or case.evidence.decisions[ref], then, pack)


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """Give an answer in the shape that rows, the API and the command line share."""
    return {
        "verdict": answer.verdict,
        "class": answer.verdict_class,
        "flags": list(answer.flags),
        "influence": answer.influence,
        "feedback": answer.feedback,
        "findings": [
            {
                "matter": finding.matter,
                "verdict": finding.verdict,
                "class": finding.verdict.verdict_class,
                "flags": sorted(finding.flags),
                "rests_on": list(finding.rests_on),
            }
            for finding in answer.findings
        ],
    }


def voice_as_json(voice: Voice) -> dict[str, Any]:
    """Give a decision with both answers."""
    return {
        "decision": voice.ref,
        "kind": voice.kind,
        "rule_pack": voice.rule_pack,
        "decided": None if voice.decided is None else str(voice.decided),
        "effective": None if voice.effective is None else str(voice.effective),
        "significant": voice.significant,
        "now": answer_as_json(voice.now),
        "at_effect": None if voice.at_effect is None else answer_as_json(voice.at_effect),
        "differs": voice.differs,
    }
