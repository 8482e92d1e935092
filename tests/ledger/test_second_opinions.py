"""Second opinions: the verifier reads what the ledger seals, and so does a library for SD-JWT that others wrote."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

from ledger.errors import LedgerError
from ledger.keys import KeyRing
from ledger.seal import compartments_of, place_of, seal
from ledger.verify import Refused, digest_of, open_event, parse_entry, stream_tag, to_base64url
from tests.ledger.conftest import ORIGIN
from tests.ledger.small_authority import Authority, disclosure
from tests.ledger.storing import RECORDED, as_stored

SAYS = {
    "code": "A",
    "on": "2026-11-25",
    "words": 'I want to stay.\n\nNear Gran ✓ "quoted" \\ and\ttabs.\nReally.',
    "reasons": [{"about": "school", "why": "Friends"}, {"about": "home", "why": "line\n"}],
    "empty": "",
    "nothing": None,
}
NARRATIVE = {"words": None, "reasons": {"*": {"why": None}}, "empty": None, "nothing": None}


def sealed_event(keys: KeyRing) -> tuple[bytes, list[str]]:
    """An entry as the log keeps it, with its disclosures out of the ciphertext."""
    subject = keys.of_subject("somebody")
    place = place_of(ORIGIN, subject.stream_secret, subject.subject_secret)
    sealed = seal(place, 1, "view.recorded@1", json.loads(json.dumps(SAYS)), NARRATIVE, subject.key)
    stored = as_stored(place, 1, sealed)
    entry = stored[36 : 36 + int.from_bytes(stored[32:36])]
    assert parse_entry(entry).stream == stream_tag(subject.stream_secret, ORIGIN)
    _, compartments = compartments_of(place, 1, RECORDED, stored, keys.key)
    opened = [raw for each in compartments for raw in each.disclosures or ()]
    return entry, [to_base64url(raw) for raw in opened]


def as_sd_jwt(entry: bytes, disclosures: Sequence[str]) -> Any:
    """What the library makes of a token whose payload is the entry, byte for byte."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = JWK.from_pyca(key.public_key())
    signed = f"{to_base64url(json.dumps({'alg': 'EdDSA', 'typ': 'event+sd-jwt'}).encode())}.{to_base64url(entry)}"
    token = f"{signed}.{to_base64url(key.sign(signed.encode()))}~{''.join(f'{each}~' for each in disclosures)}"
    return SDJWTVerifier(token, lambda _issuer, _header: public).get_verified_payload()["event"]


def plain(value: Any) -> Any:
    """The library's reading as ours: it keeps the name `v` of a value, and paragraphs as a list."""
    if isinstance(value, dict) and set(value) == {"v"}:
        return "".join(value["v"]) if isinstance(value["v"], list) else value["v"]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def test_what_the_ledger_seals_is_read_by_the_verifier_and_by_others(keys: KeyRing) -> None:
    """The verifier, which imports nothing of the ledger, and the library both read what was sealed."""
    entry, disclosures = sealed_event(keys)
    says, missing, unreferenced = open_event(parse_entry(entry).manifest, disclosures)

    assert says == {"type": "view.recorded@1", **SAYS}
    assert (missing, unreferenced) == ([], [])
    assert plain(as_sd_jwt(entry, disclosures)) == says


def test_what_is_withheld_is_withheld_for_both(keys: KeyRing) -> None:
    """Without any one disclosure the others still verify, and nothing of that one is left."""
    entry, disclosures = sealed_event(keys)
    for place, left_out in enumerate(disclosures[1:], start=1):
        given = [*disclosures[:place], *disclosures[place + 1 :]]
        says, missing, _ = open_event(parse_entry(entry).manifest, given)
        assert len(missing) == 1
        text = json.loads(base64.urlsafe_b64decode(left_out + "=="))[-1]
        if isinstance(text, str) and text.strip():
            assert text not in json.dumps(says, ensure_ascii=False)
            assert text not in json.dumps(as_sd_jwt(entry, given), ensure_ascii=False)


def test_stricter_than_the_library(keys: KeyRing) -> None:
    """RFC 9901, section 7.1, rejects a disclosure that nothing references. The library takes it; the verifier tells."""
    entry, disclosures = sealed_event(keys)
    given = [*disclosures, to_base64url(disclosure("v", "put in"))]

    assert plain(as_sd_jwt(entry, given)) == plain(as_sd_jwt(entry, disclosures))
    assert len(open_event(parse_entry(entry).manifest, given)[2]) == 1


MANIFEST = disclosure("event", {"type": "a@1"})


@pytest.mark.parametrize(
    "disclosures",
    [
        [b"{}"],
        [b'"text"'],
        [b"[]"],
        [b'["0123456789012345678901"]'],
        [b'["0123456789012345678901","event",{},1]'],
        [b'[1,"event",{}]'],
        [b'["short","event",{}]'],
        [b'["0123456789012345678901","event",{"a":1,"a":2}]'],
        [b'["0123456789012345678901","event",{"a":NaN}]'],
        [b'["0123456789012345678901","event",{"a":Infinity}]'],
        [b'["0123456789012345678901","event",{"a":\xff}]'],
        [b'["0123456789012345678901","event",{"a":1}]]'],
        [b'["0123456789012345678901","_sd",{}]'],
        [b'["0123456789012345678901","...",{}]'],
        [b'["0123456789012345678901","other",{}]'],
        [b'["0123456789012345678901",{}]'],
        [disclosure("event", {"a": {"_sd": []}})],
        [disclosure("event", {"a": {"_sd": ["z" * 42 + "w", "y" * 42 + "w"]}})],
        [disclosure("event", {"a": {"_sd": "z" * 42 + "w"}})],
        [disclosure("event", {"a": {"_sd": ["z" * 43]}})],
        [disclosure("event", {"a": {"_sd": ["z" * 42]}})],
        [disclosure("event", {"a": {"_sd": [1]}})],
        [disclosure("event", {"a": {"_sd": ["z" * 42 + "w"], "b": 1}})],
        [disclosure("event", {"a": {"_sd": ["z" * 42 + "w"]}, "b": {"_sd": ["z" * 42 + "w"]}})],
        [disclosure("event", {"a": {"...": "z" * 42 + "w"}})],
        [disclosure("event", {"a": [{"...": "z" * 42 + "w", "b": 1}]})],
        [disclosure("event", {"a": [{"...": 1}]})],
        [disclosure("event", {"a": [{"...": "z" * 42 + "w"}, "text"]})],
    ],
)  # fmt: skip
def test_what_is_not_a_disclosure_is_refused(disclosures: list[bytes]) -> None:
    """Shapes, names and digests that RFC 9901 or our format does not allow are refused, not skipped."""
    given = [to_base64url(each) for each in disclosures]
    with pytest.raises(Refused) as refused:
        open_event(digest_of(given[0]), given)
    assert refused.value.code in {"disclosure", "json", "form"}


def test_a_value_under_the_wrong_name_is_refused() -> None:
    """A paragraph cannot stand for a value, nor a value for a paragraph, nor either for an event."""
    value, paragraph = (to_base64url(each) for each in (disclosure("v", "text"), disclosure("text")))
    for given in (
        [disclosure("event", {"a": {"_sd": [digest_of(paragraph)]}}), paragraph],
        [disclosure("event", {"a": [{"...": digest_of(value)}]}), value],
        [disclosure("event", {"a": [{"...": digest_of(to_base64url(MANIFEST))}]}), MANIFEST],
    ):
        texts = [each if isinstance(each, str) else to_base64url(each) for each in given]
        with pytest.raises(Refused, match="another name than its place asks for"):
            open_event(digest_of(texts[0]), texts)


def test_paragraphs_are_text() -> None:
    """A paragraph that is something else is refused; a list in which something is missing keeps its place."""
    wrong = to_base64url(disclosure({"a": 1}))
    manifest = to_base64url(disclosure("event", {"a": [{"...": digest_of(wrong)}]}))
    with pytest.raises(Refused, match="A paragraph is not text"):
        open_event(digest_of(manifest), [manifest, wrong])
    says, missing, _ = open_event(digest_of(manifest), [manifest])

    assert (says, missing) == ({"a": "[not given]"}, [digest_of(wrong)])


def test_secrets_decide_the_stream() -> None:
    """Another secret, or the same in another log, gives another pseudonym."""
    secret = os.urandom(32)

    assert len({stream_tag(secret, "a"), stream_tag(secret, "b"), stream_tag(bytes(32), "a")}) == 3
    assert Authority().origin != ORIGIN


@pytest.mark.parametrize(
    "value", [{"_sd": ["a"]}, {"a": {"_sd": 1}}, [{"...": "x"}], {"a": [{"...": 1}]}, [[{"...": None, "b": 1}]]]
)
def test_names_that_stand_for_what_is_sealed_are_never_sealed(keys: KeyRing, value: Any) -> None:
    """What no verifier could read is not sealed, wherever it stands; as text the same characters are."""
    subject = keys.of_subject("somebody")
    place = place_of(ORIGIN, subject.stream_secret, subject.subject_secret)
    for narrative in ({"said": None}, {}):
        with pytest.raises(LedgerError, match="Nothing in an event may be called"):
            seal(place, 1, "note.made@1", {"said": value}, narrative, subject.key)
        seal(place, 1, "note.made@1", {"said": json.dumps(value)}, narrative, subject.key)
