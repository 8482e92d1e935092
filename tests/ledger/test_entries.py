"""The one way in which an entry is written: every other way of writing the same JSON is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.verify import NO_PREVIOUS, Entry, Refused, parse_entry, to_base64url

DIGESTS = [to_base64url(bytes([number]) * 32) for number in range(1, 5)]
FIRST = {
    "ver": "beforehand/event/1",
    "iss": "log.example/la/873/1",
    "stream": DIGESTS[0],
    "seq": 1,
    "prev": NO_PREVIOUS,
    "rec": "2026-11-22T05:04:00.123Z",
    "_sd_alg": "sha-256",
    "_sd": [DIGESTS[1]],
    "subj": DIGESTS[2],
}
LATER = {key: value for key, value in FIRST.items() if key != "subj"} | {"seq": 17, "prev": DIGESTS[3]}


def written(members: dict[str, Any]) -> bytes:
    """The members as JSON without white space."""
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def test_entries_are_read() -> None:
    """A first entry and a later one give their fields."""
    assert parse_entry(written(FIRST)) == Entry(
        "log.example/la/873/1", DIGESTS[0], 1, NO_PREVIOUS, "2026-11-22T05:04:00.123Z", DIGESTS[1], DIGESTS[2]
    )
    later = parse_entry(written(LATER))
    assert (later.seq, later.prev, later.subject) == (17, DIGESTS[3], None)
    assert later.recorded_at.isoformat() == "2026-11-22T05:04:00.123000+00:00"
    assert parse_entry(written(LATER | {"seq": 2**53 - 1})).seq == 2**53 - 1


@pytest.mark.parametrize(
    "change",
    [
        {"ver": "beforehand/event/2"},
        {"iss": ""},
        {"iss": 'log"quoted'},
        {"iss": "log\\example"},
        {"iss": "log.éxample"},
        {"iss": "log example"},
        {"stream": DIGESTS[0][:-1]},
        {"stream": DIGESTS[0] + "="},
        {"stream": DIGESTS[0][:-1] + "B"},
        {"stream": "+" + DIGESTS[0][1:]},
        {"stream": None},
        {"seq": 0},
        {"seq": -1},
        {"seq": 2**53},
        {"seq": 10**400},
        {"seq": 17.0},
        {"seq": True},
        {"seq": "17"},
        {"seq": 1},
        {"prev": NO_PREVIOUS},
        {"prev": None},
        {"rec": "2026-11-22T05:04:00Z"},
        {"rec": "2026-11-22T05:04:00.123456Z"},
        {"rec": "2026-11-22T05:04:00.123+00:00"},
        {"rec": "2026-11-22t05:04:00.123z"},
        {"rec": "2026-02-30T05:04:00.123Z"},
        {"rec": "2026-11-22T24:04:00.123Z"},
        {"rec": "2026-11-22T23:59:60.123Z"},
        {"rec": "0000-11-22T23:59:59.123Z"},
        {"_sd_alg": "sha-512"},
        {"_sd_alg": "SHA-256"},
        {"_sd": []},
        {"_sd": [DIGESTS[1], DIGESTS[2]]},
        {"_sd": DIGESTS[1]},
        {"subj": DIGESTS[2]},
        {"more": 1},
    ],
    ids=str,
)
def test_values_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    """Each member has its type, its range and its one form."""
    with pytest.raises(Refused) as refused:
        parse_entry(written(LATER | change))
    assert refused.value.code == "entry"


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda entry: entry + b"\n",
        lambda entry: b" " + entry,
        lambda entry: b"\xef\xbb\xbf" + entry,
        lambda entry: entry + entry,
        lambda entry: entry.replace(b":17", b": 17"),
        lambda entry: entry.replace(b":17", b":017"),
        lambda entry: entry.replace(b":17", b":1.7e1"),
        lambda entry: entry.replace(b'"seq":17', b'"seq":17,"seq":17'),
        lambda entry: entry.replace(b'"seq":17', b'"seq":18,"seq":17'),
        lambda entry: entry.replace(b"log.example", b"\\u006cog.example"),
        lambda entry: entry.replace(b"la/873", b"la\\/873"),
        lambda entry: entry.replace(b"log.example", "log.ex\N{CYRILLIC SMALL LETTER A}mple".encode()),
        lambda entry: entry.replace(b"sha-256", b"sha-256\x00"),
        lambda entry: json.dumps(json.loads(entry)).encode(),
        lambda entry: json.dumps(json.loads(entry), separators=(",", ":"), sort_keys=True).encode(),
        lambda entry: json.dumps(json.loads(entry), indent=1).encode(),
        lambda _: b"",
        lambda _: b"null",
        lambda _: b"{}",
        lambda _: b"[" * 100_000,
    ],
)
def test_the_same_written_otherwise_is_refused(rewrite: Callable[[bytes], bytes]) -> None:
    """White space, other orders, escapes, doubled members and other numbers never pass, whatever JSON makes of them."""
    with pytest.raises(Refused) as refused:
        parse_entry(rewrite(written(LATER)))
    assert refused.value.code == "entry"


@given(st.data())
def test_what_is_read_writes_the_same_bytes(data: st.DataObject) -> None:
    """Whatever bytes are changed: what is still read as an entry is JSON that encodes to the very same bytes."""
    entry = bytearray(written(data.draw(st.sampled_from([FIRST, LATER]))))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(entry) - 1))
        entry[at] = data.draw(st.integers(0x20, 0x7E))
    try:
        read = parse_entry(bytes(entry))
    except Refused:
        return
    members = json.loads(entry)
    assert written(members) == bytes(entry)
    assert list(members) in (list(FIRST), list(LATER))
    assert (read.origin, read.seq, read.rec) == (members["iss"], members["seq"], members["rec"])
