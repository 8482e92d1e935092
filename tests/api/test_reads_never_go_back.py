"""Rows follow the log by a moment, or longer; whoever reads never sees less than was seen before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from starlette.testclient import TestClient


@contextmanager
def nothing_followed(database: str, schema: str) -> Iterator[None]:
    """Hold every projection where it stands, as a rebuild does."""
    with psycopg.connect(database) as connection:
        connection.execute(SQL("SELECT FROM {}.projection FOR UPDATE").format(Identifier(schema)))
        yield


def refs(client: TestClient, case: str, **asked: str) -> set[str]:
    """What a timeline holds."""
    return {each["ref"] for each in client.get(f"/v1/cases/{case}/timeline", params=asked).json()["entries"]}


def test_every_way_of_reading_a_case_knows_all_that_was_recorded(
    client: TestClient, database: str, schema: str, open_case: Callable[..., str], record: Callable[..., Any]
) -> None:
    """A case just opened, then one whose rows are there but behind: every answer has it all."""
    with nothing_followed(database, schema):
        young = open_case()
        record(young, "record_visit", visited="2026-02-01", seen_alone="YES", ref="seen")
        assert client.get(f"/v1/cases/{young}").json()["version"] == 2
    case = open_case(looked_after_from="2025-03")
    first = record(
        case,
        "record_view",
        matters=["placement"],
        expressed="2025-03-04",
        account="Stay",
        ref="view",
        provenance={"system": "Mosaic", "recorded": "2025-03-05", "grade": "A"},
    )
    known = {"Beforehand-At-Least": str(first["position"])}
    assert client.get(f"/v1/cases/{case}", headers=known).json()["version"] == 2
    assert client.get(f"/v1/cases/{young}").json()["version"] == 2
    with nothing_followed(database, schema):
        record(
            case,
            "decide_placement_move",
            kind="PLACEMENT_MOVE_PLANNED",
            decided="2025-03-10",
            ref="move",
            views=["view"],
        )
        record(case, "tell_child", decision="move", told="2025-03-12", ref="told")
        got = client.get(f"/v1/cases/{case}")
        assert (got.json()["version"], got.json()["current"]["placement"]["ref"]) == (4, "move")
        assert got.headers["etag"].startswith('"4.')
        assert {"move", "told"} <= refs(client, case) == refs(client, case, order="newest")
        assert refs(client, case, matter="placement") >= {"view", "move"}
        years = client.get(f"/v1/cases/{case}/years").json()["years"]
        assert sum(each["entries"] for each in years) == 4
        decision = client.get(f"/v1/cases/{case}/decisions/move").json()
        assert [each["ref"] for each in decision["about"]] == ["told"]
        assert [each["ref"] for each in decision["evidence"]] == ["view"]
        page = client.get(f"/cases/{case}").text
        assert "asked 1 time" in page
        assert "1 big change on record." in page
        assert 'id="entry-told"' in page
        for address in ("decisions/move", "entries/told"):
            assert client.get(f"/cases/{case}/{address}").status_code == 200
