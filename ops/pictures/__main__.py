"""Take the pictures of the README from a demonstration that is running."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from ops.browser import chromium, launch_arguments

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: whose page, what follows in its address, and how much of it is taken, in pixels."""

    name: str
    child: str
    more: str
    width: int
    height: int
    scale: int = 1


PICTURES: Final = (
    Picture("timeline", "Kacper", "", 1100, 1010),
    Picture("decision", "Kacper", "/decisions/{decision}", 1100, 1240),
    Picture("phone", "Kacper", "", 375, 860, 2),
)
DECISION: Final = "Brothers and sisters to live apart"
"""Which decision is shown: the first of this kind in the record."""


def main(address: str) -> None:
    """Take every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=launch_arguments())
        for picture in PICTURES:
            _take(browser, address.rstrip("/"), picture)
        browser.close()


def _take(browser: Browser, address: str, picture: Picture) -> None:
    size = ViewportSize(width=picture.width, height=picture.height)
    tab = browser.new_page(viewport=size, device_scale_factor=picture.scale)
    tab.goto(f"{address}/")
    case = tab.get_by_role("link", name=picture.child, exact=True).first.get_attribute("href") or ""
    more = picture.more
    if "{decision}" in more:
        tab.goto(address + case)
        entry = tab.locator(".bf-entry", has=tab.locator(".bf-lead", has_text=DECISION)).first
        link = entry.locator("h3 a").get_attribute("href") or ""
        more = more.format(decision=re.sub(r".*/", "", link))
    tab.goto(address + case + more)
    tab.screenshot(path=_HERE / f"{picture.name}.png", animations="disabled")
    tab.close()


if __name__ == "__main__":
    main(sys.argv[1])
