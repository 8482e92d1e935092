"""
Giving a copy of the record away: that it was given, to whom, and what was left out of it for which reason.

The copy proves itself: it ends with this entry, so that nothing can stand behind it that the copy keeps silent about,
and its list of what is left out is on record with it. Nobody's command records it by itself: what makes the copy does.
Sources: UK GDPR art 15; Data Protection Act 2018, Schedules 2 and 3 (what may be left out).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from domain.case.command import Act, Command
from domain.case.fact import Fact, Part, Ref
from domain.case.refusal import AlreadyRecordedRefused, KeyReusedRefused, MovedRefused
from domain.case.state import Case
from domain.codes import Exemption
from domain.dates import PartialDate, up_to
from domain.rules import pack_in_force

Digest = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]

BASES: Final = {
    Exemption.THIRD_PARTY: "Data Protection Act 2018, Schedule 2, paragraph 16",
    Exemption.CRIME: "Data Protection Act 2018, Schedule 2, paragraph 2",
    Exemption.LEGAL_ADVICE: "Data Protection Act 2018, Schedule 2, paragraph 19",
    Exemption.REFERENCE: "Data Protection Act 2018, Schedule 2, paragraph 24",
    Exemption.COURT: "Data Protection Act 2018, Schedule 3, paragraphs 3, 9 and 18",
    Exemption.IN_CONFIDENCE: "Data Protection Act 2018, Schedule 3, paragraphs 4 and 10",
    Exemption.HEALTH_HARM: "Data Protection Act 2018, Schedule 3, paragraph 5",
    Exemption.SOCIAL_WORK_HARM: "Data Protection Act 2018, Schedule 3, paragraph 11",
    Exemption.EDUCATION_HARM: "Data Protection Act 2018, Schedule 3, paragraph 19",
    Exemption.CHILD_ABUSE: "Data Protection Act 2018, Schedule 3, paragraph 21",
}
"""
Where each exemption stands in the law.

These and the words of the codes stand in the lists of copies that were given, whose digests are on record. So they
never change: for other words there is another code.
"""


class LeftOut(Part):
    """Pieces of the record that a copy does not give, and why."""

    exemption: Exemption = Field(description="The reason, by its code.")
    digests: tuple[Digest, ...] = Field(min_length=1, max_length=2_000, description="What stands for them.")


class Issue(Part):
    """A copy that is given."""

    recipient: Ref = Field(description="A reference to whom it is given. Never a name.", examples=["SAR-2026-014"])
    withheld: Digest = Field(description="The digest of the lists of what the copy leaves out.")
    checkpoint_size: int = Field(ge=0, description="How many entries the published log had when this was decided.")
    left_out: tuple[LeftOut, ...] = Field(default=(), max_length=20, description="What the copy leaves out, by reason.")


class DisclosureIssued(Issue, Fact, topic="disclosure.issued", phrase="A copy of this record was given to somebody"):
    """A copy of the record that proves itself was given to somebody. It holds every entry before this one."""

    DATED = "issued"
    REF_PREFIX = "copy"

    issued: PartialDate = Field(description="The day on which it was given.")
    upto: int = Field(ge=1, description="How many entries came before.")


class IssueDisclosure(Issue, Command):
    """Record that a copy is given. Only what makes the copy gives this; it is on no list of commands."""

    do: Literal["issue_disclosure"] = "issue_disclosure"

    def decide(self, case: Case, act: Act) -> list[Fact]:
        """Give the fact. The copy was made of the case as it stands, so on any other version it is refused."""
        case.must_exist()
        if (refs := case.commands.get(act.command_id)) is not None:
            held = [case.facts[ref] for ref in refs]
            first = held[0].fact
            if not isinstance(first, DisclosureIssued) or (first.recipient, first.left_out) != (
                self.recipient,
                self.left_out,
            ):
                raise KeyReusedRefused
            raise AlreadyRecordedRefused(refs, tuple(each.version for each in held))
        if act.seen is not None and case.version not in act.seen:
            raise MovedRefused(case.version)
        return [
            DisclosureIssued(
                ref=case.free_ref(DisclosureIssued.REF_PREFIX),
                by=act.by(pack_in_force(case.jurisdiction, None)),
                issued=PartialDate.on(up_to(act.at).first_day),
                upto=case.version,
                recipient=self.recipient,
                withheld=self.withheld,
                checkpoint_size=self.checkpoint_size,
                left_out=self.left_out,
            )
        ]


WRITTEN_BY_WHAT_ISSUES: Final = frozenset({DisclosureIssued.TOPIC})
"""Kinds of fact that nobody's command records by itself."""
