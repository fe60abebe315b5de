"""Broadcasts as ordered. How a consultation stands after them is in `storage.status`."""

from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.events import BroadcastOrdered
from core.ports import Broadcast, CodeTaken
from storage.database import insert
from storage.outgoing import broadcast
from storage.shapes import read_audience, write_audience


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
