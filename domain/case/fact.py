"""
The shape of a fact: what happened, in whose record, recorded by whom, on whose account.

A fact is frozen and complete. Its topic and version are fixed names that outlive every refactoring; stored text never
chooses what is imported. Narrative fields are marked, so that later rooms can seal, withhold or redact them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Protocol, TypeVar, get_origin
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from domain.dates import PartialDate
from domain.matters import contact_with
from domain.voice.evidence import Grade

if TYPE_CHECKING:
    from domain.case.state import Case


class Stamp(Protocol):
    """What the ledger adds when it records a fact: place in the stream and the instant, set by the database."""

    @property
    def version(self) -> int:
        """Place in the stream, from 1."""

    @property
    def recorded_at(self) -> datetime:
        """Recorded time, UTC."""


class _Sealed:
    """Marks a field that holds what a person said or wrote, or who a person is."""


def lines_of(text: str) -> str:
    r"""Write every line break as `\n`. Browsers send `\r\n`, old files a lone `\r`; all of them mean a new line."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _lines(text: object) -> object:
    return lines_of(text) if isinstance(text, str) else text


def _one_line(text: object) -> object:
    """Make one line of a name: a break or a tab in it, with the space around, becomes one space."""
    if not isinstance(text, str) or not _BREAK.search(text):
        return text
    return " ".join(piece for part in _BREAK.split(text) if (piece := part.strip()))


def _readable(text: str) -> str:
    """
    Turn away what no person can read.

    That is a control character or half a character (those of U+0080 to U+009F are what is left of a file read in the
    wrong encoding), and a text in which nothing can be seen. What joins letters or gives them a direction is part of
    writing in many scripts, and stays.
    """
    if _CONTROL.search(text):
        raise PydanticCustomError(
            "control_character",
            "Take out the control characters, which nobody can read. If this came from a file, save that as UTF-8. "
            "Letters of any script are fine.",
        )
    if not any(_visible(character) for character in text):
        raise PydanticCustomError(
            "empty_text", "There is nothing to read here. Write something, or leave the field out."
        )
    return text


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and character not in _BLANKS


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAK: Final = re.compile(r"[\r\n\t]")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANKS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
)
"""Letters and marks that are drawn as nothing: fillers, the empty Braille cell, variation selectors."""
NARRATIVE: Final = _Sealed()

_UNSEEN_RANGES: Final = (
    (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F),
    (0x890, 0x891), (0x8E2, 0x8E2), (0x115F, 0x1160), (0x1680, 0x1680), (0x17B4, 0x17B5), (0x180E, 0x180E),
    (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x2064), (0x2066, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x110BD, 0x110BD),
    (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0001, 0xE0001),
    (0xE0020, 0xE007F),
)  # fmt: skip
_PLAIN: Final = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
_SEEN: Final = r"[^\x00-\x20" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _UNSEEN_RANGES) + "]"
READABLE: Final = f"^{_PLAIN}*{_SEEN}{_PLAIN}*$"
"""What `_readable` takes, as a pattern for schemas: no control characters, and something that can be seen."""

_IN_SCHEMAS: Final = Field(json_schema_extra={"minLength": 1, "pattern": READABLE})

Narrative = Annotated[
    str,
    BeforeValidator(_lines),
    StringConstraints(max_length=20_000),
    AfterValidator(_readable),
    NARRATIVE,
    _IN_SCHEMAS,
]
"""
Free text about people: kept as written, letter for letter.

Only line breaks are written in one way, before they are counted, so that a text is no longer for having been typed in a
browser.
"""

Name = Annotated[
    str,
    BeforeValidator(_one_line),
    StringConstraints(max_length=200),
    AfterValidator(_readable),
    NARRATIVE,
    _IN_SCHEMAS,
]
"""What a person or place is called: one line, since it stands in headings and lists."""

Ref = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""How facts of one case point at each other: unique within the case, made of letters, digits, dots and dashes."""

Label = Annotated[str, StringConstraints(max_length=120, pattern=r"^[\w .,:;()/&'+-]+$")]
"""A short technical label that names no person: a system, a rule, a form."""


class Part(BaseModel):
    """A value that facts and commands are made of."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Show the kind only: what a part holds must not reach a log or a traceback."""
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Role(StrEnum):
    """In what role somebody acted."""

    SOCIAL_WORKER = "SOCIAL_WORKER"
    TEAM_MANAGER = "TEAM_MANAGER"
    IRO = "IRO"
    ADVOCATE = "ADVOCATE"
    CARER = "CARER"
    CHILD = "CHILD"
    CARE_LEAVER = "CARE_LEAVER"
    RECORDS_OFFICER = "RECORDS_OFFICER"
    SYSTEM = "SYSTEM"


class Provenance(Part):
    """Where an imported fact comes from. The importer is never shown as its author."""

    system: Label = Field(description="The system or source the fact was taken from.", examples=["Mosaic"])
    author: Name | None = Field(default=None, description="Who recorded it there.")
    recorded: PartialDate | None = Field(default=None, description="When it was recorded there.")
    grade: Grade = Field(
        default=Grade.C,
        description="How far `recorded` can be trusted: A a system log, B a dated document, C somebody says so.",
    )
    source_id: Label | None = Field(default=None, description="The identifier of the fact in that source.")
    effects_only: Literal[True] | None = Field(
        default=None,
        description="The source tells what happened and when, and has no decision dates, reasons or views: a return.",
    )


class By(Part):
    """Who recorded a fact, in what role, at whose request, under which rules."""

    actor: str
    role: Role
    on_behalf_of: str | None = None
    correlation_id: UUID
    command_id: UUID
    rule_pack: str
    """The rule pack in force, pinned: `england-2010@1`."""
    provenance: Provenance | None = None


class Fact(Part):
    """One thing that happened. Subclasses name a topic, a version and a plain phrase."""

    TOPIC: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    PHRASE: ClassVar[str] = ""
    """What happened, in words a twelve-year-old can read."""
    DATED: ClassVar[str | None] = None
    """The field that holds the world time of the fact."""
    REF_PREFIX: ClassVar[str] = "fact"

    ref: Ref
    by: By

    def __init_subclass__(cls, *, topic: str = "", version: int = 1, phrase: str = "", **kwargs: Any) -> None:
        """Take the fixed names of a kind of fact from the class line."""
        super().__init_subclass__(**kwargs)
        if topic:
            cls.TOPIC, cls.VERSION, cls.PHRASE = topic, version, phrase

    @property
    def when(self) -> PartialDate | None:
        """When it happened in the world, as stated, or nothing where nobody knows."""
        return getattr(self, self.DATED) if self.DATED else None

    @property
    def stands_at(self) -> PartialDate | None:
        """Where it belongs among all that happened: `when`, or the next best date that was stated."""
        return self.when

    @property
    def about(self) -> tuple[str, ...]:
        """The refs of the facts and people it speaks about."""
        return ()

    @property
    def third_party(self) -> str | None:
        """The person of the case whom its narrative is about, where it is about one who is not the child."""
        return None

    @property
    def subject_matters(self) -> tuple[str, ...]:
        """The matters it speaks about."""
        return ()

    @property
    def people(self) -> tuple[str, ...]:
        """The refs of the people of the child's life it has to do with: those whom contact is about, to begin with."""
        return tuple(person for matter in self.subject_matters if (person := contact_with(matter)) is not None)

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Work this fact into what the case adds up to. The default: it is there."""

    def content(self) -> tuple[Any, ...]:
        """Give what is stated: all but the reference and the recorder."""
        return tuple(getattr(self, name) for name in type(self).model_fields if name not in _NOT_CONTENT)

    def fingerprint(self) -> int:
        """Give a number that two facts of the same content share."""
        return hash((self.TOPIC, *self.content()))


_NOT_CONTENT: Final = frozenset({"ref", "by"})

F = TypeVar("F", bound=Fact)


def narrative_fields(model: type[BaseModel]) -> frozenset[str]:
    """Give the names of the fields of a model that are narrative themselves (not of the parts it contains)."""
    return frozenset(
        name for name, info in model.model_fields.items() if any(isinstance(m, _Sealed) for m in _marks(info))
    )


@cache
def narrative_of(model: type[BaseModel]) -> Mapping[str, Any]:
    """
    Give where a model holds narrative: name to nothing, or to the narrative of what is inside; `*` is every element.

    `{"reasons": None, "options": {"*": {"what": None}}}`
    """
    marked = narrative_fields(model)
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        inner = _types(info.annotation)
        parts = [each for each in inner if isinstance(each, type) and issubclass(each, BaseModel)]
        inside: Any = None if name in marked else {key: of for part in parts for key, of in narrative_of(part).items()}
        if inside != {}:
            found[name] = {"*": inside} if any(get_origin(each) in {tuple, list} for each in inner) else inside
    return found


def holds_narrative(model: type[BaseModel], field: str) -> bool:
    """Tell whether a field is narrative, or made of parts that hold some."""
    info = model.model_fields.get(field)
    if info is None:
        return False
    parts = [each for each in _types(info.annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
    return field in narrative_fields(model) or any(
        holds_narrative(part, name) for part in parts for name in part.model_fields
    )


def _types(annotation: Any) -> list[Any]:
    found, pending = [], [annotation]
    while pending:
        found.append(each := pending.pop())
        pending.extend(getattr(each, "__args__", ()))
    return found


def _marks(info: Any) -> list[Any]:
    return [*info.metadata, *(mark for each in _types(info.annotation) for mark in getattr(each, "__metadata__", ()))]
