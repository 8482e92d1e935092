"""The closed registry of facts, as the ledger takes it."""

from __future__ import annotations

from typing import Final

from domain.case.fact import Fact, narrative_of
from domain.case.registry import FACTS, UPCASTERS
from ledger.mapper import Registry

REGISTRY: Final[Registry[Fact]] = Registry(FACTS, UPCASTERS, narrative_of)
