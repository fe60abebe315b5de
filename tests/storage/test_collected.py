"""What of a consultation's ideas anybody may read, in pages, and how many stand where; on both databases."""

from dataclasses import replace

import pytest

from core.events import IdeaCaptured, StoryContinued
from core.ideas import Idea
from core.receipts import receipt_code
from core.standings import Stage
from core.stories import Entry, EntryKind, Rule
from storage.collected import SqlCollected
from storage.database import Database
from tests.contracts.rooms import ADA, MINUTE, NOON, Rooms, idea, over


def code(number: int) -> str:
    return receipt_code(f"{number + 1_000_000:07d}")


async def said(rooms: Rooms, number: int, *more: Entry, consultation: str = "city") -> Idea:
    ada = await rooms.turn(ADA)
    new = replace(idea(code(number), ada.id, at=NOON + number * MINUTE, message=str(number)), consultation=consultation)
    await rooms.turn(ADA, IdeaCaptured(new))
    for entry in more:
        await rooms.turn(ADA, StoryContinued(new.code, entry, len(new.story)))
        new = new.with_entry(entry)
    return new


@pytest.fixture
async def rooms(database: Database) -> Rooms:
    return over(database)


async def test_they_come_in_pages_the_newest_first(rooms: Rooms, database: Database) -> None:
    for number in range(7):
        await said(rooms, number)
    await said(rooms, 8, consultation="another")
    collected, found, before = SqlCollected(database), [], ""
    while page := await collected.ideas("city", 3, before):
        found += [one.code for one in page]
        before = page[-1].code
    assert found == [code(number) for number in reversed(range(7))]
    assert await collected.ideas("city", 3, "nosuch") == ()
    assert await collected.ideas("nosuch", 3) == ()


async def test_what_is_hidden_or_taken_back_is_not_among_them(rooms: Rooms, database: Database) -> None:
    at = NOON + 60 * MINUTE
    shown = await said(rooms, 1)
    await said(rooms, 2, Entry(EntryKind.WITHDRAWN, at))
    await said(rooms, 3, Entry(EntryKind.HIDDEN, at, reason="Abuse", rule=Rule.ABUSE))
    collected = SqlCollected(database)
    assert [one.code for one in await collected.ideas("city", 10)] == [shown.code]
    assert dict(await collected.stages("city")) == {Stage.RECEIVED: 2}, "where the hidden one stands is no secret"
