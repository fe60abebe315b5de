"""Groups: saved searches of the register. Who is in one is looked up anew each time, within the scope of who looks."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Row, Table, Text, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deeds import By, Deed, Did
from core.kept import KeptGroup
from core.register import Group, Sought, read_sought
from storage.database import Database
from storage.desk.deeds import note
from storage.desk.searching import is_called
from storage.instants import Instant
from storage.tables import Number, member, metadata, numbered

MOST = 100

# `scope`: the bodies that whoever made it organises; empty for the whole organisation.
saved_group = Table(
    "saved_group",
    metadata,
    numbered(),
    Column("member_id", Number, ForeignKey("member.id"), index=True),
    Column("scope", Text),
    Column("name", Text, nullable=False),
    Column("filter", Text, nullable=False),
    Column("at", Instant, nullable=False),
)


async def join(connection: AsyncConnection, number: int, other: int) -> None:
    theirs = saved_group.c.member_id == other
    await connection.execute(update(saved_group).where(theirs).values(member_id=number))


async def forget(connection: AsyncConnection, number: int) -> None:
    """Others may use it; that it was theirs goes. A search by a name that was theirs alone goes, whoever saved it."""
    theirs = saved_group.c.member_id == number
    await connection.execute(update(saved_group).where(theirs).values(member_id=None))
    name = await connection.scalar(select(member.c.name).where(member.c.id == number))
    if name:
        rows = await connection.execute(select(saved_group.c.id, saved_group.c.name, saved_group.c.filter))
        gone = [row.id for row in rows if await _tells_of(connection, number, name.casefold(), row)]
        await connection.execute(delete(saved_group).where(saved_group.c.id.in_(gone)))


async def _tells_of(connection: AsyncConnection, number: int, name: str, row: Row[*tuple[Any, ...]]) -> bool:
    """Whether it bears their whole name, or finds nobody but them by it."""
    if " " in name and name in row.name.casefold():
        return True
    sought = read_sought(json.loads(row.filter)).name
    if not sought or sought.casefold() not in name:
        return False
    others = select(member.c.id).where(is_called(connection, sought), member.c.id != number)
    return await connection.scalar(others.limit(1)) is None


async def kept(connection: AsyncConnection, number: int) -> tuple[KeptGroup, ...]:
    theirs = select(saved_group).where(saved_group.c.member_id == number).order_by(saved_group.c.id)
    rows = await connection.execute(theirs)
    return tuple(KeptGroup(row.name, json.loads(row.filter), row.at) for row in rows)


class SqlGroups:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, by: By, scope: frozenset[str] | None, name: str, sought: Sought) -> int:
        row = {"member_id": by.member, "name": name, "filter": json.dumps(sought.written()), "at": by.at}
        row["scope"] = None if scope is None else json.dumps(sorted(scope))
        async with self._database.writing() as connection:
            number = (
                await connection.execute(saved_group.insert().values(row).returning(saved_group.c.id))
            ).scalar_one()
            await note(connection, by, Deed(Did.GROUPED, f"group:{number}", _body(scope), "saved"))
        return int(number)

    async def drop(self, by: By, scope: frozenset[str] | None, id: int) -> bool:
        """False where there is none of theirs to see."""
        async with self._database.writing() as connection:
            row = (await connection.execute(select(saved_group).where(saved_group.c.id == id))).one_or_none()
            if row is None or not _sees(row, by.member, scope):
                return False
            await connection.execute(delete(saved_group).where(saved_group.c.id == id))
            await note(connection, by, Deed(Did.GROUPED, f"group:{id}", _body(scope), "removed"))
        return True

    async def of(self, member: int, scope: frozenset[str] | None) -> Sequence[Group]:
        """Those they made, and those of whoever organises no more than they do; by name."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(saved_group).order_by(saved_group.c.name, saved_group.c.id))).all()
        return [_read(row) for row in rows if _sees(row, member, scope)][:MOST]


def _sees(row: Row[*tuple[Any, ...]], member: int | None, scope: frozenset[str] | None) -> bool:
    if scope is None or (member is not None and row.member_id == member):
        return True
    return row.scope is not None and scope.issuperset(json.loads(row.scope))


def _read(row: Row[*tuple[Any, ...]]) -> Group:
    made_at: datetime = row.at
    return Group(row.id, row.name, read_sought(json.loads(row.filter)), made_at)


def _body(scope: frozenset[str] | None) -> str | None:
    return next(iter(scope)) if scope and len(scope) == 1 else None
