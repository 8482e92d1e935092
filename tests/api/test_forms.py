"""The forms: what is typed is recorded once, letter for letter; what cannot be recorded is still there to be mended."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.pages.forms.catalogue import FORMS
from api.pages.forms.living import OPENING
from api.pages.forms.typed import MEDIA_TYPE
from api.settings import Settings
from domain.case.registry import COMMANDS
from ops.postgres import LocalPostgres
from ops.storage.migrations import migrate

Recorder = Callable[..., Any]


# A page as a browser reads it -----------------------------------------------------------------------------------------


class Sheet(HTMLParser):
    """What a browser would send from a page, and what the page says is wrong."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sends: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.ids: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.title = ""
        self._select = ""
        self._chosen: str | None = None
        self._area: str | None = None
        self._text = ""
        self._link: str | None = None
        self._in_title = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if "id" in held:
            assert held["id"] not in self.ids, f"{held['id']} stands twice"
            self.ids.add(held["id"])
        name = held.get("name", "")
        if tag == "title":
            self._in_title = True
        if tag == "a":
            self._link, self._text = held.get("href", ""), ""
        if tag == "input":
            self.names.add(name)
            if held.get("type") not in ("radio", "checkbox") or "checked" in held:
                self.sends.append((name, held.get("value", "on")))
        if tag == "select":
            self.names.add(name)
            self._select, self._chosen = name, None
        if tag == "option" and self._select and (self._chosen is None or "selected" in held):
            self._chosen = held.get("value", "")
        if tag == "textarea":
            self.names.add(name)
            self._area, self._text = name, ""

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag == "select":
            self.sends.append((self._select, self._chosen or ""))
            self._select = ""
        if tag == "textarea" and self._area is not None:
            text = self._text.removeprefix("\n")  # a browser takes away the first line break
            self.sends.append((self._area, text.replace("\n", "\r\n")))
            self._area = None
        if tag == "a" and self._link is not None:
            self.links.append((self._link, " ".join(self._text.split())))
            self._link = None

    @property
    def mistakes(self) -> dict[str, str]:
        """What the summary says is wrong, by the box it leads to."""
        return {href[1:]: said for href, said in self.links if href.startswith("#") and href != "#main"}

    def filled(self, answers: dict[str, Any]) -> list[tuple[str, str]]:
        """What a browser sends after a person has given these answers."""
        unknown = set(answers) - self.names
        assert not unknown, unknown
        kept = [(name, value) for name, value in self.sends if name not in answers]
        for name, value in answers.items():
            kept += [(name, each) for each in (value if isinstance(value, list) else [value])]
        return kept


def read(got: Response) -> Sheet:
    """Read a page."""
    return Sheet(got.text)


def said(got: Response) -> str:
    """What a page says, on one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", got.text)))


class Desk:
    """Somebody who fills in forms about one child."""

    def __init__(self, client: TestClient, case: str) -> None:
        self.client = client
        self.case = case

    def open(self, slug: str, **about: Any) -> Sheet:
        """Open an empty form."""
        got = self.client.get(f"/cases/{self.case}/record/{slug}", params=about)
        assert got.status_code == 200, got.text
        return read(got)

    def send(self, slug: str, answers: dict[str, Any], about: dict[str, Any] | None = None, **more: Any) -> Response:
        """Fill in a form and send it."""
        return self.post(slug, self.open(slug, **(about or {})).filled(answers), **more)

    def post(self, slug: str, pairs: list[tuple[str, str]], **more: Any) -> Response:
        """Send a form as a browser does."""
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "sec-fetch-site": "same-origin",
            **more.pop("headers", {}),
        }
        return self.client.post(
            f"/cases/{self.case}/record/{slug}",
            content=urlencode(pairs),
            headers=headers,
            follow_redirects=False,
            **more,
        )

    def recorded(self, got: Response) -> dict[str, Any]:
        """Give the entry a form came to, as the API tells it."""
        assert got.status_code == 303, read(got).mistakes or said(got)
        address = got.headers["location"]
        found = re.fullmatch(rf"/cases/{self.case}/recorded/([A-Za-z0-9._-]+)", address)
        assert found is not None, address
        shown = self.client.get(address)
        assert shown.status_code == 200, shown.text
        assert "Recorded" in shown.text
        entries = self.client.get(f"/v1/cases/{self.case}/timeline", params={"limit": 500}).json()["entries"]
        return next(entry for entry in entries if entry["ref"] == found[1])

    def count(self) -> int:
        """Give how many entries the record holds."""
        return len(self.client.get(f"/v1/cases/{self.case}/timeline", params={"limit": 500}).json()["entries"])


@pytest.fixture(scope="module")
def client(database: str) -> Iterator[TestClient]:
    """The application over an authority of this module's own; every test opens a case of its own."""
    schema = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, schema)
    app = create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=2))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def desk(client: TestClient, open_case: Callable[..., str], record: Recorder) -> Desk:
    """Somebody with the record of Mina, in which there is one of everything."""
    case = open_case()
    record(case, "introduce_person", ref="joan", name="Joan", relationship="CARER")
    record(case, "introduce_person", ref="mum", name="Mum", relationship="MOTHER")
    record(case, "introduce_person", ref="leo", name="Leo", relationship="SIBLING")
    record(case, "introduce_person", ref="priya", name="Priya", relationship="SOCIAL_WORKER")
    record(
        case,
        "make_proposal",
        ref="idea",
        proposed="2026-03-01",
        matters=["placement"],
        what="Move to Oak Lane",
        options=[{"what": "Stay"}],
    )
    record(
        case,
        "record_view",
        ref="v1",
        matters=["placement"],
        expressed="2026-03-04",
        own_words=[{"words": "I want to stay with Joan.", "language": "en"}],
        provenance={"system": "Mosaic", "recorded": "2026-03-04", "grade": "A"},
    )
    record(case, "record_review", ref="r1", held="2026-03-06", participation="PN1")
    record(
        case,
        "decide_placement_move",
        ref="move",
        kind="PLACEMENT_MOVE_PLANNED",
        decided="2026-03-10",
        effective="2026-03-20",
        views=["v1"],
        weight="DEPARTED",
        departure_reasons="Joan is ill.",
        out_of_area=False,
    )
    record(case, "make_promise", ref="p1", promised="2026-03-10", what="You keep your school")
    record(case, "raise_challenge", ref="c1", challenged="2026-03-12", what="Say why", decision="move")
    record(case, "record_missing", ref="away", since="2026-03-08", missing="M")
    record(
        case,
        "decide_liberty",
        ref="lock",
        kind="SECURE",
        step="STARTED",
        restrictions="A locked door",
        decided="2026-03-11",
    )
    last = record(
        case, "change_professional", ref="first", kind="SOCIAL_WORKER_CHANGE", person="priya", decided="2026-03-11"
    )
    client.get(f"/v1/cases/{case}", headers={"Beforehand-At-Least": str(last["position"])}).raise_for_status()
    return Desk(client, case)


YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


def day(name: str, stated: str) -> dict[str, str]:
    """Answers that state a date: `2026-03-04`, `2026-03`, `2026`, each with an optional time."""
    date, _, time = stated.partition("T")
    parts = dict(zip(("year", "month", "day"), date.split("-"), strict=False))
    return {f"{name}.{part}": value for part, value in parts.items()} | ({f"{name}.time": time} if time else {})


# What each form is filled in with, what the address brings along, and the entry it comes to.
Filled = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
SAID: dict[str, Any] = {
    "own_words.0.words": "I wanna stay.\n\nPlease “stay” 🙂",
    "own_words.0.language": "en",
    "matters": ["placement", "contact:mum"],
    **day("expressed", "2026-03-05T16:30"),
    "seen_alone": "NO",
    "seen_alone_reason": "Joan was driving.",
    "source": "CHILD_DIRECT",
}
EVERY: dict[str, Filled] = {
    "view": (
        SAID
        | {
            "interpretation": "She is worried.",
            "setting": "In the car",
            "present": ["joan"],
            "proposal": "idea",
            "sharing.may_share": "no",
            "sharing.not_with": ["mum"],
        },
        {},
        {
            "expressed": "2026-03-05T16:30",
            "own_words": [{"words": "I wanna stay.\n\nPlease “stay” 🙂", "language": "en"}],
            "matters": ["placement", "contact:mum"],
            "interpretation": "She is worried.",
            "seen_alone": "NO",
            "seen_alone_reason": "Joan was driving.",
            "present": ["joan"],
            "sharing": {"may_share": False, "not_with": ["mum"]},
        },
    ),
    "shown": (
        {"what_was_seen": "Hid under the table", "matters": ["placement"], **day("observed", "2026-03")},
        {},
        {"observed": "2026-03", "what_was_seen": "Hid under the table", "interpretation": None},
    ),
    "declined": (
        {"matters": ["placement"], "declined.on": "yesterday", "attempts": "2", "advocate_offered": "yes"},
        {},
        {"declined": YESTERDAY.isoformat(), "attempts": 2, "advocate_offered": True},
    ),
    "not-asked": (
        {
            "matters": ["placement"],
            **day("considered", "2026"),
            "reason_code": "MEDICALLY_UNABLE",
            "reason": "She was asleep.",
        },
        {},
        {"considered": "2026", "reason_code": "MEDICALLY_UNABLE", "reason": "She was asleep."},
    ),
    "tried": (
        {"matters": ["placement"], **day("sought", "2026-03-02"), "outcome": "Not at home"},
        {"proposal": "idea"},
        {"sought": "2026-03-02", "outcome": "Not at home", "proposal": "idea"},
    ),
    "suggested": (
        {
            "what": "A new school",
            "matters": ["education"],
            **day("proposed", "2026-03-02"),
            "options": "Stay\r\nGo to Oak School",
            "options.untold": "Learn at home",
        },
        {},
        {
            "options": [
                {"what": "Stay", "offered_to_child": True},
                {"what": "Go to Oak School", "offered_to_child": True},
                {"what": "Learn at home", "offered_to_child": False},
            ]
        },
    ),
    "placement": (
        {
            "views": ["v1"],
            "weight": "PARTLY",
            "departure_reasons": "Joan is ill.",
            "kind": "PLACEMENT_MOVE_EMERGENCY",
            "home": "Oak Lane",
            "matters": ["siblings", "contact:mum"],
            **day("decided", "2026-03-11T23:10"),
            **day("effective", "2026-03-12"),
            "reasons": "Joan went to hospital.",
            "urgency": "EMERGENCY",
            "ground": "CARER_REMOVED_NO_NOTICE",
            "not_practicable_reason": "It was night.",
            "place": "U6",
            "with_siblings": ["leo"],
            "distance_miles": "12,5",
            "notice_days": "0",
            "significant": "yes",
            "other_views.0.who": "mum",
            "other_views.0.said": "Not far away",
            "review": "r1",
            "iro_informed.on": "today",
        },
        {"proposal": "idea"},
        {
            "kind": "PLACEMENT_MOVE_EMERGENCY",
            "views": ["v1"],
            "weight": "PARTLY",
            "decided": "2026-03-11T23:10",
            "ground": "CARER_REMOVED_NO_NOTICE",
            "matters": ["siblings", "contact:mum", "placement"],
            "with_siblings": ["leo"],
            "distance_miles": 12.5,
            "notice_days": 0,
            "significant": True,
            "other_views": [{"who": "mum", "said": "Not far away"}],
            "proposal": "idea",
            "review": "r1",
        },
    ),
    "contact": (
        {"kind": "CONTACT_ARRANGE", "frequency": "On Sundays", "mode": "VIDEO", "decided.on": "unknown"},
        {"person": "mum"},
        {"person": "mum", "decided": None, "frequency": "On Sundays", "mode": "VIDEO", "matters": ["contact:mum"]},
    ),
    "plan": (
        {"kind": "CAREPLAN_PERMANENCE", "plan": ["LTFOST18", "RETURNEV"], **day("decided", "2026-03-11")},
        {},
        {"plan": ["LTFOST18", "RETURNEV"]},
    ),
    "school": (
        {"kind": "EDUCATION_SCHOOL_CHANGE", "school": "Oak School", **day("decided", "2026-03-11")},
        {},
        {"school": "Oak School"},
    ),
    "health": ({"treatment": "New glasses", **day("decided", "2026-03-11")}, {}, {"treatment": "New glasses"}),
    "legal-order": (
        {"step": "MADE", "legal_status": "C2", **day("decided", "2026-03-11")},
        {},
        {"step": "MADE", "legal_status": "C2", "kind": "LEGAL_STATUS"},
    ),
    "freedom": (
        {
            "kind": "DEPRIVATION_OF_LIBERTY",
            "step": "STARTED",
            "restrictions": "The door is locked at night.",
            **day("decided", "2026-03-11"),
        },
        {},
        {"step": "STARTED", "restrictions": "The door is locked at night."},
    ),
    "leaving-care": (
        {"kind": "PATHWAY_PLAN", "accommodation": "With Joan", **day("decided", "2026-03-11")},
        {},
        {"kind": "PATHWAY_PLAN", "accommodation": "With Joan"},
    ),
    "identity": (
        {"aspect": "NAME", "what_changes": "Called Minnie", **day("decided", "2026-03-11")},
        {},
        {"aspect": "NAME", "what_changes": "Called Minnie"},
    ),
    "worker": (
        {"kind": "SOCIAL_WORKER_CHANGE", "person": "priya", "sw_reason": "LEFTRL", **day("decided", "2026-03-11")},
        {},
        {"person": "priya", "sw_reason": "LEFTRL"},
    ),
    "told": (
        {
            **day("told", "2026-03-11T09:15"),
            "reasons": "Joan is ill.",
            "reaction.0.words": "Nie chcę.",
            "reaction.0.language": "pl",
            "reaction.0.translation": "I do not want to.",
            "reaction.0.translated_by": "A. Nowak",
            "complaints_route_explained": "yes",
        },
        {"decision": "move"},
        {
            "decision": "move",
            "told": "2026-03-11T09:15",
            "reaction": [
                {
                    "words": "Nie chcę.",
                    "language": "pl",
                    "translation": "I do not want to.",
                    "translated_by": "A. Nowak",
                }
            ],
            "complaints_route_explained": True,
        },
    ),
    "not-told": (
        {**day("considered", "2026-03-11"), "reason": "She is a baby."},
        {"decision": "move"},
        {"reason": "She is a baby."},
    ),
    "happened": ({**day("on", "2026-03-21")}, {"decision": "move"}, {"on": "2026-03-21"}),
    "called-off": (
        {**day("withdrawn", "2026-03-19"), "reasons": "Joan is well again."},
        {"decision": "move"},
        {"withdrawn": "2026-03-19"},
    ),
    "looked-at-again": (
        {"views": ["v1"], "weight": "FOLLOWED", **day("reconfirmed", "2026-03-15"), "reasons": "It is near."},
        {"decision": "move"},
        {"views": ["v1"], "weight": "FOLLOWED"},
    ),
    "big-change": (
        {"significant": "no", "reason": "The same house."},
        {"decision": "move"},
        {"significant": False},
    ),
    "officer-told": (
        {**day("informed", "2026-03-11"), "consulted": "yes"},
        {"decision": "move"},
        {"consulted": True},
    ),
    "challenge": (
        {**day("challenged", "2026-03-13"), "what": "Look again"},
        {"decision": "move"},
        {"what": "Look again", "decision": "move"},
    ),
    "challenge-answered": (
        {**day("answered", "2026-03-14"), "accepted": "no", "what": "It stays"},
        {"challenge": "c1"},
        {"accepted": False},
    ),
    "taken-higher": (
        {**day("escalated", "2026-03-16"), "to": "The director"},
        {"challenge": "c1"},
        {"to": "The director"},
    ),
    "cafcass": (
        {**day("considered", "2026-03-17"), "made": "no", "reasons": "It was mended."},
        {"challenge": "c1"},
        {"made": False, "challenge": "c1"},
    ),
    "visit": (
        {**day("visited", "2026-03-03T15:00"), "seen_alone": "YES", "visitor": "Priya"},
        {},
        {"visited": "2026-03-03T15:00", "seen_alone": "YES"},
    ),
    "review": (
        {**day("held", "2026-03-07"), "participation": "PN2", "decisions": "A new bike\r\n\r\nMore calls"},
        {},
        {"decisions": ["A new bike", "More calls"], "participation": "PN2"},
    ),
    "missing": (
        {**day("since", "2026-03-07T22:00"), "missing": "M"},
        {},
        {"since": "2026-03-07T22:00", "missing": "M"},
    ),
    "back": ({**day("back", "2026-03-09")}, {"absence": "away"}, {"absence": "away", "back": "2026-03-09"}),
    "limit-ended": ({**day("ended", "2026-03-12")}, {"restriction": "lock"}, {"ended": "2026-03-12"}),
    "worker-stopped": ({**day("stopped", "2026-03-12")}, {"change": "first"}, {"stopped": "2026-03-12"}),
    "something-happened": (
        {"kind": "ILLNESS", **day("happened", "2026-03-08"), "what": "Joan fell ill.", "matters": ["placement"]},
        {},
        {"kind": "ILLNESS", "matters": ["placement"]},
    ),
    "person": (
        {"name": "Teta 👵", "relationship": "GRANDPARENT", **day("since", "2015")},
        {},
        {"name": "Teta 👵", "since": "2015"},
    ),
    "person-left": ({"person": "leo", **day("until", "2026-02")}, {}, {"person": "leo", "until": "2026-02"}),
    "promise": (
        {"what": "A bike", **day("promised", "2026-03-04"), **day("due", "2027")},
        {},
        {"what": "A bike", "due": "2027"},
    ),
    "promise-settled": (
        {**day("settled", "2026-03-20"), "kept": "no", "what": "Too far"},
        {"promise": "p1"},
        {"kept": False, "promise": "p1"},
    ),
    "advocate-offered": (
        {**day("offered", "2026-03-02"), "child_answer": "ACCEPTED"},
        {},
        {"child_answer": "ACCEPTED"},
    ),
    "advocate": (
        {**day("engaged", "2026-03-02"), "arranged_by": "CHILD", "advocate": "T. Roe"},
        {},
        {"arranged_by": "CHILD"},
    ),
    "ended": ({**day("ended", "2026-04-01"), "reason": "E4A"}, {}, {"reason": "E4A"}),
    "own-account": (
        {"text": "I was not naughty.\r\nI was sad.", "written_by": "CHILD"},
        {"of": "move"},
        {"text": "I was not naughty.\nI was sad.", "of": "move", "written": None},
    ),
    "wrong": ({"text": "That is not true", "disputed_by": "CARE_LEAVER"}, {"of": "v1"}, {"of": "v1"}),
    "gap": (
        {**day("gap_from", "2019"), **day("gap_to", "2020-05"), "reason": "A flood", "searched": "The cellar"},
        {},
        {"gap_from": "2019", "gap_to": "2020-05", "searched": ["The cellar"]},
    ),
    "finding": (
        {"body": "The Ombudsman", **day("found", "2026-03-30"), "says": "Say sorry", "reference": "24 001"},
        {},
        {"body": "The Ombudsman", "reference": "24 001"},
    ),
}


# Each form ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", EVERY)
def test_what_is_typed_is_recorded(desk: Desk, slug: str) -> None:
    """Every form records just what was typed, as exactly as it was stated, and shows it."""
    answers, about, expected = EVERY[slug]
    entry = desk.recorded(desk.send(slug, answers, about))
    assert {name: entry["body"].get(name) for name in expected} == expected


def test_every_form_is_tried_here(desk: Desk, record: Recorder) -> None:
    """No form is left out above; the one for a closed record stands below."""
    assert set(FORMS) - set(EVERY) == {"again"}
    record(desk.case, "close_case", ended="2026-04-01", reason="E4A")
    entry = desk.recorded(desk.send("again", day("again_from", "2026-05-02")))
    assert entry["body"]["again_from"] == "2026-05-02"


def test_every_command_has_a_form() -> None:
    """What the API records, a person can record too; what comes with a statutory return or a file is for programs."""
    offered = {form.command.model_fields["do"].default for form in (*FORMS.values(), OPENING)} | {"correct_record"}
    with_a_return = {
        name
        for name, command in COMMANDS.items()
        if command.__module__.rpartition(".")[2] in ("episodes", "child", "yearly", "adoption")
    }
    assert set(COMMANDS) - offered == {"attach_document", *with_a_return}


NOT_ASKED = {"do", "ref", "provenance"}
ABOUT_SEVERAL = {"finding": {"of"}}
"""What points at many entries at once, which a form has no good way to ask for."""


@pytest.mark.parametrize("slug", FORMS)
def test_every_field_of_a_command_is_asked_for(slug: str) -> None:
    """Nothing that the API takes is out of reach of a person."""
    form = FORMS[slug]
    asked = {name.partition(".")[0] for name in names_of(form.asks)} | set(form.fixed)
    assert set(form.command.model_fields) - asked == NOT_ASKED | ABOUT_SEVERAL.get(slug, set())


def names_of(asks: Any) -> Iterator[str]:
    """Every question, with those that depend on another."""
    for ask in asks:
        yield ask.name
        yield from names_of(getattr(ask, "then", ()))


def test_every_form_is_offered_and_leads_on(desk: Desk) -> None:
    """The page of all forms has each of them, and every link on it opens."""
    sheet = read(desk.client.get(f"/cases/{desk.case}/record"))
    doors = {href for href, _ in sheet.links if "/record/" in href}
    assert {href.rpartition("/")[2] for href in doors} == {*FORMS, "put-right"}
    for href in doors:
        got = desk.client.get(href)
        assert got.status_code == 200, href
        assert "`" not in said(got)


def test_a_record_is_opened(client: TestClient) -> None:
    """A new child's record, with a birth of which only the month is known; sent twice it is opened once."""
    sheet = read(client.get("/open-a-record"))
    pairs = sheet.filled({"child": "Zoë O'Hara <b>", "born.month": "6", "born.year": "2015", "local_id": "A-17"})
    sent = [
        client.post(
            "/open-a-record",
            content=urlencode(pairs),
            headers={"content-type": "application/x-www-form-urlencoded"},
            follow_redirects=False,
        )
        for _ in range(2)
    ]
    assert [each.status_code for each in sent] == [303, 303]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    shown = client.get(sent[0].headers["location"])
    assert "The record of Zoë O'Hara <b> is open." in said(shown).replace("  ", " ")
    assert "<b>" not in shown.text
    case = client.get(sent[0].headers["location"].partition("/recorded")[0].replace("/cases", "/v1/cases")).json()
    assert (case["child"], case["state"]["born"], case["state"]["local_id"]) == ("Zoë O'Hara <b>", "2015-06", "A-17")


# What is wrong --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", [*EVERY, "again"])
def test_an_empty_form_says_what_is_needed(desk: Desk, slug: str) -> None:
    """Nothing is recorded; every sentence leads to a box that is there, and none speaks like a program."""
    before = desk.count()
    got = desk.send(slug, {})
    sheet = read(got)
    assert got.status_code == 422
    assert sheet.title.startswith("Error: ")
    assert sheet.mistakes
    for where, sentence in sheet.mistakes.items():
        assert where in sheet.ids, where
        assert not re.search(r"[`_{}]|Input|valid|Field", sentence), sentence
    assert 'class="govuk-error-summary" tabindex="-1" autofocus' in got.text
    assert desk.count() == before


LATER = (datetime.now(UTC).date() + timedelta(days=40)).isoformat()
MOVE: dict[str, Any] = {"kind": "PLACEMENT_MOVE_PLANNED", **day("decided", "2026-03-11")}
WRONG: dict[str, tuple[str, dict[str, Any], dict[str, str], str, str]] = {
    "a day to come": ("view", SAID | day("expressed", LATER), {}, "expressed-on", "This lies in the future."),
    "a day before birth": ("view", SAID | day("expressed", "2011-05-03"), {}, "expressed-on", "the child's birth"),
    "no such day": ("view", SAID | day("expressed", "2026-02-31"), {}, "expressed-day", "no such day"),
    "a month of thirteen": ("view", SAID | day("expressed", "2026-13-01"), {}, "expressed-month", "from 1 to 12"),
    "a year of two numbers": ("view", SAID | day("expressed", "26-03-01"), {}, "expressed-year", "four numbers"),
    "a year long ago": ("view", SAID | day("expressed", "1066-03-01"), {}, "expressed-year", "between 1900"),
    "a day without its month": (
        "view",
        SAID | {"expressed.month": "", "expressed.day": "3"},
        {},
        "expressed-month",
        "Write the month, too",
    ),
    "a time that is none": ("view", SAID | {"expressed.time": "25:99"}, {}, "expressed-time", "Write the time"),
    "a time of a month": ("view", SAID | {"expressed.day": ""}, {}, "expressed-day", "only makes sense with the day"),
    "today and another day": ("view", SAID | {"expressed.on": "today"}, {}, "expressed-day", "Keep one of the two"),
    "a letter instead of a day": ("view", SAID | {"expressed.day": "3rd?"}, {}, "expressed-day", "from 1 to 31"),
    "a language nobody speaks": ("view", SAID | {"own_words.0.language": "?!"}, {}, "own_words-0-language", "Choose"),
    "a translation of nothing": (
        "view",
        SAID | {"own_words.0.words": "", "own_words.0.language": "pl", "own_words.0.translation": "x"},
        {},
        "own_words-0-words",
        "Write what the child said.",
    ),
    "no words and no account": ("view", SAID | {"own_words.0.words": "", "own_words.0.language": ""}, {}, "", "said"),
    "a sign that cannot be kept": ("view", SAID | {"own_words.0.words": "a\x00b"}, {}, "own_words-0-words", "sign"),
    "words without end": ("view", SAID | {"own_words.0.words": "x" * 20_001}, {}, "own_words-0-words", "20000"),
    "a matter that is none": ("view", SAID | {"matters": ["weather"]}, {}, "matters", "Choose"),
    "a stranger": ("view", SAID | {"matters": ["contact:nobody"]}, {}, "matters", "does not hold"),
    "a reason for being seen alone": ("view", SAID | {"seen_alone": "YES"}, {}, "seen_alone_reason", "Choose “No”"),
    "a view after the decision": (
        "placement",
        MOVE | {"views": ["v1"], **day("decided", "2026-03-01")},
        {},
        "views",
        "after the decision of 1 March 2026",
    ),
    "a weight without a view": ("placement", MOVE | {"weight": "FOLLOWED"}, {}, "views", "Tick the view"),
    "reasons for going another way": (
        "placement",
        MOVE | {"views": ["v1"], "weight": "FOLLOWED", "departure_reasons": "x"},
        {},
        "departure_reasons",
        "Choose that answer above",
    ),
    "decided after it happened": ("placement", MOVE | day("effective", "2026-03-10"), {}, "decided-on", "10 March"),
    "no day and not unknown": ("placement", {"kind": "PLACEMENT_FIRST"}, {}, "decided-on", "or that nobody knows"),
    "an emergency that is none": (
        "placement",
        MOVE | {"urgency": "PLANNED", "ground": "EPO"},
        {},
        "ground",
        "Choose “An emergency” above",
    ),
    "a number of Ofsted that is none": ("placement", MOVE | {"urn": "12"}, {}, "urn", "SC123456"),
    "miles that are none": ("placement", MOVE | {"distance_miles": "far"}, {}, "distance_miles", "12 or 12.5"),
    "more notice than a life": ("placement", MOVE | {"notice_days": "99999999"}, {}, "notice_days", "3650"),
    "no big change without a reason": ("placement", MOVE | {"significant": "no"}, {}, "significance_reason", "Say why"),
    "what somebody said, and not who": (
        "placement",
        MOVE | {"other_views.0.said": "Not far"},
        {},
        "other_views-0-who",
        "Choose who",
    ),
    "a code that is none": ("placement", MOVE | {"kind": "NONSENSE"}, {}, "kind", "Choose one from the list"),
    "changing what was never arranged": (
        "contact",
        {"kind": "CONTACT_REDUCTION", "person": "mum", **day("decided", "2026-03-11")},
        {},
        "kind",
        "choose “Seeing somebody”",
    ),
    "not alone without a reason": (
        "visit",
        {**day("visited", "2026-03-03"), "seen_alone": "UNABLE"},
        {},
        "seen_alone_reason",
        "Say why",
    ),
    "under four at ten": (
        "review",
        {**day("held", "2026-03-03"), "participation": "PN0"},
        {},
        "participation",
        "under four",
    ),
    "told before it was decided": ("told", day("told", "2026-03-01"), {"decision": "move"}, "told-on", "10 March 2026"),
    "due before it was promised": (
        "promise",
        {"what": "A bike", **day("promised", "2026-03-04"), **day("due", "2026-03-01")},
        {},
        "due-day",
        "before the promise",
    ),
    "a gap that ends before it begins": (
        "gap",
        {**day("gap_from", "2020"), **day("gap_to", "2019"), "reason": "A flood"},
        {},
        "gap_to-day",
        "Missing from when",
    ),
    "an entry that is not there": ("wrong", {"of": "nothing", "text": "x", "disputed_by": "CHILD"}, {}, "of", "hold"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_where_it_is_wrong(desk: Desk, what: str) -> None:
    """A sentence in plain words leads to the very box; all that was typed is still there; nothing is recorded."""
    slug, answers, about, where, sentence = WRONG[what]
    before = desk.count()
    pairs = desk.open(slug, **about).filled(answers)
    got = desk.post(slug, pairs)
    sheet = read(got)
    assert got.status_code == 422, said(got)
    assert any((not where or box == where) and sentence in told for box, told in sheet.mistakes.items()), sheet.mistakes
    for box, told in sheet.mistakes.items():
        assert box in sheet.ids
        assert not re.search(r"[`{}]|[a-z]_[a-z]", told), told
    kept = [(name, _lines(value)) for name, value in sheet.sends if value and "\x00" not in value]
    for name, value in pairs:
        known = value and "\x00" not in value and (name, value) != ("matters", "weather")
        assert not known or (name, _lines(value)) in kept or value in ("contact:nobody", "NONSENSE"), name
    assert desk.count() == before


def test_what_a_rule_says_is_marked_as_english_on_a_welsh_page(desk: Desk) -> None:
    """Rules speak English, to programs too; the form around them speaks Welsh, and a screen reader is told."""
    got = desk.send("view", SAID | day("expressed", LATER), headers={"accept-language": "cy"})
    assert '<span lang="en">This lies in the future.' in got.text
    assert "Mae rhywbeth i&#39;w gywiro" in got.text or "Mae rhywbeth i'w gywiro" in got.text
    assert "<span>This" not in desk.send("view", SAID | day("expressed", LATER)).text


def test_what_happened_twice_is_told_at_the_top(desk: Desk) -> None:
    """A refusal that is about no one question still stands above the form, with the entry by its name."""
    desk.recorded(desk.send("happened", day("on", "2026-03-21"), {"decision": "move"}))
    sheet = desk.open("happened", decision="move")
    pairs = [*sheet.filled(day("on", "2026-03-22")), ("decision", "move")]
    got = desk.post("happened", pairs)
    assert got.status_code == 422
    assert list(read(got).mistakes) == ["form"]
    assert "“A planned move, 10 March 2026” took effect is on record already" in said(got)


def test_entries_are_called_by_what_they_are(desk: Desk) -> None:
    """A person is named in a sentence by the name, not by the reference."""
    desk.recorded(desk.send("person-left", {"person": "leo", **day("until", "2026-02")}))
    sheet = desk.open("person-left")
    got = desk.post("person-left", [*sheet.filled(day("until", "2026-03")), ("person", "leo")])
    assert "“Leo”" in said(got)


# Once, and once only --------------------------------------------------------------------------------------------------


def test_sent_twice_it_is_recorded_once(desk: Desk) -> None:
    """A second press of the button, even at the same moment, leads to the same entry."""
    before = desk.count()
    pairs = desk.open("visit").filled({"visited.on": "yesterday", "seen_alone": "YES"})
    with ThreadPoolExecutor(4) as several:
        sent = list(several.map(lambda _: desk.post("visit", pairs), range(4)))
    assert [each.status_code for each in sent] == [303] * 4
    assert len({each.headers["location"] for each in sent}) == 1
    assert desk.count() == before + 1


def test_what_was_changed_since_is_not_dropped_in_silence(desk: Desk) -> None:
    """Going back, changing something and sending again says what became of each, and then records it as new."""
    pairs = desk.open("visit").filled({"visited.on": "yesterday", "seen_alone": "YES"})
    desk.recorded(desk.post("visit", pairs))
    got = desk.post("visit", [*pairs, ("note", "It rained")])
    assert got.status_code == 422
    assert "What you have changed since is not." in said(got)
    assert desk.recorded(desk.post("visit", read(got).sends))["body"]["note"] == "It rained"


def test_the_same_again_is_asked_about(desk: Desk) -> None:
    """Exactly the same from a new form is taken for a slip, until somebody says that it happened twice."""
    answers = {"visited.on": "yesterday", "seen_alone": "YES"}
    first = desk.recorded(desk.send("visit", answers))
    got = desk.send("visit", answers)
    assert got.status_code == 422
    assert read(got).mistakes == {"again": "Exactly this is on record already. If it happened twice, say so here."}
    second = desk.recorded(desk.post("visit", [*read(got).sends, ("again", "yes")]))
    assert first["ref"] != second["ref"]


def test_one_more_row_keeps_what_was_typed(desk: Desk) -> None:
    """The button for another saying brings a box, records nothing, and both sayings are recorded afterwards."""
    before = desk.count()
    pairs = desk.open("view").filled(SAID)
    got = desk.post("view", [*pairs, ("more", "own_words")])
    assert got.status_code == 200
    assert "own_words-1-words" in read(got).ids
    assert desk.count() == before
    entry = desk.recorded(
        desk.post("view", read(got).filled({"own_words.1.words": "And my dog", "matters": ["health"]}))
    )
    assert [each["words"] for each in entry["body"]["own_words"]] == [SAID["own_words.0.words"], "And my dog"]


# Whatever is typed ----------------------------------------------------------------------------------------------------

ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@settings(max_examples=60)
@given(words=ANYTHING, day_typed=ANYTHING, name=ANYTHING)
def test_whatever_is_typed_comes_back_as_typed(desk: Desk, words: str, day_typed: str, name: str) -> None:
    """Any text in any box gets the form again with just that text, or is recorded with just those words."""
    answers = {
        "own_words.0.words": words,
        "own_words.0.translated_by": name,
        "setting": name,
        "expressed.day": day_typed,
        "matters": ["placement"],
    }
    got = desk.post("view", desk.open("view").filled(answers))
    assert got.status_code == 422
    sends = dict(read(got).sends)
    for box in ("own_words.0.words", "own_words.0.translated_by", "setting", "expressed.day"):
        assert _lines(sends[box]) == _lines(answers[box]), box


@settings(max_examples=40)
@given(words=ANYTHING)
def test_words_are_recorded_letter_for_letter(desk: Desk, words: str) -> None:
    """What the child said is on record just as typed, or the form says what about it cannot be kept."""
    got = desk.post("view", desk.open("view").filled(SAID | {"own_words.0.words": words}))
    if got.status_code == 303:
        assert desk.recorded(got)["body"]["own_words"][0]["words"] == _lines(words)
    else:
        assert got.status_code == 422
        assert {"own_words-0-words", "again"} & set(read(got).mistakes)


@settings(max_examples=60)
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["matters", "expressed.on", "key", "own_words.count", "more", "x"]), ANYTHING)
    )
)
def test_no_answer_breaks_a_form(desk: Desk, pairs: list[tuple[str, str]]) -> None:
    """Any answer to any question, asked or not, gets the form again, never an error of ours."""
    assert desk.post("view", pairs).status_code in (200, 422)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# Who may send ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
    ],
)
def test_a_form_is_only_taken_from_here(desk: Desk, headers: dict[str, str], status: int) -> None:
    """What a browser says to come from elsewhere is refused, and nothing is recorded."""
    before = desk.count()
    got = desk.send("visit", {"visited.on": "yesterday", "seen_alone": "YES"}, headers=headers)
    assert got.status_code == status
    assert desk.count() == before + (status == 303)


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://testserver", 303), ("http://elsewhere.example", 403), ("null", 403), ("http://[", 403)],
)
def test_where_a_browser_only_names_its_origin(desk: Desk, origin: str, status: int) -> None:
    """Older browsers say by `Origin` alone where a form comes from."""
    pairs = desk.open("visit").filled({"visited.on": "yesterday", "seen_alone": "YES"})
    got = desk.client.post(
        f"/cases/{desk.case}/record/visit",
        content=urlencode(pairs),
        headers={"content-type": "application/x-www-form-urlencoded", "origin": origin},
        follow_redirects=False,
    )
    assert got.status_code == status


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"visited=1", "", 415),
        (b"a=%FF%FE", "application/x-www-form-urlencoded", 400),
        ("a=ü".encode("latin-1"), "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(1_001)), "application/x-www-form-urlencoded", 400),
        (b"note=" + b"x" * 1_000_000, "application/x-www-form-urlencoded; charset=utf-8", 413),
    ],
)
def test_what_is_no_form_gets_a_page_that_says_so(desk: Desk, body: bytes, kind: str, status: int) -> None:
    """Whatever is sent, the answer is a page in plain words, and nothing is recorded."""
    before = desk.count()
    got = desk.client.post(f"/cases/{desk.case}/record/visit", content=body, headers={"content-type": kind})
    assert got.status_code == status
    assert "Nothing was recorded" in said(got)
    assert desk.count() == before


def test_an_address_brings_along_references_and_nothing_else(desk: Desk) -> None:
    """What somebody wrote never stands in an address, so that nothing but references is taken from one."""
    sheet = desk.open("told", decision="move", told="2026", reasons="because")
    assert dict(sheet.sends)["decision"] == "move"
    assert dict(sheet.sends)["reasons"] == ""
    odd = desk.client.get(f"/cases/{desk.case}/record/told", params={"decision": '"><script>alert(1)</script>'})
    assert "<script" not in odd.text
    assert odd.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/record", "/record/view", "/recorded/case-1", "/record/nothing"])
def test_what_is_not_there_is_not_here(client: TestClient, desk: Desk, anywhere: str, address: str) -> None:
    """A case that does not exist, and a form that does not exist, have the same plain page."""
    assert client.get(f"/cases/{anywhere}{address}").status_code == 404
    assert client.get(f"/cases/nobody{address}").status_code == 404
    assert (
        client.post(f"/cases/{anywhere}/record/view", content="", headers={"content-type": MEDIA_TYPE}).status_code
        == 404
    )
    assert client.get(f"/cases/{desk.case}/record/nothing").status_code == 404
    assert client.get(f"/cases/{desk.case}/recorded/nothing").status_code == 404


# Putting right --------------------------------------------------------------------------------------------------------

RIGHT: dict[str, tuple[str, str, dict[str, str], dict[str, Any], Any]] = {
    "a date": ("move", "effective", {"to.year": "2026", "to.month": "3", "to.day": "20"}, {"to.day": ""}, "2026-03"),
    "a text": (
        "p1",
        "what",
        {"to": "You keep your school"},
        {"to": "You keep\r\nyour school"},
        "You keep\nyour school",
    ),
    "a name": ("mum", "name", {"to": "Mum"}, {"to": "Mama"}, "Mama"),
    "a code": ("mum", "relationship", {"to": "MOTHER"}, {"to": "PARENT"}, "PARENT"),
    "yes or no": ("move", "out_of_area", {"to": "no"}, {"to": "yes"}, True),
    "a number": ("move", "notice_days", {"to": ""}, {"to": "3"}, 3),
    "people": ("move", "with_siblings", {}, {"to": ["leo"]}, ["leo"]),
    "options": (
        "idea",
        "options",
        {"to": "Stay"},
        {"to": "Stay\r\nGo"},
        [{"what": "Stay", "offered_to_child": True}, {"what": "Go", "offered_to_child": True}],
    ),
    "own words": (
        "v1",
        "own_words",
        {"to.0.words": "I want to stay with Joan.", "to.0.language": "en"},
        {"to.0.words": "I wanna stay with Joan."},
        [{"words": "I wanna stay with Joan.", "language": "en"}],
    ),
}


@pytest.mark.parametrize("what", RIGHT)
def test_a_mistake_is_put_right_in_the_way_that_fits_it(desk: Desk, what: str) -> None:
    """From the entry to what is wrong in it, to what is right: what it says now stands there, the new is recorded."""
    ref, field, now, typed, right = RIGHT[what]
    step = desk.open("put-right", of=ref)
    assert "field" in step.names
    sheet = desk.open("put-right", of=ref, field=field)
    held = dict(sheet.sends)
    assert {name: held.get(name, "") for name in now} == now
    assert f"the entry {field}" not in said(
        desk.client.get(f"/cases/{desk.case}/record/put-right?of={ref}&field={field}")
    )
    got = desk.post("put-right", sheet.filled(typed | {"reason": "A slip", "requested_by": "CHILD"}))
    body = desk.recorded(got)["body"]
    value = body["words"] if body.get("words") is not None else body["to"]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = [{name: each for name, each in row.items() if each is not None} for row in value]
    assert (body["of"], body["field"], value) == (ref, field, right)


def test_putting_right_begins_with_the_entry(desk: Desk) -> None:
    """Without an entry the form asks for one; what an entry is about is not offered; nothing new is refused."""
    assert "of" in desk.open("put-right").names
    got = desk.client.get(f"/cases/{desk.case}/record/put-right", params={"of": "move"})
    assert not re.search(r'name="field" type="radio" value="(kind|matters|views|proposal|ref|by)"', got.text)
    sheet = desk.open("put-right", of="mum", field="name")
    same = desk.post("put-right", sheet.filled({"reason": "A slip", "requested_by": "CHILD"}))
    assert same.status_code == 422
    assert read(same).mistakes == {"to": "“Mum” says that already. Nothing needs doing."}


# Before anything is asked ---------------------------------------------------------------------------------------------


def test_a_decision_begins_with_what_the_child_said(desk: Desk) -> None:
    """The child's own words stand above every question about the decision, to be ticked."""
    got = desk.client.get(f"/cases/{desk.case}/record/placement")
    assert got.text.index("I want to stay with Joan.") < got.text.index('id="kind"')
    assert 'value="v1"' in got.text
    nothing = desk.client.get(f"/cases/{desk.case}/record/health")
    assert "I want to stay with Joan." in nothing.text
    assert nothing.text.index("Which of this was thought about?") < nothing.text.index('id="treatment"')


def test_without_any_view_the_form_says_so_and_still_records(desk: Desk, open_case: Callable[..., str]) -> None:
    """It asks to record the view first, and does not stand in the way of a decision made without one."""
    bare = Desk(desk.client, open_case(child="Tom"))
    got = bare.client.get(f"/cases/{bare.case}/record/placement")
    assert "Nothing is on record yet about what the child wants here." in said(got)
    assert bare.recorded(bare.send("placement", MOVE))["body"]["views"] == []


def test_an_entry_offers_what_comes_next(desk: Desk) -> None:
    """A decision offers to tell the child and to say that it happened; what is done is not offered again."""
    page = f"/cases/{desk.case}/decisions/move"
    before = {href for href, _ in read(desk.client.get(page)).links}
    told = f"/cases/{desk.case}/record/told?decision=move"
    assert told in before
    assert f"/cases/{desk.case}/record/put-right?of=move" in before
    desk.recorded(desk.send("told", {"told.on": "yesterday"}, {"decision": "move"}))
    after = {href for href, _ in read(desk.client.get(page)).links}
    assert told not in after
    assert f"/cases/{desk.case}/record/happened?decision=move" in after
    for href in after:
        if "/record/" in href:
            assert desk.client.get(href).status_code == 200, href


def test_few_answers_are_enough(desk: Desk) -> None:
    """In under a minute: a view takes five answers, and a decision to move takes five more."""
    view = {
        "own_words.0.words": "I want to stay",
        "matters": ["placement"],
        "expressed.on": "yesterday",
        "seen_alone": "YES",
    }
    assert desk.recorded(desk.send("view", view))["body"]["source"] == "CHILD_DIRECT"
    move = {"kind": "PLACEMENT_MOVE_PLANNED", "decided.on": "today", "views": ["v1"], "weight": "FOLLOWED"}
    assert desk.recorded(desk.send("placement", move | {"reasons": "Near school"}))["body"]["weight"] == "FOLLOWED"


# The record away ------------------------------------------------------------------------------------------------------


def until_back(asked: Callable[[], Response]) -> Response:
    """Ask until connections that broke have been replaced."""
    for _ in range(50):
        if (got := asked()).status_code != 503:
            return got
    raise AssertionError("still away")


def test_what_was_typed_outlives_the_database() -> None:
    """With the database gone the page keeps what was typed; sent again from there, it is recorded, once."""
    home = Path(tempfile.mkdtemp(prefix="beforehand-away-"))
    home.chmod(0o755)
    server = LocalPostgres(home, fsync="off", synchronous_commit="off")
    try:
        url = server.start()
        with psycopg.connect(url, autocommit=True) as connection:
            migrate(connection, "away")
        with TestClient(create_app(Settings(DATABASE_URL=url, authority="away", pool_size=2))) as client:
            case = client.post("/v1/cases", json={"do": "open_case", "child": "Mina", "born": "2015"}).json()["case_id"]
            desk = Desk(client, case)
            pairs = desk.open("view").filled(SAID | {"matters": ["placement"]})
            server.stop()
            away = desk.post("view", pairs)
            assert away.status_code == 503
            assert "Nothing was recorded. What you typed is kept on this page." in said(away)
            sheet = read(away)
            assert sorted((name, _lines(value)) for name, value in sheet.sends) == sorted(
                (name, _lines(value)) for name, value in pairs
            )
            server.start()
            again = until_back(lambda: desk.post("view", sheet.sends))
            until_back(lambda: client.get(again.headers["location"]))
            assert desk.recorded(again)["body"]["own_words"][0]["words"] == SAID["own_words.0.words"]
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
