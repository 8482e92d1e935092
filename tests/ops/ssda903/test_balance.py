"""Rows in and facts out: to the last row, whatever is in the files; and whole children or none, whatever happens."""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ops.importers.ssda903.balance import by_kind
from ops.importers.ssda903.folder import read_return
from ops.importers.ssda903.importing import case_id_of
from ops.importers.ssda903.rows import Became
from ops.importers.ssda903.tables import LAYOUTS, Table
from ops.importers.ssda903.values import READERS, Unreadable
from ops.postgres import LocalPostgres

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "ops" / "samples" / "returns"
SHARED = ROOT.parent / "shared" / "data" / "ssda903"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"

CODES = [
    "", "", "1", "0", "M", "F", "2", "PN0", "PN1", "C2", "V3", "L1", "N1", "U6", "T4", "K1", "X1", "E4A", "E12",
    "CHILD", "CARPL", "S", "P", "L", "B", "YES", "F2", "Z1", "SW1", "RD1", "MWBA", "Q9", "\u202eodd\u0301", "😢",
    "'; --", '"',
]  # fmt: skip
DATES = [
    "03/05/2014", "04/11/2019", "01/02/2020", "15/07/2020", "31/02/2020", "04/03/2031", "zz/03/2020", "zz/zz/zzzz",
    "2020-02-01", "1/2/2020", "00/00/0000", "99/99/9999", "04/11/1919",
]  # fmt: skip
CELL = st.one_of(st.sampled_from(CODES), st.sampled_from(DATES), st.text(max_size=12))


@st.composite
def table(draw: st.DrawFn) -> str:
    """A table of the return with rows of anything."""
    layout = LAYOUTS[draw(st.sampled_from(list(Table)))]
    lines = [",".join(("CHILD", *layout.columns))]
    for _ in range(draw(st.integers(0, 6))):
        cells = [draw(st.sampled_from(["11", "12", "1/2", ""]))] + [draw(CELL) for _ in layout.columns]
        lines.append(",".join(cells[: draw(st.integers(1, len(cells) + 1))] if draw(st.booleans()) else cells))
    return "\n".join(lines) + "\n"


@settings(max_examples=60)
@given(tables=st.lists(table(), min_size=1, max_size=5), born=st.sampled_from(DATES))
def test_whatever_the_rows_say_each_becomes_exactly_one_thing(returned: Any, tables: list[str], born: str) -> None:
    """Rows in are rows out, importing again adds no fact, and what was recorded can be folded."""
    files = {f"{number}.csv": text.encode("utf-8", "replace") for number, text in enumerate(tables)}
    files["h.csv"] = (HEADER + f"11,F,{born},MWBA,,,\n12,M,03/05/2014,WBRI,,,\n").encode()

    balance = returned.bring_in(files)
    again = returned.bring_in()

    assert again.facts == {}
    assert balance.read == again.read
    assert balance.stopped or sum(balance.read.values()) >= 2
    for child in ("11", "12"):
        assert returned.case(child).version == len(returned.facts(child))


CANARY = "Kanarienvögel"
ENCODINGS = ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-7", "shift-jis"]
HOSTILE = [
    f"{CANARY}'; DROP TABLE event; --", f"\u202e{CANARY}", f"{CANARY}\0", f"=cmd|' /C {CANARY}'!A0",
    f'{CANARY},"', f"{CANARY} 😢",
    f"{CANARY}\ne\u0301\u200b", CANARY * 2_000, "../../etc/passwd", "9" * 400, "-1", "NULL", "#REF!",
    "1e309", "\uff10\uff13/05/2014",
]  # fmt: skip


@st.composite
def saved(draw: st.DrawFn) -> tuple[bytes, int | None]:
    """
    A table as a hostile hand saves it: columns in any order, any encoding, any cells, the end of it cut off.

    Gives how many rows it has too, where that is beyond doubt.
    """
    layout = LAYOUTS[draw(st.sampled_from(list(Table)))]
    columns = draw(st.permutations(["CHILD", *layout.columns]))
    cells = st.one_of(CELL, st.sampled_from(HOSTILE))
    child = st.sampled_from(["11", "12", "12", CANARY, ""])
    rows = [[draw(child if column == "CHILD" else cells) for column in columns] for _ in range(draw(st.integers(0, 5)))]
    written = io.StringIO()
    writer = csv.writer(
        written, delimiter=draw(st.sampled_from(",,,;\t")), lineterminator=draw(st.sampled_from("\n\r"))
    )
    writer.writerows([columns, *rows])
    encoding, cut = draw(st.sampled_from(ENCODINGS)), draw(st.booleans())
    content = written.getvalue().encode(encoding, "replace")
    certain = not cut and encoding.startswith("utf-8") and all("".join(row).isprintable() for row in rows)
    known = sum(any(cell.strip() for cell in row) for row in rows) if certain else None
    return content[: draw(st.integers(0, len(content)))] if cut else content, known


@settings(max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(tables=st.lists(saved(), min_size=1, max_size=4), names=st.permutations(["a.csv", "b.txt", "c", "d.CSV"]))
def test_however_a_table_was_saved_the_import_ends_and_balances(
    returned: Any, tables: list[tuple[bytes, int | None]], names: list[str]
) -> None:
    """
    As many rows are told of as there are, or the file that stops the import is named; the log is what the balance says.

    Importing again adds nothing, and what stood in the cells comes back in nothing that is told.
    """
    files = dict(zip(names, (content for content, _ in tables), strict=False))
    files["h.csv"] = (HEADER + "11,F,03/05/2014,MWBA,,,\n").encode()
    before = {child: len(returned.facts(child)) for child in ("11", "12")}

    balance = returned.bring_in(files)
    after = {child: len(returned.facts(child)) for child in ("11", "12")}
    again = returned.bring_in()

    assert sum(balance.facts.values()) == sum(after.values()) - sum(before.values())
    assert {case_id_of(child) for child in after if after[child] > before[child]} == set(balance.cases)
    assert len(balance.cases) + balance.held_back <= balance.children
    assert (again.facts, again.cases, again.read, again.stopped) == ({}, [], balance.read, balance.stopped)
    if balance.stopped:
        assert sum(balance.read.values()) == sum(balance.facts.values()) == 0
    elif None not in (known := [rows for _, rows in tables]):
        assert sum(balance.read.values()) == 1 + sum(filter(None, known))
    assert {told.file for told in (*balance.told, *balance.files)} <= {*files, ""}
    assert all(told.message.endswith((".", ")")) for told in balance.told)
    assert "kanarienv" not in str(balance.as_json()).lower()


@settings(max_examples=200)
@given(column=st.sampled_from(sorted(READERS)), text=st.text(min_size=8, max_size=30))
def test_no_value_makes_a_reader_fall_over(column: str, text: str) -> None:
    """A value is read, or is unreadable with a sentence that does not repeat it."""
    said = ""
    try:
        READERS[column](text)
    except Unreadable as problem:
        said = problem.message

    assert not said or (said.endswith(".") and text not in said)


@settings(max_examples=100)
@given(
    content=st.binary(max_size=2_000), begins=st.sampled_from([b"", HEADER.encode(), b"<EXPSSDA903>", b"PK\x03\x04"])
)
def test_no_file_makes_the_reading_fall_over(tmp_path: Path, content: bytes, begins: bytes) -> None:
    """Bytes of any kind are a table, no table, or a fault."""
    (tmp_path / "any.csv").write_bytes(begins + content)

    found = read_return(tmp_path, today=date(2026, 11, 25))

    assert found.rows == sum(map(len, found.children.values())) + len(found.spoilt)


def test_the_clean_sample_balances(returned: Any) -> None:
    """Every table is in it, every row was taken in, and nothing is told."""
    returned.folder = SAMPLES / "clean"

    balance = returned.bring_in()

    assert (balance.told, balance.files) == ([], [])
    assert set(balance.read) == {table.value for table in Table}
    assert {became for counts in balance.became.values() for became in counts} == {Became.RECORDED, Became.REPEATED}
    assert balance.asked_no_view == 1


if SHARED.exists():  # a large sample that is not part of the project

    def test_a_whole_return_balances_to_the_last_row(returned: Any) -> None:
        """2,675 children: each row of each file is accounted for, and each fact is in the log."""
        returned.folder = SHARED
        rows = {path.name: len(path.read_bytes().splitlines()) - 1 for path in SHARED.glob("*.csv")}

        balance = returned.bring_in()

        assert sum(balance.read.values()) == sum(rows.values())
        assert (balance.read["Episodes"], balance.read["Reviews"], balance.read["Header"]) == (5050, 12582, 2675)
        assert returned.ledger._recorder.max_notification_id() == sum(balance.facts.values())
        assert balance.facts["case.opened"] == len(balance.cases) == 2675 - balance.held_back
        assert balance.facts["review.held"] == balance.became["Reviews"][Became.RECORDED]
        assert len(by_kind(balance.told)) < 40


def test_killed_in_the_middle_it_leaves_whole_children_or_none(
    returned: Any, schema: str, database: str, tmp_path: Path
) -> None:
    """kill -9 at a moment nobody chose: every child that is there is complete, and importing again brings the rest."""
    rows = "".join(f"{number},F,03/05/2014,WBRI,,,\n" for number in range(400))
    reviews = "CHILD,DOB,REVIEW,REVIEW_CODE\n" + "".join(
        f"{number},,{day:02}/03/2026,PN1\n" for number in range(400) for day in range(1, 11)
    )
    returned.write({"h.csv": HEADER + rows, "r.csv": reviews})
    environment = os.environ | {"DATABASE_URL": database, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ops", "import", "ssda903", str(returned.folder), "--authority", schema]
    running = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _wait_for(running, database, schema, random.randint(20, 2_000))
    running.send_signal(signal.SIGKILL)
    running.wait()

    there = [len(returned.facts(str(number))) for number in range(400)]
    assert set(there) <= {0, 12}
    assert 0 < sum(map(bool, there))
    rest = returned.bring_in()
    assert [len(returned.facts(str(number))) for number in range(400)] == [12] * 400
    assert len(rest.cases) == 400 - sum(map(bool, there))
    assert case_id_of("7") not in rest.cases or there[7] == 0


def test_a_database_that_goes_away_is_said_plainly(tmp_path: Path) -> None:
    """In the middle of an import: a sentence, exit code 1, whole children only, and importing again brings the rest."""
    folder, home = tmp_path / "2025-26", Path(tempfile.mkdtemp(prefix="beforehand-"))
    folder.mkdir()
    home.chmod(0o755)
    rows = "".join(f"{number},F,03/05/2014,WBRI,,,\n" for number in range(1_500))
    (folder / "h.csv").write_text(HEADER + rows, encoding="utf-8")
    server = LocalPostgres(home, fsync="off", synchronous_commit="off")
    try:
        dsn = server.start()
        environment = os.environ | {"DATABASE_URL": dsn, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "ops", "--quiet", "import", "ssda903", str(folder), "--authority", "gone"]
        running = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _wait_for(running, dsn, "gone", 40)
        server.stop()
        _, said = running.communicate()
        words = " ".join(said.decode().split())
        assert running.returncode == 1
        assert words.count("The import broke off") == 1
        assert "Traceback" not in words
        cases, facts = _held(server.start(), "gone")
        assert 20 <= cases < 1_500
        assert facts == 2 * cases
        assert subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False).returncode == 0
        assert _held(dsn, "gone") == (1_500, 3_000)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _held(dsn: str, schema: str) -> tuple[int, int]:
    """Count the cases and the facts in a log."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        (cases, facts) = connection.execute(
            f"SELECT count(DISTINCT originator_id), count(*) FROM {schema}.event"  # type: ignore[arg-type]
        ).fetchone() or (0, 0)
    return cases, facts


def _wait_for(running: subprocess.Popen[bytes], dsn: str, schema: str, facts: int) -> None:
    """Wait until so many facts are there, or the process has ended."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        while running.poll() is None:
            with suppress(psycopg.errors.UndefinedTable):
                row = connection.execute(f"SELECT size FROM {schema}.head").fetchone()  # type: ignore[arg-type]
                if row is not None and row[0] >= facts:
                    return
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.01)
