"""The wire between a process and its database, which a test may cut, or leave connected and dumb."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url


class Wire:
    """Listens on a port of this machine and passes on what it hears, both ways."""

    def __init__(self, url: str) -> None:
        self._to = make_url(url)
        self._ends: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._goes_through = asyncio.Event()
        self._goes_through.set()
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """The database's address by way of the wire."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        through = self._to.set(host="127.0.0.1", port=port, query={})
        return through.render_as_string(hide_password=False)

    @property
    def is_in_use(self) -> bool:
        return bool(self._ends)

    def hang(self) -> None:
        """What is said from now on arrives nowhere, and nobody is told."""
        self._goes_through.clear()

    def cut(self) -> None:
        """Every connection is gone, and there are no new ones."""
        if self._server:
            self._server.close()
        for end in self._ends:
            end.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = self._to.host or str(self._to.query["host"])
        if host.startswith("/"):
            socket = str(Path(host) / f".s.PGSQL.{self._to.port or 5432}")
            there, to_there = await asyncio.open_unix_connection(socket)
        else:
            there, to_there = await asyncio.open_connection(host, self._to.port or 5432)
        self._ends |= {writer, to_there}
        for source, sink in ((reader, to_there), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, sink))
            self._passing.add(task)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await source.read(65_536):
                await self._goes_through.wait()
                sink.write(said)
                await sink.drain()
            sink.close()

    async def close(self) -> None:
        self.cut()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)


@asynccontextmanager
async def wire(url: str) -> AsyncIterator[tuple[Wire, str]]:
    between = Wire(url)
    through = await between.open()
    try:
        yield between, through
    finally:
        await between.close()
