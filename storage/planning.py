"""Planning: a broadcast becomes deliveries inside the database, in pages, without a row coming to us."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import DeliveryState, Priority
from core.ports import Broadcast
from storage.audiences import reachable
from storage.broadcasts import read_broadcast
from storage.database import Database, insert
from storage.instants import Instant
from storage.linking import nudge_key
from storage.outgoing import broadcast, delivery
from storage.posts import make_lanes
from storage.shapes import read_audience
from storage.tables import body, channel, member

_WRITTEN = (
    "account", "chat", "private", "priority", "broadcast_id", "member_id", "key", "state", "attempts",
    "not_before", "expires_at",
)  # fmt: skip


class SqlPlanner:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def unplanned(self, now: datetime) -> tuple[Broadcast, ...]:
        due = select(broadcast).where(
            broadcast.c.confirmed.is_(True), broadcast.c.is_planned.is_(False), broadcast.c.at <= now
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(due.order_by(broadcast.c.at, broadcast.c.id))
            return tuple(map(read_broadcast, rows))

    async def zones(self) -> tuple[str | None, ...]:
        async with self._database.reading() as connection:
            zones = (await connection.scalars(select(member.c.timezone).distinct())).all()
        return tuple(sorted(zones, key=lambda zone: (zone is not None, zone or "")))

    async def plan_page(
        self, planned: Broadcast, not_before: Mapping[str | None, datetime], expires_at: datetime | None, size: int
    ) -> Broadcast:
        """A page is the next `size` members, of whom those in the audience get a delivery: so that each page is a
        short transaction even where the audience is a handful among a million."""
        async with self._database.writing() as connection:
            chosen = select(broadcast).where(broadcast.c.code == planned.id).with_for_update()
            row = (await connection.execute(chosen)).one()
            if row.is_planned:
                return read_broadcast(row)
            page = select(member.c.id).where(member.c.id > row.planned_to).order_by(member.c.id).limit(size).subquery()
            count, last = (await connection.execute(select(func.count(), func.max(page.c.id)))).one()
            written = 0
            if count:
                written = await _write_nudges(connection, row, last, not_before, expires_at)
            is_done = count < size
            if is_done and row.kind == NudgeKind.INVITATION.value:
                written += await _write_posts(connection, row, _without_zone(row, not_before), expires_at)
            changes = {
                "planned": broadcast.c.planned + written,
                "planned_to": last or row.planned_to,
                "is_planned": is_done,
            }
            advanced = update(broadcast).where(broadcast.c.id == row.id).values(changes).returning(broadcast)
            return read_broadcast((await connection.execute(advanced)).one())


_Ordered = Row[*tuple[Any, ...]]


async def _write_nudges(
    connection: AsyncConnection,
    row: _Ordered,
    last: int,
    not_before: Mapping[str | None, datetime],
    expires_at: datetime | None,
) -> int:
    audience = read_audience(row.audience)
    receivers = and_(
        member.c.id > row.planned_to,
        member.c.id <= last,
        reachable(NudgeKind(row.kind), row.consultation, audience),
    )
    accounts = select(member.c.reach_account, literal(0)).where(receivers).distinct()
    await make_lanes(connection, accounts)
    rows = select(
        member.c.reach_account,
        member.c.reach_user,
        true(),
        literal(Priority.NUDGE.value),
        literal(row.id),
        member.c.id,
        literal(nudge_key(row.consultation, row.step, "")) + cast(member.c.id, Text),
        literal(DeliveryState.PLANNED.value),
        literal(0),
        _in_their_zone(row, not_before),
        literal(expires_at, Instant()),
    ).where(receivers)
    return await _write(connection, rows)


async def _write_posts(
    connection: AsyncConnection, row: _Ordered, not_before: datetime, expires_at: datetime | None
) -> int:
    """A card for every channel of the bodies that are asked; of every body where everybody is."""
    audience = read_audience(row.audience)
    asked = true() if audience.is_everybody else channel.c.body.in_(audience.bodies)
    sits = channel.join(body, and_(body.c.slug == channel.c.body, body.c.has_ended.is_(False)))
    accounts = select(channel.c.account, literal(0)).select_from(sits).where(asked).distinct()
    await make_lanes(connection, accounts)
    prefix = f"post:{row.consultation}:{row.step}:"
    rows = select(
        channel.c.account,
        channel.c.chat,
        false(),
        literal(Priority.POST.value),
        literal(row.id),
        null(),
        literal(prefix) + channel.c.account + ":" + channel.c.chat,
        literal(DeliveryState.PLANNED.value),
        literal(0),
        literal(not_before, Instant()),
        literal(expires_at, Instant()),
    )
    return await _write(connection, rows.select_from(sits).where(asked))


async def _write(connection: AsyncConnection, rows: Select[*tuple[Any, ...]]) -> int:
    written = insert(connection, delivery).from_select(list(_WRITTEN), rows, include_defaults=False)
    return (await connection.execute(written.on_conflict_do_nothing(index_elements=["key"]))).rowcount


def _in_their_zone(row: _Ordered, not_before: Mapping[str | None, datetime]) -> ColumnElement[datetime]:
    """Zones in which it is due at the same instant are told apart no further: usually one instant is left."""
    otherwise = _without_zone(row, not_before)
    zones: dict[datetime, list[str]] = {}
    for zone, at in not_before.items():
        if zone is not None and at != otherwise:
            zones.setdefault(at, []).append(zone)
    if not zones:
        return literal(otherwise, Instant())
    cases = [(member.c.timezone.in_(names), literal(at, Instant())) for at, names in zones.items()]
    return case(*cases, else_=literal(otherwise, Instant()))


def _without_zone(row: _Ordered, not_before: Mapping[str | None, datetime]) -> datetime:
    """For those whose zone we don't know, and for a zone that somebody chose since the instants were worked out."""
    return not_before.get(None, row.at)
