"""The database's shape, version by version (`versions/`), and the way from one to the next."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

HEAD = "head"
EMPTY = "base"

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('folkmoot migrations', 0))"


def settings(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database, revision: str = HEAD) -> None:
    """Brings the database up to a revision, the newest if not told; all of it or nothing, one process at a time."""
    async with database.writing() as connection:
        await _wait_for_others(connection)
        await connection.run_sync(lambda sync: command.upgrade(settings(sync), revision))


async def downgrade(database: Database, revision: str = EMPTY) -> None:
    """Takes the database back to a revision. What only the later ones could hold is lost."""
    async with database.writing() as connection:
        await _wait_for_others(connection)
        await connection.run_sync(lambda sync: command.downgrade(settings(sync), revision))


async def readiness(connection: AsyncConnection) -> str:
    """Empty where the newest revision was reached, else a sentence."""
    newest = ScriptDirectory.from_config(settings()).get_current_head()
    reached = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    if reached == newest:
        return ""
    return f"the database is at revision {reached or 'none'} and {newest} is needed: run `folkmoot migrate`"


async def _wait_for_others(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text(_ONE_AT_A_TIME))
