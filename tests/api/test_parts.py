"""Parts of a case, and decisions of all of them: an entry, the people, what the record does not show."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from api.examples import EXAMPLES, command_example
from api.routes import decisions


@pytest.fixture
def amira(client: TestClient) -> tuple[str, dict[str, str]]:
    """Amira's whole story, and how to read it once it is there."""
    opening = client.post("/v1/cases", json=command_example("open_case"))
    case, wrote = opening.json()["case_id"], opening
    for do in list(EXAMPLES)[1:]:
        wrote = client.post(f"/v1/cases/{case}/commands", json=command_example(do))
    return case, {"Beforehand-At-Least": wrote.headers["beforehand-position"]}


def test_one_entry(client: TestClient, amira: Any) -> None:
    """An entry with its correction, and what points at it; the same entry as the timeline shows."""
    case, known = amira
    shown = client.get(f"/v1/cases/{case}/entries/said", headers=known).json()
    timeline = client.get(f"/v1/cases/{case}/timeline", params={"limit": 500}).json()["entries"]

    assert shown["entry"] == next(entry for entry in timeline if entry["ref"] == "said")
    assert [each["ref"] for each in shown["entry"]["attached"]] == ["corrected"]
    assert {"move", "document"} <= {each["ref"] for each in shown["about"]}
    for entry in timeline:
        assert client.get(f"/v1/cases/{case}/entries/{entry['ref']}").json()["entry"] == entry
    assert client.get(f"/v1/cases/{case}/entries/nothing").status_code == 404
    assert client.get(f"/v1/cases/{case}/entries/said", params={"as_of": "2020-01-01"}).status_code == 404


def test_people(client: TestClient, amira: Any) -> None:
    """Who is in the child's life, one by one, and what points at them."""
    case, known = amira
    (kim,) = client.get(f"/v1/cases/{case}/people", headers=known).json()["people"]
    alone = client.get(f"/v1/cases/{case}/people/kim").json()

    assert (kim["name"], kim["relationship"], kim["until"]) == ("Kim", "CARER", "2026-04-01")
    assert alone["person"] == kim
    assert "parting" in [each["ref"] for each in alone["about"]]
    assert client.get(f"/v1/cases/{case}/people/said").status_code == 404
    assert client.get(f"/v1/cases/{case}/people/kim", params={"as_of": "2020-01-01"}).status_code == 404


@pytest.mark.parametrize("then", [False, True])
def test_decisions_of_all_children(
    client: TestClient,
    then: bool,  # noqa: FBT001 - drawn
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Page by page, each decision once, those of a class only where that is asked for; and as the record stood."""
    monkeypatch.setattr(decisions, "CASES_AT_ONCE", 2)
    wrote: Any = None
    for child in range(5):
        case = client.post("/v1/cases", json=command_example("open_case") | {"local_id": f"c{child}"}).json()["case_id"]
        for nth in range(child):
            body = command_example("decide_education") | {"ref": f"d{nth}"}
            wrote = client.post(f"/v1/cases/{case}/commands", json=body)
        wrote = client.post(f"/v1/cases/{case}/commands", json=command_example("decide_leaving_care"))
    asked: dict[str, Any] = {"as_of": wrote.json()["recorded_at"]} if then else {}
    known = {"Beforehand-At-Least": wrote.headers["beforehand-position"]}
    client.post(f"/v1/cases/{case}/commands", json=command_example("decide_education") | {"ref": "later"})

    def every(**more: Any) -> list[tuple[str, str]]:
        found, after = [], None
        while True:
            params = {**asked, **more, "limit": 2, **({"after": after} if after else {})}
            page = client.get("/v1/decisions", params=params, headers=known).json()
            found += [(each["case_id"], each["decision"]) for each in page["decisions"]]
            after = page["next"]
            if after is None:
                return found

    everything = every()
    if not then:
        everything = [each for each in everything if each[1] != "later"]
    assert len(everything) == len(set(everything)) == 15
    assert [case for case, _ in everything] == sorted(case for case, _ in everything)
    assert every(**{"class": "MET"}) == []
    assert set(everything) <= set(every(**{"class": ["NOT_MET", "NOT_YET_DUE", "NOT_APPLICABLE"]}))
    case, ref = everything[0]
    assert client.get(f"/v1/cases/{case}/decisions/{ref}").status_code == 200
