"""Matters: what is known by a word, and what a statement on one speaks about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.matters import ROOTS, Matter, covers, root

FIELD = TypeAdapter[str](Matter)
PARTS = st.sampled_from(["contact", "placement", "a", "ab", "a.b", "mother", "mo"])
MATTERS = st.lists(PARTS, min_size=1, max_size=4).map(":".join)


@pytest.mark.parametrize(
    ("view", "decided", "speaks"),
    [
        ("contact", "contact", True),
        ("contact", "contact:mother", True),
        ("contact:mother", "contact:mother", True),
        ("contact:mother", "contact:mother:overnight", True),
        ("contact:mother", "contact", False),
        ("contact:mother", "contact:father", False),
        ("contact:mo", "contact:mother", False),
        ("contact", "contacts", False),
        ("education", "education:school", True),
        ("education:school", "placement", False),
    ],
)
def test_a_view_speaks_about_its_matter_and_what_is_below(view: str, decided: str, speaks: bool) -> None:  # noqa: FBT001
    """Never about a sibling, nor about the whole."""
    assert covers(view, decided) is speaks


@given(MATTERS)
def test_a_matter_speaks_about_itself(matter: str) -> None:
    """And its root about it."""
    assert covers(matter, matter)
    assert covers(root(matter), matter)


@given(MATTERS, MATTERS)
def test_only_one_of_two_matters_is_above_the_other(one: str, other: str) -> None:
    """Each speaks about the other only where they are one."""
    if covers(one, other) and covers(other, one):
        assert one == other


@given(MATTERS, PARTS, PARTS)
def test_whoever_speaks_about_a_part_is_spoken_for_by_the_whole(matter: str, part: str, smaller: str) -> None:
    """What covers a matter covers all below it, and two parts do not cover each other."""
    below = f"{matter}:{part}"

    assert covers(matter, f"{below}:{smaller}")
    assert covers(below, f"{below}:{smaller}")
    assert covers(f"{matter}:{smaller}", below) is (part == smaller)


@given(MATTERS)
def test_the_root_is_what_stands_first(matter: str) -> None:
    """It holds no colon, and nothing lies above it."""
    assert matter.startswith(root(matter))
    assert ":" not in root(matter)
    assert root(root(matter)) == root(matter)


@pytest.mark.parametrize("name", ROOTS)
def test_every_root_is_a_matter_with_words(name: str) -> None:
    """By itself and narrowed down, and a child can read what it means."""
    assert FIELD.validate_python(name) == name
    assert FIELD.validate_python(f"{name}:Mum.1-b_c:x") == f"{name}:Mum.1-b_c:x"
    assert ROOTS[name]
    assert ROOTS[name][0].islower()


@pytest.mark.parametrize(
    "matter",
    [
        "", ":", "contact:", ":contact", "contact::mother", "Contact", "contact mother", "contact:mother ",
"contact:mother\n",
        "contact:-mother", "contact:mümmy", "contact:mother/father", "cøntact", "contact1", "holidays", "contacts",
        "contact:" + "a" * 113,
    ],
)  # fmt: skip
def test_what_is_no_matter_is_refused(matter: str) -> None:
    """One writing for one thing, of a root that everybody knows."""
    assert FIELD.validate_python("contact:" + "a" * 112)
    with pytest.raises(ValidationError):
        FIELD.validate_python(matter)


def test_the_refusal_names_the_roots() -> None:
    """Whoever used a word of their own learns the words there are."""
    with pytest.raises(ValidationError) as problem:
        FIELD.validate_python("holidays")

    (error,) = problem.value.errors()
    assert error["type"] == "unknown_matter"
    assert all(name in error["msg"] for name in ROOTS)
    assert "holidays" not in error["msg"]
