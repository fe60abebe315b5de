"""The inbox: looking through all ideas, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Index, and_, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Bodies
from core.inbox import MOST_COUNTED, Found, Need, Sight, Sort, Sought
from storage.database import Database
from storage.desk.needs import astray, in_need
from storage.desk.paging import Key, page_after, read_after, write_after
from storage.desk.vocabulary import idea_topic, idea_word, worded
from storage.tables import idea, referral, story, support

Index("ix_story_body", story.c.body, story.c.idea)
Index("ix_story_next_body", story.c.next_body, story.c.idea)
Index("ix_referral_body", referral.c.body, referral.c.idea)
Index("ix_idea_moved", idea.c.stage_at, idea.c.id)


class SqlInbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self,
        sought: Sought,
        sight: Sight,
        bodies: Bodies,
        now: datetime,
        limit: int,
        after: str = "",
        *,
        is_counted: bool = True,
    ) -> Found:
        async with self._database.reading() as connection:
            where = [] if sought.need else _seen(sight)  # what needs them, they see
            where += [*_sought(sought), *[await worded(connection, word) for word in sought.words]]
            if sought.need is Need.ASTRAY:
                where.append(astray(sight))
            elif sought.need:
                where.append(idea.c.code.in_(await in_need(connection, sought.need, sight, bodies, now)))
            count = await _count(connection, where) if is_counted else 0
            key = _KEYS[sought.sort]
            asked = key.of(select(idea.c.code, idea.c.id, key.column.label("key"))).where(*where)
            if start := read_after(after, key):
                asked = asked.where(page_after(key, start))
            rows = (await connection.execute(asked.order_by(*key.order).limit(limit + 1))).all()
        more = len(rows) > limit
        page = rows[:limit]
        further = write_after(page[-1].key, page[-1].id) if more else ""
        is_more = bool(where) and count > MOST_COUNTED
        return Found(tuple(row.code for row in page), min(count, MOST_COUNTED) if is_more else count, further, is_more)

    async def needs(self, sight: Sight, bodies: Bodies, now: datetime) -> Mapping[Need, int]:
        found: dict[Need, int] = {}
        async with self._database.reading() as connection:
            for need in Need:
                theirs = await in_need(connection, need, sight, bodies, now)
                count = await connection.scalar(select(func.count()).select_from(theirs.subquery()))
                if count:
                    found[need] = count
        return found

    async def topics_of(self, codes: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        asked = select(idea_topic.c.idea, idea_topic.c.topic).where(idea_topic.c.idea.in_(codes))
        found: dict[str, tuple[str, ...]] = {}
        async with self._database.reading() as connection:
            for code, topic in await connection.execute(asked.order_by(idea_topic.c.idea, idea_topic.c.topic)):
                found[code] = (*found.get(code, ()), topic)
        return found

    async def supporters_of(self, codes: Collection[str]) -> Mapping[str, int]:
        asked = select(support.c.idea, func.count()).where(support.c.idea.in_(codes)).group_by(support.c.idea)
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(asked)}

    async def kin(self, code: str, words: Collection[str], sight: Sight, limit: int) -> Sequence[str]:
        shared = func.count()
        alike = (
            select(idea_word.c.idea)
            .join(idea, idea.c.code == idea_word.c.idea)
            .where(idea_word.c.word.in_(words), idea_word.c.idea != code, *_seen(sight))
            .group_by(idea_word.c.idea)
            .having(shared >= max(1, len(words) // 3))
            .order_by(shared.desc(), idea_word.c.idea)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return (await connection.scalars(alike)).all()


# --- what they see
def _seen(sight: Sight) -> list[ColumnElement[bool]]:
    """As `core.authority.Authority.sees`, for the database."""
    if sight.concerns is None:
        return []
    theirs = sorted(sight.concerns)
    by, to = story.c.body.in_(theirs), story.c.next_body.in_(theirs)
    concerned = union(select(story.c.idea).where(by), select(story.c.idea).where(to))
    seen = idea.c.code.in_(concerned)
    return [or_(seen, idea.c.consultation.in_(sorted(sight.runs))) if sight.runs else seen]


def _sought(sought: Sought) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if sought.code:
        where.append(idea.c.code == sought.code)
    if sought.stage:
        where.append(idea.c.stage == sought.stage.value)
    if sought.body:
        where.append(idea.c.code.in_(select(referral.c.idea).where(referral.c.body == sought.body)))
    if sought.topic:
        where.append(idea.c.code.in_(select(idea_topic.c.idea).where(idea_topic.c.topic == sought.topic)))
    if sought.consultation:
        where.append(idea.c.consultation == sought.consultation)
    if sought.is_attached:
        where.append(and_(idea.c.attachments != "[]", idea.c.is_hidden.is_(False)))
    if sought.is_hidden:
        where.append(idea.c.is_hidden)
    return where


async def _count(connection: AsyncConnection, where: Sequence[ColumnElement[bool]]) -> int:
    """Not further than anybody reads, where there is anything to look at but the number of rows."""
    if not where:
        return await connection.scalar(select(func.count()).select_from(idea)) or 0
    some = select(idea.c.id).where(*where).limit(MOST_COUNTED + 1).subquery()
    return await connection.scalar(select(func.count()).select_from(some)) or 0


# --- in which order
_counted = select(support.c.idea, func.count().label("count")).group_by(support.c.idea).subquery("supported")
_support = func.coalesce(_counted.c.count, 0)

_KEYS: Mapping[Sort, Key] = {
    Sort.NEWEST: Key(idea.c.id, idea.c.id, is_descending=True),
    Sort.OLDEST: Key(idea.c.id, idea.c.id),
    Sort.STILL: Key(idea.c.stage_at, idea.c.id, is_time=True),
    Sort.SUPPORTED: Key(
        _support, idea.c.id, is_descending=True,
        of=lambda asked: asked.select_from(idea.outerjoin(_counted, _counted.c.idea == idea.c.code)),
    ),
}  # fmt: skip
