"""A cable between a writer and its database that a test may cut, at any byte of the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Hears = Callable[[bytes, asyncio.StreamWriter], Awaitable[bool]]
"""Is given what one side says and where it would go; gives False where the writer is to be cut off instead."""


async def through(_: bytes, __: asyncio.StreamWriter) -> bool:
    """Let everything pass."""
    return True


class Cable:
    """Passes on what both sides say, as `question` and `answer` allow."""

    def __init__(self, url: str, folder: Path) -> None:
        known = conninfo_to_dict(url)
        self._socket = f"{known['host']}/.s.PGSQL.{known.get('port', 5432)}"
        self._folder = folder
        self.url = make_conninfo(url, host=str(folder), port=5432)
        self.question: Hears = through
        self.answer: Hears = through
        self.made = 0
        """Connections that were opened."""
        self._open: list[asyncio.StreamWriter] = []
        self._talks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[Cable]:
        """Lay the cable for the time of a `with`."""
        server = await asyncio.start_unix_server(self._join, self._folder / ".s.PGSQL.5432")
        try:
            yield self
        finally:
            server.close()
            for each in self._open:
                each.close()
            await asyncio.gather(*self._talks, *(each.wait_closed() for each in self._open), return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        there, back = await asyncio.open_unix_connection(self._socket)
        self._open += writer, back
        self._talks += (
            asyncio.create_task(self._pass(reader, back, writer, self._asked)),
            asyncio.create_task(self._pass(there, writer, writer, self._answered)),
        )

    async def _asked(self, said: bytes, to: asyncio.StreamWriter) -> bool:
        return await self.question(said, to)

    async def _answered(self, said: bytes, to: asyncio.StreamWriter) -> bool:
        return await self.answer(said, to)

    @staticmethod
    async def _pass(
        reader: asyncio.StreamReader, to: asyncio.StreamWriter, client: asyncio.StreamWriter, hears: Hears
    ) -> None:
        with suppress(ConnectionError):
            while said := await reader.read(2**20):
                if not await hears(said, to):
                    client.close()  # the way to the database stays open: what is on it arrives
                    return
                to.write(said)
                await to.drain()
        to.close()
