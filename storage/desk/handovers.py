"""Handovers: conversations that a person in office stepped into, and what was said in them while it is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Row, Table, Text, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import HandoverBegun, HandoverEnded, HandoverSpoken
from core.handovers import Correspondent, Handover, Spoken
from core.kept import KeptTalk
from core.members import Role
from core.places import Place
from core.ports import StoryMoved
from core.sessions import Session, Talking, read_session, write_session
from storage.database import Database, insert
from storage.instants import Instant
from storage.senders import MEMBER, read_member
from storage.tables import Number, address, idea, metadata, numbered
from storage.tables import member as members

handover = Table(
    "handover",
    metadata,
    numbered(),
    Column("idea", Text, ForeignKey("idea.code"), nullable=False, index=True),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False, index=True),
    Column("officer_id", Number, ForeignKey("member.id"), index=True),
    Column("body", Text, nullable=False),
    Column("by_role", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("heard_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
GOING_ON = "ended_at IS NULL"
Index(
    "ix_handover_open", handover.c.member_id, unique=True, sqlite_where=text(GOING_ON), postgresql_where=text(GOING_ON)
)

handover_word = Table(
    "handover_word",
    metadata,
    numbered(),
    Column("handover_id", Number, ForeignKey("handover.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by_officer", Boolean, nullable=False),
    Column("text", Text, nullable=False),
)


# --- what happens
async def begin(connection: AsyncConnection, begun: HandoverBegun) -> None:
    """Their turn there waits for it, and finds the person then. Raises StoryMoved where somebody was quicker."""
    there = (address.c.account == begun.place.account) & (address.c.user_id == begun.place.chat)
    theirs = select(address.c.id, address.c.session).where(there, address.c.member_id == begun.member)
    row = (await connection.execute(theirs.with_for_update())).one_or_none()
    if row is None:
        raise StoryMoved(begun.idea)
    values = {
        "idea": begun.idea, "member_id": begun.member, "officer_id": begun.officer, "body": begun.body,
        "by_role": begun.by.value, "account": begun.place.account, "chat": begun.place.chat, "since": begun.at,
        "heard_at": begun.at,
    }  # fmt: skip
    made = insert(connection, handover).values(values).on_conflict_do_nothing().returning(handover.c.id)
    number = (await connection.execute(made)).scalar_one_or_none()
    if number is None:
        raise StoryMoved(begun.idea)
    session = write_session(Session(Talking(number, row.session)))
    await connection.execute(update(address).where(address.c.id == row.id).values(session=session))


async def speak(connection: AsyncConnection, spoken: HandoverSpoken) -> None:
    """Raises StoryMoved where it has ended meanwhile."""
    open_ = (handover.c.id == spoken.handover) & handover.c.ended_at.is_(None)
    heard = await connection.execute(update(handover).where(open_).values(heard_at=spoken.at))
    if not heard.rowcount:
        raise StoryMoved(spoken.idea)
    row = {"handover_id": spoken.handover, "at": spoken.at, "by_officer": spoken.by_officer, "text": spoken.text}
    await connection.execute(handover_word.insert().values(row))


async def end(connection: AsyncConnection, ended: HandoverEnded) -> None:
    """Ended twice, it ended once. Where they were in talking with the bot, they are again."""
    found = (await connection.execute(select(handover).where(handover.c.id == ended.handover))).one_or_none()
    if found is None:
        return
    there = (address.c.account == found.account) & (address.c.user_id == found.chat)
    theirs = select(address.c.id, address.c.session).where(there).with_for_update()
    row = (await connection.execute(theirs)).one_or_none()
    this = (handover.c.id == ended.handover) & handover.c.ended_at.is_(None)
    await connection.execute(update(handover).where(this).values(ended_at=ended.at))
    step = read_session(row.session).step if row else None
    if row and isinstance(step, Talking) and step.handover == ended.handover:
        await connection.execute(update(address).where(address.c.id == row.id).values(session=step.before))


async def join(connection: AsyncConnection, number: int, other: int) -> None:
    """Two members are one: of two open conversations the other's ends."""
    both = select(handover.c.id).where(handover.c.member_id.in_((number, other)), handover.c.ended_at.is_(None))
    numbers = (await connection.scalars(both)).all()
    if len(numbers) > 1:
        theirs = (handover.c.member_id == other) & handover.c.ended_at.is_(None)
        await connection.execute(update(handover).where(theirs).values(ended_at=handover.c.heard_at))
    for column in (handover.c.member_id, handover.c.officer_id):
        await connection.execute(update(handover).where(column == other).values({column: number}))


async def forget(connection: AsyncConnection, number: int) -> None:
    """All that was said with them, and what they wrote in office."""
    await _drop(connection, select(handover.c.id).where(handover.c.member_id == number))
    theirs = select(handover.c.id).where(handover.c.officer_id == number)
    await connection.execute(
        delete(handover_word).where(handover_word.c.by_officer, handover_word.c.handover_id.in_(theirs))
    )
    await connection.execute(update(handover).where(handover.c.officer_id == number).values(officer_id=None))


async def _drop(connection: AsyncConnection, chosen: Any) -> int:
    numbers = (await connection.scalars(chosen)).all()
    if not numbers:
        return 0
    await connection.execute(delete(handover_word).where(handover_word.c.handover_id.in_(numbers)))
    return (await connection.execute(delete(handover).where(handover.c.id.in_(numbers)))).rowcount


# --- what is asked
async def find(connection: AsyncConnection, number: int) -> Handover | None:
    row = (await connection.execute(select(handover).where(handover.c.id == number))).one_or_none()
    return _read(row) if row else None


async def kept(connection: AsyncConnection, number: int) -> tuple[KeptTalk, ...]:
    """With them, whoever spoke."""
    theirs = select(handover).where(handover.c.member_id == number).order_by(handover.c.id)
    return tuple(
        [
            KeptTalk(row.idea, row.since, row.ended_at, await _words(connection, row.id))
            for row in (await connection.execute(theirs)).all()
        ]
    )


async def _words(connection: AsyncConnection, number: int, after: int = 0) -> tuple[Spoken, ...]:
    said = select(handover_word).where(handover_word.c.handover_id == number, handover_word.c.id > after)
    rows = await connection.execute(said.order_by(handover_word.c.id))
    return tuple(Spoken(row.id, row.at, row.by_officer, row.text) for row in rows)


def _read(row: Row[*tuple[Any, ...]]) -> Handover:
    return Handover(
        row.id, row.idea, row.member_id, row.officer_id, row.body, Role(row.by_role), row.since, row.heard_at,
        Place(row.account, row.chat), row.ended_at,
    )  # fmt: skip


class SqlHandovers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def author(self, code: str) -> Correspondent | None:
        """As `storage.news` finds them."""
        still_there = (
            (address.c.member_id == idea.c.member_id)
            & (address.c.account == idea.c.account)
            & address.c.gone_at.is_(None)
        )
        asked = (
            select(
                *MEMBER,
                func.coalesce(address.c.account, members.c.reach_account).label("account"),
                func.coalesce(address.c.user_id, members.c.reach_user).label("chat"),
            )
            .select_from(idea)
            .join(members, members.c.id == idea.c.member_id)
            .outerjoin(address, still_there)
            .where(idea.c.code == code)
            .order_by((address.c.user_id == idea.c.chat).desc(), address.c.seen_at.desc(), address.c.id.desc())
            .limit(1)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).one_or_none()
        if row is None or row.account is None or row.chat is None:
            return None
        return Correspondent(read_member(row), Place(row.account, row.chat, private=True))

    async def about(self, code: str) -> Sequence[Handover]:
        theirs = select(handover).where(handover.c.idea == code)
        newest = theirs.order_by(handover.c.ended_at.is_(None).desc(), handover.c.id.desc())
        async with self._database.reading() as connection:
            return [_read(row) for row in await connection.execute(newest)]

    async def find(self, id: int) -> Handover | None:
        async with self._database.reading() as connection:
            return await find(connection, id)

    async def of(self, member: int) -> Handover | None:
        open_ = select(handover).where(handover.c.member_id == member, handover.c.ended_at.is_(None))
        async with self._database.reading() as connection:
            row = (await connection.execute(open_)).one_or_none()
        return _read(row) if row else None

    async def words(self, id: int, after: int = 0) -> Sequence[Spoken]:
        async with self._database.reading() as connection:
            return await _words(connection, id, after)

    async def idle(self, since: datetime) -> Sequence[Handover]:
        quiet = select(handover).where(handover.c.ended_at.is_(None), handover.c.heard_at <= since)
        async with self._database.reading() as connection:
            return [_read(row) for row in await connection.execute(quiet.order_by(handover.c.id))]

    async def sweep(self, ended_before: datetime) -> int:
        async with self._database.writing() as connection:
            return await _drop(connection, select(handover.c.id).where(handover.c.ended_at < ended_before))
