"""One PostgreSQL server of one home: start, ask, stop."""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
import structlog
from psycopg import pq, sql

from ops.postgres import binaries, data, settings
from ops.postgres.account import Account, server_account
from ops.postgres.claim import claim, remove_stale_process_files, share
from ops.postgres.errors import HomeRefused, StartFailed, StopFailed
from ops.postgres.places import DATABASE, Dsn, Places

log = structlog.get_logger(__name__)

RECOVERY_SECONDS: Final = 600.0  # after a crash the server first replays the log of its writes
PATIENCE_SECONDS: Final = 3.0
STOP_SECONDS: Final = 120
ANSWER_SECONDS: Final = 2
REFUSALS: Final = 60  # of a server that answers and yet takes no connection
_NOT_AS_IT_SHOULD: Final = "The database server answers, but not as it should."
LOG_LIMIT_BYTES: Final = 1_000_000
LOG_TAIL_BYTES: Final = 2_000


class LocalPostgres:
    """The embedded server. Any number of objects and processes may speak for the same home: there is one server.

    After `start` the server outlives the process that started it, until `stop`. As a context manager it is shared: it
    runs while anybody is inside, in whatever process, and the last one out stops it.
    """

    def __init__(self, home: Path, **chosen: str) -> None:
        """Speak for the server of `home`, which need not exist yet; `chosen` are PostgreSQL settings by name.

        Settings take effect when the server starts, not while it runs. Raises `SettingRefused` or `HomeRefused`.
        """
        self._places = Places.of(home)
        self._chosen = settings.checked(chosen)
        self._shares: list[int] = []

    @property
    def dsn(self) -> Dsn:
        """The address of the database, whether or not the server runs."""
        return self._places.dsn()

    @property
    def programs(self) -> Path:
        """The folder of the PostgreSQL programs, whether or not the server runs. Raises `PostgresError`."""
        return binaries.found(server_account(), self._places).folder

    def running(self) -> bool:
        """Whether the server answers and takes connections. Waits at most 2 seconds."""
        return self._answer() == pq.Ping.OK

    def start(self) -> Dsn:
        """See that the server runs and return its address.

        Makes the database if there is none, and waits up to 600 seconds for recovery after a crash. Safe to call at any
        time from any process: exactly one starts the server, the others wait for it. Raises `PostgresError`.
        """
        began = time.monotonic()
        patient = False
        log_begins: int | None = None  # our own attempt: where its lines begin in the server's log
        self._make_home()
        refused = 0
        while True:
            if self.running():
                try:
                    self._make_database()
                    break
                except psycopg.OperationalError as error:  # one of its processes has just been killed: it recovers
                    refused += 1
                    if refused > REFUSALS:
                        raise StartFailed(f"{_NOT_AS_IT_SHOULD} It says: {error}") from error
            with claim(self._places.lock) as held:
                if held is not None:
                    # Nothing of the server is alive. If we have launched it already, it has come to its end.
                    if log_begins is not None:
                        raise StartFailed(f"The database server stopped while starting. {self._log_from(log_begins)}")
                    log_begins = self._launch(held)
            waited = time.monotonic() - began
            if waited > RECOVERY_SECONDS:
                raise StartFailed(
                    f"The database server has not answered for {RECOVERY_SECONDS:.0f} seconds. It may still be "
                    f"recovering: try again later. {self._log_from(log_begins)}"
                )
            if waited > PATIENCE_SECONDS and not patient:
                patient = True
                log.info("postgres.waiting", reason="recovery after a crash, or another process is at work")
            time.sleep(min(max(0.01, waited / 10), 1))  # in a long recovery each question is a line in the log
        if log_begins is not None:
            log.info("postgres.started", seconds=round(time.monotonic() - began, 2))
        return self.dsn

    def stop(self) -> None:
        """Let running statements fail, write everything down and end the server. Does nothing if none answers.

        Waits up to 120 seconds. Raises `StopFailed` when the server still answers then.
        """
        if self._answer() == pq.Ping.NO_RESPONSE:
            return
        # Something answers on the private socket, so the process that postmaster.pid names is that server.
        account = server_account()
        pg_ctl = binaries.found(account, self._places) / "pg_ctl"
        options = ["--mode=fast", "--wait", f"--timeout={STOP_SECONDS}", "--silent"]
        said = account.run([pg_ctl, "stop", "-D", self._places.data, *options])
        if said.returncode != 0 and self._answer() != pq.Ping.NO_RESPONSE:
            raise StopFailed(f"The database server in {self._places.data} does not stop. It says: {said.stdout}")
        log.info("postgres.stopped")

    def __enter__(self) -> Self:
        """Start the server unless it runs, and keep others from stopping it."""
        self._make_home()
        share_of_ours = share(self._places.users)
        try:
            self.start()
        except BaseException:
            os.close(share_of_ours)
            raise
        self._shares.append(share_of_ours)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server if nobody else is inside; whoever comes now waits, then starts it again."""
        os.close(self._shares.pop())
        with claim(self._places.users) as alone:
            if alone is not None:
                self.stop()

    def _answer(self) -> pq.Ping:
        question = f"{self._places.dsn('postgres')}&connect_timeout={ANSWER_SECONDS}"
        return pq.Ping(pq.PGconn.ping(question.encode()))

    def _make_home(self) -> None:
        """Make the home: for root open to be passed through, since the server's account needs to; otherwise private."""
        home = self._places.home
        try:
            if not home.exists():
                home.mkdir(parents=True, exist_ok=True)
                home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            message = f"{home} cannot be made ({error}). Choose another folder with BEFOREHAND_HOME."
            raise HomeRefused(message) from error
        if not os.access(home, os.W_OK | os.X_OK):
            raise HomeRefused(f"You may not write in {home}. Choose another folder with BEFOREHAND_HOME.")

    def _launch(self, held: int) -> int:
        """Start the server's processes and hand them the claim, without waiting for an answer.

        Returns where their lines in the log begin.
        """
        places = self._places
        account = server_account()
        _check_reach(account, places.home)
        programs = binaries.found(account, places)
        data.make_or_check(places, account, programs, held)
        sockets = account.private(places.sockets_to_open)
        remove_stale_process_files(places)
        _replace(places.configuration, settings.written(sockets, self._chosen))
        if places.log.exists() and places.log.stat().st_size > LOG_LIMIT_BYTES:
            places.log.replace(places.log.with_suffix(".log.1"))
        with open(places.log, "ab", opener=_private) as output:
            begins = output.tell()
            # Without --log the server writes to the file we opened, which its account could not open by itself.
            account.run([programs / "pg_ctl", "start", "--no-wait", "-D", places.data], output=output, held=held)
        return begins

    def _make_database(self) -> None:
        """Make the database if it is missing: a new server has only PostgreSQL's own."""
        address = self._places.dsn("postgres")
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=ANSWER_SECONDS) as connection:
                there = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if there is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            pass  # another starter was quicker
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            raise StartFailed(f"{_NOT_AS_IT_SHOULD} It says: {error}") from error

    def _log_from(self, begins: int | None) -> str:
        """Quote the end of the server's log for people; only from `begins` on, where it is known."""
        try:
            text = self._places.log.read_bytes()
        except OSError:
            return f"Its log is {self._places.log}."
        lines = text[max(begins or 0, len(text) - LOG_TAIL_BYTES) :].decode(errors="replace").strip()
        return f"Its log {self._places.log} ends:\n{lines}"


def _check_reach(account: Account, home: Path) -> None:
    if not account.enters(home):
        raise HomeRefused(
            f"The database server runs as {account.name}, who cannot enter {home}. Set BEFOREHAND_HOME to a folder "
            "that every user can pass through, for example /var/lib/beforehand."
        )


def _replace(file: Path, text: str) -> None:
    """Write `file` whole or not at all, readable by the server's account."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text)
    new.chmod(0o644)
    new.replace(file)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
