"""The transcript: the lines of every web chat, which has no platform behind it that would remember them."""

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.members import Address
from core.outbound import Message
from core.ports import Line
from storage.database import Database, insert
from storage.outgoing import chat, line
from storage.shapes import read_message, write_message

_EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)


class SqlTranscript:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, user: str, ours: bool, message: Message, at: datetime, key: str | None = None) -> int:
        async with self._database.writing() as connection:
            revision = await _next_revision(connection, user, at)
            row = insert(connection, line).values(
                user_id=user, revision=revision, ours=ours, at=at, message=write_message(message), key=key
            )
            added = row.on_conflict_do_nothing(index_elements=["user_id", "key"]).returning(line.c.id)
            number = await connection.scalar(added)
            if number is None:
                earlier = select(line.c.id).where(line.c.user_id == user, line.c.key == key)
                number = (await connection.execute(earlier)).scalar_one()
            return int(number)

    async def replace(self, user: str, line: int, message: Message) -> bool:
        async with self._database.writing() as connection:
            return await _replace(connection, user, line, message)

    async def lines(self, user: str, since: int = 0, limit: int = 200) -> tuple[Line, ...]:
        latest = select(line).where(line.c.user_id == user, line.c.revision > since)
        async with self._database.reading() as connection:
            rows = (await connection.execute(latest.order_by(line.c.id.desc()).limit(limit))).all()
        return tuple(Line(row.id, row.revision, row.ours, row.at, read_message(row.message)) for row in reversed(rows))


async def _replace(connection: AsyncConnection, user: str, number: int, message: Message) -> bool:
    raised = update(chat).where(chat.c.user_id == user).values(revision=chat.c.revision + 1).returning(chat.c.revision)
    revision = await connection.scalar(raised)
    if revision is None:
        return False
    ours = (line.c.id == number) & (line.c.user_id == user) & line.c.ours.is_(True)
    changed = update(line).where(ours).values(message=write_message(message), revision=revision)
    return bool((await connection.execute(changed)).rowcount)


NOT_KEPT = "••••••"
"""What stands in the place of words that aren't kept."""


async def blank(connection: AsyncConnection, who: Address, key: str) -> None:
    """The member's own line. Elsewhere than in the web chat nothing is kept."""
    said = (line.c.user_id == who.user) & (line.c.key == key) & line.c.ours.is_(False)
    if who.account == "web" and await connection.scalar(select(line.c.id).where(said)) is not None:
        raised = update(chat).where(chat.c.user_id == who.user).values(revision=chat.c.revision + 1)
        revision = await connection.scalar(raised.returning(chat.c.revision))
        blanked = {"message": write_message(Message(NOT_KEPT)), "revision": revision}
        await connection.execute(update(line).where(said).values(blanked))


async def _next_revision(connection: AsyncConnection, user: str, at: datetime) -> int:
    """Holds the chat's row until the end of the transaction, so revisions appear in the order of their numbers. They
    begin with the time of the first line: a chat that begins anew, after its member was forgotten, goes on above what
    an open page has seen of the one before."""
    begins = max(1, int((at - _EARLIEST).total_seconds()))
    first = insert(connection, chat).values(user_id=user, revision=begins)
    raised = first.on_conflict_do_update(index_elements=["user_id"], set_={"revision": chat.c.revision + 1})
    return int((await connection.execute(raised.returning(chat.c.revision))).scalar_one())
