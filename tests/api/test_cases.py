"""The JSON doors: open, record, read; problems that say how to mend them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from domain.case.registry import COMMANDS

Record = Callable[..., Any]


def told(answer: Any, status: int, code: str) -> Any:
    """Check that an answer is a problem by the book, and give it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert body["detail"].endswith((".", "?"))
    return body


class TestTheMainJob:
    """From a view to an answered decision."""

    def test_a_decision_is_answered(
        self, client: TestClient, open_case: Callable[..., str], record: Record, settled: Any
    ) -> None:
        """Open, introduce, ask, decide, tell: the timeline has it in order, with both answers and the evidence."""
        case = open_case(looked_after_from="2025-03")
        record(case, "introduce_person", ref="jo", name="Jo", relationship="CARER", since="2025")
        record(
            case,
            "record_view",
            ref="v1",
            matters=["placement"],
            expressed="2026-03-04",
            own_words=[{"words": "I like Jo's dog"}],
            provenance={"system": "Mosaic", "author": "A Worker", "recorded": "2026-03-05", "grade": "A"},
        )
        done = record(
            case,
            "decide_placement_move",
            kind="PLACEMENT_MOVE_PLANNED",
            matters=["placement"],
            decided="2026-03-10",
            effective="2026-03-20",
            views=["v1"],
            weight="DEPARTED",
            departure_reasons="Jo is moving away",
            carer="jo",
        )
        assert done["refs"] == ["decision-4"]
        record(case, "tell_child", decision="decision-4", told="2026-03-12", reasons="We talked about it")

        state = settled(case, 5)
        assert state["child"] == "Mina"
        assert state["current"]["placement"]["ref"] == "decision-4"
        timeline = client.get(f"/v1/cases/{case}/timeline").json()
        assert [entry["ref"] for entry in timeline["entries"]] == ["jo", "case-1", "v1", "decision-4", "telling-5"]
        assert timeline["entries"][2]["age"] == "10"
        decision = client.get(f"/v1/cases/{case}/decisions/decision-4").json()
        now = decision["voice"]["now"]
        assert (now["verdict"], now["class"]) == ("RECORDED_BEFORE_DECISION", "MET")
        assert (now["influence"], now["feedback"]) == ("DEPARTED_REASONED", "TOLD_WITH_REASONS")
        assert [entry["ref"] for entry in decision["evidence"]] == ["v1"]
        assert [entry["ref"] for entry in decision["about"]] == ["telling-5"]
        assert decision["voice"]["at_effect"]["verdict"] == "PENDING"
        assert decision["voice"]["differs"] is True

    def test_the_record_as_it_stood(
        self, client: TestClient, open_case: Callable[..., str], record: Record, settled: Any
    ) -> None:
        """Every read takes `as_of`: what was recorded later is not there, and before the opening nothing is."""
        case = open_case()
        first = record(case, "record_visit", visited="2026-02-01", seen_alone="YES")
        record(case, "record_visit", visited="2026-02-02", seen_alone="YES")
        settled(case, 3)
        moment = first["recorded_at"]

        for path in (f"/v1/cases/{case}", f"/v1/cases/{case}/timeline"):
            told(client.get(path, params={"as_of": "2020-01-01"}), 404, "not_here")
        then = client.get(f"/v1/cases/{case}/timeline", params={"as_of": moment}).json()
        assert [entry["ref"] for entry in then["entries"]] == ["visit-2", "case-1"]
        assert client.get(f"/v1/cases/{case}", params={"as_of": moment}).json()["version"] == 2

    @pytest.mark.parametrize("order", ["oldest", "newest"])
    def test_pages_of_a_timeline_join_without_gap_or_repeat(
        self, client: TestClient, open_case: Callable[..., str], record: Record, settled: Any, order: str
    ) -> None:
        """Following `next` gives every entry once, in one order, whatever the size of the page."""
        case = open_case(looked_after_from="2026-01")
        for nth, day in enumerate((5, 3, 3, 9, 1, 3, 7, 2, 2, 8)):
            record(case, "record_visit", visited=f"2026-02-0{day}", seen_alone="YES", ref=f"visit.{nth}")
        settled(case, 11)
        whole = client.get(f"/v1/cases/{case}/timeline", params={"order": order}).json()["entries"]

        pieces: list[Any] = []
        after: str | None = None
        while after is not None or not pieces:
            page = client.get(
                f"/v1/cases/{case}/timeline",
                params={"order": order, "limit": 2, **({"after": after} if after else {})},
            ).json()
            pieces += page["entries"]
            after = page["next"]
        assert pieces == whole
        assert len(whole) == 11


class TestIdempotency:
    """A request sent twice."""

    def test_the_first_answer_comes_back(self, client: TestClient, open_case: Callable[..., str], settled: Any) -> None:
        """The same key again: nothing is recorded twice, and the same references come back."""
        case = open_case()
        send = {
            "url": f"/v1/cases/{case}/commands",
            "json": {"do": "record_visit", "visited": "2026-02-01", "seen_alone": "YES"},
            "headers": {"Idempotency-Key": "visit-of-the-first"},
        }

        first, second = client.post(**send), client.post(**send)

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["refs"] == second.json()["refs"]
        assert settled(case, 2)["version"] == 2

    def test_a_case_is_opened_once(self, client: TestClient) -> None:
        """Opening with the same key again gives the same case."""
        send = {
            "url": "/v1/cases",
            "json": {"do": "open_case", "child": "Mina"},
            "headers": {"Idempotency-Key": "the-opening-of-mina"},
        }

        first, second = client.post(**send), client.post(**send)

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["case_id"] == second.json()["case_id"]


class TestProblems:
    """What bad requests get."""

    def test_refusals_say_how_to_mend_them(
        self, client: TestClient, open_case: Callable[..., str], record: Record
    ) -> None:
        """A rule of the record answers with its code, its sentence and the field."""
        case = open_case()
        record(case, "record_view", ref="v1", matters=["placement"], expressed="2026-03-14", account="Stay")
        body = {
            "do": "decide_placement_move",
            "kind": "PLACEMENT_MOVE_PLANNED",
            "decided": "2026-03-10",
            "views": ["v1"],
        }

        problem = told(client.post(f"/v1/cases/{case}/commands", json=body), 409, "view_not_visible")

        assert problem["errors"][0]["field"] == "views"
        assert "reconfirm_decision" in problem["detail"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"do": "record_visit", "visited": "2026-13-01", "seen_alone": "YES"}, "record_visit.visited"),
            ({"do": "record_visit", "visited": "2026-01-01", "seen_alone": "MAYBE"}, "record_visit.seen_alone"),
            ({"do": "record_visit", "visited": "2026-01-01", "seen_alone": "YES", "secret": 1}, "record_visit.secret"),
            ({"do": "record_visit"}, "record_visit.visited"),
            ({"do": "fly"}, "body"),
            ({}, "body"),
        ],
        ids=["no such date", "wrong code", "unknown field", "missing", "unknown command", "no command"],
    )
    def test_each_field_that_is_wrong_is_named(
        self, client: TestClient, open_case: Callable[..., str], body: Any, field: str
    ) -> None:
        """A body that does not fit is answered with the place and the mend of every fault."""
        problem = told(client.post(f"/v1/cases/{open_case()}/commands", json=body), 422, "invalid")

        assert field in [error["field"] for error in problem["errors"]]
        assert all(error["message"].endswith((".", "?")) or error["message"] for error in problem["errors"])

    def test_a_body_that_is_not_json(self, client: TestClient, open_case: Callable[..., str]) -> None:
        """Broken JSON is said to be that."""
        case = open_case()
        for body in (b"{", b"\xff\xfe", b""):
            answer = client.post(
                f"/v1/cases/{case}/commands", content=body, headers={"content-type": "application/json"}
            )
            assert answer.status_code in (400, 422), answer.text
            assert answer.headers["content-type"] == "application/problem+json"

    def test_unknown_things_look_alike(self, client: TestClient, open_case: Callable[..., str], anywhere: str) -> None:
        """A case, a decision, an address that is not there: one answer, word for word."""
        case = open_case()
        answers = [
            client.get(f"/v1/cases/{anywhere}"),
            client.get(f"/v1/cases/{anywhere}/timeline"),
            client.get(f"/v1/cases/{case}/decisions/nowhere"),
            client.get("/v1/nothing"),
            client.post(f"/v1/cases/{anywhere}/commands", json={"do": "make_promise", "promised": "2026", "what": "x"}),
        ]

        assert len({answer.text for answer in answers}) == 1
        told(answers[0], 404, "not_here")

    @pytest.mark.parametrize(
        ("parameter", "value"),
        [
            ("as_of", "yesterday"),
            ("as_of", "2026-02-30"),
            ("after", "%%%"),
            ("after", "2026-01-01T00:00:00_" + "9" * 30),
            ("limit", "0"),
        ],
    )
    def test_bad_parameters(
        self, client: TestClient, open_case: Callable[..., str], parameter: str, value: str
    ) -> None:
        """A parameter that cannot be read is named."""
        answer = client.get(f"/v1/cases/{open_case()}/timeline", params={parameter: value})

        assert answer.status_code in (409, 422)
        assert answer.json()["errors"][0]["field"] == parameter

    @pytest.mark.parametrize("header", ["somebody", "KING:x", "IRO:", "IRO:a b", "IRO:" + "x" * 100])
    def test_a_header_that_names_no_actor(self, client: TestClient, header: str) -> None:
        """Who asks is read by one seam, and a header it cannot read is refused."""
        answer = client.post(
            "/v1/cases", json={"do": "open_case", "child": "Mina"}, headers={"Beforehand-Actor": header}
        )

        told(answer, 400, "bad_actor")

    def test_the_actor_is_recorded(self, client: TestClient, settled: Any) -> None:
        """Who recorded something, and in what role, stands with it."""
        answer = client.post(
            "/v1/cases", json={"do": "open_case", "child": "Mina"}, headers={"Beforehand-Actor": "TEAM_MANAGER:m.1"}
        )
        case = answer.json()["case_id"]
        settled(case, 1)

        by = client.get(f"/v1/cases/{case}/timeline").json()["entries"][0]["body"]["by"]
        assert (by["actor"], by["role"]) == ("m.1", "TEAM_MANAGER")


def test_the_interface_describes_every_command(client: TestClient) -> None:
    """OpenAPI names every command of the registry with its own schema."""
    described = client.get("/openapi.json").json()

    names = {kind.__name__ for kind in COMMANDS.values()}
    assert len(names) > 40
    assert names <= set(described["components"]["schemas"])


def test_lists_of_cases_page(client: TestClient, open_case: Callable[..., str], settled: Any) -> None:
    """Following `next` gives every case once, in the order in which they were opened."""
    opened = [open_case(child=f"Child {n}") for n in range(5)]
    settled(opened[-1], 1)

    listed: list[str] = []
    after: str | None = None
    while after is not None or not listed:
        page = client.get("/v1/cases", params={"limit": 2, **({"after": after} if after else {})}).json()
        listed += [case["case_id"] for case in page["cases"]]
        after = page["next"]
    assert listed == opened


def test_corrected_names_and_births_are_used_everywhere(
    client: TestClient, open_case: Callable[..., str], record: Record, settled: Any
) -> None:
    """A name put right is what everybody is called from then on, and ages follow the birth as corrected."""
    case = open_case(child="Mina", born="2015-06-01")
    record(case, "introduce_person", ref="jo", name="Jo", relationship="CARER", since="2025-01-01")
    said = {"reason": "Typed wrong", "requested_by": "CHILD"}
    before = record(case, "correct_record", of="case-1", field="child", to="Minna", **said)
    record(case, "correct_record", of="case-1", field="born", to="2014-06-01", **said)
    record(case, "correct_record", of="jo", field="name", to="Joanna", **said)

    now = settled(case, 5)
    listed = client.get("/v1/cases").json()["cases"]
    then = client.get(f"/v1/cases/{case}", params={"as_of": before["recorded_at"]}).json()

    assert (now["child"], now["state"]["born"], now["people"][0]["name"]) == ("Minna", "2014-06-01", "Joanna")
    assert [each["child"] for each in listed] == ["Minna"]
    assert (then["child"], then["state"]["born"], then["people"][0]["name"]) == ("Minna", "2015-06-01", "Jo")
    assert client.get(f"/v1/cases/{case}/timeline").json()["entries"][0]["age"] == "10"


def test_the_list_as_it_stood(client: TestClient, open_case: Callable[..., str], record: Record, settled: Any) -> None:
    """A list of the past has the cases that had been opened by then, as they stood then."""
    first = open_case(child="Mina")
    moment = record(first, "record_visit", visited="2026-02-01", seen_alone="YES")["recorded_at"]
    record(first, "decide_legal_status", step="MADE", legal_status="C2", decided="2026-03-01", matters=["legal"])
    second = open_case(child="Noor")
    settled(first, 3)
    settled(second, 1)

    now, then = (client.get("/v1/cases", params=each).json()["cases"] for each in ({}, {"as_of": moment}))

    assert [(case["child"], case["version"], case["classes"]) for case in now] == [
        ("Mina", 3, {"NOT_MET": 1}),
        ("Noor", 1, {}),
    ]
    assert [(case["child"], case["version"], case["classes"]) for case in then] == [("Mina", 2, {})]


@pytest.mark.parametrize(("path", "page"), [("/nothing", True), ("/cases/none", True), ("/v1/nothing", False)])
def test_somebody_at_a_browser_gets_a_page(client: TestClient, path: str, page: bool) -> None:  # noqa: FBT001 - drawn
    """What is not there is said on a page to a browser, and as a problem to a program."""
    browser = client.get(path, headers={"accept": "text/html,*/*"})
    program = client.get(path, headers={"accept": "application/json"})

    assert browser.status_code == program.status_code == 404
    assert browser.headers["content-type"].startswith("text/html" if page else "application/problem+json")
