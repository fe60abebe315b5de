"""That a person is typing, as Telegram shows it."""

from bots.telegram.messenger import TelegramMessenger
from core.places import Place
from tests.fakes.telegram_server import TelegramServer


async def test_it_is_shown_to_whom_it_goes(messenger: TelegramMessenger, server: TelegramServer) -> None:
    await messenger.show_typing(Place("telegram:7000000001", "1001"))
    assert server.called("sendChatAction") == [{"chat_id": 1001, "action": "typing"}]


async def test_a_sign_that_does_not_arrive_is_missed_by_nobody(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    await messenger.show_typing(Place("telegram:7000000001", "no number"))
    assert server.called("sendChatAction") == []
