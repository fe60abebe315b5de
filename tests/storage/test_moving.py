"""From SQLite to PostgreSQL with everything, for an organisation that has grown."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.events import MemberForgotten
from core.members import Address
from core.stories import Entry, EntryKind
from folkmoot.upkeep import copy
from storage.database import Database
from storage.ledger import SqlLedger
from storage.moving import TABLES, CannotMove, move
from storage.outgoing import lane
from storage.tables import member
from tests.contracts.postgres import Postgres
from tests.contracts.rooms import ADA, BEN, BOT, HOUR, NOON, Rooms, consultation, over, reply, to


async def a_past(database: Database) -> Rooms:
    """People, ideas with stories under a seal, what waits to go out, a secret; and the last who came was forgotten."""
    rooms = over(database)
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.capture("K7M4-QX2P", text="Bäume, 🌳")
    await rooms.goes_on("K7M4-QX2P", to("parks"), Entry(EntryKind.DECLINED, NOON, reason="No money", body="parks"))
    await rooms.broadcast()
    await rooms.turn(BEN, posts=[reply(BEN)])
    await rooms.vault.keep("slack", "T1", "xoxb-token")
    await SqlLedger(database).seal(NOON + HOUR, 100)
    return rooms


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    async with database.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in TABLES
        }  # fmt: skip


async def test_every_row_arrives_and_the_house_goes_on_where_it_was(
    sqlite_database: Database, postgres_database: Database
) -> None:
    await a_past(sqlite_database)
    latest = await newest_member(sqlite_database)
    copied = await move(sqlite_database, postgres_database)
    here, there = await everything(postgres_database), await everything(sqlite_database)
    assert {name: sorted(rows, key=repr) for name, rows in here.items()} == {
        name: sorted(rows, key=repr) for name, rows in there.items()
    }
    assert copied == {name: len(rows) for name, rows in there.items()}
    assert (await SqlLedger(postgres_database).audit([])).is_good
    rooms = over(postgres_database)
    assert await rooms.vault.find("slack", "T1") == "xoxb-token"
    newcomer = await rooms.turn(Address(BOT, "900"))
    assert newcomer.id > latest
    await rooms.capture("B3M4-QX2P", text="And benches")
    assert (await rooms.idea("K7M4-QX2P")).text == "Bäume, 🌳"


async def newest_member(database: Database) -> int:
    """The number of somebody who came last, and went again."""
    rooms = over(database)
    gone = Address(BOT, "800")
    (number,) = await rooms.says_yes(gone)
    await rooms.turn(gone, MemberForgotten(NOON))
    async with database.reading() as connection:
        assert await connection.scalar(select(member.c.id).where(member.c.id == number)) is None
    return number


async def test_what_is_not_empty_or_still_at_work_or_of_another_kind_is_left_alone(
    sqlite_database: Database, postgres_database: Database
) -> None:
    with pytest.raises(CannotMove, match="from SQLite to PostgreSQL"):
        await move(postgres_database, sqlite_database)
    async with sqlite_database.writing() as connection:
        await connection.execute(lane.insert().values(account=BOT, owner="w", epoch=1, until=NOON.replace(year=2999)))
    with pytest.raises(CannotMove, match="stop it first"):
        await move(sqlite_database, postgres_database)
    async with sqlite_database.writing() as connection:
        await connection.execute(update(lane).values(until=None, owner=None))
    await over(postgres_database).says_yes(ADA)
    with pytest.raises(CannotMove, match="isn’t empty"):
        await move(sqlite_database, postgres_database)


async def test_it_is_one_command_and_brings_the_new_database_up_to_date_itself(
    postgres: Postgres, migrated_copy: Path
) -> None:
    url = await postgres.empty()
    async with Database(f"sqlite:///{migrated_copy}") as database:
        await a_past(database)
    said = await copy(f"sqlite:///{migrated_copy}", url)
    assert said.is_good, said
    assert said.lines[-1] == "All of it is copied, and the ledger is what was sealed."
    assert not (again := await copy(f"sqlite:///{migrated_copy}", url)).is_good
    assert "isn’t empty" in again.lines[0]
    await postgres.drop(url)
