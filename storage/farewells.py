"""The last that is kept of whoever was forgotten: what is on its way to them, and where, until they could read it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import DeliveryState
from core.members import Address
from storage.outgoing import chat, delivery, farewell, line
from storage.people import is_at
from storage.tables import address, inbound

READ_WITHIN = timedelta(seconds=20)
"""How long a farewell stands in the web chat, well within the minute that we promise."""

WEB = "web"
"""The account whose chats we keep ourselves."""

FORGOTTEN = "forgotten"
"""Why a nudge to them was suppressed, or why nobody knows whether it arrived."""

_BLANK = {"member_id": None, "chat": "", "thread": None, "key": None, "content": None, "message": None}


def is_farewell() -> ColumnElement[bool]:
    """Said to somebody who was no member any more: nothing is counted by it."""
    return and_(
        delivery.c.member_id.is_(None),
        delivery.c.key.is_(None),
        delivery.c.broadcast_id.is_(None),
        delivery.c.consultation.is_(None),
        delivery.c.private,
    )


async def drop_messages(connection: AsyncConnection, one: int, where: Sequence[Address]) -> None:
    """All that is on its way to them or was sent. Of a broadcast's messages it stays that there were so many, and of a
    consultation's card where it is. An empty web chat stays, so that an open page sees what comes after."""
    theirs = delivery.c.member_id == one
    is_counted = delivery.c.broadcast_id.is_not(None)
    is_card = and_(delivery.c.consultation.is_not(None), delivery.c.private.is_(False))
    becomes = case(
        (delivery.c.state == DeliveryState.PLANNED.value, DeliveryState.SUPPRESSED.value),
        (delivery.c.state == DeliveryState.CLAIMED.value, DeliveryState.UNCERTAIN.value),
        else_=delivery.c.state,
    )
    why = case((becomes == delivery.c.state, delivery.c.why), else_=FORGOTTEN)
    await connection.execute(
        update(delivery).where(theirs, is_counted).values({**_BLANK, "state": becomes, "why": why})
    )
    await connection.execute(update(delivery).where(theirs, ~is_counted, is_card).values(member_id=None))
    here = is_at(delivery.c.account, delivery.c.chat, where)
    await connection.execute(delete(delivery).where(~is_counted, or_(theirs, and_(here, delivery.c.private))))
    await connection.execute(delete(line).where(line.c.user_id.in_(_users(where))))


def _users(where: Sequence[Address]) -> list[str]:
    return [one.user for one in where if one.account == WEB]


async def await_end(connection: AsyncConnection, one: int, where: Sequence[Address], at: datetime) -> None:
    rows = [{"member_id": one, "account": who.account, "user_id": who.user, "at": at} for who in where]
    await connection.execute(farewell.insert(), rows)


async def due(connection: AsyncConnection, now: datetime) -> bool:
    return await connection.scalar(select(farewell.c.id).where(_is_due(now)).limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return farewell.c.at <= now - READ_WITHIN


async def end(connection: AsyncConnection, now: datetime) -> int:
    """Also what somebody else's turn wrote to them in the very moment in which they were forgotten. The number of
    addresses that nothing is known of any more."""
    rows = (await connection.execute(delete(farewell).where(_is_due(now)).returning(farewell))).all()
    for row in rows:
        who = Address(row.account, row.user_id)
        unless_back = () if await _is_back(connection, who) else (who,)
        await drop_messages(connection, row.member_id, unless_back)
        await connection.execute(delete(chat).where(chat.c.user_id.in_(_users(unless_back))))
        await _drop_farewell(connection, who, row.at)
    return len(rows)


async def _is_back(connection: AsyncConnection, who: Address) -> bool:
    here = select(address.c.id).where(address.c.account == who.account, address.c.user_id == who.user)
    return await connection.scalar(here) is not None


async def _drop_farewell(connection: AsyncConnection, who: Address, at: datetime) -> None:
    """Wherever it got to; and the keys of what they did before, which hold their id in the web chat."""
    to_them = and_(delivery.c.account == who.account, delivery.c.chat == who.user)
    await connection.execute(delete(delivery).where(is_farewell(), to_them))
    if who.account == WEB:
        said = line.c.at <= at + READ_WITHIN
        await connection.execute(delete(line).where(line.c.user_id == who.user, said))
    keys = inbound.c.key.startswith(f"{who.account}:{who.user}:", autoescape=True)
    await connection.execute(delete(inbound).where(keys, inbound.c.at <= at))
