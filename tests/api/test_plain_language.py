"""
Every fixed phrase that a person reads on a page, in English: plain enough for somebody of twelve.

Two measures, because one is not enough. A sentence has a Flesch-Kincaid grade. A label of two words has none that means
anything, so every long word, wherever it stands, has to be one that a twelve-year-old says, or a term that nothing can
take the place of, listed here with the reason.
"""

from __future__ import annotations

import re

import pytest

from api.pages.forms.picking import language_names
from domain.codes import Ethnicity
from domain.rules import all_packs
from ops.readability import grade, long_words, words_of
from ops.sentences import sentences

HARDEST = 9.0
AVERAGE = 4.0
A_SENTENCE = 6
"""From how many words on a grade says something."""

TERMS = {
    "reviewing officer": "the officer's title in law (Children Act 1989 s 25A); children are told it with the name",
    "independent": "part of the titles of the reviewing officer and the visitor; it is what makes them what they are",
    "visitor": "the independent visitor's title in law (Children Act 1989 s 23ZB)",
    "advocate": "the title of the person who speaks for the child (Children Act 1989 s 26A)",
    "personal adviser": "the title of the worker after care (Children Act 1989 s 23D)",
    "solicitor": "what lawyers who speak for a child are called",
    "ombudsman": "the Ombudsman's title",
    "inspector": "what people from Ofsted are called",
    "interpreter": "what somebody is called who puts words into another language",
    "director of children's services": "the title of the person who decides the gravest moves",
    "adoption": "no other word means it, and children who are adopted know it",
    "adopted": "as for adoption",
    "fostering": "as foster care; the only word there is",
    "placement": "the law's word for where a child in care lives, and part of an order's name",
    "accommodation": "supported accommodation is a kind of home that Ofsted inspects, under that name",
    "parental responsibility": "what the law calls it (Children Act 1989 s 3)",
    "interim": "part of an order's name: the order can be found by it",
    "protection": "part of an order's name: the order can be found by it",
    "assessment": "part of an order's name: the order can be found by it",
    "arrangements": "part of an order's name: the order can be found by it",
    "residence": "part of an order's name: the order can be found by it",
    "rehabilitation order with a residence requirement": "the order's name: it can be found by it",
    "guardianship": "part of an order's name: the order can be found by it",
    "custody": "the court's word, and the code's",
    "young offender institution": "the name of such a place",
    "eligible": "the law's word, in quotation marks behind plain ones",
    "relevant": "the law's word, in quotation marks behind plain ones",
    "qualifying": "the law's word, in quotation marks behind plain ones",
    "act of parliament": "what it is",
    "regulations": "what they are; the sentence says that they are law",
    "nationality": "the passport's word",
    "content-encoding": "the name of a header, in a sentence for programs",
    "operator": "whoever runs the server, in a sentence that programs are given too",
    "reference": "the label that a number has on a letter",
}
"""What cannot be said otherwise, and why."""

_EVERYDAY = """
accepted afterwards agreement already another answered anybody anything april august beforehand behaviour
charity company computer december decided deciding decision decisions difference difficulties disability
document education emergency every everybody everything exactly example expected explanation family february
female fingerprint general government grandparent holiday hospital important january manager medical medicine
nobody november october officer operation overnight pregnancy reasonable reasonably recorded relative
relatives religion remember remembers saturday september several somebody something somewhere suggested
supported together translated understand usually visited yesterday
"""
EVERYDAY = frozenset(_EVERYDAY.split())
"""Long words that somebody of twelve says."""

NAMES = {pack.title for pack in all_packs()} | {each.meaning for each in Ethnicity} | set(language_names())
"""Names of laws, of languages, and of the groups people say they belong to, are not ours to write."""


def phrases() -> list[str]:
    """Every fixed phrase without its marks, and with a short word wherever something is filled in."""
    found = {text for each in sentences() for text in (each.text, each.many) if text}
    bare = {re.sub(r"<[^>]*>", "", re.sub(r"\{[a-z_]+\}", "Sam", text)) for text in found - NAMES}
    return sorted(text for text in bare if words_of(text))


def without_terms(text: str) -> str:
    """A phrase with a short word in place of each term."""
    for term in sorted(TERMS, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(term)}s?\b", "thing", text, flags=re.IGNORECASE)
    return text


def test_there_is_something_to_measure() -> None:
    """Phrases come from all over the pages."""
    assert len(phrases()) > 800


def test_every_sentence_is_easy_to_read() -> None:
    """No sentence is far above what a twelve-year-old reads, and most are well below."""
    grades = {text: grade(without_terms(text)) for text in phrases() if len(words_of(text)) >= A_SENTENCE}
    assert {text: round(found, 1) for text, found in grades.items() if found > HARDEST} == {}
    assert sum(grades.values()) / len(grades) <= AVERAGE


def test_every_long_word_is_one_that_children_say_or_has_a_reason() -> None:
    """Also in a label of one word: no word is long without need."""
    found = {text: [each for each in long_words(without_terms(text)) if each not in EVERYDAY] for text in phrases()}
    assert {text: hard for text, hard in found.items() if hard} == {}


def test_no_term_is_kept_that_nothing_uses() -> None:
    """The list shrinks when the phrases get plainer."""
    said = " ".join(phrases()).lower()
    assert [term for term in TERMS if term not in said] == []


@pytest.mark.parametrize(
    "text",
    [
        "The authority ascertains, so far as is reasonably practicable, the child's wishes and feelings.",
        "Ascertainable",
        "Statutory requirements",
    ],
)
def test_the_measures_find_what_is_hard(text: str) -> None:
    """A measure that lets anything pass would be none."""
    sentence = len(words_of(text)) >= A_SENTENCE
    assert (sentence and grade(without_terms(text)) > HARDEST) or set(long_words(without_terms(text))) - EVERYDAY
