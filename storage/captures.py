"""Captures: words that wait for their author to say whether they are an idea."""

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ideas import Capture
from core.members import Address
from core.places import Source
from core.ports import CodeTaken
from storage.database import insert
from storage.shapes import read_attachments, write_attachments
from storage.tables import capture


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
