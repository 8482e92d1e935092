"""`beforehand erase`, `redact`, `ledger erasures` and `ledger replay-erasures`: what destroys for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import typer
from pydantic import ValidationError

from domain.case.command import Act
from domain.case.fact import Role
from domain.case.people import PersonIntroduced
from domain.case.redaction import TakeOutText
from domain.codes import LegalBasis
from ledger.mapper import SealedEvent
from ledger.register import read, written
from ops.authority import authority, plain_errors
from ops.command_line.speaking import fail, say
from ops.importers.history import case_id_of


def erase(case: str, basis: LegalBasis, authority_name: str, *, yes: bool) -> None:
    """Erase a case."""
    with plain_errors(), authority(authority_name) as ready:
        case_id = _case_named(case)
        eraser = ready.eraser
        question = f"Destroy {eraser.standing(case_id)} entries for good? Nothing brings them back."
        if not yes and not typer.confirm(question, err=True):
            fail("Nothing was erased.")
        done = eraser.erase(case_id, basis)
    say(f"{done.entries} entries are blank, {done.keys} keys destroyed. The erasure register says so.")
    say("Run `beforehand keys rotate`, `keys rewrap` and `keys destroy-epoch`, so that no backup can be read either.")


def redact(  # noqa: PLR0913 - one for each thing that can be said
    case: str, ref: str, field: str | None, basis: LegalBasis, by: str, authority_name: str, *, yes: bool
) -> None:
    """Take text out of a case."""
    with plain_errors(), authority(authority_name) as ready:
        case_id = _case_named(case)
        state, _ = ready.ledger.load(case_id)
        held = state.facts.get(ref)
        if held is None:
            fail(f"There is no entry {ref} in this case. Check both.")
        if not yes and not typer.confirm("Destroy this text for good? Nothing brings it back.", err=True):
            fail("Nothing was taken out.")

        def noted(digests: Sequence[str]) -> list[SealedEvent]:
            command = TakeOutText(of=ref, field=field, digests=tuple(digests), basis=basis)
            act = Act(by, Role.RECORDS_OFFICER, datetime.now(UTC), uuid4(), uuid4())
            return ready.ledger.drafted(case_id, command, act)

        try:
            if field is None and isinstance(held.fact, PersonIntroduced):
                done = ready.eraser.redact_person(case_id, ref, basis, noted)
            else:
                done = ready.eraser.redact_value(case_id, held.version, field or "", basis, noted)
        except ValidationError:
            fail("That is not the name of a field. Name it as the entry does: `account`, `own_words.0.words`.")
    say(f"{done.entries} entries changed, {done.keys} keys destroyed. The record and the erasure register say so.")


def print_register(authority_name: str) -> None:
    """Print the register."""
    with plain_errors(), authority(authority_name) as ready:
        typer.echo(written(entry.event for entry in ready.eraser.register.entries()), nl=False)


def replay(copy: Path | None, authority_name: str) -> None:
    """Do again whatever the register says."""
    try:
        text = "" if copy is None else copy.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fail("The copy of the register cannot be read. Check its name.")
    with plain_errors(), authority(authority_name) as ready:
        done = ready.eraser.replay(read(text))
    if done.entries or done.keys:
        say(f"Erased again: {done.entries} entries, {done.keys} keys. Nothing that was erased is left.")
    else:
        say("Nothing that was erased is left.")


def _case_named(case: str) -> UUID:
    try:
        return UUID(case)
    except ValueError:
        return case_id_of(case)
