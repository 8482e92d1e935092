"""Where things lie: the home folder, what is in it, and the address of the server."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NewType
from urllib.parse import quote

from ops.postgres.errors import HomeRefused

Dsn = NewType("Dsn", str)
"""A PostgreSQL address in URL form. Ours holds no password: who reaches the socket may connect."""

ROLE: Final = "beforehand"
DATABASE: Final = "beforehand"
PORT: Final = 5432  # no port is opened: the number is only part of the socket's file name

# A socket's path has 108 bytes on Linux and 104 on macOS, one of them the closing NUL: the smaller holds everywhere.
SOCKET_PATH_LIMIT: Final = 103
SOCKET_NAME: Final = f".s.PGSQL.{PORT}"

# PostgreSQL's own programs put these between double quotes in a shell line of theirs, unescaped.
UNQUOTABLE: Final = frozenset('"$`\\\r\n')


def default_home() -> Path:
    """Return the folder that holds the embedded database when nobody names another.

    `BEFOREHAND_HOME`, else `/var/lib/beforehand` for root, else `beforehand` in the user's data folder (XDG).
    """
    if named := os.environ.get("BEFOREHAND_HOME"):
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/beforehand")
    if shared := os.environ.get("XDG_DATA_HOME"):
        return Path(shared) / "beforehand"
    return Path.home() / ".local" / "share" / "beforehand"


@dataclass(frozen=True)
class Places:
    """The paths of one home; see the room's docstring for what each holds."""

    home: Path

    @classmethod
    def of(cls, home: Path) -> "Places":
        """Name the places of `home`, which need not exist. Raises `HomeRefused` for a path PostgreSQL cannot quote."""
        whole = home.expanduser().resolve()
        if UNQUOTABLE & set(str(whole)):
            raise HomeRefused(
                f"The path {str(whole)!r} holds a quote, dollar sign, backtick, backslash or line break, which "
                "PostgreSQL's programs cannot take. Choose another folder with BEFOREHAND_HOME."
            )
        return cls(whole)

    @property
    def data(self) -> Path:
        """The data directory of the server."""
        return self.home / "postgres"

    @property
    def process_file(self) -> Path:
        """Where a running server notes its process id and its socket directory; stale after a crash."""
        return self.data / "postmaster.pid"

    @property
    def lock(self) -> Path:
        """The file that the server's processes hold locked."""
        return self.home / "postgres.lock"

    @property
    def users(self) -> Path:
        """The file that those who share the server hold locked together."""
        return self.home / "postgres.users"

    @property
    def configuration(self) -> Path:
        """Our settings. It lies outside the data, so that only we can write it."""
        return self.home / "postgres.conf"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "postgres.log"

    @property
    def binaries(self) -> Path:
        """The copies of the programs, one folder for each version of the wheel."""
        return self.home / "binaries"

    @property
    def sockets(self) -> Path:
        """The private directory of the socket of a running server.

        `TMPDIR` may differ between the process that started the server and one that asks now, so a directory noted by
        the server wins, provided it bears the name we would give it: a copied home carries the note of another server.
        """
        ours = self.sockets_to_open
        noted = _noted_sockets(self.process_file)
        return noted if noted is not None and noted.name == ours.name != "run" else ours

    @property
    def sockets_to_open(self) -> Path:
        """Where a server that starts now puts its socket: `run` in the home, or a short path in the temporary folder.

        The short name is made from the path of the data, so that every process finds it.
        """
        near = self.home / "run"
        if _fits(near):
            return near
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()
        far = Path(tempfile.gettempdir()).resolve() / f"beforehand-{digest[:12]}"
        if not _fits(far):
            raise HomeRefused(
                f"The path {self.home} is too long for a socket or has a comma, and so is or has the temporary folder "
                f"{far.parent}. Choose a shorter folder with BEFOREHAND_HOME."
            )
        return far

    def dsn(self, database: str = DATABASE) -> Dsn:
        """Return the address of `database`, which says all that PGHOST, PGPORT or PGUSER could otherwise change."""
        return Dsn(f"postgresql:///{database}?host={quote(str(self.sockets), safe='')}&port={PORT}&user={ROLE}")


def _fits(sockets: Path) -> bool:
    """Whether the path is short enough, and has no comma, at which clients would divide it into two servers."""
    return len(os.fsencode(sockets / SOCKET_NAME)) <= SOCKET_PATH_LIMIT and "," not in str(sockets)


def _noted_sockets(process_file: Path) -> Path | None:
    """Read the fifth line of postmaster.pid: the socket directory (PostgreSQL, miscadmin.h)."""
    try:
        lines = process_file.read_text(errors="replace").splitlines()
    except OSError:
        return None
    return Path(lines[4]) if len(lines) > 4 and lines[4] else None  # noqa: PLR2004 - the format
