"""Sealing: nothing shows, everything opens again, and whatever is changed in what is stored is refused."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BrokenSeal, KeyDestroyed, LedgerError
from ledger.seal import REMOVED, Place, Sealed, _box, compartments_of, digest_of, place_of, seal, tombstone, unseal
from tests.ledger.conftest import ORIGIN
from tests.ledger.storing import RECORDED, as_stored

KIND = "note.made@1"
NARRATIVE = {"text": None, "said": {"*": {"words": None, "by": {"name": None}}}, "names": {"*": None}, "any": None}


class Key:
    """A data key of a test."""

    def __init__(self, id_: str) -> None:
        self.id = id_.ljust(22, "-")
        self.aead = AESGCM(id_.encode().ljust(32, b"\0"))


CHILD, GRAN = Key("child"), Key("gran")
PLACE = place_of(ORIGIN, b"s" * 32, b"t" * 32)


def key_of(key_id: str) -> Key:
    """The keys there are."""
    return {each.id: each for each in (CHILD, GRAN)}[key_id]


def body() -> dict[str, Any]:
    """A body with narrative in every kind of place."""
    return {
        "ref": "v1",
        "matters": ["placement", "contact"],
        "text": 'First.\n\nKanarienvogel, "quoted" {"_sd":["x"]}\nand \U0001f600.\n',
        "said": [
            {"words": "Stay", "lang": "en", "by": {"name": "Mina", "role": "CHILD"}},
            {"words": "Go", "lang": "cy"},
        ],
        "names": ["One", "Two"],
        "any": [{"words": "as it is"}],
    }


def stored(seq: int = 7, about: tuple[str, Key] | None = None, **more: Any) -> bytes:
    """A sealed event, as the log gives it back."""
    return as_stored(PLACE, seq, seal(PLACE, seq, KIND, body() | more, NARRATIVE, CHILD, about))


def disclosed(sealed: bytes) -> tuple[bytes, ...]:
    """The manifest and the other disclosures of an event that is about nobody else."""
    _, (own,) = compartments_of(PLACE, 7, RECORDED, sealed, key_of)
    assert own.disclosures is not None
    return own.disclosures


def opened(sealed: bytes, seq: int = 7, place: Place = PLACE, kind: str = KIND) -> Any:
    """What it says."""
    return orjson.loads(unseal(place, seq, RECORDED, kind, sealed, key_of))


@pytest.mark.parametrize("seq", [1, 7, 2**53 - 1])
@pytest.mark.parametrize("about", [None, ("tp:gran", GRAN)])
def test_what_was_sealed_opens_letter_for_letter(seq: int, about: tuple[str, Key] | None) -> None:
    """Whatever the place in the stream, and whoever the narrative is about."""
    assert opened(stored(seq, about), seq) == body()


def test_nothing_of_it_shows() -> None:
    """No word of the body, no name of a field, no kind of event is in what is stored."""
    sealed = stored()
    for word in (b"Kanarien", b"placement", b"matters", b"note.made", b"CHILD"):
        assert word not in sealed


def test_two_seals_of_one_body_have_nothing_in_common() -> None:
    """Salts and nonces are new each time: nobody can tell that the same was said twice."""
    first, second = (seal(PLACE, 7, KIND, body(), NARRATIVE, CHILD) for _ in range(2))
    assert first.digest != second.digest
    assert first.state != second.state


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.lists(st.text("a\n\r\u2028x", max_size=9)))
def test_any_text_opens_as_it_was(text: str, names: list[str]) -> None:
    """Whatever characters and line breaks."""
    sealed = as_stored(PLACE, 7, seal(PLACE, 7, KIND, {"text": text, "names": [*names]}, NARRATIVE, CHILD))
    assert opened(sealed) == {"text": text, "names": names}


def test_an_event_without_fields() -> None:
    """It is sealed like any other."""
    assert opened(as_stored(PLACE, 7, seal(PLACE, 7, KIND, {}, NARRATIVE, CHILD))) == {}


def test_text_is_committed_paragraph_by_paragraph() -> None:
    """Each paragraph has a disclosure of its own, and every value one; the manifest holds digests only of them."""
    manifest, *disclosures = disclosed(stored())
    _, name, fields = orjson.loads(manifest)
    assert name == "event"
    assert fields["type"] == KIND
    assert fields["ref"] == "v1"
    arrays = [orjson.loads(each) for each in disclosures]
    paragraphs = [each[1] for each in arrays if len(each) == 2]
    assert "".join(paragraphs) == body()["text"]
    assert len(paragraphs) == 3
    assert sorted(len(each) for each in arrays) == [2] * 3 + [3] * 7
    assert len({each[0] for each in arrays}) == len(arrays)
    assert all(len(urlsafe_b64decode(each[0])) == 18 for each in arrays)
    named = {fields["text"]["_sd"][0], fields["any"]["_sd"][0], *(each["_sd"][0] for each in fields["names"])}
    assert named < {digest_of(each).decode() for each in disclosures}


@pytest.mark.parametrize("about", [None, ("tp:gran", GRAN)])
def test_every_bit_counts(about: tuple[str, Key] | None) -> None:
    """Whichever single bit of leaf hash, entry or ciphertext is flipped, it does not open."""
    sealed = stored(about=about, text="Short", said=[], names=[], any="x")
    for at in range(len(sealed)):
        for bit in range(8):
            flipped = bytearray(sealed)
            flipped[at] ^= 1 << bit
            with pytest.raises((BrokenSeal, KeyError)):
                unseal(PLACE, 7, RECORDED, KIND, bytes(flipped), key_of)


def test_it_opens_only_in_its_own_place() -> None:
    """Not as another version, in another stream, at another time, as another kind, nor cut short or drawn out."""
    sealed = stored()
    other = place_of(ORIGIN, b"o" * 32, b"t" * 32)
    with pytest.raises(BrokenSeal, match="another place"):
        opened(sealed, seq=8)
    with pytest.raises(BrokenSeal, match="another place"):
        opened(sealed, place=other)
    with pytest.raises(BrokenSeal, match="another kind"):
        opened(sealed, kind="note.made@2")
    with pytest.raises(BrokenSeal, match="another recorded time"):
        unseal(PLACE, 7, RECORDED + timedelta(milliseconds=1), KIND, sealed, key_of)
    for spoilt in (sealed[:-1], sealed + b"x", sealed[:200]):
        with pytest.raises(BrokenSeal):
            opened(spoilt)


def test_a_ciphertext_of_another_event_is_refused() -> None:
    """Even under the same key, in the same stream and of the same version."""
    first, second = (seal(PLACE, 7, KIND, body(), NARRATIVE, CHILD) for _ in range(2))
    with pytest.raises(BrokenSeal, match="belongs to another event"):
        opened(as_stored(PLACE, 7, Sealed(first.digest, second.state)))


def test_a_destroyed_third_party_leaves_blanks() -> None:
    """Without the key of the third party, what was about them is blank and all else is there."""

    def without(key_id: str) -> Key:
        if key_id == GRAN.id:
            raise KeyDestroyed("gone")
        return key_of(key_id)

    blank = orjson.loads(unseal(PLACE, 7, RECORDED, KIND, stored(about=("tp:gran", GRAN)), without))

    said = [
        {"words": REMOVED, "lang": "en", "by": {"name": REMOVED, "role": "CHILD"}},
        {"words": REMOVED, "lang": "cy"},
    ]
    assert blank == {**body(), "text": REMOVED, "names": [REMOVED, REMOVED], "any": REMOVED, "said": said}


def resealed(change: Any) -> bytes:
    """An event whose disclosures somebody who holds the key has changed."""
    sealed = seal(PLACE, 7, KIND, {"text": "One\nTwo", "names": ["A"]}, NARRATIVE, CHILD)
    manifest, *disclosures = disclosed(as_stored(PLACE, 7, sealed))
    state = _box(PLACE, 7, sealed.digest.encode(), "subject", CHILD, change(manifest, disclosures))
    return as_stored(PLACE, 7, Sealed(sealed.digest, state))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m, ds: [m, *ds, b'["s","v","more"]'.replace(b"s", b"s" * 24, 1)], "none of its fields names"),
        (lambda m, ds: [m, *ds, b'["s","more"]'.replace(b"s", b"s" * 24, 1)], "none of its texts names"),
        (lambda m, ds: [m, *ds, ds[-1]], "none of its|is missing"),
        (lambda m, ds: [m, *[each for each in ds if b'"A"' not in each]], "one of its values is missing"),
        (
            lambda m, ds: [m, *[each for each in ds if b'"Two"' not in each]],
            "a paragraph of one of its texts is missing",
        ),
        (lambda m, ds: [m.replace(b"note", b"name"), *ds], "not those that were sealed"),
        (lambda m, ds: [m, *[each.replace(b'"A"', b'"B"') for each in ds]], "none of its fields names"),
    ],
)
def test_who_holds_the_key_cannot_change_it_either(change: Any, says: str) -> None:
    """A value added, doubled, left out or altered is refused by its digest, though the encryption is right."""
    with pytest.raises(BrokenSeal, match=says):
        opened(resealed(change))


def test_what_has_been_taken_out_reads_as_taken_out() -> None:
    """A tombstone stands for a value or for one paragraph."""

    def take_out(word: bytes) -> Any:
        return lambda m, ds: [m, *[tombstone(digest_of(d).decode()) if word in d else d for d in ds]]

    assert opened(resealed(take_out(b'"A"'))) == {"text": "One\nTwo", "names": [REMOVED]}
    assert opened(resealed(take_out(b'"Two"'))) == {"text": f"One\n{REMOVED}", "names": ["A"]}


def test_a_member_named_like_a_digest_is_not_sealed() -> None:
    """What would look like a sealed value for ever is refused before it is stored."""
    with pytest.raises(LedgerError, match="_sd"):
        seal(PLACE, 7, KIND, {"ref": {"_sd": ["x"]}}, NARRATIVE, CHILD)
