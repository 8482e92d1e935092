"""Recording by the book: repeats give the first answer, conditions hold at the append, answers say where they stand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

VISIT = {"do": "record_visit", "visited": "2026-02-01", "seen_alone": "YES"}
Opened = Callable[..., str]


def told(answer: Any, status: int, code: str) -> Any:
    """Check that an answer is this problem, and give it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["type"] == f"/problems/{code}"
    return answer.json()


def said(answer: Any) -> Any:
    """What an answer says, but for whether it is a replay."""
    kept = {name: answer.headers.get(name) for name in ("etag", "beforehand-position", "location", "content-type")}
    return answer.status_code, answer.content, kept


class TestRepeats:
    """A request that is sent again."""

    def test_the_first_answer_comes_back_whole(self, client: TestClient, open_case: Opened) -> None:
        """Status, body, tag and position are those of the first answer, whatever was recorded since."""
        case, key = open_case(), {"Idempotency-Key": str(uuid4())}
        first = client.post(f"/v1/cases/{case}/commands", json=VISIT, headers=key)
        client.post(f"/v1/cases/{case}/commands", json=VISIT | {"ref": "again"})

        again = client.post(f"/v1/cases/{case}/commands", json=VISIT, headers=key)

        assert said(again) == said(first)
        assert first.status_code == 201
        assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
        assert client.get(f"/v1/cases/{case}", headers=behind(first, 1)).json()["version"] == 3

    def test_an_opening_comes_back_whole(self, client: TestClient) -> None:
        """The same case, and the same address of it."""
        body, key = {"do": "open_case", "child": "Mina"}, {"Idempotency-Key": str(uuid4())}
        first, again = (client.post("/v1/cases", json=body, headers=key) for _ in range(2))

        assert said(again) == said(first)
        assert first.headers["location"] == f"/v1/cases/{first.json()['case_id']}"
        told(client.post("/v1/cases", json=body | {"child": "Noor"}, headers=key), 409, "idempotency_key_reused")

    @pytest.mark.parametrize(
        "other",
        [
            VISIT | {"visited": "2026-02-02"},
            VISIT | {"ref": "mine"},
            {"do": "make_promise", "promised": "2026", "what": "x"},
        ],
        ids=["another day", "another reference", "another command"],
    )
    def test_a_key_is_for_one_request(self, client: TestClient, open_case: Opened, other: Any) -> None:
        """The same key with anything else is refused, and nothing is recorded."""
        case, key = open_case(), {"Idempotency-Key": str(uuid4())}
        client.post(f"/v1/cases/{case}/commands", json=VISIT, headers=key)

        told(client.post(f"/v1/cases/{case}/commands", json=other, headers=key), 409, "idempotency_key_reused")
        assert client.post(f"/v1/cases/{case}/commands", json=VISIT | {"ref": "next"}).json()["version"] == 3

    def test_a_key_belongs_to_who_uses_it(self, client: TestClient, open_case: Opened) -> None:
        """Two people may use the same key without hearing of each other."""
        case, key = open_case(), {"Idempotency-Key": "monday-visit"}
        one = client.post(f"/v1/cases/{case}/commands", json=VISIT, headers=key | {"Beforehand-Actor": "IRO:one"})
        two = client.post(
            f"/v1/cases/{case}/commands", json=VISIT | {"ref": "b"}, headers=key | {"Beforehand-Actor": "IRO:two"}
        )

        assert (one.json()["version"], two.json()["version"]) == (2, 3)

    def test_many_at_once(self, client: TestClient, open_case: Opened) -> None:
        """However many arrive at the same moment, one is recorded and all get its answer."""
        case, key = open_case(), {"Idempotency-Key": str(uuid4())}
        with ThreadPoolExecutor(8) as several:
            answers = list(
                several.map(lambda _: client.post(f"/v1/cases/{case}/commands", json=VISIT, headers=key), range(16))
            )

        assert len({str(said(each)) for each in answers}) == 1
        assert [each.headers.get("idempotent-replayed") for each in answers].count(None) == 1

    @settings(max_examples=15)
    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=12))
    def test_whatever_comes_in_whatever_order(
        self, client: TestClient, open_case: Opened, sent: list[tuple[int, int]]
    ) -> None:
        """Keys and bodies in any mixture: the first body of a key counts once, its repeats are told, others refused."""
        case = open_case()
        bodies = [VISIT | {"visited": f"2026-03-0{day + 1}", "ref": f"day{day}"} for day in range(3)]
        first: dict[int, tuple[int, Any]] = {}
        taken: set[int] = set()
        for key, body in sent:
            answer = client.post(
                f"/v1/cases/{case}/commands", json=bodies[body], headers={"Idempotency-Key": f"the-key-{key}"}
            )
            if key in first:
                if first[key][0] == body:
                    assert said(answer) == first[key][1]
                else:
                    told(answer, 409, "idempotency_key_reused")
            elif body in taken:
                told(answer, 409, "duplicate")
            else:
                first[key] = (body, said(answer))
                taken.add(body)
                assert answer.json()["version"] == len(taken) + 1


class TestConditions:
    """Deciding on what one has read."""

    def test_what_has_moved_is_not_written_to(self, client: TestClient, open_case: Opened) -> None:
        """The tag of a read is good until something is recorded, whoever recorded it."""
        case = open_case()
        commands = f"/v1/cases/{case}/commands"
        tag = client.get(f"/v1/cases/{case}").headers["etag"]
        first = client.post(commands, json=VISIT, headers={"If-Match": tag})
        late = client.post(commands, json=VISIT | {"ref": "b"}, headers={"If-Match": tag})
        after = client.post(commands, json=VISIT | {"ref": "c"}, headers={"If-Match": first.headers["etag"]})

        assert (first.status_code, after.status_code) == (201, 201)
        assert "version 2" in told(late, 412, "record_moved")["detail"]
        assert late.headers["etag"] == first.headers["etag"] == '"2"'

    @pytest.mark.parametrize(
        ("condition", "status"),
        [('"1"', 201), ('"9", "1"', 201), ("*", 201), ('"9"', 412), ('W/"1"', 412), ('"one"', 412), ("1", 201),
         ('"1', 201), ("9", 412), ('"1" "2"', 400), ("one", 400), ("", 400)],
    )  # fmt: skip
    def test_conditions_are_read_by_the_book(
        self, client: TestClient, open_case: Opened, condition: str, status: int
    ) -> None:
        """Several tags, any, weak ones that never match, lost quotes, and no tag at all (RFC 9110 section 13.1.1)."""
        answer = client.post(f"/v1/cases/{open_case()}/commands", json=VISIT, headers={"If-Match": condition})

        assert answer.status_code == status, answer.text
        if status != 201:
            told(answer, status, {412: "record_moved", 400: "bad_precondition"}[status])

    def test_a_repeat_is_told_whatever_its_condition(self, client: TestClient, open_case: Opened) -> None:
        """The condition held when it was recorded; that it would not any more is its own doing."""
        case = open_case()
        head = {"If-Match": '"1"', "Idempotency-Key": str(uuid4())}
        first, again = (client.post(f"/v1/cases/{case}/commands", json=VISIT, headers=head) for _ in range(2))

        assert said(first) == said(again)

    def test_of_many_that_saw_the_same_one_is_recorded(self, client: TestClient, open_case: Opened) -> None:
        """The condition is checked where it counts, at the append: of a race there is one winner."""
        case = open_case()

        def send(nth: int) -> int:
            body = VISIT | {"ref": f"visit.{nth}"}
            return client.post(f"/v1/cases/{case}/commands", json=body, headers={"If-Match": '"1"'}).status_code

        with ThreadPoolExecutor(8) as several:
            assert sorted(several.map(send, range(8))) == [201] + [412] * 7


class TestReading:
    """Reading what one has written, and reading again what has not changed."""

    def test_one_reads_what_one_has_written(self, client: TestClient, open_case: Opened) -> None:
        """With the position of the write, every read holds it, in every kind of answer."""
        case = open_case()
        for nth in range(5):
            body = {
                "do": "decide_education",
                "kind": "EDUCATION_SCHOOL_CHANGE",
                "decided": "2026-03-10",
                "ref": f"d{nth}",
            }
            wrote = client.post(f"/v1/cases/{case}/commands", json=body)
            known = behind(wrote)
            entries = client.get(f"/v1/cases/{case}/timeline", headers=known).json()["entries"]
            assert f"d{nth}" in [entry["ref"] for entry in entries]
            assert client.get(f"/v1/cases/{case}/decisions/d{nth}", headers=known).status_code == 200
            assert client.get(f"/v1/cases/{case}", headers=known).json()["version"] == nth + 2
            assert client.get("/v1/cases", headers=known).json()["cases"][0]["version"] == nth + 2

    def test_a_position_nobody_was_given(self, client: TestClient, open_case: Opened) -> None:
        """It is said at once rather than waited for."""
        case = open_case()
        told(client.get(f"/v1/cases/{case}", headers={"Beforehand-At-Least": "999999"}), 409, "no_such_position")
        assert client.get(f"/v1/cases/{case}", headers={"Beforehand-At-Least": "-1"}).status_code == 422

    def test_what_has_not_changed_is_not_sent_again(self, client: TestClient) -> None:
        """304 for whoever has this very answer, and the whole of it once there is more."""
        opening = client.post("/v1/cases", json={"do": "open_case", "child": "Mina"})
        address = opening.headers["location"]
        first = client.get(address, headers=behind(opening))
        tag = first.headers["etag"]

        same = client.get(address, headers={"If-None-Match": f'"other", {tag}'})
        weak = client.get(address, headers={"If-None-Match": f"W/{tag}"})
        wrote = client.post(f"{address}/commands", json=VISIT)
        more = client.get(address, headers={"If-None-Match": tag} | behind(wrote))

        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        assert weak.status_code == 304
        assert (more.status_code, more.json()["version"]) == (200, 2)
        assert tag.startswith('"1.')
        assert client.get(address, headers={"If-None-Match": "nonsense"}).status_code == 400


def behind(wrote: Any, more: int = 0) -> dict[str, str]:
    """Ask to read what was written."""
    return {"Beforehand-At-Least": str(int(wrote.headers["beforehand-position"]) + more)}
