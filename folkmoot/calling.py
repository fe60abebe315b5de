"""Calling: one POST to an address that somebody else chose. Not to our own network, no redirects, not for long."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

import aiohttp

from core.hooks import ANSWERS_WITHIN, LONGEST_ANSWER, Delivered, Failed, is_public

GONE = 410
AT_ONCE = 20
LONGEST_WHY = 120


class NotPublic(OSError):
    def __init__(self) -> None:
        super().__init__("the address leads to a network that isn't public")


def public_socket(where: tuple[Any, ...]) -> socket.socket:
    """A socket for where it is about to connect to: whatever a name was resolved to, and whoever resolved it, this is
    what is connected to, so here is where it is judged."""
    family, kind, protocol, _, place = where
    if not is_public(ip_address(str(place[0]).partition("%")[0])):
        raise NotPublic
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made


class Calls:
    def __init__(self, session: aiohttp.ClientSession, within: float = ANSWERS_WITHIN) -> None:
        self._session, self._within = session, within

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Delivered | Failed:
        """Any 2xx will do. What they answer is read so far as to leave the line clean, and thrown away."""
        try:
            async with asyncio.timeout(self._within):
                async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                    await _read_some(response)
                    status = response.status
        except TimeoutError:
            return Failed("no answer in time")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Failed(_why(error))
        if 200 <= status < 300:
            return Delivered(status)
        return Failed("redirects aren't followed" if 300 <= status < 400 else "refused", status, status == GONE)


async def _read_some(response: aiohttp.ClientResponse) -> None:
    read = 0
    while read < LONGEST_ANSWER:
        piece = await response.content.read(LONGEST_ANSWER - read)
        if not piece:
            return
        read += len(piece)
    response.close()


def _why(error: BaseException) -> str:
    """In a few words, none of them theirs."""
    causes: list[BaseException] = [error]
    for one in causes:
        causes += [cause for cause in (one.__cause__, getattr(one, "os_error", None)) if cause and cause not in causes]
    if any(isinstance(one, NotPublic) for one in causes):
        return "not a public address"
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "no valid certificate"
        case aiohttp.ClientConnectorDNSError():
            return "no such host"
        case aiohttp.ClientConnectionError() | OSError():
            return "no connection"
        case _:
            return "no answer that is HTTP"


@asynccontextmanager
async def open_calls(*, may_go_anywhere: bool = False, within: float = ANSWERS_WITHIN) -> AsyncIterator[Calls]:
    connector = aiohttp.TCPConnector(
        limit=AT_ONCE,
        force_close=True,
        use_dns_cache=False,
        socket_factory=None if may_go_anywhere else public_socket,
    )
    timeout = aiohttp.ClientTimeout(total=within)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:
        yield Calls(session, within)
