"""`beforehand bundle`: give somebody a copy of a whole record that proves itself."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from pydantic import ValidationError

from api.disclosing import CannotBeMade, CannotWithhold, Disclosing, Withhold
from api.publication import publication_of
from domain.case.command import Act
from domain.case.fact import Role
from domain.case.refusal import MovedRefused, Refused
from domain.codes import Exemption
from ledger.publisher.published import NotCoveredYet
from ops.authority import Authority, authority, plain_errors
from ops.command_line.speaking import fail, say
from ops.importers.history import case_id_of

ACTOR: Final = "beforehand.bundle"
_PATIENCE: Final = 180.0
"""Seconds to wait for a checkpoint: witnesses are asked once a minute."""
_POLL: Final = 0.25
_COSIGN_EVERY: Final = 5


def give(case: str, recipient: str, withhold: list[str], out: Path, authority_name: str) -> None:
    """Record the issue, wait until a checkpoint covers it, and write the copy to a file for its owner alone."""
    if out.exists():
        fail(f"{out} is there already. Name another file: a copy that was given is not overwritten.", 2)
    wishes = [_wish(each) for each in withhold]
    try:
        case_id = UUID(case)
    except ValueError:
        case_id = case_id_of(case)
    with plain_errors(), authority(authority_name) as ready:
        settings = ready.settings.model_copy(update={"cosign_every": _COSIGN_EVERY})
        publication = publication_of(settings, lambda: datetime.now(UTC))
        if publication is None:
            fail("The log of this authority is published nowhere that is known here. Set BEFOREHAND_PUBLISHED.")
        with publication:
            disclosing = Disclosing(ready.pool, ready.kept, publication.published)
            try:
                version = _recorded(ready, disclosing, case_id, recipient, wishes)
                publication.ring()
                bundle = _made(disclosing, case_id, version)
            except (CannotWithhold, CannotBeMade, Refused) as why:
                fail(why.message)
    _write(out, bundle)
    say(
        f"{out} holds all {version} entries of this record, the last of which says that it was given to {recipient}. "
        f"Check it: beforehand verify bundle {out} --policy POLICY"
    )


def _wish(text: str) -> Withhold:
    """Read `ENTRY=REASON` or `ENTRY:FIELD=REASON`."""
    what, _, reason = text.rpartition("=")
    entry, _, field = what.partition(":")
    try:
        return Withhold.model_validate({"entry": entry, "field": field or None, "exemption": reason})
    except ValidationError:
        reasons = "\n".join(f"  {each}  {each.meaning}" for each in Exemption)
        fail(f"--withhold reads ENTRY=REASON, or ENTRY:FIELD=REASON. The reasons are:\n{reasons}", 2)


def _recorded(ready: Authority, disclosing: Disclosing, case_id: UUID, recipient: str, wishes: list[Withhold]) -> int:
    while True:
        try:
            version, command = disclosing.prepare(case_id, recipient, wishes)
        except ValidationError:
            fail("A recipient is named by a reference of letters, digits, dots and dashes, never by a name.", 2)
        if not version:
            fail("There is no such case. Check the identifier.")
        act = Act(ACTOR, Role.RECORDS_OFFICER, datetime.now(UTC), uuid4(), uuid4(), seen=frozenset({version}))
        try:
            return ready.ledger.handle(case_id, command, act).version
        except MovedRefused:
            continue


def _made(disclosing: Disclosing, case_id: UUID, version: int) -> bytes:
    until = time.monotonic() + _PATIENCE
    told = False
    while True:
        try:
            return disclosing.bundle(case_id, version)
        except NotCoveredYet as not_yet:
            if time.monotonic() > until:
                fail(
                    f"{not_yet.message} That the copy was given is on record; fetch it later from "
                    f"/v1/cases/{case_id}/disclosures. `beforehand ledger status` says what hinders."
                )
            if not told:
                say("Waiting until a checkpoint covers it.")
                told = True
            time.sleep(_POLL)


def _write(out: Path, bundle: bytes) -> None:
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bundle)
    except OSError as error:
        fail(f"{out} cannot be written ({error.strerror}). The copy is on record; fetch it again from the server.")
