"""
Giving somebody a copy of a whole record that proves itself: what every door that gives one does.

First the issue is recorded as the next entry of the record itself, with the digest of what is left out; then, once a
published checkpoint covers that entry, the copy is made, and checked before it is handed out. Because the entry lists
what was left out, the same copy can be made again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, ConfigDict, Field

from domain.case.disclosure import BASES, DisclosureIssued, IssueDisclosure, LeftOut
from domain.case.fact import Fact, Ref
from domain.case.redaction import LAWS, TextTakenOut
from domain.codes import Code, Exemption
from ledger.bundle import Opened, Redacted, Withheld, closing_fields, destroyed_of, make, parts_of, told_of
from ledger.log import Log
from ledger.mapper import Entry
from ledger.publisher.kept import Kept
from ledger.publisher.published import NotCoveredYet, Published, PublishedCheckpoint
from ledger.recorder import ALWAYS, NO_LIMIT, LogRecorder
from ledger.tiles import TileTree
from ledger.verify import NOBODY, Refused, open_checkpoint

FIELD: Final = r"^[a-z][a-z0-9_]{0,39}(\.[a-z0-9_]{1,40}){0,9}$"

Path = tuple[str | int, ...]


class Withhold(BaseModel):
    """Something that a copy is not to give."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    entry: Ref = Field(description="The reference of the entry.", examples=["said"])
    field: Annotated[str, Field(pattern=FIELD)] | None = Field(
        default=None,
        description=(
            "The field, as the entry names it: `account`, `own_words.0.words`; one more number after a text of several "
            "paragraphs names one of those, from 0. Left out: the whole entry."
        ),
        examples=["own_words.0.words"],
    )
    exemption: Exemption = Field(description="Why.", examples=["THIRD_PARTY"])


class CannotWithhold(Exception):  # noqa: N818 - an answer, not a fault
    """What is to be left out is not there, or cannot be left out by itself; `nth` says which of the wishes."""

    def __init__(self, nth: int, message: str) -> None:
        super().__init__(message)
        self.nth = nth
        self.message = message


class CannotBeMade(Exception):  # noqa: N818 - an answer, not a fault
    """A copy cannot be made of this record, or not any more."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class _Record:
    """A record as it is kept: its entries, and what each of them commits to."""

    entries: tuple[Entry[Fact], ...]
    opened: tuple[Opened, ...]

    def upto(self, version: int) -> _Record:
        """Give the beginning of it."""
        return _Record(self.entries[:version], self.opened[:version])


class Disclosing:
    """Makes copies of the records of one log. It waits for the database: not for an event loop."""

    def __init__(
        self, pool: ConnectionPool[psycopg.Connection[Any]], kept: Log[Fact], published: Published | None
    ) -> None:
        self._recorder = LogRecorder(pool, kept.schema)
        self._checkpoints = Kept(pool, kept.schema)
        self._log = kept
        self._published = published

    def prepare(self, case_id: UUID, recipient: str, withhold: Sequence[Withhold]) -> tuple[int, IssueDisclosure]:
        """
        Give what has to be recorded for a copy, and the version of the case that it is for; 0 where there is no case.

        Raises `CannotWithhold`, `CannotBeMade`, and what reading raises.
        """
        record = self._read(case_id)
        left_out = _left_out(record, withhold)
        size = 0 if self._published is None else self._published.covered
        fields = closing_fields(len(record.entries), _withheld(left_out), _destroyed(record, record), recipient, size)
        command = IssueDisclosure(
            recipient=recipient, withheld=fields["withheld"], checkpoint_size=size, left_out=left_out
        )
        return len(record.entries), command

    def issued(self, case_id: UUID, ref: str) -> tuple[int, int] | None:
        """Give the version and the leaf of the entry that says that a copy was given; nothing where none does."""
        for entry in self._read(case_id).entries:
            if entry.event.ref == ref and isinstance(entry.event, DisclosureIssued):
                return entry.originator_version, entry.position - 1
        return None

    def bundle(self, case_id: UUID, version: int) -> bytes:
        """
        Make the copy that ends with an entry that says so, and check it.

        Raises `NotCoveredYet`, `CannotBeMade`, and what reading raises.
        """
        whole = self._read(case_id)
        record = whole.upto(version)
        closing, published = record.entries[-1].event, self._published
        assert isinstance(closing, DisclosureIssued)  # noqa: S101 - `issued` has said so
        if published is None:
            raise CannotBeMade("The log of this record is not published here, so nothing could be proven with a copy.")
        checkpoint = _checkpoint(published, record.opened[-1].leaf_index)
        try:
            return make(
                record.opened,
                stream_secret=self._log.mapper.secret_of(case_id),
                checkpoint=checkpoint.note,
                history=list(self._history(published, checkpoint, [each.leaf_index for each in record.opened])),
                node=TileTree(checkpoint.size, published.files.read).node,
                policy=published.policy,
                policy_text=published.written.decode(),
                withheld=_withheld(closing.left_out),
                redacted=_destroyed(record, whole),
            )
        except Refused as refused:
            raise CannotBeMade(f"The copy does not prove what it should. {refused.message}") from None

    def _history(self, published: Published, final: PublishedCheckpoint, indexes: Sequence[int]) -> Iterable[str]:
        """Give earlier checkpoints that show when each leaf came into the log, as far as the policy believes them."""
        for each in self._checkpoints.brackets(indexes):
            if each.size > final.size or each.note == final.note:
                continue
            try:
                open_checkpoint(each.note.encode(), published.policy)
            except Refused:  # from the time of another policy
                continue
            yield each.note

    def _read(self, case_id: UUID) -> _Record:
        rows = self._recorder.rows("stream", id=case_id, after=0, upto=NO_LIMIT, as_of=ALWAYS, limit=NO_LIMIT)
        mapper = self._log.mapper
        entries = tuple(mapper.entry_of(row) for row in rows)
        opened = tuple(Opened(row[0] - 1, *mapper.disclosures_of(row)) for row in rows)
        return _Record(entries, opened)


def _checkpoint(published: Published, index: int) -> PublishedCheckpoint:
    """Give the checkpoint that a copy hangs on: one that the policy of the log believes."""
    alone = published.policy.quorum == NOBODY
    checkpoint = published.latest() if alone else published.cosigned()
    if checkpoint is None or index >= checkpoint.size:
        witnesses = "" if alone else " that witnesses have cosigned"
        raise NotCoveredYet(
            f"No checkpoint{witnesses} covers this copy yet. Ask again in {'a few seconds' if alone else 'a minute'}."
        )
    return checkpoint


def _left_out(record: _Record, withhold: Sequence[Withhold]) -> tuple[LeftOut, ...]:
    """Find what is to be left out, and give its digests by reason."""
    at = {entry.event.ref: place for place, entry in enumerate(record.entries)}
    whole = {each.entry for each in withhold if each.field is None}
    found: dict[Exemption, dict[str, None]] = {}
    reasons: dict[str, Exemption] = {}
    for nth, wish in enumerate(withhold):
        if wish.entry not in at:
            raise CannotWithhold(nth, f"There is no entry {wish.entry} in this record. Check the reference.")
        if wish.field is not None and wish.entry in whole:
            raise CannotWithhold(nth, f"All of {wish.entry} is left out already. Name its fields, or the whole.")
        for digest in _digests(record.opened[at[wish.entry]], wish, nth):
            if reasons.setdefault(digest, wish.exemption) is not wish.exemption:
                raise CannotWithhold(nth, f"Two reasons are given for the same part of {wish.entry}. Give one.")
            found.setdefault(wish.exemption, {})[digest] = None
    return tuple(LeftOut(exemption=reason, digests=tuple(digests)) for reason, digests in found.items())


def _digests(event: Opened, wish: Withhold, nth: int) -> list[str]:
    gone = set(destroyed_of(event))
    steps = _steps(wish.field)
    below = [part for part in parts_of(event) if part.path[: len(steps)] == steps]
    chosen: list[Path] = []
    digests = []
    for part in below:
        if part.digest in gone or any(part.path[: len(each)] == each for each in chosen):
            continue
        chosen.append(part.path)
        digests.append(part.digest)
    if not digests:
        raise CannotWithhold(
            nth,
            f"There is nothing in {wish.entry} under that name that can be left out by itself. What somebody said or "
            "wrote can, paragraph by paragraph; codes, dates and references go with the whole entry.",
        )
    return digests


def _steps(field: str | None) -> Path:
    return tuple(int(step) if step.isdecimal() else step for step in field.split(".")) if field else ()


def _withheld(left_out: Iterable[LeftOut]) -> list[Withheld]:
    """Give the list of a bundle: the code, where it stands in the law, and a sentence for the reader."""
    return [
        Withheld(digest, reason, BASES[reason], _sentence(reason))
        for each in left_out
        for digest in each.digests
        for reason in (each.exemption,)
    ]


def _destroyed(record: _Record, whole: _Record) -> list[Redacted]:
    """Give what of the beginning of a record exists no more, and the entry in it that says so."""
    gone = []
    for event in record.opened:
        for digest in destroyed_of(event):
            number = told_of(digest, record.opened)
            if number is None and told_of(digest, whole.opened) is not None:
                raise CannotBeMade(
                    "Part of what this copy held has been destroyed since it was given. Give a new copy."
                )
            said = None if number is None else record.entries[number - 1].event
            if number is None or not isinstance(said, TextTakenOut):
                raise CannotBeMade("Part of this record is missing, and no entry of it says why. Tell the operator.")
            gone.append(Redacted(digest, said.basis, LAWS[said.basis], _sentence(said.basis), number))
    return gone


def _sentence(code: Code) -> str:
    return f"{code.meaning[:1].upper()}{code.meaning[1:]}."
