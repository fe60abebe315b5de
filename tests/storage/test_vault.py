"""Secrets at rest, while one secret of this server gives way to another."""

import pytest
from sqlalchemy import select

from core.ports import WrongSecret
from storage import outgoing
from storage.database import Database
from storage.vault import SqlVault


async def test_after_rotating_the_old_secret_can_go(database: Database) -> None:
    old = SqlVault(database, "old")
    await old.keep("slack", "T1", "xoxb-1")
    await old.keep("slack", "T2", "xoxb-2")
    both = SqlVault(database, "new", before="old")
    assert await both.find("slack", "T1") == "xoxb-1"
    await both.keep("slack", "T3", "xoxb-3")
    assert await both.rotate() == 3
    new = SqlVault(database, "new")
    assert [await new.find("slack", team) for team in ("T1", "T2", "T3")] == ["xoxb-1", "xoxb-2", "xoxb-3"]
    with pytest.raises(WrongSecret):
        await old.find("slack", "T1")


async def test_a_process_that_knows_the_new_secret_already_reads_what_others_seal_with_it(database: Database) -> None:
    ahead = SqlVault(database, "old", before="new")
    await SqlVault(database, "new", before="old").keep("slack", "T1", "xoxb-1")
    assert await ahead.find("slack", "T1") == "xoxb-1"


async def test_what_was_sealed_with_a_third_secret_stops_rotating_and_nothing_is_changed(database: Database) -> None:
    await SqlVault(database, "old").keep("slack", "T1", "xoxb-1")
    await SqlVault(database, "lost").keep("slack", "T2", "xoxb-2")
    before = await _at_rest(database)
    with pytest.raises(WrongSecret, match="slack of T2"):
        await SqlVault(database, "new", before="old").rotate()
    assert await _at_rest(database) == before


async def _at_rest(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list((await connection.scalars(select(outgoing.secret.c.sealed))).all())
