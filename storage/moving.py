"""Moving house: everything from a SQLite file into a PostgreSQL database, for an organisation that has grown."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, exists, func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.migrations import migrate, readiness
from storage.outgoing import lane
from storage.schema import metadata
from storage.tables import arrangement

TABLES = [table for table in metadata.sorted_tables if table is not arrangement]
"""In the order in which they refer to one another. The one left out every database counts for itself, by triggers."""

PAGE = 2_000


class CannotMove(Exception):
    """Says why, and what to do about it. Nothing was copied."""


async def move(source: Database, target: Database) -> Mapping[str, int]:
    """How many rows of each table were copied: all of them or none. Raises CannotMove."""
    if not source.is_sqlite or target.is_sqlite:
        raise CannotMove("this copies from SQLite to PostgreSQL; for another backup of the same kind: folkmoot backup")
    async with source.reading() as there:
        if behind := await readiness(there):
            raise CannotMove(f"{source.shown}: {behind}")
        if await there.scalar(select(exists().where(lane.c.until > datetime.now(UTC)))):
            raise CannotMove("Folkmoot still works on it: stop it first, so that nothing is left behind")
        await migrate(target)
        async with target.writing() as here:
            for table in TABLES:
                if await here.scalar(select(exists(select(table)))):
                    raise CannotMove(f"{target.shown} isn’t empty ({table.name} has rows): give it a new database")
            copied = {table.name: await _copy(table, there, here) for table in TABLES}
            await _go_on_counting(there, here)
    return copied


async def _copy(table: Table, there: AsyncConnection, here: AsyncConnection) -> int:
    count = 0
    async for rows in _pages(table, there):
        await here.execute(insert(table), rows)
        count += len(rows)
    if await here.scalar(select(func.count()).select_from(table)) != count:
        raise CannotMove(f"not every row of {table.name} arrived")
    return count


async def _pages(table: Table, there: AsyncConnection) -> AsyncIterator[Sequence[dict[str, Any]]]:
    key = tuple_(*table.primary_key.columns)
    page = select(table).order_by(*table.primary_key.columns).limit(PAGE)
    after = page
    while rows := [dict(row) for row in (await there.execute(after)).mappings()]:
        yield rows
        last = tuple(rows[-1][column.name] for column in table.primary_key.columns)
        after = page.where(key > last)


async def _go_on_counting(there: AsyncConnection, here: AsyncConnection) -> None:
    """New rows get numbers after the last, also after that of a member who was forgotten since."""
    counted = await there.execute(text("SELECT name, seq FROM sqlite_sequence"))
    used = {row.name: int(row.seq) for row in counted}
    for table in TABLES:
        column = table.autoincrement_column
        if column is None:
            continue
        last = max(await here.scalar(select(func.max(column))) or 0, used.get(table.name, 0))
        if last:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            await here.execute(select(func.setval(sequence, last)))
