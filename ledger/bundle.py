"""
Making a disclosure bundle: a person's whole record in one file that proves itself to whoever holds it.

The format is described in `ops/formats.md`, and `verify.verify_bundle` is what checks it. These functions are pure. The
order in which they are used matters:

1. Decide what is not given (`parts_of` names the digests), and record the issue as the stream's next event, with the
   fields that `closing_fields` gives. So what the bundle leaves out is in the log, and any event that it kept silent
   about would be a fork of the stream.
2. Wait until a cosigned checkpoint covers that event.
3. Choose the earlier checkpoints (`brackets`) and `make` the bundle. It is verified before it is handed out.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ledger.tree import Node, consistency_proof, inclusion_proof
from ledger.verify import (
    BUNDLE_FORMAT,
    CLOSING_EVENT,
    Policy,
    digest_of,
    from_base64url,
    parse_checkpoint,
    parse_entry,
    parse_json,
    to_base64url,
    verify_bundle,
    withheld_digest,
)

CLOSING_TOPIC: Final = CLOSING_EVENT.removesuffix("@")


@dataclass(frozen=True, slots=True)
class Opened:
    """
    One event as its keeper sees it.

    entry        the bytes that were logged
    disclosures  the raw JSON arrays, the manifest first; without those of values that were destroyed
    """

    leaf_index: int
    entry: bytes
    disclosures: Sequence[bytes]


@dataclass(frozen=True, slots=True, order=True)
class Withheld:
    """Something that is kept but not given, and why: a code, the legal basis, and a sentence for the reader."""

    digest: str
    code: str
    basis: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Redacted(Withheld):
    """Something that exists no more. `event` is the number in the stream of the event that records its destruction."""

    event: int


@dataclass(frozen=True, slots=True)
class Part:
    """
    A piece of an event that can be withheld by itself.

    path    where it stands: () for the whole event, ("words",) for a value, ("words", 2) for its third paragraph
    digest  what stands for it
    """

    path: tuple[str | int, ...]
    digest: str


def parts_of(event: Opened) -> list[Part]:
    """List what of an event can be withheld, the whole first. What was destroyed is listed, but nothing inside it."""
    held = _by_digest(event)
    manifest = parse_entry(event.entry).manifest
    return [Part((), manifest), *_parts_in(_value_of(held.get(manifest)), (), held)]


def destroyed_of(event: Opened) -> list[str]:
    """Give the digests that stand in an event for what exists no more."""
    held = _by_digest(event)
    return [part.digest for part in parts_of(event) if part.digest not in held]


def told_of(digest: str, events: Sequence[Opened]) -> int | None:
    """Give the number of the event that says that something was destroyed: it names its digest, and is not its own."""
    for number, event in enumerate(events, 1):
        named = f'"{digest}"'.encode() in event.disclosures[0] if event.disclosures else False
        if named and digest not in {part.digest for part in parts_of(event)}:
            return number
    return None


def closing_fields(
    upto: int, withheld: Iterable[Withheld], redacted: Iterable[Redacted], recipient: str, checkpoint_size: int
) -> dict[str, Any]:
    """
    Give the fields of the event that closes a bundle, of the topic `CLOSING_TOPIC`.

    They stand in its manifest in the clear: how many events came before, the digest of what is left out, a reference to
    the recipient (never a name), and the size of the log when this was decided.
    """
    return {
        "upto": upto,
        "withheld": withheld_digest(_listed(withheld), _listed(redacted)),
        "recipient": recipient,
        "checkpoint_size": checkpoint_size,
    }


def brackets(leaf_indexes: Iterable[int], sizes: Sequence[int]) -> list[int]:
    """
    Choose which of the kept checkpoints show when each leaf came into the log, from their sizes, oldest first.

    For each leaf that is the last checkpoint without it and the first with it. Gives their places in `sizes`.
    """
    chosen = set()
    for index in leaf_indexes:
        first_with_it = bisect_right(sizes, index)
        chosen.update({first_with_it - 1, first_with_it} & set(range(len(sizes))))
    return sorted(place for place in chosen if sizes[place])


def make(  # noqa: PLR0913 - each is one thing that a bundle holds
    events: Sequence[Opened],
    *,
    stream_secret: bytes,
    checkpoint: str,
    history: Sequence[str],
    node: Node,
    policy: Policy,
    policy_text: str,
    withheld: Iterable[Withheld] = (),
    redacted: Iterable[Redacted] = (),
) -> bytes:
    """
    Make a bundle of all events of a stream, the last of which records its issue, and verify it.

    `checkpoint` covers them all, `history` are earlier ones, and `node` reads the tree. Raises `verify.Refused` where
    the result would not pass, and ValueError where a disclosure is neither there nor listed.
    """
    size = parse_checkpoint(checkpoint.rpartition("\n\n")[0] + "\n").size
    left_out, gone = _listed(withheld), _listed(redacted)
    unseen = {each["digest"] for each in (*left_out, *gone)}
    bundle = {
        "format": BUNDLE_FORMAT,
        "policy": policy_text,
        "checkpoint": checkpoint,
        "history": [_earlier(note, size, node) for note in history],
        "stream_secret": to_base64url(stream_secret),
        "events": [
            {
                "leaf_index": each.leaf_index,
                "entry": each.entry.decode(),
                "inclusion_proof": _in_base64(inclusion_proof(each.leaf_index, size, node)),
                "disclosures": list(_given(each, unseen)),
            }
            for each in events
        ],
        "withheld": left_out,
        "redacted": gone,
    }
    raw = json.dumps(bundle, ensure_ascii=False, indent=1).encode()
    verify_bundle(raw, policy)
    return raw


def _earlier(note: str, size: int, node: Node) -> dict[str, Any]:
    old = parse_checkpoint(note.rpartition("\n\n")[0] + "\n").size
    return {"checkpoint": note, "consistency_proof": _in_base64(consistency_proof(old, size, node))}


def _in_base64(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]


def _listed(reasons: Iterable[Withheld]) -> list[dict[str, Any]]:
    return [asdict(each) for each in sorted(reasons)]


def _by_digest(event: Opened) -> dict[str, str]:
    texts = [to_base64url(raw) for raw in event.disclosures]
    return {digest_of(text): text for text in texts}


def _given(event: Opened, unseen: Collection[str]) -> Iterator[str]:
    """Yield the disclosures that are reached from the manifest without passing through anything that is not given."""
    held = _by_digest(event)
    waiting = [parse_entry(event.entry).manifest]
    while waiting:
        digest = waiting.pop()
        if digest in unseen:
            continue
        if (disclosure := held.get(digest)) is None:
            raise ValueError(f"Leaf {event.leaf_index} has a value that is neither there nor on a list of what is not.")
        yield disclosure
        waiting.extend(part.digest for part in _parts_in(_value_of(disclosure), (), {}))


def _value_of(disclosure: str | None) -> Any:
    if disclosure is None:
        return None
    return parse_json(from_base64url(disclosure, "A disclosure"), "A disclosure")[-1]


def _parts_in(value: Any, path: tuple[str | int, ...], held: Mapping[str, str]) -> Iterator[Part]:
    """Yield the digests that stand in a value, and those that stand in what is held of them."""
    if isinstance(value, dict) and ("_sd" in value or "..." in value):
        digest = value["..."] if "..." in value else value["_sd"][0]
        yield Part(path, digest)
        yield from _parts_in(_value_of(held.get(digest)), path, held)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _parts_in(each, (*path, name), held)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _parts_in(each, (*path, place), held)
