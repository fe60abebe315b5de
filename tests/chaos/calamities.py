"""Calamities, carried out: whatever the script says goes wrong, goes wrong at its moment."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from tests.chaos.clock import Hands
from tests.chaos.house import House
from tests.chaos.platforms import INJECTED, Slack, Telegram
from tests.chaos.script import Blow, Calamity
from tests.chaos.stores import PostgresServer, SqliteFile, Store
from tests.fakes.slack_server import Failure

METHODS = ("sendMessage", "sendMessage", "editMessageText", "answerCallbackQuery")


@dataclass
class Calamities:
    house: House
    store: Store
    telegram: Telegram
    slack: Slack
    hands: Hands

    def __post_init__(self) -> None:
        self._store_is_hurt = asyncio.Lock()

    async def strike(self, calamities: Iterable[Calamity], begins: float) -> None:
        """All of them, each at its time; ends when the last is over."""
        await asyncio.gather(*(self._strike_at(one, begins) for one in calamities))

    async def _strike_at(self, one: Calamity, begins: float) -> None:
        await asyncio.sleep(max(0.0, begins + one.at - time.time()))
        worker = self.house.workers[one.which % len(self.house.workers)]
        anybody = self.house.names[one.which % len(self.house.names)]
        match one.blow:
            case Blow.KILL_WEB:
                self.house.kill(self.house.front, one.lasts)
            case Blow.KILL_WORKER:
                self.house.kill(worker, one.lasts)
            case Blow.KILL_SENDING:
                self.telegram.kills.append(lambda port: self.house.kill_whoever_speaks_from(port, one.lasts))
            case Blow.DEPLOY:
                await self.house.deploy(anybody, 0.0)
            case Blow.CLOCK:
                self.hands.move(one.by)
            case Blow.STORE_KILLED | Blow.STORE_PAUSED | Blow.STORE_LOCKED | Blow.STORE_FULL:
                async with self._store_is_hurt:
                    await self._hurt_store(one)
            case _:
                self._hurt_platform(one)

    async def _hurt_store(self, one: Calamity) -> None:
        match self.store, one.blow:
            case PostgresServer() as server, Blow.STORE_KILLED:
                await server.kill()
                await asyncio.sleep(one.lasts)
                await server.start()
            case PostgresServer() as server, _:
                await server.pause(one.lasts)
            case SqliteFile() as file, Blow.STORE_FULL:
                if pid := self.house.pid(self.house.front):
                    await file.fill(pid, one.lasts)
            case SqliteFile() as file, _:
                await file.lock(one.lasts)

    def _hurt_platform(self, one: Calamity) -> None:
        method, slack = METHODS[one.which % len(METHODS)], one.which % 3 == 0
        match one.blow:
            case Blow.SLOW_DOWN:
                after = 1 + one.which % 2
                self.telegram.fail(method, 429, f"Too Many Requests: {INJECTED}", times=one.times, retry_after=after)
                if slack:
                    self.slack.fail("chat.postMessage", Failure(status=429, retry_after=1))
            case Blow.FAULT:
                self.telegram.fail(method, 500, "Internal Server Error", times=one.times)
                if slack:
                    self.slack.fail("chat.postMessage", Failure(status=500))
            case Blow.HANG:
                self.telegram.hang(method, one.lasts, accepts=one.which % 2 == 0, times=one.times)
            case _:
                accepts = one.blow is Blow.DROP_AFTER
                self.telegram.drop(method, accepts=accepts, times=one.times)
                if slack:
                    self.slack.fail("chat.postMessage", Failure(drop=True, accepted=accepts))
