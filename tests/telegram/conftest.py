"""A bot of the real client library, connected to the fake Telegram."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bots.telegram.account import TelegramBot, open_bot
from bots.telegram.messenger import TelegramMessenger
from tests.fakes.telegram_server import TOKEN, TelegramServer


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def bot(server: TelegramServer, session: aiohttp.ClientSession) -> TelegramBot:
    return await open_bot(TOKEN, server.url, session)


@pytest.fixture
def messenger(bot: TelegramBot, server: TelegramServer) -> TelegramMessenger:
    server.meet(1001, started=True)
    return TelegramMessenger(bot, bot.username)
