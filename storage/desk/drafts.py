"""The table of drafts, and its rows as values. What is done with them is in `storage.desk.drafting`."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Row, Select, Table, Text, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deeds import Deed, Did, of_consultation
from core.drafts import GONE, Content, Draft, Gone, Moved, Saved, of_draft
from core.kept import KeptDraft
from storage.instants import Instant
from storage.shapes import read_audience, write_audience
from storage.tables import Number, metadata, numbered
from storage.tables import member as members

draft = Table(
    "draft",
    metadata,
    numbered(),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("consultation", Text, unique=True),
    Column("member_id", Number, ForeignKey("member.id"), index=True),
    Column("changed_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # a number is never used again: an address in an old tab leads to no other draft
)


async def join(connection: AsyncConnection, number: int, other: int) -> None:
    await connection.execute(update(draft).where(draft.c.member_id == other).values(member_id=number))


async def forget(connection: AsyncConnection, number: int) -> None:
    """The draft is the organisation's; who changed it last is known no more."""
    await connection.execute(update(draft).where(draft.c.member_id == number).values(member_id=None))


async def kept(connection: AsyncConnection, number: int) -> tuple[KeptDraft, ...]:
    theirs = select(draft).where(draft.c.member_id == number).order_by(draft.c.id)
    rows = await connection.execute(theirs)
    return tuple(KeptDraft(row.slug, row.title, row.content, row.changed_at) for row in rows)


def select_all() -> Select[*tuple[Any, ...]]:
    return select(draft, members.c.name).join(members, members.c.id == draft.c.member_id, isouter=True)


async def find(connection: AsyncConnection, id: int) -> Draft | None:
    row = (await connection.execute(select_all().where(draft.c.id == id))).one_or_none()
    return None if row is None else read(row)


async def locked(connection: AsyncConnection, id: int) -> Draft | None:
    """Nobody else changes it until this transaction is over."""
    await connection.execute(select(draft.c.id).where(draft.c.id == id).with_for_update())
    return await find(connection, id)


async def take_out(connection: AsyncConnection, id: int, version: int) -> Saved | Moved | Gone:
    before = await locked(connection, id)
    if before is None:
        return GONE
    if before.version != version:
        return Moved(before)
    await connection.execute(delete(draft).where(draft.c.id == id))
    return Saved(before)


def row_of(content: Content) -> dict[str, object]:
    return {
        "content": content.text,
        "slug": content.slug,
        "title": content.title,
        "audience": write_audience(content.audience),
    }


def read(row: Row[*tuple[Any, ...]]) -> Draft:
    content = Content(row.content, row.slug, row.title, read_audience(row.audience))
    return Draft(row.id, row.version, content, row.consultation, row.changed_at, row.name or "", row.member_id)


def deed(did: Did, id: int, content: Content) -> Deed:
    bodies = content.audience.bodies
    return Deed(
        did, of_consultation(content.slug) if content.slug else of_draft(id), bodies[0] if len(bodies) == 1 else None
    )
