"""A position that only grows, and that may be waited for: by threads' own work moved on, by coroutines awaited."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Lock


class Mark:
    """
    How far something has come in the log.

    `move` is called from any thread; whoever waits is woken in the loop they wait in, and nobody polls.
    """

    def __init__(self) -> None:
        self._position = 0
        self._waiting: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._lock = Lock()
        self._closed = False

    @property
    def position(self) -> int:
        """Give the position reached."""
        return self._position

    def move(self, position: int) -> None:
        """Say that a position has been reached."""
        with self._lock:
            if position <= self._position:
                return
            self._position = position
            there = [each for each in self._waiting if each[0] <= position]
            self._waiting = [each for each in self._waiting if each[0] > position]
        for _, loop, woken in there:
            with suppress(RuntimeError):  # a loop that has been closed has nobody left to wake
                loop.call_soon_threadsafe(_wake, woken)

    def let_go(self) -> None:
        """Send home everybody who waits, and whoever would: the server stops."""
        with self._lock:
            self._closed = True
            there, self._waiting = self._waiting, []
        for _, loop, woken in there:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_wake, woken)

    @property
    def closed(self) -> bool:
        """Tell whether nobody can wait here any more."""
        return self._closed

    async def wait(self, position: int, seconds: float) -> bool:
        """Wait until a position is reached, for so many seconds at most, and tell whether it was."""
        if position <= self._position:
            return True
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        waiting = (position, loop, woken)
        with self._lock:
            if position <= self._position or self._closed:
                return position <= self._position
            self._waiting.append(waiting)
        try:
            await asyncio.wait_for(woken, seconds)
        except TimeoutError:
            pass
        finally:
            with self._lock, suppress(ValueError):
                self._waiting.remove(waiting)
        return position <= self._position


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
