"""The answers about one decision, in words, with what they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from api.pages import words
from api.pages.fields import Links, Value
from api.pages.language import Language, say, spoken
from api.pages.moments import Moment, moment
from domain.dates import parse_partial_date
from domain.rules import pack_pinned
from domain.rules.errors import PackUnknown
from domain.rules.pack import RulePack
from domain.rules.rule import Authority
from domain.voice.verdict import Feedback, Flag, Influence, Verdict
from domain.voice.wording import (
    AFTER_IT_HAD_HAPPENED,
    AUTHORITIES,
    CHECKED,
    FEEDBACKS,
    FLAGS,
    FROM_AN_OLDER_SOURCE,
    INFLUENCES,
    UNCHECKED,
    VERDICTS,
    Ground,
    Wording,
    difference,
    grounds_of,
    grounds_of_telling,
    in_between,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FindingView:
    """What the record shows about one matter; `then` is what it showed when the change happened, if something else."""

    matter: str
    said: Wording
    then: Wording | None
    flags: tuple[str, ...]
    rests_on: tuple[Value, ...]
    grounds: tuple[GroundView, ...]


@dataclass(frozen=True, slots=True)
class VoiceView:
    """
    The three answers about one decision: was the child asked beforehand, did it count, was the child told?

    `then` and `difference` say what the record showed on the day of the `effect`, where that was something else;
    `put_in` says instead that the record did not hold the decision then.
    """

    significant: bool
    said: Wording
    findings: tuple[FindingView, ...]
    influence: Wording | None
    feedback: Wording | None
    then: Wording | None
    difference: str | None
    put_in: str | None
    effect: Moment
    rules: str
    telling: tuple[GroundView, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """Give what there is to know about the evidence, each once."""
        return _each_once(flag for finding in self.findings for flag in finding.flags)

    @property
    def rests_on(self) -> tuple[Value, ...]:
        """Give every entry the answers rest on, each once."""
        return _each_once(value for finding in self.findings for value in finding.rests_on)

    @property
    def grounds(self) -> tuple[GroundView, ...]:
        """Give every rule behind the answers, each once."""
        return _each_once(ground for finding in self.findings for ground in finding.grounds)


def voice_view(voice: dict[str, Any], links: Links, *, recorded: str, from_older_source: bool) -> VoiceView:
    """Put the answers into words. `recorded` is the day the decision came into the record, in words."""
    now, then = voice["now"], voice["at_effect"]
    verdict, was = Verdict(now["verdict"]), None if then is None else Verdict(then["verdict"])
    pack = _pack(voice["rule_pack"])
    effect = voice["effective"] or voice["decided"]
    decided = None if voice["decided"] is None else parse_partial_date(voice["decided"]).first_day
    # Of a decision that lies ahead of what the record held then, nothing was found yet that could differ.
    was_absent = was is Verdict.PENDING and verdict is not Verdict.PENDING
    seen = [] if then is None or was_absent else then["findings"]
    before = {each["matter"]: Verdict(each["verdict"]) for each in seen}
    return VoiceView(
        significant=voice["significant"],
        said=in_words(VERDICTS[verdict]),
        findings=tuple(
            _finding(each, before.get(each["matter"]), pack, voice["kind"], decided, links) for each in now["findings"]
        ),
        influence=None if now["influence"] is None else in_words(INFLUENCES[Influence(now["influence"])]),
        feedback=None if now["feedback"] is None else in_words(FEEDBACKS[Feedback(now["feedback"])]),
        then=None if was is None or was_absent else in_words(VERDICTS[was]),
        difference=None if was is None else _difference(verdict, was),
        put_in=_put_in(recorded, from_older_source=from_older_source) if was_absent else None,
        effect=moment(None if effect is None else parse_partial_date(effect)),
        rules="" if pack is None else say(pack.title),
        telling=() if pack is None else tuple(map(_ground, grounds_of_telling(pack))),
    )


def _finding(  # noqa: PLR0913 - one argument for each thing that is known about a matter
    finding: dict[str, Any], was: Verdict | None, pack: RulePack | None, kind: str, decided: date | None, links: Links
) -> FindingView:
    verdict = Verdict(finding["verdict"])
    flags = tuple(Flag(flag) for flag in finding["flags"])
    matter = finding["matter"]
    grounds = () if pack is None else grounds_of(verdict, pack, kind=kind, matter=matter, decided=decided, flags=flags)
    called = words.matter(matter, links.names)
    return FindingView(
        matter=called[:1].upper() + called[1:],
        said=in_words(VERDICTS[verdict]),
        then=None if was is None or was is verdict else in_words(VERDICTS[was]),
        flags=tuple(say(FLAGS[flag]) for flag in flags),
        rests_on=tuple(links.named(ref) for ref in finding["rests_on"]),
        grounds=tuple(map(_ground, grounds)),
    )


def in_words(wording: Wording) -> Wording:
    """Give an answer in the language of the page."""
    return _in_words(spoken(), wording)


@lru_cache(maxsize=256)
def _in_words(_language: Language, wording: Wording) -> Wording:
    return replace(wording, label=say(wording.label), sentence=say(wording.sentence))


@dataclass(frozen=True, slots=True)
class GroundView:
    """A rule behind an answer, in the language of the page; its citation stays as it is written."""

    says: str
    citation: str
    standing: str


def _ground(ground: Ground) -> GroundView:
    standing = say(AUTHORITIES[ground.authority])
    if ground.authority is not Authority.POLICY:
        standing += " " + (say(CHECKED) if ground.verified else say(UNCHECKED))
    return GroundView(say(ground.says), ground.citation, standing)


def _difference(now: Verdict, at_effect: Verdict) -> str | None:
    if in_between(now, at_effect) is None:
        return None
    then = in_words(VERDICTS[at_effect])
    return say(difference(now), label=then.label, sentence=then.sentence)


def _put_in(recorded: str, *, from_older_source: bool) -> str:
    return say(FROM_AN_OLDER_SOURCE if from_older_source else AFTER_IT_HAD_HAPPENED, day=recorded)


def _pack(pin: str) -> RulePack | None:
    try:
        return pack_pinned(pin)
    except PackUnknown:
        return None


def _each_once(things: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))
