"""
Filling the benchmark's authority.

The first hundred children have records of their own, which have passed the rules and go through the real append and the
real projections. Those after them have copies of the facts, sealed and appended in the same way under identifiers and
keys of their own, with copies of the rows, so that three million entries take minutes. What is there already stays, and
a second run starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from eventsourcing.persistence import StoredEvent

from domain.case.command import Act
from domain.case.fact import Fact, Role
from domain.case.refusal import Refused
from domain.case.registry import COMMAND
from domain.case.state import Case
from ledger.mapper import Entry, Stamp
from ledger.recorder import LogRecorder
from ledger.statements import Statements
from ops.authority import Authority
from ops.bench.children import record_of

ENTRIES: Final = 300
LONG: Final = 5_000
"""How many entries an ordinary record has, and the one long one."""

MODELS: Final = 100
"""How many ordinary records differ from each other."""

COPYING_SQL: Final = Path(__file__).with_name("copying.sql")

_NAMES: Final = uuid5(UUID(int=0), "beforehand:bench")
_BATCH: Final = 3_000
_COPIES: Final = 10

Progress = Callable[[int, int], None]


def child(number: int) -> UUID:
    """Give the identifier of a made-up child; number 0 is the one with the long record."""
    return uuid5(_NAMES, str(number))


def fill(  # noqa: PLR0913 - tests fill with less
    ready: Authority,
    children: int,
    progress: Progress,
    *,
    entries: int = ENTRIES,
    long: int = LONG,
    models: int = MODELS,
) -> int:
    """Add what is missing of the long record and so many ordinary ones, and give how many entries were added."""
    recorder = LogRecorder(ready.pool, ready.settings.authority)
    missing = [number for number in range(children + 1) if not recorder.select_events(child(number), limit=1)]
    added = 0
    for done, number in enumerate((each for each in missing if each <= models), start=1):
        written = _written(ready, number, entries if number else long)
        for start in range(0, len(written), _BATCH):
            recorder.append(written[start : start + _BATCH])
        added += len(written)
        progress(done, len(missing))
    ready.runner.catch_up()
    copies = [number for number in missing if number > models]
    originals: dict[int, Sequence[Entry[Fact]]] = {}
    for start in range(0, len(copies), _COPIES):
        some = [(number, 1 + (number - 1) % models) for number in copies[start : start + _COPIES]]
        originals |= {model: tuple(ready.ledger.entries(child(model))) for _, model in some if model not in originals}
        added += _copy(ready, recorder, some, originals)
        progress(len(missing) - len(copies) + start + len(some), len(missing))
    return added


def _copy(
    ready: Authority,
    recorder: LogRecorder,
    some: Sequence[tuple[int, int]],
    originals: Mapping[int, Sequence[Entry[Fact]]],
) -> int:
    """Append copies of originals, and copies of their rows; every projection stands at the end of the log after it."""
    stored = [
        ready.kept.mapper.to_stored_event(Entry(child(number), each.originator_version, each.event))
        for number, model in some
        for each in originals[model]
    ]
    last, _ = recorder.append(stored)
    statements = Statements(COPYING_SQL, ready.settings.authority)
    parameters = {"copies": [child(number) for number, _ in some], "models": [child(model) for _, model in some]}
    with ready.pool.connection() as connection, connection.transaction():
        for projection in ready.runner.projections:
            connection.execute(statements[projection.name], parameters)
        connection.execute(statements["reached"], {"from": last - len(stored), "to": last})
    return len(stored)


def _written(ready: Authority, number: int, entries: int) -> Sequence[StoredEvent]:
    """Decide the record of one child and give it as it is stored."""
    stream, now = child(number), datetime.now(UTC)
    case, stored = Case(stream), []
    for fact in islice(_facts(case, number, entries, now), entries):
        case.evolve(fact, Stamp(case.version + 1, now))
        stored.append(ready.kept.mapper.to_stored_event(Entry(stream, case.version, fact)))
    return stored


def _facts(case: Case, number: int, entries: int, now: datetime) -> Iterator[Fact]:
    for nth, body in enumerate(record_of(number, entries)):
        act = Act("bench", Role.SYSTEM, now, uuid5(case.id, f"a{nth}"), uuid5(case.id, f"c{nth}"))
        try:
            yield from COMMAND.validate_python(body).decide(case, act)
        except Refused:
            continue
