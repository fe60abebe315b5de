"""The docket: what bodies have to answer and how they did, over all ideas."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ideas import Idea
from core.members import Address, Role
from core.places import Place
from core.queues import Moderated, Open, Tally
from core.standings import About, Stage
from core.stories import Entry, EntryKind, Rule
from storage.database import Database
from storage.ideas import read_ideas
from storage.referrals import OPENED, read_open
from storage.stories import ENTRY, read_entry
from storage.tables import (
    HEARD,
    IS_DECLARED,
    MODERATED,
    OPEN,
    RUNNING,
    address,
    body,
    channel,
    declared,
    idea,
    referral,
    story,
)

_ONE_DAY = timedelta(days=1)
_AT_THE_END = (Stage.CARRIED_OUT.value, Stage.NOT_CARRIED_OUT.value)
_YES = (EntryKind.ACCEPTED.value, EntryKind.ADOPTED.value)
_ABOUT_IDEAS = referral.c.about == About.IDEA.value
_ANSWERED = referral.c.answer.is_not(None)


class SqlDocket:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def running(self, now: datetime) -> tuple[Open, ...]:
        """Bodies have few answer times, so that each is looked up in the index by itself."""
        async with self._database.reading() as connection:
            times = (await connection.scalars(select(referral.c.days).where(text(RUNNING)).distinct())).all()
            over = [and_(referral.c.days == days, referral.c.since <= now - days * _ONE_DAY) for days in times]
            return await _opens(connection, OPENED.where(text(RUNNING), or_(*over))) if over else ()

    async def adrift(self) -> tuple[Open, ...]:
        ended = select(body.c.slug).where(body.c.has_ended.is_(True))
        async with self._database.reading() as connection:
            return await _opens(connection, OPENED.where(referral.c.body.in_(ended)))

    async def waiting_for(self, body: str) -> tuple[Open, ...]:
        async with self._database.reading() as connection:
            return await _opens(connection, OPENED.where(referral.c.body == body))

    async def to_close(self, declined_before: datetime) -> tuple[Idea, ...]:
        is_old = (idea.c.stage == Stage.DECLINED.value) & (idea.c.stage_at < declined_before)
        async with self._database.reading() as connection:
            found = await read_ideas(connection, idea.c.stage.in_(_AT_THE_END) | is_old)
        return tuple(sorted(found, key=lambda one: one.standing.since or one.said_at))

    # --- how they did
    async def tallies(self) -> tuple[Tally, ...]:
        """What ended without an answer (its author took it back, the body was abolished) counts only where the body was
        late with it."""
        is_silent = and_(referral.c.silent_at.is_not(None), ~_ANSWERED)
        counted = or_(text(OPEN), _ANSWERED, is_silent)
        async with self._database.reading() as connection:
            counts = await connection.execute(
                select(
                    referral.c.body,
                    _count(counted).label("sent"),
                    _count(and_(_ANSWERED, referral.c.silent_at.is_(None))).label("in_time"),
                    _count(and_(_ANSWERED, referral.c.silent_at.is_not(None))).label("late"),
                    _count(is_silent).label("silent"),
                    _count(referral.c.answer.in_(_YES)).label("accepted"),
                    _count(referral.c.answer == EntryKind.DECLINED.value).label("declined"),
                )
                .where(_ABOUT_IDEAS)
                .group_by(referral.c.body)
            )
            medians, heard = await _medians(connection), await _heard(connection)
            return tuple(
                Tally(**row._mapping, median_days=medians.get(row.body), heard=heard.get(row.body, {}))
                for row in sorted(counts)
            )

    async def opinions(self, body: str, limit: int) -> tuple[Entry, ...]:
        latest = select(*ENTRY).join(idea, idea.c.code == story.c.idea).where(text(HEARD), story.c.body == body)
        latest = latest.where(idea.c.is_hidden.is_(False)).order_by(story.c.id.desc()).limit(limit)
        async with self._database.reading() as connection:
            return tuple(map(read_entry, await connection.execute(latest)))

    async def moderated(self) -> Moderated:
        by_rule = select(story.c.kind, story.c.rule, func.count()).where(text(MODERATED))
        judged = select(referral.c.answer, func.count().label("many")).where(referral.c.about == About.HIDING.value)
        async with self._database.reading() as connection:
            counts = (await connection.execute(by_rule.group_by(story.c.kind, story.c.rule))).all()
            judgements = await connection.execute(judged.where(_ANSWERED).group_by(referral.c.answer))
            answers: dict[str, int] = {row.answer: row.many for row in judgements}
        rules: dict[str, Counter[Rule]] = {kind.value: Counter() for kind in (EntryKind.HIDDEN, EntryKind.REDACTED)}
        contested = 0
        for kind, rule, count in counts:
            if kind == EntryKind.CONTESTED:
                contested += count
            elif rule:
                rules[kind][Rule(rule)] += count
        return Moderated(
            dict(rules[EntryKind.HIDDEN]),
            dict(rules[EntryKind.REDACTED]),
            contested,
            answers.get(EntryKind.RESTORED, 0),
            answers.get(EntryKind.UPHELD, 0),
        )

    # --- where and who they are
    async def channels(self) -> tuple[Place, ...]:
        sits = select(channel.c.account, channel.c.chat).join(body, body.c.slug == channel.c.body)
        living = sits.where(body.c.has_ended.is_(False)).order_by(channel.c.account, channel.c.chat)
        async with self._database.reading() as connection:
            rows = await connection.execute(living)
            return tuple(Place(row.account, row.chat, private=False) for row in rows)

    async def officers(self, body: str, roles: Collection[Role]) -> tuple[Address, ...]:
        held = select(declared.c.account, declared.c.user_id).where(
            declared.c.body == body, declared.c.role.in_([role.value for role in roles])
        )
        held = held.outerjoin(address, IS_DECLARED).where(address.c.gone_at.is_(None))
        async with self._database.reading() as connection:
            rows = await connection.execute(held.order_by(declared.c.position))
            return tuple(dict.fromkeys(Address(row.account, row.user_id) for row in rows))


async def _opens(connection: AsyncConnection, chosen: Select[*tuple[Any, ...]]) -> tuple[Open, ...]:
    rows = await connection.execute(chosen.order_by(referral.c.since, referral.c.id))
    return tuple(map(read_open, rows))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


async def _medians(connection: AsyncConnection) -> dict[str, float]:
    """Of each body the one or two answers in the middle come to us; what they took is reckoned here."""
    took: ColumnElement[Any] = (
        func.julianday(referral.c.ended_at) - func.julianday(referral.c.since)
        if connection.dialect.name == "sqlite"
        else referral.c.ended_at - referral.c.since
    )
    ranked = (
        select(
            referral.c.body,
            referral.c.since,
            referral.c.ended_at,
            func.row_number().over(partition_by=referral.c.body, order_by=(took, referral.c.id)).label("place"),
            func.count().over(partition_by=referral.c.body).label("in_all"),
        )
        .where(_ABOUT_IDEAS, _ANSWERED)
        .subquery()
    )
    twice = 2 * ranked.c.place
    middle = select(ranked.c.body, ranked.c.since, ranked.c.ended_at).where(
        twice >= ranked.c.in_all, twice <= ranked.c.in_all + 2
    )
    days: dict[str, list[float]] = {}
    for row in await connection.execute(middle):
        days.setdefault(row.body, []).append((row.ended_at - row.since) / _ONE_DAY)
    return {of: _mean(several) for of, several in days.items()}


def _mean(several: Collection[float]) -> float:
    return sum(several) / len(several)


async def _heard(connection: AsyncConnection) -> dict[str, dict[int, int]]:
    scores: dict[str, dict[int, int]] = {}
    given = select(story.c.body, story.c.score, func.count().label("many")).where(
        text(HEARD), story.c.body.is_not(None), story.c.score.is_not(None)
    )
    for row in await connection.execute(given.group_by(story.c.body, story.c.score)):
        scores.setdefault(row.body, {})[row.score] = row.many
    return scores
