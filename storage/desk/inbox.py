"""The inbox: the words by which ideas are found, their topics, and looking through all of them.

Words are kept in a table of our own rather than in an index of the database's: so they are the same on either kind, and
are gone from it the moment they are erased, hidden or blacked out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    Table,
    Text,
    and_,
    delete,
    false,
    func,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Bodies
from core.events import IdeaTagged
from core.inbox import MOST_COUNTED, SHORTEST_BEGINNING, Days, Found, Need, Sight, Sort, Sought, sent_before, words_in
from core.standings import About, Stage
from core.stories import REWORDS, EntryKind
from storage.database import Database, insert
from storage.desk.paging import Key, page_after, read_after, write_after
from storage.instants import Instant
from storage.tables import MODERATED, OPEN, RUNNING, idea, metadata, referral, story, support

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

ASKED = "kind IN ('asked', 'replied')"
LATE = "ended_at IS NULL AND silent_at IS NOT NULL"
APPEALED = "ended_at IS NULL AND is_appeal"
Index("ix_story_body", story.c.body, story.c.idea)
Index("ix_story_next_body", story.c.next_body, story.c.idea)
Index("ix_story_asked", story.c.kind, story.c.idea, sqlite_where=text(ASKED), postgresql_where=text(ASKED))
Index("ix_referral_body", referral.c.body, referral.c.idea)
Index(
    "ix_referral_due", referral.c.body, referral.c.days, referral.c.since, referral.c.idea,
    sqlite_where=text(RUNNING), postgresql_where=text(RUNNING),
)  # fmt: skip
Index("ix_referral_late", referral.c.body, referral.c.idea, sqlite_where=text(LATE), postgresql_where=text(LATE))
Index(
    "ix_referral_appeal", referral.c.body, referral.c.about, referral.c.idea,
    sqlite_where=text(APPEALED), postgresql_where=text(APPEALED),
)  # fmt: skip
Index("ix_idea_moved", idea.c.stage_at, idea.c.id)


# --- the words by which they are found
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


# --- looking
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
            where += [*_sought(sought), *[await _worded(connection, word) for word in sought.words]]
            if sought.need is Need.ASTRAY:
                where.append(_astray(sight))
            elif sought.need:
                where.append(idea.c.code.in_(await _in_need(connection, sought.need, sight, bodies, now)))
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
                theirs = await _in_need(connection, need, sight, bodies, now)
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


async def _worded(connection: AsyncConnection, word: str) -> ColumnElement[bool]:
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


# --- what needs them
async def _in_need(connection: AsyncConnection, need: Need, sight: Sight, bodies: Bodies, now: datetime) -> Select[str]:
    """The codes of those that need them for that reason, each once."""
    answers, waits = sorted(sight.answers), select(referral.c.idea).distinct()
    is_theirs, days = referral.c.body.in_(answers), Days.at(now, bodies)
    about_idea = referral.c.about == About.IDEA.value
    match need:
        case Need.LATE:
            noted = select(referral.c.idea).where(text(LATE), is_theirs)
            unnoted = await _due(connection, answers, bodies, None, days.yesterday)
            return select(union(noted, select(referral.c.idea).where(unnoted)).subquery().c.idea)
        case Need.TODAY:
            return waits.where(await _due(connection, answers, bodies, days.yesterday, days.today))
        case Need.WEEK:
            return waits.where(await _due(connection, answers, bodies, days.today, days.week))
        case Need.APPEAL:
            return waits.where(text(APPEALED), is_theirs, about_idea)
        case Need.REPLIED:
            return waits.where(text(OPEN), is_theirs, about_idea, referral.c.idea.in_(_replied()))
        case Need.HIDING if sight.concerns is None:
            return _contested()
        case Need.HIDING:
            return waits.where(text(APPEALED), is_theirs, referral.c.about == About.HIDING.value)
        case Need.OVERDUE:
            others = referral.c.body.not_in(answers)
            if sight.concerns is not None:
                others = referral.c.body.in_(sorted(sight.concerns - sight.answers))
            return waits.where(text(LATE), others if sight.organises else false())
        case Need.ASTRAY:
            return select(idea.c.code.label("idea")).where(_astray(sight))


def _astray(sight: Sight) -> ColumnElement[bool]:
    """What nobody has, for those who can send it on."""
    return idea.c.stage == Stage.RECEIVED.value if sight.concerns is None else false()


async def _due(
    connection: AsyncConnection, answers: Sequence[str], bodies: Bodies, after: date | None, last: date
) -> ColumnElement[bool]:
    """What is with one of these, isn't noted as late, and is due after that day and on the last one at the latest."""
    running = and_(text(RUNNING), referral.c.body.in_(answers))
    times = (await connection.execute(select(referral.c.body, referral.c.days).where(running).distinct())).all()
    within = []
    for body, days in times:
        calendar = bodies.calendar(body)
        one = and_(referral.c.body == body, referral.c.days == days)
        one = and_(one, referral.c.since < sent_before(calendar, days, last))
        if after is not None:
            one = and_(one, referral.c.since >= sent_before(calendar, days, after))
        within.append(one)
    return and_(text(RUNNING), or_(*within)) if within else false()


def _replied() -> Select[str]:
    """Ideas whose author has answered, and wasn't asked again since."""
    later = story.alias("later")
    again = select(later.c.id).where(
        later.c.kind == EntryKind.ASKED.value, later.c.idea == story.c.idea, later.c.id > story.c.id
    )
    asked = story.c.kind == EntryKind.REPLIED.value
    return select(story.c.idea).where(text("story.kind IN ('asked', 'replied')"), asked, ~again.exists())


def _contested() -> Select[str]:
    """Hidden ideas whose author appealed against it and has no judgement yet, whoever is to judge."""
    later = story.alias("later")
    judged = select(later.c.id).where(
        later.c.idea == story.c.idea,
        later.c.kind.in_([EntryKind.UPHELD.value, EntryKind.RESTORED.value, EntryKind.HIDDEN.value]),
        later.c.id > story.c.id,
    )
    contests = and_(text(MODERATED), story.c.kind == EntryKind.CONTESTED.value)
    contested = select(story.c.idea).where(contests, ~judged.exists())
    return select(idea.c.code.label("idea")).where(idea.c.is_hidden, idea.c.code.in_(contested))


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
