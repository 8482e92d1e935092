"""
Filling the benchmark's authority: through the rules and the real append, then through the real projections.

What is there already stays, so that a second run starts at once. The first hundred children each have a record of their
own that the rules have passed; those after them have copies of these, under identifiers of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from uuid import UUID, uuid5

from eventsourcing.persistence import StoredEvent

from domain.case.command import Act
from domain.case.fact import Fact, Role
from domain.case.refusal import Refused
from domain.case.registry import COMMAND
from domain.case.state import Case
from ledger.mapper import Entry, FactMapper, Stamp
from ledger.recorder import LogRecorder
from ops.authority import Authority
from ops.bench.children import record_of
from projections.registry import REGISTRY

ENTRIES: Final = 300
LONG: Final = 5_000
"""How many entries an ordinary record has, and the one long one."""

MODELS: Final = 100
"""How many ordinary records differ from each other."""

_NAMES: Final = uuid5(UUID(int=0), "beforehand:bench")
_BATCH: Final = 3_000

Progress = Callable[[int, int], None]


def child(number: int) -> UUID:
    """Give the identifier of a made-up child; number 0 is the one with the long record."""
    return uuid5(_NAMES, str(number))


def fill(ready: Authority, children: int, progress: Progress, *, entries: int = ENTRIES, long: int = LONG) -> int:
    """Add what is missing of the long record and so many ordinary ones, and give how many entries were added."""
    recorder = LogRecorder(ready.pool, ready.settings.authority)
    missing = [number for number in range(children + 1) if not recorder.select_events(child(number), limit=1)]
    models: dict[int, list[StoredEvent]] = {}
    batch: list[StoredEvent] = []
    added = 0
    for done, number in enumerate(missing, start=1):
        model = number if number == 0 else 1 + (number - 1) % MODELS
        if model not in models:
            models[model] = _written(model, long if number == 0 else entries)
        stream = child(number)
        batch += [StoredEvent(stream, each.originator_version, each.topic, each.state) for each in models[model]]
        if len(batch) >= _BATCH or number == missing[-1]:
            recorder.append(batch)
            added += len(batch)
            batch = []
        progress(done, len(missing))
    return added


def follow(ready: Authority, progress: Progress) -> None:
    """Bring every projection to the end of the log."""
    with ready.pool.connection() as connection:
        head = ready.runner.scan.head(connection)
    ready.runner.catch_up(lambda position: progress(position, head))


def _written(number: int, entries: int) -> list[StoredEvent]:
    """Decide the record of one child and give it as it is stored."""
    mapper: FactMapper[Fact] = FactMapper(REGISTRY)
    stream, now = child(number), datetime.now(UTC)
    case, stored = Case(stream), []
    for fact in islice(_facts(case, number, entries, now), entries):
        case.evolve(fact, Stamp(case.version + 1, now))
        stored.append(mapper.to_stored_event(Entry(stream, case.version, fact)))
    return stored


def _facts(case: Case, number: int, entries: int, now: datetime) -> Iterator[Fact]:
    for nth, body in enumerate(record_of(number, entries)):
        act = Act("bench", Role.SYSTEM, now, uuid5(case.id, f"a{nth}"), uuid5(case.id, f"c{nth}"))
        try:
            yield from COMMAND.validate_python(body).decide(case, act)
        except Refused:
            continue
