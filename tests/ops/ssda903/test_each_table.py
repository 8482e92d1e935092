"""Each table of the return becomes facts, and nothing of a row is lost."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case.decision import DecisionMade
from domain.dates import civil
from domain.rules import pack_pinned
from domain.voice.question import ask
from domain.voice.verdict import Flag, Verdict

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
MINA = HEADER + "11,F,03/05/2014,MWBA,A123456789012,0,\n"
STORY = EPISODES + (
    "11,04/11/2019,S,V2,N1,U6,PR1,02/12/2019,X1,,ZZ1 1ZZ,ZZ2 2ZZ,SC123456\n"
    "11,02/12/2019,L,C1,N1,U6,PR1,15/07/2020,X1,CHILD,ZZ1 1ZZ,ZZ2 2ZZ,SC123456\n"
    "11,15/07/2020,P,C1,N1,K2,PR4,,,,ZZ1 1ZZ,ZZ3 3ZZ,1234567\n"
)


def test_the_header_opens_the_case_and_says_who_the_child_is(returned: Any) -> None:
    """Identifier, birth, sex, ethnic group, pupil number and motherhood; the return has no name."""
    balance = returned.bring_in({"h.csv": MINA})

    assert (balance.children, sum(balance.facts.values())) == (1, 2)
    opening = returned.fact("opening")
    assert opening == {"child": "Child 11", "born": "2014-05-03", "jurisdiction": "england", "local_id": "11"}
    assert returned.fact("child-2026") == {
        "sex": "F", "ethnicity": "MWBA", "upn": "A123456789012", "mother": False,
    }  # fmt: skip


def test_where_it_comes_from_is_said(returned: Any) -> None:
    """The return and its year, the table and the key, no more trust than it deserves."""
    returned.bring_in({"h.csv": MINA, "e.csv": STORY})

    by = returned.case().facts["move-2020-07-15"].fact.by
    assert by.provenance is not None
    assert by.provenance.model_dump(mode="json", exclude_none=True) == {
        "system": "SSDA903 return 2025-26", "grade": "C", "source_id": "Episodes 2020-07-15", "effects_only": True,
    }  # fmt: skip


def test_episodes_become_themselves_and_the_decisions_they_follow_from(returned: Any) -> None:
    """The start of care, an order, a move for the reason on the episode before it; every field of the row is kept."""
    balance = returned.bring_in({"h.csv": MINA, "e.csv": STORY})

    assert balance.told == []
    assert returned.fact("opening")["looked_after_from"] == "2019-11-04"
    assert returned.fact("episode-2019-11-04") == {
        "began": "2019-11-04", "new_because": "S", "legal_status": "V2", "category_of_need": "N1", "place": "U6",
        "provider": "PR1", "urn": "SC123456", "home_postcode": "ZZ1 1ZZ", "placement_postcode": "ZZ2 2ZZ",
    }  # fmt: skip
    assert returned.fact("episode-end-2019-12-02") == {
        "episode": "episode-2019-12-02", "ended": "2020-07-15", "next_begins": True, "reason_place_change": "CHILD",
    }  # fmt: skip
    legal = [returned.fact(f"legal-{day}") for day in ("2019-11-04", "2019-12-02")]
    assert [(each["step"], each["legal_status"], each["effective"]) for each in legal] == [
        ("AGREED", "V2", "2019-11-04"),
        ("MADE", "C1", "2019-12-02"),
    ]
    moves = [returned.fact(f"move-{day}") for day in ("2019-11-04", "2020-07-15")]
    assert [(each["kind"], each["place"], each.get("reason_place_change"), each["urgency"]) for each in moves] == [
        ("PLACEMENT_FIRST", "U6", None, "NOT_STATED"),
        ("PLACEMENT_MOVE_UNPLANNED", "K2", "CHILD", "UNPLANNED"),
    ]
    assert {each.TOPIC for each in returned.facts()} >= {"episode.began", "episode.ended"}
    assert "move-2019-12-02" not in returned.case().facts


def test_no_move_of_a_return_is_shown_as_decided_on_some_day(returned: Any) -> None:
    """The day of the decision is unknown; no view is on record; that the child asked is a finding."""
    balance = returned.bring_in({"h.csv": MINA, "e.csv": STORY})

    case = returned.case()
    known = case.evidence.known_at(civil(case.recorded_at))  # type: ignore[arg-type]
    answers = {}
    for ref, decision in known.decisions.items():
        fact = case.facts[ref].fact
        assert isinstance(fact, DecisionMade)
        assert fact.decided is None
        answers[ref] = ask(decision, known, pack_pinned(fact.by.rule_pack))
    assert {answer.verdict for answer in answers.values()} == {Verdict.NO_VIEW_RECORDED}
    assert all(Flag.DECISION_DATE_UNKNOWN in answer.flags for answer in answers.values())
    assert [ref for ref, answer in answers.items() if Flag.CHILD_ASKED_NO_VIEW in answer.flags] == ["move-2020-07-15"]
    assert balance.asked_no_view == 1


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ("11,15/07/2020,P,C1,N1,T3,,,,,,ZZ3 3ZZ,", "PLACEMENT_TEMPORARY"),
        ("11,15/07/2020,T,C1,N1,U4,PR1,,,,,ZZ2 2ZZ,SC123456", "PLACEMENT_STATUS_ONLY"),
        ("11,15/07/2020,P,C1,N1,P1,PR0,,,,,ZZ3 3ZZ,", "PLACEMENT_WITH_PARENTS"),
        ("11,15/07/2020,P,C1,N1,K3,PR4,,,,,ZZ3 3ZZ,1234567", "MOVE_TO_SUPPORTED_ACCOMMODATION"),
        ("11,15/07/2020,P,C1,N1,U4,PR4,,,,,ZZ3 3ZZ,1234567", "PLACEMENT_MOVE"),
    ],
)
def test_a_move_is_of_the_kind_the_codes_say(returned: Any, last: str, kind: str) -> None:
    """A short stay, another name for one home, parents, support; planned or not only where said."""
    first = "11,04/11/2019,S,C1,N1,U6,PR1,15/07/2020,X1,,,ZZ2 2ZZ,SC123456\n"

    returned.bring_in({"h.csv": MINA, "e.csv": EPISODES + first + last + "\n"})

    assert returned.fact("move-2020-07-15")["kind"] == kind


def test_a_locked_home_is_also_about_freedom(returned: Any) -> None:
    """Secure accommodation raises the matter of liberty with that of the home."""
    row = "11,04/11/2019,S,C1,N1,K1,PR1,,,,,ZZ2 2ZZ,SC123456\n"

    returned.bring_in({"h.csv": MINA, "e.csv": EPISODES + row})

    assert set(returned.fact("move-2019-11-04")["matters"]) >= {"placement", "liberty"}


def test_coming_back_from_a_short_stay_is_no_decision(returned: Any) -> None:
    """The episode tells of it; nobody decided anew where the child lives."""
    rows = (
        "11,04/11/2019,S,C1,N1,U6,PR1,05/08/2020,X1,,,ZZ2 2ZZ,SC123456\n"
        "11,05/08/2020,P,C1,N1,T3,,10/08/2020,X1,,,ZZ3 3ZZ,\n"
        "11,10/08/2020,P,C1,N1,U6,PR1,,,,,ZZ2 2ZZ,SC123456\n"
    )

    balance = returned.bring_in({"h.csv": MINA, "e.csv": EPISODES + rows})

    assert balance.told == []
    assert "episode-2020-08-10" in returned.case().facts
    assert [fact.ref for fact in returned.case().all(DecisionMade)] == [
        "legal-2019-11-04", "move-2019-11-04", "move-2020-08-05"
    ]  # fmt: skip


def test_leaving_care_closes_the_case_and_coming_back_opens_it(returned: Any) -> None:
    """REC says how it ended; a later S begins again."""
    rows = (
        "11,04/11/2019,S,V2,N1,U6,PR1,05/08/2020,E4A,,,ZZ2 2ZZ,SC123456\n"
        "11,10/02/2021,S,V2,N1,U6,PR1,,,,,ZZ2 2ZZ,SC123456\n"
    )

    returned.bring_in({"h.csv": MINA, "e.csv": EPISODES + rows})

    assert returned.fact("closing-2020-08-05") == {"ended": "2020-08-05", "reason": "E4A"}
    assert returned.fact("reopening-2021-02-10") == {"again_from": "2021-02-10"}
    assert returned.case().open


# ruff: noqa: ISC004 - a table is one text
TABLES: list[tuple[str, dict[str, dict[str, Any]]]] = [
    ("CHILD,DOB,REVIEW,REVIEW_CODE\n11,03/05/2014,04/03/2026,PN5\n",
     {"review-2026-03-04": {"held": "2026-03-04", "participation": "PN5"}}),
    ("CHILD,SEX,DOB,DUC\n11,F,03/05/2014,03/05/2032\n", {"unaccompanied": {"until": "2032-05-03"}}),
    ("CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK,IMMUNISATIONS,TEETH_CHECK,HEALTH_ASSESSMENT,"
     "SUBSTANCE_MISUSE,INTERVENTION_RECEIVED,INTERVENTION_OFFERED\n11,03/05/2014,14,,0,,1,0,1,1,0,1\n",
     {"health-2026-03-31": {
         "year_to": "2026-03-31", "sdq_score": 14, "convicted": False, "immunisations": True, "teeth_check": False,
         "health_assessment": True, "substance_misuse": True, "intervention_received": False,
         "intervention_offered": True}}),
    ("CHILD,DOB,IN_TOUCH,ACTIV,ACCOM\n11,03/05/2014,YES,F2,Z1\n",
     {"care-leaver-2026-03-31": {
         "year_to": "2026-03-31", "in_touch": "YES", "activity": "F2", "lives_in": "Z", "suitable": True}}),
    ("CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR\n"
     "11,03/05/2014,01/02/2025,03/03/2025,1,2,FF,L12\n",
     {"adoption-2025-03-03": {
         "best_interests": "2025-02-01", "matched": "2025-03-03", "by_foster_carer": True, "adopters": 2,
         "adopter_sex": "FF", "adopter_status": "L12"}}),
    ("CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM\n11,03/05/2014,P2,330,zz/05/2019\n",
     {"permanence-before": {"permanence": "P2", "authority": "330", "since": "2019-05"}}),
    ("CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM\n11,03/05/2014,P1,,zz/zz/2019\n",
     {"permanence-before": {"permanence": "P1", "since": "2019"}}),
    ("CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM\n11,03/05/2014,P4,,zz/zz/zzzz\n",
     {"permanence-before": {"permanence": "P4"}}),
    ("CHILD,DOB,MISSING,MIS_START,MIS_END\n11,03/05/2014,A,01/09/2025,02/09/2025\n",
     {"missing-2025-09-01": {"since": "2025-09-01", "missing": "A"},
      "missing-end-2025-09-01": {"absence": "missing-2025-09-01", "back": "2025-09-02"}}),
    ("CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\n11,03/05/2014,SW7,01/06/2025,09/06/2025,CHCHAN\n",
     {"social-worker-SW7": {"name": "Social worker SW7", "relationship": "SOCIAL_WORKER"},
      "worker-end-2025-06-01": {"change": "worker-2025-06-01", "stopped": "2025-06-09"}}),
    ("CHILD,DOB,DOLO_START,DOLO_END\n11,03/05/2014,01/05/2026,02/08/2026\n",
     {"liberty-end-2026-05-01": {"restriction": "liberty-2026-05-01", "ended": "2026-08-02"}}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "facts"), TABLES, ids=[table.partition("\n")[0][:30] for table, _ in TABLES])
def test_a_row_becomes_its_facts(returned: Any, table: str, facts: dict[str, dict[str, Any]]) -> None:
    """Every column is in a field, with its precision."""
    balance = returned.bring_in({"h.csv": MINA, "t.csv": table})

    assert returned.faults(balance) == []
    for ref, said in facts.items():
        assert {name: value for name, value in returned.fact(ref).items() if value != []} == said
    assert returned.bring_in().facts == {}


def test_a_new_worker_the_child_asked_for(returned: Any) -> None:
    """The change of worker keeps its reason and names who it was before."""
    table = (
        "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\n11,03/05/2014,SW7,01/06/2025,09/06/2025,FCONTA\n"
        "11,03/05/2014,SW8,09/06/2025,,CHCHAN\n"
    )

    returned.bring_in({"h.csv": MINA, "t.csv": table})

    change = returned.fact("worker-2025-06-09")
    assert (change["person"], change["previous"], change["sw_reason"]) == (
        "social-worker-SW8", "social-worker-SW7", "CHCHAN",
    )  # fmt: skip


def test_the_plan_for_adoption_has_a_day_of_decision(returned: Any) -> None:
    """DATE_PLACED is when it was decided, a decision like any other; giving it up is another, with its reason."""
    table = "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED\n11,03/05/2014,28/05/2024,01/02/2025,RD3\n"

    returned.bring_in({"h.csv": MINA, "t.csv": table})

    plan, end = returned.fact("adoption-plan-2024-05-28"), returned.fact("adoption-plan-end-2024-05-28")
    assert (plan["plan"], plan["decided"]) == (["ADOPTION"], "2024-05-28")
    assert (end["previous_plan"], end["decided"], end["adoption_given_up"]) == (["ADOPTION"], "2025-02-01", "RD3")
    provenance = returned.case().facts["adoption-plan-2024-05-28"].fact.by.provenance
    assert provenance is not None
    assert provenance.effects_only is None


@pytest.mark.parametrize(("sex", "means"), [("1", "M"), ("2", "F"), ("M", "M"), ("F", "F"), ("U", "U"), ("f", "F")])
def test_both_codings_of_sex(returned: Any, sex: str, means: str) -> None:
    """1 and 2 of older returns, M, F and U of newer ones."""
    returned.bring_in({"h.csv": HEADER + f"11,{sex},03/05/2014,WBRI,,,\n"})

    assert returned.fact("child-2026")["sex"] == means


@pytest.mark.parametrize(
    ("year", "place", "noted"),
    [("2024-25", "Z11", True), ("2025-26", "Z11", False), ("2025-26", "Z1", True), ("2017-18", "Z1", False)],
)
def test_a_code_of_another_year_is_taken_in_and_noted(returned: Any, year: str, place: str, *, noted: bool) -> None:
    """Codes come and go; one out of its time is a remark, never a guess."""
    row = f"11,04/11/2016,S,C1,N1,{place},,,,,,ZZ2 2ZZ,\n"

    balance = returned.bring_in({f"{year}/h.csv": HEADER + "11,,03/05/2014,WBRI,,,\n", f"{year}/e.csv": EPISODES + row})

    assert returned.fact("move-2016-11-04")["place"] == place
    assert ("code_of_another_year" in {code for _, _, code in returned.remarks(balance)}) is noted


def test_a_participation_code_is_never_a_view(returned: Any) -> None:
    """How a child took part in a meeting says nothing of what the child thought about anything."""
    reviews = "CHILD,DOB,REVIEW,REVIEW_CODE\n" + "".join(
        f"11,03/05/2014,{month:02}/03/2026,PN{code}\n" for month, code in enumerate(range(1, 8), start=1)
    )

    returned.bring_in({"h.csv": MINA, "r.csv": reviews})

    assert returned.case().evidence.views == {}
    assert len(returned.facts()) == 9
