"""The servers and floors of the benchmark: what they answer is what a platform would."""

import json

import aiohttp
import telegram

from bench.journeys import TURNS, journey
from bench.loads import Line
from bench.processes import ask, running
from bots.telegram.request import AiohttpRequest
from tests.fakes.telegram_payloads import TOKEN


async def test_the_quick_telegram_answers_as_the_library_expects() -> None:
    async with running("bench.quick") as server, aiohttp.ClientSession() as session:
        request = AiohttpRequest(session)
        bot = telegram.Bot(TOKEN, f"{server.url}/bot", f"{server.url}/file/bot", request, request)
        assert (await bot.get_me()).username == "folkmoot_bot"
        first, second = [await bot.send_message(1001, words) for words in ("Hello “Ann”", "and 你好")]
        assert (first.text, second.text) == ("Hello “Ann”", "and 你好")
        assert (first.chat.id, first.chat.type) == (1001, "private")
        assert first.message_id != second.message_id
        assert json.loads(await ask(server.port, "/taken"))["result"] == {"taken": 2}


async def test_a_request_that_comes_in_pieces_is_answered_once_it_is_whole() -> None:
    async with running("bench.quick") as server:
        line = await Line.to(server.port)
        body = json.dumps({"chat_id": 7, "text": "x" * 200_000}).encode()
        assert await line.post(f"/bot{TOKEN}/sendMessage", body) == 200
        assert await line.get("/taken") == (200, b'{"ok": true, "result": {"taken": 1}}')
        await line.close()


def test_a_journey_is_updates_that_the_library_reads_each_with_a_number_of_its_own() -> None:
    updates = [telegram.Update.de_json(json.loads(body), None) for body in [*journey(1), *journey(2)]]
    assert len({update.update_id for update in updates}) == len(updates) == 2 * TURNS
    assert all(update.effective_user and update.effective_message for update in updates)
    assert [bool(update.callback_query) for update in updates[:TURNS]] == [False, True, True, True, False]
