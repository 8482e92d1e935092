"""
The timer: once a minute the same checkpoint goes to all witnesses, whether anything has changed or not.

All witnesses see the same checkpoints, so that their cosignatures can stand under one note. A cosignature says that at
this time the log had this size and no other past; that is why it is asked for again when nothing was appended. Where
the quorum is missing the log goes on: recording must not stop because somebody else's machine does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from ledger.errors import LedgerError, TimestampRefused
from ledger.notes import Signer, add_signatures
from ledger.publisher.kept import Kept, KeptCheckpoint
from ledger.publisher.publisher import Publisher
from ledger.publisher.timestamps import Authority, ask
from ledger.publisher.witnesses import Unwilling, WitnessClient
from ledger.tiles import COSIGNED, TileTree
from ledger.tree import consistency_proof
from ledger.verify import Policy

ANCHOR_EVERY: Final = timedelta(hours=1)
TIMESTAMP_EVERY: Final = timedelta(days=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of asking one witness: its line, or one sentence that says why there is none."""

    witness: str
    line: str = ""
    problem: str = ""
    alarming: bool = False


class Beat:
    """Collects the cosignatures of one log. One thread calls `beat`."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        publisher: Publisher,
        kept: Kept,
        policy: Policy,
        witnesses: Sequence[WitnessClient],
        now: Callable[[], datetime],
        *,
        anchor: Signer | None = None,
        authorities: Sequence[Authority] = (),
    ) -> None:
        self._publisher = publisher
        self._kept = kept
        self._policy = policy
        self._witnesses = list(witnesses)
        self._now = now
        self._anchor = anchor
        self._authorities = list(authorities)
        self.answers: tuple[Answered, ...] = ()
        """What came of asking, the last time."""

    def beat(self) -> KeptCheckpoint | None:
        """
        Have the last signed checkpoint cosigned, keep it and publish it. Gives it, unless nothing was ever signed.

        Raises `LedgerError` where it cannot be kept or published.
        """
        signed = self._publisher.lock.read()
        if not signed.note:
            return None
        note, anchored = self._anchored(signed.size, signed.note)
        self.answers = self._ask_all(signed.size, note)
        note = add_signatures(note, [each.line for each in self.answers if each.line])
        met = self._policy.is_met({each.witness for each in self.answers if each.line})
        checkpoint = KeptCheckpoint(signed.size, self._now(), signed.root, note, met, anchored)
        if self._worth_keeping(checkpoint):
            self._kept.keep(checkpoint)
        self._publisher.replace(signed.size, note)
        if met:
            self._publisher.files.write([(COSIGNED, note.encode())])
        if anchored:
            self._timestamp(checkpoint)
        return checkpoint

    def close(self) -> None:
        """Let go of connections to witnesses."""
        for each in self._witnesses:
            each.close()

    def _anchored(self, size: int, note: str) -> tuple[str, bool]:
        """Add the signature that stands against quantum computers, once an hour, where the log has grown."""
        if self._anchor is None:
            return note, False
        last = self._kept.latest_anchor()
        if last is not None and (last.size >= size or self._now() - last.made_at < ANCHOR_EVERY):
            return note, False
        text = note.partition("\n\n")[0] + "\n"
        return add_signatures(note, [self._anchor.sign(text, int(self._now().timestamp()))]), True

    def _ask_all(self, size: int, note: str) -> tuple[Answered, ...]:
        if not self._witnesses:
            return ()
        now = int(self._now().timestamp())

        def prove(old: int) -> list[bytes]:
            tree = TileTree(size, self._publisher.files.read)
            return consistency_proof(old, size, tree.node) if old else []

        def one(witness: WitnessClient) -> Answered:
            try:
                return Answered(witness.name, witness.ask(size, note, prove, now))
            except Unwilling as unwilling:
                return Answered(witness.name, problem=unwilling.message, alarming=unwilling.alarming)
            except Exception as problem:  # noqa: BLE001 - one witness must not stop the others, nor the log
                return Answered(witness.name, problem=f"Asking {witness.name} failed ({type(problem).__name__}).")

        with ThreadPoolExecutor(len(self._witnesses)) as threads:
            answers = tuple(threads.map(one, self._witnesses))
        for each in answers:
            if each.problem:
                tell = log.error if each.alarming else log.warning
                tell("witness.unwilling", witness=each.witness, said=each.problem)
        return answers

    def _worth_keeping(self, checkpoint: KeptCheckpoint) -> bool:
        if checkpoint.anchor or any(each.line for each in self.answers):
            return True
        last = self._kept.latest()
        return last is None or last.size != checkpoint.size

    def _timestamp(self, checkpoint: KeptCheckpoint) -> None:
        """Have an anchor stamped by every authority, once a day."""
        last = self._kept.last_timestamp() if self._authorities else None
        if last is not None and checkpoint.made_at - last < TIMESTAMP_EVERY:
            return
        for authority in self._authorities:
            try:
                stated, token = ask(authority, checkpoint.note.encode())
                self._kept.keep_timestamp(checkpoint, authority.name, stated, token)
            except TimestampRefused as refused:
                log.warning("timestamp.refused", authority=authority.name, said=refused.message)
            except LedgerError as error:
                log.warning("timestamp.not_kept", authority=authority.name, code=error.code)
