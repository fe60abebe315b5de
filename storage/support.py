"""Who supports which idea."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import insert
from storage.tables import support


async def add(connection: AsyncConnection, number: int, code: str, at: datetime) -> None:
    row = insert(connection, support).values(idea=code, member_id=number, at=at)
    await connection.execute(row.on_conflict_do_nothing())


async def withdraw(connection: AsyncConnection, number: int, code: str) -> None:
    await connection.execute(delete(support).where(support.c.idea == code, support.c.member_id == number))


async def is_supported(connection: AsyncConnection, number: int, code: str) -> bool:
    theirs = select(support.c.at).where(support.c.idea == code, support.c.member_id == number)
    return await connection.scalar(theirs) is not None


async def supporters(connection: AsyncConnection, code: str) -> int:
    return await connection.scalar(select(func.count()).where(support.c.idea == code)) or 0
