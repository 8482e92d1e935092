"""Keeping and shaping who was in the child's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from domain.case.people import PersonIntroduced, PersonLeft
from domain.case.record import current_value, said_by
from domain.case.state import Case
from domain.dates import PartialDate
from ledger.statements import Statements
from projections.engine.projection import Change

PEOPLE_SQL: Final = Path(__file__).with_name("people.sql")


@dataclass(frozen=True, slots=True)
class Person:
    """One person in the child's life: what they are to the child, from when to when, corrections worked in."""

    case_id: UUID
    ref: str
    version: int
    relationship: str
    since: PartialDate | None
    until: PartialDate | None
    named_at: int
    """The version of the entry that says what they are called now."""


def people(case: Case) -> list[Person]:
    """Give the people of a case in the order in which they were introduced."""
    until = {left.person: current_value(case, left, "until") for left in case.all(PersonLeft)}
    return [
        Person(
            case.id,
            person.ref,
            case.facts[person.ref].version,
            current_value(case, person, "relationship"),
            current_value(case, person, "since"),
            until.get(person.ref),
            said_by(case, person, "name"),
        )
        for person in case.all(PersonIntroduced)
    ]


class People:
    """One row per person."""

    name = "people"
    version = 1
    sql = PEOPLE_SQL
    tables = ("person",)

    def apply(self, cursor: psycopg.Cursor[Any], statements: Statements, changes: Sequence[Change]) -> None:
        """Write the people of every changed case."""
        everyone = [person for change in changes for person in people(change.case)]
        if everyone:
            cursor.execute(
                statements["put"],
                (
                    [person.case_id for person in everyone],
                    [person.ref for person in everyone],
                    [person.version for person in everyone],
                    [str(person.relationship) for person in everyone],
                    [None if person.since is None else str(person.since) for person in everyone],
                    [None if person.until is None else str(person.until) for person in everyone],
                    [person.named_at for person in everyone],
                ),
            )
