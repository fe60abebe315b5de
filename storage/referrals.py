"""Referrals: what is or was with a body. An entry begins, ends or delays them as `core.stories.effect` says."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.queues import Open
from core.standings import ANSWERS, About, Referral, Stage, effect
from core.stories import Entry, EntryKind
from storage.database import insert
from storage.tables import OPEN, idea, referral

_ANSWERS = ANSWERS | {EntryKind.RESTORED, EntryKind.UPHELD}
_LOOKED_AT = (EntryKind.SEEN, EntryKind.CONSIDERED)
_APPEALS = (EntryKind.APPEALED, EntryKind.CONTESTED)


async def follow(connection: AsyncConnection, code: str, entry: Entry, number: int) -> None:
    """What becomes of the referrals of an idea by the entry with this number."""
    does = effect(entry)
    ended = {does.ends} - {None} if entry.kind is not EntryKind.ERASED else set(About)
    if ended:
        answer = entry.kind.value if entry.kind in _ANSWERS else None
        await _change(connection, code, ended, ended_at=entry.at, answer=answer)
    if does.silences:
        await _change(connection, code, {does.silences}, silent_at=entry.at)
    if entry.kind in _LOOKED_AT:
        await _change(connection, code, {About.IDEA}, seen=True)
    if does.opens and entry.next:
        row = {
            "idea": code,
            "about": does.opens.value,
            "body": entry.next,
            "since": entry.at,
            "days": entry.days or 0,
            "number": number,
            "is_appeal": entry.kind in _APPEALS,
            "seen": False,
        }
        await connection.execute(insert(connection, referral).values(row))


async def _change(connection: AsyncConnection, code: str, about: Collection[About | None], **values: object) -> None:
    names = [one.value for one in about if one]
    of = (referral.c.idea == code) & referral.c.about.in_(names)
    await connection.execute(update(referral).where(of, text(OPEN)).values(values))


async def waiting(
    connection: AsyncConnection, body: str, late_with: Collection[str], limit: int
) -> tuple[list[str], int]:
    """The codes of those that wait longest for this body or are late with one of the others; and how many do in all."""
    theirs = referral.c.body.in_({body, *late_with}) & or_(referral.c.body == body, referral.c.silent_at.is_not(None))
    since, first = func.min(referral.c.since), func.min(referral.c.id)
    waits = select(referral.c.idea, func.count().over().label("in_all")).where(text(OPEN), theirs)
    rows = await connection.execute(waits.group_by(referral.c.idea).order_by(since, first).limit(limit))
    found = rows.all()
    return [row.idea for row in found], found[0].in_all if found else 0


async def astray(connection: AsyncConnection, limit: int) -> tuple[list[str], int]:
    """The codes of those that have been with nobody for longest; and how many are in all."""
    waits = select(idea.c.code, func.count().over().label("in_all")).where(idea.c.stage == Stage.RECEIVED.value)
    found = (await connection.execute(waits.order_by(idea.c.stage_at, idea.c.id).limit(limit))).all()
    return [row.code for row in found], found[0].in_all if found else 0


OPENED = select(referral, idea.c.entries).join_from(referral, idea, idea.c.code == referral.c.idea).where(text(OPEN))
"""Open referrals with the length of the story, for `read_open`."""


def read_open(row: Row[*tuple[Any, ...]]) -> Open:
    of = Referral(row.body, row.since, row.days, row.number, row.is_appeal, row.seen, row.silent_at)
    return Open(row.idea, About(row.about), of, row.entries)
