"""What is no HTTP, over real sockets: it is refused, or its line closed, and no fault of ours is told in any log."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.web.stage import serving

HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"
NO_CHUNK = b"ZZZ\r\n"
SHORTLY = 0.05


async def at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers before the body has come, as a refusal does."""
    await PlainTextResponse("no", 403)(scope, receive, send)


async def bit_by_bit(scope: Scope, receive: Receive, send: Send) -> None:
    async def parts() -> Any:
        for _ in range(20):
            yield "part of it "
            await asyncio.sleep(SHORTLY / 5)

    await StreamingResponse(parts())(scope, receive, send)


async def when_all_is_read(scope: Scope, receive: Receive, send: Send) -> None:
    with suppress(Exception):
        await Request(scope, receive).body()
    with suppress(Exception):
        await PlainTextResponse("read")(scope, receive, send)


@pytest.mark.parametrize(
    ("app", "said"), [(at_once, b"403 Forbidden"), (bit_by_bit, b"200 OK"), (when_all_is_read, b"400 Bad Request")]
)
async def test_a_body_that_breaks_off_closes_its_line_and_is_no_fault_of_ours(app: ASGIApp, said: bytes) -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))

    async def lifeless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
        else:
            await app(scope, receive, send)

    async with serving(lifeless) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(HEAD)
        await asyncio.sleep(SHORTLY)
        for _ in range(2):
            with suppress(ConnectionError):
                writer.write(NO_CHUNK)
                await asyncio.sleep(SHORTLY)
        async with asyncio.timeout(5):
            assert said in await reader.read()
        writer.close()
    assert not faults
