"""Where a member is reached with what goes out unasked, and addresses that are gone or back."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.members import Address
from storage.tables import address, member


async def leave(connection: AsyncConnection, number: int, who: Address, at: datetime, why: str) -> None:
    await connection.execute(update(address).where(_is(who)).values(gone_at=at, gone_why=why))
    await choose_reach(connection, number)


async def come_back(connection: AsyncConnection, number: int, who: Address, at: datetime) -> None:
    await connection.execute(update(address).where(_is(who)).values(gone_at=None, gone_why=None, seen_at=at))
    await choose_reach(connection, number)


def _is(who: Address) -> ColumnElement[bool]:
    return and_(address.c.account == who.account, address.c.user_id == who.user)


async def choose_reach(connection: AsyncConnection, number: int) -> None:
    """The address written from last that can still be written to; the web chat only where there is no other."""
    is_web = or_(address.c.account == "web", address.c.account.like("web:%"))
    best = (
        select(address.c.account, address.c.user_id)
        .where(address.c.member_id == number, address.c.gone_at.is_(None))
        .order_by(case((is_web, 1), else_=0), address.c.seen_at.desc(), address.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(best)).one_or_none()
    account, user = (row.account, row.user_id) if row else (None, None)
    reach = {"reach_account": account, "reach_user": user}
    await connection.execute(update(member).where(member.c.id == number).values(reach))
