"""The page of one child: the picture, how things are, and what happened, entry by entry."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from api.pages.asking import Order
from api.pages.case import case_head, legend
from api.pages.entries import EntryView, entry_view
from api.pages.filters import filters
from api.pages.inquiry import TIMELINE, Inquiry
from api.pages.later import came_later
from api.pages.moments import day
from api.pages.picture import picture_of
from api.pages.rendering import page
from projections.overview.overview import overview_of

ON_A_PAGE: Final = 50
_MOST_HOMES: Final = 60


async def timeline_page(inquiry: Inquiry) -> Response:
    """
    Give the page of a case, as it stood on the day that is asked for.

    The list is read at one version of the case, which the links to its further pages carry: whatever is recorded
    meanwhile, they neither skip nor repeat an entry. What stands above the list is always as it is by now.
    """
    answers, asked, order = inquiry.answers, inquiry.asked, inquiry.order
    view = await inquiry.case()
    cursor = inquiry.cursor()
    upto = view.version if cursor is None else cursor.upto
    after = inquiry.start if cursor is None else cursor.place
    now, as_of, wanted = inquiry.now, inquiry.as_of, inquiry.wanted.entries
    found = await answers.timeline(
        inquiry.id,
        now=now,
        as_of=as_of,
        newest_first=inquiry.newest_first,
        after=after,
        limit=ON_A_PAGE + 1,
        wanted=wanted,
        upto=upto,
    )
    shown = found[:ON_A_PAGE]
    voices = await answers.voices(inquiry.id, now=now, as_of=as_of)
    spoken = await answers.spoken(inquiry.id, as_of=as_of)
    everything = await answers.years(inquiry.id, now=now, as_of=as_of, upto=upto)
    by_year = everything
    if wanted:
        by_year = await answers.years(inquiry.id, now=now, as_of=as_of, wanted=wanted, upto=upto)
    homes = [each["ref"] for each in view.state["placements"]][-_MOST_HOMES:]
    links = await inquiry.links(view, shown, *homes)
    born = view.opening.born
    later = None if asked is None else await came_later(inquiry, asked, shown)
    return page(
        inquiry.request,
        "timeline.html",
        head=case_head(view, voices, links, inquiry.on),
        picture=picture_of(overview_of(view.state, voices, spoken), links, inquiry.on, born),
        years=_by_year([entry_view(each, links, born) for each in shown]),
        filters=filters(inquiry, view, voices, spoken, (by_year, everything), upto),
        later=later,
        legend=legend(),
        order=order,
        asked=asked,
        case=links.case,
        query=links.query,
        on=day(inquiry.on),
        turned=inquiry.address(order=None if inquiry.newest_first else Order.NEWEST.value) + TIMELINE,
        start=inquiry.address() + TIMELINE if after else None,
        following=inquiry.going_on(shown[-1].place, upto) if len(found) > ON_A_PAGE else None,
        added=max(0, view.version - upto),
        choice=inquiry.choice,
        today=inquiry.address(as_of=None),
    )


def _by_year(entries: list[EntryView]) -> list[tuple[int, list[EntryView]]]:
    years: list[tuple[int, list[EntryView]]] = []
    for each in entries:
        if not years or years[-1][0] != each.year:
            years.append((each.year, []))
        years[-1][1].append(each)
    return years
