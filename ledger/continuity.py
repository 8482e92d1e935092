"""
What must hold from one entry to the next: every stream one chain, no fork, no gap, times in order.

The publisher asks this of what it reads back before it signs; the auditor asks it of what was published. An entry has
one spelling only (`beforehand/event/1`), so a pattern is its strict parser; `ledger.verify.parse_entry` takes the same.

An erased leaf hides to which stream it belonged. A stream may go on behind one only by naming that leaf as the one
before, each erased leaf once.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from ledger.errors import LogBroken
from ledger.verify import EVENT_VERSION

SKEW: Final = 2_000
"""Milliseconds by which clocks may differ: how far a time may step back, or lie ahead of the reader's clock."""

_HASH: Final = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
"""32 bytes in base64url: the last character carries four bits."""
_TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
_URLSAFE: Final = bytes.maketrans(b"+/", b"-_")
_NONE_BEFORE: Final = b"A" * 43
_MINUTE: Final = len("2026-11-22T05:04:")
_LARGEST_SEQ: Final = 2**53 - 1

Head = tuple[int, bytes]
"""The last entry of a stream: its sequence number, and its leaf hash in base64url."""


class Continuity:
    """How far every stream of one log has come."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.heads: dict[bytes, Head] = {}
        """By stream tag, in base64url."""
        self.latest = 0
        """The latest time recorded so far, in milliseconds since 1970."""
        self.moment = 0
        """The time of the last entry, in milliseconds since 1970."""
        self.dangling: set[bytes] = set()
        """Erased leaves that no later entry has named yet, in base64url."""
        self.changed: set[bytes] = set()
        """The streams that have moved since somebody last wrote them down."""
        self._last_time = b""
        self._minute = b""
        self._minute_starts = 0
        self._shape = re.compile(
            rb'\{"ver":"%b","iss":"%b","stream":"(%b)","seq":([1-9][0-9]{0,15}),"prev":"(%b)","rec":"(%b)",'
            rb'"_sd_alg":"sha-256","_sd":\["(?P<digest>%b)"\](?P<first>,"subj":"%b")?\}'
            % (
                re.escape(EVENT_VERSION).encode(),
                re.escape(origin).encode(),
                *(each.encode() for each in (_HASH, _HASH, _TIME, _HASH, _HASH)),
            )
        )

    def follow(self, index: int, entry: bytes, now: int) -> tuple[bytes, int]:
        """
        Go on by one entry, at a leaf index, with the reader's clock in milliseconds since 1970.

        Gives its leaf hash and its sequence number. Raises `LogBroken`; this is of no further use then.
        """
        match = self._shape.fullmatch(entry)
        if match is None:
            raise self._misshapen(index, entry)
        stream, number, previous, time, _, subject = match.groups()
        if time != self._last_time:
            self._in_order(index, time, now)
        seq = int(number)
        known = self.heads.get(stream)
        if known is None or known != (seq - 1, previous):
            self._joins(index, seq, previous, known)
        if seq > _LARGEST_SEQ or (subject is not None and seq != 1):
            raise self._misshapen(index, entry)
        leaf_hash = sha256(b"\x00" + entry).digest()
        self.heads[stream] = (seq, written(leaf_hash))
        self.changed.add(stream)
        return leaf_hash, seq

    def skip_erased(self, leaf_hash: bytes) -> None:
        """Go on over a leaf whose entry was erased."""
        self.dangling.add(written(leaf_hash))

    def digest(self, entry: bytes) -> str | None:
        """Give the digest of the manifest that an entry commits to; None where it is no entry of this log."""
        match = self._shape.fullmatch(entry)
        return None if match is None else match["digest"].decode()

    def _joins(self, index: int, seq: int, previous: bytes, known: Head | None) -> None:
        """Check how an entry joins its stream, where it does not simply follow the last one."""
        last, head = known or (0, _NONE_BEFORE)
        if (seq, previous) == (last + 1, head):
            return
        if seq <= last:
            raise LogBroken(
                "forked_stream",
                f"Leaf {index} is number {seq} of its stream, which had number {last} already: "
                "there are two histories of one stream in this log.",
                index,
            )
        if seq > last + 1:
            if previous in self.dangling:
                self.dangling.remove(previous)
                return
            raise LogBroken(
                "gap_in_stream",
                f"Leaf {index} is number {seq} of its stream, but the last one before it is number {last}: "
                "entries between them were left out.",
                index,
            )
        raise LogBroken(
            "wrong_previous",
            f"Leaf {index} is number {seq} of its stream, but what it names as the entry before it is not that entry.",
            index,
        )

    def _in_order(self, index: int, time: bytes, now: int) -> None:
        """Check that times step neither back nor into the future, by more than clocks may differ."""
        minute = time[:_MINUTE]
        if minute != self._minute:
            try:
                starts = datetime.fromisoformat(f"{minute.decode()}00+00:00")
            except ValueError:
                raise LogBroken("not_an_entry", f"Leaf {index} states a time that no calendar has.", index) from None
            self._minute, self._minute_starts = minute, round(starts.timestamp() * 1000)
        seconds = int(time[_MINUTE : _MINUTE + 2])
        moment = self._minute_starts + seconds * 1000 + int(time[_MINUTE + 3 : _MINUTE + 6])
        if seconds > 59:  # noqa: PLR2004 - no leap seconds: the database's clock has none
            raise LogBroken("not_an_entry", f"Leaf {index} states a time that no clock shows.", index)
        if moment < self.latest - SKEW:
            raise LogBroken(
                "time_backwards",
                f"Leaf {index} was recorded at {time.decode()}, which is before the entries that stand before it: "
                f"they reach {moment_of(self.latest)}. It was back-dated, or a clock was set back.",
                index,
            )
        if moment > now + SKEW:
            raise LogBroken(
                "time_in_future",
                f"Leaf {index} was recorded at {time.decode()}, which is still to come: it is {moment_of(now)} here. "
                "Compare the clocks of the two machines.",
                index,
            )
        self.moment, self.latest = moment, max(self.latest, moment)
        self._last_time = time

    def _misshapen(self, index: int, entry: bytes) -> LogBroken:
        if not entry.startswith(f'{{"ver":"{EVENT_VERSION}","iss":"{self.origin}",'.encode()) and b'"iss":"' in entry:
            return LogBroken(
                "wrong_log",
                f"Leaf {index} is not an entry of the log {self.origin} in the form {EVENT_VERSION}: it names another.",
                index,
            )
        return LogBroken("not_an_entry", f"Leaf {index} is not an entry as this log writes them, byte for byte.", index)


def written(leaf_hash: bytes) -> bytes:
    """Write a hash as entries name it: base64url without padding."""
    return b2a_base64(leaf_hash, newline=False)[:43].translate(_URLSAFE)


def milliseconds(moment: datetime) -> int:
    """Give a time as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def moment_of(since_1970: int) -> str:
    """Write a time, given in milliseconds since 1970, as entries write it."""
    moment = datetime.fromtimestamp(since_1970 // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{since_1970 % 1000:03}Z"


def altered(index: int) -> LogBroken:
    """Say that an entry is not the one that was hashed."""
    return LogBroken(
        "altered",
        f"The entry at leaf {index} does not hash to its leaf: its bytes were changed after it was recorded.",
        index,
    )


def unlisted(indexes: Iterable[int]) -> LogBroken:
    """Say that entries are missing without an erasure that names them."""
    first = min(indexes)
    return LogBroken(
        "erased_unlisted",
        f"The entry at leaf {first} is missing, and no erasure in the register names it: it was taken out.",
        first,
    )
