"""Telegram and Slack as a run needs them: every message that arrives is noted with the moment, whoever sends can be
killed in the middle of it, and every update is posted again until it is acknowledged.

They live in the driver's process: it is not the platforms that are tried here.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
from aiohttp import web

from tests.chaos.clock import Hands
from tests.chaos.record import Arrival, Posting
from tests.fakes.slack_sender import Payload, SlackSender
from tests.fakes.slack_server import Answer, FakeSlack, direct
from tests.fakes.telegram_payloads import BOT_ID, Json, build_update
from tests.fakes.telegram_server import TelegramServer

TELEGRAM, SLACK = f"telegram:{BOT_ID}", "slack:T1"
SECRET, SIGNING = "a-webhook-secret", "a-signing-secret"
ANSWERED_WITHIN = 20.0
"""Seconds that the platform waits for the answer to an update before it counts as none."""

JUST_BEFORE = 6.0
"""Seconds within which the clock may have been moved under a message that was judged by it and is on its way."""

INJECTED = "injected"
MESSAGES = ("sendMessage", "editMessageText", "sendDocument", "sendPhoto")


class Telegram(TelegramServer):
    def __init__(self, hands: Hands) -> None:
        super().__init__(clock=time.monotonic)
        self.world.clock = lambda: hands.now().timestamp()
        self.arrivals: list[Arrival] = []
        self.kills: list[Callable[[int], None]] = []
        """Told the port from which the next message comes, once it is carried out and before that is answered."""
        self._hands = hands
        self.pushed: Callable[[Json], None] = lambda update: None

    def push(self, kind: str, content: Json) -> Json:
        self._next_update += 1
        update = build_update(kind, content, self._next_update)
        self.pushed(update)
        return update

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer = await super()._answer(request)
        if self.kills and request.match_info["method"] == "sendMessage" and request.transport:
            self.kills.pop()(request.transport.get_extra_info("peername")[1])
        return answer

    async def _do(self, method: str, parameters: Json) -> Any:
        real = time.time()
        result = await super()._do(method, parameters)
        if method in MESSAGES:
            shown = self._hands.shown(real, JUST_BEFORE)
            changed, words = method == "editMessageText", parameters.get("text", "")
            user, number = str(parameters["chat_id"]), str(result["message_id"])
            self.arrivals.append(Arrival(TELEGRAM, user, number, words, real, shown, changed))
        return result

    def relent(self) -> None:
        """No more faults."""
        self._faults.clear()
        self.kills.clear()

    @property
    def earned(self) -> tuple[str, ...]:
        """429s that were nobody's injection."""
        refused = (refusal for _, refusal in self.refused if refusal.code == 429)
        return tuple(one.description for one in refused if INJECTED not in one.description)


class Slack(FakeSlack):
    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.arrivals: list[Arrival] = []
        self._hands = hands

    def _post(self, args: Answer, token: str) -> Answer:
        return self._noted(super()._post(args, token), args, is_change=False)

    def _update(self, args: Answer, token: str) -> Answer:
        return self._noted(super()._update(args, token), args, is_change=True)

    def _noted(self, answer: Answer, args: Answer, *, is_change: bool) -> Answer:
        if answer["ok"]:
            real, user = time.time(), answer["channel"].removeprefix(direct(""))
            shown = self._hands.shown(real, JUST_BEFORE)
            self.arrivals.append(Arrival(SLACK, user, answer["ts"], args["text"], real, shown, is_change))
        return answer

    def relent(self) -> None:
        self.failures.clear()


class Post:
    """Posts each update until it is acknowledged: one member's one after the other, everybody's at the same time."""

    def __init__(self, telegram: Telegram, url: str, session: aiohttp.ClientSession, seed: int) -> None:
        self._telegram, self._url, self._seed = telegram, url, seed
        self._slack = SlackSender(f"{url}/slack/events", SIGNING, session)
        self._dice: dict[str, random.Random] = {}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.postings: dict[str, Posting] = {}

    @property
    def waiting(self) -> list[str]:
        return [key for key, one in self.postings.items() if one.acknowledged is None and not one.may_fail]

    async def update(self, update: Json, user: str, twice: int, what: str, about: str, words: str) -> Posting:
        async def once(_: int) -> int:
            async with asyncio.timeout(ANSWERED_WITHIN):
                return await self._telegram.post(update, secret=SECRET, url=f"{self._url}/telegram/webhook")

        key = f"{TELEGRAM}:{update['update_id']}"
        async with self._turns[user]:
            return await self._until_taken(key, user, twice, (what, about, words), once)

    async def event(self, payload: Payload, user: str, twice: int, what: str, about: str, words: str) -> Posting:
        async def once(attempt: int) -> int:
            async with asyncio.timeout(ANSWERED_WITHIN):
                return (await self._slack.event(payload, attempt=attempt))[0]

        key = f"{SLACK}:{payload['event_id']}"
        return await self._until_taken(key, user, twice, (what, about, words), once)

    async def press(self, payload: Payload, user: str, what: str, about: str, words: str) -> Posting:
        """Posted once: where it fails, Slack tells the person, who presses again."""

        async def once(_: int) -> int:
            async with asyncio.timeout(ANSWERED_WITHIN):
                return (await self._slack.interaction(payload))[0]

        key = f"{SLACK}:{payload['trigger_id']}"
        self.postings[key] = Posting(key, user, what, about, words, time.time(), None, may_fail=True)
        self._note(key, await _status(once, 0))
        return self.postings[key]

    async def _until_taken(
        self, key: str, user: str, twice: int, meant: tuple[str, str, str], once: Callable[[int], Awaitable[int]]
    ) -> Posting:
        dice = self._dice.setdefault(user, random.Random(f"{self._seed} {user}"))
        self.postings[key] = Posting(key, user, *meant, time.time(), None)
        pause, attempt = 0.05, 0
        while self.postings[key].acknowledged is None:
            copies = 1 + (dice.randrange(100) < twice)
            for status in await asyncio.gather(*(_status(once, attempt) for _ in range(copies))):
                self._note(key, status)
            attempt += 1
            if self.postings[key].acknowledged is None:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
        return self.postings[key]

    def _note(self, key: str, status: int) -> None:
        one = self.postings[key]
        taken = time.time() if 200 <= status < 300 and one.acknowledged is None else one.acknowledged
        self.postings[key] = replace(one, statuses=(*one.statuses, status), acknowledged=taken)


async def _status(once: Callable[[int], Awaitable[int]], attempt: int) -> int:
    """0 where there was no answer."""
    try:
        return await once(attempt)
    except (TimeoutError, aiohttp.ClientError, OSError):
        return 0
