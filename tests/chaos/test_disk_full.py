"""The disk of the database is full: nothing acknowledged is lost, nothing else stands, and with room it goes on."""

from __future__ import annotations

import asyncio
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg

from ledger.errors import LedgerError, LedgerUnavailable
from ledger.mapper import SealedEvent
from ledger.recorder import CONNECTION
from ledger.writer import Appended, LogWriter
from ops.postgres import LocalPostgres
from ops.storage.migrations import migrate
from tests.chaos.house import PATIENCE
from tests.ledger.conftest import ORIGIN
from tests.ledger.test_writer import event, stands
from tests.ledger.whole_log import whole_log

SCHEMA = "filled"
DISK = 230
"""Megabytes: a new database, its write-ahead log, and little more."""
LARGEST_FILE = 40_000_000
"""Bytes: more than a segment of the write-ahead log has, less than a table gets."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], None]]:
    """A disk of a few megabytes, where this account may make one; gives what takes the ballast off it."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=0755", "tmpfs", folder], check=True)
    try:
        yield (folder / "ballast").unlink
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def small_files() -> Iterator[Callable[[], None]]:
    """No file larger than a limit, for this process and those it begins; gives what lifts the limit."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, before[1]))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def may_mount(folder: Path) -> bool:
    """Whether this account may make a disk."""
    tried = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True)
    return tried.returncode == 0 and subprocess.run(["umount", folder], check=True).returncode == 0


def test_a_full_disk_loses_nothing() -> None:
    """Appended to until there is no room: each is told, and what was acknowledged is what stands, then and later."""
    acknowledged: list[tuple[SealedEvent, Appended]] = []
    refused: list[BaseException] = []

    async def fill(dsn: str, until: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), aclosing(LogWriter(dsn, SCHEMA)) as writer:
            while not until():
                new = [event(uuid4(), 1, size=250_000) for _ in range(8)]
                for each, answer in zip(
                    new, await asyncio.gather(*(writer.append([e]) for e in new), return_exceptions=True), strict=True
                ):
                    if isinstance(answer, tuple):
                        acknowledged.append((each, answer))
                    else:
                        refused.append(answer)

    with TemporaryDirectory(prefix="beforehand-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with small_disk(folder) if may_mount(folder) else small_files() as make_room:
            postgres = LocalPostgres(folder, max_wal_size="64MB", shared_buffers="16MB")
            try:
                with psycopg.connect(postgres.start(), autocommit=True) as connection:
                    migrate(connection, SCHEMA)
                    connection.execute(f"SELECT {SCHEMA}.begin_log(%s)", [ORIGIN])
                (folder / "ballast").write_bytes(bytes(60_000_000))
                asyncio.run(fill(postgres.dsn, lambda: len(refused) >= 8))
                assert {type(each) for each in refused} <= {LedgerError, LedgerUnavailable}
                known = [each for each in refused if "Nothing was recorded" in str(each)]

                make_room()
                postgres.stop()
                postgres.start()
                before = len(acknowledged)
                asyncio.run(fill(postgres.dsn, lambda: len(acknowledged) > before + 8))
                with psycopg.connect(postgres.dsn, **CONNECTION) as connection:
                    leaves = whole_log(connection, SCHEMA)
                assert all(stands(leaves, [each], answer) for each, answer in acknowledged)
                assert len(acknowledged) <= len(leaves) <= len(acknowledged) + len(refused) - len(known)
            finally:
                make_room() if (folder / "ballast").exists() else None
                postgres.stop()
