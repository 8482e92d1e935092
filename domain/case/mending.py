"""What is wrong with a body that does not fit: each place, with a sentence that says how to mend it.

What was sent never comes back: a value may be a person's, and even a field's name may be something somebody typed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, Field


class FieldProblem(BaseModel):
    """One field that is not right."""

    field: str = Field(description="Where, as a path into the body, or the name of a parameter.")
    message: str = Field(description="What is wrong and how to mend it.")
    pointer: str | None = Field(
        default=None, description="Where in the body, as a JSON Pointer (RFC 6901).", examples=["/own_words/0/words"]
    )


def field_problems(errors: Any) -> list[FieldProblem]:
    """Give each error of a validation with its place and a sentence, without what was sent."""
    return [
        FieldProblem(
            field=_place(error["loc"]),
            message=_MENDS.get(error["type"], error["msg"]),
            pointer=_pointer(error["loc"], error["type"]),
        )
        for error in errors
    ]


def _place(steps: Any) -> str:
    """Name a place in a body; a step that is no field name but something somebody typed is left out."""
    named = [
        str(step) for step in steps if step not in _AROUND and (isinstance(step, int) or _FIELD_NAME.fullmatch(step))
    ]
    return ".".join(named) or "body"


def _pointer(steps: Any, kind: str) -> str | None:
    """Point into the body, as far as its names are field names; the name of a command is no step of it."""
    if not steps or steps[0] != "body":
        return None
    inside = steps[2:] if len(steps) > 1 and steps[1] in _command_names() else steps[1:]
    pointer = ""
    for step in inside:
        if not isinstance(step, int) and not _FIELD_NAME.fullmatch(step):
            break
        pointer += f"/{step}"
    return "/do" if not pointer and kind in _ABOUT_DO else pointer


@cache
def _command_names() -> frozenset[str]:
    from domain.case.registry import COMMANDS

    return frozenset(COMMANDS)


_ABOUT_DO: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})
_AROUND: Final = frozenset({"body", "query", "path", "header"})
_FIELD_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_MENDS: Final = {
    "extra_forbidden": "There is no field of this name here. Check its spelling, or leave it out.",
    "missing": "This field is needed.",
    "union_tag_invalid": "`do` names no command. See the schema for the list.",
    "union_tag_not_found": "Say in `do` which command this is.",
    "uuid_parsing": "This is not an identifier. Use the one the case was opened with.",
    "string_pattern_mismatch": "This does not have the right form. See the schema for the pattern and an example.",
}
