"""Timestamps by an authority that runs here: OpenSSL answers, behind a small web server."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg_pool import ConnectionPool

from ledger.errors import TimestampRefused
from ledger.notes import COSIGNATURE_MLDSA44, Signer
from ledger.publisher.beat import Beat
from ledger.publisher.kept import Kept
from ledger.publisher.timestamps import Authority, ask, read_authorities, verify
from ledger.verify import parse_policy

MESSAGE = b"beforehand.example/la/test/1\n5\nroot\n"
NOW = datetime.now(UTC)


def certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signed_by: ec.EllipticCurvePrivateKey, *, stamps: bool
) -> x509.Certificate:
    subject, by = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, issuer))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=not stamps, path_length=None), critical=True)
    )
    if stamps:
        purpose = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    return builder.sign(signed_by, hashes.SHA256())


def pem(value: Any) -> bytes:
    if isinstance(value, x509.Certificate):
        return value.public_bytes(serialization.Encoding.PEM)
    return value.private_bytes(  # type: ignore[no-any-return]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Tsa:
    """A time-stamping authority with a root of its own, on this machine."""

    def __init__(self, folder: Path, openssl: str) -> None:
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = certificate("root", root_key, "root", root_key, stamps=False)
        stamping = certificate("stamping", key, "root", root_key, stamps=True)
        for name, value in {"root.pem": root, "tsa.pem": stamping, "tsa.key": key}.items():
            (folder / name).write_bytes(pem(value))
        (folder / "serial").write_text("01\n")
        (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder))
        self.folder, self.openssl = folder, openssl
        self.root = root
        self.spoil: Callable[[bytes], bytes] = lambda answer: answer
        self.url = ""

    def answer(self, request: bytes) -> bytes:
        (self.folder / "request").write_bytes(request)
        command = [self.openssl, "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "request", "-out", "answer"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return self.spoil((self.folder / "answer").read_bytes())


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    """The authority; `spoil` changes what it answers."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "Install OpenSSL: its command answers as the time-stamping authority of these tests."
    made = Tsa(tmp_path_factory.mktemp("tsa"), openssl)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = made.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if body else 500)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        made.url = f"http://127.0.0.1:{server.server_port}/"
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def authority(tsa: Tsa) -> Authority:
    tsa.spoil = lambda answer: answer
    return Authority("here", tsa.url, (tsa.root,))


def test_a_timestamp_is_verified_when_it_comes_and_again_from_what_is_kept(authority: Authority) -> None:
    """It states the present time over exactly these bytes."""
    stated, token = ask(authority, MESSAGE)
    assert abs(stated - datetime.now(UTC)) < timedelta(minutes=1)
    assert verify(authority, token, MESSAGE) == stated
    with pytest.raises(TimestampRefused, match="no timestamp of this checkpoint"):
        verify(authority, token, MESSAGE + b"x")


def test_openssl_reads_what_is_kept(authority: Authority, tsa: Tsa, tmp_path: Path) -> None:
    """A tool that others wrote verifies the token over the same bytes."""
    _, token = ask(authority, MESSAGE)
    (tmp_path / "token").write_bytes(token)
    (tmp_path / "note").write_bytes(MESSAGE)
    files = ["-in", "token", "-data", "note", "-CAfile", str(tsa.folder / "root.pem")]
    done = subprocess.run([tsa.openssl, "ts", "-verify", *files], cwd=tmp_path, check=False, capture_output=True)
    assert b"Verification: OK" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda answer: answer[:-20] + bytes([answer[-20] ^ 1]) + answer[-19:], "no timestamp"),
        (lambda _: b"nonsense", "no timestamp"),
        (lambda _: b"", "answered 500"),
        (lambda _: bytes(70_000), "more than any timestamp"),
    ],
)
def test_what_does_not_hold_is_refused(
    authority: Authority, tsa: Tsa, spoil: Callable[[bytes], bytes], words: str
) -> None:
    """A bit turned, nonsense, nothing, too much: no token is taken."""
    tsa.spoil = spoil
    with pytest.raises(TimestampRefused, match=words):
        ask(authority, MESSAGE)


def test_another_root_is_not_trusted(authority: Authority) -> None:
    """A token of an authority whose root was not set up counts for nothing; neither does one that cannot be reached."""
    key = ec.generate_private_key(ec.SECP256R1())
    other = Authority("other", authority.url, (certificate("root", key, "root", key, stamps=False),))
    with pytest.raises(TimestampRefused, match="trusted certificate"):
        ask(other, MESSAGE)
    with pytest.raises(TimestampRefused, match="cannot be reached"):
        ask(Authority("gone", "http://127.0.0.1:9/", authority.roots), MESSAGE)


def test_anchors_are_stamped_once_a_day(log: Any, start: Any, key: Signer, authority: Authority) -> None:
    """The first anchor of a day, by every authority; the token is kept beside the checkpoint for ever."""
    text = (Path(__file__).parents[3] / "ledger/migrations/0004_checkpoints.sql").read_text()
    with psycopg.connect(log.url, autocommit=True) as connection:
        connection.execute(text.replace("{schema}", log.schema))  # type: ignore[call-overload]
    policy = parse_policy(f"log {key.vkey}\nquorum none\n".encode())
    anchor = Signer(key.name, COSIGNATURE_MLDSA44, bytes(32))
    gone = Authority("gone", "http://127.0.0.1:9/", authority.roots)
    publisher = start()
    with ConnectionPool(log.url, min_size=1, kwargs={"autocommit": True}) as pool:
        kept = Kept(pool, log.schema)
        beat = Beat(publisher, kept, policy, [], lambda: log.at, anchor=anchor, authorities=[gone, authority])
        stamped = []
        for hours in (0, 2, 23):
            log.at += timedelta(hours=hours)
            log.append(3)
            publisher.round()
            checkpoint = beat.beat()
            assert checkpoint is not None
            assert checkpoint.anchor
            tokens = kept.timestamps(checkpoint)
            stamped.append([name for name, _, _ in tokens])
            for _, stated, token in tokens:
                assert verify(authority, token, checkpoint.note.encode()) == stated
    assert stamped == [["here"], [], ["here"]]


def test_authorities_are_read_from_a_file(tsa: Tsa, tmp_path: Path) -> None:
    """A name, an address and a file of roots; anything else is said, with how to write it."""
    file = tmp_path / "authorities"
    (tmp_path / "root.pem").write_bytes(pem(tsa.root))
    file.write_text(f"# ours\n\nhere {tsa.url} root.pem\n")
    assert read_authorities(file) == [Authority("here", tsa.url, (tsa.root,))]
    for spoilt in ("here\n", f"here {tsa.url} missing.pem\n", f"here {tsa.url} authorities\n"):
        file.write_text(spoilt)
        with pytest.raises(TimestampRefused, match="Write lines of a name"):
            read_authorities(file)
