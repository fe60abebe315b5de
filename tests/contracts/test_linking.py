"""Two members who turn out to be one person."""

import asyncio
from datetime import timedelta

import pytest

from core.bodies import Body, BodyKind, Office
from core.consultations import Audience, NudgeKind
from core.events import (
    AddressLeft,
    AnswerGiven,
    BodiesLoaded,
    BroadcastOrdered,
    ConsentGiven,
    ConsultationBegun,
    ConsultationFinished,
    IdeaCaptured,
    LanguageChosen,
    LinkOffered,
    MembersLinked,
    MemberStopped,
    OrganiserCodeMade,
    OrganiserMade,
    TimezoneChosen,
    TopicFollowed,
)
from core.members import Address, Role
from core.ports import CodeTaken
from core.texts import Localised
from tests.contracts.rooms import ADA, BEN, CAT, DAY, HOUR, MINUTE, NOON, WEB, Rooms, consultation, idea, inbound, texts


async def test_a_link_code_stands_until_it_expires_or_is_used(rooms: Rooms) -> None:
    cat = await rooms.turn(CAT, LinkOffered("ABCD1234", NOON + HOUR))
    async with rooms.store.work(inbound(ADA)) as work:
        offer = await work.link_offer("ABCD1234", NOON)
        assert offer is not None
        assert (offer.code, offer.member.id) == ("ABCD1234", cat.id)
        assert await work.link_offer("ABCD1234", NOON + HOUR) is None
        assert await work.link_offer("ZZZZ9999", NOON) is None
    await rooms.turn(ADA, MembersLinked("ABCD1234", cat.id, NOON))
    async with rooms.store.work(inbound(BEN)) as work:
        assert await work.link_offer("ABCD1234", NOON) is None


async def test_a_second_link_code_takes_the_place_of_the_first(rooms: Rooms) -> None:
    await rooms.turn(CAT, LinkOffered("ABCD1234", NOON + HOUR))
    await rooms.turn(CAT, LinkOffered("EFGH5678", NOON + HOUR))
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.link_offer("ABCD1234", NOON) is None
        assert await work.link_offer("EFGH5678", NOON) is not None


async def test_a_code_that_somebody_else_has_is_taken(rooms: Rooms) -> None:
    await rooms.turn(CAT, LinkOffered("ABCD1234", NOON + HOUR))
    with pytest.raises(CodeTaken):
        await rooms.turn(ADA, LinkOffered("ABCD1234", NOON + HOUR))
    await rooms.store.record([OrganiserCodeMade("ORGA1234", "Olu", NOON + HOUR)])
    with pytest.raises(CodeTaken):
        await rooms.store.record([OrganiserCodeMade("ORGA1234", "Pia", NOON + HOUR)])


async def test_linked_addresses_are_one_member_with_everything_of_both(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA, TopicFollowed("trees"))
    cat = await rooms.turn(CAT, TopicFollowed("trees"), TopicFollowed("buses"))
    await rooms.turn(CAT, IdeaCaptured(idea("K7M4-QX2P", cat.id)), ConsultationFinished("city", NOON))
    await rooms.link(ADA, CAT)
    assert await rooms.member(CAT) == await rooms.member(ADA)
    async with rooms.store.work(inbound(CAT)) as work:
        assert (await work.member()).id == ada.id
        assert await work.addresses() == (ADA, CAT)
        assert await work.followed() == {"trees", "buses"}
        assert [one.author for one in await work.my_ideas()] == [ada.id]
        assert await work.has_finished("city")


async def test_of_two_answers_the_later_counts_whoever_gave_it(rooms: Rooms) -> None:
    early, late = NOON, NOON + MINUTE
    await rooms.turn(ADA, AnswerGiven("city", "one", "mine", late), AnswerGiven("city", "two", "mine", early))
    await rooms.turn(CAT, AnswerGiven("city", "one", "theirs", early), AnswerGiven("city", "two", "theirs", late))
    await rooms.link(ADA, CAT)
    assert await rooms.store.answers_at(ADA, "city") == {"one": "mine", "two": "theirs"}


async def test_stopped_wins_and_the_earliest_consent_is_kept(rooms: Rooms) -> None:
    await rooms.turn(ADA, ConsentGiven(NOON))
    await rooms.turn(CAT, ConsentGiven(NOON - DAY), MemberStopped(NOON))
    await rooms.link(ADA, CAT)
    member = await rooms.member(ADA)
    assert (member.consented_at, member.stopped_at) == (NOON - DAY, NOON)


async def test_what_somebody_chose_goes_before_what_a_platform_said(rooms: Rooms) -> None:
    await rooms.turn(ADA)
    await rooms.turn(CAT, LanguageChosen("cy"), TimezoneChosen("Europe/London"))
    await rooms.link(ADA, CAT)
    member = await rooms.member(ADA)
    assert (member.language, member.timezone) == ("cy", "Europe/London")


async def test_roles_come_along(rooms: Rooms) -> None:
    body = Body("parks", Localised.of("Parks"), BodyKind.COMMITTEE, ((CAT, Role.ORGANISER),))
    await rooms.store.record([BodiesLoaded((body,), ())])
    await rooms.store.record([OrganiserCodeMade("ORGA1234", "Ben", NOON + HOUR)])
    await rooms.turn(BEN, OrganiserMade("ORGA1234", NOON))
    await rooms.turn(CAT)
    await rooms.turn(ADA)
    await rooms.turn(WEB)
    assert await _offices(rooms, ADA) == frozenset()
    await rooms.link(ADA, CAT)
    assert await _offices(rooms, ADA) == {("parks", Role.ORGANISER)}
    await rooms.link(WEB, BEN)
    assert (await rooms.member(WEB)).is_organiser


async def _offices(rooms: Rooms, who: Address) -> frozenset[Office]:
    async with rooms.store.work(inbound(who)) as work:
        return await work.offices()


async def test_an_invitation_planned_for_both_goes_out_once(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.link(ADA, BEN)
    claimed = await rooms.claim()
    assert [one.to.chat for one in claimed] == [ADA.user]
    status = await rooms.store.status("city")
    assert status is not None
    assert (status.asked, status.why) == (1, {"linked": 1})


async def test_an_invitation_planned_for_the_other_alone_reaches_this_member(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(BEN)
    await rooms.broadcast()
    ada = await rooms.turn(ADA, ConsentGiven(NOON))
    await rooms.link(ADA, BEN)
    (claimed,) = await rooms.claim()
    assert (claimed.to.chat, claimed.member) == (BEN.user, ada.id)


async def test_a_broadcast_that_is_still_being_written_does_not_reach_a_linked_member_twice(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(BEN, ADA)
    await rooms.store.record([BroadcastOrdered("b1", "city", "invitation", NudgeKind.INVITATION, Audience(), NOON)])
    (ordered,) = await rooms.planner.unplanned(NOON)
    ordered = await rooms.planner.plan_page(ordered, {None: NOON}, None, 1)
    assert len(await rooms.send()) == 1
    await rooms.link(ADA, BEN)
    while not ordered.is_planned:
        ordered = await rooms.planner.plan_page(ordered, {None: NOON}, None, 1)
    assert await rooms.send() == ()


async def test_unasked_messages_of_both_count_together(rooms: Rooms) -> None:
    await rooms.load(consultation(), consultation("parks"))
    await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.send()
    await rooms.link(ADA, BEN)
    await rooms.broadcast("parks")
    claimed = await rooms.claim(NOON + MINUTE)
    received = await rooms.outbox.receivers(claimed, NOON - timedelta(days=7))
    assert [len(one.unasked) for one in received.values()] == [2]


async def test_they_are_reached_where_they_wrote_last(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA, CAT)
    await rooms.link(ADA, CAT)
    await rooms.turn(CAT, at=NOON + HOUR)
    await rooms.turn(WEB, at=NOON + HOUR)
    await rooms.link(CAT, WEB, at=NOON + HOUR)
    await rooms.turn(WEB, at=NOON + 2 * HOUR)
    await rooms.broadcast()
    assert texts(await rooms.claim(NOON, account=CAT.account)) == ["invitation"]
    await rooms.turn(CAT, AddressLeft(NOON, "uninstalled"), at=NOON + 3 * HOUR)
    await rooms.broadcast(step="again")
    assert texts(await rooms.claim(NOON)) == ["again"]


async def test_turns_while_two_members_are_linked_end_on_the_one_who_is_left(rooms: Rooms) -> None:
    ada = await rooms.turn(ADA)
    cat = await rooms.turn(CAT, LinkOffered("ABCD1234", NOON + HOUR))

    async def link() -> None:
        async with rooms.store.work(inbound(ADA)) as work:
            offer = await work.link_offer("ABCD1234", NOON)
            await asyncio.sleep(0.02)
            assert offer is not None
            await work.record(await work.session(), [MembersLinked("ABCD1234", cat.id, NOON)], [])

    async def begin(slug: str) -> None:
        await asyncio.sleep(0.01)
        await rooms.turn(CAT, ConsultationBegun(slug, NOON), AnswerGiven(slug, "one", "yes", NOON))

    await asyncio.gather(link(), *(begin(f"city-{number}") for number in range(4)))
    assert (await rooms.member(CAT)).id == ada.id
    for number in range(4):
        assert await rooms.store.answers_at(ADA, f"city-{number}") == {"one": "yes"}
