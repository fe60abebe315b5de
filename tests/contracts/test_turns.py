"""A member's turn: first contact, coming back, being seen before, failing whole."""

import asyncio
from datetime import datetime

import pytest

from core.events import ConsentGiven, IdeaCaptured, LanguageChosen, MemberResumed, MemberStopped, TimezoneChosen
from core.ports import CodeTaken, TakenBefore
from core.sessions import IDLE, Answering, Session, Wording
from tests.contracts.rooms import ADA, BEN, BOT, CAT, DAY, HOUR, NOON, Rooms, idea, inbound, reply


async def test_somebody_new_becomes_a_member_on_first_contact(rooms: Rooms) -> None:
    assert await rooms.store.member_at(ADA) is None
    async with rooms.store.work(inbound(ADA, name="Ada", locale="cy_GB", timezone="Europe/London")) as work:
        member = await work.member()
        assert (member.name, member.language, member.timezone) == ("Ada", "cy", "Europe/London")
        assert not member.has_consented
        assert not member.has_stopped
        assert not member.is_organiser
        assert (await work.session()).step == IDLE
        assert await work.addresses() == (ADA,)
    assert await rooms.store.member_at(ADA) == member


async def test_a_platform_that_says_nothing_of_language_means_english(rooms: Rooms) -> None:
    await rooms.turn(ADA)
    member = await rooms.member(ADA)
    assert (member.name, member.language, member.timezone) == ("", "en", None)


async def test_what_the_platform_says_is_kept_up_to_date_until_they_choose(rooms: Rooms) -> None:
    async with rooms.store.work(inbound(ADA, name="Ada", locale="en-GB", timezone="Europe/London")):
        pass
    async with rooms.store.work(inbound(ADA, name="Ada L", locale="cy", timezone="Europe/Paris")) as work:
        member = await work.member()
        assert (member.name, member.language, member.timezone) == ("Ada L", "cy", "Europe/Paris")
        await work.record(Session(), [LanguageChosen("en"), TimezoneChosen("Asia/Tokyo")], [])
    async with rooms.store.work(inbound(ADA, locale="cy", timezone="Europe/Paris")) as work:
        member = await work.member()
        assert (member.name, member.language, member.timezone) == ("Ada L", "en", "Asia/Tokyo")
    assert await rooms.store.member_at(ADA) == member


async def test_a_conversation_goes_on_where_it_was(rooms: Rooms) -> None:
    answering = Session(Answering("city", "idea", ("a", "b")))
    await rooms.turn(ADA, session=answering)
    await rooms.turn(BEN, session=Session(Wording()))
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.session() == answering


async def test_an_inbound_is_new_once(rooms: Rooms) -> None:
    async with rooms.store.work(inbound(ADA, key="update 1")) as work:
        assert not await work.seen(NOON)
        await work.record(Session(), [], [])
    async with rooms.store.work(inbound(ADA, key="update 1")) as work:
        assert await work.seen(NOON)
    async with rooms.store.work(inbound(ADA, key="update 2")) as work:
        assert not await work.seen(NOON)


async def test_a_turn_that_fails_leaves_nothing_behind(rooms: Rooms) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        await _failing_turn(rooms)
    assert await rooms.store.member_at(ADA) is None
    assert await rooms.outbox.take_lanes("worker", NOON, NOON + HOUR) == ()
    async with rooms.store.work(inbound(ADA, key="update 1")) as work:
        assert not await work.seen(NOON)


async def _failing_turn(rooms: Rooms) -> None:
    async with rooms.store.work(inbound(ADA, key="update 1")) as work:
        await work.seen(NOON)
        await work.record(Session(Wording()), [ConsentGiven(NOON)], [reply(ADA)])
        raise RuntimeError("half-way")


@pytest.mark.parametrize("ticks", [0, 1, 3, 10, 40])
async def test_a_turn_that_is_called_off_leaves_nothing_behind_and_nobody_waiting(rooms: Rooms, ticks: int) -> None:
    async def never_ends() -> None:
        async with rooms.store.work(inbound(ADA, key="update 1")) as work:
            await work.seen(NOON)
            await work.record(Session(Wording()), [ConsentGiven(NOON)], [reply(ADA)])
            await asyncio.Event().wait()

    turn = asyncio.create_task(never_ends())
    for _ in range(ticks):
        await asyncio.sleep(0.0005)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    async with rooms.store.work(inbound(ADA, key="update 1")) as work:
        assert not await work.seen(NOON)
        assert (await work.session()).step == IDLE
        assert not (await work.member()).has_consented


async def test_a_receipt_code_that_is_taken_undoes_the_turn(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    await rooms.turn(ADA, IdeaCaptured(idea("K7M4-QX2P", ada.id)))
    ben = await rooms.turn(BEN)
    with pytest.raises(CodeTaken, match="K7M4-QX2P"):
        await rooms.turn(BEN, ConsentGiven(NOON), IdeaCaptured(idea("K7M4-QX2P", ben.id, "Fewer cars")))
    assert not (await rooms.member(BEN)).has_consented
    found = await rooms.store.idea("K7M4-QX2P")
    assert found is not None
    assert found.text == "More trees"


async def test_stopping_and_coming_back(rooms: Rooms) -> None:
    await rooms.turn(ADA, MemberStopped(NOON))
    await rooms.turn(ADA, MemberStopped(NOON + DAY))
    assert (await rooms.member(ADA)).stopped_at == NOON
    await rooms.turn(ADA, MemberResumed(NOON + DAY))
    assert not (await rooms.member(ADA)).has_stopped


async def test_consent_is_of_the_first_time(rooms: Rooms) -> None:
    await rooms.turn(ADA, ConsentGiven(NOON))
    await rooms.turn(ADA, ConsentGiven(NOON + DAY))
    assert (await rooms.member(ADA)).consented_at == NOON


async def test_a_fact_about_a_member_is_refused_outside_their_turn(rooms: Rooms) -> None:
    with pytest.raises(ValueError, match="MemberStopped"):
        await rooms.store.record([MemberStopped(NOON)])


async def test_an_instant_without_a_time_zone_is_refused(rooms: Rooms) -> None:
    naive = datetime(2026, 3, 2, 12)  # noqa: DTZ001  # the very mistake
    with pytest.raises(Exception, match="time zone"):
        await rooms.turn(ADA, ConsentGiven(naive))


async def test_four_deliveries_of_one_update_at_once_have_one_effect(rooms: Rooms) -> None:
    async def deliver() -> bool:
        try:
            async with rooms.store.work(inbound(ADA, key="update 1")) as work:
                if await work.seen(NOON):
                    return False
                await work.record(Session(), [ConsentGiven(NOON)], [reply(ADA)])
        except TakenBefore:
            return False
        return True

    assert sorted(await asyncio.gather(*(deliver() for _ in range(4)))) == [False, False, False, True]
    assert len(await rooms.claim()) == 1


async def test_turns_of_one_member_never_race_past_each_other(rooms: Rooms) -> None:
    await rooms.turn(ADA, session=Session(Answering("city", "idea")))

    async def tick(option: str) -> None:
        async with rooms.store.work(inbound(ADA)) as work:
            step = (await work.session()).step
            assert isinstance(step, Answering)
            await asyncio.sleep(0)
            await work.record(Session(Answering("city", "idea", (*step.picked, option))), [], [])

    await asyncio.gather(*(tick(str(number)) for number in range(12)))
    async with rooms.store.work(inbound(ADA)) as work:
        step = (await work.session()).step
        assert isinstance(step, Answering)
        assert sorted(step.picked, key=int) == [str(number) for number in range(12)]


async def test_turns_on_two_addresses_of_one_member_wait_for_each_other(rooms: Rooms) -> None:
    await rooms.turn(ADA)
    await rooms.turn(CAT)
    await rooms.link(ADA, CAT)
    order: list[str] = []

    async def take(who: str) -> None:
        address = ADA if who == "ada" else CAT
        async with rooms.store.work(inbound(address)) as work:
            await work.member()
            order.append(f"{who} in")
            await asyncio.sleep(0.02)
            order.append(f"{who} out")

    await asyncio.gather(take("ada"), take("cat"))
    assert [one.partition(" ")[2] for one in order] == ["in", "out", "in", "out"]


async def test_first_contacts_at_once_make_one_member(rooms: Rooms) -> None:
    await asyncio.gather(*(rooms.turn(ADA) for _ in range(6)), *(rooms.turn(BEN) for _ in range(6)))
    assert (await rooms.member(ADA)).id != (await rooms.member(BEN)).id


async def test_a_lane_comes_into_being_with_the_first_reply(rooms: Rooms) -> None:
    await rooms.turn(ADA, posts=[reply(ADA)])
    assert [lease.account for lease in await rooms.outbox.take_lanes("worker", NOON, NOON + HOUR)] == [BOT]
