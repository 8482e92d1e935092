"""
The record about itself: corrections, annotations, disputes, gaps, findings from outside, documents.

Nothing is ever edited. A correction stands beside what it corrects, with who asked for it and why; an annotation by the
child or care leaver stands beside the entry for as long as the entry stands; a gap that is known is declared.
Sources: UK GDPR arts 5(1)(d) and 16; ISO 15489-1 5.2.2.3; ICO, Better Records Together (2025).
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from itertools import zip_longest
from typing import Annotated, Any, Final, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from domain.case.command import Act, Command
from domain.case.decision import DecisionMade, DecisionTookEffect
from domain.case.fact import NARRATIVE, Fact, Name, Narrative, Part, Ref, Stamp, holds_narrative, lines_of
from domain.case.opening import CaseClosed, CaseOpened, CaseReopened
from domain.case.refusal import CorrectionRefused, DatesRefused, NotThereRefused
from domain.case.review import ReviewHeld, VisitMade, refuse_participation
from domain.case.state import CarePeriod, Case
from domain.case.telling import ChildTold
from domain.dates import PartialDate, civil, parse_partial_date, up_to
from domain.rules import jurisdictions
from domain.voice.evidence import Corrected, Correction

FIXED: Final = frozenset(
    {
        "ref",
        "by",
        "kind",
        "matters",
        "untouched",
        "views",
        "proposal",
        "decision",
        "challenge",
        "promise",
        "person",
        "of",
    }
)
"""What an entry is about cannot be corrected, only disputed or recorded anew: the question rests on it."""


_LIVED: Final = (ReviewHeld, VisitMade, DecisionTookEffect, ChildTold, CaseClosed, CaseReopened, CaseOpened)
"""Kinds of fact that a child must have been born for, beside every entry about a view."""
_CORRECTED_IN_A_DECISION: Final = frozenset({Corrected.DECIDED, Corrected.EFFECTIVE, Corrected.IRO_INFORMED})


class RequestedBy(StrEnum):
    """Who asked for it."""

    CHILD = "CHILD"
    CARE_LEAVER = "CARE_LEAVER"
    PARENT = "PARENT"
    AUTHOR = "AUTHOR"
    IRO = "IRO"
    OTHER = "OTHER"


class Corrective(Part):
    """What is put right."""

    of: Ref = Field(description="The entry to correct.")
    field: str = Field(description="The field to correct, as the entry names it.", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    reason: Narrative
    requested_by: RequestedBy


class RecordCorrected(Corrective, Fact, topic="record.corrected", phrase="A mistake in the record was put right"):
    """An entry was corrected; the original stays. What people wrote stands in `words`, everything else in `to`."""

    REF_PREFIX = "correction"

    to: JsonValue = None
    words: Annotated[JsonValue, NARRATIVE] = None

    @property
    def value(self) -> JsonValue:
        """What the field should say."""
        return self.to if self.words is None else self.words

    @property
    def about(self) -> tuple[str, ...]:
        """The entry corrected."""
        return (self.of,)

    @property
    def third_party(self) -> str | None:
        """The person whose name was put right."""
        return self.of if self.field == "name" else None

    @property
    def new_date(self) -> PartialDate | None:
        """Give the corrected date, where the correction is of the world time of the entry or of an effect."""
        return parse_partial_date(self.to) if isinstance(self.to, str) and _is_date(self.to) else None

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the question see corrected dates."""
        target = case.facts[self.of].fact
        if (new_date := self.new_date) is None:
            return
        if isinstance(target, CaseOpened) and self.field == "born":
            case.born = new_date
        for period in case.care:
            if period.opened == self.of and self.field == target.DATED:
                period.begins = new_date
            if period.closed == self.of and self.field == target.DATED:
                period.ends = new_date
        if isinstance(target, DecisionMade) and self.field in _CORRECTED_IN_A_DECISION:
            what = Corrected(self.field)
        elif self.field == target.DATED:
            what = Corrected.EXPRESSED if self.of in case.evidence.views else Corrected.DATED
        else:
            return
        case.evidence.corrections.append(Correction(self.ref, self.of, what, new_date, civil(stamp.recorded_at)))

    def fingerprint(self) -> int:
        """A correction's value may be a list, so it is compared by its written form."""
        return hash((self.TOPIC, self.of, self.field, repr(self.value), self.reason))


class CorrectRecord(Corrective, Command, records=RecordCorrected):
    """Correct one field of an entry. The original stays, and both are shown."""

    do: Literal["correct_record"] = "correct_record"
    to: JsonValue = Field(description="What it should say.")

    def completed(self, case: Case) -> dict[str, Any]:
        """Keep what people wrote apart from codes and dates."""
        held = case.facts.get(self.of)
        sealed = held is not None and holds_narrative(type(held.fact), self.field)
        return {"to": None, "words": _lines_within(self.to)} if sealed else {}

    def check(self, case: Case, act: Act) -> None:
        """Refuse a correction of nothing, to nothing new, or of what an entry is about."""
        case.must_exist()
        held = case.facts.get(self.of)
        if held is None:
            raise CorrectionRefused(
                f"There is no entry {self.of} in this case to correct. Check the reference in `of`.", field="of"
            )
        target = held.fact
        if self.field not in type(target).model_fields:
            fields = ", ".join(sorted(set(type(target).model_fields) - FIXED))
            raise CorrectionRefused(f"{self.of} has no field of that name. Its fields are: {fields}.", field="field")
        if self.field in FIXED:
            raise CorrectionRefused(
                f"`{self.field}` says what {self.of} is about and stays as it is. "
                "Record a new entry, or dispute this one.",
                field="field",
            )
        if isinstance(target, RecordCorrected) and self.field in ("field", "to", "words"):
            raise CorrectionRefused(
                f"`{self.field}` of a correction stays as it is. Correct {target.of} again, which it is about.",
                field="field",
            )
        if self.to is None:
            raise CorrectionRefused(
                "A correction says what is right. To say that an entry is wrong, dispute it with `dispute_record`.",
                field="to",
            )
        value = _validated(type(target), self.field, self.to)
        if value == current_value(case, target, self.field):
            raise CorrectionRefused(f"{self.of} says that already. Nothing needs doing.", field="to")
        if isinstance(value, PartialDate):
            self._check_new_date(case, target, value, act)
        if isinstance(target, ReviewHeld) and self.field in ("held", "participation"):
            held = value if self.field == "held" else current_value(case, target, "held")
            how = value if self.field == "participation" else current_value(case, target, "participation")
            refuse_participation(case.born, held, how, field="to")
        if self.field == "jurisdiction" and value not in jurisdictions():
            raise CorrectionRefused(
                "There are no rules for that `jurisdiction`. Use one of: " + ", ".join(jurisdictions()) + ".",
                field="to",
            )

    def _check_new_date(self, case: Case, target: Fact, value: PartialDate, act: Act) -> None:
        """Refuse a date that could not have been recorded in the first place."""
        if self.field == target.DATED and value.after(up_to(act.at)):
            raise DatesRefused("`to` lies in the future. Check the date.", field="to")
        lived = self.of in case.evidence.views or isinstance(target, _LIVED)
        if lived and self.field == target.DATED and case.born and value.before(case.born):
            raise DatesRefused("`to` lies before the child's birth. Check the date.", field="to")
        self._check_care(case, target, value)
        if isinstance(target, DecisionMade):
            decided = value if self.field == "decided" else current_value(case, target, "decided")
            effective = value if self.field == "effective" else current_value(case, target, "effective")
            if decided and effective and decided.after(effective):
                raise DatesRefused(
                    f"Then `decided` ({decided}) would lie after `effective` ({effective}). Check both dates.",
                    field="to",
                )

    def _check_care(self, case: Case, target: Fact, value: PartialDate) -> None:
        """Refuse times of being looked after that would end before they begin, or begin before birth."""
        if self.field == "born" and case.care[0].begins and case.care[0].begins.before(value):
            raise DatesRefused(
                f"Then being looked after ({case.care[0].begins}) would begin before birth. Check both dates.",
                field="to",
            )
        if self.field != target.DATED:
            return
        limits = [
            (period.begins, period.ends, again)
            for period, again in zip_longest(
                [_put_right(period, self.of, value) for period in case.care],
                [_put_right(period, self.of, value).begins for period in case.care[1:]],
            )
        ]
        if any(
            (begins and ends and ends.before(begins)) or (again and ends and again.before(ends))
            for begins, ends, again in limits
        ):
            raise DatesRefused(
                "Then a time of being looked after would end before it began, or begin before the last one ended. "
                "Check the dates.",
                field="to",
            )


def _put_right(period: CarePeriod, ref: str, date: PartialDate) -> CarePeriod:
    """Give a time of being looked after with the date of one of its entries put right."""
    return replace(
        period,
        begins=date if period.opened == ref else period.begins,
        ends=date if period.closed == ref else period.ends,
    )


def current_value(case: Case, target: Fact, field: str) -> Any:
    """Give what an entry says now: the value of the latest correction, or the original."""
    corrections = [each for each in case.all(RecordCorrected) if each.of == target.ref and each.field == field]
    if corrections:
        return read_value(type(target), field, corrections[-1].value)
    return getattr(target, field)


def said_by(case: Case, target: Fact, field: str) -> int:
    """Give the version of the entry that says what a field says now: its latest correction, or the entry itself."""
    versions = [
        case.facts[each.ref].version
        for each in case.all(RecordCorrected)
        if (each.of, each.field) == (target.ref, field)
    ]
    return versions[-1] if versions else case.facts[target.ref].version


def read_value(kind: type[Fact], field: str, value: JsonValue) -> Any:
    """Read a value as a field of a kind of fact takes it. Raises `ValidationError`, or `KeyError` for no field."""
    return _reader(kind, field).validate_python(value)


@lru_cache(maxsize=1024)
def _reader(kind: type[Fact], field: str) -> TypeAdapter[Any]:
    info = kind.model_fields[field]
    annotation: Any = Annotated[info.annotation, info]
    return TypeAdapter(annotation)


def _validated(kind: type[Fact], field: str, value: JsonValue) -> Any:
    try:
        return read_value(kind, field, value)
    except ValidationError as problem:
        says = problem.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
        raise CorrectionRefused(f"`to` does not fit that field: {says}", field="to") from None


def _lines_within(value: JsonValue) -> JsonValue:
    """Write line breaks as every other text does, in whatever shape the texts come."""
    match value:
        case list():
            return [_lines_within(each) for each in value]
        case dict():
            return {name: _lines_within(each) for name, each in value.items()}
        case str():
            return lines_of(value)
        case _:
            return value


def _is_date(text: str) -> bool:
    try:
        parse_partial_date(text)
    except ValueError:
        return False
    return True


class _AboutEntry(Part):
    of: Ref = Field(description="The entry it is about.")


class _AboutEntryFact(_AboutEntry, Fact):
    @property
    def about(self) -> tuple[str, ...]:
        """The entry."""
        return (self.of,)


class _AboutEntryCommand(_AboutEntry, Command):
    def check(self, case: Case, act: Act) -> None:
        """Refuse what is about nothing."""
        case.must_exist()
        case.find(Fact, self.of, field="of")


class Annotation(Part):
    """What the child or care leaver adds."""

    text: Narrative = Field(description="Their own account, word for word.")
    written: PartialDate | None = None
    written_by: Literal["CHILD", "CARE_LEAVER"]


class RecordAnnotated(
    Annotation, _AboutEntryFact, topic="record.annotated", phrase="The person this is about added their own words"
):
    """The person the record is about added their account to an entry."""

    DATED = "written"
    REF_PREFIX = "annotation"


class AnnotateRecord(Annotation, _AboutEntryCommand, records=RecordAnnotated):
    """Add the child's or care leaver's own account to an entry."""

    do: Literal["annotate_record"] = "annotate_record"


class Dispute(Part):
    """What the child or care leaver says is wrong."""

    text: Narrative = Field(description="What is wrong, in their own words.")
    disputed: PartialDate | None = None
    disputed_by: Literal["CHILD", "CARE_LEAVER"]


class RecordDisputed(
    Dispute, _AboutEntryFact, topic="record.disputed", phrase="The person this is about says: this is wrong"
):
    """The person the record is about disputes an entry."""

    DATED = "disputed"
    REF_PREFIX = "dispute"

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Let the dispute travel with the view for ever."""
        case.evidence.disputes.append((self.of, civil(stamp.recorded_at)))


class DisputeRecord(Dispute, _AboutEntryCommand, records=RecordDisputed):
    """Record that the child or care leaver says an entry is wrong."""

    do: Literal["dispute_record"] = "dispute_record"


class Gap(Part):
    """What is missing."""

    gap_from: PartialDate
    gap_to: PartialDate
    reason: Narrative
    searched: tuple[Narrative, ...] = Field(default=(), description="Where it was looked for.")


class GapDeclared(Gap, Fact, topic="record.gap_declared", phrase="Part of the record is missing"):
    """Part of the record is known to be missing."""

    DATED = "gap_from"
    REF_PREFIX = "gap"


class DeclareGap(Gap, Command, records=GapDeclared):
    """Declare that part of the record is missing."""

    do: Literal["declare_gap"] = "declare_gap"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a gap that ends before it begins."""
        case.must_exist()
        if self.gap_to.before(self.gap_from):
            raise DatesRefused("`gap_to` lies before `gap_from`. Check both dates.", field="gap_to")


class OutsideFinding(Part):
    """What somebody outside found."""

    found: PartialDate
    body: Name = Field(description="Who found it: a court, the Ombudsman, Ofsted.")
    reference: Name | None = Field(default=None, description="Their number for it.")
    says: Narrative
    of: tuple[Ref, ...] = Field(default=(), description="The entries it is about.")


class FindingAttached(OutsideFinding, Fact, topic="finding.attached", phrase="Somebody outside looked into it"):
    """A finding by a court, the Ombudsman or an inspectorate was attached."""

    DATED = "found"
    REF_PREFIX = "finding"

    @property
    def about(self) -> tuple[str, ...]:
        """The entries it is about."""
        return self.of


class AttachFinding(OutsideFinding, Command, records=FindingAttached):
    """Attach a finding made by somebody outside."""

    do: Literal["attach_finding"] = "attach_finding"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a finding about entries that are not there."""
        case.must_exist()
        for ref in self.of:
            case.find(Fact, ref, field="of")


class Document(Part):
    """A document, by its hash; the content is kept encrypted elsewhere."""

    dated: PartialDate | None = None
    title: Name
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the document's bytes, in hexadecimal.")
    media_type: str = Field(pattern=r"^[a-z]+/[a-zA-Z0-9.+-]+$", max_length=120, examples=["application/pdf"])
    size: int = Field(ge=0, le=10**12, description="Size in bytes.")
    of: tuple[Ref, ...] = Field(default=(), description="The entries it belongs to.")


class DocumentAttached(Document, Fact, topic="document.attached", phrase="A document was added"):
    """A document was attached."""

    DATED = "dated"
    REF_PREFIX = "document"

    @property
    def about(self) -> tuple[str, ...]:
        """The entries it belongs to."""
        return self.of


class AttachDocument(Document, Command, records=DocumentAttached):
    """Attach a document by its hash."""

    do: Literal["attach_document"] = "attach_document"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a document for entries that are not there."""
        case.must_exist()
        for ref in self.of:
            if ref not in case.facts:
                raise NotThereRefused(
                    f"`of` points at {ref}, which this case does not hold. Record it first, or correct the reference.",
                    field="of",
                )
