"""How the whole service stands: lanes, what waits and what became of it, turns taken, and how soon replies went out."""

from datetime import timedelta

from core.deliveries import Condition, DeliveryState, Mark, Priority
from core.health import Health, LaneHealth, Latency
from core.members import Address
from core.outbound import Message
from core.places import Place
from core.ports import Post
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
    reply,
    sent,
)

SECOND = timedelta(seconds=1)
CHANNEL = Place("slack:T1", "C1", private=False)


async def test_of_a_service_that_nobody_used_there_is_nothing_to_tell(rooms: Rooms) -> None:
    assert await rooms.store.health(NOON) == Health()


async def test_a_lane_tells_who_owns_it_and_what_they_said_of_it(rooms: Rooms) -> None:
    await rooms.outbox.open_lane(BOT)
    assert (await rooms.store.health(NOON)).lanes == (LaneHealth(BOT),)
    lease = await rooms.lane("alpha")
    await rooms.outbox.tell(lease, Condition(29.5, NOON + SECOND, "the token was revoked"), NOON)
    await rooms.outbox.tell(lease, Condition(28.0, NOON + SECOND, "the token was revoked"), NOON + SECOND)
    (lane,) = (await rooms.store.health(NOON)).lanes
    told = LaneHealth(BOT, "alpha", NOON + MINUTE, 28.0, {}, NOON + SECOND, "the token was revoked", NOON)
    assert lane == told
    assert (lane.is_owned(NOON), lane.is_owned(NOON + MINUTE)) == (True, False)
    assert not lane.is_well(NOON)


async def test_what_waits_on_each_lane_is_told_by_its_class(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN, CAT)
    await rooms.turn(ADA, posts=[reply(ADA), reply(ADA), news(ADA)])
    await rooms.turn(CAT, posts=[Post(CHANNEL, Message("A card"), Priority.POST, consultation="city")])
    await rooms.broadcast(not_before=NOON + DAY)
    slack, bot = (await rooms.store.health(NOON)).lanes
    assert (bot.account, bot.backlog) == (BOT, {Priority.REPLY: 2, Priority.NEWS: 1, Priority.NUDGE: 2})
    assert (slack.account, slack.backlog) == ("slack:T1", {Priority.NUDGE: 2})
    assert (bot.waiting, bot.is_forsaken(NOON)) == (5, True)


async def test_deliveries_are_counted_by_their_state_whatever_they_are(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.turn(ADA, posts=[reply(ADA)])
    claimed = await rooms.claim(limit=2)
    assert len(claimed) == 2
    await rooms.mark(sent(claimed[0]), Mark(claimed[1].id, DeliveryState.FAILED, "refused"))
    states = (await rooms.store.health(NOON)).deliveries
    assert states == {DeliveryState.SENT: 1, DeliveryState.FAILED: 1, DeliveryState.PLANNED: 1}


async def test_the_reply_that_waits_longest_is_found_though_it_is_on_its_way(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA)], at=NOON)
    await rooms.turn(BEN, posts=[reply(BEN)], at=NOON + MINUTE)
    await rooms.turn(CAT, posts=[news(CAT)], at=NOON - HOUR)
    assert (await rooms.store.health(NOON)).oldest_reply == NOON
    claimed = await rooms.claim(at=NOON + MINUTE, limit=1)
    assert (await rooms.store.health(NOON)).oldest_reply == NOON
    await rooms.mark(sent(claimed[0]), at=NOON + MINUTE)
    assert (await rooms.store.health(NOON)).oldest_reply == NOON + MINUTE


async def test_turns_are_counted_that_were_taken_in_the_last_minute(rooms: Rooms) -> None:
    for number in range(6):
        await rooms.turn(Address(BOT, str(number)))  # all are taken at noon
    taken = await rooms.store.health(NOON + MINUTE - SECOND)
    assert (taken.turns, taken.turns_a_second) == (6, 0.1)
    assert (await rooms.store.health(NOON + MINUTE)).turns == 0


async def test_how_soon_replies_went_out_is_told_of_those_that_did(rooms: Rooms) -> None:
    await rooms.says_yes(ADA)
    for number in range(1, 101):
        await rooms.turn(ADA, posts=[reply(ADA)], at=NOON - number * SECOND)
    await rooms.turn(ADA, posts=[news(ADA)], at=NOON - DAY)
    await rooms.turn(BEN, posts=[reply(BEN)], at=NOON - DAY)
    claimed = await rooms.claim(limit=102)
    lost = next(one for one in claimed if one.to.chat == BEN.user)
    told = next(one for one in claimed if one.priority is Priority.NEWS)
    marks = [sent(one) for one in claimed if one not in (lost, told)]
    await rooms.mark(*marks, Mark(lost.id, DeliveryState.FAILED, "gone"))
    assert (await rooms.store.health(NOON)).replies == Latency(median=50, p95=95, p99=99, count=100)


async def test_a_consultation_tells_the_lanes_on_which_something_of_it_waits(rooms: Rooms) -> None:
    await rooms.load(consultation(), consultation("parks"))
    await rooms.says_yes(ADA, CAT)
    await rooms.broadcast()
    lease = await rooms.lane(account="slack:T1")
    await rooms.outbox.tell(lease, Condition(0.0, None, "uninstalled"), NOON)
    status, other = await rooms.store.status("city"), await rooms.store.status("parks")
    assert status is not None
    assert other is not None
    assert [(lane.account, lane.owner, lane.trouble) for lane in status.lanes] == [
        ("slack:T1", "worker", "uninstalled"),
        (BOT, "worker", ""),
    ]
    assert other.lanes == ()
    await rooms.send()
    status = await rooms.store.status("city")
    assert status is not None
    assert [lane.account for lane in status.lanes] == ["slack:T1"]
