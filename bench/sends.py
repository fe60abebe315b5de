"""Sends a second by one worker with the limit lifted, everything recorded, against the bare library, nothing recorded.

**Ours** is a `Lane` as the worker runs it, without a limit of the lane: an invitation is claimed, its receiver judged,
the words chosen and rendered, sent through `TelegramMessenger`, and the outcome marked. A span goes from the start of
the lane until it has given itself back, with all that it sent recorded.

**The floor** is python-telegram-bot's own `Bot.send_message` over aiohttp, with the same words and button, as many at
once, to the same server (`quick`, in a process of its own), and nothing is kept of it. They take turns, each in this
process alone.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from statistics import median
from time import perf_counter

import aiohttp
from sqlalchemy import func, select
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity

from bench.crowds import FIRST_USER, TELEGRAM, Crowd, gather
from bench.databases import Ground
from bench.measuring import Ratio, Result, Target, Wrong, turns
from bench.planning import plan
from bench.processes import Program, ask, running
from bots.telegram.account import open_bot
from bots.telegram.messenger import TelegramMessenger
from bots.telegram.request import AiohttpRequest
from core.inbound import Inbound
from core.nudges import Manners
from core.pace import Limits
from core.texts import load_texts
from folkmoot.clockwork import SystemClock
from folkmoot.lane import MOST_IN_FLIGHT, Lane
from storage.database import Database
from storage.outbox import SqlOutbox
from storage.outgoing import delivery
from storage.store import SqlStore
from tests.fakes.telegram_payloads import TOKEN

TARGET, SPEED = Target(least=0.6), Target(least=1_000.0)
MOST_A_SECOND = 2_500
WORDS = "\n\n".join(
    (
        "Parks",
        "You are asked:",
        "Which park shall we mend first?",
        "Open until it is closed.",
        "STOP ends these messages.",
    )
)


async def measure(ground: Ground, blocks: int = 4, seconds: float = 2.0, members: int = 0) -> list[Result]:
    async with await ground.database() as database, running("bench.quick") as server:
        await gather(database, Crowd(members or round((blocks + 1) * seconds * MOST_A_SECOND)))
        await plan(database)
        async with _session() as session:
            ways: dict[str, _Ours | _Bare] = {"ours": _Ours(database, server, session), "floor": _Bare(server, session)}
            for way in ways.values():
                await way.rate(seconds / 4)
            rates: dict[str, list[float]] = {who: [] for who in ways}
            for block in range(blocks):
                for who in turns(block, *ways):
                    rates[who].append(await ways[who].rate(seconds))
        await _check(database, server, sum(way.sent for way in ways.values()), ways["ours"].sent)
    ours, bare, where = median(rates["ours"]), median(rates["floor"]), ground.kind.written
    ratio = Ratio.of(rates["ours"], rates["floor"])
    return [
        Result(
            "sends without a limit", ours, "a second", bare, "python-telegram-bot, unrecorded", ratio, TARGET, where
        ),
        Result("sends without a limit, recorded", ours, "a second", goal=SPEED, database=where),
    ]


@asynccontextmanager
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    """As the product opens its own."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:
        yield session


class _Ours:
    def __init__(self, database: Database, server: Program, session: aiohttp.ClientSession) -> None:
        self.sent = 0
        self._database, self._server, self._session = database, server, session
        self._outbox, self._store, self._clock = SqlOutbox(database), SqlStore(database), SystemClock()
        self._owners = count(1)

    async def rate(self, seconds: float) -> float:
        bot = await open_bot(TOKEN, self._server.url, self._session)
        before, now = await recorded(self._database), self._clock.now()
        [lease] = await self._outbox.take_lanes(f"bench-{next(self._owners)}", now, now + timedelta(minutes=5))
        lane = Lane(
            lease, TelegramMessenger(bot, bot.username), Limits(), self._outbox, self._store, self._take, self._clock,
            load_texts(), Manners(),
        )  # fmt: skip
        begun = perf_counter()
        running = asyncio.create_task(lane.run())
        await asyncio.wait([running], timeout=seconds)
        if running.done():
            raise Wrong("the lane ended by itself")
        lane.stop()
        await running
        took = perf_counter() - begun
        sent = await recorded(self._database) - before
        self.sent += sent
        return sent / took

    async def _take(self, inbound: Inbound) -> None:
        raise Wrong(f"nobody was to leave, but {type(inbound.deed).__name__}")


class _Bare:
    def __init__(self, server: Program, session: aiohttp.ClientSession) -> None:
        self.sent = 0
        request = AiohttpRequest(session)
        self._bot = Bot(TOKEN, f"{server.url}/bot", f"{server.url}/file/bot", request, request)
        self._keys = InlineKeyboardMarkup([[InlineKeyboardButton("Answer", callback_data="begin:bench")]])
        self._bold = [MessageEntity(MessageEntity.BOLD, 0, len("Parks"))]
        self._chats = count(FIRST_USER)

    async def rate(self, seconds: float) -> float:
        before, begun = self.sent, perf_counter()

        async def keep_on() -> None:
            while perf_counter() - begun < seconds:
                message = await self._bot.send_message(
                    next(self._chats), WORDS, entities=self._bold, reply_markup=self._keys,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )  # fmt: skip
                self.sent += message.text == WORDS

        await asyncio.gather(*(keep_on() for _ in range(MOST_IN_FLIGHT)))
        return (self.sent - before) / (perf_counter() - begun)


async def recorded(database: Database) -> int:
    """Deliveries that are marked as sent, with the number that the platform gave the message."""
    sent = select(func.count()).where(delivery.c.state == "sent", delivery.c.account == TELEGRAM)
    async with database.reading() as connection:
        return await connection.scalar(sent.where(delivery.c.message != "")) or 0


async def _check(database: Database, server: Program, sent: int, ours: int) -> None:
    taken = json.loads(await ask(server.port, "/taken"))["result"]["taken"]
    async with database.reading() as connection:
        left = await connection.scalar(select(func.count()).where(delivery.c.state == "planned")) or 0
    if taken != sent or not ours or not left:
        raise Wrong(f"{sent} messages were sent, {ours} of them by us, {taken} were taken, and {left} are left")
