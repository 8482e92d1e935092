"""Witnesses that run here, over HTTP: honest ones, and one that answers nonsense."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvicorn
from psycopg_pool import ConnectionPool

from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, Signer, sign_checkpoint
from ledger.publisher.beat import Beat
from ledger.publisher.kept import Kept
from ledger.publisher.published import NotCoveredYet, Published
from ledger.publisher.static_files import StaticFiles
from ledger.publisher.witnesses import Unwilling, WitnessClient, addresses, clients
from ledger.tiles import COSIGNED
from ledger.verify import (
    Checkpoint,
    leaf_hash,
    open_checkpoint,
    open_note,
    parse_policy,
    parse_tlog_proof,
    verify_tlog_proof,
)
from ledger.witness import Witness, WitnessState
from ops.cosigner_server import server_of


@contextmanager
def served(witness: Witness) -> Iterator[str]:
    """Serve a witness on this machine for the time of a `with`, and give its address."""
    server = uvicorn.Server(server_of(witness, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class Answering(BaseHTTPRequestHandler):
    """Answers every request with what the test has put ready."""

    answer: tuple[int, str, bytes] = (200, "text/plain", b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = type(self).answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def nonsense() -> Iterator[tuple[str, Callable[[int, str, bytes], None]]]:
    """Give the address of a witness that answers what it is told to answer."""

    class Told(Answering):
        pass

    def tell(status: int, kind: str, body: bytes) -> None:
        Told.answer = (status, kind, body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", tell
        server.shutdown()
        thread.join()


def now_of(log: Any) -> Callable[[], datetime]:
    return lambda: log.at + timedelta(seconds=1)


@pytest.fixture
def tables(log: Any) -> None:
    """The kept checkpoints, as the migration makes them."""
    text = (Path(__file__).parents[3] / "ledger/migrations/0004_checkpoints.sql").read_text()
    with psycopg.connect(log.url, autocommit=True) as connection:
        connection.execute(text.replace("{schema}", log.schema))  # type: ignore[call-overload]


class Witnessed:
    """A log with two witnesses, one of which signs twice, and what is kept of it."""

    def __init__(  # noqa: PLR0913 - fixtures
        self, log: Any, start: Any, key: Signer, published: StaticFiles, stack: ExitStack, folder: Path
    ) -> None:
        self.log, self.key, self.files = log, key, published
        self.keys = {
            "regulator": Signer("regulator.example/w", COSIGNATURE_ED25519, bytes([1]) * 32),
            "neighbour": Signer("neighbour.example/w", COSIGNATURE_MLDSA44, bytes([2]) * 32),
        }
        self.anchor = Signer(key.name, COSIGNATURE_MLDSA44, bytes([3]) * 32)
        self.states = {name: stack.enter_context(WitnessState(folder / name)) for name in self.keys}
        witnesses = {
            name: Witness([signer], [key.key], self.states[name], now_of(log)) for name, signer in self.keys.items()
        }
        urls = {name: stack.enter_context(served(witness)) for name, witness in witnesses.items()}
        lines = [f"witness {name} {self.keys[name].vkey} {urls[name]}" for name in self.keys]
        self.text = "\n".join(
            [
                f"log {key.vkey}",
                f"log {self.anchor.vkey}",
                *lines,
                "group both all regulator neighbour",
                "quorum both",
                "",
            ]
        ).encode()
        self.policy = parse_policy(self.text)
        self.publisher = start()
        pool = stack.enter_context(ConnectionPool(log.url, min_size=1, kwargs={"autocommit": True}))
        self.kept = Kept(pool, log.schema)
        self.clients = clients(self.policy, addresses(self.text))
        self.beat = Beat(self.publisher, self.kept, self.policy, self.clients, now_of(log), anchor=self.anchor)
        stack.callback(self.beat.close)


@pytest.fixture
def witnessed(  # noqa: PLR0913 - fixtures
    log: Any, start: Any, key: Signer, published: StaticFiles, tables: None, tmp_path: Path
) -> Iterator[Witnessed]:
    with ExitStack() as stack:
        yield Witnessed(log, start, key, published, stack, tmp_path)


def test_every_checkpoint_that_is_cosigned_is_kept_and_published(witnessed: Witnessed) -> None:
    """The same note goes to all; it meets the policy, is kept with its time, and stands in the published files."""
    for growth in (5, 300, 0):
        witnessed.log.append(growth)
        witnessed.publisher.round()
        kept = witnessed.beat.beat()
        assert kept is not None
        assert kept.quorum
        assert kept == witnessed.kept.latest_with_quorum()
        opened = open_checkpoint(witnessed.files.read(COSIGNED), witnessed.policy)
        assert set(opened.times) == {"regulator", "neighbour"}
        assert opened.checkpoint.size == witnessed.log.frontier.size
        witnessed.log.at += timedelta(minutes=1)
    assert [client.size for client in witnessed.clients] == [305, 305]


def test_a_receipt_is_a_proof_under_the_policy(witnessed: Witnessed) -> None:
    """What `Published` gives for a leaf verifies under the policy; what no checkpoint covers yet is said so."""
    published = Published(witnessed.files, witnessed.policy, b"")
    witnessed.log.append(300)
    with pytest.raises(NotCoveredYet):
        published.proof(0)
    witnessed.publisher.round()
    witnessed.beat.beat()
    for index in (0, 255, 256, 299):
        proof = parse_tlog_proof(published.proof(index, cosigned=True).encode())
        verify_tlog_proof(proof, leaf_hash(witnessed.log.entries[index]), witnessed.policy)
    latest = published.latest()
    assert latest is not None
    assert (latest.size, latest.quorum, {each.by for each in latest.cosigned}) == (
        300,
        True,
        {"regulator", "neighbour"},
    )
    assert latest.made_at == now_of(witnessed.log)().replace(microsecond=0)
    witnessed.log.append(1)
    witnessed.publisher.round()
    latest, cosigned = published.latest(), published.cosigned()
    assert latest is not None
    assert cosigned is not None
    assert (latest.size, latest.quorum, latest.made_at) == (301, False, None)
    assert (cosigned.size, published.covered) == (300, 301)
    with pytest.raises(NotCoveredYet):
        published.proof(301)


def test_an_anchor_is_made_once_an_hour(witnessed: Witnessed) -> None:
    """With the signature that stands against quantum computers, once an hour has gone and the log has grown."""
    made = []
    for minutes, growth in ((0, 3), (1, 3), (60, 3), (60, 0), (60, 1)):
        witnessed.log.at += timedelta(minutes=minutes)
        witnessed.log.append(growth)
        witnessed.publisher.round()
        kept = witnessed.beat.beat()
        assert kept is not None
        made.append(kept.anchor)
        if kept.anchor:
            assert open_note(kept.note.encode(), [witnessed.anchor.key]).signatures[0].time
    assert made == [True, False, True, False, True]


def test_kept_checkpoints_are_the_bracket_of_a_leaf(witnessed: Witnessed) -> None:
    """The last one without the leaf and the first one with it: between those two times it was recorded."""
    for growth in (5, 5, 5):
        witnessed.log.at += timedelta(minutes=1)
        witnessed.log.append(growth)
        witnessed.publisher.round()
        witnessed.beat.beat()
    for index, expected in (
        (0, (None, 5)),
        (4, (None, 5)),
        (5, (5, 10)),
        (9, (5, 10)),
        (14, (10, 15)),
        (15, (15, None)),
    ):
        before, after = witnessed.kept.before(index), witnessed.kept.after(index)
        assert (before and before.size, after and after.size) == expected


def test_what_is_kept_is_never_forgotten(witnessed: Witnessed) -> None:
    """Nobody changes or removes a kept checkpoint."""
    witnessed.log.append(3)
    witnessed.publisher.round()
    witnessed.beat.beat()
    for statement in (
        "DELETE FROM {schema}.checkpoint",
        "UPDATE {schema}.checkpoint SET quorum = false",
        "TRUNCATE {schema}.checkpoint CASCADE",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="for ever"):
            witnessed.log.execute(statement)


def test_without_its_quorum_the_log_goes_on_and_says_so(witnessed: Witnessed) -> None:
    """One witness away: the checkpoint is kept with what there is, the cosigned one stays, and the reason is told."""
    witnessed.log.append(3)
    witnessed.publisher.round()
    witnessed.beat.beat()
    witnessed.clients[0].url = "http://127.0.0.1:9"
    witnessed.log.append(3)
    assert witnessed.publisher.round().size == 6
    kept = witnessed.beat.beat()
    assert kept is not None
    assert not kept.quorum
    assert [bool(each.line) for each in witnessed.beat.answers] == [False, True]
    assert "cannot be reached" in witnessed.beat.answers[0].problem
    assert open_checkpoint(witnessed.files.read(COSIGNED), witnessed.policy).checkpoint.size == 3


def test_a_client_that_knows_nothing_learns_the_size(witnessed: Witnessed) -> None:
    """A publisher that starts again asks from zero, is told how far the witness is, and proves from there."""
    witnessed.log.append(5)
    witnessed.publisher.round()
    witnessed.beat.beat()
    witnessed.log.append(7)
    witnessed.publisher.round()
    for client in witnessed.clients:
        client.size = 0
    kept = witnessed.beat.beat()
    assert kept is not None
    assert kept.quorum


def test_a_split_view_is_refused_by_the_witness(witnessed: Witnessed) -> None:
    """Another history of the same size, signed with the log's own key, gets no cosignature, and an alarm."""
    witnessed.log.append(5)
    signed = witnessed.publisher.round()
    witnessed.beat.beat()
    forged = sign_checkpoint(Checkpoint(witnessed.key.name, signed.size, bytes(32)), [witnessed.key], 0)
    with pytest.raises(Unwilling) as unwilling:
        witnessed.clients[0].ask(signed.size, forged, lambda _: [], int(now_of(witnessed.log)().timestamp()))
    assert unwilling.value.alarming
    assert len(witnessed.states["regulator"].split_views()) == 1


def test_a_witness_that_has_seen_more_is_an_alarm(witnessed: Witnessed) -> None:
    """The log was rolled back, lock store and all: the witness remembers, and the sentence says what that means."""
    witnessed.log.append(9)
    witnessed.publisher.round()
    witnessed.beat.beat()
    shorter = WitnessClient("regulator", witnessed.keys["regulator"].key, witnessed.clients[0].url)
    note = sign_checkpoint(Checkpoint(witnessed.key.name, 4, bytes(32)), [witnessed.key], 0)
    with pytest.raises(Unwilling, match="entries were lost, or somebody else signs") as unwilling:
        shorter.ask(4, note, lambda _: [], 0)
    assert unwilling.value.alarming
    shorter.close()


FOREIGN = Signer("regulator.example/w", COSIGNATURE_ED25519, bytes([9]) * 32)
OWN = Signer("regulator.example/w", COSIGNATURE_ED25519, bytes([1]) * 32)


@pytest.mark.parametrize(
    ("status", "kind", "body", "words"),
    [
        (200, "text/plain", b"", "no cosignature"),
        (200, "text/plain", b"\xff\xfe", "no cosignature"),
        (200, "text/html", b"<html>welcome</html>", "no cosignature"),
        (200, "text/plain", b"x" * 70_000, "more than any"),
        (200, "text/plain", "FOREIGN", "no cosignature"),
        (200, "text/plain", "ALTERED", "no cosignature"),
        (200, "text/plain", "LATE", "clock"),
        (302, "text/plain", b"", "answered 302"),
        (403, "text/plain", b"", "does not know the key"),
        (404, "text/plain", b"", "does not know this log"),
        (409, "text/plain", b"", "split view"),
        (409, "text/x.tlog.size", b"", "none"),
        (409, "text/x.tlog.size", b"-1\n", "none"),
        (409, "text/x.tlog.size", b"0x10\n", "none"),
        (409, "text/x.tlog.size", b"9" * 500, "none"),
        (409, "text/x.tlog.size", b"99\n", "entries were lost"),
        (409, "text/x.tlog.size", b"2\n", "another size each time"),
        (422, "text/plain", b"", "history was changed"),
        (500, "text/plain", b"", "answered 500"),
    ],
)
def test_nonsense_is_refused_and_told(  # noqa: PLR0913 - fixtures and what is answered
    log: Any, start: Any, nonsense: Any, status: int, kind: str, body: bytes | str, words: str
) -> None:
    """Whatever a witness answers: no cosignature is taken from it, nothing fails, and one sentence says what it was."""
    url, tell = nonsense
    log.append(4)
    signed = start().round()
    text = signed.note.partition("\n\n")[0] + "\n"
    now = int(now_of(log)().timestamp())
    made = {
        "FOREIGN": FOREIGN.sign(text, now),
        "ALTERED": OWN.sign(text.replace("\n4\n", "\n5\n"), now),
        "LATE": OWN.sign(text, now + 3_600),
    }
    tell(status, kind, made[body].encode() if isinstance(body, str) else body)
    client = WitnessClient("regulator", OWN.key, url)
    with pytest.raises(Unwilling, match=words):
        client.ask(signed.size, signed.note, lambda _: [], now)
    client.close()


def test_lines_of_other_keys_are_not_taken_over(log: Any, start: Any, nonsense: Any) -> None:
    """Of an answer with several lines only the one by the witness's own key goes under the note."""
    url, tell = nonsense
    log.append(4)
    signed = start().round()
    text, now = signed.note.partition("\n\n")[0] + "\n", int(now_of(log)().timestamp())
    stranger = f"\N{EM DASH} someone.example {base64.b64encode(bytes(76)).decode()}\n"
    tell(200, "text/plain", (stranger + FOREIGN.sign(text, now) + OWN.sign(text, now)).encode())
    client = WitnessClient("regulator", OWN.key, url)
    assert client.ask(signed.size, signed.note, lambda _: [], now) == OWN.sign(text, now)
    client.close()
