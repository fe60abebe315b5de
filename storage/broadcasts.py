"""Broadcasts as ordered, and how a consultation stands."""

from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import DeliveryState
from core.events import BroadcastOrdered
from core.ports import Broadcast, CodeTaken
from core.status import Status
from storage.consultations import find_consultation
from storage.database import insert
from storage.outgoing import broadcast, delivery
from storage.shapes import read_audience, write_audience
from storage.tables import discussion, idea, participation


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


# --- how a consultation stands
_ASKED = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.SENT, DeliveryState.UNCERTAIN)


async def status_of(connection: AsyncConnection, slug: str) -> Status | None:
    found = await find_consultation(connection, slug)
    if found is None:
        return None
    its_own = select(broadcast.c.id).where(broadcast.c.consultation == slug)
    invitations = its_own.where(broadcast.c.kind == NudgeKind.INVITATION.value)
    asked = select(func.count(delivery.c.member_id.distinct())).where(
        delivery.c.broadcast_id.in_(invitations), delivery.c.state.in_([state.value for state in _ASKED])
    )
    unwritten = select(func.count()).where(
        broadcast.c.consultation == slug, broadcast.c.confirmed.is_(True), broadcast.c.is_planned.is_(False)
    )
    counts = select(
        asked.scalar_subquery().label("asked"),
        unwritten.scalar_subquery().label("planning"),
        select(func.count(participation.c.begun_at))
        .where(participation.c.consultation == slug)
        .scalar_subquery()
        .label("begun"),
        select(func.count(participation.c.finished_at))
        .where(participation.c.consultation == slug)
        .scalar_subquery()
        .label("finished"),
        select(func.count(idea.c.id)).where(idea.c.consultation == slug).scalar_subquery().label("ideas"),
        select(func.count(discussion.c.message))
        .where(discussion.c.consultation == slug)
        .scalar_subquery()
        .label("discussed"),
    )
    row = (await connection.execute(counts)).one()
    mine = delivery.c.broadcast_id.in_(its_own)
    states = await connection.execute(
        select(delivery.c.state, func.count()).where(mine).group_by(delivery.c.state).order_by(delivery.c.state)
    )
    unsent = delivery.c.state.not_in([DeliveryState.SENT.value, DeliveryState.CLAIMED.value])
    reasons = await connection.execute(
        select(delivery.c.why, func.count()).where(mine, unsent, delivery.c.why != "").group_by(delivery.c.why)
    )
    return Status(
        consultation=found,
        asked=row.asked,
        begun=row.begun,
        finished=row.finished,
        ideas=row.ideas,
        discussed=row.discussed,
        deliveries={DeliveryState(state): count for state, count in states},
        why={row[0]: row[1] for row in reasons},
        planning=row.planning,
    )
