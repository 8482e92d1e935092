"""Every page and state in a real browser: nothing that axe objects to, nothing wider than the screen, no script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

AMIRA = "/cases/11111111-1111-4111-8111-111111111111"
LAYLA = "/cases/22222222-2222-4222-8222-222222222222"
LONG = "/cases/33333333-3333-4333-8333-333333333333"
PLAIN = "/cases/44444444-4444-4444-8444-444444444444"
SCRIPTS = "/cases/55555555-5555-4555-8555-555555555555"
WHOLE = "/cases/66666666-6666-4666-8666-666666666666"

PAGES = {
    "the list": ("/", 200),
    "an empty page of the list": ("/?after=9", 200),
    "a long story": (AMIRA, 200),
    "from the newest": (f"{AMIRA}?order=newest", 200),
    "on an earlier day": (f"{AMIRA}?as_of=2022-04-20", 200),
    "from right to left": (LAYLA, 200),
    "more than one page": (LONG, 200),
    "nothing yet": (PLAIN, 200),
    "a decision that was followed": (f"{AMIRA}/decisions/back-home", 200),
    "a decision where then and now differ": (f"{AMIRA}/decisions/new-school", 200),
    "a decision on two matters": (f"{AMIRA}/decisions/night-move", 200),
    "an imported decision": (f"{AMIRA}/decisions/first-home", 200),
    "a decision still open": (f"{AMIRA}/decisions/exam-help", 200),
    "a decision that is no big change": (f"{AMIRA}/decisions/new-worker", 200),
    "a disputed entry": (f"{AMIRA}/entries/about-school", 200),
    "a person": (f"{AMIRA}/people/mum", 200),
    "a person of whom little is known": (f"{AMIRA}/people/yusuf", 200),
    "the entry about a person": (f"{AMIRA}/entries/mum", 200),
    "some entries": (f"{AMIRA}?matter=placement&answer=missing", 200),
    "no entry fits": (f"{AMIRA}?person=ellis&matter=placement:nowhere", 200),
    "from a year on": (f"{AMIRA}?year=2021&order=newest", 200),
    "the list on an earlier day": ("/?as_of=2022-04-20", 200),
    "the log": ("/log", 200),
    "the log in Welsh": ("/log?lang=cy", 200),
    "ten scripts": (SCRIPTS, 200),
    "a decision in another script": (f"{SCRIPTS}/people/ar-kin", 200),
    "a whole childhood": (WHOLE, 200),
    "some of a whole childhood": (f"{WHOLE}?answer=partly&order=newest", 200),
    "in Welsh": (f"{AMIRA}?lang=cy", 200),
    "a decision in Welsh": (f"{AMIRA}/decisions/night-move?lang=cy", 200),
    "not there, in Welsh": ("/cases/nobody?lang=cy", 404),
    "no such record": ("/cases/nobody", 404),
    "no such entry": (f"{AMIRA}/entries/nothing", 404),
    "no such day": (f"{AMIRA}?as_of=31/2/2022", 400),
    "before the record began": (f"{AMIRA}?as_of=2011-05-03", 404),
}
WIDTHS = {"a phone": 320, "a desk at 200 per cent": 600, "a desk": 1200}
"""A desk at 400 per cent is as wide as a phone."""
STANDARD = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A tab in which what the page itself brings cannot run: axe alone may."""
    context: BrowserContext = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_at_every_width(served: str, page: Page, name: str) -> None:
    """
    With everything unfolded, axe finds nothing: neither against WCAG 2.2 AA nor against its own good practice.

    However long a name is, nobody has to scroll sideways. A desk at 200 per cent looks like a phone to axe.
    """
    address, status = PAGES[name]
    answer = page.goto(served + address)
    assert answer is not None
    assert answer.status == status
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for where, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth") == width
        if where != "a desk at 200 per cent":
            found = Axe().run(page, options=STANDARD)
            assert found.violations_count == 0, f"{where}: {found.generate_report()}"
            assert found.response["testEngine"]["name"] == "axe-core"


def test_at_twice_the_size_of_letters_nothing_is_cut_off(served: str, browser: Browser) -> None:
    """Text set to 200 per cent wraps; it does not run out of its box or of the screen."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, bypass_csp=True)
    tab = context.new_page()
    for name in ("the list", "a long story", "a decision where then and now differ"):
        tab.goto(served + PAGES[name][0])
        tab.evaluate("document.documentElement.style.fontSize = '200%'")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 1200, name
        cut = tab.evaluate(
            "[...document.querySelectorAll('.bf-tag, .bf-h1, .bf-h3, .bf-year__name, .bf-words__said')]"
            ".filter(each => each.scrollWidth > each.clientWidth + 1).length"
        )
        assert cut == 0, name
    context.close()


def test_the_pages_bring_no_script_and_load_nothing_foreign(served: str, browser: Browser) -> None:
    """Under their own policy, with scripts forbidden, the pages load their style and say nothing to the console."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    loaded: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda asked: loaded.append(asked.url))
    tab.on("console", lambda said: complaints.append(said.text))
    for address, status in PAGES.values():
        if status == 200:
            tab.goto(served + address)
    assert complaints == []
    assert any(url.split("?")[0].endswith("/static/beforehand.css") for url in loaded)
    assert {url[: len(served)] for url in loaded} == {served}
    assert not any(url.split("?")[0].endswith(".js") for url in loaded)
    context.close()


def test_words_keep_their_direction(served: str, browser: Browser) -> None:
    """Words said in Arabic run from right to left, with the bar where they begin."""
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    tab.goto(served + LAYLA)
    quote = tab.locator(".bf-words blockquote").first
    assert quote.get_attribute("lang") == "ar"
    assert quote.evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert quote.evaluate("each => parseFloat(getComputedStyle(each).borderRightWidth)") > 0
    assert quote.evaluate("each => parseFloat(getComputedStyle(each).borderLeftWidth)") == 0
    context.close()


def test_the_childs_words_are_the_largest_quotation(served: str, browser: Browser) -> None:
    """No passage by an adult is as large as what the child said."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, bypass_csp=True)
    tab = context.new_page()
    tab.goto(served + AMIRA)
    size = "each => parseFloat(getComputedStyle(each).fontSize)"
    words = tab.locator(".bf-words:not(.bf-words--beside) .bf-words__said").first.evaluate(size)
    others = tab.locator(".bf-passage__text, .bf-reading p, .bf-sentence, .bf-facts dd").evaluate_all(
        f"all => Math.max(...all.map({size}))"
    )
    assert words > 1.25 * others
    context.close()


def test_a_keyboard_reaches_the_record_and_unfolds_it(served: str, browser: Browser) -> None:
    """The first stop skips to the record, and what is folded opens without a mouse."""
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    tab.goto(served + LAYLA)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the record"
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#main")
    summary = tab.locator("summary").first
    summary.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("details").first.evaluate("each => each.open")
    context.close()


def test_another_day_is_asked_for_by_form(served: str, browser: Browser) -> None:
    """A reader types a day as people write it, and sees the record of that day, which says so."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(served + AMIRA)
    tab.get_by_text("See another day").click()
    tab.get_by_label("See the record as it stood").fill("20 April 2022")
    tab.get_by_role("button", name="See that day").click()
    assert "as it stood at the end of 20 April 2022" in tab.locator(".bf-notice").first.inner_text()
    assert "I dont want to leave Hill" not in tab.content()
    tab.get_by_role("link", name="See the record as it is now").click()
    assert "I dont want to leave Hill" in tab.content()
    context.close()


def test_on_paper_what_is_folded_is_open_and_links_are_plain(served: str, browser: Browser) -> None:
    """Printed, a record hides nothing that the screen would unfold, and leaves out what only a screen can use."""
    context = browser.new_context(viewport={"width": 760, "height": 1000}, bypass_csp=True)
    tab = context.new_page()
    tab.emulate_media(media="print")
    tab.goto(served + f"{AMIRA}/decisions/back-home")
    folded = tab.locator("details .govuk-details__text").evaluate_all(
        "all => all.filter(each => !each.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert tab.locator("details").count() > 1
    assert folded == 0
    assert tab.locator(".govuk-back-link").is_hidden()
    assert tab.locator("a.govuk-link").first.evaluate("each => getComputedStyle(each, '::after').content") == "none"
    context.close()


@pytest.mark.parametrize("width", [320, 600, 831, 832, 1200])
def test_no_mark_covers_another(served: str, browser: Browser, width: int) -> None:
    """However many there are and however narrow the screen is, each mark can be seen, and is large enough to press."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    tab = context.new_page()
    for address in (AMIRA, SCRIPTS, WHOLE):
        tab.goto(served + address)
        boxes = tab.locator(".bf-pick__ground").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect()).filter(each => each.width)"
            ".map(each => [each.left, each.top, each.right, each.bottom])"
        )
        assert len(boxes) > 4, address
        assert all(min(right - left, bottom - top) > 23.9 for left, top, right, bottom in boxes)
        covered = [
            (one, other)
            for place, one in enumerate(boxes)
            for other in boxes[place + 1 :]
            if min(one[2], other[2]) - max(one[0], other[0]) > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 1
        ]
        assert covered == [], address
        assert len(boxes) < 200, address
    context.close()


def test_the_picture_is_read_by_keyboard(served: str, browser: Browser) -> None:
    """A reader may skip the picture, or go from mark to mark, see where they are, and open what it stands for."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, bypass_csp=True)
    tab = context.new_page()
    tab.goto(served + AMIRA)
    skip = tab.get_by_role("link", name="Skip the picture")
    skip.focus()
    assert skip.bounding_box()["height"] > 20  # type: ignore[index]
    tab.keyboard.press("Tab")
    first = tab.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "The child" in first
    ground = tab.locator(".bf-picture--wide .bf-pick__ground").first
    resting = tab.locator(".bf-picture--wide .bf-pick__ground").nth(1)
    look = "each => getComputedStyle(each).stroke + getComputedStyle(each).strokeWidth"
    assert ground.evaluate(look) != resting.evaluate(look)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/entries/*")
    tab.go_back()
    tab.get_by_role("link", name="Skip the picture").focus()
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#timeline")
    context.close()


def test_what_the_picture_shows_is_told_in_words(served: str, browser: Browser) -> None:
    """Every mark and every band has its line in the list under the picture."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, bypass_csp=True)
    tab = context.new_page()
    for address in (AMIRA, SCRIPTS, WHOLE):
        tab.goto(served + address)
        drawn = tab.locator(".bf-picture--wide .bf-pick, .bf-picture--wide .bf-band, .bf-picture--wide .bf-gap").count()
        only_told = 2 if address == SCRIPTS else 0  # of ten people, the picture has room for eight
        assert tab.locator(".bf-told li").count() == drawn + only_told, address
    context.close()


def test_entries_are_chosen_by_keyboard_alone(served: str, browser: Browser) -> None:
    """A reader chooses an answer, sees how many entries are left, goes to a person and comes back."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(served + AMIRA)
    tab.get_by_label("Was the child asked?").focus()
    tab.keyboard.type("Not on")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**answer=missing**")
    assert "of" in tab.get_by_role("status").inner_text()
    shown = tab.locator(".bf-entry--weighty").count()
    assert shown > 0
    assert tab.locator(".bf-entry--weighty .bf-voice--missing").count() == shown
    tab.get_by_role("link", name="Show every entry").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda url: "answer" not in url)
    context.close()


def test_in_the_readers_own_colours_the_picture_can_be_read(served: str, browser: Browser) -> None:
    """Where the reader has set the colours, grounds, lines and letters differ from what is behind them."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, bypass_csp=True, forced_colors="active")
    tab = context.new_page()
    tab.goto(served + AMIRA)
    for part in (".bf-pick__ground", ".bf-band"):
        colours = tab.locator(f".bf-picture--wide {part}").evaluate_all(
            "all => all.map(each => [getComputedStyle(each).fill, getComputedStyle(each).stroke])"
        )
        assert colours
        assert all(fill != stroke for fill, stroke in colours), part
    context.close()


def test_one_press_leads_away(served: str, browser: Browser) -> None:
    """The way out stays in sight while a reader scrolls, is the second stop of the keyboard, and tells nothing."""
    context = browser.new_context(viewport={"width": 320, "height": 600}, bypass_csp=True)
    tab = context.new_page()
    context.route(re.compile("^https:"), lambda route: route.fulfill(body="Elsewhere"))
    asked: list[str | None] = []
    tab.on("request", lambda request: asked.append(request.headers.get("referer")) if "bbc" in request.url else None)
    tab.goto(served + AMIRA)
    tab.mouse.wheel(0, 3000)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Leave this page"
    box = tab.locator(".bf-exit__link").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 100
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile("^https:"), wait_until="commit")
    assert asked == [None]
    context.close()
