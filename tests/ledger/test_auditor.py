from __future__ import annotations

import base64
import functools
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ledger.auditor import Auditor, HttpSource, source_of
from ledger.errors import LogBroken, SourceUnreadable
from ledger.notes import COSIGNATURE_ED25519, ED25519, Signer, sign_checkpoint
from ledger.progress import Progress
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, ERASURES, Edge, Tile, TileTree, pack, unpack
from ledger.tree import Frontier, consistency_proof
from ledger.verify import NO_PREVIOUS, Checkpoint, digest_of, leaf_hash, open_note, to_base64url
from ledger.witness import SIZE_TYPE, Answer

ORIGIN = "beforehand.example/la/test/1"
LOG = Signer(ORIGIN, ED25519, bytes(range(32)))
AUDITOR = Signer("auditor.example/streams", COSIGNATURE_ED25519, bytes([4]) * 32)
BEGINNING = datetime(2026, 11, 22, 5, 4, tzinfo=UTC)


class PublishedLog:
    """Files of a log as any operator could make them, an honest one or another: whatever is put in is signed."""

    def __init__(self, folder: Path) -> None:
        self.files = StaticFiles(folder)
        self.entries: list[bytes] = []
        self.heads: dict[str, tuple[int, str]] = {}
        self.at = BEGINNING

    def entry(self, stream: str, seq: int, prev: str, digest: str | None = None) -> bytes:
        self.at += timedelta(milliseconds=3)
        rec = f"{self.at:%Y-%m-%dT%H:%M:%S}.{self.at.microsecond // 1000:03}Z"
        return (
            f'{{"ver":"beforehand/event/1","iss":"{ORIGIN}","stream":"{stream}","seq":{seq},"prev":"{prev}",'
            f'"rec":"{rec}","_sd_alg":"sha-256","_sd":["{digest or to_base64url(random.randbytes(32))}"]}}'
        ).encode()

    def grow(self, count: int, *, streams: int = 5, digest: str | None = None) -> None:
        while len(self.heads) < streams:
            self.heads[to_base64url(random.randbytes(32))] = (0, NO_PREVIOUS)
        for _ in range(count):
            stream = random.choice(list(self.heads))
            seq, prev = self.heads[stream]
            entry = self.entry(stream, seq + 1, prev, digest)
            self.heads[stream] = (seq + 1, to_base64url(leaf_hash(entry)))
            self.entries.append(entry)

    def publish(self, *, root: bytes | None = None, size: int | None = None) -> None:
        size = len(self.entries) if size is None else size
        edge, frontier, made = Edge(), Frontier(), []
        for entry in self.entries[:size]:
            frontier.append(leaf_hash(entry))
            made += edge.append(leaf_hash(entry), entry)
        self.files.write([(each.tile.path, each.content) for each in made + edge.partial()])
        note = sign_checkpoint(Checkpoint(ORIGIN, size, root or frontier.root()), [LOG], 0)
        self.files.write([(CHECKPOINT, note.encode())])

    def erase(self, *indexes: int) -> None:
        """Blank some entries, and record it in the log as the register does."""
        content = {"type": "ledger.erased@1", "leaves": [[each, each] for each in indexes]}
        raw = json.dumps([to_base64url(bytes(16)), "event", content]).encode()
        manifest = to_base64url(raw)
        self.grow(1, digest=digest_of(manifest))
        self.publish()
        self.blank(*indexes)
        events = [{"leaf_index": len(self.entries) - 1, "manifest": manifest}]
        self.files.write([(ERASURES, json.dumps({"format": "beforehand/erasures/1", "events": events}).encode())])

    def blank(self, *indexes: int) -> None:
        for index in indexes:
            self.change_bundle(index, lambda _: b"")

    def change_bundle(self, index: int, change: Callable[[bytes], bytes]) -> None:
        tile = Tile(None, index // 256, min(256, len(self.entries) - index // 256 * 256))
        entries = unpack(self.files.read(tile.path), tile.width)
        entries[index % 256] = change(entries[index % 256])
        self.files.write([(tile.path, pack(entries))])


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    return PublishedLog(tmp_path / "published")


@pytest.fixture
def audits(log: PublishedLog, tmp_path: Path) -> Iterator[Callable[..., Auditor]]:
    """Make an auditor of the log: of the folder or another source, with its own state or one named."""
    with ExitStack() as stack:

        def made(source: Any = None, state: str = "auditor") -> Auditor:
            progress = stack.enter_context(Progress(tmp_path / state, ORIGIN))
            return Auditor([LOG.key], source or log.files, progress, lambda: log.at + timedelta(seconds=1), AUDITOR)

        yield made


def test_an_honest_log_is_cosigned_and_read_on(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """All entries at first, then only the new ones; each time with a cosignature that holds under the checkpoint."""
    for growth, size in ((300, 300), (0, 300), (212, 512), (1, 513)):
        log.grow(growth)
        log.publish()
        audited = audits().audit()
        assert (audited.read, audited.checkpoint.size) == (growth, size)
        assert audited.streams == len(log.heads)
        opened = open_note(audited.note.encode(), [LOG.key, AUDITOR.key])
        assert [each.key.name for each in opened.signatures] == [ORIGIN, "auditor.example/streams"]


def test_an_empty_log_is_cosigned(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """Of nothing it can be said that nothing is wrong with it."""
    log.publish()
    assert audits().audit().checkpoint.size == 0


def fork(log: PublishedLog) -> None:
    stream, (seq, _) = next((stream, head) for stream, head in log.heads.items() if head[0] > 3)
    log.entries.append(log.entry(stream, seq, to_base64url(random.randbytes(32))))


def forked_start(log: PublishedLog) -> None:
    log.entries.append(log.entry(next(iter(log.heads)), 1, NO_PREVIOUS))


def left_out(log: PublishedLog) -> None:
    stream, (seq, prev) = next(iter(log.heads.items()))
    log.entries.append(log.entry(stream, seq + 2, prev))


def back_dated(log: PublishedLog) -> None:
    log.at -= timedelta(days=1)
    log.grow(1)
    log.at += timedelta(days=1)


@pytest.mark.parametrize(
    ("code", "forge"),
    [
        ("forked_stream", fork),
        ("forked_stream", forked_start),
        ("gap_in_stream", left_out),
        ("time_backwards", back_dated),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["read on", "read from the start"])
def test_what_a_witness_cannot_see_is_found(
    log: PublishedLog,
    audits: Callable[..., Auditor],
    code: str,
    forge: Callable[[PublishedLog], None],
    known: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A tree that only grows, properly signed, with a stream in it that is not one chain: no cosignature."""
    log.grow(300)
    log.publish()
    if known:
        audits().audit()
    forge(log)
    log.publish()
    for _ in range(2):
        with pytest.raises(LogBroken) as found:
            audits().audit()
        assert (found.value.code, found.value.index) == (code, 300)


def test_an_altered_entry_is_found_where_it_stands(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """One bit of one published entry: its leaf is named."""
    log.grow(300)
    log.publish()
    for index in (7, 255, 256, 299):
        log.change_bundle(index, lambda entry: entry[:-10] + bytes([entry[-10] ^ 1]) + entry[-9:])
        with pytest.raises(LogBroken) as found:
            audits().audit()
        assert (found.value.code, found.value.index) == ("altered", index)
        log.publish()


@pytest.mark.parametrize("path", ["tile/0/000", "tile/1/000.p/1", "tile/0/001.p/44"])
def test_an_altered_tile_is_found(log: PublishedLog, audits: Callable[..., Auditor], path: str) -> None:
    """A hash changed in any tile of the tree, or a tile that is cut."""
    log.grow(300)
    log.publish()
    whole = log.files.read(path)
    log.files.write([(path, bytes([whole[0] ^ 1]) + whole[1:])])
    with pytest.raises(LogBroken) as found:
        audits().audit()
    assert found.value.code in {"altered", "another_history"}
    log.files.write([(path, whole[:-1])])
    with pytest.raises(LogBroken, match="altered or cut"):
        audits().audit()
    (log.files.folder / path).unlink()
    with pytest.raises(SourceUnreadable, match="lacks the file"):
        audits().audit()


def test_a_checkpoint_over_another_tree_is_found(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """Signed, but not over what is published; or smaller than before; or by nobody who is trusted."""
    log.grow(30)
    log.publish(root=bytes(32))
    with pytest.raises(LogBroken, match="two histories"):
        audits().audit()
    log.publish()
    audits().audit()
    log.publish(size=20)
    with pytest.raises(LogBroken, match="30 were audited before") as found:
        audits().audit()
    assert found.value.code == "shrunken"
    log.files.write([(CHECKPOINT, log.files.read(CHECKPOINT).replace(b"\n20\n", b"\n40\n"))])
    with pytest.raises(LogBroken, match="cannot be trusted"):
        audits().audit()


def test_a_rewritten_past_is_found(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """The same streams told otherwise after they were audited: what is new does not go on from what was read."""
    log.grow(300)
    log.publish()
    audits().audit()
    other = PublishedLog(log.files.folder)
    other.grow(310)
    other.publish()
    with pytest.raises(LogBroken):
        audits().audit()


def test_erased_entries_are_accepted_where_the_log_records_it(
    log: PublishedLog, audits: Callable[..., Auditor]
) -> None:
    """By whoever read them before they were erased, and by whoever comes after."""
    log.grow(300)
    log.publish()
    audits().audit()
    log.erase(3, 4, 299)
    log.grow(5)
    publish_with_blanks(log, 3, 4, 299)
    assert audits().audit().erased == 0  # it had read them all
    assert audits(state="another").audit().erased == 3


def publish_with_blanks(log: PublishedLog, *indexes: int) -> None:
    log.publish()
    log.blank(*indexes)


def test_entries_that_are_missing_without_a_record_are_found(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """Taken out and not listed; listed where the log holds no such record; listed as another record than the log's."""
    log.grow(30)
    log.publish()
    log.blank(7)
    with pytest.raises(LogBroken) as found:
        audits().audit()
    assert (found.value.code, found.value.index) == ("erased_unlisted", 7)
    log.erase(8)
    log.blank(7)
    with pytest.raises(LogBroken) as found:
        audits().audit()
    assert (found.value.code, found.value.index) == ("erased_unlisted", 7)
    raw = json.loads(log.files.read(ERASURES))
    raw["events"][0]["leaf_index"] = 29
    log.files.write([(ERASURES, json.dumps(raw).encode())])
    with pytest.raises(LogBroken, match="names leaf 29 as the record") as found:
        audits().audit()
    assert found.value.code == "erasure_not_recorded"
    log.files.write([(ERASURES, b"{}")])
    with pytest.raises(SourceUnreadable, match="list of erasures"):
        audits().audit()


def test_a_log_may_be_read_over_http(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """What any web server serves is read like the folder; what is not there is said to be missing."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    log.grow(300)
    log.publish()
    handler = functools.partial(Quiet, directory=str(log.files.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        source = source_of(f"http://127.0.0.1:{server.server_port}/")
        assert isinstance(source, HttpSource)
        assert audits(source).audit().read == 300
        (log.files.folder / CHECKPOINT).unlink()
        with pytest.raises(SourceUnreadable, match="no checkpoint"):
            audits(source).audit()
        server.shutdown()
        thread.join()
    with pytest.raises(SourceUnreadable, match="cannot be reached"):
        audits(HttpSource("http://127.0.0.1:9")).audit()


def test_it_answers_a_log_as_a_witness_does(log: PublishedLog, audits: Callable[..., Auditor]) -> None:
    """Asked to cosign, it audits up to that checkpoint first; what it finds is its reason to decline."""
    log.grow(300)
    log.publish()
    auditor = audits()
    note = log.files.read(CHECKPOINT)
    answer = auditor.add_checkpoint(b"old 0\n\n" + note)
    assert answer.status == 200
    assert open_note(note.partition(b"\n\n")[0] + b"\n\n" + answer.body, [AUDITOR.key])
    assert auditor.add_checkpoint(b"old 0\n\n" + note) == Answer(409, b"300\n", SIZE_TYPE)
    fork(log)
    log.publish()
    proof = consistency_proof(300, 301, TileTree(301, log.files.read).node)
    lines = b"".join(base64.b64encode(each) + b"\n" for each in proof)
    answer = auditor.add_checkpoint(b"old 300\n" + lines + b"\n" + log.files.read(CHECKPOINT))
    assert (answer.status, b"two histories of one stream" in answer.body) == (422, True)
    assert auditor.add_checkpoint(b"old 300\n\n" + note.replace(b"300", b"301")).status == 403
