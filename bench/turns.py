"""Inbound turns a second through Telegram's webhook, the whole path to the commit, against the barest app that could.

**Ours** is a `folkmoot web` process. Members who agreed before go through a consultation (`journeys`): they come back,
begin, press an answer, pick one on a scale, write freely. Each turn is checked, read, decided, and committed with what
it brought about and what is to be said; only then comes the 200 that ends its span. Twenty are on their way at once,
each of another member, over connections kept alive. What is said is set aside between the blocks, for sending it is
the worker's work.

**The floor** (`plain`) is FastAPI over uvicorn with `Update.de_json` and one row committed, in the same kind of
database, and gets the same updates in the same way. Both are up all the time and take turns.

**Together with a worker**, without a goal: `folkmoot serve`, which sends the answers meanwhile, as it is on SQLite.

**Forged**: the same calls to ours with the wrong secret, against true ones. Where the server ends the connection after
such a call, opening the next one is in its span.
"""

from collections import deque
from collections.abc import Iterator
from statistics import median

from sqlalchemy import func, select, text, update

from bench.crowds import Crowd, gather, open_consultation
from bench.databases import Ground
from bench.journeys import ANSWERS, TURNS, journey
from bench.loads import Journey, load
from bench.measuring import Ratio, Result, Target, Wrong, turns
from bench.processes import SECRET, House, house, running
from core.deliveries import DeliveryState
from storage.database import Database
from storage.outgoing import PLANNED, delivery
from storage.tables import answer, inbound
from tests.fakes.telegram_payloads import TOKEN
from tests.patience import until

TARGET = Target(least=0.5)
FORGED = Target(most=1.0)
HOOK = "/telegram/webhook"
AT_ONCE = 20
MOST_A_SECOND = 2_500
"""More turns than any block can hold, so that nobody runs out of members."""


async def measure(ground: Ground, blocks: int = 5, seconds: float = 2.0, members: int = 0) -> list[Result]:
    url, plain = await ground.url(), await ground.address()
    members = members or round((blocks + 1) * seconds * MOST_A_SECOND / TURNS)
    async with Database(url) as database:
        await gather(database, Crowd(members))
        await open_consultation(database)
        async with running("bench.quick") as telegram, running("bench.plain", plain) as floor:
            settings = settings_for(url, telegram.url)
            async with house(ground.folder(), **settings) as built:
                await served(built, "web")
                ours, theirs = _Way(built.port, members), _Way(floor.port, members)
                rates, forged = await _blocks(ours, theirs, database, blocks, seconds)
            await _check(database, plain, ours, theirs)
            together = await _together(ground, database, ours, settings, seconds)
    return [
        Result(
            "turns through the webhook", median(rates["ours"]), "a second", median(rates["floor"]),
            "bare FastAPI, Update.de_json and one row", Ratio.of(rates["ours"], rates["floor"]), TARGET,
            ground.kind.written,
        ),
        Result("turns while a worker in the same process answers", together, "a second", database=ground.kind.written),
        Result(
            "forged calls of the webhook", 1e6 / median(forged), "µs", 1e6 / median(rates["ours"]), "true ones",
            Ratio.of(rates["ours"], forged), FORGED, ground.kind.written,
        ),
    ]  # fmt: skip


class _Way:
    """Into one app, with the journeys that its members are on."""

    def __init__(self, port: int, members: int) -> None:
        self.port, self.posted = port, 0
        self.journeys: deque[Journey] = deque(map(self._counted, range(1, members + 1)))

    def _counted(self, member: int) -> Journey:
        for body in journey(member):
            self.posted += 1
            yield body

    async def rate(self, seconds: float) -> float:
        return await load(self.port, HOOK, (_header(SECRET),), self.journeys, AT_ONCE, seconds, 200)


async def _blocks(
    ours: _Way, theirs: _Way, database: Database, blocks: int, seconds: float
) -> tuple[dict[str, list[float]], list[float]]:
    rates: dict[str, list[float]] = {"ours": [], "floor": []}
    ways, forged = {"ours": ours, "floor": theirs}, []
    for way in ways.values():  # the first requests warm both up
        await way.rate(seconds / 4)
    for block in range(blocks):
        for who in turns(block, *ways):
            rates[who].append(await ways[who].rate(seconds))
        forged.append(await forge(ours.port, seconds / 4))
        await _set_aside(database)
    return rates, forged


async def forge(port: int, seconds: float) -> float:
    body = next(journey(1))
    endless: deque[Journey] = deque(_again(body) for _ in range(AT_ONCE))
    return await load(port, HOOK, (_header("forged"),), endless, AT_ONCE, seconds, 403)


def _again(body: bytes) -> Iterator[bytes]:
    while True:
        yield body


async def _together(ground: Ground, database: Database, way: _Way, settings: dict[str, str], seconds: float) -> float:
    async with house(ground.folder(), **settings) as built:
        await served(built, "serve")
        way.port = built.port
        await way.rate(seconds / 4)
        return await way.rate(seconds)


async def _set_aside(database: Database) -> None:
    """What was to be said, as a worker would have marked it."""
    said = update(delivery).where(text(PLANNED)).values(state=DeliveryState.SENT.value, content=None, message="1")
    async with database.writing() as connection:
        await connection.execute(said)


async def _check(database: Database, plain: str, ours: _Way, theirs: _Way) -> None:
    async with Database(plain) as floor, floor.reading() as connection:
        rows = await connection.scalar(text("SELECT count(*) FROM plain_update"))
    if rows != theirs.posted:
        raise Wrong(f"of {theirs.posted} updates the floor kept {rows}")
    async with database.reading() as connection:
        taken = await connection.scalar(select(func.count()).select_from(inbound)) or 0
        answers = await connection.scalar(select(func.count()).select_from(answer)) or 0
        said = await connection.scalar(select(func.count()).select_from(delivery)) or 0
    if taken != ours.posted or said < taken or answers < (taken // TURNS - AT_ONCE) * ANSWERS:
        raise Wrong(f"of {ours.posted} turns {taken} were kept, with {answers} answers and {said} messages")


def settings_for(database: str, telegram: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database, "SECRET_KEY": "the same in each", "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram, "TELEGRAM_WEBHOOK_SECRET": SECRET,
    }  # fmt: skip


async def served(built: House, *command: str) -> None:
    """Once it knows its bot; until then it would send updates away."""
    await built.serve(*command)
    await until(lambda: "connected as" in built.log(), "Telegram to be connected")


def _header(secret: str) -> str:
    return f"x-telegram-bot-api-secret-token: {secret}"
