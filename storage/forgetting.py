"""Forgetting a member: everything of theirs goes, and what must stand of their ideas stands without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.erasure import TheirWords, is_to_go, words_of
from core.events import StoryContinued
from core.members import Address
from core.stories import Entry, EntryKind
from storage import farewells, ideas, people, quotations
from storage.desk import vocabulary
from storage.desk.rooms import OF_MEMBERS
from storage.shapes import read_value
from storage.stories import ENTRY, read_entry
from storage.tables import (
    address,
    answer,
    capture,
    declared,
    follow,
    idea,
    leaf,
    link_offer,
    member,
    participation,
    story,
    support,
)  # fmt: skip

if TYPE_CHECKING:
    from storage.projection import Turn

_AT_ONCE = 500
"""Rows that one statement names, far below what either database takes."""

_THEIRS = (answer, participation, follow, link_offer, support)


async def forget(connection: AsyncConnection, turn: Turn, at: datetime) -> None:
    """What is said to them in this very turn comes after it, without a member, and goes with `storage.farewells`."""
    one = turn.member
    await connection.execute(select(idea.c.id).where(idea.c.member_id == one).order_by(idea.c.id).with_for_update())
    told = await ideas.ideas_of(connection, one)
    where = await people.addresses_of(connection, one)
    name = (await connection.scalars(select(member.c.name).where(member.c.id == one))).one()
    words = words_of(told, await _said_elsewhere(connection, one, where))

    await _erase_stories(connection, [it.code for it in told], words)
    await erase_entries(connection, await quotations.in_stories(connection, words))
    for it in told:
        await ideas.continue_story(connection, StoryContinued(it.code, Entry(EntryKind.ERASED, at), len(it.story)))
    await _disown(connection, one)

    await _drop_captures(connection, where, name)
    for table in _THEIRS:
        await connection.execute(delete(table).where(table.c.member_id == one))
    await connection.execute(delete(declared).where(people.is_at(declared.c.account, declared.c.user_id, where)))
    await farewells.drop_messages(connection, one, where)
    await quotations.black_out(connection, words)
    await farewells.await_end(connection, one, where, at)
    for room in OF_MEMBERS:
        await room.forget(connection, one)
    await connection.execute(delete(address).where(address.c.member_id == one))
    await connection.execute(delete(member).where(member.c.id == one))


def _author(where: Sequence[Address]) -> ColumnElement[bool]:
    return people.is_at(capture.c.author_account, capture.c.author_user, where)


async def _said_elsewhere(connection: AsyncConnection, one: int, where: Sequence[Address]) -> list[str]:
    """Words that wait to become an idea, and answers in their own words: a single one is an option that was picked."""
    waiting = list(await connection.scalars(select(capture.c.text).where(_author(where))))
    given = map(read_value, await connection.scalars(select(answer.c.value).where(answer.c.member_id == one)))
    return waiting + [value for value in given if isinstance(value, str) and len(value.split()) > 1]


# --- stories
async def _erase_stories(connection: AsyncConnection, codes: Sequence[str], words: TheirWords) -> None:
    for start in range(0, len(codes), _AT_ONCE):
        theirs = story.c.idea.in_(codes[start : start + _AT_ONCE])
        rows = await connection.execute(select(story.c.id, *ENTRY).where(theirs))
        await erase_entries(connection, [row.id for row in rows if is_to_go(read_entry(row), words)])


async def erase_entries(connection: AsyncConnection, entries: Sequence[int]) -> None:
    """The salts first: only then do the triggers let words go."""
    for start in range(0, len(entries), _AT_ONCE):
        some = entries[start : start + _AT_ONCE]
        await vocabulary.unlearn_of_entries(connection, some)
        await connection.execute(update(leaf).where(leaf.c.entry.in_(some)).values(salt=None))
        worded = or_(story.c.text.is_not(None), story.c.reason.is_not(None))
        await connection.execute(update(story).where(story.c.id.in_(some), worded).values(text=None, reason=None))


async def _disown(connection: AsyncConnection, one: int) -> None:
    blank = {"member_id": None, "account": "", "chat": "", "message": "", "attachments": "[]"}
    await connection.execute(update(idea).where(idea.c.member_id == one).values(blank))


# --- captures
async def _drop_captures(connection: AsyncConnection, where: Sequence[Address], name: str) -> None:
    """Also their name, where they asked others whether something is an idea."""
    await connection.execute(delete(capture).where(_author(where)))
    if name:
        asked = update(capture).where(capture.c.asked_by == name).values(asked_by=None).returning(capture.c.id)
        for id in (await connection.scalars(asked)).all():
            await quotations.black_out_name(connection, name, id)
