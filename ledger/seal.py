"""
Sealing: from what an event says to what is stored of it, and back.

What is stored commits to every word and shows none. An event becomes a *manifest*, which lists all its fields with a
digest in place of each narrative value, and one *disclosure* per narrative value; text of several paragraphs is
committed paragraph by paragraph, so that a single one can be withheld or taken out later (RFC 9901, section 4.2,
recursive disclosures). The entry of the log carries the digest of the manifest and nothing else of the content.
The disclosures themselves are kept encrypted, per person: a *compartment* holds what is about one data subject and is
encrypted under that person's key (AES-256-GCM). Salts exist only inside the ciphertext, so that destroying a key leaves
digests nobody can confirm by guessing.

    manifest   ["<salt>","event",{"type":"note.recorded@1", …, "text":{"_sd":["<digest>"]}}]
    value      ["<salt>","v",<string, or array of paragraph digests {"...":"<digest>"}>]
    paragraph  ["<salt>","<text>"]
    digest     base64url(SHA-256(base64url(disclosure)))

The disclosures of a compartment are written one to a line: JSON keeps line breaks out of its texts.

Opening checks every digest, always: the entry against its leaf hash, the place of the entry in its stream, the manifest
against the entry, each value against the manifest.
"""

from __future__ import annotations

import hmac
import os
import re
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import BrokenSeal, KeyDestroyed, LedgerError

Narrative = Mapping[str, Any]
"""
Which members of a body are narrative: name to nothing, or to the narrative of what is inside; `*` is every element.

`{"text": None, "options": {"*": {"words": None}}}`
"""

SUBJECT: Final = "subject"
"""The compartment of the person whom the stream is about. It holds the manifest."""

_RESERVED: Final = "Nothing in an event may be called _sd or ... : these names stand for what is sealed."
REMOVED: Final = "█"
"""What stands in place of a value that has been taken out for good."""

_VERSION: Final = b"beforehand/event/1"
_CIPHERTEXT: Final = b"beforehand/event-ct/1"
_DIGEST: Final = 43
_SALT: Final = 24
_SALTS_AT_ONCE: Final = 8
_SALT_BYTES: Final = 18
_NONCE: Final = 12
_LEAF: Final = 32
_ENTRY: Final = _LEAF + 4
_KEY_ID: Final = 22
_PARAGRAPHS: Final = re.compile(r"[^\n]*\n+|[^\n]+")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


class DataKey(Protocol):
    """A key that encrypts what is about one person."""

    @property
    def id(self) -> str:
        """22 characters of base64url."""

    @property
    def aead(self) -> AESGCM:
        """AES-256-GCM under this key."""


class Sealed(NamedTuple):
    """What is stored of one event, besides what the append function adds."""

    digest: str
    """Of the manifest."""
    state: bytes
    """The boxes of all compartments."""


def base64url(data: bytes) -> bytes:
    """Write bytes as base64url without padding (RFC 4648 section 5)."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=")


def digest_of(disclosure: bytes) -> bytes:
    """Give the digest of a disclosure, from its JSON: 43 characters (RFC 9901 section 4.2.3)."""
    written = b2a_base64(disclosure, newline=False).translate(_URL_SAFE).rstrip(b"=")
    return b2a_base64(sha256(written).digest(), newline=False).translate(_URL_SAFE)[:_DIGEST]


def tag_of(secret: bytes, purpose: str, origin: str) -> str:
    """Give the pseudonym of a stream or subject in one log. Without the secret nobody can tell whose it is."""
    return base64url(hmac.digest(secret, f"beforehand/{purpose}-tag/1\n{origin}".encode(), "sha256")).decode()


@dataclass(frozen=True, slots=True)
class Place:
    """A stream in a log, as its entries name it."""

    tag: str
    subject_tag: str
    entry_prefix: bytes
    """How every entry of this stream begins, up to its `seq`."""
    binding: bytes
    """What ties every ciphertext of this stream to it: each part with its length before it."""


def place_of(origin: str, stream_secret: bytes, subject_secret: bytes) -> Place:
    """Name a stream in a log."""
    tag = tag_of(stream_secret, "stream", origin)
    prefix = b'{"ver":"%b","iss":"%b","stream":"%b","seq":' % (_VERSION, origin.encode(), tag.encode())
    binding = b"".join(len(part).to_bytes(2) + part for part in (_CIPHERTEXT, origin.encode(), tag.encode()))
    return Place(tag, tag_of(subject_secret, "subject", origin), prefix, binding)


def entry_of(  # noqa: PLR0913 - the members of an entry
    origin: str, tag: str, subject_tag: str, seq: int, previous: bytes, recorded_at: datetime, digest: str
) -> bytes:
    """
    Give an entry of the log, byte for byte as the append function assembles it.

    `previous` is the leaf hash of the entry before it in the stream: 32 zero bytes where there is none.
    """
    moment = recorded_at.astimezone(UTC).isoformat(timespec="milliseconds")[:23]
    return (
        b'{"ver":"%b","iss":"%b","stream":"%b","seq":%d,"prev":"%b","rec":"%bZ","_sd_alg":"sha-256","_sd":["%b"]%b}'
    ) % (
        _VERSION,
        origin.encode(),
        tag.encode(),
        seq,
        base64url(previous),
        moment.encode(),
        digest.encode(),
        b',"subj":"%b"' % subject_tag.encode() if seq == 1 else b"",
    )


def logged_of(sealed: bytes) -> bytes:
    """Give the entry from what the log's function `sealed` gives."""
    return sealed[_ENTRY : _ENTRY + int.from_bytes(sealed[_LEAF:_ENTRY])]


def state_of(sealed: bytes) -> bytes:
    """Give the boxes from what the log's function `sealed` gives."""
    return sealed[_ENTRY + int.from_bytes(sealed[_LEAF:_ENTRY]) :]


# Sealing ------------------------------------------------------------------------------------------------------------


def seal(  # noqa: PLR0913 - each is one thing a seal binds
    place: Place,
    seq: int,
    kind: str,
    body: dict[str, Any],
    narrative: Narrative,
    key: DataKey,
    about: tuple[str, DataKey] | None = None,
) -> Sealed:
    """
    Seal one event for a place in a stream. The `narrative` of `body` is replaced in it.

    `about` names the compartment and key of a third party whom the narrative is about; otherwise it is kept with the
    manifest under the key of the stream's own subject.
    """
    committing = _Committing()
    committing.replace(body, narrative)
    members = orjson.dumps(body)
    if members.count(b'"_sd":') != committing.values or b'"...":' in members:
        raise LedgerError(_RESERVED)
    manifest = b'["%b","event",{"type":"%b"%b%b]' % (
        committing.salt(),
        kind.encode(),
        b"," if body else b"",
        members[1:],
    )
    digest = digest_of(manifest)
    disclosures = committing.disclosures
    if about is None or not disclosures:
        state = _box(place, seq, digest, SUBJECT, key, [manifest, *disclosures])
    else:
        compartment, other = about
        own = _box(place, seq, digest, SUBJECT, key, [manifest])
        state = own + _box(place, seq, digest, compartment, other, disclosures)
    return Sealed(digest.decode(), state)


class _Committing:
    """Puts digests in place of values, and keeps the disclosures that say what they were."""

    __slots__ = ("_salts", "disclosures", "values")

    def __init__(self) -> None:
        self.disclosures: list[bytes] = []
        self.values = 0
        self._salts: list[bytes] = []

    def salt(self) -> bytes:
        """Give a salt chosen independently of all others (RFC 9901 section 4.2.1); they are made several at a time."""
        if not self._salts:
            text = b2a_base64(os.urandom(_SALT_BYTES * _SALTS_AT_ONCE), newline=False).translate(_URL_SAFE)
            self._salts = [text[at : at + _SALT] for at in range(0, len(text), _SALT)]
        return self._salts.pop()

    def replace(self, holder: Any, narrative: Narrative) -> None:
        """Replace what is narrative in an object, or in every element of an array."""
        if isinstance(holder, list):
            for at, each in enumerate(holder):
                self._replace(holder, at, each, narrative["*"])
        else:
            for name in narrative.keys() & holder.keys():
                self._replace(holder, name, holder[name], narrative[name])

    def _replace(self, holder: Any, at: Any, value: Any, inside: Narrative | None) -> None:
        if inside is None:
            holder[at] = {"_sd": [self._value(value)]}
        else:
            self.replace(value, inside)

    def _value(self, value: Any) -> str:
        paragraphs = _PARAGRAPHS.findall(value) if isinstance(value, str) and "\n" in value else ()
        if len(paragraphs) > 1:
            value = [{"...": self._disclose(b'["%b",%b]', paragraph)} for paragraph in paragraphs]
        elif not isinstance(value, str) and any(name in orjson.dumps(value) for name in (b'"_sd":', b'"...":')):
            raise LedgerError(_RESERVED)  # such bytes are never part of a text: JSON escapes its quotes
        self.values += 1
        return self._disclose(b'["%b","v",%b]', value)

    def _disclose(self, shape: bytes, value: Any) -> str:
        disclosure = shape % (self.salt(), orjson.dumps(value))
        self.disclosures.append(disclosure)
        return digest_of(disclosure).decode()


def tombstone(digest: str) -> bytes:
    """Give what takes the place of a disclosure, inside the ciphertext, once its value has been taken out."""
    return b'%b%b"}' % (_TOMBSTONE, digest.encode())


def is_tombstone(disclosure: bytes) -> bool:
    """Tell whether this stands in place of a disclosure whose value has been taken out."""
    return disclosure.startswith(_TOMBSTONE)


# Opening ------------------------------------------------------------------------------------------------------------


def unseal(  # noqa: PLR0913 - each is one thing a seal binds
    place: Place, seq: int, recorded_at: datetime, kind: str, sealed: bytes, key_of: Callable[[str], DataKey]
) -> bytes:
    """
    Open one event from its place in a stream, checking every digest, and give its body as JSON.

    `sealed` is what the log's function `sealed` gives: leaf hash, length of the entry, entry, boxes. What has been
    taken out for good reads `REMOVED`. Raises `BrokenSeal`, and what `key_of` raises for the key of the stream's own
    subject.
    """
    digest, at = _entry_checked(place, seq, recorded_at, sealed)
    manifest, disclosures, gone = _disclosures(place, seq, digest, sealed[at:], key_of)
    if digest_of(manifest) != digest:
        raise BrokenSeal("its fields are not those that were sealed")
    head = b'","event",{"type":"%b"' % kind.encode()
    if not manifest.startswith(head, _SALT + 2) or not manifest.endswith(b"}]"):
        raise BrokenSeal("it is stored as another kind of event")
    start = _SALT + 2 + len(head)
    body = b"{" + manifest[start + (manifest[start] == _COMMA) : -1]
    return _filled(body, disclosures, gone=gone) if disclosures or b'{"_sd":["' in body else body


def _entry_checked(place: Place, seq: int, recorded_at: datetime, sealed: bytes) -> tuple[bytes, int]:
    """Check an entry against its leaf hash and its place; give the digest it carries, and where the boxes begin."""
    end = _ENTRY + int.from_bytes(sealed[_LEAF:_ENTRY])
    entry = sealed[_ENTRY:end]
    if sha256(b"\x00" + entry).digest() != sealed[:_LEAF]:
        raise BrokenSeal("its entry does not have the hash that the log holds")
    opening = b'%b%d,"prev":"' % (place.entry_prefix, seq)
    if not entry.startswith(opening):
        raise BrokenSeal("its entry belongs to another place")
    at = len(opening) + _DIGEST
    middle = (
        b'","rec":"%bZ","_sd_alg":"sha-256","_sd":["' % recorded_at.isoformat(timespec="milliseconds")[:23].encode()
    )
    if not entry.startswith(middle, at) or recorded_at.microsecond % 1000:
        raise BrokenSeal("its entry has another recorded time")
    at += len(middle)
    if entry[at + _DIGEST :] != (b'"],"subj":"%b"}' % place.subject_tag.encode() if seq == 1 else b'"]}'):
        raise BrokenSeal("its entry does not end as entries do")
    return entry[at : at + _DIGEST], end


def _disclosures(
    place: Place, seq: int, digest: bytes, boxes: bytes, key_of: Callable[[str], DataKey]
) -> tuple[bytes, list[bytes], bool]:
    """Open the boxes of all compartments: the manifest, all else, and whether a key has been destroyed."""
    (_, key_id, box), *others = _boxes(boxes)
    manifest, *disclosures = _unboxed(place, seq, digest, SUBJECT, key_of(key_id), box)
    gone = False
    for compartment, key_id, box in others:
        try:
            key = key_of(key_id)
        except KeyDestroyed:
            gone = True
        else:
            disclosures += _unboxed(place, seq, digest, compartment, key, box)
    return manifest, disclosures, gone


def _filled(body: bytes, disclosures: Sequence[bytes], *, gone: bool) -> bytes:
    """
    Put values in place of their digests.

    The bytes of a token cannot be part of any text: JSON escapes the quotes in it.
    """
    pieces: dict[bytes, bytes] = {}
    for disclosure in disclosures:
        digest = digest_of(disclosure)
        if disclosure.startswith(b'"v",', _SALT + 4):
            value = disclosure[_SALT + 8 : -1]
            if value.startswith(b'[{"...":'):
                value = _joined(value, pieces)
        elif disclosure.startswith(_TOMBSTONE):
            digest = disclosure[len(_TOMBSTONE) : -2]
            value = _REMOVED
        else:
            pieces[digest] = disclosure[_SALT + 4 : -1]
            continue
        before, found, after = body.partition(b'{"_sd":["%b"]}' % digest)
        if found:
            body = before + value + after
        elif value is _REMOVED:
            pieces[digest] = value
        else:
            raise BrokenSeal("it holds a value that none of its fields names")
    if pieces:
        raise BrokenSeal("it holds a paragraph that none of its texts names")
    if b'{"_sd":["' in body:
        if not gone:
            raise BrokenSeal("one of its values is missing")
        body = _TOKEN.sub(_REMOVED, body)
    return body


def _joined(value: bytes, pieces: dict[bytes, bytes]) -> bytes:
    """Join the paragraphs that an array of digests names into one JSON string."""
    digests = _PIECE.findall(value)
    if b"[%b]" % b",".join(b'{"...":"%b"}' % each for each in digests) != value:
        raise BrokenSeal("one of its texts is not made of paragraphs")
    try:
        return b'"%b"' % b"".join(pieces.pop(each)[1:-1] for each in digests)
    except KeyError:
        raise BrokenSeal("a paragraph of one of its texts is missing") from None


_COMMA: Final = ord(",")
_TOKEN: Final = re.compile(rb'\{"_sd":\["[A-Za-z0-9_-]{43}"\]\}')
_PIECE: Final = re.compile(rb'\{"\.\.\.":"([A-Za-z0-9_-]{43})"\}')
_REMOVED: Final = orjson.dumps(REMOVED)
_TOMBSTONE: Final = b'{"removed":"'


# Boxes --------------------------------------------------------------------------------------------------------------
#
# A box: key id (22 characters), length of all that follows (4 bytes), length of the compartment's name (1 byte), the
# name, nonce, ciphertext with its tag. What it is bound to: the place, `seq` (8 bytes), the digest of the manifest (43)
# and the key id (22) and the name, of which only the last can be of any length.


class Compartment(NamedTuple):
    """What is kept about one person of one event: the disclosures, or nothing where their key has been destroyed."""

    name: str
    key_id: str
    disclosures: tuple[bytes, ...] | None
    box: bytes
    """Nonce and ciphertext as they are stored; empty where they have been taken out with the key."""


def compartments_of(
    place: Place, seq: int, recorded_at: datetime, sealed: bytes, key_of: Callable[[str], DataKey]
) -> tuple[str, tuple[Compartment, ...]]:
    """Open one event into its compartments, and give the digest of its manifest. Raises `BrokenSeal`."""
    digest, at = _entry_checked(place, seq, recorded_at, sealed)
    found = []
    for name, key_id, box in _boxes(sealed[at:]):
        try:
            opened = tuple(_unboxed(place, seq, digest, name, key_of(key_id), box)) if box else None
        except KeyDestroyed:
            opened = None
        found.append(Compartment(name, key_id, opened, box))
    return digest.decode(), tuple(found)


def boxed(
    place: Place, seq: int, digest: str, compartments: Iterable[Compartment], key_of: Callable[[str], DataKey]
) -> bytes:
    """Encrypt compartments anew, each under the key it names; one that cannot be opened stays as it is."""
    boxes = []
    for name, key_id, disclosures, box in compartments:
        if disclosures is None:
            boxes.append(_framed(key_id.encode(), name.encode(), box))
        else:
            boxes.append(_box(place, seq, digest.encode(), name, key_of(key_id), disclosures))
    return b"".join(boxes)


def _box(  # noqa: PLR0913 - as in `seal`
    place: Place, seq: int, digest: bytes, compartment: str, key: DataKey, disclosures: Iterable[bytes]
) -> bytes:
    nonce, name, key_id = os.urandom(_NONCE), compartment.encode(), key.id.encode()
    binding = b"%b%b%b%b%b" % (place.binding, seq.to_bytes(8), digest, key_id, name)
    return _framed(key_id, name, nonce + key.aead.encrypt(nonce, b"\n".join(disclosures), binding))


def _framed(key_id: bytes, name: bytes, box: bytes) -> bytes:
    return b"%b%b%b%b%b" % (key_id, (1 + len(name) + len(box)).to_bytes(4), len(name).to_bytes(1), name, box)


def _boxes(data: bytes) -> list[tuple[str, str, bytes]]:
    """Take boxes apart: compartment, key id, nonce and ciphertext of each; the first is the subject's."""
    boxes = []
    at, end = 0, len(data)
    while at < end:
        start = at + _KEY_ID + 4
        after = start + int.from_bytes(data[start - 4 : start])
        named = start + 1 + data[start] if start < end else end
        if start >= end or not named <= after <= end:
            raise BrokenSeal("its ciphertext is cut short")
        try:
            boxes.append((data[start + 1 : named].decode(), data[at : at + _KEY_ID].decode(), data[named:after]))
        except UnicodeDecodeError:
            raise BrokenSeal("its ciphertext is not made of boxes") from None
        at = after
    if not boxes or boxes[0][0] != SUBJECT:
        raise BrokenSeal("its ciphertext is not made of boxes")
    return boxes


def _unboxed(  # noqa: PLR0913 - as in `unseal`
    place: Place, seq: int, digest: bytes, compartment: str, key: DataKey, box: bytes
) -> list[bytes]:
    binding = b"%b%b%b%b%b" % (place.binding, seq.to_bytes(8), digest, key.id.encode(), compartment.encode())
    try:
        return key.aead.decrypt(box[:_NONCE], box[_NONCE:], binding).split(b"\n")
    except (InvalidTag, ValueError):
        raise BrokenSeal("its ciphertext has been changed, or belongs to another event") from None
