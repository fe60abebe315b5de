"""Ideas and their stories, captures, and what is thrown away."""

from dataclasses import replace

import pytest

from core.events import (
    CaptureAsked,
    CaptureReworded,
    CaptureSettled,
    IdeaCaptured,
    LinkOffered,
    OrganiserCodeMade,
    OrganiserMade,
    StoryContinued,
)
from core.ideas import Attachment, AttachmentKind, Capture
from core.places import Source
from core.ports import CodeTaken
from core.sessions import Session
from core.stories import Entry, EntryKind
from tests.contracts.rooms import ADA, BEN, BOT, CAT, DAY, HOUR, MINUTE, NOON, Rooms, idea, inbound, reply

PHOTO = Attachment(AttachmentKind.PHOTO, BOT, "file-1", "image/jpeg")
CAPTURE = Capture(
    "CAPT1234", CAT, "Fewer cars", NOON, Source("slack:T1", "C1", "9"), NOON + DAY, (PHOTO,), "city", "Ada"
)


async def test_an_idea_comes_back_as_it_was_captured(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    captured = replace(idea("K7M4-QX2P", ada.id), attachments=(PHOTO,))
    await rooms.turn(ADA, IdeaCaptured(captured))
    assert await rooms.store.idea("K7M4-QX2P") == captured
    assert await rooms.store.idea("0000-0000") is None
    async with rooms.store.work(inbound(BEN)) as work:
        assert await work.idea("K7M4-QX2P") == captured
        assert await work.idea_said_in(BOT, "100", "7") == captured
        assert await work.idea_said_in(BOT, "100", "8") is None
        assert await work.my_ideas() == ()


async def test_a_story_only_grows(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    captured = idea("K7M4-QX2P", ada.id)
    await rooms.turn(ADA, IdeaCaptured(captured))
    edit = Entry(EntryKind.EDITED, NOON + MINUTE, "More old trees")
    await rooms.turn(ADA, StoryContinued("K7M4-QX2P", edit, 2))
    found = await rooms.store.idea("K7M4-QX2P")
    assert found == captured.with_entry(edit)
    assert found is not None
    assert (found.text, found.story[0].text) == ("More old trees", "More trees")


async def test_my_ideas_are_the_newest_twenty(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    codes = [f"{number:04}-0000" for number in range(22)]
    for number, code in enumerate(codes):
        at = NOON + min(number, 20) * MINUTE  # the last two were said at once
        await rooms.turn(ADA, IdeaCaptured(idea(code, ada.id, at=at, message=str(number))))
    async with rooms.store.work(inbound(ADA)) as work:
        assert [one.code for one in await work.my_ideas()] == codes[:1:-1]
    assert [one.code for one in await rooms.store.ideas_of(ADA)] == codes[::-1]
    assert await rooms.store.ideas_of(BEN) == ()


async def test_a_capture_waits_until_it_is_settled(rooms: Rooms) -> None:
    await rooms.turn(ADA, CaptureAsked(CAPTURE))
    async with rooms.store.work(inbound(CAT)) as work:
        assert await work.capture("CAPT1234") == CAPTURE
        assert await work.capture_said_in("slack:T1", "C1", "9") == CAPTURE
        assert await work.capture_said_in("slack:T1", "C1", "10") is None
        await work.record(await work.session(), [CaptureReworded("CAPT1234", "No cars")], [])
    async with rooms.store.work(inbound(CAT)) as work:
        assert await work.capture("CAPT1234") == replace(CAPTURE, text="No cars")
        await work.record(await work.session(), [CaptureSettled("CAPT1234")], [])
    async with rooms.store.work(inbound(CAT)) as work:
        assert await work.capture("CAPT1234") is None
        assert await work.capture_said_in("slack:T1", "C1", "9") is None


async def test_a_capture_code_that_is_taken_is_not_taken_twice(rooms: Rooms) -> None:
    await rooms.turn(ADA, CaptureAsked(CAPTURE))
    with pytest.raises(CodeTaken):
        await rooms.turn(BEN, CaptureAsked(replace(CAPTURE, text="Mine")))


async def test_an_organiser_code_is_good_once(rooms: Rooms) -> None:
    await rooms.store.record([OrganiserCodeMade("ORGA1234", "Olu", NOON + HOUR)])
    async with rooms.store.work(inbound(ADA)) as work:
        assert not await work.organiser_code("ORGA1234", NOON + HOUR)
        assert await work.organiser_code("ORGA1234", NOON)
        await work.record(await work.session(), [OrganiserMade("ORGA1234", NOON)], [])
    async with rooms.store.work(inbound(BEN)) as work:
        assert not await work.organiser_code("ORGA1234", NOON)
    assert (await rooms.member(ADA)).is_organiser


async def test_what_has_expired_is_thrown_away(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    said = replace(reply(ADA), member=ada.id)
    await rooms.turn(ADA, CaptureAsked(CAPTURE), LinkOffered("ABCD1234", NOON + HOUR), posts=[said])
    await rooms.store.record([OrganiserCodeMade("ORGA1234", "Olu", NOON + HOUR)])
    async with rooms.store.work(inbound(BEN, key="update 1")) as work:
        await work.seen(NOON)
        await work.record(Session(), [], [])
    await rooms.send()
    assert await rooms.store.sweep(NOON) == 0
    assert await rooms.store.sweep(NOON + DAY) == 3
    async with rooms.store.work(inbound(BEN, key="update 2", at=NOON + DAY)) as work:
        assert await work.capture("CAPT1234") is None
        assert not await work.organiser_code("ORGA1234", NOON)
        assert await work.link_offer("ABCD1234", NOON) is None
    assert await rooms.store.sweep(NOON + 31 * DAY) >= 4  # three keys, one spent reply
    async with rooms.store.work(inbound(BEN, key="update 1", at=NOON + 31 * DAY)) as work:
        assert not await work.seen(NOON)


async def test_a_store_that_is_in_order_is_ready(rooms: Rooms) -> None:
    assert await rooms.store.readiness() == ""
