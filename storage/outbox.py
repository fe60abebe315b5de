"""The outbox: who may send on a lane, what they claim from it, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import Condition, Delivery, DeliveryState, Lease, Mark, NewsRef, NudgeRef, Priority, Receiver
from core.places import Place
from storage import queues, receivers
from storage.database import Database, insert
from storage.farewells import is_farewell
from storage.instants import AT_ONCE
from storage.outgoing import BACKLOG, BROADCAST, CLAIMED, PLANNED, WORDED, broadcast, delivery, lane
from storage.shapes import read_message

EXPIRED_AT_ONCE = 1_000
"""Deliveries past their time that one transaction sets aside, so that it stays short."""

LOST = "the sender was lost"
_ON_ITS_WAY = (DeliveryState.PLANNED.value, DeliveryState.CLAIMED.value)
_HARMLESS_TWICE = (Priority.REPLY.value, Priority.NEWS.value)


class SqlOutbox:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._last_served: dict[str, int] = {}
        self._nudges: dict[int, NudgeRef] = {}  # what a broadcast says never changes

    # --- lanes
    async def open_lane(self, account: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(insert(connection, lane).values(account=account).on_conflict_do_nothing())

    async def take_lanes(self, owner: str, now: datetime, until: datetime) -> tuple[Lease, ...]:
        held = (lane.c.account, lane.c.epoch, lane.c.free_at, lane.c.trouble, lane.c.trouble_at)
        async with self._database.writing() as connection:
            own = update(lane).where(lane.c.owner == owner).values(until=until)
            renewed = (await connection.execute(own.returning(*held))).all()
            is_over = or_(lane.c.until <= now, lane.c.until > until + (until - now))  # or the clock was put back
            is_free = or_(lane.c.owner.is_(None), and_(lane.c.owner != owner, is_over))
            free = select(lane.c.account).where(is_free).order_by(lane.c.account).with_for_update(skip_locked=True)
            accounts = (await connection.scalars(free)).all()
            taken: Sequence[Row[Any, Any]] = ()
            if accounts:
                changes = {"owner": owner, "until": until, "epoch": lane.c.epoch + 1}
                mine = update(lane).where(lane.c.account.in_(accounts)).values(changes)
                taken = (await connection.execute(mine.returning(*held))).all()
                await _take_over(connection, accounts, now)
        rows = sorted((*renewed, *taken), key=lambda row: str(row.account))
        return tuple(
            Lease(row.account, owner, row.epoch, until, row.free_at, row.trouble or "", row.trouble_at) for row in rows
        )

    async def owners(self) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            owners = await connection.scalars(select(lane.c.owner).where(lane.c.owner.is_not(None)).distinct())
            return tuple(sorted(owners.all()))

    async def bury(self, owner: str, account: str | None = None) -> None:
        theirs = lane.c.owner == owner if account is None else and_(lane.c.owner == owner, lane.c.account == account)
        async with self._database.writing() as connection:
            await connection.execute(update(lane).where(theirs).values(owner=None, until=None))

    async def hasten(self, lease: Lease, now: datetime) -> None:
        waiting = and_(delivery.c.account == lease.account, text(PLANNED), text(WORDED))
        is_reply = delivery.c.priority == Priority.REPLY.value
        async with self._database.writing() as connection:
            if await _held_until(connection, lease) is not None:
                put_back = update(delivery).where(waiting, is_reply, delivery.c.not_before > AT_ONCE)
                await connection.execute(put_back.values(not_before=AT_ONCE))
                of_then = update(delivery).where(waiting, ~is_reply, delivery.c.at > now)
                await connection.execute(of_then.values(not_before=now, at=now))

    async def give_back(self, lease: Lease) -> None:
        async with self._database.writing() as connection:
            mine = and_(lane.c.account == lease.account, lane.c.owner == lease.owner, lane.c.epoch == lease.epoch)
            given = await connection.execute(update(lane).where(mine).values(owner=None, until=None))
            if given.rowcount:
                unsent = update(delivery).where(delivery.c.account == lease.account, text(CLAIMED))
                await connection.execute(unsent.values(state=DeliveryState.PLANNED.value))

    # --- deliveries
    async def claim(self, lease: Lease, now: datetime, limit: int) -> tuple[Delivery, ...]:
        return await self.exchange(lease, (), now, limit, 0) or ()

    async def exchange(
        self, lease: Lease, marks: Sequence[Mark], now: datetime, limit: int, first: int
    ) -> tuple[Delivery, ...] | None:
        while True:
            async with self._database.writing() as connection:
                until = await _held_until(connection, lease)
                if until is None:
                    return None
                if marks:
                    await _mark(connection, lease, marks, now)
                if until <= now or max(limit, first) <= 0:
                    return ()
                last = self._last_served.get(lease.account, 0)
                found = await queues.due(connection, lease.account, now, limit, last, first)
                late = [row for row in found if row.expires_at is not None and row.expires_at <= now]
                await _expire(connection, lease.account, late, now)
                claimed = await self._claim(
                    connection, [row for row in found if row not in late] if late else found, now
                )
            served = [row.broadcast_id for row in found if row.broadcast_id is not None]
            if served:
                self._last_served[lease.account] = served[-1]
            if claimed or not late:
                return claimed
            marks = ()

    async def mark(self, lease: Lease, marks: Sequence[Mark], now: datetime) -> bool:
        return await self.exchange(lease, marks, now, 0, 0) is not None

    async def plan_again(self, lease: Lease, besides: Collection[int]) -> bool:
        async with self._database.writing() as connection:
            if await _held_until(connection, lease) is None:
                return False
            lost = update(delivery).where(delivery.c.account == lease.account, text(CLAIMED))
            lost = lost.where(delivery.c.id.not_in(besides)) if besides else lost
            await connection.execute(lost.values(state=DeliveryState.PLANNED.value))
        return True

    async def abandon(self, lease: Lease, why: str, now: datetime, most: int) -> int:
        failed = {"state": DeliveryState.FAILED.value, "why": why, "at": now, "content": None}
        count = 0
        async with self._database.writing() as connection:
            if await _held_until(connection, lease) is None:
                return 0
            held = select(broadcast.c.id).where(broadcast.c.held_at.is_not(None))
            for queue in (text(WORDED), and_(text(BROADCAST), delivery.c.broadcast_id.not_in(held))):
                due = select(delivery.c.id).where(delivery.c.account == lease.account, text(PLANNED), queue)
                due = due.where(delivery.c.not_before <= now).limit(most)
                chosen = update(delivery).where(delivery.c.id.in_(due), text(PLANNED))
                count += (await connection.execute(chosen.values(failed))).rowcount
        return count

    async def _claim(
        self, connection: AsyncConnection, found: Sequence[queues.Candidate], now: datetime
    ) -> tuple[Delivery, ...]:
        if not found:
            return ()
        claimed = await connection.scalars(_CLAIMED, {"found": [row.id for row in found], "now": now})
        ours = set(claimed.all())
        await self._learn(connection, {row.broadcast_id for row in found if row.broadcast_id is not None})
        return tuple(_read_delivery(row, self._nudges.get(row.broadcast_id)) for row in found if row.id in ours)

    async def _learn(self, connection: AsyncConnection, numbers: set[int]) -> None:
        if unknown := numbers - self._nudges.keys():
            for row in await connection.execute(select(broadcast).where(broadcast.c.id.in_(unknown))):
                self._nudges[row.id] = NudgeRef(row.consultation, row.step, NudgeKind(row.kind))

    async def tell(self, lease: Lease, condition: Condition, now: datetime) -> bool:
        since = case((lane.c.trouble == condition.trouble, lane.c.trouble_at), else_=now if condition.trouble else None)
        said = {"rate": condition.rate, "free_at": condition.free_at, "trouble": condition.trouble, "trouble_at": since}
        mine = and_(lane.c.account == lease.account, lane.c.owner == lease.owner, lane.c.epoch == lease.epoch)
        async with self._database.writing() as connection:
            return bool((await connection.execute(update(lane).where(mine).values(said))).rowcount)

    async def receivers(self, deliveries: Sequence[Delivery], since: datetime) -> Mapping[int, Receiver]:
        async with self._database.reading() as connection:
            return await receivers.find_receivers(connection, deliveries, since)

    async def next_due(self, account: str) -> datetime | None:
        async with self._database.reading() as connection:
            return await queues.next_due(connection, account)

    async def backlog(self, place: Place) -> int:
        waiting = and_(delivery.c.account == place.account, delivery.c.chat == place.chat, text(BACKLOG))
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.count()).where(waiting)) or 0


_HELD = (
    select(lane.c.until)
    .where(lane.c.account == bindparam("account"), lane.c.owner == bindparam("owner"))
    .where(lane.c.epoch == bindparam("epoch"))
    .with_for_update(read=True)
)


async def _held_until(connection: AsyncConnection, lease: Lease) -> datetime | None:
    """None where somebody else has the lane. For the length of the transaction nobody can take it over. What we know
    of a send is true even when the lease has run out, so that marks are taken then, too."""
    asked = {"account": lease.account, "owner": lease.owner, "epoch": lease.epoch}
    found: datetime | None = await connection.scalar(_HELD, asked)
    return found


async def _take_over(connection: AsyncConnection, accounts: Sequence[str], now: datetime) -> None:
    """Its owner was lost between a claim and its mark. What is harmless twice is said again; of a nudge nobody can
    tell any more whether it arrived."""
    claimed = update(delivery).where(delivery.c.account.in_(accounts), text(CLAIMED))
    harmless = delivery.c.priority.in_(_HARMLESS_TWICE)
    again = {"state": DeliveryState.PLANNED.value, "attempts": delivery.c.attempts + 1, "at": now}
    await connection.execute(claimed.where(harmless).values(again))
    unknown = {"state": DeliveryState.UNCERTAIN.value, "attempts": delivery.c.attempts + 1, "at": now, "why": LOST}
    await connection.execute(claimed.where(~harmless).values({**unknown, "content": None}))


async def _expire(connection: AsyncConnection, account: str, late: Sequence[queues.Candidate], now: datetime) -> None:
    """Those that were found, and the next thousand of the same broadcasts: of a broadcast all rows expire at once."""
    expired = {"state": DeliveryState.EXPIRED.value, "at": now, "content": None}
    for number in {row.broadcast_id for row in late}:
        chosen = delivery.c.id.in_([row.id for row in late if row.broadcast_id is None])
        if number is not None:
            planned = select(delivery.c.id).where(
                delivery.c.account == account,
                text(PLANNED),
                delivery.c.broadcast_id == number,
                delivery.c.not_before <= now,
                delivery.c.expires_at <= now,
            )
            chosen = delivery.c.id.in_(planned.order_by(delivery.c.not_before, delivery.c.id).limit(EXPIRED_AT_ONCE))
        await connection.execute(update(delivery).where(chosen).values(expired))


_CLAIMED = (
    update(delivery)
    .where(delivery.c.id.in_(bindparam("found", expanding=True)), text(PLANNED))
    .values(state=DeliveryState.CLAIMED.value, at=bindparam("now"))
    .returning(delivery.c.id)
)


def _read_delivery(row: queues.Candidate, nudge: NudgeRef | None) -> Delivery:
    news = NewsRef(row.idea, row.entry, row.to_author) if row.idea is not None else None
    return Delivery(
        id=row.id,
        to=Place(row.account, row.chat, row.private, row.thread),
        priority=Priority(row.priority),
        content=nudge or news or read_message(row.content),
        member=row.member_id,
        attempts=row.attempts,
        not_before=None if row.not_before == AT_ONCE else row.not_before,
        expires_at=row.expires_at,
    )


_MARKED = (
    update(delivery)
    .where(delivery.c.id == bindparam("which"), delivery.c.account == bindparam("lane"), text(CLAIMED))
    .values(
        state=bindparam("state"),
        attempts=delivery.c.attempts + bindparam("counted"),
        at=bindparam("now"),
        why=bindparam("why"),
    )
)
_SETTLED = _MARKED.values(message=bindparam("message"), content=None)
_PUT_BACK = _MARKED.values(
    not_before=bindparam("not_before"), chat=func.coalesce(bindparam("to_chat"), delivery.c.chat)
)

_DROPPED = delete(delivery).where(
    delivery.c.id.in_(bindparam("said", expanding=True)),
    delivery.c.account == bindparam("account"),
    is_farewell(),
    ~delivery.c.state.in_(_ON_ITS_WAY),
)


async def _mark(connection: AsyncConnection, lease: Lease, marks: Sequence[Mark], now: datetime) -> None:
    """A settled reply's words are thrown away: an idea that they repeat lives in its story alone. What was said to
    somebody who was forgotten is thrown away whole."""
    settled, put_back = [], []
    for mark in marks:
        row = {"which": mark.delivery, "lane": lease.account, "state": mark.state.value, "counted": int(mark.counted)}
        row |= {"now": now, "why": mark.why}
        if mark.state is DeliveryState.PLANNED:
            put_back.append({**row, "not_before": mark.not_before or AT_ONCE, "to_chat": mark.to_chat})
        else:
            settled.append({**row, "message": mark.message})
    if settled:
        await connection.execute(_SETTLED, settled)
        said = {"said": [row["which"] for row in settled], "account": lease.account}
        await connection.execute(_DROPPED, said)
    if put_back:
        await connection.execute(_PUT_BACK, put_back)
