"""The page of one person in the child's life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from api.pages import words
from api.pages.asking import Chosen
from api.pages.case import period
from api.pages.entries import entry_view
from api.pages.fields import Links, Value
from api.pages.inquiry import TIMELINE, Inquiry, no_entry
from api.pages.language import say
from api.pages.moments import Moment, moment
from api.pages.rendering import page
from domain.case.contact import ContactArrangementDecided
from domain.case.decision import DecisionMade
from domain.case.people import PersonIntroduced, PersonLeft, Relationship
from domain.case.view import About
from domain.matters import root
from projections.answers import Shown
from projections.timeline.wanted import Wanted

MOST: Final = 200
"""How many entries about one person are shown on their page; the list of the record goes on from there."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said when asked about a decision."""

    text: str
    decision: Value
    when: Moment


async def person_page(inquiry: Inquiry, ref: str) -> Response:
    """Give the page of a person: who they are, how the child and they are in touch, and what each of them said."""
    view = await inquiry.case()
    person = next((each for each in view.people if each["ref"] == ref), None)
    if person is None:
        raise no_entry()
    found = await inquiry.answers.timeline(
        inquiry.id, now=inquiry.now, as_of=inquiry.as_of, limit=MOST + 1, wanted=Wanted(person=ref)
    )
    introduced = await inquiry.entry(ref)
    shown = found[:MOST]
    links = await inquiry.links(view, [introduced, *shown])
    born = view.opening.born
    arrangements = [each for each in shown if _arranges(each, ref)]
    spoken = [each for each in shown if _about_seeing(each, ref)]
    told = {each.entry.event.ref for each in (*arrangements, *spoken)}
    others = [each for each in shown if _decides(each) and each.entry.event.ref not in told]
    introduction = introduced.entry.event
    return page(
        inquiry.request,
        "person.html",
        child=view.opening.child,
        case=links.case,
        query=links.query,
        asked=inquiry.asked,
        name=view.names[ref],
        relationship=_relationship(person),
        time=period(person),
        note=introduction.note if isinstance(introduction, PersonIntroduced) else None,
        entry=links.to_entry(ref),
        arrangements=[entry_view(each, links, born) for each in arrangements],
        views=[entry_view(each, links, born) for each in spoken],
        said=[each for entry in shown for each in _said(entry, ref, links)],
        decisions=[entry_view(each, links, born) for each in others],
        left=[entry_view(each, links, born) for each in shown if isinstance(each.entry.event, PersonLeft)],
        everything=_filtered(inquiry, ref),
        more=len(found) > MOST,
    )


def _arranges(shown: Shown, ref: str) -> bool:
    fact = shown.entry.event
    return isinstance(fact, ContactArrangementDecided) and fact.person == ref


def _about_seeing(shown: Shown, ref: str) -> bool:
    fact = shown.entry.event
    return isinstance(fact, About) and any(
        root(each) == "contact" and each.split(":")[1:2] == [ref] for each in fact.matters
    )


def _decides(shown: Shown) -> bool:
    return isinstance(shown.entry.event, DecisionMade)


def _said(shown: Shown, ref: str, links: Links) -> list[Said]:
    fact = shown.entry.event
    if not isinstance(fact, DecisionMade):
        return []
    decision = Value(say(fact.PHRASE), links.to_decision(fact.ref))
    return [Said(each.said, decision, moment(shown.when)) for each in fact.other_views if each.who == ref]


def _relationship(person: Mapping[str, Any]) -> str:
    return words.code(Relationship(person["relationship"]))


def _filtered(inquiry: Inquiry, ref: str) -> str:
    inquiry.wanted = Chosen(person=ref)
    return inquiry.address() + TIMELINE
