"""What cannot be read, or cannot be, is told with file, line, reason and mend; nothing is guessed or dropped."""

# ruff: noqa: ISC004 - a table is one text

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from ops.importers.ssda903 import csv_file, importing
from ops.importers.ssda903.rows import Became

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
MINA = HEADER + "11,F,03/05/2014,MWBA,A123456789012,0,\n"
REVIEWS = "CHILD,DOB,REVIEW,REVIEW_CODE\n"
MISSING = "CHILD,DOB,MISSING,MIS_START,MIS_END\n"


def zipped(name: str, content: bytes) -> bytes:
    """A zip archive with one file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


BOMB = zipped("tables.csv", b"\0" * 50_000_000)
BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    "<EXPSSDA903><CHILD><HEADER><CHILDID>&b;</CHILDID></HEADER></CHILD></EXPSSDA903>"
)


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "code", "line"),
    [
        ("r.csv", (REVIEWS + "11,03/05/2014,04/03/2026,PN1\n12,é,,\n").encode("cp1252"), "not_utf8", 3),
        ("r.csv", (REVIEWS + "11,03/05/2014,04/03/2026,PN1\n").encode("utf-16"), "utf16", 1),
        ("r.csv", (REVIEWS + "11,03/05/2014,04/03/2026,PN1\n").encode("utf-16-le"), "utf16", 1),
        ("r.csv", REVIEWS + "11,03/05/2014,04/03/2026,\0PN1\n", "nul", 2),
        ("r.csv", REVIEWS + "11,03/05/2014,04/03/2026,PN1\n11,03/05/20", "cut_off", 3),
        ("r.csv", REVIEWS + '11,03/05/2014,04/03/2026,"PN', "cut_off", 2),
        ("r.csv", REVIEWS + "11," + "x" * 40_000 + "\n", "line_too_long", 2),
        ("r.csv", REVIEWS + "rubbish\n" * 500, "not_a_table", 201),
        ("r.csv", "CHILD,DOB,REVIEW,REVIEW,REVIEW_CODE\n", "column_twice", 1),
        ("r.csv", "DOB,REVIEW,REVIEW_CODE\n", "no_child_column", 1),
        ("r.csv", "CHILD,DOB,REVIEW,REVIEW_CODE,MIS_START\n", "several_tables", 1),
        ("tables.zip", BOMB, "archive", 0),
        ("r.csv", BOMB, "archive", 0),
        ("x.xml", BILLION_LAUGHS, "document_type", 1),
        ("x.xml", "<EXPSSDA903><CHILD>", "cut_off", 1),
        ("x.xml", "<EXPSSDA903><CHILD></WRONG></EXPSSDA903>", "not_xml", 1),
        ("x.xml", "<html><body>no</body></html>", "not_the_return", 1),
        ("x.xml", "<EXPSSDA903>" + "<CHILD>" * 50, "not_the_return", 1),
        ("x.xml", "<EXPSSDA903><CHILD><HEADER><DOB>" + "9" * 100_000, "value_too_long", 1),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_stops_the_import(
    returned: Any, name: str, content: str | bytes, code: str, line: int
) -> None:
    """Before anything is recorded, by name and line, with a way to mend it; the good table beside it waits."""
    balance = returned.bring_in({"h.csv": MINA, name: content})

    (fault,) = [each for each in balance.files if each.fault]
    assert (fault.file, fault.code, fault.line) == (name, code, line)
    assert fault.message.endswith(".")
    assert (balance.stopped, sum(balance.read.values()), returned.facts()) == (True, 0, [])


@pytest.mark.parametrize(
    "content", ["", "\n\n", "hello", "a,b,c\n1,2,3\n", "x" * 5_000_000, b"\xff\xd8\xff\xe0 picture"]
)
def test_a_file_that_is_no_table_is_named_and_left_alone(returned: Any, content: str | bytes) -> None:
    """A note, a picture, an empty file: told, and the tables beside it are taken in."""
    balance = returned.bring_in({"h.csv": MINA, "other.csv": content})

    assert [each.file for each in balance.files] == ["other.csv"]
    assert not balance.stopped
    assert len(returned.facts()) == 2


def test_a_folder_without_tables_is_told(returned: Any) -> None:
    """Nothing to import is a fault, not a success."""
    balance = returned.bring_in({"README.md": "no tables here"})

    assert [each.code for each in balance.files if each.fault] == ["no_tables"]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + MINA,
        MINA.replace("\n", "\r\n"),
        MINA.replace("\n", "\r"),
        MINA.replace("\n", "\n\n") + "\n\n,,,,,,\n",
        MINA.replace(",", ";"),
        MINA.replace(",", "\t"),
        "ethnic, dob ,Child,sex,mother,mc_dob,upn\nMWBA,03/05/2014,11,F,0,,A123456789012\n",
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB,,\n11,F,03/05/2014,MWBA,A123456789012,0,,,\n",
        'CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"11","F","03/05/2014","MWBA","A123456789012","0",\n',
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n11,F,2014-05-03,MWBA,A123456789012,0,\n",
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n11,F,03/05/2014 00:00:00,MWBA,A123456789012,0,\n",
    ],
)
def test_a_table_is_read_however_it_was_saved(returned: Any, content: str) -> None:
    """Byte order mark, line ends, blank lines, separators, order and case of columns, quotes, dates in two ways."""
    balance = returned.bring_in({"anything at all.txt": content})

    assert (balance.told, balance.read) == ([], {"Header": 1})
    assert returned.fact("child-2026")["upn"] == "A123456789012"


def test_columns_that_are_lacking_or_strange_are_told(returned: Any) -> None:
    """What is not there, what is not of the table, and what only follows from other columns."""
    balance = returned.bring_in({"h.csv": "CHILD,SEX,DOB,ETHNIC,NICKNAME,LA\n11,F,03/05/2014,MWBA,x,330\n"})

    said = " ".join(each.message for each in balance.files)
    assert "no column UPN, MOTHER, MC_DOB" in said
    assert "not taken in: NICKNAME" in said
    assert "follow from others, and were not taken in: LA" in said


# Rows -----------------------------------------------------------------------------------------------------------------

ROWS = [
    (REVIEWS, "11,03/05/2014,31/02/2026,PN1", "not_a_date", "REVIEW"),
    (REVIEWS, "11,03/05/2014,04/03/26,PN1", "not_a_date", "REVIEW"),
    (REVIEWS, "11,03/05/2014,zz/03/2026,PN1", "date_incomplete", "REVIEW"),
    (REVIEWS, "11,03/05/2014,04/03/2030,PN1", "future", "REVIEW"),
    (REVIEWS, "11,03/05/2014,04/03/2010,PN0", "before_birth", "REVIEW"),
    (REVIEWS, "11,03/05/2014,04/03/2026,PN9", "unknown_code", "REVIEW_CODE"),
    (REVIEWS, "11,03/05/2014,04/03/2026,PN0", "dates_contradict", ""),
    (REVIEWS, "11,03/05/2014,04/03/2016,PN1", "dates_contradict", ""),
    (REVIEWS, "11,03/05/2014,,PN1", "no_date", "REVIEW"),
    (REVIEWS, "11,04/05/2014,04/03/2026,PN1", "another_birth", "DOB"),
    (REVIEWS, "11,03/05/2014,04/03/2026", "short_row", ""),
    (REVIEWS, "11,03/05/2014,04/03/2026,PN1,more", "long_row", ""),
    (REVIEWS, '11,03/05/2014,04/03/2026,"PN1', "open_quote", ""),
    (REVIEWS, ",03/05/2014,04/03/2026,PN1", "no_child", "CHILD"),
    (REVIEWS, "12,03/05/2014,04/03/2026,PN1", "no_header", "CHILD"),
    (REVIEWS, "1/2,03/05/2014,04/03/2026,PN1", "child_form", "CHILD"),
    (MISSING, "11,03/05/2014,M,02/09/2025,01/09/2025", "ends_before", "MIS_END"),
    (MISSING, "11,03/05/2014,X,02/09/2025,", "unknown_code", "MISSING"),
    ("CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\n", "11,03/05/2014,,02/09/2025,,LEFTRL", "no_worker", "SW_ID"),
    ("CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\n", "11,03/05/2014,S1,02/09/2025,,SWLAZY", "unknown_code", "SW_REASON"),
    ("CHILD,SEX,DOB,DUC\n", "11,M,03/05/2014,03/05/2032", "another_sex", "SEX"),
    ("CHILD,DOB,IN_TOUCH,ACTIV,ACCOM\n", "11,03/05/2014,YES,F2,01", "unknown_code", "ACCOM"),
    ("CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM\n", "11,03/05/2014,P1,,03/zz/2016", "not_a_date", "DATE_PERM"),
    ("CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED\n", "11,03/05/2014,28/05/2024,01/02/2025,XXX",
     "unknown_code", "REASON_PLACED_CEASED"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "row", "code", "column"), ROWS, ids=[f"{code}-{column}" for _, _, code, column in ROWS]
)
def test_a_row_that_cannot_be_is_told_and_the_child_taken_in(
    returned: Any, head: str, row: str, code: str, column: str
) -> None:
    """One row of a table that stands by itself: refused with its line, and everything else is on record."""
    balance = returned.bring_in({"h.csv": MINA, "t.csv": head + row + "\n"})

    (told,) = balance.told
    assert (told.file, told.line, told.code, told.column) == ("t.csv", 2, code, column)
    assert told.message.endswith((".", ")"))
    assert balance.became["Header"] == {Became.RECORDED: 1}
    assert sum(counts[Became.REFUSED] for counts in balance.became.values()) == 1
    assert {fact.TOPIC for fact in returned.facts()} == {"case.opened", "child.described"}


SPINE = [
    ({"h.csv": HEADER + "11,F,31/02/2014,MWBA,,,\n"}, "not_a_date"),
    ({"h.csv": HEADER + "11,F,,MWBA,,,\n"}, "no_birth"),
    ({"h.csv": HEADER + "11,F,03/05/2030,MWBA,,,\n"}, "future"),
    ({"h.csv": HEADER + "11,X,03/05/2014,MWBA,,,\n"}, "unknown_code"),
    ({"h.csv": MINA + "11,F,04/05/2014,MWBA,,,\n"}, "two_births"),
    ({"h.csv": MINA + "11,M,03/05/2014,MWBA,,,\n"}, "contradicts_row"),
    ({"h.csv": MINA, "e.csv": EPISODES + "11,04/11/2019,S,C1,N1,Q9,,,,,,,\n"}, "unknown_code"),
    ({"h.csv": MINA, "e.csv": EPISODES + "11,,S,C1,N1,U6,,,,,,,\n"}, "no_date"),
    ({"h.csv": MINA, "e.csv": EPISODES + "11,04/11/2029,S,C1,N1,U6,,,,,,,\n"}, "future"),
    ({"h.csv": MINA, "e.csv": EPISODES + "11,04/11/2012,S,C1,N1,U6,,,,,,,\n"}, "before_birth"),
    ({"h.csv": MINA, "e.csv": EPISODES + "11,04/11/2019,S,C1,N1,U6,,04/10/2019,X1,,,,\n"}, "ends_before"),
    ({"h.csv": MINA,
      "e.csv": EPISODES + "11,04/11/2019,S,C1,N1,U6,,04/10/2020,X1,,,,\n11,04/05/2020,P,C1,N1,U4,,,,,,,\n"},
     "overlaps"),
    ({"h.csv": MINA, "e.csv": EPISODES + "11,04/11/2019,S,C1,N1,U6,,,,,,,\n11,04/11/2019,S,C1,N1,U4,,,,,,,\n"},
     "contradicts_row"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "code"), SPINE, ids=[f"{number}-{code}" for number, (_, code) in enumerate(SPINE)])
def test_a_fault_in_what_the_rest_hangs_on_holds_back_the_child(
    returned: Any, files: dict[str, str], code: str
) -> None:
    """Header and episodes: nothing of this child is recorded, every row is accounted for, the other child is there."""
    reviews = REVIEWS + "11,,04/03/2026,PN1\n12,,04/03/2026,PN1\n"
    files = files | {"h.csv": files["h.csv"] + "12,M,03/05/2014,WBRI,,,\n", "r.csv": reviews}

    balance = returned.bring_in(files)

    assert code in {each.code for each in balance.told}
    assert returned.facts() == []
    assert balance.held_back == 1
    assert balance.became["Reviews"] == {Became.HELD_BACK: 1, Became.RECORDED: 1}
    assert len(returned.facts("12")) == 3


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("11,04/11/2019,S,C1,N1,U6,,,X1,,,,\n", "end_without_date"),
        ("11,04/11/2019,S,C1,N1,U6,,04/11/2019,E4A,,,,\n", "same_day"),
        ("11,04/11/2019,S,L1,N1,U6,,04/12/2019,E4A,,,,\n", "too_long"),
        ("11,04/11/2019,S,V3,N1,U6,,04/12/2019,E4A,,,,\n", "too_long"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,X1,,,,\n", "no_next"),
        ("11,04/11/2019,S,C1,N1,U6,,,,,,,\n11,04/12/2019,P,C1,N1,U4,,,,,,,\n", "not_ended"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,E4A,,,,\n11,04/12/2019,P,C1,N1,U4,,,,,,,\n", "ended_and_goes_on"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,X1,,,,\n11,04/12/2019,L,C1,N1,U6,,,,,,,\n", "rne_disagrees"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,X1,,,,\n11,04/12/2019,L,C2,N1,U4,,,,,,,\n", "rne_disagrees"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,X1,,,,\n11,04/12/2019,P,C2,N1,U4,,,,,,,\n", "rne_disagrees"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,X1,,,,\n11,04/12/2019,P,C1,N1,U6,,,,,,,\n", "rne_disagrees"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,X1,,,,\n11,04/12/2019,L,C2,N4,U6,,,,,,,\n", "cin_changed"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,X1,,,,\n11,04/12/2019,P,C1,N1,T1,,09/12/2019,X1,,,,\n"
         "11,09/12/2019,P,C1,N1,K2,,,,,,,\n", "no_return"),
        ("11,04/11/2019,S,C1,N1,U6,,04/12/2019,E4A,,,,\n11,04/01/2020,P,C1,N1,U4,,,,,,,\n", "not_started_again"),
    ],
)  # fmt: skip
def test_what_breaks_the_invariants_of_the_return_is_told_and_never_repaired(
    returned: Any, rows: str, code: str
) -> None:
    """The rows are taken in as they stand, and what is odd about them is a remark."""
    balance = returned.bring_in({"h.csv": MINA, "e.csv": EPISODES + rows})

    assert code in {told for _, _, told in returned.remarks(balance)}
    assert returned.faults(balance) == []
    assert balance.became["Episodes"] == {Became.RECORDED: rows.count("\n")}


def test_two_tables_that_contradict_each_other_are_both_left_out(returned: Any) -> None:
    """Two days for one plan of adoption: nobody can tell which is right."""
    head = "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED\n"
    one, other = "11,03/05/2014,22/11/2023,07/04/2025,RD4\n", "11,03/05/2014,22/11/2024,07/04/2025,RD4\n"

    balance = returned.bring_in({"h.csv": MINA, "placed.csv": head + one, "placed_errors.csv": head + other})

    assert returned.faults(balance) == [("placed.csv", 2, "overlaps"), ("placed_errors.csv", 2, "overlaps")]
    assert balance.became["PlacedAdoption"] == {Became.CONTRADICTS: 2}


def test_the_same_row_twice_is_one_fact(returned: Any) -> None:
    """A repeated row is counted as such."""
    row = "11,03/05/2014,04/03/2026,PN1\n"

    balance = returned.bring_in({"h.csv": MINA, "r.csv": REVIEWS + row + row})

    assert balance.told == []
    assert balance.became["Reviews"] == {Became.RECORDED: 1, Became.REPEATED: 1}


def test_what_was_written_is_never_repeated_in_what_is_told(returned: Any) -> None:
    """A report may lie about: it has codes, dates and places, not what stands in the file."""
    canary = "Kanarienvogel"
    files = {"h.csv": MINA, "r.csv": REVIEWS + f"11,{canary},{canary},{canary}\n{canary},,04/03/2026,PN1\n"}

    balance = returned.bring_in(files)

    assert len(balance.told) == 4
    assert canary not in str(balance.as_json())


def test_a_file_of_rubbish_is_given_up_early(returned: Any) -> None:
    """A hundred thousand lines behind a good first line are not read to their end."""
    balance = returned.bring_in({"h.csv": MINA, "r.csv": REVIEWS + "??\n" * 100_000})

    (fault,) = [each for each in balance.files if each.fault]
    assert fault.line <= csv_file.SPOILT_AT_LEAST + 1


def test_nobody_reads_a_million_faults(returned: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past a bound the children that follow are left out, are counted as held back, and the balance says so."""
    monkeypatch.setattr(importing, "MOST_TOLD", 3)
    rows = [f"{child},9,99/99/2010,XXXX,,,\n" for child in range(100, 120)]

    balance = returned.bring_in({"h.csv": HEADER + "".join(rows)})

    assert [file.code for file in balance.files if file.code == "too_many_faults"] == ["too_many_faults"]
    assert len(balance.told) < 20
    assert balance.became["Header"][Became.HELD_BACK] >= 15
