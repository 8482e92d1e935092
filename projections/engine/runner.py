"""
Following the log.

Every round reads the next entries, folds each case they belong to, lets every projection write its rows, and moves the
tracking rows on, all in one transaction: rows and position commit together, so each entry counts exactly once.
Two runners cannot both move on from the same position; the second finds the fence moved and starts over from there.

The runner is woken by a bell in its own process and polls slowly behind it, so that nothing depends on a signal
arriving.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Self
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import ConnectionPool

from domain.case.fact import Fact
from domain.case.state import Case
from ledger.errors import LedgerError, LedgerUnavailable
from ledger.log import Log
from ledger.mapper import Entry
from ledger.mark import Mark
from ledger.reader import LogScan
from ledger.recorder import NO_LIMIT
from ledger.statements import Statements, in_schema
from projections.engine.projection import Change, Projection, Turning, evolve, fold

ENGINE_SQL: Final = Path(__file__).with_name("engine.sql")
BATCH: Final = 500
_POLL_SECONDS: Final = 0.5
_POLL_AT_MOST: Final = 30.0
"""Seconds until an entry that could not be read is tried again."""
_CASES_AT_HAND: Final = 500
_TURN_EVERY: Final = timedelta(minutes=1)

log = structlog.get_logger()


class FenceMoved(Exception):  # noqa: N818 - names the finding
    """Somebody else has moved a projection on from the position this runner stood at."""


class Runner:
    """Keeps a set of projections of one schema at the end of the log."""

    def __init__(
        self, pool: ConnectionPool[psycopg.Connection[Any]], kept: Log[Fact], projections: Sequence[Projection]
    ) -> None:
        self.pool = pool
        self.schema = kept.schema
        self.projections = tuple(projections)
        self.scan = LogScan(kept)
        self.tracking = Statements(ENGINE_SQL, kept.schema)
        self.seen = Mark()
        """How far the log was when it was last looked at."""
        self.reached = Mark()
        """How far every projection has come: what is read afterwards holds all up to there."""
        self._at_hand: OrderedDict[UUID, Case] = OrderedDict()

    def prepare(self) -> None:
        """Create the tables of projections that have none yet. A changed projection is left for `rebuild`."""
        with self.pool.connection() as connection, connection.transaction():
            prepare(connection, self.schema, self.projections)

    def positions(self, connection: psycopg.Connection[Any]) -> dict[str, tuple[int, int]]:
        """Give version and position of every projection that has tables."""
        rows = connection.execute(self.tracking["positions"]).fetchall()
        return {name: (version, position) for name, version, position in rows}

    def outdated(self) -> list[Projection]:
        """Give the projections whose rows were made by another version of them."""
        with self.pool.connection() as connection:
            positions = self.positions(connection)
        return [each for each in self.projections if positions.get(each.name, (0, 0))[0] != each.version]

    def catch_up(self, moved: Callable[[int], None] | None = None) -> int:
        """Follow the log to its end and give the position reached by all; `moved` hears of each one on the way."""
        while True:
            with self.pool.connection() as connection:
                position = self._round(connection)
                if moved is not None:
                    moved(min((at for _, at in self.positions(connection).values()), default=0))
            if position is not None:
                return position

    def turn(self, now: datetime) -> int:
        """Bring rows up to date that time alone has changed, and give how many cases that were."""
        turned = 0
        for projection in self.projections:
            if not isinstance(projection, Turning):
                continue
            statements = Statements(projection.sql, self.schema)
            while True:
                with self.pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
                    cursor.execute(self.tracking["hold"], {"name": projection.name})
                    due = projection.due(cursor, statements, now)
                    cases = [fold(case, self.scan.stream(connection, case, upto=NO_LIMIT)) for case in due]
                    projection.turn(cursor, statements, cases, now)
                if not due:
                    break
                turned += len(due)
        return turned

    def _round(self, connection: psycopg.Connection[Any]) -> int | None:
        """Do one batch; give the position once there is nothing more to read."""
        erasures = self.erasures(connection)
        positions = self.positions(connection)
        head = self.scan.head(connection)
        current = [each for each in self.projections if positions[each.name][0] == each.version]
        start = min((positions[each.name][1] for each in current), default=0)
        behind = [each for each in current if positions[each.name][1] == start]
        ahead = [positions[each.name][1] for each in current if positions[each.name][1] > start]
        entries = self.scan.after(connection, start, min([BATCH, *(each - start for each in ahead)]))
        if not entries and start < head:
            self._pass_over(connection, behind, start, head, erasures)  # what stands there is no case's
            return None
        if not entries:
            self.seen.move(start)
            reached = min((positions.get(each.name, (0, 0))[1] for each in self.projections), default=0)
            self.reached.move(reached)
            return reached
        self.seen.move(entries[-1].position)
        changes = self.changes(connection, entries)
        try:
            with connection.transaction(), connection.cursor() as cursor:
                for projection in behind:
                    # The fence comes first: while a rebuild holds it, this transaction has touched no table yet.
                    move = {
                        "name": projection.name,
                        "version": projection.version,
                        "from": start,
                        "to": entries[-1].position,
                        "erasures": erasures,
                    }
                    if cursor.execute(self.tracking["advance"], move).rowcount != 1:
                        raise FenceMoved  # noqa: TRY301 - it leaves the transaction
                    projection.apply(cursor, Statements(projection.sql, self.schema), changes)
        except FenceMoved:
            log.info("projections.fence_moved", schema=self.schema, position=start)
            self._at_hand.clear()
        except BaseException:
            self._at_hand.clear()
            raise
        return None

    def _pass_over(
        self, connection: psycopg.Connection[Any], behind: Sequence[Projection], start: int, to: int, erasures: int
    ) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            for projection in behind:
                move = {"name": projection.name, "version": projection.version, "from": start, "to": to}
                cursor.execute(self.tracking["advance"], {**move, "erasures": erasures})

    def erasures(self, connection: psycopg.Connection[Any]) -> int:
        """Give how often something was erased: a round that an erasure comes into is done again."""
        row = connection.execute(self.tracking["erasures"]).fetchone()
        assert row is not None  # noqa: S101 - an aggregate gives one row
        return int(row[0])

    def forget(self) -> None:
        """Forget the cases at hand: one may have been erased."""
        self._at_hand.clear()

    def changes(self, connection: psycopg.Connection[Any], entries: Sequence[Entry[Fact]]) -> list[Change]:
        """Fold the cases of a batch: from the case at hand where it stands right before, else from its stream."""
        by_case: dict[UUID, list[Entry[Fact]]] = {}
        for entry in entries:
            by_case.setdefault(entry.originator_id, []).append(entry)
        changes = []
        for case_id, new in by_case.items():
            case = self._at_hand.pop(case_id, None)
            before = new[0].originator_version - 1
            if case is None or case.version != before:
                case = fold(case_id, self.scan.stream(connection, case_id, upto=before)) if before else Case(case_id)
            self._at_hand[case_id] = evolve(case, new)
            changes.append(Change(case, new))
        while len(self._at_hand) > _CASES_AT_HAND:
            self._at_hand.popitem(last=False)
        return changes


class Follower:
    """A runner in a thread of its own, for the time of a `with`."""

    def __init__(self, runner: Runner, now: Callable[[], datetime], look: Callable[[], None] = lambda: None) -> None:
        """`look` sees whether anything was erased, so that it leaves the memory of a process that is asked nothing."""
        self._runner = runner
        self._look = look
        self._now = now
        self._turned = datetime.min.replace(tzinfo=UTC)
        self.stopped = ""
        """What keeps answers from being brought up to date until a person acts; empty where nothing does."""
        self._bell = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._follow, name="projections", daemon=True)

    def __enter__(self) -> Self:
        """Start following, and name the projections that wait for their rebuild."""
        self._runner.prepare()
        for projection in self._runner.outdated():
            log.warning("projections.outdated", schema=self._runner.schema, projection=projection.name)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop after the batch in hand."""
        self._stopping.set()
        self._bell.set()
        self._thread.join()

    def ring(self) -> None:
        """Say that something was appended."""
        self._bell.set()

    def let_go(self) -> None:
        """Send home everybody who waits here, as the server stops."""
        self._runner.seen.let_go()
        self._runner.reached.let_go()

    @property
    def seen(self) -> Mark:
        """How far the log is, as far as anybody here has looked: what waits for news waits for this."""
        return self._runner.seen

    @property
    def reached(self) -> Mark:
        """How far every projection has come, as far as is known here."""
        return self._runner.reached

    async def caught_up(self, position: int, seconds: float) -> bool:
        """Wait until every projection has come to a position, whoever moves them on, and tell whether they have."""
        if position > self._runner.reached.position:
            self.ring()
        return await self._runner.reached.wait(position, seconds)

    def _follow(self) -> None:
        pause = _POLL_SECONDS
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                self._look()
                self._runner.catch_up()
                if (now := self._now()) - self._turned >= _TURN_EVERY:
                    self._runner.turn(now)
                    self._turned = now
            except LedgerUnavailable as problem:
                log.warning("projections.stopped_for_now", schema=self._runner.schema, kind=type(problem).__name__)
            except LedgerError as finding:
                # No fact is passed over: answers stay as they are until somebody has mended the log or the keys.
                if self.stopped != finding.message:
                    self.stopped = finding.message
                    told = {"code": finding.code, "said": finding.message}
                    log.error("projections.stopped", schema=self._runner.schema, **told)  # noqa: TRY400 - no stack
                self._stopping.wait(pause := min(pause * 2, _POLL_AT_MOST))
                continue
            except Exception as problem:  # noqa: BLE001 - whatever it is, the doors go on answering, and it tries again
                log.warning("projections.stopped_for_now", schema=self._runner.schema, kind=type(problem).__name__)
            else:
                if self.stopped:
                    log.info("projections.going_on", schema=self._runner.schema)
                self.stopped, pause = "", _POLL_SECONDS
            self._bell.wait(_POLL_SECONDS)


def prepare(connection: psycopg.Connection[Any], schema: str, projections: Sequence[Projection]) -> None:
    """Create the tables of projections that have none yet in a schema."""
    tracking = Statements(ENGINE_SQL, schema)
    for projection in projections:
        if connection.execute(tracking["begin"], {"name": projection.name, "version": projection.version}).rowcount:
            create_tables(connection, projection, schema)


def create_tables(connection: psycopg.Connection[Any], projection: Projection, schema: str) -> None:
    """Create the tables of a projection in a schema."""
    connection.execute(Statements(projection.sql, schema)["tables"])
    log.info("projections.tables_created", projection=projection.name, schema=schema)


def drop_schema(connection: psycopg.Connection[Any], schema: str) -> None:
    """Remove a schema that held a rebuild."""
    connection.execute(in_schema("DROP SCHEMA IF EXISTS {schema} CASCADE", psycopg.sql.Identifier(schema)))
