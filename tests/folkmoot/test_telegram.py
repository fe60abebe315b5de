"""Telegram as a process runs it: connecting until it answers, then posted to or polled."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from core.inbound import Inbound, Said
from core.ports import StoreUnavailable
from folkmoot.settings import Settings
from folkmoot.telegram import NOT_YET, Telegram
from tests.fakes.clock import SetClock
from tests.fakes.memory_outbox import MemoryOutbox
from tests.fakes.memory_state import Memory
from tests.fakes.telegram_payloads import TOKEN, build_update, message
from tests.fakes.telegram_server import TelegramServer
from tests.folkmoot.stage import TEXTS
from tests.house.processes import free_port
from tests.patience import until

SOON = 0.01


class Forgetful(MemoryOutbox):
    """Fails so often before a lane can be opened."""

    def __init__(self, failing: int = 0) -> None:
        self.memory = Memory()
        super().__init__(self.memory)
        self.failing = failing

    async def open_lane(self, account: str) -> None:
        if self.failing:
            self.failing -= 1
            raise StoreUnavailable("the database is away")
        await super().open_lane(account)


class Heard:
    def __init__(self) -> None:
        self.inbounds: list[Inbound] = []

    async def take(self, inbound: Inbound) -> None:
        self.inbounds.append(inbound)


def reading(body: bytes) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        return body

    return read


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@asynccontextmanager
async def telegram_at(url: str, heard: Heard, **settings: str) -> AsyncIterator[Telegram]:
    chosen = {"telegram_bot_token": TOKEN, "secret_key": "s", "telegram_api_url": url, **settings}
    async with aiohttp.ClientSession() as session:
        yield Telegram(Settings(_env_file=None, **chosen), session, heard.take, TEXTS, SetClock())  # type: ignore[arg-type, call-arg]  # the library's own parameter


@pytest.fixture
def heard() -> Heard:
    return Heard()


async def test_it_connects_and_opens_its_lane_and_tells_its_commands_in_every_language(
    server: TelegramServer, heard: Heard
) -> None:
    async with telegram_at(server.url, heard) as telegram:
        assert (telegram.account, telegram.username, telegram.messenger) == (None, "", None)
        outbox = Forgetful()
        await telegram.connect(outbox)
        assert telegram.account == f"telegram:{TOKEN.partition(':')[0]}"
        assert list(outbox.memory.lanes) == [telegram.account]
        assert telegram.messenger
    assert set(server.world.commands) == {"", "en", "cy"}
    assert server.webhook is None


async def test_it_tries_until_telegram_answers_each_time_after_a_longer_wait(
    server: TelegramServer, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    server.fail("getMe", 502, "Bad Gateway", times=2)
    server.fail("setMyCommands", 400, "Bad Request: a passing mood", times=1)
    async with telegram_at(server.url, heard) as telegram:
        await telegram.connect(Forgetful(failing=1), SOON)
        assert telegram.account
    waits = [record.args[1] for record in caplog.records if record.levelno == logging.WARNING and record.args]  # type: ignore[index]  # given as a tuple
    assert waits == [SOON, SOON * 2, SOON * 4, SOON * 8]
    assert "the database is away" in caplog.text


async def test_where_nobody_answers_at_all_it_waits_until_somebody_does(heard: Heard) -> None:
    port = free_port()
    async with telegram_at(f"http://127.0.0.1:{port}", heard) as telegram:
        connecting = asyncio.create_task(telegram.connect(Forgetful(), SOON))
        await asyncio.sleep(SOON * 2)
        assert await telegram.take_webhook(reading(b"{}"), None) == 403
        server = TelegramServer()
        await server.start(port)
        await connecting
        assert telegram.messenger
        await server.stop()


@pytest.mark.parametrize("token", ["123456:a-wrong-token-all-the-same", "nonsense", "12 34:x\ny", TOKEN[:-1]])
async def test_a_wrong_token_is_said_and_never_shown(
    server: TelegramServer, heard: Heard, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with telegram_at(server.url, heard, telegram_bot_token=token) as telegram:
        connecting = asyncio.create_task(telegram.connect(Forgetful(), SOON))
        await until(lambda: "check TELEGRAM_BOT_TOKEN" in caplog.text or connecting.done(), caplog.text)
        assert not connecting.done()
        connecting.cancel()
        await asyncio.wait([connecting])
    assert token not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("folkmoot"))


async def test_what_is_no_bot_api_is_not_taken_for_one(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    async def answer(_: aiohttp.web.BaseRequest) -> aiohttp.web.Response:
        return aiohttp.web.Response(text="<h1>It works!</h1>")

    runner = aiohttp.web.ServerRunner(aiohttp.web.Server(answer))
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with telegram_at(f"http://127.0.0.1:{runner.addresses[0][1]}", heard) as telegram:
            connecting = asyncio.create_task(telegram.connect(Forgetful(), SOON))
            await until(lambda: "trying again" in caplog.text or connecting.done(), caplog.text)
            assert not connecting.done()
            connecting.cancel()
            await asyncio.wait([connecting])
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("settings", "webhook"),
    [
        ({"public_url": "https://moot.example/"}, "https://moot.example/telegram/webhook"),
        ({"public_url": "https://moot.example", "telegram_webhook_secret": "chosen"}, "https://moot.example/telegram/webhook"),
        ({"public_url": "http://moot.example"}, None),
        ({"telegram_webhook_secret": "chosen"}, None),
        ({}, None),
    ],
)  # fmt: skip
async def test_a_webhook_is_set_where_there_is_a_public_address(
    server: TelegramServer, heard: Heard, settings: dict[str, str], webhook: str | None
) -> None:
    async with telegram_at(server.url, heard, **settings) as telegram:
        await telegram.connect(Forgetful())
        assert (server.webhook or {}).get("url") == webhook
        if server.webhook:
            made = Settings(_env_file=None, secret_key="s", **settings).webhook_secret()  # type: ignore[arg-type, call-arg]  # the library's own parameter
            assert server.webhook["secret_token"] == made
            assert len(made) > 5
        server.webhook = None


async def test_a_webhook_is_answered_with_come_again_before_it_is_connected_and_taken_in_after(
    server: TelegramServer, heard: Heard
) -> None:
    update = build_update("message", message("More trees"), 1)
    body = json.dumps(update).encode()
    async with telegram_at(server.url, heard, telegram_webhook_secret="chosen") as telegram:
        assert await telegram.take_webhook(reading(body), "chosen") == NOT_YET
        assert await telegram.fetch("any") is None
        await telegram.poll()
        await telegram.connect(Forgetful())
        assert await telegram.take_webhook(reading(body), "forged") == 403
        assert heard.inbounds == []
        assert await telegram.take_webhook(reading(body), "chosen") == 200
        assert await telegram.fetch("never-was") is None
    assert [inbound.deed.text for inbound in heard.inbounds if isinstance(inbound.deed, Said)] == ["More trees"]


async def test_while_the_secret_changes_an_update_may_show_either_and_no_third(
    server: TelegramServer, heard: Heard
) -> None:
    body = json.dumps(build_update("message", message("More trees"), 1)).encode()
    old, new = (Settings(_env_file=None, secret_key=key).webhook_secret() for key in ("old", "new"))  # type: ignore[call-arg]
    async with telegram_at(server.url, heard, secret_key="new", secret_key_before="old") as telegram:
        assert await telegram.take_webhook(reading(body), "forged") == 403
        await telegram.connect(Forgetful())
        assert [await telegram.take_webhook(reading(body), one) for one in (old, new, "", "x")] == [200, 200, 403, 403]


async def test_it_polls_where_there_is_no_webhook(server: TelegramServer, heard: Heard) -> None:
    async with telegram_at(server.url, heard) as telegram:
        await telegram.connect(Forgetful())
        polling = asyncio.create_task(telegram.poll())
        server.user_says(7, "More trees")
        await until(lambda: heard.inbounds)
        polling.cancel()
        await asyncio.wait([polling])


def test_the_secret_of_the_webhook_is_made_of_ours_and_tells_nothing_of_it() -> None:
    one, two = (Settings(_env_file=None, secret_key=key) for key in ("one", "two"))  # type: ignore[call-arg]
    assert one.webhook_secret() == one.webhook_secret() != two.webhook_secret()
    assert one.secret() not in one.webhook_secret()
