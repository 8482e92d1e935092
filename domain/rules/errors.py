"""
What can go wrong with rules.

    RulesError
    ├── DateOutsideCalendar   a count of working days leaves the years whose bank holidays are known
    ├── JurisdictionUnknown   no rule pack speaks for that place
    ├── PackUnknown           no rule pack carries that pin
    └── DeadlineUnknown       the rule pack has no deadline of that name

Each carries a `code` for programs and a `message` for people. None repeats the date or text it was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class RulesError(Exception):
    """A rule could not be found or counted."""

    code: ClassVar[str] = "rules"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DateOutsideCalendar(RulesError):  # noqa: N818 - reads as the sentence it carries
    """The count touches a year whose bank holidays are not known, and will not guess them."""

    code = "date_outside_calendar"

    def __init__(self, first_year: int, last_year: int) -> None:
        super().__init__(
            f"Working days can be counted from {first_year} to {last_year} only, and this count goes beyond. "
            "Check the year first. If it is right, the bank holidays of that year must be added to the calendar."
        )


class JurisdictionUnknown(RulesError):  # noqa: N818 - reads as the sentence it carries
    """No rule pack speaks for that place."""

    code = "jurisdiction_unknown"

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__(f"There are no rules for this jurisdiction. Use one of: {', '.join(sorted(known))}.")


class PackUnknown(RulesError):  # noqa: N818 - reads as the sentence it carries
    """No rule pack carries that pin."""

    code = "pack_unknown"

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__(
            "This version of the rules is not part of this installation, so the decision cannot be judged as it was. "
            f"Known are: {', '.join(sorted(known))}. A newer release may hold the one that is missing."
        )


class DeadlineUnknown(RulesError):  # noqa: N818 - reads as the sentence it carries
    """The rule pack has no deadline of that name."""

    code = "deadline_unknown"

    def __init__(self, pin: str) -> None:
        super().__init__(
            f"The rules {pin} hold no deadline of this name. Choose one from the pack's list of deadlines."
        )
