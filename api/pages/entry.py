"""The page of one entry that is no decision."""

from __future__ import annotations

from fastapi import Response

from api.pages.entries import entry_view
from api.pages.forms.following import about_entry, steps
from api.pages.inquiry import Inquiry
from api.pages.rendering import page


async def entry_page(inquiry: Inquiry, ref: str) -> Response:
    """Give the page of an entry, with what it is about and what else speaks of it."""
    view = await inquiry.case()
    shown = await inquiry.entry(ref)
    pointing = await inquiry.pointing_at(ref)
    links = await inquiry.links(view, [shown, *pointing])
    born = view.opening.born
    beside = {each.event.ref for each in shown.attached}
    return page(
        inquiry.request,
        "entry.html",
        child=view.opening.child,
        case=links.case,
        query=links.query,
        asked=inquiry.asked,
        entry=entry_view(shown, links, born),
        about=[links.named(each) for each in dict.fromkeys(shown.entry.event.about)],
        steps=steps(shown.entry.event, [each.entry.event for each in pointing], links.case),
        about_entry=about_entry(shown.entry.event, links.case),
        pointing=[entry_view(each, links, born) for each in pointing if each.entry.event.ref not in beside],
    )
