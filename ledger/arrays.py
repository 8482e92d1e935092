"""
Arrays in PostgreSQL's binary form, each written in one go (`array_recv` in the server's `arrayfuncs.c`).

A list would do as well, but psycopg asks a dumper for each element: a third of what an append costs its client. The
types do not depend on the values either, so that one prepared statement serves them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Final, Self
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD: Final = Struct(">iiIii")
"""Dimensions, whether there are nulls, type of the elements, how many there are, number of the first."""
_LENGTH: Final = Struct(">i")
_INTEGER: Final = Struct(">ii")
_BIGINT: Final = Struct(">iq")
_UUID_LENGTH: Final = _LENGTH.pack(16)


class _Array(bytes):
    """An array as it travels."""

    __slots__ = ()

    @classmethod
    def _written(cls, element: int, count: int, body: bytes) -> Self:
        return cls(_HEAD.pack(1, 0, element, count, 1) + body)

    @classmethod
    def _of_any_length(cls, element: int, values: Sequence[bytes]) -> Self:
        return cls._written(
            element, len(values), b"".join([part for each in values for part in (_LENGTH.pack(len(each)), each)])
        )


class Integers(_Array):
    """`integer[]`."""

    __slots__ = ()

    @classmethod
    def of(cls, values: Sequence[int]) -> Self:
        """Write numbers of four bytes."""
        return cls._written(23, len(values), b"".join([_INTEGER.pack(4, each) for each in values]))


class Bigints(_Array):
    """`bigint[]`."""

    __slots__ = ()

    @classmethod
    def of(cls, values: Sequence[int]) -> Self:
        """Write numbers of eight bytes."""
        return cls._written(20, len(values), b"".join([_BIGINT.pack(8, each) for each in values]))


class Uuids(_Array):
    """`uuid[]`."""

    __slots__ = ()

    @classmethod
    def of(cls, values: Sequence[UUID]) -> Self:
        """Write identifiers."""
        return cls._written(2950, len(values), _UUID_LENGTH.join([b"", *(each.bytes for each in values)]))


class Texts(_Array):
    """`text[]`."""

    __slots__ = ()

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """Write texts, in UTF-8 as every connection of ours."""
        return cls._of_any_length(25, [each.encode() for each in values])


class Byteas(_Array):
    """`bytea[]`."""

    __slots__ = ()

    @classmethod
    def of(cls, values: Sequence[bytes]) -> Self:
        """Write bytes."""
        return cls._of_any_length(17, values)


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> bytes:
        """Give what has been written already."""
        return obj


for _kind, _oid in ((Integers, 1007), (Bigints, 1016), (Uuids, 2951), (Texts, 1009), (Byteas, 1001)):
    psycopg.adapters.register_dumper(_kind, type(f"{_kind.__name__}Dumper", (_AsItIs,), {"oid": _oid}))
