"""Ideas with their stories: read whole, begun, and continued entry by entry."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import StoryContinued, WordsRedacted
from core.hooks import Happened
from core.ideas import Idea
from core.places import Source
from core.ports import CodeTaken, StoryMoved
from core.standings import effect
from core.stories import Entry, EntryKind
from storage import news, referrals
from storage.composites import parts
from storage.database import insert
from storage.desk import hooks, vocabulary
from storage.shapes import read_attachments, write_attachments
from storage.stories import ENTRY, add_entries, destroy_words, read_entry
from storage.tables import idea, story

_STANDS_ALONE = (EntryKind.SEPARATED, EntryKind.OBJECTED)


async def find_idea(connection: AsyncConnection, code: str) -> Idea | None:
    return next(iter(await read_ideas(connection, idea.c.code == code)), None)


async def find_ideas(connection: AsyncConnection, codes: Collection[str]) -> tuple[Idea, ...]:
    """In the order of the codes."""
    if not codes:
        return ()
    found = {one.code: one for one in await read_ideas(connection, idea.c.code.in_(codes))}
    return tuple(found[code] for code in dict.fromkeys(codes) if code in found)


async def idea_said_in(connection: AsyncConnection, account: str, chat: str, message: str) -> Idea | None:
    there = (idea.c.account == account) & (idea.c.chat == chat) & (idea.c.message == message)
    return next(iter(await read_ideas(connection, there, limit=1)), None)


async def ideas_of(connection: AsyncConnection, number: int, limit: int | None = None) -> tuple[Idea, ...]:
    return await read_ideas(connection, idea.c.member_id == number, limit)


async def parts_of(connection: AsyncConnection, composite: str, number: int) -> tuple[Idea, ...]:
    """This member's ideas that are part of it, directly or through others."""
    within = select(parts(composite).c.code)
    return await read_ideas(
        connection, (idea.c.member_id == number) & idea.c.code.in_(within) & (idea.c.code != composite)
    )


async def read_ideas(
    connection: AsyncConnection, chosen: ColumnElement[bool], limit: int | None = None
) -> tuple[Idea, ...]:
    """With their whole stories, newest first, in one statement."""
    some = select(idea).where(chosen).order_by(idea.c.said_at.desc(), idea.c.id.desc()).limit(limit).subquery("some")
    rows = await connection.execute(
        select(some, *ENTRY)
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
        story=tuple(map(read_entry, rows)),
        consultation=first.consultation,
        prompt=first.prompt,
        attachments=read_attachments(first.attachments),
    )


# --- what happens to them
async def write_idea(connection: AsyncConnection, new: Idea) -> None:
    now = new.standing
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
        "stage": now.stage.value,
        "stage_at": now.since,
        "entries": len(new.story),
        "is_hidden": now.is_hidden,
        "part_of": now.part_of,
    }
    written = await connection.execute(
        insert(connection, idea).values(row).on_conflict_do_nothing(index_elements=["code"])
    )
    if not written.rowcount:
        raise CodeTaken(new.code)
    await add_entries(connection, new.code, new.story)
    for number, entry in enumerate(new.story, 1):
        await referrals.follow(connection, new.code, entry, number)
    await hooks.tell(connection, Happened.IDEA_RECEIVED, new.code, new.story[-1].at, entry=len(new.story))
    await vocabulary.learn(connection, new.code, new.text)


async def continue_story(connection: AsyncConnection, continued: StoryContinued | WordsRedacted) -> None:
    """The idea's row is changed first: of two who continue the story at once, the second waits there, and finds that
    it went on."""
    code, entry = continued.idea, continued.entry
    unmoved = (idea.c.code == code) & (idea.c.entries == continued.after)
    changed = await connection.execute(update(idea).where(unmoved).values(_changes(entry)))
    if not changed.rowcount:
        raise StoryMoved(code)
    (row,) = await add_entries(connection, code, [entry])
    if isinstance(continued, WordsRedacted):
        await destroy_words(connection, code, before=row)
    number = continued.after + 1
    await referrals.follow(connection, code, entry, number)
    await vocabulary.follow(connection, code, entry.kind, entry.text)
    await news.tell(connection, code, entry.kind, number)
    await hooks.tell(connection, Happened.IDEA_CONTINUED, code, entry.at, entry=number)


def _changes(entry: Entry) -> dict[str, object]:
    does = effect(entry)
    changes: dict[str, object] = {"entries": idea.c.entries + 1}
    if does.stage is not None:
        changes |= {"stage": does.stage.value, "stage_at": entry.at}
    if does.is_hidden is not None:
        changes["is_hidden"] = does.is_hidden
    if entry.kind is EntryKind.MERGED:
        changes["part_of"] = entry.other
    elif entry.kind in _STANDS_ALONE:
        changes["part_of"] = None
    return changes
