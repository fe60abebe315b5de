"""Drafts as they are kept, on either database: versions, two editors at once, and what becomes of them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.consultations import Audience
from core.deeds import By, Did, Via
from core.drafts import GONE, Content, Moved, Saved
from core.events import ConsultationArchived, ConsultationLoaded, ConsultationOpened, ConsultationUnarchived, Event
from storage.database import Database
from storage.desk.deeds import SqlDeeds
from storage.desk.drafting import SqlDrafts
from storage.store import SqlStore
from tests.contracts.rooms import consultation

NOW = datetime(2026, 5, 12, 14, 5, tzinfo=UTC)
BY = By(Via.DESK, NOW)
FIRST = Content("title: A", "city", "A", Audience(bodies=("leeds",)))
MINE, THEIRS = Content("title: mine"), Content("title: theirs")


@pytest.fixture
def drafts(database: Database) -> SqlDrafts:
    return SqlDrafts(database)


async def _did(database: Database) -> list[Did]:
    return [one.deed.did for one in await SqlDeeds(database).latest(20)]


async def test_a_draft_is_kept_as_it_was_written(drafts: SqlDrafts) -> None:
    id = await drafts.begin(FIRST, BY)
    found = await drafts.find(id)
    assert found is not None
    assert (found.version, found.content, found.of, found.changed_at) == (1, FIRST, None, NOW)
    assert await drafts.all() == (found,)
    assert await drafts.find(id + 1) is None


async def test_of_two_who_save_at_once_the_second_is_told_and_nothing_is_lost(drafts: SqlDrafts) -> None:
    id = await drafts.begin(FIRST, BY)
    outcomes = await asyncio.gather(drafts.save(id, 1, MINE, BY), drafts.save(id, 1, THEIRS, BY))
    assert sorted(type(one).__name__ for one in outcomes) == ["Moved", "Saved"]
    kept = await drafts.find(id)
    assert kept is not None
    assert kept.version == 2
    for outcome in outcomes:
        assert isinstance(outcome, Saved | Moved)
        assert outcome.draft == kept, "whoever was second sees what is there now"


async def test_saving_the_same_again_changes_nothing_and_is_no_clash(drafts: SqlDrafts) -> None:
    id = await drafts.begin(FIRST, BY)
    saved = await drafts.save(id, 1, MINE, BY)
    again = await drafts.save(id, 1, MINE, BY)
    assert isinstance(saved, Saved)
    assert again == saved
    assert isinstance(await drafts.save(id, 1, THEIRS, BY), Moved)
    after = await drafts.save(id, saved.draft.version, THEIRS, BY)
    assert isinstance(after, Saved)
    assert after.draft.version == 3


async def test_a_consultation_has_one_draft_at_the_most(drafts: SqlDrafts) -> None:
    both = await asyncio.gather(drafts.begin(FIRST, BY, "city"), drafts.begin(MINE, BY, "city"))
    assert both[0] == both[1]
    found = await drafts.of("city")
    assert found is not None
    assert found.id == both[0]
    assert await drafts.begin(FIRST, BY) != await drafts.begin(FIRST, BY), "of none there may be many"


async def test_publishing_takes_the_draft_away_and_loads_it_or_does_neither(
    drafts: SqlDrafts, database: Database
) -> None:
    store, parks = SqlStore(database), consultation("parks")
    id = await drafts.begin(FIRST, BY)
    events: list[Event] = [ConsultationLoaded(parks, NOW), ConsultationOpened("parks", NOW)]
    assert isinstance(await drafts.publish(id, 2, events, BY), Moved)
    assert await store.consultation("parks") is None
    assert isinstance(await drafts.publish(id, 1, events, BY), Saved)
    assert await drafts.publish(id, 1, events, BY) is GONE
    found = await store.consultation("parks")
    assert found is not None
    assert found.is_open(NOW)
    assert await _did(database) == [Did.OPENED, Did.LOADED, Did.DRAFTED]


async def test_what_is_thrown_away_is_gone_and_stands_in_the_log(drafts: SqlDrafts, database: Database) -> None:
    id = await drafts.begin(FIRST, BY)
    assert isinstance(await drafts.discard(id, 1, BY), Saved)
    assert await drafts.save(id, 1, MINE, BY) is GONE
    assert await drafts.all() == ()
    assert await _did(database) == [Did.DISCARDED, Did.DRAFTED]


async def test_the_log_names_whoever_writes_once_an_hour(drafts: SqlDrafts, database: Database) -> None:
    id = await drafts.begin(FIRST, BY)
    for minute in range(1, 5):
        by = By(Via.DESK, NOW + timedelta(minutes=minute))
        assert isinstance(await drafts.save(id, minute, Content(f"title: {minute}"), by), Saved)
    assert await _did(database) == [Did.DRAFTED]
    later = By(Via.DESK, NOW + timedelta(hours=3))
    await drafts.save(id, 5, MINE, later)
    assert await _did(database) == [Did.DRAFTED, Did.DRAFTED]


async def test_a_consultation_goes_into_the_archive_and_out_of_it(drafts: SqlDrafts, database: Database) -> None:
    store = SqlStore(database)
    await store.record([ConsultationLoaded(consultation("parks"), NOW)])

    async def archived_at() -> datetime | None:
        found = await store.consultation("parks")
        assert found is not None
        return found.archived_at

    await drafts.change([ConsultationArchived("parks", NOW)], BY)
    assert await archived_at() == NOW
    await drafts.change([ConsultationUnarchived("parks")], BY)
    assert await archived_at() is None
    await drafts.change([ConsultationArchived("parks", NOW), ConsultationOpened("parks", NOW)], BY)
    assert await archived_at() is None, "what is open is in every list"
    assert Did.ARCHIVED in await _did(database)
