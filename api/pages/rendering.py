"""How a page leaves the house: templates, headers, and the plain pages for what is not there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages.language import TEMPLATE_GLOBALS, in_other_language, keep_choice, language_of, say, speaking, spoken
from ledger.errors import LedgerUnavailable

ROOM: Final = Path(__file__).parent

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every page: nothing foreign, no script, and no copy left behind on a shared device."""

WAIT: Final = "Nothing is lost. Wait a minute and try again."

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".govuk-frontend": "text/plain; charset=utf-8",
}


def _files() -> dict[str, tuple[bytes, str, str]]:
    """Give every static file with its media type and the start of its hash."""
    found = {}
    for path in sorted((ROOM / "static").iterdir()):
        content = path.read_bytes()
        found[path.name] = content, _MEDIA_TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:16]
    return found


FILES: Final = _files()

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(ROOM / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.globals.update(TEMPLATE_GLOBALS)
_TEMPLATES.filters["sentence"] = lambda text: text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class DayAmiss:
    """A day that cannot be shown: what was typed, so that it can be mended, and what is the matter with it."""

    case: str
    typed: str
    mistake: str
    choice: Mapping[str, str] = field(default_factory=dict)
    """What else is asked for, and is kept when the day is mended: parameters of the address."""


class Amiss(Exception):  # noqa: N818 - not an error of ours: an answer that says what to do
    """There is no such page. The reader is told what to do, and sees nothing about what else there may be."""

    def __init__(self, status: int, title: str, *advice: str, day: DayAmiss | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.advice = advice
        self.day = day


class Page(APIRoute):
    """A route whose answers are pages, also where something is amiss."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Answer with a plain page in place of an error."""
        answer = super().get_route_handler()

        async def answer_in_words(request: Request) -> Response:
            with speaking(language_of(request)):
                try:
                    answered = await answer(request)
                except Amiss as amiss:
                    answered = amiss_page(request, amiss)
                except LedgerUnavailable:
                    away = Amiss(503, say("The record cannot be reached just now"), say(WAIT))
                    answered = amiss_page(request, away)
            keep_choice(request, answered)
            return answered

        return answer_in_words


def page(request: Request, template: str, *, status: int = 200, **content: object) -> HTMLResponse:
    """Render a page."""
    root = root_of(request)
    other, other_address = in_other_language(request)
    html = _TEMPLATES.get_template(template).render(
        root=root,
        static={name: f"{root}/static/{name}?v={version}" for name, (_, _, version) in FILES.items()},
        persona=getattr(request.state, "persona", None),
        other_language=other,
        other_address=other_address,
        **content,
    )
    return HTMLResponse(html, status_code=status, headers={**HEADERS, "Content-Language": spoken().tag})


def file(name: str, version: str | None) -> Response:
    """Give a static file. Asked for by its own hash, it may be kept for good."""
    if name not in FILES:
        raise Amiss(404, "This page is not here", "Check the address, or go back to the start.")
    content, media_type, current = FILES[name]
    keep = "public, max-age=31536000, immutable" if version == current else "no-cache"
    headers = {**HEADERS, "Cache-Control": keep, "ETag": f'"{current}"'}
    return Response(content, media_type=media_type, headers=headers)


def root_of(request: Request) -> str:
    """Give what stands before every address of this house, where it is not at the top of its host."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def amiss_page(request: Request, amiss: Amiss) -> HTMLResponse:
    """Say on a page what is amiss and what to do."""
    with speaking(language_of(request)):
        title, advice = say(amiss.title), [say(each) for each in amiss.advice]
        return page(request, "amiss.html", status=amiss.status, title=title, advice=advice, day=amiss.day)
