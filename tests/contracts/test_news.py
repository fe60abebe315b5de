"""News of an idea's story: who is told, where, and never twice."""

from dataclasses import replace

from core.deliveries import Delivery, DeliveryState, Mark, NewsRef, Priority
from core.events import AddressLeft, IdeaSupported, MemberStopped, WordsRedacted
from core.members import Address
from core.places import Place
from core.stories import Entry, EntryKind, Rule
from tests.contracts.rooms import ADA, BEN, BOT, CAT, DAY, HOUR, MINUTE, NOON, WEB, Rooms, sent, to

CODE = "K7M4-QX2P"
DAI = Address(BOT, "500")
SEEN = Entry(EntryKind.SEEN, NOON, body="parks")


async def _news(rooms: Rooms, at_account: str | None = None) -> list[tuple[str, str, bool]]:
    """What goes out on all lanes, marked as sent: which entry, to which chat, and whether to the author."""
    told = []
    for account in (BOT, "slack:T1", "web"):
        await rooms.outbox.open_lane(account)
        for one in await rooms.send(account=account):
            assert one.priority is Priority.NEWS
            assert isinstance(one.content, NewsRef)
            assert one.to == Place.private_to(Address(account, one.to.chat))
            told.append((f"{one.content.idea}/{one.content.number}", one.to.chat, one.content.to_author))
    return sorted(told)


async def test_author_and_supporters_are_told_of_an_entry(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    ben, cat = await rooms.turn(BEN, IdeaSupported(CODE, NOON)), await rooms.turn(CAT, IdeaSupported(CODE, NOON))
    await rooms.turn(DAI)
    await rooms.goes_on(CODE, to("parks"))
    (to_ada, to_ben) = await rooms.send()
    (to_cat,) = await rooms.claim(account="slack:T1")
    ada = await rooms.member(ADA)
    for one, who, member in ((to_ada, ADA, ada), (to_ben, BEN, ben), (to_cat, CAT, cat)):
        news = NewsRef(CODE, 3, to_author=who is ADA)
        assert one == Delivery(one.id, Place.private_to(who), Priority.NEWS, news, member.id)


async def test_what_its_author_did_only_supporters_are_told(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.turn(BEN, IdeaSupported(CODE, NOON))
    await rooms.turn(ADA, IdeaSupported(CODE, NOON))
    await rooms.goes_on(CODE, Entry(EntryKind.WITHDRAWN, NOON))
    assert await _news(rooms) == [(f"{CODE}/3", "200", False)]


async def test_some_entries_tell_nobody_and_the_end_only_the_author(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.turn(BEN, IdeaSupported(CODE, NOON))
    await rooms.goes_on(CODE, Entry(EntryKind.EDITED, NOON, "Other words"))
    assert await _news(rooms) == []
    await rooms.goes_on(CODE, to("parks"), Entry(EntryKind.DECLINED, NOON, reason="No", body="parks"))
    await _news(rooms)
    await rooms.goes_on(CODE, Entry(EntryKind.CLOSED, NOON))
    assert await _news(rooms) == [(f"{CODE}/6", "100", True)]


async def test_a_redaction_is_told_too(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    entry = Entry(EntryKind.REDACTED, NOON, "██", reason="It named somebody", rule=Rule.ABUSE)
    await rooms.store.record([WordsRedacted(CODE, entry, 2)])
    assert await _news(rooms) == [(f"{CODE}/3", "100", True)]


async def test_an_author_hears_where_they_spoke(rooms: Rooms) -> None:
    """CAT writes on Telegram, too, and last of all; the idea was said on Slack."""
    await rooms.capture(CODE, CAT)
    await rooms.turn(BEN, at=NOON + HOUR)
    await rooms.link(BEN, CAT)
    await rooms.goes_on(CODE, to("parks"))
    assert await _news(rooms) == [(f"{CODE}/3", "U300", True)]
    await rooms.turn(CAT, AddressLeft(NOON, "blocked"))
    await rooms.goes_on(CODE, SEEN)
    assert await _news(rooms) == [(f"{CODE}/4", "200", True)]


async def test_where_nothing_is_left_to_write_to_nobody_is_told(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.turn(ADA, AddressLeft(NOON, "blocked"))
    await rooms.goes_on(CODE, to("parks"))
    assert await _news(rooms) == []


async def test_an_author_who_was_in_a_web_chat_hears_there(rooms: Rooms) -> None:
    await rooms.capture(CODE, WEB)
    await rooms.goes_on(CODE, to("parks"))
    assert await _news(rooms) == [(f"{CODE}/3", "400", True)]


async def test_authors_and_supporters_of_parts_of_parts_are_told_once(rooms: Rooms) -> None:
    for code, who in (("AAAA-0001", ADA), ("AAAA-0002", BEN), ("AAAA-0003", ADA)):
        await rooms.capture(code, who)
        await rooms.goes_on(code, to("parks"))
    await rooms.turn(BEN, IdeaSupported("AAAA-0001", NOON))
    await rooms.turn(CAT, IdeaSupported("AAAA-0001", NOON))
    await rooms.compose("COMP-0001", "AAAA-0001", "AAAA-0002")
    await rooms.goes_on("COMP-0001", to("parks"))
    await rooms.compose("COMP-0002", "COMP-0001", "AAAA-0003")
    await rooms.turn(DAI, IdeaSupported("COMP-0002", NOON))
    await rooms.turn(CAT, IdeaSupported("COMP-0002", NOON))
    await _news(rooms)
    await rooms.goes_on("COMP-0002", to("parks"))
    number = len((await rooms.idea("COMP-0002")).story)
    assert await _news(rooms) == [
        (f"COMP-0002/{number}", "100", True),
        (f"COMP-0002/{number}", "200", True),
        (f"COMP-0002/{number}", "500", False),
        (f"COMP-0002/{number}", "U300", False),
    ]
    await rooms.goes_on("AAAA-0003", Entry(EntryKind.SEPARATED, NOON, other="COMP-0002"))
    assert await _news(rooms) == [("AAAA-0003/5", "100", True)]


async def test_a_part_says_only_its_own_when_it_is_merged(rooms: Rooms) -> None:
    for code, who in (("AAAA-0001", ADA), ("AAAA-0002", BEN)):
        await rooms.capture(code, who)
        await rooms.goes_on(code, to("parks"))
    await _news(rooms)
    await rooms.compose("COMP-0001", "AAAA-0001", "AAAA-0002")
    assert await _news(rooms) == [("AAAA-0001/4", "100", True), ("AAAA-0002/4", "200", True)]


async def test_an_idea_that_begins_tells_nobody(rooms: Rooms) -> None:
    """Whoever says it gets an answer in the same turn."""
    await rooms.capture(CODE)
    assert await _news(rooms) == []


async def test_two_who_turn_out_to_be_one_are_not_told_twice(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.turn(BEN, IdeaSupported(CODE, NOON))
    await rooms.goes_on(CODE, to("parks"))
    to_ada, to_ben = await rooms.claim()
    await rooms.mark(sent(to_ada), Mark(to_ben.id, DeliveryState.PLANNED, "quiet hours", not_before=NOON + MINUTE))
    await rooms.link(ADA, BEN)
    assert await rooms.claim(NOON + HOUR) == ()


async def test_news_that_waits_for_morning_is_still_news(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.goes_on(CODE, to("parks"))
    (first,) = await rooms.claim()
    await rooms.mark(Mark(first.id, DeliveryState.PLANNED, "quiet hours", not_before=NOON + HOUR, counted=False))
    assert await rooms.claim() == ()
    (again,) = await rooms.claim(NOON + HOUR)
    assert again == replace(first, not_before=NOON + HOUR)


async def test_receivers_of_news_are_known(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.turn(BEN, IdeaSupported(CODE, NOON), MemberStopped(NOON))
    await rooms.goes_on(CODE, to("parks"))
    claimed = await rooms.claim()
    await rooms.turn(ADA, AddressLeft(NOON, "blocked"))
    known = await rooms.outbox.receivers(claimed, NOON - DAY)
    by_chat = {one.to.chat: known[one.id] for one in claimed}
    assert (by_chat["100"].has_stopped, by_chat["100"].is_gone, by_chat["100"].language) == (False, True, "en")
    assert (by_chat["200"].has_stopped, by_chat["200"].is_gone, by_chat["200"].unasked) == (True, False, ())


async def test_news_is_kept_so_that_it_is_never_told_again(rooms: Rooms) -> None:
    await rooms.capture(CODE)
    await rooms.goes_on(CODE, to("parks"))
    await rooms.send()
    await rooms.store.sweep(NOON + 31 * DAY)
    await rooms.goes_on(CODE, SEEN)
    assert await _news(rooms) == [(f"{CODE}/4", "100", True)]
    assert await rooms.outbox.backlog(Place.private_to(ADA)) == 0
