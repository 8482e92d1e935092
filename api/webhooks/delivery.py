"""
The deliverer: tells every subscription what it asked for, in the order of the log, at least once.

It is woken by the same mark that the feed waits for, holds a lease on what it works on, and writes down what came of
each call before the next. A call that fails is made again after a growing while; one that fails for too long goes on
the list of dead letters, so that one bad entry cannot hold up all that follow; and a subscription of which several in
a row went there is disabled, to be enabled by somebody who has mended it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Self
from uuid import UUID, uuid4

import httpx2
import orjson
import structlog

from api.cloud_events import SINGLE, cloud_event
from api.webhooks.signing import headers
from api.webhooks.store import Attempt, Subscriptions, Work
from api.webhooks.targets import TargetRefused, target
from domain.case.fact import Fact
from domain.case.registry import FACTS
from ledger.errors import LedgerError
from ledger.mapper import Entry
from ledger.mark import Mark
from ledger.reader import LogReader

log = structlog.get_logger()

PING: Final = "beforehand.ping"
_GONE: Final = 410
_SUCCESS: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_POLL: Final = 2.0
"""Seconds after which the deliverer looks even if nobody has woken it: another process may have taken in a request."""
_ASKED_AGAIN: Final = 1.0
"""Seconds after which what is still at work is asked again to stop."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a call is tried. The defaults give up on an entry after a day and a half."""

    timeout: float = 10.0
    first: float = 5.0
    factor: float = 4.0
    longest: float = 8 * 3600.0
    attempts: int = 10
    in_a_row: int = 5
    at_once: int = 8

    def after(self, attempts: int) -> timedelta:
        """Give how long to wait after so many attempts: growing, and spread, so that nobody is called in step."""
        wait = min(self.first * self.factor ** (attempts - 1), self.longest)
        return timedelta(seconds=wait * (0.5 + random.random() / 2))  # noqa: S311 - spreads load, keeps no secret


class Deliverer:
    """Delivers for the time of an `async with`."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        subscriptions: Subscriptions,
        reader: LogReader[Fact],
        seen: Mark,
        now: Callable[[], datetime],
        *,
        private: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self._subscriptions = subscriptions
        self._log = reader
        self._seen = seen
        self._now = now
        self._private = private
        self._patience = patience or Patience()
        self._lease = uuid4()
        self._wanted = asyncio.Event()
        self._busy: dict[UUID, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(self._patience.at_once)

    async def __aenter__(self) -> Self:
        """Begin."""
        self._client = httpx2.AsyncClient(
            timeout=self._patience.timeout, follow_redirects=False, trust_env=False, http2=False
        )
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        """
        Stop, in the middle of a call if need be: it is made again after the next start.

        Asked once is not enough: in Python 3.11 `asyncio.wait_for`, by which the driver waits for the database,
        swallows a cancellation that comes together with what it waited for, and its caller goes on as before.
        """
        while going := [each for each in (self._task, *self._busy.values()) if not each.done()]:
            for task in going:
                task.cancel()
            await asyncio.wait(going, timeout=_ASKED_AGAIN)
        await self._client.aclose()

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._wanted.set()

    async def ping(self, id_: UUID, url: str) -> Attempt:
        """Call an address once, outside of all order, to see whether it answers."""
        event = {
            "specversion": "1.0",
            "id": f"ping-{uuid4()}",
            "source": f"urn:beforehand:{self._log.schema}",
            "type": PING,
            "time": self._now().isoformat(),
        }
        return await self._call(id_, url, event["id"], event)

    async def _work(self) -> None:
        while True:
            self._wanted.clear()
            seen, enabled, wait = self._seen.position, 0, _POLL
            try:
                now = self._now()
                for id_ in await self._subscriptions.claim(self._lease, now):
                    if id_ not in self._busy:
                        task = self._busy[id_] = asyncio.create_task(self._tell(id_))
                        task.add_done_callback(lambda _, id_=id_: self._done(id_))  # type: ignore[misc]
                enabled, when = await self._subscriptions.outlook(now)
                if when is not None and (left := (when - self._now()).total_seconds()) > 0:
                    wait = min(left, _POLL)
            except LedgerError as problem:
                log.warning("webhooks.stopped_for_now", code=problem.code)
            await self._pause(wait, seen if enabled else None)

    async def _pause(self, seconds: float, seen: int | None) -> None:
        """Wait until somebody wants something, there is news behind a position, or the time is over."""
        waiting: set[asyncio.Task[Any]] = {asyncio.create_task(self._wanted.wait())}
        if seen is not None and not self._seen.closed:
            waiting.add(asyncio.create_task(self._seen.wait(seen + 1, seconds)))
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()

    def _done(self, id_: UUID) -> None:
        self._busy.pop(id_, None)
        self._wanted.set()

    async def _tell(self, id_: UUID) -> None:
        """Work for one subscription until there is nothing more to do for now."""
        try:
            async with self._turns:
                while await self._again(id_) or await self._next(id_):
                    pass
        except LedgerError as problem:
            log.warning("webhooks.stopped_for_now", code=problem.code)
        except Exception as problem:  # noqa: BLE001 - one subscription must not stop the others
            log.warning("webhooks.failed", kind=type(problem).__name__)
        finally:
            with suppress(LedgerError):
                await asyncio.shield(self._subscriptions.release(id_, self._lease))

    async def _again(self, id_: UUID) -> bool:
        """Try one entry of the list again, and tell whether there was one."""
        position = await self._subscriptions.to_do_again(id_)
        if position is None:
            return False
        work = await self._subscriptions.holds(id_, self._lease, self._now())
        if work is None:
            return False
        (entry,) = (await self._log.following(position - 1, 1)).entries
        attempt = await self._call(id_, work.url, *self._event(entry))
        await self._subscriptions.tried_again(id_, position, attempt, self._now())
        return True

    async def _next(self, id_: UUID) -> bool:
        """Tell the next entry, and say whether to go on."""
        work = await self._subscriptions.holds(id_, self._lease, self._now())
        if work is None or not work.due:
            return False
        kinds = [FACTS[name] for name in work.types if name in FACTS]
        found = await self._log.following(work.position, 1, kinds=kinds)
        if not found.entries:
            if found.upto > work.position:
                await self._subscriptions.skipped(id_, self._lease, found.upto)
            return found.upto > work.position
        entry = found.entries[0]
        attempt = await self._call(id_, work.url, *self._event(entry))
        return await self._noted(id_, work, entry.position, attempt)

    async def _noted(self, id_: UUID, work: Work, position: int, attempt: Attempt) -> bool:
        """Write down what came of a call, and tell whether to go on with the next."""
        now, attempts = self._now(), work.attempts + 1
        if attempt.delivered:
            await self._subscriptions.delivered(id_, self._lease, position, attempt, now)
            return True
        log.warning(
            "webhooks.not_delivered", webhook=str(id_), position=position, outcome=attempt.outcome, attempts=attempts
        )
        if attempt.status == _GONE:
            await self._subscriptions.failed(id_, self._lease, attempt, now, now, "GONE")
            return False
        if attempts >= self._patience.attempts:
            await self._subscriptions.given_up(
                id_, self._lease, position, attempts, attempt, now, self._patience.in_a_row
            )
            return True
        wait = self._patience.after(attempts)
        if attempt.retry_after is not None:
            wait = max(wait, timedelta(seconds=min(attempt.retry_after, self._patience.longest)))
        await self._subscriptions.failed(id_, self._lease, attempt, now, now + wait, None)
        return False

    def _event(self, entry: Entry[Fact]) -> tuple[str, dict[str, Any]]:
        """Give what is told of an entry: where it stands and what kind it is, and nothing that it says."""
        event = cloud_event(entry, self._log.schema, "")
        del event["dataschema"]
        event["data"] = {
            "ref": entry.event.ref,
            "position": entry.position,
            "href": f"/v1/cases/{entry.originator_id}/entries/{entry.event.ref}",
        }
        return f"position-{entry.position}", event

    async def _call(self, id_: UUID, url: str, message_id: str, event: dict[str, Any]) -> Attempt:
        """Call once, and give what came of it. What the receiver writes back is not read."""
        body = orjson.dumps(event)
        now = self._now()
        try:
            async with asyncio.timeout(self._patience.timeout):
                where = await target(url, private=self._private)
                signed = headers(message_id, int(now.timestamp()), body, await self._subscriptions.secrets(id_, now))
                request = self._client.build_request(
                    "POST",
                    where.checked_url,
                    content=body,
                    headers={
                        **signed,
                        "Host": where.host_header,
                        "Content-Type": SINGLE,
                        "User-Agent": "Beforehand",
                        "Accept-Encoding": "identity",
                    },
                    extensions={"sni_hostname": where.host},
                )
                answer = await self._client.send(request, stream=True)
                await answer.aclose()
        except TargetRefused:
            return Attempt("TARGET_REFUSED")
        except (TimeoutError, httpx2.TimeoutException):
            return Attempt("TIMED_OUT")
        except httpx2.HTTPError:
            return Attempt("NOT_REACHED")
        if answer.status_code in _SUCCESS:
            return Attempt("DELIVERED", answer.status_code)
        outcome = "REDIRECTED" if answer.status_code in _REDIRECT else "ANSWERED_NO"
        return Attempt(outcome, answer.status_code, _seconds(answer.headers.get("retry-after"), now))


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """Read `Retry-After`: seconds, or a date."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    with suppress(ValueError, TypeError, OverflowError):
        return max((parsedate_to_datetime(retry_after) - now).total_seconds(), 0.0)
    return None
