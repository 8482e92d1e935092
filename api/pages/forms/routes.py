"""The addresses of the forms: which there are, one empty or as typed, what was recorded."""

from __future__ import annotations

import asyncio
import re
from typing import Final
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.desk import Desk
from api.identity import actor_of
from api.pages.asking import case_asked
from api.pages.entries import entry_view, mentioned
from api.pages.fields import Links
from api.pages.forms.asks import box
from api.pages.forms.catalogue import FORMS, by_subject, form_for, often
from api.pages.forms.following import about_entry, steps
from api.pages.forms.form import WHOLE, Form
from api.pages.forms.guard import form_of
from api.pages.forms.known import Record
from api.pages.forms.living import OPENING
from api.pages.forms.reading import Reading
from api.pages.forms.typed import Typed
from api.pages.language import say
from api.pages.rendering import HEADERS, Amiss, Page, page, root_of
from domain.case.command import Act, Command
from domain.case.opening import OpenCase
from domain.case.refusal import AlreadyRecordedRefused, DuplicateRefused, KeyReusedRefused, Refused
from domain.case.state import Case
from ledger.errors import EntryTooLarge, LedgerUnavailable, VersionConflict

KEY: Final = "key"
"""Names one filling-in of a form, so that sending it twice records it once."""
AGAIN: Final = "again"
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_CARRIED: Final = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,119}")
_OPENINGS: Final = uuid5(UUID(int=0), "beforehand:opening by form")
_NOT_SAVED: Final = frozenset({KEY, AGAIN, "more"})


def forms(desk: Desk) -> APIRouter:
    """Make the router of the forms for a desk."""
    router = APIRouter(route_class=Page, include_in_schema=False)

    @router.get("/open-a-record")
    async def opening(request: Request) -> Response:
        return _empty(request, OPENING, Record(Case(UUID(int=0)), desk.now()), None)

    @router.post("/open-a-record")
    async def open_record(request: Request) -> Response:
        typed = await form_of(request)
        case_id = uuid5(_OPENINGS, f"{actor_of(request).actor}\n{_key(typed)}")
        return await _sent(request, desk, OPENING, Record(Case(case_id), desk.now()), typed)

    @router.get("/cases/{case_id}/record")
    async def offered(request: Request, case_id: str) -> Response:
        record = await _record(desk, _case(case_id))
        return page(
            request,
            "form_choice.html",
            child=record.child,
            case=_address(request, record),
            often=often(),
            subjects=by_subject(),
        )

    @router.get("/cases/{case_id}/record/{slug}")
    async def asked(request: Request, case_id: str, slug: str) -> Response:
        record = await _record(desk, _case(case_id))
        brought = Typed.of((name, value) for name, value in request.query_params.multi_items())
        form = form_for(slug, record, brought)
        if form is None:
            raise _no_form()
        return _empty(request, form, record, brought)

    @router.post("/cases/{case_id}/record/{slug}")
    async def sent(request: Request, case_id: str, slug: str) -> Response:
        typed = await form_of(request)
        case = _case(case_id)
        try:
            record = await _record(desk, case)
        except LedgerUnavailable:
            return _kept(request, typed)
        form = form_for(slug, record, typed)
        if form is None:
            raise _no_form()
        return await _sent(request, desk, form, record, typed)

    @router.get("/cases/{case_id}/recorded/{ref}")
    async def recorded(request: Request, case_id: str, ref: str) -> Response:
        return await _recorded(request, desk, _case(case_id), ref)

    return router


async def _sent(request: Request, desk: Desk, form: Form, record: Record, typed: Typed) -> Response:
    """Record what was sent and go to where it stands, or show the form again with what is wrong."""
    if form.step or typed.word("more"):
        return _shown(request, form, record, typed, Reading(), status=200)
    command, reading = form.read(typed, record)
    if command is None:
        return _shown(request, form, record, typed, reading)
    actor, key = actor_of(request), _key(typed)
    act = Act(
        actor=actor.actor,
        role=actor.role,
        at=desk.now(),
        correlation_id=uuid4(),
        command_id=uuid5(record.case.id, f"{actor.actor}\nform\n{key}"),
    )
    if typed.word(AGAIN):
        command = command.model_copy(update={"ref": f"{command.RECORDS.REF_PREFIX}-{key[:12]}"})
    try:
        ref = await _taken_in(desk, record.case.id, command, act)
    except LedgerUnavailable:
        return _kept(request, typed)
    except KeyReusedRefused:
        reading.wrong(WHOLE, _changed_since())
        typed = Typed({**typed.answers, KEY: (uuid4().hex,)})
    except DuplicateRefused:
        reading.wrong(AGAIN, say("Exactly this is on record already. If it happened twice, say so here."))
    except Refused as refused:
        form.refuse(refused, reading, record)
    except (VersionConflict, EntryTooLarge) as error:
        reading.wrong(WHOLE, _not_taken(error))
    else:
        return _to(f"{_address(request, record)}/recorded/{ref}")
    return _shown(request, form, record, typed, reading)


async def _taken_in(desk: Desk, case_id: UUID, command: Command, act: Act) -> str:
    """Record a command, once however often it is sent, and wait until pages show it. Gives the reference."""
    try:
        done = await desk.record(case_id, command, act)
    except AlreadyRecordedRefused as repeat:
        return repeat.refs[0]
    await desk.caught_up(done.position)
    return done.entries[0].event.ref


async def _recorded(request: Request, desk: Desk, case_id: UUID, ref: str) -> Response:
    """Show an entry that has just been recorded, and what may be recorded next."""
    now = desk.now()
    found = await desk.answers.entries(case_id, [ref], now=now)
    as_of = None if found else now  # not in the rows yet: read from the ledger itself
    if not found:
        found = await desk.answers.entries(case_id, [ref], now=now, as_of=as_of)
    view = await desk.answers.case(case_id, as_of=as_of)
    if view is None or not found:
        raise Amiss(404, "This entry is not here", "Check the address.")
    shown = found[0]
    known = {ref: shown}
    if wanted := [each for each in mentioned([shown]) if each not in known]:
        more = await desk.answers.entries(case_id, wanted, now=now, as_of=as_of)
        known |= {each.entry.event.ref: each for each in more}
    case = f"{root_of(request)}/cases/{case_id}"
    links = Links(case, "", view.names, known)
    pointing = await desk.answers.pointing_at(case_id, ref, now=now, as_of=as_of)
    facts = [each.entry.event for each in pointing]
    return page(
        request,
        "form_recorded.html",
        child=view.opening.child,
        case=case,
        entry=entry_view(shown, links, view.opening.born),
        opened=isinstance(shown.entry.event, OpenCase.RECORDS),
        steps=steps(shown.entry.event, facts, case),
        about=about_entry(shown.entry.event, case),
    )


def _empty(request: Request, form: Form, record: Record, brought: Typed | None) -> Response:
    """Show a form as it is before anything was typed, with what the address brings along."""
    answers: dict[str, tuple[str, ...]] = {name: (value,) for name, value in form.initial.items()}
    if brought is not None:
        for name in form.carries:
            carried = tuple(value for value in brought.all(name) if _CARRIED.fullmatch(value))
            if carried:
                answers[name] = carried
    return _shown(request, form, record, Typed(answers), Reading(), status=200)


def _shown(  # noqa: PLR0913 - the parts of one page
    request: Request,
    form: Form,
    record: Record,
    typed: Typed,
    reading: Reading,
    *,
    status: int = 422,
) -> Response:
    case = _address(request, record) if record.case.version else ""
    shown = page(
        request,
        "form.html",
        status=status,
        child=record.child,
        case=case,
        form=form,
        title=say(form.title),
        action=f"{case}/record/{form.slug}" if case else f"{root_of(request)}/open-a-record",
        sections=form.controls(typed, record, reading.mistakes),
        mistakes=[(box(each.box), each.sentence) for each in form.in_order(reading.mistakes)],
        others=[(slug, say(FORMS[slug].title)) for slug in form.others],
        key=_key(typed),
        again=AGAIN in reading.mistakes or bool(typed.word(AGAIN)),
        again_mistake=reading.mistakes[AGAIN].sentence if AGAIN in reading.mistakes else "",
    )
    shown.headers["Referrer-Policy"] = "same-origin"  # so that browsers say where the form is sent from
    return shown


def _kept(request: Request, typed: Typed) -> Response:
    """The record is away: keep what was typed on the page, to be sent again by one press."""
    kept = page(
        request,
        "form_kept.html",
        status=503,
        action=request.url.path,
        answers=[(name, each) for name, values in typed.answers.items() for each in values],
        readable=[
            each
            for name, values in typed.answers.items()
            for each in values
            if each.strip() and name not in _NOT_SAVED and not name.endswith(".count")
        ],
    )
    kept.headers["Referrer-Policy"] = "same-origin"
    kept.headers["Retry-After"] = "30"
    return kept


async def _record(desk: Desk, case_id: UUID) -> Record:
    case, version = await asyncio.to_thread(desk.ledger.load, case_id)
    if not version:
        raise _no_case()
    return Record(case, desk.now())


def _case(typed: str) -> UUID:
    found = case_asked(typed)
    if found is None:
        raise _no_case()
    return found


def _address(request: Request, record: Record) -> str:
    return f"{root_of(request)}/cases/{record.case.id}"


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers=HEADERS)


def _key(typed: Typed) -> str:
    held = typed.word(KEY)
    return held if _KEY.fullmatch(held) else uuid4().hex


def _not_taken(error: VersionConflict | EntryTooLarge) -> str:
    if isinstance(error, EntryTooLarge):
        return say("This is too much for one entry. Write less, or make several entries of it.")
    return say("Somebody else wrote in this record at the same moment. Press the button again.")


def _changed_since() -> str:
    return say(
        "This form was sent before, and what it said then is recorded. What you have changed since is not. "
        "If the entry is wrong, put it right there. To record this as something new, press the button again."
    )


def _no_case() -> Amiss:
    return Amiss(
        404,
        "This record is not here",
        "Check the address. If you think that you should be able to see this record, ask the person who sent you here.",
    )


def _no_form() -> Amiss:
    return Amiss(404, "There is no such form", "Check the address, or go back to the record and choose another form.")
