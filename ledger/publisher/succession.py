"""
How a log ends and another goes on from it, where its past cannot be brought back.

The old log is frozen: its lock store signs nothing more. The new one has another name, and its first entry names the
old one, its last checkpoint, and how many entries of it survived; the published file `succession` opens that entry:

    {"format": "beforehand/succession/1", "leaf_index": 0, "manifest": "<base64url>"}

So nobody can begin a new log quietly, nor pass it off as going on from another state than the one that was witnessed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from ledger.errors import LogBroken, SourceUnreadable
from ledger.publisher.rows import Rows
from ledger.publisher.static_files import StaticFiles
from ledger.register import Register, Succeeded
from ledger.tiles import NoSuchTile, Tile, read_entries
from ledger.verify import (
    Checkpoint,
    Policy,
    Refused,
    digest_of,
    members_of,
    open_checkpoint,
    open_event,
    parse_entry,
    parse_json,
)

SUCCESSION: Final = "succession"
FORMAT: Final = "beforehand/succession/1"
_BASIS: Final = "SUCCESSION"


def succeed(register: Register, rows: Rows, old_note: bytes, old_policy: Policy, survived: int) -> Checkpoint:
    """
    Write down, as the first entry of a new log, which log it goes on from, and give that log's last checkpoint.

    Raises `LogBroken` where that checkpoint does not meet its policy, or the new log has entries already.
    """
    try:
        checkpoint = open_checkpoint(old_note, old_policy).checkpoint
    except Refused as refused:
        raise LogBroken("not_signed", f"The last checkpoint of the old log is not one. {refused.message}") from None
    head = rows.head()
    if head.size:
        raise LogBroken("not_empty", f"The new log has {head.size} entries already; this must be its first.")
    if head.origin in {"", checkpoint.origin}:
        raise LogBroken("wrong_log", "The new log needs a name of its own, which is not the old one's.")
    if survived > checkpoint.size:
        raise LogBroken("wrong_size", f"The old log never had more than {checkpoint.size} entries under a checkpoint.")
    said = Succeeded(
        of=checkpoint.origin, checkpoint=old_note.decode(), size=checkpoint.size, survived=survived, basis=_BASIS
    )
    register.append(said)
    return checkpoint


def publish_succession(register: Register, files: StaticFiles) -> None:
    """Publish which log this one goes on from, where it does."""
    found = register.succession()
    if found is not None:
        _, index, manifest = found
        content = {"format": FORMAT, "leaf_index": index, "manifest": manifest}
        files.write([(SUCCESSION, json.dumps(content).encode())])


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The log that another goes on from, as its first entry says."""

    checkpoint: Checkpoint
    survived: int


def read_succession(files: StaticFiles, width: int, old_policy: Policy) -> Predecessor:
    """
    Read from its files which log another goes on from; `width` is how many entries its first bundle holds.

    Raises `SourceUnreadable` where that is not what its first entry says, or that log never signed it.
    """
    try:
        given = parse_json(files.read(SUCCESSION), "It")
        form, index, manifest = members_of(given, "it", format=str, leaf_index=int, manifest=str)
        entry = parse_entry(read_entries(Tile(None, 0, width), files.read)[0])
        if (form, index, digest_of(manifest)) != (FORMAT, 0, entry.manifest):
            raise SourceUnreadable("The first entry of the log does not say that it goes on from that one.")
        content, _, _ = open_event(entry.manifest, [manifest])
        said = Succeeded.model_validate({name: value for name, value in content.items() if name != "type"})
        return Predecessor(open_checkpoint(said.checkpoint.encode(), old_policy).checkpoint, said.survived)
    except (ValidationError, AttributeError):
        raise SourceUnreadable("The first entry of the log does not say that it goes on from another.") from None
    except (NoSuchTile, IndexError):
        raise SourceUnreadable("The log does not say that it goes on from another.") from None
    except Refused as refused:
        raise SourceUnreadable(f"What the log goes on from does not hold. {refused.message}") from None
