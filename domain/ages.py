"""How old somebody was, as far as two partial dates can show."""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.dates import PartialDate, Precision

_OLDEST: Final = 110 * 12


def months_lived(born: PartialDate | None, when: PartialDate | None) -> tuple[int, int] | None:
    """
    Give the fewest and the most whole months somebody may have lived by a moment.

    Negative months lie before the birth. Gives nothing where a date is not known, or too vague to mean anything.
    Somebody born on 29 February is a year older on 1 March of a common year.
    """
    if born is None or when is None or Precision.UNKNOWN in (born.precision, when.precision):
        return None
    fewest, most = _whole_months(born.last_day, when.first_day), _whole_months(born.first_day, when.last_day)
    return None if most - max(fewest, 0) > _OLDEST else (fewest, most)


def _whole_months(born: date, on: date) -> int:
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
