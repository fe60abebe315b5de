"""What is arranged is kept in memory, and nobody sees an earlier arrangement than the one that stands."""

from dataclasses import replace

import pytest
from sqlalchemy import text, update

from core.bodies import Body, BodyKind
from core.events import BodiesLoaded, ChannelAttached, ConsultationClosed, ConsultationLoaded, ConsultationOpened
from core.places import Place
from core.texts import Localised
from storage.database import Database
from storage.store import SqlStore
from storage.tables import consultation as consultations
from tests.contracts.rooms import ADA, BOT, HOUR, NOON, consultation, inbound

PARKS = replace(consultation("parks"), opens_at=None, closes_at=None)
BRANCH = Body("branch", Localised.of("Branch"), BodyKind.BRANCH)
GROUP = Place(BOT, "-5", private=False)


async def open_in_a_turn(store: SqlStore) -> list[str]:
    async with store.work(inbound(ADA)) as work:
        return [one.slug for one in await work.open_consultations(NOON + HOUR)]


async def test_what_another_process_opens_loads_or_closes_is_seen_by_the_next_turn(database: Database) -> None:
    here, there = SqlStore(database), SqlStore(database)
    assert await open_in_a_turn(here) == []
    await there.record([ConsultationLoaded(PARKS, NOON)])
    assert await open_in_a_turn(here) == []
    await there.record([ConsultationOpened("parks", NOON)])
    assert await open_in_a_turn(here) == ["parks"]
    assert [one.slug for one in await here.consultations()] == ["parks"]
    await there.record([ConsultationClosed("parks", NOON)])
    assert await open_in_a_turn(here) == []


async def test_a_channel_attached_elsewhere_is_seen_by_the_next_turn(database: Database) -> None:
    here, there = SqlStore(database), SqlStore(database)
    await there.record([BodiesLoaded((BRANCH,), ())])
    assert (await here.bodies()).all == (BRANCH,)
    await there.record([ChannelAttached("branch", GROUP)])
    async with here.work(inbound(ADA)) as work:
        (body,) = (await work.bodies()).all
    assert body.channels == (GROUP,)


async def test_a_change_by_whatever_program_is_seen(database: Database) -> None:
    store = SqlStore(database)
    await store.record([ConsultationLoaded(PARKS, NOON)])
    assert await open_in_a_turn(store) == []
    async with database.writing() as connection:
        await connection.execute(update(consultations).values(opens_at=NOON))
    assert await open_in_a_turn(store) == ["parks"]
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM consultation"))
    assert await open_in_a_turn(store) == []


async def test_what_was_rolled_back_is_not_remembered(database: Database) -> None:
    store = SqlStore(database)
    await store.record([ConsultationLoaded(PARKS, NOON)])
    with pytest.raises(KeyError):
        await _change_and_fail(database)
    assert await open_in_a_turn(store) == []


async def _change_and_fail(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(update(consultations).values(opens_at=NOON))
        raise KeyError
