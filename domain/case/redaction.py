"""
Taking out for good: what the record itself says when part of it is destroyed.

What was written is gone; that it was there, and which law asked for it to go, stays. No door records this by itself: it
is written down by what destroys, in the same transaction as the erasure register. Sources: UK GDPR arts 5(1)(d), 16 and
17; ISO 15489-1 9.9 (disposition is itself recorded).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from domain.case.command import Act, Command
from domain.case.fact import Fact, Ref
from domain.case.state import Case
from domain.codes import LegalBasis
from domain.rules import pack_in_force

Digest = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
FieldPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z0-9_]{1,40}){0,9}$")]


class TextTakenOut(Fact, topic="record.text_taken_out", phrase="Some words were taken out for good"):
    """Something said or written was destroyed. `digests` are what its entry had committed to, and still does."""

    REF_PREFIX = "taken-out"

    of: Ref = Field(description="The entry, or the person whom it was about.")
    field: FieldPath | None = Field(default=None, description="The field, where it was one; all there was if not.")
    digests: tuple[Digest, ...] = Field(min_length=1, description="What had been committed to, in base64url.")
    basis: LegalBasis = Field(description="Which law asked for it.")

    @property
    def about(self) -> tuple[str, ...]:
        """The entry or the person."""
        return (self.of,)


class TakeOutText(Command):
    """Write down that text has been taken out. Only what destroys it gives this; it is on no list of commands."""

    do: Literal["take_out_text"] = "take_out_text"
    of: Ref
    field: FieldPath | None = None
    digests: tuple[Digest, ...]
    basis: LegalBasis

    def decide(self, case: Case, act: Act) -> list[Fact]:
        """Give the fact, about an entry that is there."""
        case.must_exist()
        case.find(Fact, self.of, field="of")
        by = act.by(pack_in_force(case.jurisdiction, None))
        ref = case.free_ref(TextTakenOut.REF_PREFIX)
        return [TextTakenOut(ref=ref, by=by, of=self.of, field=self.field, digests=self.digests, basis=self.basis)]


WRITTEN_BY_WHAT_DESTROYS: Final = frozenset({TextTakenOut.TOPIC})
"""Kinds of fact that nobody's command records."""

LAWS: Final = {
    LegalBasis.RETENTION_ENDED: "Care Planning, Placement and Case Review (England) Regulations 2010, regulation 50",
    LegalBasis.RIGHT_TO_ERASURE: "UK GDPR, article 17",
    LegalBasis.ACCURACY: "UK GDPR, articles 5(1)(d) and 16",
    LegalBasis.COURT_ORDER: "The order of a court",
}
"""Where each reason stands in the law. As with reasons for leaving something out, these words never change."""
