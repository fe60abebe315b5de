"""The fake Telegram itself: it refuses and limits as the real one does, or passing its tests would prove little."""

from typing import Any

import aiohttp
import pytest

from tests.fakes.telegram_control import ControlledServer
from tests.fakes.telegram_rules import Limits, Rates
from tests.fakes.telegram_server import TOKEN, TelegramServer


async def call(server: TelegramServer, method: str, parameters: Any, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{token}/{method}", json=parameters) as response,
    ):
        return response.status, await response.json()


BOLD = {"type": "bold", "offset": 0, "length": 2}
REFUSED = [
    {"text": "x"},
    {"chat_id": 1001, "text": " \n"},
    {"chat_id": 1001, "text": "x" * 4_097},
    {"chat_id": 1001, "text": "😀" * 2_049},
    {"chat_id": 1001, "text": 5},
    {"chat_id": 1001, "text": "x", "parse_mood": "HTML"},
    {"chat_id": 1001, "text": "x", "entities": [BOLD]},
    {"chat_id": 1001, "text": "a😀", "entities": [BOLD]},
    {"chat_id": 1001, "text": "xx", "entities": [{**BOLD, "type": "shiny"}]},
    {"chat_id": 1001, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Yes"}]]}},
    {"chat_id": 1001, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "", "callback_data": "a"}]]}},
    {"chat_id": 1001, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Y", "callback_data": "ü" * 33}]]}},
    {"chat_id": 1001, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Y", "url": "http://localhost/"}]]}},
    {"chat_id": 1001, "text": "x", "message_thread_id": 44},
    {"chat_id": 1001, "text": "x", "reply_parameters": {"message_id": 4711}},
    {"chat_id": 4711, "text": "x"},
]


@pytest.mark.parametrize("parameters", REFUSED)
async def test_it_refuses_what_telegram_refuses(server: TelegramServer, parameters: dict[str, Any]) -> None:
    server.meet(1001, started=True)
    status, answer = await call(server, "sendMessage", parameters)
    assert (status, answer["ok"], answer["error_code"]) == (400, False, 400)
    assert server.calls == []


async def test_it_takes_a_form_as_well_as_json(server: TelegramServer) -> None:
    server.meet(1001, started=True)
    form = {"chat_id": "1001", "text": "123", "entities": '[{"type": "bold", "offset": 0, "length": 2}]'}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{TOKEN}/sendMessage", data=form) as response,
    ):
        assert response.status == 200
    assert server.called("sendMessage") == [{"chat_id": 1001, "text": "123", "entities": [BOLD]}]


async def test_a_wrong_token_and_an_unknown_method_are_told_apart(server: TelegramServer) -> None:
    assert (await call(server, "getMe", {}, "1:other"))[0] == 401
    assert (await call(server, "getYou", {}))[0] == 404


async def test_only_those_who_wrote_first_can_be_written_to(server: TelegramServer) -> None:
    server.meet(1001)
    assert (await call(server, "sendMessage", {"chat_id": 1001, "text": "x"}))[0] == 403
    server.user_says(1001, "/start")
    assert (await call(server, "sendMessage", {"chat_id": 1001, "text": "x"}))[0] == 200
    server.block(1001)
    assert (await call(server, "sendMessage", {"chat_id": 1001, "text": "x"}))[0] == 403


async def test_a_rate_that_is_exceeded_is_answered_with_the_seconds_to_wait() -> None:
    now = 100.0
    async with TelegramServer(limits=Limits(a_second=3), clock=lambda: now) as server:
        server.meet(1001, started=True)
        statuses = [(await call(server, "sendMessage", {"chat_id": 1001, "text": f"{n}"}))[0] for n in range(3)]
        status, answer = await call(server, "sendMessage", {"chat_id": 1001, "text": "one too many"})
        assert statuses == [200, 200, 200]
        assert (status, answer["parameters"]) == (429, {"retry_after": 1})
        now = 101.0
        assert (await call(server, "sendMessage", {"chat_id": 1001, "text": "later"}))[0] == 200


def test_the_rates_are_sliding_windows() -> None:
    rates = Rates(Limits(a_second=30, a_minute_in_a_group=20, private_burst=2))
    assert [rates.take(-5, second) == 0 for second in range(21)] == [True] * 20 + [False]
    assert rates.take(-5, 60.0) == 0
    assert [rates.take(7, 100 + step / 10) == 0 for step in (0, 1, 2, 19, 20, 21)] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    assert sum(rates.take(member, 200.0) == 0 for member in range(1, 60)) == 30


async def test_a_kind_of_update_that_was_not_asked_for_does_not_come(server: TelegramServer) -> None:
    await call(server, "getUpdates", {"allowed_updates": ["callback_query"]})
    server.user_says(1001, "x")
    assert server.waiting == []


async def test_updates_stay_until_a_later_offset_confirms_them(server: TelegramServer) -> None:
    first, second = (server.user_says(1001, text)["update_id"] for text in ("one", "two"))
    for _ in range(2):
        _, answer = await call(server, "getUpdates", {"offset": 0})
        assert [update["update_id"] for update in answer["result"]] == [first, second]
    _, answer = await call(server, "getUpdates", {"offset": second})
    assert [update["update_id"] for update in answer["result"]] == [second]


async def test_it_can_be_run_alone_and_controlled_over_http() -> None:
    async with ControlledServer() as server, aiohttp.ClientSession(server.url) as session:
        async with session.post("/control/say", json={"user": 1001, "text": "/start"}) as response:
            assert (await response.json())["message"]["text"] == "/start"
        keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "consent:yes"}]]}
        await call(server, "sendMessage", {"chat_id": 1001, "text": "Well?", "reply_markup": keyboard})
        async with session.post("/control/press", json={"user": 1001, "label": "Yes"}) as response:
            assert (await response.json())["callback_query"]["data"] == "consent:yes"
        async with session.post("/control/press", json={"user": 1001, "label": "Maybe"}) as response:
            assert response.status == 400
        async with session.get("/control/chats/1001") as response:
            assert [line["text"] for line in await response.json()] == ["/start", "Well?"]
