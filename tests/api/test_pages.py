"""The pages: everything recorded is shown, in its own place, in plain words, and nothing a person wrote is ever run."""

from __future__ import annotations

import hashlib
import json
import re
import types
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from html import unescape
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin
from urllib.parse import urlencode
from uuid import UUID

import pytest
from fastapi import FastAPI, Request
from httpx2 import Response
from pydantic import BaseModel
from starlette.testclient import TestClient

from api.pages import asking, moments, pages, words
from api.pages.shapes import SHAPES
from domain.case.contact import ContactArrangementDecided
from domain.case.decision import DecisionMade, OtherView, Urgency
from domain.case.fact import By, Fact, Provenance, Role, narrative_fields
from domain.case.opening import CaseOpened
from domain.case.people import PersonIntroduced, Relationship
from domain.case.placement import PlacementMoveDecided
from domain.case.record import RecordAnnotated, RecordCorrected, RecordDisputed, RequestedBy
from domain.case.registry import FACTS
from domain.case.telling import ChildTold
from domain.case.view import OwnWords, ViewDeclined, ViewExpressed, ViewObserved
from domain.codes import Code
from domain.dates import PartialDate, civil, parse_partial_date
from domain.rules import all_packs
from domain.voice.evidence import Grade, Weight
from domain.voice.verdict import Feedback, Flag, Influence, Verdict, VerdictClass
from domain.voice.wording import FEEDBACKS, FLAGS, INFLUENCES, VERDICTS
from ledger.errors import LedgerUnavailable
from ledger.mapper import Entry
from projections.answers import CaseSummary, CaseView, Shown
from projections.overview.overview import Later, Spoken, spoken_of
from projections.timeline.wanted import EVERYTHING, Wanted

CASE = UUID("5f4d1c9e-6a39-4a8c-9d3a-0c6f0f3f7a11")
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PIN = "england-2010@1"
STATIC = Path(__file__).parents[2] / "api" / "pages" / "static"
ASSETS = STATIC.with_name("assets")


# A record in memory ---------------------------------------------------------------------------------------------------


def by(actor: str = "priya.nair", role: Role = Role.SOCIAL_WORKER, **more: Any) -> By:
    """Who recorded something."""
    return By(actor=actor, role=role, correlation_id=CASE, command_id=CASE, rule_pack=PIN, **more)


def on(text: str) -> PartialDate:
    """A moment as stated."""
    return parse_partial_date(text)


def shown(
    fact: Fact, version: int = 1, recorded: str = "2026-03-05T09:10", attached: tuple[Fact, ...] = (), **more: Any
) -> Shown:
    """An entry as the answers give it."""
    at = datetime.fromisoformat(recorded).replace(tzinfo=UTC)
    beside = tuple(Entry(CASE, 900 + place, each, 900 + place, at) for place, each in enumerate(attached))
    when = more.pop("when", fact.stands_at)
    sort_at = when.first if when else civil(at)
    return Shown(Entry(CASE, version, fact, version, at), when, sort_at, beside, more.pop("voice", None))


def answer(verdict: Verdict, *rests_on: str, matter: str = "placement", flags: tuple[Flag, ...] = ()) -> dict[str, Any]:
    """An answer about one matter, in the shape of the rows."""
    return {
        "verdict": verdict.value,
        "class": verdict.verdict_class.value,
        "flags": [flag.value for flag in flags],
        "influence": Influence.NO_VIEW_TO_WEIGH.value,
        "feedback": Feedback.NOT_TOLD.value,
        "findings": [
            {
                "matter": matter,
                "verdict": verdict.value,
                "class": verdict.verdict_class.value,
                "flags": sorted(flags),
                "rests_on": list(rests_on),
            }
        ],
    }


def voice(now: dict[str, Any], at_effect: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Both answers about one decision, in the shape of the rows."""
    return {
        "decision": "move",
        "kind": "PLACEMENT_MOVE_PLANNED",
        "rule_pack": PIN,
        "decided": "2026-03-10",
        "effective": "2026-03-20",
        "significant": now["verdict"] != "NOT_SIGNIFICANT",
        "now": now,
        "at_effect": at_effect,
        "differs": at_effect is not None and at_effect["verdict"] != now["verdict"],
    } | more


STATE: dict[str, Any] = {
    "open": True,
    "closed_on": None,
    "jurisdiction": "england",
    "born": "2015-06-01",
    "local_id": None,
    "looked_after_from": "2020-01-06",
    "placements": [],
    "legal_statuses": [],
    "plans": [],
    "contact": [],
    "professionals": [],
    "left": [],
    "last_review": None,
    "last_visit": None,
    "open_promises": [],
    "open_challenges": [],
    "gaps": [],
}


class Held:
    """Answers that hold just what a test puts in."""

    def __init__(self, *entries: Shown, child: str = "Mina", born: str | None = "2015-06-01", **state: Any) -> None:
        self.held = list(entries)
        self.child, self.born, self.state = child, born, STATE | {"born": born} | state
        self.asked: list[datetime | None] = []
        self.away = False

    async def cases(self, *, after: int = 0, limit: int = 50, as_of: datetime | None = None) -> list[CaseSummary]:
        """The one case, and as many more as fill two pages."""
        self.asked.append(as_of)
        made = [
            CaseSummary(
                CASE, 1, place, f"{self.child} {place}" if place > 1 else self.child, self.state, {"NOT_MET": 2}
            )
            for place in range(1, 61)
        ]
        return [each for each in made if each.opened > after][:limit]

    async def case(self, case_id: UUID, *, as_of: datetime | None = None) -> CaseView | None:
        """The case, from the day on which its first entry was recorded."""
        if self.away:
            raise LedgerUnavailable("It is away.")
        begun = min((each.entry.recorded_at for each in self.held if each.entry.recorded_at), default=NOW)
        if case_id != CASE or (as_of is not None and as_of < begun):
            return None
        self.asked.append(as_of)
        opening = CaseOpened(ref="case-1", by=by(), child=self.child, born=self.born and on(self.born))
        people = [each.entry.event for each in self.held if isinstance(each.entry.event, PersonIntroduced)]
        rows = [
            {"ref": each.ref, "relationship": str(each.relationship), "since": None, "until": None, "version": 1}
            for each in people
        ]
        return CaseView(case_id, 1, NOW, opening, self.state, rows, {each.ref: each.name for each in people})

    async def timeline(self, case_id: UUID, *, limit: int = 50, after: Any = None, **_: Any) -> list[Shown]:
        """The entries in the order in which the test holds them."""
        left = [each for each in self.held if after is None or each.place > after]
        return left[:limit]

    async def entries(self, case_id: UUID, refs: list[str], **_: Any) -> list[Shown]:
        """Some entries."""
        return [each for each in self.held if each.entry.event.ref in refs]

    async def pointing_at(self, case_id: UUID, ref: str, **_: Any) -> list[Shown]:
        """What is about an entry."""
        return [each for each in self.held if ref in each.entry.event.about]

    async def years(self, case_id: UUID, **_: Any) -> list[tuple[int, int]]:
        """How many entries stand in each year."""
        return sorted(Counter(each.sort_at.year for each in self.held).items())

    async def spoken(self, case_id: UUID, **_: Any) -> tuple[Spoken, ...]:
        """The times the child was asked."""
        facts = [each.entry.event for each in self.held]
        return spoken_of((each.ref, each.TOPIC, each.subject_matters, each.when) for each in facts)

    async def came_later(self, case_id: UUID, as_of: datetime) -> list[Later]:
        """Nothing came later."""
        return []

    async def dates(self, case_id: UUID, refs: list[str]) -> dict[str, PartialDate | None]:
        """The dates as they are now."""
        return {each.entry.event.ref: each.when for each in self.held}

    async def voices(self, case_id: UUID, **_: Any) -> dict[str, dict[str, Any]]:
        """The answers about every decision."""
        return {each.entry.event.ref: each.voice for each in self.held if each.voice is not None}


Visit = Callable[..., Response]


@pytest.fixture
def visit() -> Visit:
    """Opens a page of a record as a browser would, and checks what every page owes its reader."""

    def visited(
        held: Held, address: str = f"/cases/{CASE}", *, status: int = 200, persona: str | None = None
    ) -> Response:
        app = FastAPI()

        @app.middleware("http")
        async def somebody(request: Request, go_on: Any) -> Any:
            request.state.persona = persona
            return await go_on(request)

        app.include_router(pages(lambda _: held, lambda: NOW))  # type: ignore[arg-type]
        got = TestClient(app).get(address, follow_redirects=False)
        assert got.status_code == status, got.text
        policy = got.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "script" not in policy
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["referrer-policy"] == "no-referrer"
        if "/static/" not in address:
            assert got.headers["cache-control"] == "no-store"
        return got

    return visited


def text(got: Response) -> str:
    """What a page says, without its marks, on one line."""
    return text_of(got.text)


def text_of(marked: str) -> str:
    """What a part of a page says."""
    return (
        re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", marked)))
        .replace(" ,", ",")
        .replace(" .", ".")
        .replace(" ;", ";")
    )


VIEW = ViewExpressed(
    ref="view-1",
    by=by(),
    matters=("placement",),
    expressed=on("2026-03-04"),
    own_words=(OwnWords(words="I want to stay with Joan.", language="en"),),
)
MOVE = PlacementMoveDecided(
    ref="move",
    by=by(),
    kind="PLACEMENT_MOVE_PLANNED",
    matters=("placement",),
    decided=on("2026-03-10"),
    effective=on("2026-03-20"),
    reasons="Nearer to school.",
    home="Oak Lane",
)


# Nothing that was recorded is left out --------------------------------------------------------------------------------

_PLAIN: dict[str, Any] = {
    "language": "ar",
    "urn": "SC123456",
    "sha256": "ab" * 32,
    "media_type": "application/pdf",
    "jurisdiction": "england",
    "field": "reasons",
    "reference": "24 001 234",
    "participation": None,
    "adopters": 2,
    "authority": "352",
    "digests": ("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",),
    "withheld": "1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR-Q2jpmbuwTqzU",
}
_MATTERS = {"matters": ("placement", "contact:mum"), "matter": "health"}


def filled(kind: type[BaseModel], name: str = "") -> Any:
    """Make a part with every field filled in, each text unlike all others."""
    return kind(
        **{each: sample(info.annotation, f"{name}-{each}".strip("-")) for each, info in kind.model_fields.items()}
    )


def sample(annotation: Any, name: str) -> Any:  # noqa: PLR0911 - one line for each type
    """Make a value for a field."""
    field = name.rpartition("-")[2]
    if field in _MATTERS:
        return _MATTERS[field]
    if field == "by":
        return by()
    if _PLAIN.get(field) is not None:
        return _PLAIN[field]
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return sample(next(each for each in get_args(annotation) if each is not type(None)), name)
    if origin is Literal:
        return get_args(annotation)[-1]
    if origin is tuple:
        return (sample(get_args(annotation)[0], name),)
    if hasattr(annotation, "__metadata__"):
        return sample(annotation.__origin__, name)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return filled(annotation, name)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return list(annotation)[-1]
    return {bool: True, int: 7, float: 14.5, PartialDate: on("2011-05-03")}.get(annotation, f"the-{name}")


def whole(topic: str) -> Fact:
    """A fact of a kind with every field filled in."""
    fact = filled(FACTS[topic])
    assert isinstance(fact, Fact)
    return fact


@pytest.mark.parametrize("topic", FACTS)
def test_every_field_of_every_kind_of_entry_is_shown(visit: Visit, topic: str) -> None:
    """Whatever has a value stands somewhere on the entry's page, under a name in plain words."""
    fact = whole(topic)
    voices = voice(answer(Verdict.NO_VIEW_RECORDED)) if isinstance(fact, DecisionMade) else None
    kind = "decisions" if isinstance(fact, DecisionMade) else "entries"
    got = visit(Held(shown(fact, voice=voices)), f"/cases/{CASE}/{kind}/{fact.ref}")
    said = text(got)
    shape = SHAPES[topic]
    for name in type(fact).model_fields:
        value = getattr(fact, name)
        if name in narrative_fields(type(fact)):
            assert str(value[0] if isinstance(value, tuple) else value) in said, name
        if name not in ("ref", "by", fact.DATED, *shape.lead, *shape.words) and topic != "record.corrected":
            assert words.label(topic, name) in said, name
    assert fact.PHRASE in said


def test_texts_inside_parts_are_shown_too(visit: Visit) -> None:
    """Options, what others said, and what the child agreed to share do not get lost on the way."""
    fact = whole("placement.move_decided")
    said = text(visit(Held(shown(fact, voice=voice(answer(Verdict.PENDING)))), f"/cases/{CASE}/decisions/{fact.ref}"))
    assert "the-options-what" in said
    assert "the-other_views-said" in said
    view = whole("view.expressed")
    said = text(visit(Held(shown(view)), f"/cases/{CASE}/entries/{view.ref}"))
    assert "the-own_words-words" in said
    assert "the-sharing-reason" in said


@pytest.mark.parametrize("topic", FACTS)
def test_every_kind_of_entry_has_a_shape_of_fields_it_has(topic: str) -> None:
    """A new kind of fact fails here until somebody has thought about how it looks."""
    shape = SHAPES[topic]
    placed = (*shape.lead, *shape.words, *shape.readings, *shape.passages, *shape.rows)
    assert set(placed) <= set(FACTS[topic].model_fields)
    assert len(placed) == len(set(placed))
    assert set(SHAPES) == set(FACTS)


def test_every_field_has_a_name_in_plain_words() -> None:
    """No field is shown by the name that programs give it."""
    fields = {name for kind in FACTS.values() for name in kind.model_fields} - {"ref", "by"}
    assert fields - set(words.FIELDS) == set()


def _annotations() -> Iterator[tuple[str, Any]]:
    pending = [
        (name, info.annotation) for kind in FACTS.values() for name, info in kind.model_fields.items() if name != "by"
    ]
    while pending:
        name, annotation = pending.pop()
        yield name, annotation
        pending.extend((name, each) for each in get_args(annotation) if get_origin(annotation) is not Literal)


def test_every_code_has_words() -> None:
    """No code reaches a reader as a code."""
    for name, annotation in _annotations():
        if get_origin(annotation) is Literal:
            assert set(get_args(annotation)) <= set(words.CHOICES[name]), name
        if isinstance(annotation, type) and issubclass(annotation, StrEnum) and not issubclass(annotation, Code):
            assert set(annotation) == set(words.CODES[annotation]), name
    for pack in all_packs():
        assert set(pack.kinds) <= set(words.KINDS)


# The child's words ----------------------------------------------------------------------------------------------------


def test_own_words_stand_first_apart_and_as_said(visit: Visit) -> None:
    """What the child said comes before what an adult made of it, and neither is part of the other."""
    view = VIEW.model_copy(
        update={
            "own_words": (OwnWords(words="بدي أضل هون", language="ar"), OwnWords(words="pls  let me stay")),
            "interpretation": "Settled here.",
        }
    )
    got = visit(Held(shown(view)))
    assert '<blockquote dir="auto" lang="ar"><p class="bf-words__said">بدي أضل هون</p></blockquote>' in got.text
    assert '<blockquote dir="auto"><p class="bf-words__said">pls  let me stay</p></blockquote>' in got.text
    assert got.text.index("pls  let me stay") < got.text.index("Settled here.")
    assert "An adult's reading of it, not the child's words. Written down by a social worker ( priya.nair ) :" in text(
        got
    )


def test_what_was_seen_comes_before_what_somebody_made_of_it(visit: Visit) -> None:
    """For a child who does not speak, the observation stands alone before its reading."""
    seen = ViewObserved(
        ref="seen",
        by=by(),
        matters=("placement",),
        observed=on("2016-01"),
        what_was_seen="She slept.",
        interpretation="She felt safe.",
    )
    got = visit(Held(shown(seen)))
    assert got.text.index("She slept.") < got.text.index("She felt safe.")
    assert "bf-words" not in got.text.split("What happened")[1]


TEMPLATE = "{{ 1234*3 }}"


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x", TEMPLATE]
)
def test_nothing_that_a_person_wrote_is_run(visit: Visit, hostile: str) -> None:
    """Names and words are shown letter for letter and are never marks."""
    view = VIEW.model_copy(update={"own_words": (OwnWords(words=hostile),), "interpretation": hostile})
    person = PersonIntroduced(ref="who", by=by(hostile), name=hostile, relationship=Relationship.OTHER, note=hostile)
    held = Held(shown(view), shown(person, 2), child=hostile)
    for address in ("/", f"/cases/{CASE}", f"/cases/{CASE}/entries/view-1", f"/cases/{CASE}/entries/who"):
        got = visit(held, address, persona=hostile)
        assert (hostile in got.text) is (hostile == TEMPLATE)
        assert hostile in unescape(got.text)
        assert "3702" not in text(got)
        assert "<script" not in got.text
        assert not re.search(r"<[^>]+\s(on\w+|style)=", re.sub(r"&[^;]+;", "", got.text))


def test_declining_is_a_right_and_is_said_so(visit: Visit) -> None:
    """A child who says nothing is never shown as a fault."""
    declined = ViewDeclined(ref="no", by=by(), matters=("placement",), declined=on("2026-03-05"), attempts=2)
    got = visit(Held(shown(declined), shown(MOVE, 2, voice=voice(answer(Verdict.DECLINED_BEFORE_DECISION, "no")))))
    assert "That is their right." in text(got)
    assert "bf-tag--explained" in got.text


# Answers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_shown_with_what_it_rests_on(visit: Visit, verdict: Verdict) -> None:
    """The label, the sentence, the entries it rests on and the rule behind it are on the page of the decision."""
    held = Held(shown(VIEW), shown(MOVE, 2, voice=voice(answer(verdict, "view-1", flags=tuple(Flag)))))
    for address in (f"/cases/{CASE}", f"/cases/{CASE}/decisions/move"):
        said = text(visit(held, address))
        if verdict is Verdict.NOT_SIGNIFICANT:
            continue
        assert VERDICTS[verdict].label in said
        assert VERDICTS[verdict].sentence in said
        assert "Children Act 1989 s 22(4) and (5)" in said
        assert "This is in an Act of Parliament. Its text was read and checked for this record." in said
        assert f'href="/cases/{CASE}/entries/view-1"' in visit(held, address).text
        for flag in Flag:
            assert FLAGS[flag] in said
        assert INFLUENCES[Influence.NO_VIEW_TO_WEIGH].sentence in said
        assert FEEDBACKS[Feedback.NOT_TOLD].sentence in said


def test_going_another_way_with_reasons_is_neutral(visit: Visit) -> None:
    """It is lawful and is never coloured as something missing."""
    now = answer(Verdict.RECORDED_BEFORE_DECISION, "view-1")
    now |= {"influence": Influence.DEPARTED_REASONED.value, "feedback": Feedback.TOLD_WITH_REASONS.value}
    got = visit(Held(shown(VIEW), shown(MOVE, 2, voice=voice(now))), f"/cases/{CASE}/decisions/move")
    assert "bf-answer--explained" in got.text
    assert "--missing" not in got.text


def test_both_answers_are_shown_where_they_differ(visit: Visit) -> None:
    """What the record showed when the change happened is a finding of its own."""
    both = voice(answer(Verdict.BACKDATED_RECORD, "view-1"), answer(Verdict.NO_VIEW_RECORDED))
    held = Held(shown(VIEW), shown(MOVE, 2, voice=both))
    assert "When the change happened, the record showed something else: “No view on record”" in text(visit(held))
    said = text(visit(held, f"/cases/{CASE}/decisions/move"))
    assert "When the change happened, 20 March 2026 No view on record" in said
    assert "Now Cannot be shown" in said


def test_a_decision_put_in_later_says_so_once_and_calmly(visit: Visit) -> None:
    """That the record did not hold an old decision yet is no other answer."""
    source = Provenance(system="Mosaic", author="J. Whitfield", recorded=on("2011-05-09"), grade=Grade.B)
    move = MOVE.model_copy(update={"by": by("records.team", provenance=source), "decided": on("2011-05-03")})
    both = voice(answer(Verdict.NO_VIEW_RECORDED), answer(Verdict.PENDING))
    for address in (f"/cases/{CASE}", f"/cases/{CASE}/decisions/move"):
        said = text(visit(Held(shown(move, voice=both)), address))
        assert said.count("This was put into this record on 5 March 2026, from an older source.") == 1
        assert "something else" not in said
        assert "In this record since" not in said


def test_a_decision_judged_by_rules_that_are_not_here_still_shows_its_answer(visit: Visit) -> None:
    """A missing rule pack costs the reader the citation and not the answer."""
    got = visit(Held(shown(MOVE, voice=voice(answer(Verdict.NO_VIEW_RECORDED), rule_pack="mars-2200@1"))))
    assert "The rules this was judged by are not kept here." in text(got)
    assert VERDICTS[Verdict.NO_VIEW_RECORDED].sentence in text(got)


def test_on_the_page_of_a_decision_the_childs_words_come_with_their_timing(visit: Visit) -> None:
    """A reader sees at once whether the words came before or after."""
    late = VIEW.model_copy(update={"ref": "late", "expressed": on("2026-03-13")})
    same = VIEW.model_copy(update={"ref": "same", "expressed": on("2026-03-10")})
    rests = voice(answer(Verdict.RECORDED_BEFORE_DECISION, "view-1", "late", "same"))
    said = text(
        visit(
            Held(shown(VIEW), shown(late, 2), shown(same, 3), shown(MOVE, 4, voice=rests)),
            f"/cases/{CASE}/decisions/move",
        )
    )
    assert "6 days before this was decided" in said
    assert "3 days after this was decided" in said
    assert "the record does not show whether before or after this was decided" in said


def test_a_page_never_speaks_of_breach(visit: Visit) -> None:
    """The record shows or does not show."""
    held = Held(shown(MOVE, voice=voice(answer(Verdict.NO_VIEW_RECORDED, flags=tuple(Flag)))))
    for address in ("/", f"/cases/{CASE}", f"/cases/{CASE}/decisions/move"):
        assert not re.search(r"breach|complian|failure|failed", text(visit(held, address)), re.IGNORECASE)


# Who, when, from where ------------------------------------------------------------------------------------------------


def test_an_imported_entry_names_its_source_and_never_the_importer_as_its_author(visit: Visit) -> None:
    """Whoever puts an old paper in did not write it."""
    source = Provenance(system="Mosaic", author="J. Whitfield", recorded=on("2011-05-09"), grade=Grade.B)
    view = VIEW.model_copy(
        update={"by": by("records.team", Role.RECORDS_OFFICER, provenance=source), "expressed": on("2011-05-03")}
    )
    said = text(visit(Held(shown(view, recorded="2019-03-04T09:00"))))
    assert "from Mosaic written by J. Whitfield on 9 May 2011 ( 6 days later ), graded B: a dated document." in said
    assert "In this record since 4 March 2019." in said
    assert "records.team" not in said
    unsigned = view.model_copy(update={"by": by("records.team", provenance=Provenance(system="Box 14"))})
    said = text(visit(Held(shown(unsigned))))
    assert "written by somebody the source does not name, graded C: somebody says so." in said
    assert "Put in by records.team" in text(visit(Held(shown(unsigned)), f"/cases/{CASE}/entries/view-1"))


def test_a_decision_of_which_only_the_effect_is_known_shows_that(visit: Visit) -> None:
    """The date of the effect is not passed off as that of the decision."""
    move = MOVE.model_copy(update={"decided": None, "effective": on("2016-05")})
    undated = voice(answer(Verdict.NO_VIEW_RECORDED), decided=None, effective="2016-05")
    for address in (f"/cases/{CASE}", f"/cases/{CASE}/decisions/move"):
        said = text(visit(Held(shown(move, voice=undated), born="2010"), address))
        assert "May 2016" in said
        assert "aged 5 or 6" in said
        assert "when it took effect; the day it was decided is not known" in said


def test_a_late_entry_says_how_late(visit: Visit) -> None:
    """A few days are nothing; more than that is said, with the day."""
    assert (
        "later"
        not in text(visit(Held(shown(VIEW, recorded="2026-03-06T09:00"))))
        .split("What happened")[1]
        .split("This page")[0]
    )
    assert "23 days later, on 27 March 2026" in text(visit(Held(shown(VIEW, recorded="2026-03-27T09:00"))))


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("2011-05-03T14:30", "3 May 2011, 14:30"),
        ("2011-05-03", "3 May 2011"),
        ("2011-05", "May 2011"),
        ("2011", "2011"),
        (None, "date not known"),
    ],
)
def test_dates_are_as_precise_as_they_were_stated(stated: str | None, said: str) -> None:
    """No day is invented, and none is lost."""
    assert moments.moment(None if stated is None else on(stated)).text == said


@pytest.mark.parametrize(
    ("born", "when", "said"),
    [
        ("2010-08-14", "2019-08-13", "aged 8"),
        ("2010-08-14", "2019-08-14", "aged 9"),
        ("2010-08", "2019-08-14", "aged 8 or 9"),
        ("2010", "2019", "aged 8 or 9"),
        ("2010-08-14", "2019", "aged 8 or 9"),
        ("2010", "2019-12-31", "aged 9"),
        ("2008-02-29", "2026-02-28", "aged 17"),
        ("2008-02-29", "2026-03-01", "aged 18"),
        ("2010-08-14", "2010-08-20", "less than a month old"),
        ("2010-08-14", "2010-09-14", "aged 1 month"),
        ("2010-08-14", "2011-05-20", "aged 9 months"),
        ("2010-08", "2011-05-03", "aged 8 or 9 months"),
        ("2010", "2011", "aged 0 to 23 months"),
        ("2010-08-14", "2009", "before birth"),
        (None, "2019", "age not known"),
        ("2010", None, "age not known"),
    ],
)
def test_the_age_is_that_at_the_time(born: str | None, when: str | None, said: str) -> None:
    """Not today's age, and no surer than the dates are."""
    assert moments.age(born and on(born), when and on(when)) == said  # type: ignore[arg-type]


def test_corrections_annotations_and_disputes_stand_beside_the_entry_and_the_original_stays(visit: Visit) -> None:
    """Nothing is edited: what was first written, what it says now, and who said so are all there."""
    corrected = RecordCorrected(
        ref="correction-2",
        by=by(),
        of="view-1",
        field="expressed",
        to="2026-03-14",
        reason="The visit book.",
        requested_by=RequestedBy.IRO,
    )
    setting = RecordCorrected(
        ref="correction-3",
        by=by(),
        of="view-1",
        field="setting",
        to="At home",
        reason="It was not at school.",
        requested_by=RequestedBy.CHILD,
    )
    added = RecordAnnotated(ref="note", by=by("Mina", Role.CHILD), of="view-1", text="I meant it.", written_by="CHILD")
    wrong = RecordDisputed(
        ref="wrong", by=by("Mina", Role.CHILD), of="view-1", text="Not anxious!", disputed_by="CHILD"
    )
    view = VIEW.model_copy(update={"setting": "At school"})
    entry = shown(view, when=on("2026-03-14"), attached=(corrected, setting, added, wrong))
    for address in (f"/cases/{CASE}", f"/cases/{CASE}/entries/view-1"):
        got = visit(Held(entry), address)
        said = text(got)
        assert "14 March 2026" in said
        assert "First recorded as 4 March 2026; put right later" in said
        assert "It said 4 March 2026 It says now 14 March 2026" in said
        assert "At home Put right later. It first said: At school" in said
        assert "The visit book." in said
        assert '<p class="bf-words__said">I meant it.</p>' in got.text
        assert '<p class="bf-words__said">Not anxious!</p>' in got.text
        assert "I want to stay with Joan." in said


def test_a_correction_that_no_longer_fits_its_field_is_shown_as_it_stands(visit: Visit) -> None:
    """A page does not fall over a value it cannot read."""
    odd = RecordCorrected(
        ref="odd", by=by(), of="view-1", field="seen_alone", to="PERHAPS", reason="?", requested_by=RequestedBy.OTHER
    )
    assert "PERHAPS" in text(visit(Held(shown(VIEW, attached=(odd,)), shown(odd, 2)), f"/cases/{CASE}/entries/view-1"))
    assert "PERHAPS" in text(visit(Held(shown(VIEW, attached=(odd,)), shown(odd, 2)), f"/cases/{CASE}/entries/odd"))


def test_people_and_entries_are_called_what_a_reader_calls_them(visit: Visit) -> None:
    """References are links with names, not codes."""
    mum = PersonIntroduced(ref="mum", by=by(), name="Mum", relationship=Relationship.MOTHER)
    contact = ContactArrangementDecided(
        ref="see",
        by=by(),
        kind="CONTACT_REDUCTION",
        person="mum",
        matters=("contact:mum",),
        decided=on("2026-03-10"),
        views=("view-1", "not-there"),
        weight=Weight.DEPARTED,
        departure_reasons="No room.",
        urgency=Urgency.PLANNED,
    )
    told = ChildTold(ref="told", by=by(), decision="see", told=on("2026-03-11"), reasons="There is no room.")
    held = Held(
        shown(mum),
        shown(VIEW, 2),
        shown(contact, 3, voice=voice(answer(Verdict.RECORDED_BEFORE_DECISION, "view-1", matter="contact:mum"))),
        shown(told, 4),
    )
    said = text(visit(held))
    assert "Seeing somebody less Mum" in said
    assert "Contact with Mum" in text(visit(held, f"/cases/{CASE}/decisions/see"))
    assert "It was decided how to keep in touch, 10 March 2026" in said
    assert "the entry not-there" in said
    assert f'href="/cases/{CASE}/decisions/see"' in visit(held, f"/cases/{CASE}/entries/told").text
    assert "The child was told what was decided" in text(visit(held, f"/cases/{CASE}/decisions/see"))


# Ways through the record ----------------------------------------------------------------------------------------------


def test_the_list_of_children_says_how_things_are(visit: Visit) -> None:
    """A name, the age now, where the child lives, and the answers by tone."""
    placement = {"ref": "move", "since": "2024-01-01", "kind": "PLACEMENT_FIRST", "place": "U4", "carer": None}
    got = visit(Held(placements=[placement]), "/")
    said = text(got)
    assert "Aged 11. Lives in: foster care, long term. Looked after since 6 January 2020." in said
    assert "2 big changes:" in said
    assert "2 Not on record" in said
    assert got.text.count('class="bf-child"') == 50
    assert "/?after=50" in got.text
    further = visit(Held(placements=[placement]), "/?after=50")
    assert further.text.count('class="bf-child"') == 10
    assert "Back to the first page" in further.text
    assert "Go on to the next page" not in further.text


def test_a_closed_record_says_when_care_ended(visit: Visit) -> None:
    """Somebody of 40 does not live where they lived at 15."""
    said = text(visit(Held(open=False, closed_on="2012-06", born="1994"), "/"))
    assert "Record closed. Looked after until June 2012." in said
    assert "Lives in" not in said


def test_a_timeline_goes_on_where_the_page_ends(visit: Visit) -> None:
    """Fifty entries a page, and the link to the next one carries its place, order and day."""
    many = [shown(VIEW.model_copy(update={"ref": f"view-{place}"}), place) for place in range(1, 61)]
    got = visit(Held(*many), f"/cases/{CASE}?order=newest&as_of=2026-04-01")
    assert got.text.count('<li class="bf-entry') == 50
    link = re.search(r'href="([^"]+)" rel="next"', got.text)
    assert link is not None
    address = unescape(link[1])
    assert "order=newest" in address
    assert "as_of=2026-04-01" in address
    further = visit(Held(*many), address)
    assert further.text.count('<li class="bf-entry') == 10
    assert "Back to the first page" in further.text


def test_years_are_headings_that_can_be_jumped_to(visit: Visit) -> None:
    """Each year has a heading, and where there are several a link to its place in the list, with its number."""
    old = VIEW.model_copy(update={"ref": "old", "expressed": on("2019")})
    got = visit(Held(shown(old), shown(VIEW, 2)))
    assert "2019 1 entry 2026 1 entry" in text(got)
    assert got.text.index('id="year-2019"') < got.text.index('id="year-2026"')
    link = re.search(r'href="([^"]+)">2026 ', got.text)
    assert link is not None
    further = visit(Held(shown(old), shown(VIEW, 2)), unescape(link[1]))
    assert 'id="year-2026"' in further.text
    assert 'id="year-2019"' not in further.text


def test_an_earlier_day_is_the_end_of_that_day_in_england(visit: Visit) -> None:
    """In summer the end of a day in England is 23:00 in UTC; every link of the page keeps the day."""
    held = Held(shown(VIEW, recorded="2020-01-01T00:00"))
    got = visit(held, f"/cases/{CASE}?as_of=2022-07-03")
    assert held.asked == [datetime(2022, 7, 3, 22, 59, 59, 999999, tzinfo=UTC)]
    assert "as it stood at the end of 3 July 2022" in text(got)
    assert f"/cases/{CASE}/entries/view-1?as_of=2022-07-03" in got.text
    entry = visit(held, f"/cases/{CASE}/entries/view-1?as_of=2022-07-03")
    assert "as it stood at the end of 3 July 2022" in text(entry)
    assert f'href="/cases/{CASE}?as_of=2022-07-03"' in entry.text


@pytest.mark.parametrize(
    "typed", ["2022-07-03", "3/7/2022", "03.07.2022", "3 July 2022", "3rd july 2022", "3 Jul 2022", " 2022-7-3 "]
)
def test_a_day_may_be_typed_as_people_write_it(typed: str) -> None:
    """Nobody has to know a format."""
    found = asking.day_asked(typed, NOW)
    assert found is not None
    assert found.text == "3 July 2022"


def test_today_means_up_to_now() -> None:
    """No answer looks past the present."""
    found = asking.day_asked("2026-06-01", NOW)
    assert found is not None
    assert found.as_of == NOW
    assert asking.day_asked("", NOW) is asking.day_asked(None, NOW) is None


@pytest.mark.parametrize(
    "typed", ["2022-02-30", "31/2/2022", "yesterday", "2022", "2026-06-02", "1066-10-14", "3 ju 2022", "<b>"]
)
def test_an_impossible_day_is_kept_as_typed_so_that_it_can_be_mended(visit: Visit, typed: str) -> None:
    """The page says what is wrong and gives back what was typed."""
    got = visit(Held(shown(VIEW)), f"/cases/{CASE}?as_of={typed}", status=400)
    assert "This is not a day we can show" in text(got)
    value = re.search(r'name="as_of"[^>]*value="([^"]*)"', got.text)
    assert value is not None
    assert unescape(value[1]) == typed
    assert 'aria-describedby="as_of-hint as_of-error"' in got.text


def test_before_a_record_began_the_page_says_so(visit: Visit) -> None:
    """A day without a record is not the same as a record that is not there."""
    got = visit(Held(shown(VIEW)), f"/cases/{CASE}?as_of=2019-03-21", status=404)
    assert "On 21 March 2019 this record had not begun" in text(got)
    assert "See the record as it is now" in text(got)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/cases/not-a-number", 404),
        ("/cases/00000000-0000-4000-8000-000000000000", 404),
        (f"/cases/{CASE}/entries/nothing", 404),
        (f"/cases/{CASE}/decisions/nothing", 404),
        (f"/cases/{CASE}?after=somewhere", 400),
        (f"/cases/{CASE}?after=2026-99-99T00:00:00_1", 400),
        (f"/cases/{CASE}?after=MjAyNi0wMS0wMVQwMDowMDowMC4wMDAwMDBfMS8w", 400),  # version 0
        (f"/cases/{CASE}?after=MjAyNi0wMS0wMVQwMDowMDowMC4wMDA", 400),
        ("/?after=-1", 400),
        ("/static/secret.css", 404),
        ("/static/..%5Croutes.py", 404),
    ],
)
def test_what_is_not_there_has_a_plain_page(visit: Visit, address: str, status: int) -> None:
    """It says what to do, and nothing about what else there may be."""
    got = visit(Held(shown(VIEW)), address, status=status)
    assert got.headers["content-type"].startswith("text/html")
    assert "Go to all children" in text(got)


def test_a_database_that_is_away_is_said_plainly(visit: Visit) -> None:
    """Nothing is lost, and the reader is told."""
    held = Held(shown(VIEW))
    held.away = True
    assert "Nothing is lost. Wait a minute and try again." in text(visit(held, status=503))


def test_an_entry_that_is_no_decision_is_shown_as_what_it_is(visit: Visit) -> None:
    """The address of a decision leads on to the entry."""
    got = visit(Held(shown(VIEW)), f"/cases/{CASE}/decisions/view-1?as_of=2026-04-01", status=303)
    assert got.headers["location"] == f"/cases/{CASE}/entries/view-1?as_of=2026-04-01"


def test_who_is_looking_is_named(visit: Visit) -> None:
    """Nobody forgets in whose place they look."""
    assert "You are looking at this as Margaret Ellis" in text(visit(Held(shown(VIEW)), persona="Margaret Ellis"))
    assert "You are looking at this as" not in text(visit(Held(shown(VIEW))))


def test_the_whole_time_in_care_is_one_picture_that_says_what_it_shows(visit: Visit) -> None:
    """Homes as bars, changes as marks in their tones; the sentence says the same to whoever cannot see it."""
    homes = [
        {"ref": "move", "since": since, "kind": "PLACEMENT_FIRST", "place": "U4", "carer": None}
        for since in ("2020-01-06", "2022-05", None)
    ]
    undated = voice(answer(Verdict.NO_VIEW_RECORDED), decided=None, effective=None)
    other = MOVE.model_copy(update={"ref": "other"})
    got = visit(
        Held(
            shown(MOVE, voice=voice(answer(Verdict.STALE_VIEW_ONLY))), shown(other, 2, voice=undated), placements=homes
        )
    )
    assert "2020 to 2026: 3 homes, 2 big changes, asked 0 times" in got.text
    assert "2 more have no date, and are in the list only." in text(got)
    assert got.text.count('class="bf-band bf-band--home') == 2 * 2
    assert 'class="bf-pick bf-pick--partly"' in got.text


def test_contact_with_more_people_than_the_picture_has_room_for_is_told_in_words(visit: Visit) -> None:
    """Eight people are drawn; the ninth and tenth are in the list like the others, and the page says so."""
    people = [
        PersonIntroduced(ref=f"p{each}", by=by(), name=f"Aunt {each}", relationship=Relationship.RELATIVE)
        for each in range(10)
    ]
    arranged = [
        {"ref": f"c{each.ref}", "since": "2020-02-01", "kind": "CONTACT_ARRANGE", "mode": "VIDEO", "until": None}
        | {"person": each.ref}
        for each in people
    ]
    held = Held(*(shown(each, place) for place, each in enumerate(people, start=1)), contact=arranged)
    got = visit(held)
    drawn, _, rest = got.text.partition('<ul class="bf-told">')
    assert "Contact with Aunt 7" in drawn
    assert "Contact with Aunt 8" not in drawn
    for each in people:
        assert f"Contact with {each.name}: " in text_of(rest.partition("</ul>")[0])
    assert "no room for contact with 2 more people. It is in the list only." in text(got)
    fewer = visit(Held(*(shown(each, place) for place, each in enumerate(people, start=1)), contact=arranged[:8]))
    assert "no room for contact" not in text(fewer)


# What is served with them ---------------------------------------------------------------------------------------------


def test_the_style_is_kept_for_good_under_its_own_hash(visit: Visit) -> None:
    """A changed file has a new address; the old one is never shown as the new."""
    address = re.search(r'href="(/static/beforehand\.css\?v=[0-9a-f]{16})"', visit(Held(shown(VIEW))).text)
    assert address is not None
    got = visit(Held(), address[1])
    assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert got.headers["content-type"] == "text/css; charset=utf-8"
    assert visit(Held(), "/static/beforehand.css?v=0").headers["cache-control"] == "no-cache"
    assert visit(Held(), "/static/LICENSE.govuk-frontend").headers["content-type"].startswith("text/plain")


def test_what_was_built_is_what_is_kept() -> None:
    """The style sheet, its source and the note about both belong together."""
    note = json.loads((STATIC / "VENDOR.json").read_text())
    assert note["built"] == {"beforehand.css": hashlib.sha256((STATIC / "beforehand.css").read_bytes()).hexdigest()}
    sources = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in ASSETS.glob("*.scss")}
    assert len(sources) > 1
    assert note["from"] == sources
    assert next((each["name"], each["version"]) for each in note["packages"]) == ("govuk-frontend", "6.6.0")
    assert (STATIC / "LICENSE.govuk-frontend").read_text().startswith("The MIT License")


def test_nothing_that_is_not_ours_to_use_is_served() -> None:
    """No typeface, crest, crown or logotype of the government, and nothing loaded from anywhere."""
    for path in STATIC.iterdir():
        held = path.read_text().lower()
        if path.suffix in (".css", ".svg"):
            for forbidden in (
                "@font-face",
                "url(",
                "gds transport",
                "crown",
                "crest",
                "@import",
                "//cdn",
                "javascript:",
            ):
                assert forbidden not in held, (path.name, forbidden)
    style = (STATIC / "beforehand.css").read_text()
    assert "font-family:arial,sans-serif" in style
    assert "govuk-frontend" in style.split("*/")[0].lower().replace("gov.uk frontend", "govuk-frontend")
    assert "http" not in (ASSETS / "build").read_text()


def test_pages_look_like_nobody_elses(visit: Visit) -> None:
    """No page claims to be the government's."""
    for address in ("/", f"/cases/{CASE}"):
        got = visit(Held(shown(VIEW)), address)
        assert "GOV.UK" not in got.text
        assert "govuk-header" not in got.text
        assert "govuk-footer" not in got.text
        assert "<script" not in got.text
        assert "style=" not in got.text


# Only some entries, and other days ------------------------------------------------------------------------------------


class Asked(Held):
    """Answers that remember which entries were wanted, and that got to know more later."""

    def __init__(self, *entries: Shown, later: tuple[Later, ...] = (), **state: Any) -> None:
        super().__init__(*entries, **state)
        self.wanted: list[Wanted] = []
        self.later = later
        self.now: dict[str, PartialDate | None] = {}

    async def timeline(self, case_id: UUID, *, limit: int = 50, after: Any = None, **more: Any) -> list[Shown]:
        """The entries that are wanted."""
        self.wanted.append(more.get("wanted", EVERYTHING))
        return [] if self.wanted[-1].person == "nobody" else await super().timeline(case_id, limit=limit, after=after)

    async def years(self, case_id: UUID, *, wanted: Wanted = EVERYTHING, **_: Any) -> list[tuple[int, int]]:
        """One entry of ten, where not all are wanted."""
        return ([] if wanted.person == "nobody" else [(2026, 1)]) if wanted else [(2019, 4), (2026, 6)]

    async def came_later(self, case_id: UUID, as_of: datetime) -> list[Later]:
        """What came later."""
        return list(self.later)

    async def dates(self, case_id: UUID, refs: list[str]) -> dict[str, PartialDate | None]:
        """The dates as they are now."""
        return await super().dates(case_id, refs) | self.now


MUM = PersonIntroduced(ref="mum", by=by(), name="Mum", relationship=Relationship.MOTHER, note="She sings.")


def test_entries_are_chosen_by_matter_person_and_answer(visit: Visit) -> None:
    """The form offers what the record holds, says how many entries are left, and every link keeps the choice."""
    held = Asked(shown(MUM), shown(VIEW, 2), shown(MOVE, 3, voice=voice(answer(Verdict.NO_VIEW_RECORDED))))
    got = visit(held, f"/cases/{CASE}?matter=placement&person=mum&answer=missing&order=newest&as_of=2026-04-01")
    assert held.wanted == [Wanted("placement", "mum", frozenset({VerdictClass.NOT_MET}))]
    assert "1 of 10 entries" in text(got)
    assert '<option value="placement" selected>Where the child lives</option>' in got.text
    assert '<option value="mum" selected>Mum</option>' in got.text
    assert '<option value="missing" selected>Not on record</option>' in got.text
    turned = re.search(r'href="([^"]+)">Start with the oldest', got.text)
    assert turned is not None
    assert unescape(turned[1]) == (
        f"/cases/{CASE}?as_of=2026-04-01&matter=placement&person=mum&answer=missing#timeline"
    )
    chips = re.findall(r'<li><a href="([^"]+)"><span class="govuk-visually-hidden">', got.text)
    without = [unescape(each) for each in chips]
    assert [sorted(set(re.findall(r"matter|person|answer", each))) for each in without] == [
        ["answer", "person"],
        ["answer", "matter"],
        ["matter", "person"],
    ]
    cleared = re.search(r'class="bf-chips__clear" href="([^"]+)"', got.text)
    assert cleared is not None
    assert unescape(cleared[1]) == f"/cases/{CASE}?as_of=2026-04-01&order=newest#timeline"


def test_a_choice_that_leaves_nothing_says_so_kindly(visit: Visit) -> None:
    """Nothing found is no finding."""
    got = visit(Asked(shown(MUM)), f"/cases/{CASE}?person=nobody")
    assert "No entry fits what you chose." in text(got)
    assert "0 of 10 entries" in text(got)
    assert "Show every entry" in text(got)


def test_another_day_is_asked_for_with_the_same_choice(visit: Visit) -> None:
    """The form for another day keeps filters and order, also where the day is none; so does the way back."""
    held = Asked(shown(MUM), shown(VIEW, 2), shown(MOVE, 3, voice=voice(answer(Verdict.NO_VIEW_RECORDED))))
    chosen = {"matter": "placement", "person": "mum", "answer": "missing", "order": "newest"}
    for day, status in (("2026-04-01", 200), ("2026-02-30", 400)):
        got = visit(held, f"/cases/{CASE}?{urlencode(chosen | {'as_of': day})}", status=status)
        (form,) = re.findall(r'<form [^>]*class="bf-day".*?</form>', got.text, re.DOTALL)
        assert dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', form)) == chosen
    back = re.search(
        r'href="([^"]+)">See the record as it is now',
        visit(held, f"/cases/{CASE}?{urlencode(chosen)}&as_of=2026-04-01").text,
    )
    assert back is not None
    assert unescape(back[1]) == f"/cases/{CASE}?{urlencode(chosen)}"


@pytest.mark.parametrize("query", ["matter=%3Cb%3E", "person=a%20b", "answer=perhaps", "matter=", "person=&answer="])
def test_what_cannot_be_chosen_is_passed_over(visit: Visit, query: str) -> None:
    """A link that somebody mistyped shows every entry."""
    held = Asked(shown(MUM))
    got = visit(held, f"/cases/{CASE}?{query}")
    assert held.wanted == [EVERYTHING]
    assert "10 entries" in text(got)


def test_a_year_begins_where_its_link_leads(visit: Visit) -> None:
    """Each year has its number of entries; the page begins with it, in either order."""
    old = VIEW.model_copy(update={"ref": "old", "expressed": on("2019-05-01")})
    got = visit(Asked(shown(old), shown(VIEW, 2)), f"/cases/{CASE}?year=2026")
    assert "2019 4 entries" in text(got)
    assert 'id="year-2026"' in got.text
    assert 'id="year-2019"' not in got.text
    assert "Back to the first page" in got.text
    for nonsense in ("20x6", "1", "999999999999", "²"):
        assert 'id="year-2019"' in visit(Asked(shown(old), shown(VIEW, 2)), f"/cases/{CASE}?year={nonsense}").text


def test_an_earlier_day_says_what_was_not_known_yet(visit: Visit) -> None:
    """What came later about things that had happened is counted and named, with its day; its links lead to now."""
    recorded = datetime(2026, 5, 2, 9, 0, tzinfo=UTC)
    later = tuple(Later(f"v{each}", "view.expressed", parse_partial_date("2026-03-01"), recorded) for each in range(40))
    moved = Later("d", "placement.move_decided", parse_partial_date("2026-03"), recorded)
    held = Asked(shown(VIEW), later=(*later, moved))
    got = visit(held, f"/cases/{CASE}?as_of=2026-04-01")
    said = text(got)
    assert "the record did not hold yet, though it had happened: 40 times the child was asked, 1 decision." in said
    assert "The child said what they wanted, 1 March 2026. Written down on 2 May 2026." in said
    assert f'href="/cases/{CASE}/entries/v0"' in got.text
    assert "And 11 more." in said
    assert "did not hold yet" not in text(visit(held))


def test_an_earlier_day_marks_dates_that_were_put_right_later(visit: Visit) -> None:
    """The entry keeps the date it had then, and says that there is another one now."""
    held = Asked(shown(VIEW))
    held.now = {"view-1": parse_partial_date("2026-03-14")}
    got = visit(held, f"/cases/{CASE}?as_of=2026-04-01")
    assert "Put right later. It now says 14 March 2026." in text(got)
    assert "1 date on this page was put right later." in text(got)
    assert f'href="/cases/{CASE}/entries/view-1">See it now' in got.text


def test_the_list_of_children_has_earlier_days_too(visit: Visit) -> None:
    """The list as it stood, and every link keeps the day; a day that is none can be mended."""
    held = Held(shown(VIEW))
    got = visit(held, "/?as_of=3 July 2022")
    assert held.asked == [datetime(2022, 7, 3, 22, 59, 59, 999999, tzinfo=UTC)]
    assert "as it stood at the end of 3 July 2022" in text(got)
    assert f'href="/cases/{CASE}?as_of=2022-07-03"' in got.text
    assert "/?as_of=2022-07-03&amp;after=50" in got.text
    assert "There is no such day." in text(visit(held, "/?as_of=2022-02-30", status=400))


# One decision, one person ---------------------------------------------------------------------------------------------

SECTIONS = (
    "The choices",
    "What was decided, by whom, and why",
    "What other people said",
    "The review meeting and the reviewing officer",
    "Who told the child",
    "What became of it",
    "What else is on record about this",
)


def headings(got: Response) -> list[str]:
    """The headings of a page, in their order."""
    return [unescape(re.sub(r"<[^>]+>", "", each)) for each in re.findall(r"<h2[^>]*>(.*?)</h2>", got.text)]


def test_every_part_of_a_decision_stands_in_its_place_also_where_it_is_empty(visit: Visit) -> None:
    """A reader sees that nothing is recorded, and does not have to guess."""
    bare = MOVE.model_copy(update={"reasons": None, "effective": None})
    empty = visit(Held(shown(bare, voice=voice(answer(Verdict.NO_VIEW_RECORDED)))), f"/cases/{CASE}/decisions/move")
    fact = whole("placement.move_decided")
    full = visit(Held(shown(fact, voice=voice(answer(Verdict.PENDING)))), f"/cases/{CASE}/decisions/{fact.ref}")
    for got in (empty, full):
        assert [each for each in headings(got) if each in SECTIONS] == list(SECTIONS)
    said = text(empty)
    for nothing in (
        "nobody wrote down what the child said about this",
        "Nothing is recorded of what other people said.",
        "Nothing is recorded about a review meeting before this, or about the reviewing officer.",
        "Nothing is recorded about telling the child.",
        "Nothing is recorded about what became of it.",
        "Nothing else is on record about this.",
    ):
        assert nothing in said


def test_what_came_first_is_told_step_by_step(visit: Visit) -> None:
    """View, decision, writing down, effect and telling in the order of their days, with the time between."""
    told = ChildTold(ref="told", by=by(), decision="move", told=on("2026-03-25"), reasons="Nearer to school.")
    held = Held(
        shown(VIEW),
        shown(MOVE, 2, recorded="2026-03-11T09:00", voice=voice(answer(Verdict.RECORDED_BEFORE_DECISION, "view-1"))),
        shown(told, 3),
    )
    got = visit(held, f"/cases/{CASE}/decisions/move")
    steps = got.text.split('<ol class="bf-order">')[1].split("</ol>")[0]
    said = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", steps))).strip()
    assert said == (
        "The child said what they wanted 4 March 2026 6 days later This was decided 10 March 2026 "
        "1 day later It was written down 11 March 2026 9 days later It took effect 20 March 2026 "
        "5 days later The child was told what was decided 25 March 2026"
    )


def test_what_came_from_a_yearly_return_says_what_such_a_return_cannot_say(visit: Visit) -> None:
    """Neither the day of the decision nor the child's view is in it, and the page says so in plain words."""
    source = Provenance(system="SSDA903 return", recorded=on("2016-06-30"), grade=Grade.A, effects_only=True)
    move = MOVE.model_copy(update={"by": by("records.team", provenance=source), "decided": None})
    held = Held(shown(move, voice=voice(answer(Verdict.NO_VIEW_RECORDED), decided=None)))
    for address in (f"/cases/{CASE}", f"/cases/{CASE}/decisions/move"):
        assert "This came from a yearly return to the government." in text(visit(held, address))
    assert "yearly return" not in text(visit(Held(shown(MOVE, voice=voice(answer(Verdict.NO_VIEW_RECORDED))))))


def test_a_person_has_a_page_of_their_own(visit: Visit) -> None:
    """Who they are, what the child said about seeing them, how they were in touch, and what they said themselves."""
    seeing = VIEW.model_copy(
        update={"ref": "see", "matters": ("contact:mum",), "own_words": (OwnWords(words="Every week!"),)}
    )
    contact = ContactArrangementDecided(
        ref="arranged", by=by(), kind="CONTACT_ARRANGE", person="mum", matters=("contact:mum",),
        decided=on("2026-03-10"), frequency="Every two weeks",
    )  # fmt: skip
    move = MOVE.model_copy(update={"other_views": (OtherView(who="mum", said="I would come every day."),)})
    answered = voice(answer(Verdict.RECORDED_BEFORE_DECISION, "see", matter="contact:mum"))
    held = Asked(shown(MUM), shown(seeing, 2), shown(contact, 3, voice=answered), shown(move, 4))
    got = visit(held, f"/cases/{CASE}/people/mum")
    said = text(got)
    assert held.wanted == [Wanted(person="mum")]
    for each in ("Mother", "She sings.", "Every week!", "Every two weeks", "I would come every day."):
        assert each in said
    assert "bf-tag--kept" in got.text
    assert f'href="/cases/{CASE}?person=mum#timeline"' in got.text
    assert f'href="/cases/{CASE}/entries/mum"' in got.text
    assert f'href="/cases/{CASE}/people/mum"' in visit(held).text
    visit(held, f"/cases/{CASE}/people/view-1", status=404)


def test_an_empty_page_of_a_person_says_so(visit: Visit) -> None:
    """Nothing recorded is said as such."""
    said = text(visit(Held(shown(MUM)), f"/cases/{CASE}/people/mum"))
    assert "The record holds nothing about this." in said
    assert "The record holds no decision about this." in said
    assert "Nothing is recorded of what Mum said." in said


# The way out ----------------------------------------------------------------------------------------------------------


def test_every_page_has_a_way_out(visit: Visit) -> None:
    """One link leads away from every page, and does not tell where from."""
    for address, status in (("/", 200), (f"/cases/{CASE}", 200), ("/cases/nobody", 404)):
        got = visit(Held(shown(VIEW)), address, status=status)
        assert got.text.count('class="bf-exit__link"') == 1
        assert 'rel="nofollow noreferrer">Leave this page</a>' in got.text
        assert got.text.index("bf-exit") < got.text.index("bf-wordmark")
