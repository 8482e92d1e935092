"""Disclosure bundles: an honest one passes, and every way of leaving out, adding, altering or moving is named."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import verify
from ledger.bundle import Opened, Part, Redacted, Withheld, closing_fields, parts_of
from ledger.verify import Bundle, Refused, leaf_hash, parse_checkpoint, parse_policy, to_base64url, verify_bundle
from tests.ledger.small_authority import EXEMPT, Authority, digest, disclosure

SECRET = bytes(range(32))
WORDS = "I want to stay near Gran.\n\nAnd at my school. ✓\n"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """An authority with other people's streams in its log."""
    made = Authority()
    made.others(7)
    return made


@pytest.fixture(scope="module")
def events(authority: Authority) -> list[Opened]:
    """Twelve events of one child, between those of others."""
    made = []
    for number in range(1, 13):
        narrative = {"words": f"{number}. {WORDS}", "about": f"Something of somebody else, {number}."}
        made.append(authority.record(SECRET, "view.recorded@1", {"number": number, "codes": ["A", "B"]}, narrative))
        authority.others(3)
    return made


def named(events: list[Opened], number: int, *path: str | int) -> str:
    """The digest of a part of an event."""
    return next(part.digest for part in parts_of(events[number - 1]) if part.path == path)


@pytest.fixture(scope="module")
def withheld(events: list[Opened]) -> list[Withheld]:
    """A value of event 3, a paragraph of event 5, and the whole of event 8."""
    return [Withheld(named(events, *place), *EXEMPT) for place in ((3, "about"), (5, "words", 2), (8,))]


@pytest.fixture(scope="module")
def raw(authority: Authority, events: list[Opened], withheld: list[Withheld]) -> bytes:
    """An honest bundle."""
    return authority.issue(SECRET, events, withheld)


@pytest.fixture
def bundle(raw: bytes) -> Any:
    """The same, taken apart, to be attacked."""
    return json.loads(raw)


def refusal(authority: Authority, bundle: Any) -> Refused:
    """How a bundle is refused."""
    with pytest.raises(Refused) as refused:
        verify_bundle(json.dumps(bundle).encode(), authority.policy)
    return refused.value


def content(read: Bundle, number: int) -> Any:
    """What an event says."""
    return read.events[number - 1].content


def test_an_honest_bundle_passes(authority: Authority, raw: bytes) -> None:
    """All that is given can be read as it was recorded, and all that is not is marked with its reason."""
    read = verify_bundle(raw, authority.policy)

    assert content(read, 1) == {
        "type": "view.recorded@1",
        "number": 1,
        "codes": ["A", "B"],
        "words": f"1. {WORDS}",
        "about": "Something of somebody else, 1.",
    }
    assert content(read, 3)["about"] == "[not given]"
    assert content(read, 5)["words"] == "5. I want to stay near Gran.\n\n[not given]"
    assert content(read, 8) == "[not given]"
    assert content(read, 13)["upto"] == 12
    assert [each["code"] for each in read.withheld] == ["third_party"] * 3
    assert read.auditors == ["auditor"]
    assert read.made_for == authority.policy.fingerprint
    for event in read.events:
        assert event.not_before is not None
        assert event.not_after is not None
        assert event.not_before <= event.entry.recorded_at.timestamp() <= event.not_after <= event.not_before + 12


def test_what_can_be_withheld_is_listed(events: list[Opened]) -> None:
    """The whole, each value and each paragraph can be withheld by itself."""
    parts = parts_of(events[0])

    assert [part.path for part in parts] == [(), ("words",), ("words", 0), ("words", 1), ("words", 2), ("about",)]
    assert len({part.digest for part in parts}) == len(parts)
    assert isinstance(parts[0], Part)


def _drop_middle(bundle: Any) -> None:
    del bundle["events"][5]


def _drop_and_renumber(bundle: Any) -> None:
    del bundle["events"][5]
    for number, each in enumerate(bundle["events"], 1):
        each["entry"] = json.dumps(json.loads(each["entry"]) | {"seq": number}, separators=(",", ":"))


def _drop_before_closing(bundle: Any) -> None:
    del bundle["events"][-4:-1]


def _drop_tail(bundle: Any) -> None:
    del bundle["events"][-4:]


def _swap_order(bundle: Any) -> None:
    bundle["events"][3], bundle["events"][4] = bundle["events"][4], bundle["events"][3]


def _alter_value(bundle: Any) -> None:
    # The fourth of event 2 is the value of `about`; a nicer text takes its place.
    bundle["events"][1]["disclosures"][1] = to_base64url(disclosure("v", "a nicer reason"))


def _hide_value(bundle: Any) -> None:
    bundle["events"][1]["disclosures"].pop(1)


def _hide_and_list(bundle: Any) -> None:
    hidden = bundle["events"][1]["disclosures"].pop(1)
    entry = dict(zip(("code", "basis", "text"), EXEMPT, strict=True)) | {"digest": _digest_of(hidden)}
    bundle["withheld"] = sorted([*bundle["withheld"], entry], key=lambda each: each["digest"])


def _swap_content(bundle: Any) -> None:
    first, second = bundle["events"][0], bundle["events"][1]
    first["disclosures"], second["disclosures"] = second["disclosures"], first["disclosures"]


def _drop_witness(bundle: Any) -> None:
    lines = bundle["checkpoint"].splitlines(keepends=True)
    bundle["checkpoint"] = "".join(line for line in lines if "other.example" not in line)


def _digest_of(text: str) -> str:
    from ledger.verify import digest_of

    return digest_of(text)


TEN_ATTACKS = [
    (
        _drop_middle,
        "sequence",
        "Event 6: In its place is event 7. An event was left out, put in or moved.",
    ),
    (
        _drop_and_renumber,
        "chain",
        "Event 6: It does not follow from the event before. One of the two was altered or replaced.",
    ),
    (
        _drop_before_closing,
        "sequence",
        "Event 10: In its place is event 13. An event was left out, put in or moved.",
    ),
    (
        _drop_tail,
        "not_closed",
        "The bundle does not end with the record of its issue. Later events may be missing.",
    ),
    (
        _swap_order,
        "sequence",
        "Event 4: In its place is event 5. An event was left out, put in or moved.",
    ),
    (
        _alter_value,
        "altered",
        "Event 2: What is disclosed is not what was recorded: altered, or of another event.",
    ),
    (
        _hide_value,
        "hidden",
        "Event 2: Hidden without a word: 1 of its values is neither disclosed nor on the list of what is withheld.",
    ),
    (
        _hide_and_list,
        "withheld_list",
        "The lists of what is not given are not those that were recorded when it was issued.",
    ),
    (
        _swap_content,
        "altered",
        "Event 1: What is disclosed is not what was recorded: altered, or of another event.",
    ),
    (
        _drop_witness,
        "quorum",
        "The bundle's checkpoint: Too few witnesses have cosigned it: auditor, regulator. It may be a private view.",
    ),
]


@pytest.mark.parametrize(("attack", "code", "message"), TEN_ATTACKS, ids=[each[0].__name__ for each in TEN_ATTACKS])
def test_the_ten_attacks_of_whoever_passes_it_on(
    authority: Authority, bundle: Any, attack: Callable[[Any], None], code: str, message: str
) -> None:
    """Each attack by whoever hands the bundle on is refused, with the event and what it means."""
    attack(bundle)

    refused = refusal(authority, bundle)

    assert (refused.code, refused.message) == (code, message)


def _another_secret(bundle: Any) -> None:
    bundle["stream_secret"] = to_base64url(bytes(32))


def _short_proof(bundle: Any) -> None:
    bundle["events"][2]["inclusion_proof"].pop()


def _another_leaf(bundle: Any) -> None:
    bundle["events"][2]["leaf_index"] += 1


def _leaf_before(bundle: Any) -> None:
    bundle["events"][2]["leaf_index"] = bundle["events"][1]["leaf_index"]


def _flag_for_number(bundle: Any) -> None:
    bundle["events"][0]["leaf_index"] = True


def _one_more_member(bundle: Any) -> None:
    bundle["events"][0]["note"] = ""


def _put_in(bundle: Any) -> None:
    bundle["events"][0]["disclosures"].append(to_base64url(disclosure("v", "more")))


def _put_in_with_salt_only(bundle: Any) -> None:
    bundle["events"][0]["disclosures"].append(to_base64url(b'["0123456789012345678901"]'))


def _given_twice(bundle: Any) -> None:
    bundle["events"][0]["disclosures"].append(bundle["events"][0]["disclosures"][-1])


def _padded(bundle: Any) -> None:
    bundle["events"][0]["disclosures"][0] += "="


def _listed_twice(bundle: Any) -> None:
    bundle["withheld"].insert(0, bundle["withheld"][0])


def _listed_unsorted(bundle: Any) -> None:
    bundle["withheld"].reverse()


def _listed_for_nothing(bundle: Any) -> None:
    bundle["withheld"][-1]["digest"] = "z" * 42 + "w"


def _without_reason(bundle: Any) -> None:
    bundle["withheld"][0]["code"] = ""


def _another_reason(bundle: Any) -> None:
    bundle["withheld"][0]["code"] = "serious_harm"


def _past_not_proven(bundle: Any) -> None:
    bundle["history"][0]["consistency_proof"].pop()


def _no_events(bundle: Any) -> None:
    bundle["events"] = []


def _another_form(bundle: Any) -> None:
    bundle["format"] = "beforehand/bundle/2"


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (_another_secret, "stream"),
        (_short_proof, "proof_length"),
        (_another_leaf, "inclusion"),
        (_leaf_before, "order"),
        (_flag_for_number, "form"),
        (_one_more_member, "form"),
        (_put_in, "unreferenced"),
        (_put_in_with_salt_only, "disclosure"),
        (_given_twice, "disclosure"),
        (_padded, "base64"),
        (_listed_twice, "list"),
        (_listed_unsorted, "list"),
        (_listed_for_nothing, "hidden"),
        (_without_reason, "list"),
        (_another_reason, "withheld_list"),
        (_past_not_proven, "proof_length"),
        (_no_events, "list"),
        (_another_form, "form"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_further_attacks(authority: Authority, bundle: Any, attack: Callable[[Any], None], code: str) -> None:
    """Other ways in which a bundle can be wrong are refused too, each under its own code."""
    attack(bundle)

    assert refusal(authority, bundle).code == code


def test_a_withheld_part_can_be_released_later(authority: Authority, events: list[Opened], bundle: Any) -> None:
    """Handing over what was withheld completes the same bundle: it need not be made anew."""
    about = next(raw for raw in events[2].disclosures if digest(raw) == named(events, 3, "about"))
    bundle["events"][2]["disclosures"].append(to_base64url(about))

    read = verify_bundle(json.dumps(bundle).encode(), authority.policy)

    assert content(read, 3)["about"] == "Something of somebody else, 3."
    assert read.released == 1


def test_what_was_destroyed_is_vouched_for_by_an_event(authority: Authority) -> None:
    """A value that exists no more passes only where an event of the stream names it as destroyed."""
    secret = os.urandom(32)
    first = authority.record(secret, "note.made@1", {}, {"text": "Somebody's name", "more": "words"})
    gone = next(part.digest for part in parts_of(first) if part.path == ("text",))
    second = authority.record(secret, "field.redacted@1", {"digests": [gone]})
    left = Opened(first.leaf_index, first.entry, [raw for raw in first.disclosures if digest(raw) != gone])

    read = verify_bundle(
        authority.issue(secret, [left, second], [], [Redacted(gone, *EXEMPT, event=2)]), authority.policy
    )

    assert content(read, 1) == {"type": "note.made@1", "text": "[not given]", "more": "words"}
    assert [each["event"] for each in read.redacted] == [2]
    for event in (0, 1, 3, 4):
        fresh = authority.record(secret, "note.made@1", {}) if event == 4 else second
        with pytest.raises(Refused) as refused:
            authority.issue(secret, [left, fresh], [], [Redacted(gone, *EXEMPT, event=event)], seq=3, prev=_head(fresh))
        assert refused.value.code in {"list", "sequence"}


def _head(event: Opened) -> str:
    return to_base64url(leaf_hash(event.entry))


def test_an_operator_who_cuts_the_tail_passes_alone(authority: Authority) -> None:
    """A stream closed early is a fork inside the log: no bundle can show that by itself, and an auditor does."""
    secret = os.urandom(32)
    events = [authority.record(secret, "note.made@1", {"number": each}) for each in range(6)]

    read = verify_bundle(authority.issue(secret, events[:4], seq=5, prev=_head(events[3])), authority.policy)

    assert len(read.events) == 5


def test_a_back_dated_event_is_caught_by_the_bracket(authority: Authority) -> None:
    """An event dated back by an hour says a time at which witnesses had seen a log without it."""
    secret = os.urandom(32)
    authority.sign()
    events = [authority.record(secret, "note.made@1", {}, back=3600)]
    with pytest.raises(Refused) as refused:
        authority.issue(secret, events)

    assert refused.value.code == "back_dated"
    assert refused.value.message.startswith("Event 1: It says 2026-")
    assert refused.value.message.endswith("witnesses had seen a log without it.")


def test_a_time_after_it_was_seen_is_caught_too(authority: Authority) -> None:
    """An event cannot have been recorded after witnesses had seen it."""
    secret = os.urandom(32)
    events = [authority.record(secret, "note.made@1", {}, back=-3600)]
    with pytest.raises(Refused) as refused:
        authority.issue(secret, events, back=-3600)

    assert refused.value.code == "post_dated"


def test_without_the_earlier_checkpoints_the_reader_is_told(authority: Authority, bundle: Any) -> None:
    """Leaving out the earlier checkpoints is seen: then nothing says when an event came in at the earliest."""
    bundle["history"] = []

    read = verify_bundle(json.dumps(bundle).encode(), authority.policy)

    assert all(event.not_before is None for event in read.events)


def test_a_closing_event_for_something_else(authority: Authority) -> None:
    """A closing event that was recorded for fewer events does not close this bundle."""
    secret = os.urandom(32)
    first = authority.record(secret, "note.made@1", {})
    closing = authority.record(secret, "disclosure.issued@1", closing_fields(0, [], [], "request-1", 1))
    with pytest.raises(Refused) as refused:
        authority.bundle(secret, [first, closing])

    assert refused.value.code == "closing"


def test_a_forged_log_has_no_witnesses(authority: Authority, bundle: Any) -> None:
    """A thief of the log's key can sign another history, but finds nobody to cosign it."""
    other = Authority()
    other.log = authority.log
    bundle["checkpoint"] = other.sign()

    assert refusal(authority, bundle).code == "quorum"


def test_what_is_nested_too_deep_is_refused(authority: Authority, bundle: Any) -> None:
    """Neither the bundle nor a disclosure can exhaust whoever reads it."""
    deep = b"[" * 100_000 + b"]" * 100_000
    for raw in (deep, b'{"format":' * 50_000, b"9" * 100_000):
        with pytest.raises(Refused):
            verify_bundle(raw, authority.policy)
    for depth in (300, 600, 900, 100_000):
        nested = b'["0123456789012345678901","event",' + b"[" * depth + b"]" * depth + b"]"
        bundle["events"][0]["disclosures"] = [to_base64url(nested)]
        refused = refusal(authority, bundle)
        assert refused.code in {"altered", "json"}


def test_every_byte_of_a_bundle_matters() -> None:
    """Whatever byte is changed, the bundle is refused or reads the same; only the enclosed policy may be another."""
    authority = Authority()
    authority.sign()
    event = authority.record(SECRET, "note.made@1", {"code": "A"}, {"text": WORDS, "more": "words"})
    raw = authority.issue(SECRET, [event], [Withheld(named([event], 1, "more"), *EXEMPT)])
    honest = verify_bundle(raw, authority.policy)._replace(made_for="")
    every = int(os.environ.get("BEFOREHAND_EVERY_BYTE", "67"))
    for at in range(0, len(raw), every):
        for flip in (1 << at % 8, 0x20) if every > 1 else (1, 2, 4, 8, 16, 32, 64, 128):
            changed = raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]
            try:
                read = verify_bundle(changed, authority.policy)
            except Refused:
                continue
            assert read._replace(made_for="") == honest, changed[at - 30 : at + 30]


@pytest.mark.parametrize("member", ["policy", "checkpoint", "stream_secret", "format"])
def test_half_a_character_is_refused(authority: Authority, bundle: Any, member: str) -> None:
    """Text that no encoding can write, as JSON can escape it, is refused wherever it stands."""
    bundle[member] += "\ud800"
    assert refusal(authority, bundle).code == "json"
    bundle[member] = bundle[member][:-1]
    bundle["events"][0]["entry"] += "\udc00"
    assert refusal(authority, bundle).code == "json"


def test_what_was_withheld_before_is_not_destroyed(authority: Authority) -> None:
    """That an earlier copy left something out, and says so, is no record of its destruction."""
    secret = os.urandom(32)
    first = authority.record(secret, "note.made@1", {}, {"text": "words"})
    kept = next(part.digest for part in parts_of(first) if part.path == ("text",))
    left = Opened(first.leaf_index, first.entry, first.disclosures[:1])
    earlier = authority.record(secret, "disclosure.issued@1", {"upto": 1, "left_out": [{"digests": [kept]}]})
    with pytest.raises(Refused, match="Event 2 does not say that what is called destroyed"):
        authority.issue(secret, [left, earlier], [], [Redacted(kept, *EXEMPT, event=2)])


def test_the_original_is_left_alone(authority: Authority, bundle: Any, raw: bytes) -> None:
    """Verifying changes nothing: what is passed in can be passed on."""
    before = copy.deepcopy(bundle)
    verify_bundle(raw, authority.policy)

    assert bundle == before


def test_a_log_that_was_rolled_back_is_told(authority: Authority, bundle: Any) -> None:
    """A checkpoint of a larger log than the final one, as a restored backup leaves behind, cannot be gone on from."""
    authority.others(3)
    bundle["history"].append({"checkpoint": authority.sign(), "consistency_proof": []})

    refused = refusal(authority, bundle)

    assert refused.code == "size"
    assert refused.message.startswith(f"Earlier checkpoint {len(bundle['history'])}: A tree of ")
    assert "leaves cannot be shown to go on from one of" in refused.message


def test_a_split_view_is_told(bundle: Any, authority: Authority) -> None:
    """Two cosigned trees of one size are two histories, shown to two people."""
    other = Authority()
    other.log, other.witnesses = authority.log, authority.witnesses
    size = parse_checkpoint(bundle["checkpoint"].partition("\n\n")[0] + "\n").size
    other.others(size)
    bundle["history"].append({"checkpoint": other.sign(), "consistency_proof": []})

    refused = refusal(authority, bundle)

    assert refused.code == "consistency"
    assert refused.message.endswith(f"There are two different trees of {size} leaves: a split view.")


def test_a_rewritten_past_is_told(bundle: Any, authority: Authority) -> None:
    """An earlier checkpoint of another history is no beginning of this log, whatever proof comes with it."""
    other = Authority()
    other.log, other.witnesses = authority.log, authority.witnesses
    other.others(parse_checkpoint(bundle["history"][-1]["checkpoint"].partition("\n\n")[0] + "\n").size)
    bundle["history"][-1]["checkpoint"] = other.sign()

    assert refusal(authority, bundle).code == "consistency"


def test_a_witness_that_states_no_time_bounds_nothing(authority: Authority, bundle: Any) -> None:
    """A cosignature may state time 0, which is no time: it counts for the quorum and says nothing about when."""
    policy = parse_policy(authority.policy_text("quorum regulator\n").encode())
    text = bundle["checkpoint"].partition("\n\n")[0] + "\n"
    lines = [authority.log.sign(text), authority.witnesses["regulator"].sign(text, 0)]
    bundle["checkpoint"], bundle["history"] = f"{text}\n{''.join(lines)}", []

    read = verify_bundle(json.dumps(bundle).encode(), policy)

    assert {(event.not_before, event.not_after) for event in read.events} == {(None, None)}


def test_every_code_of_a_refusal_is_explained() -> None:
    """Whoever writes a program against the codes finds each of them in the description of the formats."""
    source = Path(verify.__file__).read_text(encoding="utf-8")
    formats = (Path(verify.__file__).parents[1] / "ops" / "formats.md").read_text(encoding="utf-8")
    codes = formats.partition("### Codes of refusals")[2].partition("\n## ")[0]

    assert set(re.findall(r'refuse\(\s*"([a-z_]+)"', source)) == set(re.findall(r"`([a-z_]+)`", codes))
