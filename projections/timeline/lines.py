"""
Lines: entries as a program is told of them, without making facts of them.

A fact is made to decide and to be shown on a page. A program gets the body as it was recorded, so what stands between
what is stored and the answer is the opening of it alone (`FactMapper.opened`), and one round trip to the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from domain.case.fact import Fact
from domain.case.opening import CaseOpened
from domain.case.people import PersonIntroduced
from domain.case.record import RecordCorrected
from ledger.mapper import UNREADABLE, FactMapper, unreadable

NONE_BESIDE: Final = ()


class Beside(NamedTuple):
    """A correction, annotation or dispute beside the entry it is about."""

    kind: type[Fact]
    ref: str
    recorded_at: datetime
    body: bytes


class Line(NamedTuple):
    """
    One entry: its kind, its place, its date as it stands now, its body, what stands beside it.

    `body` is JSON: the whole fact as recorded, `ref` and `by` included. So is `voice`: for a decision, the answer to
    the question.
    """

    kind: type[Fact]
    version: int
    position: int
    ref: str
    when: str | None
    sort_at: datetime
    recorded_at: datetime
    body: bytes
    beside: Sequence[Beside]
    voice: str | bytes | None


@dataclass(slots=True)
class Lines:
    """Some entries of a case, and what is needed of the case to tell of them."""

    born: str | None
    known: int
    """The version of the case that these lines know."""
    lines: list[Line]


_NAMES: Final[dict[type[Fact], str]] = {CaseOpened: "child", PersonIntroduced: "name", RecordCorrected: "words"}
"""Which field of an entry says what somebody is called."""


class LineReader:
    """Makes lines of the rows of `timeline.sql`. Raises `UnknownTopic` or `UnreadableEntry`."""

    def __init__(self, mapper: FactMapper[Fact]) -> None:
        self._opened = mapper.opened

    def lines(
        self, case_id: UUID, rows: Iterable[Sequence[Any]], voices: Mapping[str, Mapping[str, Any]] | None
    ) -> list[Line]:
        """Make lines of rows; `voices`, where given, stand in place of those in the rows."""
        open_, make = self._opened, Line._make
        made = []
        position = 0
        try:
            for _, _, version, position, recorded_at, ref, when, sort_at, topic, sealed, voice, _, *beside in rows:
                kind, body = open_(case_id, version, recorded_at, topic, sealed)
                added = NONE_BESIDE if beside[0] is None else self._beside(case_id, *beside)
                told = voice if voices is None or ref not in voices else orjson.dumps(voices[ref])
                made.append(make((kind, version, position, ref, when, sort_at, recorded_at, body, added, told)))
        except UNREADABLE as why:
            raise unreadable(position, why) from None
        return made

    def name(  # noqa: PLR0913 - a row of the log, as it comes
        self, position: int, case_id: UUID, version: int, recorded_at: datetime, topic: str, sealed: bytes
    ) -> str:
        """Give the name that an entry gives somebody, from a row of the log."""
        try:
            kind, body = self._opened(case_id, version, recorded_at, topic, sealed)
            fields = orjson.loads(body)
            name = str(fields[_NAMES[kind]] if _NAMES[kind] in fields else fields["to"])
        except UNREADABLE as why:
            raise unreadable(position, why) from None
        return name

    def _beside(  # noqa: PLR0913 - columns of rows of the log
        self,
        case_id: UUID,
        positions: list[int],
        versions: list[int],
        times: list[datetime],
        topics: list[str],
        seals: list[bytes],
    ) -> list[Beside]:
        made = []
        for position, version, recorded_at, topic, sealed in zip(
            positions, versions, times, topics, seals, strict=True
        ):
            try:
                kind, body = self._opened(case_id, version, recorded_at, topic, sealed)
                made.append(Beside(kind, orjson.loads(body)["ref"], recorded_at, body))
            except UNREADABLE as why:
                raise unreadable(position, why) from None
        return made


def opened(voice: str | bytes | None) -> dict[str, Any] | None:
    """Read the answer to the question."""
    if voice is None:
        return None
    read: dict[str, Any] = orjson.loads(voice)
    return read
