from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.continuity import SKEW, Continuity, milliseconds
from ledger.errors import LogBroken
from ledger.verify import NO_PREVIOUS, Refused, leaf_hash, parse_entry, to_base64url

ORIGIN = "beforehand.example/la/test/1"
AT = datetime(2026, 11, 22, 5, 4, 0, 123000, tzinfo=UTC)
NOW = milliseconds(AT)
ONE, OTHER = (to_base64url(bytes([each]) * 32) for each in (1, 2))

REFUSALS = {"not_an_entry", "wrong_log", "gap_in_stream", "wrong_previous", "time_in_future"}


def entry(seq: int, prev: str, *, stream: str = ONE, at: datetime = AT, origin: str = ORIGIN) -> bytes:
    rec = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    return (
        f'{{"ver":"beforehand/event/1","iss":"{origin}","stream":"{stream}","seq":{seq},"prev":"{prev}","rec":"{rec}",'
        f'"_sd_alg":"sha-256","_sd":["{to_base64url(random.randbytes(32))}"]}}'
    ).encode()


def hash_of(each: bytes) -> str:
    return to_base64url(leaf_hash(each))


def chain(count: int) -> list[bytes]:
    entries: list[bytes] = []
    for seq in range(1, count + 1):
        entries.append(entry(seq, hash_of(entries[-1]) if entries else NO_PREVIOUS))
    return entries


def followed(entries: list[bytes]) -> Continuity:
    continuity = Continuity(ORIGIN)
    for index, each in enumerate(entries):
        continuity.follow(index, each, NOW)
    return continuity


def test_a_chain_is_followed_and_hashed() -> None:
    """Each entry in turn, with the leaf hash that the tree has."""
    continuity = Continuity(ORIGIN)
    for index, each in enumerate(chain(3)):
        assert continuity.follow(index, each, NOW) == (leaf_hash(each), index + 1)


@pytest.mark.parametrize(
    ("code", "next_one"),
    [
        ("forked_stream", lambda chain: entry(3, hash_of(chain[1]))),
        ("forked_stream", lambda chain: entry(1, NO_PREVIOUS)),
        ("gap_in_stream", lambda chain: entry(5, hash_of(chain[2]))),
        ("gap_in_stream", lambda chain: entry(2, hash_of(chain[0]), stream=OTHER)),
        ("wrong_previous", lambda chain: entry(4, hash_of(chain[1]))),
        ("wrong_previous", lambda chain: entry(1, hash_of(chain[2]), stream=OTHER)),
        ("wrong_previous", lambda chain: entry(4, NO_PREVIOUS)),
        ("wrong_log", lambda chain: entry(4, hash_of(chain[2]), origin="beforehand.example/la/test/2")),
        ("wrong_log", lambda chain: entry(4, hash_of(chain[2])).replace(b"event/1", b"event/2")),
        ("not_an_entry", lambda chain: entry(4, hash_of(chain[2])) + b" "),
        ("not_an_entry", lambda chain: entry(4, hash_of(chain[2])).replace(b'"seq":4', b'"seq":04')),
        ("not_an_entry", lambda chain: entry(4, hash_of(chain[2])).replace(b"T05:04:00", b"T25:04:00")),
        ("not_an_entry", lambda chain: entry(4, hash_of(chain[2])).replace(b"T05:04:00", b"T05:04:60")),
        ("not_an_entry", lambda chain: entry(4, hash_of(chain[2]))[:-1] + f',"subj":"{ONE}"}}'.encode()),
        ("not_an_entry", lambda chain: b""),
        ("time_backwards", lambda chain: entry(4, hash_of(chain[2]), at=AT - timedelta(milliseconds=SKEW + 1))),
        ("time_in_future", lambda chain: entry(4, hash_of(chain[2]), at=AT + timedelta(milliseconds=SKEW + 1))),
    ],
)
def test_what_does_not_go_on_is_named(code: str, next_one: object) -> None:
    """Each way in which an entry can fail to follow has its own finding, at its leaf."""
    entries = chain(3)
    with pytest.raises(LogBroken) as found:
        followed(entries).follow(3, next_one(entries), NOW)  # type: ignore[operator]
    assert (found.value.code, found.value.index) == (code, 3)


def test_clocks_may_differ_a_little() -> None:
    """A step back or ahead within the skew is no finding."""
    entries = chain(1)
    continuity = followed(entries)
    second = entry(2, hash_of(entries[0]), at=AT + timedelta(milliseconds=SKEW))
    continuity.follow(1, second, NOW)
    continuity.follow(2, entry(3, hash_of(second), at=AT), NOW)


def test_a_stream_goes_on_behind_an_erased_leaf_once() -> None:
    """What names an erased leaf as the one before it follows; a second that names the same one does not."""
    entries = chain(2)
    continuity = followed(entries[:1])
    continuity.skip_erased(leaf_hash(entries[1]))
    third = entry(3, hash_of(entries[1]))
    continuity.follow(2, third, NOW)
    with pytest.raises(LogBroken, match="two histories") as found:
        continuity.follow(3, entry(3, hash_of(entries[1])), NOW)
    assert found.value.code == "forked_stream"
    unknown = Continuity(ORIGIN)
    unknown.skip_erased(leaf_hash(entries[1]))
    unknown.follow(2, third, NOW)
    with pytest.raises(LogBroken) as found:
        unknown.follow(3, entry(3, hash_of(entries[1]), stream=OTHER), NOW)
    assert found.value.code == "gap_in_stream"
    again = Continuity(ORIGIN)
    again.skip_erased(leaf_hash(entries[1]))
    with pytest.raises(LogBroken):
        again.follow(2, entry(1, hash_of(entries[1]), stream=OTHER), NOW)


@given(st.data())
def test_it_accepts_the_bytes_that_the_verifier_accepts(data: st.DataObject) -> None:
    """Two readers, one form: whatever byte of an entry is changed, both take it or neither does."""
    spoilt = bytearray(entry(1, NO_PREVIOUS)[:-1] + f',"subj":"{OTHER}"}}'.encode())
    for _ in range(data.draw(st.integers(0, 2))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_entry(bytes(spoilt))
        taken = True
    except Refused:
        taken = False
    outcome = "taken"
    try:
        Continuity(ORIGIN).follow(0, bytes(spoilt), NOW * 100)
    except LogBroken as refused:
        outcome = refused.code
    assert outcome in ({"taken", "wrong_log", "gap_in_stream"} if taken else REFUSALS)
