"""Importing histories: all or nothing per child, again without effect, every refused line told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.casework import Casework
from domain.case.fact import Role
from domain.case.registry import COMMANDS
from ops.importers import history
from ops.importers.history import Report, case_id_of, import_history, schema


def line(case: str, **command: Any) -> str:
    """One line of a history."""
    return json.dumps({"case": case, "command": command}, ensure_ascii=False)


def child(case: str) -> list[str]:
    """The lines of one child, all of them right."""
    return [
        line(case, do="open_case", child="Mina", born="2015-06"),
        line(case, do="record_view", ref="v1", matters=["placement"], expressed="2026-01-02", account="Wants to stay"),
        line(
            case,
            do="record_visit",
            visited="2026-01-03",
            seen_alone="YES",
            provenance={"system": "Mosaic", "grade": "A"},
        ),
    ]


@pytest.fixture
def load(ledger: Casework, tmp_path: Path) -> Callable[..., Report]:
    """Writes lines to a file and imports it."""

    def loaded(*lines: str | bytes, name: str = "history.jsonl") -> Report:
        file = tmp_path / name
        file.write_bytes(b"\n".join(each if isinstance(each, bytes) else each.encode() for each in lines))
        return import_history([file], ledger, lambda: datetime.now(UTC))

    return loaded


def topics(ledger: Casework, case: str) -> list[str]:
    """What is on record about a child, by topic."""
    return [entry.event.TOPIC for entry in ledger.entries(case_id_of(case))]


def test_a_history_is_recorded_in_order(load: Callable[..., Report], ledger: Casework) -> None:
    """Every line becomes its facts, in order, in the case its reference stands for."""
    report = load(*child("a"), *child("b"))

    assert (report.recorded, report.already, report.refused, report.held_back) == (6, 0, [], [])
    assert topics(ledger, "a") == ["case.opened", "view.expressed", "visit.made"]
    assert report.cases == [case_id_of("a"), case_id_of("b")]


def test_importing_again_changes_nothing(load: Callable[..., Report], ledger: Casework) -> None:
    """The same file again: every line was there before. A longer one: only what is new is added."""
    load(*child("a"))

    again = load(*child("a"))
    longer = load(*child("a"), line("a", do="record_visit", visited="2026-02-01", seen_alone="NO"))

    assert (again.recorded, again.already) == (0, 3)
    assert (longer.recorded, longer.already) == (1, 3)
    assert len(topics(ledger, "a")) == 4


def test_the_importer_is_not_the_author(load: Callable[..., Report], ledger: Casework) -> None:
    """A fact keeps the source it names; one that names none says which file it came from, graded C."""
    load(*child("a"), name="boxes & folders.jsonl")

    first, _, last = (entry.event.by for entry in ledger.entries(case_id_of("a")))
    assert first.role is Role.SYSTEM
    assert first.provenance is not None
    assert (first.provenance.system, first.provenance.grade) == ("file boxes - folders.jsonl", "C")
    assert last.provenance is not None
    assert (last.provenance.system, last.provenance.grade) == ("Mosaic", "A")


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        (line("a", do="record_visit", visited="2150-01-01", seen_alone="YES"), "dates_contradict", "future"),
        (line("a", do="correct_record", of="v9", field="expressed", to="2026", reason="x", requested_by="CHILD"),
         "nothing_to_correct", "no entry v9"),
        (line("a", do="record_visit", visited="2026-02-30", seen_alone="YES"), "invalid", "not a date"),
        (line("a", do="record_visit", seen_alone="YES"), "invalid", "visited: This field is needed."),
        (line("a", do="dance"), "invalid", "names no command"),
    ],
    ids=["rule", "correction of nothing", "no such day", "missing field", "unknown command"],
)  # fmt: skip
def test_one_refused_line_holds_back_its_child_and_no_other(
    load: Callable[..., Report], ledger: Casework, wrong: str, code: str, says: str
) -> None:
    """Nothing of the child is recorded, the line is told with number, code and mend, and the other child is there."""
    report = load(*child("a"), wrong, *child("b"))

    assert topics(ledger, "a") == []
    assert len(topics(ledger, "b")) == 3
    assert report.held_back == ["a"]
    (refused,) = report.refused
    assert (refused.file, refused.line, refused.case, refused.code) == ("history.jsonl", 4, "a", code)
    assert says in refused.message


def test_every_refused_line_is_told_at_once(load: Callable[..., Report]) -> None:
    """Two faults in one child and one in another: three lines, in order of children and lines."""
    future = {"do": "record_visit", "visited": "2150-01-01", "seen_alone": "YES"}

    report = load(*child("a"), line("a", **future), line("a", **future, ref="again"), *child("b"), line("b", **future))

    assert [(each.case, each.line) for each in report.refused] == [("a", 4), ("a", 5), ("b", 9)]


@pytest.mark.parametrize(
    ("rubbish", "code"),
    [
        (b'{"case": "a", "command": {', "invalid"),
        (b"\xff\xfe{\x00", "not_utf8"),
        (b"[1, 2]", "invalid"),
        (b"x" * (history.LONGEST_LINE + 1), "line_too_long"),
        (b'{"command": {"do": "record_visit"}}', "invalid"),
    ],
    ids=["cut off", "another encoding", "no object", "endless line", "no case"],
)
def test_a_line_nobody_can_read_holds_back_its_file(
    load: Callable[..., Report], ledger: Casework, rubbish: bytes, code: str
) -> None:
    """Nobody can say whose record would lack it, so nothing of the file is recorded, and the line is told."""
    report = load(*child("a"), rubbish)

    assert topics(ledger, "a") == []
    assert report.held_back == ["a"]
    assert [(each.line, each.code) for each in report.refused] == [(4, code)]


@pytest.mark.parametrize(
    ("rubbish", "most"),
    [("x" * 50, history.MOST_UNREADABLE), (line("a", do="dance"), history.MOST_REFUSED)],
    ids=["no JSON", "no command"],
)
def test_a_file_full_of_faults_is_not_read_to_its_end(load: Callable[..., Report], rubbish: str, most: int) -> None:
    """A report is to be read by somebody: after many faults it says that the rest was not looked at."""
    report = load(*[rubbish] * (most + 100))

    assert len(report.refused) == most + 1
    assert "too_many_faults" in {each.code for each in report.refused}
    assert report.recorded == 0


def test_brackets_without_end_are_no_history(load: Callable[..., Report]) -> None:
    """Nesting deeper than any parser goes is a line that cannot be read, like others."""
    assert [each.code for each in load("[" * 500_000).refused] == ["invalid"]


def test_byte_order_mark_and_empty_lines(load: Callable[..., Report]) -> None:
    """A file as Windows programs write it is read like any other."""
    first, *rest = child("a")

    report = load(b"\xef\xbb\xbf" + first.encode() + b"\r", b"", *rest, b"")

    assert (report.recorded, report.refused) == (3, [])


def test_words_are_kept_letter_for_letter(load: Callable[..., Report], ledger: Casework) -> None:
    """Every script, emoji, combining marks and spelling come back as they were said."""
    words = "I dont wanna 😢 mynd — أريد البقاء — Zażółć — e\u0301 not \u00e9"

    load(
        *child("a"),
        line("a", do="record_view", matters=["contact"], expressed="2026-02-01", own_words=[{"words": words}]),
    )

    *_, last = ledger.entries(case_id_of("a"))
    assert last.event.own_words[0].words == words  # type: ignore[attr-defined]


def test_the_schema_names_every_command() -> None:
    """The JSON Schema of a line describes every command there is."""
    described = json.dumps(schema())

    assert all(f'"{name}"' in described for name in COMMANDS)
