"""The account of the operating system under which the server runs.

PostgreSQL refuses to run as root. Whoever is not root runs it as themselves; root runs it as an unprivileged account of
its own, made on first use. The permissions of folders that exist already are never changed.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import structlog

from ops.postgres.errors import AccountRefused, HomeRefused

log = structlog.get_logger(__name__)

ROOT: Final = 0
# What a child may know of our environment, which can hold secrets, and PGPORT and the like, which change the server.
INHERITED: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Account:
    """Somebody who can run programs: ourselves, or another account that root changes to."""

    name: str
    uid: int
    gid: int
    foreign: bool

    def run(
        self, command: Sequence[str | Path], *, output: int | IO[bytes] = subprocess.PIPE, held: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` as this account from `/`, with a bare environment, its messages in English.

        `output` takes both streams; `held` is a file descriptor the program and its children keep open.
        Raises `OSError` when the account cannot execute the program.
        """
        return subprocess.run(  # noqa: S603 - programs named by us
            [str(word) for word in command],
            cwd="/",
            env={name: os.environ[name] for name in INHERITED if name in os.environ} | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            pass_fds=() if held is None else (held,),
            user=self.uid if self.foreign else None,
            group=self.gid if self.foreign else None,
            extra_groups=[] if self.foreign else None,
        )

    def enters(self, folder: Path) -> bool:
        """Whether this account can go into `folder`. Tried, not computed: access lists and mounts have their say."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0

    def private(self, folder: Path) -> Path:
        """Make `folder` (mode 0700, owned by this account) unless it is there, and return it.

        In a shared temporary folder somebody else may have put a folder or a link under our name: then `HomeRefused`.
        """
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        ours = found.st_uid in {self.uid, os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or not ours or stat.S_IMODE(found.st_mode) & 0o077:
            raise HomeRefused(
                f"{folder} must be a folder that only {self.name} can enter, and it is not. Look at who made it, then "
                f"remove it: it is made again."
            )
        if found.st_uid != self.uid:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)
        return folder


def server_account() -> Account:
    """Find the account that the server runs as; for root it is made if it is missing.

    Root names it with `BEFOREHAND_PG_USER` (otherwise `beforehand`); where accounts cannot be made it is `nobody`.
    Raises `AccountRefused` when that would be root or nobody at all.
    """
    if os.geteuid() != ROOT:
        return Account(name=f"user {os.geteuid()}", uid=os.geteuid(), gid=os.getegid(), foreign=False)
    name = os.environ.get("BEFOREHAND_PG_USER") or "beforehand"
    entry = _entry(name) or _made(name) or _entry("nobody")
    if entry is None or entry.pw_uid == ROOT:
        raise AccountRefused(
            f"PostgreSQL must not run as root, and there is no other account named {name}. Name an existing "
            "unprivileged account with BEFOREHAND_PG_USER, or start Beforehand as a user other than root."
        )
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, foreign=True)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _made(name: str) -> pwd.struct_passwd | None:
    """Make a system account without a home or a shell; None where that cannot be done."""
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        return None
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false"]
    said = subprocess.run(  # noqa: S603 - a program of the system's
        [useradd, *options, "--", name], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    entry = _entry(name)  # also when another process was quicker
    log.info("postgres.account_made" if said.returncode == 0 else "postgres.account_not_made", account=name)
    return entry
