"""What every test may ask for: a real PostgreSQL, an authority of its own, an end, and skips that count."""

from __future__ import annotations

import faulthandler
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg_pool import ConnectionPool

from api.casework import Casework, casework
from domain.case.fact import Fact
from ledger.log import Log
from ledger.recorder import CONNECTION
from ops.postgres import LocalPostgres, PostgresError
from ops.postgres.account import server_account
from ops.storage.migrations import migrate
from tests.keeping import kept_log

settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("house")

Pool = ConnectionPool[psycopg.Connection[Any]]

STUCK_AFTER = 300.0
"""Seconds after which the set-up of a test, the test or its tear-down is stuck: ten times what the longest takes."""
STACKS = pytest.StashKey[int]()
"""Where the stacks go: standard error, which is another file while a test runs."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep standard error at hand, and make the account of the server before several workers would, all at once."""
    config.stash[STACKS] = os.dup(2)
    if not hasattr(config, "workerinput"):
        with suppress(PostgresError):  # told to the tests that start a server; the others need none
            server_account()


@contextmanager
def bounded(item: pytest.Item) -> Iterator[None]:
    """
    Let nothing last for ever: tell the stacks of all threads, and end. The end of a worker is the failure of its test.

    pytest's own `faulthandler_timeout` lets go with the first failure, and what hangs is often the tear-down after it.
    """
    faulthandler.dump_traceback_later(STUCK_AFTER, exit=True, file=item.config.stash[STACKS])
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Bound the set-up."""
    with bounded(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Bound the test."""
    with bounded(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Bound the tear-down, also that of the module and of the session."""
    with bounded(item):
        return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Bound what is left: a thread that nobody has stopped would keep the process."""
    faulthandler.dump_traceback_later(60.0, exit=True, file=config.stash[STACKS])


@pytest.hookimpl(hookwrapper=True)
def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None]:
    """Say loudly how many tests did not run."""
    yield
    skipped = len(terminalreporter.stats.get("skipped", ()))
    if skipped:
        terminalreporter.write_line(f"{skipped} TESTS WERE SKIPPED and prove nothing.", red=True, bold=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """A PostgreSQL server of this test run's own, in a folder that its account can reach."""
    home = Path(tempfile.mkdtemp(prefix="beforehand-"))
    home.chmod(0o755)
    server = LocalPostgres(home, fsync="off", synchronous_commit="off")
    os.environ["BEFOREHAND_KEYS"] = str(home / "keys")
    try:
        yield server.start()
    finally:
        del os.environ["BEFOREHAND_KEYS"]
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def schema(database: str) -> Iterator[str]:
    """The schema of an authority nobody else uses, up to date and empty."""
    name = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, name)
        yield name
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    """Connections as the product makes them."""
    with ConnectionPool(database, min_size=1, max_size=8, kwargs=CONNECTION) as pool:
        yield pool


@pytest.fixture
def kept(pool: Pool, schema: str) -> Iterator[Log[Fact]]:
    """The log of the test's own authority, begun."""
    with kept_log(pool, schema) as kept:
        yield kept


@pytest.fixture
def ledger(pool: Pool, kept: Log[Fact]) -> Casework:
    """The case ledger of the test's own authority."""
    return casework(pool, kept)


@pytest.fixture
def now() -> datetime:
    """The present moment of a test that does not care which."""
    return datetime.now(UTC)
