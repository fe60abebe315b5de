"""What was finished long ago is thrown away, and everything is told as before."""

from dataclasses import replace

import pytest

from core.bodies import Body, BodyKind
from core.consultations import Audience, NudgeKind
from core.deliveries import DeliveryState, Mark
from core.events import BodiesLoaded, BroadcastOrdered, MemberForgotten
from core.members import Address
from core.places import Place
from core.status import Status
from core.texts import Localised
from tests.contracts.rooms import ADA, BEN, BOT, CAT, DAY, HOUR, NOON, Rooms, consultation, reply, sent

LATER = NOON + 90 * DAY
PEOPLE = [Address(BOT, str(number)) for number in range(100, 107)]
ONE_OF_EACH = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.EXPIRED,
    DeliveryState.SUPPRESSED,
    DeliveryState.UNCERTAIN,
)


async def _status(rooms: Rooms, slug: str = "city") -> Status:
    found = await rooms.store.status(slug)
    assert found is not None
    return replace(found, lanes=())


async def _asked_all(rooms: Rooms, step: str = "invitation", kind: NudgeKind = NudgeKind.INVITATION) -> None:
    """One of each state, of so many people, and one that waits."""
    await rooms.broadcast(step=step, kind=kind)
    claimed = await rooms.claim(limit=5)
    marks = (Mark(one.id, state, f"why {state}") for one, state in zip(claimed, ONE_OF_EACH, strict=True))
    await rooms.mark(*marks)


async def test_how_long_deliveries_are_kept_is_what_the_file_says(rooms: Rooms) -> None:
    assert await rooms.store.retention() is None
    await rooms.store.record([BodiesLoaded((), (), deliveries_kept=90)])
    assert await rooms.store.retention() == 90
    await rooms.store.record([BodiesLoaded((), ())])
    assert await rooms.store.retention() is None


async def test_a_consultation_stands_after_thinning_as_before(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(*PEOPLE)
    await _asked_all(rooms)
    before, health = await _status(rooms), (await rooms.store.health(NOON)).deliveries
    assert before.deliveries == {**dict.fromkeys(ONE_OF_EACH, 1), DeliveryState.PLANNED: 2}
    assert before.asked == 4
    assert await rooms.store.thin(LATER, 100) == 5
    assert await _status(rooms) == before
    assert (await rooms.store.health(NOON)).deliveries == health
    assert await rooms.store.thin(LATER, 100) == 0


async def test_no_more_goes_at_once_than_was_asked_for(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(*PEOPLE)
    for step in ("invitation", "again"):
        await rooms.broadcast(step=step)
    await rooms.send()
    before, gone = await _status(rooms), []
    while taken := await rooms.store.thin(LATER, 4):
        gone.append(taken)
        assert await _status(rooms) == before
    assert gone == [4, 4, 4, 2]
    assert before.asked == 7


async def test_what_was_settled_lately_stays(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    one, other = await rooms.claim(limit=2)
    await rooms.mark(sent(one), at=NOON + HOUR)
    await rooms.mark(sent(other), at=NOON + DAY)
    assert await rooms.store.thin(NOON, 10) == 0
    assert await rooms.store.thin(NOON + DAY, 10) == 1
    assert await rooms.store.thin(NOON + DAY, 10) == 0


async def test_nothing_goes_of_a_broadcast_that_is_still_being_written(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(*PEOPLE)
    await rooms.store.record([BroadcastOrdered("b", "city", "one", NudgeKind.INVITATION, Audience(), NOON)])
    (ordered,) = await rooms.planner.unplanned(NOON)
    ordered = await rooms.planner.plan_page(ordered, {None: NOON}, None, 4)
    await rooms.send()
    assert await rooms.store.thin(LATER, 100) == 0
    while not ordered.is_planned:
        ordered = await rooms.planner.plan_page(ordered, {None: NOON}, None, 4)
    assert ordered.planned == 7
    assert await rooms.store.thin(LATER, 100) == 4


async def test_planning_the_same_step_again_adds_nothing(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    planned = await rooms.broadcast()
    await rooms.send()
    assert await rooms.store.thin(LATER, 100) == 2
    before = await _status(rooms)
    again = BroadcastOrdered("again", "city", "invitation", NudgeKind.INVITATION, Audience(), NOON)
    await rooms.store.record([again])
    assert await rooms.planner.unplanned(LATER) == ()
    assert await rooms.planner.plan_page(planned, {None: NOON}, None, 100) == planned
    assert await rooms.claim(LATER) == ()
    assert await _status(rooms) == before


async def test_a_member_is_counted_once_while_another_invitation_tells_of_them(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast(step="one")
    await rooms.send()
    await rooms.says_yes(CAT)
    await rooms.broadcast(step="two", not_before=NOON + 9 * DAY)
    await rooms.send(NOON + 9 * DAY)
    assert (await _status(rooms)).asked == 3
    assert await rooms.store.thin(NOON + DAY, 100) == 2
    assert (await _status(rooms)).asked == 3
    assert await rooms.store.thin(LATER, 100) == 2  # Cat's still waits on another lane
    assert (await _status(rooms)).asked == 3


async def test_reminders_ask_nobody_anew(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast(step="reminder", kind=NudgeKind.REMINDER)
    await rooms.send()
    await rooms.store.thin(LATER, 100)
    status = await _status(rooms)
    assert (status.asked, status.deliveries) == (0, {DeliveryState.SENT: 2})


async def test_a_card_stays_where_people_may_reply_under_it(rooms: Rooms) -> None:
    channels = (Place(BOT, "-1", private=False), Place(BOT, "-2", private=False))
    parks = Body("parks", Localised.of("Parks"), BodyKind.SOCIETY, channels=channels)
    await rooms.store.record([BodiesLoaded((parks,), ())])
    await rooms.load(consultation())
    await rooms.broadcast()
    card, lost = sorted(await rooms.claim(), key=lambda one: one.to.chat)
    await rooms.mark(sent(card, "m1"), Mark(lost.id, DeliveryState.FAILED, "not a member"))
    before = await _status(rooms)
    assert await rooms.store.thin(LATER, 100) == 1
    assert await _status(rooms) == before
    assert before.asked == 0
    assert await rooms.store.card_at(Place(BOT, "-1", private=False, thread="m1")) == "city"


async def test_what_was_given_up_before_its_time_came_goes_as_well(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast(not_before=NOON + DAY)
    await rooms.turn(BEN, MemberForgotten(NOON))
    before = await _status(rooms)
    assert before.why == {"forgotten": 1}
    assert await rooms.store.thin(NOON + DAY, 100) == 0
    assert await rooms.store.thin(LATER, 100) == 1
    assert await _status(rooms) == before


@pytest.mark.parametrize("first", ["thinned", "forgotten"])
async def test_who_is_forgotten_is_in_no_total_by_name(rooms: Rooms, first: str) -> None:
    """Whichever comes first: forgotten before, nobody knows any more that they were asked; after, only how many."""
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.send()
    if first == "thinned":
        await rooms.store.thin(LATER, 100)
    await rooms.turn(BEN, MemberForgotten(NOON))
    await rooms.store.thin(LATER, 100)
    status = await _status(rooms)
    assert (status.asked, status.deliveries) == (2 if first == "thinned" else 1, {DeliveryState.SENT: 2})


async def test_who_were_two_members_when_they_were_asked_are_one_once_that_is_thinned(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.send()
    await rooms.link(ADA, BEN)
    before = await _status(rooms)
    assert await rooms.store.thin(LATER, 100) == 2
    assert await _status(rooms) == replace(before, asked=1)


async def test_replies_that_are_swept_are_counted_on(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA), reply(ADA)])
    one, other = await rooms.claim()
    await rooms.mark(sent(one), Mark(other.id, DeliveryState.FAILED, "blocked"))
    before = (await rooms.store.health(NOON)).deliveries
    await rooms.store.sweep(NOON + 31 * DAY)
    health = await rooms.store.health(NOON)
    assert health.deliveries == before == {DeliveryState.SENT: 1, DeliveryState.FAILED: 1}
    assert health.replies is None  # their rows are gone
