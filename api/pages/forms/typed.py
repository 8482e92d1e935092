"""
What somebody typed into a form: every answer by its name, letter for letter.

A browser ends lines with CR LF (HTML, section 4.10.22.4). The record keeps LF alone, so lines are ended that way here,
at the edge. Nothing else about an answer changes: what cannot be recorded is shown again just as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

MOST_ANSWERS: Final = 1_000
MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class Unreadable(ValueError):  # noqa: N818 - reads as the sentence it carries
    """What was sent is not a form that a page of ours sends."""


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """The answers of one form. A name may have several, as boxes to tick do."""

    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Typed:
        """Gather names and answers in the order in which they came, and end lines in one way."""
        found: dict[str, tuple[str, ...]] = {}
        for name, answer in pairs:
            found[name] = (*found.get(name, ()), answer.replace("\r\n", "\n").replace("\r", "\n"))
        return cls(found)

    @classmethod
    def parse(cls, body: bytes) -> Typed:
        """Read the body of a form. Raises `Unreadable`."""
        try:
            text = body.decode("ascii")
            pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_ANSWERS)
        except ValueError:
            raise Unreadable from None
        return cls.of(pairs)

    def one(self, name: str) -> str:
        """Give an answer as typed; of several the last; nothing typed is an empty text."""
        return self.answers.get(name, ("",))[-1]

    def word(self, name: str) -> str:
        """Give an answer of one line without the blanks around it."""
        return self.one(name).strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Give every answer of a name that says something, each once."""
        return tuple(dict.fromkeys(each for each in self.answers.get(name, ()) if each.strip()))

    def __contains__(self, name: object) -> bool:
        return name in self.answers
