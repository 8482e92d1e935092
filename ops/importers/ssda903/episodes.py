"""
What becomes of the Episodes of one child in one year of the return.

An episode becomes itself, and the decisions it follows from: a move where RNE says that the home changed, a legal
status where RNE says so and the code is another one. They have an effect (DECOM) and no decision date.
REASON_PLACE_CHANGE stands on the episode that ends, so it goes to the move that follows. Where RNE and the codes
disagree no decision is made of it: the episode is kept as it stands, and the disagreement is told. Coming back from a
short stay is no decision either.

The invariants of the return are oracles here: what breaks them is told, and nothing is repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from domain.case.decision import DecisionMade, DecisionWithdrawn, Urgency
from domain.case.episodes import EpisodeBegan, EpisodeEnded, RecordEpisode, RecordEpisodeEnd
from domain.case.opening import CaseClosed, CloseCase, ReopenCase
from domain.case.placement import DecidePlacementMove, PlacementKind, PlacementMoveDecided
from domain.case.plan import DecideLegalStatus, LegalStatusDecided
from domain.case.record import current_value
from domain.codes import LegalStatus, Place, ReasonNewEpisode, ReasonPlaceChange
from domain.dates import PartialDate
from domain.matters import covers
from ops.importers.ssda903.rows import ReadRow
from ops.importers.ssda903.values import CONTINUES

if TYPE_CHECKING:
    from domain.case.state import Case
    from ops.importers.ssda903.child import Child, Steps

TEMPORARY: Final = frozenset({Place.T0, Place.T1, Place.T2, Place.T3, Place.T4})
_AGREED: Final = frozenset({LegalStatus.V2, LegalStatus.V3, LegalStatus.V4})
_PLANNED: Final = frozenset({ReasonPlaceChange.CARPL, ReasonPlaceChange.CLOSE})
_UNPLANNED: Final = frozenset(
    {
        ReasonPlaceChange.ALLEG,
        ReasonPlaceChange.STAND,
        ReasonPlaceChange.CREQB,
        ReasonPlaceChange.CREQO,
        ReasonPlaceChange.CHILD,
        ReasonPlaceChange.LAREQ,
    }
)
"""Brief, 2.3: the guide calls these no planned moves."""
_LONGEST: Final = {
    LegalStatus.L1: (timedelta(days=3), "Police protection lasts 72 hours at most"),
    LegalStatus.L2: (timedelta(days=21), "An emergency protection order lasts 21 days at most"),
    LegalStatus.L3: (timedelta(days=7), "A child assessment order lasts 7 days at most"),
    LegalStatus.V3: (timedelta(days=17), "A short break lasts 17 days at most"),
}
_SHORT_BREAKS_IN_A_YEAR: Final = 75
_BEGAN: Final = {
    "RNE": "new_because",
    "LS": "legal_status",
    "CIN": "category_of_need",
    "PLACE": "place",
    "PLACE_PROVIDER": "provider",
    "URN": "urn",
    "HOME_POST": "home_postcode",
    "PL_POST": "placement_postcode",
}
_HOME: Final = ("place", "provider", "urn", "placement_postcode")


@dataclass(frozen=True, slots=True)
class Known:
    """An episode on record with its end."""

    began: EpisodeBegan
    ended: EpisodeEnded | None


def known_episodes(case: Case) -> list[Known]:
    """Give the episodes on record in the order of their beginning."""
    ends = {end.episode: end for end in case.all(EpisodeEnded)}
    began = sorted(case.all(EpisodeBegan), key=lambda each: each.began.first)
    return [Known(each, ends.get(each.ref)) for each in began]


def episodes(child: Child, reads: list[ReadRow]) -> Steps:
    """Take in the episodes of one year. Raises `HeldBack` where they cannot be."""
    for read in reads:
        if read["DECOM"] is None and not child.at_fault(read):
            child.fault(read, "no_date", "DECOM", "The row does not say when the episode began. Fill in DECOM.")
    child.hold_if_at_fault()
    in_order = sorted(reads, key=lambda read: (read["DECOM"].first, read.row.line))
    for before, after in pairwise(in_order):
        if before["DEC"] is not None and before["DEC"].after(after["DECOM"]):
            child.fault(
                before,
                "overlaps",
                "DEC",
                f"The episode ends on {before['DEC']}, and the next one (line {after.row.line}) begins before that, on "
                f"{after['DECOM']}. Put right whichever is wrong.",
            )
    child.hold_if_at_fault()
    starts = {read["DECOM"] for read in in_order}
    for read in in_order:
        if not child.at_fault(read):
            yield from _episode(child, read, starts)
    _look_at_the_whole(child, in_order)


def _episode(child: Child, read: ReadRow, starts: set[PartialDate]) -> Steps:
    began: PartialDate = read["DECOM"]
    ref = f"episode-{began}"
    known = known_episodes(child.case)
    if (held := child.case.facts.get(ref)) is not None:
        if not child.agrees(read, held.fact, _BEGAN):
            return
    else:
        if not _fits(child, read, known):
            return
        before = next((each for each in reversed(known) if each.began.began.before(began)), None)
        later = any(each.began.began.after(began) for each in known)
        if not child.case.open and not later:
            yield from _reopen(child, read)
        fields = {name: read[column] for column, name in _BEGAN.items()}
        command = RecordEpisode(ref=ref, began=began, provenance=child.source(read, began), **fields)
        if not (yield from child.put(read, command)):
            return
        yield from _decisions(child, read, before, known)
    yield from _end(child, read, starts)


def _fits(child: Child, read: ReadRow, known: list[Known]) -> bool:
    """Leave out an episode that covers time for which the record has others, or other decisions."""
    began: PartialDate = read["DECOM"]
    for each in known:
        until = each.ended.ended if each.ended else None
        if until is not None and began.after(each.began.began) and began.before(until):
            child.contradiction(
                read,
                "overlaps_record",
                "DECOM",
                f"The record has an episode from {each.began.began} to {until}, and this one begins within it. "
                "Find out which is right.",
            )
            return False
    for kind, column, name in ((PlacementMoveDecided, "PLACE", "place"), (LegalStatusDecided, "LS", "legal_status")):
        decision = _decision_on(child, kind, began)
        if decision is None or read[column] is None or (has := current_value(child.case, decision, name)) is None:
            continue
        if has != read[column]:
            child.contradiction(
                read,
                "contradicts_record",
                column,
                f"The record ({decision.ref}) says {has.value} for {began}, the return says {read[column].value}. "
                "Nothing was recorded for this row. Find out which is right; `correct_record` puts the record right.",
            )
            return False
    return True


def _decision_on(child: Child, kind: type[DecisionMade], day: PartialDate) -> DecisionMade | None:
    """Give the decision of a kind on record that took effect on a day, whoever recorded it."""
    withdrawn = {each.decision for each in child.case.all(DecisionWithdrawn)}
    for decision in child.case.all(kind):
        effective = current_value(child.case, decision, "effective")
        if decision.ref not in withdrawn and effective is not None and effective.first_day == day.first_day:
            return decision
    return None


def _reopen(child: Child, read: ReadRow) -> Steps:
    began: PartialDate = read["DECOM"]
    if read["RNE"] is not ReasonNewEpisode.S:
        child.remark(
            read, "not_started_again", "RNE", "Being looked after had ended before. The code for starting again is S."
        )
    yield from child.put(
        read, ReopenCase(ref=f"reopening-{began}", again_from=began, provenance=child.source(read, began))
    )


# The decisions an episode follows from --------------------------------------------------------------------------------


def _decisions(child: Child, read: ReadRow, before: Known | None, known: list[Known]) -> Steps:
    began, why = read["DECOM"], read["RNE"]
    if why is None:
        child.remark(
            read, "no_code", "RNE", "The row does not say what changed. No decision is made of it. Fill it in."
        )
        return
    follows_on = before is not None and before.ended is not None and before.ended.ended == began
    if why is ReasonNewEpisode.S and follows_on and before and before.ended and before.ended.next_begins:
        child.remark(read, "not_a_start", "RNE", "S is for the start of care; here an episode had just ended with X1.")
    yield from _legal(child, read, before if follows_on else None)
    yield from _home(child, read, before if follows_on else None, known)


def _legal(child: Child, read: ReadRow, before: Known | None) -> Steps:
    began, why, status = read["DECOM"], read["RNE"], read["LS"]
    same = before is not None and before.began.legal_status == status
    if not why.legal:
        if before is not None and not same:
            child.remark(
                read, "rne_disagrees", "LS", "LS has changed, and RNE says it has not. No decision is made of it."
            )
        return
    if status is None:
        child.remark(read, "no_code", "LS", "The row gives no legal status. Fill it in.")
        return
    if same:
        child.remark(
            read, "rne_disagrees", "LS", "RNE says that LS has changed; it has not. No decision is made of it."
        )
        return
    if (held := _decision_on(child, LegalStatusDecided, began)) is not None:
        child.matched(read, held.ref)
        return
    yield from child.put(
        read,
        DecideLegalStatus(
            ref=f"legal-{began}",
            step="AGREED" if status in _AGREED else "MADE",
            legal_status=status,
            effective=began,
            urgency=Urgency.NOT_STATED,
            provenance=child.source(read, began),
        ),
    )


def _home(child: Child, read: ReadRow, before: Known | None, known: list[Known]) -> Steps:
    began, why, place = read["DECOM"], read["RNE"], read["PLACE"]
    reason = before.ended.reason_place_change if before is not None and before.ended is not None else None
    changed = before is None or any(_field(read, name) != getattr(before.began, name) for name in _HOME)
    if not why.home:
        if before is not None and changed:
            child.remark(
                read, "rne_disagrees", "PLACE", "The home has changed, and RNE says it has not. No move is made of it."
            )
        if reason is not None and not changed:
            child.remark(
                read, "reason_without_move", "RNE", "The episode before gives a reason for a move, and here is none."
            )
        return
    if place is None:
        child.remark(read, "no_code", "PLACE", "The row gives no kind of home, so no move is made of it. Fill it in.")
        return
    if not changed:
        child.remark(
            read,
            "rne_disagrees",
            "PLACE",
            "RNE says that the home has changed, and every column says the same as before.",
        )
    if before is not None and _comes_back(read, before, known):
        return
    if (held := _decision_on(child, PlacementMoveDecided, began)) is not None:
        child.matched(read, held.ref)
        return
    kind, urgency = _kind(why, place, reason, first=before is None and not known)
    move = DecidePlacementMove(
        ref=f"move-{began}",
        kind=kind,
        matters=("placement", "liberty") if place is Place.K1 else (),
        place=place,
        provider=read["PLACE_PROVIDER"],
        urn=read["URN"],
        effective=began,
        reason_place_change=reason,
        same_carer=True if why.same_carer else None,
        urgency=urgency,
        provenance=child.source(read, began),
    )
    if not (yield from child.put(read, move)):
        return
    if reason is ReasonPlaceChange.CHILD and not _view_on(child.case, "placement"):
        child.outcome.asked_no_view += 1


def _kind(  # noqa: PLR0911 - one for each kind
    why: ReasonNewEpisode, place: Place, reason: ReasonPlaceChange | None, *, first: bool
) -> tuple[PlacementKind, Urgency]:
    urgency = (
        Urgency.PLANNED if reason in _PLANNED else Urgency.UNPLANNED if reason in _UNPLANNED else Urgency.NOT_STATED
    )
    if place in TEMPORARY:
        return "PLACEMENT_TEMPORARY", urgency
    if why.same_carer:
        return "PLACEMENT_STATUS_ONLY", urgency
    if place is Place.P1:
        return "PLACEMENT_WITH_PARENTS", urgency
    if place in (Place.K3, Place.H5):
        return "MOVE_TO_SUPPORTED_ACCOMMODATION", urgency
    if why is ReasonNewEpisode.S and first:
        return "PLACEMENT_FIRST", urgency
    if reason in _PLANNED:
        return "PLACEMENT_MOVE_PLANNED", urgency
    return ("PLACEMENT_MOVE_UNPLANNED" if reason in _UNPLANNED else "PLACEMENT_MOVE"), urgency


def _comes_back(read: ReadRow, before: Known, known: list[Known]) -> bool:
    """Tell whether a child comes back from a short stay to the home they had left for it."""
    if before.began.place not in TEMPORARY or read["PLACE"] in TEMPORARY:
        return False
    earlier = [each.began for each in known if each.began.began.before(before.began.began)]
    home = next((each for each in reversed(earlier) if each.place not in TEMPORARY), None)
    return home is not None and all(_field(read, name) == getattr(home, name) for name in _HOME)


def _view_on(case: Case, matter: str) -> bool:
    return any(
        view.substantive and any(covers(each, matter) for each in view.matters) for view in case.evidence.views.values()
    )


def _field(read: ReadRow, name: str) -> object:
    return next(read[column] for column, field in _BEGAN.items() if field == name)


# Its end --------------------------------------------------------------------------------------------------------------


def _end(child: Child, read: ReadRow, starts: set[PartialDate]) -> Steps:
    began, ended = read["DECOM"], read["DEC"]
    why, reason = read["REC"], read["REASON_PLACE_CHANGE"]
    if ended is None:
        for column in ("REC", "REASON_PLACE_CHANGE"):
            if read[column] is not None:
                message = f"{column} says how the episode ended, and DEC does not say when. It was left out."
                child.remark(read, "end_without_date", column, message)
        return
    ref, continues = f"episode-end-{began}", why == CONTINUES
    if (held := child.case.facts.get(ref)) is not None:
        assert isinstance(held.fact, EpisodeEnded)  # noqa: S101 - the reference is ours
        end = held.fact
        read.values.update({"(x1)": continues or None, "(rec)": why if why and not continues else None})
        fields = {
            "DEC": "ended", "(x1)": "next_begins", "(rec)": "reason", "REASON_PLACE_CHANGE": "reason_place_change"
        }  # fmt: skip
        if child.agrees(read, end, fields):
            yield from _close(child, read, starts)
        return
    end_command = RecordEpisodeEnd(
        ref=ref,
        episode=f"episode-{began}",
        ended=ended,
        next_begins=continues,
        reason=None if continues else why,
        reason_place_change=reason,
        provenance=child.source(read, began),
    )
    if not (yield from child.put(read, end_command)):
        return
    if why is None:
        child.remark(read, "no_code", "REC", "DEC says that the episode ended, and REC does not say why. Fill it in.")
    yield from _close(child, read, starts)


def _close(child: Child, read: ReadRow, starts: set[PartialDate]) -> Steps:
    """Close the case where being looked after ended, unless the record or the return has the child in care after it."""
    ended, why = read["DEC"], read["REC"]
    on_record = [each.began.began for each in known_episodes(child.case)]
    next_begins = ended in starts or ended in on_record
    if why is None or why == CONTINUES:
        if why == CONTINUES and not next_begins:
            child.remark(read, "no_next", "REC", "X1 says that the next episode began the same day, and there is none.")
        return
    if next_begins:
        child.remark(
            read,
            "ended_and_goes_on",
            "REC",
            "REC says that being looked after ended, and another episode begins the same day. The case was not closed.",
        )
        return
    if any(each.ended == ended for each in child.case.all(CaseClosed)):
        return
    if any(begun.after(ended) for begun in on_record):
        child.remark(
            read,
            "later_on_record",
            "REC",
            "The record has later episodes already. This end stands with its episode only.",
        )
        return
    if not child.case.open:
        child.remark(
            read,
            "closed_otherwise",
            "DEC",
            f"The record says that being looked after ended on {child.case.closed_on}, the return says {ended}. Find "
            "out which is right.",
        )
        return
    yield from child.put(
        read, CloseCase(ref=f"closing-{ended}", ended=ended, reason=why, provenance=child.source(read, read["DECOM"]))
    )


# The invariants -------------------------------------------------------------------------------------------------------


def _look_at_the_whole(child: Child, in_order: list[ReadRow]) -> None:
    for read in in_order:
        _look_at_one(child, read)
    for before, after in pairwise(in_order):
        if before["DEC"] is None:
            child.remark(
                before, "not_ended", "DEC", f"A later episode (line {after.row.line}) begins, and this one has no end. "
                "Fill it in."
            )  # fmt: skip
        in_one = before["REC"] == CONTINUES and before["DEC"] == after["DECOM"]
        if in_one and before["CIN"] and after["CIN"] and before["CIN"] is not after["CIN"]:
            child.remark(after, "cin_changed", "CIN", "CIN stays the same for a whole time in care. Here it changes.")
        if (
            in_one
            and before["PLACE"] in TEMPORARY
            and after["PLACE"] not in TEMPORARY
            and not _returns(in_order, after)
        ):
            child.remark(
                after,
                "no_return",
                "PLACE",
                "After a temporary placement a child goes back to the one before it (rule 383).",
            )
    _look_at_short_breaks(child, in_order)


def _look_at_one(child: Child, read: ReadRow) -> None:
    began, ended, status = read["DECOM"], read["DEC"], read["LS"]
    if ended is not None and ended == began:
        child.remark(read, "same_day", "DEC", "The episode begins and ends on the same day. Check both dates.")
    if status in _LONGEST:
        longest, says = _LONGEST[status]
        last = (ended or child.today).last_day
        if last - began.first_day > longest:
            child.remark(read, "too_long", "LS", f"{says}. Check the dates, and LS.")


def _returns(in_order: list[ReadRow], after: ReadRow) -> bool:
    earlier = [read for read in in_order if read["DECOM"].before(after["DECOM"])]
    home = next((read for read in reversed(earlier) if read["PLACE"] not in TEMPORARY), None)
    return home is None or all(home[column] == after[column] for column in ("PLACE", "PL_POST", "URN"))


def _look_at_short_breaks(child: Child, in_order: list[ReadRow]) -> None:
    breaks = [read for read in in_order if read["LS"] is LegalStatus.V3 and read["DEC"] is not None]
    for read in breaks:
        since = read["DEC"].first_day - timedelta(days=365)
        days = sum(
            (each["DEC"].first_day - max(each["DECOM"].first_day, since)).days
            for each in breaks
            if since < each["DEC"].first_day <= read["DEC"].first_day
        )
        if days > _SHORT_BREAKS_IN_A_YEAR:
            child.remark(
                read, "too_many_days", "LS", "Short breaks come to 75 days in twelve months at most (rule 367)."
            )
