"""A key ring gives each subject one key and keeps it; the same is promised on a file and on a database."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ledger.errors import (
    EpochInUse,
    KeyDestroyed,
    KeyEncryptionKeyMissing,
    KeyringError,
    KeyUnknown,
)
from ledger.keys import KeyRing, Subject
from ledger.keys import ring as keyring

CASE = str(uuid4())
MOTHER = f"{CASE}/tp/mother"
NONCE = b"n" * 12


def same(one: Subject | None, other: Subject | None) -> bool:
    """Whether two hold the same secrets and the same key."""
    assert one is not None
    assert other is not None
    sealed = one.key.aead.encrypt(NONCE, b"said", b"")
    return (one.stream_secret, one.subject_secret, one.key.id) == (
        other.stream_secret,
        other.subject_secret,
        other.key.id,
    ) and other.key.aead.decrypt(NONCE, sealed, b"") == b"said"


class TestMaking:
    """Keys come into being once, durably, whoever asks."""

    def test_a_subject_has_one_key_for_all(self, place: Any, ring: KeyRing) -> None:
        """Another ring on the store finds what the first one made."""
        made = ring.of_subject(CASE)
        assert same(made, place.open().of_subject(CASE))
        assert same(made, ring.of_subject(CASE))
        assert same(made, ring.known(CASE))
        assert ring.key(made.key.id).id == made.key.id

    def test_subjects_differ(self, ring: KeyRing) -> None:
        """No two subjects share a key or a secret, and a subject's two secrets differ."""
        made = ring.of_subjects([f"s{nth}" for nth in range(520)]).values()
        assert len({subject.key.id for subject in made}) == 520
        assert len({secret for each in made for secret in (each.stream_secret, each.subject_secret)}) == 1040

    def test_some_there_some_not(self, place: Any, ring: KeyRing) -> None:
        """Of many, those that are there stay; a name given twice is made once."""
        there = ring.of_subject("there")
        given = place.open().of_subjects(["new", "there", "new"])
        assert set(given) == {"there", "new"}
        assert same(given["there"], there)

    def test_asking_makes_nothing(self, place: Any, ring: KeyRing) -> None:
        """What is only asked for is not made."""
        assert ring.known(CASE) is None
        assert ring.standing().counts.subjects == 0

    def test_threads_and_rings_agree(self, place: Any) -> None:
        """Eight threads over four rings that make the same subjects at once end with one key for each."""
        rings = [place.open() for _ in range(4)]
        names = [f"s{nth}" for nth in range(12)]
        with ThreadPoolExecutor(8) as threads:
            made = list(threads.map(lambda nth: {n: rings[nth % 4].of_subject(n).key.id for n in names}, range(8)))
        assert all(each == made[0] for each in made)
        assert rings[0].standing().counts.keys == 12

    def test_processes_agree(self, place: Any) -> None:
        """Three processes that begin a store and make the same subjects at once end with one key for each."""
        open_ = (
            f"open_file_keys(Path({str(place.folder)!r}))"
            if place.kind == "sqlite"
            else f"KeyRing(KeyStore(PostgresEngine({place.engine.__closure__[0].cell_contents!r},"
            f" {place.engine.__closure__[1].cell_contents!r})), FileKeys(Path({str(place.folder / 'epochs')!r})))"
        )
        program = (
            "from pathlib import Path\n"
            "from ledger.keys import KeyRing, open_file_keys\n"
            "from ledger.keys.store import KeyStore\n"
            "from ledger.keys.engines import PostgresEngine\n"
            "from ledger.keys.encryption_keys import FileKeys\n"
            f"ring = {open_}\n"
            "print([ring.of_subject(f's{nth}').key.id for nth in range(50)])\n"
            "ring.close()\n"
        )
        running = [
            subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=Path(__file__).parents[3],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        said = [process.communicate(timeout=60) for process in running]
        assert [errors for _, errors in said] == ["", "", ""]
        assert len({out for out, _ in said}) == 1
        assert place.open().standing().counts.keys == 50


class TestDestroying:
    """What was destroyed is gone for everybody, and said to be."""

    def test_it_is_gone(self, place: Any, ring: KeyRing) -> None:
        """A destroyed subject is known no more; its key's id says destroyed; made again, it is another."""
        was = ring.of_subject(CASE)
        assert ring.destroy(ring.keys_of(CASE)) == [was.key.id]
        for each in (ring, place.open()):
            assert each.known(CASE) is None
            with pytest.raises(KeyDestroyed):
                each.key(was.key.id)
        again = ring.of_subject(CASE)
        assert again.key.id != was.key.id
        assert again.stream_secret != was.stream_secret

    def test_another_ring_forgets_within_a_second(self, place: Any, ring: KeyRing) -> None:
        """What a ring has at hand leaves it one second after another ring destroyed it."""
        other = place.open()
        key_id = other.of_subject(CASE).key.id
        ring.destroy([key_id])
        place.clock.now += 1
        assert other.known(CASE) is None
        with pytest.raises(KeyDestroyed):
            other.key(key_id)

    def test_a_miss_looks_at_once(self, place: Any, ring: KeyRing) -> None:
        """Whatever is not at hand makes a ring see what was destroyed, without waiting for the second."""
        other = place.open()
        key_id = other.of_subject(CASE).key.id
        ring.destroy([key_id])
        assert other.known("anybody else") is None
        with pytest.raises(KeyDestroyed):
            other.key(key_id)

    def test_a_family_goes_together(self, ring: KeyRing) -> None:
        """With a case go all who stand in it, and nobody else's."""
        ring.of_subjects([CASE, MOTHER, "elsewhere", "elsewhere/tp/mother"])
        assert len(ring.keys_of(CASE, family=True)) == 2
        ring.destroy(ring.keys_of(CASE, family=True))
        assert ring.known(CASE) is None
        assert ring.known(MOTHER) is None
        assert ring.known("elsewhere") is not None
        assert ring.known("elsewhere/tp/mother") is not None

    def test_one_of_a_family(self, ring: KeyRing) -> None:
        """A third party's key goes alone where it is destroyed alone."""
        ring.of_subjects([CASE, MOTHER])
        ring.destroy(ring.keys_of(MOTHER))
        assert ring.known(MOTHER) is None
        assert ring.known(CASE) is not None

    def test_all_versions_go(self, ring: KeyRing) -> None:
        """With the newest key go the older ones, each with a tombstone."""
        first = ring.of_subject(CASE).key.id
        second = ring.rotate(CASE).key.id
        assert ring.destroy([second]) == sorted([first, second])
        for key_id in (first, second):
            with pytest.raises(KeyDestroyed):
                ring.key(key_id)

    def test_an_old_version_goes_alone(self, ring: KeyRing) -> None:
        """An older key, once nothing is sealed with it, is destroyed by itself."""
        first = ring.of_subject(CASE)
        second = ring.rotate(CASE)
        assert ring.destroy([first.key.id]) == [first.key.id]
        with pytest.raises(KeyDestroyed):
            ring.key(first.key.id)
        assert same(ring.known(CASE), second)

    def test_again_is_harmless(self, ring: KeyRing) -> None:
        """Destroying twice does nothing the second time, and keeps the first moment."""
        key_id = ring.of_subject(CASE).key.id
        ring.destroy([key_id], datetime(2100, 1, 1, tzinfo=UTC))
        assert ring.destroy([key_id]) == []
        assert ring.standing().counts.destroyed == 1

    def test_a_key_from_before_the_backup(self, ring: KeyRing) -> None:
        """An id that a restored store does not have is remembered as destroyed all the same."""
        ring.destroy(["x" * 22])
        with pytest.raises(KeyDestroyed):
            ring.key("x" * 22)
        with pytest.raises(KeyUnknown):
            ring.key("y" * 22)

    def test_many_at_once(self, ring: KeyRing) -> None:
        """More keys than one statement takes are destroyed as one."""
        made = ring.of_subjects([f"s{nth}" for nth in range(520)])
        assert len(ring.destroy([each.key.id for each in made.values()])) == 520
        assert ring.standing().counts.keys == 0

    def test_only_id_and_moment_stay(self, place: Any, ring: KeyRing) -> None:
        """Nothing of a destroyed subject stays in the store but the id of its key and the moment."""
        ring.of_subjects([CASE, MOTHER])
        before = place.rows("SELECT id, family, secrets FROM subject") + place.rows("SELECT wrapped FROM data_key")
        ring.destroy(ring.keys_of(CASE, family=True))
        stored = place.dump()
        assert all(repr(value) not in stored for row in before for value in row)
        for ring_ in place.rings:
            ring_.close()
        if place.kind == "sqlite":
            files = b"".join(file.read_bytes() for file in place.folder.rglob("*") if file.is_file())
            assert all(value not in files for row in before for value in row)


class TestNames:
    """The store does not say whose its keys are."""

    def test_no_name_is_stored(self, place: Any, ring: KeyRing) -> None:
        """Neither the case nor who stands in it is found in any table."""
        ring.of_subjects([CASE, MOTHER])
        stored = place.dump()
        assert not any(word in stored for word in (CASE, CASE.replace("-", ""), "mother", "tp/"))

    def test_key_material_is_not_shown(self, place: Any, ring: KeyRing) -> None:
        """No secret shows in what an object says of itself, and none can be pickled."""
        subject = ring.of_subject(CASE)
        for text in (repr(subject), str(subject), repr(subject.key), f"{subject}"):
            assert repr(subject.stream_secret) not in text
            assert repr(subject.subject_secret) not in text
            assert subject.stream_secret.hex() not in text
        for each in (subject, subject.key):
            with pytest.raises(TypeError):
                each.__reduce__()


class TestRotating:
    """A newer key for what is sealed from now on."""

    def test_the_old_one_stays_readable(self, ring: KeyRing) -> None:
        """What was sealed with the old key opens, the secrets stay, the new key is another."""
        first = ring.of_subject(CASE)
        sealed = first.key.aead.encrypt(NONCE, b"said", b"")
        second = ring.rotate(CASE)
        assert second.key.id != first.key.id
        assert (second.stream_secret, second.subject_secret) == (first.stream_secret, first.subject_secret)
        assert same(ring.of_subject(CASE), second)
        assert ring.key(first.key.id).aead.decrypt(NONCE, sealed, b"") == b"said"

    def test_other_rings_take_the_new_one(self, place: Any, ring: KeyRing) -> None:
        """Within a second other rings seal with the new key."""
        other = place.open()
        other.of_subject(CASE)
        second = ring.rotate(CASE)
        place.clock.now += 1
        assert same(other.of_subject(CASE), second)

    def test_nobody_to_rotate(self, ring: KeyRing) -> None:
        """Rotating makes no subject."""
        with pytest.raises(KeyUnknown):
            ring.rotate(CASE)

    def test_at_once(self, place: Any) -> None:
        """Rotations at the same moment each make a version, or say that they could not; the store stays whole."""
        rings = [place.open() for _ in range(3)]
        rings[0].of_subject(CASE)

        def rotated(ring: KeyRing) -> str | None:
            try:
                return ring.rotate(CASE).key.id
            except KeyringError:
                return None

        with ThreadPoolExecutor(3) as threads:
            made = [each for each in threads.map(rotated, rings) if each]
        assert len(place.open().keys_of(CASE)) == 1 + len(made)
        assert place.open().of_subject(CASE).key.id in made


class TestEpochs:
    """Key-encryption keys are changed and destroyed; keys stay as they were."""

    @pytest.fixture(autouse=True)
    def _in_small_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ten keys at a time, so that few keys show what many would."""
        monkeypatch.setattr(keyring, "_REWRAPPED_AT_ONCE", 10)

    def test_rewrap(self, place: Any, ring: KeyRing) -> None:
        """Everything is wrapped under a new epoch and opens as before; then the old one can go, files and all."""
        made = ring.of_subjects([f"s{nth}" for nth in range(15)])
        old = ring.rotate("s0")
        assert ring.begin_epoch() == 2
        assert [(each.keys, each.newest) for each in ring.standing().epochs] == [(16, False), (0, True)]
        steps: list[tuple[int, int]] = []
        assert ring.rewrap(lambda done, total: steps.append((done, total))).done == 16
        assert steps == [(10, 16), (16, 16)]
        ring.destroy_epoch(1)
        fresh = place.open()
        assert all(same(fresh.of_subject(name), made[name]) for name in list(made)[1:])
        assert same(fresh.of_subject("s0"), old)
        assert fresh.key(made["s0"].key.id).id == made["s0"].key.id
        assert [file.name for file in (place.folder / "epochs").iterdir()] == ["epoch-0002.key"]

    def test_interrupted(self, place: Any, ring: KeyRing) -> None:
        """Stopped in the middle, a rewrap goes on where it was, and everything opens at any time."""
        made = ring.of_subjects([f"s{nth}" for nth in range(25)])
        ring.begin_epoch()

        def stop(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ring.rewrap(stop)
        other = place.open()
        assert all(same(other.of_subject(name), made[name]) for name in made)
        assert other.rewrap().done == 15
        assert other.rewrap().done == 0

    def test_in_use(self, ring: KeyRing) -> None:
        """An epoch goes neither while a key stands under it nor while it is the newest."""
        ring.of_subject(CASE)
        with pytest.raises(EpochInUse, match="newest"):
            ring.destroy_epoch(1)
        ring.begin_epoch()
        with pytest.raises(EpochInUse, match="rewrap"):
            ring.destroy_epoch(1)
        with pytest.raises(KeyUnknown):
            ring.destroy_epoch(7)

    def test_numbers_are_not_used_again(self, ring: KeyRing) -> None:
        """An epoch after a destroyed one has a number of its own, and destroying again is harmless."""
        ring.begin_epoch()
        ring.rewrap()
        ring.destroy_epoch(1)
        ring.destroy_epoch(1)
        assert ring.begin_epoch() == 3
        assert [each.number for each in ring.standing().destroyed_epochs] == [1]

    def test_a_ring_that_has_not_looked_yet(self, place: Any, ring: KeyRing) -> None:
        """A ring that still takes a destroyed epoch for the newest makes its next key under the new one."""
        behind = place.open()
        behind.of_subject("before")
        ring.begin_epoch()
        ring.rewrap()
        ring.destroy_epoch(1)
        made = behind.of_subject("after")
        assert same(place.open().of_subject("after"), made)

    def test_begun_at_once(self, place: Any) -> None:
        """Rings that begin a store at once agree on its first epoch and on its index."""
        with ThreadPoolExecutor(4) as threads:
            rings = list(threads.map(lambda _: place.open(), range(4)))
        made = rings[0].of_subject(CASE)
        assert all(same(ring.known(CASE), made) for ring in rings)

    def test_a_copy_from_before_the_epoch_was_destroyed(self, place: Any, ring: KeyRing) -> None:
        """A key that stands under a destroyed epoch, as in an old backup, cannot be opened by anybody."""
        key_id = ring.of_subject(CASE).key.id
        ((wrapped,),) = place.rows("SELECT wrapped FROM data_key")
        epochs = place.rows("SELECT number, kind, place, sealed, checked, begun_at FROM epoch")
        ring.begin_epoch()
        ring.rewrap()
        ring.destroy_epoch(1)
        place.write("INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?)", *epochs[0])
        place.write("UPDATE data_key SET epoch = 1, wrapped = ? WHERE key_id = ?", wrapped, key_id)
        with pytest.raises(KeyEncryptionKeyMissing, match="older"):
            place.open().key(key_id)
