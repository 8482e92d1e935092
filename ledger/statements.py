"""
Hand-written SQL, kept in `.sql` files beside the code that uses it and loaded by name.

A file holds blocks that begin with `-- name: something`. The schema of the authority is filled in as `{schema}`;
values are always parameters, never text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final, LiteralString, cast

from psycopg.sql import SQL, Composed, Identifier

_BLOCK: Final = re.compile(r"^-- name: (?P<name>\w+)[^\n]*\n(?P<text>.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)


class Statements:
    """The statements of one file, for one schema. `statements["page"]` gives the block of that name."""

    def __init__(self, file: Path, schema: str) -> None:
        self._texts = blocks(file)
        self._schema = Identifier(schema)
        self._written: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        """Give a statement ready to run. Raises `KeyError` for a name the file does not have."""
        statement = self._written.get(name)
        if statement is None:
            statement = self._written[name] = in_schema(self._texts[name], self._schema).as_bytes(None)
        return statement


def in_schema(text: str, schema: Identifier) -> Composed:
    """Fill the schema into SQL text from a file of this project."""
    return SQL(cast("LiteralString", text)).format(schema=schema)  # type: ignore[redundant-cast]  # mypy takes it for str


@lru_cache
def blocks(file: Path) -> dict[str, str]:
    """Give the texts of a file by their names."""
    return {block["name"]: block["text"].strip() for block in _BLOCK.finditer(file.read_text(encoding="utf-8"))}
