"""What is known of the people of a page of rows that is imported, looked up; and what the rows say, written down."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Office
from core.enrolling import Expected, Page
from core.imports import Row
from core.members import Address, Role
from core.rolls import Hashed
from storage.database import insert
from storage.desk.rolls import declare, first_addresses, read_row, roll, write_offices
from storage.tables import IS_DECLARED, address, declared, expected

Scope = frozenset[str] | None


async def look_up(connection: AsyncConnection, rows: Sequence[Row], scope: Scope) -> Page:
    by_account = defaultdict[str, set[str]](set)
    for row in rows:
        if row.who:
            by_account[row.who.account].add(row.who.user)
    members: dict[Address, int] = {}
    has = defaultdict[Address, set[Office]](set)
    awaits: dict[Address, Expected] = {}
    for account, users in by_account.items():
        for table in (address, declared, expected):
            some = select(table).where(table.c.account == account, table.c.user_id.in_(sorted(users)))
            for known in await connection.execute(some):
                who = Address(known.account, known.user_id)
                if table is address:
                    members[who] = known.member_id
                elif table is declared:
                    has[who].add((known.body, Role(known.role)))
                else:
                    awaits[who] = known.language or "", tuple(json.loads(known.topics))
    numbers = sorted({row.membership.number for row in rows if row.membership})
    found = (await connection.execute(select(roll).where(roll.c.number.in_(numbers)))).all() if numbers else []
    claimed = {row.claimed_by for row in found if row.claimed_by is not None}
    outsiders = set(members.values()) - await _insiders(connection, set(members.values()), scope)
    return Page(
        scope, members, outsiders, dict(has), awaits,
        {row.number: (Hashed(row.number, row.proof), read_row(row)) for row in found},
        await first_addresses(connection, claimed),
    )  # fmt: skip


async def _insiders(connection: AsyncConnection, members: Collection[int], scope: Scope) -> set[int]:
    if scope is None or not members:
        return set(members)
    found = select(address.c.member_id).join(declared, IS_DECLARED).distinct()
    found = found.where(address.c.member_id.in_(sorted(members)), declared.c.body.in_(sorted(scope)))
    return set(await connection.scalars(found))


async def write(connection: AsyncConnection, page: Page, now: datetime) -> None:
    await declare(connection, page.to_declare)
    if page.to_expect:
        made = insert(connection, expected)
        anew = {"language": made.excluded.language, "topics": made.excluded.topics}
        rows = [
            {"account": who.account, "user_id": who.user, "language": language or None} | {"topics": json.dumps(topics)}
            for who, (language, topics) in sorted(page.to_expect.items())
        ]
        await connection.execute(made.on_conflict_do_update(index_elements=["account", "user_id"], set_=anew), rows)
    if page.to_enrol:
        made = insert(connection, roll)
        anew = {name: made.excluded[name] for name in ("proof", "body", "offices")}
        enrolled: list[dict[str, object]] = [
            {"number": number, "proof": hashed.proof, "body": next((body for body, _ in row.offices), None)}
            | {"offices": write_offices(row.offices), "added_at": now}
            for number, (hashed, row) in sorted(page.to_enrol.items())
        ]
        await connection.execute(made.on_conflict_do_update(index_elements=["number"], set_=anew), enrolled)
