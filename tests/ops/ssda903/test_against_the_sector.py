"""The sector's own validator finds our clean sample clean, and finds the faults we find."""

from __future__ import annotations

import json
import shutil
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


FAULTS = [
    ("header", "1001,F,", "1001,X,", "101", "unknown_code"),
    ("header", ",02/07/2011,BCRB,", ",02/07/2011,XXXX,", "103", "unknown_code"),
    ("episodes", "1001,10/05/2022,B,C2,N1,U4,", "1001,10/05/2022,B,C2,N1,Q9,", "146", "unknown_code"),
    ("episodes", "1005,17/08/2019,L,C2,", "1005,17/08/2019,L,C9,", "144", "unknown_code"),
    ("episodes", ",X1,PLACE", ",X1,MAYBE", "1009", "unknown_code"),
    ("episodes", "03/06/2025,X1,CHILD", "31/06/2025,X1,CHILD", "147", "not_a_date"),
    ("reviews", "1003,21/01/2016,12/08/2025,PN1", "1003,21/01/2016,12/08/2025,PN0", "440", "dates_contradict"),
    ("reviews", "1004,30/08/2022,10/04/2025,PN0", "1004,30/08/2022,10/04/2025,PN1", "441", "dates_contradict"),
    ("sw_episodes", "SW10003,04/11/2024,,FCONTA", "SW10003,04/11/2024,,SWLAZY", "SW13STG1", "unknown_code"),
]
"""A table, what one of its rows says, what it says then, the sector's rule against that, and our code for it."""


def test_faults_are_found_by_both(returned: Any, tmp_path: Path) -> None:
    """Nine rows of a copy of the clean sample are spoilt: our import tells of each, and so does the sector's rule."""
    year = tmp_path / "sample" / "2025-26"
    shutil.copytree(CLEAN / "2025-26", year)
    lines = []
    for table, old, new, _, _ in FAULTS:
        path = year / f"{table}.csv"
        before, found, after = path.read_text(encoding="utf-8").partition(old)
        assert found, old
        path.write_text(before + new + after, encoding="utf-8")
        lines.append(before.count("\n") + 1)
    returned.folder = tmp_path / "sample"

    balance = returned.bring_in()
    answer = validated(tmp_path / "sample", 2026)

    told = {(Path(each.file).stem, each.line, each.code) for each in balance.told}
    against = {(rule, place + 2) for rules in answer["found"].values() for rule in rules for place in rules[rule]}
    for (table, _, new, rule, code), line in zip(FAULTS, lines, strict=True):
        assert (table, line, code) in told, new
        assert (rule, line) in against, new
