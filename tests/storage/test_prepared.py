"""Prepared statements do what SQLAlchemy would have done with them, on either database."""

import traceback

import pytest
from sqlalchemy import bindparam, func, insert, literal, select, text, update

from core.ports import StoreUnavailable
from storage.changes import change_member
from storage.database import Database, Fault, insert_once
from storage.prepared import Prepared, run_together
from storage.tables import inbound, member
from tests.contracts.rooms import NOON

_MADE = Prepared(insert(member).returning(member.c.id), "name", "language", "consented_at")
_NOTED = Prepared(insert_once(inbound, "key"), "key", "at")
_FOUND = Prepared(
    select(member.c.name, member.c.organiser, member.c.consented_at, literal("so").label("said")).where(
        member.c.id == bindparam("which")
    )
)
_RENAMED = Prepared(update(member).where(member.c.id == bindparam("which")).values(name=bindparam("name")))
ANN = {"name": "Ann", "language": "en", "consented_at": NOON}


async def test_what_is_written_is_read_back_with_its_defaults_and_in_its_types(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("SELECT 1"))
        number = (await _MADE.row(connection, ANN)).id
        found = await _FOUND.row(connection, {"which": number})
        assert (found.name, found.organiser, found.consented_at, found.said) == ("Ann", False, NOON, "so")
        assert await _FOUND.row(connection, {"which": number + 1}) is None
        usual = (await connection.execute(select(member).where(member.c.id == number))).one()
        assert usual.consented_at == NOON


async def test_the_first_statement_begins_the_transaction_and_a_fault_undoes_all_of_it(database: Database) -> None:
    async def half() -> None:
        async with database.writing() as connection:
            await _MADE.row(connection, ANN)
            await _MADE.row(connection, ANN | {"name": None, "language": "words of a member"})

    with pytest.raises(Fault) as refused:
        await half()
    told = "".join(traceback.format_exception(refused.value))
    assert "INSERT INTO member" in told
    assert "words of a member" not in told
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(member)) == 0


async def test_it_tells_whether_anything_was_written(database: Database) -> None:
    async with database.writing() as connection:
        assert await _NOTED.run(connection, {"key": "a", "at": NOON})
        assert not await _NOTED.run(connection, {"key": "a", "at": NOON})
        assert not await _RENAMED.run(connection, {"which": 1, "name": "Nobody"})


async def test_writes_made_together_are_all_made(database: Database) -> None:
    async with database.writing() as connection:
        number = (await _MADE.row(connection, ANN)).id
        noted = [(_NOTED, {"key": key, "at": NOON}) for key in "abc"]
        assert await run_together(connection, [(_RENAMED, {"which": number, "name": "Bea"}), *noted])
        assert not await run_together(connection, noted[::-1])
        assert not await run_together(connection, noted[:1])
        await change_member(connection, number, language="cy", organiser=True)
    async with database.reading() as connection:
        keys = await connection.scalars(select(inbound.c.key).order_by(inbound.c.key))
        assert list(keys) == ["a", "b", "c"]
        found = (await connection.execute(select(member))).one()
        assert (found.name, found.language, found.organiser) == ("Bea", "cy", True)


async def test_a_value_that_is_missing_is_a_mistake_and_not_nothing(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("SELECT 1"))
        with pytest.raises(KeyError):
            await _RENAMED.run(connection, {"which": 1})


async def test_a_connection_that_is_lost_in_the_middle_may_be_tried_again(postgres_database: Database) -> None:
    async def cut_off() -> None:
        async with postgres_database.writing() as connection:
            number = await connection.scalar(text("SELECT pg_backend_pid()"))
            async with postgres_database.reading() as other:
                await other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
            await _NOTED.run(connection, {"key": "a", "at": NOON})

    with pytest.raises(StoreUnavailable):
        await cut_off()
    async with postgres_database.writing() as connection:
        assert await _NOTED.run(connection, {"key": "a", "at": NOON})
