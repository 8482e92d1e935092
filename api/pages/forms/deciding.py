"""
The forms for decisions: first what the child said about it, then what was decided, then everything else.

Whoever decides reads the child's own words before anything is asked, ticks what was thought about, and says what became
of it. Nothing of that is forced: a decision made without the child is recorded as it was made, and the record shows it.
"""

from __future__ import annotations

from typing import Final

from api.pages.forms.asks import (
    Ask,
    Line,
    Lines,
    Number,
    One,
    Options,
    Passage,
    Rows,
    Several,
    Tick,
    coded,
    fixed,
    yes_or_no,
)
from api.pages.forms.form import Form, Section, Subject
from api.pages.forms.picking import entries, every_matter, family_first, matters, people, views, workers
from api.pages.forms.when import When
from domain.case.contact import DecideContact
from domain.case.decision import DecisionCommand
from domain.case.people import Relationship
from domain.case.placement import DecidePlacementMove
from domain.case.plan import (
    DecideCarePlan,
    DecideEducation,
    DecideHealth,
    DecideIdentity,
    DecideLeavingCare,
    DecideLegalStatus,
    DecideLiberty,
)
from domain.case.professionals import ChangeProfessional
from domain.case.proposal import MakeProposal

WHY_ANOTHER_WAY: Final = Passage(
    "departure_reasons",
    "Why did it go another way than the child wanted?",
    "Write it so that the child could read it.",
)

_URGENCY: Final = One(
    "urgency",
    "Was it planned?",
    coded(DecisionCommand, "urgency"),
    reveals=("EMERGENCY",),
    then=(
        One(
            "ground",
            "What made it an emergency?",
            coded(DecisionCommand, "ground"),
            listed=True,
            needed="Choose what made it an emergency.",
        ),
        Passage(
            "not_practicable_reason",
            "Why could the child not be asked first?",
            "Without this the record does not show a reason.",
        ),
    ),
    astray="This is for an emergency. Choose “An emergency” above, or empty this box.",
)


def weight(name: str = "weight") -> One:
    """Ask what became of the child's view, and why it went another way where it did."""
    return One(
        name,
        "What did the decision do with what the child wanted?",
        coded(DecisionCommand, "weight", "FOLLOWED", "PARTLY", "DEPARTED"),
        reveals=("PARTLY", "DEPARTED"),
        then=(WHY_ANOTHER_WAY,),
        astray="This says why it went another way. Choose that answer above, or empty this box.",
    )


def _heard(*about: str) -> Section:
    return Section(
        (
            views(
                "views",
                "Which of this was thought about?",
                *about,
                hint="This is what is on record. Tick what whoever decided had in mind.",
                empty="Nothing is on record yet about what the child wants here. If the child has said or shown "
                "anything about it, record that first. You can record the decision without it.",
            ),
            weight(),
        ),
        "What the child wants",
    )


def _and_why(*, urgent: bool) -> tuple[Ask, ...]:
    return (
        When(
            "decided",
            "When was it decided?",
            needed="Say when it was decided, or that nobody knows.",
            unknown="Nobody knows any more",
            timed=True,
        ),
        When("effective", "When does it happen, or when did it?"),
        Passage("reasons", "Why?", "Write it so that the child could read it."),
        *((_URGENCY,) if urgent else ()),
    )


def _folded(*, urgent: bool, roots: tuple[str, ...], elsewhere: bool) -> tuple[Section, ...]:
    who = Section(
        (
            Line("decided_by", "Who decided?"),
            One("forum", "Where was it decided?", coded(DecisionCommand, "forum")),
            *(() if urgent else (_URGENCY,)),
        ),
        "Who decided, and where",
        folded=True,
    )
    also = Section(
        (
            *((matters("matters", "What else does it change for the child?", without=roots),) if elsewhere else ()),
            Rows(
                "untouched",
                "What does a change like this usually touch, and not this time?",
                (
                    One(
                        "matter",
                        "What stays as it is?",
                        every_matter,
                        listed=True,
                        needed="Choose what stays as it is.",
                    ),
                    Passage("reason", "Why?", needed="Say why it stays as it is.", lines=2),
                ),
                more="Add another thing that stays",
                row="Another thing that stays",
            ),
        ),
        "What else it changes, and what stays as it is" if elsewhere else "What stays as it is",
        folded=True,
    )
    choices = Section(
        (
            One(
                "proposal",
                "What had been suggested before?",
                entries(lambda record: record.proposals),
                listed=True,
                none="Nothing on record",
            ),
            Options(
                "options",
                "Which choices was the child told about?",
                "Which other choices were thought about, but the child was not told?",
            ),
        ),
        "The choices that were thought about",
        folded=True,
    )
    others = Section(
        (
            Rows(
                "other_views",
                "What did other people say?",
                (
                    One("who", "Who?", family_first, needed="Choose who said it.", listed=True),
                    Passage("said", "What did they say?", needed="Write what they said.", lines=2),
                ),
                more="Add somebody else",
                row="Somebody else",
            ),
        ),
        "What parents, carers and others said",
        folded=True,
    )
    before = Section(
        (
            One(
                "review",
                "Which review meeting talked about it first?",
                entries(lambda record: record.reviews),
                listed=True,
                none="None on record",
            ),
            Passage("review_not_practicable", "If none did, why could no meeting come first?", lines=2),
            When("iro_informed", "When was the reviewing officer told?"),
            Lines("legal_basis", "Which laws does it name?"),
        ),
        "Review meeting and reviewing officer",
        folded=True,
    )
    big = Section(
        (
            One(
                "significant",
                "Is it a big change for the child?",
                fixed(("yes", "Yes, count it as a big change"), ("no", "No, do not count it as a big change")),
                "Leave this empty to count it as this kind of decision is usually counted.",
                reveals=("no",),
                then=(Passage("significance_reason", "Why is it not a big change?", lines=2),),
                truth=True,
                astray="This says why it is not a big change. Choose that answer above, or empty this box.",
            ),
        ),
        "Whether it is a big change",
        folded=True,
    )
    return (who, also, choices, others, before, big)


def _decision(  # noqa: PLR0913 - what one decision has of its own
    slug: str,
    command: type[DecisionCommand],
    title: str,
    says: str,
    asks: tuple[Ask, ...],
    about: tuple[str, ...],
    *,
    more: Section | None = None,
    urgent: bool = False,
    usual: bool = False,
    fixed_kind: str = "",
    carries: tuple[str, ...] = (),
) -> Form:
    return Form(
        slug,
        command,
        Subject.DECISION,
        title,
        says,
        "Record this decision",
        (
            _heard(*about),
            Section((*asks, *_and_why(urgent=urgent)), "What was decided"),
            *((more,) if more else ()),
            *_folded(urgent=urgent, roots=about, elsewhere=all(ask.name != "matters" for ask in asks)),
        ),
        fixed={"kind": fixed_kind} if fixed_kind else {},
        carries=("proposal", "kind", *carries),
        usual=usual,
    )


def _kind(command: type[DecisionCommand], label: str, *, listed: bool = False) -> One:
    return One("kind", label, coded(command, "kind"), needed="Choose what kind of change it is.", listed=listed)


_PLACEMENT: Final = _decision(
    "placement",
    DecidePlacementMove,
    "Where the child lives",
    "A first home, a move, going home, living with or without brothers and sisters.",
    (
        _kind(DecidePlacementMove, "What kind of change is it?", listed=True),
        Line("home", "Where to?", "What the child calls the home, or the people in it"),
        matters("matters", "What else does it change for the child?", without=("placement",)),
    ),
    ("placement", "siblings"),
    more=Section(
        (
            One("place", "What kind of home is it?", coded(DecidePlacementMove, "place"), none="Not said"),
            One("provider", "Who runs it?", coded(DecidePlacementMove, "provider"), listed=True, none="Not said"),
            One("carer", "Who will look after the child?", people(Relationship.CARER), listed=True, none="Not said"),
            Several(
                "with_siblings",
                "Which brothers and sisters will live there, too?",
                people(Relationship.SIBLING),
            ),
            One(
                "reason_place_change",
                "Why does the last home end?",
                coded(DecidePlacementMove, "reason_place_change"),
                listed=True,
                none="Not said",
            ),
            yes_or_no("same_carer", "Does the child stay with the same carer?"),
            yes_or_no("school_changes", "Does the school change?"),
            Number("notice_days", "How many days before did the child know?"),
            Passage("introductions", "What visits were there before the move?", lines=2),
            Passage("belongings", "What happens to the child's things?", lines=2),
            Number("distance_miles", "How many miles is it from home?", whole=False),
            Tick("out_of_area", "It is outside the council's area"),
            Tick("at_distance", "It is far away: not in the council's own area, nor in the one next to it"),
            Line(
                "urn",
                "What is Ofsted's number of the home?",
                "For example SC123456",
                width="10",
                shaped="Ofsted's number has seven numbers, or SC and six numbers, like SC123456.",
            ),
        ),
        "More about the home and the move",
        folded=True,
    ),
    urgent=True,
    usual=True,
)

_CONTACT: Final = _decision(
    "contact",
    DecideContact,
    "Seeing or hearing from somebody",
    "How the child is in touch with one person: more, less, not at all, or for the first time.",
    (
        One(
            "person",
            "Who is it about?",
            family_first,
            needed="Choose who it is about.",
            listed=True,
            empty="Nobody is named in this record yet. Go back, and name the person first.",
        ),
        _kind(DecideContact, "What kind of change is it?"),
        Line("frequency", "How often?", "For example: every second Saturday"),
        One("mode", "How?", coded(DecideContact, "mode")),
    ),
    ("contact",),
    more=Section(
        (
            yes_or_no("supervised", "Will somebody watch?"),
            Line("venue", "Where do they meet?"),
            yes_or_no("child_led", "Does the child say when and how often?"),
            When(
                "until", "Until when does it hold?", "Stopping contact at once lasts seven days at most.", quick=False
            ),
        ),
        "Where, who watches, and until when",
        folded=True,
    ),
    urgent=True,
    usual=True,
    carries=("person",),
)

_PLAN: Final = _decision(
    "plan",
    DecideCarePlan,
    "The plan for the child's future",
    "Where the child will grow up, or another part of the care plan.",
    (
        _kind(DecideCarePlan, "What kind of change is it?"),
        Several("plan", "What is the plan now?", coded(DecideCarePlan, "plan"), "There may be more than one."),
        Passage("what_changes", "What changes?", "Write it so that the child could read it."),
    ),
    ("careplan",),
    more=Section(
        (
            Several("previous_plan", "What was the plan before?", coded(DecideCarePlan, "previous_plan")),
            One(
                "adoption_given_up",
                "If the child is no longer to be adopted, why?",
                coded(DecideCarePlan, "adoption_given_up"),
                listed=True,
                none="This is not about adoption",
            ),
        ),
        "The plan before",
        folded=True,
    ),
)

_LEGAL: Final = _decision(
    "legal-order",
    DecideLegalStatus,
    "The legal order",
    "An order by a court, an agreement with parents, or asking for one.",
    (
        One("step", "What happened?", coded(DecideLegalStatus, "step"), needed="Choose what happened."),
        One(
            "legal_status",
            "Which order is it?",
            coded(DecideLegalStatus, "legal_status"),
            listed=True,
            none="Another, or not said",
        ),
        Line("order", "What is it called?", "If it is not in the list above"),
    ),
    ("legal",),
    more=Section(
        (Line("court", "Which court?"), Line("applicant", "Who asked the court?")), "Court and who asked", folded=True
    ),
    fixed_kind="LEGAL_STATUS",
)

_SCHOOL: Final = _decision(
    "school",
    DecideEducation,
    "School",
    "A new school, being kept out of school, or a plan for learning.",
    (_kind(DecideEducation, "What kind of change is it?"), Line("school", "Which school?")),
    ("education",),
    more=Section(
        (
            Line("previous_school", "Which school was it before?"),
            Number("days_lost", "How many days of school are lost?"),
            Tick("key_stage_4", "The child is in the years of the exams at 16"),
        ),
        "More about school",
        folded=True,
    ),
)

_HEALTH: Final = _decision(
    "health",
    DecideHealth,
    "Health",
    "Treatment, medicine or a stay in hospital.",
    (Passage("treatment", "What was decided?", needed="Write what was decided."),),
    ("health",),
    more=Section(
        (
            Line("consent_by", "Who agreed to it?"),
            yes_or_no("child_competent", "Could the child decide this alone?"),
        ),
        "Who agreed to it",
        folded=True,
    ),
    fixed_kind="HEALTH_MAJOR",
)

_LIBERTY: Final = _decision(
    "freedom",
    DecideLiberty,
    "Limits on freedom",
    "A locked home, or rules that keep the child from going where they want.",
    (
        _kind(DecideLiberty, "What kind of limit is it?"),
        One("step", "What happened?", coded(DecideLiberty, "step"), needed="Choose what happened."),
        Passage("restrictions", "What are the limits?", needed="Write what the limits are."),
    ),
    ("liberty", "placement"),
    more=Section((Line("court", "Which court?"),), "Court", folded=True),
    urgent=True,
)

_LEAVING: Final = _decision(
    "leaving-care",
    DecideLeavingCare,
    "Leaving care",
    "The plan for leaving care, staying with the carers after 18, or help afterwards.",
    (
        _kind(DecideLeavingCare, "What kind of step is it?"),
        Line("accommodation", "Where will the young person live?"),
        Line("personal_adviser", "Who is the personal adviser?"),
    ),
    ("leaving", "accommodation"),
    more=Section(
        (One("eligibility", "What help is there after care?", coded(DecideLeavingCare, "eligibility")),),
        "Help after care",
        folded=True,
    ),
)

_IDENTITY: Final = _decision(
    "identity",
    DecideIdentity,
    "Name, faith or papers",
    "A name, a religion, a passport or the right to live here.",
    (
        One("aspect", "What is it about?", coded(DecideIdentity, "aspect"), needed="Choose what it is about."),
        Passage("what_changes", "What changes?", needed="Write what changes."),
    ),
    ("identity",),
    fixed_kind="IDENTITY",
)

_WORKER: Final = _decision(
    "worker",
    ChangeProfessional,
    "A new worker",
    "A new social worker, or a new reviewing officer.",
    (
        _kind(ChangeProfessional, "Who changes?"),
        One(
            "person",
            "Who starts?",
            workers,
            needed="Choose who starts.",
            listed=True,
            empty="Nobody is named in this record yet. Go back, and name the person first.",
        ),
        One("previous", "Who stops?", workers, listed=True, none="Not said"),
        One(
            "sw_reason",
            "Why did the social worker change?",
            coded(ChangeProfessional, "sw_reason"),
            listed=True,
            none="Not said",
        ),
    ),
    ("professionals",),
    carries=("person",),
)

SUGGESTING: Final = Form(
    "suggested",
    MakeProposal,
    Subject.VIEW,
    "A change was suggested",
    "What somebody wants to change, and the choices there are, before it is decided. Then ask the child.",
    "Record what was suggested",
    (
        Section(
            (
                Passage(
                    "what",
                    "What is suggested?",
                    "Write it so that the child could read it.",
                    needed="Write what is suggested.",
                ),
                matters("matters", "What would it change for the child?"),
                When("proposed", "When was it suggested?", timed=True, needed="Say when it was suggested."),
                Options(
                    "options",
                    "Which choices is the child told about?",
                    "Which other choices are there, which the child is not told?",
                ),
            )
        ),
    ),
)

DECIDING: Final = (
    _PLACEMENT, _CONTACT, _PLAN, _SCHOOL, _HEALTH, _LEGAL, _LIBERTY, _LEAVING, _IDENTITY, _WORKER,
)  # fmt: skip
