from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import KeyFileUnusable, NotWritten
from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer, sign_checkpoint
from ledger.tree import MemoryTree, consistency_proof
from ledger.verify import EMPTY_ROOT, Checkpoint, leaf_hash, open_note, parse_checkpoint
from ledger.witness import SIZE_TYPE, Answer, Witness, WitnessState, own_key, refuse_lost_state
from tests.forking import killed_before

ORIGIN = "beforehand.example/la/test/1"
LOG = Signer(ORIGIN, ED25519, bytes(range(32)))
STRANGER = Signer(ORIGIN, ED25519, bytes(32))
ELSEWHERE = Signer("elsewhere.example/1", ED25519, bytes(32))
KEYS = [
    Signer("witness.example/w", COSIGNATURE_ED25519, bytes([7]) * 32),
    Signer("witness.example/w", COSIGNATURE_MLDSA44, bytes([8]) * 32),
]
NOW = datetime(2026, 11, 22, 5, 4, tzinfo=UTC)
TREE, OTHER = (MemoryTree(leaf_hash(b"%d %d" % (kind, each)) for each in range(300)) for kind in (1, 2))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[WitnessState]:
    with WitnessState(tmp_path / "witness.sqlite") as state:
        yield state


@pytest.fixture
def witness(state: WitnessState) -> Witness:
    return Witness(KEYS, [LOG.key], state, lambda: NOW)


def note(size: int, *, tree: MemoryTree = TREE, signer: Signer = LOG, origin: str = ORIGIN, root: bytes = b"") -> str:
    return sign_checkpoint(Checkpoint(origin, size, root or tree.root(size)), [signer], 0)


def request(old: int, size: int, *, proof: list[bytes] | None = None, signed: str | None = None) -> bytes:
    if proof is None:
        proof = consistency_proof(old, size, TREE.node) if 0 < old <= size else []
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
    return ("\n".join([*lines, "", ""]) + (signed or note(size))).encode()


def test_growth_is_cosigned_with_every_key(witness: Witness) -> None:
    """From nothing, on, and again at the same size: each time a signature by each key, with the present time."""
    for old, size in ((0, 0), (0, 5), (5, 6), (6, 6), (6, 256), (256, 300), (300, 300)):
        answer = witness.add_checkpoint(request(old, size))
        assert answer.status == 200
        opened = open_note(note(size).encode() + answer.body, [each.key for each in KEYS])
        assert [each.time for each in opened.signatures] == [int(NOW.timestamp())] * 2


@pytest.mark.parametrize(
    ("status", "spoilt"),
    [
        (400, b""),
        (400, b"old 5\n"),
        (400, request(5, 9).replace(b"old 5", b"old 05")),
        (400, request(5, 9).replace(b"old 5", b"old  5")),
        (400, request(5, 9).replace(b"old 5", b"old -5")),
        (400, request(5, 9).replace(b"old 5", b"Old 5")),
        (400, request(5, 9).replace(b"old 5\n", b"old 5\r\n")),
        (400, request(5, 9).replace(b"old 5\n", b"old 5\nnonsense\n")),
        (400, request(5, 9, proof=[bytes(31)])),
        (400, request(5, 9, proof=[bytes(32)] * 64)),
        (400, request(5, 9, signed=note(9).replace("\n9\n", "\n09\n"))),
        (400, request(5, 9, signed="no checkpoint")),
        (400, request(5, 9).removesuffix(b"\n")),
        (400, b"\xff" + request(5, 9)),
        (400, request(5, 4)),
        (404, request(5, 9, signed=note(9, origin="elsewhere.example/1", signer=ELSEWHERE))),
        (403, request(5, 9, signed=note(9, signer=STRANGER))),
        (403, request(5, 9, signed=note(9, signer=ELSEWHERE))),
        (403, request(5, 9, signed=note(9).replace("\n9\n", "\n10\n"))),
        (409, request(0, 9)),
        (409, request(4, 9)),
        (409, request(6, 9)),
        (422, request(5, 9, proof=[])),
        (422, request(5, 9, proof=[bytes(32)] * 3)),
        (422, request(5, 9, signed=note(9, tree=OTHER))),
        (422, request(5, 5, signed=note(5, tree=OTHER))),
        (422, request(5, 5, proof=[bytes(32)])),
    ],
)  # fmt: skip
def test_what_does_not_go_on_is_declined(witness: Witness, state: WitnessState, status: int, spoilt: bytes) -> None:
    """Each status exactly where the specification has it; nothing is signed, and the last one cosigned stands."""
    assert witness.add_checkpoint(request(0, 5)).status == 200
    before = state.note(ORIGIN)
    answer = witness.add_checkpoint(spoilt)
    assert answer.status == status
    assert "\N{EM DASH}".encode() not in answer.body
    assert state.note(ORIGIN) == before
    if status == 409:
        assert answer == Answer(409, b"5\n", SIZE_TYPE)


@pytest.mark.parametrize(
    "spoilt",
    [request(0, 0, signed=note(0, root=bytes(32))), request(0, 9, proof=[bytes(32)]), request(0, 0, proof=[bytes(32)])],
)
def test_an_empty_tree_has_one_root_and_no_proof(witness: Witness, spoilt: bytes) -> None:
    """What the editors made clear of size zero: 422."""
    assert EMPTY_ROOT != bytes(32)
    assert witness.add_checkpoint(spoilt).status == 422


def test_a_split_view_is_kept_as_proof(witness: Witness, state: WitnessState) -> None:
    """Two checkpoints of one size, both signed by the log: the second is refused, and both are kept."""
    witness.add_checkpoint(request(0, 5))
    other = note(5, tree=OTHER)
    assert witness.add_checkpoint(request(5, 5, signed=other)).status == 422
    ((origin, size, cosigned, refused),) = state.split_views()
    assert (origin, size, refused) == (ORIGIN, 5, other)
    one, two = (parse_checkpoint(open_note(each.encode(), [LOG.key]).text) for each in (cosigned, refused))
    assert one.size == two.size
    assert one.root != two.root


def test_whoever_compares_gets_the_latest_with_all_its_signatures(witness: Witness) -> None:
    """The checkpoint that was cosigned, with the log's signature and the witness's; 404 for what it never cosigned."""
    place = sha256(ORIGIN.encode()).hexdigest()
    assert witness.checkpoint(place).status == 404
    witness.add_checkpoint(request(0, 5))
    stranger = f"\N{EM DASH} someone.example {base64.b64encode(bytes(68)).decode()}\n"
    witness.add_checkpoint(request(5, 9, signed=note(9) + stranger))
    answer = witness.checkpoint(place)
    opened = open_note(answer.body, [LOG.key, *(each.key for each in KEYS)])
    assert parse_checkpoint(opened.text).size == 9
    assert len(opened.signatures) == 3
    assert b"someone" not in answer.body
    assert witness.checkpoint(sha256(b"elsewhere").hexdigest()).status == 404


def test_what_was_cosigned_outlives_the_witness(tmp_path: Path) -> None:
    """Started again, it goes on from where it was and declines what it would have declined."""
    with WitnessState(tmp_path / "w") as state:
        Witness(KEYS, [LOG.key], state, lambda: NOW).add_checkpoint(request(0, 9))
    with WitnessState(tmp_path / "w") as state:
        again = Witness(KEYS, [LOG.key], state, lambda: NOW)
        assert again.add_checkpoint(request(5, 300)).status == 409
        assert again.add_checkpoint(request(9, 300)).status == 200


def test_it_signs_nothing_that_it_cannot_keep(tmp_path: Path, state: WitnessState, witness: Witness) -> None:
    """Without its state on the disk a witness gives no signature."""
    witness.add_checkpoint(request(0, 5))
    (tmp_path / "witness.sqlite").rename(tmp_path / "lost")
    (tmp_path / "witness.sqlite").mkdir()
    with pytest.raises(NotWritten, match="Nothing is cosigned"):
        witness.add_checkpoint(request(5, 9))


def test_a_key_without_its_state_is_not_used_again(tmp_path: Path) -> None:
    """A witness that has forgotten could be made to cosign a second history: it does not start."""
    key, kept = tmp_path / "key", tmp_path / "state"
    refuse_lost_state(key, kept)
    with WitnessState(kept):
        signer = own_key(key, "witness.example/w", COSIGNATURE_ED25519)
    refuse_lost_state(key, kept)
    assert own_key(key, None, COSIGNATURE_ED25519).vkey == signer.vkey
    with pytest.raises(KeyFileUnusable, match="belongs to"):
        own_key(key, "witness.example/another", COSIGNATURE_ED25519)
    kept.unlink()
    with pytest.raises(KeyFileUnusable, match="never used again"):
        refuse_lost_state(key, kept)
    with pytest.raises(KeyFileUnusable, match="Give the name"):
        own_key(tmp_path / "new", None, COSIGNATURE_ED25519)


@given(st.data())
def test_no_request_makes_it_fail(state: WitnessState, data: st.DataObject) -> None:
    """Whatever bytes come, it answers; and only what verifies is cosigned."""
    witness = Witness(KEYS[:1], [LOG.key], state, lambda: NOW)
    witness.add_checkpoint(request(0, 5))
    spoilt = bytearray(request(5, 9))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    assert witness.add_checkpoint(bytes(spoilt)).status in {400, 403, 404, 409, 422} or bytes(spoilt) == request(5, 9)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_killed_before_any_step_it_forgets_nothing(tmp_path: Path) -> None:
    """Killed while it cosigns, it stands at the size before or after; what it answered is never forgotten."""
    answered, kept, size, step = tmp_path / "answered", tmp_path / "w", 0, 0

    def cosign() -> None:
        with WitnessState(kept) as state:
            answer = Witness(KEYS[:1], [LOG.key], state, lambda: NOW).add_checkpoint(request(size, size + 7))
            if answer.status == 200:
                answered.write_text(str(size + 7))

    killed = 0
    while size < 70:
        killed_now = killed_before(step, cosign)
        killed += killed_now
        step = step + 1 if killed_now else 0
        with WitnessState(kept) as state:
            note = state.note(ORIGIN)
            stands = parse_checkpoint(open_note(note.encode(), [LOG.key, KEYS[0].key]).text).size if note else 0
        assert stands in {size, size + 7}
        assert stands >= int(answered.read_text() if answered.exists() and answered.read_text() else 0)
        size = stands
    assert killed > 5
