"""How the log stands: its size, its last checkpoint, who has seen it and when, and whose signatures are believed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from api.desk import Desk
from ledger.publisher.published import Published, PublishedCheckpoint
from ledger.verify import VerifierKey


@dataclass(frozen=True, slots=True)
class WitnessState:
    """A witness of the log's policy, and when it last cosigned a checkpoint that is published (UTC)."""

    name: str
    key: VerifierKey
    cosigned_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogState:
    """
    How the log stands.

    `latest` is the last published checkpoint, `witnessed` the last one that witnesses have cosigned as the policy asks.
    `published` is nothing where this server knows of no published log; `doing` where no publisher runs inside it.
    """

    origin: str
    size: int
    published: Published | None
    latest: PublishedCheckpoint | None
    witnessed: PublishedCheckpoint | None
    witnesses: tuple[WitnessState, ...]
    doing: str | None


async def log_state(desk: Desk) -> LogState:
    """Ask how the log stands."""
    size, origin = await desk.log.head(), desk.log.mapper.origin
    if desk.publication is None:
        return LogState(origin, size, None, None, None, (), None)
    published = desk.publication.published
    latest, cosigned = await asyncio.to_thread(lambda: (published.latest(), published.cosigned()))
    seen = [each for checkpoint in (latest, cosigned) if checkpoint is not None for each in checkpoint.cosigned]
    witnesses = tuple(
        WitnessState(name, key, max((each.at for each in seen if each.by == name), default=None))
        for name, key in published.policy.witnesses.items()
    )
    witnessed = cosigned if cosigned is not None and cosigned.cosigned else None
    return LogState(origin, size, published, latest, witnessed, witnesses, desk.publication.doing)
