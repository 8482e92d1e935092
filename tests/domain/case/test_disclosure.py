"""A copy of the record is given: the entry that closes it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.case.command import Act
from domain.case.disclosure import BASES, DisclosureIssued, IssueDisclosure, LeftOut
from domain.case.fact import Role
from domain.case.refusal import AlreadyRecordedRefused, KeyReusedRefused, MovedRefused, NotOpenRefused
from domain.case.state import Case
from domain.codes import Exemption
from domain.dates import PartialDate
from ledger.mapper import Stamp

AT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
DIGEST = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
LEFT_OUT = (LeftOut(exemption=Exemption.THIRD_PARTY, digests=(DIGEST,)),)


def act(seen: int | None = None, command: UUID | None = None) -> Act:
    """Somebody who asks."""
    return Act(
        actor="r.officer",
        role=Role.RECORDS_OFFICER,
        at=AT,
        correlation_id=UUID(int=2),
        command_id=command or uuid4(),
        seen=None if seen is None else frozenset({seen}),
    )


def issue(recipient: str = "SAR-1", left_out: tuple[LeftOut, ...] = LEFT_OUT) -> IssueDisclosure:
    """A copy for somebody."""
    return IssueDisclosure(recipient=recipient, withheld=DIGEST, checkpoint_size=9, left_out=left_out)


@pytest.fixture
def case(given: Any, story: Any) -> Case:
    """A case with a few entries."""
    held: Case = given(*story[:3]).case
    return held


def test_it_says_what_came_before_it(case: Case) -> None:
    """The day, in England; how many entries the copy holds; what it leaves out and why; never a name."""
    (fact,) = issue().decide(case, act(seen=3))

    assert isinstance(fact, DisclosureIssued)
    assert (fact.upto, fact.issued, fact.ref) == (3, PartialDate.parse("2026-11-22"), "copy-4")
    assert (fact.recipient, fact.left_out, fact.withheld, fact.checkpoint_size) == ("SAR-1", LEFT_OUT, DIGEST, 9)
    assert DisclosureIssued.model_validate_json(fact.model_dump_json()) == fact


def test_it_is_for_the_case_as_it_stood(case: Case) -> None:
    """A copy made of an older version would keep silent about what came since."""
    with pytest.raises(MovedRefused):
        issue().decide(case, act(seen=2))
    with pytest.raises(NotOpenRefused):
        issue().decide(Case(UUID(int=1)), act())


def test_it_is_recorded_once(case: Case) -> None:
    """The same request again is known, whatever was recorded since; with another wish it is refused."""
    key = uuid4()
    (fact,) = issue().decide(case, act(command=key))
    case.evolve(fact, Stamp(case.version + 1, AT))

    with pytest.raises(AlreadyRecordedRefused) as known:
        issue().decide(case, act(seen=3, command=key))
    assert known.value.versions == (4,)
    for other in (issue("SAR-2"), issue(left_out=())):
        with pytest.raises(KeyReusedRefused):
            other.decide(case, act(command=key))
    assert issue().decide(case, act(seen=4))


def test_reasons_never_change() -> None:
    """Their words stand in lists whose digests are on record: for other words there is another code, added below."""
    known = ["THIRD_PARTY", "CRIME", "LEGAL_ADVICE", "REFERENCE", "COURT", "IN_CONFIDENCE", "HEALTH_HARM",
             "SOCIAL_WORK_HARM", "EDUCATION_HARM", "CHILD_ABUSE"]  # fmt: skip
    words = json.dumps([[code, Exemption(code).meaning, BASES[Exemption(code)]] for code in known])

    assert hashlib.sha256(words.encode()).hexdigest()[:16] == "25f805fc5f1a21dc"
    assert set(BASES) == set(Exemption)
