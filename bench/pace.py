"""Sends at Telegram's own pace: what a real worker gets through a server that keeps the limit, against the limit.

A `folkmoot worker` process has a broadcast to send, over the tests' Telegram in a process of its own (`limited`), which
takes 30 messages in any second and answers 429 to more. What it took is counted over so many seconds, from two after
the first message on: the first second is that of whoever may have had the lane before.
"""

import asyncio
import json
from dataclasses import dataclass

from bench.crowds import Crowd, gather
from bench.databases import Ground
from bench.measuring import Ratio, Result, Target, Wrong
from bench.planning import plan
from bench.processes import PATIENCE, ask, house, running
from bench.turns import settings_for
from core.pace import TELEGRAM
from storage.database import Database

TARGET, NONE = Target(least=0.98), Target(most=0.0)
WARM = 2.0
"""Seconds after the first message."""

assert TELEGRAM.lane is not None  # noqa: S101
LIMIT = TELEGRAM.lane.count / TELEGRAM.lane.seconds


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server took: to whom, and when by the machine's steady clock."""

    messages: tuple[tuple[int, float], ...]
    refused: int

    def between(self, begin: float, end: float) -> int:
        return sum(begin <= at < end for _, at in self.messages)


async def measure(ground: Ground, seconds: float = 10.0) -> list[Result]:
    url = await ground.url()
    async with Database(url) as database:
        await gather(database, Crowd(round((seconds + WARM + 5) * LIMIT)))
        await plan(database)
    async with running("bench.limited") as server, house(ground.folder(), **settings_for(url, server.url)) as built:
        worker = built.start("worker")
        await first(server.port)
        await asyncio.sleep(WARM + seconds + 0.5)
        found = await seen(server.port)
        if worker.poll() is not None:
            raise Wrong(f"the worker ended:\n{built.log()}")
    begin = found.messages[0][1] + WARM
    rate = found.between(begin, begin + seconds) / seconds
    if len({chat for chat, _ in found.messages}) != len(found.messages):
        raise Wrong("somebody was written to twice")
    ratio, where = Ratio.of([rate], [LIMIT]), ground.kind.written
    return [
        Result("sends at the platform’s pace", rate, "a second", LIMIT, "what Telegram allows", ratio, TARGET, where),
        Result("429s earned by them", found.refused, "", goal=NONE, database=where),
    ]


async def first(port: int) -> Seen:
    """Once the first message has arrived."""
    ends = asyncio.get_running_loop().time() + PATIENCE
    while not (found := await seen(port)).messages:
        if asyncio.get_running_loop().time() > ends:
            raise Wrong("no message arrived")
        await asyncio.sleep(0.05)
    return found


async def seen(port: int, since: int = 0) -> Seen:
    told = json.loads(await ask(port, f"/seen/{since}"))
    return Seen(tuple((chat, at) for chat, at in told["seen"]), told["refused"])
