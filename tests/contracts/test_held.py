"""A broadcast is held and resumed, and what is uncertain of it is sent again, once."""

from datetime import datetime

from core.consultations import Audience, NudgeKind
from core.deliveries import DeliveryState, Mark
from core.events import BroadcastHeld, BroadcastOrdered, BroadcastResumed, UncertainResent
from core.members import Address
from tests.contracts.rooms import ADA, BEN, BOT, DAY, HOUR, NOON, Rooms, consultation, inbound, reply, sent, texts

UNCERTAIN = DeliveryState.UNCERTAIN


async def _hold(rooms: Rooms, id: str = "city-invitation", at: datetime = NOON) -> None:
    await rooms.store.record([BroadcastHeld(id, "city", at)])


async def _resume(rooms: Rooms, id: str = "city-invitation") -> None:
    await rooms.store.record([BroadcastResumed(id, "city")])


async def _resend(rooms: Rooms, id: str = "city-invitation", at: datetime = NOON) -> None:
    await rooms.store.record([UncertainResent(id, "city", at)])


async def _planned(rooms: Rooms, *people: Address, expires_at: datetime | None = None) -> None:
    await rooms.says_yes(*(people or (ADA, BEN)))
    await rooms.load(consultation())
    await rooms.broadcast(expires_at=expires_at)


# --- held
async def test_nothing_of_a_held_broadcast_is_claimed_until_it_is_resumed(rooms: Rooms) -> None:
    await _planned(rooms)
    await _hold(rooms)
    assert await rooms.claim() == ()
    await _resume(rooms)
    assert len(await rooms.claim()) == 2


async def test_what_was_claimed_when_it_was_held_still_goes(rooms: Rooms) -> None:
    await _planned(rooms)
    [first] = await rooms.claim(limit=1)
    await _hold(rooms)
    assert await rooms.mark(sent(first))
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {DeliveryState.SENT: 1, DeliveryState.PLANNED: 1}
    assert await rooms.claim() == ()


async def test_what_is_put_back_while_it_is_held_waits_with_the_rest(rooms: Rooms) -> None:
    await _planned(rooms, ADA)
    [first] = await rooms.claim()
    await _hold(rooms)
    await rooms.mark(Mark(first.id, DeliveryState.PLANNED, "busy", not_before=NOON, counted=False))
    assert await rooms.claim() == ()


async def test_replies_and_other_broadcasts_pass_a_held_one(rooms: Rooms) -> None:
    await _planned(rooms, ADA)
    await rooms.broadcast(step="reminder-1", kind=NudgeKind.REMINDER)
    await _hold(rooms)
    await rooms.turn(BEN, posts=[reply(BEN)])
    assert texts(await rooms.claim()) == ["Thank you", "reminder-1"]


async def test_a_held_broadcast_is_not_planned_further(rooms: Rooms) -> None:
    await rooms.says_yes(ADA, BEN)
    await rooms.load(consultation())
    await rooms.store.record([BroadcastOrdered("b", "city", "now", NudgeKind.INVITATION, Audience(), NOON)])
    [ordered] = await rooms.planner.unplanned(NOON)
    half = await rooms.planner.plan_page(ordered, {None: NOON}, None, 1)
    await _hold(rooms, "b")
    assert await rooms.planner.unplanned(NOON) == ()
    page = await rooms.planner.plan_page(half, {None: NOON}, None, 100)
    assert (page.planned, page.is_planned, page.held_at) == (1, False, NOON), "whoever is planning it stops"
    await _resume(rooms, "b")
    [ordered] = await rooms.planner.unplanned(NOON)
    assert (await rooms.planner.plan_page(ordered, {None: NOON}, None, 100)).planned == 2


async def test_held_twice_it_is_held_since_the_first_time(rooms: Rooms) -> None:
    await _planned(rooms, ADA)
    await _hold(rooms)
    await _hold(rooms, at=NOON + HOUR)
    async with rooms.store.work(inbound(ADA)) as work:
        found = await work.broadcast("city-invitation")
    assert found is not None
    assert found.held_at == NOON


async def test_a_lane_has_nothing_to_wait_for_but_the_end_of_what_is_held(rooms: Rooms) -> None:
    await _planned(rooms, ADA, expires_at=NOON + DAY)
    await _hold(rooms)
    assert await rooms.outbox.next_due(BOT) == NOON + DAY
    await _resume(rooms)
    assert await rooms.outbox.next_due(BOT) == NOON


async def test_held_for_good_it_has_nothing_to_wait_for(rooms: Rooms) -> None:
    await _planned(rooms, ADA)
    await _hold(rooms)
    assert await rooms.outbox.next_due(BOT) is None


async def test_what_is_held_beyond_its_time_expires(rooms: Rooms) -> None:
    await _planned(rooms, expires_at=NOON + HOUR)
    await _hold(rooms)
    assert await rooms.claim(NOON + HOUR) == ()
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {DeliveryState.EXPIRED: 2}
    assert status.held == 0, "nothing of it is left to be held"


async def test_status_says_what_is_held(rooms: Rooms) -> None:
    await _planned(rooms)
    await _hold(rooms)
    status = await rooms.store.status("city")
    assert status is not None
    assert status.held == 1
    await _resume(rooms)
    status = await rooms.store.status("city")
    assert status is not None
    assert status.held == 0


async def test_what_is_held_on_a_lane_that_is_given_up_is_not_given_up_with_it(rooms: Rooms) -> None:
    await _planned(rooms)
    await _hold(rooms)
    assert await rooms.outbox.abandon(await rooms.lane(), "no token", NOON, 100) == 0
    await _resume(rooms)
    assert await rooms.outbox.abandon(await rooms.lane(), "no token", NOON, 100) == 2


# --- sent again
async def _uncertain(rooms: Rooms, at: datetime = NOON) -> None:
    claimed = await rooms.claim(at)
    await rooms.mark(*(Mark(one.id, UNCERTAIN, "the connection broke") for one in claimed), at=at)


async def test_what_is_uncertain_is_sent_again_and_says_so(rooms: Rooms) -> None:
    await _planned(rooms)
    await _uncertain(rooms)
    await _resend(rooms)
    status = await rooms.store.status("city")
    assert status is not None
    assert (status.deliveries, status.why) == ({DeliveryState.PLANNED: 2}, {"sent again": 2})
    assert len(await rooms.send()) == 2
    status = await rooms.store.status("city")
    assert status is not None
    assert (status.deliveries, status.why) == ({DeliveryState.SENT: 2}, {})


async def test_nothing_is_sent_a_third_time(rooms: Rooms) -> None:
    await _planned(rooms)
    await _uncertain(rooms)
    await _resend(rooms)
    await _uncertain(rooms)
    await _resend(rooms)
    assert await rooms.claim() == ()


async def test_what_became_uncertain_since_is_sent_again_too(rooms: Rooms) -> None:
    await _planned(rooms)
    [first] = await rooms.claim(limit=1)
    await rooms.mark(Mark(first.id, UNCERTAIN))
    await _resend(rooms)
    await _uncertain(rooms)
    await _resend(rooms)
    assert len(await rooms.claim()) == 1, "the one that was uncertain for the first time"


async def test_of_another_broadcast_nothing_is_sent_again(rooms: Rooms) -> None:
    await _planned(rooms, ADA)
    await _uncertain(rooms)
    await rooms.broadcast(step="reminder-1", kind=NudgeKind.REMINDER)
    await _uncertain(rooms)
    await _resend(rooms)
    assert texts(await rooms.claim()) == ["invitation"]


async def test_what_is_past_its_time_stays_uncertain(rooms: Rooms) -> None:
    await _planned(rooms, expires_at=NOON + HOUR)
    await _uncertain(rooms)
    await _resend(rooms, at=NOON + HOUR)
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {UNCERTAIN: 2}


async def test_what_is_sent_again_is_judged_as_if_the_first_had_not_been(rooms: Rooms) -> None:
    await _planned(rooms, ADA)
    await _uncertain(rooms)
    await _resend(rooms)
    [again] = await rooms.claim()
    receivers = await rooms.outbox.receivers([again], NOON - DAY)
    assert receivers[again.id].asked_at is None
    assert receivers[again.id].unasked == ()
