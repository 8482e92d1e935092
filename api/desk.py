"""What every door is handed: the ledger, the answers, a clock, and the bell of the projections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from api.casework import Casework
from projections.answers import Answers


@dataclass(frozen=True, slots=True)
class Desk:
    """One authority's ledger and answers. `now` gives the present moment (UTC); `ring` says: something was appended."""

    ledger: Casework
    answers: Answers
    now: Callable[[], datetime]
    ring: Callable[[], None]
