"""
What reading a form came to: the body of a command, and what is wrong with which answer.

A place in a form is named as its answer is sent: `own_words.1.words`. Places in the command are the same, but rows that
were left empty are not sent on, so `Reading` remembers which row became which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with an answer, in a sentence, and the very box to go to."""

    sentence: str
    box: str


@dataclass(slots=True)
class Reading:
    """The body of a command as far as it could be read, and what could not."""

    body: dict[str, Any] = field(default_factory=dict)
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, value: Any) -> None:
        """Set a field of the body; a path with a point in it sets a field of a part."""
        *parts, last = path.split(".")
        held = self.body
        for part in parts:
            held = held.setdefault(part, {})
        held[last] = value

    def wrong(self, name: str, sentence: str, box: str = "") -> None:
        """Say what is wrong with an answer; of two sentences about one answer the first stays."""
        self.mistakes.setdefault(name, Mistake(sentence, box or name))

    def place(self, path: str) -> str:
        """Give the place in the form of a place in the command."""
        for ours, typed in self.places.items():
            if path == ours or path.startswith(f"{ours}."):
                return typed + path[len(ours) :]
        return path
