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

Opening checks every digest, always: the entry against its leaf hash, the place of the entry in its stream, the manifest
against the entry, each value against the manifest.
"""

from __future__ import annotations

import hmac
import os
import re
import struct
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import BrokenSeal, KeyDestroyed, LedgerError

Path = tuple[str, ...]
"""Where a narrative value is in a body: names of members; `*` stands for every element of an array."""

SUBJECT: Final = "subject"
"""The compartment of the person whom the stream is about. It holds the manifest."""

REMOVED: Final = "█"
"""What stands in place of a value that has been taken out for good."""

_VERSION: Final = b"beforehand/event/1"
_CIPHERTEXT: Final = b"beforehand/event-ct/1"
_SALT: Final = 24
_SALT_BYTES: Final = 18
_NONCE_BYTES: Final = 12
_LEAF: Final = 32
_PARAGRAPHS: Final = re.compile(r"[^\n]*\n+|[^\n]+")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_BOX: Final = struct.Struct(">22sIB")
"""Head of a box: id of the data key, length of nonce and ciphertext, length of the compartment's name."""


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
    """Give the digest of a disclosure, from its JSON (RFC 9901 section 4.2.3)."""
    return base64url(sha256(base64url(disclosure)).digest())


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
    """What ties every ciphertext of this stream to it, length-prefixed."""


def place_of(origin: str, stream_secret: bytes, subject_secret: bytes) -> Place:
    """Name a stream in a log."""
    tag = tag_of(stream_secret, "stream", origin)
    prefix = b'{"ver":"%b","iss":"%b","stream":"%b","seq":' % (_VERSION, origin.encode(), tag.encode())
    return Place(tag, tag_of(subject_secret, "subject", origin), prefix, _bound(_CIPHERTEXT, origin, tag))


def state_of(sealed: bytes) -> bytes:
    """Give the boxes from what the log's function `sealed` gives."""
    return sealed[_LEAF + 4 + int.from_bytes(sealed[_LEAF : _LEAF + 4]) :]


class _Salts:
    """Salts of one event, from one call for random bytes; each chosen independently (RFC 9901 section 4.2.1)."""

    __slots__ = ("_at", "_text")

    def __init__(self) -> None:
        self._more()

    def _more(self) -> None:
        self._text = b2a_base64(os.urandom(_SALT_BYTES * 8), newline=False).translate(_URL_SAFE)
        self._at = 0

    def next(self) -> bytes:
        """Give a salt that has not been used."""
        if self._at == len(self._text):
            self._more()
        self._at += _SALT
        return self._text[self._at - _SALT : self._at]


def seal(  # noqa: PLR0913 - each is one thing a seal binds
    place: Place,
    seq: int,
    kind: str,
    body: dict[str, Any],
    narrative: Iterable[Path],
    key: DataKey,
    about: tuple[str, DataKey] | None = None,
) -> Sealed:
    """
    Seal one event for a place in a stream. The values at the `narrative` paths of `body` are replaced in it.

    `about` names the compartment and key of a third party whom the narrative is about; otherwise it is kept with the
    manifest under the key of the stream's own subject.
    """
    salts = _Salts()
    disclosures: list[bytes] = []
    values = sum(_commit(body, path, salts, disclosures) for path in narrative)
    manifest = b'["%b","event",{"type":"%b"%b]' % (salts.next(), kind.encode(), _members(body))
    if manifest.count(b'{"_sd":["') != values:
        raise LedgerError("A member of an event may not be called _sd: that name stands for a sealed value.")
    digest = digest_of(manifest)
    if about is None or not disclosures:
        state = _box(place, seq, digest, SUBJECT, key, [manifest, *disclosures])
    else:
        compartment, other = about
        state = _box(place, seq, digest, SUBJECT, key, [manifest]) + _box(
            place, seq, digest, compartment, other, disclosures
        )
    return Sealed(digest.decode(), state)


def _members(body: dict[str, Any]) -> bytes:
    members = orjson.dumps(body)
    return b"," + members[1:] if body else members[1:]


def _commit(holder: Any, path: Path, salts: _Salts, disclosures: list[bytes]) -> int:
    """Put digests in place of the values at a path, their disclosures into the list, and give how many those are."""
    name = path[0]
    places: Sequence[Any] = range(len(holder)) if name == "*" else (name,) if holder.get(name) is not None else ()
    if len(path) > 1:
        return sum(_commit(holder[at], path[1:], salts, disclosures) for at in places)
    for at in places:
        holder[at] = _committed(holder[at], salts, disclosures)
    return len(places)


def _committed(value: Any, salts: _Salts, disclosures: list[bytes]) -> dict[str, list[str]]:
    paragraphs = _PARAGRAPHS.findall(value) if isinstance(value, str) and "\n" in value else ()
    if len(paragraphs) > 1:
        digests = []
        for paragraph in paragraphs:
            disclosures.append(piece := b'["%b",%b]' % (salts.next(), orjson.dumps(paragraph)))
            digests.append({"...": digest_of(piece).decode()})
        written = orjson.dumps(digests)
    else:
        written = orjson.dumps(value)
    disclosures.append(whole := b'["%b","v",%b]' % (salts.next(), written))
    return {"_sd": [digest_of(whole).decode()]}


def unseal(  # noqa: PLR0913 - each is one thing a seal binds
    place: Place, seq: int, recorded_at: datetime, kind: str, sealed: bytes, key_of: Callable[[str], DataKey]
) -> bytes:
    """
    Open one event from its place in a stream, checking every digest, and give its body as JSON.

    `sealed` is what the log's function `sealed` gives: leaf hash, length of the entry, entry, boxes. What has been
    taken out for good reads `REMOVED`. Raises `BrokenSeal`, and what `key_of` raises for the key of the stream's own
    subject.
    """
    digest, boxes = _entry_checked(place, seq, recorded_at, sealed)
    disclosures: list[bytes] = []
    gone = False
    for compartment, key_id, box in _boxes(boxes):
        try:
            key = key_of(key_id)
        except KeyDestroyed:
            if compartment == SUBJECT:
                raise
            gone = True
            continue
        disclosures += _unboxed(place, seq, digest, compartment, key, box)
    if not disclosures or digest_of(disclosures[0]) != digest:
        raise BrokenSeal("its fields are not those that were sealed")
    head = b'","event",{"type":"%b"' % kind.encode()
    manifest = disclosures[0]
    if not manifest.startswith(head, _SALT + 2) or not manifest.endswith(b"}]"):
        raise BrokenSeal("it is stored as another kind of event")
    body = b"{" + manifest[_SALT + 2 + len(head) :].removeprefix(b",")[:-1]
    return _filled(body, disclosures, gone=gone) if len(disclosures) > 1 or b'{"_sd":["' in body else body


def _entry_checked(place: Place, seq: int, recorded_at: datetime, sealed: bytes) -> tuple[bytes, memoryview]:
    """Check an entry against its leaf hash and its place; give the digest it carries and the boxes behind it."""
    end = _LEAF + 4 + int.from_bytes(sealed[_LEAF : _LEAF + 4])
    entry = sealed[_LEAF + 4 : end]
    if sha256(b"\x00" + entry).digest() != sealed[:_LEAF]:
        raise BrokenSeal("its entry does not have the hash that the log holds")
    opening = b'%b%d,"prev":"' % (place.entry_prefix, seq)
    if not entry.startswith(opening):
        raise BrokenSeal("its entry belongs to another place")
    at = len(opening) + 43
    middle = (
        b'","rec":"%bZ","_sd_alg":"sha-256","_sd":["' % recorded_at.isoformat(timespec="milliseconds")[:23].encode()
    )
    if not entry.startswith(middle, at):
        raise BrokenSeal("its entry has another recorded time")
    at += len(middle)
    if entry[at + 43 :] != (b'"],"subj":"%b"}' % place.subject_tag.encode() if seq == 1 else b'"]}'):
        raise BrokenSeal("its entry does not end as entries do")
    return entry[at : at + 43], memoryview(sealed)[end:]


def _filled(body: bytes, disclosures: Sequence[bytes], *, gone: bool) -> bytes:
    """
    Put values in place of their digests.

    The bytes of a token cannot be part of any text: JSON escapes the quotes in it.
    """
    pieces: dict[bytes, bytes] = {}
    for disclosure in disclosures[1:]:
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


_TOKEN: Final = re.compile(rb'\{"_sd":\["[A-Za-z0-9_-]{43}"\]\}')
_PIECE: Final = re.compile(rb'\{"\.\.\.":"([A-Za-z0-9_-]{43})"\}')
_REMOVED: Final = orjson.dumps(REMOVED)
_TOMBSTONE: Final = b'{"removed":"'


def tombstone(digest: str) -> bytes:
    """Give what takes the place of a disclosure, inside the ciphertext, once its value has been taken out."""
    return b'%b%b"}' % (_TOMBSTONE, digest.encode())


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
    digest, boxes = _entry_checked(place, seq, recorded_at, sealed)
    found = []
    for name, key_id, box in _boxes(boxes):
        try:
            opened = tuple(_unboxed(place, seq, digest, name, key_of(key_id), box))
        except KeyDestroyed:
            opened = None
        found.append(Compartment(name, key_id, opened, bytes(box)))
    return digest.decode(), tuple(found)


def boxed(
    place: Place, seq: int, digest: str, compartments: Iterable[Compartment], key_of: Callable[[str], DataKey]
) -> bytes:
    """Encrypt compartments anew, each under the key it names; one that cannot be opened stays as it is."""
    boxes = []
    for name, key_id, disclosures, box in compartments:
        if disclosures is None:
            boxes += [_BOX.pack(key_id.encode(), len(box), len(name.encode())), name.encode(), box]
        else:
            boxes.append(_box(place, seq, digest.encode(), name, key_of(key_id), disclosures))
    return b"".join(boxes)


def _box(  # noqa: PLR0913 - as in `seal`
    place: Place, seq: int, digest: bytes, compartment: str, key: DataKey, disclosures: Iterable[bytes]
) -> bytes:
    """Encrypt disclosures, each with its length before it, bound to the event, the compartment and the key."""
    nonce = os.urandom(_NONCE_BYTES)
    plain = b"".join([part for each in disclosures for part in (len(each).to_bytes(4), each)])
    name = compartment.encode()
    ciphertext = key.aead.encrypt(nonce, plain, place.binding + _bound(str(seq), digest, compartment, key.id))
    head = _BOX.pack(key.id.encode(), len(nonce) + len(ciphertext), len(name))
    return b"".join((head, name, nonce, ciphertext))


def _boxes(data: memoryview) -> Iterator[tuple[str, str, memoryview]]:
    """Take boxes apart: compartment, key id, nonce and ciphertext of each."""
    at = 0
    try:
        while at < len(data):
            key_id, length, named = _BOX.unpack_from(data, at)
            at += _BOX.size
            end = at + named + length
            if end > len(data):
                raise BrokenSeal("its ciphertext is cut short")
            yield str(data[at : at + named], "utf-8"), key_id.decode(), data[at + named : end]
            at = end
    except (struct.error, UnicodeDecodeError):
        raise BrokenSeal("its ciphertext is not made of boxes") from None


def _unboxed(  # noqa: PLR0913 - as in `unseal`
    place: Place, seq: int, digest: bytes, compartment: str, key: DataKey, box: memoryview
) -> list[bytes]:
    binding = place.binding + _bound(str(seq), digest, compartment, key.id)
    try:
        plain = key.aead.decrypt(bytes(box[:_NONCE_BYTES]), bytes(box[_NONCE_BYTES:]), binding)
    except (InvalidTag, ValueError):
        raise BrokenSeal("its ciphertext has been changed, or belongs to another event") from None
    disclosures = []
    at = 0
    while at < len(plain):
        end = at + 4 + int.from_bytes(plain[at : at + 4])
        disclosures.append(plain[at + 4 : end])
        at = end
    return disclosures


def _bound(*parts: str | bytes) -> bytes:
    """Write parts so that no two lists of them are written alike: each with its length before it."""
    written = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join([piece for part in written for piece in (len(part).to_bytes(2), part)])
