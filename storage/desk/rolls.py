"""The membership roll as it is stored: keyed hashes, the offices that go with each, and who has claimed which."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Row, Table, Text, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Office
from core.events import VerificationFailed
from core.members import Address, Role
from core.rolls import TRIES_LAST, Hashed, RollRow, is_same
from storage.changes import change_member
from storage.database import insert
from storage.instants import Instant
from storage.tables import Number, address, declared, metadata, numbered
from storage.tables import body as bodies

BY_HAND = 1_000_000
"""The place in a body of whoever was put there by hand: after those of the file."""

# `body`: the first of its offices', by which rows are counted.
roll = Table(
    "roll",
    metadata,
    Column("number", Text, primary_key=True),
    Column("proof", Text, nullable=False),
    Column("body", Text, index=True),
    Column("offices", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("claimed_by", Number, ForeignKey("member.id"), index=True),
    Column("claimed_at", Instant),
)

# Somebody showed that a row is theirs which another has claimed before.
roll_clash = Table(
    "roll_clash",
    metadata,
    Column("number", Text, ForeignKey("roll.number"), primary_key=True),
    Column("member_id", Number, ForeignKey("member.id"), primary_key=True, index=True),
    Column("at", Instant, nullable=False),
)

roll_try = Table(
    "roll_try",
    metadata,
    numbered(),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_roll_try_whose", "member_id", "at"),
)

# In vain, by whomever: of numbers that aren't on the roll, too, so that nobody can tell them apart. With no member, who
# could have themselves forgotten and begin anew.
roll_guess = Table(
    "roll_guess",
    metadata,
    numbered(),
    Column("number", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_roll_guess_which", "number", "at"),
)


def write_offices(offices: Collection[Office]) -> str:
    return json.dumps([[body, role.value] for body, role in sorted(offices)])


def read_offices(written: str) -> tuple[Office, ...]:
    return tuple((body, Role(role)) for body, role in json.loads(written))


def read_row(row: Row[*tuple[Any, ...]]) -> RollRow:
    return RollRow(row.number, read_offices(row.offices), row.claimed_by, row.claimed_at)


# --- a turn
async def has_roll(connection: AsyncConnection) -> bool:
    return await connection.scalar(select(roll.c.number).limit(1)) is not None


async def tries_since(connection: AsyncConnection, number: int, since: datetime) -> int:
    tried = select(func.count()).where(roll_try.c.member_id == number, roll_try.c.at > since)
    return await connection.scalar(tried) or 0


async def tries_of_number(connection: AsyncConnection, number: str, since: datetime) -> int:
    tried = select(func.count()).where(roll_guess.c.number == number, roll_guess.c.at > since)
    return await connection.scalar(tried) or 0


async def find_row(connection: AsyncConnection, claims: Sequence[Hashed]) -> RollRow | None:
    """Locked, so that of two who claim it at once one is the first."""
    proofs = {one.number: one.proof for one in claims}
    found = select(roll).where(roll.c.number.in_(proofs)).order_by(roll.c.number).with_for_update()
    for row in (await connection.execute(found)).all():
        if is_same(row.proof, proofs[row.number]):
            return read_row(row)
    return None


async def count_try(connection: AsyncConnection, number: int, failed: VerificationFailed) -> None:
    await connection.execute(roll_try.insert().values(member_id=number, at=failed.at))
    await connection.execute(roll_guess.insert().values(number=failed.number, at=failed.at))
    if failed.claimed:
        clash = insert(connection, roll_clash).values(number=failed.claimed, member_id=number, at=failed.at)
        await connection.execute(clash.on_conflict_do_nothing())


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Tries that don't count any more. How many."""
    old = [delete(table).where(table.c.at <= now - TRIES_LAST) for table in (roll_try, roll_guess)]
    return sum([(await connection.execute(statement)).rowcount for statement in old])


async def verify(connection: AsyncConnection, number: int, who: Address, row: str, at: datetime) -> None:
    """The row is theirs, and with it its offices, as far as the bodies are there still."""
    claimed = update(roll).where(roll.c.number == row).values(claimed_by=number, claimed_at=at)
    offices = await connection.scalar(claimed.returning(roll.c.offices))
    await connection.execute(delete(roll_clash).where(roll_clash.c.number == row, roll_clash.c.member_id == number))
    await change_member(connection, number, verified_at=at)
    if offices is not None:
        await declare(connection, [(who, office) for office in read_offices(offices)])


async def declare(connection: AsyncConnection, held: Collection[tuple[Address, Office]]) -> None:
    """By hand, in bodies that are there still. What was declared before stays as it was."""
    if not held:
        return
    asked = {body for _, (body, _) in held}
    known = select(bodies.c.slug).where(bodies.c.slug.in_(asked), bodies.c.has_ended.is_(False))
    living = set((await connection.scalars(known)).all())
    rows = [
        {"body": body, "account": who.account, "user_id": who.user, "role": role.value}
        | {"position": BY_HAND, "by_hand": True}
        for who, (body, role) in sorted(set(held))
        if body in living
    ]
    if rows:
        await connection.execute(insert(connection, declared).on_conflict_do_nothing(), rows)


async def unclaim(connection: AsyncConnection, number: int) -> None:
    """They aren't verified any more: their rows are free again. Their offices stay; those are taken one by one."""
    theirs = roll.c.claimed_by == number
    await connection.execute(update(roll).where(theirs).values(claimed_by=None, claimed_at=None))
    await change_member(connection, number, verified_at=None)


# --- two who are one, and one who is forgotten
async def join(connection: AsyncConnection, number: int, other: int) -> None:
    await connection.execute(update(roll).where(roll.c.claimed_by == other).values(claimed_by=number))
    await connection.execute(update(roll_try).where(roll_try.c.member_id == other).values(member_id=number))
    clashes = await connection.execute(delete(roll_clash).where(roll_clash.c.member_id == other).returning(roll_clash))
    rows = [{"number": row.number, "member_id": number, "at": row.at} for row in clashes]
    if rows:
        await connection.execute(insert(connection, roll_clash).on_conflict_do_nothing(), rows)
    own = select(roll.c.number).where(roll.c.claimed_by == number)
    await connection.execute(delete(roll_clash).where(roll_clash.c.member_id == number, roll_clash.c.number.in_(own)))


async def forget(connection: AsyncConnection, number: int) -> None:
    """The roll's row stays, and is free."""
    for table in (roll_try, roll_clash):
        await connection.execute(delete(table).where(table.c.member_id == number))
    theirs = roll.c.claimed_by == number
    await connection.execute(update(roll).where(theirs).values(claimed_by=None, claimed_at=None))


async def kept(connection: AsyncConnection, number: int) -> tuple[datetime, ...]:
    tried = select(roll_try.c.at).where(roll_try.c.member_id == number).order_by(roll_try.c.at)
    return tuple((await connection.scalars(tried)).all())


async def first_addresses(connection: AsyncConnection, numbers: Collection[int]) -> dict[int, Address]:
    """Where what is declared for each by hand is declared: the address they wrote from first."""
    theirs = select(address).where(address.c.member_id.in_(sorted(numbers))).order_by(address.c.id.desc())
    return {row.member_id: Address(row.account, row.user_id) for row in await connection.execute(theirs)}
