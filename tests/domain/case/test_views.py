"""The child's view: said, shown, declined, not to be had, sought."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case.refusal import DatesRefused, IncompleteRefused, NotThereRefused
from domain.voice.evidence import Outcome, Source

SAID = {"do": "record_view", "expressed": "2026-03-04", "matters": ["placement"], "account": "Stay."}
SHOWN = {"do": "record_observation", "observed": "2026-03-04", "matters": ["placement"], "what_was_seen": "Smiled."}
DECLINED = {"do": "record_declined", "declined": "2026-03-04", "matters": ["placement"]}
UNABLE = {
    "do": "record_not_ascertainable",
    "considered": "2026-03-04",
    "matters": ["placement"],
    "reason_code": "PRE_VERBAL",
}
SOUGHT = {"do": "record_sought", "sought": "2026-03-04", "matters": ["placement"]}
PROPOSAL = {"do": "make_proposal", "ref": "plan", "proposed": "2026-02-20", "matters": ["placement"], "what": "A move."}

every_kind = pytest.mark.parametrize(
    ("command", "dated", "outcome"),
    [
        (SAID, "expressed", Outcome.EXPRESSED),
        (SHOWN, "observed", Outcome.OBSERVED),
        (DECLINED, "declined", Outcome.DECLINED),
        (UNABLE, "considered", Outcome.NOT_ASCERTAINABLE),
        (SOUGHT, "sought", Outcome.SOUGHT),
    ],
    ids=["said", "shown", "declined", "unable", "sought"],
)


@every_kind
def test_each_kind_of_view_reaches_the_question(opened: Any, command: Any, dated: str, outcome: Outcome) -> None:
    """What was recorded is what the question sees: when, what came of it, on what, when written down, how had."""
    outcome_of = opened(PROPOSAL).when(
        command | {"ref": "view", "proposal": "plan", "seen_alone": "NO", "recorded": "2026-03-05T09:10"}
    )
    outcome_of.then()
    view = outcome_of.case.evidence.views["view"]

    assert (str(view.expressed), view.outcome, view.matters) == (command[dated], outcome, ("placement",))
    assert (view.recorded.isoformat(), view.proposal, view.seen_alone) == ("2026-03-05T09:10:00", "plan", "NO")


@every_kind
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("proposal", "nothing"),
        ("proposal", "mum"),
        ("present", ["nobody"]),
        ("present", ["plan"]),
        ("matters", ["contact:nobody"]),
    ],
)
def test_a_view_points_at_what_is_there(  # noqa: PLR0913 - each kind of view, and what is wrong
    opened: Any, command: Any, dated: str, outcome: Outcome, field: str, wrong: Any
) -> None:
    """The proposal, the people and the matter of a view are those of the case."""
    case = opened(PROPOSAL)

    case.when(command | {"proposal": "plan", "present": ["kim"], "matters": ["contact:mum"]}).then()
    case.when(command | {field: wrong}).refused(NotThereRefused, field=field)


@every_kind
def test_a_view_comes_after_birth(opened: Any, command: Any, dated: str, outcome: Outcome) -> None:
    """Nobody is asked before they are born; on the day of birth, feelings may show."""
    opened().when(command | {dated: "2014-05-03"}).then()
    opened().when(command | {dated: "2014-05"}).then()
    opened().when(command | {dated: "2014-05-02"}).refused(DatesRefused, field=dated)
    opened().when(command | {dated: "2014-04"}).refused(DatesRefused, field=dated)


@every_kind
@pytest.mark.parametrize(
    "matters", [[], ["holidays"], ["Placement"], ["contact:"], ["contact:mum:"], ["placement home"], None]
)
def test_a_view_is_about_something_known(
    opened: Any, command: Any, dated: str, outcome: Outcome, matters: list[str] | None
) -> None:
    """At least one matter, each of a root that everybody knows."""
    opened().when(command | {"matters": ["placement", "education:school"]}).then()
    opened().when(command | {"matters": matters}).malformed("matters")


def test_a_view_says_something(opened: Any) -> None:
    """The child's own words, or another's account of what the child wants; without either there is no view."""
    words = {"own_words": [{"words": "nae chance", "language": "sco"}]}

    opened().when(SAID).then(account="Stay.", own_words=[])
    opened().when(SAID | words | {"account": None}).then(account=None, **words)
    opened().when(SAID | {"account": None}).refused(IncompleteRefused, field="own_words")
    opened().when(SAID | {"account": None, "interpretation": "Sad."}).refused(IncompleteRefused, field="own_words")


def test_the_childs_words_and_an_adults_reading_stay_apart(opened: Any) -> None:
    """Neither is merged into the other, nor is either changed."""
    words = [{"words": "nae chance", "language": "sco"}, {"words": "i wanna stay wiv kim", "language": None}]

    opened().when(SAID | {"own_words": words, "interpretation": "Settled."}).then(
        own_words=words, interpretation="Settled.", account="Stay."
    )


def test_a_code_alone_is_recorded_and_excuses_nothing(opened: Any) -> None:
    """That nobody wrote why is a finding, so the entry is taken in as it is."""
    without = opened().when(UNABLE | {"ref": "view"})
    within = opened().when(UNABLE | {"ref": "view", "reason": "Ten days old."})
    without.then("view.not_ascertainable", reason=None)
    within.then("view.not_ascertainable")

    assert without.case.evidence.views["view"].reason_given is False
    assert within.case.evidence.views["view"].reason_given is True
    opened().when(UNABLE | {"reason_code": "TOO_BUSY"}).malformed("reason_code")


@pytest.mark.parametrize("source", Source)
def test_through_whom_a_view_came_is_kept(opened: Any, source: Source) -> None:
    """An advocate's letter is not a carer's word."""
    outcome = opened().when(SAID | {"ref": "view", "source": source})
    outcome.then(source=source)

    assert outcome.case.evidence.views["view"].source is source


@pytest.mark.parametrize("attempts", [0, -1, 51, 1.5, "often"])
def test_how_often_a_child_was_asked_is_a_number_of_times(opened: Any, attempts: Any) -> None:
    """Once at least."""
    opened().when(DECLINED | {"attempts": 50}).then(attempts=50)
    opened().when(DECLINED | {"attempts": attempts}).malformed("attempts")


@pytest.mark.parametrize("language", ["en", "cy", "zh-Hant", "sco"])
def test_the_language_of_words_is_a_tag(opened: Any, language: str) -> None:
    """A tag that programs know, so that a page can be read out in it."""
    opened().when(SAID | {"own_words": [{"words": "x", "language": language}]}).then()
    opened().when(SAID | {"own_words": [{"words": "x", "language": language + " "}]}).malformed("own_words")
