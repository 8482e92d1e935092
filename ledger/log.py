"""One log: the schema it is kept in, its name, and how its entries are sealed and opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from ledger.mapper import E, FactMapper, Keys, Registry


@dataclass(frozen=True, slots=True)
class Log(Generic[E]):
    """The log of one authority: what readers and writers of it are given."""

    schema: str
    mapper: FactMapper[E]

    @classmethod
    def of(cls, schema: str, origin: str, registry: Registry[E], keys: Keys) -> Log[E]:
        """Put a log together."""
        return cls(schema, FactMapper(registry, keys, origin))

    @property
    def origin(self) -> str:
        """The name of the log, which every leaf of it carries (C2SP tlog-checkpoint)."""
        return self.mapper.origin
