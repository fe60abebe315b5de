"""The register as organisers see it: members counted and listed within a scope, one of them, merged, erased. Who is
sought is in `storage.desk.searching`."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, or_, select
from sqlalchemy import true as everybody
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Office
from core.deeds import By, Deed, Did, of_member
from core.events import MemberForgotten, MembersLinked
from core.kept import Kept, TakingPart
from core.members import Address, Role
from core.ports import Post
from core.register import (
    Consent,
    Counted,
    HeldOffice,
    Listed,
    OnTheRoll,
    Person,
    Sought,
)
from storage import keeping
from storage.bodies import offices_of
from storage.database import Database
from storage.desk import tokens
from storage.desk.deeds import note
from storage.desk.rolls import declare, first_addresses, roll, roll_clash, unclaim
from storage.desk.searching import CONSENT, IS_REACHED, Scope, declared_in, matching, within
from storage.people import addresses_of, is_at
from storage.posts import Lanes, put
from storage.projection import Turn, project
from storage.senders import MEMBER, read_member
from storage.tables import IS_DECLARED, address, declared, member, participation

IN_A_FILE = 1_000
"""Members that one look takes, where all of them are written out."""


class SqlRegister:
    def __init__(self, database: Database) -> None:
        self._database, self._lanes = database, Lanes()

    # --- many
    async def count(self, scope: Scope, sought: Sought, now: datetime, most: int | None = None) -> Counted:
        kinds = (Consent.AGREED, Consent.STOPPED, Consent.UNREACHABLE)
        flags = [case((CONSENT[kind], 1)).label(kind.value) for kind in kinds]
        flags.append(case((member.c.verified_at.is_not(None), 1)).label("verified"))
        async with self._database.reading() as connection:
            those = select(*flags).where(await matching(connection, scope, sought, now))
            some = (those if most is None else those.limit(most + 1)).subquery()
            counted = select(func.count(), *(func.count(some.c[flag.name]) for flag in flags))
            row: tuple[int, ...] = tuple((await connection.execute(counted)).one())
        return Counted(*row)

    async def page(
        self, scope: Scope, sought: Sought, now: datetime, limit: int, before: int | None = None
    ) -> Sequence[Listed]:
        async with self._database.reading() as connection:
            return await _page(connection, scope, await matching(connection, scope, sought, now), limit, before)

    async def all(self, scope: Scope, sought: Sought, now: datetime) -> AsyncIterator[Sequence[Listed]]:
        before: int | None = None
        while True:
            found = await self.page(scope, sought, now, IN_A_FILE, before)
            if found:
                yield found
            if len(found) < IN_A_FILE:
                return
            before = found[-1].member.id

    async def languages(self) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            return tuple(sorted(await connection.scalars(select(member.c.language).distinct())))

    async def on_the_roll(self, scope: Scope) -> OnTheRoll:
        is_theirs = everybody() if scope is None else roll.c.body.in_(sorted(scope))
        rows = select(func.count(), func.count(roll.c.claimed_by)).where(is_theirs)
        clashes = select(func.count()).select_from(roll_clash.join(roll)).where(is_theirs)
        named = select(declared.c.account, declared.c.user_id).distinct()
        named = named if scope is None else named.where(declared.c.body.in_(sorted(scope)))
        who = named.subquery()
        has_come = exists().where(address.c.account == who.c.account, address.c.user_id == who.c.user_id)
        waiting = select(func.count()).select_from(who).where(~has_come)
        async with self._database.reading() as connection:
            all_rows, claimed = (await connection.execute(rows)).one()
            others = [await connection.scalar(counted) or 0 for counted in (clashes, waiting)]
        return OnTheRoll(all_rows, claimed, *others)

    # --- one
    async def person(self, scope: Scope, id: int) -> Person | None:
        async with self._database.reading() as connection:
            found = await _page(connection, scope, and_(member.c.id == id, within(scope)), 1)
            return await _person(connection, scope, found[0]) if found else None

    async def doubles(self, scope: Scope, id: int) -> Sequence[Listed]:
        async with self._database.reading() as connection:
            name = await connection.scalar(select(member.c.name).where(member.c.id == id))
            bodies = set((await connection.scalars(_bodies_of(id))).all())
            same: list[ColumnElement[bool]] = [member.c.id.in_(await _clashes_with(connection, id))]
            if name and bodies:
                is_called = or_(func.lower(member.c.name) == name.lower(), member.c.name == name)
                same.append(and_(is_called, declared_in(bodies, is_large=True)))
            return await _page(connection, scope, and_(member.c.id != id, or_(*same), within(scope)), 20)

    async def kept(self, id: int) -> Kept | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*MEMBER).where(member.c.id == id))).one_or_none()
            return await keeping.kept(connection, read_member(row)) if row else None

    async def reached(self, id: int) -> Address | None:
        reach = select(member.c.reach_account, member.c.reach_user).where(member.c.id == id)
        async with self._database.reading() as connection:
            row = (await connection.execute(reach)).one_or_none()
        return Address(row.reach_account, row.reach_user) if row and row.reach_account else None

    # --- what is changed
    async def give(self, by: By, id: int, office: Office) -> None:
        async with self._database.writing() as connection:
            where = await first_addresses(connection, [id])
            if id in where and office not in await offices_of(connection, id):
                await declare(connection, [(where[id], office)])
                await note(connection, by, Deed(Did.ROLE, of_member(id), office[0], f"+ {office[1].value}"))

    async def take(self, by: By, id: int, office: Office) -> bool:
        body, role = office
        async with self._database.writing() as connection:
            theirs = is_at(declared.c.account, declared.c.user_id, await addresses_of(connection, id))
            held = and_(declared.c.body == body, declared.c.role == role.value, declared.c.by_hand, theirs)
            taken = (await connection.execute(delete(declared).where(held))).rowcount
            if taken:
                await note(connection, by, Deed(Did.ROLE, of_member(id), body, f"− {role.value}"))
                await tokens.end_without_office(connection)
        return bool(taken)

    async def merge(self, by: By, id: int, other: int, posts: Sequence[Post]) -> bool:
        async with self._database.writing() as connection:
            where = await _locked(connection, id, other)
            if id not in where or other not in where:
                return False
            await project(connection, Turn(id, where[id]), [MembersLinked("", other, by.at)])
            by = By(by.via, by.at, id) if by.member == other else by
            await note(connection, by, Deed(Did.MERGED, of_member(id), await _only_body(connection, id)))
            await put(connection, self._lanes, posts)
        return True

    async def erase(self, by: By, id: int, posts: Sequence[Post]) -> bool:
        async with self._database.writing() as connection:
            where = await _locked(connection, id)
            if id not in where:
                return False
            body = await _only_body(connection, id)
            await project(connection, Turn(id, where[id]), [MemberForgotten(by.at)])
            await note(
                connection, By(by.via, by.at, None if by.member == id else by.member), Deed(Did.ERASED, "", body)
            )
            await put(connection, self._lanes, posts)
        return True

    async def unverify(self, by: By, id: int) -> None:
        async with self._database.writing() as connection:
            await unclaim(connection, id)
            deed = Deed(Did.ROLE, of_member(id), await _only_body(connection, id), "− verified")
            await note(connection, by, deed)

    async def send(self, by: By, id: int, post: Post) -> None:
        async with self._database.writing() as connection:
            await put(connection, self._lanes, [post])
            deed = Deed(Did.EXPORTED, of_member(id), await _only_body(connection, id), "sent to them")
            await note(connection, by, deed)


# --- reading
async def _page(
    connection: AsyncConnection, scope: Scope, condition: ColumnElement[bool], limit: int, before: int | None = None
) -> list[Listed]:
    found = select(*MEMBER, IS_REACHED.label("is_reached")).where(condition)
    if before is not None:
        found = found.where(member.c.id < before)
    rows = (await connection.execute(found.order_by(member.c.id.desc()).limit(limit))).all()
    ids = [row.id for row in rows]
    channels, seen = await _addresses(connection, ids)
    offices, taken = await _offices(connection, ids, scope), await _taken(connection, ids)
    return [
        Listed(
            read_member(row),
            tuple(sorted(channels[row.id])),
            tuple(offices[row.id]),
            row.is_reached,
            seen.get(row.id),
            taken.get(row.id),
        )
        for row in rows
    ]


async def _addresses(
    connection: AsyncConnection, ids: Sequence[int]
) -> tuple[dict[int, set[str]], dict[int, datetime]]:
    channels, seen = defaultdict[int, set[str]](set), dict[int, datetime]()
    rows = select(address.c.member_id, address.c.account, address.c.user_id, address.c.seen_at)
    for row in await connection.execute(rows.where(address.c.member_id.in_(ids))):
        channels[row.member_id].add(Address(row.account, row.user_id).channel)
        seen[row.member_id] = max(row.seen_at, seen.get(row.member_id, row.seen_at))
    return channels, seen


async def _offices(connection: AsyncConnection, ids: Sequence[int], scope: Scope) -> dict[int, list[Office]]:
    offices = defaultdict[int, list[Office]](list)
    rows = select(address.c.member_id, declared.c.body, declared.c.role).join(declared, IS_DECLARED)
    rows = rows.where(address.c.member_id.in_(ids)).distinct().order_by(declared.c.body, declared.c.role)
    for row in await connection.execute(rows):
        if scope is None or row.body in scope:
            offices[row.member_id].append((row.body, Role(row.role)))
    return offices


async def _taken(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, datetime]:
    times = func.max(
        func.coalesce(participation.c.finished_at, participation.c.begun_at), type_=participation.c.begun_at.type
    )
    rows = select(participation.c.member_id, times).where(participation.c.member_id.in_(ids))
    return {number: at for number, at in await connection.execute(rows.group_by(participation.c.member_id)) if at}


async def _person(connection: AsyncConnection, scope: Scope, listed: Listed) -> Person:
    one = listed.member.id
    held = select(declared.c.body, declared.c.role, declared.c.by_hand).join(address, IS_DECLARED)
    rows = (await connection.execute(held.where(address.c.member_id == one).order_by(declared.c.body))).all()
    by_hand: dict[Office, bool] = {}
    for row in rows:  # in the file for one of their addresses is in the file
        office = row.body, Role(row.role)
        by_hand[office] = row.by_hand and by_hand.get(office, True)
    bodies = {row.body for row in rows}
    taking_part = select(participation).where(participation.c.member_id == one)
    took_part = await connection.execute(taking_part.order_by(participation.c.begun_at.desc()))
    return Person(
        listed=listed,
        offices=tuple(
            HeldOffice(*office, hand) for office, hand in by_hand.items() if scope is None or office[0] in scope
        ),
        took_part=tuple(TakingPart(row.consultation, row.begun_at, row.finished_at) for row in took_part),
        is_whole=scope is None or (bodies <= scope and not listed.member.is_organiser),
        claimed_at=await connection.scalar(select(roll.c.claimed_at).where(roll.c.claimed_by == one).limit(1)),
        clashes_with=tuple(sorted(await _clashes_with(connection, one))),
        has_more_offices=scope is not None and not bodies <= scope,
    )


def _bodies_of(number: int) -> Select[str]:
    return select(declared.c.body).join(address, IS_DECLARED).where(address.c.member_id == number).distinct()


async def _only_body(connection: AsyncConnection, number: int) -> str | None:
    """In whose log it stands, too, beside that of the whole organisation."""
    bodies = (await connection.scalars(_bodies_of(number))).all()
    return bodies[0] if len(bodies) == 1 else None


async def _clashes_with(connection: AsyncConnection, number: int) -> set[int]:
    """Members between whom and this one a row of the roll is disputed."""
    with_claim = roll.join(roll_clash, roll_clash.c.number == roll.c.number)
    others = select(roll_clash.c.member_id).select_from(with_claim).where(roll.c.claimed_by == number)
    owners = select(roll.c.claimed_by).select_from(with_claim).where(roll_clash.c.member_id == number)
    return {
        found
        for query in (others, owners)
        for found in await connection.scalars(query)
        if found is not None and found != number
    }


async def _locked(connection: AsyncConnection, *numbers: int) -> dict[int, Address]:
    """The first address of each; addresses first, then members, as a turn of theirs locks them."""
    theirs = select(address).where(address.c.member_id.in_(numbers)).order_by(address.c.id).with_for_update()
    found: dict[int, Address] = {}
    for row in (await connection.execute(theirs)).all():
        found.setdefault(row.member_id, Address(row.account, row.user_id))
    locked = select(member.c.id).where(member.c.id.in_(numbers)).order_by(member.c.id).with_for_update()
    living = set((await connection.scalars(locked)).all())
    return {number: where for number, where in found.items() if number in living}
