"""Access tokens, as digests; and what was answered to requests that carry a key, so that they can be sent again."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.asking import Answered, Asked, Elsewhere, First, StillAnswered
from core.deeds import By, Deed, Did
from core.sittings import digest
from core.tokens import MOST_TOKENS, RANDOM_BYTES, Bearer, Scope, Shown, Token, is_token, write_token
from storage.database import Database, insert
from storage.desk.authorities import Authorities
from storage.desk.deeds import note
from storage.instants import Instant
from storage.tables import Number, metadata, numbered

SEEN_EVERY = timedelta(minutes=1)
KEPT_WHEN_OVER = timedelta(days=30)
"""How long a token whose time is over is still shown to its owner."""

ANSWERS_KEPT = timedelta(days=1)
ANSWERS_WITHIN = timedelta(minutes=2)
"""Whoever hasn't answered by then has died over it."""

token = Table(
    "api_token",
    metadata,
    numbered(),
    Column("digest", Text, nullable=False, unique=True),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("seen_at", Instant),
    sqlite_autoincrement=True,  # a number is never used again: answers that are kept go by it
)

asked = Table(
    "api_answer",
    metadata,
    Column("token_id", Number, ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("asked", Text, nullable=False),  # a digest of what was asked
    Column("at", Instant, nullable=False, index=True),
    Column("status", Integer),  # none while it is being answered
    Column("media_type", Text),
    Column("content", LargeBinary),
)


async def join(connection: AsyncConnection, number: int, other: int) -> None:
    await connection.execute(update(token).where(token.c.member_id == other).values(member_id=number))


async def forget(connection: AsyncConnection, number: int) -> None:
    theirs = select(token.c.id).where(token.c.member_id == number)
    await connection.execute(delete(asked).where(asked.c.token_id.in_(theirs)))
    await connection.execute(delete(token).where(token.c.member_id == number))


async def kept(connection: AsyncConnection, number: int) -> tuple[Token, ...]:
    theirs = select(token).where(token.c.member_id == number).order_by(token.c.id.desc())
    return tuple(map(_read, await connection.execute(theirs)))


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    old = (await connection.execute(delete(asked).where(asked.c.at <= now - ANSWERS_KEPT))).rowcount
    over = select(token.c.id).where(token.c.expires_at <= now - KEPT_WHEN_OVER)
    await connection.execute(delete(asked).where(asked.c.token_id.in_(over)))
    return old + (await connection.execute(delete(token).where(token.c.id.in_(over)))).rowcount


async def end_without_office(connection: AsyncConnection) -> None:
    """Those of members who organise nothing any more. To be called wherever offices change."""
    authorities = Authorities()
    for owner in (await connection.scalars(select(token.c.member_id).distinct())).all():
        if not (await authorities.of(connection, owner)).is_organiser:
            await forget(connection, owner)


class SqlTokens:
    """`timezone`: the organisation's own."""

    def __init__(self, database: Database, timezone: str = "UTC") -> None:
        self._database, self._authorities = database, Authorities(timezone)

    async def make(self, by: By, name: str, scopes: Collection[Scope], lasts: timedelta) -> Shown | None:
        secret = write_token(secrets.token_bytes(RANDOM_BYTES))
        row = {"digest": digest(secret), "member_id": by.member, "name": name, "made_at": by.at}
        row |= {"expires_at": by.at + lasts, "scopes": " ".join(sorted(scopes))}
        async with self._database.writing() as connection:
            theirs = select(func.count()).select_from(token).where(token.c.member_id == by.member)
            if (await connection.scalar(theirs) or 0) >= MOST_TOKENS:
                return None
            made = (await connection.execute(insert(connection, token).values(row).returning(token))).one()
            await note(connection, by, Deed(Did.TOKEN, f"token:{made.id}", detail=" ".join(sorted(scopes))))
        return Shown(_read(made), secret)

    async def find(self, secret: str, now: datetime) -> Bearer | None:
        if not is_token(secret):
            return None
        async with self._database.reading() as connection:
            row = (await connection.execute(select(token).where(token.c.digest == digest(secret)))).one_or_none()
            if row is None or row.expires_at <= now:
                return None
            authority = await self._authorities.of(connection, row.member_id)
        if not authority.is_organiser:
            async with self._database.writing() as connection:
                await forget(connection, row.member_id)
            return None
        if row.seen_at is None or now - row.seen_at >= SEEN_EVERY:
            async with self._database.writing() as connection:
                await connection.execute(update(token).where(token.c.id == row.id).values(seen_at=now))
        return Bearer(_read(row), authority)

    async def of(self, member: int) -> tuple[Token, ...]:
        async with self._database.reading() as connection:
            return await kept(connection, member)

    async def end(self, by: By, id: int) -> bool:
        async with self._database.writing() as connection:
            theirs = (token.c.id == id) & (token.c.member_id == by.member)
            if await connection.scalar(select(token.c.id).where(theirs)) is None:
                return False
            await connection.execute(delete(asked).where(asked.c.token_id == id))
            await connection.execute(delete(token).where(theirs))
            await note(connection, by, Deed(Did.TOKEN_ENDED, f"token:{id}"))
        return True


def _read(row: Row[*tuple[Any, ...]]) -> Token:
    known = {scope.value for scope in Scope}
    scopes = frozenset(Scope(word) for word in row.scopes.split() if word in known)
    return Token(row.id, row.member_id, row.name, scopes, row.made_at, row.expires_at, row.seen_at)


class SqlAsked:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, token_id: int, key: str, asked_for: str, now: datetime) -> Asked:
        here = (asked.c.token_id == token_id) & (asked.c.key == key)
        async with self._database.writing() as connection:
            died = asked.c.status.is_(None) & (asked.c.at <= now - ANSWERS_WITHIN)
            await connection.execute(delete(asked).where(here, or_(asked.c.at <= now - ANSWERS_KEPT, died)))
            row = insert(connection, asked).values(token_id=token_id, key=key, asked=asked_for, at=now)
            if (await connection.execute(row.on_conflict_do_nothing())).rowcount:
                return First()
            before = (await connection.execute(select(asked).where(here))).one()
        if before.asked != asked_for:
            return Elsewhere()
        if before.status is None:
            return StillAnswered()
        return Answered(before.status, before.media_type or "", before.content or b"")

    async def keep(self, token_id: int, key: str, answer: Answered) -> None:
        here = (asked.c.token_id == token_id) & (asked.c.key == key)
        values = {"status": answer.status, "media_type": answer.media_type, "content": answer.content}
        async with self._database.writing() as connection:
            await connection.execute(update(asked).where(here).values(values))

    async def drop(self, token_id: int, key: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(asked).where(asked.c.token_id == token_id, asked.c.key == key))
