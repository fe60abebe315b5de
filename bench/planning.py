"""Planning a broadcast to a million members, against the bare writing of the same rows.

**Ours** is `Planner.plan_page` with pages of 5,000 members, each a transaction. Those get a delivery who agreed,
haven't said STOP and haven't finished, each at the time that keeps the quiet hours of their zone, and not before the
weekly budget lets it. The members are as varied as members are (`crowds`). The metronome makes its pages smaller on
SQLite and rests between them, so that conversations go on: that costs time, and isn't in here.

**The floor** writes the same rows into the same table once more, in pages of as many and in transactions of its own:
`INSERT … SELECT … ON CONFLICT (key) DO NOTHING`, over rows that are judged already and by their numbers. Only the
account differs, and what makes the key another. They take turns every twenty pages.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from sqlalchemy import func, literal, select

from bench.crowds import Crowd, analyze, gather, open_consultation
from bench.databases import Ground, Planned
from bench.measuring import Ratio, Result, Target, Wrong
from core.consultations import Audience, NudgeKind
from core.events import BroadcastOrdered
from core.nudges import BUDGET_SPAN, Manners, out_of_quiet
from core.ports import Allowance, Broadcast
from folkmoot.metronome import PAGE
from storage.database import Database, insert
from storage.outgoing import delivery
from storage.planning import SqlPlanner
from storage.store import SqlStore

TARGET = Target(least=0.5)
PAGES = 20
"""In one block."""

FLOOR = "floor:1"
COPIED = tuple(
    column
    for column in delivery.c
    if column.name not in ("id", "account", "key", "broadcast_id", "at", "message", "why", "content", "asked_at")
)


async def measure(ground: Ground, members: int = 1_000_000, page: int = PAGE) -> list[Result]:
    """The planned database is kept on the ground, for whoever measures what comes after planning."""
    url = await ground.url()
    async with Database(url) as database:
        await gather(database, Crowd(members, varied=True))
        broadcast, not_before = await order(database)
        allowance = Allowance(Manners().budget, BUDGET_SPAN, datetime.now(UTC))
        planner, ours, floor, read, asked = SqlPlanner(database), list[float](), list[float](), 0, broadcast.planned
        while not broadcast.is_planned:
            begun, before = perf_counter(), broadcast.planned
            for _ in range(PAGES):
                if not broadcast.is_planned:
                    broadcast = await planner.plan_page(broadcast, not_before, None, page, allowance)
            took = perf_counter() - begun
            if (written := broadcast.planned - before) < page // 2:
                continue  # what was left over, less than a page
            read, seconds = await _copy(database, read, written, page)
            ours.append(took / written)
            floor.append(seconds / written)
        asked = broadcast.planned
        await _check(database, members, asked)
    ground.planned = Planned(url, members, median(ours) * asked / members)
    speed, bare = 1 / median(ours), 1 / median(floor)
    return [
        Result(
            f"members planned, of {members:,}", speed, "a second", bare, "bare INSERT … SELECT … ON CONFLICT",
            Ratio.of(floor, ours), TARGET, ground.kind.written, f"{asked:,} rows in {asked / speed:.1f} s",
        )
    ]  # fmt: skip


async def order(database: Database, slug: str = "bench") -> tuple[Broadcast, Mapping[str | None, datetime]]:
    """A broadcast that is due, and from when on it may go out in each zone."""
    await open_consultation(database, slug)
    now = datetime.now(UTC)
    ordered = BroadcastOrdered(f"{slug}/now", slug, "now", NudgeKind.INVITATION, Audience(), now)
    await SqlStore(database).record([ordered])
    planner = SqlPlanner(database)
    broadcast = next(one for one in await planner.unplanned(now) if one.id == ordered.id)
    found = await SqlStore(database).consultation(slug)
    assert found is not None  # noqa: S101  it was opened just now
    zones = {*await planner.zones(), None}
    return broadcast, {zone: out_of_quiet(now, zone or found.timezone, Manners()) for zone in zones}


async def plan(database: Database, slug: str = "bench") -> Broadcast:
    """The whole of it, at once."""
    broadcast, not_before = await order(database, slug)
    while not broadcast.is_planned:
        broadcast = await SqlPlanner(database).plan_page(broadcast, not_before, None, PAGE)
    await analyze(database)
    return broadcast


async def _copy(database: Database, after: int, rows: int, size: int) -> tuple[int, float]:
    """The floor. Where it has read up to then, and its seconds; finding out where the pages begin isn't in them."""
    planned = select(delivery.c.id).where(
        delivery.c.id > after, delivery.c.account != FLOOR, delivery.c.state == "planned"
    )
    async with database.reading() as connection:
        numbers = list(await connection.scalars(planned.order_by(delivery.c.id).limit(rows)))
    if len(numbers) != rows:
        raise Wrong(f"{rows} deliveries were planned, and {len(numbers)} found")
    seconds = 0.0
    for start in range(0, rows, size):
        page = numbers[start : start + size]
        chosen = (delivery.c.id >= page[0], delivery.c.id <= page[-1])
        values = select(literal(FLOOR), literal("floor:") + delivery.c.key, literal(0), *COPIED).where(*chosen)
        names = ["account", "key", "broadcast_id", *(column.name for column in COPIED)]
        begun = perf_counter()
        async with database.writing() as connection:
            write = insert(connection, delivery).from_select(names, values, include_defaults=False)
            written = await connection.execute(write.on_conflict_do_nothing(index_elements=["key"]))
        seconds += perf_counter() - begun
        if written.rowcount != len(page):
            raise Wrong(f"the floor wrote {written.rowcount} rows of {len(page)}")
    return numbers[-1], seconds


async def _check(database: Database, members: int, asked: int) -> None:
    counted = select(delivery.c.account, func.count(), func.count(delivery.c.not_before.distinct()))
    async with database.reading() as connection:
        rows = (
            await connection.execute(counted.where(delivery.c.state == "planned").group_by(delivery.c.account))
        ).all()
    times = {count for account, _, count in rows if account != FLOOR}
    if not 0.6 < asked / members < 0.95 or times == {1}:
        raise Wrong(f"{asked} of {members} were to be asked, at {times} different times")
