"""What judging a nudge needs to know of those who would get it, at the moment of sending."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import Delivery, DeliveryState, Priority, Receiver
from storage.outgoing import broadcast, delivery
from storage.tables import address, member, participation

MAY_HAVE_ARRIVED = (DeliveryState.CLAIMED.value, DeliveryState.SENT.value, DeliveryState.UNCERTAIN.value)


def _known() -> Select[*tuple[Any, ...]]:
    """Yes or no wherever that is enough: an instant costs more to read than all the rest of a row."""
    taken = and_(
        participation.c.member_id == delivery.c.member_id, participation.c.consultation == broadcast.c.consultation
    )
    where = and_(address.c.account == delivery.c.account, address.c.user_id == delivery.c.chat)
    return (
        select(
            delivery.c.id.label("delivery"),
            delivery.c.at.label("claimed_at"),
            broadcast.c.consultation.label("about"),
            member.c.id,
            member.c.language,
            member.c.timezone,
            member.c.consented_at.is_not(None).label("has_consented"),
            member.c.stopped_at.is_not(None).label("has_stopped"),
            address.c.gone_at.is_not(None).label("is_gone"),
            participation.c.member_id.is_not(None).label("took_part"),
            participation.c.finished_at.is_not(None).label("has_finished"),
        )
        .select_from(
            delivery.join(member, member.c.id == delivery.c.member_id)
            .outerjoin(broadcast, broadcast.c.id == delivery.c.broadcast_id)
            .outerjoin(address, where)
            .outerjoin(participation, taken)
        )
        .where(delivery.c.id.in_(bindparam("batch", expanding=True)))
    )


_KNOWN = _known()
_SENT = (
    select(delivery.c.member_id, delivery.c.id, delivery.c.state, delivery.c.at)
    .add_columns(broadcast.c.consultation, broadcast.c.kind)
    .join_from(delivery, broadcast, broadcast.c.id == delivery.c.broadcast_id, isouter=True)
    .where(delivery.c.member_id.in_(bindparam("members", expanding=True)))
    .where(delivery.c.priority == Priority.NUDGE.value, delivery.c.at >= bindparam("since"))
    .where(delivery.c.state.in_(MAY_HAVE_ARRIVED))
    .where(
        or_(delivery.c.state != DeliveryState.CLAIMED.value, delivery.c.id.not_in(bindparam("alone", expanding=True)))
    )
    .order_by(delivery.c.at, delivery.c.id)
)


async def find_receivers(
    connection: AsyncConnection, deliveries: Sequence[Delivery], since: datetime
) -> Mapping[int, Receiver]:
    """By delivery. Of several on their way to one member, each counts those claimed before it, however they are judged:
    did each count the other, both would give way and the member would hear nothing."""
    batch = {one.id for one in deliveries}
    if not batch:
        return {}
    rows = (await connection.execute(_KNOWN, {"batch": batch})).all()
    nudges = await _nudges(connection, rows, since)
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
        has_consented=row.has_consented,
        has_stopped=row.has_stopped,
        is_gone=row.is_gone,
        has_finished=row.has_finished,
        took_part=row.took_part,
        unasked=tuple(one.at for one in nudges),
        asked_at=max(asks, default=None),
    )


def _counts(nudge: Row[*tuple[Any, ...]], judged: Row[*tuple[Any, ...]]) -> bool:
    if nudge.id == judged.delivery:
        return False
    is_on_its_way = nudge.state == DeliveryState.CLAIMED.value
    return not is_on_its_way or (nudge.at, nudge.id) < (judged.claimed_at, judged.delivery)


async def _nudges(
    connection: AsyncConnection, rows: Sequence[Row[*tuple[Any, ...]]], since: datetime
) -> dict[int, list[Row[*tuple[Any, ...]]]]:
    """What went to these members unasked, by member; what may or may not have arrived is included. Of who is sent just
    one of these, that one is not asked for."""
    members = [row.id for row in rows]
    times = Counter(members)
    alone = [row.delivery for row in rows if times[row.id] == 1]
    asked = {"members": list(times), "since": since, "alone": alone}
    nudges: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in await connection.execute(_SENT, asked):
        nudges.setdefault(row.member_id, []).append(row)
    return nudges
