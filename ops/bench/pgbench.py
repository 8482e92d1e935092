"""
PostgreSQL's own limit: pgbench, a client written in C, adding one row of the same bytes at a time.

The table has the columns and the indexes of the log, with a position from a sequence; the statement is prepared; each
insert is its own transaction. There is no order, no tree, no sealing and no check that a version follows the last.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier

from ops.bench.load import LoadFailed, Turn
from ops.bench.turns import percentile
from ops.command_line.speaking import fail
from ops.postgres import BinariesMissing, LocalPostgres

_THREADS: Final = 2
_SAMPLED: Final = 0.2
"""Of how many transactions pgbench writes the latency down: all of them would cost it time."""

_LETTERS: Final = ascii_letters + digits + "-_"
_RATE: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_FAILED: Final = re.compile(r"^number of failed transactions: ([0-9]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of one row: the entry and its ciphertext."""

    entry: int
    state: int


class Pgbench:
    """Inserts rows of one size into a table of its own in `schema`."""

    def __init__(self, program: Path, url: str, schema: str, size: Size) -> None:
        self._program, self._url, self._size = program, url, size
        self._table = SQL("{}").format(Identifier(schema, "pgbench"))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema)))
            connection.execute(SQL(_TABLE).format(table=self._table))

    def turn(self, clients: int, seconds: float, folder: Path) -> Turn:
        """Insert for so long with so many clients. Raises `LoadFailed`."""
        script = folder / "insert.sql"
        script.write_text(_INSERT.format(table=self._table.as_string()), "utf-8")
        letters = Random(1)  # noqa: S311 - bytes that cannot be compressed, no secret
        command = [
            str(self._program), "--no-vacuum", "--protocol=prepared", f"--file={script}",
            f"--client={clients}", f"--jobs={min(clients, _THREADS)}", f"--time={max(1, round(seconds))}",
            "--log", f"--log-prefix={folder / 'latency'}", f"--sampling-rate={_SAMPLED}",
            f"--define=entry={''.join(letters.choices(_LETTERS, k=self._size.entry))}",
            f"--define=state={''.join(letters.choices(_LETTERS, k=self._size.state))}",
            self._url,
        ]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pgbench
        logs = [*folder.glob("latency.*")]
        taken = sorted(int(line.split()[2]) / 1000 for log in logs for line in log.read_text("utf-8").splitlines())
        for log in logs:
            log.unlink()
        return turn_of(said.stdout, said.stderr, taken)


def turn_of(said: str, complained: str, taken: list[float]) -> Turn:
    """Read what pgbench says at the end; `taken` are milliseconds, sorted. Raises `LoadFailed`."""
    rate, failed = _RATE.search(said), _FAILED.search(said)
    if rate is None or not taken:
        raise LoadFailed(f"pgbench ended without a result. It says: {complained.strip() or said.strip()}")
    if failed is not None and int(failed[1]):
        raise LoadFailed(f"{failed[1]} transactions of pgbench failed.")
    return Turn(float(rate[1]), percentile(taken, 50), percentile(taken, 99))


def program(server: LocalPostgres) -> Path:
    """Find pgbench: beside the server's own programs, in Debian's folders, on the PATH. Ends where it is not."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    places += [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    with suppress(BinariesMissing):
        places.insert(0, server.programs)
    found = next((place / "pgbench" for place in places if os.access(place / "pgbench", os.X_OK)), None)
    return found or fail(
        "The benchmark needs pgbench to know PostgreSQL's own limit. Install it with the database's programs "
        "(`uv sync --group postgres`; Debian: apt-get install postgresql)."
    )


_TABLE: Final = """
CREATE TABLE {table} (
    position           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    originator_id      uuid        NOT NULL,
    originator_version bigint      NOT NULL,
    recorded_at        timestamptz NOT NULL,
    topic              text        NOT NULL,
    entry              bytea,
    leaf_hash          bytea       NOT NULL,
    state              bytea,
    UNIQUE (originator_id, originator_version)
)"""
_INSERT: Final = """\
INSERT INTO {table} (originator_id, originator_version, recorded_at, topic, entry, leaf_hash, state)
VALUES (gen_random_uuid(), 1, clock_timestamp(), 'placement.move_decided@1', convert_to(:entry, 'UTF8'),
        '\\x3f2504e04f8941d39a0c0305e82c33013f2504e04f8941d39a0c0305e82c3301', convert_to(:state, 'UTF8'));
"""
