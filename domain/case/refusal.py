"""
Why something is not recorded.

    Refused
    ├── NotThereRefused         it speaks of something the case does not hold
    ├── AlreadyRecordedRefused  this very command has been carried out
    ├── KeyReusedRefused        the name of a command that was carried out is used for another
    ├── MovedRefused            the case is no longer as the asker had seen it
    ├── DuplicateRefused        the same content, or the reference, is there already
    ├── DatesRefused            dates that contradict each other, the child's birth, or today
    ├── ClosedRefused           the case was closed by then
    ├── NotOpenRefused          there is no such case
    ├── CitationRefused         a view cited that was not on record at the decision
    ├── ContactRefused          varying a contact arrangement that does not exist
    ├── CorrectionRefused       a correction of nothing
    └── IncompleteRefused       something needed beside what was given

Each carries a `code` for programs and a sentence for people that says how to mend it. Sentences name references, fields
and dates, never what somebody wrote.
"""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):  # noqa: N818 - the house calls refusals refused
    """The record does not take this in, and says how to mend it."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotThereRefused(Refused):
    """It speaks of something the case does not hold."""

    code = "not_there"


class AlreadyRecordedRefused(Refused):
    """This very command has been carried out before; `refs` names what it recorded, `versions` where it stands."""

    code = "already_recorded"

    def __init__(self, refs: tuple[str, ...], versions: tuple[int, ...] = ()) -> None:
        super().__init__("This was recorded before, as " + ", ".join(refs) + ". Nothing needs doing.")
        self.refs = refs
        self.versions = versions


class KeyReusedRefused(Refused):
    """The name under which a command was carried out comes again with something else."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This name of a request was used before, for something else. "
            "Give each new request a name of its own; repeat an old one unchanged."
        )


class MovedRefused(Refused):
    """The case is no longer as the asker had seen it; `version` is where it stands."""

    code = "record_moved"

    def __init__(self, version: int) -> None:
        super().__init__(
            f"The record has moved since you read it: it is at version {version} now. Read it again, and decide again."
        )
        self.version = version


class DuplicateRefused(Refused):
    """The same content or the same reference is in the case already."""

    code = "duplicate"


class DatesRefused(Refused):
    """Dates contradict each other, the child's birth, or today."""

    code = "dates_contradict"


class ClosedRefused(Refused):
    """The case had been closed by then."""

    code = "case_closed"


class NotOpenRefused(Refused):
    """There is no such case, or it is there already."""

    code = "case_not_open"


class CitationRefused(Refused):
    """A view is cited that was not on record when the decision was made."""

    code = "view_not_visible"


class ContactRefused(Refused):
    """A contact arrangement is to be varied that does not exist."""

    code = "no_such_arrangement"


class CorrectionRefused(Refused):
    """There is nothing to correct, or the correction changes nothing."""

    code = "nothing_to_correct"


class IncompleteRefused(Refused):
    """Something is missing that this kind of fact needs."""

    code = "incomplete"
