"""Two members who are one person: everything of the other's becomes this member's."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import DeliveryState, Priority
from core.events import MembersLinked
from storage.database import insert
from storage.desk.rooms import OF_MEMBERS
from storage.news import news_key
from storage.outgoing import broadcast, delivery
from storage.reach import choose_reach
from storage.tables import LATEST, address, answer, follow, idea, link_offer, member, participation, support

LINKED = "linked"
"""Why a delivery was suppressed: its receiver turned out to be somebody who gets the same one already."""

_REACHED = {"planned", "claimed", "sent", "uncertain"}


def nudge_key(slug: str, step: str, number: int | str) -> str:
    return f"nudge:{slug}:{step}:{number}"


async def link(connection: AsyncConnection, number: int, linked: MembersLinked) -> None:
    other = linked.other
    await connection.execute(delete(link_offer).where(or_(link_offer.c.code == linked.code, _of(link_offer, other))))
    await _settle_answers(connection, number, other)
    for table in (address, answer, idea):
        await connection.execute(update(table).where(_of(table, other)).values(member_id=number))
    await _merge_follows(connection, number, other)
    await _merge_supports(connection, number, other)
    await _merge_participations(connection, number, other)
    await _merge_deliveries(connection, number, other)
    await _merge_choices(connection, number, other)
    for room in OF_MEMBERS:
        await room.join(connection, number, other)
    await connection.execute(delete(member).where(member.c.id == other))
    await choose_reach(connection, number)


def _of(table: Table, number: int) -> ColumnElement[bool]:
    return table.c.member_id == number


async def _settle_answers(connection: AsyncConnection, number: int, other: int) -> None:
    """Of two answers that each were somebody's latest, the one given earlier is so no more."""
    both = select(answer).where(answer.c.member_id.in_((number, other)), text(LATEST))
    latest: dict[tuple[str, str], int] = {}
    earlier = []
    for row in await connection.execute(both.order_by(answer.c.at, answer.c.id)):
        prompt = (row.consultation, row.prompt)
        if prompt in latest:
            earlier.append(latest[prompt])
        latest[prompt] = row.id
    if earlier:
        await connection.execute(update(answer).where(answer.c.id.in_(earlier)).values(latest=False))


async def _merge_follows(connection: AsyncConnection, number: int, other: int) -> None:
    theirs = (await connection.scalars(delete(follow).where(_of(follow, other)).returning(follow.c.topic))).all()
    if theirs:
        rows = [{"member_id": number, "topic": topic} for topic in theirs]
        await connection.execute(insert(connection, follow).on_conflict_do_nothing(), rows)


async def _merge_supports(connection: AsyncConnection, number: int, other: int) -> None:
    """The earlier of two counts, once."""
    both = support.c.member_id.in_((number, other))
    times: dict[str, datetime] = {}
    for row in await connection.execute(delete(support).where(both).returning(support)):
        times[row.idea] = min(row.at, times.get(row.idea, row.at))
    if times:
        rows = [{"idea": code, "member_id": number, "at": at} for code, at in times.items()]
        await connection.execute(insert(connection, support), rows)


async def _merge_participations(connection: AsyncConnection, number: int, other: int) -> None:
    """The earliest begin and the earliest finish of either count."""
    both = (participation.c.member_id == number) | (participation.c.member_id == other)
    times: dict[str, list[tuple[datetime | None, datetime | None]]] = {}
    for row in await connection.execute(delete(participation).where(both).returning(participation)):
        times.setdefault(row.consultation, []).append((row.begun_at, row.finished_at))
    rows = [
        {
            "member_id": number,
            "consultation": slug,
            "begun_at": earliest(*(begun for begun, _ in of)),
            "finished_at": earliest(*(finished for _, finished in of)),
        }
        for slug, of in times.items()
    ]
    if rows:
        await connection.execute(insert(connection, participation), rows)


async def _merge_deliveries(connection: AsyncConnection, number: int, other: int) -> None:
    """What was planned for the other goes out to this member, unless they have or get the same already. The key of
    what was sent moves too, so that a broadcast whose writing goes on doesn't reach them a second time."""
    chosen = select(
        delivery.c.id, delivery.c.state, delivery.c.idea, delivery.c.entry, broadcast.c.consultation, broadcast.c.step
    ).join_from(delivery, broadcast, broadcast.c.id == delivery.c.broadcast_id, isouter=True)
    is_nudge = (delivery.c.priority == Priority.NUDGE.value) & broadcast.c.id.is_not(None)
    is_keyed = or_(is_nudge, delivery.c.idea.is_not(None))
    theirs = (await connection.execute(chosen.where(_of(delivery, other), is_keyed))).all()
    keys = {
        row.id: news_key(row.idea, row.entry, number) if row.idea else nudge_key(row.consultation, row.step, number)
        for row in theirs
    }
    mine = {}
    if keys:
        held = await connection.execute(
            select(delivery.c.key, delivery.c.state).where(delivery.c.key.in_(keys.values()))
        )
        mine = {row.key: row.state for row in held}
    await connection.execute(update(delivery).where(_of(delivery, other)).values(member_id=number))
    for row in theirs:
        key = keys[row.id]
        this = update(delivery).where(delivery.c.id == row.id)
        if key not in mine:
            await connection.execute(this.values(key=key))
        elif row.state == DeliveryState.PLANNED.value and mine[key] in _REACHED:
            await connection.execute(this.values(state=DeliveryState.SUPPRESSED.value, why=LINKED))


async def _merge_choices(connection: AsyncConnection, number: int, other: int) -> None:
    rows = (await connection.execute(select(member).where(member.c.id.in_((number, other))))).all()
    this = next(row for row in rows if row.id == number)
    that = next((row for row in rows if row.id == other), this)
    values: dict[str, object] = {
        "consented_at": earliest(this.consented_at, that.consented_at),
        "stopped_at": earliest(this.stopped_at, that.stopped_at),
        "organiser": this.organiser or that.organiser,
        "verified_at": earliest(this.verified_at, that.verified_at),
    }
    if that.language_chosen and not this.language_chosen:
        values |= {"language": that.language, "language_chosen": True}
    if (that.timezone_chosen and not this.timezone_chosen) or this.timezone is None:
        values |= {"timezone": that.timezone, "timezone_chosen": that.timezone_chosen}
    await connection.execute(update(member).where(member.c.id == number).values(values))


def earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)
