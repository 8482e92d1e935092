"""
The language a page speaks: English or Welsh.

The English sentence is the key to its Welsh one (gettext): `say("Aged {age}", age=…)` in Python, in a template
`_("Aged {age}", age=…)`; `say_number` and `_n` where a number decides the form. Names in braces are the only
placeholders. What nobody has put into Welsh yet is said in English. `locales/cy.po` holds the Welsh sentences; `cy.mo`
is made from it by `python -m ops.sentences`, and is what is read here.

What people wrote is never put through here: their words stay as they are, whatever language the page speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from markupsafe import Markup

LOCALES: Final = Path(__file__).with_name("locales")
PARAMETER: Final = "lang"
COOKIE: Final = "beforehand-lang"
_A_YEAR: Final = 365 * 24 * 60 * 60
_MOST_WISHES: Final = 20


class Language(StrEnum):
    """A language pages can be read in, by its tag (BCP 47)."""

    ENGLISH = "en"
    WELSH = "cy"

    @property
    def own_name(self) -> str:
        """Give what its speakers call it."""
        return {Language.ENGLISH: "English", Language.WELSH: "Cymraeg"}[self]

    @property
    def tag(self) -> str:
        """Give the tag for the `lang` of a page."""
        return {Language.ENGLISH: "en-GB", Language.WELSH: "cy"}[self]


def _catalogue(language: Language) -> NullTranslations:
    if language is Language.ENGLISH:
        return NullTranslations()
    with (LOCALES / f"{language}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)


_CATALOGUES: Final = {language: _catalogue(language) for language in Language}
_SPOKEN: Final[ContextVar[Language]] = ContextVar("spoken", default=Language.ENGLISH)


def spoken() -> Language:
    """Give the language that is being spoken."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language for a while."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def say(sentence: str, /, **names: object) -> str:
    """Say an English sentence in the language of the page, with what stands in its braces filled in."""
    said = _said(_SPOKEN.get(), sentence)
    return said.format(**names) if names else said


def say_number(one: str, many: str, number: int, /, **names: object) -> str:
    """Say a sentence about a number of things; `{number}` stands for it. Welsh has more forms than two."""
    return _CATALOGUES[_SPOKEN.get()].ngettext(one, many, number).format(number=number, **names)


def marked(sentence: str, /, **names: object) -> Markup:
    """Say a sentence of a template: it may hold marks, and what is filled in is escaped."""
    said = _marked(_SPOKEN.get(), sentence)
    return said.format(**names) if names else said


def marked_number(one: str, many: str, number: int, /, **names: object) -> Markup:
    """Say a sentence of a template about a number of things."""
    said = _CATALOGUES[_SPOKEN.get()].ngettext(one_line(one), one_line(many), number)
    return Markup(said).format(number=number, **names)  # noqa: S704 - ours, not a reader's


def one_line(sentence: str) -> str:
    """Give a sentence as catalogues hold it, however a template breaks its lines."""
    return " ".join(sentence.split())


@lru_cache(maxsize=8192)
def _said(language: Language, sentence: str) -> str:
    return _CATALOGUES[language].gettext(sentence) if sentence else ""


@lru_cache(maxsize=4096)
def _marked(language: Language, sentence: str) -> Markup:
    return Markup(_said(language, one_line(sentence)))  # noqa: S704 - from our templates and catalogues only


def in_english() -> Markup:
    """
    Give the attribute for a part of a page that is in English whatever the page speaks; nothing on an English page.

    So is what people wrote, unless the record names its language, and so are the citations of laws (WCAG 2.2, 3.1.2).
    """
    return Markup("") if _SPOKEN.get() is Language.ENGLISH else Markup(' lang="en"')


TEMPLATE_GLOBALS: Final[dict[str, Callable[..., object]]] = {
    "_": marked,
    "_n": marked_number,
    "spoken": spoken,
    "in_english": in_english,
}
"""What templates may call."""


def language_of(request: Request) -> Language:
    """Choose the language of a request: asked for in the address, chosen before, wished by the browser, or English."""
    for wished in (request.query_params.get(PARAMETER), request.cookies.get(COOKIE)):
        if wished in set(Language):
            return Language(wished)
    return _wished(request.headers.get("accept-language", ""))


def keep_choice(request: Request, response: Response) -> None:
    """Keep a language asked for in the address. The cookie holds nothing but its tag."""
    wished = request.query_params.get(PARAMETER)
    if wished in set(Language):
        path = str(request.scope.get("root_path", "")).rstrip("/") or "/"
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, wished, max_age=_A_YEAR, path=path, httponly=True, samesite="lax", secure=secure)


def in_other_language(request: Request) -> tuple[Language, str]:
    """Give the language that is not being spoken, and the address of this page in it."""
    other = Language.WELSH if _SPOKEN.get() is Language.ENGLISH else Language.ENGLISH
    kept = [(name, value) for name, value in parse_qsl(request.url.query) if name != PARAMETER]
    return other, f"{request.url.path}?{urlencode([*kept, (PARAMETER, other.value)])}"


def _wished(header: str) -> Language:
    """Read `Accept-Language` (RFC 9110 section 12.5.4): the best language we have; English where none is named."""
    best, weight = Language.ENGLISH, 0.0
    for wish in header.split(",")[:_MOST_WISHES]:
        tag, _, quality = wish.partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name in set(Language) and (heavy := _weight(quality)) > weight:
            best, weight = Language(name), heavy
    return best


def _weight(quality: str) -> float:
    name, _, value = quality.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
