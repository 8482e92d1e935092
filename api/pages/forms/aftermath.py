"""The forms for what came of a decision: the child was told, it happened, it was called off, it was looked at again."""

from __future__ import annotations

from api.pages.forms.asks import Line, One, Passage, Tick, fixed, yes_or_no
from api.pages.forms.deciding import weight
from api.pages.forms.form import Form, Section, Subject
from api.pages.forms.picking import entries, views
from api.pages.forms.viewing import sayings
from api.pages.forms.when import When
from domain.case.decision import MarkSignificance, ReconfirmDecision, RecordEffect, WithdrawDecision
from domain.case.iro import (
    AnswerChallenge,
    ConsiderReferral,
    EscalateChallenge,
    InformIRO,
    RaiseChallenge,
)
from domain.case.plan import RecordLibertyEnded
from domain.case.professionals import RecordWorkerStopped
from domain.case.telling import RecordNotTold, TellChild

_WHICH = One(
    "decision",
    "Which decision is it about?",
    entries(lambda record: record.decisions_untold_first),
    needed="Choose the decision that it is about.",
    listed=True,
    empty="There is no decision in this record yet. Record the decision first.",
)
_WHICH_OPEN = One(
    "decision",
    "Which decision is it about?",
    entries(lambda record: record.unsettled),
    needed="Choose the decision that it is about.",
    listed=True,
    empty="There is no decision in this record of which it is not known what became of it.",
)
_CHALLENGE = One(
    "challenge",
    "What had the reviewing officer said?",
    entries(lambda record: record.challenges),
    needed="Choose what it is about.",
    listed=True,
    empty="The reviewing officer has not challenged anything in this record.",
)

AFTER: tuple[Form, ...] = (
    Form(
        "told",
        TellChild,
        Subject.AFTER,
        "The child was told",
        "That the child was told what was decided and why, and what the child said to it.",
        "Record that the child was told",
        (
            Section(
                (
                    _WHICH,
                    When("told", "When was the child told?", needed="Say when the child was told.", timed=True),
                    Passage(
                        "reasons",
                        "What reasons did you give the child?",
                        "Write them as you told them. Without this the record does not show that reasons were given.",
                    ),
                    sayings("reaction", "What did the child say to it?", "Write it just as they said it."),
                )
            ),
            Section(
                (
                    Line("how", "How was the child told?", "For example: face to face, in a letter, with pictures"),
                    yes_or_no("complaints_route_explained", "Did you explain how to complain?"),
                ),
                "How the child was told",
                folded=True,
            ),
        ),
        carries=("decision",),
        others=("not-told",),
        usual=True,
    ),
    Form(
        "not-told",
        RecordNotTold,
        Subject.AFTER,
        "The child was not told, and why",
        "That it was not right to tell the child, at this age or as things are, and why.",
        "Record why the child was not told",
        (
            Section(
                (
                    _WHICH,
                    When("considered", "When was this thought about?"),
                    Passage(
                        "reason", "Why was it not right to tell the child?", needed="Say why the child was not told."
                    ),
                )
            ),
        ),
        carries=("decision",),
        others=("told",),
    ),
    Form(
        "happened",
        RecordEffect,
        Subject.AFTER,
        "The change happened",
        "The day on which it really happened.",
        "Record that it happened",
        (
            Section(
                (
                    _WHICH_OPEN,
                    When("on", "When did it happen?", needed="Say when it happened.", timed=True),
                    Passage("note", "Is there more to say about that day?", lines=2),
                )
            ),
        ),
        carries=("decision",),
        others=("called-off",),
    ),
    Form(
        "called-off",
        WithdrawDecision,
        Subject.AFTER,
        "The change was called off",
        "That it will not happen, and why.",
        "Record that it was called off",
        (
            Section(
                (
                    _WHICH_OPEN,
                    When("withdrawn", "When was it called off?", needed="Say when it was called off."),
                    Passage("reasons", "Why?", needed="Say why it was called off."),
                )
            ),
        ),
        carries=("decision",),
        others=("happened",),
    ),
    Form(
        "limit-ended",
        RecordLibertyEnded,
        Subject.AFTER,
        "A limit on freedom ended",
        "The day from which the child is free of it.",
        "Record that it ended",
        (
            Section(
                (
                    One(
                        "restriction",
                        "Which limit?",
                        entries(lambda record: record.open_limits),
                        needed="Choose which limit.",
                        listed=True,
                        empty="The record shows no limit on freedom that has not ended.",
                    ),
                    When("ended", "When did it end?", needed="Say when it ended."),
                )
            ),
        ),
        carries=("restriction",),
    ),
    Form(
        "worker-stopped",
        RecordWorkerStopped,
        Subject.AFTER,
        "A worker stopped",
        "Until when a worker worked with the child, where nobody has taken over yet.",
        "Record that the worker stopped",
        (
            Section(
                (
                    One(
                        "change",
                        "Who stopped?",
                        entries(lambda record: record.open_workers),
                        needed="Choose who stopped.",
                        listed=True,
                        empty="The record names no worker who has not stopped.",
                    ),
                    When("stopped", "When did they stop?", needed="Say when they stopped."),
                )
            ),
        ),
        carries=("change",),
    ),
    Form(
        "looked-at-again",
        ReconfirmDecision,
        Subject.AFTER,
        "Looked at again, and kept",
        "That a decision was looked at again with what the child wants, and stays as it is.",
        "Record that it was looked at again",
        (
            Section(
                (
                    _WHICH,
                    views(
                        "views",
                        "Which of this was thought about this time?",
                        empty="Nothing is on record yet about what the child wants. Record that first.",
                    ),
                    weight(),
                    When("reconfirmed", "When was it looked at again?", needed="Say when it was looked at again."),
                    Passage("reasons", "Why does it stay as it is?", needed="Say why it stays as it is."),
                )
            ),
        ),
        carries=("decision",),
    ),
    Form(
        "big-change",
        MarkSignificance,
        Subject.AFTER,
        "How big a change it is",
        "That a decision is a big change for the child, or is not, and why.",
        "Record how big a change it is",
        (
            Section(
                (
                    _WHICH,
                    One(
                        "significant",
                        "Is it a big change for the child?",
                        fixed(("yes", "Yes"), ("no", "No")),
                        needed="Say whether it is a big change.",
                        truth=True,
                    ),
                    Passage("reason", "Why?", needed="Say why."),
                )
            ),
        ),
        carries=("decision",),
    ),
    Form(
        "officer-told",
        InformIRO,
        Subject.AFTER,
        "The reviewing officer was told",
        "That the reviewing officer was told of a decision, or asked about it.",
        "Record that the reviewing officer was told",
        (
            Section(
                (
                    _WHICH,
                    When("informed", "When?", needed="Say when the reviewing officer was told."),
                    Tick("consulted", "The reviewing officer was asked, not only told"),
                    Passage("note", "What did the reviewing officer say?", lines=2),
                )
            ),
        ),
        carries=("decision",),
    ),
    Form(
        "challenge",
        RaiseChallenge,
        Subject.AFTER,
        "The reviewing officer says: this must change",
        "A formal challenge by the reviewing officer.",
        "Record the challenge",
        (
            Section(
                (
                    One(
                        "decision",
                        "Which decision is it about?",
                        entries(lambda record: record.decisions),
                        listed=True,
                        none="None, it is about something else",
                    ),
                    When("challenged", "When was it said?"),
                    Passage("what", "What must change?", needed="Write what must change."),
                )
            ),
        ),
        carries=("decision",),
    ),
    Form(
        "challenge-answered",
        AnswerChallenge,
        Subject.AFTER,
        "The reviewing officer got an answer",
        "What the council answered to a challenge.",
        "Record the answer",
        (
            Section(
                (
                    _CHALLENGE,
                    When("answered", "When was it answered?", needed="Say when it was answered."),
                    yes_or_no("accepted", "Does the council accept the challenge?"),
                    Passage("what", "What was the answer?", needed="Write what the answer was."),
                )
            ),
        ),
        carries=("challenge",),
    ),
    Form(
        "taken-higher",
        EscalateChallenge,
        Subject.AFTER,
        "The reviewing officer took it higher",
        "That a challenge went to somebody higher up.",
        "Record that it was taken higher",
        (
            Section(
                (
                    _CHALLENGE,
                    When("escalated", "When?", needed="Say when it was taken higher."),
                    Line("to", "Who was it taken to?", needed="Write who it was taken to."),
                )
            ),
        ),
        carries=("challenge",),
    ),
    Form(
        "cafcass",
        ConsiderReferral,
        Subject.AFTER,
        "The reviewing officer thought about going to Cafcass",
        "Whether Cafcass was brought in, and why.",
        "Record this",
        (
            Section(
                (
                    When("considered", "When was this thought about?"),
                    yes_or_no("made", "Was Cafcass brought in?"),
                    Passage("reasons", "Why?", needed="Say why."),
                    One(
                        "challenge",
                        "Which challenge is it about?",
                        entries(lambda record: record.challenges),
                        listed=True,
                        none="None",
                    ),
                )
            ),
        ),
        carries=("challenge",),
    ),
)
