"""What is due on a lane, best first: replies, news, then nudges and posts in turn from each broadcast.

However many rows are planned, only a few are looked at: each queue is read from its front by a partial index, and the
broadcasts that have anything planned are found by stepping from one to the next in that index. One that an organiser
holds is stepped over, until its time is over.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import chain, islice, zip_longest
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import Priority
from storage.outgoing import BROADCAST, PLANNED, WORDED, broadcast, delivery
from storage.tables import Number

FIRST = (Priority.REPLY, Priority.NEWS)
IN_TURN = (Priority.NUDGE, Priority.POST)

MOST_QUEUES = 20
"""Broadcasts read from in one claim; the next claim goes on with those after them."""

Candidate = Row[*tuple[Any, ...]]

_FIELDS = (
    delivery.c.id, delivery.c.account, delivery.c.chat, delivery.c.private, delivery.c.thread, delivery.c.priority,
    delivery.c.broadcast_id, delivery.c.member_id, delivery.c.content, delivery.c.attempts, delivery.c.not_before,
    delivery.c.expires_at, delivery.c.idea, delivery.c.entry, delivery.c.to_author,
)  # fmt: skip


def _front(chosen: ColumnElement[bool], most: str) -> Select[*tuple[Any, ...]]:
    """Values are bound when it is asked, up to the one named `most`, so that it is put together once."""
    due = select(*_FIELDS).where(chosen, delivery.c.not_before <= bindparam("now"))
    front = due.order_by(delivery.c.not_before, delivery.c.id).limit(bindparam(most, type_=Integer)).subquery()
    return select(front)


def _worded(account: ColumnElement[str] | str, priority: Priority) -> ColumnElement[bool]:
    on_lane = delivery.c.account == account
    return and_(on_lane, text(PLANNED), text(WORDED), delivery.c.priority == priority.value)


_ACCOUNT = bindparam("account", type_=Text)
_WORDED = union_all(*(_front(_worded(_ACCOUNT, one), "first" if one in FIRST else "limit") for one in Priority))


async def due(
    connection: AsyncConnection, account: str, now: datetime, limit: int, last_served: int, first: int = 0
) -> tuple[Candidate, ...]:
    """Up to `limit`, but of replies and news up to `first` where that is more. These in the order in which they were
    said; `last_served` is the broadcast that had the last turn before."""
    first = max(limit, first)
    asked = {"account": account, "now": now, "limit": limit, "first": first}
    worded: dict[str, list[Candidate]] = {priority.value: [] for priority in Priority}
    for row in await connection.execute(_WORDED, asked):
        worded[row.priority].append(row)
    for rows in worded.values():
        rows.sort(key=lambda row: row.id)
    chosen = list(chain.from_iterable(worded[priority.value] for priority in FIRST))[:first]
    left = limit - len(chosen)
    if left <= 0:
        return tuple(chosen)
    queues: list[Sequence[Candidate]] = [worded[priority.value] for priority in IN_TURN]
    queues += await _broadcast_queues(connection, account, now, left, last_served)
    in_turn = (row for turn in zip_longest(*queues) for row in turn if row is not None)
    return (*chosen, *islice(in_turn, left))


async def _broadcast_queues(
    connection: AsyncConnection, account: str, now: datetime, limit: int, last_served: int
) -> list[Sequence[Candidate]]:
    waiting = [number for number, earliest in await broadcasts_waiting(connection, account) if earliest <= now]
    waiting.sort(key=lambda number: (number <= last_served, number))
    chosen = waiting[:MOST_QUEUES]
    if not chosen:
        return []
    numbers = {f"broadcast_{place}": number for place, number in enumerate(chosen)}
    asked = {"account": account, "now": now, "limit": limit, **numbers}
    queues: dict[int, list[Candidate]] = {number: [] for number in chosen}
    for row in await connection.execute(_of_broadcasts(len(chosen)), asked):
        queues[row.broadcast_id].append(row)
    return list(queues.values())


@cache
def _of_broadcasts(count: int) -> Executable:
    fronts = [_front(_of_broadcast(bindparam(f"broadcast_{place}", type_=Number)), "limit") for place in range(count)]
    return union_all(*fronts) if len(fronts) > 1 else fronts[0]


def _of_broadcast(number: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(delivery.c.account == _ACCOUNT, text(PLANNED), delivery.c.broadcast_id == number)


def _stepping() -> Select[*tuple[Any, ...]]:
    """The broadcasts that have something planned on a lane, each with its earliest `not_before`, and where it is held
    with when it expires, which is the same for all that is of it.

    Asked for in the order of the queue's own index, not for the least number: for that alone PostgreSQL takes the index
    of broadcasts, and goes through all that is planned on other lanes.
    """
    on_lane = and_(delivery.c.account == bindparam("account"), text(PLANNED), text(BROADCAST))
    queue = (delivery.c.broadcast_id, delivery.c.not_before, delivery.c.id)
    first = select(delivery.c.broadcast_id.label("number")).where(on_lane).order_by(*queue).limit(1).subquery()
    steps = select(first.c.number).cte("steps", recursive=True)
    next_one = select(delivery.c.broadcast_id).where(on_lane, delivery.c.broadcast_id > steps.c.number)
    further = next_one.order_by(*queue).limit(1)
    steps = steps.union_all(select(further.scalar_subquery()).where(steps.c.number.is_not(None)))
    its_own = and_(on_lane, delivery.c.broadcast_id == steps.c.number)
    earliest = select(func.min(delivery.c.not_before)).where(its_own).scalar_subquery()
    expires = select(delivery.c.expires_at).where(its_own).order_by(*queue).limit(1).scalar_subquery()
    is_held = broadcast.c.held_at.is_not(None)
    of_lane = steps.join(broadcast, broadcast.c.id == steps.c.number)
    return (
        select(steps.c.number, earliest.label("earliest"), is_held.label("is_held"))
        .add_columns(case((is_held, expires)).label("expires"))
        .select_from(of_lane)
    )


_WAITING = _stepping()


async def broadcasts_waiting(connection: AsyncConnection, account: str) -> list[tuple[int, datetime]]:
    """Each with when anything is to be done about it: of one that is held nothing is but to expire."""
    found = []
    for row in await connection.execute(_WAITING, {"account": account}):
        if not row.is_held:
            found.append((row.number, row.earliest))
        elif row.expires is not None:
            found.append((row.number, max(row.earliest, row.expires)))
    return found


async def next_due(connection: AsyncConnection, account: str) -> datetime | None:
    earliest = [
        select(func.min(delivery.c.not_before).label("at")).where(_worded(account, priority)) for priority in Priority
    ]
    times = [time for time in (await connection.scalars(union_all(*earliest))).all() if time is not None]
    times += [time for _, time in await broadcasts_waiting(connection, account)]
    return min(times, default=None)
