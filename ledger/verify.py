"""
Check the evidence without us: this one file, Python, and the `cryptography` package. No database, no network.

What is checked is written in public documents, so that nobody needs to trust this program either:

    RFC 6962, section 2.1   the tree over all entries: a leaf's place in it, and that it has only grown
    C2SP signed-note        a text with signatures under it
    C2SP tlog-checkpoint    such a text that states the size and root of a tree
    C2SP tlog-cosignature   a witness's signature that it has seen no other history

Everything here refuses what it does not understand. It raises one error, `Refused`, with a code for machines and a
sentence for people, and never says that all is well for any other reason than that every check has passed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """Something that does not prove what it claims to prove."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def refuse(code: str, message: str) -> NoReturn:
    """Refuse, with a code that stays and a sentence that says what it means."""
    raise Refused(code, message)


# ---- Bytes as text ---------------------------------------------------------------------------------------------------

LARGEST_NUMBER: Final = 2**64 - 1
_HASH_SIZE: Final = 32


def from_base64(text: str, what: str) -> bytes:
    """Decode standard base64 (RFC 4648, section 4), and only the one way in which each value is written."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        refuse("base64", f"{what} is not base64.")
    if base64.b64encode(decoded).decode() != text:
        refuse("base64", f"{what} is base64 that could be written otherwise, so its bytes may have been altered.")
    return decoded


def from_base64url(text: str, what: str) -> bytes:
    """Decode base64url without padding (RFC 4648, section 5), and only the one way in which each value is written."""
    if "=" in text or "+" in text or "/" in text:
        refuse("base64", f"{what} is not base64url without padding.")
    return from_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), what)


def to_base64url(raw: bytes) -> str:
    """Encode base64url without padding: 32 bytes become 43 characters."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hash_from_base64(text: str, what: str) -> bytes:
    """Decode a SHA-256 hash, 32 bytes, from base64."""
    decoded = from_base64(text, what)
    if len(decoded) != _HASH_SIZE:
        refuse("hash_length", f"{what} is {len(decoded)} bytes long. A SHA-256 hash has 32.")
    return decoded


def number(text: str, what: str) -> int:
    """Read a decimal number from 0 to 2**64 - 1, without sign, leading zeros or anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_NUMBER))):
        refuse("number", f"{what} is not a decimal number that a log can have.")
    if str(value := int(text)) != text or value > LARGEST_NUMBER:
        refuse("number", f"{what} is not a decimal number that a log can have: no leading zeros, at most 2^64 - 1.")
    return value


# ---- The tree: RFC 6962, section 2.1 ---------------------------------------------------------------------------------

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them. Its other first byte keeps it from passing for a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """
    Check that the leaf with hash `leaf` stands at `index`, counted from 0, in the tree of `size` leaves with that root.

    The proof holds the hash beside the leaf, then the one beside their parent, and so on upwards (section 2.1.1).
    """
    if not 0 <= index < size:
        refuse("index", f"There is no leaf {index} in a tree of {size}.")
    _need_hashes(leaf, *proof, root)
    # Below `inner` the leaf's subtree has a neighbour on either side; above, only on the left, where a bit is set.
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        refuse(
            "proof_length", f"The proof has {len(proof)} hashes, which no proof for leaf {index} of {size} can have."
        )
    reached = leaf
    for level, beside in enumerate(proof):
        on_the_left = level >= inner or index >> level & 1
        reached = node_hash(beside, reached) if on_the_left else node_hash(reached, beside)
    if reached != root:
        refuse("inclusion", f"The proof does not lead from this entry, as leaf {index}, to the root of the tree.")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """
    Check that the tree of `old` leaves is the beginning of the tree of `new` leaves: nothing was changed or taken out.

    Section 2.1.2 defines it for 0 < old <= new. Of an empty tree there is nothing to prove, so that is refused.
    """
    if not 0 < old <= new:
        refuse("size", f"A tree of {new} leaves cannot be shown to go on from one of {old}.")
    _need_hashes(*proof, old_root, new_root)
    if old == new:
        if proof:
            refuse("proof_length", "Between two trees of one size no proof is needed, and there is one.")
        if old_root != new_root:
            refuse("consistency", f"There are two different trees of {old} leaves: a split view.")
        return
    # The way starts at the smallest perfect subtree of the old tree, which has 2**level leaves.
    level = (old & -old).bit_length() - 1
    place, last = (old >> level) - 1, (new - 1) >> level
    inner = (place ^ last).bit_length()
    start_is_old_root = old == 1 << level
    if len(proof) != inner + (place >> inner).bit_count() + (not start_is_old_root):
        refuse("proof_length", f"The proof has {len(proof)} hashes, which no proof from {old} to {new} can have.")
    start, *way = [old_root, *proof] if start_is_old_root else proof
    reached_old = reached_new = start
    for height, beside in enumerate(way):
        if height >= inner or place >> height & 1:
            reached_old = node_hash(beside, reached_old)
            reached_new = node_hash(beside, reached_new)
        else:
            reached_new = node_hash(reached_new, beside)
    if reached_old != old_root:
        refuse("consistency", f"The proof does not lead to the root of the older tree, of {old} leaves.")
    if reached_new != new_root:
        refuse("consistency", f"The tree of {new} leaves does not go on from the one of {old}: its past was changed.")


def _need_hashes(*hashes: bytes) -> None:
    if any(len(each) != _HASH_SIZE for each in hashes):
        refuse("hash_length", "A hash is not 32 bytes long.")


# ---- Signed notes: C2SP signed-note, tlog-checkpoint, tlog-cosignature -----------------------------------------------

ED25519: Final = 0x01
"""A log's own signature."""
COSIGNATURE_ED25519: Final = 0x04
"""A witness's signature with the time at which it was made."""
COSIGNATURE_MLDSA44: Final = 0x06
"""The same in a form that stands against quantum computers; logs sign with it as well."""

_PUBLIC_SIZES: Final = {ED25519: 32, COSIGNATURE_ED25519: 32, COSIGNATURE_MLDSA44: 1312}
_MOST_SIGNATURES: Final = 100
_KEY_ID_SIZE: Final = 4
_LATEST_TIME: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Whose signatures are believed: a name, and a public key of one kind."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Give the four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_KEY_ID_SIZE]

    def __str__(self) -> str:
        """Write the key as others read it: `name+id+base64(kind || public key)`."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that holds; `time` in seconds since 1970, where its kind states one."""

    key: VerifierKey
    time: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """A signed text, and the signatures under it that are by known keys and hold, one of each key."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root of a log at one time; `extensions` are further lines, which say nothing to us."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write the text that is signed."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))


def valid_key_name(name: str) -> bool:
    """Tell whether a key may be called that: not empty, and neither spaces nor plus in it."""
    return bool(name) and "+" not in name and not any(each.isspace() or each < " " for each in name)


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key as it is handed round: `name+id+base64(kind || public key)`."""
    name, plus, rest = text.partition("+")
    key_id, second_plus, encoded = rest.partition("+")
    if not (plus and second_plus and valid_key_name(name)):
        refuse("key", "A key is not written as name+id+base64, with a name that has no spaces.")
    material = from_base64(encoded, "A public key")
    if not material or _PUBLIC_SIZES.get(material[0]) != len(material) - 1:
        refuse("key", "A key is of a kind or a length that is not known here: Ed25519, or ML-DSA-44 cosignatures.")
    key = VerifierKey(name, material[0], material[1:])
    if key.id.hex() != key_id:
        refuse("key", "The id of a key is not the one that its name and bytes make. Part of it was altered.")
    return key


def open_note(note: bytes, keys: Iterable[VerifierKey]) -> Note:
    """
    Take a signed note apart and check every signature that is by one of the keys.

    Lines by other keys are passed over. One bad signature by a known key refuses the note, and so does having none.
    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.id), key) != key:
            refuse("key", f"Two of the keys to check with have the name {key.name} and the same id.")
    text, lines = _note_parts(note)
    held: dict[VerifierKey, Signature] = {}
    for name, raw in lines:
        if signer := known.get((name, raw[:_KEY_ID_SIZE])):
            signature = Signature(signer, _verify_signature(signer, raw[_KEY_ID_SIZE:], text))
            held.setdefault(signer, signature)
    if not held:
        refuse("unsigned", "The note has no signature by a key that is trusted here.")
    return Note(text, tuple(held.values()))


def _note_parts(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Give the text of a note, and of each signature line the name and the bytes. The first four name the key."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        refuse("note", "The note is not UTF-8 text.")
    if any(each < " " and each != "\n" for each in whole):
        refuse("note", "The note has a control character in it.")
    text, blank, below = whole.rpartition("\n\n")
    lines = below.split("\n")
    if not (blank and len(lines) > 1 and lines.pop() == ""):
        refuse("note", "The note is not a text, an empty line, and lines of signatures that each end.")
    if len(lines) > _MOST_SIGNATURES:
        refuse("note", f"The note has more than {_MOST_SIGNATURES} signatures.")
    signatures = []
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = from_base64(encoded, "A signature under the note")
        if dash != "\N{EM DASH}" or not valid_key_name(name) or len(raw) <= _KEY_ID_SIZE:
            refuse("note", "A line under the note is not a signature: a dash, a name, and base64.")
        signatures.append((name, raw))
    return text + "\n", signatures


def _verify_signature(key: VerifierKey, signature: bytes, text: str) -> int | None:
    """Check one signature and give the time that it states, if its kind does."""
    try:
        if key.kind == ED25519:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
            return None
        time = int.from_bytes(signature[:8])
        if key.kind == COSIGNATURE_ED25519:
            message = cosigned_text(time, text)
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[8:], message)
        else:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey  # not in older versions

            message = cosigned_tree(key.name, time, parse_checkpoint(text))
            MLDSA44PublicKey.from_public_bytes(key.public).verify(signature[8:], message)
    except (InvalidSignature, ValueError):
        refuse("signature", f"The signature by {key.name} is not a signature of this text.")
    if time > _LATEST_TIME:
        refuse("signature", f"The signature by {key.name} states a time that cannot be.")
    return time


def cosigned_text(time: int, text: str) -> bytes:
    """Give what a witness signs with Ed25519 (tlog-cosignature, version 1)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosigned_tree(name: str, time: int, checkpoint: Checkpoint) -> bytes:
    """Give what a witness or a log signs with ML-DSA-44: the subtree that is the whole tree. It has no extensions."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    if max(len(cosigner), len(origin)) > 255:  # noqa: PLR2004 - one byte holds the length
        refuse("note", "A name in the note is too long for the kind of signature under it.")
    return b"".join((
        b"subtree/v1\n\x00",
        bytes([len(cosigner)]) + cosigner,
        struct.pack(">Q", time),
        bytes([len(origin)]) + origin,
        struct.pack(">QQ", 0, checkpoint.size),
        checkpoint.root,
    ))  # fmt: skip


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint: origin, size and root, each on a line; perhaps further lines."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < 3 or not all(lines):  # noqa: PLR2004 - the three lines
        refuse("checkpoint", "A checkpoint is not three lines or more: origin, size and root of the log.")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin,
        number(size, "The size in a checkpoint"),
        hash_from_base64(root, "The root in a checkpoint"),
        tuple(extensions),
    )


# ---- Entries ---------------------------------------------------------------------------------------------------------

EVENT_VERSION: Final = "beforehand/event/1"
NO_PREVIOUS: Final = to_base64url(bytes(_HASH_SIZE))
"""What the first event of a stream has in place of the hash of the one before."""

_LAST_SEQUENCE_NUMBER: Final = 2**53 - 1
# 32 bytes in base64url: 43 characters, of which the last carries four bits, so that two must be zero.
_DIGEST: Final = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
# The one way in which an entry is written. JSON allows others, with spaces, other orders, doubled members or escaped
# characters: no such bytes match, so an entry means the same to every program that reads it.
_ENTRY: Final = re.compile(
    rf'\{{"ver":"{EVENT_VERSION}"'
    r',"iss":"(?P<origin>[!#-\[\]-~]+)"'
    rf',"stream":"(?P<stream>{_DIGEST})"'
    r',"seq":(?P<seq>[1-9][0-9]{0,15})'
    rf',"prev":"(?P<prev>{_DIGEST})"'
    r',"rec":"(?P<rec>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)"'
    rf',"_sd_alg":"sha-256","_sd":\["(?P<manifest>{_DIGEST})"\]'
    rf'(?:,"subj":"(?P<subject>{_DIGEST})")?\}}'
)


class Entry(NamedTuple):
    """
    What an entry of the log says. Its content is not in it: only the digest of the manifest is.

    origin    the log it was made for
    stream    the tag of the stream: which case, under a pseudonym
    seq       its number in the stream, from 1
    prev      the leaf hash of the event before it in the stream
    rec       when it was recorded: UTC, RFC 3339 with milliseconds. These texts sort as the times do
    manifest  the digest of the disclosure that lists all it contains
    subject   the tag of the person, in the first event of a stream
    """

    origin: str
    stream: str
    seq: int
    prev: str
    rec: str
    manifest: str
    subject: str | None

    @property
    def recorded_at(self) -> datetime:
        """Give the time at which it was recorded."""
        return datetime.fromisoformat(self.rec)


def parse_entry(entry: bytes) -> Entry:
    """Read the bytes of an entry, which are JSON in exactly one form."""
    match = _ENTRY.fullmatch(entry.decode("latin-1"))
    if not match:
        refuse("entry", "The bytes are not an entry: its members, their order and their form are fixed to the byte.")
    origin, stream, seq, prev, rec, manifest, subject = match.groups()
    read = Entry(origin, stream, int(seq), prev, rec, manifest, subject)
    if read.seq > _LAST_SEQUENCE_NUMBER:
        refuse("entry", "The number of an event in its stream is larger than any can be.")
    try:
        datetime.fromisoformat(read.rec)
    except ValueError:
        refuse("entry", "The time at which an entry was recorded is not a time.")
    if (read.seq == 1) != (read.prev == NO_PREVIOUS):
        refuse(
            "entry", "The first event of a stream, and only the first, follows no other. This one contradicts itself."
        )
    if read.subject and read.seq != 1:
        refuse("entry", "Only the first event of a stream carries the tag of the person it is about.")
    return read


def digest_of(disclosure: str) -> str:
    """Give the digest by which a disclosure is referred to (RFC 9901, section 4.2.3): SHA-256 of its base64url text."""
    return to_base64url(hashlib.sha256(disclosure.encode()).digest())
