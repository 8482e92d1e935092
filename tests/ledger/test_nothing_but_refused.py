"""Whatever is thrown at the verifier, it answers with a refusal: never with another error, and never without end."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.bundle import Withheld, parts_of
from ledger.verify import (
    Refused,
    open_event,
    open_note,
    parse_checkpoint,
    parse_entry,
    parse_policy,
    parse_tlog_proof,
    parse_vkey,
    read_erasures,
    verify_bundle,
    verify_log,
)
from tests.ledger.small_authority import EXEMPT, Authority

AUTHORITY = Authority()
AUTHORITY.others(4)
EVENT = AUTHORITY.record(bytes(32), "note.made@1", {}, {"text": "one\ntwo\n"})
RECEIPT = AUTHORITY.receipt(1)
BUNDLE = json.loads(
    AUTHORITY.issue(bytes([9]) * 32, [AUTHORITY.record(bytes([9]) * 32, "note.made@1", {}, {"a": "x\ny", "b": "z"})])
)
POLICY = AUTHORITY.policy
ERASURES = {"format": "beforehand/erasures/1", "events": [{"leaf_index": 1, "manifest": "e30"}]}

PIECES = st.one_of(
    st.text(),
    st.binary().map(lambda raw: raw.decode("latin-1")),
    st.sampled_from(
        ["\n", "\n\n", "— ", "+", "=", "0", "9" * 30, "-1", "\x00", "\ud800", "index ", "extra ", "none", "\u2028", "é"]
    ),
)
READERS: list[Callable[[str], Any]] = [
    lambda text: open_note(text.encode("utf-8", "surrogatepass"), [AUTHORITY.log.key]),
    parse_checkpoint,
    parse_vkey,
    lambda text: parse_policy(text.encode("utf-8", "surrogatepass")),
    lambda text: parse_tlog_proof(text.encode("utf-8", "surrogatepass")),
    lambda text: parse_entry(text.encode("utf-8", "surrogatepass")),
    lambda text: read_erasures(text.encode("utf-8", "surrogatepass")),
    lambda text: verify_bundle(text.encode("utf-8", "surrogatepass"), POLICY),
    lambda text: open_event(text, [text]),
]
HONEST = [
    AUTHORITY.kept[-1][1],
    AUTHORITY.kept[-1][1].partition("\n\n")[0] + "\n",
    AUTHORITY.log.vkey,
    AUTHORITY.policy_text(),
    RECEIPT.decode(),
    EVENT.entry.decode(),
    json.dumps(ERASURES),
    json.dumps(BUNDLE),
    BUNDLE["events"][0]["disclosures"][0],
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 20),
    st.just(2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.just("\ud800"),
    st.just([]),
    st.just({}),
    st.just([{"...": 1}]),
    st.just({"_sd": ["x"]}),
    st.just([[[]]]),
)


@given(st.data())
@settings(max_examples=60)
def test_text_of_any_kind(data: st.DataObject) -> None:
    """Every reader of text refuses what it cannot read, also where something honest is cut up and sewn together."""
    which = data.draw(st.integers(0, len(READERS) - 1))
    text = data.draw(st.sampled_from(HONEST))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        to = data.draw(st.sampled_from([at, at + 1, at + 7, len(text)]))
        text = text[:at] + data.draw(PIECES) + text[to:]
    with suppress(Refused):
        READERS[which](text)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, each in inside for place in places(each, (*path, name)))]


@given(st.data())
@settings(max_examples=60)
def test_values_of_any_kind_in_a_bundle(data: st.DataObject) -> None:
    """Whatever stands in whatever place of a bundle, or is missing there, the answer is a refusal or the record."""
    bundle = copy.deepcopy(BUNDLE)
    for _ in range(data.draw(st.integers(1, 2))):
        *holders, last = data.draw(st.sampled_from(places(bundle)[1:]))
        holder = bundle
        for each in holders:
            holder = holder[each]
        if data.draw(st.booleans()):
            holder[last] = data.draw(VALUES)
        else:
            del holder[last]
    try:
        read = verify_bundle(json.dumps(bundle).encode(), POLICY)
    except Refused:
        pass
    else:
        assert [event.content for event in read.events] == [
            event.content for event in verify_bundle(json.dumps(BUNDLE).encode(), POLICY).events
        ]


@given(erasures=st.recursive(VALUES, lambda inner: st.dictionaries(st.sampled_from(["format", "events"]), inner)))
@settings(max_examples=40)
def test_erasures_of_any_kind(erasures: Any) -> None:
    """Neither the list of erasures nor what it opens can do more than be refused."""
    with pytest.raises(Refused):
        read_erasures(json.dumps(erasures).encode())


def test_files_that_are_none(tmp_path: Path) -> None:
    """Where a file of a log is a folder, or empty, or something else, that is refused or said to be unreadable."""
    AUTHORITY.publish(tmp_path)
    verify_log(tmp_path, POLICY)
    for name in ("tile/0/000.p", "tile/entries/000.p"):
        file = next((tmp_path / name).iterdir())
        whole = file.read_bytes()
        for content in (b"", b"\x00", b"\xff\xff", whole + b"\x00", whole[: len(whole) // 2]):
            file.write_bytes(content)
            with pytest.raises(Refused):
                verify_log(tmp_path, POLICY)
        file.write_bytes(whole)
    (tmp_path / "erasures").write_bytes(b"")
    with pytest.raises(Refused):
        verify_log(tmp_path, POLICY)


def test_a_withheld_list_of_any_length() -> None:
    """A list that names thousands of things is read in the time it takes to read it."""
    secret = b"s" * 32
    events = [AUTHORITY.record(secret, "note.made@1", {}, {"text": "x"}) for _ in range(40)]
    listed = [Withheld(part.digest, *EXEMPT) for event in events for part in parts_of(event) if part.path]

    assert len(verify_bundle(AUTHORITY.issue(secret, events, listed), POLICY).withheld) == 40
