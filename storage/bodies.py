"""Bodies, who was declared to be in them, the channels they sit in, topics, and the talk under a card."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Body, BodyKind, Topic
from core.deliveries import DeliveryState
from core.events import BodiesLoaded, ChannelAttached, DiscussionHeard, PlaceMoved
from core.members import Address, Role
from core.places import Place
from storage.database import insert
from storage.outgoing import broadcast, delivery
from storage.shapes import read_localised, write_localised
from storage.tables import body, channel, declared, discussion, topic


async def find_body(connection: AsyncConnection, slug: str) -> Body | None:
    row = (await connection.execute(select(body).where(body.c.slug == slug))).one_or_none()
    if row is None:
        return None
    members = await connection.execute(select(declared).where(declared.c.body == slug).order_by(declared.c.position))
    channels = await connection.execute(
        select(channel).where(channel.c.body == slug).order_by(channel.c.account, channel.c.chat)
    )
    return Body(
        slug=row.slug,
        name=read_localised(row.name),
        kind=BodyKind(row.kind),
        members=tuple((Address(who.account, who.user_id), Role(who.role)) for who in members),
        channels=tuple(Place(where.account, where.chat, private=False) for where in channels),
        answer_days=row.answer_days,
    )


async def body_at(connection: AsyncConnection, place: Place) -> Body | None:
    sits = select(channel.c.body).where(channel.c.account == place.account, channel.c.chat == place.chat)
    slug = await connection.scalar(sits)
    return None if slug is None else await find_body(connection, slug)


async def all_topics(connection: AsyncConnection) -> tuple[Topic, ...]:
    rows = await connection.execute(select(topic).order_by(topic.c.position))
    return tuple(Topic(row.slug, read_localised(row.name)) for row in rows)


async def load_bodies(connection: AsyncConnection, loaded: BodiesLoaded) -> None:
    """Everything as declared takes the place of what was declared before. What was attached by hand stays."""
    for table in (body, topic, declared):
        await connection.execute(delete(table))
    await connection.execute(delete(channel).where(channel.c.by_hand.is_(False)))
    bodies: list[dict[str, object]] = []
    members: list[dict[str, object]] = []
    channels: list[dict[str, object]] = []
    for one in loaded.bodies:
        name = write_localised(one.name)
        bodies.append({"slug": one.slug, "name": name, "kind": one.kind.value, "answer_days": one.answer_days})
        for position, (who, role) in enumerate(one.members):
            known = {"body": one.slug, "account": who.account, "user_id": who.user, "role": role.value}
            members.append({**known, "position": position})
        for place in one.channels:
            channels.append({"account": place.account, "chat": place.chat, "body": one.slug, "by_hand": False})
    topics = [
        {"slug": one.slug, "name": write_localised(one.name), "position": position}
        for position, one in enumerate(loaded.topics)
    ]
    for table, rows in ((body, bodies), (topic, topics), (declared, members), (channel, channels)):
        if rows:
            await connection.execute(insert(connection, table).on_conflict_do_nothing(), rows)


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
