"""
The pages in Welsh in a real browser: nothing that axe objects to, nothing cut off, nothing left in English by accident.

What is the same on the English and on the Welsh page is what people wrote and names. All of that is marked as such, so
anything else that is the same has been forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

AMIRA = "/cases/11111111-1111-4111-8111-111111111111"
LAYLA = "/cases/22222222-2222-4222-8222-222222222222"

PAGES = {
    "the list": "/",
    "a long story": AMIRA,
    "on an earlier day": f"{AMIRA}?as_of=2022-04-20",
    "from right to left": LAYLA,
    "a decision where then and now differ": f"{AMIRA}/decisions/new-school",
    "a decision on two matters": f"{AMIRA}/decisions/night-move",
    "an imported decision": f"{AMIRA}/decisions/first-home",
    "a disputed entry": f"{AMIRA}/entries/about-school",
    "a person": f"{AMIRA}/people/mum",
    "no such record": "/cases/nobody",
    "no such day": f"{AMIRA}?as_of=31/2/2022",
}
WIDTHS = {"a phone": 375, "a desk": 1200}
STANDARD = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
BOTH = {"Beforehand"}
"""The only word of ours that is the same in both languages."""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A tab whose browser wishes for Welsh."""
    context = browser.new_context(bypass_csp=True, locale="cy-GB")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_welsh(served: str, page: Page, name: str) -> None:
    """The same standard as for English, and no text is wider than the screen, with everything unfolded."""
    page.goto(served + PAGES[name])
    assert page.locator("html").get_attribute("lang") == "cy"
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for where, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth") == width
        found = Axe().run(page, options=STANDARD)
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"
        cut = page.evaluate(
            "[...document.querySelectorAll('.bf-tag, .bf-h1, .bf-h2, .bf-h3, dt, label, button')]"
            ".filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflow !== 'visible')"
            ".map(each => each.textContent)"
        )
        assert cut == [], where


@pytest.mark.parametrize("name", PAGES)
def test_nothing_of_ours_is_left_in_english(served: str, browser: Browser, name: str) -> None:
    """Every text that both pages share is a name or what somebody wrote, and marked as such."""
    said = {}
    for language in ("en", "cy"):
        context = browser.new_context(extra_http_headers={"accept-language": language})
        got = context.request.get(served + PAGES[name])
        said[language] = ours(got.text())
        context.close()
    assert len(said["cy"]) > 5
    assert said["en"] & said["cy"] <= BOTH


def test_what_people_wrote_is_marked_as_english(served: str, browser: Browser) -> None:
    """What speaks a page aloud changes its voice for what stands in the record; the child's words keep their own."""
    context = browser.new_context(locale="cy-GB")
    tab = context.new_page()
    tab.goto(served + AMIRA)
    assert tab.locator(".bf-said:not([lang])").count() == 0
    assert tab.locator("blockquote:not([lang])").count() == 0
    tab.goto(served + LAYLA)
    assert tab.locator(".bf-words blockquote").first.get_attribute("lang") == "ar"
    tab.goto(served + f"{AMIRA}/decisions/night-move")
    assert tab.locator(".bf-rules__citation").first.get_attribute("lang") == "en"
    context.close()
    tab = browser.new_page()
    tab.goto(served + AMIRA)
    assert tab.locator(".bf-said[lang]").count() == 0
    tab.close()


def ours(html: str) -> set[str]:
    """The texts of a page that nobody but us has written. In a picture, a list and the title names cannot be marked."""
    reader = _Reader()
    reader.feed(html)
    return reader.found - reader.written - {f"{name} \N{EN DASH} Beforehand" for name in reader.written}


class _Reader(HTMLParser):
    """Gathers text and the names of parts, but no reference, and nothing marked as a name or as somebody's words."""

    ALONE = frozenset({"meta", "link", "input", "br", "img", "path", "circle", "line", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.written: set[str] = set()
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        written = tag in {"bdi", "q", "blockquote", "time"} or (tag != "html" and "lang" in held) or "dir" in held
        if tag not in self.ALONE:
            self._open.append((tag, written))
        elif written:
            return
        for name in ("aria-label", "placeholder"):
            self._take(held.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._take(data)

    def _take(self, text: str) -> None:
        text = " ".join(text.split())
        if any(written for _, written in self._open):
            self.written.add(text)
        elif not re.fullmatch(r"\S*[@\d/-]\S*|[0-9a-f]{64}|[^A-Za-z]*", text):
            self.found.add(text)
