"""Polling loses nothing, whatever fails and whoever is killed, and no single update blocks the rest for ever."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from bots.telegram.account import ALLOWED_UPDATES, TelegramBot
from bots.telegram.patience import MOST_TRIES
from bots.telegram.polling import poll
from core.inbound import Commanded, Inbound, Said
from tests.fakes.clock import SetClock
from tests.fakes.telegram_payloads import build_update, message, user
from tests.fakes.telegram_server import BOT_NAME, TelegramServer

Take = Callable[[Inbound], Awaitable[object]]


@asynccontextmanager
async def polling(bot: TelegramBot, take: Take) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(poll(bot, bot.account, BOT_NAME, take, SetClock(), long_poll=5, wait=0.002))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Taken:
    """What was taken in, as texts; `fails` says of a text whether taking it in fails this time."""

    def __init__(self, fails: Callable[[str], bool] = lambda text: False, error: type[Exception] = ValueError) -> None:
        self.texts: list[str] = []
        self.tried: list[str] = []
        self.fails, self.error = fails, error

    async def __call__(self, inbound: Inbound) -> None:
        assert isinstance(inbound.deed, Said)
        self.tried.append(inbound.deed.text)
        await asyncio.sleep(0)
        if self.fails(inbound.deed.text):
            raise self.error(f"a fault that tells what was said: {inbound.deed.text}")
        self.texts.append(inbound.deed.text)


async def test_updates_are_taken_in_and_let_go_of(bot: TelegramBot, server: TelegramServer) -> None:
    taken = Taken()
    async with polling(bot, taken):
        server.user_says(1001, "one")
        await server.until(lambda: taken.texts == ["one"])
        server.user_says(1001, "two")
        await server.until(lambda: taken.texts == ["one", "two"] and not server.waiting)


async def test_the_kinds_that_we_read_are_asked_for(bot: TelegramBot, server: TelegramServer) -> None:
    server.user_says(1001, "one")
    async with polling(bot, Taken()):
        await server.until(lambda: server.called("getUpdates"))
    assert server.called("getUpdates")[0]["allowed_updates"] == list(ALLOWED_UPDATES)


async def test_a_webhook_set_before_is_taken_away_and_nothing_waiting_is_dropped(
    bot: TelegramBot, server: TelegramServer
) -> None:
    server.webhook = {"url": "http://127.0.0.1:9/", "allowed_updates": []}
    server.user_says(1001, "said meanwhile")
    taken = Taken()
    async with polling(bot, taken):
        await server.until(lambda: taken.texts == ["said meanwhile"])
    assert server.called("deleteWebhook") == [{"drop_pending_updates": False}]


async def test_an_update_whose_turn_failed_comes_again(bot: TelegramBot, server: TelegramServer) -> None:
    taken = Taken()
    taken.fails = lambda text: len(taken.tried) < 3
    server.user_says(1001, "one")
    async with polling(bot, taken):
        await server.until(lambda: taken.texts == ["one"])
    assert taken.tried == ["one"] * 3


async def test_a_poller_killed_in_the_middle_of_a_turn_loses_nothing(bot: TelegramBot, server: TelegramServer) -> None:
    for text in ("one", "two", "three"):
        server.user_says(1001, text)
    begun = asyncio.Event()
    taken = Taken()

    async def take(inbound: Inbound) -> None:
        if inbound.deed == Said("two", "2"):
            begun.set()
            await asyncio.Event().wait()  # killed while it is being written down
        await taken(inbound)

    async with polling(bot, take):
        await asyncio.wait_for(begun.wait(), 5)
    assert len(server.waiting) == 3

    again = Taken()
    async with polling(bot, again):
        await server.until(lambda: not server.waiting)
    assert again.texts == ["one", "two", "three"]  # the first a second time, which its key makes harmless


async def test_a_poisonous_update_blocks_neither_others_nor_its_own_sender_for_ever(
    bot: TelegramBot, server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    taken = Taken(fails=lambda text: text == "poison")
    server.user_says(1001, "poison")
    server.user_says(1001, "after it")
    async with polling(bot, taken):
        await server.until(lambda: taken.texts == ["after it"])
        while server.waiting:
            server.user_says(1002, "meanwhile")
            tries = len(taken.tried)
            await server.until(lambda tries=tries: len(taken.tried) > tries)  # type: ignore[misc]  # a default binds it
    assert 2 * MOST_TRIES >= taken.tried.count("poison") > MOST_TRIES
    assert "given up" in caplog.text
    assert "poison" not in caplog.text


async def test_while_the_store_is_down_everything_waits_and_nothing_is_skipped(
    bot: TelegramBot, server: TelegramServer
) -> None:
    is_down = True
    taken = Taken(fails=lambda text: is_down)
    for member in range(1001, 1005):
        server.user_says(member, f"of {member}")
    async with polling(bot, taken):
        await server.until(lambda: len(taken.tried) > 12 * MOST_TRIES)
        assert len(server.waiting) == 4
        is_down = False
        await server.until(lambda: not server.waiting)
    assert sorted(taken.texts) == [f"of {member}" for member in range(1001, 1005)]


async def test_an_update_that_waits_for_a_network_is_never_given_up(bot: TelegramBot, server: TelegramServer) -> None:
    is_cut_off = True
    taken = Taken(fails=lambda text: is_cut_off and text == "far", error=ConnectionError)
    server.user_says(1001, "far")
    server.user_says(1001, "near")
    async with polling(bot, taken):
        while taken.tried.count("far") < 3 * MOST_TRIES:
            server.user_says(1002, "meanwhile")
            tries = taken.tried.count("far")
            await server.until(lambda tries=tries: taken.tried.count("far") > tries)  # type: ignore[misc]  # bound now
        assert "near" in taken.texts
        is_cut_off = False
        await server.until(lambda: "far" in taken.texts and not server.waiting)


async def test_a_lone_update_waits_for_as_long_as_nothing_proves_the_store(
    bot: TelegramBot, server: TelegramServer
) -> None:
    taken = Taken(fails=lambda text: len(taken.tried) <= 3 * MOST_TRIES)
    server.user_says(1001, "alone")
    async with polling(bot, taken):
        await server.until(lambda: taken.texts == ["alone"])


async def test_what_one_member_says_is_taken_in_order_and_members_at_the_same_time(
    bot: TelegramBot, server: TelegramServer
) -> None:
    for number in range(5):
        for member in (1001, 1002, 1003):
            server.user_says(member, f"{member} {number}")
    at_once, most = 0, 0
    order: list[str] = []

    async def take(inbound: Inbound) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.001)
        at_once -= 1
        assert isinstance(inbound.deed, Said)
        order.append(inbound.deed.text)

    async with polling(bot, take):
        await server.until(lambda: len(order) == 15)
    for who in ("1001", "1002", "1003"):
        assert [text for text in order if text.startswith(who)] == [f"{who} {number}" for number in range(5)]
    assert most == 3


async def test_a_failing_update_holds_up_its_senders_next_one(bot: TelegramBot, server: TelegramServer) -> None:
    taken = Taken()
    taken.fails = lambda text: text == "first" and taken.tried.count("first") < 3
    server.user_says(1001, "first")
    server.user_says(1001, "second")
    async with polling(bot, taken):
        await server.until(lambda: len(taken.texts) == 2)
    assert taken.tried == ["first", "first", "first", "second"]


FAULTS = [
    lambda server: server.fail("getUpdates", 502, "Bad Gateway", times=2),
    lambda server: server.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request"),
    lambda server: server.drop("getUpdates", accepts=False, times=2),
    lambda server: server.garble("getUpdates", '{"ok": true, "result": 5}'),
    lambda server: server.garble("getUpdates", "<html>"),
    lambda server: server.fail("deleteWebhook", 500, "Internal Server Error"),
]


@pytest.mark.parametrize("arrange", FAULTS)
async def test_polling_outlives_faults_of_telegram(
    bot: TelegramBot, server: TelegramServer, arrange: Callable[[TelegramServer], None]
) -> None:
    arrange(server)
    server.user_says(1001, "one")
    taken = Taken()
    async with polling(bot, taken):
        await server.until(lambda: taken.texts == ["one"])


async def test_what_cannot_be_read_is_let_go_of(bot: TelegramBot, server: TelegramServer) -> None:
    server.push_raw({"update_id": 900_001, "message": {"chat": 5}})
    server.push_raw({"update_id": 900_002, "something_new": {"a": 1}})
    server.push_raw(build_update("message", message("\ud800 words", sender=user(1001)), 900_003))
    taken = Taken()
    async with polling(bot, taken):
        await server.until(lambda: not server.waiting)
    assert taken.texts == ["\ufffd words"]


async def test_it_stops_when_it_is_cancelled(bot: TelegramBot, server: TelegramServer) -> None:
    async with polling(bot, Taken()) as task:
        await server.until(lambda: server.called("deleteWebhook"))
    assert task.cancelled()


# --- files
async def test_the_text_of_a_yaml_file_becomes_the_commands_argument(bot: TelegramBot, server: TelegramServer) -> None:
    got: list[Inbound] = []

    async def take(inbound: Inbound) -> None:
        got.append(inbound)

    server.user_sends_document(1001, "city.yaml", "\ufefftitle: Tŷ\n".encode() + b"x: \xff\0\n", caption="/load")
    async with polling(bot, take):
        await server.until(lambda: got)
    assert got[0].deed == Commanded("load", "title: Tŷ\nx: \ufffd\n", "1")


async def test_a_file_that_cannot_be_fetched_now_is_fetched_later(bot: TelegramBot, server: TelegramServer) -> None:
    got: list[Inbound] = []

    async def take(inbound: Inbound) -> None:
        got.append(inbound)

    server.fail("getFile", 502, "Bad Gateway", times=3)
    server.user_sends_document(1001, "city.yaml", b"title: City", caption="/check")
    async with polling(bot, take):
        await server.until(lambda: got)
    assert got[0].deed == Commanded("check", "title: City", "1")


async def test_a_file_that_is_gone_leaves_the_command_without_it(bot: TelegramBot, server: TelegramServer) -> None:
    got: list[Inbound] = []

    async def take(inbound: Inbound) -> None:
        got.append(inbound)

    server.user_sends_document(1001, "city.yaml", b"title: City", caption="/check")
    server.world.files.clear()
    async with polling(bot, take):
        await server.until(lambda: got)
    assert got[0].deed == Commanded("check", "", "1")


@pytest.fixture(autouse=True)
def _quietly(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
