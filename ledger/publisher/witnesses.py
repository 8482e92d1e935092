"""
Asking one witness for its cosignature: the client of C2SP tlog-witness.

A witness is somebody else's machine. Nothing it answers is used before it has been checked, nothing it answers is long,
and whatever it does, the log goes on; what came of asking is said in one plain sentence.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx2
import structlog

from ledger.notes import lines_by
from ledger.verify import Policy, Refused, VerifierKey, number, open_note

log = structlog.get_logger()

Prove = Callable[[int], list[bytes]]
"""Gives the consistency proof from an older size."""

_SIZE_TYPE: Final = "text/x.tlog.size"
_LONGEST_ANSWER: Final = 64 * 1024
_TIMEOUT: Final = 10.0
_TRIES: Final = 3
_CLOCKS_DIFFER: Final = 300
"""Seconds by which a witness's clock may differ. What a cosignature proves about time is no better than its clock."""
_REFUSALS: Final = {
    403: "does not know the key of this log",
    404: "does not know this log",
    409: "has seen another tree of this size: a split view",
    422: "does not find that this log has grown from what it saw: its history was changed, or a proof is wrong",
}


class Unwilling(Exception):  # noqa: N818 - an answer, not a fault
    """A witness gave no cosignature. `alarming` where it has seen something that the log must not have shown."""

    def __init__(self, message: str, *, alarming: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.alarming = alarming


@dataclass(slots=True)
class WitnessClient:
    """One witness, and the size of this log that it cosigned last, as far as is known."""

    name: str
    key: VerifierKey
    url: str
    size: int = 0
    _client: httpx2.Client = field(
        default_factory=lambda: httpx2.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
    )

    def ask(self, size: int, note: str, prove: Prove, now: int) -> str:
        """
        Ask for a cosignature on a checkpoint and give its line, checked; `now` in seconds since 1970.

        Raises `Unwilling`.
        """
        for _ in range(_TRIES):
            status, content_type, body = self._post(min(self.size, size), note, prove)
            if status == 200:  # noqa: PLR2004 - HTTP's own number
                line = self._checked(note, body, now)
                self.size = size
                return line
            if status != 409 or content_type != _SIZE_TYPE:  # noqa: PLR2004
                said = _REFUSALS.get(status, f"answered {status}")
                raise Unwilling(f"The witness {self.name} {said}.", alarming=status in {409, 422})
            self.size = self._its_size(body, size)
        raise Unwilling(f"The witness {self.name} names another size each time it is asked.")

    def close(self) -> None:
        """Let go of its connection."""
        self._client.close()

    def _post(self, old: int, note: str, prove: Prove) -> tuple[int, str, bytes]:
        proof = "".join(f"{base64.b64encode(each).decode()}\n" for each in prove(old))
        try:
            with self._client.stream(
                "POST",
                f"{self.url.rstrip('/')}/add-checkpoint",
                content=f"old {old}\n{proof}\n{note}".encode(),
                headers={"Content-Type": "text/plain; charset=utf-8", "Accept-Encoding": "identity"},
            ) as answer:
                body = bytearray()
                for part in answer.iter_raw():
                    body += part
                    if len(body) > _LONGEST_ANSWER:
                        raise Unwilling(f"The witness {self.name} answers with more than any cosignature has.")
                return answer.status_code, answer.headers.get("content-type", ""), bytes(body)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as problem:
            raise Unwilling(f"The witness {self.name} cannot be reached ({type(problem).__name__}).") from None

    def _checked(self, note: str, body: bytes, now: int) -> str:
        """Give the line of this witness's key in its answer, if it holds on this very checkpoint at about this time."""
        text, _, _ = note.rpartition("\n\n")
        try:
            lines = body.decode()
            (signature,) = open_note(f"{text}\n\n{lines}".encode(), [self.key]).signatures
        except (Refused, UnicodeDecodeError):
            raise Unwilling(f"What the witness {self.name} answered is no cosignature of this checkpoint.") from None
        if signature.time is None or abs(signature.time - now) > _CLOCKS_DIFFER:
            raise Unwilling(f"The clock of the witness {self.name} is wrong by more than {_CLOCKS_DIFFER} seconds.")
        return lines_by(f"\n\n{lines}", [self.key])[0]

    def _its_size(self, body: bytes, size: int) -> int:
        """Read what a witness says that it cosigned last."""
        try:
            its = number(body.decode("latin-1").removesuffix("\n"), "The size")
        except Refused:
            raise Unwilling(f"The witness {self.name} names a size that is none.") from None
        if its > size:
            raise Unwilling(
                f"The witness {self.name} has cosigned {its} entries of this log, and there are {size} here: entries "
                "were lost, or somebody else signs with this key. Follow ops/runbooks/publisher-refuses.md.",
                alarming=True,
            )
        if its < self.size:
            log.warning("witness.forgot", witness=self.name, known=self.size, said=its)
        return its


def addresses(policy: bytes) -> dict[str, str]:
    """Give the addresses that a policy file states for its witnesses, by their names in it."""
    words = [line.split() for line in policy.decode("utf-8", "surrogateescape").split("\n")]
    return {line[1]: line[3] for line in words if len(line) == 4 and line[0] == "witness"}  # noqa: PLR2004 - with its address


def clients(policy: Policy, urls: Mapping[str, str]) -> list[WitnessClient]:
    """Make a client for every witness of a policy that has an address."""
    return [WitnessClient(name, key, urls[name]) for name, key in policy.witnesses.items() if name in urls]
