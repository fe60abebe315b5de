"""What needs somebody today: of each reason the ideas, as a statement. The reasons are told in `core.inbox`."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Index, Select, and_, false, or_, select, text, union
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Bodies
from core.inbox import Days, Need, Sight, sent_before
from core.standings import About, Stage
from core.stories import EntryKind
from storage.tables import MODERATED, OPEN, RUNNING, idea, referral, story

ASKED = "kind IN ('asked', 'replied')"
LATE = "ended_at IS NULL AND silent_at IS NOT NULL"
APPEALED = "ended_at IS NULL AND is_appeal"
Index("ix_story_asked", story.c.kind, story.c.idea, sqlite_where=text(ASKED), postgresql_where=text(ASKED))
Index(
    "ix_referral_due", referral.c.body, referral.c.days, referral.c.since, referral.c.idea,
    sqlite_where=text(RUNNING), postgresql_where=text(RUNNING),
)  # fmt: skip
Index("ix_referral_late", referral.c.body, referral.c.idea, sqlite_where=text(LATE), postgresql_where=text(LATE))
Index(
    "ix_referral_appeal", referral.c.body, referral.c.about, referral.c.idea,
    sqlite_where=text(APPEALED), postgresql_where=text(APPEALED),
)  # fmt: skip


async def in_need(connection: AsyncConnection, need: Need, sight: Sight, bodies: Bodies, now: datetime) -> Select[str]:
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
            return select(idea.c.code.label("idea")).where(astray(sight))


def astray(sight: Sight) -> ColumnElement[bool]:
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
    return select(story.c.idea).where(text(f"story.{ASKED}"), asked, ~again.exists())


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
