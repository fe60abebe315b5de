"""How the cost of one grows with how many there are: from a thousand to a million, each in a database of its own.

**Planning a member**: a page of the broadcast, over the members that it goes through (at a thousand the page is a
thousand). **Claiming a delivery**: `Outbox.claim` of what a worker claims at a time, six, over the six, from a lane in
which so many are planned, and put back between. **A turn**: `/help` of a member among so many, from
`Conversation.receive` to its return. **Finding a story**: `Store.idea` by its code, among so many entries. All are
medians, in this process, over warm connections.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from statistics import median
from time import perf_counter

from sqlalchemy import literal, select, text, update

from bench.crowds import FIRST_USER, TELEGRAM, Crowd, analyze, gather
from bench.databases import Ground
from bench.measuring import Ratio, Result, Wrong
from bench.planning import order
from bench.stories import PAGE as IDEAS_AT_ONCE
from bench.stories import SINCE, STORY, an_idea, code_of
from core.conversation import Conversation
from core.deliveries import DeliveryState
from core.inbound import Commanded, Inbound
from core.members import Address
from core.places import Place
from core.texts import load_texts
from folkmoot.clockwork import SecretMint, SystemClock
from folkmoot.metronome import PAGE
from storage.database import Database, insert
from storage.outbox import SqlOutbox
from storage.outgoing import delivery
from storage.planning import SqlPlanner
from storage.store import SqlStore
from storage.tables import idea, member, story

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CLAIMED = 6
TIMES = 200
WORDS = "The library should be open on Sunday, for that is when pupils have the time to come."


@dataclass(frozen=True, slots=True)
class Point:
    """What one costs among so many, in microseconds."""

    what: str
    database: str
    among: int
    cost: float


async def measure(ground: Ground, sizes: Sequence[int] = SIZES, times: int = TIMES) -> list[Result]:
    return results(await points(ground, sizes, times))


async def points(ground: Ground, sizes: Sequence[int] = SIZES, times: int = TIMES) -> list[Point]:
    """Where planning has left a database of that size on the ground, it goes on with that, and with what that cost."""
    found = []
    for among in sizes:
        costs = await _costs(ground, among, times)
        found += [Point(what, ground.kind.written, among, seconds * 1e6) for what, seconds in costs.items()]
    return found


def results(points: Sequence[Point]) -> list[Result]:
    """Of the greatest number against the least; no goal is set."""
    found = []
    for what, where in dict.fromkeys((one.what, one.database) for one in points):
        few, *_, many = sorted((p for p in points if (p.what, p.database) == (what, where)), key=lambda p: p.among)
        ratio = Ratio.of([many.cost], [few.cost])
        against = f"among {few.among:,}"
        found.append(Result(f"{what}, among {many.among:,}", many.cost, "µs", few.cost, against, ratio, None, where))
    return found


async def _costs(ground: Ground, among: int, times: int) -> Mapping[str, float]:
    there = ground.planned if ground.planned and ground.planned.members == among else None
    url = there.url if there else await ground.url()
    async with Database(url) as database:
        if not there:
            await gather(database, Crowd(among, varied=True))
        planning = there.seconds if there else await _planning(database)
        await _write_stories(database, among)
        await analyze(database)
        found = {
            "planning a member": planning,
            "claiming a delivery": await _claiming(database, times) / CLAIMED,
            "a turn": await _turning(database, among, times),
            "finding a story": await _finding(database, among, times),
        }
    ground.planned = None if there else ground.planned
    await ground.drop(url)
    return found


async def _planning(database: Database) -> float:
    broadcast, not_before = await order(database)
    pages = list[float]()
    async with database.reading() as connection:
        members = len((await connection.scalars(select(member.c.id).limit(PAGE))).all())
    while not broadcast.is_planned:
        begun, before = perf_counter(), broadcast.planned
        broadcast = await SqlPlanner(database).plan_page(broadcast, not_before, None, PAGE)
        if broadcast.planned > before:
            pages.append((perf_counter() - begun) / members)
    return median(pages)


async def _claiming(database: Database, times: int) -> float:
    outbox, now = SqlOutbox(database), datetime.now(UTC) + timedelta(days=2)  # when no zone is asleep any more
    leases = await outbox.take_lanes("bench", now, now + timedelta(hours=1))
    lease = next(one for one in leases if one.account == TELEGRAM)
    put_back = update(delivery).where(text("state = 'claimed'")).values(state=DeliveryState.PLANNED.value)

    async def claim() -> None:
        if len(await outbox.claim(lease, now, CLAIMED)) != CLAIMED:
            raise Wrong("fewer were claimed than were due")

    async def afterwards() -> None:
        async with database.writing() as connection:
            await connection.execute(put_back)

    return await _median(claim, times, afterwards)


async def _turning(database: Database, among: int, times: int) -> float:
    clock, dice, numbers = SystemClock(), Random(1), count(1)  # noqa: S311  the same members in every run
    conversation = Conversation(SqlStore(database), clock, SecretMint(), load_texts())

    async def turn() -> None:
        who = Address(TELEGRAM, str(FIRST_USER + dice.randint(1, among)))
        inbound = Inbound(f"bench:{next(numbers)}", who, Place.private_to(who), clock.now(), Commanded("help"))
        made = await conversation.receive(inbound)
        if made is None or not made.says:
            raise Wrong("a turn said nothing")

    return await _median(turn, times)


async def _finding(database: Database, among: int, times: int) -> float:
    store, dice = SqlStore(database), Random(1)  # noqa: S311

    async def find() -> None:
        found = await store.idea(code_of(dice.randrange(_ideas(among))))
        if found is None or len(found.story) != len(STORY):
            raise Wrong("a story wasn’t found, or not the whole of it")

    return await _median(find, times)


async def _median(
    do: Callable[[], Awaitable[None]], times: int, afterwards: Callable[[], Awaitable[None]] | None = None
) -> float:
    took = []
    for number in range(-times // 10, times):
        begun = perf_counter()
        await do()
        if number >= 0:
            took.append(perf_counter() - begun)
        if afterwards:
            await afterwards()
    return median(took)


def _ideas(entries: int) -> int:
    return max(entries // len(STORY), 1)


async def _write_stories(database: Database, entries: int) -> None:
    """The ideas one by one, for their codes are made here; their entries inside the database. Not sealed, for finding
    an idea doesn’t look at the ledger."""
    ideas = range(_ideas(entries))
    for start in range(0, len(ideas), IDEAS_AT_ONCE):
        rows = [an_idea(code_of(number), 1, len(STORY)) for number in ideas[start : start + IDEAS_AT_ONCE]]
        async with database.writing() as connection:
            await connection.execute(insert(connection, idea).inline(), rows)
    async with database.writing() as connection:
        for kind in STORY:  # so that the entries of one story lie far apart, as they do in life
            entry = select(idea.c.code, literal(kind.value), literal(SINCE, story.c.at.type), literal(WORDS))
            write = insert(connection, story).from_select(["idea", "kind", "at", "text"], entry, include_defaults=False)
            await connection.execute(write)
