"""
What ours is compared with: the `eventsourcing` library's own PostgreSQL recorder and application, as they come.

Unsealed: a fact is stored as JSON in clear, without an order that anybody could prove. Two sets of settings. `DEFAULT`
is what the library does when it is told nothing but the address. `FASTEST` adds the library's database functions, a
connection for each writer and a cache of what has been loaded. It is not safe: its appends take no lock, so that
whoever follows the log may miss events that commit out of order (`ops/decisions/0002`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import Environment, EnvType
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from domain.case.command import Command
from domain.case.fact import Fact
from domain.case.state import Case
from ledger.mapper import Stamp
from ops.bench.load import Turn
from ops.bench.turns import threads
from ops.bench.workload import Hands, act_of
from projections.registry import REGISTRY

DEFAULT: Final[Mapping[str, str]] = {}
FASTEST: Final[Mapping[str, str]] = {
    "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
    "POSTGRES_MAX_OVERFLOW": "0",
    "AGGREGATE_CACHE_MAXSIZE": "2000",
    "AGGREGATE_CACHE_FASTFORWARD": "n",
    "DEEPCOPY_FROM_AGGREGATE_CACHE": "n",
}


@dataclass(frozen=True, slots=True)
class StockEvent:
    """A fact in its place, as the library's application takes it."""

    originator_id: UUID
    originator_version: int
    fact: Fact


class StockMapper(Mapper[UUID]):
    """Maps facts to JSON and back, as the library's documentation does for Pydantic models."""

    def __init__(self) -> None:
        pass

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Write an event."""
        event: StockEvent = domain_event
        return stored(event.originator_id, event.originator_version, event.fact)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Read an event."""
        kind = REGISTRY.kinds[stored_event.topic.partition("@")[0]]
        fact = kind.model_validate_json(stored_event.state)
        stream = stored_event.originator_id
        assert isinstance(stream, UUID)  # noqa: S101 - the library's tables hold nothing else
        return StockEvent(stream, stored_event.originator_version, fact)


def stored(stream: UUID, version: int, fact: Fact) -> StoredEvent:
    """Give a fact as the library stores it, in clear."""
    return StoredEvent(
        stream, version, f"{fact.TOPIC}@{fact.VERSION}", fact.model_dump_json(exclude_none=True).encode()
    )


class StockCases(Application[UUID]):
    """The library's application with the case decider: load, decide, save."""

    name = "stock"
    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": "eventsourcing.postgres"}

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Take the settings handed in, and none of the process's environment."""
        return Environment(name, {**type(self).env, **(env or {})})

    def construct_mapper(self) -> Mapper[UUID]:
        """Map to JSON."""
        return StockMapper()

    def handle(self, stream: UUID, command: Command) -> None:
        """Load a case, decide a command on it and save the facts."""
        case: Case = self.repository.get(stream, projector_func=_fold(stream))
        now = datetime.now(UTC)
        facts = command.decide(case, act_of(uuid4(), now))
        self.save(*(StockEvent(stream, case.version + nth, fact) for nth, fact in enumerate(facts, start=1)))
        for fact in facts if self.repository.cache is not None else ():
            case.evolve(fact, Stamp(case.version + 1, now))


def _fold(stream: UUID) -> Callable[[Any, Iterable[Any]], Any]:
    def fold(case: Case | None, events: Iterable[StockEvent]) -> Case:
        case, now = case or Case(stream), datetime.now(UTC)
        for event in events:
            case.evolve(event.fact, Stamp(event.originator_version, now))
        return case

    return fold


class Stock:
    """The library in a schema of its own, with one set of settings."""

    def __init__(self, url: str, schema: str, settings: Mapping[str, str]) -> None:
        self._url, self._schema, self._settings = url, schema, settings
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
        with self.application(1):
            pass  # which makes the tables

    @contextmanager
    def application(self, writers: int) -> Iterator[StockCases]:
        """Give the application for the time of a `with`."""
        app = StockCases(environment(self._url, self._schema, self._settings, writers))
        try:
            yield app
        finally:
            app.close()

    def recorder_turn(self, writers: int, seconds: float) -> Turn:
        """Append facts that have been written as JSON beforehand, through the recorder alone."""
        hands = Hands(writers)
        with self.application(writers) as app:
            self._begin(app, hands)
            # Mapped before the turn begins, a few thousand at least: what is measured is the recorder.
            return threads(writers, seconds, _recording(app, hands))

    def save_turn(self, writers: int, seconds: float) -> Turn:
        """Save facts through the application, which maps them first; nothing is loaded and nothing decided."""
        hands = Hands(writers)
        with self.application(writers) as app:
            self._begin(app, hands)

            def save(writer: int) -> None:
                stream, version, step = hands.take(writer)
                app.save(StockEvent(stream, version, step.fact))

            return threads(writers, seconds, save)

    def command_turn(self, writers: int, seconds: float) -> Turn:
        """Load, decide and save, for each command."""
        hands = Hands(writers)
        with self.application(writers) as app:
            self._begin(app, hands)

            def handle(writer: int) -> None:
                stream, _, step = hands.take(writer)
                app.handle(stream, step.command)

            return threads(writers, seconds, handle)

    def begin(self, hands: Hands) -> None:
        """Put the cases on record with the entries they begin with."""
        with self.application(1) as app:
            self._begin(app, hands)

    def _begin(self, app: StockCases, hands: Hands) -> None:
        for case in hands:
            facts = [stored(case.id, nth, step.fact) for nth, step in enumerate(case.begun, start=1)]
            app.recorder.insert_events(facts)


def _recording(app: StockCases, hands: Hands) -> Callable[[int], None]:
    written = {id(step): stored(case.id, 1, step.fact) for case in hands for step in case.steps}

    def record(writer: int) -> None:
        stream, version, step = hands.take(writer)
        once = written[id(step)]
        app.recorder.insert_events([StoredEvent(stream, version, once.topic, once.state)])

    return record


def environment(url: str, schema: str, settings: Mapping[str, str], writers: int) -> dict[str, str]:
    """Give the library's settings for the database at an address."""
    parts = conninfo_to_dict(url)
    fastest = {"POSTGRES_POOL_SIZE": str(writers), **settings} if settings else {}
    return {
        "POSTGRES_DBNAME": str(parts.get("dbname", "")),
        "POSTGRES_HOST": str(parts.get("host", "")),
        "POSTGRES_PORT": str(parts.get("port", "5432")),
        "POSTGRES_USER": str(parts.get("user", "")),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        "POSTGRES_SCHEMA": schema,
        **fastest,
    }
