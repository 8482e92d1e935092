"""What cannot be shown is said in the same words everywhere."""

from __future__ import annotations

import re
from pathlib import Path

from ledger.verify import NOT_COVERED, NOT_PROTECTED

OPS = Path(__file__).parents[2] / "ops"


def test_the_sentences_are_those_of_the_verifier() -> None:
    """The list of the threat model is word for word the one under every answer of the verifier."""
    text = (OPS / "threat-model.md").read_text("utf-8")
    section = text.partition("## What cannot be shown")[2].partition("\n## ")[0]

    assert tuple(re.findall(r"^- (.+)$", section, re.MULTILINE)) == NOT_PROTECTED
    assert [line.strip() for line in NOT_COVERED.splitlines()[1:]] == list(NOT_PROTECTED)


def test_what_it_points_at_is_there() -> None:
    """Every test that it names is in the project."""
    text = (OPS / "threat-model.md").read_text("utf-8")
    for named in re.findall(r"`(tests/[\w./-]+)`", text):
        assert (OPS.parent / named).exists(), named
