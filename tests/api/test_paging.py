"""Pages that join: whatever is written between two of them, nothing is left out and nothing comes twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.pages import timeline

DAYS = st.integers(1, 28).map(lambda day: f"2026-03-{day:02}")
STEPS = st.one_of(
    st.tuples(st.just("visit"), DAYS),
    st.tuples(st.just("move"), DAYS),
    st.tuples(st.just("page"), st.integers(1, 3)),
)


def written(client: TestClient, case: str, body: dict[str, Any]) -> dict[str, str]:
    """Record something, and give what reads it."""
    answer = client.post(f"/v1/cases/{case}/commands", json=body)
    assert answer.status_code == 201, answer.text
    return {"Beforehand-At-Least": answer.headers["beforehand-position"]}


@settings(max_examples=20)
@given(
    first=st.lists(DAYS, min_size=1, max_size=6),
    steps=st.lists(STEPS, max_size=12),
    order=st.sampled_from(["oldest", "newest"]),
)
def test_a_timeline_read_while_it_is_written(
    client: TestClient, open_case: Callable[..., str], first: list[str], steps: list[Any], order: str
) -> None:
    """Entries added, and dates put right so that entries change places: all pages show the record the first one saw."""
    case = open_case(looked_after_from="2026-01")
    address = f"/v1/cases/{case}/timeline"
    known: dict[str, str] = {}
    for nth, day in enumerate(first):
        visit = {"do": "record_visit", "visited": day, "seen_alone": "YES", "ref": f"v{nth}"}
        known = written(client, case, visit)
    whole = [
        each["ref"]
        for each in client.get(address, params={"order": order, "limit": 500}, headers=known).json()["entries"]
    ]

    page = client.get(address, params={"order": order, "limit": 1}, headers=known).json()
    got = [each["ref"] for each in page["entries"]]
    dates = dict(enumerate(first))
    for step, (what, value) in enumerate(steps):
        match what:
            case "visit":
                body = {"do": "record_visit", "visited": value, "seen_alone": "YES", "ref": f"late{step}"}
                known = written(client, case, body)
            case "move" if dates[step % len(first)] != value:
                dates[step % len(first)] = value
                known = written(client, case, {
                    "do": "correct_record", "of": f"v{step % len(first)}", "field": "visited", "to": value,
                    "reason": "Typed wrong", "requested_by": "AUTHOR", "ref": f"fix{step}",
                })  # fmt: skip
            case "page" if page["next"]:
                asked = {"order": order, "limit": value, "after": page["next"]}
                page = client.get(address, params=asked, headers=known).json()
                got += [each["ref"] for each in page["entries"]]
    while page["next"]:
        page = client.get(address, params={"order": order, "after": page["next"]}, headers=known).json()
        got += [each["ref"] for each in page["entries"]]

    assert got == whole


Entries = list[tuple[str, str]]


def listed(client: TestClient, address: str, known: dict[str, str], case: str) -> tuple[Entries, str]:
    """Open a page once what was written is there: year and reference of its entries, and the page itself."""
    assert client.get(f"/v1/cases/{case}", headers=known).status_code == 200
    got = client.get(address)
    assert got.status_code == 200, got.text
    entries, standing = [], ""
    for year, ref in re.findall(r'id="year-([0-9]+)"|id="entry-([^"]+)"', got.text):
        standing = year or standing
        if ref:
            entries.append((standing, ref))
    return entries, got.text


def link(page: str, pattern: str) -> str | None:
    """The address of a link in a page."""
    found = re.search(pattern, page)
    return None if found is None else unescape(found[1])


YEARS = st.tuples(st.sampled_from(["2024", "2025", "2026"]), DAYS).map(lambda each: each[0] + each[1][4:])


@settings(max_examples=30)
@given(
    first=st.lists(YEARS, min_size=3, max_size=8),
    between=st.lists(st.lists(st.tuples(st.sampled_from(["view", "move"]), YEARS), max_size=3), min_size=1, max_size=6),
    order=st.sampled_from(["", "order=newest&"]),
    matter=st.sampled_from(["", "matter=placement&"]),
    year=st.sampled_from([None, "2024", "2025", "2026"]),
)
def test_a_page_for_people_read_while_it_is_written(  # noqa: PLR0913 - what is drawn
    client: TestClient,
    open_case: Callable[..., str],
    first: list[str],
    between: list[list[tuple[str, str]]],
    order: str,
    matter: str,
    year: str | None,
) -> None:
    """From the first page by its links, in either order, with a choice, from a year on: what the first one began."""
    case = open_case(looked_after_from="2024-01")
    known: dict[str, str] = {}
    dates = dict(enumerate(first))
    for nth, day in dates.items():
        view = {"do": "record_view", "matters": [("placement", "health")[nth % 2]], "expressed": day, "ref": f"v{nth}"}
        known = written(client, case, view | {"account": "What she said"})
    address = f"/cases/{case}?{order}{matter}"
    whole, _ = listed(client, address, known, case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "ON_A_PAGE", 2)
        got, page = listed(client, address, known, case)
        following = link(page, r'href="([^"]+)" rel="next"')
        if year is not None and (jump := link(page, rf'href="([^"]+)">{year} ')):
            got, following = [], jump
            whole = [each for each in whole if (each[0] <= year if order else each[0] >= year)]
        number = 0
        while following:
            steps = between.pop(0) if between else []
            for what, value in steps:
                number += 1
                if what == "view":
                    body = {"do": "record_view", "matters": ["placement"], "expressed": value, "account": "More"}
                elif dates[number % len(first)] != value:
                    dates[number % len(first)] = value
                    body = {"do": "correct_record", "of": f"v{number % len(first)}", "field": "expressed", "to": value,
                            "reason": "Typed wrong", "requested_by": "AUTHOR"}  # fmt: skip
                else:
                    continue
                known = written(client, case, body | {"ref": f"late{number}"})
            more, page = listed(client, following, known, case)
            got += more
            following = link(page, r'href="([^"]+)" rel="next"')
            assert ("after you began to read this list" in page) is (latest(client, case) > 1 + len(first))

    assert got == whole


def latest(client: TestClient, case: str) -> int:
    """The version of a case."""
    return int(client.get(f"/v1/cases/{case}").json()["version"])


@settings(max_examples=10)
@given(st.lists(st.sampled_from(["open", "write", "page"]), max_size=15))
def test_a_list_read_while_cases_are_opened(
    client: TestClient, open_case: Callable[..., str], steps: list[str]
) -> None:
    """Every case is listed once, in the order of opening; those opened meanwhile come behind, until the last page."""
    there = [open_case(), open_case()]
    listed: list[str] = []
    after: str | None = None
    for nth, step in enumerate([*steps, *["page"] * 1000]):
        if step == "open":
            there.append(open_case())
        elif step == "write":
            body = {"do": "record_visit", "visited": "2026-03-01", "seen_alone": "YES", "ref": f"w{nth}"}
            written(client, there[nth % len(there)], body)
        else:
            params = {"limit": 3, **({"after": after} if after else {})}
            page = client.get("/v1/cases", params=params).json()
            listed += [each["case_id"] for each in page["cases"]]
            after = page["next"]
            if after is None:
                break

    assert len(set(listed)) == len(listed)
    ours = [each for each in listed if each in there]
    assert ours == there[: len(ours)]
