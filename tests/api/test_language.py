"""The language of the pages: chosen by the reader, kept without a trace of who they are, complete in its parts."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from datetime import date
from gettext import GNUTranslations
from io import BytesIO

import pytest
from starlette.testclient import TestClient

from api.pages import moments
from api.pages.language import COOKIE, Language, marked, one_line, say, say_number, speaking
from domain.dates import parse_partial_date
from ops import sentences


def placeholders(text: str) -> set[str]:
    """The names in braces of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# Choosing -------------------------------------------------------------------------------------------------------------


def language(got: object) -> str:
    """The language a page says it speaks."""
    found = re.search(r'<html lang="([^"]+)"', got.text)  # type: ignore[attr-defined]
    assert found is not None
    assert got.headers["content-language"] == found[1]  # type: ignore[attr-defined]
    return found[1]


@pytest.mark.parametrize(
    ("wished", "spoken"),
    [
        ("", "en-GB"),
        ("cy", "cy"),
        ("cy-GB, en;q=0.8", "cy"),
        ("en-GB,en;q=0.9,cy;q=0.8", "en-GB"),
        ("pl, de;q=0.9", "en-GB"),
        ("cy;q=0", "en-GB"),
        ("cy;q=nonsense, en;q=0.1", "en-GB"),
        ("cy;q", "en-GB"),
        (", ".join(["fr"] * 50 + ["cy"]), "en-GB"),
    ],
)
def test_the_browser_may_wish_for_a_language(client: TestClient, wished: str, spoken: str) -> None:
    """The best wish we can meet is met; without one the page is in English."""
    assert language(client.get("/", headers={"accept-language": wished})) == spoken


def test_a_language_asked_for_is_kept_and_beats_what_the_browser_wishes(client: TestClient) -> None:
    """The cookie holds the tag of a language and nothing else; the switch leads to the same page."""
    got = client.get("/?after=7&lang=cy", headers={"accept-language": "en"})
    assert language(got) == "cy"
    assert client.cookies[COOKIE] == "cy"
    kept = got.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=lax" in kept
    assert 'href="/?after=7&amp;lang=en" lang="en-GB"' in got.text
    assert ">English</a>" in got.text
    assert language(client.get("/")) == "cy"
    assert language(client.get("/?lang=en")) == "en-GB"
    assert language(client.get("/")) == "en-GB"


def test_an_unknown_language_changes_nothing(client: TestClient) -> None:
    """What is no language of ours is passed over, wherever it stands."""
    got = client.get("/?lang=xx", headers={"cookie": f"{COOKIE}=yy"})
    assert language(got) == "en-GB"
    assert "set-cookie" not in got.headers


def test_a_page_that_is_not_there_speaks_the_language_too(client: TestClient) -> None:
    """Also where something is amiss."""
    assert language(client.get("/cases/nobody", headers={"accept-language": "cy"})) == "cy"
    assert language(client.get("/nowhere", headers={"accept": "text/html", "accept-language": "cy"})) == "cy"


# Saying ---------------------------------------------------------------------------------------------------------------


def test_dates_and_ages_are_said_in_welsh() -> None:
    """A day, a month, a year and an age, as a Welsh reader writes them."""
    with speaking(Language.WELSH):
        assert moments.day(date(2011, 5, 3)) == "3 Mai 2011"
        assert moments.moment(parse_partial_date("2011-12")).text == "Rhagfyr 2011"
        assert moments.age(parse_partial_date("2010-08-14"), parse_partial_date("2019-08-14")) == "9 oed"
        assert moments.length(2) == "2 ddiwrnod"
        assert moments.length(5) == "5 diwrnod"
    assert moments.day(date(2011, 5, 3)) == "3 May 2011"


def test_a_sentence_without_welsh_is_said_in_english() -> None:
    """A reader gets a sentence in any case."""
    with speaking(Language.WELSH):
        assert say("There is no such sentence, {name}.", name="Mina") == "There is no such sentence, Mina."
        assert say_number("{number} thing", "{number} things", 2) == "2 things"


def test_what_is_filled_into_a_template_is_never_a_mark() -> None:
    """Names are escaped; the marks of the sentence itself stay."""
    assert marked("<b>{name}</b>", name="<script>") == "<b>&lt;script&gt;</b>"
    assert marked("a\n   b") == "a b"


# The catalogue --------------------------------------------------------------------------------------------------------


def test_every_sentence_has_its_welsh() -> None:
    """Whatever a page may say. Where this fails, run `python -m ops.sentences` and write the Welsh into `cy.po`."""
    assert [(each.where, each.text) for each in sentences.missing()] == []


def test_nothing_is_left_over_in_the_catalogue() -> None:
    """No sentence that no page says any more, none that somebody marked as doubtful, each with all its forms."""
    held = sentences.welsh()
    said = {each.text if each.many is None else (each.text, each.many) for each in sentences.sentences()}
    assert {each.id if isinstance(each.id, str) else tuple(each.id) for each in held if each.id} == said
    assert list(held.obsolete) == []
    assert [each.id for each in held if each.fuzzy and each.id] == []
    assert f"nplurals={held.num_plurals}; plural={held.plural_expr};" == sentences.PLURAL_FORMS
    assert {len(each.string) for each in held if not isinstance(each.id, str)} == {held.num_plurals}


def test_bringing_the_catalogue_up_to_date_keeps_its_welsh() -> None:
    """Running the command changes nothing that somebody has written."""
    held = sentences.welsh()
    again = sentences.brought_up_to_date(held)
    assert {str(each.id): each.string for each in again} == {str(each.id): each.string for each in held}
    assert b"Not yet read by somebody who speaks Welsh" in sentences.written(again)


def test_a_sentence_without_welsh_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test for completeness can fail: for a new sentence, and for a doubtful one."""
    fresh = sentences.Sentence("A sentence nobody has said before.", "nowhere")
    monkeypatch.setattr(sentences, "sentences", lambda: [fresh])
    assert sentences.missing() == [fresh]
    assert sentences.brought_up_to_date(sentences.welsh()).get(fresh.text) is not None


@pytest.mark.parametrize(
    ("number", "years", "homes"),
    [
        (1, "tua 1 flwyddyn", "1 cartref"),
        (2, "tua 2 flynedd", "2 gartref"),
        (3, "tua 3 blynedd", "3 chartref"),
        (4, "tua 4 blynedd", "4 cartref"),
        (5, "tua 5 mlynedd", "5 cartref"),
        (6, "tua 6 blynedd", "6 chartref"),
        (18, "tua 18 mlynedd", "18 cartref"),
    ],
)
def test_welsh_nouns_change_after_numbers(number: int, years: str, homes: str) -> None:
    """Soft after two, aspirate after three and six, and years in a way of their own."""
    with speaking(Language.WELSH):
        assert say_number("about {number} year", "about {number} years", number) == years
        assert say_number("{number} home", "{number} homes", number) == homes


def welsh_texts() -> list[str]:
    """Every Welsh text, each form on its own."""
    held = [each.string for each in sentences.welsh() if each.id]
    return [form for each in held for form in ((each,) if isinstance(each, str) else each)]


def test_everybody_is_spoken_to_as_chi() -> None:
    """One form of address throughout, the one that is kind to a stranger of any age."""
    familiar = re.compile(
        r"\b(ti|dy|dithau|r?wyt|r?oeddet|fyddi|gelli|cei|g?wnest|gennyt|arnat|atat|wrthyt|i'th|o'th)\b",
        re.IGNORECASE,
    )
    assert [text for text in welsh_texts() if familiar.search(text)] == []
    assert sum("chi" in text.split() for text in welsh_texts()) > 20


def test_nothing_that_is_filled_in_would_have_to_change_its_first_letter() -> None:
    """A month, a length of time or a phrase never stands behind a word that mutates it; days begin with a number."""
    mutating = re.compile(
        r"\b(o|i|tan|hyd|neu|â|a|gyda|am|dan|drwy|heb|at|gan|ei|yn) "
        r"\{(day|time|home|label|matters|since|until|when|age|standing|answer)\}"
    )
    assert [text for text in welsh_texts() if mutating.search(text)] == []


def test_what_is_read_was_made_from_what_is_written() -> None:
    """`cy.mo` belongs to `cy.po`; where this fails, run `python -m ops.sentences`."""
    assert sentences.COMPILED.read_bytes() == sentences.compiled(sentences.welsh())


def test_the_compiled_form_is_read_by_the_standard_library() -> None:
    """Every complete sentence of the source comes out of the compiled form."""
    read = GNUTranslations(BytesIO(sentences.compiled(sentences.welsh())))
    held = [each for each in sentences.welsh() if each.id and isinstance(each.id, str) and each.string]
    assert len(held) > 10
    assert all(read.gettext(each.id) == each.string for each in held)


def test_sentences_are_gathered_from_everywhere() -> None:
    """Templates, code, and the tables of the domain each give some, and each sentence is on one line."""
    found = sentences.sentences()
    assert {each.where.rpartition(".")[2] for each in found} >= {"html", "py"}
    assert len(found) > 500
    assert len({each.text for each in found}) == len(found)
    assert [each.text for each in found if each.text != one_line(each.text) and each.text != ", or "] == []


@pytest.mark.parametrize("forms", [lambda each: (each.text,), lambda each: (each.many or each.text,)])
def test_placeholders_are_names(forms: Callable[[sentences.Sentence], tuple[str, ...]]) -> None:
    """A sentence may hold names in braces and nothing else that looks like a placeholder."""
    for each in sentences.sentences():
        for text in forms(each):
            assert all(re.fullmatch(r"[a-z_]+", name) for name in placeholders(text)), text
            assert "%(" not in text


def test_the_welsh_fills_in_what_the_english_does() -> None:
    """No sentence loses a name on the way, and none asks for one it is not given."""
    for each in sentences.welsh():
        if not each.id or not each.string:
            continue
        english = placeholders(each.id if isinstance(each.id, str) else each.id[1])
        for form in (each.string,) if isinstance(each.string, str) else each.string:
            assert placeholders(form) <= english, each.id
            assert placeholders(form) | {"number"} >= english, each.id
