"""What waits for bodies, what is late, and how they did."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.bodies import Body, BodyKind
from core.events import AddressLeft, BodiesLoaded, ChannelAttached, IdeaCaptured
from core.members import Address, Role
from core.places import Place
from core.queues import Moderated, Open, Tally
from core.standings import About, Referral
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised
from tests.contracts.rooms import ADA, BEN, CAT, DAY, HOUR, MINUTE, NOON, Rooms, idea, inbound, to

A, B, C, D = (f"AAAA-000{number}" for number in range(1, 5))
PARKS = Body("parks", Localised.of("Parks"), BodyKind.COMMITTEE, ((ADA, Role.MEMBER), (BEN, Role.SECRETARY)))
ROADS = Body("roads", Localised.of("Roads"), BodyKind.COMMISSION, ((BEN, Role.ORGANISER), (CAT, Role.SECRETARY)))


def silent(body: str, after: timedelta) -> Entry:
    return Entry(EntryKind.SILENT, NOON + after, body=body)


def declined(body: str, after: timedelta = HOUR) -> Entry:
    return Entry(EntryKind.DECLINED, NOON + after, reason="There is no room", body=body, by=Role.SECRETARY)


def accepted(body: str, after: timedelta = HOUR) -> Entry:
    return Entry(EntryKind.ACCEPTED, NOON + after, body=body, by=Role.SECRETARY)


def hidden(after: timedelta = HOUR) -> Entry:
    return Entry(EntryKind.HIDDEN, NOON + after, reason="It insults", body="parks", by=Role.ORGANISER, rule=Rule.ABUSE)


def contested(body: str | None = "roads", days: int = 7) -> Entry:
    return Entry(EntryKind.CONTESTED, NOON + 2 * HOUR, "It doesn’t", next=body, days=days, rule=Rule.ABUSE)


async def _tell(rooms: Rooms, code: str, *entries: Entry) -> None:
    await rooms.capture(code)
    await rooms.goes_on(code, *entries)


async def _queue(rooms: Rooms, body: str, *late_with: str, limit: int = 10) -> tuple[list[str], int]:
    async with rooms.store.work(inbound(CAT)) as work:
        queue = await work.queue(body, late_with, limit)
    assert list(queue.ideas) == [await rooms.idea(one.code) for one in queue.ideas]
    return [one.code for one in queue.ideas], queue.count


async def _running(rooms: Rooms, after: timedelta) -> list[str]:
    return [one.idea for one in await rooms.docket.running(NOON + after)]


# --- with a body
async def test_what_was_sent_to_a_body_waits_for_it(rooms: Rooms) -> None:
    await _tell(rooms, A, to("parks", 14))
    referral = Referral("parks", NOON, 14, 3)
    assert await rooms.docket.waiting_for("parks") == (Open(A, About.IDEA, referral, 3),)
    await rooms.goes_on(A, Entry(EntryKind.SEEN, NOON + MINUTE, body="parks"), silent("parks", 14 * DAY))
    late = Referral("parks", NOON, 14, 3, seen=True, silent_at=NOON + 14 * DAY)
    assert await rooms.docket.waiting_for("parks") == (Open(A, About.IDEA, late, 5),)
    await rooms.goes_on(A, accepted("parks"))
    assert await rooms.docket.waiting_for("parks") == ()


async def test_an_idea_that_begins_with_a_body_waits_for_it_too(rooms: Rooms) -> None:
    """A composite is sent on in the same turn in which it is made."""
    ada = await rooms.turn(ADA)
    said = idea(A, ada.id)
    await rooms.turn(ADA, IdeaCaptured(replace(said, story=(*said.story, to("parks", 14)))))
    assert await rooms.docket.waiting_for("parks") == (Open(A, About.IDEA, Referral("parks", NOON, 14, 3), 3),)
    await rooms.goes_on(A, declined("parks"))
    assert [tally.declined for tally in await rooms.docket.tallies()] == [1]


async def test_an_accepted_idea_goes_to_the_next_body_and_an_appeal_to_the_one_above(rooms: Rooms) -> None:
    on = Entry(EntryKind.ACCEPTED, NOON + DAY, body="parks", next="roads", days=21)
    await _tell(rooms, A, to("parks"), on)
    assert await rooms.docket.waiting_for("parks") == ()
    assert await rooms.docket.waiting_for("roads") == (Open(A, About.IDEA, Referral("roads", NOON + DAY, 21, 4), 4),)
    appealed = Entry(EntryKind.APPEALED, NOON + 3 * DAY, "But there is", next="council", days=30)
    await rooms.goes_on(A, declined("roads", 2 * DAY), appealed)
    heard_by = Referral("council", NOON + 3 * DAY, 30, 6, is_appeal=True)
    assert await rooms.docket.waiting_for("council") == (Open(A, About.IDEA, heard_by, 6),)


async def test_an_appeal_against_hiding_waits_beside_the_idea(rooms: Rooms) -> None:
    await _tell(rooms, A, to("parks"), hidden(), contested())
    appeal = Open(A, About.HIDING, Referral("roads", NOON + 2 * HOUR, 7, 5, is_appeal=True), 5)
    assert await rooms.docket.waiting_for("roads") == (appeal,)
    assert [one.about for one in await rooms.docket.waiting_for("parks")] == [About.IDEA]
    late = Entry(EntryKind.SILENT, NOON + 8 * DAY, body="roads", rule=Rule.ABUSE)
    await rooms.goes_on(A, late)
    assert [one.referral.silent_at for one in await rooms.docket.waiting_for("roads")] == [NOON + 8 * DAY]
    assert [one.referral.silent_at for one in await rooms.docket.waiting_for("parks")] == [None]
    await rooms.goes_on(A, Entry(EntryKind.RESTORED, NOON + 9 * DAY, body="roads", by=Role.ORGANISER, rule=Rule.ABUSE))
    assert await rooms.docket.waiting_for("roads") == ()


async def test_what_is_erased_waits_for_nobody(rooms: Rooms) -> None:
    await _tell(rooms, A, to("parks"), hidden(), contested(), Entry(EntryKind.ERASED, NOON + DAY))
    assert await rooms.docket.waiting_for("parks") == await rooms.docket.waiting_for("roads") == ()


# --- clocks
async def test_a_clock_runs_out_by_the_days_that_it_has(rooms: Rooms) -> None:
    await _tell(rooms, A, to("parks", 10))
    await _tell(rooms, B, to("roads", 5, at=NOON + HOUR))
    await _tell(rooms, C, to("roads", 10, at=NOON - DAY))
    assert await _running(rooms, 5 * DAY) == []
    assert await _running(rooms, 5 * DAY + HOUR) == [B]
    assert await _running(rooms, 9 * DAY) == [C, B]
    assert await _running(rooms, 10 * DAY) == [C, A, B]
    await rooms.goes_on(C, silent("roads", 9 * DAY))
    await rooms.goes_on(A, declined("parks"))
    assert await _running(rooms, 99 * DAY) == [B]


async def test_what_is_with_a_body_that_has_ended_is_adrift(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ())])
    await _tell(rooms, A, to("parks"), hidden(), contested("parks"))
    await _tell(rooms, B, to("roads"))
    assert await rooms.docket.adrift() == ()
    await rooms.store.record([BodiesLoaded((ROADS,), ())])
    assert [(one.idea, one.about) for one in await rooms.docket.adrift()] == [(A, About.IDEA), (A, About.HIDING)]
    moved = Entry(EntryKind.MOVED, NOON + DAY, body="parks", next="roads", days=30)
    of_appeal = Entry(EntryKind.MOVED, NOON + DAY, body="parks", next="roads", days=30, rule=Rule.ABUSE)
    await rooms.goes_on(A, moved, of_appeal)
    assert await rooms.docket.adrift() == ()
    assert [(one.idea, one.about) for one in await rooms.docket.waiting_for("roads")] == [
        (B, About.IDEA), (A, About.IDEA), (A, About.HIDING),
    ]  # fmt: skip


async def test_stories_at_their_end_are_found_to_be_closed(rooms: Rooms) -> None:
    done = Entry(EntryKind.CARRIED_OUT, NOON + 3 * DAY, body="parks")
    undone = Entry(EntryKind.NOT_CARRIED_OUT, NOON + 2 * DAY, reason="No money", body="parks")
    await _tell(rooms, A, to("parks"), accepted("parks"), done)
    await _tell(rooms, B, to("parks"), accepted("parks"), undone)
    await _tell(rooms, C, to("parks"), declined("parks", DAY))
    await _tell(rooms, D, to("parks"), accepted("parks"))

    async def found(after: timedelta) -> list[str]:
        ideas = await rooms.docket.to_close(NOON + after)
        assert list(ideas) == [await rooms.idea(one.code) for one in ideas]
        return [one.code for one in ideas]

    assert await found(DAY) == [B, A]
    assert await found(DAY + MINUTE) == [C, B, A]
    await rooms.goes_on(A, Entry(EntryKind.CLOSED, NOON + 4 * DAY))
    await rooms.goes_on(C, Entry(EntryKind.APPEALED, NOON + 4 * DAY, "But", next="roads", days=30))
    assert await found(9 * DAY) == [B]


# --- queues
async def test_a_queue_begins_with_what_waits_longest(rooms: Rooms) -> None:
    await _tell(rooms, A, to("parks", at=NOON + HOUR))
    await _tell(rooms, B, to("parks"))
    await _tell(rooms, C, to("roads", at=NOON - DAY))
    await _tell(rooms, D, to("parks"), accepted("parks"))
    assert await _queue(rooms, "parks") == ([B, A], 2)
    assert await _queue(rooms, "parks", limit=1) == ([B], 2)
    assert await _queue(rooms, "parks", "roads") == ([B, A], 2)
    assert await _queue(rooms, "rivers") == ([], 0)
    await rooms.goes_on(C, silent("roads", 30 * DAY))
    assert await _queue(rooms, "parks", "roads", limit=2) == ([C, B], 3)
    assert await _queue(rooms, "roads") == ([C], 1)


async def test_an_idea_is_in_a_queue_once_however_many_of_its_matters_are(rooms: Rooms) -> None:
    await _tell(rooms, A, to("parks"), hidden(), contested("parks"))
    assert await _queue(rooms, "parks") == ([A], 1)


async def test_ideas_that_nobody_has_are_astray(rooms: Rooms) -> None:
    """Not theirs, or there was nobody to send it to."""
    await _tell(rooms, A, to("parks"), Entry(EntryKind.NOT_OURS, NOON + HOUR, reason="No trees", body="parks"))
    await _tell(rooms, B)
    await _tell(rooms, C, to("parks"))
    await _tell(rooms, D, Entry(EntryKind.WITHDRAWN, NOON))
    async with rooms.store.work(inbound(CAT)) as work:
        queue, first = await work.astray(10), await work.astray(1)
    assert (list(queue.ideas), queue.count) == ([await rooms.idea(B), await rooms.idea(A)], 2)
    assert (list(first.ideas), first.count) == ([await rooms.idea(B)], 2)


# --- how they did
async def test_bodies_are_counted_by_what_they_answered_and_when(rooms: Rooms) -> None:
    await _tell(rooms, A, to("parks"), accepted("parks", 2 * DAY))
    await _tell(rooms, B, to("parks"), declined("parks", 5 * DAY))
    await _tell(rooms, C, to("parks"), silent("parks", 30 * DAY), accepted("parks", 40 * DAY))
    await _tell(rooms, D, to("parks"), silent("parks", 30 * DAY))
    await _tell(rooms, "AAAA-0005", to("parks"))
    await _tell(rooms, "AAAA-0006", to("parks"), Entry(EntryKind.WITHDRAWN, NOON + DAY))
    passed = Entry(EntryKind.PASSED, NOON + 3 * DAY + HOUR, body="parks", next="roads", days=30)
    await _tell(rooms, "AAAA-0007", to("parks"), passed)
    parks = Tally("parks", 6, 3, 1, 1, 2, 1, median_days=(3 + 1 / 24 + 5) / 2)
    assert await rooms.docket.tallies() == (parks, Tally("roads", 1))
    assert [tally.waiting for tally in await rooms.docket.tallies()] == [1, 1]


@pytest.mark.parametrize("hours", [[5], [1, 30], [7, 1, 30], [8, 4, 1, 2], [3, 3, 3, 9, 9], [0, 0]])
async def test_the_median_is_of_what_was_answered(rooms: Rooms, hours: list[int]) -> None:
    for number, took in enumerate(hours):
        await _tell(rooms, f"AAAA-000{number}", to("parks"), accepted("parks", took * HOUR))
    ordered = sorted(hours)
    middle = (ordered[(len(hours) - 1) // 2] + ordered[len(hours) // 2]) / 2
    (tally,) = await rooms.docket.tallies()
    assert tally.median_days == pytest.approx(middle / 24)


async def test_what_ended_unanswered_counts_only_against_who_was_late(rooms: Rooms) -> None:
    taken_back = Entry(EntryKind.WITHDRAWN, NOON + 31 * DAY)
    await _tell(rooms, A, to("parks"), silent("parks", 30 * DAY), taken_back)
    await _tell(rooms, B, to("roads"), taken_back)
    assert await rooms.docket.tallies() == (Tally("parks", sent=1, silent=1), Tally("roads"))


async def test_appeals_against_hiding_are_not_among_the_ideas(rooms: Rooms) -> None:
    await _tell(rooms, A, hidden(), contested())
    assert await rooms.docket.tallies() == ()


def heard(score: int, body: str = "parks", *, text: str | None = None, after: timedelta = DAY) -> Entry:
    return Entry(EntryKind.HEARD, NOON + after, text, body=body, score=score)


async def test_were_you_heard_is_counted_by_body(rooms: Rooms) -> None:
    closed = Entry(EntryKind.CLOSED, NOON + HOUR)
    for number, (body, score) in enumerate([("parks", 5), ("parks", 5), ("roads", 1), ("parks", 2)]):
        said = heard(score, body, text=f"Word {number}", after=number * DAY)
        await _tell(rooms, f"AAAA-000{number}", to("parks"), declined("parks"), closed, said)
    (tally,) = await rooms.docket.tallies()
    assert tally.heard == {5: 2, 2: 1}
    assert tally.mean_heard == 4
    assert [entry.text for entry in await rooms.docket.opinions("parks", 2)] == ["Word 3", "Word 1"]
    assert await rooms.docket.opinions("roads", 9) == (heard(1, "roads", text="Word 2", after=2 * DAY),)
    assert await rooms.docket.opinions("rivers", 9) == ()


async def test_the_words_about_a_hidden_idea_are_not_given_and_its_score_counts(rooms: Rooms) -> None:
    closed = Entry(EntryKind.CLOSED, NOON + HOUR)
    await _tell(rooms, A, to("parks"), declined("parks"), closed, heard(1, text="He is a fool"), hidden(2 * DAY))
    assert await rooms.docket.opinions("parks", 9) == ()
    (tally,) = await rooms.docket.tallies()
    assert tally.heard == {1: 1}


async def test_moderation_is_counted_by_rule_with_what_became_of_appeals(rooms: Rooms) -> None:
    assert await rooms.docket.moderated() == Moderated()
    upheld = Entry(EntryKind.UPHELD, NOON + DAY, reason="It does", body="roads", rule=Rule.ABUSE)
    restored = Entry(EntryKind.RESTORED, NOON + DAY, body="roads", rule=Rule.ABUSE)
    redacted = Entry(EntryKind.REDACTED, NOON + DAY, "██", "A number", rule=Rule.PERSONAL_DATA)
    await _tell(rooms, A, hidden(), contested(), restored, hidden(), restored)
    await _tell(rooms, B, hidden(), contested(), upheld)
    await _tell(rooms, C, hidden(), contested(None))
    await _tell(rooms, D, redacted)
    assert await rooms.docket.moderated() == Moderated(
        {Rule.ABUSE: 4}, {Rule.PERSONAL_DATA: 1}, contested=3, restored=1, upheld=1
    )


# --- where and who bodies are
async def test_channels_that_take_part_are_those_of_living_bodies(rooms: Rooms) -> None:
    hall, group = Place("slack:T1", "C1", private=False), Place("telegram:1", "-100", private=False)
    attached = [ChannelAttached("roads", hall), ChannelAttached("parks", group)]
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ()), *attached])
    assert await rooms.docket.channels() == (hall, group)
    await rooms.store.record([BodiesLoaded((PARKS,), ())])
    assert await rooms.docket.channels() == (group,)


async def test_officers_are_reached_as_declared(rooms: Rooms) -> None:
    twice = ((ADA, Role.SECRETARY), (BEN, Role.SECRETARY), (ADA, Role.ORGANISER), (CAT, Role.MEMBER))
    await rooms.store.record([BodiesLoaded((Body("parks", PARKS.name, PARKS.kind, twice), ROADS), ())])
    assert await rooms.docket.officers("parks", [Role.ORGANISER, Role.SECRETARY]) == (ADA, BEN)
    assert await rooms.docket.officers("parks", []) == ()
    await rooms.turn(BEN, AddressLeft(NOON, "blocked"))
    assert await rooms.docket.officers("parks", [Role.SECRETARY]) == (ADA,)
    assert await rooms.docket.officers("rivers", [Role.SECRETARY]) == ()


async def test_offices_are_those_of_all_of_a_members_addresses(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ())])
    await rooms.turn(CAT)
    await rooms.link(BEN, CAT)

    async def offices(who: Address) -> frozenset[tuple[str, Role]]:
        async with rooms.store.work(inbound(who)) as work:
            return await work.offices()

    held = {("parks", Role.SECRETARY), ("roads", Role.ORGANISER), ("roads", Role.SECRETARY)}
    assert await offices(BEN) == await offices(CAT) == held
    assert await offices(ADA) == {("parks", Role.MEMBER)}
    await rooms.store.record([BodiesLoaded((PARKS,), ())])
    assert await offices(CAT) == {("parks", Role.SECRETARY)}
