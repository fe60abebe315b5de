"""How the whole service is, read from what every process writes. Nothing here goes through the table of deliveries:
indexes answer, and what has to count one of them from end to end is kept for a while where that took long.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import Row, Text, bindparam, column, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import DeliveryState, Priority
from core.health import CLASSES, LATELY, LATEST_REPLIES, Health, LaneHealth, Latency, class_of, latency_of
from storage.instants import Instant
from storage.outgoing import BACKLOG, BROADCAST, PLANNED, SPENT, WORDED, delivery, lane, spent_by_time, thinned
from storage.tables import inbound

TAKES_LONG = 0.05
"""Seconds. Where counting all deliveries takes longer, as it does from some hundred thousand on …"""

KEPT = timedelta(minutes=1)
"""… the counts are used again for so long."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`waiting`: nudges and posts of broadcasts that are planned, by account. `took`: seconds."""

    at: datetime
    states: Mapping[DeliveryState, int]
    waiting: Mapping[str, int]
    took: float

    def are_good(self, now: datetime) -> bool:
        return self.took > TAKES_LONG and abs(now - self.at) < KEPT


class Watch:
    """One for each store."""

    def __init__(self) -> None:
        self._counts: Counts | None = None

    async def health(self, connection: AsyncConnection, now: datetime) -> Health:
        if self._counts is None or not self._counts.are_good(now):
            self._counts = await _count(connection, now)
        return Health(
            lanes=await _lanes(connection, self._counts.waiting),
            deliveries=self._counts.states,
            oldest_reply=await connection.scalar(_OLDEST),
            turns=await connection.scalar(_TURNS, {"since": now - LATELY}) or 0,
            replies=await _latency(connection),
        )


# --- deliveries
_BY_STATE = select(delivery.c.broadcast_id, delivery.c.state, func.count()).group_by(
    delivery.c.broadcast_id,
    delivery.c.state,  # in the order of their index, which is counted as it is read
)
_THINNED = select(thinned.c.state, func.sum(thinned.c.count)).group_by(thinned.c.state)
_WAITING = (
    select(delivery.c.account, func.count().label("waiting"))
    .where(text(PLANNED), text(BROADCAST))
    .group_by(delivery.c.account)
)


async def _count(connection: AsyncConnection, now: datetime) -> Counts:
    began = perf_counter()
    states: Counter[str] = Counter()
    for _, state, count in await connection.execute(_BY_STATE):
        states[state] += count
    for state, count in await connection.execute(_THINNED):
        states[state] += int(count)
    waiting = {row.account: row.waiting for row in await connection.execute(_WAITING)}
    known = {state: states[state.value] for state in DeliveryState if states[state.value]}
    return Counts(now, known, waiting, perf_counter() - began)


# --- lanes
_UNSENT = (
    select(delivery.c.account, delivery.c.priority, func.count())
    .where(text(PLANNED), text(WORDED))
    .group_by(delivery.c.account, delivery.c.priority)
)


async def _lanes(connection: AsyncConnection, waiting: Mapping[str, int]) -> tuple[LaneHealth, ...]:
    backlogs: dict[str, Counter[Priority]] = {}
    for account, priority, count in await connection.execute(_UNSENT):
        backlogs.setdefault(account, Counter())[class_of(Priority(priority))] += count
    for account, count in waiting.items():
        backlogs.setdefault(account, Counter())[Priority.NUDGE] += count
    rows = await connection.execute(select(lane).order_by(lane.c.account))
    return tuple(read_lane(row, backlogs.get(row.account, {})) for row in rows)


def read_lane(row: Row[*tuple[Any, ...]], backlog: Mapping[Priority, int]) -> LaneHealth:
    return LaneHealth(
        account=row.account,
        owner=row.owner,
        until=row.until,
        rate=row.rate or 0.0,
        backlog={one: backlog[one] for one in CLASSES if backlog.get(one)},
        free_at=row.free_at,
        trouble=row.trouble or "",
        trouble_at=row.trouble_at,
    )


# --- replies and turns
_OLDEST = select(func.min(delivery.c.asked_at)).where(text(BACKLOG))
_TURNS = select(func.count()).select_from(inbound).where(inbound.c.at > bindparam("since", type_=Instant()))
_LATEST = (
    select(column("asked_at", Instant()), column("at", Instant()), column("state", Text()))
    .where(text(SPENT))
    .order_by(column("at").desc())
    .limit(LATEST_REPLIES)
)


async def _latency(connection: AsyncConnection) -> Latency | None:
    """Of the latest that were settled, those that were sent and whose turn is known."""
    rows = await connection.execute(_LATEST.select_from(spent_by_time(connection)))
    replies = [row for row in rows if row.state == DeliveryState.SENT.value and row.asked_at is not None]
    return latency_of([(row.at - row.asked_at).total_seconds() for row in replies])
