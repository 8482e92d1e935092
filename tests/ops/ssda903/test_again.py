"""Importing again changes nothing; a newer return adds what is new; contradictions are told and left out."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.case.command import Act
from domain.case.fact import Role
from domain.case.registry import COMMAND
from ops.importers.ssda903.rows import Became

SAMPLES = Path(__file__).parents[3] / "ops" / "samples" / "returns"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
MINA = HEADER + "11,F,03/05/2014,MWBA,A123456789012,0,\n"
REVIEWS = "CHILD,DOB,REVIEW,REVIEW_CODE\n"
OPEN = "11,04/11/2023,S,C1,N1,U6,PR1,,,,ZZ1 1ZZ,ZZ2 2ZZ,SC123456\n"
ENDED = "11,04/11/2023,S,C1,N1,U6,PR1,15/07/2025,X1,CARPL,ZZ1 1ZZ,ZZ2 2ZZ,SC123456\n"
NEXT = "11,15/07/2025,P,C1,N1,U4,PR1,,,,ZZ1 1ZZ,ZZ3 3ZZ,SC123456\n"


@pytest.fixture
def years(returned: Any) -> list[Path]:
    """The clean sample, year by year."""
    return sorted((SAMPLES / "clean").iterdir())


def test_importing_again_changes_nothing(returned: Any, years: list[Path]) -> None:
    """Every row was there before, and nothing is told."""
    shutil.copytree(SAMPLES / "clean", returned.folder, dirs_exist_ok=True)
    first = returned.bring_in()

    again = returned.bring_in()

    assert (first.told, again.told) == ([], [])
    assert sum(first.facts.values()) > 150
    assert (again.facts, again.cases) == ({}, [])
    assert all(set(counts) <= {Became.ON_RECORD, Became.REPEATED} for counts in again.became.values())


def test_years_at_once_and_in_turn_come_to_the_same(returned: Any, years: list[Path], tmp_path: Path) -> None:
    """A folder of several years is taken in as if each had been imported after the other."""
    in_turn = []
    for year in years:
        shutil.rmtree(returned.folder)
        shutil.copytree(year, returned.folder / year.name)
        in_turn.append(returned.bring_in())
    facts = {str(child): [fact.ref for fact in returned.facts(str(child))] for child in range(1001, 1013)}

    shutil.copytree(SAMPLES / "clean", returned.folder, dirs_exist_ok=True)
    assert returned.bring_in().facts == {}
    assert sum(sum(balance.facts.values()) for balance in in_turn) == sum(map(len, facts.values()))
    assert all(in_turn[0].facts[topic] for topic in ("case.opened", "episode.began", "review.held"))
    assert in_turn[1].facts["case.opened"] == 2


def test_a_newer_return_fills_in_what_was_open(returned: Any) -> None:
    """The end of an episode, the next one with the reason on the first, a new review: these and no more."""
    returned.bring_in({"2024-25/h.csv": MINA, "2024-25/e.csv": EPISODES + OPEN})

    newer = returned.bring_in(
        {
            "2025-26/h.csv": MINA,
            "2025-26/e.csv": EPISODES + ENDED + NEXT,
            "2025-26/r.csv": REVIEWS + "11,03/05/2014,04/03/2026,PN1\n",
        }
    )

    assert newer.told == []
    assert newer.facts == {
        "episode.ended": 1, "episode.began": 1, "placement.move_decided": 1, "review.held": 1,
    }  # fmt: skip
    assert returned.fact("move-2025-07-15")["kind"] == "PLACEMENT_MOVE_PLANNED"


@pytest.mark.parametrize(
    ("files", "column", "says"),
    [
        ({"e.csv": EPISODES + OPEN.replace(",U6,", ",U4,")}, "PLACE", "says U6, the return says U4"),
        ({"e.csv": EPISODES + OPEN.replace(",C1,", ",C2,")}, "LS", "says C1, the return says C2"),
        ({"e.csv": EPISODES + OPEN.replace("ZZ2 2ZZ", "ZZ9 9ZZ")}, "PL_POST", "says something else"),
        ({"e.csv": EPISODES + OPEN.replace("04/11/2023", "01/01/2024")}, "", ""),
        ({"r.csv": REVIEWS + "11,03/05/2014,04/03/2025,PN2\n"}, "REVIEW_CODE", "says PN1, the return says PN2"),
        ({"h.csv": MINA.replace("MWBA", "WBRI")}, "ETHNIC", "says MWBA, the return says WBRI"),
        ({"h.csv": MINA.replace("A123", "B123")}, "UPN", "says something else"),
        ({"h.csv": MINA.replace("03/05/2014", "03/05/2013")}, "DOB", "born 2014-05-03, the return says 2013-05-03"),
    ],
)
def test_what_contradicts_the_record_is_told_and_not_recorded(
    returned: Any, files: dict[str, str], column: str, says: str
) -> None:
    """File, line, field, what the record says and what the return says; nothing of that row is recorded."""
    whole = {"h.csv": MINA, "e.csv": EPISODES + OPEN, "r.csv": REVIEWS + "11,03/05/2014,04/03/2025,PN1\n"}
    returned.bring_in(whole)
    before = [fact.ref for fact in returned.facts()]

    balance = returned.bring_in(whole | files)

    if not column:  # an episode inside a time that is still open is not known to be wrong
        return
    (told,) = [each for each in balance.told if each.code in ("contradicts_record", "another_child")]
    assert (told.file, told.line, told.column) == (next(iter(files)), 2, column)
    assert says in told.message
    assert [fact.ref for fact in returned.facts()] == before


def test_what_a_later_return_knows_better_is_added(returned: Any) -> None:
    """An ethnic group not yet known, a pupil number not yet given, a child of her own: no contradiction."""
    returned.bring_in({"2024-25/h.csv": HEADER + "11,F,03/05/2010,NOBT,UN1,0,\n"})

    balance = returned.bring_in({"2025-26/h.csv": HEADER + "11,F,03/05/2010,MWBA,A123456789012,1,02/02/2026\n"})

    assert balance.told == []
    assert returned.fact("child-2026") == {
        "ethnicity": "MWBA", "upn": "A123456789012", "mother": True, "own_child_born": "2026-02-02",
    }  # fmt: skip


def test_a_child_already_in_the_record_gets_the_facts_in_that_case(returned: Any) -> None:
    """The case is found by the child's number; what a social worker recorded is neither repeated nor overruled."""
    case_id = uuid4()
    for body in (
        {"do": "open_case", "child": "Mina", "born": "2014-05-03", "local_id": "11"},
        {"do": "decide_placement_move", "ref": "m", "kind": "PLACEMENT_MOVE_PLANNED", "decided": "2025-07-01",
         "effective": "2025-07-15", "place": "U4"},
        {"do": "record_review", "ref": "r", "held": "2025-03-04", "participation": "PN1"},
    ):  # fmt: skip
        at = datetime(2026, 11, 1, 12, tzinfo=UTC)
        act = Act("w.okafor", Role.SOCIAL_WORKER, at, correlation_id=case_id, command_id=uuid4())
        returned.ledger.handle(case_id, COMMAND.validate_python(body), act)

    balance = returned.bring_in(
        {"h.csv": MINA, "e.csv": EPISODES + ENDED + NEXT, "r.csv": REVIEWS + "11,03/05/2014,04/03/2025,PN1\n"}
    )

    assert balance.told == []
    assert returned.facts() == []
    refs = [entry.event.ref for entry in returned.ledger.entries(case_id)]
    assert [ref for ref in refs if ref.startswith(("move", "review"))] == ["move-2023-11-04"]
    assert balance.became["Reviews"] == {Became.ON_RECORD: 1}


def test_two_cases_with_the_number_of_one_child_are_told(returned: Any) -> None:
    """Nobody guesses which of them is meant."""
    for _ in range(2):
        case_id = uuid4()
        act = Act("w", Role.SOCIAL_WORKER, datetime(2026, 11, 1, tzinfo=UTC), case_id, uuid4())
        returned.ledger.handle(
            case_id, COMMAND.validate_python({"do": "open_case", "child": "M", "local_id": "11"}), act
        )

    balance = returned.bring_in({"h.csv": MINA})

    assert [each.code for each in balance.told] == ["two_cases"]


def test_mending_a_row_and_importing_again_brings_in_the_rest(returned: Any) -> None:
    """A refused review is there once its code is right; a held-back child once its episode is."""
    wrong = {"h.csv": MINA, "e.csv": EPISODES + OPEN.replace("U6", "Q9"), "r.csv": REVIEWS + "11,,04/03/2025,PN0\n"}
    assert returned.bring_in(wrong).held_back == 1

    one = returned.bring_in(wrong | {"e.csv": EPISODES + OPEN})
    two = returned.bring_in({"h.csv": MINA, "e.csv": EPISODES + OPEN, "r.csv": REVIEWS + "11,,04/03/2025,PN1\n"})

    assert (one.held_back, [each.code for each in one.told]) == (0, ["dates_contradict"])
    assert (two.told, two.facts) == ([], {"review.held": 1})


def test_the_year_is_that_of_the_name_the_folder_or_the_episodes(returned: Any) -> None:
    """A name beats a folder, and without either the latest episode says it; `year` beats all."""
    returned.bring_in({"h.csv": MINA})
    assert returned.case().facts["opening"].fact.by.provenance.system == "SSDA903 return 2025-26"

    for files, options, year in (
        ({"SSDA903_2019_header.csv": MINA}, {}, 2019),
        ({"2018-19/2020/header.csv": MINA}, {}, 2020),
        ({"header.csv": MINA}, {"year": 2021}, 2021),
    ):
        balance = returned.bring_in(files, **options)
        assert [source.year for source in balance.returns] == [year]


def test_without_a_year_anywhere_the_latest_episode_says_it(returned: Any, tmp_path: Path) -> None:
    """To 31 March belongs to the year that ends then."""
    returned.folder = tmp_path / "box"
    returned.folder.mkdir()

    balance = returned.bring_in({"h.csv": MINA, "e.csv": EPISODES + "11,31/03/2018,S,C1,N1,U6,,,,,,,\n"})

    assert {source.year for source in balance.returns} == {2018}


# The XML form ---------------------------------------------------------------------------------------------------------


def test_the_xml_form_comes_to_the_same_as_the_tables(returned: Any) -> None:
    """The same year twice, as CSV and as XML: all that the second says is on record."""
    shutil.copytree(SAMPLES / "clean" / "2025-26", returned.folder, dirs_exist_ok=True)
    csv = returned.bring_in()
    shutil.rmtree(returned.folder)
    returned.folder.mkdir()
    shutil.copy(SAMPLES / "clean-xml" / "2025-26.xml", returned.folder)

    xml = returned.bring_in()

    assert (csv.told, xml.told, xml.facts) == ([], [], {})
    assert xml.read == csv.read
    assert all(set(counts) == {Became.ON_RECORD} for counts in xml.became.values())


def test_a_row_of_xml_is_told_with_its_place(returned: Any) -> None:
    """Line and character, since some systems write everything on one line."""
    review = "<AREVIEW><REVIEW>31/02/2026</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>"
    header = f"<HEADER><CHILDID>11</CHILDID><SEX>F</SEX><DOB>03/05/2014</DOB><ETHNIC>WBRI</ETHNIC>{review}</HEADER>"

    balance = returned.bring_in({"x.xml": f"<EXPSSDA903><CHILD>{header}</CHILD></EXPSSDA903>"})

    (told,) = balance.told
    assert (told.line, told.code, told.column) == (1, "not_a_date", "REVIEW")
    assert f"(character {len('<EXPSSDA903><CHILD>') + header.index('<AREVIEW>') + 1})" in told.message
