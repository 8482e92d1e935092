"""
Facts as CloudEvents 1.0 (structured JSON), in the order of the log.

`id` is the position in the log, so that it is the same for ever, and `sequence` is the same number written so that
text order is its order (the CloudEvents extension of that name). `time` is recorded time, `subject` the case.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from domain.case.fact import Fact
from ledger.mapper import Entry

BATCH: Final = "application/cloudevents-batch+json"
SINGLE: Final = "application/cloudevents+json"


class CloudEvent(BaseModel):
    """One fact as a CloudEvent."""

    specversion: str = Field(default="1.0", pattern="^1\\.0$")
    id: str = Field(description="The position in the log.", examples=["17"])
    source: str = Field(description="The authority whose log this is.", examples=["urn:beforehand:sample"])
    type: str = Field(description="The kind of fact.", examples=["view.expressed"])
    subject: UUID = Field(description="The case.")
    time: datetime = Field(description="When it was recorded (UTC).")
    datacontenttype: str = "application/json"
    dataschema: str = Field(
        description="The JSON Schema of `data`.", examples=["http://localhost:8265/v1/facts/view.expressed"]
    )
    sequence: str = Field(description="The position, in a form whose text order is its order.")
    caseversion: int = Field(description="The place in the case, from 1.")
    data: dict[str, Any] = Field(description="The fact as it was recorded: its reference, who recorded it, its body.")


def source_of(authority: str) -> str:
    """Name an authority as the source of events."""
    return f"urn:beforehand:{authority}"


def sequence_of(position: int) -> str:
    """Write a position so that text order is its order."""
    return f"{position:019d}"


def cloud_event(entry: Entry[Fact], authority: str, base: str) -> dict[str, Any]:
    """Give an entry as a CloudEvent; `base` is the address of this server, without a slash at its end."""
    fact = entry.event
    assert entry.recorded_at is not None  # noqa: S101 - entries read from the log have it
    return {
        "specversion": "1.0",
        "id": str(entry.position),
        "source": source_of(authority),
        "type": fact.TOPIC,
        "subject": str(entry.originator_id),
        "time": instant_text(entry.recorded_at),
        "datacontenttype": "application/json",
        "dataschema": f"{base}/v1/facts/{fact.TOPIC}",
        "sequence": sequence_of(entry.position),
        "caseversion": entry.originator_version,
        "data": fact.model_dump(mode="json", exclude_none=True),
    }


def instant_text(moment: datetime) -> str:
    """Write an instant as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
