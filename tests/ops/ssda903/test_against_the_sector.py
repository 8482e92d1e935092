"""The sector's own validator finds our clean sample clean, and finds the faults we find."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lac_validator", reason="the sector's validator is not installed")

HERE = Path(__file__).parent
CLEAN = HERE.parents[2] / "ops" / "samples" / "returns" / "clean"
FALLS_OVER = {"SW07STG2", "SW11bSTG2", "SW12STG2", "1016", "231", "233", "347", "706", "709", "710"}
"""Rules of the validator that fail on tables as short as ours; nothing is found or missed by them."""


def validated(folder: Path, year: int) -> dict[str, Any]:
    """What the validator says of one year, with the year before beside it."""
    command = [sys.executable, str(HERE / "validated.py"), str(folder), str(year)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(("year", "rules"), [(2025, 200), (2026, 270), (2027, 150)])
def test_the_clean_sample_is_a_return_the_sector_would_take(year: int, rules: int) -> None:
    """No rule of the year has anything to say."""
    answer = validated(CLEAN, year)

    assert answer["found"] == {}
    assert set(answer["fell_over"]) <= FALLS_OVER
    assert answer["ran"] >= rules


@pytest.mark.parametrize(
    ("table", "old", "new", "rule", "code"),
    [
        ("header", "1001,F,", "1001,X,", "101", "unknown_code"),
        ("header", ",WBRI,", ",XXXX,", "103", "unknown_code"),
        ("episodes", ",U4,", ",Q9,", "146", "unknown_code"),
        ("episodes", ",C2,", ",C9,", "144", "unknown_code"),
        ("episodes", ",X1,CARPL", ",X1,MAYBE", "1009", "unknown_code"),
        ("episodes", "03/06/2025,X1,CHILD", "31/06/2025,X1,CHILD", "147", "not_a_date"),
        ("reviews", "1001,14/03/2013,03/06/2025,PN1", "1001,14/03/2013,03/06/2025,PN0", "440", "dates_contradict"),
        ("reviews", "PN0", "PN1", "441", "dates_contradict"),
        ("sw_episodes", ",CHCHAN", ",SWLAZY", "SW13STG1", "unknown_code"),
    ],
)
def test_faults_are_found_by_both(  # noqa: PLR0913 - a change, and what both say of it
    returned: Any, tmp_path: Path, table: str, old: str, new: str, rule: str, code: str
) -> None:
    """One change to the clean sample: our import tells of it, and so does the sector's rule."""
    year = tmp_path / "sample" / "2025-26"
    year.mkdir(parents=True)
    for path in (CLEAN / "2025-26").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        if path.stem == table:
            assert old in text
            text = text.replace(old, new, 1)
        (year / path.name).write_text(text, encoding="utf-8")
    returned.folder = tmp_path / "sample"

    balance = returned.bring_in()
    answer = validated(tmp_path / "sample", 2026)

    assert code in {each.code for each in balance.told}
    assert rule in {found for rules in answer["found"].values() for found in rules}
