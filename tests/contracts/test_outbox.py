"""Lanes, leases and what becomes of deliveries."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from core.consultations import Audience, NudgeKind
from core.deliveries import Condition, DeliveryState, Lease, Mark, NudgeRef, Priority
from core.events import AddressLeft, AnswerGiven, ConsultationBegun, ConsultationFinished, MemberStopped
from core.members import Address
from core.outbound import Key, Message, Tone
from core.places import Place
from core.ports import Post
from storage.database import Database
from tests.contracts.rooms import (
    ADA,
    BEN,
    BOT,
    CAT,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    Rooms,
    consultation,
    news,
    over,
    reply,
    sent,
    texts,
)

SECOND = timedelta(seconds=1)
PLANNED, CLAIMED, SENT = DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.SENT


def put_back(id: int, **values: object) -> Mark:
    return Mark(id, PLANNED, why="not now", **values)  # type: ignore[arg-type]  # whichever the test is about


async def test_a_reply_comes_out_as_it_went_in(rooms: Rooms) -> None:
    message = Message("Hello", "Title", ((Key("Yes", "consent:yes", tone=Tone.PRIMARY),),), replaces="5", quoting="4")
    to = Place(BOT, "100", thread="3")
    ada = await rooms.turn(ADA)
    await rooms.turn(ADA, posts=[Post(to, message, member=ada.id)])
    (claimed,) = await rooms.claim()
    assert (claimed.to, claimed.content, claimed.priority) == (to, message, Priority.REPLY)
    assert (claimed.member, claimed.attempts, claimed.not_before, claimed.expires_at) == (ada.id, 0, None, None)


async def test_what_has_a_key_is_said_once(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA, "one", key="a"), reply(ADA, "two", key="b"), reply(ADA, "three")])
    await rooms.turn(ADA, posts=[reply(ADA, "again", key="a"), reply(ADA, "four")])
    assert texts(await rooms.send()) == ["one", "two", "three", "four"]
    await rooms.store.record([], [reply(ADA, "again", key="a")])
    assert await rooms.claim() == ()


async def test_what_is_claimed_is_not_claimed_again(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA, str(number)) for number in range(5)])
    assert texts(await rooms.claim(limit=3)) == ["0", "1", "2"]
    assert texts(await rooms.claim(limit=3)) == ["3", "4"]
    assert await rooms.claim() == ()


async def test_replies_go_before_news_and_news_before_nudges_of_each_broadcast_in_turn(rooms: Rooms) -> None:
    await rooms.load(consultation(), consultation("parks"))
    await rooms.says_yes(*(Address(BOT, str(number)) for number in range(3)))
    await rooms.broadcast("city")
    await rooms.broadcast("parks", "call")
    await rooms.turn(ADA, posts=[news(ADA, "news"), reply(ADA, "reply")])
    claimed = texts(await rooms.claim(limit=6))
    assert claimed[:2] == ["reply", "news"]
    assert sorted(claimed[2:4]) == sorted(claimed[4:6]) == ["call", "invitation"]


async def test_a_broadcast_that_had_its_turn_lets_the_others_go_first(rooms: Rooms) -> None:
    await rooms.load(*(consultation(slug) for slug in ("a", "b", "c")))
    await rooms.says_yes(ADA, BEN)
    for slug in ("a", "b", "c"):
        await rooms.broadcast(slug, f"to-{slug}")
    turns = [texts(await rooms.claim(limit=1))[0] for _ in range(6)]
    assert sorted(turns[:3]) == sorted(turns[3:]) == ["to-a", "to-b", "to-c"]


async def test_a_nudge_is_claimed_by_reference_to_its_broadcast(rooms: Rooms) -> None:
    await rooms.load(consultation())
    (ada,) = await rooms.says_yes(ADA)
    await rooms.broadcast(expires_at=NOON + DAY)
    (claimed,) = await rooms.claim()
    assert claimed.content == NudgeRef("city", "invitation", NudgeKind.INVITATION)
    assert (claimed.to, claimed.member) == (Place.private_to(ADA), ada)
    assert (claimed.not_before, claimed.expires_at) == (NOON, NOON + DAY)


async def test_nothing_goes_out_before_its_time(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    assert await rooms.outbox.next_due(BOT) is None
    await rooms.broadcast(not_before=NOON + HOUR)
    assert await rooms.claim() == ()
    assert await rooms.outbox.next_due(BOT) == NOON + HOUR
    assert len(await rooms.claim(NOON + HOUR)) == 1
    assert await rooms.outbox.next_due(BOT) is None


async def test_a_reply_is_due_at_once(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA)])
    due = await rooms.outbox.next_due(BOT)
    assert due is not None
    assert due <= NOON
    (claimed,) = await rooms.claim()
    await rooms.mark(put_back(claimed.id, not_before=NOON + MINUTE))
    assert await rooms.outbox.next_due(BOT) == NOON + MINUTE


async def test_what_has_expired_is_set_aside_on_the_way(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(*(Address(BOT, str(number)) for number in range(4)))
    await rooms.broadcast(step="late", expires_at=NOON + HOUR)
    await rooms.broadcast(step="in-time", expires_at=NOON + DAY)
    claimed = await rooms.claim(NOON + HOUR, limit=2)
    claimed += await rooms.claim(NOON + HOUR)
    assert texts(claimed) == ["in-time"] * 4
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {DeliveryState.EXPIRED: 4, CLAIMED: 4}


@pytest.mark.parametrize("state", [SENT, DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.UNCERTAIN])
async def test_what_is_settled_stays_settled(rooms: Rooms, state: DeliveryState) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    await rooms.broadcast()
    (claimed,) = await rooms.claim()
    assert await rooms.mark(Mark(claimed.id, state, "because"))
    assert await rooms.mark(Mark(claimed.id, PLANNED))
    assert await rooms.claim(NOON + DAY) == ()
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {state: 1}
    assert status.why == ({} if state is SENT else {"because": 1})


async def test_what_is_put_back_counts_its_tries(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA)])
    (claimed,) = await rooms.claim()
    await rooms.mark(put_back(claimed.id, not_before=NOON + MINUTE))
    assert await rooms.claim() == ()
    (claimed,) = await rooms.claim(NOON + MINUTE)
    assert (claimed.attempts, claimed.not_before) == (1, NOON + MINUTE)
    await rooms.mark(put_back(claimed.id, counted=False))
    (claimed,) = await rooms.claim()
    assert (claimed.attempts, claimed.not_before) == (1, None)


async def test_a_chat_that_moved_gets_it_at_its_new_id(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA)])
    (claimed,) = await rooms.claim()
    await rooms.mark(put_back(claimed.id, to_chat="999"))
    (again,) = await rooms.claim()
    assert again.to == replace(claimed.to, chat="999")


async def test_a_backlog_is_of_one_chat(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA), reply(ADA), news(ADA), reply(BEN)])
    assert await rooms.outbox.backlog(Place.private_to(ADA)) == 2
    first, *_ = await rooms.claim()
    await rooms.mark(sent(first))
    assert await rooms.outbox.backlog(Place.private_to(ADA)) == 1


# --- lanes
async def test_a_lane_can_be_taken_before_there_is_anything_to_send(rooms: Rooms) -> None:
    await rooms.outbox.open_lane("web")
    await rooms.outbox.open_lane("web")
    (lease,) = await rooms.outbox.take_lanes("one", NOON, NOON + MINUTE)
    assert lease.account == "web"
    assert await rooms.outbox.claim(lease, NOON, 10) == ()


async def test_a_lane_has_one_owner_until_its_lease_runs_out(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA)])
    lease = await rooms.lane("one")
    assert (lease.account, lease.owner, lease.until) == (BOT, "one", NOON + MINUTE)
    assert await rooms.outbox.take_lanes("two", NOON + SECOND, NOON + HOUR) == ()
    (taken,) = await rooms.outbox.take_lanes("two", NOON + MINUTE, NOON + HOUR)
    assert taken == Lease(BOT, "two", lease.epoch + 1, NOON + HOUR)


async def test_an_owner_renews_its_lease_and_keeps_its_epoch(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA), reply(CAT)])
    leases = await rooms.outbox.take_lanes("one", NOON, NOON + MINUTE)
    renewed = await rooms.outbox.take_lanes("one", NOON + SECOND, NOON + HOUR)
    assert renewed == tuple(replace(lease, until=NOON + HOUR) for lease in leases)
    assert await rooms.outbox.take_lanes("two", NOON + MINUTE, NOON + HOUR) == ()


async def test_a_mark_after_a_lost_lease_changes_nothing(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA)])
    lost = await rooms.lane("one")
    (claimed,) = await rooms.outbox.claim(lost, NOON, 10)
    held = await rooms.lane("two", NOON + MINUTE)
    assert not await rooms.outbox.mark(lost, [sent(claimed)], NOON + MINUTE)
    assert await rooms.outbox.claim(lost, NOON + MINUTE, 10) == ()
    assert [one.id for one in await rooms.outbox.claim(held, NOON + MINUTE, 10)] == [claimed.id]
    assert not await rooms.outbox.mark(lost, [sent(claimed)], NOON + MINUTE)
    assert await rooms.outbox.mark(held, [sent(claimed)], NOON + MINUTE)


async def test_nothing_is_claimed_on_a_lease_that_has_run_out_but_what_was_sent_is_noted(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA), reply(ADA)])
    lease = await rooms.lane("one")
    (claimed,) = await rooms.outbox.claim(lease, NOON, 1)
    assert await rooms.outbox.claim(lease, NOON + MINUTE, 10) == ()
    assert await rooms.outbox.mark(lease, [sent(claimed)], NOON + MINUTE)


async def test_after_a_crash_replies_are_said_again_and_nudges_are_uncertain(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    await rooms.broadcast()
    await rooms.turn(ADA, posts=[reply(ADA, "reply"), news(ADA, "news")])
    lost = await rooms.lane("one")
    assert len(await rooms.outbox.claim(lost, NOON, 10)) == 3
    held = await rooms.lane("two", NOON + MINUTE)
    again = await rooms.outbox.claim(held, NOON + MINUTE, 10)
    assert texts(again) == ["reply", "news"]
    assert [one.attempts for one in again] == [1, 1]
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {DeliveryState.UNCERTAIN: 1}
    assert list(status.why.values()) == [1]


async def test_a_lane_that_is_given_back_is_free_and_nothing_is_lost(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    await rooms.broadcast()
    await rooms.turn(ADA, posts=[reply(ADA)])
    lease = await rooms.lane("one")
    assert len(await rooms.outbox.claim(lease, NOON, 10)) == 2
    await rooms.outbox.give_back(lease)
    assert await rooms.outbox.claim(lease, NOON, 10) == ()
    held = await rooms.lane("two")
    assert len(await rooms.outbox.claim(held, NOON, 10)) == 2
    await rooms.outbox.give_back(lease)
    assert await rooms.outbox.mark(held, [], NOON)


async def test_workers_that_fight_for_a_lane_claim_everything_once(database: Database) -> None:
    async with Database(database.url.render_as_string(hide_password=False)) as elsewhere:
        one, two = over(database), over(elsewhere)
        for number in range(6):
            await one.store.record([], [reply(ADA, f"{number}-{line}") for line in range(10)])
        claimed: list[int] = []

        async def work(rooms: Rooms, owner: str) -> None:
            for turn in count():
                if len(claimed) >= 60:
                    return
                at = NOON + turn * SECOND
                for lease in await rooms.outbox.take_lanes(owner, at, at + HOUR):
                    found = await rooms.outbox.claim(lease, at, 7)
                    if await rooms.outbox.mark(lease, [sent(delivery) for delivery in found], at):
                        claimed.extend(delivery.id for delivery in found)
                    await rooms.outbox.give_back(lease)

        await asyncio.gather(work(one, "one"), work(two, "two"))
        assert len(claimed) == len(set(claimed)) == 60


async def test_claims_of_one_owner_at_once_never_overlap(rooms: Rooms) -> None:
    await rooms.store.record([], [reply(ADA, str(number)) for number in range(40)])
    lease = await rooms.lane()
    batches = await asyncio.gather(*(rooms.outbox.claim(lease, NOON, 10) for _ in range(4)))
    claimed = [one.id for batch in batches for one in batch]
    assert len(claimed) == len(set(claimed))


# --- marks and claims at one go
async def test_what_was_sent_is_noted_and_what_is_next_claimed_at_one_go(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA, str(number)) for number in range(4)])
    lease = await rooms.lane()
    (one,) = await rooms.outbox.exchange(lease, (), NOON, 1, 0) or ()
    two = await rooms.outbox.exchange(lease, [sent(one)], NOON, 2, 0)
    assert texts(two or ()) == ["1", "2"]
    assert await rooms.outbox.exchange(lease, [put_back(one.id)], NOON, 0, 0) == ()
    assert texts(await rooms.outbox.exchange(lease, (), NOON, 5, 5) or ()) == ["3"]


async def test_replies_are_claimed_though_there_is_no_room_for_nudges(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.turn(ADA, posts=[reply(ADA, "one"), reply(ADA, "two"), news(ADA, "news")])
    lease = await rooms.lane()
    assert texts(await rooms.outbox.exchange(lease, (), NOON, 0, 2) or ()) == ["one", "two"]
    await rooms.turn(ADA, posts=[reply(ADA, "three")])
    assert texts(await rooms.outbox.exchange(lease, (), NOON, 3, 1) or ()) == ["three", "news", "invitation"]


async def test_nothing_is_noted_or_claimed_on_a_lost_lease_and_only_noted_on_one_that_ran_out(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA), reply(ADA)])
    lease = await rooms.lane()
    (one,) = await rooms.outbox.claim(lease, NOON, 1)
    assert await rooms.outbox.exchange(lease, [sent(one)], NOON + MINUTE, 5, 5) == ()
    assert await rooms.outbox.backlog(Place.private_to(ADA)) == 1
    await rooms.lane("two", NOON + MINUTE)
    assert await rooms.outbox.exchange(lease, [], NOON + MINUTE, 5, 5) is None


async def test_what_was_claimed_without_our_hearing_of_it_is_planned_again(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA, "known"), reply(ADA, "lost")])
    lease = await rooms.lane()
    known, _ = await rooms.outbox.claim(lease, NOON, 2)
    assert await rooms.outbox.plan_again(lease, {known.id})
    assert texts(await rooms.outbox.claim(lease, NOON, 2)) == ["lost"]
    assert await rooms.outbox.plan_again(lease, ())
    assert texts(await rooms.outbox.claim(lease, NOON, 2)) == ["known", "lost"]
    await rooms.lane("two", NOON + MINUTE)
    assert not await rooms.outbox.plan_again(lease, ())


# --- trouble
async def test_what_a_lanes_owner_says_of_it_the_next_owner_is_told(rooms: Rooms) -> None:
    await rooms.outbox.open_lane(BOT)
    lease = await rooms.lane("one")
    assert (lease.free_at, lease.trouble, lease.trouble_at) == (None, "", None)
    assert await rooms.outbox.tell(lease, Condition(2.0, NOON + HOUR, "revoked"), NOON)
    assert await rooms.outbox.tell(lease, Condition(1.0, NOON + HOUR, "revoked"), NOON + SECOND)
    theirs = await rooms.lane("two", NOON + MINUTE)
    assert (theirs.free_at, theirs.trouble, theirs.trouble_at) == (NOON + HOUR, "revoked", NOON)
    assert not await rooms.outbox.tell(lease, Condition(0.0), NOON + MINUTE)
    assert await rooms.outbox.tell(theirs, Condition(0.0), NOON + MINUTE)
    renewed = await rooms.lane("two", NOON + MINUTE)
    assert (renewed.free_at, renewed.trouble, renewed.trouble_at) == (None, "", None)


async def test_what_is_due_on_a_lane_that_nobody_can_send_on_is_given_up_a_page_at_a_time(rooms: Rooms) -> None:
    await rooms.load(consultation(), consultation("later"))
    await rooms.says_yes(ADA, BEN, CAT)
    await rooms.broadcast()
    await rooms.broadcast("later", not_before=NOON + HOUR)
    lease = await rooms.lane()
    (claimed,) = await rooms.claim(limit=1)
    await rooms.turn(ADA, posts=[reply(ADA)])
    assert await rooms.outbox.abandon(lease, "revoked", NOON, 1) >= 1
    while await rooms.outbox.abandon(lease, "revoked", NOON, 1):
        pass
    assert await rooms.mark(sent(claimed))
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {SENT: 1, DeliveryState.FAILED: 1, PLANNED: 1}, "Cat is on another lane"
    assert status.why == {"revoked": 1}
    assert await rooms.outbox.backlog(Place.private_to(ADA)) == 0
    assert texts(await rooms.claim(NOON + HOUR)) == ["invitation", "invitation"]
    await rooms.lane("two", NOON + 2 * HOUR)
    assert await rooms.outbox.abandon(lease, "revoked", NOON + 2 * HOUR, 10) == 0


# --- receivers
async def test_a_receiver_is_known_as_they_are_when_it_is_sent(rooms: Rooms) -> None:
    await rooms.load(consultation())
    people = [Address(BOT, str(number)) for number in range(4)]
    await rooms.says_yes(*people)
    await rooms.broadcast()
    stopped, gone, begun, finished = people
    await rooms.turn(stopped, MemberStopped(NOON))
    await rooms.turn(gone, AddressLeft(NOON, "blocked"))
    await rooms.turn(begun, ConsultationBegun("city", NOON))
    await rooms.turn(finished, ConsultationFinished("city", NOON))
    claimed = await rooms.claim()
    found = await rooms.outbox.receivers(claimed, NOON - DAY)
    by_chat = {one.to.chat: found[one.id] for one in claimed}
    facts = {chat: (one.has_stopped, one.is_gone, one.took_part, one.has_finished) for chat, one in by_chat.items()}
    assert facts == {
        "0": (True, False, False, False),
        "1": (False, True, False, False),
        "2": (False, False, True, False),
        "3": (False, False, True, True),
    }
    one = by_chat["0"]
    assert (one.language, one.timezone, one.has_consented, one.unasked) == ("en", None, True, ())


async def test_unasked_messages_are_counted_over_all_consultations(rooms: Rooms) -> None:
    await rooms.load(*(consultation(slug) for slug in ("a", "b", "c", "d")))
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast("a")
    await rooms.send(NOON)
    await rooms.broadcast("b")
    await rooms.send(NOON + DAY)
    await rooms.turn(ADA, posts=[reply(ADA), news(ADA)])
    await rooms.send(NOON + DAY)
    await rooms.broadcast("c")
    await rooms.broadcast("d")
    claimed = await rooms.claim(NOON + 2 * DAY)
    received = await rooms.outbox.receivers(claimed, NOON + MINUTE)
    adas = [received[one.id].unasked for one in sorted(claimed, key=lambda one: one.id) if one.to.chat == ADA.user]
    assert adas == [(NOON + DAY,), (NOON + DAY, NOON + 2 * DAY)]
    assert await rooms.outbox.receivers((), NOON) == {}


async def test_when_somebody_was_last_asked_about_the_same_consultation_is_known(rooms: Rooms) -> None:
    await rooms.load(consultation(), consultation("parks"))
    await rooms.says_yes(ADA)
    await rooms.turn(ADA, AnswerGiven("city", "one", "yes", NOON))
    await rooms.broadcast("city")
    await rooms.send(NOON)
    await rooms.broadcast("city", "thanks", kind=NudgeKind.THANKS)
    await rooms.broadcast("parks")
    await rooms.send(NOON + DAY)
    await rooms.broadcast("city", "reminder", kind=NudgeKind.REMINDER)
    (claimed,) = await rooms.claim(NOON + 2 * DAY)
    received = await rooms.outbox.receivers([claimed], NOON - DAY)
    assert received[claimed.id].asked_at == NOON
    assert len(received[claimed.id].unasked) == 3


@pytest.mark.parametrize("apart", [False, True])
async def test_of_two_nudges_on_their_way_one_gives_way_however_they_are_judged(rooms: Rooms, apart: bool) -> None:
    """Did each count the other, both would be held back, and the member never asked."""
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    await rooms.broadcast("city", "one")
    await rooms.broadcast("city", "two")
    first = await rooms.claim(NOON, limit=1)
    second = await rooms.claim(NOON + SECOND, limit=1) if apart else await rooms.claim(NOON, limit=1)
    judged = [await rooms.outbox.receivers([one], NOON - DAY) for one in (*first, *second)]
    receivers = [receiver for found in judged for receiver in found.values()]
    assert sorted(len(one.unasked) for one in receivers) == [0, 1]
    assert sorted(one.asked_at is None for one in receivers) == [False, True]
    if apart:
        assert [one.asked_at for one in receivers] == [None, NOON]


async def test_who_took_part_hears_of_the_outcome(rooms: Rooms) -> None:
    await rooms.load(consultation())
    answered, finished, looked, stopped = (Address(BOT, str(number)) for number in range(4))
    await rooms.says_yes(answered, finished, looked, stopped)
    given = AnswerGiven("city", "one", "yes", NOON)
    await rooms.turn(answered, ConsultationBegun("city", NOON), given)
    await rooms.turn(finished, ConsultationFinished("city", NOON))
    await rooms.turn(looked, ConsultationBegun("city", NOON))
    await rooms.turn(stopped, given, MemberStopped(NOON))
    ordered = await rooms.broadcast(step="outcome", kind=NudgeKind.OUTCOME, audience=Audience(("nobody",)))
    assert ordered.planned == 2
    assert {one.to.chat for one in await rooms.claim()} == {answered.user, finished.user}


async def test_a_dead_owners_lanes_are_free_at_once_and_what_it_claimed_is_settled(rooms: Rooms) -> None:
    await rooms.outbox.open_lane(BOT)
    (dead,) = await rooms.outbox.take_lanes("dead", NOON, NOON + HOUR)
    assert await rooms.outbox.owners() == ("dead",)
    assert await rooms.outbox.take_lanes("heir", NOON, NOON + HOUR) == ()
    await rooms.outbox.bury("dead")
    assert await rooms.outbox.owners() == ()
    (heirs,) = await rooms.outbox.take_lanes("heir", NOON, NOON + HOUR)
    assert heirs.epoch > dead.epoch
    assert not await rooms.outbox.mark(dead, [Mark(1, DeliveryState.SENT)], NOON)


# --- the clock put back, and a lane that broke
async def test_a_lease_from_an_hour_that_comes_again_is_over_and_one_that_runs_is_not(rooms: Rooms) -> None:
    await rooms.outbox.open_lane(BOT)
    await rooms.outbox.take_lanes("before", NOON + HOUR, NOON + HOUR + MINUTE)
    assert [one.owner for one in await rooms.outbox.take_lanes("after", NOON, NOON + MINUTE)] == ["after"]
    assert await rooms.outbox.take_lanes("another", NOON - MINUTE / 2, NOON + MINUTE / 2) == ()


async def test_replies_that_were_put_back_are_hastened_and_said_in_their_order(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA, "one"), reply(ADA, "two")])
    first, second = await rooms.claim()
    await rooms.mark(put_back(second.id, not_before=NOON + HOUR), put_back(first.id, not_before=NOON + DAY))
    lease = await rooms.lane(at=NOON)
    await rooms.outbox.hasten(replace(lease, epoch=lease.epoch - 1), NOON)
    assert await rooms.outbox.claim(lease, NOON, 10) == ()
    await rooms.turn(ADA, posts=[reply(ADA, "three")])
    await rooms.outbox.hasten(lease, NOON)
    assert texts(await rooms.outbox.claim(lease, NOON, 2)) == ["one", "two"], "before what was never put back"


async def test_news_waits_for_its_morning_unless_that_is_of_an_hour_that_comes_again(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    said = replace(reply(ADA, "news"), priority=Priority.NEWS, member=ada.id)
    await rooms.store.record([], [said, said])
    first, second = await rooms.claim(at=NOON)
    await rooms.mark(put_back(first.id, not_before=NOON + 2 * HOUR), at=NOON)
    await rooms.mark(put_back(second.id, not_before=NOON + 2 * HOUR), at=NOON + HOUR)
    lease = await rooms.lane(at=NOON)
    await rooms.outbox.hasten(lease, NOON)
    assert [one.id for one in await rooms.outbox.claim(lease, NOON, 10)] == [second.id]


async def test_one_lane_of_an_owner_can_be_buried_and_the_others_stay(rooms: Rooms) -> None:
    for account in (BOT, CAT.account):
        await rooms.outbox.open_lane(account)
    await rooms.outbox.take_lanes("owner", NOON, NOON + MINUTE)
    await rooms.outbox.bury("owner", BOT)
    (taken,) = await rooms.outbox.take_lanes("other", NOON, NOON + MINUTE)
    assert taken.account == BOT
