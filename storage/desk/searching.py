"""Searching the register: which members are sought, as a condition upon their table, within a scope."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy import true as everybody
from sqlalchemy.ext.asyncio import AsyncConnection

from core.members import Role
from core.register import Activity, Consent, Proof, Sought
from storage.desk.rolls import roll, roll_clash
from storage.tables import IS_DECLARED, address, declared, member, participation

LARGE = 20_000

Scope = frozenset[str] | None


def declared_in(bodies: Collection[str] | None, role: Role | None = None, *, is_large: bool) -> ColumnElement[bool]:
    """Two ways to ask the same. Of many, each member is looked up as the page or the count comes to them, which ends
    early; of few, all are found first, so that nobody else is looked at."""
    conditions: list[ColumnElement[bool]] = [declared.c.body.in_(sorted(bodies))] if bodies is not None else []
    conditions += [declared.c.role == role.value] if role is not None else []
    if is_large:
        return _has_address(exists(select(declared.c.body).where(IS_DECLARED, *conditions).correlate(address)))
    return member.c.id.in_(select(address.c.member_id).join(declared, IS_DECLARED).where(*conditions))


def _has_address(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(address.c.id).where(address.c.member_id == member.c.id, *conditions))


IS_REACHED = member.c.reach_account.is_not(None)
CONSENT: dict[Consent, ColumnElement[bool]] = {
    Consent.AGREED: and_(member.c.consented_at.is_not(None), member.c.stopped_at.is_(None), IS_REACHED),
    Consent.NOT_YET: and_(member.c.consented_at.is_(None), member.c.stopped_at.is_(None), IS_REACHED),
    Consent.STOPPED: member.c.stopped_at.is_not(None),
    Consent.UNREACHABLE: and_(member.c.stopped_at.is_(None), ~IS_REACHED),
}


async def matching(connection: AsyncConnection, scope: Scope, sought: Sought, now: datetime) -> ColumnElement[bool]:
    """Of those within the scope, whoever is sought."""
    found: list[ColumnElement[bool]] = [everybody()]
    if sought.name:
        found.append(is_called(connection, sought.name))
    if sought.language:
        found.append(member.c.language == sought.language)
    if sought.consent:
        found.append(CONSENT[sought.consent])
    if sought.proof:
        found.append(_is_proven(sought.proof))
    if sought.activity:
        found.append(_is_active(sought.activity, now))
    if sought.channel:
        there = or_(
            address.c.account == sought.channel, address.c.account.startswith(f"{sought.channel}:", autoescape=True)
        )
        found.append(_has_address(there))
    if scope is not None:
        found.append(declared_in(scope, is_large=await _is_large(connection, scope)))
    if sought.body or sought.role:
        bodies = {sought.body} & (scope or {sought.body}) if sought.body else scope
        is_large = await _is_large(connection, bodies, sought.role)
        found.append(declared_in(bodies, sought.role, is_large=is_large))
    return and_(*found)


async def _is_large(connection: AsyncConnection, bodies: Collection[str] | None, role: Role | None = None) -> bool:
    some = select(declared.c.position)
    if bodies is not None:
        some = some.where(declared.c.body.in_(sorted(bodies)))
    if role is not None:
        some = some.where(declared.c.role == role.value)
    counted = select(func.count()).select_from(some.limit(LARGE + 1).subquery())
    return (await connection.scalar(counted) or 0) > LARGE


def is_called(connection: AsyncConnection, name: str) -> ColumnElement[bool]:
    """SQLite knows upper and lower case of ASCII alone, so the usual ways of writing other names are looked for."""
    if connection.dialect.name != "sqlite":
        return member.c.name.icontains(name, autoescape=True)
    ways = {name} if name.isascii() else {name, name.lower(), name.upper(), name.title()}
    return or_(*(member.c.name.contains(way, autoescape=True) for way in sorted(ways)))


def _is_active(activity: Activity, now: datetime) -> ColumnElement[bool]:
    if activity.within is None:
        took_part = exists(select(participation.c.consultation).where(participation.c.member_id == member.c.id))
        return took_part if activity is Activity.TOOK_PART else ~took_part
    wrote = _has_address(address.c.seen_at >= now - activity.within)
    return ~wrote if activity is Activity.QUIET else wrote


def _is_proven(proof: Proof) -> ColumnElement[bool]:
    match proof:
        case Proof.VERIFIED:
            return member.c.verified_at.is_not(None)
        case Proof.UNVERIFIED:
            return member.c.verified_at.is_(None)
        case Proof.CLASH:
            claimed = select(roll.c.claimed_by).join(roll_clash, roll_clash.c.number == roll.c.number)
            return or_(member.c.id.in_(select(roll_clash.c.member_id)), member.c.id.in_(claimed))


def within(scope: Scope) -> ColumnElement[bool]:
    return everybody() if scope is None else declared_in(scope, is_large=True)
