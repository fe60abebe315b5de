"""How the database's address is read, and how its transactions behave."""

import asyncio
import traceback
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from core.ports import StoreUnavailable
from storage.database import Database, Fault, UnusableUrl, insert, read_url
from storage.outgoing import lane
from storage.store import SqlStore
from storage.tables import topic


@pytest.mark.parametrize(
    ("written", "driver"),
    [
        ("sqlite:///var/folkmoot.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////srv/folkmoot.db", "sqlite+aiosqlite"),
        ("postgres://ada:pw@host:5433/folkmoot", "postgresql+asyncpg"),
        ("postgresql://host/folkmoot", "postgresql+asyncpg"),
        ("postgresql+asyncpg://host/folkmoot", "postgresql+asyncpg"),
    ],
)
def test_addresses_are_read_however_they_are_written(written: str, driver: str) -> None:
    assert read_url(written).drivername == driver


def test_what_hosts_write_about_encryption_is_understood() -> None:
    url = read_url("postgres://host/folkmoot?sslmode=require")
    assert dict(url.query) == {"ssl": "require"}


@pytest.mark.parametrize("written", ["", "folkmoot.db", "mysql://host/folkmoot", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_we_can_not_use_is_refused_with_what_was_meant(written: str) -> None:
    with pytest.raises(UnusableUrl, match="Write it as sqlite:///"):
        read_url(written)


async def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/folder/folkmoot.db"
    async with Database(url) as database, database.reading() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA synchronous")) == 2
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert await connection.scalar(text("PRAGMA busy_timeout")) == 30_000


async def test_a_database_that_is_not_there_is_not_ready_and_its_password_is_not_told() -> None:
    async with Database("postgresql://ada:hidden@127.0.0.1:9/folkmoot") as database:
        why = await SqlStore(database).readiness()
    assert "can't be used" in why
    assert "hidden" not in why


async def test_a_deadlock_is_undone_and_may_be_tried_again(postgres_database: Database) -> None:
    both = asyncio.Barrier(2)

    async def write(first: str, second: str) -> None:
        async with postgres_database.writing() as connection:
            await connection.execute(update(lane).where(lane.c.account == first).values(owner=first))
            await both.wait()
            await connection.execute(update(lane).where(lane.c.account == second).values(owner=first))

    async with postgres_database.writing() as connection:
        for account in "ab":
            await connection.execute(insert(connection, lane).values(account=account))
    ends = await asyncio.gather(write("a", "b"), write("b", "a"), return_exceptions=True)
    assert [type(end) for end in ends if end is not None] == [StoreUnavailable]
    async with postgres_database.reading() as connection:
        assert len(set((await connection.scalars(select(lane.c.owner))).all())) == 1


async def test_a_mistake_of_ours_is_told_without_what_anybody_said(database: Database) -> None:
    """PostgreSQL answers with the whole row, and SQLAlchemy with what was bound: either may be a member's words."""

    async def mistake() -> None:
        async with database.writing() as connection:
            row = {"slug": "words of a member", "name": None, "position": 1}
            await connection.execute(insert(connection, topic).values(row))

    with pytest.raises(Fault) as refused:
        await mistake()
    told = "".join(traceback.format_exception(refused.value))
    assert "INSERT INTO topic" in told
    assert "words of a member" not in told


async def test_no_write_is_lost_when_many_write_at_once(sqlite_database: Database) -> None:
    """The driver's own transactions lose most of these."""
    url = sqlite_database.url.render_as_string()
    async with Database(url) as elsewhere:

        async def count_up(database: Database) -> None:
            async with database.writing() as connection:
                highest = await connection.scalar(select(func.max(topic.c.position)))
                row = {"slug": f"t{highest}", "name": "{}", "position": (highest or 0) + 1}
                await connection.execute(insert(connection, topic).values(row))

        await asyncio.gather(*(count_up(one) for _ in range(30) for one in (sqlite_database, elsewhere)))
    async with sqlite_database.reading() as connection:
        assert await connection.scalar(select(func.max(topic.c.position))) == 60


async def test_readers_do_not_wait_for_a_writer(sqlite_database: Database) -> None:
    store = SqlStore(sqlite_database)
    async with sqlite_database.writing() as connection:
        await connection.execute(insert(connection, topic).values(slug="t", name="{}", position=1))
        async with asyncio.timeout(10):
            assert await store.consultations() == ()
