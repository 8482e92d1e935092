"""Files that are no histories, and imports that are cut short: a plain sentence, whole children or none."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ops.importers.history import case_id_of
from tests.hostile.conftest import PATIENCE, ROOT

CANARY = "Kanarienvogel"
LINES_A_CHILD = 12


def child(reference: str) -> list[str]:
    """The lines of one child."""
    lines = [{"do": "open_case", "child": CANARY, "born": "2015-06"}]
    lines += [
        {"do": "record_visit", "visited": f"2025-01-{day:02d}", "seen_alone": "YES", "note": CANARY}
        for day in range(1, LINES_A_CHILD)
    ]
    return [json.dumps({"case": reference, "command": each}) for each in lines]


# Runs a command and notes the most memory it held (kB). The kernel begins that count with what the parent held when it
# made the child, and the parent of a test has grown with every test before; this one is small whatever ran before.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(sys.argv[1], "w") as note:
    note.write(str(most // 1024 if sys.platform == "darwin" else most))
sys.exit(code)
"""


def command(*arguments: str, database: str, authority: str, measured: Path | None = None) -> subprocess.Popen[str]:
    """Start the command line in a process of its own; the most memory it held may be noted in a file."""
    environment = {**os.environ, "DATABASE_URL": database, "PYTHONPATH": str(ROOT)}
    through = [] if measured is None else [sys.executable, "-S", "-c", MEASURED, str(measured)]
    return subprocess.Popen(
        [*through, sys.executable, "-m", "ops", "--quiet", *arguments, "--authority", authority],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )


@pytest.fixture
def brought_in(database: str, authority: str, tmp_path: Path) -> Callable[[Path], tuple[int, str, int]]:
    """Imports a file and gives exit code, what was said, and the most memory the import held (kB)."""
    note = tmp_path / "most_kb"

    def run(file: Path) -> tuple[int, str, int]:
        arguments = ("import", "history", str(file))
        with command(*arguments, database=database, authority=authority, measured=note) as process:
            said, _ = process.communicate()
        return process.returncode, said, int(note.read_text())

    return run


def zipped(file: Path) -> None:
    """An archive that would unpack to a hundred megabytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("history.jsonl", b"0" * 100_000_000)


def many_lines(file: Path) -> None:
    """A hundred megabytes of lines that are no JSON."""
    line = b"x" * 99 + b"\n"
    with file.open("wb") as stream:
        for _ in range(100):
            stream.write(line * 10_000)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">'
    + "".join(f'<!ENTITY b{n} "{"&b;" * 10}">' for n in range(9))
    + "]><a>&b8;</a>"
)
RUBBISH: dict[str, Callable[[Path], object]] = {
    "a zip bomb": zipped,
    "an XML bomb": lambda file: file.write_text(BOMB),
    "one endless line": lambda file: file.write_bytes(b"x" * 100_000_000),
    "a million lines": many_lines,
    "UTF-16": lambda file: file.write_text("\n".join(child("a")), "utf-16"),
    "cut off": lambda file: file.write_text("\n".join(child("a"))[:-20]),
    "NUL": lambda file: file.write_text("\n".join([*child("a"), "\x00" * 50])),
    "brackets": lambda file: file.write_text("[" * 500_000),
    "a folder": lambda file: file.mkdir(),
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_what_is_no_history_is_refused_cheaply(
    brought_in: Callable[[Path], tuple[int, str, int]], head: Callable[[], int], tmp_path: Path, kind: str
) -> None:
    """Nothing is recorded, what is said is short and repeats nothing of the file, and memory stays small."""
    file = tmp_path / "rubbish.jsonl"
    RUBBISH[kind](file)
    before = head()

    code, said, most_kb = brought_in(file)

    assert (code, head()) == (1, before), said[-2000:]
    assert "rubbish.jsonl" in said
    assert "Traceback" not in said
    assert CANARY not in said
    assert len(said) < 20_000
    assert most_kb < 300_000


def whole_or_nothing(database: str, authority: str, references: list[str]) -> int:
    """Check that each child is there whole or not at all, without a gap in the log; give how many are there."""
    with psycopg.connect(database, autocommit=True) as connection:
        rows = connection.execute(
            f"SELECT originator_id, count(*), max(originator_version) FROM {authority}.event GROUP BY 1"
        ).fetchall()
        (size,) = connection.execute(f"SELECT size FROM {authority}.head").fetchone() or (None,)
        (last,) = connection.execute(f"SELECT coalesce(max(position), 0) FROM {authority}.event").fetchone() or (None,)
    there = {case: (count, version) for case, count, version in rows}
    ours = [there[case_id_of(each)] for each in references if case_id_of(each) in there]
    assert set(ours) <= {(LINES_A_CHILD, LINES_A_CHILD)}
    assert size == last == sum(count for count, _ in there.values())
    return len(ours)


def test_killed_at_any_moment_an_import_leaves_whole_children(
    database: str, authority: str, brought_in: Callable[[Path], tuple[int, str, int]], tmp_path: Path
) -> None:
    """The process is killed while it records, several times; then it is run again and completes."""
    references = [f"killed/{n}" for n in range(150)]
    file = tmp_path / "history.jsonl"
    file.write_text("\n".join(line for each in references for line in child(each)))
    moments = random.Random(17)

    with psycopg.connect(database, autocommit=True) as connection:
        for _ in range(3):
            process = command("import", "history", str(file), database=database, authority=authority)
            wanted = whole_or_nothing(database, authority, references) + moments.randrange(1, 40)
            while process.poll() is None:
                statement = f"SELECT count(DISTINCT originator_id) FROM {authority}.event"
                (children,) = connection.execute(statement).fetchone() or (0,)
                if children >= wanted:
                    break
            process.kill()
            process.communicate(timeout=PATIENCE)
            whole_or_nothing(database, authority, references)

    code, said, _ = brought_in(file)
    assert code == 0, said
    assert whole_or_nothing(database, authority, references) == len(references)


def test_what_is_measured_is_the_one_process(tmp_path: Path) -> None:
    """The count of memory sees what a process takes, and not how much the tests around it hold."""
    note = tmp_path / "most_kb"
    taken = []
    here = b"x" * 200_000_000
    for megabytes in (0, 100):
        work = f"held = b'x' * {megabytes * 1_000_000}"
        subprocess.run([sys.executable, "-S", "-c", MEASURED, note, sys.executable, "-c", work], check=True)
        taken.append(int(note.read_text()))
    assert len(here) > 0
    assert taken[0] < 50_000
    assert taken[1] - taken[0] > 80_000
