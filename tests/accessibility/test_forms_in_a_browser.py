"""Every form in a real browser, over a real record: axe finds nothing, and nothing needs a mouse or script."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import httpx2
import psycopg
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from api.app import create_app
from api.pages.forms.catalogue import FORMS
from api.settings import Settings
from ops.sentences import sentences
from ops.storage.migrations import migrate

WIDTHS = {"a phone": 320, "a desk": 1200}
STANDARD = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LONG_NAME = "Maximiliana-Konstantinopolitanskaya Oluwaseunfunmilayo " + "Wa" * 40

pytestmark = pytest.mark.browser

Steps = dict[str, str]
_DECIDED: Final = {"decided.on": "today"}

# What has to be answered, by the name of the question; every other answer may be left out.
NEEDED: dict[str, Steps] = {
    "view": {
        "own_words.0.words": "أريد أن أبقى مع جوان",
        "matters": "placement",
        "expressed.on": "today",
        "seen_alone": "YES",
    },
    "shown": {"what_was_seen": "Hid under the table", "matters": "placement", "observed.on": "yesterday"},
    "declined": {"matters": "placement", "declined.on": "today"},
    "not-asked": {"matters": "placement", "considered.on": "today", "reason_code": "PRE_VERBAL", "reason": "A baby"},
    "tried": {"matters": "placement", "sought.on": "today"},
    "suggested": {"what": "Move to Oak Lane", "matters": "placement", "proposed.on": "today"},
    "placement": {"kind": "PLACEMENT_MOVE_PLANNED", **_DECIDED},
    "contact": {"person": "mum", "kind": "CONTACT_ARRANGE", **_DECIDED},
    "plan": {"kind": "CAREPLAN_OTHER", **_DECIDED},
    "school": {"kind": "PEP_CHANGE", **_DECIDED},
    "health": {"treatment": "New glasses", **_DECIDED},
    "legal-order": {"step": "MADE", **_DECIDED},
    "freedom": {"kind": "SECURE", "step": "STARTED", "restrictions": "A lock", **_DECIDED},
    "leaving-care": {"kind": "STAYING_PUT", **_DECIDED},
    "identity": {"aspect": "RELIGION", "what_changes": "Baptism", **_DECIDED},
    "worker": {"kind": "SOCIAL_WORKER_CHANGE", "person": "priya", **_DECIDED},
    "told": {"decision": "move", "told.on": "today", "reasons": "Joan is ill"},
    "not-told": {"decision": "move", "considered.on": "today", "reason": "A baby"},
    "happened": {"decision": "move", "on.on": "today"},
    "called-off": {"decision": "other", "withdrawn.on": "today", "reasons": "Joan is well"},
    "looked-at-again": {"decision": "move", "views": "v1", "reconfirmed.on": "today", "reasons": "Near"},
    "big-change": {"decision": "move", "significant": "yes", "reason": "All of it"},
    "officer-told": {"decision": "move", "informed.on": "today"},
    "challenge": {"challenged.on": "today", "what": "Ask her first"},
    "challenge-answered": {"challenge": "c1", "answered.on": "today", "accepted": "yes", "what": "We will"},
    "taken-higher": {"challenge": "c1", "escalated.on": "today", "to": "The director"},
    "cafcass": {"considered.on": "today", "made": "no", "reasons": "Mended"},
    "visit": {"visited.on": "today", "seen_alone": "REFUSED_BY_CHILD"},
    "review": {"held.on": "today", "participation": "PN3"},
    "missing": {"since.on": "today"},
    "back": {"absence": "away", "back.on": "today"},
    "limit-ended": {"restriction": "lock", "ended.on": "today"},
    "worker-stopped": {"change": "first", "stopped.on": "today"},
    "something-happened": {"kind": "ILLNESS", "happened.on": "today", "what": "Joan fell ill"},
    "person": {"name": "Teta", "relationship": "GRANDPARENT"},
    "person-left": {"person": "leo", "until.on": "today"},
    "promise": {"what": "A bike", "promised.on": "today"},
    "promise-settled": {"promise": "p1", "kept": "yes", "settled.on": "today"},
    "advocate-offered": {"offered.on": "today"},
    "advocate": {"engaged.on": "today", "arranged_by": "CHILD"},
    "ended": {"ended.on": "today", "reason": "E4A"},
    "own-account": {"of": "move", "text": "I was sad", "written_by": "CHILD"},
    "wrong": {"of": "v1", "text": "Not true", "disputed_by": "CHILD"},
    "gap": {"gap_from.year": "2019", "gap_to.year": "2020", "reason": "A flood"},
    "finding": {"body": "The Ombudsman", "found.on": "today", "says": "Say sorry"},
}


@pytest.fixture(scope="module")
def house(database: str) -> Iterator[str]:
    """The address of a whole server of this module's own."""
    schema = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, schema)
    app = create_app(Settings(DATABASE_URL=database, authority=schema, pool_size=2))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    listening = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=20)) as client:
            client.get(address).raise_for_status()
        yield address
    finally:
        server.should_exit = True
        thread.join()


def begun(house: str) -> str:
    """Open a record in which there is one of everything, and give the address of it."""
    source = {"system": "Mosaic", "recorded": "2026-03-04", "grade": "A"}
    with httpx2.Client(base_url=house) as client:
        opened = client.post("/v1/cases", json={"do": "open_case", "child": LONG_NAME, "born": "2015-06-01"})
        case = opened.raise_for_status().json()["case_id"]
        for command in (
            {"do": "introduce_person", "ref": "joan", "name": "Joan", "relationship": "CARER"},
            {"do": "introduce_person", "ref": "mum", "name": "ليلى " + LONG_NAME, "relationship": "MOTHER"},
            {"do": "introduce_person", "ref": "leo", "name": "Leo", "relationship": "SIBLING"},
            {"do": "introduce_person", "ref": "priya", "name": "Priya", "relationship": "SOCIAL_WORKER"},
            {
                "do": "record_view",
                "ref": "v1",
                "matters": ["placement", "contact:mum"],
                "expressed": "2026-03-04",
                "own_words": [{"words": "أريد أن أعيش مع خالتي", "language": "ar"}, {"words": "W" * 300}],
                "provenance": source,
            },
            {"do": "make_proposal", "ref": "idea", "proposed": "2026-03-01", "matters": ["health"], "what": "A" * 200},
            {"do": "record_review", "ref": "r1", "held": "2026-03-06", "participation": "PN1"},
            {"do": "decide_placement_move", "ref": "move", "kind": "PLACEMENT_FIRST", "decided": "2026-03-10"},
            {"do": "decide_education", "ref": "other", "kind": "PEP_CHANGE", "decided": "2026-03-11"},
            {"do": "record_missing", "ref": "away", "since": "2026-03-08"},
            {
                "do": "decide_liberty",
                "ref": "lock",
                "kind": "SECURE",
                "step": "STARTED",
                "restrictions": "A lock",
                "decided": "2026-03-11",
            },
            {
                "do": "change_professional",
                "ref": "first",
                "kind": "SOCIAL_WORKER_CHANGE",
                "person": "priya",
                "decided": "2026-03-11",
            },
            {"do": "make_promise", "ref": "p1", "promised": "2026-03-10", "what": "You keep your school"},
            {"do": "raise_challenge", "ref": "c1", "challenged": "2026-03-12", "what": "Say why"},
        ):
            client.post(f"/v1/cases/{case}/commands", json=command).raise_for_status()
    return f"{house}/cases/{case}"


@pytest.fixture(scope="module")
def record(house: str) -> str:
    """The address of a record that is only looked at."""
    return begun(house)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A tab in which what the page itself brings cannot run: axe alone may."""
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def hand(browser: Browser) -> Iterator[Page]:
    """A phone without script, in the hand of somebody who has a keyboard and no mouse."""
    context = browser.new_context(viewport={"width": 375, "height": 700}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sound(page: Page, *places: str) -> None:
    """Check what every state of a page owes its reader: axe finds nothing, and nobody scrolls sideways."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for where in places:
        page.set_viewport_size({"width": WIDTHS[where], "height": 800})
        found = Axe().run(page, options=STANDARD)
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[where]


@pytest.mark.parametrize("slug", [*FORMS, "put-right"])
def test_axe_finds_nothing_on_a_form(record: str, page: Page, slug: str) -> None:
    """Empty at 320 pixels, and with mistakes, which adds to what an empty one has, there and at a desk."""
    page.goto(f"{record}/record/{slug}")
    sound(page, "a phone")
    if slug == "put-right":
        page.goto(f"{record}/record/put-right?of=v1")
        sound(page, *WIDTHS)
        page.goto(f"{record}/record/put-right?of=v1&field=own_words")
    page.locator(".bf-button--main").click()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    for link in page.locator(".govuk-error-summary a").all():
        where = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{where}']").count() == 1, where
    sound(page, *WIDTHS)


def test_axe_finds_nothing_around_the_forms(house: str, record: str, page: Page) -> None:
    """What can be recorded, a new record, a form with much in it, and what was recorded."""
    for address in (f"{record}/record", f"{house}/open-a-record", f"{record}/recorded/move"):
        page.goto(address)
        sound(page, *WIDTHS)
    page.goto(f"{record}/record/placement?kind=PLACEMENT_MOVE_EMERGENCY")
    page.locator("#urgency-2").check()
    page.locator("#decided-on-2").check()
    page.locator("#decided-year").fill("٢٠٢٦")
    page.locator("#weight-2").check()
    page.locator("#reasons").fill(LONG_NAME)
    page.get_by_text("What parents, carers and others said").click()
    page.get_by_role("button", name="Add somebody else").click()
    assert page.locator("#decided-year").input_value() == "٢٠٢٦"
    assert page.locator("#ground").is_visible()
    sound(page, *WIDTHS)


@pytest.mark.parametrize("slug", ["view", "placement", "own-account", "wrong"])
def test_a_form_speaks_welsh(record: str, browser: Browser, slug: str) -> None:
    """Questions, hints and what is wrong are in Welsh, on a phone, and axe finds nothing."""
    context = browser.new_context(bypass_csp=True, locale="cy-GB")
    tab = context.new_page()
    tab.goto(f"{record}/record/{slug}")
    assert tab.locator("html").get_attribute("lang") == "cy"
    sound(tab, "a phone")
    tab.locator(".bf-button--main").click()
    assert tab.title().startswith("Gwall: ")
    sound(tab, "a phone")
    english = {each.text for each in sentences()}
    shown = tab.locator("label, legend, .govuk-hint, .govuk-error-summary a, h1, h2, button").all_inner_texts()
    assert len(shown) > 5
    assert [text for text in shown if text.strip() in english] == []
    context.close()


class Keys:
    """Somebody at a keyboard, who counts what they press."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.pressed = 0

    def press(self, key: str) -> None:
        """Press one key."""
        self.tab.keyboard.press(key)
        self.pressed += 1

    def here(self) -> dict[str, Any]:
        """Tell where the focus is."""
        found: dict[str, Any] = self.tab.evaluate(
            "(e => ({name: e.name || '', value: e.value || '', type: e.type || '', tag: e.tagName,"
            " checked: !!e.checked, kind: e.className}))(document.activeElement)"
        )
        return found

    def go(self, name: str = "", kind: str = "") -> dict[str, Any]:
        """Go on with Tab until a question is reached, or a thing of some class."""
        for _ in range(150):
            here = self.here()
            if (name and here["name"] == name) or (kind and kind in here["kind"]):
                return here
            self.press("Tab")
        raise AssertionError(f"no key leads to {name or kind}")

    def answer(self, name: str, value: str) -> None:
        """Answer a question: type, tick, or choose."""
        here = self.go(name)
        if here["type"] == "radio":
            if here["value"] == value:
                self.press("Space")
            while (here := self.here())["value"] != value:
                self.press("ArrowDown")
            assert self.here()["checked"]
        elif here["type"] == "checkbox":
            while self.here()["value"] != value:
                self.press("Tab")
            self.press("Space")
        elif here["tag"] == "SELECT":
            for _ in range(80):
                if self.here()["value"] == value:
                    return
                self.press("ArrowDown")
            raise AssertionError(f"{value} is not to be chosen")
        else:
            self.tab.keyboard.insert_text(value)
            self.pressed += len(value)


def test_every_form_has_a_journey() -> None:
    """No form is left out; the one for a closed record is like the one that closes it."""
    assert set(FORMS) - set(NEEDED) == {"again"}


@pytest.mark.parametrize("slug", NEEDED)
def test_a_keyboard_alone_records(house: str, hand: Page, slug: str) -> None:
    """From an empty form to the entry on record, on a phone, without script, by Tab, Space, arrows and Enter."""
    hand.goto(f"{begun(house)}/record/{slug}")
    keys = Keys(hand)
    for name, value in NEEDED[slug].items():
        keys.answer(name, value)
    keys.go(kind="bf-button--main")
    keys.press("Enter")
    hand.wait_for_url("**/recorded/**")
    assert "Recorded" in hand.locator(".bf-recorded").inner_text()
    for value in NEEDED[slug].values():
        if " " in value:
            assert value in hand.locator("main").inner_text()


def test_a_view_and_a_decision_take_few_keys(house: str, hand: Page) -> None:
    """In under a minute: a view in four answers, a decision in five, fewer than 120 keys beside what is written."""
    case = begun(house)
    hand.goto(f"{case}/record")
    keys = Keys(hand)
    keys.go(kind="bf-door__name")
    keys.press("Enter")
    hand.wait_for_url("**/record/view")
    words, reasons = "I wanna stay with Joan", "Joan is ill and cannot care for anybody now"
    keys.answer("own_words.0.words", words)
    keys.answer("matters", "placement")
    keys.answer("expressed.on", "today")
    keys.answer("seen_alone", "YES")
    keys.go(kind="bf-button--main")
    keys.press("Enter")
    hand.wait_for_url("**/recorded/**")
    hand.get_by_role("link", name="A decision: Where the child lives").focus()
    keys.press("Enter")
    hand.wait_for_url("**/record/placement")
    assert words in hand.locator(".bf-choice__words").first.inner_text()
    for name, value in {
        "views": hand.locator("input[name=views]").first.get_attribute("value") or "",
        "weight": "FOLLOWED",
        "kind": "PLACEMENT_MOVE_PLANNED",
        "decided.on": "today",
        "reasons": reasons,
    }.items():
        keys.answer(name, value)
    keys.go(kind="bf-button--main")
    keys.press("Enter")
    hand.wait_for_url("**/recorded/**")
    assert keys.pressed - len(words) - len(reasons) < 120


def test_enter_in_a_box_records_and_adds_no_row(house: str, hand: Page) -> None:
    """The first button a browser presses on Enter is the one that records."""
    hand.goto(f"{begun(house)}/record/person")
    keys = Keys(hand)
    keys.answer("relationship", "FRIEND")
    hand.locator("#name").fill("Sam")
    hand.locator("#name").focus()
    keys.press("Enter")
    hand.wait_for_url("**/recorded/**")
    hand.goto(f"{begun(house)}/record/placement")
    hand.locator("#home").focus()
    keys.press("Enter")
    hand.locator(".govuk-error-summary").wait_for()
    assert hand.title().startswith("Error: ")


def test_what_depends_on_an_answer_appears_with_it(house: str, record: str, hand: Page) -> None:
    """Without script, style alone shows the questions that an answer brings, and hides them again."""
    hand.goto(f"{record}/record/placement")
    ground, boxes = hand.locator("#ground"), hand.locator("#decided-day")
    assert not ground.is_visible()
    assert not boxes.is_visible()
    hand.locator("#urgency-2").check()
    hand.locator("#decided-on-2").check()
    assert ground.is_visible()
    assert boxes.is_visible()
    hand.locator("#urgency").check()
    assert not ground.is_visible()
    hand.goto(f"{record}/record/view")
    translation = hand.locator("[id='own_words-0-translation']")
    assert not translation.is_visible()
    hand.locator("[id='own_words-0-language']").select_option("ti")
    assert translation.is_visible()


def test_words_run_in_their_own_direction(record: str, hand: Page) -> None:
    """Whatever is typed from right to left stands from right to left, before and after it is sent."""
    hand.goto(f"{record}/record/view")
    box = hand.locator("[id='own_words-0-words']")
    box.fill("אני רוצה להישאר")
    assert box.evaluate("each => getComputedStyle(each).direction") == "rtl"
    hand.locator(".bf-button--main").click()
    assert box.input_value() == "אני רוצה להישאר"
    assert box.evaluate("each => getComputedStyle(each).direction") == "rtl"
    hand.goto(f"{record}/record/placement")
    said = hand.locator(".bf-choice__words").first
    assert said.get_attribute("lang") == "ar"
    assert said.evaluate("each => getComputedStyle(each).direction") == "rtl"


@pytest.mark.parametrize("slug", ["view", "placement", "told", "contact"])
def test_at_twice_the_size_of_letters_nothing_is_cut_off(record: str, browser: Browser, slug: str) -> None:
    """Text set to 200 per cent wraps, on a desk and on a phone held sideways."""
    for width in (640, 1200):
        context = browser.new_context(viewport={"width": width, "height": 700}, bypass_csp=True)
        tab = context.new_page()
        tab.goto(f"{record}/record/{slug}")
        tab.evaluate("document.documentElement.style.fontSize = '200%'")
        tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_boxes_are_large_enough_for_a_thumb(record: str, hand: Page) -> None:
    """Everything to press on the most used forms is at least 40 pixels high (WCAG 2.5.8 asks for 24)."""
    for slug in ("view", "placement"):
        hand.goto(f"{record}/record/{slug}")
        small = hand.locator(
            ".govuk-radios__input, .govuk-checkboxes__input, .bf-button--main, .govuk-input, .govuk-select"
        ).evaluate_all(
            "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 40).map(e => e.id)"
        )
        assert small == []
