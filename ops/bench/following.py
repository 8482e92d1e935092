"""
Projections: how fast the timeline is made from the log, ours and the library's, from the same facts.

Ours reads batches, opens and verifies every entry, folds the cases, and writes rows and position together. The
library's runner reads events in clear and commits each of them, with its row, on its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

import psycopg
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from ledger.mapper import Entry
from ops.authority import Authority
from ops.bench.load import LoadFailed, Turn
from ops.bench.stock import DEFAULT, StockCases, StockEvent, environment, stored
from ops.bench.workload import CHILDHOODS, ENTRIES, Kept, childhood
from projections.catalogue import PROJECTIONS
from projections.engine.projection import Projection as Ours
from projections.engine.runner import Runner
from projections.timeline.projection import Timeline
from projections.timeline.rows import TimelineRow, row_of

EVENTS: Final = 30_000
_PATIENCE_SECONDS: Final = 600


class StockTimeline(PostgresTrackingRecorder):
    """The library's way of keeping a view: a row and the position it comes from, in one transaction."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        schema = Identifier(datastore.schema)
        self.sql_create_statements.append(SQL(_TABLE).format(schema=schema))
        self._add = SQL(_ADD).format(schema=schema)

    def add(self, row: TimelineRow, tracking: Tracking) -> None:
        """Add a row."""
        values = (
            row.case_id, row.version, row.position, row.recorded_at, row.topic, row.ref, list(row.about),
            list(row.matters), list(row.people), None if row.when is None else str(row.when), row.sort_at,
        )  # fmt: skip
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._add, values, prepare=True)


class StockProjection(Projection[StockTimeline]):
    """Makes a row of each event."""

    name = "timeline"

    def process_event(self, domain_event: StockEvent, tracking: Tracking) -> None:
        """Add the row of an event."""
        entry = Entry(
            domain_event.originator_id,
            domain_event.originator_version,
            domain_event.fact,
            tracking.notification_id,
            datetime.now(UTC),
        )
        self.view.add(row_of(entry), tracking)


def fill_stock(url: str, schema: str, kept: list[Kept]) -> None:
    """Put cases into a fresh schema of the library's."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    app = StockCases(environment(url, schema, DEFAULT, 1))
    try:
        for case in kept:
            facts = [stored(case.id, nth, step.fact) for nth, step in enumerate(case.begun, start=1)]
            for start in range(0, len(facts), 50):  # more at once can hang in the library's pipeline
                app.recorder.insert_events(facts[start : start + 50])
    finally:
        app.close()


def follow_stock(url: str, schema: str) -> Turn:
    """Let the library's runner make the timeline anew, to the end of its log. Raises `LoadFailed`."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP TABLE IF EXISTS {0}.timeline, {0}.timeline_tracking").format(Identifier(schema)))
    settings = {**StockCases.env, **environment(url, schema, DEFAULT, 1)}
    began = perf_counter()
    with ProjectionRunner(
        application_class=StockCases,
        projection_class=StockProjection,
        view_class=StockTimeline,
        env=settings,
    ) as runner:
        last = runner.app.recorder.max_notification_id()
        runner.wait(last, _PATIENCE_SECONDS)
        lasted = perf_counter() - began
    if not last:
        raise LoadFailed("There was nothing to follow.")
    return Turn(last / lasted, 1000 * lasted / last, 1000 * lasted / last)


def cases(events: int = EVENTS) -> list[Kept]:
    """Give cases that have so many entries together, or somewhat more."""
    return [Kept(uuid4(), childhood(nth % CHILDHOODS), ENTRIES) for nth in range(-(-events // ENTRIES))]


def follow(ready: Authority, *, all_of_them: bool = False) -> Turn:
    """Make the timeline anew from the whole log, or the rows of all projections. Raises `LoadFailed`."""
    projections: tuple[Ours, ...] = PROJECTIONS if all_of_them else (Timeline(),)
    runner = Runner(ready.pool, ready.kept, projections)
    with ready.pool.connection() as connection:
        schema = Identifier(ready.kept.schema)
        connection.execute(SQL("DELETE FROM {}.projection").format(schema))
        for each in PROJECTIONS:
            for table in each.tables:
                connection.execute(SQL("DROP TABLE IF EXISTS {}.{}").format(schema, Identifier(table)))
    runner.prepare()
    began = perf_counter()
    last = runner.catch_up()
    lasted = perf_counter() - began
    if not last:
        raise LoadFailed("There was nothing to follow.")
    return Turn(last / lasted, 1000 * lasted / last, 1000 * lasted / last)


_TABLE: Final = """
CREATE TABLE IF NOT EXISTS {schema}.timeline (
    case_id     uuid        NOT NULL,
    version     bigint      NOT NULL,
    position    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    topic       text        NOT NULL,
    ref         text        NOT NULL,
    about       text[]      NOT NULL,
    matters     text[]      NOT NULL,
    people      text[]      NOT NULL,
    when_stated text,
    sort_at     timestamp   NOT NULL,
    beside      bigint[],
    PRIMARY KEY (case_id, version),
    UNIQUE (case_id, ref)
)"""
_ADD: Final = """
INSERT INTO {schema}.timeline
       (case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
