"""
The shape of a command: what somebody asks the record to take in.

`decide(case, act)` is pure. It looks at what the case holds, refuses with a sentence, or gives the facts to record.
Bodies are the same in the API, in a form and in a line of an imported file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import Field

from domain.case.fact import By, Fact, Part, Provenance, Ref, Role
from domain.case.refusal import (
    AlreadyRecordedRefused,
    DatesRefused,
    DuplicateRefused,
    KeyReusedRefused,
    MovedRefused,
    Refused,
)
from domain.case.state import Case, Held
from domain.dates import PartialDate, up_to
from domain.rules import pack_in_force
from domain.rules.pack import RulePack


@dataclass(frozen=True, slots=True)
class Act:
    """Who asks, in what role, and when; `at` is the present moment (UTC), since this room has no clock."""

    actor: str
    role: Role
    at: datetime
    correlation_id: UUID
    command_id: UUID
    on_behalf_of: str | None = None
    seen: frozenset[int] | None = None
    """The versions of the case that the asker would have this decided on; on any other, it is refused."""

    def by(self, rule_pack: RulePack, provenance: Provenance | None = None) -> By:
        """Say in a fact who recorded it, under a rule pack."""
        return By(
            actor=self.actor,
            role=self.role,
            on_behalf_of=self.on_behalf_of,
            correlation_id=self.correlation_id,
            command_id=self.command_id,
            rule_pack=rule_pack.pin,
            provenance=provenance,
        )


class Command(Part):
    """One request to record something. Subclasses name the fact they record."""

    RECORDS: ClassVar[type[Fact]]
    SOURCE_MAY_PRECEDE: ClassVar[bool] = False
    """Whether the source may be older than the world time it claims: for decisions that is a finding, not an error."""

    do: str
    ref: Ref | None = Field(default=None, description="Your own reference, unique in the case. Left out, one is given.")
    provenance: Provenance | None = Field(default=None, description="Where an imported fact comes from.")

    def __init_subclass__(cls, *, records: type[Fact] | None = None, **kwargs: Any) -> None:
        """Take the fact a command records from the class line."""
        super().__init_subclass__(**kwargs)
        if records is not None:
            cls.RECORDS = records

    def decide(self, case: Case, act: Act) -> list[Fact]:
        """Check this command against the case and give the facts to record, or raise a `Refused`."""
        if (refs := case.commands.get(act.command_id)) is not None:
            held = [case.facts[ref] for ref in refs]
            raise self._repeated(case, act, held)
        if act.seen is not None and case.version and case.version not in act.seen:
            raise MovedRefused(case.version)
        if self.ref is not None and self.ref in case.facts:
            raise DuplicateRefused(
                f"The case already has something called {self.ref}. Choose another `ref`.", field="ref"
            )
        fact = self.fact(case, act)
        self._check_dates(fact, act)
        self.check(case, act)
        if self.ref is None and (twin := case.fingerprints.get(fact.fingerprint())) is not None:
            raise DuplicateRefused(
                f"Exactly this is on record already, as {twin}. If it happened twice, give this one a `ref` of its own."
            )
        return [fact]

    def _repeated(self, case: Case, act: Act, held: Sequence[Held]) -> Refused:
        """Tell whether a command that comes again under its name is the one that was carried out, or another."""
        first = held[0].fact
        try:
            again = self.fact(case, act)
        except Refused:
            return KeyReusedRefused()
        ref = self.ref or case.free_ref(self.RECORDS.REF_PREFIX, at=held[0].version)
        same = (
            type(first) is type(again)
            and first.content() == again.content()
            and first.by.provenance == again.by.provenance
            and first.ref == ref
        )
        if not same:
            return KeyReusedRefused()
        return AlreadyRecordedRefused(tuple(each.fact.ref for each in held), tuple(each.version for each in held))

    def check(self, case: Case, act: Act) -> None:
        """Refuse what contradicts the case. The default refuses a case that is not open."""
        case.must_exist()

    def fact(self, case: Case, act: Act) -> Fact:
        """Make the fact from the fields of the command, completed by `completed`."""
        fields = {name: getattr(self, name) for name in type(self).model_fields if name not in _ENVELOPE}
        fields.update(self.completed(case))
        kind, under_rules_of = self.RECORDS, self.rules_of()
        pack = pack_in_force(self.jurisdiction_of(case), under_rules_of.first_day if under_rules_of else None)
        return kind(ref=self.ref or case.free_ref(kind.REF_PREFIX), by=act.by(pack, self.provenance), **fields)

    def completed(self, case: Case) -> dict[str, Any]:
        """Give the fields of the fact that follow from the case rather than from the command."""
        return {}

    def rules_of(self) -> PartialDate | None:
        """Give the world time whose rules apply: that of the fact."""
        return getattr(self, self.RECORDS.DATED) if self.RECORDS.DATED else None

    def jurisdiction_of(self, case: Case) -> str:
        """Give the jurisdiction of the responsible authority, whose rules apply."""
        return case.jurisdiction

    def _check_dates(self, fact: Fact, act: Act) -> None:
        """Refuse a date ahead of today, and an original recording before the thing itself."""
        today = up_to(act.at)
        when = fact.when
        if when is not None and when.after(today):
            raise DatesRefused(f"`{fact.DATED}` lies in the future. Record it when it has happened.", field=fact.DATED)
        recorded = self.provenance.recorded if self.provenance else None
        if recorded is None:
            return
        if recorded.after(today):
            raise DatesRefused(
                "`provenance.recorded` lies in the future. Give the day the source was written.", field="provenance"
            )
        if when is not None and recorded.before(when) and not self.SOURCE_MAY_PRECEDE:
            raise DatesRefused(
                f"The source says it was written on {recorded}, before `{fact.DATED}` ({when}). "
                "Check which of the two is wrong.",
                field="provenance",
            )


_ENVELOPE: Final = frozenset({"do", "ref", "provenance"})
