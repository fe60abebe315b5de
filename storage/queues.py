"""What is due on a lane, best first: replies, news, then nudges and posts in turn from each broadcast.

However many rows are planned, only a few are looked at: each queue is read from its front by a partial index, and the
broadcasts that have anything planned are found by stepping from one to the next in that index.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import Priority
from storage.outgoing import BROADCAST, PLANNED, WORDED, delivery

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


def _on(account: str) -> ColumnElement[bool]:
    return delivery.c.account == account


def _front(chosen: ColumnElement[bool], now: datetime, limit: int) -> Select[*tuple[Any, ...]]:
    due = select(*_FIELDS).where(chosen, delivery.c.not_before <= now)
    front = due.order_by(delivery.c.not_before, delivery.c.id).limit(limit).subquery()
    return select(front)


def _worded(account: str, priority: Priority) -> ColumnElement[bool]:
    return and_(_on(account), text(PLANNED), text(WORDED), delivery.c.priority == priority.value)


def _of_broadcast(account: str, number: int) -> ColumnElement[bool]:
    return and_(_on(account), text(PLANNED), delivery.c.broadcast_id == number)


async def due(
    connection: AsyncConnection, account: str, now: datetime, limit: int, last_served: int
) -> tuple[Candidate, ...]:
    """Up to `limit`. Replies and news in the order in which they were said; `last_served` is the broadcast that had
    the last turn before."""
    fronts = union_all(*(_front(_worded(account, priority), now, limit) for priority in Priority))
    worded: dict[str, list[Candidate]] = {priority.value: [] for priority in Priority}
    for row in await connection.execute(fronts):
        worded[row.priority].append(row)
    for rows in worded.values():
        rows.sort(key=lambda row: row.id)
    first = list(chain.from_iterable(worded[priority.value] for priority in FIRST))[:limit]
    if len(first) == limit:
        return tuple(first)
    left = limit - len(first)
    queues: list[Sequence[Candidate]] = [worded[priority.value] for priority in IN_TURN]
    queues += await _broadcast_queues(connection, account, now, left, last_served)
    in_turn = (row for turn in zip_longest(*queues) for row in turn if row is not None)
    return (*first, *list(in_turn)[:left])


async def _broadcast_queues(
    connection: AsyncConnection, account: str, now: datetime, limit: int, last_served: int
) -> list[Sequence[Candidate]]:
    waiting = [number for number, earliest in await broadcasts_waiting(connection, account) if earliest <= now]
    waiting.sort(key=lambda number: (number <= last_served, number))
    chosen = waiting[:MOST_QUEUES]
    if not chosen:
        return []
    fronts = [_front(_of_broadcast(account, number), now, limit) for number in chosen]
    rows = (await connection.execute(union_all(*fronts) if len(fronts) > 1 else fronts[0])).all()
    queues: dict[int, list[Candidate]] = {number: [] for number in chosen}
    for row in rows:
        queues[row.broadcast_id].append(row)
    return list(queues.values())


def _stepping() -> Select[*tuple[Any, ...]]:
    """The broadcasts that have something planned on a lane, each with its earliest `not_before`."""
    on_lane = and_(delivery.c.account == bindparam("account"), text(PLANNED))
    first = select(func.min(delivery.c.broadcast_id).label("number")).where(on_lane, text(BROADCAST))
    steps = first.cte("steps", recursive=True)
    further = select(func.min(delivery.c.broadcast_id)).where(on_lane, delivery.c.broadcast_id > steps.c.number)
    steps = steps.union_all(select(further.scalar_subquery()).where(steps.c.number.is_not(None)))
    earliest = select(func.min(delivery.c.not_before)).where(on_lane, delivery.c.broadcast_id == steps.c.number)
    return select(steps.c.number, earliest.scalar_subquery().label("earliest")).where(steps.c.number.is_not(None))


_WAITING = _stepping()


async def broadcasts_waiting(connection: AsyncConnection, account: str) -> list[tuple[int, datetime]]:
    return [(row.number, row.earliest) for row in await connection.execute(_WAITING, {"account": account})]


async def next_due(connection: AsyncConnection, account: str) -> datetime | None:
    earliest = [
        select(func.min(delivery.c.not_before).label("at")).where(_worded(account, priority)) for priority in Priority
    ]
    times = [time for time in (await connection.scalars(union_all(*earliest))).all() if time is not None]
    times += [time for _, time in await broadcasts_waiting(connection, account)]
    return min(times, default=None)
