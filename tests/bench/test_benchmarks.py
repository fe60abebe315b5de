"""Each benchmark runs, checks what it measured, and reports; how quick anything is, is not asked here."""

from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy

import pytest

from bench import ledger, sealing, story
from bench.measuring import Result
from bench.stories import STORY, code_of, fill, ideas_of, written
from core.receipts import read_code
from storage.database import Database
from storage.ledger import SqlLedger
from storage.store import SqlStore

FEW = 200


@pytest.fixture
async def second_database(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{copy(migrated_file, tmp_path / 'second.db')}") as database:
        yield database


def are_told(results: list[Result]) -> bool:
    return all(one.name and one.value > 0 and (one.ratio is None or one.ratio.least > 0) for one in results)


def test_the_ledger_is_measured_in_memory() -> None:
    results = ledger.measure(FEW + 3, blocks=4)
    assert [one.name for one in results][:3] == ["entries sealed", "entries verified", "entries sealed and verified"]
    assert are_told(results)


async def test_replies_are_timed_while_sealing(database: Database) -> None:
    told: list[tuple[str, int]] = []
    results = await sealing.measure(
        database, FEW, blocks=2, rest=0.1, told=lambda what, so_far: told.append((what, so_far))
    )
    assert len(results) == 3
    assert are_told(results)
    assert told == [("written", FEW), ("sealed", FEW), ("written", FEW), ("sealed", 2 * FEW)]
    assert await SqlLedger(database).waiting() is None


async def test_lookups_among_many_are_timed_against_those_among_few(
    sqlite_database: Database, second_database: Database
) -> None:
    results = await story.measure(sqlite_database, second_database, (20, FEW), blocks=2, lookups=3)
    assert [one.name for one in results] == [f"finding {what} among 200 entries" for what in ("an idea", "a receipt")]
    assert {one.database for one in results} == {"SQLite"}
    assert are_told(results)


async def test_what_was_filled_in_is_a_record_like_any_other(database: Database) -> None:
    codes = await fill(database, FEW)
    found = await SqlStore(database).idea(codes[-1])
    assert found is not None
    assert tuple(entry.kind for entry in found.story) == STORY
    assert found.story[0] == next(one.entry for one in written(FEW) if one.code == codes[-1])
    await SqlLedger(database).seal(found.said_at, FEW)
    audit = await SqlLedger(database).audit()
    assert (audit.is_good, audit.entries) == (True, FEW)


def test_codes_are_good_and_no_two_are_alike() -> None:
    codes = [code_of(number) for number in range(2_000)]
    assert len(set(codes)) == 2_000
    assert all(read_code(code) == code for code in codes)


def test_a_number_of_entries_that_makes_no_whole_stories_leaves_the_last_ones_unfinished() -> None:
    entries = list(written(10))
    assert (len(entries), ideas_of(10)) == (10, 3)
    assert [one.number for one in entries] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]
    assert len({(one.code, one.number) for one in entries}) == 10
