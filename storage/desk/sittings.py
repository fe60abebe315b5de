"""Sittings at the desk, and the one-time links that lead to them. Of their secrets only digests are kept."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ForeignKey, Row, Table, Text, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deeds import By, Deed, Did, Via
from core.events import DeskAsked
from core.kept import KeptSitting
from core.members import Address
from core.sittings import IDLE_LASTS, LASTS, Begun, Sitting, digest
from storage import senders
from storage.database import Database
from storage.desk.authorities import Authorities
from storage.desk.deeds import note
from storage.instants import Instant
from storage.senders import MEMBER
from storage.tables import Number, metadata, numbered
from storage.tables import member as members

SEEN_EVERY = timedelta(minutes=1)
LONGEST_BROWSER = 120

link = Table(
    "desk_link",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

sitting = Table(
    "sitting",
    metadata,
    numbered(),
    Column("digest", Text, nullable=False, unique=True),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)


async def offer(connection: AsyncConnection, number: int, who: Address, asked: DeskAsked) -> None:
    await connection.execute(delete(link).where(or_(link.c.member_id == number, link.c.expires_at < asked.expires_at)))
    row = {"digest": asked.digest, "member_id": number, "expires_at": asked.expires_at}
    await connection.execute(link.insert().values({**row, "account": who.account, "user_id": who.user}))


async def join(connection: AsyncConnection, number: int, other: int) -> None:
    """Two members are one: the other's links are no more, and their sittings are this one's."""
    await connection.execute(delete(link).where(link.c.member_id == other))
    await connection.execute(update(sitting).where(sitting.c.member_id == other).values(member_id=number))


async def forget(connection: AsyncConnection, number: int) -> None:
    for table in (link, sitting):
        await connection.execute(delete(table).where(table.c.member_id == number))


async def link_good_until(connection: AsyncConnection, number: int) -> datetime | None:
    return await connection.scalar(select(link.c.expires_at).where(link.c.member_id == number))


async def kept(connection: AsyncConnection, number: int) -> tuple[KeptSitting, ...]:
    theirs = select(sitting).where(sitting.c.member_id == number).order_by(sitting.c.id)
    return tuple(
        KeptSitting(Address(row.account, row.user_id), row.browser, row.begun_at, row.seen_at)
        for row in await connection.execute(theirs)
    )


class SqlSittings:
    """`timezone`: the organisation's own."""

    def __init__(self, database: Database, timezone: str = "UTC") -> None:
        self._database, self._authorities = database, Authorities(timezone)

    async def has_link(self, secret: str, now: datetime) -> bool:
        asked = select(link.c.member_id).where(link.c.digest == digest(secret), link.c.expires_at > now)
        async with self._database.reading() as connection:
            return await connection.scalar(asked) is not None

    async def redeem(self, secret: str, now: datetime, browser: str) -> Begun | None:
        used = delete(link).where(link.c.digest == digest(secret))
        async with self._database.writing() as connection:
            row = (await connection.execute(used.returning(link))).one_or_none()
            if row is None or row.expires_at <= now:
                return None
            return await _begin(connection, row.member_id, Address(row.account, row.user_id), now, browser)

    async def begin(self, who: Address, now: datetime, browser: str) -> Begun | None:
        async with self._database.writing() as connection:
            known = await senders.member_at(connection, who)
            return await _begin(connection, known.id, who, now, browser) if known else None

    async def find(self, secret: str, now: datetime) -> Sitting | None:
        sought = _sittings().where(sitting.c.digest == digest(secret), *_lasts(now))
        async with self._database.reading() as connection:
            row = (await connection.execute(sought)).one_or_none()
            found = await self._read(connection, row) if row else None
        if row is not None and now - row.seen_at >= SEEN_EVERY:
            async with self._database.writing() as connection:
                await connection.execute(update(sitting).where(sitting.c.id == row.sitting_id).values(seen_at=now))
        return found

    async def of(self, member: int, now: datetime) -> tuple[Sitting, ...]:
        sought = _sittings().where(sitting.c.member_id == member, *_lasts(now))
        async with self._database.reading() as connection:
            rows = (await connection.execute(sought.order_by(sitting.c.seen_at.desc(), sitting.c.id.desc()))).all()
            return tuple([await self._read(connection, row) for row in rows])

    async def end(self, member: int, id: int) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(sitting).where(sitting.c.member_id == member, sitting.c.id == id))

    async def end_others(self, member: int, besides: int) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(sitting).where(sitting.c.member_id == member, sitting.c.id != besides))

    async def _read(self, connection: AsyncConnection, row: Row[*tuple[Any, ...]]) -> Sitting:
        authority = await self._authorities.read(connection, row)
        where = Address(row.account, row.user_id)
        return Sitting(row.sitting_id, authority, row.begun_at, row.seen_at, row.browser, where)


def _sittings() -> Any:
    own = (sitting.c.begun_at, sitting.c.seen_at, sitting.c.browser, sitting.c.account, sitting.c.user_id)
    columns = (*MEMBER, sitting.c.id.label("sitting_id"), *own)
    return select(*columns).select_from(sitting.join(members, members.c.id == sitting.c.member_id))


def _lasts(now: datetime) -> tuple[Any, ...]:
    return sitting.c.begun_at > now - LASTS, sitting.c.seen_at > now - IDLE_LASTS


async def _begin(connection: AsyncConnection, number: int, who: Address, now: datetime, browser: str) -> Begun:
    secret = secrets.token_urlsafe(32)
    over = or_(sitting.c.begun_at <= now - LASTS, sitting.c.seen_at <= now - IDLE_LASTS)
    await connection.execute(delete(sitting).where(over))
    row = {"digest": digest(secret), "member_id": number, "account": who.account, "user_id": who.user}
    row |= {"browser": browser[:LONGEST_BROWSER], "begun_at": now, "seen_at": now}
    await connection.execute(sitting.insert().values(row))
    await note(connection, By(Via.DESK, now, number), Deed(Did.ENTERED))
    return Begun(secret, number)
