"""The log of what people in office changed: written with the change itself, and only ever added to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    Select,
    Table,
    Text,
    and_,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deeds import OF_A_CONSULTATION, By, Deed, Did, Noted, Via, deed_of, of_member
from core.events import Event
from storage.consultations import find_consultation
from storage.database import Database
from storage.instants import Instant
from storage.tables import Number, metadata, numbered
from storage.tables import member as members

deed = Table(
    "deed",
    metadata,
    numbered(),
    Column("at", Instant, nullable=False),
    Column("via", Text, nullable=False),
    Column("member_id", Number, ForeignKey("member.id"), index=True),
    Column("did", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("body", Text),
    Column("detail", Text, nullable=False),
    Index("ix_deed_about", "about", "id"),
    Index("ix_deed_body", "body", "id"),
)


async def note(connection: AsyncConnection, by: By, *deeds: Deed) -> None:
    rows = [
        {"at": by.at, "via": by.via.value, "member_id": by.member, "did": one.did.value, "about": one.about}
        | {"body": one.body or await _asked_body(connection, one.about), "detail": one.detail}
        for one in deeds
    ]
    if rows:
        await connection.execute(insert(deed), rows)


async def _asked_body(connection: AsyncConnection, about: str) -> str | None:
    if not about.startswith(OF_A_CONSULTATION):
        return None
    found = await find_consultation(connection, about.removeprefix(OF_A_CONSULTATION))
    return found.audience.only_body if found else None


async def note_events(connection: AsyncConnection, by: By, happened: Sequence[Event]) -> None:
    await note(connection, by, *filter(None, map(deed_of, happened)))


async def join(connection: AsyncConnection, number: int, other: int) -> None:
    await connection.execute(update(deed).where(deed.c.member_id == other).values(member_id=number))
    await connection.execute(update(deed).where(deed.c.about == of_member(other)).values(about=of_member(number)))


async def forget(connection: AsyncConnection, number: int) -> None:
    """What they did in office stays, and that something was done about a member; that it was they doesn't."""
    await connection.execute(update(deed).where(deed.c.member_id == number).values(member_id=None))
    await connection.execute(update(deed).where(deed.c.about == of_member(number)).values(about=""))


async def done_by(connection: AsyncConnection, number: int) -> tuple[Noted, ...]:
    return await _noted(connection, deed.c.member_id == number)


async def done_about(connection: AsyncConnection, number: int) -> tuple[Noted, ...]:
    """By others."""
    return await _noted(connection, and_(deed.c.about == of_member(number), deed.c.member_id.is_distinct_from(number)))


async def _noted(connection: AsyncConnection, which: ColumnElement[bool]) -> tuple[Noted, ...]:
    """The oldest first."""
    rows = await connection.execute(_lines().where(which).order_by(deed.c.id))
    return tuple(map(_read, rows))


class SqlDeeds:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, by: By, *deeds: Deed) -> None:
        async with self._database.writing() as connection:
            await note(connection, by, *deeds)

    async def latest(
        self, limit: int, before: int | None = None, about: str = "", bodies: frozenset[str] | None = None
    ) -> Sequence[Noted]:
        sought = _lines()
        if before is not None:
            sought = sought.where(deed.c.id < before)
        if about:
            sought = sought.where(deed.c.about == about)
        if bodies is not None:
            sought = sought.where(deed.c.body.in_(sorted(bodies)))
        async with self._database.reading() as connection:
            rows = (await connection.execute(sought.order_by(deed.c.id.desc()).limit(limit))).all()
        return [_read(row) for row in rows]


def _lines() -> Select[*tuple[Any, ...]]:
    return select(deed, members.c.name).join(members, members.c.id == deed.c.member_id, isouter=True)


def _read(row: Row[*tuple[Any, ...]]) -> Noted:
    done = Deed(Did(row.did), row.about, row.body, row.detail)
    return Noted(row.id, row.at, Via(row.via), row.member_id, row.name or "", done)
