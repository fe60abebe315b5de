"""Where words are kept, and where they must not be; and what a secret looks like at rest."""

import pytest
from sqlalchemy import select

from core.deliveries import DeliveryState, Mark
from core.events import AnswerGiven, CaptureAsked, CaptureSettled, IdeaCaptured
from core.ideas import Capture
from core.places import Source
from core.ports import WrongSecret
from storage import outgoing
from storage.database import Database
from storage.schema import metadata
from storage.vault import SqlVault
from tests.contracts.rooms import ADA, BOT, DAY, NOON, Rooms, idea, over, reply

WORDS = "Turn the old depot into a swimming bath"


async def _where_said(database: Database) -> set[str]:
    """The tables in which the words are found."""
    found = set()
    async with database.reading() as connection:
        for table in metadata.sorted_tables:
            rows = await connection.execute(select(table))
            if any(WORDS in str(tuple(row)) for row in rows):
                found.add(table.name)
    return found


async def _idea_is_told(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    source = Source(BOT, "100", "7")
    capture = Capture("CAPT1234", ADA, WORDS, NOON, source, NOON + DAY)
    await rooms.turn(ADA, CaptureAsked(capture), posts=[reply(ADA, f"Is this an idea? {WORDS}")])
    captured = idea("K7M4-QX2P", ada.id, WORDS)
    answered = AnswerGiven("city", "idea", "K7M4-QX2P", NOON)
    await rooms.turn(ADA, CaptureSettled("CAPT1234"), IdeaCaptured(captured), answered)


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.EXPIRED])
async def test_an_ideas_words_end_up_in_its_story_alone(sqlite_database: Database, state: DeliveryState) -> None:
    rooms = over(sqlite_database)
    await _idea_is_told(rooms)
    assert await _where_said(sqlite_database) == {"story", "delivery"}
    (claimed,) = await rooms.claim()
    await rooms.mark(Mark(claimed.id, state))
    assert await _where_said(sqlite_database) == {"story"}


async def test_the_words_of_a_capture_go_when_it_expires(sqlite_database: Database) -> None:
    rooms = over(sqlite_database)
    await rooms.turn(ADA, CaptureAsked(Capture("C", ADA, WORDS, NOON, Source(BOT, "1", "2"), NOON + DAY)))
    assert await _where_said(sqlite_database) == {"capture"}
    await rooms.store.sweep(NOON + DAY)
    assert await _where_said(sqlite_database) == set()


async def test_secrets_are_unreadable_at_rest(sqlite_database: Database) -> None:
    await SqlVault(sqlite_database, "secret").keep("slack", "T1", "xoxb-token")
    async with sqlite_database.reading() as connection:
        (row,) = (await connection.execute(select(outgoing.secret))).all()
    assert "xoxb" not in row.sealed


async def test_another_secret_key_is_told_so_in_a_sentence(sqlite_database: Database) -> None:
    await SqlVault(sqlite_database, "secret").keep("slack", "T1", "xoxb-token")
    with pytest.raises(WrongSecret, match="SECRET_KEY"):
        await SqlVault(sqlite_database, "another").find("slack", "T1")
    assert await SqlVault(sqlite_database, "secret").find("slack", "T1") == "xoxb-token"
