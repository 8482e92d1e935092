"""
Two published judgments, restated as histories, against what the judges concluded.

Nobody here wrote these lives. If the record shows something else than a judge found after reading all of it, the record
is wrong, or the question is. Each test of a conclusion says it first in our own words.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from api.casework import Casework
from domain.case.command import Act
from domain.case.contact import ContactArrangementDecided
from domain.case.decision import DecisionMade
from domain.case.fact import Fact, Role
from domain.case.opening import OpenCase
from domain.case.placement import PlacementMoveDecided
from domain.case.plan import CarePlanChangeDecided, LegalStatusDecided
from domain.case.proposal import ProposalMade
from domain.case.record import FindingAttached, GapDeclared
from domain.case.state import Case
from domain.case.support import AdvocateEngaged
from domain.case.telling import ChildTold
from domain.case.view import ViewExpressed
from domain.dates import PartialDate, parse_partial_date
from domain.voice.evidence import Grade, Weight
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass
from ledger.log import Log
from ledger.mapper import Stamp
from ledger.reader import LogReader
from ops.importers.history import HistoryLine, Report, case_id_of, import_history
from projections.answers import Answers, Shown
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from projections.voice.rows import Voice, voices

Pool = ConnectionPool[psycopg.Connection[Any]]

HERE = Path(__file__)
SAMPLES = HERE.parents[2] / "ops" / "samples"
LANCASHIRE, OXFORDSHIRE = SAMPLES / "lancashire_2012.jsonl", SAMPLES / "oxfordshire_2022.jsonl"
A, S, C = "lancashire-2012/A", "lancashire-2012/S", "oxfordshire-2022/C"
BROTHERS = (A, S)

FACTS = {LANCASHIRE: 73, OXFORDSHIRE: 15}
"""How many facts each published history has: f001, f002 and so on."""
NO_PLACE = {LANCASHIRE: {"f011"}, OXFORDSHIRE: set[str]()}
"""Facts the record has no place for; the README says why."""
HELD_OUT = {
    LANCASHIRE: "a_and_s_v_lancashire_2012.json",
    OXFORDSHIRE: "oxfordshire_v_c_2022.json",
}
SHARED = HERE.parents[3] / "shared" / "data" / "cases"

FAMILY = frozenset({"mother", "brother-s1", "half-brother-n", "aunt-c"})
"""Whom the boys asked to see."""
ALL = 10_000


@dataclass(frozen=True)
class Story:
    """One child's timeline as a reader gets it, and the state of the case."""

    shown: list[Shown]
    state: dict[str, Any]

    def __getitem__(self, ref: str) -> Shown:
        return next(each for each in self.shown if each.entry.event.ref == ref)

    def fact(self, ref: str) -> Any:
        """What an entry says."""
        return self[ref].entry.event

    def all(self, *kinds: type[Fact]) -> list[Any]:
        """Every entry of some kinds, in the order of the timeline."""
        return [each.entry.event for each in self.shown if isinstance(each.entry.event, kinds)]

    def topics(self) -> set[str]:
        """Which kinds of entry there are."""
        return {each.entry.event.TOPIC for each in self.shown}

    def answer(self, ref: str) -> dict[str, Any]:
        """The answer to the question about a decision, as known now."""
        voice = self[ref].voice
        assert voice is not None
        now: dict[str, Any] = voice["now"]
        return now

    def finding(self, ref: str, matter: str) -> dict[str, Any]:
        """What the record shows about one matter of a decision."""
        found: dict[str, Any] = next(each for each in self.answer(ref)["findings"] if each["matter"] == matter)
        return found

    def pointing_at(self, ref: str) -> list[str]:
        """The entries that take an entry up: cite it, answer it, decide on it."""
        return [each.entry.event.ref for each in self.shown if ref in each.entry.event.about]

    def views_before(self, day: str, *matters: str) -> list[ViewExpressed]:
        """What the child said about any of some matters that is known to lie before a day."""
        return [
            view
            for view in self.all(ViewExpressed)
            if view.expressed.before(parse_partial_date(day)) and set(view.matters) & set(matters)
        ]


def happened(decision: DecisionMade) -> PartialDate:
    """When a decision was made, or took effect where nobody knows when it was made."""
    moment = decision.decided or decision.effective
    assert moment is not None
    return moment


def on(day: str) -> PartialDate:
    """A date as people state it."""
    return parse_partial_date(day)


def lines() -> Iterator[tuple[Path, HistoryLine]]:
    """Every line of both files."""
    for file in (LANCASHIRE, OXFORDSHIRE):
        for text in file.read_text(encoding="utf-8").splitlines():
            yield file, HistoryLine.model_validate_json(text)


def folded(name: str, *, without: str) -> dict[str, Voice]:
    """The answers of a case whose record lacked one entry."""
    now = datetime.now(UTC)
    case = Case(case_id_of(name))
    for _, line in lines():
        if line.case == name and line.command.ref != without:
            for fact in line.command.decide(case, Act("test", Role.SYSTEM, now, uuid4(), uuid4())):
                case.evolve(fact, Stamp(case.version + 1, now))
    return {voice.ref: voice for voice in voices(case, now)}


async def read(url: str, kept: Log[Fact]) -> dict[str, Story]:
    """Read all three timelines as a door does."""
    async with AsyncConnectionPool(url, min_size=1, max_size=1, open=False, kwargs={"autocommit": True}) as pool:
        answers = Answers(LogReader(pool, kept))
        stories = {}
        for name in (A, S, C):
            view = await answers.case(case_id_of(name))
            assert view is not None
            shown = await answers.timeline(case_id_of(name), now=datetime.now(UTC), limit=ALL)
            stories[name] = Story(shown, view.state)
        return stories


def imported(ledger: Casework) -> Report:
    """Import both files."""
    return import_history([LANCASHIRE, OXFORDSHIRE], ledger, lambda: datetime.now(UTC))


@pytest.fixture
def runner(pool: Pool, kept: Log[Fact]) -> Runner:
    """All projections, with their tables made."""
    runner = Runner(pool, kept, PROJECTIONS)
    runner.prepare()
    return runner


@pytest.fixture
def stories(ledger: Casework, runner: Runner, database: str, kept: Log[Fact]) -> dict[str, Story]:
    """The whole way: files, ledger, projections, answers."""
    report = imported(ledger)
    assert report.refused == []
    runner.catch_up()
    return asyncio.run(read(database, kept))


# A and S v Lancashire County Council, 2012 ---------------------------------------------------------------------------


def test_nobody_went_to_court_for_seven_years(stories: dict[str, Story]) -> None:
    """
    Conclusion e01: in March 2004 the plan was changed and the orders were to be ended in court.

    Review after review said so. The first to ask the court was A, himself, on 20 June 2011.
    """
    for name, first in ((A, "f068"), (S, "f068-b")):
        story = stories[name]
        proposal, decision = story.fact("f029-b"), story.fact("f029")
        assert isinstance(proposal, ProposalMade)
        assert isinstance(decision, CarePlanChangeDecided)
        assert decision.proposal == proposal.ref
        assert str(proposal.proposed) == "2004-03-10"
        assert "legal" in proposal.matters, "the panel spoke of the court as well"

        steps = sorted(story.all(LegalStatusDecided), key=lambda step: happened(step).sort_key())
        before = [step.ref for step in steps if happened(step).before(on("2004-03-10"))]
        after = [step for step in steps if step.ref not in before]
        assert before[-1] == "f027"
        assert (after[0].ref, after[0].step) == (first, "APPLIED_FOR")
        assert happened(after[0]).first_day.year == 2011
        assert {"f029", "f030"} <= set(story.fact("f073-finding-02").of), "the court said so too"

        reviews = story.fact("f030")
        assert isinstance(reviews, GapDeclared)
        assert (str(reviews.gap_from), str(reviews.gap_to)) == ("2004-04", "2011-04")

    own = stories[A].fact("f068")
    assert (own.applicant, own.step, str(own.decided)) == ("A", "APPLIED_FOR", "2011-06-20")
    assert stories[A].answer("f068")["verdict"] == Verdict.NOT_SIGNIFICANT, "his own step, decided by nobody over him"


@pytest.mark.parametrize(
    ("name", "requests"),
    [(A, ["f025", "f032", "f034", "f035", "f046"]), (S, ["f032", "f035", "f046"])],
    ids=["A", "S"],
)
def test_asking_to_see_the_family_led_to_nothing(stories: dict[str, Story], name: str, requests: list[str]) -> None:
    """
    Conclusion e02: the boys asked to see their family again and again, and no answer came that changed anything.

    What a worker agreed to look into on 8 March 2006 is never heard of again.
    """
    story = stories[name]
    about_family = [view for view in story.all(ViewExpressed) if _family(view.matters)]
    assert [view.ref for view in about_family if view.expressed.before(on("2011"))] == requests

    for request in requests:
        assert story.pointing_at(request) == [], "nothing in the record takes it up"
    arrangements = [each for each in story.all(ContactArrangementDecided) if each.person in FAMILY]
    assert arrangements, "there had been contact"
    assert not [each.ref for each in arrangements if happened(each).after(on("2002-08-22"))]

    assert story.pointing_at("f035-c") == ["f073-finding-05"], "only the court takes up what was promised"
    assert story.state["open_promises"][0] == "f035-c"


def test_the_move_was_decided_a_week_after_he_said_he_wanted_to_stay(stories: dict[str, Story]) -> None:
    """
    Conclusion e03: on 12 May 2011 a manager decided to end A's home; the last thing he had said was: I want to stay.

    The view was on record in time. It does not show in the decision. Neither a review, nor the reviewing officer, nor
    the carers had a part in it, and he was told without being told why.
    """
    story = stories[A]
    finding = story.finding("f062", "placement")
    assert finding["verdict"] == Verdict.RECORDED_BEFORE_DECISION
    assert finding["rests_on"] == ["f061"], "not on what he had said in March, after the fight"
    assert {Flag.NO_REVIEW_LINK, Flag.IRO_NOT_INFORMED} <= set(finding["flags"])
    answer = story.answer("f062")
    assert answer["verdict"] == Verdict.WITHDRAWN, "the move never happened; what was found about it stays"
    assert finding["class"] == VerdictClass.MET
    assert answer["influence"] == Influence.VIEW_NOT_REFERENCED
    assert answer["feedback"] == Feedback.TOLD_WITHOUT_REASONS

    move, view = story.fact("f062"), story.fact("f061")
    assert (str(view.expressed), str(move.decided)) == ("2011-05-05", "2011-05-12")
    assert (move.views, move.other_views, move.reasons) == ((), (), None)
    assert [each.ref for each in story.all(ChildTold)] == ["f064", "f066-c"]


def test_without_what_he_said_on_5_may_the_answer_would_be_another() -> None:
    """The verdict of e03 rests on that one view: without it, only the older and opposite one is left."""
    (finding,) = folded(A, without="f061")["f062"].now.findings
    assert finding.verdict is Verdict.STALE_VIEW_ONLY
    assert finding.rests_on[0] == "f060"


def test_nobody_found_the_boys_a_lawyer(stories: dict[str, Story]) -> None:
    """Conclusion e04: the council never helped the boys to advice of their own. A found his solicitor by himself."""
    (engaged,) = stories[A].all(AdvocateEngaged)
    assert (engaged.ref, engaged.arranged_by, str(engaged.engaged)) == ("f065", "CHILD", "2011-05-31")
    assert engaged.ref in stories[A].fact("f073-finding-06").of
    assert "advocate.engaged" not in stories[S].topics()
    for name in BROTHERS:
        assert "advocate.offered" not in stories[name].topics()


def test_the_reviewing_officer_took_it_nowhere(stories: dict[str, Story]) -> None:
    """Conclusion e05: what the reviews asked for was not done, and the officer neither pressed nor went to Cafcass."""
    for name in BROTHERS:
        story = stories[name]
        assert not {topic for topic in story.topics() if topic.startswith("iro.")}
        assert story.state["open_challenges"] == []
        assert story.fact("f056").not_done
        for finding in ("f073-finding-09", "f073-finding-10"):
            assert isinstance(story.fact(finding), FindingAttached)
            assert "f056" in story.fact(finding).of


@pytest.mark.parametrize(("name", "first"), [(A, "f025"), (S, "f032")], ids=["A", "S"])
def test_seeing_the_family_had_ended_before_anybody_wrote_down_what_they_wanted(
    stories: dict[str, Story], name: str, first: str
) -> None:
    """
    Follows from the facts (e06): by 22 August 2002 the boys saw nobody of their family any more.

    What A wanted was written down for the first time in October 2002; what S wanted, in 2005.
    """
    story = stories[name]
    for ended, person in (("f020", "half-brother-n"), ("f024", "brother-s1")):
        finding = story.finding(ended, f"contact:{person}")
        assert finding["verdict"] == Verdict.VIEW_AFTER_EFFECT_ONLY
        assert finding["rests_on"][-1] == first, "the earliest of what came after"
        assert Flag.DECISION_DATE_UNKNOWN in finding["flags"]
        assert story.answer(ended)["influence"] == Influence.NO_VIEW_TO_WEIGH
    assert story.views_before("2002-08-23", *(f"contact:{person}" for person in FAMILY), "contact") == []


def test_the_night_of_5_february_2008(stories: dict[str, Story]) -> None:
    """
    Follows from the facts (e07): the boys were taken away in an emergency; eight days before, A was happy there.

    What they said about it was said at that time or after, on a day nobody wrote down. So the record cannot show that
    they were asked first; and what A had said in January was overtaken by what happened.
    """
    for name in BROTHERS:
        story = stories[name]
        move = story.fact("f041")
        assert (move.kind, move.urgency, str(move.effective)) == ("PLACEMENT_MOVE_EMERGENCY", "EMERGENCY", "2008-02-05")
        finding = story.finding("f041", "placement")
        assert finding["verdict"] == Verdict.SAME_DAY_ORDER_UNKNOWN
        assert finding["rests_on"] == ["f042"]
        assert Flag.EMERGENCY_UNSUPPORTED in finding["flags"], "a ground, but no word on why nobody could ask"
        assert story.answer("f041")["influence"] == Influence.VIEW_NOT_REFERENCED
        assert str(story.fact("f042").expressed) == "2008-02"
    assert stories[A].views_before("2008-02-01", "placement")[-1].ref == "f040"
    assert stories[S].views_before("2008-02-01", "placement") == []

    before = folded(A, without="f042")["f041"].now
    assert before.verdict is Verdict.STALE_VIEW_ONLY
    assert before.rests_on[0] == "f040"
    assert "f041-b" in before.rests_on
    assert Flag.MATERIAL_CHANGE_SINCE_VIEW in before.flags


def test_s_was_not_asked_before_his_home_ended(stories: dict[str, Story]) -> None:
    """
    Follows from the facts (e08): on 26 May 2010 S left his home and his brother, and had not been asked about it.

    The last thing of his on record is from October 2008, and it is about seeing his family.
    """
    story = stories[S]
    answer = story.answer("f052")
    assert answer["class"] == VerdictClass.NOT_MET
    assert story.finding("f052", "siblings")["verdict"] == Verdict.OTHER_MATTER_ONLY
    placement = story.finding("f052", "placement")
    assert placement["class"] not in (VerdictClass.MET, VerdictClass.EXCUSED, VerdictClass.LATE_EVIDENCE)
    home_began = story.fact("f045").effective
    assert all(story.fact(ref).expressed.before(home_began) for ref in placement["rests_on"])
    assert {Flag.DECISION_DATE_UNKNOWN, Flag.NO_REVIEW_LINK, Flag.IRO_NOT_INFORMED} <= set(answer["flags"])

    views = [view for view in story.all(ViewExpressed) if view.expressed.before(on("2010-05-26"))]
    assert (views[-1].ref, str(views[-1].expressed), views[-1].matters) == ("f046", "2008-10", ("contact",))
    assert stories[A].finding("f052", "siblings")["class"] == VerdictClass.NOT_MET, "nor was his brother"


# Oxfordshire County Council v A Mother, 2022 --------------------------------------------------------------------------


def test_the_judge_heard_him_decided_otherwise_and_said_why(stories: dict[str, Story]) -> None:
    """Conclusion e01: the care order was made against what C clearly wanted; he was heard, and given the reasons."""
    story = stories[C]
    answer = story.answer("f015")
    assert answer["verdict"] == Verdict.RECORDED_BEFORE_DECISION
    assert answer["influence"] == Influence.DEPARTED_REASONED
    assert answer["feedback"] == Feedback.TOLD_WITH_REASONS
    assert answer["flags"] == []
    order = story.fact("f015")
    assert (order.weight, order.views) == (Weight.DEPARTED, ("f014",))
    assert order.departure_reasons


def test_he_changed_his_mind_and_the_later_word_counts(stories: dict[str, Story]) -> None:
    """Conclusion e02: in November 2021 C wanted a care order, in November 2022 he did not; the second is the one."""
    story = stories[C]
    assert [view.ref for view in story.all(ViewExpressed) if "legal" in view.matters] == ["f010", "f014"]
    assert story.finding("f015", "legal")["rests_on"] == ["f014"]
    assert story.state["legal_statuses"][-1]["code"] == "C2"


def test_nobody_asked_him_before_the_sudden_move(stories: dict[str, Story]) -> None:
    """Conclusion e03: on 1 February 2022 C had to leave at once and did not know where he was going."""
    story = stories[C]
    move = story.fact("f011")
    assert (move.kind, move.urgency) == ("PLACEMENT_MOVE_UNPLANNED", "UNPLANNED")
    assert move.introductions
    assert move.belongings
    answer = story.answer("f011")
    assert answer["class"] == VerdictClass.NOT_MET
    assert answer["influence"] == Influence.NO_VIEW_TO_WEIGH
    assert answer["feedback"] == Feedback.NOT_TOLD
    finding = story.finding("f011", "placement")
    assert all(story.fact(ref).expressed.after(move.effective) for ref in finding["rests_on"])
    assert story.views_before("2022-02-01", "placement") == []


def test_six_homes_in_two_and_a_half_years(stories: dict[str, Story]) -> None:
    """Conclusion e04: after the first year three homes in ten months, and then nearly eight months in a rented one."""
    moves = sorted(stories[C].all(PlacementMoveDecided), key=lambda move: happened(move).sort_key())
    assert [(move.ref, str(move.effective)) for move in moves] == [
        ("f004", "2020-04-20"),
        ("f005", "2021-04-01"),
        ("f006", "2021-04-23"),
        ("f008", "2021-09-23"),
        ("f011", "2022-02-01"),
        ("f013", "2022-09-22"),
    ]
    days = [(later.effective.first_day - earlier.effective.first_day).days for earlier, later in pairwise(moves)]
    assert sum(days[1:4]) < 365
    assert 7 * 30 < days[4] < 8 * 31
    assert all(stories[C].answer(move.ref)["class"] != VerdictClass.MET for move in moves)


# The histories as histories -------------------------------------------------------------------------------------------


def test_importing_again_changes_nothing(
    stories: dict[str, Story], ledger: Casework, runner: Runner, database: str, kept: Log[Fact]
) -> None:
    """The same files once more: nothing is recorded, nothing refused, and every answer is the same."""
    position = runner.catch_up()
    again = imported(ledger)
    assert (again.recorded, again.already, again.refused, again.cases) == (0, len(list(lines())), [], [])
    assert runner.catch_up() == position
    assert asyncio.run(read(database, kept)) == stories


@pytest.mark.parametrize("file", [LANCASHIRE, OXFORDSHIRE], ids=["lancashire", "oxfordshire"])
def test_every_fact_of_the_source_is_in_the_record_or_in_the_list(file: Path) -> None:
    """Nothing of a published history is dropped silently: what has no place is named in the README."""
    facts = {f"f{number:03}" for number in range(1, FACTS[file] + 1)}
    told = {str(line.command.ref).partition("-")[0] for where, line in lines() if where == file} & facts
    assert told | NO_PLACE[file] == facts
    assert not told & NO_PLACE[file]
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    section = readme.partition(f"### What has no place: {file.stem}")[2].partition("\n### ")[0].partition("\n## ")[0]
    assert NO_PLACE[file] <= set(re.findall(r"`(f\d{3})`", section))

    if (held_out := SHARED / HELD_OUT[file]).exists():
        assert {fact["id"] for fact in json.loads(held_out.read_text(encoding="utf-8"))["facts"]} == facts


def test_every_entry_says_where_it_comes_from() -> None:
    """Each entry names the judgment and the paragraph, who wrote it down, when, and how far that can be trusted."""
    judgment_day = {LANCASHIRE: on("2012-06-21"), OXFORDSHIRE: on("2022-11-09")}
    for file, line in lines():
        source = line.command.provenance
        assert source is not None
        assert source.source_id is not None
        assert re.search(r", paras? \d", source.source_id)
        assert source.author
        assert source.grade in (Grade.B, Grade.C)
        assert source.recorded is not None
        assert not source.recorded.after(judgment_day[file])
        if source.grade is Grade.C:
            assert source.recorded == judgment_day[file], "what somebody says was written down when the court wrote it"


def test_no_words_are_put_into_a_childs_mouth() -> None:
    """The sources give the boys' words in reported speech; the record keeps accounts and invents no quotation."""
    for _, line in lines():
        assert not getattr(line.command, "own_words", ())
        assert not getattr(line.command, "reaction", ())


def test_the_children_keep_the_letters_of_the_judgment() -> None:
    """Anonymity is a condition of the publication: a letter, a year of birth where it was published, nothing else."""
    opened = {line.case: line.command for _, line in lines() if isinstance(line.command, OpenCase)}
    assert {name: (each.child, str(each.born)) for name, each in opened.items()} == {
        A: ("A", "1995"),
        S: ("S", "1997"),
        C: ("C", "None"),
    }


def test_the_story_stands_in_the_order_in_which_it_happened(stories: dict[str, Story]) -> None:
    """A move whose day is known stands at that day, also where nobody knows when it was decided."""
    for story in stories.values():
        decisions = [each for each in story.shown if isinstance(each.entry.event, DecisionMade)]
        assert {each.entry.event.ref: each.when for each in decisions} == {
            decision.ref: happened(decision) for decision in story.all(DecisionMade)
        }


def _family(matters: tuple[str, ...]) -> bool:
    return any(matter == "contact" or matter.removeprefix("contact:") in FAMILY for matter in matters)
