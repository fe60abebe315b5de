"""Ideas with their stories, and the captures that wait for their author's word."""

import secrets
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ideas import Capture, Entry, EntryKind, Idea
from core.ledger.seals import SALT_BYTES
from core.members import Address
from core.places import Source
from core.ports import CodeTaken
from storage.database import insert
from storage.shapes import read_attachments, write_attachments
from storage.tables import capture, idea, leaf, story


# --- ideas
async def find_idea(connection: AsyncConnection, code: str) -> Idea | None:
    return next(iter(await _ideas(connection, idea.c.code == code)), None)


async def idea_said_in(connection: AsyncConnection, account: str, chat: str, message: str) -> Idea | None:
    there = (idea.c.account == account) & (idea.c.chat == chat) & (idea.c.message == message)
    return next(iter(await _ideas(connection, there, limit=1)), None)


async def ideas_of(connection: AsyncConnection, number: int, limit: int | None = None) -> tuple[Idea, ...]:
    return await _ideas(connection, idea.c.member_id == number, limit)


async def _ideas(
    connection: AsyncConnection, chosen: ColumnElement[bool], limit: int | None = None
) -> tuple[Idea, ...]:
    """With their whole stories, newest first, in one statement."""
    some = select(idea).where(chosen).order_by(idea.c.said_at.desc(), idea.c.id.desc()).limit(limit).subquery("some")
    rows = await connection.execute(
        select(some, story.c.kind, story.c.at, story.c.text)
        .join(story, story.c.idea == some.c.code)
        .order_by(some.c.said_at.desc(), some.c.id.desc(), story.c.id)
    )
    return tuple(_read_idea(list(entries)) for _, entries in groupby(rows, key=lambda row: row.id))


def _read_idea(rows: Sequence[Row[*tuple[Any, ...]]]) -> Idea:
    first = rows[0]
    return Idea(
        code=first.code,
        author=first.member_id,
        source=Source(first.account, first.chat, first.message),
        story=tuple(Entry(EntryKind(row.kind), row.at, row.text) for row in rows),
        consultation=first.consultation,
        prompt=first.prompt,
        attachments=read_attachments(first.attachments),
    )


async def write_idea(connection: AsyncConnection, new: Idea) -> None:
    row = {
        "code": new.code,
        "member_id": new.author,
        "account": new.source.account,
        "chat": new.source.chat,
        "message": new.source.message,
        "consultation": new.consultation,
        "prompt": new.prompt,
        "attachments": write_attachments(new.attachments),
        "said_at": new.said_at,
    }
    written = await connection.execute(
        insert(connection, idea).values(row).on_conflict_do_nothing(index_elements=["code"])
    )
    if not written.rowcount:
        raise CodeTaken(new.code)
    await continue_story(connection, new.code, new.story)


async def continue_story(connection: AsyncConnection, code: str, entries: Iterable[Entry]) -> None:
    """Each entry with its salt; sealing gives it its place in the log."""
    rows = [{"idea": code, "kind": entry.kind.value, "at": entry.at, "text": entry.text} for entry in entries]
    numbers = (await connection.scalars(insert(connection, story).returning(story.c.id), rows)).all()
    salts = [{"entry": number, "salt": secrets.token_bytes(SALT_BYTES)} for number in numbers]
    await connection.execute(insert(connection, leaf), salts)


# --- captures
async def find_capture(connection: AsyncConnection, id: str) -> Capture | None:
    return await _capture(connection, capture.c.id == id)


async def capture_said_in(connection: AsyncConnection, account: str, chat: str, message: str) -> Capture | None:
    there = (capture.c.account == account) & (capture.c.chat == chat) & (capture.c.message == message)
    return await _capture(connection, there)


async def _capture(connection: AsyncConnection, chosen: ColumnElement[bool]) -> Capture | None:
    latest = select(capture).where(chosen).order_by(capture.c.said_at.desc(), capture.c.id.desc()).limit(1)
    row = (await connection.execute(latest)).one_or_none()
    if row is None:
        return None
    return Capture(
        id=row.id,
        author=Address(row.author_account, row.author_user),
        text=row.text,
        said_at=row.said_at,
        source=Source(row.account, row.chat, row.message),
        expires_at=row.expires_at,
        attachments=read_attachments(row.attachments),
        consultation=row.consultation,
        asked_by=row.asked_by,
    )


async def ask(connection: AsyncConnection, new: Capture) -> None:
    row = {
        "id": new.id,
        "author_account": new.author.account,
        "author_user": new.author.user,
        "text": new.text,
        "said_at": new.said_at,
        "account": new.source.account,
        "chat": new.source.chat,
        "message": new.source.message,
        "expires_at": new.expires_at,
        "attachments": write_attachments(new.attachments),
        "consultation": new.consultation,
        "asked_by": new.asked_by,
    }
    written = await connection.execute(insert(connection, capture).values(row).on_conflict_do_nothing())
    if not written.rowcount:
        raise CodeTaken(new.id)


async def reword(connection: AsyncConnection, id: str, text: str) -> None:
    await connection.execute(update(capture).where(capture.c.id == id).values(text=text))


async def settle(connection: AsyncConnection, id: str) -> None:
    """The words go with the row."""
    await connection.execute(delete(capture).where(capture.c.id == id))
