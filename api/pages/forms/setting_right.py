"""
The forms about the record itself: a mistake put right, the own account of the person it is about, a gap, a finding.

Putting right goes in steps: which entry, what in it, what is right. The last step asks in the way that fits what is to
be put right, with what the entry says now already there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel

from api.pages import words
from api.pages.forms.asks import (
    Ask,
    Carried,
    Choice,
    Line,
    Lines,
    Number,
    One,
    Options,
    Passage,
    Rows,
    Several,
    coded,
    coded_as,
    kinds_in,
    yes_or_no,
)
from api.pages.forms.form import Form, Section, Subject
from api.pages.forms.known import Record
from api.pages.forms.picking import entries, people
from api.pages.forms.typed import Typed
from api.pages.forms.viewing import sayings
from api.pages.forms.when import When
from domain.case.decision import OtherView
from domain.case.fact import Fact, Provenance, narrative_fields
from domain.case.proposal import Option
from domain.case.record import (
    FIXED,
    AnnotateRecord,
    AttachFinding,
    CorrectRecord,
    DeclareGap,
    DisputeRecord,
    RecordCorrected,
    current_value,
)
from domain.case.review import ReviewHeld
from domain.case.view import OwnWords, Sharing
from domain.dates import PartialDate, Precision

_MOST_ENTRIES: Final = 300
_NAMES: Final = 200
_ELSEWHERE: Final = (Sharing, OtherView, Provenance)
"""What is too much of its own to be put right in a form: record it anew, and dispute the entry."""
_PEOPLE: Final = frozenset({"present", "with_siblings", "carer", "previous"})
_CARRIED: Final = "of"

TITLE: Final = "Put something right"
SAYS: Final = "A mistake in an entry. The first wording stays beside the new one."


def _newest(record: Record) -> Sequence[Fact]:
    held = sorted(record.case.facts.values(), key=lambda each: each.version, reverse=True)
    return [each.fact for each in held][:_MOST_ENTRIES]


def _which_entry(needed: str) -> One:
    return One(_CARRIED, "Which entry is it about?", entries(_newest), needed=needed, listed=True)


def correcting(record: Record, typed: Typed) -> Form:
    """Give the form of the next step of putting something right."""
    held = record.case.facts.get(typed.word(_CARRIED))
    if held is None:
        return _step(_which_entry("Choose the entry to put right."))
    fields = _correctable(held.fact)
    if typed.word("field") not in fields:
        choices = tuple(Choice(name, words.label(held.fact.TOPIC, name)) for name in fields)
        return _step(
            Carried(_CARRIED, "Entry"),
            One("field", "What in it is wrong?", lambda _: choices, needed="Choose what is wrong."),
        )
    name = typed.word("field")
    ask = _asked(held.fact, name)
    assert ask is not None  # noqa: S101 - only such fields are offered
    return Form(
        "put-right",
        CorrectRecord,
        Subject.RECORD,
        TITLE,
        SAYS,
        "Put it right",
        (
            Section(
                (
                    Carried(_CARRIED, "Entry"),
                    Carried("field", "What is wrong", called=words.label(held.fact.TOPIC, name)),
                    ask,
                    Passage("reason", "Why was it wrong?", needed="Say why it was wrong.", lines=2),
                    One(
                        "requested_by",
                        "Who asked for it?",
                        coded(CorrectRecord, "requested_by"),
                        needed="Choose who asked for it.",
                    ),
                )
            ),
        ),
        initial=_as_typed(ask, current_value(record.case, held.fact, name)),
        carries=(_CARRIED, "field"),
    )


def _step(*asks: Ask) -> Form:
    return Form(
        "put-right",
        CorrectRecord,
        Subject.RECORD,
        TITLE,
        SAYS,
        "Go on",
        (Section(asks),),
        carries=(_CARRIED, "field"),
        step=True,
    )


def _correctable(fact: Fact) -> list[str]:
    skipped = FIXED | ({"field", "to", "words"} if isinstance(fact, RecordCorrected) else set())
    return [name for name in type(fact).model_fields if name not in skipped and _asked(fact, name) is not None]


def _asked(fact: Fact, name: str) -> Ask | None:  # noqa: PLR0911, C901 - one line for each type of field
    """Give the question for what a field should say."""
    model: type[BaseModel] = type(fact)
    info = model.model_fields[name]
    kinds, many = kinds_in(info.annotation)
    label = "What is right?"
    needed = "Say what is right."
    if any(kind in _ELSEWHERE for kind in kinds):
        return None
    if PartialDate in kinds:
        return When("to", label, needed=needed, quick=False, timed=True)
    if OwnWords in kinds:
        return sayings("to", label, "Write it just as the child said it.", needed=needed)
    if Option in kinds:
        return Options("to", "Which choices was the child told about?", "Which others was the child not told?")
    if bool in kinds:
        return yes_or_no("to", label, needed=needed)
    if float in kinds or int in kinds:
        return Number("to", label, needed=needed, whole=float not in kinds)
    if name in _PEOPLE:
        both = people(gone=None)
        return Several("to", label, both, needed=needed) if many else One("to", label, both, listed=True, needed=needed)
    if name == "review":
        return One("to", label, entries(lambda record: record.case.all(ReviewHeld)), listed=True, needed=needed)
    if (codes := coded_as(model, name)) is not None:
        return Several("to", label, codes, needed=needed) if many else One("to", label, codes, needed=needed)
    if str in kinds and many:
        return Lines("to", label, needed=needed)
    if str in kinds:
        long = name in narrative_fields(model) and not _is_name(info.metadata)
        return Passage("to", label, needed=needed) if long else Line("to", label, needed=needed)
    return None


def _is_name(metadata: list[Any]) -> bool:
    return any(getattr(each, "max_length", None) == _NAMES for each in metadata)


def _as_typed(ask: Ask, value: Any) -> dict[str, str]:  # noqa: PLR0911 - one line for each way to ask
    """Give what an entry says now as somebody would have typed it."""
    match ask, value:
        case (_, None) | (Several(), _):
            return {}
        case When(), PartialDate():
            return _date_as_typed(value)
        case Rows(), tuple():
            typed = {"to.count": str(max(1, len(value)))}
            for nth, said in enumerate(value):
                typed |= {f"to.{nth}.{name}": text for name, text in said.model_dump().items() if text is not None}
            return typed
        case Options(), tuple():
            return {
                "to": "\n".join(each.what for each in value if each.offered_to_child),
                "to.untold": "\n".join(each.what for each in value if not each.offered_to_child),
            }
        case Lines(), tuple():
            return {"to": "\n".join(value)}
        case _, bool():
            return {"to": "yes" if value else "no"}
        case _:
            return {"to": f"{value:g}" if isinstance(value, float) else str(value)}


def _date_as_typed(when: PartialDate) -> dict[str, str]:
    first = when.first
    typed = {"to.year": str(first.year)}
    if when.precision in (Precision.MONTH, Precision.DAY, Precision.INSTANT):
        typed["to.month"] = str(first.month)
    if when.precision in (Precision.DAY, Precision.INSTANT):
        typed["to.day"] = str(first.day)
    if when.precision is Precision.INSTANT:
        typed["to.time"] = f"{first:%H:%M}"
    return typed


SETTING_RIGHT: tuple[Form, ...] = (
    Form(
        "own-account",
        AnnotateRecord,
        Subject.RECORD,
        "Add your own words",
        "For the person this record is about: your own account, beside an entry, for as long as it stands.",
        "Add these words",
        (
            Section(
                (
                    _which_entry("Choose the entry that it is about."),
                    Passage(
                        "text", "What do you want to say?", needed="Write what you want to say.", own=True, lines=6
                    ),
                    One(
                        "written_by",
                        "Who says this?",
                        coded(AnnotateRecord, "written_by"),
                        needed="Choose who says this.",
                    ),
                    When("written", "When was it written?"),
                )
            ),
        ),
        carries=("of",),
        others=("wrong",),
    ),
    Form(
        "wrong",
        DisputeRecord,
        Subject.RECORD,
        "This is wrong",
        "For the person this record is about: say what is wrong in an entry. It is shown with that entry from then on.",
        "Say that this is wrong",
        (
            Section(
                (
                    _which_entry("Choose the entry that is wrong."),
                    Passage("text", "What is wrong?", needed="Write what is wrong.", own=True, lines=6),
                    One(
                        "disputed_by",
                        "Who says this?",
                        coded(DisputeRecord, "disputed_by"),
                        needed="Choose who says this.",
                    ),
                    When("disputed", "When was it said?"),
                )
            ),
        ),
        carries=("of",),
        others=("own-account",),
    ),
    Form(
        "gap",
        DeclareGap,
        Subject.RECORD,
        "Part of the record is missing",
        "That papers are lost, or that nobody wrote anything down, and where you looked.",
        "Record what is missing",
        (
            Section(
                (
                    When("gap_from", "Missing from when?", needed="Say from when.", quick=False),
                    When("gap_to", "Missing until when?", needed="Say until when.", quick=False),
                    Passage("reason", "Why is it missing?", needed="Say why it is missing.", lines=2),
                    Lines("searched", "Where did you look for it?"),
                )
            ),
        ),
    ),
    Form(
        "finding",
        AttachFinding,
        Subject.RECORD,
        "Somebody outside looked into it",
        "What a court, the Ombudsman or an inspector found.",
        "Record what they found",
        (
            Section(
                (
                    Line("body", "Who looked into it?", needed="Write who looked into it."),
                    When("found", "When did they say so?", needed="Say when they said so."),
                    Passage("says", "What did they find?", needed="Write what they found."),
                    Line("reference", "What is their number for it?"),
                )
            ),
        ),
    ),
)
