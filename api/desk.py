"""What every door is handed: the ledger, the answers, a clock, and the projections that follow behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from api.casework import Casework
from api.publication import Publication
from api.receipts import Receipts
from domain.case.command import Act, Command
from domain.case.fact import Fact
from ledger.reader import LogReader
from ledger.shell import Recorded
from ledger.writer import LogWriter
from projections.answers import Answers
from projections.engine.runner import Follower

PATIENCE: Final = 5.0
"""Seconds a reader waits for what was just written before being told that it is not there yet."""


@dataclass(frozen=True, slots=True)
class Desk:
    """
    One authority's ledger and answers. `now` gives the present moment (UTC).

    `publication` is the published log, None where this server is told of none.
    """

    ledger: Casework
    answers: Answers
    log: LogReader[Fact]
    writer: LogWriter
    now: Callable[[], datetime]
    follower: Follower
    publication: Publication | None = None
    receipts: Receipts = field(default_factory=lambda: Receipts(None))

    async def record(self, case_id: UUID, command: Command, act: Act) -> Recorded[Fact]:
        """Decide a command and append its facts, without holding up the loop. Raises as `Ledger.handle` does."""
        recorded = await self.ledger.record(case_id, command, act, self.writer)
        self.follower.ring()
        if self.publication is not None:
            self.publication.ring()
        return recorded

    async def recorded_before(self, case_id: UUID, versions: Sequence[int]) -> Recorded[Fact]:
        """Read again what was recorded in a case at some versions."""
        return await asyncio.to_thread(self.ledger.picked, case_id, versions)

    def is_there(self, position: int) -> bool:
        """Tell whether answers are known to hold everything up to a position, without waiting."""
        return position <= self.follower.reached.position

    async def caught_up(self, position: int) -> bool:
        """Wait until answers hold everything up to a position, `PATIENCE` at most, and tell whether they do."""
        return await self.follower.caught_up(position, PATIENCE)
