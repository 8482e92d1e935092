"""The application: the only place where everything is joined."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, closing, nullcontext, suppress
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import orjson
import psycopg
from fastapi import Depends, FastAPI, Request, Response
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from starlette.types import Lifespan

from api.casework import casework
from api.description import describe
from api.desk import Desk
from api.disclosing import Disclosing
from api.identity import introduce
from api.limits import Limits
from api.log_state import log_state
from api.methods import Methods
from api.pages import Amiss, amiss_page, pages
from api.pages.forms.routes import forms
from api.pages.log import log_page
from api.problems import Problem, install
from api.publication import publication_of
from api.receipts import Receipts
from api.routes.decisions import decisions
from api.routes.disclosures import disclosures
from api.routes.events import events
from api.routes.health import health
from api.routes.log import log as log_routes
from api.routes.parts import parts
from api.routes.reading import reading
from api.routes.receipts import receipts
from api.routes.recording import recording
from api.routes.reference import reference
from api.routes.webhooks import webhooks
from api.settings import Settings
from api.webhooks.delivery import Deliverer, Patience
from api.webhooks.store import Subscriptions
from domain.case.fact import Fact
from ledger.errors import LedgerUnavailable
from ledger.keys import KeyRing, open_keys
from ledger.log import Log
from ledger.reader import LogReader
from ledger.recorder import connection_as
from ledger.writer import LogWriter
from projections.answers import Answers
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Follower, Runner
from projections.registry import REGISTRY

WRITERS = 4

DESCRIPTION = """
The record of decisions about children in care, and whether each child was asked beforehand.

Every entry is a fact that is never edited. World time (`when`) is what people state and may be partial; recorded time
(`recorded_at`) is set by the database. Every read takes `as_of`: what did the record show on that day?
"""


def create_app(
    settings: Settings,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    patience: Patience | None = None,
) -> FastAPI:
    """
    Join pools, ledger, projections and doors for one authority. The schema must have been migrated.

    `patience` says how often and how long webhooks are tried.
    """
    url = settings.database_url.get_secret_value()
    how = connection_as(settings.database_role)
    writers: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
        url, min_size=1, max_size=WRITERS, open=False, kwargs=how
    )
    readers: AsyncConnectionPool[psycopg.AsyncConnection[Any]] = AsyncConnectionPool(
        url, min_size=1, max_size=settings.pool_size, open=False, kwargs=how
    )
    keys = open_keys(settings.where_keys_are, settings.authority, settings.key_encryption_keys)
    kept: Log[Fact] = Log.of(settings.authority, settings.log_origin, REGISTRY, keys)
    runner = Runner(writers, kept, PROJECTIONS)
    follower = Follower(runner, now, keys.look)
    log = LogReader(readers, kept)
    publication = publication_of(settings, now)
    desk = Desk(
        ledger=casework(writers, kept),
        answers=Answers(log),
        log=log,
        writer=LogWriter(url, settings.authority, how),
        now=now,
        follower=follower,
        publication=publication,
        receipts=Receipts(publication),
    )
    for forget in (desk.ledger.forget, kept.mapper.forget, runner.forget):
        keys.when_changed(forget)
    subscriptions = Subscriptions(readers, settings.authority)
    private = settings.webhooks_to_private_networks
    deliverer = Deliverer(subscriptions, log, follower.seen, now, private=private, patience=patience)
    app = FastAPI(
        title="Beforehand",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_lifespan(desk, keys, writers, readers, deliverer),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    tell = install(app, _on_a_page)
    app.include_router(recording(desk))
    app.include_router(reading(desk))
    app.include_router(parts(desk))
    app.include_router(decisions(desk))
    app.include_router(receipts(desk))
    disclosing = Disclosing(writers, kept, None if publication is None else publication.published)
    app.include_router(disclosures(desk, disclosing))
    app.include_router(log_routes(desk))
    app.include_router(events(desk))
    app.include_router(webhooks(desk, subscriptions, deliverer, private=private))
    app.include_router(reference())
    app.include_router(health(desk))
    app.include_router(pages(_answers_of(desk), now), dependencies=[Depends(introduce)])
    app.include_router(log_page(partial(log_state, desk), now), dependencies=[Depends(introduce)])
    app.include_router(forms(desk), dependencies=[Depends(introduce)])
    app.openapi = cache(partial(describe, app))  # type: ignore[method-assign]  # the framework's own way to finish it
    app.add_api_route("/openapi.json", _description_of(app), include_in_schema=False)
    app.state.let_go = partial(_let_go, desk)
    app.add_middleware(Methods, routes=app.router.routes)
    app.add_middleware(Limits, tell=tell)
    return app


def _let_go(desk: Desk) -> None:
    """Send home everybody who waits for something, as the server stops."""
    desk.follower.let_go()
    if desk.publication is not None:
        desk.publication.let_go()


def _on_a_page(request: Request, problem: Problem) -> Response:
    return amiss_page(request, Amiss(problem.status, problem.title, problem.detail))


def _description_of(app: FastAPI) -> Callable[[], Awaitable[Response]]:
    """Give what answers with the description. It takes a second to write, once, and nobody else waits for that."""
    text = cache(lambda: orjson.dumps(app.openapi()))

    async def description() -> Response:
        return Response(await asyncio.to_thread(text), media_type="application/json")

    return description


def _answers_of(desk: Desk) -> Callable[[Request], Answers]:
    return lambda _request: desk.answers


def _lifespan(
    desk: Desk,
    keys: KeyRing,
    writers: ConnectionPool[psycopg.Connection[Any]],
    readers: AsyncConnectionPool[psycopg.AsyncConnection[Any]],
    deliverer: Deliverer,
) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with closing(keys), writers:
            with suppress(LedgerUnavailable):  # a server may start before its database does
                await asyncio.to_thread(desk.ledger.begin)
            async with readers:
                with desk.follower, desk.publication or nullcontext():
                    async with deliverer, aclosing(desk.writer):
                        yield

    return lifespan
