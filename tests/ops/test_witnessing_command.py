"""`beforehand witness` and `beforehand audit`, as a regulator runs them: processes that may be killed at any moment."""

from __future__ import annotations

import base64
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any, Final

import httpx2
import pytest
from typer.testing import CliRunner

from ledger.notes import ED25519, Signer, sign_checkpoint
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, Edge
from ledger.tree import Frontier, MemoryTree, consistency_proof
from ledger.verify import NO_PREVIOUS, Checkpoint, leaf_hash, open_note, to_base64url
from ops.command_line.app import app

ROOT: Final = Path(__file__).parents[2]
ORIGIN: Final = "beforehand.example/la/test/1"
LOG: Final = Signer(ORIGIN, ED25519, bytes(range(32)))
ROUNDS: Final = 50 if os.environ.get("BEFOREHAND_ALL_KILLS") else 1


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def witness_process(state: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "ops", "--quiet", "witness", "--log", LOG.vkey, "--state", str(state)]
    command += ["--listen", f"127.0.0.1:{port}", "--name", "witness.example/w"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            while b"Listening" not in (line := process.stderr.readline()):
                assert line, "the witness ended"
            yield process
        finally:
            process.kill()


def ask(client: httpx2.Client, port: int, old: int, size: int, tree: MemoryTree) -> httpx2.Response:
    proof = consistency_proof(old, size, tree.node) if old else []
    lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
    note = sign_checkpoint(Checkpoint(ORIGIN, size, tree.root(size)), [LOG], 0)
    return client.post(f"http://127.0.0.1:{port}/add-checkpoint", content=f"old {old}\n{lines}\n{note}".encode())


@pytest.mark.parametrize("_attempt", range(ROUNDS))
def test_killed_at_any_moment_it_never_forgets_what_it_cosigned(tmp_path: Path, _attempt: int) -> None:
    """
    A log that grows asks without pause while the witness is killed; then it is started again.

    Whatever was cosigned is remembered: it never answers with a smaller size than one it has cosigned, and what was not
    answered is either remembered or not, but never half.
    """
    tree = MemoryTree(leaf_hash(b"%d" % each) for each in range(300))
    port, cosigned, said, until = free_port(), 0, 0, random.randint(1, 30)
    with witness_process(tmp_path, port) as process, httpx2.Client(timeout=10, trust_env=False) as client:
        end = Timer(random.uniform(0.0, 0.05), process.kill)
        with suppress(httpx2.HTTPError, OSError):
            while True:
                size = min(cosigned + random.randint(0, 5), tree.size)
                answer = ask(client, port, cosigned, size, tree)
                assert answer.status_code == 200
                cosigned, said = size, said + 1
                if said == until:
                    end.start()
        end.join()
    assert said >= until
    with witness_process(tmp_path, port) as process, httpx2.Client(timeout=10, trust_env=False) as client:
        remembered = int(ask(client, port, tree.size, tree.size, tree).text)
        assert cosigned <= remembered <= cosigned + 5
        assert ask(client, port, remembered, tree.size, tree).status_code == 200
        assert client.get(f"http://127.0.0.1:{port}/").status_code == 404
        assert client.get(f"http://127.0.0.1:{port}/add-checkpoint").status_code == 405
        assert client.post(f"http://127.0.0.1:{port}/add-checkpoint", content=bytes(70_000)).status_code == 413
        process.send_signal(signal.SIGTERM)


def published(folder: Path, entries: list[bytes]) -> None:
    edge, frontier, made = Edge(), Frontier(), []
    for entry in entries:
        frontier.append(leaf_hash(entry))
        made += edge.append(leaf_hash(entry), entry)
    note = sign_checkpoint(Checkpoint(ORIGIN, len(entries), frontier.root()), [LOG], 0)
    files = [(each.tile.path, each.content) for each in made + edge.partial()]
    StaticFiles(folder).write([*files, (CHECKPOINT, note.encode())])


def entry(stream: int, seq: int, prev: str) -> bytes:
    tag = to_base64url(bytes([stream]) * 32)
    return (
        f'{{"ver":"beforehand/event/1","iss":"{ORIGIN}","stream":"{tag}","seq":{seq},"prev":"{prev}",'
        f'"rec":"2026-11-22T05:04:00.123Z","_sd_alg":"sha-256","_sd":["{to_base64url(bytes(32))}"]}}'
    ).encode()


@pytest.fixture
def audit(tmp_path: Path) -> Any:
    """Runs `beforehand audit` on the published folder."""
    words = ["audit", str(tmp_path / "published"), "--log", LOG.vkey, "--state", str(tmp_path / "state")]
    return lambda *more: CliRunner().invoke(app, [*words, *more])


def test_an_audit_prints_the_cosigned_checkpoint(tmp_path: Path, audit: Any) -> None:
    """What it prints is a note that verifies, in words on standard error what it means."""
    first = entry(1, 1, NO_PREVIOUS)
    published(tmp_path / "published", [first, entry(2, 1, NO_PREVIOUS)])
    assert "Give the name" in audit().stderr
    done = audit("--name", "auditor.example/streams")
    assert done.exit_code == 0
    assert "2 entries in 2 streams" in done.stderr
    assert "No fork, no gap, nothing altered" in done.stderr
    note = done.stdout.encode()
    (line,) = [each for each in done.stdout.splitlines() if "auditor.example/streams" in each]
    assert line.startswith("\N{EM DASH} auditor.example/streams ")
    assert open_note(note, [LOG.key])


def test_what_an_audit_finds_is_its_exit_code(tmp_path: Path, audit: Any) -> None:
    """A forked stream: the sentence names the leaf, and nothing is printed that could pass for a cosignature."""
    first = entry(1, 1, NO_PREVIOUS)
    published(tmp_path / "published", [first, entry(2, 1, NO_PREVIOUS), entry(1, 1, NO_PREVIOUS)])
    done = audit("--name", "auditor.example/streams")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Leaf 2 is number 1 of its stream" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["witness", "--log", "nonsense", "--state", "s"], "A key is what"),
        (["witness", "--log", LOG.vkey, "--state", "s", "--listen", "8266"], "ADDRESS:PORT"),
        (
            ["audit", "p", "--log", LOG.vkey, "--log", Signer("other.example", 1, bytes(32)).vkey, "--state", "s"],
            "one log",
        ),
    ],
)
def test_what_cannot_be_understood_is_said(words: list[str], said: str) -> None:
    """Exit code 2, with how to write it."""
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
