"""Killed between any two steps, the publisher goes on; where the disk is full it signs nothing, and goes on later."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from ledger.errors import NotWritten
from ledger.notes import Signer
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, TileTree
from ledger.tree import root_at
from ledger.verify import open_note, parse_checkpoint
from tests.forking import killed_before

GROWTHS: Final = (200, 57, 300)
EVERY: Final = 1 if os.environ.get("BEFOREHAND_ALL_KILLS") else 9
"""By default one step in nine, a different one in each run, is the one to be killed before."""


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_killed_before_any_step_it_goes_on(
    log: Any, alone: Any, key: Signer, published: StaticFiles, request: pytest.FixtureRequest
) -> None:
    """
    Growing, killed, started again: the next checkpoint goes on from the last, and the files prove all of it.

    No two notes of one size ever differ: whatever left the process is what the lock store held.
    """
    step, killed, seen = hash(request.node.nodeid) % EVERY, 0, dict[int, str]()
    for growth in GROWTHS:
        log.append(growth)
        while killed_before(step, alone):
            killed += 1
            step += EVERY
            if (published.folder / CHECKPOINT).exists():
                note = published.read(CHECKPOINT).decode()
                checkpoint = parse_checkpoint(open_note(note.encode(), [key.key]).text)
                assert seen.setdefault(checkpoint.size, note) == note
                assert root_at(checkpoint.size, TileTree(checkpoint.size, published.read).node) == checkpoint.root
        step %= EVERY
        alone()
        checkpoint = parse_checkpoint(open_note(published.read(CHECKPOINT), [key.key]).text)
        assert (checkpoint.size, checkpoint.root) == (log.frontier.size, log.frontier.root())
        assert root_at(checkpoint.size, TileTree(checkpoint.size, published.read).node) == checkpoint.root
    assert killed > 60 / EVERY


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let this process write no file beyond a size, as a full disk would not; SIGXFSZ is ignored by Python."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 100, 3_000])
def test_a_full_disk_stops_signing_and_nothing_else(
    log: Any, start: Any, published: StaticFiles, key: Signer, room: int
) -> None:
    """Nothing is signed that is not on the disk; no half file stays; with room again it goes on."""
    publisher = start()
    log.append(10)
    before = publisher.round()
    log.append(100)
    with no_file_larger_than(room), pytest.raises(NotWritten, match=r"Nothing is signed|nothing is signed"):
        publisher.round()
    assert publisher.lock.read() == before
    assert published.read(CHECKPOINT).decode() == before.note
    assert not list(published.folder.rglob("*.new"))
    assert publisher.round().size == 110


def test_a_folder_that_cannot_be_written_is_said(log: Any, start: Any, published: StaticFiles, tmp_path: Path) -> None:
    """A file where the folder should be: the sentence says that it cannot be written."""
    published.folder.write_text("in the way")
    log.append(1)
    with pytest.raises(NotWritten, match="cannot be written"):
        start().round()
