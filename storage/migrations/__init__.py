"""The database's shape, version by version (`versions/`), and the way from one to the next.

A database may be newer than the code: during a deploy, or after one was taken back. Versions only widen what is there
(docs/decisions/0009-expand-then-contract.md), so the code before goes on with it.
"""

import logging
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

log = logging.getLogger(__name__)

HEAD = "head"
EMPTY = "base"

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('folkmoot migrations', 0))"
_REACHED = "SELECT version_num FROM alembic_version"


@cache
def newest() -> str:
    """The newest revision that this code knows: files are named by their numbers, which only grow."""
    return max(path.name for path in (Path(__file__).parent / "versions").glob("[0-9]*.py")).partition("_")[0]


async def migrate(database: Database, revision: str = HEAD) -> None:
    """Brings the database up to a revision, the newest if not told; all of it or nothing, one process at a time."""
    if revision == HEAD:
        async with database.reading() as connection:
            if await _is_far_enough(connection):
                return
    from storage.migrations import steps  # loads Alembic, which takes longer than most of a process's start

    async with database.writing() as connection:
        await _wait_for_others(connection)
        if revision != HEAD or not await _is_far_enough(connection):
            await connection.run_sync(steps.up, revision)


async def downgrade(database: Database, revision: str = EMPTY) -> None:
    """Takes the database back to a revision. What only the later ones could hold is lost."""
    from storage.migrations import steps  # as above

    async with database.writing() as connection:
        await _wait_for_others(connection)
        await connection.run_sync(steps.down, revision)


async def readiness(connection: AsyncConnection) -> str:
    """Empty where the newest revision that we know was reached, or a newer one, else a sentence."""
    reached = await _reached(connection)
    if reached >= newest():
        return ""
    return f"the database is at revision {reached or 'none'} and {newest()} is needed: run `folkmoot migrate`"


async def _is_far_enough(connection: AsyncConnection) -> bool:
    reached = await _reached(connection)
    if reached > newest():
        log.warning(
            "the database is at revision %s and this version of Folkmoot knows %s: it goes on with it as it is, for "
            "versions only widen; bring this process up to date when you can",
            reached,
            newest(),
        )
    return reached >= newest()


async def _reached(connection: AsyncConnection) -> str:
    """Empty where nothing was ever migrated."""
    if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return ""
    return str(await connection.scalar(text(_REACHED)) or "")


async def _wait_for_others(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text(_ONE_AT_A_TIME))
