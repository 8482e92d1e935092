"""One turn of many writers at once, as threads or as tasks: how many appends a second, and how long each took."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Barrier, Thread
from time import perf_counter

from ops.bench.load import LoadFailed, Turn


def threads(writers: int, seconds: float, append: Callable[[int], None]) -> Turn:
    """Let each writer append in a thread of its own, one append after the other, for so long. Raises `LoadFailed`."""
    taken: list[list[float]] = [[] for _ in range(writers)]
    failed: list[BaseException] = []
    together = Barrier(writers + 1)

    def write(writer: int) -> None:
        mine = taken[writer]
        together.wait()
        deadline = perf_counter() + seconds
        try:
            while (began := perf_counter()) < deadline and not failed:
                append(writer)
                mine.append(perf_counter() - began)
        except BaseException as error:  # noqa: BLE001 - told to whoever started the turn
            failed.append(error)

    running = [Thread(target=write, args=(writer,), daemon=True) for writer in range(writers)]
    with _undisturbed():
        for each in running:
            each.start()
        together.wait()
        began = perf_counter()
        for each in running:
            each.join()
        lasted = perf_counter() - began
    if failed:
        raise LoadFailed(f"An append failed ({type(failed[0]).__name__}).") from failed[0]
    return turn_of(taken, lasted)


async def tasks(writers: int, seconds: float, append: Callable[[int], Awaitable[None]]) -> Turn:
    """Let each writer append in a task of its own, one append after the other, for so long. Raises `LoadFailed`."""
    taken: list[list[float]] = [[] for _ in range(writers)]

    async def write(mine: list[float], writer: int, deadline: float) -> None:
        while (began := perf_counter()) < deadline:
            await append(writer)
            mine.append(perf_counter() - began)

    with _undisturbed():
        began = perf_counter()
        try:
            async with asyncio.TaskGroup() as group:
                for writer, mine in enumerate(taken):
                    group.create_task(write(mine, writer, began + seconds))
        except* Exception as failed:  # noqa: BLE001 - told to whoever started the turn
            (first, *_) = failed.exceptions
            raise LoadFailed(f"An append failed ({type(first).__name__}).") from first
        lasted = perf_counter() - began
    return turn_of(taken, lasted)


def turn_of(taken: Sequence[Sequence[float]], lasted: float) -> Turn:
    """Sum up how long each append of each writer took, in a turn that lasted so many seconds. Raises `LoadFailed`."""
    milliseconds = sorted(1000 * each for mine in taken for each in mine)
    if not milliseconds:
        raise LoadFailed("Nobody appended anything in the time of a turn.")
    return Turn(len(milliseconds) / lasted, percentile(milliseconds, 50), percentile(milliseconds, 99))


def percentile(ordered: Sequence[float], per_cent: int) -> float:
    """Give the value below which so many per cent of the sorted values lie."""
    return ordered[min(len(ordered) - 1, len(ordered) * per_cent // 100)]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Search for garbage before a turn and, as the server does, seldom during it."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
