"""The forms: what is typed is recorded once, letter for letter; what cannot be recorded is still there to be mended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.pages.forms.catalogue import FORMS
from api.settings import Settings
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
        return int(self.client.get(f"/v1/cases/{self.case}").json()["version"])


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
    )
    record(case, "make_promise", ref="p1", promised="2026-03-10", what="You keep your school")
    record(case, "raise_challenge", ref="c1", challenged="2026-03-12", what="Say why", decision="move")
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
