"""The page of one decision: every part in a fixed order, also where nothing is recorded in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.pages.entries import EntryView, LaidOut, entry_view, heard, mentioned
from api.pages.fields import Detail, Links, corrections_of
from api.pages.forms.following import about_entry, steps
from api.pages.inquiry import Inquiry
from api.pages.language import say
from api.pages.rendering import HEADERS, page
from api.pages.sequence import sequence_of
from api.pages.shapes import shape_of
from domain.case.decision import DecisionMade
from domain.case.fact import Fact
from domain.case.view import ViewDeclined, ViewExpressed, ViewNotAscertainable, ViewObserved, ViewSought
from domain.dates import PartialDate
from projections.answers import Shown

SPOKEN: Final = (ViewExpressed, ViewDeclined, ViewObserved, ViewNotAscertainable, ViewSought)
"""The entries about the child's view, the child's own words first."""

_CHOICES: Final = ("proposal", "options")
_OTHERS: Final = ("other_views",)
_REVIEW: Final = ("review", "review_not_practicable", "iro_informed")
_DECIDED: Final = ("decided_by", "forum", "urgency", "ground", "views", "weight", "legal_basis")
_AFTERWARDS: Final = ("effective",)
_TOLD_BY: Final = ("child.told", "child.not_told")
_IRO_TOLD_BY: Final = ("iro.informed", "review.held")
_BECAME: Final = ("decision.took_effect", "decision.withdrawn", "decision.reconfirmed", "decision.significance_marked")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page. `nothing` is said where it is empty."""

    anchor: str
    heading: str
    nothing: str
    passages: tuple[Detail, ...] = ()
    rows: tuple[Detail, ...] = ()
    entries: tuple[EntryView, ...] = ()

    @property
    def empty(self) -> bool:
        """Tell whether nothing is recorded in it."""
        return not (self.passages or self.rows or self.entries)


async def decision_page(inquiry: Inquiry, ref: str) -> Response:
    """Give the page of a decision; an entry of another kind is shown as what it is."""
    view = await inquiry.case()
    shown = await inquiry.entry(ref)
    fact = shown.entry.event
    if not isinstance(fact, DecisionMade):
        elsewhere = f"{inquiry.root}/entries/{ref}{inquiry.query}"
        return RedirectResponse(elsewhere, status_code=303, headers=HEADERS)
    pointing = await inquiry.pointing_at(ref)
    links = await inquiry.links(view, [shown, *pointing])
    born = view.opening.born
    asked = [links.entries[each] for each in mentioned([shown]) if each in links.entries]
    spoken = [each for kind in SPOKEN for each in asked if isinstance(each.entry.event, kind)]
    beside = {each.event.ref for each in shown.attached}
    after = [each for each in pointing if each.entry.event.ref not in beside]
    decision = entry_view(shown, links, born)
    return page(
        inquiry.request,
        "decision.html",
        child=view.opening.child,
        case=links.case,
        query=links.query,
        asked=inquiry.asked,
        decision=decision,
        sequence=sequence_of(shown, spoken, after, links),
        heard=[heard(each, shown, links, born) for each in spoken],
        sections=sections(shown, after, links, born),
        steps=steps(fact, [each.entry.event for each in pointing], links.case),
        about_entry=about_entry(fact, links.case),
    )


def sections(shown: Shown, after: list[Shown], links: Links, born: PartialDate | None) -> tuple[Section, ...]:
    """Give the parts of the page that follow what the record shows."""
    fact = shown.entry.event
    laid_out = LaidOut(fact, shape_of(fact.TOPIC), links, corrections_of(shown.attached), None)
    shape = laid_out.shape
    own = (*_CHOICES, *_OTHERS, *_REVIEW, *_DECIDED, *_AFTERWARDS)
    rest = tuple(name for name in shape.rows if name not in own)
    views = {each.entry.event.ref: entry_view(each, links, born) for each in after}

    def of(*topics: str) -> tuple[EntryView, ...]:
        return tuple(views[each.entry.event.ref] for each in after if each.entry.event.TOPIC in topics)

    known = {*_TOLD_BY, *_IRO_TOLD_BY, *_BECAME}
    others = tuple(views[each.entry.event.ref] for each in after if each.entry.event.TOPIC not in known)
    return (
        Section(
            "choices",
            say("The choices"),
            say("The record names no other choice."),
            passages=laid_out.details(_CHOICES),
            entries=_proposal(fact, links, born),
        ),
        Section(
            "decided",
            say("What was decided, by whom, and why"),
            say("Nothing is recorded about who decided this, or why."),
            passages=laid_out.details(shape.passages),
            rows=(*laid_out.details(_DECIDED), *laid_out.details(rest), *laid_out.more(*own)),
        ),
        Section(
            "others",
            say("What other people said"),
            say("Nothing is recorded of what other people said."),
            passages=laid_out.details(_OTHERS),
        ),
        Section(
            "review",
            say("The review meeting and the reviewing officer"),
            say("Nothing is recorded about a review meeting before this, or about the reviewing officer."),
            rows=laid_out.details(_REVIEW),
            entries=of(*_IRO_TOLD_BY),
        ),
        Section(
            "told",
            say("Who told the child"),
            say("Nothing is recorded about telling the child."),
            entries=of(*_TOLD_BY),
        ),
        Section(
            "became",
            say("What became of it"),
            say("Nothing is recorded about what became of it."),
            rows=laid_out.details(_AFTERWARDS),
            entries=of(*_BECAME),
        ),
        Section(
            "afterwards",
            say("What else is on record about this"),
            say("Nothing else is on record about this."),
            entries=others,
        ),
    )


def _proposal(fact: Fact, links: Links, born: PartialDate | None) -> tuple[EntryView, ...]:
    ref = fact.proposal if isinstance(fact, DecisionMade) else None
    shown: Iterable[Shown] = (links.entries[ref],) if ref and ref in links.entries else ()
    return tuple(entry_view(each, links, born) for each in shown)
