"""What judging a nudge needs to know of those who would get it, at the moment of sending."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import Delivery, DeliveryState, Priority, Receiver
from storage.outgoing import broadcast, delivery
from storage.tables import address, member, participation

MAY_HAVE_ARRIVED = (DeliveryState.CLAIMED.value, DeliveryState.SENT.value, DeliveryState.UNCERTAIN.value)


async def find_receivers(
    connection: AsyncConnection, deliveries: Sequence[Delivery], since: datetime
) -> Mapping[int, Receiver]:
    """By delivery. Of several on their way to one member, each counts those claimed before it, however they are judged:
    did each count the other, both would give way and the member would hear nothing."""
    batch = {one.id for one in deliveries}
    if not batch:
        return {}
    taken = and_(
        participation.c.member_id == delivery.c.member_id, participation.c.consultation == broadcast.c.consultation
    )
    where = and_(address.c.account == delivery.c.account, address.c.user_id == delivery.c.chat)
    known = (
        select(
            delivery.c.id.label("delivery"),
            delivery.c.at.label("claimed_at"),
            broadcast.c.consultation.label("about"),
            member,
            address.c.gone_at,
            participation.c.member_id.label("took_part"),
            participation.c.finished_at,
        )
        .select_from(
            delivery.join(member, member.c.id == delivery.c.member_id)
            .outerjoin(broadcast, broadcast.c.id == delivery.c.broadcast_id)
            .outerjoin(address, where)
            .outerjoin(participation, taken)
        )
        .where(delivery.c.id.in_(batch))
    )
    rows = (await connection.execute(known)).all()
    nudges = await _nudges(connection, {row.id for row in rows}, since)
    found = {}
    for row in rows:
        theirs = [one for one in nudges.get(row.id, ()) if _counts(one, row)]
        found[row.delivery] = _receiver(row, theirs)
    return found


def _receiver(row: Row[*tuple[Any, ...]], nudges: Sequence[Row[*tuple[Any, ...]]]) -> Receiver:
    asks = [one.at for one in nudges if one.consultation == row.about and NudgeKind(one.kind).asks]
    return Receiver(
        member=row.id,
        language=row.language,
        timezone=row.timezone,
        has_consented=row.consented_at is not None,
        has_stopped=row.stopped_at is not None,
        is_gone=row.gone_at is not None,
        has_finished=row.finished_at is not None,
        took_part=row.took_part is not None,
        unasked=tuple(one.at for one in nudges),
        asked_at=max(asks, default=None),
    )


def _counts(nudge: Row[*tuple[Any, ...]], judged: Row[*tuple[Any, ...]]) -> bool:
    if nudge.id == judged.delivery:
        return False
    is_on_its_way = nudge.state == DeliveryState.CLAIMED.value
    return not is_on_its_way or (nudge.at, nudge.id) < (judged.claimed_at, judged.delivery)


async def _nudges(
    connection: AsyncConnection, members: set[int], since: datetime
) -> dict[int, list[Row[*tuple[Any, ...]]]]:
    """What went to these members unasked, by member; what may or may not have arrived is included."""
    sent = (
        select(delivery.c.member_id, delivery.c.id, delivery.c.state, delivery.c.at)
        .add_columns(broadcast.c.consultation, broadcast.c.kind)
        .join_from(delivery, broadcast, broadcast.c.id == delivery.c.broadcast_id, isouter=True)
        .where(delivery.c.member_id.in_(members), delivery.c.priority == Priority.NUDGE.value)
        .where(delivery.c.state.in_(MAY_HAVE_ARRIVED), delivery.c.at >= since)
        .order_by(delivery.c.at, delivery.c.id)
    )
    nudges: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in await connection.execute(sent):
        nudges.setdefault(row.member_id, []).append(row)
    return nudges
