"""Pages that join: whatever is written between two of them, nothing is left out and nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

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
