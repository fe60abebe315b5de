"""The way from one version of the database to the next and back, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import outgoing
from storage.database import Database
from storage.migrations import downgrade, migrate, newest
from storage.migrations.steps import settings
from storage.schema import metadata
from storage.store import SqlStore

REVISIONS = [one.revision for one in ScriptDirectory.from_config(settings()).walk_revisions()][::-1]


def _differences(connection: Connection) -> list[object]:
    assert outgoing.delivery.metadata is metadata
    context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
    return list(compare_metadata(context, metadata))


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_migrated_databases_hold_exactly_the_tables_that_the_code_knows(empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database)
        async with database.reading() as connection:
            assert await connection.run_sync(_differences) == []
            assert await connection.run_sync(_tables) == set(metadata.tables)


async def test_every_step_up_can_be_taken_back(empty: str) -> None:
    async with Database(empty) as database:
        reached: list[set[str]] = []
        for revision in REVISIONS:
            await migrate(database, revision)
            async with database.reading() as connection:
                reached.append(await connection.run_sync(_tables))
        for revision, tables in zip(REVISIONS[-2::-1], reached[-2::-1], strict=True):
            await downgrade(database, revision)
            async with database.reading() as connection:
                assert await connection.run_sync(_tables) == tables
        await downgrade(database)
        async with database.reading() as connection:
            assert await connection.run_sync(_tables) == set()
        await migrate(database)
        assert await SqlStore(database).readiness() == ""


async def test_a_store_says_that_its_database_is_behind(empty: str) -> None:
    async with Database(empty) as database:
        store = SqlStore(database)
        assert "run `folkmoot migrate`" in await store.readiness()
        await migrate(database, REVISIONS[0])
        assert REVISIONS[0] in await store.readiness()
        await migrate(database)
        await migrate(database)
        assert await store.readiness() == ""


def test_the_newest_revision_is_known_by_the_names_of_the_files() -> None:
    assert newest() == REVISIONS[-1] == ScriptDirectory.from_config(settings()).get_current_head()


async def test_a_database_of_a_newer_version_is_served_on_and_left_as_it_is(
    empty: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Database(empty) as database:
        await migrate(database)
        async with database.writing() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        caplog.clear()
        await migrate(database)
        assert "is at revision 9999" in caplog.text
        assert await SqlStore(database).readiness() == ""
        async with database.reading() as connection:
            assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
