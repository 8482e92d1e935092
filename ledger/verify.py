"""
Check the evidence without us: this one file, Python, and the `cryptography` package. No database, no network.

    python verify.py receipt FILE --policy FILE      this entry is in the log
    python verify.py bundle FILE --policy FILE       this is the whole of a record, unaltered
    python verify.py log FOLDER --policy FILE        nothing in this log was altered or left out

It takes Python 3.11 or newer. The exit code is 0, or 1 where something was refused, or 2 where nothing was checked.

What is checked is written in public documents, so that nobody needs to trust this program either:

    RFC 6962, section 2.1   the tree over all entries: a leaf's place in it, and that it has only grown
    C2SP signed-note        a text with signatures under it
    C2SP tlog-checkpoint    such a text that states the size and root of a tree
    C2SP tlog-cosignature   a witness's signature that it has seen no other history
    C2SP tlog-policy        whose signatures are believed, and how many are enough
    C2SP tlog-proof         a receipt: the proof that one entry is in the log
    C2SP tlog-tiles         the files of a whole log
    RFC 9901                what an event says, each part of which can be given or withheld

What is our own stands in `ops/formats.md`: the entries, and the disclosure bundle. The sections below build on one
another in this order, and each can be read by itself.

Everything here refuses what it does not understand. It raises one error, `Refused`, with a code for machines and a
sentence for people, and never says that all is well for any other reason than that every check has passed.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import struct
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

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
        refuse("proof_length", f"The proof has {len(proof)} hashes. For leaf {index} of {size} it would have others.")
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
    if old == new:
        if proof:
            refuse("proof_length", "Between two trees of one size no proof is needed, and there is one.")
        if old_root != new_root:
            refuse("consistency", f"There are two different trees of {old} leaves: a split view.")
        return
    _need_hashes(*proof, old_root, new_root)
    # The way starts at the smallest perfect subtree of the old tree, which has 2**level leaves.
    level = (old & -old).bit_length() - 1
    place, last = (old >> level) - 1, (new - 1) >> level
    inner = (place ^ last).bit_length()
    start_is_old_root = old == 1 << level
    if len(proof) != inner + (place >> inner).bit_count() + (not start_is_old_root):
        refuse("proof_length", f"The proof has {len(proof)} hashes. From {old} to {new} it would have others.")
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
_LONGEST_NAME: Final = 255
_LATEST_TIME: Final = 253_402_300_799
"""The end of the year 9999. The specification allows more, and no clock shows it."""


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
    return re.fullmatch(r"[^\s+\x00-\x1f\ud800-\udfff]+", name) is not None


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
    """
    Give what a witness or a log signs with ML-DSA-44: the whole tree, as a subtree that begins at 0.

    Further lines of the checkpoint are not in it, so a checkpoint that has any is refused rather than half signed.
    """
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    if checkpoint.extensions or len(cosigner) > _LONGEST_NAME:
        refuse("signature", "An ML-DSA-44 signature cannot cover a checkpoint with further lines, or so long a name.")
    parts = b"subtree/v1\n\x00", bytes([len(cosigner)]), cosigner, struct.pack(">Q", time), bytes([len(origin)]), origin
    return b"".join((*parts, struct.pack(">QQ", 0, checkpoint.size), checkpoint.root))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint: origin, size and root, each on a line; perhaps further lines."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < 3 or not all(lines):  # noqa: PLR2004 - the three lines
        refuse("checkpoint", "A checkpoint is not three lines or more: origin, size and root of the log.")
    origin, size, root, *extensions = lines
    size_read = number(size, "The size in a checkpoint")
    root_read = hash_from_base64(root, "The root in a checkpoint")
    if len(origin.encode()) > _LONGEST_NAME:
        refuse("checkpoint", "A checkpoint has an origin of more than 255 bytes.")
    if size_read == 0 and root_read != EMPTY_ROOT:
        refuse("empty_root", "A checkpoint of a log without entries has a root that no empty log has.")
    return Checkpoint(origin, size_read, root_read, tuple(extensions))


# ---- Whom to believe: C2SP tlog-policy -------------------------------------------------------------------------------

NOBODY: Final = "none"
"""The quorum that asks for no witness."""


@dataclass(frozen=True, slots=True)
class Policy:
    """
    Which logs and witnesses are believed, and how many witnesses are enough.

    witnesses    by the names that the policy gives them
    groups       by name: how many members are enough, and the members, which are witnesses or groups
    quorum       the witness or group that must have cosigned, or `NOBODY`
    fingerprint  SHA-256 of the policy file, in hexadecimal, to compare with what its author publishes
    """

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str
    fingerprint: str

    def is_met(self, cosigners: Collection[str], name: str | None = None) -> bool:
        """Tell whether the witnesses that cosigned make the quorum, or the group of that name."""
        name = name or self.quorum
        if name in self.groups:
            enough, members = self.groups[name]
            return sum(self.is_met(cosigners, each) for each in members) >= enough
        return name == NOBODY or name in cosigners


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that meets a policy, and the times at which witnesses of the policy cosigned it, by their names."""

    checkpoint: Checkpoint
    times: Mapping[str, int]


def parse_policy(text: bytes) -> Policy:
    """Read a policy file: lines of `log`, `witness`, `group`, and one `quorum`. Names are bytes, and compared so."""
    if any((each < 0x20 and each not in b"\t\n") or each == 0x7F for each in text):  # noqa: PLR2004 - space and DEL
        refuse("policy", "The policy has a control character in it.")
    logs: list[VerifierKey] = []
    witnesses: dict[str, VerifierKey] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    quorums: list[str] = []
    for place, line in enumerate(text.decode("utf-8", "surrogateescape").split("\n"), start=1):
        words = re.findall(r"[^ \t]+", line)
        known = {*witnesses, *groups}
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log" and len(words) in {2, 3}:
            logs.append(_new_key(words[1], logs, unfit=COSIGNATURE_ED25519))
        elif words[0] == "witness" and len(words) in {3, 4} and words[1] not in {*known, NOBODY}:
            witnesses[words[1]] = _new_key(words[2], witnesses.values(), unfit=ED25519)
        elif words[0] == "group" and len(words) > 3 and words[1] not in {*known, NOBODY}:  # noqa: PLR2004 - a member
            free = known.difference(*(members for _, members in groups.values()))
            groups[words[1]] = _group(words[2], words[3:], free)
        elif words[0] == "quorum" and len(words) == 2 and words[1] in {*known, NOBODY}:  # noqa: PLR2004 - and its name
            quorums.append(words[1])
        else:
            refuse("policy", f"Line {place} of the policy is none that it can have, or uses a name twice or too early.")
    if len(quorums) != 1:
        refuse("policy", "A policy has exactly one line that says which quorum it asks for.")
    return Policy(tuple(logs), witnesses, groups, quorums[0], hashlib.sha256(text).hexdigest())


def trust_only(vkey: str) -> Policy:
    """Give the policy that believes one log and asks for no witness."""
    return parse_policy(f"log {vkey}\nquorum none\n".encode())


def _new_key(vkey: str, others: Iterable[VerifierKey], *, unfit: int) -> VerifierKey:
    key = parse_vkey(vkey)
    if any(key.public == each.public for each in others):
        refuse("policy", f"The key of {key.name} is in the policy twice, so that it could be counted twice.")
    if key.kind == unfit:
        refuse("policy", f"The key of {key.name} is of the kind of witnesses and should be of a log's, or the reverse.")
    return key


def _group(enough: str, members: list[str], free: set[str]) -> tuple[int, tuple[str, ...]]:
    if len(set(members)) != len(members) or not free.issuperset(members):
        refuse("policy", "A group in the policy names a member that is not defined above it, or has a place already.")
    threshold = {"any": "1", "all": str(len(members))}.get(enough, enough)
    if threshold not in map(str, range(1, len(members) + 1)):
        refuse("policy", "A group in the policy asks for more members than it has, or for none.")
    return int(threshold), tuple(members)


def open_checkpoint(note: bytes, policy: Policy) -> Witnessed:
    """Open a checkpoint: signed by a log of the policy, under the log's own name, and cosigned by its quorum."""
    opened = open_note(note, {*policy.logs, *policy.witnesses.values()})
    checkpoint = parse_checkpoint(opened.text)
    by = {each.key: each.time for each in opened.signatures}
    if not any(log in by and log.name == checkpoint.origin for log in policy.logs):
        refuse("log", "The checkpoint is not signed by a log that is trusted here, under that log's own name.")
    times = {name: time for name, key in policy.witnesses.items() if (time := by.get(key)) is not None}
    if not policy.is_met(times):
        names = ", ".join(sorted(times)) or "nobody"
        refuse("quorum", f"Too few witnesses have cosigned it: {names}. It may be a private view.")
    return Witnessed(checkpoint, times)


# ---- Receipts: C2SP tlog-proof ---------------------------------------------------------------------------------------

_TLOG_PROOF: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A leaf's place in a log: its index, the way to the root, the checkpoint, and data that nothing vouches for."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __str__(self) -> str:
        """Write it as a file with the extension .tlog-proof."""
        extra = [] if self.extra is None else [f"extra {base64.b64encode(self.extra).decode()}"]
        hashes = [base64.b64encode(each).decode() for each in self.hashes]
        return "\n".join([_TLOG_PROOF, *extra, f"index {self.index}", *hashes, "", self.checkpoint.decode()])


def parse_tlog_proof(proof: bytes) -> TlogProof:
    """Take a receipt apart. Nothing in it is believed before `verify_tlog_proof`, and `extra` not even then."""
    head, blank, checkpoint = proof.partition(b"\n\n")
    try:
        first, *lines = head.decode().split("\n")
    except UnicodeDecodeError:
        refuse("receipt", "The receipt is not UTF-8 text.")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0).removeprefix("extra "), "The extra data of the receipt")
    if first != _TLOG_PROOF or not blank or not lines or not lines[0].startswith("index ") or extra == b"":
        refuse("receipt", f"A receipt is the line {_TLOG_PROOF}, an index, hashes, an empty line, and a checkpoint.")
    index = number(lines[0].removeprefix("index "), "The index in the receipt")
    hashes = [hash_from_base64(line, "A hash in the receipt") for line in lines[1:]]
    return TlogProof(index, tuple(hashes), checkpoint, extra)


def verify_tlog_proof(proof: TlogProof, leaf: bytes, policy: Policy) -> Witnessed:
    """Check that the entry with the leaf hash `leaf` is in a log of the policy, at the index of the receipt."""
    witnessed = open_checkpoint(proof.checkpoint, policy)
    verify_inclusion(proof.index, witnessed.checkpoint.size, leaf, proof.hashes, witnessed.checkpoint.root)
    return witnessed


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
        refuse("entry", "An entry contradicts itself: the first event of a stream, and only that, follows no other.")
    if read.subject and read.seq != 1:
        refuse("entry", "Only the first event of a stream carries the tag of the person it is about.")
    return read


def digest_of(disclosure: str) -> str:
    """Give the digest by which a disclosure is referred to (RFC 9901, section 4.2.3): SHA-256 of its base64url text."""
    return to_base64url(hashlib.sha256(disclosure.encode()).digest())


def parse_json(raw: bytes, what: str) -> Any:
    """Read JSON that means one thing only: UTF-8, no member twice in an object, no numbers that are none."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(members := dict(pairs)) != len(pairs):
            refuse("json", f"{what} names something in it twice.")
        return members

    def never(_: str) -> NoReturn:
        refuse("json", f"{what} has a number in it that is none.")

    try:
        read = json.loads(text := raw.decode(), object_pairs_hook=once, parse_constant=never)
        if "\\ud" in text.lower():
            json.dumps(read, ensure_ascii=False).encode()  # fails for half a character
    except (ValueError, RecursionError):
        refuse("json", f"{what} is not JSON.")
    return read


def members_of(value: Any, what: str, **kinds: type) -> list[Any]:
    """Give the members of a JSON object in this order, if it has exactly these, each of its kind."""
    if type(value) is not dict or set(value) != set(kinds):
        refuse("form", f"{what} does not have exactly the members {', '.join(kinds)}.")
    for name, kind in kinds.items():
        if type(value[name]) is not kind:
            refuse("form", f"In {what} the member {name} is not of its kind.")
    return [value[name] for name in kinds]


# ---- What an event says: RFC 9901, recursive disclosures -------------------------------------------------------------

WITHHELD: Final = "[not given]"
"""What stands where something was not disclosed."""

_SHORTEST_SALT: Final = 22


def open_event(manifest: str, disclosures: Sequence[str]) -> tuple[Any, list[str], list[str]]:
    """
    Put the disclosures of one event together, starting from the digest of its manifest.

    Gives what it says, with `WITHHELD` where something is missing; the digests of what is missing; and the digests of
    disclosures that belong nowhere. A disclosure is base64url of a JSON array: a salt, a name, and what it discloses.
    The manifest is named `event`; a value is named `v`, and {"_sd":["<digest>"]} stands for it in the manifest; a
    paragraph has no name, and {"...":"<digest>"} stands for it in the value. No digest may stand in two places.
    """
    opening = _Opening(disclosures)
    try:
        content = opening.disclosed(manifest, "event")
    except RecursionError:
        refuse("disclosure", "A disclosure is nested too deep.")
    return content, opening.missing, list(opening.held)


class _Opening:
    """One event on its way to being read: disclosures not used yet, digests met, and those without a disclosure."""

    def __init__(self, disclosures: Sequence[str]) -> None:
        self.held: dict[str, list[Any]] = {}
        self.met: set[str] = set()
        self.missing: list[str] = []
        for disclosure in disclosures:
            parts = parse_json(from_base64url(disclosure, "A disclosure"), "A disclosure")
            if type(parts) is not list or len(parts) not in {2, 3} or type(parts[0]) is not str:
                refuse("disclosure", "A disclosure is not an array of a salt, perhaps a name, and a value.")
            if len(parts[0]) < _SHORTEST_SALT:
                refuse("disclosure", "The salt of a disclosure is so short that its content could be guessed.")
            if self.held.setdefault(digest_of(disclosure), parts) is not parts:
                refuse("disclosure", "A disclosure is given twice.")

    def disclosed(self, digest: Any, *name: str) -> Any:
        """Give what a digest stands for, in a place that asks for a name or for none."""
        if type(digest) is not str or not re.fullmatch(_DIGEST, digest) or digest in self.met:
            refuse("disclosure", "What stands for a disclosure is not a digest, or stands in two places.")
        self.met.add(digest)
        parts = self.held.pop(digest, None)
        if parts is None:
            self.missing.append(digest)
            return WITHHELD
        if tuple(parts[1:-1]) != name:
            refuse("disclosure", "A disclosure has another name than its place asks for.")
        return self._read(parts[-1])

    def _read(self, value: Any) -> Any:
        if type(value) is dict and "_sd" in value:
            (digests,) = members_of(value, "a value", _sd=list)
            return self.disclosed(digests[0] if len(digests) == 1 else None, "v")
        if type(value) is dict:
            if "..." in value:
                refuse("disclosure", "A paragraph stands where none can.")
            return {name: self._read(each) for name, each in value.items()}
        if type(value) is list and any(type(each) is dict and "..." in each for each in value):
            paragraphs = [self.disclosed(*members_of(each, "a paragraph", **{"...": str})) for each in value]
            if not all(type(each) is str for each in paragraphs):
                refuse("disclosure", "A paragraph is not text.")
            return "".join(paragraphs)
        return [self._read(each) for each in value] if type(value) is list else value


# ---- Disclosure bundles: all of a record, and nothing left out -------------------------------------------------------

BUNDLE_FORMAT: Final = "beforehand/bundle/1"
CLOSING_EVENT: Final = "disclosure.issued@"
AUDITOR: Final = "auditor"
"""How the name of a witness begins in a policy if it reads every entry of the log, not only checkpoints."""
CLOCKS_DIFFER: Final = 60
"""Seconds by which the clock of the database and those of witnesses may differ."""


class Event(NamedTuple):
    """
    One event of a bundle.

    content     what it says, `WITHHELD` where something is not given
    missing     digests of what is not given
    not_before  seconds since 1970, when a witness had seen all of the log and not this; None where none is enclosed
    not_after   when a witness had seen it; None where no witness says
    """

    leaf_index: int
    entry: Entry
    content: Any
    missing: Sequence[str]
    not_before: int | None
    not_after: int | None


class Bundle(NamedTuple):
    """
    A bundle that has passed every check.

    withheld   digest, code, legal basis and text for each thing that is not given
    redacted   the same for what exists no more, with the number of the event that records its destruction
    released   how many of the withheld are given after all
    auditors   the auditors of the policy that cosigned: each has read every entry of the log
    made_for   the fingerprint of the policy that the bundle was made for
    """

    witnessed: Witnessed
    events: Sequence[Event]
    withheld: Sequence[Mapping[str, Any]]
    redacted: Sequence[Mapping[str, Any]]
    released: int
    auditors: Sequence[str]
    made_for: str


def stream_tag(secret: bytes, origin: str) -> str:
    """Give the pseudonym under which a stream stands in a log."""
    return to_base64url(hmac.digest(secret, f"beforehand/stream-tag/1\n{origin}".encode(), "sha256"))


def withheld_digest(withheld: Sequence[Mapping[str, Any]], redacted: Sequence[Mapping[str, Any]]) -> str:
    """Give the digest of the two lists of what a bundle does not give. Its closing event carries it."""
    lists = json.dumps([withheld, redacted], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return to_base64url(hashlib.sha256(lists.encode()).digest())


@contextmanager
def about(what: str) -> Iterator[None]:
    """Name in a refusal what it is about."""
    try:
        yield
    except Refused as refused:
        raise Refused(refused.code, f"{what}: {refused.message}") from None


def verify_bundle(raw: bytes, policy: Policy) -> Bundle:
    """Make all checks on a bundle. Its format is described in `ops/formats.md`."""
    texts = dict.fromkeys(("format", "policy", "stream_secret", "checkpoint"), str)
    lists = dict.fromkeys(("history", "events", "withheld", "redacted"), list)
    what, made_for, secret, checkpoint, history, given, withheld, redacted = members_of(
        parse_json(raw, "The bundle"), "the bundle", **texts, **lists
    )
    if what != BUNDLE_FORMAT:
        refuse("form", f"This is not a bundle in the form {BUNDLE_FORMAT}.")
    # 1. The checkpoint that everything else hangs on.
    with about("The bundle's checkpoint"):
        witnessed = open_checkpoint(checkpoint.encode(), policy)
    # 2. The tag of the stream: only who holds its secret can say which stream is this person's.
    tag = stream_tag(from_base64url(secret, "The secret of the stream"), witnessed.checkpoint.origin)
    # 3. Every entry is what it was, follows the one before, and is in the log.
    chain = _verify_chain(given, tag, witnessed.checkpoint)
    # 4. Everything in every event is given, or is on a list of what is not.
    reasons = {**_listed(withheld, "withheld"), **_listed(redacted, "redacted", event=int)}
    opened = []
    for place, each in enumerate(given, 1):
        with about(f"Event {place}"):
            opened.append(_open_whole(chain[place - 1][1].manifest, each["disclosures"], reasons))
    released = _verify_lists(reasons, withheld, redacted, opened)
    # 5. The last event is the issue of this bundle, so that nothing can follow that it keeps silent about.
    _verify_closing(opened[-1][0] if opened else None, len(opened), withheld_digest(withheld, redacted))
    # 6. Each was recorded when it says: between what witnesses saw before and after it.
    seen = [witnessed, *(_earlier(each, place, witnessed, policy) for place, each in enumerate(history, 1))]
    events = [
        Event(*place, content, missing, *bracket)
        for place, (content, missing, _), bracket in zip(chain, opened, _brackets(chain, seen), strict=True)
    ]
    auditors = [name for name in witnessed.times if name.startswith(AUDITOR)]
    fingerprint = hashlib.sha256(made_for.encode()).hexdigest()
    return Bundle(witnessed, events, withheld, redacted, released, auditors, fingerprint)


def _verify_chain(given: list[Any], tag: str, checkpoint: Checkpoint) -> list[tuple[int, Entry]]:
    chain: list[tuple[int, Entry]] = []
    last_index, previous, latest = -1, NO_PREVIOUS, ""
    for place, each in enumerate(given, 1):
        with about(f"Event {place}"):
            kinds: dict[str, type] = {"leaf_index": int, "entry": str, "inclusion_proof": list, "disclosures": list}
            index, text, proof, _ = members_of(each, "it", **kinds)
            entry = parse_entry(text.encode())
            if entry.origin != checkpoint.origin:
                refuse("origin", "It belongs to another log.")
            if entry.stream != tag:
                refuse("stream", "It belongs to another stream than this bundle's secret opens.")
            if entry.seq != place:
                refuse("sequence", f"In its place is event {entry.seq}. An event was left out, put in or moved.")
            if entry.prev != previous:
                refuse("chain", "It does not follow from the event before. One of the two was altered or replaced.")
            if index <= last_index or entry.rec < latest:
                refuse("order", "It was logged before the event that it follows, or says so. The order was changed.")
            leaf = leaf_hash(text.encode())
            hashes = [hash_from_base64(part, "A hash of its proof") for part in _texts(proof)]
            verify_inclusion(index, checkpoint.size, leaf, hashes, checkpoint.root)
            last_index, previous, latest = index, to_base64url(leaf), entry.rec
            chain.append((index, entry))
    return chain


def _texts(value: list[Any]) -> list[str]:
    if not all(type(each) is str for each in value):
        refuse("form", "A list of texts holds something else.")
    return value


def _listed(reasons: list[Any], which: str, **more: type) -> dict[str, Mapping[str, Any]]:
    """Give the entries of a list of what is not given, by digest."""
    for each in reasons:
        members_of(each, f"the list of what is {which}", digest=str, code=str, basis=str, text=str, **more)
        if not each["code"]:
            refuse("list", f"Something is {which} without a reason.")
    digests = [each["digest"] for each in reasons]
    if digests != sorted(set(digests)):
        refuse("list", f"The list of what is {which} is not in order, or names something twice.")
    return {each["digest"]: each for each in reasons}


def _open_whole(manifest: str, disclosures: list[Any], reasons: Collection[str]) -> tuple[Any, list[str], list[str]]:
    """Give what an event says, the digests of what is missing with a reason, and those of what is there."""
    content, missing, unreferenced = open_event(manifest, _texts(disclosures))
    if hidden := [digest for digest in missing if digest not in reasons]:
        if unreferenced:
            refuse("altered", "What is disclosed is not what was recorded: altered, or of another event.")
        which = "all of it" if manifest in hidden else f"{len(hidden)} of its values"
        refuse("hidden", f"Hidden without a word: {which} is neither disclosed nor on the list of what is withheld.")
    if unreferenced:
        refuse("unreferenced", "It comes with a disclosure that it does not name. Something was put in.")
    return content, missing, [digest_of(each) for each in disclosures]


def _verify_lists(
    reasons: Mapping[str, Any], withheld: list[Any], redacted: list[Any], opened: list[tuple[Any, list[str], list[str]]]
) -> int:
    """Check that the lists name what is in the events, and what is gone is what an event says is; count released."""
    missing = {digest for _, absent, _ in opened for digest in absent}
    there = {digest for _, _, present in opened for digest in present}
    if len(reasons) != len(withheld) + len(redacted) or not reasons.keys() <= missing | there:
        refuse("list", "The lists of what is not given name something that no event contains, or name it twice.")
    for each in redacted:
        said = json.dumps(opened[each["event"] - 1][0]) if 0 < each["event"] <= len(opened) else ""
        if each["digest"] in there or f'"{each["digest"]}"' not in said or f'"{CLOSING_EVENT}' in said:
            refuse("list", f"Event {each['event']} does not say that what is called destroyed here has been destroyed.")
    return sum(each["digest"] in there for each in withheld)


def _verify_closing(content: Any, events: int, lists: str) -> None:
    if type(content) is not dict or not str(content.get("type")).startswith(CLOSING_EVENT):
        refuse("not_closed", "The bundle does not end with the record of its issue. Later events may be missing.")
    if content.get("upto") != events - 1:
        refuse("closing", "The event that closes the bundle was recorded for another number of events.")
    if content.get("withheld") != lists:
        refuse("withheld_list", "The lists of what is not given are not those that were recorded when it was issued.")


def _earlier(given: Any, place: int, final: Witnessed, policy: Policy) -> Witnessed:
    """Open an earlier checkpoint, and check that the log has only grown since."""
    with about(f"Earlier checkpoint {place}"):
        note, proof = members_of(given, "it", checkpoint=str, consistency_proof=list)
        earlier = open_checkpoint(note.encode(), policy)
        old, new = earlier.checkpoint, final.checkpoint
        if old.origin != new.origin:
            refuse("origin", "It belongs to another log.")
        hashes = [hash_from_base64(part, "A hash of its proof") for part in _texts(proof)]
        verify_consistency(old.size, new.size, hashes, old.root, new.root)
    return earlier


def _brackets(chain: Sequence[tuple[int, Entry]], seen: Sequence[Witnessed]) -> list[tuple[int | None, int | None]]:
    """
    Give the times between which witnesses saw each entry come into the log; refuse one that states another time.

    It was not there when any of them saw a log no larger than its index, and it was when any saw a larger one. Of
    several that cosigned one checkpoint, the one that claims least is believed.
    """
    stated = [(each.checkpoint.size, [time for time in each.times.values() if time]) for each in seen]
    bounds = sorted((size, min(times), max(times)) for size, times in stated if times)
    sizes = [size for size, _, _ in bounds]
    not_before = [None, *accumulate((earliest for _, earliest, _ in bounds), max)]
    not_after = [None, *accumulate((latest for _, _, latest in reversed(bounds)), min)][::-1]
    brackets = []
    for index, entry in chain:
        known = bisect_right(sizes, index)
        after, before = not_before[known], not_after[known]
        recorded = entry.recorded_at.timestamp()
        with about(f"Event {entry.seq}"):
            if after is not None and recorded < after - CLOCKS_DIFFER:
                refuse("back_dated", f"It says {entry.rec}, but at {utc(after)} witnesses had seen a log without it.")
            if before is not None and recorded > before + CLOCKS_DIFFER:
                refuse("post_dated", f"It says {entry.rec}, but witnesses had seen it by {utc(before)}.")
        brackets.append((after, before))
    return brackets


def utc(seconds: int) -> str:
    """Write a time that a witness states."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


# ---- A whole log: C2SP tlog-tiles ------------------------------------------------------------------------------------

ERASURES_FORMAT: Final = "beforehand/erasures/1"
ERASURE_EVENT: Final = "ledger.erased@"

_TILE: Final = 256
_TILE_HEIGHT: Final = 8


class Log(NamedTuple):
    """A log that has passed every check: how many streams it has, and how many entries may be missing, being erased."""

    witnessed: Witnessed
    streams: int
    erased: int


def verify_log(folder: Path, policy: Policy, *, tree_only: bool = False) -> Log:
    """
    Read a whole log from its files: hash every entry again, and follow every stream.

    The files must make the tree of the checkpoint. Each stream must be one chain: no number twice (a fork), none left
    out, each entry naming the one before it, and times in order. An entry may be missing only where it was erased and
    the log says so, in an entry that the file `erasures` opens. With `tree_only` entries may be anything, as in logs
    that others keep. Takes some 200 bytes of memory for each entry.
    """
    cosigned = folder / "cosigned"  # the last one that met the log's own policy
    with about("The checkpoint"):
        note = (cosigned if policy.quorum != NOBODY and cosigned.exists() else folder / "checkpoint").read_bytes()
        witnessed = open_checkpoint(note, policy)
    checkpoint = witnessed.checkpoint
    with about("The list of erasures"):
        listed = folder / "erasures"
        streams = _Streams(checkpoint.origin, read_erasures(listed.read_bytes()) if listed.exists() else [])
    leaves = []
    for index, (entry, leaf) in enumerate(_entries_and_leaves(folder, checkpoint.size)):
        leaves.append(leaf)
        if leaf_hash(entry) == leaf and tree_only:
            continue
        with about(f"Leaf {index}"):
            streams.follow(index, entry, leaf)
    if streams.unseen and not tree_only:
        refuse("erasures", f"At leaf {min(streams.unseen)}, where an erasure should be recorded, there is none.")
    if _root_of_files(folder, leaves) != checkpoint.root:
        refuse("root", "The files of the log do not make the tree that its checkpoint states.")
    return Log(witnessed, len(streams.heads), len(streams.may_be_missing))


class _Streams:
    """Every stream of a log, as far as the log has been read."""

    def __init__(self, origin: str, erasures: Sequence[tuple[int, str, frozenset[int]]]) -> None:
        self.origin = origin
        self.heads: dict[str, tuple[int, str]] = {}  # number and leaf hash of the last event, by the tag of the stream
        self.unseen = {index: manifest for index, manifest, _ in erasures}  # where the log must record an erasure
        self.may_be_missing = {leaf for _, _, leaves in erasures for leaf in leaves}
        self._erased: set[str] = set()  # leaf hashes from which a stream may go on, once
        self._latest = ""

    def follow(self, index: int, entry: bytes, leaf: bytes) -> None:
        """Go on by one entry; one without bytes must have been erased."""
        if leaf_hash(entry) != leaf:
            if entry:
                refuse("altered", "Its entry does not have the hash that the log holds. One was altered.")
            if index not in self.may_be_missing:
                refuse("missing", "Its entry is missing, and the log does not say that it was erased.")
            self._erased.add(to_base64url(leaf))
            return
        read = parse_entry(entry)
        if read.origin != self.origin:
            refuse("origin", "It was made for another log.")
        if read.rec < self._latest:
            refuse("order", f"It was recorded at {read.rec}, it says, which is before what stands before it.")
        if self.unseen.pop(index, read.manifest) != read.manifest:
            refuse("erasures", "The erasure that was opened is not the one recorded here.")
        self._link(read)
        self.heads[read.stream] = read.seq, to_base64url(leaf)
        self._latest = read.rec

    def _link(self, read: Entry) -> None:
        """Check that an entry follows from the last one of its stream."""
        last, head = self.heads.get(read.stream, (0, NO_PREVIOUS))
        if read.seq <= last:
            refuse("fork", f"It is event {read.seq} of a stream that had {last} already: two histories.")
        if read.prev in self._erased:
            self._erased.remove(read.prev)
        elif read.seq != last + 1:
            refuse("gap", f"It is event {read.seq} of a stream of which only {last} came before. Some were left out.")
        elif read.prev != head:
            refuse("chain", f"It is event {read.seq} of a stream, but does not name event {last} as the one before it.")


def read_erasures(raw: bytes) -> list[tuple[int, str, frozenset[int]]]:
    """
    Read the file `erasures`: of each, the leaf where the log records it, the digest of its manifest, what it erased.

    The manifest lists the erased leaves as runs, each with its first and last. Whether it is what the log records at
    that leaf is for the reader of the log to check.
    """
    form, events = members_of(parse_json(raw, "It"), "it", format=str, events=list)
    if form != ERASURES_FORMAT:
        refuse("erasures", f"It is not in the form {ERASURES_FORMAT}.")
    read = []
    for each in events:
        index, manifest = members_of(each, "an erasure", leaf_index=int, manifest=str)
        content, _, _ = open_event(digest_of(manifest), [manifest])
        runs = content.get("leaves") if type(content) is dict else None
        if type(runs) is not list or not str(content.get("type")).startswith(ERASURE_EVENT):
            refuse("erasures", "It holds something else than erasures.")
        if not all(
            type(run) is list and [*map(type, run)] == [int, int] and 0 <= run[0] <= run[1] < index for run in runs
        ):
            refuse("erasures", "It names as erased what came later, or what is no leaf.")
        read.append((index, digest_of(manifest), frozenset(leaf for run in runs for leaf in range(run[0], run[1] + 1))))
    return read


def _entries_and_leaves(folder: Path, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield each entry, with no bytes where it was erased, and its leaf hash."""
    for place in range(-(-size // _TILE)):
        width = min(_TILE, size - place * _TILE)
        bundle, there = _read(folder, "entries", place, width)
        entries, at = [], 0
        for _ in range(there):
            end = at + 2 + int.from_bytes(bundle[at : at + 2])
            entries.append(bundle[at + 2 : end])
            at = end
        if at != len(bundle):
            refuse("form", f"Entry bundle {place} does not hold {there} entries with their lengths, and nothing more.")
        yield from zip(entries, _hashes(folder, 0, place, width), strict=False)


def _hashes(folder: Path, level: int, place: int, width: int) -> list[bytes]:
    tile, there = _read(folder, str(level), place, width)
    if len(tile) != there * _HASH_SIZE:
        refuse("form", f"Tile {place} of level {level} does not hold {there} hashes, and nothing more.")
    return [tile[at : at + _HASH_SIZE] for at in range(0, width * _HASH_SIZE, _HASH_SIZE)]


def _root_of_files(folder: Path, leaves: list[bytes]) -> bytes:
    """Compare every tile with the tree over the leaf hashes, and give the root."""
    layer = leaves or [EMPTY_ROOT]
    for height in range(len(leaves).bit_length() + 1):
        level, misfit = divmod(height, _TILE_HEIGHT)
        whole = len(leaves) >> height  # a last subtree that is not full stands in no tile
        for start in range(0, 0 if misfit else whole, _TILE):
            hashes = layer[start : min(start + _TILE, whole)]
            if _hashes(folder, level, start // _TILE, len(hashes)) != hashes:
                refuse("tile", f"Tile {start // _TILE} of level {level} does not hold the hashes of the tree.")
        if len(layer) > 1:
            odd = layer[-1:] if len(layer) % 2 else []  # nothing beside it: it goes up as it is
            layer = [node_hash(layer[at], layer[at + 1]) for at in range(0, len(layer) - 1, 2)] + odd
    return layer[0]


def _read(folder: Path, kind: str, place: int, width: int) -> tuple[bytes, int]:
    """Read a tile or bundle, the partial one of that width or the full one that it has become; say how wide it is."""
    digits = str(place).zfill(-(-len(str(place)) // 3) * 3)
    *above, last = re.findall("...", digits)
    full = folder.joinpath("tile", kind, *(f"x{each}" for each in above), last)
    partial = full.with_name(f"{last}.p") / str(width)
    if width < _TILE and partial.is_file():
        return partial.read_bytes(), width
    if not full.is_file():
        refuse("missing", f"The file {full.relative_to(folder)} of the log is missing.")
    return full.read_bytes(), _TILE


# ---- From the command line -------------------------------------------------------------------------------------------

NOT_PROTECTED: Final = (
    "Whether what was written down is true.",
    "Whether all that happened was written down.",
    "Who really sat at the keyboard.",
    "Whether there is a second file that is not linked to this one.",
    "Who has read it, and who has a copy.",
    "What was written down after the last checkpoint that witnesses have seen.",
    "When something was said or decided. It shows when that was written down.",
    "Words that were destroyed. It shows that they are missing, and cannot bring them back.",
)
"""What no check of the evidence can show: the same sentences here, on the page of the log, and in the threat model."""
NOT_COVERED: Final = "\n    ".join(("What no such check can show:", *NOT_PROTECTED))


def main(arguments: Sequence[str] | None = None, program: str = "verify") -> int:
    """Check a file or folder, say in words what was found, and give the exit code: 0, or 1 where it was refused."""
    asked, parser = _asked(arguments, program)
    try:
        policy = parse_policy(asked.policy.read_bytes()) if asked.policy else trust_only(asked.vkey)
        lines = {"receipt": _say_receipt, "bundle": _say_bundle, "log": _say_log}[asked.what](asked, policy)
    except OSError as error:
        parser.error(f"{error.filename} cannot be read: {error.strerror}")
    except Refused as refused:
        print(f"REFUSED ({refused.code}). {refused.message}")  # noqa: T201 - what it is for
        return 1
    print("\n".join(lines))  # noqa: T201 - what it is for
    return 0


def _asked(arguments: Sequence[str] | None, program: str) -> tuple[argparse.Namespace, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser(prog=program, description="Check the evidence, without a database or a network.")
    commands = parser.add_subparsers(dest="what", required=True)
    receipt = commands.add_parser("receipt", help="check that an entry is in the log")
    bundle = commands.add_parser("bundle", help="check that a disclosure is a whole record, and nothing was altered")
    log = commands.add_parser("log", help="read a whole log, and check that nothing was altered or left out")
    receipt.add_argument("path", type=Path, help="a .tlog-proof file, or the JSON receipt that was returned")
    receipt.add_argument("--entry", type=Path, help="the bytes of the entry, where the receipt has none")
    bundle.add_argument("path", type=Path, help="the JSON file that was issued")
    log.add_argument("path", type=Path, help="the folder with checkpoint and tiles, or a mirror of it")
    log.add_argument("--tree-only", action="store_true", help="check no streams: for logs that others keep")
    for command in (receipt, bundle, log):
        trust = command.add_mutually_exclusive_group(required=True)
        trust.add_argument("--policy", type=Path, help="whom to believe: a file of logs, witnesses and a quorum")
        if command is not bundle:
            trust.add_argument("--vkey", help="the key of the log: believe it alone, without witnesses")
    return parser.parse_args(arguments), parser


def _say_receipt(asked: argparse.Namespace, policy: Policy) -> list[str]:
    raw = asked.path.read_bytes()
    returned = parse_json(raw, "The receipt") if raw.lstrip().startswith(b"{") else {}
    if returned and type(returned.get("proof")) is not str:
        refuse("receipt", "The receipt has no proof yet: fetch it again, from its upgrade address.")
    proof = parse_tlog_proof(returned["proof"].encode() if returned else raw)
    entries = [] if proof.extra is None or asked.entry else [proof.extra]
    if asked.entry:
        entries.append(asked.entry.read_bytes())
    if type(returned.get("entry")) is str:
        entries.append(from_base64(returned["entry"], "The entry in the receipt"))
    if not entries:
        refuse("receipt", "The receipt does not contain the entry. Name the file that has it, with --entry.")
    if any(each != entries[0] for each in entries):
        refuse("receipt", "There are two different entries with this receipt.")
    entry = entries[0]
    witnessed = verify_tlog_proof(proof, leaf_hash(entry), policy)
    stated: dict[str, Any] = {
        "leaf_index": proof.index,
        "leaf_hash": base64.b64encode(leaf_hash(entry)).decode(),
    }
    try:
        read = parse_entry(entry)
    except Refused:
        what = f"It is leaf {proof.index}, and not an event as Beforehand writes them."
    else:
        if read.origin != witnessed.checkpoint.origin:
            refuse("origin", "The entry was made for another log.")
        stated |= {"stream": read.stream, "seq": read.seq, "recorded_at": read.rec}
        what = f"It is event {read.seq} of the stream {read.stream}, leaf {proof.index}, recorded at {read.rec}."
    if any(returned.get(name, value) != value for name, value in stated.items()):
        refuse("receipt", "The receipt says of its entry what the entry does not say.")
    return [
        "VERIFIED. This entry is in the log.",
        what,
        *_say_checkpoint(witnessed),
        "It proves nothing about what the entry contains: that is shown by whoever can open it.",
        NOT_COVERED,
    ]


def _say_bundle(asked: argparse.Namespace, policy: Policy) -> list[str]:
    bundle = verify_bundle(asked.path.read_bytes(), policy)
    reasons = Counter(each["code"] for each in bundle.withheld)
    bounded = [(each.not_before, each.not_after) for each in bundle.events if each.not_before and each.not_after]
    lines = [
        f"VERIFIED. These are events 1 to {len(bundle.events)} of the stream, none altered and none left out.",
        f"The last one records the issue of this bundle, at {bundle.events[-1].entry.rec}.",
        *_say_checkpoint(bundle.witnessed),
        f"Not given, for a reason stated in the bundle: {len(bundle.withheld)}.",
        *(f"    {code}: {count}" for code, count in sorted(reasons.items())),
    ]
    if bundle.released:
        lines.append(f"    of which given after all: {bundle.released}")
    if bundle.redacted:
        lines.append(f"Destroyed for good, and recorded as such: {len(bundle.redacted)}.")
    if bounded:
        widest = max(after - before for before, after in bounded)
        lines.append(f"Times: witnesses confirm to within {widest} seconds when {len(bounded)} events were recorded.")
    if unbounded := len(bundle.events) - len(bounded):
        lines.append(f"Times: of {unbounded} events no witness confirms both an earliest and a latest time.")
    if bundle.auditors:
        lines.append(f"Every entry of the log was read by: {', '.join(bundle.auditors)}.")
    else:
        lines.append("TAIL NOT INDEPENDENTLY AUDITED: nobody has confirmed that the stream does not go on elsewhere.")
        lines.append("    Receipts that others hold are the check on that.")
    lines.append(f"Checked by the policy {policy.fingerprint}. Compare this with what the regulator publishes.")
    if bundle.made_for != policy.fingerprint:
        lines.append(f"    The bundle was made for another policy, {bundle.made_for}.")
    return [*lines, NOT_COVERED]


def _say_log(asked: argparse.Namespace, policy: Policy) -> list[str]:
    log = verify_log(asked.path, policy, tree_only=asked.tree_only)
    streams = (
        f"and each of its {log.streams} streams is one chain"
        if not asked.tree_only
        else "in its tree; no more was asked"
    )
    return [
        f"VERIFIED. Nothing in this log was altered or left out, {streams}.",
        *_say_checkpoint(log.witnessed),
        f"Erased for good, and recorded as such: {log.erased} entries.",
        NOT_COVERED,
    ]


def _say_checkpoint(witnessed: Witnessed) -> list[str]:
    lines = [f"The log is {witnessed.checkpoint.origin}, at a size of {witnessed.checkpoint.size}."]
    lines += [f"    cosigned by {name}, {utc(time)}" for name, time in witnessed.times.items()]
    if not witnessed.times:
        lines.append("    No witness has cosigned this: another history could have been shown to somebody else.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
