"""Lines: whatever is on record, a program is told the same as the models of the API would say, now and as it stood."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from api.casework import casework
from api.shapes import EntryShape, age_text, entry_shape, lines_json, stated_age
from domain.case.fact import Fact
from domain.dates import PartialDate, parse_partial_date
from ledger.log import Log
from ledger.reader import LogReader
from ledger.recorder import CONNECTION
from ops.importers.history import import_history
from ops.samples import materialise
from ops.storage.migrations import migrate
from projections.answers import Answers
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from tests.keeping import kept_log

SCHEMA = "samples_as_lines"
ALL = 10_000


@pytest.fixture(scope="module")
def samples(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Log[Fact], list[UUID]]]:
    """Every sample history on record, its projections at the end of the log."""
    folder: Path = tmp_path_factory.mktemp("samples")
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, SCHEMA)
    with ConnectionPool(database, min_size=1, max_size=3, kwargs=CONNECTION) as pool:
        files = materialise(folder, date(2026, 11, 25))
        with kept_log(pool, SCHEMA) as kept:
            report = import_history(files, casework(pool, kept), lambda: datetime.now(UTC))
            runner = Runner(pool, kept, PROJECTIONS)
            runner.prepare()
            runner.catch_up()
            yield kept, report.cases
        with pool.connection() as connection:
            connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def asked(database: str, kept: Log[Fact], case: UUID, **more: Any) -> tuple[list[Any], list[Any], set[str]]:
    """Give a timeline as lines and as the models of the API say it, both as JSON, and the kinds of fact in it."""

    async def ask() -> tuple[list[Any], list[Any], set[str]]:
        async with AsyncConnectionPool(database, min_size=1, max_size=1, open=False, kwargs=CONNECTION) as pool:
            answers = Answers(LogReader(pool, kept))
            view = await answers.case(case)
            lines = await answers.lines(case, limit=ALL, now=datetime.now(UTC), **more)
            shown = await answers.timeline(case, limit=ALL, now=datetime.now(UTC), **more)
        assert view is not None
        assert lines is not None
        born = view.opening.born
        told = orjson.loads(orjson.dumps(lines_json(lines), option=orjson.OPT_UTC_Z))
        modelled = [orjson.loads(entry_shape(each, born).model_dump_json(by_alias=True)) for each in shown]
        return told, modelled, {each.entry.event.TOPIC for each in shown}

    return asyncio.run(ask())


def test_every_sample_is_told_as_the_models_say_it(database: str, samples: tuple[Log[Fact], list[UUID]]) -> None:
    """Entry by entry the same, in both orders, and each of the documented shape."""
    kinds: set[str] = set()
    kept, cases = samples
    for case in cases:
        for order in (False, True):
            told, modelled, topics = asked(database, kept, case, newest_first=order)
            assert told == modelled
            kinds |= topics
        for entry in told:
            EntryShape.model_validate(entry)
    assert kinds >= {"view.expressed", "placement.move_decided", "record.corrected", "record.disputed", "promise.made"}
    assert len(kinds) > 30


def test_the_same_as_it_stood(database: str, samples: tuple[Log[Fact], list[UUID]]) -> None:
    """Folded for an earlier moment, a case is told as its rows tell it when that moment is now."""
    kept, cases = samples
    for case in cases:
        now, _, _ = asked(database, kept, case)
        folded, modelled, _ = asked(database, kept, case, as_of=datetime.now(UTC))
        assert folded == modelled
        assert folded == now


STATED = st.one_of(
    st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(PartialDate.on),
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)).map(PartialDate.at),  # noqa: DTZ001 - civil time
    st.builds(PartialDate.in_month, st.integers(1900, 2199), st.integers(1, 12)),
    st.integers(1900, 2199).map(PartialDate.in_year),
).map(str)


@given(born=st.none() | STATED, when=STATED)
def test_an_age_from_the_digits_is_the_age(born: str | None, when: str) -> None:
    """Whatever the precision of the two dates, leap days included."""
    assert stated_age(born, when) == age_text(born and parse_partial_date(born), parse_partial_date(when))


@pytest.mark.parametrize("when", ["2012-02-28", "2012-02-29", "2013-02-28", "2013-03-01", "2012-02-29T23:59"])
def test_a_birthday_on_a_leap_day(when: str) -> None:
    """Somebody born on 29 February is a year older on 1 March."""
    assert stated_age("2012-02-29", when) == age_text(parse_partial_date("2012-02-29"), parse_partial_date(when))
