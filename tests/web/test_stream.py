"""The stream of a chat's lines: it brings what happens as it happens, and goes on where it broke off."""

import re
from collections.abc import AsyncIterator

import httpx

from core.outbound import Message
from tests.web.stage import NOW, Stage, visiting


async def events(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """Server-sent events as a browser reads them."""
    event: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = event[name] + "\n" + value if name in event else value
        elif event:
            yield event
            event = {}


async def next_lines(stream: AsyncIterator[dict[str, str]]) -> tuple[str, str]:
    """The id and the words of the next lines."""
    async for event in stream:
        if event["event"] == "lines":
            return event["id"], " ".join(re.findall(r"<p>(.*?)</p>", event["data"]))
    raise AssertionError("the stream ended")


async def test_lines_come_as_they_are_said_and_changed() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        (user,) = stage.transcript.chats
        async with visitor.stream("GET", "/chat/stream?since=1") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            stream = events(response)
            assert (await anext(stream))["retry"] == "1000"
            line = await stage.transcript.append(user, True, Message("First"), NOW)
            stage.bell.ring(user)
            assert await next_lines(stream) == ("2", "First")
            await stage.transcript.replace(user, line, Message("First, changed"))
            stage.bell.ring(user)
            assert await next_lines(stream) == ("3", "First, changed")


async def test_lines_come_from_another_process_too_which_rings_no_bell() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        (user,) = stage.transcript.chats
        async with visitor.stream("GET", "/chat/stream?since=1") as response:
            stream = events(response)
            await anext(stream)
            await stage.transcript.append(user, True, Message("From afar"), NOW)
            assert await next_lines(stream) == ("2", "From afar")


async def test_a_broken_stream_goes_on_where_it_was_and_misses_nothing() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        (user,) = stage.transcript.chats
        async with visitor.stream("GET", "/chat/stream?since=0") as response:
            seen, _ = await next_lines(events(response))
        for words in ("While you", "were away"):
            await stage.transcript.append(user, True, Message(words), NOW)
        async with visitor.stream("GET", "/chat/stream?since=0", headers={"last-event-id": seen}) as response:
            assert await next_lines(events(response)) == ("3", "While you were away")


async def test_a_stranger_is_told_not_to_try_again() -> None:
    async with visiting(Stage()) as visitor:
        assert (await visitor.get("/chat/stream")).status_code == 204


async def test_a_server_with_an_open_stream_can_stop() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        async with visitor.stream("GET", "/chat/stream?since=1") as response:
            stream = events(response)
            await anext(stream)
            stage.bell.close()
            assert [event async for event in stream] == []
