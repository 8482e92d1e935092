"""Reading a timeline: what is asked for, by year, and page by page while others write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.places import Cursor, PlaceNotFound, cursor_asked, cursor_written
from projections.answers import END, START, place_of_year

Record = Callable[..., Any]


@pytest.fixture
def case(open_case: Callable[..., str], record: Record, settled: Any) -> str:
    """A record of three years: views, decisions about a home and about contact, a visit."""
    case = open_case(looked_after_from="2021-01")
    record(case, "introduce_person", ref="dad", name="Dad", relationship="FATHER", since="2021-02-01")
    old = {"system": "Mosaic", "recorded": "2021-03-02", "grade": "A"}
    record(case, "record_view", ref="v1", matters=["placement"], expressed="2021-03-01", account="Stay", provenance=old)
    record(case, "record_view", ref="v2", matters=["contact"], expressed="2022-03-01", account="More", present=["dad"])
    home = {"kind": "PLACEMENT_MOVE_PLANNED", "place": "U6"}
    record(case, "decide_placement_move", ref="d1", decided="2021-03-10", effective="2021-03-20", views=["v1"], **home)
    record(case, "decide_placement_move", ref="d2", decided="2023-04-10", effective="2023-04-20", carer="dad", **home)
    record(case, "decide_contact", ref="d3", kind="CONTACT_ARRANGE", person="dad", decided="2022-04-01")
    record(case, "record_visit", ref="visit", visited="2022-05-05", seen_alone="YES")
    settled(case, 8)
    return case


def refs(page: Any) -> list[str]:
    """The references of a page."""
    return [each["ref"] for each in page["entries"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"matter": "placement"}, ["v1", "d1", "d2"]),
        ({"matter": "contact"}, ["v2", "d3"]),
        ({"matter": "contact:dad"}, ["v2", "d3"]),
        ({"matter": "health"}, []),
        ({"person": "dad"}, ["dad", "v2", "d3", "d2"]),
        ({"class": "MET"}, ["d1"]),
        ({"class": ["MET", "PARTLY_MET"]}, ["d1", "d2"]),
        ({"class": ["NOT_MET"], "matter": "placement"}, []),
        ({"person": "dad", "year": 2022}, ["v2", "d3", "d2"]),
        ({"year": 2022, "order": "newest", "limit": 2}, ["visit", "d3"]),
    ],
)
def test_what_is_asked_for(client: TestClient, case: str, asked: dict[str, Any], expected: list[str]) -> None:
    """A matter brings what covers it and what it covers, a person whatever they had to do with, and all at once."""
    page = client.get(f"/v1/cases/{case}/timeline", params=asked).json()
    classes = {each["ref"]: each["voice"]["now"]["class"] for each in page["entries"] if each["voice"]}
    assert refs(page) == expected, classes


def test_years_count_what_is_asked_for(client: TestClient, case: str) -> None:
    """Every year with entries comes with their number, filtered in the same way."""
    years = client.get(f"/v1/cases/{case}/years", params={"person": "dad"}).json()["years"]

    assert years == [{"year": 2021, "entries": 1}, {"year": 2022, "entries": 2}, {"year": 2023, "entries": 1}]


def test_a_page_read_on_while_others_write(client: TestClient, case: str, record: Record, settled: Any) -> None:
    """An entry of long ago recorded between two pages is in neither of them, and nothing is left out for it."""
    whole = refs(client.get(f"/v1/cases/{case}/timeline").json())
    first = client.get(f"/v1/cases/{case}/timeline", params={"limit": 3}).json()

    record(case, "record_visit", ref="late", visited="2022-01-01", seen_alone="YES")
    record(
        case, "correct_record", of="v1", field="expressed", to="2023-12-01", reason="Typed wrong", requested_by="AUTHOR"
    )
    settled(case, 10)
    second = client.get(f"/v1/cases/{case}/timeline", params={"limit": 20, "after": first["next"]}).json()

    assert refs(first) + refs(second) == whole
    assert "late" in refs(client.get(f"/v1/cases/{case}/timeline").json())


@pytest.mark.parametrize(
    "place", [START, END, place_of_year(2019, newest_first=True), place_of_year(2020, newest_first=False)]
)
def test_a_cursor_comes_back_as_it_went(place: Any) -> None:
    """Whatever the place, the cursor written for it is read as the same."""
    cursor = Cursor((place[0], min(place[1], 10**9 - 1)), 7)

    assert cursor_asked(cursor_written(cursor)) == cursor


@pytest.mark.parametrize("typed", ["abc", "_", "MjAyMS0wMS0wMQ", "2021-01-01T00:00:00.000000_1", "A" * 101, "é"])
def test_what_is_no_cursor_is_refused(client: TestClient, typed: str) -> None:
    """A cursor that was made up points nowhere."""
    with pytest.raises(PlaceNotFound):
        cursor_asked(typed)


def test_a_plain_request_and_one_that_goes_the_whole_way_are_answered_alike(client: TestClient, case: str) -> None:
    """Whether every check is met or none is needed, the answer is the same to the last byte and so is its tag."""
    first = client.get(f"/v1/cases/{case}/timeline", params={"limit": 2}).json()
    for path, params in (
        ("", {}),
        ("/timeline", {}),
        ("/timeline", {"limit": "3", "order": "newest"}),
        ("/timeline", {"limit": "3", "after": first["next"]}),
        ("/decisions/d1", {}),
    ):
        plain = client.get(f"/v1/cases/{case}{path}", params=params)
        checked = client.get(f"/v1/cases/{case}{path}", params=params, headers={"Beforehand-At-Least": "1"})
        assert plain.status_code == checked.status_code == 200, plain.text
        assert plain.content == checked.content
        assert plain.headers["etag"] == checked.headers["etag"]
    for path in (
        "/timeline?limit=501",
        "/timeline?limit=0",
        "/timeline?after=abc",
        "/decisions/none",
        "/timeline?year=1",
    ):
        assert client.get(f"/v1/cases/{case}{path}").status_code in (404, 409, 422), path
    assert client.get("/v1/cases", params={"limit": "1"}).json()["cases"][0]["child"] == "Mina"
