"""The page of one decision."""

from __future__ import annotations

from typing import Final

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.pages.entries import entry_view, heard, mentioned
from api.pages.forms.following import about_entry, steps
from api.pages.inquiry import Inquiry
from api.pages.rendering import HEADERS, page
from domain.case.decision import DecisionMade
from domain.case.view import ViewDeclined, ViewExpressed

SPOKEN: Final = (ViewExpressed, ViewDeclined)
"""The entries that can hold the child's own words about a matter."""


async def decision_page(inquiry: Inquiry, ref: str) -> Response:
    """Give the page of a decision; an entry of another kind is shown as what it is."""
    view = await inquiry.case()
    shown = await inquiry.entry(ref)
    if not isinstance(shown.entry.event, DecisionMade):
        elsewhere = f"{inquiry.root}/entries/{ref}{inquiry.query}"
        return RedirectResponse(elsewhere, status_code=303, headers=HEADERS)
    pointing = await inquiry.pointing_at(ref)
    links = await inquiry.links(view, [shown, *pointing])
    born = view.opening.born
    views = [links.entries[each] for each in mentioned([shown]) if each in links.entries]
    beside = {each.event.ref for each in shown.attached}
    return page(
        inquiry.request,
        "decision.html",
        child=view.opening.child,
        case=links.case,
        query=links.query,
        asked=inquiry.asked,
        decision=entry_view(shown, links, born),
        heard=[heard(each, shown, links, born) for each in views if isinstance(each.entry.event, SPOKEN)],
        steps=steps(shown.entry.event, [each.entry.event for each in pointing], links.case),
        about_entry=about_entry(shown.entry.event, links.case),
        afterwards=[entry_view(each, links, born) for each in pointing if each.entry.event.ref not in beside],
    )
