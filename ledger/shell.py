"""
The shell around a decider: load the stream, decide, append, and say what became of it.

A decider is a value: an initial state, how a fact changes it, and how a command is decided. The shell knows nothing of
what they mean. States of busy streams are kept at hand; a state that has fallen behind costs one conflict and a reload,
never a wrong fact, since the append itself checks the version.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Mapper
from eventsourcing.utils import Environment, EnvType
from psycopg_pool import ConnectionPool

from ledger.errors import VersionConflict
from ledger.log import Log
from ledger.mapper import E, Entry, FactMapper, SealedEvent, Stamp
from ledger.recorder import NO_LIMIT, LogRecorder
from ledger.verify import leaf_hash
from ledger.writer import LogWriter

S = TypeVar("S")
C = TypeVar("C")
A = TypeVar("A")

Steps = Generator[list[SealedEvent] | None, Any, "Recorded[E]"]
"""Asks for what takes time: a stream to be loaded, or events to be appended."""

_AtHand = tuple[S, int, bytes]
"""A stream as it stands: its state, its version, and the leaf hash of its last entry."""

Plan = Generator[tuple[C, A], Exception | None, None]
"""Yields commands one at a time and is sent the refusal of each, or nothing."""

NOTHING_BEFORE: Final = bytes(32)
"""What the first entry of a stream has in place of the hash of the one before."""

_ATTEMPTS: Final = 16
_TURNS: Final = 1_024
_PAGE: Final = 5_000
_STATES_AT_HAND: Final = 2_000


@dataclass(frozen=True, slots=True)
class Decider(Generic[S, C, A, E]):
    """What decides on one kind of stream: `S` state, `C` command, `A` who asks and when, `E` facts."""

    initial: Callable[[UUID], S]
    evolve: Callable[[S, E, Stamp], S]
    decide: Callable[[S, C, A], Sequence[E]]


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """What a command came to: the entries appended, the last of them at `position`."""

    entries: tuple[Entry[E], ...]

    @property
    def position(self) -> int:
        """Give the position of the last entry in the log."""
        return self.entries[-1].position

    @property
    def version(self) -> int:
        """Give the version of the stream after it."""
        return self.entries[-1].originator_version


class _Log(Application[UUID]):
    """The library's application over our recorder and mapper."""

    def __init__(self, recorder: LogRecorder, mapper: FactMapper[Any]) -> None:
        self._handed_in = recorder, mapper
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Nothing of the process's environment decides how facts are kept."""
        return Environment(name, env)

    def construct_recorder(self) -> ApplicationRecorder:
        """Record with our append function."""
        return self._handed_in[0]

    def construct_mapper(self) -> Mapper[UUID]:
        """Map through the closed registry."""
        return self._handed_in[1]


class Ledger(Generic[S, C, A, E]):
    """One log with one decider for its streams, on the library's `Application`."""

    def __init__(
        self, pool: ConnectionPool[psycopg.Connection[Any]], kept: Log[E], decider: Decider[S, C, A, E]
    ) -> None:
        self._recorder = LogRecorder(pool, kept.schema)
        self._mapper = kept.mapper
        self._log = _Log(self._recorder, kept.mapper)
        self._decider = decider
        self._at_hand: OrderedDict[UUID, _AtHand[S]] = OrderedDict()
        self._forgotten = 0
        self._turns = tuple(Lock() for _ in range(_TURNS))
        self._async_turns = tuple(asyncio.Lock() for _ in range(_TURNS))
        """Commands on one stream take turns in this process, so that they only conflict with other processes."""

    def begin(self) -> None:
        """Give the log its name, or see that it has this one. Raises `OtherLog`."""
        self._recorder.begin(self._mapper.origin)

    def forget(self) -> None:
        """Forget the states at hand: something was erased or taken out of the log."""
        self._forgotten += 1
        self._at_hand.clear()

    def drafted(self, stream: UUID, command: C, act: A) -> list[SealedEvent]:
        """Decide one command and give its facts sealed, to be appended with others in one transaction."""
        state, version = self.load(stream)
        return self._sealed(stream, version, self._decider.decide(state, command, act))[1]

    def load(self, stream: UUID) -> tuple[S, int]:
        """Fold a stream from its facts. Gives the state and its version; version 0 for a stream without facts."""
        state, version, _ = self._load(stream)
        return state, version

    def _load(self, stream: UUID) -> _AtHand[S]:
        state, last = self._decider.initial(stream), None
        for entry in self.entries(stream):
            state, last = self._evolve(state, entry), entry
        return (state, 0, NOTHING_BEFORE) if last is None else (state, last.originator_version, leaf_hash(last.logged))

    def entries(self, stream: UUID, *, after: int = 0) -> Iterable[Entry[E]]:
        """Read the facts of a stream in order."""
        return self._log.events.get(stream, gt=after)  # type: ignore[return-value]  # the mapper makes entries

    def picked(self, stream: UUID, versions: Sequence[int]) -> Recorded[E]:
        """Read again what was recorded in a stream at some versions, which must be there."""
        rows = self._recorder.rows("picked", id=stream, versions=list(versions))
        return Recorded(tuple(self._mapper.entry_of(row) for row in rows))

    def facts_of(self, topics: Sequence[str]) -> Iterator[tuple[UUID, E]]:
        """Read the facts of some stored topics (`name@version`) over all streams, in the order of the log."""
        start = 1
        while rows := self._recorder.rows("positions", start=start, stop=NO_LIMIT, topics=list(topics), limit=_PAGE):
            for row in rows:
                entry = self._mapper.entry_of(row)
                yield entry.originator_id, entry.event
            start = rows[-1][0] + 1

    def handle(self, stream: UUID, command: C, act: A) -> Recorded[E]:
        """
        Decide one command and append its facts.

        Raises what the decider raises, and `VersionConflict` where others kept coming first.
        """
        with self._turns[hash(stream) % _TURNS]:
            steps = self._deciding(stream, command, act)
            try:
                asked = next(steps)
                while True:
                    try:
                        answer = self._load(stream) if asked is None else self._recorder.append(asked)
                    except Exception as problem:  # noqa: BLE001 - the steps know what to do about it
                        asked = steps.throw(problem)
                    else:
                        asked = steps.send(answer)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]

    async def record(self, stream: UUID, command: C, act: A, writer: LogWriter) -> Recorded[E]:
        """Do what `handle` does without holding up the loop, in the company of all who append at the same moment."""
        async with self._async_turns[hash(stream) % _TURNS]:
            steps = self._deciding(stream, command, act)
            try:
                asked = next(steps)
                while True:
                    try:
                        answer: Any = (
                            await asyncio.to_thread(self._load, stream) if asked is None else await writer.append(asked)
                        )
                    except Exception as problem:  # noqa: BLE001 - as in `handle`
                        asked = steps.throw(problem)
                    else:
                        asked = steps.send(answer)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]

    def _deciding(self, stream: UUID, command: C, act: A) -> Steps[E]:
        """
        Walk the way of one command, asking whoever drives it for what takes time.

        Yields nothing where it needs the stream as it stands, and sealed events where they are to be appended; is sent
        the answer, or has the problem thrown in. The entries of the log are not read back: the leaf before is known,
        since the append would have been refused after any other.
        """
        forgotten = self._forgotten
        at_hand = self._at_hand.pop(stream, None)
        for _ in range(_ATTEMPTS):
            state, version, previous = at_hand or (yield None)
            try:
                drafts, sealed = self._sealed(stream, version, self._decider.decide(state, command, act))
                last, recorded_at = yield sealed
            except IntegrityError:
                at_hand = None
                continue
            except Exception:
                if at_hand is None:
                    raise
                at_hand = None  # the state may have fallen behind: a refusal only counts against the present one
                continue
            entries = []
            for draft, event in zip(_placed(drafts, last, recorded_at), sealed, strict=True):
                logged = self._mapper.logged(event, previous, recorded_at)
                entries.append(entry := replace(draft, logged=logged))
                state, previous = self._evolve(state, entry), leaf_hash(logged)
            if forgotten == self._forgotten:  # or it holds what has been taken out meanwhile
                self._keep_at_hand(stream, (state, entries[-1].originator_version, previous))
            return Recorded(tuple(entries))
        raise VersionConflict("Others kept writing to this case at the same moment. Try again.")

    def handle_all(  # noqa: PLR0913 - a batch needs more said than one command
        self,
        stream: UUID,
        commands: Sequence[tuple[C, A]],
        at: datetime,
        refused: Callable[[int, Exception], None],
        refusal: type[Exception],
        harmless: type[Exception] | tuple[()] = (),
    ) -> Recorded[E] | None:
        """
        Decide several commands on one stream and append all of their facts in one transaction, or nothing.

        Each refusal of the given type is handed to `refused` with the command's index, and the rest are still tried,
        so that all that is wrong is found at once; refusals of the `harmless` type do not stop the others. `at`
        stands for the recorded time while deciding. Gives nothing where anything was refused or nothing was to be
        recorded.
        """
        for _ in range(_ATTEMPTS):
            state, version = self.load(stream)
            facts: list[E] = []
            refusals: list[tuple[int, Exception]] = []
            for index, (command, act) in enumerate(commands):
                try:
                    decided = self._decider.decide(state, command, act)
                except refusal as reason:
                    refusals.append((index, reason))
                    continue
                for fact in decided:
                    facts.append(fact)
                    state = self._decider.evolve(state, fact, Stamp(version + len(facts), at))
            stopped = any(not isinstance(why, harmless) for _, why in refusals)
            try:
                recorded = None if stopped or not facts else Recorded(self._append(stream, version, facts))
            except VersionConflict:
                continue
            for index, why in refusals:
                refused(index, why)
            return recorded
        raise VersionConflict("Others kept writing to this case at the same moment. Try again.")

    def handle_planned(
        self, stream: UUID, plan: Callable[[Callable[[], S]], Plan[C, A]], at: datetime, refusal: type[Exception]
    ) -> Recorded[E] | None:
        """
        Decide the commands of a plan one after the other and append all of their facts in one transaction, or nothing.

        `plan` is given a way to ask for the present state, with all that it has brought about so far worked in, and
        yields one command at a time; it is sent nothing, or the refusal of that command, and goes on. What it raises
        leaves the stream as it was. A plan is made anew where somebody else wrote first. Gives nothing where there was
        nothing to record.
        """
        for _ in range(_ATTEMPTS):
            state, version = self.load(stream)
            facts: list[E] = []
            held = [state]
            planned = plan(lambda held=held: held[0])  # type: ignore[misc]  # bound now: a retry holds another state
            answer: Exception | None = None
            while True:
                try:
                    command, act = planned.send(answer)
                except StopIteration:
                    break
                answer = None
                try:
                    decided = self._decider.decide(held[0], command, act)
                except refusal as reason:
                    answer = reason
                    continue
                for fact in decided:
                    facts.append(fact)
                    held[0] = self._decider.evolve(held[0], fact, Stamp(version + len(facts), at))
            if not facts:
                return None
            try:
                return Recorded(self._append(stream, version, facts))
            except VersionConflict:
                continue
        raise VersionConflict("Others kept writing to this case at the same moment. Try again.")

    def _append(self, stream: UUID, version: int, facts: Sequence[E]) -> tuple[Entry[E], ...]:
        drafts, sealed = self._sealed(stream, version, facts)
        try:
            last, recorded_at = self._recorder.append(sealed)
        except IntegrityError:
            raise VersionConflict("Somebody else wrote to this case first.") from None
        return _placed(drafts, last, recorded_at)

    def _sealed(self, stream: UUID, version: int, facts: Sequence[E]) -> tuple[list[Entry[E]], list[SealedEvent]]:
        drafts = [Entry(stream, version + nth, fact) for nth, fact in enumerate(facts, start=1)]
        return drafts, [self._mapper.to_stored_event(draft) for draft in drafts]

    def _evolve(self, state: S, entry: Entry[E]) -> S:
        assert entry.recorded_at is not None  # noqa: S101 - only drafts lack it, and they never come here
        return self._decider.evolve(state, entry.event, Stamp(entry.originator_version, entry.recorded_at))

    def _keep_at_hand(self, stream: UUID, held: _AtHand[S]) -> None:
        self._at_hand[stream] = held
        if len(self._at_hand) > _STATES_AT_HAND:
            with suppress(KeyError):  # another thread may have taken the last one
                self._at_hand.popitem(last=False)


def _placed(drafts: Sequence[Entry[E]], last: int, recorded_at: datetime) -> tuple[Entry[E], ...]:
    first = last - len(drafts) + 1
    return tuple(replace(draft, position=first + nth, recorded_at=recorded_at) for nth, draft in enumerate(drafts))
