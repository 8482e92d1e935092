"""The shapes of answers: entries with their dates, ages and attachments, and the answer to the question."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field

from domain.ages import months_lived
from domain.case.fact import Fact
from domain.dates import PartialDate, parse_partial_date
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass
from ledger.mapper import Entry
from projections.answers import Shown
from projections.timeline.lines import Beside, Lines

"""What a fact holds that an entry tells beside its body."""


class FindingShape(BaseModel):
    """The finding on one matter."""

    model_config = ConfigDict(populate_by_name=True)

    matter: str
    verdict: Verdict
    verdict_class: VerdictClass = Field(alias="class")
    flags: list[Flag]
    rests_on: list[str] = Field(description="The references of the entries it rests on.")


class AnswerShape(BaseModel):
    """The answer to the question at one moment."""

    model_config = ConfigDict(populate_by_name=True)

    verdict: Verdict = Field(description="The verdict of the most severe matter.")
    verdict_class: VerdictClass = Field(alias="class")
    flags: list[Flag]
    influence: Influence | None = Field(description="Did the view count?")
    feedback: Feedback | None = Field(description="Was the child told?")
    findings: list[FindingShape]


class VoiceShape(BaseModel):
    """Both answers for a decision: as known now (or at `as_of`), and as known when it took effect."""

    decision: str
    kind: str
    rule_pack: str = Field(description="The rule pack pinned to the decision.", examples=["england-2010@1"])
    decided: str | None
    effective: str | None
    significant: bool
    now: AnswerShape
    at_effect: AnswerShape | None
    differs: bool = Field(description="Whether the record showed something else when the change took effect.")

    def rests_on(self) -> list[str]:
        """Give every entry an answer rests on, each once."""
        answers = [self.now, *([self.at_effect] if self.at_effect else [])]
        return list(dict.fromkeys(ref for answer in answers for finding in answer.findings for ref in finding.rests_on))


class AttachmentShape(BaseModel):
    """A correction, annotation or dispute beside the entry it is about."""

    ref: str
    topic: str
    recorded_at: datetime
    body: dict[str, Any]


class EntryShape(BaseModel):
    """One entry of a timeline."""

    version: int
    position: int
    ref: str
    topic: str
    phrase: str = Field(description="What happened, in plain words.")
    when: str | None = Field(description="World time as stated, corrections worked in; absent where nobody knows.")
    recorded_at: datetime
    age: str | None = Field(
        description="The child's age then; two years where the dates leave it open.", examples=["9"]
    )
    body: dict[str, Any] = Field(
        description="The fact itself, as first recorded; `by` says who recorded it, in what role, from what source."
    )
    attached: list[AttachmentShape]
    voice: VoiceShape | None = Field(description="For decisions: the answers to the question.")


def entry_shape(shown: Shown, born: PartialDate | None) -> EntryShape:
    """Give an entry in the shape of the API."""
    entry, fact = shown.entry, shown.entry.event
    assert entry.recorded_at is not None  # noqa: S101 - entries read from the log have it
    return EntryShape(
        version=entry.originator_version,
        position=entry.position,
        ref=fact.ref,
        topic=fact.TOPIC,
        phrase=fact.PHRASE,
        when=None if shown.when is None else str(shown.when),
        recorded_at=entry.recorded_at,
        age=age_text(born, shown.when),
        body=_body(fact),
        attached=[_attachment(each) for each in shown.attached],
        voice=None if shown.voice is None else VoiceShape.model_validate(shown.voice),
    )


def lines_json(lines: Lines) -> list[dict[str, Any]]:
    """
    Give lines as the shape of the API describes them, ready to be written as JSON.

    Equal to what `entry_shape` gives for the same entries, without a model in between.
    """
    born = lines.born
    told = []
    for kind, version, position, ref, when, _, recorded_at, body, beside, voice in lines.lines:
        told.append(
            {
                "version": version,
                "position": position,
                "ref": ref,
                "topic": kind.TOPIC,
                "phrase": kind.PHRASE,
                "when": when,
                "recorded_at": recorded_at,
                "age": None if when is None else stated_age(born, when),
                "body": orjson.Fragment(body),
                "attached": [_beside_json(each) for each in beside] if beside else [],
                "voice": None if voice is None else orjson.Fragment(voice),
            }
        )
    return told


def _beside_json(beside: Beside) -> dict[str, Any]:
    return {
        "ref": beside.ref,
        "topic": beside.kind.TOPIC,
        "recorded_at": beside.recorded_at,
        "body": orjson.Fragment(beside.body),
    }


def age_text(born: PartialDate | None, when: PartialDate | None) -> str | None:
    """Give the age in whole years: `9`, or `9-10` where dates are imprecise; nothing before birth or without a date."""
    lived = months_lived(born, when)
    if lived is None or lived[1] < 0:
        return None
    low, high = max(lived[0], 0) // 12, lived[1] // 12
    return str(low) if low == high else f"{low}-{high}"


@lru_cache(maxsize=65_536)
def stated_age(born: str | None, when: str) -> str | None:
    """Give what `age_text` gives, from dates as they are stated; straight from the digits where both are days."""
    if born is None:
        return None
    if len(born) < _A_DAY or len(when) < _A_DAY:
        return age_text(parse_partial_date(born), parse_partial_date(when))
    years = int(when[:4]) - int(born[:4]) - (when[5:_A_DAY] < born[5:_A_DAY])
    return str(years) if years >= 0 else None


_A_DAY: Final = len("2011-05-03")


def _body(fact: Fact) -> dict[str, Any]:
    return fact.model_dump(mode="json", exclude_none=True)


def _attachment(entry: Entry[Fact]) -> AttachmentShape:
    assert entry.recorded_at is not None  # noqa: S101 - entries read from the log have it
    return AttachmentShape(
        ref=entry.event.ref, topic=entry.event.TOPIC, recorded_at=entry.recorded_at, body=_body(entry.event)
    )
