"""`beforehand witness` and `beforehand audit`: what somebody else runs, on another machine, with only this package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import socket

import uvicorn

from ledger.auditor import Audited, Auditor, source_of
from ledger.errors import LedgerError
from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, Signer
from ledger.progress import Progress
from ledger.verify import Refused, VerifierKey, parse_vkey
from ledger.witness import Cosigner, Witness, WitnessState, own_key, refuse_lost_state
from ops.command_line.speaking import fail, print_json, say
from ops.cosigner_server import server_of


def witness(  # noqa: PLR0913 - one for each thing that can be said
    listen: str, state: Path, logs: list[str], name: str | None, key: Path | None, *, quantum: bool
) -> None:
    """Serve a witness until interrupted."""
    host, port = _address(listen)
    known = _keys(logs)
    with _plain_errors():
        file, kept = key or state / "witness.key", state / "witness.sqlite"
        refuse_lost_state(file, kept)
        with WitnessState(kept) as remembered:
            signers = [own_key(file, name, COSIGNATURE_ED25519)]
            if quantum:
                signers.append(own_key(file.with_suffix(".mldsa.key"), signers[0].name, COSIGNATURE_MLDSA44))
            _introduce("witness", signers, known)
            _serve(Witness(signers, known, remembered, _now), host, port)


def audit(  # noqa: PLR0913 - one for each thing that can be said
    place: str, state: Path, logs: list[str], name: str | None, listen: str | None, *, as_json: bool
) -> None:
    """Audit a published log once, or each time that it asks for the cosignature."""
    known = _keys(logs)
    if len({key.name for key in known}) != 1:
        fail("An auditor follows one log: give the keys of that log only, and each log a state of its own.", 2)
    with _plain_errors(), ExitStack() as stack:
        file, kept = state / "auditor.key", state / "auditor.sqlite"
        refuse_lost_state(file, kept)
        progress = stack.enter_context(Progress(kept, known[0].name))
        signer = own_key(file, name, COSIGNATURE_ED25519)
        auditor = Auditor(known, source_of(place), progress, _now, signer)
        if listen is not None:
            _introduce("auditor", [signer], known)
            _serve(auditor, *_address(listen))
            return
        _tell(auditor.audit(), signer, as_json=as_json)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """As `ops.authority` has it, without all of the authority's rooms: whoever witnesses has none of them."""
    try:
        yield
    except LedgerError as error:
        fail(error.message)


class _Announcing(uvicorn.Server):
    """Says where it can be asked, once it can."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        for server in getattr(self, "servers", []):
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                say(f"Listening on {host}, port {port}. Ctrl+C stops; what was cosigned is remembered.")


def _tell(audited: Audited, signer: Signer, *, as_json: bool) -> None:
    checkpoint = audited.checkpoint
    if as_json:
        print_json(
            {
                "origin": checkpoint.origin,
                "size": checkpoint.size,
                "root": checkpoint.root.hex(),
                "read": audited.read,
                "streams": audited.streams,
                "erased": audited.erased,
                "key": signer.vkey,
                "note": audited.note,
            }
        )
        return
    say(
        f"{checkpoint.origin}: {checkpoint.size} entries in {audited.streams} streams, {audited.read} of them read now."
        " No fork, no gap, nothing altered."
    )
    if audited.erased:
        say(f"{audited.erased} entries are blank, and the log records their erasure.")
    print(audited.note, end="")  # noqa: T201 - the note is the answer: it may be kept as a file


def _introduce(what: str, signers: list[Signer], logs: list[VerifierKey]) -> None:
    say(f"This {what} follows {', '.join(sorted({key.name for key in logs}))}. The line for the log's trust policy:")
    for each in signers:
        say(f"  witness NAME {each.vkey} https://WHERE-IT-IS-REACHED")


def _serve(cosigner: Cosigner, host: str, port: int) -> None:
    server = _Announcing(server_of(cosigner, host, port))
    server.run()
    if not server.started:
        fail(f"Nothing can be listened to on {host}, port {port}: another program may have it.")


def _keys(logs: list[str]) -> list[VerifierKey]:
    try:
        return [parse_vkey(each) for each in logs]
    except Refused as refused:
        fail(f"{refused.message} A key is what `beforehand ledger status` shows for the log.", 2)


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > 65535:  # noqa: PLR2004 - the last port
        fail("Say where to listen as ADDRESS:PORT, such as 127.0.0.1:8266.", 2)
    return host.strip("[]"), int(port)


def _now() -> datetime:
    return datetime.now(UTC)
