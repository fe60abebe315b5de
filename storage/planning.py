"""Planning: a broadcast becomes deliveries inside the database, in pages, without a row coming to us."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Row,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import NudgeKind
from core.deliveries import DeliveryState, Priority
from core.nudges import OVER_BUDGET
from core.ports import Allowance, Broadcast
from storage.audiences import reachable
from storage.broadcasts import read_broadcast
from storage.database import Database, insert
from storage.instants import Instant
from storage.linking import nudge_key
from storage.outgoing import broadcast, delivery
from storage.posts import Lanes, make_lanes
from storage.shapes import read_audience
from storage.tables import body, channel, member

_WRITTEN = (
    "account", "chat", "private", "priority", "broadcast_id", "member_id", "key", "state", "attempts",
    "not_before", "expires_at",
)  # fmt: skip
_JUDGED = (*_WRITTEN, "why", "at")

PAGE_WITHIN = {"sqlite": 0.01, "postgresql": 0.1}
"""Seconds of a page: on SQLite all others wait to write, on PostgreSQL only who plans the same broadcast."""


class SqlPlanner:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._lanes = Lanes()

    @property
    def page_within(self) -> float:
        return PAGE_WITHIN["sqlite" if self._database.is_sqlite else "postgresql"]

    async def unplanned(self, now: datetime) -> tuple[Broadcast, ...]:
        due = select(broadcast).where(
            broadcast.c.confirmed.is_(True),
            broadcast.c.is_planned.is_(False),
            broadcast.c.held_at.is_(None),
            broadcast.c.at <= now,
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(due.order_by(broadcast.c.at, broadcast.c.id))
            return tuple(map(read_broadcast, rows))

    async def zones(self) -> tuple[str | None, ...]:
        async with self._database.reading() as connection:
            zones = (await connection.scalars(select(member.c.timezone).distinct())).all()
        return tuple(sorted(zones, key=lambda zone: (zone is not None, zone or "")))

    async def plan_page(
        self,
        planned: Broadcast,
        not_before: Mapping[str | None, datetime],
        expires_at: datetime | None,
        size: int,
        allowance: Allowance | None = None,
    ) -> Broadcast:
        """A page is the next `size` members, of whom those in the audience get a delivery: so that each page is a
        short transaction even where the audience is a handful among a million."""
        async with self._database.writing() as connection:
            chosen = select(broadcast).where(broadcast.c.code == planned.id).with_for_update()
            row = (await connection.execute(chosen)).one()
            if row.is_planned or row.held_at is not None:
                return read_broadcast(row)
            found = (await connection.execute(_PAGE, {"after": row.planned_to, "size": size})).all()
            count, last = sum(part.members for part in found), max((part.last for part in found), default=0)
            written = 0
            if count:
                await self._lanes.make(connection, {part.reach_account for part in found} - {None})
                over = await where_it_matters(connection, allowance, row.id)
                written = await _write_nudges(connection, row, last, not_before, expires_at, over)
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


def _page() -> Select[*tuple[Any, ...]]:
    """The next so many members: how many, up to which number, on which accounts."""
    after = select(member.c.id, member.c.reach_account).where(member.c.id > bindparam("after"))
    page = after.order_by(member.c.id).limit(bindparam("size", type_=Integer)).subquery()
    counted = select(page.c.reach_account, func.count().label("members"), func.max(page.c.id).label("last"))
    return counted.group_by(page.c.reach_account)


_PAGE = _page()


async def where_it_matters(
    connection: AsyncConnection, allowance: Allowance | None, besides: int | None = None
) -> Allowance | None:
    """The allowance where it can matter: a broadcast goes to each member once, so before there were as many others as
    the budget has places, nobody can have used it up."""
    if allowance is None or allowance.budget < 1:
        return None
    others = select(broadcast.c.id).where(broadcast.c.planned > 0)
    if besides is not None:
        others = others.where(broadcast.c.id != besides)
    found = (await connection.scalars(others.limit(allowance.budget))).all()
    return allowance if len(found) == allowance.budget else None


async def _write_nudges(
    connection: AsyncConnection,
    row: _Ordered,
    last: int,
    not_before: Mapping[str | None, datetime],
    expires_at: datetime | None,
    allowance: Allowance | None,
) -> int:
    audience = read_audience(row.audience)
    receivers = and_(
        member.c.id > row.planned_to,
        member.c.id <= last,
        reachable(NudgeKind(row.kind), row.consultation, audience, row.at),
    )
    due = _in_their_zone(row, not_before)
    state: ColumnElement[str] = literal(DeliveryState.PLANNED.value)
    whose: FromClause = member
    judged: tuple[ColumnElement[Any], ...] = ()
    if allowance:
        used = budgets_used(allowance, and_(delivery.c.member_id > row.planned_to, delivery.c.member_id <= last))
        whose = member.outerjoin(used, used.c.member_id == member.c.id)
        free = later(used.c.at, allowance.span, connection.dialect.name)
        too_late = free >= literal(expires_at, Instant()) if expires_at else false()
        state = case((too_late, DeliveryState.SUPPRESSED.value), else_=state)
        judged = case((too_late, OVER_BUDGET)), case((too_late, literal(allowance.now, Instant())))
        due = case((free > due, free), else_=due)
    rows = select(
        member.c.reach_account,
        member.c.reach_user,
        true(),
        literal(Priority.NUDGE.value),
        literal(row.id),
        member.c.id,
        literal(nudge_key(row.consultation, row.step, "")) + cast(member.c.id, Text),
        state,
        literal(0),
        due,
        literal(expires_at, Instant()),
        *judged,
    )
    return await _write(connection, rows.select_from(whose).where(receivers))


def budgets_used(allowance: Allowance, whose: ColumnElement[bool]) -> Subquery:
    """Of members who had as many unasked messages within a week as the budget allows, the time of the one that has to
    be a week ago first. What may have arrived is counted when it is sent, for it may still turn out that it didn't."""
    lately = and_(
        whose,
        delivery.c.priority == Priority.NUDGE.value,
        delivery.c.state == DeliveryState.SENT.value,
        delivery.c.at > allowance.since,
    )
    sent = select(
        delivery.c.member_id, func.count().label("sent"), func.min(delivery.c.at, type_=Instant()).label("first")
    )
    full = sent.where(lately).group_by(delivery.c.member_id).having(func.count() >= allowance.budget).subquery()
    more = delivery.alias("more")  # for the few who had more than they should have
    which = (
        select(more.c.at)
        .where(more.c.member_id == full.c.member_id, more.c.priority == Priority.NUDGE.value)
        .where(more.c.state == DeliveryState.SENT.value, more.c.at > allowance.since)
        .order_by(more.c.at.desc())
        .limit(1)
        .offset(allowance.budget - 1)
        .scalar_subquery()
    )
    at = case((full.c.sent == allowance.budget, full.c.first), else_=which)
    return select(full.c.member_id, at.label("at")).subquery()


def later(at: ColumnElement[datetime], span: timedelta, kind: str) -> ColumnElement[datetime]:
    """Written as this database writes instants: on SQLite with the fraction that its own functions would cut off."""
    if kind == "sqlite":
        whole = func.strftime("%Y-%m-%d %H:%M:%S", at, f"+{int(span.total_seconds())} seconds", type_=Text)
        return type_coerce(whole + func.substr(at, 20, type_=Text), Instant())
    return type_coerce(at + literal(span), Instant())


async def _write_posts(
    connection: AsyncConnection, row: _Ordered, not_before: datetime, expires_at: datetime | None
) -> int:
    """A card for every channel of the bodies that are asked; of every body where everybody is. Where only some of the
    members are, a card that all of them see would ask too many."""
    audience = read_audience(row.audience)
    if audience.is_narrowed:
        return 0
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
    names = _JUDGED[: len(rows.selected_columns)]
    written = insert(connection, delivery).from_select(names, rows, include_defaults=False)
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
