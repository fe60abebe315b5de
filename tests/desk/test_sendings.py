"""What is watched, as either database counts it."""

from core.consultations import Audience, NudgeKind
from core.deliveries import DeliveryState, Mark
from core.events import BodiesLoaded, ChannelAttached, ConsultationBegun, UncertainResent
from core.places import Place
from core.ports import Broadcast
from core.watching import LATELY, Seat, Sending, Watched
from storage.database import Database
from storage.desk.watching import SqlWatching
from tests.contracts.rooms import ADA, BEN, BOT, CAT, DAY, HOUR, NOON, Rooms, consultation, over, sent
from tests.desk.stage import BODIES, TOPICS


async def _looked(watching: SqlWatching) -> Watched:
    found = await watching.look("city", NOON)
    assert found is not None
    return found


async def _set_out(rooms: Rooms) -> None:
    await rooms.says_yes(ADA, BEN, CAT)
    await rooms.load(consultation())
    await rooms.broadcast(expires_at=NOON + DAY)


async def test_every_state_and_reason_is_counted(database: Database) -> None:
    rooms, watching = over(database), SqlWatching(database)
    await _set_out(rooms)
    [first, second] = await rooms.claim()
    later = Mark(second.id, DeliveryState.PLANNED, "quiet hours", not_before=NOON + HOUR, counted=False)
    await rooms.mark(sent(first), later)
    [cat] = await rooms.claim(account=CAT.account)
    await rooms.mark(Mark(cat.id, DeliveryState.FAILED, "no such user"), account=CAT.account)
    [sending] = (await _looked(watching)).sendings
    assert sending.states == {DeliveryState.SENT: 1, DeliveryState.PLANNED: 1, DeliveryState.FAILED: 1}
    assert sending.why == {
        DeliveryState.PLANNED: {"quiet hours": 1},
        DeliveryState.FAILED: {"no such user": 1},
    }
    assert (sending.later, sending.next_at) == (1, NOON + HOUR)
    assert not sending.is_over


async def test_what_is_thinned_out_is_counted_in(database: Database) -> None:
    rooms, watching = over(database), SqlWatching(database)
    await _set_out(rooms)
    [first, second] = await rooms.claim()
    await rooms.mark(sent(first), Mark(second.id, DeliveryState.SUPPRESSED, "said STOP"))
    before = [(one.states, one.why) for one in (await _looked(watching)).sendings]
    assert await rooms.store.thin(NOON + DAY, 100) == 2
    assert [(one.states, one.why) for one in (await _looked(SqlWatching(database))).sendings] == before


async def test_what_is_uncertain_may_be_sent_again_once_and_in_time(database: Database) -> None:
    rooms, watching = over(database), SqlWatching(database)
    await _set_out(rooms)
    claimed = await rooms.claim()
    await rooms.mark(*(Mark(one.id, DeliveryState.UNCERTAIN) for one in claimed))
    assert await watching.uncertain("city-invitation", NOON) == 2
    assert await watching.uncertain("city-invitation", NOON + DAY) == 0, "its time is over"
    await rooms.store.record([UncertainResent("city-invitation", "city", NOON)])
    claimed = await rooms.claim()
    await rooms.mark(*(Mark(one.id, DeliveryState.UNCERTAIN) for one in claimed))
    assert await watching.uncertain("city-invitation", NOON) == 0


async def test_the_newest_broadcast_comes_first_each_with_its_own_counts(database: Database) -> None:
    rooms, watching = over(database), SqlWatching(database)
    await _set_out(rooms)
    await rooms.send()
    await rooms.broadcast(step="reminder-1", kind=NudgeKind.REMINDER)
    reminder, invitation = (await _looked(watching)).sendings
    assert (reminder.broadcast.step, reminder.states) == ("reminder-1", {DeliveryState.PLANNED: 3})
    assert invitation.states == {DeliveryState.SENT: 2, DeliveryState.PLANNED: 1}


async def test_those_who_came_lately_are_told_apart(database: Database) -> None:
    rooms, watching = over(database), SqlWatching(database)
    await rooms.load(consultation())
    await rooms.turn(ADA, ConsultationBegun("city", NOON - LATELY))
    await rooms.turn(BEN, ConsultationBegun("city", NOON - LATELY / 2))
    looked = await _looked(watching)
    assert (looked.begun, looked.begun_lately, looked.finished) == (2, 1, 0)


async def test_channels_are_those_of_the_bodies_that_are_asked(database: Database) -> None:
    rooms, watching = over(database), SqlWatching(database)
    leeds, york = Place("slack:T1", "C1", private=False), Place(BOT, "-5", private=False)
    await rooms.store.record([BodiesLoaded(BODIES.all, TOPICS)])
    await rooms.store.record([ChannelAttached("york", york), ChannelAttached("leeds", leeds)])
    assert await watching.seats(Audience()) == (Seat("leeds", leeds), Seat("york", york))
    assert await watching.seats(Audience(("york",))) == (Seat("york", york),)
    assert await watching.seats(Audience(topics=("transport",))) == ()


async def test_of_what_there_is_not_nothing_is_seen(database: Database) -> None:
    assert await SqlWatching(database).look("nowhere", NOON) is None


def test_nothing_planned_yet_is_neither_over_nor_settled() -> None:

    sending = Sending(Broadcast("b", "city", "s", NudgeKind.INVITATION, Audience(), NOON))
    assert not sending.is_over
    assert sending.may_be_held
