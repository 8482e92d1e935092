"""What becomes of the rows of every table but Episodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from domain.case.adoption import AdoptionRecorded, RecordAdoption, RecordEarlierPermanence
from domain.case.child import ChildDescribed, DescribeChild, RecordUnaccompanied, UnaccompaniedRecorded
from domain.case.decision import Urgency
from domain.case.missing import CameBack, RecordCameBack, RecordMissing, WentMissing
from domain.case.opening import CaseReopened, OpenCase
from domain.case.people import IntroducePerson, Relationship
from domain.case.plan import (
    CarePlanChangeDecided,
    DecideCarePlan,
    DecideLiberty,
    RecordLibertyEnded,
)
from domain.case.professionals import ChangeProfessional, ProfessionalChanged, RecordWorkerStopped
from domain.case.record import current_value
from domain.case.review import RecordReview, ReviewHeld
from domain.case.yearly import ReportCareLeaver, ReportHealth
from domain.codes import Ethnicity, PermanencePlan, ReasonNewEpisode
from domain.dates import PartialDate, parse_partial_date
from ops.importers.ssda903.rows import ReadRow
from ops.importers.ssda903.tables import Table

if TYPE_CHECKING:
    from ops.importers.ssda903.child import Child, Steps, Taken

_DESCRIBED: Final = {"SEX": "sex", "ETHNIC": "ethnicity", "UPN": "upn", "MOTHER": "mother", "MC_DOB": "own_child_born"}
_HEALTH_COLUMNS: Final = (
    "SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT SUBSTANCE_MISUSE "
    "INTERVENTION_RECEIVED INTERVENTION_OFFERED"
)
_HEALTH: Final = {column: column.lower() for column in _HEALTH_COLUMNS.split()}
_ADOPTION: Final = {
    "DATE_INT": "best_interests",
    "DATE_MATCH": "matched",
    "FOSTER_CARE": "by_foster_carer",
    "NB_ADOPTR": "adopters",
    "SEX_ADOPTR": "adopter_sex",
    "LS_ADOPTR": "adopter_status",
}
_PERMANENCE: Final = {"PREV_PERM": "permanence", "LA_PERM": "authority", "DATE_PERM": "since"}
_NOT_KNOWN_YET: Final = frozenset({Ethnicity.NOBT, Ethnicity.REFU, False})
"""Values that a later return may replace without contradicting them."""


def header(child: Child, reads: list[ReadRow], episodes: list[ReadRow]) -> Steps:
    """Open the case where there is none, and record what is new about the child."""
    child.hold_if_at_fault()
    for read in reads:
        if not child.case.version:
            if read["DOB"] is None:
                child.fault(read, "no_birth", "DOB", "The Header row gives no day of birth. Fill it in.")
                child.hold_if_at_fault()
            first = min(
                (each for each in episodes if each["DECOM"]), key=lambda each: each["DECOM"].first, default=None
            )
            began = first["DECOM"] if first is not None and first["RNE"] is ReasonNewEpisode.S else None
            opened = yield from child.put(
                read,
                OpenCase(
                    ref="opening",
                    child=child.name,
                    born=read["DOB"],
                    looked_after_from=began,
                    local_id=child.id,
                    provenance=child.source(read, child.id),
                ),
            )
            if not opened:
                child.hold_if_at_fault()
        yield from _describe(child, read)


def _describe(child: Child, read: ReadRow) -> Steps:
    known: dict[str, Any] = {}
    last = None
    for fact in child.case.all(ChildDescribed):
        last = fact
        for name in _DESCRIBED.values():
            if (value := current_value(child.case, fact, name)) is not None:
                known[name] = value
    new: dict[str, Any] = {}
    for column, name in _DESCRIBED.items():
        says, knows = read[column], known.get(name)
        if says is None or says == knows:
            continue
        if knows is None or knows in _NOT_KNOWN_YET or (name == "upn" and str(knows).startswith("UN")):
            new[name] = says
        elif says not in _NOT_KNOWN_YET:
            assert last is not None  # noqa: S101 - something is known
            child.agrees(read, last.model_copy(update=known), {column: name})
            return
    if not new:
        child.matched(read, "opening" if last is None else last.ref)
        return
    ref = _free(child, "child", read)
    yield from child.put(read, DescribeChild(ref=ref, provenance=child.source(read, child.id), **new))


def review(child: Child, read: ReadRow) -> Steps:
    """A review was held; the code says how the child took part, and nothing of what the child thought."""
    if (held := _needed(child, read, "REVIEW")) is None:
        return
    for fact in child.case.all(ReviewHeld):
        if current_value(child.case, fact, "held") == held:
            child.agrees(read, fact, {"REVIEW_CODE": "participation"})
            return
    if read["REVIEW_CODE"] is None:
        child.remark(read, "no_code", "REVIEW_CODE", "The row does not say how the child took part. Fill it in.")
    yield from child.put(
        read,
        RecordReview(
            ref=f"review-{held}", held=held, participation=read["REVIEW_CODE"], provenance=child.source(read, held)
        ),
    )


def unaccompanied(child: Child, read: ReadRow) -> Steps:
    """The child came without a parent; until when may be filled in by a later return."""
    sexes = [fact.sex for fact in child.case.all(ChildDescribed) if fact.sex is not None]
    if read["SEX"] is not None and sexes and read["SEX"] is not sexes[-1]:
        child.fault(read, "another_sex", "SEX", "The Header says something else. Put right whichever is wrong.")
        return
    facts = child.case.all(UnaccompaniedRecorded)
    if facts and (read["DUC"] is None or any(fact.until is not None for fact in facts)):
        child.agrees(read, next((fact for fact in facts if fact.until is not None), facts[0]), {"DUC": "until"})
        return
    ref = "unaccompanied" if not facts else _free(child, "unaccompanied", read)
    yield from child.put(read, RecordUnaccompanied(ref=ref, until=read["DUC"], provenance=child.source(read, child.id)))


def health(child: Child, read: ReadRow) -> Steps:
    """A year of health, dated at the end of the year."""
    if not any(column in read.values for column in _HEALTH):
        return
    if (year_to := _year_to(child, read)) is None:
        return
    ref = f"health-{year_to}"
    if (held := child.case.facts.get(ref)) is not None:
        child.agrees(read, held.fact, _HEALTH)
        return
    said = {name: read[column] for column, name in _HEALTH.items()}
    yield from child.put(read, ReportHealth(ref=ref, year_to=year_to, provenance=child.source(read, year_to), **said))


def care_leaver(child: Child, read: ReadRow) -> Steps:
    """How a care leaver was doing, dated at the end of the year."""
    if not any(column in read.values for column in ("IN_TOUCH", "ACTIV", "ACCOM")):
        return
    if (year_to := _year_to(child, read)) is None:
        return
    ref = f"care-leaver-{year_to}"
    home, suitable = read["ACCOM"] or (None, None)
    read.values.update(
        {name: value for name, value in (("(place)", home), ("(suitable)", suitable)) if value is not None}
    )
    if (held := child.case.facts.get(ref)) is not None:
        fields = {"IN_TOUCH": "in_touch", "ACTIV": "activity", "(place)": "lives_in", "(suitable)": "suitable"}
        child.agrees(read, held.fact, fields)
        return
    yield from child.put(
        read,
        ReportCareLeaver(
            ref=ref,
            year_to=year_to,
            in_touch=read["IN_TOUCH"],
            activity=read["ACTIV"],
            lives_in=home,
            suitable=suitable,
            provenance=child.source(read, year_to),
        ),
    )


def adoption(child: Child, read: ReadRow) -> Steps:
    """The steps to an adoption, as one entry."""
    if not any(column in read.values for column in _ADOPTION):
        return
    for fact in child.case.all(AdoptionRecorded):
        child.agrees(read, fact, _ADOPTION)
        return
    key = read["DATE_MATCH"] or read["DATE_INT"] or read.row.source.year or "undated"
    said = {name: read[column] for column, name in _ADOPTION.items()}
    yield from child.put(read, RecordAdoption(ref=f"adoption-{key}", provenance=child.source(read, key), **said))


def placed_for_adoption(child: Child, read: ReadRow) -> Steps:
    """The decision that a child should be placed for adoption, and that to give it up: the return dates both."""
    if (placed := _needed(child, read, "DATE_PLACED")) is None:
        return
    for fact in child.case.all(CarePlanChangeDecided):
        other = fact.ref.startswith("adoption-plan-") and not fact.ref.startswith("adoption-plan-end-")
        if other and fact.ref != f"adoption-plan-{placed}" and _covers(child, fact, placed):
            child.contradiction(
                read,
                "overlaps",
                "DATE_PLACED",
                f"The record ({fact.ref}) has a plan for adoption at that time that was decided on another day. "
                "Check both dates.",
            )
            return
    ref, source = f"adoption-plan-{placed}", child.source(read, placed, effects_only=False)
    if ref in child.case.facts:
        child.matched(read, ref)
    else:
        decide = DecideCarePlan(
            ref=ref,
            kind="CAREPLAN_PERMANENCE",
            plan=(PermanencePlan.ADOPTION,),
            decided=placed,
            urgency=Urgency.NOT_STATED,
            provenance=source,
        )
        if not (yield from child.put(read, decide)):
            return
    ceased, reason = read["DATE_PLACED_CEASED"], read["REASON_PLACED_CEASED"]
    if ceased is None:
        if reason is not None:
            child.remark(
                read, "reason_without_date", "DATE_PLACED_CEASED", "A reason stands here without a date. Add it."
            )
        return
    ref = f"adoption-plan-end-{placed}"
    if (held := child.case.facts.get(ref)) is not None:
        child.agrees(read, held.fact, {"DATE_PLACED_CEASED": "decided", "REASON_PLACED_CEASED": "adoption_given_up"})
        return
    if reason is None:
        child.remark(
            read, "no_reason", "REASON_PLACED_CEASED", "The row does not say why the plan was given up. Add it."
        )
    yield from child.put(
        read,
        DecideCarePlan(
            ref=ref,
            kind="CAREPLAN_PERMANENCE",
            previous_plan=(PermanencePlan.ADOPTION,),
            adoption_given_up=reason,
            decided=ceased,
            urgency=Urgency.NOT_STATED,
            provenance=source,
        ),
    )


def _covers(child: Child, plan: CarePlanChangeDecided, day: PartialDate) -> bool:
    """Tell whether a plan for adoption on record was standing on a day."""
    ended = child.case.facts.get(plan.ref.replace("adoption-plan-", "adoption-plan-end-"))
    until = ended.fact.when if ended is not None else None
    return plan.decided is not None and not day.before(plan.decided) and (until is None or day.before(until))


def earlier_permanence(child: Child, read: ReadRow) -> Steps:
    """The lasting home before this time in care; a later time in care has an answer of its own."""
    if read["PREV_PERM"] is None:
        return
    again = [fact.again_from for fact in child.case.all(CaseReopened)]
    ref = "permanence-before" + (f"-{again[-1]}" if again else "")
    if (held := child.case.facts.get(ref)) is not None:
        child.agrees(read, held.fact, _PERMANENCE)
        return
    said = {name: read[column] for column, name in _PERMANENCE.items()}
    yield from child.put(read, RecordEarlierPermanence(ref=ref, provenance=child.source(read, ref), **said))


def missing(child: Child, read: ReadRow) -> Steps:
    """The child was missing or away; the day of coming back may be filled in by a later return."""
    if (since := _needed(child, read, "MIS_START")) is None:
        return
    for fact in child.case.all(WentMissing):
        back = next((each.back for each in child.case.all(CameBack) if each.absence == fact.ref), None)
        if fact.since != since and not since.before(fact.since) and back is not None and since.before(back):
            child.contradiction(
                read, "overlaps", "MIS_START", f"The record ({fact.ref}) covers this time already. Check the dates."
            )
            return
    ref = f"missing-{since}"
    if (held := child.case.facts.get(ref)) is not None:
        if not child.agrees(read, held.fact, {"MISSING": "missing"}):
            return
    else:
        went = RecordMissing(ref=ref, since=since, missing=read["MISSING"], provenance=child.source(read, since))
        if not (yield from child.put(read, went)):
            return
    if (back := read["MIS_END"]) is None:
        return
    if (held := child.case.facts.get(f"missing-end-{since}")) is not None:
        child.agrees(read, held.fact, {"MIS_END": "back"})
        return
    came = RecordCameBack(ref=f"missing-end-{since}", absence=ref, back=back, provenance=child.source(read, since))
    yield from child.put(read, came)


def worker(child: Child, read: ReadRow) -> Steps:
    """A social worker began; the return knows them by number only."""
    if (began := _needed(child, read, "SW_DECOM")) is None:
        return
    if read["SW_ID"] is None:
        child.fault(read, "no_worker", "SW_ID", "The row names no social worker. Fill in SW_ID.")
        return
    person, ref = f"social-worker-{read['SW_ID']}", f"worker-{began}"
    if (held := child.case.facts.get(ref)) is not None:
        read.values["(person)"] = person
        begun = child.agrees(read, held.fact, {"(person)": "person", "SW_REASON": "sw_reason"})
    else:
        begun = yield from _worker_began(child, read, person, began)
    stopped = read["SW_DEC"]
    if not begun or stopped is None:
        return
    if (held := child.case.facts.get(f"worker-end-{began}")) is not None:
        child.agrees(read, held.fact, {"SW_DEC": "stopped"})
        return
    end = RecordWorkerStopped(
        ref=f"worker-end-{began}", change=ref, stopped=stopped, provenance=child.source(read, began)
    )
    yield from child.put(read, end)


def _worker_began(child: Child, read: ReadRow, person: str, began: PartialDate) -> Taken:
    if person not in child.case.facts:
        introduce = IntroducePerson(
            ref=person,
            name=f"Social worker {read['SW_ID']}",
            relationship=Relationship.SOCIAL_WORKER,
            provenance=child.source(read, began),
        )
        if not (yield from child.put(read, introduce)):
            return False
    earlier = [
        (fact.effective.first, fact.person)
        for fact in child.case.all(ProfessionalChanged)
        if fact.kind == "SOCIAL_WORKER_CHANGE" and fact.effective and fact.effective.before(began)
    ]
    _, previous = max(earlier, default=(None, None))
    change = ChangeProfessional(
        ref=f"worker-{began}",
        kind="SOCIAL_WORKER_CHANGE",
        person=person,
        previous=previous if previous != person else None,
        sw_reason=read["SW_REASON"],
        effective=began,
        urgency=Urgency.NOT_STATED,
        provenance=child.source(read, began),
    )
    return (yield from child.put(read, change))


def liberty(child: Child, read: ReadRow) -> Steps:
    """A court's leave to limit a child's freedom began; the return does not tell what the limits are."""
    if (began := _needed(child, read, "DOLO_START")) is None:
        return
    ref = f"liberty-{began}"
    if ref in child.case.facts:
        child.matched(read, ref)
    else:
        start = DecideLiberty(
            ref=ref,
            kind="DEPRIVATION_OF_LIBERTY",
            step="STARTED",
            effective=began,
            urgency=Urgency.NOT_STATED,
            provenance=child.source(read, began),
        )
        if not (yield from child.put(read, start)):
            return
    if (ended := read["DOLO_END"]) is None:
        return
    if (held := child.case.facts.get(f"liberty-end-{began}")) is not None:
        child.agrees(read, held.fact, {"DOLO_END": "ended"})
        return
    end = RecordLibertyEnded(
        ref=f"liberty-end-{began}", restriction=ref, ended=ended, provenance=child.source(read, began)
    )
    yield from child.put(read, end)


TAKEN: Final[dict[Table, Callable[[Child, ReadRow], Steps]]] = {
    Table.PREV_PERM: earlier_permanence,
    Table.UASC: unaccompanied,
    Table.REVIEWS: review,
    Table.MISSING: missing,
    Table.SW_EPISODES: worker,
    Table.DOLO: liberty,
    Table.OC2: health,
    Table.PLACED_ADOPTION: placed_for_adoption,
    Table.AD1: adoption,
    Table.OC3: care_leaver,
}
"""Every table whose rows stand by themselves, in the order in which they are taken in."""


def _needed(child: Child, read: ReadRow, column: str) -> PartialDate | None:
    """Give the date a row stands on, or refuse the row that has none but says something."""
    value: PartialDate | None = read[column]
    if value is None and any(each not in ("DOB", "SEX") for each in read.values):
        child.fault(read, "no_date", column, f"The row has no {column}. Fill it in.")
    return value


def _year_to(child: Child, read: ReadRow) -> PartialDate | None:
    year = read.row.source.year
    if year is None:
        child.fault(read, "year_unknown", "", "Nothing says of which year this return is. Name it with --year 2017-18.")
        return None
    year_to = parse_partial_date(f"{year}-03-31")
    if year_to.after(child.today):
        child.fault(
            read, "year_not_over", "", f"This tells of the year to {year_to}, which is not over. Import it then."
        )
        return None
    return year_to


def _free(child: Child, prefix: str, read: ReadRow) -> str:
    """Give a reference by the year of the return, past any that is taken."""
    year = read.row.source.year
    ref = prefix if year is None else f"{prefix}-{year}"
    number = 2
    while ref in child.case.facts:
        ref, number = f"{prefix}-{year or 'x'}-{number}", number + 1
    return ref
