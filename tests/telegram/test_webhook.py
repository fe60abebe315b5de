"""Updates that Telegram posts: the secret, what can't be read, faults, and deliveries that come again."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bots.telegram.account import TelegramBot, set_webhook
from bots.telegram.patience import MOST_TRIES, REMEMBERED, Patience
from bots.telegram.webhook import LARGEST_BODY, SECRET_HEADER, take_webhook
from core.inbound import Inbound, Said
from tests.fakes.clock import SetClock
from tests.fakes.telegram_payloads import BOT_NAME, build_update, message, press
from tests.fakes.telegram_server import TelegramServer

SECRET = "a-made-up-secret"


class Hook:
    """A web layer as thin as can be, and a store that only knows keys."""

    def __init__(self, bot: TelegramBot) -> None:
        self.bot, self.url = bot, ""
        self.keys: list[str] = []
        self.effects: dict[str, str] = {}
        self.faults = 0
        self.lock = asyncio.Lock()
        self.patience, self.clock = Patience(), SetClock()
        self.latest: Inbound | None = None
        self.poison = ""

    async def take(self, inbound: Inbound) -> object:
        async with self.lock:
            self.latest = inbound
            self.keys.append(inbound.key)
            if self.faults:
                self.faults -= 1
                raise ConnectionError("the store is down")
            if inbound.key in self.effects or not isinstance(inbound.deed, Said):
                return None
            if self.poison and self.poison in inbound.deed.text:
                raise LookupError(inbound.deed.text)
            self.effects[inbound.key] = inbound.deed.text
            return "a turn"

    async def status(self, body: bytes, header: str | None) -> int:
        async def read() -> bytes:
            return body

        return await self.judge(read, header)

    async def judge(self, read: Callable[[], Awaitable[bytes]], header: str | None) -> int:
        return await take_webhook(
            read,
            header,
            secret=SECRET,
            bot=self.bot,
            account=self.bot.account,
            username=BOT_NAME,
            take=self.take,
            clock=self.clock,
            patience=self.patience,
        )

    async def answer(self, request: web.Request) -> web.Response:
        try:
            status = await self.judge(request.read, request.headers.get(SECRET_HEADER))
        except (ConnectionError, LookupError):
            status = 500
        return web.Response(status=status)


@pytest.fixture
async def hook(bot: TelegramBot) -> AsyncIterator[Hook]:
    hook = Hook(bot)
    app = web.Application()
    app.router.add_post("/telegram/webhook", hook.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield hook
    await runner.cleanup()


async def test_updates_come_by_post_once_the_webhook_is_set(
    bot: TelegramBot, server: TelegramServer, hook: Hook
) -> None:
    await set_webhook(bot, hook.url, SECRET)
    server.user_says(1001, "one")
    server.user_says(1002, "two")
    await server.until(lambda: not server.waiting)
    assert list(hook.effects.values()) == ["one", "two"]


async def test_an_update_whose_turn_failed_is_sent_again(bot: TelegramBot, server: TelegramServer, hook: Hook) -> None:
    await set_webhook(bot, hook.url, SECRET)
    hook.faults = 2
    server.user_says(1001, "one")
    await server.until(lambda: not server.waiting)
    assert [status for _, status in server.webhook_answers] == [500, 500, 200]
    assert list(hook.effects.values()) == ["one"]


async def test_the_press_of_a_button_counts_as_of_our_own_clock(hook: Hook) -> None:
    update = build_update("callback_query", press("home", message("Hello")))
    assert await hook.status(json.dumps(update).encode(), SECRET) == 200
    assert hook.latest
    assert hook.latest.at == hook.clock.now()


async def test_deliveries_again_at_once_and_out_of_order_have_one_effect_each(
    server: TelegramServer, hook: Hook
) -> None:
    server.webhook = {"url": f"{hook.url}/telegram/webhook", "secret_token": SECRET}
    updates = [build_update("message", message(f"No. {number}"), number) for number in (1, 2, 3)]
    statuses = await asyncio.gather(*(server.post(update) for update in updates[::-1] * 4))
    server.webhook = None
    assert set(statuses) == {200}
    assert len(hook.keys) == 12
    assert sorted(hook.effects.values()) == ["No. 1", "No. 2", "No. 3"]


@pytest.mark.parametrize("header", [None, "", "forged", SECRET + "x", SECRET[:-1], "é", "\udcff"])
async def test_without_the_secret_nothing_is_read(hook: Hook, header: str | None) -> None:
    assert await hook.judge(never, header) == 403
    assert hook.keys == []


async def never() -> bytes:
    raise AssertionError("the body was read")


async def test_an_empty_secret_lets_nobody_in(hook: Hook) -> None:
    given: dict[str, Any] = {"bot": hook.bot, "account": "telegram:1", "username": BOT_NAME, "take": hook.take}
    given |= {"patience": hook.patience, "clock": hook.clock}
    assert await take_webhook(never, "", secret="", **given) == 403
    assert await take_webhook(never, None, secret="", **given) == 403


NONSENSE = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    b"[]",
    b"null",
    b"{}",
    b'{"update_id": "x", "message": {"text": 5}}',
    b'{"update_id": 1, "message": {"message_id": 1, "date": 1e400, "chat": {"id": 1, "type": "private"}}}',
    b'{"update_id": 1, "something_new": {}}',
]


@pytest.mark.parametrize("body", NONSENSE)
async def test_what_can_never_be_read_is_not_asked_for_again(hook: Hook, body: bytes) -> None:
    assert await hook.status(body, SECRET) == 200
    assert hook.keys == []


async def test_a_body_that_is_too_large_is_refused(hook: Hook) -> None:
    assert await hook.status(b" " * (LARGEST_BODY + 1), SECRET) == 413


async def test_an_update_that_always_fails_while_others_succeed_is_given_up_and_told_by_kind_and_place(
    server: TelegramServer, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    server.webhook = {"url": f"{hook.url}/telegram/webhook", "secret_token": SECRET}
    hook.poison = "whatever breaks it"
    poisonous = build_update("message", message("whatever breaks it"), 1)
    statuses = []
    for number in range(2, MOST_TRIES + 3):
        statuses.append(await server.post(poisonous))
        assert await server.post(build_update("message", message("fine"), number)) == 200
    server.webhook = None
    assert statuses == [500] * MOST_TRIES + [200]
    (told,) = [record.getMessage() for record in caplog.records if "given up" in record.getMessage()]
    assert "update 1 failed (LookupError in" in told
    assert "whatever breaks it" not in told


async def test_while_nothing_succeeds_no_update_is_given_up(server: TelegramServer, hook: Hook) -> None:
    server.webhook = {"url": f"{hook.url}/telegram/webhook", "secret_token": SECRET}
    hook.poison = "No."
    updates = [build_update("message", message(f"No. {number}"), number) for number in (1, 2)]
    for _ in range(MOST_TRIES * 2):
        assert [await server.post(update) for update in updates] == [500, 500]
    hook.poison = ""
    assert [await server.post(update) for update in updates] == [200, 200]
    server.webhook = None
    assert sorted(hook.effects.values()) == ["No. 1", "No. 2"]


async def test_a_store_that_is_away_for_some_alone_loses_nobody_s_update(server: TelegramServer, hook: Hook) -> None:
    server.webhook = {"url": f"{hook.url}/telegram/webhook", "secret_token": SECRET}
    away = build_update("message", message("later"), 1)
    for number in range(2, MOST_TRIES * 2):
        hook.faults = 1
        assert await server.post(away) == 500
        assert await server.post(build_update("message", message("fine"), number)) == 200
    assert await server.post(away) == 200
    server.webhook = None
    assert "later" in hook.effects.values()


def test_patience_remembers_only_so_many() -> None:
    patience = Patience()
    for number in range(REMEMBERED + 50):
        assert not patience.is_lost(str(number), LookupError())
    assert len(patience) == REMEMBERED
