"""
Finding values among the disclosures of an event, and taking them out.

A value is found by where it stands in the manifest. Taken out, a tombstone with its digest stands in place of its
disclosure: whoever opens the event sees that something was there, and the digest is still the one committed to.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from ledger.errors import BrokenSeal, NothingThere
from ledger.seal import Compartment, digest_of, tombstone

_SD: Final = "_sd"
_ELLIPSIS: Final = "..."
_VALUE_PARTS: Final = 3


def digests_at(compartments: Sequence[Compartment], field: str) -> tuple[str, ...]:
    """
    Give the digests of the values that stand at a field of an event, or below it.

    Raises `NothingThere` where there are none, or where they have been taken out before.
    """
    everything = [each for part in compartments for each in part.disclosures or ()]
    if not everything:
        raise NothingThere("This entry has been taken out as a whole.")
    there: Any = json.loads(everything[0])[2]
    steps = field.split(".") if field else []
    for at, step in enumerate(steps):
        if isinstance(there, dict) and set(there) == {_SD} and at == len(steps) - 1 and step.isdecimal():
            return (_paragraph(everything, there[_SD][0], int(step)),)
        there = _member(there, step)
    digests = tuple(_tokens(there))
    if not digests:
        raise NothingThere("That field holds nothing that somebody said or wrote: codes, dates and references stay.")
    gone = {digest for digest in digests if tombstone(digest) in everything}
    if gone == set(digests):
        raise NothingThere("That has been taken out already.")
    return tuple(digest for digest in digests if digest not in gone)


def values_of(compartment: Compartment) -> list[str]:
    """Give the digests of the values in a compartment that are still there, paragraphs with their text."""
    values = []
    for each in compartment.disclosures or ():
        parts = json.loads(each)
        if isinstance(parts, list) and len(parts) == _VALUE_PARTS and parts[1] == "v":
            values.append(digest_of(each).decode())
    return values


def without(compartment: Compartment, digests: Collection[str], keys: Collection[str]) -> Compartment:
    """Give a compartment without the values of some digests; empty where it was sealed with one of some keys."""
    if compartment.key_id in keys:
        return compartment._replace(disclosures=None, box=b"")
    if compartment.disclosures is None:
        return compartment
    below: set[str] = set()
    left = []
    for each in reversed(compartment.disclosures):  # a text stands behind its paragraphs
        digest = _digest(each)
        if digest in digests:
            below.update(_paragraphs(each))
            left.append(tombstone(digest))
        elif digest not in below:
            left.append(each)
    return compartment._replace(disclosures=tuple(reversed(left)))


def _digest(disclosure: bytes) -> str:
    parts = json.loads(disclosure)
    return parts["removed"] if isinstance(parts, dict) else digest_of(disclosure).decode()


def _paragraphs(disclosure: bytes) -> list[str]:
    parts = json.loads(disclosure)
    if not isinstance(parts, list) or len(parts) != _VALUE_PARTS or not isinstance(parts[2], list):
        return []
    return [each[_ELLIPSIS] for each in parts[2] if isinstance(each, dict) and set(each) == {_ELLIPSIS}]


def _paragraph(everything: Sequence[bytes], digest: str, number: int) -> str:
    for each in everything:
        if digest_of(each).decode() == digest:
            paragraphs = _paragraphs(each)
            if number < len(paragraphs):
                if tombstone(paragraphs[number]) in everything:
                    raise NothingThere("That paragraph has been taken out already.")
                return paragraphs[number]
            raise NothingThere(f"That text has {len(paragraphs) or 1} paragraphs, counted from 0.")
    raise NothingThere("That has been taken out already.")


def _member(there: Any, step: str) -> Any:
    if isinstance(there, dict) and step in there and step != _SD:
        return there[step]
    if isinstance(there, list) and step.isdecimal() and int(step) < len(there):
        return there[int(step)]
    raise NothingThere("The entry has no such field. Name it as the entry does: `account`, `own_words.0.words`.")


def _tokens(there: Any) -> Iterator[str]:
    match there:
        case {"_sd": [str(digest)]} if len(there) == 1:
            yield digest
        case dict():
            for value in there.values():
                yield from _tokens(value)
        case list():
            for value in there:
                yield from _tokens(value)


def checked(disclosure: bytes, digest: str) -> bytes:
    """Give a disclosure that has the digest it should have. Raises `BrokenSeal`."""
    if digest_of(disclosure).decode() != digest:
        raise BrokenSeal("its fields are not those that were sealed")
    return disclosure
