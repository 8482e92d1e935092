"""The made-up authority loads on any day, and shows every answer the question can have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest

from api.casework import Casework
from domain.case.command import Act
from domain.case.decision import DecisionMade
from domain.case.disclosure import WRITTEN_BY_WHAT_ISSUES
from domain.case.fact import Fact, Role
from domain.case.record import RecordAnnotated, RecordCorrected, RecordDisputed
from domain.case.redaction import WRITTEN_BY_WHAT_DESTROYS
from domain.case.registry import FACTS
from domain.case.state import Case
from domain.case.view import OwnWords, ViewNotAscertainable
from domain.dates import PartialDate, Precision
from domain.voice.evidence import Grade
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass
from ledger.mapper import Stamp
from ops.importers.history import HistoryLine, case_id_of
from ops.importers.ssda903.importing import import_return
from ops.samples import AUTHORITY, materialise
from projections.voice.rows import Voice, voices

README = Path(__file__).parents[2] / "ops" / "samples" / "README.md"
RETURN = README.parent / "returns" / "clean"
DAYS = (date(2026, 11, 23), date(2031, 2, 28))
DAY = DAYS[0]
LONG_LIFE, LONG_RECORD = 10, 120


@dataclass(frozen=True)
class Authority:
    """The cases of the made-up authority, loaded on a day, and the instant of loading."""

    at: datetime
    lines: list[HistoryLine]
    cases: dict[str, Case]

    def facts(self) -> Iterator[Fact]:
        """Every fact of every case."""
        for case in self.cases.values():
            yield from (held.fact for held in case.facts.values())

    def voices(self) -> Iterator[tuple[str, Voice]]:
        """Every decision with its answers, beside the reference of its case."""
        for name, case in self.cases.items():
            yield from ((name, voice) for voice in voices(case, self.at))


@cache
def loaded(day: date, *, corrections: bool = True) -> Authority:
    """Load the authority as the importer would on that day, with or without corrections. A refusal raises."""
    with TemporaryDirectory() as folder:
        files = {file.name: file for file in materialise(Path(folder), day)}
        texts = files[AUTHORITY].read_text("utf-8").splitlines()
    lines = [HistoryLine.model_validate_json(text) for text in texts]
    at = datetime.combine(day, time(12), UTC)
    cases: dict[str, Case] = {}
    for line in lines:
        case = cases.setdefault(line.case, Case(case_id_of(line.case)))
        for fact in line.command.decide(case, Act("history import", Role.SYSTEM, at, case.id, uuid4())):
            if corrections or not isinstance(fact, RecordCorrected):
                case.evolve(fact, Stamp(case.version + 1, at))
    return Authority(at, lines, cases)


def parts_of(value: Any) -> Iterator[Any]:
    """Every value inside a fact, at any depth."""
    yield value
    if isinstance(value, tuple):
        for each in value:
            yield from parts_of(each)
    elif hasattr(value, "model_fields_set"):
        for _, each in value:
            yield from parts_of(each)


def table(heading: str) -> list[tuple[str, ...]]:
    """The cells of the table in the README whose first column has that heading, without the marks for code."""
    block = re.search(rf"^\| {heading} \|.*\n\|[-| ]+\n((?:\|.*\n)+)", README.read_text("utf-8"), re.MULTILINE)
    assert block
    return [tuple(cell.strip(" `") for cell in row.strip("|").split("|")) for row in block[1].splitlines()]


@pytest.mark.parametrize("day", DAYS)
def test_loads_on_any_day(day: date) -> None:
    """Every line is a command that the record takes in, whatever the day, and every case has a child."""
    authority = loaded(day)

    assert len(authority.lines) == sum(case.version for case in authority.cases.values())
    assert all(case.version > 0 for case in authority.cases.values())


@pytest.mark.parametrize("day", DAYS)
def test_shows_every_verdict(day: date) -> None:
    """Each verdict heads some answer. `PENDING` is known only at the effect, since no decision may be dated ahead."""
    answered = [voice for _, voice in loaded(day).voices()]

    assert {voice.now.verdict for voice in answered} == set(Verdict) - {Verdict.PENDING}
    assert Verdict.PENDING in {voice.at_effect.verdict for voice in answered if voice.at_effect}


def test_shows_every_class_and_flag() -> None:
    """Each class and each quality of the evidence can be looked at."""
    answers = [voice.now for _, voice in loaded(DAY).voices()]

    assert {answer.verdict_class for answer in answers} == set(VerdictClass)
    assert {flag for answer in answers for flag in answer.flags} == set(Flag)


def test_shows_every_influence_and_feedback() -> None:
    """Whether the view counted, and whether the child was told: every answer to both."""
    answers = [voice.now for _, voice in loaded(DAY).voices()]

    assert {answer.influence for answer in answers} - {None} == set(Influence)
    assert {answer.feedback for answer in answers} - {None} == set(Feedback)


def test_shows_every_kind_of_fact(ledger: Casework) -> None:
    """A new kind of fact is not done until somebody in the samples has one: in a history, or in the sample return."""
    balance = import_return(RETURN, ledger, lambda: iter(()), lambda: datetime.now(UTC))
    assert balance.children == len(balance.cases) > 0
    told = {fact.TOPIC for fact in loaded(DAY).facts()}
    returned = {entry.event.TOPIC for case in balance.cases for entry in ledger.entries(case)}

    assert told | returned == set(FACTS) - WRITTEN_BY_WHAT_DESTROYS - WRITTEN_BY_WHAT_ISSUES
    assert returned - told, "some kinds come with a return only"


def test_has_dates_of_every_precision() -> None:
    """Times, days, months and years, and a decision whose day nobody knows."""
    stated = {fact.when.precision for fact in loaded(DAY).facts() if fact.when}
    undated = [fact for fact in loaded(DAY).facts() if isinstance(fact, DecisionMade) and fact.decided is None]

    assert stated == set(Precision) - {Precision.UNKNOWN}
    assert undated


def test_every_child_is_heard() -> None:
    """In each record the child speaks in their own words, or it says why they could not."""
    for name, case in loaded(DAY).cases.items():
        facts = [held.fact for held in case.facts.values()]
        words = [part for fact in facts for part in parts_of(fact) if isinstance(part, OwnWords)]
        written = [fact for fact in facts if isinstance(fact, RecordAnnotated | RecordDisputed)]
        reasons = [fact for fact in facts if isinstance(fact, ViewNotAscertainable) and fact.reason]

        assert words or written or reasons, name


def test_children_speak_in_their_own_languages() -> None:
    """Words are kept in the language and script in which they were said."""
    words = [part for fact in loaded(DAY).facts() for part in parts_of(fact) if isinstance(part, OwnWords)]

    assert {word.language for word in words} >= {"ar", "cy", "pl", "ur"}


def test_the_child_and_the_care_leaver_both_answer_back() -> None:
    """Annotations and disputes come from children and from adults who were children here."""
    facts = list(loaded(DAY).facts())

    assert {fact.written_by for fact in facts if isinstance(fact, RecordAnnotated)} == {"CHILD", "CARE_LEAVER"}
    assert {fact.disputed_by for fact in facts if isinstance(fact, RecordDisputed)} == {"CHILD", "CARE_LEAVER"}


def test_corrections_change_verdicts_both_ways() -> None:
    """One corrected date makes an answer less severe, another more severe."""
    corrected = {(name, voice.ref): voice.now.verdict_class.severity for name, voice in loaded(DAY).voices()}
    first_stated = {
        (name, voice.ref): voice.now.verdict_class.severity for name, voice in loaded(DAY, corrections=False).voices()
    }
    moved = [corrected[decision] - first_stated[decision] for decision in corrected]

    assert min(moved) < 0 < max(moved)


def test_one_record_is_long() -> None:
    """A timeline is worth scrolling only where a childhood is in it."""
    longest = max(loaded(DAY).cases.values(), key=lambda case: case.version)
    years = [held.fact.when.first.year for held in longest.facts.values() if held.fact.when]

    assert longest.version >= LONG_RECORD
    assert max(years) - min(years) >= LONG_LIFE


def test_every_line_says_where_it_comes_from() -> None:
    """Each entry has its original author or source and the day it was written there, as a real import would."""
    for line in loaded(DAY).lines:
        provenance = line.command.provenance

        assert provenance, line.command.ref
        assert provenance.recorded, line.command.ref
    assert {line.command.provenance.grade for line in loaded(DAY).lines if line.command.provenance} == set(Grade)


def test_the_readme_tells_where_each_answer_is() -> None:
    """The table of verdicts is complete, and each decision it names shows that verdict."""
    shown = {(name, voice.ref): voice.now.verdict for name, voice in loaded(DAY).voices()}
    rows = table("verdict")

    assert [(verdict, shown[case, ref].value) for verdict, case, ref in rows] == [(row[0], row[0]) for row in rows]
    assert {row[0] for row in rows} == set(Verdict) - {Verdict.PENDING}


def test_the_readme_counts_the_entries() -> None:
    """The table of children names every case with the length of its record."""
    told = {case: int(entries) for case, entries, _ in table("case")}

    assert told == {name: case.version for name, case in loaded(DAY).cases.items()}


def test_relative_dates_count_from_the_day_of_loading(tmp_path: Path) -> None:
    """Loaded five years later, the same child came into care the same number of days before."""
    for day in DAYS:
        files = materialise(tmp_path, day)
        opened = loaded(day).cases["sample/kofi"].facts["case"].fact

        assert opened.when == PartialDate.on(day - timedelta(days=12))
        assert not any("@today" in file.read_text("utf-8") for file in files)


def test_only_one_record_has_relative_dates(tmp_path: Path) -> None:
    """All that is told of anybody else stays the same on every day."""
    texts = [materialise(tmp_path, day)[0].read_text("utf-8").splitlines() for day in DAYS]
    changed = [earlier for earlier, later in zip(*texts, strict=True) if earlier != later]

    assert {HistoryLine.model_validate_json(text).case for text in changed} == {"sample/kofi"}


def test_the_authority_comes_first(tmp_path: Path) -> None:
    """The files are given in a fixed order, beginning with the made-up authority."""
    names = [file.name for file in materialise(tmp_path, DAY)]

    assert names == [AUTHORITY, *sorted(set(names) - {AUTHORITY})]


def test_a_case_that_is_there_already_is_left_out(tmp_path: Path) -> None:
    """Nothing of a skipped case is written, the others are unchanged, and each line keeps its number."""
    whole = materialise(tmp_path, DAY)[0].read_text("utf-8").split("\n")
    asked: list[str] = []

    def is_kofi(case: str) -> bool:
        asked.append(case)
        return case == "sample/kofi"

    without = materialise(tmp_path, DAY, skip=is_kofi)[0].read_text("utf-8").split("\n")

    assert without == ["" if '"sample/kofi"' in line else line for line in whole]
    assert whole != without
    assert set(loaded(DAY).cases) <= set(asked)
