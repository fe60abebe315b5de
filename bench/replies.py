"""How long a reply takes while a broadcast to very many is planned and goes out, against when nothing else goes on.

**A reply** is the answer to `/help`: from when its update should have been posted to the webhook (so many a second, of
one member after the other, whether or not those before are answered) until the message arrives at the platform. Real
processes all of them: `folkmoot serve` on SQLite, `folkmoot web` and `folkmoot worker` on PostgreSQL, and the tests'
Telegram with its limit of 30 a second (`limited`), which the replies share with the broadcast.

**The floor** is the same just before, when nothing else is planned or sent. The consultation is opened when the
other half begins, so that planning its invitations falls into it.
"""

import asyncio
from collections import defaultdict
from statistics import median
from time import monotonic

from bench.crowds import FIRST_USER, SLUG, Crowd, consultation, gather
from bench.databases import Ground, Kind
from bench.journeys import call_for_help
from bench.loads import Line
from bench.measuring import Ratio, Result, Target, Wrong, p99
from bench.pace import seen
from bench.processes import SECRET, house, running
from bench.turns import HOOK, served, settings_for
from core.events import ConsultationLoaded, ConsultationOpened
from folkmoot.clockwork import SystemClock
from storage.database import Database
from storage.store import SqlStore
from tests.patience import until

TARGET = Target(most=2.0)
PEOPLE = 50
LATEST = 60.0
"""Seconds within which a reply has to be there."""


async def measure(
    ground: Ground, members: int = 100_000, seconds: float = 20.0, rate: float = 8.0, least: float = 5.0
) -> list[Result]:
    """Where fewer than `least` invitations a second went out, nothing was measured: raises Wrong."""
    url, now = await ground.url(), SystemClock().now()
    async with Database(url) as database, running("bench.limited") as server:
        await gather(database, Crowd(PEOPLE, has_consented=False))  # so that no invitation is taken for a reply
        await gather(database, Crowd(members))
        store = SqlStore(database)
        await store.record([ConsultationLoaded(consultation(now, invites=True), now)])
        async with house(ground.folder(), **settings_for(url, server.url)) as built:
            await served(built, "serve" if ground.kind is Kind.SQLITE else "web")
            if ground.kind is Kind.POSTGRES:
                built.start("worker")
                await until(lambda: built.log().count("connected as") == 2, "the worker to know its bot")
            people = _People(built.port, server.port)
            await people.ask(3.0, rate)  # warm
            idle = await people.ask(seconds, rate)
            await store.record([ConsultationOpened(SLUG, SystemClock().now())])
            busy = await people.ask(seconds, rate)
        sent = await _invitations(server.port)
    if sent < seconds * least:
        raise Wrong(f"only {sent} invitations went out meanwhile")
    where = ground.kind.written
    how = f"p99 of {len(busy)}; median {median(busy) * 1000:.0f} ms against {median(idle) * 1000:.0f} ms"
    return [
        Result(
            f"a reply while {members:,} are invited", p99(busy) * 1000, "ms", p99(idle) * 1000, "when nothing goes on",
            Ratio.of([p99(busy)], [p99(idle)]), TARGET, where, how,
        ),
        Result("invitations that went out meanwhile", sent / seconds, "a second", database=where),
    ]  # fmt: skip


class _People:
    """Who ask for help, one after the other."""

    def __init__(self, port: int, telegram: int) -> None:
        self._port, self._telegram, self._asked = port, telegram, 0
        self._due: defaultdict[int, list[float]] = defaultdict(list)

    async def ask(self, seconds: float, rate: float) -> list[float]:
        """The seconds until each had their reply."""
        self._due.clear()
        before = len((await seen(self._telegram)).messages)
        begun, number = monotonic(), 0
        posts = set[asyncio.Task[None]]()
        while (due := begun + number / rate) < begun + seconds:
            await asyncio.sleep(due - monotonic())
            self._asked, number = self._asked + 1, number + 1
            posts.add(asyncio.create_task(self._post(self._asked % PEOPLE + 1, due)))
        await asyncio.gather(*posts)
        return await self._waits(before, number)

    async def _post(self, member: int, due: float) -> None:
        self._due[FIRST_USER + member].append(due)
        line = await Line.to(self._port)
        status = await line.post(HOOK, call_for_help(member), f"x-telegram-bot-api-secret-token: {SECRET}")
        await line.close()
        if status != 200:
            raise Wrong(f"an update was answered with {status}")

    async def _waits(self, before: int, asked: int) -> list[float]:
        """A member's replies come in the order in which they asked."""
        ends = monotonic() + LATEST
        while monotonic() < ends:
            came: defaultdict[int, list[float]] = defaultdict(list)
            for chat, at in (await seen(self._telegram, before)).messages:
                came[chat].append(at)
            waits = [at - due for chat, dues in self._due.items() for due, at in zip(dues, came[chat], strict=False)]
            if len(waits) == asked:
                return waits
            await asyncio.sleep(0.1)
        raise Wrong(f"of {asked} who asked, {len(waits)} had a reply")


async def _invitations(port: int) -> int:
    people = range(FIRST_USER, FIRST_USER + PEOPLE + 1)
    return sum(chat not in people for chat, _ in (await seen(port)).messages)
