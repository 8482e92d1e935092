"""When an answer can change by itself, and for which moments it is asked."""

# ruff: noqa: DTZ001 - civil time has no offset

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from domain.dates import PartialDate
from domain.rules import pack_pinned
from domain.voice.evidence import Decision, Evidence, View
from domain.voice.evidence import Outcome as Said
from domain.voice.question import ask, effect_instant, emergency_supported, next_turn
from domain.voice.verdict import Verdict

PACK = pack_pinned("england-2010@1")
PLANNED = Decision(
    "move",
    "PLACEMENT_MOVE_PLANNED",
    ("placement",),
    PartialDate.parse("2026-03-10"),
    PartialDate.parse("2026-03-20"),
    datetime(2026, 3, 10, 17),
)
EMERGENCY = replace(
    PLANNED,
    effective=PartialDate.parse("2026-03-10"),
    emergency=True,
    ground="EPO",
    not_practicable_reason_given=True,
)
AT_CHRISTMAS = replace(
    EMERGENCY,
    decided=PartialDate.parse("2026-12-23"),
    effective=PartialDate.parse("2026-12-23"),
    recorded=datetime(2026, 12, 23, 20),
)


@pytest.mark.parametrize(
    ("decision", "after", "turn"),
    [
        (PLANNED, datetime(2026, 3, 1), datetime(2026, 3, 10)),
        (PLANNED, datetime(2026, 3, 10), datetime(2026, 3, 18)),
        (PLANNED, datetime(2026, 3, 18), datetime(2026, 3, 21)),
        (PLANNED, datetime(2026, 3, 21), None),
        (EMERGENCY, datetime(2026, 3, 11), datetime(2026, 3, 18)),
        (EMERGENCY, datetime(2026, 3, 18), None),
        (AT_CHRISTMAS, datetime(2026, 12, 24), datetime(2026, 12, 31)),
        (AT_CHRISTMAS, datetime(2026, 12, 31), datetime(2027, 1, 5)),
        (replace(AT_CHRISTMAS, emergency=False), datetime(2026, 12, 24), None),
        (replace(PLANNED, recorded=datetime(2026, 3, 2, 9)), datetime(2026, 3, 3), datetime(2026, 3, 10)),
        (replace(PLANNED, decided=None), datetime(2026, 3, 1), None),
    ],
)
def test_time_alone_turns_an_answer_at_a_known_instant(
    decision: Decision, after: datetime, turn: datetime | None
) -> None:
    """When the day of the decision comes, when it happens, when the child was to be told, when a window closes."""
    assert next_turn(decision, PACK, after) == turn


@pytest.mark.parametrize(
    ("decision", "instant"),
    [
        (PLANNED, datetime(2026, 3, 20, 23, 59, 59, 999999)),
        (replace(PLANNED, effective=PartialDate.parse("2026-03")), datetime(2026, 3, 31, 23, 59, 59, 999999)),
        (replace(PLANNED, effective=None), datetime(2026, 3, 10, 23, 59, 59, 999999)),
        (replace(PLANNED, decided=None), None),
    ],
)
def test_as_it_took_effect_means_the_end_of_that_day(decision: Decision, instant: datetime | None) -> None:
    """What came in on the day itself counts as known by then."""
    assert effect_instant(decision) == instant


@pytest.mark.parametrize(
    ("decision", "supported"),
    [
        (EMERGENCY, True),
        (replace(EMERGENCY, emergency=False), False),
        (replace(EMERGENCY, ground=None), False),
        (replace(EMERGENCY, ground="VERY_BUSY"), False),
        (replace(EMERGENCY, not_practicable_reason_given=False), False),
    ],
)
def test_an_emergency_is_supported_by_two_things(decision: Decision, supported: bool) -> None:  # noqa: FBT001
    """A ground from the list, and the reason why nobody could ask."""
    assert emergency_supported(decision, PACK) is supported


def test_only_what_was_on_record_is_known() -> None:
    """A decision or a view is there from the instant on at which the record took it in."""
    view = View("view", Said.EXPRESSED, ("placement",), PartialDate.parse("2026-03-04"), datetime(2026, 3, 12, 16))
    record = Evidence({"move": PLANNED}, {"view": view})

    early = record.known_at(datetime(2026, 3, 10, 16, 59))
    later = record.known_at(datetime(2026, 3, 12, 16))

    assert (early.decision("move"), early.view("view"), early.decisions) == (None, None, {})
    assert (later.decision("move"), later.view("view"), later.decisions) == (PLANNED, view, {"move": PLANNED})
    assert later.decision("another") is None
    assert ask(PLANNED, early, PACK).verdict is Verdict.PENDING
    assert ask(PLANNED, later, PACK).verdict is Verdict.EXPRESSED_BEFORE_RECORDED_BEFORE_EFFECT
