"""The data directory: made whole or not at all, and looked at before it is served."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import structlog

from ops.postgres.account import Account
from ops.postgres.binaries import Binaries
from ops.postgres.errors import DataRefused, InitialisationFailed
from ops.postgres.places import ROLE, Places

log = structlog.get_logger(__name__)

# Text is ordered by code point and knows all letters, whatever the machine's languages are; pages carry checksums;
# only those who can reach the socket get in, and nobody over the network.
CHOICES: Final = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--auth-local=trust",
    "--auth-host=reject",
    f"--username={ROLE}",
)
UNFINISHED: Final = "unfinished-"


def make_or_check(places: Places, account: Account, binaries: Binaries, held: int) -> None:
    """Make the data directory if there is none, otherwise see that `account` and `binaries` can serve it.

    To be called with the claim `held`. Raises `DataRefused` or `InitialisationFailed`.
    """
    data = places.data
    if not data.exists():
        _make(places, account, binaries, held)
        return
    if (owner := data.stat().st_uid) != account.uid:
        raise DataRefused(
            f"The database in {data} belongs to user {owner}, but the server would run as {account.name}. Run "
            f"Beforehand as that user, or hand the folder over: chown -R {account.uid}:{account.gid} {data}"
        )
    try:
        made_by = int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        if any(data.iterdir()):
            raise DataRefused(
                f"The folder {data} holds something that is not a database. Move it away, or choose another home with "
                "BEFOREHAND_HOME."
            ) from None
        _make(places, account, binaries, held)
        return
    if made_by != binaries.major:
        raise DataRefused(
            f"The database in {data} was made by PostgreSQL {made_by}, and the programs here are {binaries.major}. "
            f"Name the bin folder of PostgreSQL {made_by} with PGBIN, or carry the data over with pg_upgrade."
        )


def _make(places: Places, account: Account, binaries: Binaries, held: int) -> None:
    """Make the database in a folder beside its place and move it there at the end, so that a kill leaves no half of it.

    `initdb` keeps the claim too: whoever holds it after us knows that no forgotten one is still writing.
    """
    for abandoned in places.home.glob(f"{UNFINISHED}*"):
        shutil.rmtree(abandoned)
    log.info("postgres.making_database")
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=places.home))
    try:
        os.chown(unfinished, account.uid, account.gid)
        said = account.run([binaries / "initdb", "-D", unfinished, *CHOICES], held=held)
        if said.returncode != 0:
            raise InitialisationFailed(f"PostgreSQL could not make a database in {places.home}. It says: {said.stdout}")
        with (unfinished / "postgresql.conf").open("a") as settings:
            settings.write(f"\ninclude_if_exists = '../{places.configuration.name}'\n")
            settings.flush()
            os.fsync(settings.fileno())
        unfinished.rename(places.data)
        _sync(places.home)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Let the renaming itself survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
