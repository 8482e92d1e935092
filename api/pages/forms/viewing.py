"""
The forms about the child's view: said, shown, declined, not to be had, or sought without result.

The child's own words have boxes of their own, apart from what an adult makes of them. Declining is a right, and its
form asks for nothing that could read like a fault.
"""

from __future__ import annotations

from typing import Final

from api.pages.forms.asks import Ask, Line, Number, One, Passage, Rows, Several, Tick, coded, yes_or_no
from api.pages.forms.form import Form, Section, Subject
from api.pages.forms.picking import LANGUAGES, entries, languages, matters, people, who_was_there
from api.pages.forms.when import When
from domain.case.view import (
    RecordDeclined,
    RecordNotAscertainable,
    RecordObservation,
    RecordSought,
    RecordView,
)

_NOT_ALONE: Final = ("NO", "INAPPROPRIATE", "UNABLE")


def sayings(name: str, label: str, hint: str, *, needed: str = "") -> Rows:
    """Ask what the child said, word for word, in as many pieces as there were, with its language and translation."""
    return Rows(
        name,
        label,
        (
            Passage("words", "What did the child say?", hint, needed="Write what the child said.", own=True, lines=4),
            One(
                "language",
                "Language they said it in",
                languages,
                needed="Choose the language from the list.",
                listed=True,
                none="Not said",
                reveals=tuple(tag for tag in LANGUAGES if tag != "en"),
                then=(
                    Passage("translation", "The same in English", lines=2),
                    Line("translated_by", "Who put it into English?"),
                ),
                astray="Choose the language the child said it in first, or empty this box.",
            ),
        ),
        more="Add another thing they said",
        needed=needed,
        row="Another thing they said",
        led=True,
    )


def seen_alone(label: str, name: str = "seen_alone") -> One:
    """Ask whether the child was spoken to in private, and where not, why (regulation 29)."""
    return One(
        name,
        label,
        coded(RecordView, "seen_alone"),
        needed="Say whether the child was seen alone.",
        reveals=_NOT_ALONE,
        then=(Passage("seen_alone_reason", "Why was the child not seen alone?", lines=2),),
        astray="You gave a reason why the child was not seen alone. Choose “No” above, or empty this box.",
    )


_ABOUT: Final = matters("matters", "What is it about?", "Tick everything that it is about.")

_WHERE: Final = Section(
    (
        Line("setting", "Where was it?", "For example: in the car, at school, in their room"),
        who_was_there("present", "Who else was there?"),
        Line("method", "How did you talk?", "For example: talking, drawing, playing, pictures, by phone"),
        Line("communication", "What helped the child to take part?", "For example: an interpreter, signing, more time"),
        Passage("information_given", "What did you explain to the child first?", lines=2),
        One(
            "proposal",
            "Was it about something that had been suggested?",
            entries(lambda record: record.proposals),
            listed=True,
            none="No",
        ),
    ),
    "Where it was, who was there and how you talked",
    folded=True,
)


def _with_alone(*asks: Ask) -> Section:
    return Section((seen_alone("Was the child seen alone?"), *asks, *_WHERE.asks), _WHERE.title, folded=True)


VIEWING: Final = (
    Form(
        "view",
        RecordView,
        Subject.VIEW,
        "What the child said",
        "What the child told you they want or feel, in their own words.",
        "Record what the child said",
        (
            Section(
                (
                    sayings(
                        "own_words",
                        "What did the child say?",
                        "Write it just as they said it, mistakes and all. What you make of it has its own box.",
                        needed="Write what the child said.",
                    ),
                    _ABOUT,
                    When("expressed", "When did the child say it?", timed=True, needed="Say when the child said it."),
                    seen_alone("Was the child seen alone?"),
                    One(
                        "source",
                        "How did it reach you?",
                        coded(RecordView, "source"),
                        listed=True,
                        needed="Choose how it reached you.",
                    ),
                )
            ),
            Section(
                (
                    Passage(
                        "interpretation",
                        "What do you think it means?",
                        "This is your reading, not the child's words. It is shown apart, with your name.",
                    ),
                ),
                "What you think it means",
                folded=True,
            ),
            _WHERE,
            Section(
                (
                    yes_or_no("sharing.may_share", "May other people know about it?"),
                    Several("sharing.not_with", "Who should not know?", people()),
                    Passage(
                        "sharing.reason",
                        "If you have to share it all the same, why?",
                        "Only to keep somebody safe. Tell the child.",
                        lines=2,
                    ),
                ),
                "What the child wants kept private",
                folded=True,
            ),
            Section(
                (
                    Passage(
                        "account",
                        "What did the child want, and who says so?",
                        "Only if nobody remembers the words. This counts for less than the child's own words.",
                    ),
                ),
                "Nobody kept the child's words",
                folded=True,
            ),
        ),
        initial={"source": "CHILD_DIRECT"},
        carries=("matters", "proposal"),
        others=("shown", "declined", "not-asked", "tried"),
        usual=True,
    ),
    Form(
        "shown",
        RecordObservation,
        Subject.VIEW,
        "What the child showed",
        "How a child who does not use words, or did not use them this time, showed what they feel.",
        "Record what the child showed",
        (
            Section(
                (
                    Passage(
                        "what_was_seen",
                        "What did the child do?",
                        "Write only what could be seen and heard. Keep what you think about it for the next box.",
                        needed="Write what the child did.",
                        lines=4,
                    ),
                    Passage(
                        "interpretation",
                        "What do you think it means?",
                        "This is your reading. It is shown apart, with your name.",
                        lines=2,
                    ),
                    _ABOUT,
                    When("observed", "When was it?", timed=True),
                )
            ),
            _with_alone(),
        ),
        carries=("matters", "proposal"),
        others=("view", "declined", "not-asked", "tried"),
    ),
    Form(
        "declined",
        RecordDeclined,
        Subject.VIEW,
        "The child chose not to say",
        "You asked, and the child did not want to say. That is their right.",
        "Record that the child chose not to say",
        (
            Section(
                (
                    _ABOUT,
                    When("declined", "When did you ask?", timed=True, needed="Say when you asked."),
                    Number("attempts", "How often did you ask?"),
                    Passage("alternatives_offered", "What other ways to say it did you offer?", lines=2),
                    Tick("advocate_offered", "I offered an advocate"),
                )
            ),
            Section(
                (
                    sayings(
                        "own_words",
                        "Did the child say anything about it?",
                        "For example, why they did not want to say. Write it just as they said it.",
                    ),
                ),
                "What the child said about not wanting to say",
                folded=True,
            ),
            _with_alone(),
        ),
        initial={"attempts": "1"},
        carries=("matters", "proposal"),
        others=("view", "shown", "not-asked", "tried"),
    ),
    Form(
        "not-asked",
        RecordNotAscertainable,
        Subject.VIEW,
        "The child could not be asked",
        "Nobody could find out what the child wants, and why.",
        "Record why the child could not be asked",
        (
            Section(
                (
                    _ABOUT,
                    When("considered", "When was this thought about?"),
                    One(
                        "reason_code",
                        "Why could the child not be asked?",
                        coded(RecordNotAscertainable, "reason_code"),
                        needed="Choose why the child could not be asked.",
                    ),
                    Passage(
                        "reason",
                        "Say it in your own words",
                        "What was tried, and why it did not work. Without this the record does not show a reason.",
                    ),
                    Tick("observation_attempted", "Somebody watched how the child was instead"),
                )
            ),
            _with_alone(),
        ),
        carries=("matters", "proposal"),
        others=("view", "shown", "declined", "tried"),
    ),
    Form(
        "tried",
        RecordSought,
        Subject.VIEW,
        "Tried to ask the child",
        "You tried to ask, and nothing came of it yet.",
        "Record that you tried",
        (
            Section(
                (
                    _ABOUT,
                    When("sought", "When did you try?", timed=True, needed="Say when you tried."),
                    Passage("outcome", "What came of it?", lines=2),
                )
            ),
            _with_alone(),
        ),
        carries=("matters", "proposal"),
        others=("view", "shown", "declined", "not-asked"),
    ),
)
