"""Bodies, who was declared to be in them, the channels they sit in, topics, and the talk under a card.

A body that has ended is found only among all bodies, for the sake of its name in old stories: nobody is in it, and
nothing can be attached to it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Bodies, Body, BodyKind, Office, Topic
from core.calendars import EVERY_DAY
from core.deliveries import DeliveryState
from core.events import BodiesLoaded, ChannelAttached, DiscussionHeard, PlaceMoved
from core.members import Address, Role
from core.places import Place
from storage.database import insert
from storage.outgoing import broadcast, delivery
from storage.shapes import (
    read_holidays,
    read_localised,
    read_powers,
    read_recesses,
    read_remit,
    write_holidays,
    write_localised,
    write_powers,
    write_recesses,
    write_remit,
)  # fmt: skip
from storage.tables import IS_DECLARED, address, body, channel, declared, discussion, organisation, topic

Members = tuple[tuple[Address, Role], ...]

THE_ONE = 1
"""There is one organisation."""


async def find_body(connection: AsyncConnection, slug: str) -> Body | None:
    living = select(body).where(body.c.slug == slug, body.c.has_ended.is_(False))
    row = (await connection.execute(living)).one_or_none()
    if row is None:
        return None
    members = await connection.execute(select(declared).where(declared.c.body == slug).order_by(declared.c.position))
    channels = await connection.execute(
        select(channel).where(channel.c.body == slug).order_by(channel.c.account, channel.c.chat)
    )
    known = tuple((Address(who.account, who.user_id), Role(who.role)) for who in members)
    return _read_body(row, channels.all(), known)


def _read_body(row: Row[*tuple[Any, ...]], channels: Sequence[Row[*tuple[Any, ...]]], members: Members = ()) -> Body:
    return Body(
        slug=row.slug,
        name=read_localised(row.name),
        kind=BodyKind(row.kind),
        members=members,
        channels=tuple(Place(where.account, where.chat, private=False) for where in channels),
        answer_days=row.answer_days,
        parent=row.parent,
        remit=read_remit(row.remit),
        powers=read_powers(row.powers),
        recesses=read_recesses(row.recesses),
        appeals=row.appeals,
        has_ended=row.has_ended,
    )


async def all_bodies(connection: AsyncConnection, timezone: str) -> Bodies:
    """Without their members; the ended ones last, and seated nowhere."""
    rows = (await connection.execute(select(body).order_by(body.c.has_ended, body.c.position, body.c.slug))).all()
    sits: dict[str, list[Row[*tuple[Any, ...]]]] = {row.slug: [] for row in rows if not row.has_ended}
    for where in await connection.execute(select(channel).order_by(channel.c.account, channel.c.chat)):
        if where.body in sits:
            sits[where.body].append(where)
    holidays = await connection.scalar(select(organisation.c.holidays))
    return Bodies(
        tuple(_read_body(row, sits.get(row.slug, ())) for row in rows),
        EVERY_DAY if holidays is None else read_holidays(holidays),
        timezone,
    )


async def retention(connection: AsyncConnection) -> int | None:
    return await connection.scalar(select(organisation.c.deliveries_kept))


async def offices_of(connection: AsyncConnection, number: int) -> frozenset[Office]:
    held = select(declared.c.body, declared.c.role).join(address, IS_DECLARED).where(address.c.member_id == number)
    return frozenset((row.body, Role(row.role)) for row in await connection.execute(held))


async def body_at(connection: AsyncConnection, place: Place) -> Body | None:
    sits = select(channel.c.body).where(channel.c.account == place.account, channel.c.chat == place.chat)
    slug = await connection.scalar(sits)
    return None if slug is None else await find_body(connection, slug)


async def all_topics(connection: AsyncConnection) -> tuple[Topic, ...]:
    rows = await connection.execute(select(topic).order_by(topic.c.position))
    return tuple(Topic(row.slug, read_localised(row.name)) for row in rows)


async def load_bodies(connection: AsyncConnection, loaded: BodiesLoaded) -> None:
    """Everything as declared takes the place of what was declared before. What was attached or declared by
    hand stays, as long as its body does; bodies that aren't declared any more stay as ended ones."""
    await connection.execute(delete(topic))
    slugs = [one.slug for one in loaded.bodies]
    of_the_file = or_(declared.c.by_hand.is_(False), declared.c.body.not_in(slugs))
    await connection.execute(delete(declared).where(of_the_file))
    await connection.execute(update(body).where(body.c.slug.not_in(slugs)).values(has_ended=True))
    await connection.execute(delete(channel).where(channel.c.by_hand.is_(False)))
    bodies: list[dict[str, object]] = []
    members: list[dict[str, object]] = []
    channels: list[dict[str, object]] = []
    for place_in_file, one in enumerate(loaded.bodies):
        bodies.append(_write_body(one, place_in_file))
        for position, (who, role) in enumerate(one.members):
            known = {"body": one.slug, "account": who.account, "user_id": who.user, "role": role.value}
            members.append({**known, "position": position})
        for place in one.channels:
            channels.append({"account": place.account, "chat": place.chat, "body": one.slug, "by_hand": False})
    topics = [
        {"slug": one.slug, "name": write_localised(one.name), "position": position}
        for position, one in enumerate(loaded.topics)
    ]
    if bodies:
        made = insert(connection, body)
        anew = {column.name: made.excluded[column.name] for column in body.columns if column.name != "slug"}
        await connection.execute(made.on_conflict_do_update(index_elements=["slug"], set_=anew), bodies)
    for table, rows in ((topic, topics), (declared, members), (channel, channels)):
        if rows:
            await connection.execute(insert(connection, table).on_conflict_do_nothing(), rows)
    for_all = {"holidays": write_holidays(loaded.holidays), "deliveries_kept": loaded.deliveries_kept}
    kept = insert(connection, organisation).values(id=THE_ONE, **for_all)
    await connection.execute(kept.on_conflict_do_update(index_elements=["id"], set_=for_all))


def _write_body(one: Body, position: int) -> dict[str, object]:
    return {
        "slug": one.slug,
        "name": write_localised(one.name),
        "kind": one.kind.value,
        "answer_days": one.answer_days,
        "parent": one.parent,
        "appeals": one.appeals,
        "remit": write_remit(one.remit),
        "powers": write_powers(one.powers),
        "recesses": write_recesses(one.recesses),
        "position": position,
        "has_ended": False,
    }


async def attach(connection: AsyncConnection, attached: ChannelAttached) -> None:
    sits = {"body": attached.body, "by_hand": True}
    row = insert(connection, channel).values(account=attached.place.account, chat=attached.place.chat, **sits)
    await connection.execute(row.on_conflict_do_update(index_elements=["account", "chat"], set_=sits))


async def detach(connection: AsyncConnection, place: Place) -> None:
    await connection.execute(delete(channel).where(channel.c.account == place.account, channel.c.chat == place.chat))


async def move(connection: AsyncConnection, moved: PlaceMoved) -> None:
    """The channel, and what is on its way to it."""
    there = select(channel.c.body).where(channel.c.account == moved.account, channel.c.chat == moved.to_chat)
    if await connection.scalar(there) is not None:
        await detach(connection, Place(moved.account, moved.from_chat, private=False))
    sits = (channel.c.account == moved.account) & (channel.c.chat == moved.from_chat)
    await connection.execute(update(channel).where(sits).values(chat=moved.to_chat))
    goes = (delivery.c.account == moved.account) & (delivery.c.chat == moved.from_chat)
    planned = delivery.c.state == DeliveryState.PLANNED.value
    await connection.execute(update(delivery).where(goes, planned).values(chat=moved.to_chat))


# --- the talk under a card
async def card_at(connection: AsyncConnection, place: Place) -> str | None:
    """The latest first, though a platform's ids of messages in one chat don't repeat."""
    if place.thread is None:
        return None
    card = select(delivery.c.consultation, broadcast.c.consultation.label("broadcast_of")).select_from(
        delivery.outerjoin(broadcast, broadcast.c.id == delivery.c.broadcast_id)
    )
    there = (delivery.c.account == place.account) & (delivery.c.chat == place.chat)
    card = card.where(there, delivery.c.message == place.thread).order_by(delivery.c.id.desc()).limit(1)
    row = (await connection.execute(card)).one_or_none()
    return None if row is None else row.broadcast_of or row.consultation


async def hear(connection: AsyncConnection, heard: DiscussionHeard) -> None:
    row = {
        "account": heard.place.account,
        "chat": heard.place.chat,
        "message": heard.message,
        "thread": heard.place.thread,
        "consultation": heard.consultation,
        "at": heard.at,
    }
    await connection.execute(insert(connection, discussion).values(row).on_conflict_do_nothing())
