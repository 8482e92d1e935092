"""What the publisher must never sign over, each with what it says."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LogBroken
from ledger.publisher.erasures import Erasures
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, ERASURES, Tile, read_entries
from ledger.verify import NO_PREVIOUS, to_base64url

Spoil = Callable[[Any], object]


def fork(log: Any) -> None:
    """Write a second event with a number that its stream has had, and let the database agree with itself."""
    tag, seq, prev = next(iter(log.heads.values()))
    log.put(log_entry(log, tag, seq, prev), version=seq)


def log_entry(log: Any, tag: str, seq: int, prev: str, **changed: Any) -> bytes:
    at = changed.pop("at", log.at)
    rec = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    return (
        f'{{"ver":"beforehand/event/1","iss":"{changed.pop("origin", log.origin)}","stream":"{tag}","seq":{seq},'
        f'"prev":"{prev}","rec":"{rec}","_sd_alg":"sha-256","_sd":["{to_base64url(bytes(32))}"]}}'
    ).encode()


def skip(log: Any) -> None:
    tag, seq, prev = next(iter(log.heads.values()))
    log.put(log_entry(log, tag, seq + 2, prev), version=seq + 2)


def unhook(log: Any) -> None:
    tag, seq, _ = next(iter(log.heads.values()))
    log.put(log_entry(log, tag, seq + 1, to_base64url(bytes(31) + b"x")), version=seq + 1)


def back_date(log: Any) -> None:
    early = log.at - timedelta(days=1)
    log.put(log_entry(log, to_base64url(bytes(32)), 1, NO_PREVIOUS, at=early), version=1, at=early)


def post_date(log: Any) -> None:
    late = log.at + timedelta(days=1)
    log.put(log_entry(log, to_base64url(bytes(32)), 1, NO_PREVIOUS, at=late), version=1, at=late)


def from_elsewhere(log: Any) -> None:
    log.put(log_entry(log, to_base64url(bytes(32)), 1, NO_PREVIOUS, origin="elsewhere.example/1"), version=1)


def junk(log: Any) -> None:
    log.put(b'{"ver":"beforehand/event/1", }', version=1)


def turned(column: str, byte: str) -> str:
    return f"set_byte({column}, {byte}, get_byte({column}, {byte}) # 1)"


ROW = "UPDATE {schema}.event SET %s WHERE position = 13"
NEW: dict[str, tuple[str, Spoil, str]] = {
    "an entry": ("altered", lambda log: log.execute(ROW % f"entry = {turned('entry', '60')}"), "leaf 12"),
    "a digest": (
        "altered",
        lambda log: log.execute(ROW % f"entry = {turned('entry', 'length(entry) - 9')}"),
        "leaf 12",
    ),
    "a leaf hash": ("altered", lambda log: log.execute(ROW % f"leaf_hash = {turned('leaf_hash', '3')}"), "leaf 12"),
    "its number": ("row_altered", lambda log: log.execute(ROW % "originator_version = originator_version + 90"), "12"),
    "its time": ("row_altered", lambda log: log.execute(ROW % "recorded_at = recorded_at + interval '1 ms'"), "12"),
    "the frontier": (
        "another_frontier",
        lambda log: log.execute(f"UPDATE {{schema}}.head SET frontier[1] = {turned('frontier[1]', '0')}"),
        "head",
    ),
    "a row taken out": ("missing_row", lambda log: log.execute("DELETE FROM {schema}.event WHERE position = 13"), "12"),
    "the last row": ("missing_row", lambda log: log.execute("DELETE FROM {schema}.event WHERE position = 20"), "19"),
    "an entry taken out": ("erased_unlisted", lambda log: log.execute(ROW % "entry = NULL"), "leaf 12"),
    "a fork": ("forked_stream", fork, "two histories"),
    "a gap": ("gap_in_stream", skip, "left out"),
    "a wrong previous": ("wrong_previous", unhook, "not that entry"),
    "a time gone back": ("time_backwards", back_date, "back-dated"),
    "a time to come": ("time_in_future", post_date, "still to come"),
    "an entry of another log": ("wrong_log", from_elsewhere, "names another"),
    "what is no entry": ("not_an_entry", junk, "byte for byte"),
}


@pytest.mark.parametrize(("code", "spoil", "words"), NEW.values(), ids=NEW)
def test_nothing_is_signed_over(  # noqa: PLR0913 - fixtures and what is spoilt
    log: Any, start: Any, published: StaticFiles, code: str, spoil: Spoil, words: str
) -> None:
    """What was spoilt before it was ever signed is found, said plainly, and not signed, however often it is tried."""
    publisher = start()
    log.append(10)
    before = publisher.round()
    log.append(10)
    spoil(log)
    for _ in range(2):
        with pytest.raises(LogBroken, match=words) as found:
            publisher.round()
        assert found.value.code == code
    assert publisher.lock.read() == before
    assert published.read(CHECKPOINT).decode() == before.note


def test_a_shrunken_log_is_refused_and_the_way_on_is_said(log: Any, start: Any, published: StaticFiles) -> None:
    """A database brought back from an older backup: nothing is signed, and the runbook is named."""
    publisher = start()
    log.append(30)
    before = publisher.round()
    log.go_back(20)
    with pytest.raises(LogBroken, match=r"10 entries are missing.*publisher-refuses\.md") as found:
        publisher.round()
    assert found.value.code == "shrunken"
    assert publisher.lock.read() == before


@pytest.mark.parametrize("grown_to", [30, 45])
def test_another_history_is_refused(log: Any, start: Any, tmp_path: Path, grown_to: int) -> None:
    """Brought back, and grown again to the size that was signed or beyond: other entries, so nothing is signed."""
    publisher = start()
    log.append(30)
    before = publisher.round()
    publisher.close()
    log.go_back(20)
    log.append(grown_to - 20)
    with pytest.raises(LogBroken) as found:
        publisher.round()
    assert found.value.code in {"another_frontier", "forked_stream", "wrong_previous", "gap_in_stream"}
    publisher.lock.__exit__()
    (tmp_path / "lock" / "progress.sqlite").unlink()
    restarted = start()
    with pytest.raises(LogBroken) as found:
        restarted.round()
    assert found.value.code in {"another_history", "another_file"}
    assert restarted.lock.read() == before


def test_another_history_is_refused_without_the_files(log: Any, start: Any, published: StaticFiles) -> None:
    """The lock store alone is enough."""
    publisher = start()
    log.append(30)
    before = publisher.round()
    publisher.lock.__exit__()
    shutil.rmtree(published.folder)
    log.go_back(20)
    log.append(10)
    restarted = start()
    with pytest.raises(LogBroken, match="though they are as many") as found:
        restarted.round()
    assert found.value.code == "another_history"
    assert restarted.lock.read() == before


@settings(max_examples=25)
@given(st.data())
def test_each_bit_of_a_published_file_counts(log: Any, start: Any, published: StaticFiles, data: st.DataObject) -> None:
    """A file that a checkpoint was signed over, with any bit turned, is never passed over where it is needed again."""
    publisher = start()
    if not log.entries:
        log.append(20)
    publisher.round()
    publisher.lock.__exit__()
    width = len(log.entries)
    tile = data.draw(st.sampled_from([Tile(0, 0, width), Tile(None, 0, width)]))
    content = bytearray(published.read(tile.path))
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    published.write([(tile.path, bytes(content))])
    again = start()
    with pytest.raises(LogBroken, match="published file") as found:
        again.round()
    again.lock.__exit__()
    assert found.value.code == "another_file"
    (published.folder / tile.path).unlink()


@settings(max_examples=25)
@given(st.data())
def test_each_bit_of_the_checkpoint_counts(log: Any, start: Any, published: StaticFiles, data: st.DataObject) -> None:
    """A published checkpoint with any bit turned, or cut, is put right in the next round."""
    publisher = start()
    if not log.entries:
        log.append(20)
    publisher.round()
    whole = published.read(CHECKPOINT)
    spoilt = bytearray(whole)
    bit = data.draw(st.integers(0, len(spoilt) * 8 - 1))
    spoilt[bit // 8] ^= 1 << bit % 8
    for content in (bytes(spoilt), whole[: bit // 8]):
        published.write([(CHECKPOINT, content)])
        publisher.round()
        assert published.read(CHECKPOINT) == whole
    publisher.lock.__exit__()


@pytest.mark.parametrize("change", ["size = size - 1", "root = zeroblob(32)", "note = replace(note, '20', '21')"])
def test_an_altered_lock_store_is_refused(log: Any, start: Any, tmp_path: Path, change: str) -> None:
    """What the lock store holds must be a checkpoint that the log's own key has signed."""
    publisher = start()
    log.append(20)
    publisher.round()
    with sqlite3.connect(tmp_path / "lock" / "lock.sqlite") as connection:
        connection.execute(f"UPDATE signed SET {change}")
    connection.close()
    with pytest.raises(LogBroken) as found:
        publisher.round()
    assert found.value.code == "lock_store_damaged"


def test_an_erased_entry_is_blank_in_every_version_of_its_bundle(log: Any, start: Any, published: StaticFiles) -> None:
    """What the register names may be missing; nothing of it stays in any file, and everything else still proves."""
    listed: set[int] = set()
    opened: list[tuple[int, str]] = []
    publisher = start(erased=lambda: Erasures(frozenset(listed), tuple(opened)))
    log.append(250)
    publisher.round()
    log.append(4)
    publisher.round()
    listed |= {5, 251}
    opened.append((253, "WyJhIiwiZXZlbnQiLHt9XQ"))
    log.execute("UPDATE {schema}.event SET entry = NULL, state = NULL WHERE position IN (6, 252)")
    publisher.round()
    log.append(10)
    before = publisher.round()
    gone = [log.entries[5], log.entries[251]]
    for file in published.folder.rglob("*"):
        assert file.is_dir() or not any(entry in file.read_bytes() for entry in gone)
    entries = read_entries(Tile(None, 0), published.read)
    assert [index for index, entry in enumerate(entries) if not entry] == [5, 251]
    assert b'{"leaf_index": 253, "manifest": "WyJhIiwiZXZlbnQiLHt9XQ"}' in published.read(ERASURES)
    publisher.lock.__exit__()
    assert start(erased=lambda: Erasures(frozenset(listed))).round() == before


def test_what_a_restore_brings_back_stays_blank(log: Any, start: Any, published: StaticFiles) -> None:
    """A row that holds again what the register says was erased is served blank all the same."""
    log.append(20)
    start(erased=lambda: Erasures(frozenset({7}))).round()
    assert read_entries(Tile(None, 0, 20), published.read)[7] == b""
