"""What people write: kept letter for letter, in every script, in every field that takes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.case.fact import Label, Name, Narrative, narrative_fields
from domain.case.registry import COMMANDS

ODD = [
    "  two spaces before, and after  ",
    "first line\nsecond line\n\n\tindented",
    "cafe\u0301 and caf\u00e9",
    "أريد البقاء مع أمي",
    "\u200f\u05de\u05d9\u05de\u05d9\u05df\u200f and back",
    "我想留在這裡",
    "👩🏽‍👧 ❤️",
    "non\u00a0breaking, zero\u200bwidth, \ufeffmarked",
    "<b>not bold</b> & 'quoted' \\ \"twice\" %s {brace} $1",
    "i dont wana go :(",
    "Ω\U0001f600\u2028next",
]
NARRATIVE = TypeAdapter[str](Narrative)
NAME = TypeAdapter[str](Name)
LABEL = TypeAdapter[str](Label)


@pytest.mark.parametrize("text", ODD)
def test_a_childs_words_are_kept_as_said(opened: Any, text: str) -> None:
    """Nothing is trimmed, folded, composed, escaped or mended, going in or coming back."""
    view = {
        "do": "record_view", "expressed": "2026-03-04", "matters": ["placement"], "own_words": [{"words": text}],
        "interpretation": text,
    }  # fmt: skip

    fact = opened().when(view).then("view.expressed", own_words=[{"words": text}], interpretation=text)

    assert type(fact).model_validate_json(fact.model_dump_json()) == fact


@pytest.mark.parametrize("name", COMMANDS)
def test_every_field_that_takes_text_keeps_it(given: Any, story: Any, written: Any, narratives: Any, name: str) -> None:
    """A text in any field of any command is in its fact, letter for letter, and comes back from storage so."""
    text = "\u200f\u0623\u0646\u0627 Ω 👩🏽‍👧 e\u0301  end "
    at = next(place for place, body in enumerate(story) if body["do"] == name)

    fact = given(*story[:at]).when(written(story[at], text)).then()

    kept = list(narratives(fact))
    assert len(kept) >= (2 if narrative_fields(type(fact)) else 1)
    assert set(kept) <= {text, *(value for value in story[at].values() if isinstance(value, str))}
    assert list(narratives(type(fact).model_validate_json(fact.model_dump_json()))) == kept


@generated(
    st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs")), max_size=100),
    st.characters(categories=("L", "N", "P", "S"), exclude_characters="\u115f\u1160\u2800\u3164\uffa0"),
    st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs")), max_size=100),
)
def test_no_letter_of_any_script_is_turned_away(before: str, seen: str, after: str) -> None:
    """Whatever can be typed and has one thing in it that can be seen is kept as it is."""
    text = before + seen + after

    assert NARRATIVE.validate_python(text) == text
    assert NAME.validate_python(text) == text


@pytest.mark.parametrize("nothing", ["\u200b", "\ufeff", "\u200f \u2066\u2069", "\u3164", "\u2800", "\ufe0f", "\u2028"])
@pytest.mark.parametrize("field", [NARRATIVE, NAME], ids=["narrative", "name"])
def test_a_text_in_which_nothing_can_be_seen_is_none(field: TypeAdapter[str], nothing: str) -> None:
    """A view made of characters of no width would stand on the record as words that nobody said."""
    assert field.validate_python(nothing + "no") == nothing + "no"
    with pytest.raises(ValidationError) as problem:
        field.validate_python(nothing)

    assert problem.value.errors()[0]["type"] == "empty_text"


@pytest.mark.parametrize("breaks", ["\r\n", "\r", "\n"], ids=["browser", "old file", "plain"])
def test_a_new_line_is_a_new_line_however_it_was_sent(opened: Any, breaks: str) -> None:
    """Browsers send two characters for one line break; the record keeps one, wherever people write."""
    said = f"one{breaks}two{breaks}{breaks}three"
    view = {
        "do": "record_view", "ref": "view", "expressed": "2026-03-04", "matters": ["placement"],
        "own_words": [{"words": said}],
    }  # fmt: skip
    words = {
        "do": "correct_record", "of": "view", "field": "own_words", "to": [{"words": said + "!"}], "reason": "A slip.",
        "requested_by": "CHILD",
    }  # fmt: skip

    opened().when(view).then(own_words=[{"words": "one\ntwo\n\nthree"}])
    opened(view).when(words).then(words=[{"words": "one\ntwo\n\nthree!"}])


def test_line_breaks_make_no_text_too_long() -> None:
    """A text of the longest length is taken in whether or not a browser wrote its breaks."""
    assert NARRATIVE.validate_python("a\r\n" * 10_000) == "a\n" * 10_000


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mum\r\n", "Mum"),
        ("Jan\nand Steve", "Jan and Steve"),
        ("Jan \t\r\n Steve", "Jan Steve"),
        (" Jan  S ", " Jan  S "),
    ],
)
def test_a_name_is_one_line(typed: str, kept: str) -> None:
    """A name stands in headings and lists: a break that came with it from somewhere is a space."""
    assert NAME.validate_python(typed) == kept


@pytest.mark.parametrize("field", [NARRATIVE, NAME], ids=["narrative", "name"])
@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t ", "\u00a0", "a\x00b", "a\x1b[31m", "a\x7f", "a\x08b", "a\x0b", "a\x85", "\x93a\x94", "\ud800"],
)
def test_what_is_no_text_is_turned_away(field: TypeAdapter[str], text: str) -> None:
    """Nothing at all, nothing but space, and characters that are orders to a machine."""
    assert field.validate_python("a") == "a"
    with pytest.raises(ValidationError):
        field.validate_python(text)


@pytest.mark.parametrize(
    ("field", "most"), [(NARRATIVE, 20_000), (NAME, 200), (LABEL, 120)], ids=["narrative", "name", "label"]
)
def test_text_has_a_length(field: TypeAdapter[str], most: int) -> None:
    """Counted in letters, whatever they are made of; what is longer is a document."""
    letter = "é" if field is LABEL else "👧"

    assert field.validate_python(letter * most) == letter * most
    with pytest.raises(ValidationError):
        field.validate_python(letter * (most + 1))


@pytest.mark.parametrize("label", ["", "a\nb", "<b>", "a\x00", "a;b`c", "👧"])
def test_a_label_is_no_place_for_prose(label: str) -> None:
    """A system, a rule, a form: short and plain."""
    assert LABEL.validate_python("Mosaic 4.2 (North & East), v/1: it's") == "Mosaic 4.2 (North & East), v/1: it's"
    with pytest.raises(ValidationError):
        LABEL.validate_python(label)


@pytest.mark.parametrize("text", ["\x00 Kanarienvogel", "Kanarienvogel" * 2000], ids=["control", "long"])
def test_what_is_turned_away_is_not_repeated(opened: Any, text: str) -> None:
    """The message says what is wrong, never what was written."""
    view = {"do": "record_view", "expressed": "2026-03-04", "matters": ["placement"], "account": text}

    problem = opened().when(view).problem

    assert isinstance(problem, ValidationError)
    assert "Kanarienvogel" not in str(problem) + repr(problem)
