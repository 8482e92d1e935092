"""The words for the answers: complete, plain, and never a judgement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from domain.rules import all_packs, pack_in_force
from domain.rules.pack import RulePack
from domain.rules.rule import Authority
from domain.voice import wording
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass
from domain.voice.wording import Tone, Wording
from ops.readability import grade

FORBIDDEN = re.compile(
    r"breach|complian|comply|complied|violat|failure|failed|fails?\b|illegal|unlawful|offence|guilty|blame|wrongdoing|"
    r"non-|refus|should have|\bought\b|compliant|score|target|poor\b|bad\b|good practice",
    re.IGNORECASE,
)
EASY_GRADE = 7.0
HARDEST_SENTENCE = 10.0


def worded() -> Iterator[Wording]:
    """Every answer in words."""
    for table in (wording.VERDICTS, wording.CLASSES, wording.INFLUENCES, wording.FEEDBACKS):
        yield from table.values()


def texts() -> list[str]:
    """Everything a reader may be shown that is one or more whole sentences."""
    said = [each.sentence for each in worded()]
    said += wording.FLAGS.values()
    said += wording.AUTHORITIES.values()
    said += [wording.CHECKED, wording.UNCHECKED]
    said += [wording.put_in_later("3 May 2026", from_older_source=older) for older in (True, False)]
    return said


def test_the_measure_of_readability_tells_easy_from_hard() -> None:
    """A measure that finds everything easy would let anything pass."""
    assert grade("The child was asked. The child said yes.") < 3
    assert grade("The authority ascertains, so far as is reasonably practicable, the child's wishes and feelings.") > 10


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (Verdict, wording.VERDICTS),
        (VerdictClass, wording.CLASSES),
        (Flag, wording.FLAGS),
        (Influence, wording.INFLUENCES),
        (Feedback, wording.FEEDBACKS),
        (Authority, wording.AUTHORITIES),
    ],
)
def test_every_answer_has_words(kind: type[Verdict], table: dict[object, object]) -> None:
    """Nothing that can be answered is left without a sentence."""
    assert set(table) == set(kind)


def test_no_two_verdicts_say_the_same() -> None:
    """Colour never is all that tells two answers apart."""
    assert len({each.label for each in wording.VERDICTS.values()}) == len(Verdict)
    assert len({each.sentence for each in wording.VERDICTS.values()}) == len(Verdict)


def test_labels_are_short_and_sentences_are_sentences() -> None:
    """A tag holds a few words; what stands beside it begins and ends as a sentence does."""
    for each in worded():
        assert 3 < len(each.label) <= 50
        assert not each.label.endswith(".")
    for text in texts():
        assert text[0].isupper()
        assert text.endswith(".")


def test_nothing_is_said_about_fault() -> None:
    """The record shows or does not show; it does not judge."""
    said = texts() + [each.label for each in worded()]
    assert [text for text in said if FORBIDDEN.search(text)] == []


def test_it_is_easy_to_read() -> None:
    """A twelve-year-old can read it: the average is at most grade 7 and no text is far above it."""
    grades = {text: grade(text) for text in texts()}
    assert sum(grades.values()) / len(grades) <= EASY_GRADE
    assert {text: round(each, 1) for text, each in grades.items() if each > HARDEST_SENTENCE} == {}


def test_choosing_not_to_say_and_going_another_way_with_reasons_look_neutral() -> None:
    """A right used and a view departed from with reasons are explained, not marked."""
    assert wording.VERDICTS[Verdict.DECLINED_BEFORE_DECISION].tone is Tone.EXPLAINED
    assert "right" in wording.VERDICTS[Verdict.DECLINED_BEFORE_DECISION].sentence
    assert wording.INFLUENCES[Influence.DEPARTED_REASONED].tone is Tone.EXPLAINED
    assert wording.FEEDBACKS[Feedback.NOT_APPROPRIATE_REASONED].tone is Tone.EXPLAINED


def test_a_verdict_looks_as_its_class_counts() -> None:
    """What a list counts and what a page shows are the same."""
    for verdict, words in wording.VERDICTS.items():
        assert words.tone is wording.CLASSES[verdict.verdict_class].tone


@pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.pin)
@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_rules_under_every_pack(pack: RulePack, verdict: Verdict) -> None:
    """The first rule behind an answer is why the question is asked at all, and each has a citation."""
    grounds = wording.grounds_of(
        verdict, pack, kind="PLACEMENT_MOVE_PLANNED", matter="placement", decided=date(2026, 3, 10), flags=tuple(Flag)
    )
    assert grounds[0].citation == pack.question_on(date(2026, 3, 10)).citation
    assert all(ground.says and ground.citation and ground.standing for ground in grounds)
    assert len({(ground.says, ground.citation) for ground in grounds}) == len(grounds)


def test_an_old_view_is_measured_by_a_rule_that_says_it_is_not_law() -> None:
    """No law says for how long a view stays fresh, and the reader is told so."""
    pack = pack_in_force("england", date(2026, 3, 10))
    grounds = wording.grounds_of(
        Verdict.STALE_VIEW_ONLY, pack, kind="no such kind", matter="placement:emergency", decided=date(2026, 3, 10)
    )
    measures = [ground for ground in grounds if "42 days" in ground.says]
    assert [ground.authority for ground in measures] == [Authority.POLICY]
    assert "not law" in measures[0].standing
    assert wording.CHECKED not in measures[0].standing


def test_telling_the_child_has_its_rules() -> None:
    """The third answer can be checked as well as the first."""
    assert len(wording.grounds_of_telling(pack_in_force("england", None))) == 2


def test_what_differs_between_then_and_now_is_said() -> None:
    """A finding of its own: the record showed something else when the change happened."""
    said = wording.in_between(Verdict.BACKDATED_RECORD, Verdict.NO_VIEW_RECORDED)
    assert said is not None
    assert wording.VERDICTS[Verdict.NO_VIEW_RECORDED].sentence in said
    assert wording.in_between(Verdict.NO_VIEW_RECORDED, Verdict.NO_VIEW_RECORDED) is None


def test_a_decision_put_in_later_is_said_calmly_once() -> None:
    """That the record did not hold it yet is no other answer, only a later entry."""
    assert wording.in_between(Verdict.NO_VIEW_RECORDED, Verdict.PENDING) is None
    assert wording.put_in_later("3 May 2026", from_older_source=True) == (
        "This was put into this record on 3 May 2026, from an older source."
    )
