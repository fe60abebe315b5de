"""The words by which ideas are found, and their topics.

Words are kept in a table of our own rather than in an index of the database's: so they are the same on either kind, and
are gone from it the moment they are erased, hidden or blacked out.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, Table, Text, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import IdeaTagged
from core.inbox import SHORTEST_BEGINNING, words_in
from core.stories import REWORDS, EntryKind
from storage.database import insert
from storage.instants import Instant
from storage.tables import idea, metadata, story

LAST_LETTER = chr(0x10FFFF)
COMMON = 5_000
"""A word that so many ideas have is a common one."""

Spelt = Text(collation="C").with_variant(Text(), "sqlite")
"""Compared letter by letter on either database, so that the words with one beginning stand together."""

idea_topic = Table(
    "idea_topic",
    metadata,
    Column("idea", Text, ForeignKey("idea.code"), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Index("ix_idea_topic_topic", "topic", "idea"),
)

# The words of ideas that may be read as they read now, and of no other.
idea_word = Table(
    "idea_word",
    metadata,
    Column("word", Spelt, primary_key=True),
    Column("idea", Text, ForeignKey("idea.code"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)


async def learn(connection: AsyncConnection, code: str, words: str) -> None:
    """As the idea reads from now on."""
    rows = [{"idea": code, "word": word} for word in sorted(words_in(words))]
    if rows:
        await connection.execute(insert(connection, idea_word).on_conflict_do_nothing(), rows)


async def unlearn(connection: AsyncConnection, codes: Collection[str]) -> None:
    await connection.execute(delete(idea_word).where(idea_word.c.idea.in_(codes)))


async def follow(connection: AsyncConnection, code: str, kind: EntryKind, words: str | None) -> None:
    """What an entry of that kind, with these words of the author's, changes in it."""
    if kind in (EntryKind.HIDDEN, EntryKind.ERASED):
        await unlearn(connection, [code])
    elif kind is EntryKind.RESTORED:
        await learn(connection, code, await _reads(connection, code))
    elif kind in REWORDS and words is not None:
        is_hidden = await connection.scalar(select(idea.c.is_hidden).where(idea.c.code == code))
        await unlearn(connection, [code])
        if not is_hidden:
            await learn(connection, code, words)


async def unlearn_of_entries(connection: AsyncConnection, entries: Sequence[int]) -> None:
    """Their texts are being destroyed: what was found by them isn't any more."""
    kinds = [kind.value for kind in REWORDS]
    told = select(story.c.idea).where(story.c.id.in_(entries), story.c.text.is_not(None), story.c.kind.in_(kinds))
    await connection.execute(delete(idea_word).where(idea_word.c.idea.in_(told)))


async def _reads(connection: AsyncConnection, code: str) -> str:
    kinds = [kind.value for kind in REWORDS]
    worded = select(story.c.text).where(story.c.idea == code, story.c.kind.in_(kinds), story.c.text.is_not(None))
    return await connection.scalar(worded.order_by(story.c.id.desc()).limit(1)) or ""


# --- topics
async def tag(connection: AsyncConnection, tagged: IdeaTagged) -> None:
    await connection.execute(delete(idea_topic).where(idea_topic.c.idea == tagged.idea))
    rows = [{"idea": tagged.idea, "topic": topic, "at": tagged.at} for topic in tagged.topics]
    if rows:
        await connection.execute(insert(connection, idea_topic).on_conflict_do_nothing(), rows)


# --- looked for
async def worded(connection: AsyncConnection, word: str) -> ColumnElement[bool]:
    """Of a rare word the ideas are looked up; a common one is looked for in each idea that comes up, which is soon
    enough a page full."""
    said = select(idea_word.c.idea).where(_reads_like(word))
    many = await connection.scalar(select(func.count()).select_from(said.limit(COMMON).subquery())) or 0
    if many < COMMON:
        return idea.c.code.in_(said)
    return said.where(idea_word.c.idea == idea.c.code).exists()


def _reads_like(word: str) -> ColumnElement[bool]:
    if len(word) < SHORTEST_BEGINNING:
        return idea_word.c.word == word
    return and_(idea_word.c.word >= word, idea_word.c.word < word + LAST_LETTER)
