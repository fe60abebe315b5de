"""A load over HTTP that costs next to nothing itself: connections kept alive, each asked again when it has answered."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Self

from bench.measuring import Wrong


class Line:
    """One connection to a server on this machine, with one request on its way at a time. Where the server ends it after
    an answer, the next request opens it anew."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port, self._reader, self._writer = port, reader, writer
        self._has_ended = False

    @classmethod
    async def to(cls, port: int) -> Self:
        return cls(port, *await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: str, body: bytes, *headers: str) -> int:
        """The status."""
        more = "".join(f"{header}\r\n" for header in headers)
        head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{more}"
        return (await self._ask(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body))[0]

    async def get(self, path: str) -> tuple[int, bytes]:
        return await self._ask(f"GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n".encode())

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._has_ended:
            self._writer.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        self._has_ended = b"\r\nconnection: close\r\n" in head
        _, _, length = head.partition(b"\r\ncontent-length:")
        body = await self._reader.readexactly(int(length.split(b"\r\n", 1)[0])) if length else b""
        return int(head.split(b" ", 2)[1]), body

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):  # it may have been ended from the other side
            await self._writer.wait_closed()


Journey = Iterator[bytes]
"""The bodies that one person's app would post, one after the other."""


async def load(
    port: int, path: str, headers: Sequence[str], journeys: deque[Journey], at_once: int, seconds: float, status: int
) -> float:
    """Requests a second over so many lines at once, each of which is answered so. A journey that isn't at its end when
    the time is over is put back, to be gone on with."""
    lines = [await Line.to(port) for _ in range(at_once)]
    begun = perf_counter()

    async def keep_on(line: Line) -> int:
        done = 0
        while journeys and perf_counter() - begun < seconds:
            journey = journeys.popleft()
            for body in journey:
                answered = await line.post(path, body, *headers)
                if answered != status:
                    raise Wrong(f"a request was answered with {answered} rather than {status}")
                done += 1
                if perf_counter() - begun >= seconds:
                    journeys.appendleft(journey)
                    break
        return done

    done = sum(await asyncio.gather(*map(keep_on, lines)))
    took = perf_counter() - begun
    await asyncio.gather(*(line.close() for line in lines))
    if took < seconds:
        raise Wrong(f"there was nothing more to ask after {took:.1f} seconds")
    return done / took
