"""Throwing away the rows of what was sent long ago, with their totals kept, in which nobody is named."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, column, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import DeliveryState
from storage.database import insert
from storage.instants import Instant
from storage.outgoing import SPENT, broadcast, delivery, spent_by_time, thinned
from storage.tables import Number

AT_ONCE = 5_000
"""Rows that one statement names, below what either database takes."""

NO_BROADCAST = 0
"""Under this number those are counted that belong to no broadcast."""

ASKED = tuple(
    state.value for state in (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.SENT, DeliveryState.UNCERTAIN)
)
"""Whose delivery is in one of these was asked, or will be."""

_SETTLED = tuple(
    state.value for state in DeliveryState if state not in (DeliveryState.PLANNED, DeliveryState.CLAIMED)
)  # fmt: skip


Chosen = Mapping[str, Mapping[int, Sequence[int]]]
"""Deliveries to throw away, by consultation and broadcast."""


async def choose(connection: AsyncConnection, before: datetime, most: int) -> Chosen:
    """Up to so many. Looked for beforehand, without keeping anybody from writing: of a broadcast that went out about
    that time, all may have to be gone through."""
    chosen: dict[str, dict[int, Sequence[int]]] = {}
    due = select(broadcast.c.id, broadcast.c.consultation).where(_may_be_thinned(before), _has_rows(before))
    for row in (await connection.execute(due.order_by(broadcast.c.consultation, broadcast.c.id))).all():
        if most <= 0:
            break
        old = select(delivery.c.id).where(delivery.c.broadcast_id == row.id, _old(before)).limit(most)
        found = (await connection.scalars(old)).all()
        chosen.setdefault(row.consultation, {})[row.id] = found
        most -= len(found)
    return chosen


async def thin(connection: AsyncConnection, chosen: Chosen) -> int:
    """Consultation by consultation, each locked: of two who thin at once, neither would see that a member's last row
    went with what the other took."""
    gone = 0
    for slug, of in chosen.items():
        its_own = select(broadcast.c.id, broadcast.c.kind).where(broadcast.c.consultation == slug)
        locked = (await connection.execute(its_own.order_by(broadcast.c.id).with_for_update())).all()
        invitations = [row.id for row in locked if row.kind == NudgeKind.INVITATION.value]
        for number, ids in of.items():
            taken = await _take(connection, ids)
            await add(connection, number, ((one.state, one.why) for one in taken))
            if number in invitations:
                members = {one.member_id for one in taken if one.state in ASKED and one.member_id is not None}
                await _count_asked(connection, number, members, invitations)
            gone += len(taken)
    return gone


def _may_be_thinned(before: datetime) -> ColumnElement[bool]:
    """None of a broadcast's deliveries is older than it; and of one that is still being written, all are needed."""
    return and_(broadcast.c.is_planned.is_(True), broadcast.c.at < before)


def _old(before: datetime) -> ColumnElement[bool]:
    """Settled so long ago, but for a card that is found by its message. What was given up before anybody took it has
    no time of its own."""
    is_card = and_(delivery.c.private.is_(False), delivery.c.message.is_not(None))
    settled_at = func.coalesce(delivery.c.at, delivery.c.not_before)
    return and_(delivery.c.state.in_(_SETTLED), settled_at < before, ~is_card)


def _has_rows(before: datetime) -> ColumnElement[bool]:
    return exists(select(delivery.c.id).where(delivery.c.broadcast_id == broadcast.c.id, _old(before)))


async def _take(connection: AsyncConnection, ids: Sequence[int]) -> list[Row[*tuple[Any, ...]]]:
    """What is settled stays as it is; so it is enough that they are there still."""
    taken: list[Row[*tuple[Any, ...]]] = []
    for start in range(0, len(ids), AT_ONCE):
        some = delete(delivery).where(delivery.c.id.in_(ids[start : start + AT_ONCE]))
        told = some.returning(delivery.c.state, delivery.c.why, delivery.c.member_id)
        taken += (await connection.execute(told)).all()
    return taken


async def _count_asked(connection: AsyncConnection, number: int, members: set[int], invitations: list[int]) -> None:
    """Those of them whom no row of any of these invitations tells of any more."""
    if not members:
        return
    counted, told = sorted(members), 0
    for start in range(0, len(counted), AT_ONCE):
        left = select(func.count(delivery.c.member_id.distinct())).where(
            delivery.c.member_id.in_(counted[start : start + AT_ONCE]),
            (delivery.c.broadcast_id + 0).in_(invitations),  # plus nothing: to be found by their members
            delivery.c.state.in_(ASKED),
        )
        told += await connection.scalar(left) or 0
    once = func.coalesce(broadcast.c.asked_once, 0) + len(counted) - told
    await connection.execute(update(broadcast).where(broadcast.c.id == number).values(asked_once=once))


async def add(connection: AsyncConnection, number: int, settled: Iterable[tuple[str, str | None]]) -> None:
    """To the totals: states, and why where it isn't that they were sent."""
    sent = DeliveryState.SENT.value
    counts = Counter((state, "" if state == sent else why or "") for state, why in settled)
    if not counts:
        return
    rows = [
        {"broadcast_id": number, "state": state, "why": why, "count": count}
        for (state, why), count in sorted(counts.items())  # in one order, so that two at once don't wait for each other
    ]
    added = insert(connection, thinned)
    more = {"count": thinned.c.count + added.excluded.count}
    unique = ["broadcast_id", "state", "why"]
    await connection.execute(added.on_conflict_do_update(index_elements=unique, set_=more), rows)


async def sweep_spent(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Up to so many replies that were settled before that."""
    id, at = column("id", Number), column("at", Instant())
    spent = select(id).select_from(spent_by_time(connection)).where(text(SPENT), at < before)
    chosen = spent.order_by(at).limit(most).with_for_update(skip_locked=True)
    swept = delete(delivery).where(delivery.c.id.in_(chosen)).returning(delivery.c.state, delivery.c.why)
    rows = (await connection.execute(swept)).all()
    await add(connection, NO_BROADCAST, ((row.state, row.why) for row in rows))
    return len(rows)
