"""
Someone on the child's side, and promises made to the child.

Sources: Children Act 1989 s 26A (advocacy); National Standards for Children's Advocacy Services 2002. Promises have no
statute: children remember them, so the record does.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Name, Narrative, Part, Ref, Stamp
from domain.case.refusal import DatesRefused, NotThereRefused
from domain.case.state import Case
from domain.dates import PartialDate


class Offer(Part):
    """An offer of an advocate."""

    offered: PartialDate
    offered_by: Name | None = None
    child_answer: Literal["ACCEPTED", "DECLINED", "NO_ANSWER"] = "NO_ANSWER"
    note: Narrative | None = None


class AdvocateOffered(Offer, Fact, topic="advocate.offered", phrase="The child was offered an advocate"):
    """The child was offered an advocate."""

    DATED = "offered"
    REF_PREFIX = "offer"


class OfferAdvocate(Offer, Command, records=AdvocateOffered):
    """Record that the child was offered an advocate, and what the child answered."""

    do: Literal["offer_advocate"] = "offer_advocate"


class Engagement(Part):
    """An advocate at work."""

    engaged: PartialDate
    advocate: Name | None = None
    arranged_by: Literal["AUTHORITY", "CHILD", "OTHER"] = Field(description="Who found the advocate or solicitor.")
    note: Narrative | None = None


class AdvocateEngaged(Engagement, Fact, topic="advocate.engaged", phrase="Somebody took the child's side"):
    """An advocate or a solicitor began to act for the child."""

    DATED = "engaged"
    REF_PREFIX = "advocacy"


class EngageAdvocate(Engagement, Command, records=AdvocateEngaged):
    """Record that an advocate or a solicitor began to act for the child."""

    do: Literal["engage_advocate"] = "engage_advocate"


class Promise(Part):
    """What was promised to the child."""

    promised: PartialDate
    what: Narrative = Field(description="The promise, as the child heard it.")
    promised_by: Name | None = None
    due: PartialDate | None = None


class PromiseMade(Promise, Fact, topic="promise.made", phrase="Somebody made the child a promise"):
    """A promise was made to the child."""

    DATED = "promised"
    REF_PREFIX = "promise"


class MakePromise(Promise, Command, records=PromiseMade):
    """Record a promise made to the child."""

    do: Literal["make_promise"] = "make_promise"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a promise due before it was made."""
        case.must_exist()
        if self.due and self.due.before(self.promised):
            raise DatesRefused("`due` lies before the promise was made. Check both dates.", field="due")


class Settlement(Part):
    """What became of a promise."""

    promise: Ref
    settled: PartialDate
    kept: bool
    what: Narrative | None = Field(default=None, description="What happened, or why it could not be kept.")


class PromiseSettled(Settlement, Fact, topic="promise.settled", phrase="A promise was kept, or was not"):
    """A promise was kept or not kept."""

    DATED = "settled"
    REF_PREFIX = "settlement"

    @property
    def about(self) -> tuple[str, ...]:
        """The promise."""
        return (self.promise,)

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Settle the promise."""
        case.answered[self.promise] = self.ref


class SettlePromise(Settlement, Command, records=PromiseSettled):
    """Record whether a promise was kept."""

    do: Literal["settle_promise"] = "settle_promise"

    def check(self, case: Case, act: Act) -> None:
        """Refuse settling what was never promised, twice, or before it was made."""
        case.must_exist()
        promise = case.find(PromiseMade, self.promise, field="promise")
        if (settled := case.answered.get(self.promise)) is not None:
            raise NotThereRefused(
                f"What became of {self.promise} is on record already, as {settled}. Correct that entry if it is wrong."
            )
        if self.settled.before(promise.promised):
            raise DatesRefused("`settled` lies before the promise was made. Check both dates.", field="settled")
