"""
The folder of a published log: files that appear whole or not at all, and on the disk before anything rests on them.

Any web server may serve it. All of it belongs to auditors and mirrors; only the checkpoint is for everybody.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from ledger.errors import LogBroken, NotWritten
from ledger.tiles import WIDTH, Made, NoSuchTile, NotATile, Tile, unpack

_TEMPORARY: Final = ".new"


class StaticFiles:
    """The published files of one log below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str) -> bytes:
        """Read a file. Raises `NoSuchTile` where there is none."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise NoSuchTile(path) from None

    def add(self, made: Iterable[Made], signed: int) -> None:
        """
        Write tiles and bundles. What a checkpoint was signed over, up to a size, is there already and must be the same.

        Raises `LogBroken` where it is not, and `NotWritten`.
        """
        new: list[tuple[str, bytes]] = []
        for each in made:
            path = each.tile.path
            try:
                there = self.read(path)
            except NoSuchTile:
                new.append((path, each.content))
                continue
            if there == each.content:
                continue
            if each.tile.end <= signed and not _blanked(each.tile, there, each.content):
                raise LogBroken(
                    "another_file",
                    f"The published file {path} is not what the log holds, though a checkpoint was signed over it. "
                    "Nothing is signed. Follow ops/runbooks/publisher-refuses.md.",
                )
            new.append((path, each.content))
        self.write(new)

    def write(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files, each whole or not at all, and onto the disk. Raises `NotWritten`."""
        folders: dict[Path, None] = {}
        with _storage():
            for path, content in files:
                target = self.folder / path
                self._prepare(target.parent, folders)
                _write_whole(target, content)
            for folder in folders:
                _settle(folder)

    def drop_partial(self, tile: Tile) -> None:
        """Remove the partial versions of a tile or bundle that is full and under a checkpoint."""
        folder = self.folder / f"{tile.full.path}.p"
        with suppress(FileNotFoundError):
            for each in folder.iterdir():
                each.unlink(missing_ok=True)
            folder.rmdir()

    def partial(self, tile: Tile) -> list[Tile]:
        """Give the partial versions of a tile or bundle that are there."""
        with suppress(FileNotFoundError):
            names = [each.name for each in (self.folder / f"{tile.full.path}.p").iterdir()]
            return [replace(tile, width=int(name)) for name in names if name.isdecimal() and int(name) < WIDTH]
        return []

    def _prepare(self, folder: Path, folders: dict[Path, None]) -> None:
        """Make a folder, and remember it and the new ones above it to be settled, the lowest first."""
        folders[folder] = None
        missing = folder
        while not missing.exists():
            missing = missing.parent
            folders[missing] = None
        folder.mkdir(parents=True, exist_ok=True)


def _blanked(tile: Tile, there: bytes, content: bytes) -> bool:
    """Tell whether a bundle differs from what stands there only by entries that it has no bytes of any more."""
    if tile.level is not None:
        return False
    try:
        pairs = zip(unpack(there, tile.width), unpack(content, tile.width), strict=True)
        return all(new in {old, b""} for old, new in pairs)
    except NotATile:
        return False


def _write_whole(target: Path, content: bytes) -> None:
    temporary = target.with_name(target.name + _TEMPORARY)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = " The disk is full: make room." if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else ""
        raise NotWritten(
            f"The files of the log cannot be written ({error.strerror}).{full} Nothing is signed until they can; "
            "entries are still taken, and nothing is lost."
        ) from None
