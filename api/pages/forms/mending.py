"""
What is wrong, said to a person: the sentences of validation and of refusals in the words of a form.

A refusal names fields in backticks and entries by reference, for programs. Here a field becomes its question, an entry
becomes what somebody would call it, and a date is written as people write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from markupsafe import Markup

from api.pages.forms.known import Record
from api.pages.language import Language, in_english, say, speaking, spoken
from api.pages.moments import moment
from domain.case.refusal import Refused
from domain.dates import NotADate, parse_partial_date

LabelOf = Callable[[str], str]

CHOOSE: Final = "Choose one from the list."
FILL_IN: Final = "Fill this in."
CHECK: Final = "This cannot be recorded as it is. Check it."

_SENTENCES: Final = {
    "control_character": "There is a sign in this that cannot be kept. Type the line again instead of pasting it.",
    "string_too_long": "This is too long. Use at most {max_length} letters.",
    "too_long": "This is too long. Use at most {max_length} letters.",
    "enum": CHOOSE,
    "literal_error": CHOOSE,
    "unknown_matter": CHOOSE,
    "string_pattern_mismatch": "Use only letters, numbers, dots and dashes.",
    "greater_than_equal": "Write a number that is at least {ge}.",
    "less_than_equal": "Write a number that is at most {le}.",
    "finite_number": "Write a number, like 12 or 12.5.",
    "not_a_date": "This is not a date that we can keep. Check it.",
}  # fmt: skip
"""By the type of error of a validation."""

_MISSING: Final = frozenset({"missing", "empty_text", "too_short"})

_REFUSALS: Final = {
    ("no_such_arrangement", "kind"): "Nothing is on record about how the child and this person are in touch, so there "
    "is nothing to change. To record how it is, choose “Seeing somebody”.",
    ("incomplete", "own_words"): "Write what the child said. If nobody kept the words, write further down what the "
    "child wanted, and who says so.",
    ("incomplete", "views"): "You said what became of the child's view. Tick the view that you mean.",
    ("incomplete", "seen_alone_reason"): "Say why the child was not seen alone.",
    ("incomplete", "matters"): "Tick at least one thing that this changes for the child.",
    ("incomplete", "significance_reason"): "Say why this is not counted as a big change.",
    ("incomplete", "untouched"): "A change like this does not touch this by itself, or you ticked it as "
    "changed too. Take it out here, or take the tick away.",
    ("nothing_to_correct", "of"): "Choose the entry to put right.",
    ("case_closed", None): "Check whether the child is looked after now, and which of the two you want to record.",
}  # fmt: skip
"""By the code of a refusal and its field, where a person needs other words than a program."""

_QUOTED: Final = re.compile(r"`([a-z_]+)(?:\.[a-z_]+)*`")
_DATE: Final = re.compile(r"\b\d{4}-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)?\b")
_COMMANDS: Final = {
    "reconfirm_decision": "Looked at again, and kept",
    "reopen_case": "Looked after again",
    "open_case": "Open a record",
    "dispute_record": "This is wrong",
}
_PARTICIPATION: Final = {"PN0": "under four"}


def of_validation(error: Mapping[str, Any], ask: object) -> str:
    """Say what is wrong with an answer."""
    kind = str(error["type"])
    needed, shaped = _own_sentence(ask, "needed"), _own_sentence(ask, "shaped")
    if kind in _MISSING:
        return say(needed or FILL_IN)
    if kind == "string_pattern_mismatch" and (shaped or hasattr(ask, "choices")):
        return say(shaped or CHOOSE)
    sentence = say(_SENTENCES.get(kind, CHECK))
    for name, value in error.get("ctx", {}).items():
        sentence = sentence.replace(f"{{{name}}}", str(value))
    return sentence


def _own_sentence(ask: object, name: str) -> str:
    found = getattr(ask, name, None)
    return found if isinstance(found, str) else ""


def of_refusal(refused: Refused, label_of: LabelOf, record: Record) -> str:
    """Say why something is not recorded, and how to mend it."""
    if (sentence := _REFUSALS.get((refused.code, refused.field))) is not None:
        return say(sentence)
    if not (mark := in_english()):
        return plain(refused.message, refused.field, label_of, record)
    page = spoken()

    def as_asked(name: str) -> str:
        with speaking(page):
            return label_of(name)

    with speaking(Language.ENGLISH):  # what a rule says is written for programs, too; the question keeps its own words
        said = plain(refused.message, refused.field, as_asked, record)
    return Markup("<span{mark}>{said}</span>").format(mark=mark, said=said)


def plain(message: str, about: str | None, label_of: LabelOf, record: Record) -> str:
    """Put a sentence of the rules into the words of a form."""

    def named(found: re.Match[str]) -> str:
        name = found[1]
        if name == about:
            return say("This") if found.start() == 0 else say("this")
        if name in _COMMANDS:
            return f"“{say(_COMMANDS[name])}”"
        label = label_of(name).rstrip("?")
        return f"“{label}”" if label else say("this")

    def dated(found: re.Match[str]) -> str:
        try:
            return moment(parse_partial_date(found[0])).text
        except NotADate:
            return found[0]

    said = _DATE.sub(dated, _QUOTED.sub(named, message))
    for ref in sorted(record.case.facts, key=len, reverse=True):
        if ref in said:
            called = f"“{record.called(ref)}”"
            said = called.join(re.split(rf"(?<![\w.-]){re.escape(ref)}(?![\w-])", said))
    for code, meaning in _PARTICIPATION.items():
        said = said.replace(code, f"“{say(meaning)}”")
    return said


def sentences() -> tuple[str, ...]:
    """Give every fixed sentence, for those who translate."""
    fixed = (*_SENTENCES.values(), *_REFUSALS.values(), *_COMMANDS.values(), *_PARTICIPATION.values())
    return (*fixed, CHOOSE, FILL_IN, CHECK)
