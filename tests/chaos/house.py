"""A house of processes that a test may kill: database, server, publisher, witness, and clients that never give up."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import psycopg

from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer
from ledger.publisher.static_files import StaticFiles
from ledger.tiles import CHECKPOINT, NoSuchTile
from ledger.verify import Checkpoint, Policy, open_checkpoint, parse_policy, trust_only
from ledger.witness import WitnessState, own_key
from ops.postgres import LocalPostgres
from ops.storage.migrations import migrate

ROOT: Final = Path(__file__).parents[2]
AUTHORITY: Final = "shaken"
ORIGIN: Final = f"beforehand.example/la/{AUTHORITY}/1"
PATIENCE: Final = 200.0
"""Seconds after which a test gives up waiting; no promise is about time."""
PROGRAMS: Final = ("server", "publisher", "witness")
VICTIMS: Final = (*PROGRAMS, "backend", "postgres")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@dataclass
class Program:
    """One of our commands, run until it is killed, and begun again where it ends because another is not there yet."""

    arguments: Sequence[str]
    environment: dict[str, str]
    ready: str
    said: Path
    process: subprocess.Popen[bytes] | None = None
    _begins: int = 0

    def launch(self) -> None:
        """Begin it, without waiting."""
        with self.said.open("ab") as output:
            self._begins = output.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops", *self.arguments],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
            )

    def until_ready(self) -> None:
        """Wait until it says that it is ready; begin it again where it ends, as whoever looks after it would."""
        ends = monotonic() + PATIENCE
        while re.search(self.ready, self.last_words()) is None:
            assert monotonic() < ends, self.last_words()
            assert self.process is not None
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
                assert "Traceback" not in self.last_words(), self.last_words()
                self.launch()

    def last_words(self) -> str:
        """Give what it has said since it was begun."""
        return self.said.read_bytes()[self._begins :].decode(errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def lives(self) -> bool:
        """Tell whether it still runs."""
        return self.process is not None and self.process.poll() is None


@dataclass
class House:
    """All of it, in one folder."""

    folder: Path
    postgres: LocalPostgres
    port: int
    programs: dict[str, Program]
    policy: Policy
    published: StaticFiles
    seen: list[Checkpoint] = field(default_factory=list)
    """Checkpoints that were published, in the order they were seen."""

    def begin(self, order: Sequence[str]) -> None:
        """Begin all of it in some order, and wait until all are ready."""
        self.revive(order)

    def kill(self, victim: str) -> None:
        """Kill one of `VICTIMS`."""
        if victim == "postgres":
            os.kill(int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        elif victim == "backend":
            with psycopg.connect(self.postgres.dsn, autocommit=True) as connection:
                ours = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                ).fetchall()
            if ours:
                os.kill(random.choice(ours)[0], signal.SIGKILL)
        else:
            self.programs[victim].kill()

    def revive(self, victims: Sequence[str]) -> None:
        """Begin again what was killed, in this order. PostgreSQL begins its backends itself."""
        for each in victims:
            if each in self.programs:
                self.programs[each].launch()
            else:
                self.postgres.start()
        for each in self.programs.values():
            each.until_ready()

    def last_words(self) -> dict[str, str]:
        """Give what each program said last."""
        return {name: each.last_words()[-1000:] for name, each in self.programs.items()}

    def checkpoint(self) -> Checkpoint | None:
        """Give the checkpoint that is published now, signed by the log."""
        try:
            note = self.published.read(CHECKPOINT)
        except NoSuchTile:
            return None
        return open_checkpoint(note, trust_only(str(self.policy.logs[0]))).checkpoint

    def covering(self, position: int) -> Checkpoint:
        """Wait for a checkpoint that covers a position."""
        return eventually(lambda: found if (found := self.checkpoint()) and found.size >= position else None)

    def cosigned(self, position: int) -> Checkpoint:
        """Wait for a checkpoint that covers a position and meets the policy."""

        def asked() -> Checkpoint | None:
            with suppress(Exception):
                found = open_checkpoint(self.published.read(CHECKPOINT), self.policy).checkpoint
                return found if found.size >= position else None
            return None

        return eventually(asked)


def eventually(happens: Callable[[], Any]) -> Any:
    """Try until it happens."""
    ends = monotonic() + PATIENCE
    pause = Condition()
    while monotonic() < ends:
        if (found := happens()) is not None:
            return found
        with pause:
            pause.wait(0.02)
    raise AssertionError("it never happened")


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """Build a house, migrated, with nothing running but its database; end all of it afterwards."""
    folder.chmod(0o755)
    postgres = LocalPostgres(folder, fsync="off")  # what is killed leaves to the kernel what it has written
    signing, lock, witness = folder / "signing", folder / "lock", folder / "witness"
    for each in (signing, witness):
        each.mkdir(mode=0o700)
    log, anchor = Signer.generate(ORIGIN, ED25519), Signer.generate(ORIGIN, COSIGNATURE_MLDSA44)
    log.save(signing / "log.key")
    anchor.save(signing / "anchor.key")
    cosigner = own_key(witness / "witness.key", "witness.example/w", COSIGNATURE_ED25519)
    with WitnessState(witness / "witness.sqlite"):
        pass  # a key without a state would be taken for a state that was lost
    port, listens = free_port(), free_port()
    policy = folder / "policy"
    policy.write_text(
        f"log {log.vkey}\nlog {anchor.vkey}\nwitness w {cosigner.vkey} http://127.0.0.1:{listens}\nquorum w\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": postgres.dsn,
        "BEFOREHAND_KEYS": str(folder / "keys"),
    }
    publishing = {
        "BEFOREHAND_PUBLISHED": str(folder / "published"),
        "BEFOREHAND_LOCK_STORE": str(lock),
        "BEFOREHAND_SIGNING_KEYS": str(signing),
        "BEFOREHAND_TRUST_POLICY": str(policy),
    }
    commands = {
        "server": (("serve", "--port", str(port), "--authority", AUTHORITY), environment, "Open http"),
        "publisher": (
            ("ledger", "publish", "--every", "1", "--authority", AUTHORITY),
            environment | publishing,
            "Publishing",
        ),
        "witness": (
            ("witness", "--listen", f"127.0.0.1:{listens}", "--state", str(witness), "--log", log.vkey),
            environment,
            "Listening",
        ),
    }
    programs = {name: Program(*how, folder / f"{name}.said") for name, how in commands.items()}
    try:
        with psycopg.connect(postgres.start(), autocommit=True) as connection:
            migrate(connection, AUTHORITY)
        yield House(
            folder, postgres, port, programs, parse_policy(policy.read_bytes()), StaticFiles(folder / "published")
        )
    finally:
        for each in programs.values():
            if each.lives():
                each.kill()
        postgres.stop()


@dataclass(frozen=True)
class Acknowledged:
    """What a client was told: where one of its commands stands."""

    case: str
    ref: str
    version: int
    position: int


@dataclass
class Load:
    """Clients that record visits, each under a key of its own, and send a command again until it is acknowledged."""

    port: int
    clients: int = 4
    done: list[Acknowledged] = field(default_factory=list)
    amiss: list[tuple[int, bytes]] = field(default_factory=list)
    """Answers that nobody should get, whatever is killed."""
    resent: int = 0
    _moved: Condition = field(default_factory=Condition)
    _stopping: bool = False
    _cases: list[str] = field(default_factory=list)

    @contextmanager
    def at_work(self) -> Iterator[Load]:
        """Have clients at work for the time of a `with`; every command they have begun is acknowledged at its end."""
        self._stopping = False
        threads = [Thread(target=self._work, name=f"client {n}") for n in range(self.clients)]
        for each in threads:
            each.start()
        try:
            yield self
        finally:
            self._stopping = True
            for each in threads:
                each.join()

    def more(self, count: int) -> int:
        """Wait until so many more commands were acknowledged, and give the last position."""
        with self._moved:
            until = len(self.done) + count
            assert self._moved.wait_for(lambda: len(self.done) >= until, PATIENCE), self.amiss
            return max(each.position for each in self.done)

    def _work(self) -> None:
        while not self._stopping:
            ref = f"r{uuid4().hex}"
            if len(self._cases) < self.clients or random.random() < 0.05:
                self._acknowledged("/v1/cases", {"do": "open_case", "child": "Mina", "ref": ref}, ref)
            else:
                case = random.choice(self._cases)
                body = {"do": "record_visit", "ref": ref, "visited": "2026-03-08", "seen_alone": "YES"}
                self._acknowledged(f"/v1/cases/{case}/commands", body, ref)

    def _acknowledged(self, address: str, body: Any, ref: str) -> None:
        """Send a command until it is acknowledged."""
        ends = monotonic() + PATIENCE
        key = uuid4().hex
        while True:
            status, said = self._sent(address, body, key)
            if status == 201:
                break
            if status not in (0, 503) and b"version_conflict" not in said:
                self.amiss.append((status, said))
                return
            if monotonic() > ends:
                self.amiss.append((status, b"never acknowledged: " + said))
                return
            with self._moved:
                self.resent += 1
                self._moved.wait(0.05)
        answer = json.loads(said)
        if answer["refs"] != [ref]:
            self.amiss.append((status, said))
        with self._moved:
            self.done.append(Acknowledged(answer["case_id"], ref, answer["version"], answer["position"]))
            if answer["version"] == 1:
                self._cases.append(answer["case_id"])
            self._moved.notify_all()

    def _sent(self, address: str, body: Any, key: str) -> tuple[int, bytes]:
        """Send it once. Status 0 where the connection ended before an answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(
                "POST", address, json.dumps(body), {"Content-Type": "application/json", "Idempotency-Key": key}
            )
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            line.close()
