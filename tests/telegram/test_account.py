"""Opening a bot, setting it up, fetching files; and that a token is never shown."""

import traceback

import aiohttp
import pytest

from bots.telegram.account import (
    ALLOWED_UPDATES,
    CallRefused,
    TelegramBot,
    TokenRefused,
    Unreachable,
    open_bot,
    set_commands,
    set_webhook,
)
from bots.telegram.messenger import TelegramMessenger
from bots.telegram.request import Unanswered
from tests.fakes.telegram_server import BOT_NAME, TOKEN, TelegramServer

NOBODY_LISTENS = "http://127.0.0.1:9"


async def test_an_opened_bot_knows_its_own_name(bot: TelegramBot) -> None:
    assert bot.username == BOT_NAME
    assert bot.account == f"telegram:{bot.id}"


@pytest.mark.parametrize("token", ["1:wrong", "", "not/a token"])
async def test_a_wrong_token_is_refused_without_showing_it(
    server: TelegramServer, session: aiohttp.ClientSession, token: str
) -> None:
    with pytest.raises(TokenRefused) as refused:
        await open_bot(token, server.url, session)
    assert "1:wrong" not in "".join(traceback.format_exception(refused.value))


async def test_a_telegram_out_of_reach_is_a_fault_that_does_not_show_the_token(session: aiohttp.ClientSession) -> None:
    with pytest.raises(Unreachable, match="can't be reached") as fault:
        await open_bot(TOKEN, NOBODY_LISTENS, session)
    assert TOKEN not in "".join(traceback.format_exception(fault.value))


@pytest.mark.parametrize("body", ["<html>", "[]", '{"ok": true}', '{"ok": true, "result": {"id": 1}}'])
async def test_something_else_than_telegram_is_a_fault(
    server: TelegramServer, session: aiohttp.ClientSession, body: str
) -> None:
    server.garble("getMe", body)
    with pytest.raises(Unreachable):
        await open_bot(TOKEN, server.url, session)


def test_a_bot_does_not_show_its_token(bot: TelegramBot) -> None:
    assert TOKEN not in f"{bot!r} {bot}"


async def test_a_webhook_is_set_with_its_secret_and_the_kinds_we_read(bot: TelegramBot, server: TelegramServer) -> None:
    await set_webhook(bot, "https://folkmoot.example/", "s3cret_-")
    assert server.called("setWebhook") == [
        {
            "url": "https://folkmoot.example/telegram/webhook",
            "secret_token": "s3cret_-",
            "allowed_updates": list(ALLOWED_UPDATES),
        }
    ]
    server.webhook = None


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257])
async def test_a_secret_that_telegram_would_not_take_is_refused_at_once(bot: TelegramBot, secret: str) -> None:
    with pytest.raises(ValueError, match="TELEGRAM_WEBHOOK_SECRET"):
        await set_webhook(bot, "https://folkmoot.example", secret)


async def test_a_call_that_telegram_refuses_is_our_own_fault(bot: TelegramBot, server: TelegramServer) -> None:
    server.fail("setWebhook", 400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    with pytest.raises(CallRefused, match="an https url"):
        await set_webhook(bot, "http://folkmoot.example", "s")


async def test_commands_are_listed_by_language_and_the_first_for_everybody(
    bot: TelegramBot, server: TelegramServer
) -> None:
    await set_commands(bot, {"en": [("idea", "Put an idea forward")], "cy": [("idea", "Cynnig syniad")]})
    english, welsh = ([{"command": "idea", "description": of}] for of in ("Put an idea forward", "Cynnig syniad"))
    assert server.world.commands == {"": english, "en": english, "cy": welsh}
    with pytest.raises(ValueError, match="Not-One"):
        await set_commands(bot, {"en": [("Not-One", "x")]})


async def test_an_attachment_is_fetched_on_demand(messenger: TelegramMessenger, server: TelegramServer) -> None:
    sent = server.user_sends_photo(1001, content=b"\xff\xd8 pixels")
    file = sent["message"]["photo"][-1]["file_id"]
    assert await messenger.fetch(file) == (b"\xff\xd8 pixels", "image/jpeg")


async def test_a_file_that_is_gone_or_too_big_is_refused(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.world.files["big"] = ("documents/big", b"x" * 20_000_001)
    for file in ("never-was", "big"):
        with pytest.raises(CallRefused):
            await messenger.fetch(file)


async def test_a_file_out_of_reach_for_now_is_a_fault_of_its_own(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.fail("getFile", 502, "Bad Gateway")
    with pytest.raises(Unreachable):
        await messenger.fetch("any")


async def test_a_server_that_hangs_is_not_waited_for_longer_than_asked(
    bot: TelegramBot, server: TelegramServer
) -> None:
    server.hang("getMe", 0.5)
    with pytest.raises(Unanswered):
        await bot.call("getMe", {}, read_timeout=0.02)


async def test_files_can_be_uploaded(bot: TelegramBot, server: TelegramServer) -> None:
    server.meet(1001, started=True)
    sent = await bot.send_photo(1001, b"\xff\xd8 pixels", caption="How it came out")
    assert sent.caption == "How it came out"
    (call,) = server.called("sendPhoto")
    assert (call["chat_id"], call["caption"], call["photo"].content) == (1001, "How it came out", b"\xff\xd8 pixels")
