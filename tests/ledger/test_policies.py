"""Trust policies: read as C2SP tlog-policy says, and counted so that nobody counts twice."""

from __future__ import annotations

from itertools import combinations

import pytest

from ledger.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Signer, sign_checkpoint
from ledger.verify import Checkpoint, Refused, open_checkpoint, parse_policy, trust_only

LOG = Signer("log.example/1", ED25519, bytes(32))
WITNESSES = [Signer(f"w{each}.example", COSIGNATURE_ED25519, bytes([each]) * 32) for each in range(1, 7)]
QUANTUM = Signer("q.example", COSIGNATURE_MLDSA44, bytes([9]) * 32)
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
CHECKPOINT = Checkpoint("log.example/1", 7, bytes(32))

KEYS = f"log {LOG.vkey}\n" + "".join(
    f"witness {name} {each.vkey}\n" for name, each in zip(NAMES, WITNESSES, strict=True)
)
EXAMPLE = f"{KEYS}group X 2 X1 X2 X3\ngroup Y any Y1 Y2 Y3\ngroup both all X Y\nquorum both\n"


def test_the_example_of_two_levels() -> None:
    """Two of one group and one of another, as in the text: every set of witnesses is judged so."""
    policy = parse_policy(EXAMPLE.encode())
    for count in range(7):
        for cosigners in combinations(NAMES, count):
            xs = sum(name.startswith("X") for name in cosigners)
            assert policy.is_met(cosigners) == (xs >= 2 and count > xs)
            note = sign_checkpoint(
                CHECKPOINT, [LOG, *(WITNESSES[NAMES.index(name)] for name in cosigners)], 1_790_000_000
            )
            if policy.is_met(cosigners):
                assert open_checkpoint(note.encode(), policy).times == dict.fromkeys(cosigners, 1_790_000_000)
            else:
                with pytest.raises(Refused) as refused:
                    open_checkpoint(note.encode(), policy)
                assert refused.value.code == "quorum"


def test_white_space_comments_and_addresses() -> None:
    """Spaces, tabs, empty lines, comments and addresses are allowed; a last line need not end."""
    text = (
        f"\n \t# a comment, naïve\n\tlog  {LOG.vkey}\thttps://log.example/\n"
        f" witness\tné\N{KELVIN SIGN} {WITNESSES[0].vkey} https://w1.example/ \nquorum  né\N{KELVIN SIGN}"
    )
    policy = parse_policy(text.encode())

    assert list(policy.witnesses) == ["né\N{KELVIN SIGN}"]
    assert policy.is_met(["né\N{KELVIN SIGN}"])
    assert not policy.is_met(["néK"])


def test_names_need_not_be_text() -> None:
    """Names are bytes, in whatever encoding."""
    policy = parse_policy(
        b"log %b\nwitness \xff\xfe %b\nquorum \xff\xfe\n" % (LOG.vkey.encode(), QUANTUM.vkey.encode())
    )
    note = sign_checkpoint(CHECKPOINT, [LOG, QUANTUM], 7)

    assert list(open_checkpoint(note.encode(), policy).times.values()) == [7]


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEYS,
        f"{KEYS}quorum none\nquorum none\n",
        f"{KEYS}quorum nobody\n",
        f"{KEYS}quorum\n",
        f"{KEYS}quorum X1 X2\n",
        f"quorum X1\n{KEYS}",
        f"{KEYS}log {LOG.vkey}\nquorum none\n",
        f"{KEYS}log {LOG.vkey} https://a.example/ more\nquorum none\n",
        f"{KEYS}log\nquorum none\n",
        f"{KEYS}witness\nquorum none\n",
        f"{KEYS}witness Z1\nquorum none\n",
        f"{KEYS}witness X1 {QUANTUM.vkey}\nquorum none\n",
        f"{KEYS}witness none {QUANTUM.vkey}\nquorum none\n",
        f"{KEYS}witness Z1 {WITNESSES[0].vkey}\nquorum none\n",
        f"{KEYS}witness Z1 {Signer('other.example', COSIGNATURE_ED25519, bytes([1]) * 32).vkey}\nquorum none\n",
        f"{KEYS}witness Z1 {Signer('z.example', ED25519, bytes([8]) * 32).vkey}\nquorum none\n",
        f"{KEYS}log {Signer('log.example/1', COSIGNATURE_ED25519, bytes([8]) * 32).vkey}\nquorum none\n",
        f"{KEYS}log not-a-key\nquorum none\n",
        f"{KEYS}group G 1\nquorum G\n",
        f"{KEYS}group G\nquorum G\n",
        f"{KEYS}group none 1 X1\nquorum none\n",
        f"{KEYS}group X1 1 X2\nquorum X1\n",
        f"{KEYS}group G 0 X1\nquorum G\n",
        f"{KEYS}group G 3 X1 X2\nquorum G\n",
        f"{KEYS}group G -1 X1 X2\nquorum G\n",
        f"{KEYS}group G 01 X1 X2\nquorum G\n",
        f"{KEYS}group G +1 X1 X2\nquorum G\n",
        f"{KEYS}group G 1.0 X1 X2\nquorum G\n",
        f"{KEYS}group G ANY X1 X2\nquorum G\n",
        f"{KEYS}group G any X1 X1\nquorum G\n",
        f"{KEYS}group G any none\nquorum G\n",
        f"{KEYS}group G any G\nquorum G\n",
        f"{KEYS}group G any H\ngroup H any X1\nquorum G\n",
        f"{KEYS}group G any X1 X2\ngroup H any X2 X3\nquorum H\n",
        f"{KEYS}group G any X1\ngroup H any X1 G\nquorum H\n",
        f"{KEYS}group G 1 X1\ngroup G 1 X2\nquorum G\n",
        f"{KEYS}quorum none # nobody\n",
        f"{KEYS}Quorum none\n",
        f"{KEYS}quorum none\nmore\n",
        f"{KEYS}quorum none\r\n",
        f"{KEYS}quorum none\x00\n",
        f"{KEYS}quorum none\x7f\n",
        f"{KEYS}quorum\x0bnone\n",
        f"{KEYS}quorum\N{NO-BREAK SPACE}none\n",
    ],
)
def test_what_is_not_a_policy_is_refused(text: str) -> None:
    """Unknown lines and names, names used twice or too early, keys counted twice, and no or two quorums are refused."""
    with pytest.raises(Refused):
        parse_policy(text.encode())


def test_a_policy_can_be_large() -> None:
    """At least as many logs, witnesses and groups as implementations are asked to support."""
    logs = "".join(f"log {Signer(f'l{each}', ED25519, bytes([each, 1]) * 16).vkey}\n" for each in range(40))
    keys = "".join(
        f"witness w{each} {Signer('w', COSIGNATURE_ED25519, bytes([each, 2]) * 16).vkey}\ngroup g{each} any w{each}\n"
        for each in range(40)
    )
    policy = parse_policy(f"{logs}{keys}group q 40 {' '.join(f'g{each}' for each in range(40))}\nquorum q\n".encode())

    assert policy.is_met({f"w{each}" for each in range(40)})
    assert not policy.is_met({f"w{each}" for each in range(39)})


def test_a_log_signs_under_its_own_name() -> None:
    """A checkpoint of another origin does not pass, though the log's signature under it holds."""
    other = sign_checkpoint(Checkpoint("log.example/2", 7, bytes(32)), [LOG], 5)
    with pytest.raises(Refused) as refused:
        open_checkpoint(other.encode(), trust_only(LOG.vkey))

    assert refused.value.code == "log"


def test_a_witness_is_no_log() -> None:
    """Witnesses alone, however many, do not stand for the log's own signature."""
    note = sign_checkpoint(CHECKPOINT, WITNESSES, 5)
    with pytest.raises(Refused) as refused:
        open_checkpoint(note.encode(), parse_policy(EXAMPLE.encode()))

    assert refused.value.code == "log"


def test_a_log_may_sign_for_the_time_after_quantum_computers() -> None:
    """A log whose key is ML-DSA-44 is believed by itself, and its own signature is no witness's time."""
    signer = Signer("log.example/1", COSIGNATURE_MLDSA44, bytes([7]) * 32)
    note = sign_checkpoint(CHECKPOINT, [signer], 0)

    assert open_checkpoint(note.encode(), trust_only(signer.vkey)).times == {}
