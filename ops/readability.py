"""
How hard a text is to read: the Flesch-Kincaid grade, roughly the school year that can read it.

Kincaid, Fishburne, Rogers and Chissom, *Derivation of new readability formulas for Navy enlisted personnel*, 1975. It
counts the words of a sentence and the syllables of a word, so it says something about sentences and little about a
label of two words; there, what counts is whether a word is long (`long_words`).
"""

from __future__ import annotations

import re
from typing import Final

LONG: Final = 3
"""From how many syllables on a word is long (Gunning, *The Technique of Clear Writing*, 1952)."""

_WORD: Final = re.compile(r"[A-Za-z']+")
_END: Final = re.compile(r"[.!?:]+(?:\s|$)")


def grade(text: str) -> float:
    """Give the grade of a text of at least one word."""
    sentences = [each for each in _END.split(text) if each.strip()]
    words = _WORD.findall(text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Count the syllables of an English word, as well as a rule of thumb can."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    if len(letters) <= 3:  # noqa: PLR2004 - so short that it can be said in one breath
        return 1
    letters = re.sub(r"(?:[^laeiouy]es|[^laeiouytd]ed|[^laeiouy]e)$", "", letters)
    return max(1, len(re.findall(r"[aeiouy]+", letters)))


def words_of(text: str) -> list[str]:
    """Give the words of a text."""
    return _WORD.findall(text)


def long_words(text: str) -> list[str]:
    """Give the long words of a text, in small letters."""
    return [each.lower() for each in words_of(text) if syllables(each) >= LONG]
