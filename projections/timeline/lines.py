"""
Lines: entries as a program is told of them, without making facts of them.

A fact is made to decide and to be shown on a page. A program gets the body as it was recorded, so what stands between
the stored bytes and the answer is the registry alone (`Registry.body`), and one round trip to the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from domain.case.fact import Fact
from ledger.mapper import UNREADABLE, Registry, unreadable

NONE_BESIDE: Final = ()


class Beside(NamedTuple):
    """A correction, annotation or dispute beside the entry it is about."""

    kind: type[Fact]
    ref: str
    recorded_at: datetime
    body: dict[str, Any]


class Line(NamedTuple):
    """
    One entry: its kind, its place, its date as it stands now, its body, what stands beside it.

    `body` holds the whole fact as recorded, `ref` and `by` included. `voice` is JSON: the answer to the question, for a
    decision.
    """

    kind: type[Fact]
    version: int
    position: int
    ref: str
    when: str | None
    sort_at: datetime
    recorded_at: datetime
    body: dict[str, Any]
    beside: Sequence[Beside]
    voice: str | bytes | None


@dataclass(slots=True)
class Lines:
    """Some entries of a case, and what is needed of the case to tell of them."""

    born: str | None
    known: int
    """The version of the case that these lines know."""
    lines: list[Line]


class LineReader:
    """Makes lines of the rows of `timeline.sql`. Raises `UnknownTopic` or `UnreadableEntry`."""

    def __init__(self, registry: Registry[Fact]) -> None:
        self._kind_of = registry.kind_of
        self._body = registry.body

    def lines(
        self, rows: Iterable[Sequence[Any]], beside: dict[str, list[Beside]], voices: dict[str, dict[str, Any]] | None
    ) -> list[Line]:
        """Make lines of rows; `voices`, where given, stand in place of those in the rows."""
        kind_of, body_of = self._kind_of, self._body
        made = []
        position = 0
        try:
            for _, _, version, position, recorded_at, ref, when, sort_at, attached, topic, state, voice, _ in rows:
                made.append(
                    Line(
                        kind_of(topic)[0],
                        version,
                        position,
                        ref,
                        when,
                        sort_at,
                        recorded_at,
                        body_of(topic, state),
                        beside.get(ref, NONE_BESIDE) if attached else NONE_BESIDE,
                        voice if voices is None or ref not in voices else orjson.dumps(voices[ref]),
                    )
                )
        except UNREADABLE:
            raise unreadable(position) from None
        return made

    def beside(self, rows: Iterable[Sequence[Any]]) -> dict[str, list[Beside]]:
        """Make what stands beside entries, by the reference of the entry."""
        by_ref: dict[str, list[Beside]] = {}
        for about, _, position, recorded_at, ref, topic, state in rows:
            try:
                made = Beside(self._kind_of(topic)[0], ref, recorded_at, self._body(topic, state))
            except UNREADABLE:
                raise unreadable(position) from None
            for each in about:
                by_ref.setdefault(each, []).append(made)
        return by_ref


def opened(voice: str | bytes | None) -> dict[str, Any] | None:
    """Read the answer to the question."""
    if voice is None:
        return None
    read: dict[str, Any] = orjson.loads(voice)
    return read
