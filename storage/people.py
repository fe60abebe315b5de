"""Facts about members: where they are reached, what they follow and were offered."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import LinkOffered, OrganiserCodeMade
from core.members import Address
from core.ports import CodeTaken, LinkOffer
from storage.changes import change_member
from storage.database import insert
from storage.senders import MEMBER, read_member
from storage.tables import address, follow, link_offer, member, organiser_code


async def addresses_of(connection: AsyncConnection, number: int) -> tuple[Address, ...]:
    rows = await connection.execute(
        select(address.c.account, address.c.user_id).where(address.c.member_id == number).order_by(address.c.id)
    )
    return tuple(Address(row.account, row.user_id) for row in rows)


def is_at(account: ColumnElement[str], user: ColumnElement[str], where: Collection[Address]) -> ColumnElement[bool]:
    """That a row is of one of these addresses, by its columns for the account and the user there."""
    return tuple_(account, user).in_([(one.account, one.user) for one in where])


# --- topics followed
async def followed(connection: AsyncConnection, number: int) -> frozenset[str]:
    return frozenset((await connection.scalars(select(follow.c.topic).where(follow.c.member_id == number))).all())


async def follow_topic(connection: AsyncConnection, number: int, topic: str) -> None:
    await connection.execute(insert(connection, follow).values(member_id=number, topic=topic).on_conflict_do_nothing())


async def unfollow_topic(connection: AsyncConnection, number: int, topic: str) -> None:
    await connection.execute(delete(follow).where(follow.c.member_id == number, follow.c.topic == topic))


async def has_organiser(connection: AsyncConnection) -> bool:
    """Of the whole organisation."""
    return await connection.scalar(select(member.c.id).where(member.c.organiser).limit(1)) is not None


# --- codes
async def offer_link(connection: AsyncConnection, number: int, offered: LinkOffered) -> None:
    await connection.execute(delete(link_offer).where(link_offer.c.member_id == number))
    row = {"code": offered.code, "member_id": number, "expires_at": offered.expires_at}
    made = await connection.execute(insert(connection, link_offer).values(row).on_conflict_do_nothing())
    if not made.rowcount:
        raise CodeTaken(offered.code)


async def find_link_offer(connection: AsyncConnection, code: str, now: datetime) -> LinkOffer | None:
    """Locks the other member's addresses, then the member, in the order that their own turn does."""
    standing = select(*MEMBER).select_from(member.join(link_offer, link_offer.c.member_id == member.c.id))
    standing = standing.where(link_offer.c.code == code, link_offer.c.expires_at > now)
    row = (await connection.execute(standing)).one_or_none()
    if row is not None and connection.dialect.name == "postgresql":
        theirs = select(address.c.id).where(address.c.member_id == row.id).order_by(address.c.id)
        await connection.execute(theirs.with_for_update())
        row = (await connection.execute(standing.with_for_update(of=member))).one_or_none()
    return None if row is None else LinkOffer(code, read_member(row))


async def make_organiser_code(connection: AsyncConnection, made: OrganiserCodeMade) -> None:
    row = {"code": made.code, "name": made.name, "expires_at": made.expires_at}
    written = await connection.execute(insert(connection, organiser_code).values(row).on_conflict_do_nothing())
    if not written.rowcount:
        raise CodeTaken(made.code)


async def is_organiser_code(connection: AsyncConnection, code: str, now: datetime) -> bool:
    """Locked, so that of two who type it at once only one finds it."""
    good = select(organiser_code.c.code).where(organiser_code.c.code == code, organiser_code.c.expires_at > now)
    return (await connection.scalar(good.with_for_update())) is not None


async def make_organiser(connection: AsyncConnection, number: int, code: str) -> None:
    await connection.execute(delete(organiser_code).where(organiser_code.c.code == code))
    await change_member(connection, number, organiser=True)
