"""
What a picture of a whole time in care shows.

It holds what the child said, what was decided, where the child lived, whom they saw, under which order, and where the
record has gaps.

A pure function of three answers that are there anyway: the state of a case, the answers to the question, and when the
child was asked. It therefore speaks of today and of any earlier day alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from domain.case.view import ViewDeclined, ViewExpressed, ViewNotAscertainable, ViewObserved, ViewSought
from domain.dates import PartialDate, parse_partial_date
from domain.voice.evidence import Outcome
from domain.voice.verdict import Verdict, VerdictClass

OVERVIEW_SQL: Final = Path(__file__).with_name("overview.sql")

SPOKEN: Final = {
    ViewExpressed.TOPIC: Outcome.EXPRESSED,
    ViewObserved.TOPIC: Outcome.OBSERVED,
    ViewDeclined.TOPIC: Outcome.DECLINED,
    ViewNotAscertainable.TOPIC: Outcome.NOT_ASCERTAINABLE,
    ViewSought.TOPIC: Outcome.SOUGHT,
}
"""What came of asking, by the kind of entry."""

_ELSEWHERE: Final = frozenset({Verdict.OTHER_MATTER_ONLY, Verdict.NO_VIEW_RECORDED, Verdict.PENDING})
"""Answers that name no view on the matter itself, whatever they rest on."""
_TEMPORARY: Final = "PLACEMENT_TEMPORARY"
_CHANGES_NOTHING: Final = frozenset({"APPLIED_FOR", "WITHDRAWN"})
"""Steps towards an order, and back, that leave the one in force as it is."""
_NO_CONTACT: Final = frozenset({"CONTACT_SUSPENSION", "CONTACT_REFUSAL_URGENT"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """One time the child was asked: what came of it, when, and about what."""

    ref: str
    outcome: Outcome
    when: PartialDate | None
    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """An entry that came into the record (UTC) after a moment that is asked about."""

    ref: str
    topic: str
    when: PartialDate
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """
    One significant decision, and the view its answer rests on.

    `decided` tells whether `when` is the day of the decision; otherwise only the effect is known. `view` is the last
    view before it that the answer rests on, or the first one after it; nothing where it rests on no view of the matter.
    `days` lie between them: above zero where the view is known to come first, below where it is known to come later,
    nothing where the order is not known.
    """

    ref: str
    kind: str
    when: PartialDate | None
    decided: bool
    verdict: Verdict
    verdict_class: VerdictClass
    view: str | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Stay:
    """Something that held for a time. `until` is absent where it goes on, or where nobody knows its end."""

    ref: str
    code: str | None
    since: PartialDate | None
    until: PartialDate | None
    ended: bool
    person: str | None = None
    """Whom it is about: the carer of a home, the person of an arrangement."""
    holds: bool = True
    """Of contact: whether there is any; of an order: whether one is in force."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A time in care. Everything is in the order of world time."""

    begun: PartialDate | None
    closed_on: PartialDate | None
    spoken: tuple[Spoken, ...]
    changes: tuple[Change, ...]
    homes: tuple[Stay, ...]
    away: tuple[Stay, ...]
    """Stays somewhere else that do not end the home."""
    orders: tuple[Stay, ...]
    contact: Mapping[str, tuple[Stay, ...]]
    """By person, in the order in which contact was first arranged."""
    gaps: tuple[Stay, ...]


def spoken_of(rows: Iterable[tuple[str, str, Sequence[str], PartialDate | None]]) -> tuple[Spoken, ...]:
    """Give the times the child was asked from (reference, topic, matters, when) of entries, others left out."""
    return tuple(
        Spoken(ref, SPOKEN[topic], when, tuple(matters)) for ref, topic, matters, when in rows if topic in SPOKEN
    )


def overview_of(
    state: Mapping[str, Any], voices: Mapping[str, Mapping[str, Any]], spoken: tuple[Spoken, ...]
) -> Overview:
    """Give what a picture of a case shows."""
    closed = _date(state["closed_on"])
    views = {each.ref: each for each in spoken}
    changes = [_change(ref, voice, views) for ref, voice in voices.items() if voice["significant"]]
    homes = [each for each in state["placements"] if each["kind"] != _TEMPORARY]
    orders = [each for each in state["legal_statuses"] if each["step"] not in _CHANGES_NOTHING]
    contact: dict[str, list[Mapping[str, Any]]] = {}
    for each in state["contact"]:
        contact.setdefault(each["person"], []).append(each)
    return Overview(
        begun=_date(state["looked_after_from"]),
        closed_on=closed,
        spoken=spoken,
        changes=tuple(sorted(changes, key=lambda each: _place(each.when))),
        homes=_stays(homes, "place", closed),
        away=tuple(_away(each) for each in state["placements"] if each["kind"] == _TEMPORARY),
        orders=_stays(orders, "code", closed),
        contact={person: _meetings(arranged, closed) for person, arranged in contact.items()},
        gaps=tuple(Stay(gap["ref"], None, _date(gap["from"]), _date(gap["to"]), ended=True) for gap in state["gaps"]),
    )


def _change(ref: str, voice: Mapping[str, Any], views: Mapping[str, Spoken]) -> Change:
    decided, effective = _date(voice["decided"]), _date(voice["effective"])
    when = decided or effective
    headline = voice["now"]
    names = [
        view
        for finding in headline["findings"]
        if finding["class"] == headline["class"] and Verdict(finding["verdict"]) not in _ELSEWHERE
        for view in finding["rests_on"]
        if view in views
    ]
    view = _nearest([views[name] for name in names], decided)
    return Change(
        ref=ref,
        kind=voice["kind"],
        when=when,
        decided=decided is not None,
        verdict=Verdict(headline["verdict"]),
        verdict_class=VerdictClass(headline["class"]),
        view=None if view is None else view.ref,
        days=None if view is None else _days_between(view.when, decided),
    )


def _nearest(views: list[Spoken], decided: PartialDate | None) -> Spoken | None:
    """Give the last view that may come before the decision, or else the first one after it."""
    if not views:
        return None
    ordered = sorted(views, key=lambda each: _place(each.when))
    if decided is None:
        return ordered[-1]
    before = [each for each in ordered if each.when is None or not each.when.after(decided)]
    return before[-1] if before else ordered[0]


def _days_between(view: PartialDate | None, decided: PartialDate | None) -> int | None:
    if view is None or decided is None:
        return None
    if view.by(decided):
        return (decided.first_day - view.last_day).days
    if view.after(decided):
        return -(view.first_day - decided.last_day).days
    return None


def _stays(entries: Sequence[Mapping[str, Any]], code: str, closed: PartialDate | None) -> tuple[Stay, ...]:
    """Give entries that each end the one before, the last one with the end of care."""
    stays = []
    for place, each in enumerate(entries):
        following = entries[place + 1] if place + 1 < len(entries) else None
        until = closed if following is None else _date(following["since"])
        ended = following is not None or closed is not None
        holds = code == "place" or each[code] is not None
        since, person = _date(each["since"]), each.get("carer")
        stays.append(Stay(each["ref"], each[code], since, until, ended=ended, person=person, holds=holds))
    return tuple(stays)


def _away(each: Mapping[str, Any]) -> Stay:
    """Give a temporary stay. The record states no end of one, and none is made up."""
    return Stay(each["ref"], each["place"], _date(each["since"]), None, ended=True, person=each["carer"])


def _meetings(arranged: Sequence[Mapping[str, Any]], closed: PartialDate | None) -> tuple[Stay, ...]:
    stays = []
    for place, each in enumerate(arranged):
        following = arranged[place + 1] if place + 1 < len(arranged) else None
        stated, follows = _date(each["until"]), None if following is None else _date(following["since"])
        until = stated if follows is None else follows if stated is None else stated.or_earlier(follows)
        holds = each["mode"] != "NONE" and each["kind"] not in _NO_CONTACT
        stays.append(
            Stay(
                each["ref"],
                each["mode"],
                _date(each["since"]),
                until or closed,
                ended=until is not None or following is not None or closed is not None,
                person=each["person"],
                holds=holds,
            )
        )
    return tuple(stays)


def _place(when: PartialDate | None) -> tuple[bool, Any]:
    return (True, None) if when is None else (False, when.sort_key())


def _date(stated: str | None) -> PartialDate | None:
    return None if stated is None else parse_partial_date(stated)
