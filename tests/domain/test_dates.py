"""Partial dates: read, written, compared by what they can mean, and the two clocks joined at civil time."""

# ruff: noqa: DTZ001 - civil time has no offset

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.dates import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    NotADate,
    Order,
    PartialDate,
    Precision,
    civil,
    instant_of,
    up_to,
    was_by,
)

FIELD = TypeAdapter[PartialDate](PartialDate)
BACK = {Order.BEFORE: Order.AFTER, Order.AFTER: Order.BEFORE, Order.SAME: Order.SAME, Order.UNKNOWN: Order.UNKNOWN}

NARROW = st.datetimes(datetime(2026, 2, 26), datetime(2026, 4, 3)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0)
)
WIDE = st.datetimes(datetime(EARLIEST_YEAR, 1, 1), datetime(LATEST_YEAR, 12, 31, 23, 59, 59, 999999))


def moments(at: st.SearchStrategy[datetime]) -> st.SearchStrategy[PartialDate]:
    """Moments of every precision that somebody can state, around some instants."""
    return st.one_of(
        at.map(PartialDate.at),
        at.map(lambda moment: PartialDate.on(moment.date())),
        at.map(lambda moment: PartialDate.in_month(moment.year, moment.month)),
        at.map(lambda moment: PartialDate.in_year(moment.year)),
    )


STATED = moments(WIDE)
CLASHING = st.one_of(moments(NARROW), moments(NARROW), NARROW.map(PartialDate.unknown_until))
"""Moments that often overlap, lie on one day, or touch."""


# Reading and writing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2011", "2011-01-01T00:00", "2011-12-31T23:59:59.999999", Precision.YEAR),
        ("2011-05", "2011-05-01T00:00", "2011-05-31T23:59:59.999999", Precision.MONTH),
        ("2012-02", "2012-02-01T00:00", "2012-02-29T23:59:59.999999", Precision.MONTH),
        ("2011-12", "2011-12-01T00:00", "2011-12-31T23:59:59.999999", Precision.MONTH),
        ("2011-05-03", "2011-05-03T00:00", "2011-05-03T23:59:59.999999", Precision.DAY),
        ("2012-02-29", "2012-02-29T00:00", "2012-02-29T23:59:59.999999", Precision.DAY),
        ("2011-05-03T14:30", "2011-05-03T14:30", "2011-05-03T14:30", Precision.INSTANT),
        ("2011-05-03 14:30", "2011-05-03T14:30", "2011-05-03T14:30", Precision.INSTANT),
        ("2011-05-03T14:30:15", "2011-05-03T14:30:15", "2011-05-03T14:30:15", Precision.INSTANT),
        ("2011-05-03T14:30:15.25", "2011-05-03T14:30:15.250000", "2011-05-03T14:30:15.250000", Precision.INSTANT),
        ("2011-05-03T00:00", "2011-05-03T00:00", "2011-05-03T00:00", Precision.INSTANT),
        ("1900", "1900-01-01T00:00", "1900-12-31T23:59:59.999999", Precision.YEAR),
        ("2199-12", "2199-12-01T00:00", "2199-12-31T23:59:59.999999", Precision.MONTH),
    ],
)
def test_a_date_means_every_instant_it_can(text: str, first: str, last: str, precision: Precision) -> None:
    """Nobody invents a day: what is stated roughly stays rough."""
    moment = PartialDate.parse(text)

    assert (moment.first, moment.last) == (datetime.fromisoformat(first), datetime.fromisoformat(last))
    assert moment.precision is precision


@pytest.mark.parametrize(
    ("text", "civil_time"),
    [
        ("2011-05-03T14:30Z", "2011-05-03T15:30"),
        ("2011-05-03T14:30+01:00", "2011-05-03T14:30"),
        ("2011-01-03T14:30Z", "2011-01-03T14:30"),
        ("2011-05-03T23:30Z", "2011-05-04T00:30"),
        ("2011-01-01T02:00+05:30", "2010-12-31T20:30"),
        ("2011-05-03 14:30:15-05:00", "2011-05-03T20:30:15"),
    ],
)
def test_an_offset_is_turned_into_civil_time(text: str, civil_time: str) -> None:
    """A program that states an offset means that instant, on whatever day it was in England."""
    assert PartialDate.parse(text) == PartialDate.parse(civil_time)
    assert str(PartialDate.parse(text)) == civil_time


NO_DATES = (
    *("", " ", "\x00", "yesterday", "unknown", "None", "May 2011", "zz/05/2011", "03/05/2011", "2011/05/03"),
    *("2011-05-03 ", " 2011", "2011\n", "2011\x00", "11", "02011", "+2011", "-2011", "99999", "2" * 10_000),
    *("2011-5", "2011-5-3", "2011-05-", "20110503", "2011-123", "2011-W18"),
    *("2011-13", "2011-00", "2011-02-29", "2011-02-30", "2011-04-31", "2011-05-00", "2011-05-32"),
    *("2011-05-03T", "2011-05-03T14", "2011-05-03T1430", "2011-05-03t14:30", "2011-05T14:30"),
    *("2011-05-03T24:00", "2011-05-03T14:60", "2011-05-03T14:30:60"),
    *("2011-05-03T14:30:15.", "2011-05-03T14:30:15.1234567"),
    *("2011Z", "2011-05-03Z", "2011-05-03T14:30z", "2011-05-03T14:30+1", "2011-05-03T14:30+24:00"),
    "2011-05-03T14:30+01:00:00",
    *("0000", "1899", "1899-12-31", "2200", "2200-01-01", "9999"),
    *("\u0662\u0660\u0661\u0661", "\uff12\uff10\uff11\uff11-05-03", "2011-\u0966\u096b"),
    *("2011\u201305\u201303", "2011-05-03T\uff11\uff14:30"),
)


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Days that never were, other writings, digits of other scripts, years beyond reach: none is guessed at."""
    assert PartialDate.parse("2011-05-03")
    with pytest.raises(NotADate) as problem:
        PartialDate.parse(text)

    assert problem.value.code == "not_a_date"


@pytest.mark.parametrize("text", ["1900-01-01T00:00+14:00", "2199-12-31T23:30-01:00"])
def test_an_offset_leads_no_further_than_the_years_there_are(text: str) -> None:
    """What can be read can be written and read again."""
    assert PartialDate.parse("1900-01-01T00:00Z")
    with pytest.raises(NotADate):
        PartialDate.parse(text)


@given(st.text(max_size=40))
def test_no_text_leads_to_anything_but_a_date_or_a_refusal(text: str) -> None:
    """And a refusal says what to write instead, and not what was written."""
    try:
        moment = PartialDate.parse(text)
    except NotADate as problem:
        assert problem.message == NotADate().message  # noqa: PT017 - one of the two outcomes
    else:
        assert moment.first <= moment.last


def test_the_refusal_shows_how_to_write_a_date() -> None:
    """Each of its examples is one."""
    examples = re.findall(r"\((.*?)\)", NotADate().message)

    assert {PartialDate.parse(example).precision for example in examples} == set(Precision) - {Precision.UNKNOWN}
    assert NotADate().message.endswith(".")


@given(STATED)
def test_a_date_written_and_read_is_the_same(moment: PartialDate) -> None:
    """As text, and as JSON."""
    assert PartialDate.parse(str(moment)) == moment
    assert FIELD.validate_json(FIELD.dump_json(moment)) == moment
    assert hash(FIELD.validate_json(FIELD.dump_json(moment))) == hash(moment)


@given(STATED)
def test_the_published_pattern_fits_what_is_written(moment: PartialDate) -> None:
    """Whoever checks against the schema accepts every date of ours, and the examples of the schema are dates."""
    schema = FIELD.json_schema()

    assert re.fullmatch(schema["pattern"], str(moment))
    assert all(str(PartialDate.parse(example)) == example for example in schema["examples"])


@pytest.mark.parametrize("value", [2011, 2011.5, None, True, ["2011"], {"year": 2011}, date(2011, 5, 3), b"2011"])
def test_a_field_takes_text_only(value: object) -> None:
    """A number is no year: it could be anything."""
    assert FIELD.validate_python("2011") == PartialDate.in_year(2011)
    with pytest.raises(ValidationError) as problem:
        FIELD.validate_python(value)

    (error,) = problem.value.errors()
    assert (error["type"], error["msg"]) == ("not_a_date", NotADate().message)


def test_a_date_nobody_stated_is_unknown() -> None:
    """Of it only the latest instant is known, and that is not passed off as a date."""
    moment = PartialDate.unknown_until(datetime(2026, 3, 10, 9))

    assert str(moment) == "unknown"
    assert (moment.first.year, moment.last) == (EARLIEST_YEAR, datetime(2026, 3, 10, 9))
    with pytest.raises(NotADate):
        PartialDate.parse(str(moment))


# Order ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [
        ("2026-03-09", "2026-03-10", Order.BEFORE),
        ("2026-03-10", "2026-03-10", Order.UNKNOWN),
        ("2026-03-10T09:00", "2026-03-10", Order.UNKNOWN),
        ("2026-03-10T09:00", "2026-03-10T10:00", Order.BEFORE),
        ("2026-03-10T09:00", "2026-03-10T09:00", Order.SAME),
        ("2026-03-10T23:59", "2026-03-11", Order.BEFORE),
        ("2026-03-10T23:59", "2026-03-11T00:00", Order.BEFORE),
        ("2026-02", "2026-03-01", Order.BEFORE),
        ("2026-02", "2026-02-28", Order.UNKNOWN),
        ("2026-02", "2026-02", Order.UNKNOWN),
        ("2026-02", "2026-03", Order.BEFORE),
        ("2026", "2026-12-31T23:59", Order.UNKNOWN),
        ("2025", "2026-01-01T00:00", Order.BEFORE),
        ("2025", "2026", Order.BEFORE),
    ],
)
def test_two_dates_are_ordered_as_far_as_they_tell(one: str, other: str, order: Order) -> None:
    """Different days are ordered by day, one day by the time, and what overlaps not at all."""
    assert PartialDate.parse(one).compare(PartialDate.parse(other)) is order
    assert PartialDate.parse(other).compare(PartialDate.parse(one)) is BACK[order]


@given(CLASHING, CLASHING)
def test_either_way_round_says_the_same(one: PartialDate, other: PartialDate) -> None:
    """Before from here is after from there."""
    assert other.compare(one) is BACK[one.compare(other)]


@given(CLASHING)
def test_nothing_is_before_itself(moment: PartialDate) -> None:
    """An instant is the same as itself; anything wider has an order to itself that nobody knows."""
    expected = Order.SAME if moment.precision is Precision.INSTANT else Order.UNKNOWN

    assert moment.compare(moment) is expected


@settings(max_examples=500)
@given(CLASHING, CLASHING, CLASHING)
def test_what_is_known_can_be_joined(one: PartialDate, two: PartialDate, three: PartialDate) -> None:
    """Before what is before a third is before the third; and the same as before is before."""
    one, two, three = sorted((one, two, three), key=PartialDate.sort_key)
    if one.before(two) and two.before(three):
        assert one.before(three)
    if one.by(two) and two.by(three):
        assert one.by(three)
    if one.compare(two) is Order.SAME:
        assert one.compare(three) is two.compare(three)


@settings(max_examples=500)
@given(CLASHING, CLASHING)
def test_the_order_is_unknown_just_where_days_overlap(one: PartialDate, other: PartialDate) -> None:
    """And not both say the time; anywhere else it is known."""
    overlap = one.first_day <= other.last_day and other.first_day <= one.last_day
    both_timed = one.precision is Precision.INSTANT and other.precision is Precision.INSTANT

    assert (one.compare(other) is Order.UNKNOWN) is (overlap and not both_timed)


@settings(max_examples=500)
@given(CLASHING, CLASHING, st.floats(0, 1), st.floats(0, 1))
def test_a_known_order_holds_for_whatever_was_meant(
    one: PartialDate, other: PartialDate, share: float, other_share: float
) -> None:
    """Of every two instants that may have been meant, the first comes first."""
    meant = one.first + share * (one.last - one.first)
    other_meant = other.first + other_share * (other.last - other.first)

    match one.compare(other):
        case Order.BEFORE:
            assert meant < other_meant
        case Order.AFTER:
            assert meant > other_meant
        case Order.SAME:
            assert meant == other_meant
        case Order.UNKNOWN:
            assert min(one.last_day, other.last_day) >= max(one.first_day, other.first_day)


@settings(max_examples=500)
@given(CLASHING, CLASHING)
def test_the_shorter_questions_agree_with_the_order(one: PartialDate, other: PartialDate) -> None:
    """Before, after, by, by the day of, on the same day: one order, asked differently."""
    order = one.compare(other)

    assert one.before(other) is (order is Order.BEFORE)
    assert one.after(other) is (order is Order.AFTER)
    assert one.by(other) is (order in {Order.BEFORE, Order.SAME})
    assert one.by_the_day_of(other) is (one.last_day <= other.first_day)
    assert one.same_day(other) is other.same_day(one)
    if one.same_day(other):
        assert order is Order.UNKNOWN
        assert one.first_day == one.last_day == other.first_day == other.last_day
    if one.before(other):
        assert one.by_the_day_of(other)


def test_for_recording_the_same_day_is_in_time() -> None:
    """A note of the evening counts for the decision of the afternoon; a note of some time in the month does not."""
    decided = PartialDate.parse("2026-03-10T15:30")

    assert PartialDate.parse("2026-03-10T18:00").by_the_day_of(decided)
    assert not PartialDate.parse("2026-03-11").by_the_day_of(decided)
    assert not PartialDate.parse("2026-03").by_the_day_of(decided)


@settings(max_examples=500)
@given(CLASHING, CLASHING)
def test_the_earlier_of_two_means_what_either_leaves_open(one: PartialDate, other: PartialDate) -> None:
    """It begins and ends no later than both, whichever is asked, and is no more exact than it can be."""
    earlier = one.or_earlier(other)
    back = other.or_earlier(one)

    assert (earlier.first, earlier.last) == (min(one.first, other.first), min(one.last, other.last))
    assert (back.first, back.last) == (earlier.first, earlier.last)
    assert not earlier.after(one)
    assert not earlier.after(other)
    if one.before(other):
        assert earlier == one


@given(moments(NARROW))
def test_what_is_cut_short_keeps_its_beginning(moment: PartialDate) -> None:
    """What it cannot mean after a day is left out, and nothing else."""
    last_day = moment.first_day + (moment.last_day - moment.first_day) // 2
    cut = moment.until(last_day)

    assert (cut.first, cut.precision) == (moment.first, moment.precision)
    assert cut.last_day <= last_day
    assert cut.until(last_day) == cut
    assert moment.until(moment.last_day) == moment


@given(st.lists(STATED, min_size=2, max_size=6))
def test_sorted_dates_never_run_backwards(stated: list[PartialDate]) -> None:
    """In the order of display, nothing stands before what is known to come first."""
    for earlier, later in combinations(sorted(stated, key=PartialDate.sort_key), 2):
        assert not earlier.after(later)


# Civil time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("utc", "in_england"),
    [
        ("2026-01-15T12:00", "2026-01-15T12:00"),
        ("2026-07-15T12:00", "2026-07-15T13:00"),
        ("2026-07-15T23:30", "2026-07-16T00:30"),
        ("2026-03-29T00:59:59", "2026-03-29T00:59:59"),
        ("2026-03-29T01:00", "2026-03-29T02:00"),
        ("2026-10-25T00:59:59", "2026-10-25T01:59:59"),
        ("2026-10-25T01:00", "2026-10-25T01:00"),
        ("2026-10-25T02:00", "2026-10-25T02:00"),
        ("1970-01-15T12:00", "1970-01-15T13:00"),
    ],
)
def test_recorded_time_is_shown_as_clocks_in_england_show_it(utc: str, in_england: str) -> None:
    """Summer and winter, at the change between them, and in the years without winter time."""
    assert civil(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == datetime.fromisoformat(in_england)


@pytest.mark.parametrize(
    ("in_england", "utc"),
    [
        ("2026-07-15T13:00", "2026-07-15T12:00"),
        ("2026-10-25T01:30", "2026-10-25T00:30"),
        ("2026-10-25T02:00", "2026-10-25T02:00"),
        ("2026-03-29T00:59", "2026-03-29T00:59"),
        ("2026-03-29T01:30", "2026-03-29T01:30"),
        ("2026-03-29T02:00", "2026-03-29T01:00"),
    ],
)
def test_civil_time_means_one_instant(in_england: str, utc: str) -> None:
    """In the hour that comes twice the earlier one; in the hour that never comes, as if the clocks had not changed."""
    assert instant_of(datetime.fromisoformat(in_england)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@given(WIDE)
def test_there_and_back_is_the_same_instant(at: datetime) -> None:
    """Recorded time survives being turned into civil time, even in the hour that comes twice."""
    assume(at.year < LATEST_YEAR)
    recorded = at.replace(tzinfo=UTC)

    assert instant_of(civil(recorded)) == recorded
    assert civil(recorded).tzinfo is None


@given(WIDE, st.timedeltas(timedelta(hours=2), timedelta(days=400)))
def test_civil_time_runs_forward(at: datetime, later: timedelta) -> None:
    """Within the repeated hour of October two instants may change places, and never otherwise."""
    assume(at.year < LATEST_YEAR - 1)
    recorded = at.replace(tzinfo=UTC)

    assert civil(recorded) < civil(recorded + later)


# The repeated hour ----------------------------------------------------------------------------------------------------

FIRST_PASS = [datetime(2026, 10, 25, 0, minute, tzinfo=UTC) for minute in (0, 20, 59)]
SECOND_PASS = [datetime(2026, 10, 25, 1, minute, tzinfo=UTC) for minute in (0, 20, 59)]
AROUND = [
    datetime(2026, 10, 24, 23, 59, tzinfo=UTC), *FIRST_PASS, *SECOND_PASS, datetime(2026, 10, 25, 2, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC),
]  # fmt: skip


@pytest.mark.parametrize("one", AROUND)
@pytest.mark.parametrize("other", AROUND)
def test_what_was_there_by_an_instant_was_there_by_it(one: datetime, other: datetime) -> None:
    """On the night in October on which clocks show one hour twice, what came first still came first."""
    assert was_by(civil(one), civil(other)) is (one <= other)


def test_in_the_second_pass_of_the_hour_the_first_is_over() -> None:
    """What happened at ten to two, before the clocks went back, does not lie in the future at ten past one."""
    ten_to_two = PartialDate.parse("2026-10-25T01:50")

    assert not ten_to_two.after(up_to(SECOND_PASS[1]))
    assert ten_to_two.after(up_to(FIRST_PASS[1]))
    assert PartialDate.parse("2026-10-25T02:01").after(up_to(SECOND_PASS[1]))
