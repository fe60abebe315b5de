"""How a consultation goes while it runs. Indexes answer, and what a broadcast came to that is over is counted once."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import Audience
from core.deeds import By, Deed
from core.deliveries import DeliveryState
from core.ideas import Idea
from core.places import Place
from core.ports import Broadcast, Post
from core.watching import LATELY, LATEST_IDEAS, Seat, Sending, Watched
from storage import audiences, ideas
from storage.broadcasts import find_broadcast, may_be_resent, read_broadcast
from storage.consultations import find_consultation
from storage.database import Database
from storage.desk.deeds import note
from storage.instants import Instant
from storage.outgoing import BROADCAST, PLANNED, REASONED, broadcast, delivery, lane, queue_by_time, thinned
from storage.posts import Lanes, put
from storage.status import lanes_of
from storage.tables import Number, body, channel, discussion, idea, participation

MOST_SENDINGS = 50
"""Broadcasts of one consultation that are told of, the newest; a plan has a handful."""

MOST_KNOWN = 1_000
KNOWN_FOR = timedelta(minutes=10)
"""What is forgotten or linked meanwhile changes a total by a handful."""

_ON_ITS_WAY = (DeliveryState.PLANNED.value, DeliveryState.CLAIMED.value)
_UNDER_WAY = (DeliveryState.SENT.value, DeliveryState.CLAIMED.value)


@dataclass(slots=True)
class Tally:
    states: Counter[DeliveryState] = field(default_factory=Counter)
    why: dict[DeliveryState, Counter[str]] = field(default_factory=dict)
    uncertain: int = 0

    def add(self, state: str, count: int) -> None:
        self.states[DeliveryState(state)] += count

    def explain(self, state: str, why: str, count: int) -> None:
        self.why.setdefault(DeliveryState(state), Counter())[why] += count


class SqlWatching:
    def __init__(self, database: Database) -> None:
        self._database, self._lanes = database, Lanes()
        self._over: dict[int, tuple[datetime, datetime | None, Tally]] = {}

    async def look(self, slug: str, now: datetime) -> Watched | None:
        async with self._database.reading() as connection:
            found = await find_consultation(connection, slug)
            if found is None:
                return None
            newest = select(broadcast).where(broadcast.c.consultation == slug).order_by(broadcast.c.id.desc())
            ordered = (await connection.execute(newest.limit(MOST_SENDINGS))).all()
            tallies = await self._tallies(connection, ordered, now)
            numbers = [row.id for row in ordered]
            later = await _later(connection, numbers, now)
            begun, finished, begun_lately, finished_lately = await _taking_part(connection, slug, now)
            return Watched(
                consultation=found,
                at=now,
                sendings=tuple(_sending(row, tallies[row.id], later.get(row.id)) for row in ordered),
                lanes=await lanes_of(connection, numbers),
                begun=begun,
                finished=finished,
                begun_lately=begun_lately,
                finished_lately=finished_lately,
                ideas=await _count(connection, idea, slug),
                discussed=await _count(connection, discussion, slug),
                latest=await _latest(connection, slug),
                seats=await _seats(connection, found.audience),
            )

    async def broadcast(self, id: str) -> Broadcast | None:
        async with self._database.reading() as connection:
            return await find_broadcast(connection, id)

    async def uncertain(self, id: str, now: datetime) -> int:
        number = select(broadcast.c.id).where(broadcast.c.code == id).scalar_subquery()
        counted = select(func.count()).where(delivery.c.broadcast_id == number, may_be_resent(now))
        async with self._database.reading() as connection:
            return await connection.scalar(counted) or 0

    async def reach(self, slug: str, audience: Audience, at: datetime) -> int:
        async with self._database.reading() as connection:
            return await audiences.audience_size(connection, slug, audience, at)

    async def seats(self, audience: Audience) -> tuple[Seat, ...]:
        async with self._database.reading() as connection:
            return await _seats(connection, audience)

    async def send(self, by: By, deed: Deed, post: Post) -> None:
        async with self._database.writing() as connection:
            await note(connection, by, deed)
            await put(connection, self._lanes, [post])

    # --- what became of broadcasts
    async def _tallies(
        self, connection: AsyncConnection, ordered: Sequence[Row[*tuple[Any, ...]]], now: datetime
    ) -> Mapping[int, Tally]:
        """Those that are over aren't counted again, until something of them is sent again."""
        running = await _running(connection, [row.id for row in ordered if row.is_planned])
        known: dict[int, Tally] = {}
        for row in ordered:
            if row.is_planned and row.id not in running and (kept := self._over.get(row.id)):
                counted_at, resent_at, tally = kept
                if resent_at == row.resent_at and timedelta() <= now - counted_at < KNOWN_FOR:
                    known[row.id] = tally
        counted = await _tally(connection, [row.id for row in ordered if row.id not in known], now)
        for row in ordered:
            if row.id in counted and row.is_planned and row.id not in running:
                self._over[row.id] = now, row.resent_at, counted[row.id]
        while len(self._over) > MOST_KNOWN:
            del self._over[next(iter(self._over))]
        return {**counted, **known}


def _sending(row: Row[*tuple[Any, ...]], tally: Tally, later: tuple[int, datetime] | None) -> Sending:
    return Sending(
        broadcast=read_broadcast(row),
        states={state: tally.states[state] for state in DeliveryState if tally.states[state]},
        why={state: dict(sorted(tally.why[state].items())) for state in DeliveryState if state in tally.why},
        later=later[0] if later else 0,
        next_at=later[1] if later else None,
        uncertain=tally.uncertain,
    )


async def _running(connection: AsyncConnection, numbers: Collection[int]) -> frozenset[int]:
    """Of which anything is on its way: one look into an index for each."""
    if not numbers:
        return frozenset()
    waits = exists(select(delivery.c.id).where(delivery.c.broadcast_id == broadcast.c.id, _is_on_its_way()))
    return frozenset(await connection.scalars(select(broadcast.c.id).where(broadcast.c.id.in_(numbers), waits)))


def _is_on_its_way() -> Any:
    return delivery.c.state.in_(_ON_ITS_WAY)


_STATES = union_all(*(select(literal(state.value).label("state")) for state in DeliveryState)).subquery("states")
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_OF_STATE = and_(delivery.c.broadcast_id == broadcast.c.id, delivery.c.state == _STATES.c.state)
_BY_STATE = (
    select(broadcast.c.id, _STATES.c.state, select(func.count()).where(_OF_STATE).scalar_subquery().label("many"))
    .select_from(broadcast.join(_STATES, true()))
    .where(broadcast.c.id.in_(_NUMBERS))
)
"""State by state, as an index counts what is alike three times as fast as it groups what isn't."""


def _by_reason() -> Select[*tuple[Any, ...]]:
    """Stepping from one reason to the next in their index, and counting each."""
    reasoned = and_(text(REASONED), delivery.c.state.not_in(_UNDER_WAY))
    first = select(func.min(delivery.c.why)).where(_OF_STATE, reasoned).scalar_subquery()
    whose = select(broadcast.c.id, _STATES.c.state, first.label("why")).select_from(broadcast.join(_STATES, true()))
    steps = whose.where(broadcast.c.id.in_(_NUMBERS)).cte("steps", recursive=True)
    its_own = and_(delivery.c.broadcast_id == steps.c.id, delivery.c.state == steps.c.state, reasoned)
    further = select(func.min(delivery.c.why)).where(its_own, delivery.c.why > steps.c.why).scalar_subquery()
    steps = steps.union_all(select(steps.c.id, steps.c.state, further).where(steps.c.why.is_not(None)))
    its_own = and_(delivery.c.broadcast_id == steps.c.id, delivery.c.state == steps.c.state, reasoned)
    many = select(func.count()).where(its_own, delivery.c.why == steps.c.why).scalar_subquery()
    return select(steps.c.id, steps.c.state, steps.c.why, many.label("many")).where(steps.c.why.is_not(None))


_BY_REASON = _by_reason()


async def _tally(connection: AsyncConnection, numbers: Sequence[int], now: datetime) -> Mapping[int, Tally]:
    tallies = {number: Tally() for number in numbers}
    if not numbers:
        return tallies
    for number, state, many in await connection.execute(_BY_STATE, {"numbers": numbers}):
        tallies[number].add(state, many)
    gone = select(thinned.c.broadcast_id, thinned.c.state, thinned.c.why, thinned.c.count.label("many"))
    for row in await connection.execute(gone.where(thinned.c.broadcast_id.in_(numbers))):
        tallies[row.broadcast_id].add(row.state, row.many)
        if row.why:
            tallies[row.broadcast_id].explain(row.state, row.why, row.many)
    for number, state, why, many in await connection.execute(_BY_REASON, {"numbers": numbers}):
        tallies[number].explain(state, why, many)
    again = select(delivery.c.broadcast_id, func.count()).where(delivery.c.broadcast_id.in_(numbers))
    for number, count in await connection.execute(again.where(may_be_resent(now)).group_by(delivery.c.broadcast_id)):
        tallies[number].uncertain = count
    return tallies


async def _later(
    connection: AsyncConnection, numbers: Sequence[int], now: datetime
) -> Mapping[int, tuple[int, datetime]]:
    """What waits for an hour that hasn't come: how much, and the first of it. Lane by lane, as its queue has it."""
    if not numbers:
        return {}
    account, number, not_before = (
        column("account", Text()),
        column("broadcast_id", Number),
        column("not_before", Instant()),
    )
    waits = and_(text(PLANNED), text(BROADCAST), number == broadcast.c.id, account == lane.c.account, not_before > now)
    queue = queue_by_time(connection)
    many = select(func.count()).select_from(queue).where(waits).scalar_subquery()
    first = select(func.min(not_before)).select_from(queue).where(waits).scalar_subquery()
    sought = select(broadcast.c.id, many.label("many"), first.label("first")).select_from(broadcast.join(lane, true()))
    found: dict[int, tuple[int, datetime]] = {}
    for row in await connection.execute(sought.where(broadcast.c.id.in_(numbers))):
        if row.many:
            count, earliest = found.get(row.id, (0, row.first))
            found[row.id] = count + row.many, min(earliest, row.first)
    return found


# --- who comes in, and what they say
async def _taking_part(connection: AsyncConnection, slug: str, now: datetime) -> Sequence[int]:
    since = now - LATELY
    begun, finished = participation.c.begun_at, participation.c.finished_at
    lately = (func.count(case((column > since, 1))) for column in (begun, finished))
    counted = select(func.count(begun), func.count(finished), *lately).where(participation.c.consultation == slug)
    return tuple((await connection.execute(counted)).one())


async def _count(connection: AsyncConnection, table: Table, slug: str) -> int:
    return await connection.scalar(select(func.count()).select_from(table).where(table.c.consultation == slug)) or 0


async def _latest(connection: AsyncConnection, slug: str) -> tuple[Idea, ...]:
    newest = select(idea.c.code).where(idea.c.consultation == slug).order_by(idea.c.id.desc()).limit(LATEST_IDEAS)
    return await ideas.find_ideas(connection, (await connection.scalars(newest)).all())


async def _seats(connection: AsyncConnection, audience: Audience) -> tuple[Seat, ...]:
    is_asked = channel.c.body.in_(audience.bodies) if audience.bodies or audience.topics else true()
    sits = channel.join(body, and_(body.c.slug == channel.c.body, body.c.has_ended.is_(False)))
    sought = select(channel.c.body, channel.c.account, channel.c.chat).select_from(sits).where(is_asked)
    rows = await connection.execute(sought.order_by(body.c.position, channel.c.account, channel.c.chat))
    return tuple(Seat(row.body, Place(row.account, row.chat, private=False)) for row in rows)
