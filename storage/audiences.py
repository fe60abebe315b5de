"""Whom a broadcast can reach, as a condition on the table of members: to be counted, or written out in pages."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import Audience, NudgeKind
from storage.tables import IS_DECLARED, LATEST, address, answer, declared, follow, member, participation


def reachable(kind: NudgeKind, slug: str, audience: Audience, at: datetime) -> ColumnElement[bool]:
    """Consented, not stopped, with somewhere to write to. Those who ask go to who hasn't finished and is in the
    audience at that moment; thanks and outcome to who took part."""
    may_be_written_to = and_(
        member.c.consented_at.is_not(None), member.c.stopped_at.is_(None), member.c.reach_account.is_not(None)
    )
    if kind.asks:
        return and_(may_be_written_to, in_audience(audience, at), ~has_finished(slug))
    return and_(may_be_written_to, or_(has_finished(slug), has_answered(slug)))


def in_audience(audience: Audience, at: datetime) -> ColumnElement[bool]:
    """`at`: the moment from which the days count within which somebody has to have written to us."""
    named = bool(audience.bodies or audience.topics)
    whose = or_(_is_declared(audience.bodies), _follows(audience.topics)) if named else true()
    since = audience.active_since(at)
    return and_(
        whose,
        member.c.language.in_(audience.languages) if audience.languages else true(),
        true() if since is None else _was_seen(since),
        member.c.verified_at.is_not(None) if audience.verified else true(),
    )


def _was_seen(since: datetime) -> ColumnElement[bool]:
    return exists(select(address.c.id).where(address.c.member_id == member.c.id, address.c.seen_at >= since))


def _is_declared(bodies: tuple[str, ...]) -> ColumnElement[bool]:
    if not bodies:
        return false()
    theirs = address.join(declared, IS_DECLARED)
    found = select(address.c.id).select_from(theirs)
    return exists(found.where(address.c.member_id == member.c.id, declared.c.body.in_(bodies)))


def _follows(topics: tuple[str, ...]) -> ColumnElement[bool]:
    if not topics:
        return false()
    return exists(select(follow.c.topic).where(follow.c.member_id == member.c.id, follow.c.topic.in_(topics)))


def has_finished(slug: str) -> ColumnElement[bool]:
    taken = and_(participation.c.member_id == member.c.id, participation.c.consultation == slug)
    return exists(select(participation.c.member_id).where(taken, participation.c.finished_at.is_not(None)))


def has_answered(slug: str) -> ColumnElement[bool]:
    given = and_(answer.c.member_id == member.c.id, answer.c.consultation == slug)
    return exists(select(answer.c.id).where(given, text(LATEST), answer.c.value.is_not(None)))


async def audience_size(connection: AsyncConnection, slug: str, audience: Audience, at: datetime) -> int:
    counted = select(func.count()).select_from(member).where(reachable(NudgeKind.INVITATION, slug, audience, at))
    return await connection.scalar(counted) or 0
