"""A member's own row changed: every statement is made once, by the names of the columns that it sets."""

from functools import cache

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.prepared import Prepared
from storage.tables import member


async def change_member(connection: AsyncConnection, number: int, **values: object) -> None:
    await _changed(tuple(sorted(values))).run(connection, {"which": number, **values})


async def change_member_once(connection: AsyncConnection, number: int, **values: object) -> None:
    """Only where none of these has a value yet: the first time counts, however often they say it."""
    await _changed(tuple(sorted(values)), once=True).run(connection, {"which": number, **values})


@cache
def _changed(names: tuple[str, ...], *, once: bool = False) -> Prepared:
    changed = update(member).where(member.c.id == bindparam("which"))
    if once:
        changed = changed.where(*(member.c[name].is_(None) for name in names))
    return Prepared(changed.values({name: bindparam(name) for name in names}))
