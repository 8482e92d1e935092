"""Which leaves were erased, and where the register says so: what lets an entry be missing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn

from ledger.errors import SourceUnreadable
from ledger.verify import digest_of

_MEMBER: Final = "leaves"


@dataclass(frozen=True, slots=True)
class Erasures:
    """
    What was erased.

    `leaves` are the indexes of the leaves whose entries are blank, or are being blanked. `opened` says for each entry
    of the erasure register where it stands and what its manifest is, in base64url: its object's member `leaves` lists
    pairs of first and last index.
    """

    leaves: frozenset[int] = field(default=frozenset())
    opened: tuple[tuple[int, str], ...] = ()


Erased = Callable[[], Erasures]


def none_erased() -> Erasures:
    """Say that nothing was ever erased."""
    return Erasures()


def write(opened: tuple[tuple[int, str], ...]) -> bytes:
    """Write the file that auditors read: a line for each entry of the register."""
    return b"".join(f"{index} {manifest}\n".encode() for index, manifest in opened)


def read(file: bytes) -> list[tuple[int, str, list[range]]]:
    """
    Read that file: index of the register's entry, digest of its manifest, and the leaves that it erases.

    Whether an entry with that digest stands there is for the reader to check. Raises `SourceUnreadable`.
    """
    return list(_lines(file))


def _lines(file: bytes) -> Iterator[tuple[int, str, list[range]]]:
    for line in file.split(b"\n")[:-1]:
        index, _, manifest = line.decode("latin-1").partition(" ")
        if not (index.isascii() and index.isdecimal()):
            _refuse()
        yield int(index), digest_of(manifest), _ranges(manifest)


def _ranges(manifest: str) -> list[range]:
    """Read the leaves from a manifest: `["salt", "event", {"type": …, "leaves": [[first, last], …]}]`."""
    try:
        salt, name, fields = json.loads(base64.urlsafe_b64decode(manifest + "=" * (-len(manifest) % 4)))
        pairs = [(first, last) for first, last in fields[_MEMBER]]
    except (binascii.Error, ValueError, TypeError, KeyError, UnicodeDecodeError):
        _refuse()
    if not isinstance(salt, str) or name != "event":
        _refuse()
    if not all(type(end) is int and end >= 0 for pair in pairs for end in pair):
        _refuse()
    return [range(first, last + 1) for first, last in pairs]


def _refuse() -> NoReturn:
    raise SourceUnreadable("The list of erasures is not one: a line is not an index and the manifest of an erasure.")
