"""`beforehand timeline`: the timeline of one case at the terminal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import typer
from psycopg_pool import AsyncConnectionPool

from api.moments import as_of_instant
from api.shapes import EntryShape, entry_shape
from domain.dates import NotADate
from domain.voice import wording
from ledger.reader import LogReader
from ledger.recorder import CONNECTION
from ops.authority import Authority, authority, bring_up_to_date, plain_errors
from ops.command_line.speaking import fail, print_json
from ops.importers.history import case_id_of
from projections.answers import Answers

ALL: Final = 100_000


def show(case: str, as_of: str | None, authority_name: str, *, as_json: bool) -> None:
    """Show the timeline of a case, now or as it stood on a day."""
    try:
        moment = None if as_of is None else as_of_instant(as_of)
    except NotADate as problem:
        fail(problem.message, 2)
    try:
        case_id = UUID(case)
    except ValueError:
        case_id = case_id_of(case)
    with plain_errors(), authority(authority_name) as ready:
        bring_up_to_date(ready)
        ready.runner.catch_up()
        entries = asyncio.run(_read(ready, case_id, moment))
    if entries is None:
        fail("There is no such case, or there was none then. Check the identifier.")
    if as_json:
        print_json(
            {"case_id": str(case_id), "entries": [each.model_dump(mode="json", by_alias=True) for each in entries]}
        )
        return
    for entry in entries:
        typer.echo(_line(entry))


async def _read(ready: Authority, case_id: UUID, as_of: datetime | None) -> list[EntryShape] | None:
    url = ready.settings.database_url.get_secret_value()
    async with AsyncConnectionPool(url, min_size=1, max_size=1, open=False, kwargs=CONNECTION) as pool:
        answers = Answers(LogReader(pool, ready.kept))
        view = await answers.case(case_id, as_of=as_of)
        if view is None:
            return None
        shown = await answers.timeline(case_id, now=datetime.now(UTC), as_of=as_of, limit=ALL)
        return [entry_shape(each, view.opening.born) for each in shown]


def _line(entry: EntryShape) -> str:
    age = f", aged {entry.age}" if entry.age else ""
    text = f"{entry.when or f'recorded on {entry.recorded_at:%Y-%m-%d}'}{age}: {entry.phrase} ({entry.ref})"
    for words in entry.body.get("own_words", ()):
        text += f"\n    “{words['words']}”"
    if entry.voice is not None and entry.voice.significant:
        text += f"\n    {wording.VERDICTS[entry.voice.now.verdict].sentence}"
        then = entry.voice.at_effect
        if then is not None and (difference := wording.in_between(entry.voice.now.verdict, then.verdict)) is not None:
            text += f"\n    {difference}"
    return text
