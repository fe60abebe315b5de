"""Stories in every store: each entry whole, none lost to another, words destroyed without harm to any proof."""

import asyncio
from dataclasses import fields, replace
from datetime import date

import pytest

from core.events import ConsentGiven, IdeaSupported, StoryContinued, SupportWithdrawn, WordsRedacted
from core.ideas import Idea
from core.ledger.checking import verify_receipt
from core.ledger.seals import Erased, Proven
from core.members import Role
from core.places import Source
from core.ports import StoryMoved
from core.standings import Stage
from core.stories import Entry, EntryKind, Rule
from storage.database import Database
from storage.ledger import SqlLedger
from tests.contracts.rooms import ADA, BEN, CAT, DAY, HOUR, MINUTE, NOON, Rooms, inbound, over, to

CODE = "K7M4-QX2P"
FULL = Entry(
    EntryKind.HIDDEN,
    NOON + MINUTE,
    text="The author’s words",
    reason="Whoever decided said so",
    body="parks",
    by=Role.SECRETARY,
    next="roads",
    days=21,
    other="0000-0001",
    on=date(2026, 3, 1),
    score=4,
    rule=Rule.PERSONAL_DATA,
)


def test_the_full_entry_says_all_that_an_entry_can() -> None:
    assert [one.name for one in fields(Entry) if getattr(FULL, one.name) is None] == []


async def test_an_entry_comes_back_with_all_that_it_says(rooms: Rooms) -> None:
    captured = await rooms.capture(CODE)
    await rooms.goes_on(CODE, FULL)
    assert await rooms.idea(CODE) == replace(captured, story=(*captured.story, FULL))


async def test_a_composite_has_no_author(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.goes_on(CODE, to("parks"))
    composite = await rooms.compose("COMP-0001", CODE)
    assert await rooms.idea("COMP-0001") == composite
    assert (await rooms.idea(CODE)).standing.part_of == "COMP-0001"


async def test_whoever_decided_on_an_older_story_is_told_that_it_went_on(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.goes_on(CODE, to("parks"))
    seen_with = len((await rooms.idea(CODE)).story)
    await rooms.goes_on(CODE, Entry(EntryKind.SEEN, NOON, body="parks"))
    before = await rooms.idea(CODE)
    accepted = StoryContinued(CODE, Entry(EntryKind.ACCEPTED, NOON, body="parks"), seen_with)
    with pytest.raises(StoryMoved, match=CODE):
        await rooms.turn(BEN, ConsentGiven(NOON), accepted)
    with pytest.raises(StoryMoved):
        await rooms.store.record([replace(accepted, idea="0000-0000")])
    with pytest.raises(StoryMoved):
        await rooms.store.record([WordsRedacted(CODE, accepted.entry, seen_with)])
    assert await rooms.idea(CODE) == before
    assert await rooms.store.member_at(BEN) is None, "nothing of that turn remains"


async def test_of_those_who_decide_at_once_one_wins(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.goes_on(CODE, to("parks"))
    entries = [Entry(kind, NOON, reason="So it is", body="parks") for kind in (EntryKind.ACCEPTED, EntryKind.DECLINED)]
    tried = await asyncio.gather(
        *(rooms.store.record([StoryContinued(CODE, entry, 3)]) for entry in entries * 3), return_exceptions=True
    )
    assert [type(one) for one in tried if one].count(StoryMoved) == 5
    assert len((await rooms.idea(CODE)).story) == 4


async def test_of_two_turns_that_looked_at_the_same_story_one_wins(postgres_database: Database) -> None:
    """On SQLite and in memory the second turn begins when the first has ended."""
    rooms = over(postgres_database)
    await rooms.capture(CODE)
    await rooms.goes_on(CODE, to("parks"))
    both_have_looked = asyncio.Barrier(2)

    async def decide(who: tuple[str, EntryKind]) -> None:
        async with rooms.store.work(inbound(replace(BEN, user=who[0]))) as work:
            found = await work.idea(CODE)
            assert found is not None
            await both_have_looked.wait()
            entry = Entry(who[1], NOON, reason="So it is", body="parks")
            await work.record(await work.session(), [StoryContinued(CODE, entry, len(found.story))], [])

    deciders = [("201", EntryKind.ACCEPTED), ("202", EntryKind.DECLINED)]
    tried = await asyncio.gather(*map(decide, deciders), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tried) == ["NoneType", "StoryMoved"]
    won = deciders[tried.index(None)][1]
    assert (await rooms.idea(CODE)).story[-1].kind is won
    (tally,) = await rooms.docket.tallies()
    assert (tally.accepted, tally.declined) == (won is EntryKind.ACCEPTED, won is EntryKind.DECLINED)


async def test_several_entries_of_one_turn_follow_each_other(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    sent, seen = to("parks"), Entry(EntryKind.SEEN, NOON, body="parks")
    await rooms.store.record([StoryContinued(CODE, sent, 2), StoryContinued(CODE, seen, 3)])
    assert (await rooms.idea(CODE)).story[2:] == (sent, seen)


# --- redaction
REDACTED = Entry(
    EntryKind.REDACTED, NOON + HOUR, "More trees at ███", "It named a neighbour", by=Role.ORGANISER, rule=Rule.ABUSE
)


async def _redact(rooms: Rooms) -> Idea:
    await rooms.capture(CODE, text="More trees at Mr Jones’s")
    edited = Entry(EntryKind.EDITED, NOON, "Many more trees at Mr Jones’s")
    declined = Entry(EntryKind.DECLINED, NOON, reason="There is no room", body="parks", by=Role.SECRETARY)
    await rooms.goes_on(CODE, edited, to("parks"), declined)
    before = await rooms.idea(CODE)
    await rooms.store.record([WordsRedacted(CODE, REDACTED, len(before.story))])
    return before


async def test_redacted_words_are_gone_and_the_rest_of_the_story_stands(rooms: Rooms) -> None:
    before = await _redact(rooms)
    after = await rooms.idea(CODE)
    assert after.story == (*(replace(entry, text=None) for entry in before.story), REDACTED)
    assert after.text == "More trees at ███"
    assert after.standing.stage is Stage.DECLINED


async def test_a_redacted_story_still_proves_but_for_the_words_that_went(database: Database) -> None:
    rooms, ledger = over(database), SqlLedger(database)
    await _redact(rooms)
    seal = await ledger.seal(NOON + DAY, 100)
    receipt = await ledger.receipt(CODE)
    assert seal is not None
    assert receipt is not None
    assert [type(entry) for entry in receipt.entries] == [Erased, Proven, Erased, Proven, Proven, Proven]
    assert verify_receipt(receipt, seal).is_good
    audit = await ledger.audit([seal])
    assert (audit.is_good, audit.erased) == (True, 2)


# --- ideas by code, parts, supporters
async def test_ideas_come_in_the_order_of_their_codes(rooms: Rooms) -> None:
    for code in ("AAAA-0001", "AAAA-0002", "AAAA-0003"):
        await rooms.capture(code)
    asked = ["AAAA-0003", "0000-0000", "AAAA-0001", "AAAA-0003"]
    assert [one.code for one in await rooms.store.ideas(asked)] == ["AAAA-0003", "AAAA-0001"]
    assert await rooms.store.ideas([]) == ()
    async with rooms.store.work(inbound(BEN)) as work:
        assert await work.ideas(asked) == await rooms.store.ideas(asked)


async def test_my_parts_are_found_through_composites_of_composites(rooms: Rooms) -> None:
    for code, who in (("AAAA-0001", ADA), ("AAAA-0002", BEN), ("AAAA-0003", ADA), ("AAAA-0004", ADA)):
        await rooms.capture(code, who)
        await rooms.goes_on(code, to("parks"))
    await rooms.compose("COMP-0001", "AAAA-0001", "AAAA-0002")
    await rooms.goes_on("COMP-0001", to("parks"))
    await rooms.compose("COMP-0002", "COMP-0001", "AAAA-0003")

    async def parts(who: object, of: str) -> list[str]:
        async with rooms.store.work(inbound(who)) as work:  # type: ignore[arg-type]  # an address
            return sorted(one.code for one in await work.my_parts(of))

    assert await parts(ADA, "COMP-0002") == ["AAAA-0001", "AAAA-0003"]
    assert await parts(ADA, "COMP-0001") == ["AAAA-0001"]
    assert await parts(BEN, "COMP-0002") == ["AAAA-0002"]
    assert await parts(CAT, "COMP-0002") == []
    assert await parts(ADA, "AAAA-0001") == []
    await rooms.goes_on("AAAA-0001", Entry(EntryKind.OBJECTED, NOON, other="COMP-0001"))
    await rooms.goes_on("COMP-0001", Entry(EntryKind.LEFT, NOON, other="AAAA-0001"))
    assert await parts(ADA, "COMP-0002") == ["AAAA-0003"]


async def _supports(rooms: Rooms, who: object) -> bool:
    async with rooms.store.work(inbound(who)) as work:  # type: ignore[arg-type]  # an address
        assert await work.supporters(CODE) == await rooms.store.supporters(CODE)
        return await work.supports(CODE)


async def test_supported_twice_it_counts_once_and_can_be_taken_back(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.turn(BEN, IdeaSupported(CODE, NOON))
    await rooms.turn(BEN, IdeaSupported(CODE, NOON + MINUTE))
    await rooms.turn(CAT, IdeaSupported(CODE, NOON))
    assert (await rooms.store.supporters(CODE), await _supports(rooms, BEN), await _supports(rooms, ADA)) == (
        2, True, False,
    )  # fmt: skip
    await rooms.turn(BEN, SupportWithdrawn(CODE))
    await rooms.turn(BEN, SupportWithdrawn(CODE))
    assert (await rooms.store.supporters(CODE), await _supports(rooms, BEN)) == (1, False)


async def test_two_who_are_one_person_support_an_idea_once(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.capture("AAAA-0001")
    await rooms.turn(BEN, IdeaSupported(CODE, NOON))
    await rooms.turn(CAT, IdeaSupported(CODE, NOON), IdeaSupported("AAAA-0001", NOON))
    await rooms.link(BEN, CAT)
    assert [await rooms.store.supporters(code) for code in (CODE, "AAAA-0001")] == [1, 1]
    assert (await _supports(rooms, BEN), await _supports(rooms, CAT)) == (True, True)


async def test_an_idea_may_be_said_anywhere(rooms: Rooms) -> None:
    """A composite was said nowhere in particular."""
    await rooms.compose("COMP-0001")
    assert (await rooms.idea("COMP-0001")).source == Source("desk", "", "COMP-0001")
