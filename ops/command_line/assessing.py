"""`beforehand assess`: ask the question of test vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import typer
from pydantic import ValidationError

from domain.case.mending import field_problems
from domain.voice.vectors import Vector, answer_as_json
from ops.command_line.speaking import fail


def assess(file: Path) -> None:
    """Print one JSON object per vector of a file, in order."""
    for place, vector in _vectors(file):
        try:
            answered = answer_as_json(Vector.model_validate(vector))
        except ValidationError as invalid:
            problems = field_problems(invalid.errors(include_url=False, include_input=False))
            fail(f"{place} cannot be read. " + " ".join(f"{each.field}: {each.message}" for each in problems[:5]))
        typer.echo(orjson.dumps(answered))


def _vectors(file: Path) -> Iterator[tuple[str, Any]]:
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read as UTF-8 text. Check the name and the encoding.")
    if text.lstrip().startswith("["):
        yield from ((f"Vector {number}", each) for number, each in enumerate(_parsed(text, "The file"), start=1))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield f"Line {number}", _parsed(line, f"Line {number}")


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        fail(f"{place} is not JSON. Check quotes, commas and brackets; a file is an array, or one object per line.")
