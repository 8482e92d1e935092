"""The claim to a home: one server, known by the kernel and not by guessing process ids.

Whoever starts the server locks a file and hands the open file to it; the server and all processes it starts inherit
it, and the kernel lets go of the lock when the last of them is gone, however they ended. So whoever gets the lock knows
that nothing of the server is alive, and whoever does not waits: for its start, its recovery or its end. The lock is
given up by closing the file and never by unlocking it, which would take it from the server too.
"""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import structlog

from ops.postgres.places import SOCKET_NAME, Places

log = structlog.get_logger(__name__)


@contextmanager
def claim(lock: Path) -> Iterator[int | None]:
    """Lock the file and give its descriptor, to be handed to the server; None when a server or a starter has it."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield descriptor
    finally:
        os.close(descriptor)


def share(lock: Path) -> int:
    """Lock the file together with others, and give its descriptor: closing it, or dying, ends the share.

    Waits while somebody has the file claimed.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def remove_stale_process_files(places: Places) -> None:
    """Remove the process files of a server that died, where they would keep PostgreSQL from starting.

    To be called with the claim in hand. PostgreSQL copes by itself with a file whose process is gone; it refuses when
    the number has been given to another process of the same account (a container started again), or belongs to a dead
    one that nobody has buried. A server that somebody started by hand does not hold our lock: its files stay.
    """
    for file in (places.process_file, places.sockets_to_open / f"{SOCKET_NAME}.lock"):
        process = _process_named_in(file)
        if process is None:
            continue
        command = _command_line(process)
        if command is not None and not _may_serve(command, places.data):
            log.warning("postgres.stale_process_file_removed", file=file.name)
            file.unlink(missing_ok=True)


def _process_named_in(file: Path) -> int | None:
    try:
        return abs(int(file.read_text().split("\n", 1)[0]))  # negative in single-user mode
    except (OSError, ValueError):
        return None


def _command_line(process: int) -> list[str] | None:
    """Read the command that `process` runs: empty for a dead one not buried yet, None when it is gone."""
    if Path("/proc/self/cmdline").exists():
        try:
            line = Path(f"/proc/{process}/cmdline").read_bytes()
        except OSError:
            return None
        return [os.fsdecode(word) for word in line.split(b"\0") if word]
    question = ["/bin/ps", "-ww", "-o", "command=", "-p", str(process)]
    said = subprocess.run(question, capture_output=True, check=False)  # noqa: S603 - a program of the system's
    return os.fsdecode(said.stdout).split() if said.returncode == 0 else None


def _may_serve(command: list[str], data: Path) -> bool:
    """Whether `command` is a PostgreSQL server, unless it says that it serves other data."""
    if not command or Path(command[0]).name not in {"postgres", "postmaster"}:
        return False
    named = [Path(after) for word, after in pairwise(command) if word == "-D"]
    return not named or not named[0].is_absolute() or named[0].resolve() == data
