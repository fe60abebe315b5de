"""A broadcast becomes deliveries: to whom, when, and once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.bodies import Body, BodyKind, Topic
from core.consultations import Audience, NudgeKind
from core.deliveries import DeliveryState, Mark
from core.events import (
    AddressLeft,
    AddressReturned,
    BodiesLoaded,
    BroadcastOrdered,
    ConsultationFinished,
    LanguageChosen,
    MemberStopped,
    TimezoneChosen,
    TopicFollowed,
)
from core.members import Address, Role
from core.places import Place
from core.ports import Allowance
from core.texts import Localised
from tests.contracts.rooms import ADA, BEN, BOT, CAT, DAY, HOUR, NOON, WEB, Rooms, consultation, inbound

EVERYBODY = Audience()
PARKS = Body("parks", Localised.of("Parks"), BodyKind.SOCIETY, ((ADA, Role.MEMBER), (CAT, Role.MEMBER)))


async def _asked(rooms: Rooms) -> set[str]:
    chats = set()
    for lease in await rooms.outbox.take_lanes("worker", NOON, NOON + HOUR):
        chats |= {one.to.chat for one in await rooms.outbox.claim(lease, NOON, 1000)}
    return chats


async def test_an_invitation_goes_to_everybody_who_may_be_written_to(rooms: Rooms) -> None:
    people = [Address(BOT, str(number)) for number in range(6)]
    await rooms.says_yes(*people[:5])
    await rooms.turn(people[5])  # never said yes
    await rooms.turn(people[1], MemberStopped(NOON))
    await rooms.turn(people[2], AddressLeft(NOON, "blocked"))
    await rooms.turn(people[3], ConsultationFinished("city", NOON))
    await rooms.turn(people[4], AddressLeft(NOON, "blocked"))
    await rooms.turn(people[4], AddressReturned(NOON))
    await rooms.load(consultation())
    assert (await rooms.broadcast()).planned == 2
    assert await _asked(rooms) == {"0", "4"}


async def test_an_audience_is_of_bodies_and_of_topics(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS,), (Topic("trees", Localised.of("Trees")),))])
    await rooms.says_yes(ADA, BEN, CAT, WEB)
    await rooms.turn(ADA, TopicFollowed("trees"))
    await rooms.turn(BEN, TopicFollowed("trees"))
    audience = Audience(("parks", "none"), ("trees",))
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.audience_size("city", audience) == 3
    assert (await rooms.broadcast(audience=audience)).planned == 3
    assert await _asked(rooms) == {ADA.user, BEN.user, CAT.user}


async def test_an_audience_is_narrowed_to_languages_and_to_who_wrote_to_us_lately(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS,), (Topic("trees", Localised.of("Trees")),))])
    await rooms.says_yes(ADA, BEN, CAT)
    for who in (ADA, BEN):
        await rooms.turn(who, LanguageChosen("cy"))
    welsh, lately = Audience(languages=("cy", "gd")), Audience(active_days=30)
    async with rooms.store.work(inbound(ADA, at=NOON + 30 * DAY)) as work:
        assert await work.audience_size("city", welsh) == 2
        assert await work.audience_size("city", replace(welsh, bodies=("parks",))) == 1
        assert await work.audience_size("city", lately) == 3
    await rooms.turn(BEN, at=NOON + 20 * DAY)
    async with rooms.store.work(inbound(BEN, at=NOON + 30 * DAY + HOUR)) as work:
        assert await work.audience_size("city", lately) == 1
        assert await work.audience_size("city", replace(lately, bodies=("parks",))) == 0


async def test_a_narrowed_audience_is_asked_one_by_one_and_in_no_channel(rooms: Rooms) -> None:
    channel = replace(PARKS, channels=(Place("slack:T1", "C1", private=False),))
    await rooms.store.record([BodiesLoaded((channel,), ())])
    await rooms.says_yes(ADA, CAT)
    assert (await rooms.broadcast(step="all", audience=Audience(("parks",)))).planned == 3
    assert (await rooms.broadcast(step="lately", audience=Audience(("parks",), active_days=1))).planned == 2


async def test_planning_goes_on_page_by_page_where_it_stopped(rooms: Rooms) -> None:
    await rooms.says_yes(*(Address(BOT, str(number)) for number in range(7)))
    order = BroadcastOrdered("b1", "city", "invitation", NudgeKind.INVITATION, EVERYBODY, NOON)
    await rooms.store.record([order])
    counts = []
    for _ in range(3):
        (ordered,) = await rooms.planner.unplanned(NOON)
        page = await rooms.planner.plan_page(ordered, {None: NOON}, None, 3)
        counts.append((page.planned, page.is_planned))
    assert counts == [(3, False), (6, False), (7, True)]
    assert await rooms.planner.unplanned(NOON) == ()


async def test_planning_what_is_planned_adds_nothing(rooms: Rooms) -> None:
    await rooms.says_yes(ADA, BEN)
    planned = await rooms.broadcast()
    await rooms.says_yes(CAT)
    assert await rooms.planner.plan_page(planned, {None: NOON}, None, 100) == planned
    assert await _asked(rooms) == {ADA.user, BEN.user}


async def test_each_member_is_asked_at_the_time_of_their_own_zone(rooms: Rooms) -> None:
    await rooms.says_yes(ADA, BEN, CAT)
    await rooms.turn(ADA, TimezoneChosen("Asia/Tokyo"))
    await rooms.turn(BEN, TimezoneChosen("America/Lima"))
    assert await rooms.planner.zones() == (None, "America/Lima", "Asia/Tokyo")
    order = BroadcastOrdered("b1", "city", "invitation", NudgeKind.INVITATION, EVERYBODY, NOON)
    await rooms.store.record([order])
    (ordered,) = await rooms.planner.unplanned(NOON)
    times: dict[str | None, datetime] = {None: NOON, "Asia/Tokyo": NOON - HOUR}
    await rooms.planner.plan_page(ordered, times, NOON + DAY, 100)
    found: dict[str, datetime | None] = {}
    for lease in await rooms.outbox.take_lanes("worker", NOON, NOON + HOUR):
        found |= {one.to.chat: one.not_before for one in await rooms.outbox.claim(lease, NOON, 10)}
    assert found == {ADA.user: NOON - HOUR, BEN.user: NOON, CAT.user: NOON}


@pytest.mark.parametrize("kind", [NudgeKind.REMINDER, NudgeKind.CLOSING])
async def test_reminders_go_to_those_who_have_not_finished(rooms: Rooms, kind: NudgeKind) -> None:
    await rooms.says_yes(ADA, BEN)
    await rooms.turn(ADA, ConsultationFinished("city", NOON))
    await rooms.turn(BEN, ConsultationFinished("parks", NOON))
    await rooms.broadcast(kind=kind)
    assert await _asked(rooms) == {BEN.user}


async def test_steps_of_one_consultation_are_told_apart(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    await rooms.broadcast(step="one")
    await rooms.broadcast(step="two")
    status = await rooms.store.status("city")
    assert status is not None
    assert (status.asked, status.deliveries) == (1, {DeliveryState.PLANNED: 2})


# --- the weekly budget
A_LITTLE_AFTER = timedelta(microseconds=1234)


async def _three_weeks_messages(rooms: Rooms) -> None:
    """To Ada on three days; to Ben on two, and once longer ago."""
    await rooms.load(*(consultation(slug) for slug in ("long-ago", "a", "b", "c", "city")))
    await rooms.says_yes(BEN)
    await rooms.broadcast("long-ago", not_before=NOON - 8 * DAY)
    await rooms.send(NOON - 8 * DAY)
    await rooms.says_yes(ADA)
    for day, slug in enumerate(("a", "b", "c")):
        await rooms.broadcast(slug)
        if slug == "c":
            await rooms.turn(BEN, ConsultationFinished("c", NOON))
        for one in await rooms.claim(NOON + day * DAY):
            kept = slug != "c" or one.to.chat == ADA.user
            state = DeliveryState.SENT if kept else DeliveryState.SUPPRESSED
            await rooms.mark(Mark(one.id, state, message="1"), at=NOON + day * DAY + A_LITTLE_AFTER)


async def test_who_had_their_weeks_messages_is_asked_when_the_first_of_them_is_a_week_ago(rooms: Rooms) -> None:
    await _three_weeks_messages(rooms)
    now = NOON + 3 * DAY
    ordered = await rooms.broadcast(not_before=now, expires_at=NOON + 20 * DAY, allowance=Allowance(3, 7 * DAY, now))
    assert ordered.planned == 2
    assert {one.to.chat: one.not_before for one in await rooms.claim(now)} == {BEN.user: now}
    assert await rooms.outbox.next_due(BOT) == NOON + 7 * DAY + A_LITTLE_AFTER
    (adas,) = await rooms.claim(NOON + 8 * DAY)
    assert (adas.to.chat, adas.not_before) == (ADA.user, NOON + 7 * DAY + A_LITTLE_AFTER)


async def test_who_could_only_be_asked_too_late_is_not_and_it_says_why(rooms: Rooms) -> None:
    await _three_weeks_messages(rooms)
    now, until = NOON + 3 * DAY, NOON + 7 * DAY
    ordered = await rooms.broadcast(not_before=now, expires_at=until, allowance=Allowance(3, 7 * DAY, now))
    assert ordered.planned == 2
    status = await rooms.store.status("city")
    assert status is not None
    assert status.deliveries == {DeliveryState.PLANNED: 1, DeliveryState.SUPPRESSED: 1}
    assert status.why == {"weekly budget": 1}
    assert [one.to.chat for one in await rooms.claim(NOON + 8 * DAY)] == []
    assert await rooms.outbox.next_due(BOT) is None


async def test_a_message_later_than_the_week_allows_anyway_keeps_its_own_time(rooms: Rooms) -> None:
    await _three_weeks_messages(rooms)
    now, later = NOON + 3 * DAY, NOON + 9 * DAY
    await rooms.broadcast(not_before=later, allowance=Allowance(3, 7 * DAY, now))
    assert await rooms.outbox.next_due(BOT) == later
    assert len(await rooms.claim(later)) == 2
