"""The forms for days and people: visits, meetings, what happened, who came and went, promises, and advocates."""

from __future__ import annotations

from api.pages.forms.asks import Choice, Line, Lines, One, Passage, coded, yes_or_no
from api.pages.forms.form import Form, Section, Subject
from api.pages.forms.known import Record
from api.pages.forms.picking import entries, matters, people
from api.pages.forms.viewing import seen_alone
from api.pages.forms.when import When
from api.pages.language import say
from domain.case.circumstances import RecordChange
from domain.case.missing import RecordCameBack, RecordMissing
from domain.case.opening import CloseCase, OpenCase, ReopenCase
from domain.case.people import IntroducePerson, RecordPersonLeft
from domain.case.review import RecordReview, RecordVisit
from domain.case.support import EngageAdvocate, MakePromise, OfferAdvocate, SettlePromise
from domain.rules import jurisdictions

_NATIONS = {"england": "England", "wales": "Wales", "scotland": "Scotland"}


def _nations(_: Record) -> list[Choice]:
    return [Choice(each, say(_NATIONS.get(each, each.capitalize()))) for each in jurisdictions()]


OPENING = Form(
    "open",
    OpenCase,
    Subject.RECORD,
    "Open a record",
    "Begin the record of a child or young person.",
    "Open the record",
    (
        Section(
            (
                Line("child", "What is the child called?", needed="Write what the child is called.", width=""),
                When(
                    "born",
                    "When was the child born?",
                    quick=False,
                ),
                When("looked_after_from", "Since when has the child been looked after?"),
            )
        ),
        Section(
            (
                One("jurisdiction", "Which nation's rules apply?", _nations),
                Line(
                    "local_id",
                    "What is the child's number in your own system?",
                    "A number, never a name",
                    shaped="Use only letters, numbers, dots and dashes, up to 64 of them.",
                ),
            ),
            "Rules and numbers",
            folded=True,
        ),
    ),
    initial={"jurisdiction": "england"},
)

LIVING: tuple[Form, ...] = (
    Form(
        "visit",
        RecordVisit,
        Subject.DAY,
        "A visit",
        "That you, or somebody else, went to see the child.",
        "Record the visit",
        (
            Section(
                (
                    When("visited", "When was the visit?", needed="Say when the visit was.", timed=True),
                    seen_alone("Was the child seen alone?"),
                    Line("visitor", "Who came?"),
                    Passage(
                        "note",
                        "What was it like?",
                        "If the child told you what they want, record that with “What the child said”.",
                    ),
                )
            ),
        ),
        usual=True,
    ),
    Form(
        "review",
        RecordReview,
        Subject.DAY,
        "A review meeting",
        "That a review meeting was held, how the child took part, and what it decided.",
        "Record the meeting",
        (
            Section(
                (
                    When("held", "When was the meeting?", needed="Say when the meeting was.", timed=True),
                    One("participation", "How did the child take part?", coded(RecordReview, "participation")),
                    Lines("decisions", "What did the meeting decide?"),
                )
            ),
            Section(
                (
                    Line("chaired_by", "Who led the meeting?"),
                    One(
                        "spoken_to_in_private",
                        "Did the reviewing officer talk with the child alone?",
                        coded(RecordReview, "spoken_to_in_private"),
                    ),
                    Lines("not_done", "What had been decided earlier, and was not done?"),
                    Passage("note", "Is there more to say?", lines=2),
                ),
                "More about the meeting",
                folded=True,
            ),
        ),
    ),
    Form(
        "something-happened",
        RecordChange,
        Subject.DAY,
        "Something important happened",
        "For example: an illness, a death in the family, or somebody said that a person did harm.",
        "Record what happened",
        (
            Section(
                (
                    One(
                        "kind",
                        "What kind of thing was it?",
                        coded(RecordChange, "kind"),
                        needed="Choose what kind of thing it was.",
                    ),
                    When("happened", "When did it happen?", needed="Say when it happened.", timed=True),
                    Passage("what", "What happened?", needed="Write what happened.", lines=4),
                    matters(
                        "matters",
                        "Does it change things, so that the child should be asked again?",
                        "Tick what the child should be asked about again. What they said before was about other facts.",
                    ),
                )
            ),
        ),
    ),
    Form(
        "missing",
        RecordMissing,
        Subject.DAY,
        "The child was missing",
        "That the child was not where they should be.",
        "Record that the child was missing",
        (
            Section(
                (
                    When("since", "Since when?", needed="Say since when.", timed=True),
                    One("missing", "What was it?", coded(RecordMissing, "missing")),
                )
            ),
        ),
        others=("back",),
    ),
    Form(
        "back",
        RecordCameBack,
        Subject.DAY,
        "The child is back",
        "That the child was found, or came back. Then ask what had made them go.",
        "Record that the child is back",
        (
            Section(
                (
                    One(
                        "absence",
                        "Which time was it?",
                        entries(lambda record: record.open_absences),
                        needed="Choose which time it was.",
                        listed=True,
                        empty="The record does not show that the child is missing.",
                    ),
                    When("back", "When was the child back?", needed="Say when the child was back.", timed=True),
                )
            ),
        ),
        carries=("absence",),
        others=("missing",),
    ),
    Form(
        "person",
        IntroducePerson,
        Subject.PEOPLE,
        "Somebody in the child's life",
        "Name a person: family, a friend, a carer, a worker.",
        "Name this person",
        (
            Section(
                (
                    Line(
                        "name",
                        "What does the child call them?",
                        needed="Write what the child calls them.",
                    ),
                    One(
                        "relationship",
                        "Who are they to the child?",
                        coded(IntroducePerson, "relationship"),
                        needed="Choose who they are to the child.",
                    ),
                    When("since", "Since when?", quick=False),
                    Passage("note", "What would the child want to remember about them?", lines=2),
                )
            ),
        ),
        others=("person-left",),
    ),
    Form(
        "person-left",
        RecordPersonLeft,
        Subject.PEOPLE,
        "Somebody left the child's life",
        "Until when somebody was there, and why they left.",
        "Record that this person left",
        (
            Section(
                (
                    One(
                        "person",
                        "Who left?",
                        people(),
                        needed="Choose who left.",
                        listed=True,
                        empty="Nobody is named in this record, or all of them have left.",
                    ),
                    When("until", "Until when were they there?", needed="Say until when they were there."),
                    Passage("reason", "Why did they leave?", lines=2),
                )
            ),
        ),
        carries=("person",),
        others=("person",),
    ),
    Form(
        "promise",
        MakePromise,
        Subject.PEOPLE,
        "A promise to the child",
        "What somebody promised. Children remember promises, so this record does too.",
        "Record the promise",
        (
            Section(
                (
                    Passage("what", "What was promised?", "As the child heard it.", needed="Write what was promised."),
                    When("promised", "When was it promised?", needed="Say when it was promised."),
                    Line("promised_by", "Who promised it?"),
                    When("due", "Until when?", quick=False),
                )
            ),
        ),
    ),
    Form(
        "promise-settled",
        SettlePromise,
        Subject.PEOPLE,
        "What became of a promise",
        "Whether a promise was kept.",
        "Record what became of it",
        (
            Section(
                (
                    One(
                        "promise",
                        "Which promise?",
                        entries(lambda record: record.open_promises),
                        needed="Choose the promise.",
                        listed=True,
                        empty="No promise in this record is still open.",
                    ),
                    yes_or_no("kept", "Was it kept?"),
                    When("settled", "When?", needed="Say when it was kept, or when it was clear that it would not be."),
                    Passage("what", "What happened?", lines=2),
                )
            ),
        ),
        carries=("promise",),
    ),
    Form(
        "advocate-offered",
        OfferAdvocate,
        Subject.SIDE,
        "An advocate was offered",
        "That the child was offered somebody to take their side, and what the child answered.",
        "Record the offer",
        (
            Section(
                (
                    When("offered", "When was it offered?", needed="Say when it was offered."),
                    One("child_answer", "What did the child answer?", coded(OfferAdvocate, "child_answer")),
                    Line("offered_by", "Who offered it?"),
                    Passage("note", "Is there more to say?", lines=2),
                )
            ),
        ),
    ),
    Form(
        "advocate",
        EngageAdvocate,
        Subject.SIDE,
        "An advocate or solicitor began",
        "That somebody began to take the child's side.",
        "Record who took the child's side",
        (
            Section(
                (
                    When("engaged", "When did they begin?", needed="Say when they began."),
                    One(
                        "arranged_by",
                        "Who found them?",
                        coded(EngageAdvocate, "arranged_by"),
                        needed="Choose who found them.",
                    ),
                    Line("advocate", "Who is it?"),
                    Passage("note", "Is there more to say?", lines=2),
                )
            ),
        ),
    ),
    Form(
        "ended",
        CloseCase,
        Subject.DAY,
        "Being looked after ended",
        "When and how it ended.",
        "Record that it ended",
        (
            Section(
                (
                    When("ended", "When did it end?", needed="Say when it ended."),
                    One(
                        "reason",
                        "How did it end?",
                        coded(CloseCase, "reason"),
                        needed="Choose how it ended.",
                        listed=True,
                    ),
                    Passage("note", "What is worth knowing about it?", lines=2),
                )
            ),
        ),
    ),
    Form(
        "again",
        ReopenCase,
        Subject.DAY,
        "Looked after again",
        "That the child came back into care.",
        "Record that the child is looked after again",
        (
            Section(
                (
                    When("again_from", "Since when?", needed="Say since when."),
                    Passage("note", "What is worth knowing about it?", lines=2),
                )
            ),
        ),
    ),
)
