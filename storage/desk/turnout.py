"""Statements that count who took part: by day, channel, language and body."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import Consultation, NudgeKind
from core.deliveries import DeliveryState
from core.results import Among, Listeners, Turnout
from storage.audiences import has_answered, has_finished
from storage.desk.counting import members_among
from storage.outgoing import broadcast, delivery, thinned
from storage.tables import IS_DECLARED, address, body, declared, member, participation
from storage.thinning import ASKED

_TEN_MINUTES = 15
"""Letters of an instant as SQLite writes it, up to the tens of minutes: days begin at none finer."""


def channel_of(account: str | None) -> str:
    return (account or "").partition(":")[0]


@dataclass(frozen=True, slots=True)
class Took:
    """How many took part."""

    begun: int = 0
    finished: int = 0
    by_day: Mapping[date, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)


async def took_part(connection: AsyncConnection, consultation: Consultation, among: Among) -> Took:
    zone = ZoneInfo(consultation.timezone)
    if connection.dialect.name == "sqlite":
        when = func.substr(participation.c.finished_at, 1, _TEN_MINUTES)
    else:
        when = func.to_char(func.timezone("UTC", participation.c.finished_at), "YYYY-MM-DD HH24:MI")
        when = func.substr(when, 1, _TEN_MINUTES)
    counted = (
        select(member.c.reach_account, member.c.language, when, func.count(), func.count(participation.c.finished_at))
        .select_from(participation.join(member, member.c.id == participation.c.member_id))
        .where(participation.c.consultation == consultation.slug)
    )
    some = members_among(among)
    if some is not None:
        counted = counted.where(member.c.id.in_(some))
    by = (member.c.reach_account, member.c.language, when)
    days: Counter[date] = Counter()
    channels, languages = Counter[str](), Counter[str]()
    finished = 0
    for account, language, moment, begun, done in await connection.execute(counted.group_by(*by)):
        channels[channel_of(account)] += begun
        languages[language] += begun
        if moment is not None:
            finished += done
            days[datetime.fromisoformat(f"{moment}0+00:00").astimezone(zone).date()] += done
    return Took(channels.total(), finished, dict(sorted(days.items())), _most(channels), _most(languages))


def _most(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


async def turnout(connection: AsyncConnection, consultation: Consultation) -> tuple[Turnout, ...]:
    """Of the bodies that are asked; where everybody is, of all that have members."""
    belongs = select(declared.c.body, address.c.member_id).join(address, IS_DECLARED).distinct()
    wanted = consultation.audience.bodies
    if wanted:
        belongs = belongs.where(declared.c.body.in_(wanted))
    theirs = belongs.subquery()
    took = and_(
        participation.c.member_id == theirs.c.member_id, participation.c.consultation == consultation.slug
    )  # fmt: skip
    counted = (
        select(
            theirs.c.body,
            func.count().label("size"),
            func.count(participation.c.begun_at).label("begun"),
            func.count(participation.c.finished_at).label("finished"),
        )
        .select_from(theirs.join(participation, took, isouter=True))
        .group_by(theirs.c.body)
    )
    known = {row.body: row for row in await connection.execute(counted)}
    order = (await connection.scalars(select(body.c.slug).order_by(body.c.position))).all()
    asked = await _asked(connection, consultation.slug, wanted)
    found = []
    for slug in [*order, *sorted(known.keys() - set(order))]:
        if (row := known.get(slug)) is not None:
            found.append(Turnout(slug, row.size, asked.get(slug, 0), row.begun, row.finished))
        elif slug in wanted:
            found.append(Turnout(slug, 0, 0, 0, 0))
    return tuple(found)


async def _asked(connection: AsyncConnection, slug: str, wanted: tuple[str, ...]) -> Mapping[str, int]:
    """Members with an invitation planned or sent of whom a row tells; nobody's, where none went out."""
    its_own = select(broadcast.c.id).where(
        broadcast.c.consultation == slug, broadcast.c.kind == NudgeKind.INVITATION.value
    )
    invitations = (await connection.scalars(its_own)).all()
    if not invitations:
        return {}
    invited = select(delivery.c.member_id).where(
        delivery.c.broadcast_id.in_(invitations), delivery.c.state.in_(ASKED), delivery.c.member_id.is_not(None)
    )
    counted = select(declared.c.body, func.count(address.c.member_id.distinct())).join(address, IS_DECLARED)
    counted = counted.where(address.c.member_id.in_(invited))
    if wanted:
        counted = counted.where(declared.c.body.in_(wanted))
    return {row[0]: row[1] for row in await connection.execute(counted.group_by(declared.c.body))}


# --- the outcome
async def listeners(connection: AsyncConnection, slug: str) -> Listeners:
    """As `storage.audiences.reachable` has it for an outcome; the first reason counts of those why not."""
    why = case(
        (member.c.stopped_at.is_not(None), "stopped"),
        (member.c.reach_account.is_(None), "gone"),
        (member.c.consented_at.is_(None), "no consent"),
        else_="",
    )
    counted = (
        select(why, member.c.reach_account, member.c.language, func.count())
        .where(has_finished(slug) | has_answered(slug))
        .where(member.c.id.in_(select(participation.c.member_id).where(participation.c.consultation == slug)))
        .group_by(why, member.c.reach_account, member.c.language)
    )
    channels, languages, why_not = Counter[str](), Counter[str](), Counter[str]()
    for reason, account, language, many in await connection.execute(counted):
        if reason:
            why_not[reason] += many
        else:
            channels[channel_of(account)] += many
            languages[language] += many
    return Listeners(channels.total(), _most(channels), _most(languages), _most(why_not))


async def heard(connection: AsyncConnection, slug: str) -> Mapping[DeliveryState, int]:
    told = select(broadcast.c.id).where(
        broadcast.c.consultation == slug, broadcast.c.kind == NudgeKind.OUTCOME.value
    )  # fmt: skip
    found: Counter[str] = Counter()
    ids = (await connection.scalars(told)).all()
    if not ids:
        return {}
    for state, many in await connection.execute(
        select(delivery.c.state, func.count()).where(delivery.c.broadcast_id.in_(ids)).group_by(delivery.c.state)
    ):
        found[state] += many
    gone = select(thinned.c.state, func.sum(thinned.c.count)).where(thinned.c.broadcast_id.in_(ids))
    for state, many in await connection.execute(gone.group_by(thinned.c.state)):
        found[state] += int(many)
    return {state: found[state.value] for state in DeliveryState if found[state.value]}
