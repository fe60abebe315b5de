"""What is to be told to hooks: noticed by the clock, lent to a worker, and settled by what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, literal, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.hooks import LEASE, Delivered, DeliveryState, Failed, Happened, NotTheirs, Owner, Settled, ToSend
from core.places import Place
from storage.database import Database
from storage.desk.authorities import Authorities
from storage.desk.hooks import UNDER_WAY, hook, hook_delivery, read_delivery, read_hook, rest_of_key, tell
from storage.instants import Instant
from storage.outgoing import broadcast, delivery
from storage.tables import consultation
from storage.tables import member as members

OF_A_HOOK_AT_ONCE = 4
"""One that is slow keeps nobody else waiting."""

LOOKS_BACK = timedelta(days=7)
LOOKS_BACK_FOR_BROADCASTS = timedelta(days=21)
"""Shorter than what is kept, by which we know what was told already."""


class SqlHookQueue:
    """`timezone`: the organisation's own."""

    def __init__(self, database: Database, timezone: str = "UTC") -> None:
        self._database, self._authorities = database, Authorities(timezone)

    async def notice(self, now: datetime) -> None:
        async with self._database.reading() as connection:
            hooks = [read_hook(row) for row in await connection.execute(select(hook).where(hook.c.is_on))]
            if not hooks:
                return
            happened = [*await _by_the_clock(connection, now), *await _ended(connection, now)]
            keys = {
                one.id + rest_of_key(kind, about, at, None): (kind, about, at)
                for kind, about, at in happened
                for one in hooks
                if kind in one.kinds and one.made_at <= at
            }
            known = select(hook_delivery.c.key).where(hook_delivery.c.key.in_(keys))
            new = set(keys) - set((await connection.scalars(known)).all()) if keys else set()
        if new:
            async with self._database.writing() as connection:
                for kind, about, at in sorted({keys[key] for key in new}, key=lambda one: one[2]):
                    await tell(connection, kind, about, at)

    async def claim(self, now: datetime, limit: int) -> tuple[ToSend, ...]:
        due = _due(now)
        async with self._database.reading() as connection:
            if await connection.scalar(due.limit(1)) is None:
                return ()
        place = func.row_number().over(partition_by=hook_delivery.c.hook_id, order_by=hook_delivery.c.not_before)
        ranked = due.add_columns(place.label("place")).subquery("ranked")
        chosen = select(ranked.c.id).where(ranked.c.place <= OF_A_HOOK_AT_ONCE).limit(limit)
        claimed = {"state": DeliveryState.CLAIMED.value, "tries": hook_delivery.c.tries + 1, "until": now + LEASE}
        async with self._database.writing() as connection:
            taken = update(hook_delivery).where(hook_delivery.c.id.in_(chosen), _is_free(now))
            rows = (await connection.execute(taken.values(claimed).returning(hook_delivery))).all()
            which = {row.hook_id for row in rows}
            known = select(hook, members.c.reach_account, members.c.reach_user)
            known = known.join(members, members.c.id == hook.c.member_id).where(hook.c.id.in_(which))
            hooks = {row.id: (read_hook(row), await self._owner(connection, row)) for row in
                     (await connection.execute(known)).all()}  # fmt: skip
        return tuple(ToSend(read_delivery(row), *hooks[row.hook_id]) for row in rows)

    async def _owner(self, connection: AsyncConnection, row: Row[*tuple[Any, ...]]) -> Owner:
        authority = await self._authorities.of(connection, row.member_id)
        place = Place(row.reach_account, row.reach_user) if row.reach_account and row.reach_user else None
        return Owner(authority.member, authority, place)

    async def settle(self, settled: Sequence[Settled]) -> None:
        async with self._database.writing() as connection:
            for one in settled:
                await _settle(connection, one)

    async def switch_off(self, id: str, why: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(hook).where(hook.c.id == id).values(is_on=False, off_why=why))


def _is_free(now: datetime) -> ColumnElement[bool]:
    waiting = (hook_delivery.c.state == DeliveryState.WAITING.value) & (hook_delivery.c.not_before <= now)
    died = (hook_delivery.c.state == DeliveryState.CLAIMED.value) & (hook_delivery.c.until <= now)
    return or_(waiting, died)


def _due(now: datetime) -> Select[int]:
    found = select(hook_delivery.c.id).join(hook, hook.c.id == hook_delivery.c.hook_id)
    is_tested = hook_delivery.c.kind == Happened.TEST.value
    return found.where(or_(hook.c.is_on, is_tested), text(UNDER_WAY), hook_delivery.c.not_before <= now, _is_free(now))


async def _by_the_clock(connection: AsyncConnection, now: datetime) -> list[tuple[Happened, str, datetime]]:
    columns = {
        Happened.CONSULTATION_OPENED: consultation.c.opens_at,
        Happened.CONSULTATION_CLOSED: consultation.c.closes_at,
        Happened.CONSULTATION_OUTCOME: consultation.c.outcome_at,
    }
    found = []
    for kind, column in columns.items():
        passed = select(consultation.c.slug, column.label("at")).where(column <= now, column > now - LOOKS_BACK)
        if kind is Happened.CONSULTATION_OUTCOME:
            passed = passed.where(consultation.c.outcome.is_not(None))
        found += [(kind, row.slug, row.at) for row in await connection.execute(passed)]
    return found


async def _ended(connection: AsyncConnection, now: datetime) -> list[tuple[Happened, str, datetime]]:
    """Broadcasts of which nothing is to go out any more; as of when they were due."""
    waits = select(delivery.c.id).where(
        delivery.c.broadcast_id == broadcast.c.id, delivery.c.state.in_(("planned", "claimed"))
    )
    lately = broadcast.c.at > now - LOOKS_BACK_FOR_BROADCASTS
    over = select(broadcast.c.code, broadcast.c.at).where(lately, broadcast.c.is_planned, ~waits.exists())
    return [(Happened.BROADCAST_FINISHED, row.code, row.at) for row in await connection.execute(over)]


async def _settle(connection: AsyncConnection, settled: Settled) -> None:
    this = settled.delivery
    held = (hook_delivery.c.id == this.id) & (hook_delivery.c.tries == this.tries)
    held &= hook_delivery.c.state == DeliveryState.CLAIMED.value
    failing: dict[str, object] = {}
    match settled.told:
        case NotTheirs():
            await connection.execute(delete(hook_delivery).where(held))
            return
        case Delivered(status):
            values: dict[str, object] = {"state": DeliveryState.DELIVERED.value, "status": status, "why": ""}
            failing = {"failing_since": None}
        case Failed(why, status):
            is_over = settled.again_at is None
            state = DeliveryState.GIVEN_UP if is_over else DeliveryState.WAITING
            values = {"state": state.value, "status": status, "why": why}
            values |= {} if is_over else {"not_before": settled.again_at}
            failing = {"failing_since": func.coalesce(hook.c.failing_since, literal(settled.at, Instant()))}
    changed = await connection.execute(update(hook_delivery).where(held).values(tried_at=settled.at, **values))
    if changed.rowcount:
        await connection.execute(update(hook).where(hook.c.id == this.hook).values(failing))
