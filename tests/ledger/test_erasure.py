"""Erasing, taking out, and doing it again after a restore: the log stays whole, and nothing of the person is left."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

from ledger.continuity import Continuity, milliseconds
from ledger.erasure import Done, Eraser, Unfinished
from ledger.errors import KeyDestroyed, LedgerError, NothingThere, RegisterUnreadable, UnreadableEntry
from ledger.keys import KeyRing, open_file_keys
from ledger.log import Log
from ledger.mapper import Entry, Registry, SealedEvent
from ledger.publisher.erasures import read as read_erasures
from ledger.publisher.erasures import write as write_erasures
from ledger.recorder import ALWAYS, NO_LIMIT, LogRecorder
from ledger.register import REGISTER, Erased, read, runs, written
from ledger.seal import REMOVED
from ledger.tree import Frontier
from tests.ledger.conftest import ORIGIN

Pool = ConnectionPool[psycopg.Connection[Any]]
CANARY = "Kanarienvogel"
LONG = f"First {CANARY}.\n\nSecond {CANARY}.\nThird."


class Note(BaseModel):
    """A kind with a code, two texts, and perhaps somebody whom it is about."""

    TOPIC: ClassVar[str] = "note.made"
    VERSION: ClassVar[int] = 1
    code: str = "A"
    text: str | None = None
    lines: tuple[str, ...] = ()
    third_party: str | None = None


REGISTRY: Registry[Note] = Registry({Note.TOPIC: Note}, {}, lambda _: {"text": None, "lines": {"*": None}})


class Kept:
    """A log of notes with its keys, as one process has it."""

    def __init__(self, pool: Pool, schema: str, keys: KeyRing) -> None:
        self.pool, self.schema, self.keys = pool, schema, keys
        self.log: Log[Note] = Log.of(schema, ORIGIN, REGISTRY, keys)
        self.recorder = LogRecorder(pool, schema)
        self.recorder.begin(ORIGIN)
        self.forgotten: list[UUID] = []
        self.eraser = Eraser(pool, self.log, keys, lambda _, streams: self.forgotten.extend(streams))

    def note(self, stream: UUID, *notes: Note) -> None:
        """Append notes to a stream."""
        version = self.version(stream)
        self.recorder.append([*self.sealed(stream, version, *notes)])

    def sealed(self, stream: UUID, version: int, *notes: Note) -> list[SealedEvent]:
        """Seal notes that follow a version of a stream."""
        return [
            self.log.mapper.to_stored_event(Entry(stream, version + nth, note)) for nth, note in enumerate(notes, 1)
        ]

    def noted(self, stream: UUID) -> Any:
        """What a stream says of its own redactions."""
        return lambda digests: self.sealed(stream, self.version(stream), Note(code=",".join(digests)))

    def version(self, stream: UUID) -> int:
        """The version of a stream."""
        rows = self.rows(stream)
        return rows[-1][2] if rows else 0

    def rows(self, stream: UUID) -> list[Any]:
        """The rows of a stream."""
        return self.recorder.rows("stream", id=stream, after=0, upto=NO_LIMIT, as_of=ALWAYS, limit=NO_LIMIT)

    def read(self, stream: UUID) -> list[Note]:
        """The notes of a stream."""
        return [self.log.mapper.entry_of(row).event for row in self.rows(stream)]

    def dump(self) -> str:
        """Everything in the table of events, as text, bytes as hexadecimal and as they are."""
        with self.pool.connection() as connection:
            rows = connection.execute(f"SELECT * FROM {self.schema}.event ORDER BY position").fetchall()
        return "\n".join(f"{row} {[each.hex() for each in row if isinstance(each, bytes)]}" for row in rows)

    def verified(self) -> tuple[int, set[bytes]]:
        """Go through the whole log as an auditor does; give its size and the erased leaves that stand unnamed."""
        erasures = self.eraser.register.erasures()
        continuity, frontier = Continuity(ORIGIN), Frontier()
        listed = {leaf for _, _, leaves in read_erasures(write_erasures(erasures.opened)) for leaf in leaves}
        with self.pool.connection() as connection:
            rows = connection.execute(
                f"SELECT entry, leaf_hash, recorded_at FROM {self.schema}.event ORDER BY position"
            ).fetchall()
            head = connection.execute(f"SELECT size, frontier FROM {self.schema}.head").fetchone()
        for index, (entry, leaf_hash, recorded_at) in enumerate(rows):
            if entry is None:
                assert index in erasures.leaves
                assert index in listed
                continuity.skip_erased(leaf_hash)
            else:
                hashed, _ = continuity.follow(index, entry, milliseconds(recorded_at))
                assert hashed == leaf_hash
            frontier.append(leaf_hash)
        assert head is not None
        assert (head[0], head[1]) == (len(rows), list(frontier.hashes))
        return len(rows), continuity.dangling


@pytest.fixture
def kept(pool: Pool, schema: str, keys: KeyRing) -> Kept:
    """A log with three streams, the second of which is to go."""
    return Kept(pool, schema, keys)


@pytest.fixture
def streams(kept: Kept) -> list[UUID]:
    """Three streams whose entries stand among each other's."""
    streams = [uuid4() for _ in range(3)]
    for round_ in range(4):
        for stream in streams:
            kept.note(stream, Note(text=f"{CANARY} {round_}"), Note(lines=(CANARY, LONG), third_party="mother"))
    return streams


class TestErasing:
    """A subject goes; everything else stays as it was."""

    def test_everything_else_stays(self, kept: Kept, streams: list[UUID]) -> None:
        """The other streams read as before, every one of them still verifies, and the log goes on."""
        gone, *left = streams
        before = [kept.read(stream) for stream in left]
        assert kept.eraser.erase(gone, "RETENTION_ENDED") == Done(8, 2)
        assert kept.read(gone) == []
        assert [kept.read(stream) for stream in left] == before
        kept.note(left[0], Note(text="goes on"))
        size, dangling = kept.verified()
        assert size == 26
        assert len(dangling) == 8
        assert kept.forgotten == [gone]
        assert not kept.eraser.unfinished()

    def test_nothing_is_left(self, kept: Kept, streams: list[UUID]) -> None:
        """Neither the name of the stream nor a secret, tag, entry or ciphertext is found in any table."""
        gone = streams[1]
        subject = kept.keys.of_subject(str(gone))
        secrets = [subject.stream_secret, subject.subject_secret]
        place = kept.log.mapper.place_of(gone)
        stored = [row[5][32:] for row in kept.rows(gone)]
        key_ids = kept.keys.keys_of(str(gone), family=True)
        kept.eraser.erase(gone, "RETENTION_ENDED")
        dump = kept.dump() + repr([kept.keys._store._engine.run(name) for name in ("ring", "epochs", "counts")])
        for trace in (str(gone), gone.hex, place.tag, place.subject_tag, *(secret.hex() for secret in secrets)):
            assert trace not in dump
        assert not any(state.hex()[:64] in dump for state in stored)
        for key_id in key_ids:
            with pytest.raises(KeyDestroyed):
                kept.keys.key(key_id)

    def test_the_register_names_nobody(self, kept: Kept, streams: list[UUID]) -> None:
        """The register holds leaf indexes, key ids and the code of a basis; it is sealed as any stream is."""
        keys = kept.keys.keys_of(str(streams[0]), family=True)
        kept.eraser.erase(streams[0], "RETENTION_ENDED")
        (entry,) = kept.eraser.register.entries()
        assert entry.originator_id == REGISTER
        assert entry.event == Erased(
            leaves=((0, 1), (6, 7), (12, 13), (18, 19)), keys=tuple(sorted(keys)), basis="RETENTION_ENDED"
        )

    def test_nothing_to_erase(self, kept: Kept, streams: list[UUID]) -> None:
        """What is not there is not registered as erased."""
        with pytest.raises(NothingThere):
            kept.eraser.erase(uuid4(), "RETENTION_ENDED")
        kept.eraser.erase(streams[0], "RETENTION_ENDED")
        with pytest.raises(NothingThere):
            kept.eraser.erase(streams[0], "RETENTION_ENDED")
        assert len(kept.eraser.register.entries()) == 1

    def test_nobody_goes_on_writing(self, kept: Kept, streams: list[UUID], tmp_path: Path) -> None:
        """A process that still holds the version of an erased stream cannot add to it, nor make it new keys."""
        gone = streams[0]
        with closing(open_file_keys(tmp_path / "keys")) as keys:
            other = Kept(kept.pool, kept.schema, keys)
            late = other.sealed(gone, 8, Note(text=CANARY))
            kept.eraser.erase(gone, "RETENTION_ENDED")
            with pytest.raises(IntegrityError):
                other.recorder.append(late)
            keys._refresh()
            with pytest.raises(KeyDestroyed, match="erased"):
                other.sealed(gone, 8, Note(text=CANARY))
        assert kept.keys.keys_of(str(gone), family=True) == []

    def test_written_meanwhile(self, kept: Kept, streams: list[UUID], tmp_path: Path) -> None:
        """What another process appends between the register and the blanking is erased as well, and registered."""
        gone = streams[0]
        with closing(open_file_keys(tmp_path / "keys")) as keys:
            other = Kept(kept.pool, kept.schema, keys)
            late = other.sealed(gone, 8, Note(text=CANARY, third_party="father"))
            destroy = kept.keys.destroy

            def destroyed(*given: Any) -> list[str]:
                kept.keys.destroy = destroy  # type: ignore[method-assign]
                other.recorder.append(late)
                return destroy(*given)

            kept.keys.destroy = destroyed  # type: ignore[method-assign]
            kept.eraser.erase(gone, "RETENTION_ENDED")
        assert kept.rows(gone) == []
        assert kept.keys.keys_of(str(gone), family=True) == []
        kept.verified()
        assert not kept.eraser.unfinished()

    def test_begun_anew(self, kept: Kept, streams: list[UUID]) -> None:
        """Whoever comes again begins a stream of its own, under other secrets."""
        tag = kept.log.mapper.place_of(streams[0]).tag
        kept.eraser.erase(streams[0], "RETENTION_ENDED")
        kept.note(streams[0], Note(text="again"))
        assert kept.read(streams[0]) == [Note(text="again")]
        assert kept.log.mapper.place_of(streams[0]).tag != tag
        kept.verified()

    @pytest.mark.parametrize("step", ["register.append", "keys.destroy", "forget", "blank", "clean"])
    def test_stopped_between_steps(self, kept: Kept, streams: list[UUID], step: str) -> None:
        """Stopped before any step, it is told of as unfinished, and finished by doing it again or by a replay."""
        eraser, gone = kept.eraser, streams[1]
        stopped = False

        class Stop(BaseException):
            pass

        def stop(*_: Any, **__: Any) -> Any:
            nonlocal stopped
            stopped = True
            raise Stop

        owner, name = {
            "register.append": (eraser.register, "append"),
            "keys.destroy": (kept.keys, "destroy"),
            "forget": (eraser, "_forget"),
            "blank": (eraser, "_forget"),
            "clean": (eraser, "_clean"),
        }[step]
        whole = getattr(owner, name)
        setattr(owner, name, stop)
        with pytest.raises(Stop):
            eraser.erase(gone, "RETENTION_ENDED")
        assert stopped
        setattr(owner, name, whole)

        registered = step != "register.append"
        assert bool(eraser.unfinished()) is (step in {"keys.destroy", "forget", "blank"})
        if registered:
            eraser.replay()
            with pytest.raises(NothingThere):
                eraser.erase(gone, "RETENTION_ENDED")
        else:
            eraser.erase(gone, "RETENTION_ENDED")
        assert not eraser.unfinished()
        assert kept.rows(gone) == []
        assert len(eraser.register.entries()) == 1
        kept.verified()


class TestRestoring:
    """What comes back with a backup goes again."""

    def test_keys_and_rows_come_back(self, kept: Kept, streams: list[UUID], tmp_path: Path) -> None:
        """With keys and rows restored from before the first erasure, it is told of, and a replay erases them again."""
        gone = streams[2]
        shutil.copytree(tmp_path / "keys", tmp_path / "backup")
        rows = self.taken(kept, gone)
        kept.eraser.erase(gone, "RETENTION_ENDED")
        self.put_back(kept, rows)
        with closing(open_file_keys(tmp_path / "backup")) as keys:
            restored = Kept(kept.pool, kept.schema, keys)
            assert restored.read(gone)[0].text == f"{CANARY} 0"  # it has all come back
            assert restored.eraser.unfinished() == Unfinished(2, 8)
            assert restored.eraser.replay() == Done(8, 2)
            assert restored.rows(gone) == []
            assert restored.keys.keys_of(str(gone), family=True) == []
            assert not restored.eraser.unfinished()

    def test_the_register_is_lost_as_well(self, kept: Kept, streams: list[UUID]) -> None:
        """Where the log was restored from before the erasure, a copy of the register erases, and registers it again."""
        gone = streams[2]
        leaves = runs(row[0] - 1 for row in kept.rows(gone))
        said = Erased(
            leaves=(*leaves, (5_000, 5_007)), keys=tuple(kept.keys.keys_of(str(gone), family=True)), basis="ACCURACY"
        )
        assert kept.eraser.replay([said]) == Done(8, 2)
        assert kept.rows(gone) == []
        assert [entry.event for entry in kept.eraser.register.entries()] == [said.model_copy(update={"leaves": leaves})]
        kept.verified()

    def test_only_rows_come_back(self, kept: Kept, streams: list[UUID]) -> None:
        """Rows that come back while their keys stay destroyed are blanked again."""
        gone = streams[2]
        rows = self.taken(kept, gone)
        kept.eraser.erase(gone, "RETENTION_ENDED")
        self.put_back(kept, rows)
        unfinished = kept.eraser.unfinished()
        assert (unfinished.keys, unfinished.entries) == (0, 8)
        assert kept.eraser.replay() == Done(8, 0)
        assert not kept.eraser.unfinished()
        kept.verified()

    def test_another_stream_at_the_same_leaves(self, kept: Kept, streams: list[UUID]) -> None:
        """Where a restored log has grown again otherwise, other streams at the erased leaves are left alone."""
        gone, other = streams[0], streams[1]
        said = Erased(
            leaves=runs(row[0] - 1 for row in kept.rows(other)),
            keys=tuple(kept.keys.keys_of(str(gone), family=True)),
            basis="RETENTION_ENDED",
        )
        kept.eraser.replay([said])
        assert len(kept.rows(other)) == 8
        assert kept.eraser.replay([said]) == Done(0, 0)

    def test_the_register_as_a_file(self, kept: Kept, streams: list[UUID]) -> None:
        """What the register says is written and read again; anything else is refused with its line."""
        kept.eraser.redact_value(streams[1], 1, "text", "ACCURACY", kept.noted(streams[1]))
        kept.eraser.erase(streams[0], "RETENTION_ENDED")
        said = [entry.event for entry in kept.eraser.register.entries()]
        assert read(written(said)) == said
        for line in ("{}", "[]", "x", '{"kind":"os.system"}', written(said).splitlines()[0].replace("ACCURACY", "a b")):
            with pytest.raises(RegisterUnreadable, match="Line 2"):
                read(written(said).splitlines()[0] + "\n" + line)

    @staticmethod
    def taken(kept: Kept, stream: UUID) -> list[Any]:
        """What a backup holds of a stream."""
        with kept.pool.connection() as connection:
            return connection.execute(
                f"SELECT position, originator_id, topic, entry, state FROM {kept.schema}.event"
                " WHERE originator_id = %s",
                [stream],
            ).fetchall()

    @staticmethod
    def put_back(kept: Kept, rows: list[Any]) -> None:
        """Restore what a backup holds."""
        with kept.pool.connection() as connection:
            connection.execute("SET session_replication_role = replica")
            for position, stream, topic, entry, state in rows:
                connection.execute(
                    f"UPDATE {kept.schema}.event SET originator_id = %s, topic = %s, entry = %s, state = %s"
                    " WHERE position = %s",
                    [stream, topic, entry, state, position],
                )
            connection.execute("RESET session_replication_role")


class TestTakingOut:
    """Single values go; the entry they were sealed in still verifies."""

    def test_a_value(self, kept: Kept, streams: list[UUID]) -> None:
        """One value reads as black, the rest as before, and the entry, its digest and the log stay as they were."""
        stream = streams[0]
        before, entries = kept.read(stream), [row[5][:400] for row in kept.rows(stream)]
        assert kept.eraser.redact_value(stream, 1, "text", "ACCURACY", kept.noted(stream)) == Done(1, 0)
        after = kept.read(stream)
        assert after[0] == before[0].model_copy(update={"text": REMOVED})
        assert after[1:8] == before[1:]
        assert len(after[8].code) == 43
        assert [row[5][:300] for row in kept.rows(stream)][:8] == [entry[:300] for entry in entries]
        assert kept.verified()[0] == 26
        assert not kept.eraser.unfinished()

    def test_a_text_of_several_paragraphs(self, kept: Kept, streams: list[UUID]) -> None:
        """A text goes with all its paragraphs; one paragraph goes alone, and then the rest."""
        stream = streams[0]
        kept.note(stream, Note(text=LONG))
        kept.eraser.redact_value(stream, 9, "text.1", "ACCURACY", kept.noted(stream))
        assert kept.read(stream)[8].text == f"First {CANARY}.\n\n{REMOVED}Third."
        with pytest.raises(NothingThere, match="already"):
            kept.eraser.redact_value(stream, 9, "text.1", "ACCURACY", kept.noted(stream))
        kept.eraser.redact_value(stream, 9, "text", "ACCURACY", kept.noted(stream))
        assert kept.read(stream)[8].text == REMOVED
        kept.verified()

    def test_one_of_a_list_or_all(self, kept: Kept, streams: list[UUID]) -> None:
        """Of several, one goes or all that are left, in whatever compartment they are."""
        stream = streams[0]
        kept.eraser.redact_value(stream, 2, "lines.0", "ACCURACY", kept.noted(stream))
        assert kept.read(stream)[1].lines == (REMOVED, LONG)
        kept.eraser.redact_value(stream, 2, "lines", "ACCURACY", kept.noted(stream))
        assert kept.read(stream)[1].lines == (REMOVED, REMOVED)
        kept.eraser.redact_value(stream, 4, "", "ACCURACY", kept.noted(stream))
        assert kept.read(stream)[3].lines == (REMOVED, REMOVED)
        assert kept.read(stream)[5].lines == (CANARY, LONG)

    def test_what_cannot_be_taken_out(self, kept: Kept, streams: list[UUID]) -> None:
        """Codes stay, and what is not there cannot go: nothing is said about it anywhere."""
        for field in ("code", "nothing", "lines.7", "text.0.x", "lines.0.5", "_sd", "text._sd"):
            with pytest.raises(NothingThere):
                kept.eraser.redact_value(streams[0], 2, field, "ACCURACY", kept.noted(streams[0]))
        with pytest.raises(NothingThere):
            kept.eraser.redact_value(streams[0], 99, "text", "ACCURACY", kept.noted(streams[0]))
        assert kept.eraser.register.entries() == []
        assert kept.version(streams[0]) == 8

    def test_a_third_party(self, kept: Kept, streams: list[UUID]) -> None:
        """With the key of a third party goes what is about them alone, in this stream only; new notes can be made."""
        stream, other = streams[0], streams[1]
        kept.eraser.redact_person(stream, "mother", "RIGHT_TO_ERASURE", kept.noted(stream))
        notes = kept.read(stream)
        assert [note.lines for note in notes[1:8:2]] == [(REMOVED, REMOVED)] * 4
        assert [note.text for note in notes[0:8:2]] == [f"{CANARY} {nth}" for nth in range(4)]
        assert kept.read(other)[1].lines == (CANARY, LONG)
        with pytest.raises(NothingThere):
            kept.eraser.redact_person(stream, "mother", "RIGHT_TO_ERASURE", kept.noted(stream))
        kept.note(stream, Note(lines=("new",), third_party="mother"))
        assert kept.read(stream)[-1].lines == ("new",)
        kept.verified()
        assert not kept.eraser.unfinished()

    @pytest.mark.parametrize("step", ["destroy", "_reseal"])
    def test_stopped_between_steps(self, kept: Kept, streams: list[UUID], step: str) -> None:
        """Stopped after the register, it is told of, and a replay finishes it."""
        stream = streams[0]
        owner: Any = kept.keys if step == "destroy" else kept.eraser
        whole = getattr(owner, step)

        def stop(*_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

        setattr(owner, step, stop)
        with pytest.raises(KeyboardInterrupt):
            kept.eraser.redact_person(stream, "mother", "RIGHT_TO_ERASURE", kept.noted(stream))
        setattr(owner, step, whole)
        assert kept.eraser.unfinished()
        kept.eraser.replay()
        assert not kept.eraser.unfinished()
        assert kept.read(stream)[1].lines == (REMOVED, REMOVED)

    def test_all_or_nothing_is_said(self, kept: Kept, streams: list[UUID]) -> None:
        """Where somebody else writes to the stream first, neither the stream nor the register says anything."""
        stream = streams[0]
        late = kept.sealed(stream, 8, Note(code="late"))
        with pytest.raises(LedgerError):
            kept.eraser.redact_value(
                stream, 1, "text", "ACCURACY", lambda _: (kept.note(stream, Note(code="first")), late)[1]
            )
        assert kept.eraser.register.entries() == []
        assert kept.read(stream)[0].text == f"{CANARY} 0"

    def test_then_erased(self, kept: Kept, streams: list[UUID]) -> None:
        """A stream from which something was taken out is erased as any other, and a replay passes over it."""
        kept.eraser.redact_value(streams[0], 1, "text", "ACCURACY", kept.noted(streams[0]))
        kept.eraser.redact_person(streams[0], "mother", "ACCURACY", kept.noted(streams[0]))
        kept.eraser.erase(streams[0], "RETENTION_ENDED")
        assert not kept.eraser.unfinished()
        assert kept.eraser.replay() == Done(0, 0)
        kept.verified()


class TestSealingAnew:
    """Older keys are left behind without touching the log."""

    def test_renewed(self, kept: Kept, streams: list[UUID]) -> None:
        """After a rotation everything is sealed anew with the newest keys, reads as before, and hashes as before."""
        stream = streams[0]
        before = kept.read(stream)
        old = kept.keys.keys_of(str(stream), family=True)
        kept.keys.rotate(str(stream))
        kept.keys.rotate(f"{stream}/tp/mother")
        assert kept.eraser.renew(stream) == 8
        assert kept.eraser.renew(stream) == 0
        kept.keys.destroy([])
        assert kept.read(stream) == before
        boxes = b"".join(row[5] for row in kept.rows(stream))
        assert not any(key_id.encode() in boxes for key_id in old)
        kept.verified()


class TestWhoMay:
    """Only the two functions change a row, and only in the ways that are theirs."""

    def test_nobody_else(self, kept: Kept, streams: list[UUID]) -> None:
        """Not even whoever owns the table."""
        for statement in (
            "UPDATE {}.event SET state = NULL, entry = NULL, topic = 'ledger.blank@1'",
            "UPDATE {}.event SET state = ''",
            "UPDATE {}.event SET leaf_hash = ''",
            "DELETE FROM {}.event",
        ):
            with kept.pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.format(kept.schema).encode())

    def test_another_account(self, kept: Kept, streams: list[UUID]) -> None:
        """An account that may use the schema and read the log can call neither function."""
        with kept.pool.connection() as connection, connection.transaction(force_rollback=True):
            name = f"serving_{random.randrange(10**9)}"
            connection.execute(f"CREATE ROLE {name}")
            connection.execute(f"GRANT USAGE ON SCHEMA {kept.schema} TO {name}")
            connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {kept.schema} TO {name}")
            connection.execute(f"SET LOCAL ROLE {name}")
            for call in ("erase(1, '{0}', '{x}')", "reseal(1, '', '')"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(f"SELECT {kept.schema}.{call}")

    def test_not_before_the_register_says_so(self, kept: Kept, streams: list[UUID]) -> None:
        """The function refuses to blank anything without an entry of the register."""
        key = kept.keys.of_subject(str(streams[0])).key.id
        with kept.pool.connection() as connection, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            connection.execute(f"SELECT {kept.schema}.erase(1, '{{0}}', %s)", [[key]])

    def test_ciphertext_of_something_else(self, kept: Kept, streams: list[UUID]) -> None:
        """Ciphertext put in place by the function is still checked against the entry when it is read."""
        rows = kept.rows(streams[0])
        with kept.pool.connection() as connection:
            states = connection.execute(
                f"SELECT position, state FROM {kept.schema}.event WHERE originator_id = %s ORDER BY 1", [streams[0]]
            ).fetchall()
            connection.execute(
                f"SELECT {kept.schema}.reseal(%s, sha256(%s), %s)", [states[0][0], states[0][1], states[2][1]]
            )
        assert len(rows) == 8
        with pytest.raises(UnreadableEntry):
            kept.read(streams[0])
