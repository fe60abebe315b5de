"""Broadcasts as ordered. How a consultation stands after them is in `storage.status`."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import DeliveryState
from core.events import BroadcastHeld, BroadcastOrdered, UncertainResent
from core.ports import Broadcast, CodeTaken
from storage.database import insert
from storage.outgoing import broadcast, delivery
from storage.shapes import read_audience, write_audience

AGAIN = "sent again"
"""Why a delivery waits that may have arrived before."""


def read_broadcast(row: Row[*tuple[Any, ...]]) -> Broadcast:
    return Broadcast(
        id=row.code,
        consultation=row.consultation,
        step=row.step,
        kind=NudgeKind(row.kind),
        audience=read_audience(row.audience),
        at=row.at,
        confirmed=row.confirmed,
        is_planned=row.is_planned,
        planned=row.planned,
        held_at=row.held_at,
    )


async def find_broadcast(connection: AsyncConnection, id: str) -> Broadcast | None:
    row = (await connection.execute(select(broadcast).where(broadcast.c.code == id))).one_or_none()
    return None if row is None else read_broadcast(row)


async def order(connection: AsyncConnection, ordered: BroadcastOrdered) -> None:
    """A second order of the same step is none; a code that some other step has is taken."""
    row = insert(connection, broadcast).values(
        code=ordered.id,
        consultation=ordered.consultation,
        step=ordered.step,
        kind=ordered.kind.value,
        audience=write_audience(ordered.audience),
        at=ordered.at,
        confirmed=ordered.confirmed,
    )
    written = await connection.execute(row.on_conflict_do_nothing())
    if not written.rowcount:
        same = (broadcast.c.consultation == ordered.consultation) & (broadcast.c.step == ordered.step)
        if await connection.scalar(select(broadcast.c.id).where(same)) is None:
            raise CodeTaken(ordered.id)


async def confirm(connection: AsyncConnection, id: str) -> None:
    await connection.execute(update(broadcast).where(broadcast.c.code == id).values(confirmed=True))


async def hold(connection: AsyncConnection, held: BroadcastHeld) -> None:
    """Held twice, it is held since the first time."""
    chosen = update(broadcast).where(broadcast.c.code == held.id, broadcast.c.held_at.is_(None))
    await connection.execute(chosen.values(held_at=held.at))


async def resume(connection: AsyncConnection, id: str) -> None:
    await connection.execute(update(broadcast).where(broadcast.c.code == id).values(held_at=None))


async def resend(connection: AsyncConnection, resent: UncertainResent) -> None:
    """Of what is uncertain, all whose time isn't over and that weren't sent again before."""
    number = select(broadcast.c.id).where(broadcast.c.code == resent.id).scalar_subquery()
    again = {"state": DeliveryState.PLANNED.value, "why": AGAIN, "not_before": resent.at, "resent_at": resent.at}
    chosen = update(delivery).where(delivery.c.broadcast_id == number, may_be_resent(resent.at))
    await connection.execute(chosen.values({**again, "attempts": 0}))
    await connection.execute(update(broadcast).where(broadcast.c.code == resent.id).values(resent_at=resent.at))


def may_be_resent(now: datetime) -> ColumnElement[bool]:
    in_time = or_(delivery.c.expires_at.is_(None), delivery.c.expires_at > now)
    return and_(delivery.c.state == DeliveryState.UNCERTAIN.value, delivery.c.resent_at.is_(None), in_time)
